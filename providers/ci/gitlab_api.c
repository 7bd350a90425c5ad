#include "providers/ci/gitlab_api.h"

#include <string.h>
#include <strings.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/base/url.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/provider/provider.h"

/* ------------------------------------------------------------------ vocabulary */

/* Of pipelines, jobs, trigger jobs and commit statuses.
 * https://gitlab.com/gitlab-org/gitlab/-/blob/master/app/models/concerns/ci/has_status.rb */
static const struct dl_state states[] = {
	{"success", NULL, DL_COMPLETED, DL_SUCCESS, false},
	{"failed", NULL, DL_COMPLETED, DL_FAILURE, false},
	{"canceled", NULL, DL_COMPLETED, DL_CANCELLED, false},
	{"skipped", NULL, DL_COMPLETED, DL_SKIPPED, false},
	{"running", NULL, DL_IN_PROGRESS, DL_CONCLUSION_NULL, false},
	{"canceling", NULL, DL_IN_PROGRESS, DL_CONCLUSION_NULL, false},
	{"manual", NULL, DL_IN_PROGRESS, DL_CONCLUSION_NULL, true},
	{"created", NULL, DL_QUEUED, DL_CONCLUSION_NULL, false},
	{"waiting_for_resource", NULL, DL_QUEUED, DL_CONCLUSION_NULL, false},
	{"preparing", NULL, DL_QUEUED, DL_CONCLUSION_NULL, false},
	{"waiting_for_callback", NULL, DL_QUEUED, DL_CONCLUSION_NULL, false},
	{"pending", NULL, DL_QUEUED, DL_CONCLUSION_NULL, false},
	{"scheduled", NULL, DL_QUEUED, DL_CONCLUSION_NULL, false},
	{NULL, NULL, DL_STATUS_NULL, DL_CONCLUSION_NULL, false},
};

/* Why a job failed, where that is told apart. */
static const char timeouts[] = "job_execution_timeout,stuck_or_timeout_failure";

struct dl_gitlab_words dl_gitlab_api_words(const char *wanted)
{
	struct dl_gitlab_words words = {.count = 0};
	const struct dl_state *row;

	for (row = states; wanted && row->raw_status; row++)
		if (dl_state_wanted(row->status, row->conclusion, row->needs_action, wanted))
			words.items[words.count++] = row->raw_status;
	return words;
}

/* Of what may fail without harm. A manual job that nobody needs to start ends nothing and holds nothing up.
 */
static struct dl_state_result state_of(const struct dl_json *node)
{
	const char *reason = dl_json_text(node, "failure_reason");
	struct dl_state_result state = dl_state_find(states, dl_json_text(node, "status"), NULL);

	if (state.conclusion == DL_FAILURE && dl_text_in(reason, timeouts)) {
		state.conclusion = DL_TIMED_OUT;
		state.raw_status = reason;
	}
	if (dl_json_bool(dl_json_get(node, "allow_failure")) != 1)
		return state;
	if (state.conclusion == DL_FAILURE || state.conclusion == DL_TIMED_OUT)
		state.conclusion = DL_NEUTRAL;
	if (state.needs_action) {
		state.status = DL_COMPLETED;
		state.conclusion = DL_SKIPPED;
		state.needs_action = false;
	}
	return state;
}

/* ------------------------------------------------------------------ maps */

static const struct dl_map pipeline_map[] = {
	{"id", "id", DL_AS_IS},
	{"number", "iid", DL_AS_IS},
	{"name", "name", DL_AS_IS},
	{"branch", "ref", DL_AS_IS},
	{"sha", "sha", DL_AS_IS},
	{"event", "source", DL_AS_IS},
	{"actor", "user.username", DL_AS_IS},
	{"created_at", "created_at", DL_AS_IS},
	{"started_at", "started_at", DL_AS_IS},
	{"updated_at", "updated_at", DL_AS_IS},
	{"completed_at", "finished_at", DL_AS_IS},
	{"duration_s", "duration", DL_AS_IS},
	{"url", "web_url", DL_AS_IS},
	{"metadata.label", "detailed_status.label", DL_AS_IS},
	{"metadata.coverage", "coverage", DL_AS_IS},
	{"metadata.yaml_errors", "yaml_errors", DL_AS_IS},
	{NULL, NULL, DL_AS_IS},
};

