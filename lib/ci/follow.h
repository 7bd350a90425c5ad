/* follow: prints the logs of a run's jobs, each when there is something of it, until there will be no more.
 */
#ifndef DL_FOLLOW_H
#define DL_FOLLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/fail.h"

struct dl_call;
struct dl_scope;

/* Which logs, and how. */
struct dl_follow {
	const char *job;  /* only jobs whose name this pattern matches, or with this id; NULL: all */
	bool failed;      /* only jobs that failed */
	bool follow;      /* wait for what is not there yet */
	bool raw;         /* as the provider keeps it */
	long tail;        /* only so many lines of each; 0: all */
	long attempt;     /* 0: the newest */
};

/* dl_follow_run(scope, call, follow, id): the logs of the jobs of run ID, in the provider's order, fetched
 * several at a time; of a provider without jobs, the log of the run. Without .follow, jobs that have no log
 * yet are told and make the answer DL_PENDING. DL_MISSING when no job is wanted. */
DL_MUST_CHECK int dl_follow_run(struct dl_scope *scope, const struct dl_call *call,
				const struct dl_follow *follow, const char *id);

/* dl_follow_job(scope, call, follow, id): the log of job ID. */
DL_MUST_CHECK int dl_follow_job(struct dl_scope *scope, const struct dl_call *call,
				const struct dl_follow *follow, const char *id);

#endif
