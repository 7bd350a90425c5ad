/* gitea_tasks: runs and jobs as far as the list of tasks tells of them, for servers that have no list of runs
 * yet, or do not show it to everybody.
 *
 * A task is one attempt of one job; it names its run by number alone. So a run that was found this way has
 * the id "nNUMBER", and a job "tTASK". A job that waits for a runner has no task; a run whose tasks are all
 * over is believed to be so when none of the statuses that Actions posts for its commit is pending. */
#ifndef DL_GITEA_TASKS_H
#define DL_GITEA_TASKS_H

#include <stdbool.h>

#include "lib/base/fail.h"

struct dl_run_query;
struct dl_scope;
struct dl_sink;
struct dl_target;

/* dl_gitea_tasks_is_run(id), dl_gitea_tasks_is_job(id): whether ID is that of a run, or job, found this way.
 */
bool dl_gitea_tasks_is_run(const char *id);
bool dl_gitea_tasks_is_job(const char *id);

/* dl_gitea_tasks_runs(scope, target, query, sink), dl_gitea_tasks_run(scope, target, id, sink),
 * dl_gitea_tasks_jobs(scope, target, id, sink), dl_gitea_tasks_job(scope, target, id, sink): as the slots of
 * struct dl_ci of these names. The jobs are those of the newest attempt. */
DL_MUST_CHECK int dl_gitea_tasks_runs(struct dl_scope *scope, const struct dl_target *target,
				      const struct dl_run_query *query, struct dl_sink *sink);
DL_MUST_CHECK int dl_gitea_tasks_run(struct dl_scope *scope, const struct dl_target *target, const char *id,
				     struct dl_sink *sink);
DL_MUST_CHECK int dl_gitea_tasks_jobs(struct dl_scope *scope, const struct dl_target *target, const char *id,
				      struct dl_sink *sink);
DL_MUST_CHECK int dl_gitea_tasks_job(struct dl_scope *scope, const struct dl_target *target, const char *id,
				     struct dl_sink *sink);

#endif