/* Of a trigger job, what it has started. */
static const struct dl_map child_map[] = {
	{"id", "downstream_pipeline.id", DL_AS_IS},
	{"number", "downstream_pipeline.iid", DL_AS_IS},
	{"name", "name", DL_AS_IS},
	{"workflow", "name", DL_AS_IS},
	{"branch", "downstream_pipeline.ref", DL_AS_IS},
	{"sha", "downstream_pipeline.sha", DL_AS_IS},
	{"event", "downstream_pipeline.source", DL_AS_IS},
	{"actor", "user.username", DL_AS_IS},
	{"created_at", "downstream_pipeline.created_at", DL_AS_IS},
	{"updated_at", "downstream_pipeline.updated_at", DL_AS_IS},
	{"url", "downstream_pipeline.web_url", DL_AS_IS},
	{NULL, NULL, DL_AS_IS},
};

static const struct dl_map job_map[] = {
	{"id", "id", DL_AS_IS},
	{"run_id", "pipeline.id", DL_AS_IS},
	{"name", "name", DL_AS_IS},
	{"runner", "runner.description", DL_AS_IS},
	{"started_at", "started_at", DL_AS_IS},
	{"completed_at", "finished_at", DL_AS_IS},
	{"duration_s", "duration", DL_AS_IS},
	{"url", "web_url", DL_AS_IS},
	{"metadata.stage", "stage", DL_AS_IS},
	{"metadata.failure_reason", "failure_reason", DL_AS_IS},
	{NULL, NULL, DL_AS_IS},
};

static const struct dl_map archive_map[] = {
	{"id", "id", DL_AS_IS},
	{"run_id", "pipeline.id", DL_AS_IS},
	{"name", "name", DL_AS_IS},
	{"size_bytes", "artifacts_file.size", DL_AS_IS},
	{"created_at", "finished_at", DL_AS_IS},
	{"expires_at", "artifacts_expire_at", DL_AS_IS},
	{NULL, NULL, DL_AS_IS},
};

static const struct dl_map status_map[] = {
	{"id", "id", DL_AS_IS},
	{"name", "name", DL_AS_IS},
	{"workflow", "name", DL_AS_IS},
	{"branch", "ref", DL_AS_IS},
	{"sha", "sha", DL_AS_IS},
	{"actor", "author.username", DL_AS_IS},
	{"created_at", "created_at", DL_AS_IS},
	{"started_at", "started_at", DL_AS_IS},
	{"completed_at", "finished_at", DL_AS_IS},
	{"url", "target_url", DL_AS_IS},
	{"metadata.description", "description", DL_AS_IS},
	{"metadata.pipeline", "pipeline_id", DL_AS_IS},
	{NULL, NULL, DL_AS_IS},
};

/* ------------------------------------------------------------------ finishing records */

static void set_state(struct dl_run *run, struct dl_state_result state)
{
	run->state = state;
	/* A pipeline whose jobs are retried keeps the end that it once had. */
	if (state.status != DL_COMPLETED) {
		run->completed_at = DL_TIME_NONE;
		run->duration_s = DL_INT_NONE;
	}
}

static int finish_pipeline(struct dl_scope *scope, const struct dl_target *target, const struct dl_json *node,
			   void *record)
{
	struct dl_run *run = record;

	if (!run->id)
		return dl_fail(scope, DL_DATA, "%s: a pipeline without an id", target->host);
	run->head = dl_provider_head(&scope->arena, target, "run", run->id);
	run->workflow = dl_text_same(run->event, "external") ? "external" : DL_GITLAB_DEFINITION;
	set_state(run, dl_state_find(states, dl_json_text(node, "status"), NULL));
	return 0;
}

/* The project that the page URL of a pipeline belongs to: what stands between the server's address, which may
 * have a path, and "/-/pipelines/". NULL: the URL has another form. */
