/* circleci_job: the jobs of workflows, and their steps.
 *
 * A job has an id from the beginning, a number only once it has started, and none if it is an approval. The
 * API v2 finds a job by its number or in its workflow, v3 by its id; so the id of a record is both ids,
 * `WORKFLOW.JOB`. The number, which web pages show, names a job as well. */
#ifndef DL_CIRCLECI_JOB_H
#define DL_CIRCLECI_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/fail.h"

struct dl_job;
struct dl_scope;
struct dl_sink;
struct dl_target;

/* A job, and what the API knows it by. */
struct dl_circleci_job {
	struct dl_job *record;
	const char *uuid;
	const char *number; /* NULL: it has none, yet or ever */
};

/* A step on one of the machines that a job ran on at once. */
struct dl_circleci_step {
	const char *name;
	int64_t execution;    /* the machine, from 0 */
	int64_t number;       /* as v3 knows it */
	int status, conclusion;
	int64_t duration_s;
	const char *output;   /* where v1.1 has it; NULL: nowhere */
};

struct dl_circleci_steps {
	struct dl_circleci_step *items; /* all of one machine, then all of the next */
	size_t count;
	bool over;   /* so is the job */
	bool legacy; /* v1.1 said this: it has output of steps that are over */
};

/* dl_circleci_job_list(scope, target, id, attempt, sink): for the slot `jobs` of lib/provider/provider.h;
 * without steps, of which each job would be a request. */
DL_MUST_CHECK int dl_circleci_job_list(struct dl_scope *scope, const struct dl_target *target, const char *id,
				       int64_t attempt, struct dl_sink *sink);

/* dl_circleci_job_uuid(id): the job's own part of the id of a record; NULL: it is a number. */
const char *dl_circleci_job_uuid(const char *id);

/* dl_circleci_job_number(scope, job): the number of the record JOB; NULL: it has none. */
const char *dl_circleci_job_number(struct dl_scope *scope, const struct dl_job *job);

/* dl_circleci_job_find(scope, target, id, found): the job ID, in SCOPE. DL_MISSING; DL_USAGE when ID is none.
 */
DL_MUST_CHECK int dl_circleci_job_find(struct dl_scope *scope, const struct dl_target *target, const char *id,
				       struct dl_circleci_job *found);

/* dl_circleci_job_steps(scope, target, uuid, number, legacy, steps): the steps so far of the job that v3
 * knows as UUID and v1.1 as NUMBER (NULL: not at all), by v1.1 if LEGACY and by v3 else, and by the other
 * when that does not answer. */
DL_MUST_CHECK int dl_circleci_job_steps(struct dl_scope *scope, const struct dl_target *target,
					const char *uuid, const char *number, bool legacy,
					struct dl_circleci_steps *steps);

/* dl_circleci_job_put(scope, target, id, sink): for the slot `job`, with its steps. */
DL_MUST_CHECK int dl_circleci_job_put(struct dl_scope *scope, const struct dl_target *target, const char *id,
				      struct dl_sink *sink);

#endif
