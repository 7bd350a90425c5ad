/* gitlab_api: GitLab's words, records and requests, for the other files of its provider.
 *
 * https://docs.gitlab.com/api/pipelines/, https://docs.gitlab.com/api/jobs/,
 * https://docs.gitlab.com/api/job_artifacts/ */
#ifndef DL_GITLAB_API_H
#define DL_GITLAB_API_H

#include <stddef.h>

#include "lib/base/fail.h"
#include "lib/provider/rest.h"

struct dl_scope;
struct dl_sink;
struct dl_target;

/* What a project's pipelines are called where GitHub would name a workflow: GitLab has one definition. */
#define DL_GITLAB_DEFINITION ".gitlab-ci.yml"

/* Words of GitLab. */
struct dl_gitlab_words {
	const char *items[16];
	size_t count;
};

/* dl_gitlab_api_words(wanted): those for the states of pipelines that WANTED (as in struct dl_run_query) asks
 * for; none when all are wanted. */
struct dl_gitlab_words dl_gitlab_api_words(const char *wanted);

/* Lists of pipelines, and single ones, as struct dl_run. What a list does not tell (who, when it began and
 * ended, how long it took) is null there. */
extern const struct dl_route dl_gitlab_api_pipelines; /* {project} and its query */
extern const struct dl_route dl_gitlab_api_pipeline;  /* {project}, {id} */

/* Of pipeline {id}: its jobs, its trigger jobs, and the pipelines that those have started, as struct dl_run
 * without .id where there is none yet. {per_page}; {include_retried} of jobs. The ref of the pipeline that a
 * trigger job has started is "downstream" in its metadata. */
extern const struct dl_route dl_gitlab_api_jobs;
extern const struct dl_route dl_gitlab_api_bridges;
extern const struct dl_route dl_gitlab_api_children;
extern const struct dl_route dl_gitlab_api_job; /* {project}, {id} */

/* The archives of the jobs of pipeline {id}, and that of job {id}, as struct dl_artifact without .id where a
 * job has left none. */
extern const struct dl_route dl_gitlab_api_archives;
extern const struct dl_route dl_gitlab_api_archive;

/* What others say of commit {sha}, as struct dl_run of event "status". {pipeline_id}, {per_page}. */
extern const struct dl_route dl_gitlab_api_statuses;

/* Answers that are read as they are. */
extern const struct dl_route dl_gitlab_api_project; /* {project} */
extern const struct dl_route dl_gitlab_api_commit;  /* {project}, {ref} */
extern const struct dl_route dl_gitlab_api_file;    /* {project}, {file}, {ref} */

/* dl_gitlab_api_post(scope, target, route, vars, body, sink): sends what is no read; the pipeline in the
 * answer goes to SINK. As dl_rest_send and dl_sink_put. */
DL_MUST_CHECK int dl_gitlab_api_post(struct dl_scope *scope, const struct dl_target *target,
				     const struct dl_route *route, const struct dl_var *vars,
				     const char *body, struct dl_sink *sink);

#endif