static const char *project_of_page(struct dl_scope *scope, const struct dl_target *target, const char *page)
{
	const char *folder = strchr(target->host, '/'), *path, *end;
	struct dl_scope attempt;
	struct dl_url url;

	dl_scope_open(&attempt, NULL);
	path = page && dl_url_parse(&attempt, page, &url) == 0
		       ? dl_url_decode(&scope->arena, url.path, strlen(url.path))
		       : NULL;
	dl_scope_close(&attempt);
	if (path && folder && dl_text_starts(path, folder))
		path += strlen(folder);
	end = path ? strstr(path, "/pipelines/") : NULL;
	if (end && end >= path + 2 && strncmp(end - 2, "/-", 2) == 0)
		end -= 2;
	return end && end > path + 1 ? dl_arena_copy(&scope->arena, path + 1, (size_t)(end - path) - 1)
				     : NULL;
}

/* Where the pipeline runs that the trigger job NODE has started: a child in the same project, or in another.
 */
static struct dl_target target_of_child(struct dl_scope *scope, const struct dl_target *target,
					const struct dl_json *node)
{
	const char *mine = dl_json_text(node, "pipeline.project_id");
	const char *other = dl_json_text(node, "downstream_pipeline.project_id"), *project;
	struct dl_target named = *target;

	project = mine && dl_text_same(mine, other)
			  ? NULL
			  : project_of_page(scope, target, dl_json_text(node, "downstream_pipeline.web_url"));
	if (project && strcasecmp(project, target->project) != 0)
		named.project = project;
	return named;
}

/* What fails in a pipeline that may fail counts as little as a job that may fail. */
static int finish_child(struct dl_scope *scope, const struct dl_target *target, const struct dl_json *node,
			void *record)
{
	struct dl_state_result state =
		dl_state_find(states, dl_json_text(node, "downstream_pipeline.status"), NULL);
	const struct dl_target named = target_of_child(scope, target, node);
	struct dl_run *run = record;

	if (!run->id)
		return 0;
	run->head = dl_provider_head(&scope->arena, &named, "run", run->id);
	if (!run->event)
		run->event = named.project == target->project ? "parent_pipeline" : "pipeline";
	if (state.conclusion == DL_FAILURE && dl_json_bool(dl_json_get(node, "allow_failure")) == 1)
		state.conclusion = DL_NEUTRAL;
	set_state(run, state);
	return 0;
}

static int finish_job(struct dl_scope *scope, const struct dl_target *target, const struct dl_json *node,
		      void *record)
{
	struct dl_state_result state = state_of(node);
	struct dl_job *job = record;

	if (!job->id)
		return dl_fail(scope, DL_DATA, "%s: a job without an id", target->host);
	job->head = dl_provider_head(&scope->arena, target, "job", job->id);
	job->state = state;
	if (state.status != DL_COMPLETED) {
		job->completed_at = DL_TIME_NONE;
		job->duration_s = DL_INT_NONE;
	}
	return 0;
}

static const char *with_member(struct dl_scope *scope, const char *object, const char *key, const char *value)
{
	struct dl_buf text;

	dl_buf_init(&text, &scope->arena, DL_CAP_LINE);
	dl_buf_add(&text, object ? object : "{", object ? strlen(object) - 1 : 1);
	dl_buf_printf(&text, "%s\"%s\":", object ? "," : "", key);
	dl_json_quote(&text, value, strlen(value));
	dl_buf_putc(&text, '}');
	return text.data;
}

static int finish_bridge(struct dl_scope *scope, const struct dl_target *target, const struct dl_json *node,
			 void *record)
{
	const struct dl_target named = target_of_child(scope, target, node);
	const char *child = dl_json_text(node, "downstream_pipeline.id");
	struct dl_job *job = record;

	job->silent = true;
	if (child)
		job->metadata = with_member(scope, job->metadata, "downstream",
					    dl_provider_ref(&scope->arena, &named, "run", child));
	return finish_job(scope, target, node, record);
}

