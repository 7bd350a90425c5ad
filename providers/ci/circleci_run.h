/* circleci_run: pipelines and their workflows as runs.
 *
 * A workflow of a pipeline is a run: its id is the workflow's, its number the pipeline's. To run it again
 * makes another workflow of the same name in the same pipeline, so of each name the newest counts. A pipeline
 * is a run, too, by its own id or its number; it stands for its workflows, and is listed among them while it
 * has none, while more are to come (a setup workflow continues it), and when it went wrong before it had
 * them. */
#ifndef DL_CIRCLECI_RUN_H
#define DL_CIRCLECI_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/fail.h"

struct dl_arena;
struct dl_run;
struct dl_run_query;
struct dl_scope;
struct dl_sink;
struct dl_target;

/* A run, and the workflows that count in it. */
struct dl_circleci_run {
	struct dl_run *run;
	struct dl_run *workflows; /* itself; of a pipeline the newest of each name */
	size_t count;
	bool pipeline;
	bool open; /* more workflows are to come */
};

/* dl_circleci_run_list(scope, target, query, sink): for the slot `runs` of lib/provider/provider.h. The API
 * can only filter by branch: for anything else the newest 500 pipelines are looked through, for a commit
 * those that are not older than it, or what a search finds. */
DL_MUST_CHECK int dl_circleci_run_list(struct dl_scope *scope, const struct dl_target *target,
				       const struct dl_run_query *query, struct dl_sink *sink);

/* dl_circleci_run_find(scope, target, id, found): the workflow ID, or the pipeline with that id or number, in
 * SCOPE. DL_MISSING; DL_USAGE when ID can be neither. */
DL_MUST_CHECK int dl_circleci_run_find(struct dl_scope *scope, const struct dl_target *target, const char *id,
				       struct dl_circleci_run *found);

/* dl_circleci_run_is_uuid(text): whether TEXT is an id as the API has them. */
bool dl_circleci_run_is_uuid(const char *text);

/* dl_circleci_run_slug(arena, project, brief): PROJECT as web pages spell it, `github/org/repo`; BRIEF: as
 * the API does, `gh/org/repo`. NULL: it is no project of CircleCI. */
const char *dl_circleci_run_slug(struct dl_arena *arena, const char *project, bool brief);

/* dl_circleci_run_project(scope, target): the project as the API spells it. NULL: DL_USAGE, it is none. */
const char *dl_circleci_run_project(struct dl_scope *scope, const struct dl_target *target);

/* dl_circleci_run_page(arena, target): the root of the web pages, without a final '/'. */
const char *dl_circleci_run_page(struct dl_arena *arena, const struct dl_target *target);

#endif
