/* gitlab_tree: a pipeline with those that its trigger jobs have started, and that they have started in turn.
 */
#ifndef DL_GITLAB_TREE_H
#define DL_GITLAB_TREE_H

#include <stdint.h>

#include "lib/base/fail.h"

struct dl_scope;
struct dl_sink;
struct dl_sink_list;
struct dl_target;

/* dl_gitlab_tree_jobs(scope, target, id, attempt, sink): the jobs of pipeline ID and its trigger jobs, then
 * those of its child pipelines, called TRIGGER/JOB, each pipeline's in the order in which they were made.
 * ATTEMPT 0: of jobs that were retried, the newest; N: those that ran for the Nth time. As the slot `jobs`.
 */
DL_MUST_CHECK int dl_gitlab_tree_jobs(struct dl_scope *scope, const struct dl_target *target, const char *id,
				      int64_t attempt, struct dl_sink *sink);

/* dl_gitlab_tree_archives(scope, target, id, sink): the archives that these jobs have left. */
DL_MUST_CHECK int dl_gitlab_tree_archives(struct dl_scope *scope, const struct dl_target *target,
					  const char *id, struct dl_sink *sink);

/* dl_gitlab_tree_children(scope, target, parents, sink): the pipelines that PARENTS, a list of struct dl_run,
 * have started, also in other projects, and what those of this project have started; a child before its
 * parent. The workflow of each is its parent's event or workflow, a slash, and the name of the trigger job.
 */
DL_MUST_CHECK int dl_gitlab_tree_children(struct dl_scope *scope, const struct dl_target *target,
					  const struct dl_sink_list *parents, struct dl_sink *sink);

#endif