/* Reports and the log are kept in the same way, and cannot be fetched by it. */
static int finish_archive(struct dl_scope *scope, const struct dl_target *target, const struct dl_json *node,
			  void *record)
{
	const char *page = dl_json_text(node, "web_url");
	struct dl_artifact *artifact = record;

	if (!artifact->id || !dl_json_text(node, "artifacts_file.filename")) {
		artifact->id = NULL;
		return 0;
	}
	artifact->head = dl_provider_head(&scope->arena, target, "artifact", artifact->id);
	artifact->url = page ? dl_arena_format(&scope->arena, "%s/artifacts/download", page) : NULL;
	/* The newest archives of a branch are kept beyond their time; one that was deleted has no file. */
	artifact->expired = 0;
	artifact->zipped = true;
	return 0;
}

static int finish_status(struct dl_scope *scope, const struct dl_target *target, const struct dl_json *node,
			 void *record)
{
	struct dl_run *run = record;

	if (!run->id)
		return dl_fail(scope, DL_DATA, "%s: a status without an id", target->host);
	run->head = dl_provider_head(&scope->arena, target, "check", run->id);
	run->event = "status";
	set_state(run, state_of(node));
	return 0;
}

/* ------------------------------------------------------------------ routes */

#define PROJECT "/projects/{project}"

const struct dl_route dl_gitlab_api_pipelines = {
	.path = PROJECT "/pipelines{?ref,sha,status,source,username,name,updated_after,per_page}",
	.items = "", .schema = &dl_record_run, .map = pipeline_map, .finish = finish_pipeline,
};
const struct dl_route dl_gitlab_api_pipeline = {
	.path = PROJECT "/pipelines/{id}",
	.schema = &dl_record_run, .map = pipeline_map, .finish = finish_pipeline,
};
const struct dl_route dl_gitlab_api_jobs = {
	.path = PROJECT "/pipelines/{id}/jobs{?include_retried,per_page}",
	.items = "", .schema = &dl_record_job, .map = job_map, .finish = finish_job,
};
const struct dl_route dl_gitlab_api_bridges = {
	.path = PROJECT "/pipelines/{id}/bridges{?per_page}",
	.items = "", .schema = &dl_record_job, .map = job_map, .finish = finish_bridge,
};
const struct dl_route dl_gitlab_api_children = {
	.path = PROJECT "/pipelines/{id}/bridges{?per_page}",
	.items = "", .schema = &dl_record_run, .map = child_map, .finish = finish_child,
};
const struct dl_route dl_gitlab_api_job = {
	.path = PROJECT "/jobs/{id}",
	.schema = &dl_record_job, .map = job_map, .finish = finish_job,
};
const struct dl_route dl_gitlab_api_archives = {
	.path = PROJECT "/pipelines/{id}/jobs{?include_retried,per_page}",
	.items = "", .schema = &dl_record_artifact, .map = archive_map, .finish = finish_archive,
};
const struct dl_route dl_gitlab_api_archive = {
	.path = PROJECT "/jobs/{id}",
	.schema = &dl_record_artifact, .map = archive_map, .finish = finish_archive,
};
const struct dl_route dl_gitlab_api_statuses = {
	.path = PROJECT "/repository/commits/{sha}/statuses{?pipeline_id,per_page}",
	.items = "", .schema = &dl_record_run, .map = status_map, .finish = finish_status,
};
const struct dl_route dl_gitlab_api_project = {.path = PROJECT};
const struct dl_route dl_gitlab_api_commit = {.path = PROJECT "/repository/commits/{ref}"};
const struct dl_route dl_gitlab_api_file = {
	.path = PROJECT "/repository/files/{file}/raw{?ref}", .accept = "*/*",
};

int dl_gitlab_api_post(struct dl_scope *scope, const struct dl_target *target, const struct dl_route *route,
		       const struct dl_var *vars, const char *body, struct dl_sink *sink)
{
	const struct dl_json *node;
	struct dl_res res;
	const void *run;
	int result = dl_rest_send(scope, target, route, vars, body, &res);

	if (result)
		return result;
	node = dl_json_parse(scope, res.body, res.len);
	if (!node)
		return dl_fail_prefix(scope, "%s", target->host);
	run = dl_rest_record(scope, target, &dl_gitlab_api_pipeline, node);
	return run ? dl_sink_put(sink, scope, &dl_record_run, run) : -1;
}
