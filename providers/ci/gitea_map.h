/* gitea_map: what the answers of Gitea and Forgejo mean: vocabulary, maps and the routes that fill records.
 *
 * Three spellings of one thing are read by the same maps: what Gitea took over from GitHub ("completed" and a
 * conclusion), what both have of their own ("running", "success"), and the older names of Forgejo's fields.
 */
#ifndef DL_GITEA_MAP_H
#define DL_GITEA_MAP_H

#include <stdbool.h>
#include <stdint.h>

struct dl_json;
struct dl_route;
struct dl_run;
struct dl_scope;
struct dl_target;

/* Routes whose records are whole: runs, artifacts, workflows and statuses. Of a task, which is one attempt of
 * a job, the record is a dl_run with the job's name and the task's id. A job of Forgejo, which cannot be
 * asked for by its own id, has one that begins with '.', and neither run nor ref. */
extern const struct dl_route dl_gitea_map_runs;
extern const struct dl_route dl_gitea_map_run;
extern const struct dl_route dl_gitea_map_tasks;
extern const struct dl_route dl_gitea_map_jobs;
extern const struct dl_route dl_gitea_map_attempt_jobs;
extern const struct dl_route dl_gitea_map_job;
extern const struct dl_route dl_gitea_map_statuses;
extern const struct dl_route dl_gitea_map_workflows;
extern const struct dl_route dl_gitea_map_artifacts;
extern const struct dl_route dl_gitea_map_artifact;

/* dl_gitea_map_is_of(status, run): whether STATUS, of a commit, was posted by Actions for a job of RUN: it
 * links to it, by number or by id. */
bool dl_gitea_map_is_of(const struct dl_run *status, const struct dl_run *run);

#endif
