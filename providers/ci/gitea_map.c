#include "providers/ci/gitea_map.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/base/url.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "lib/provider/provider.h"
#include "lib/provider/query.h"
#include "lib/provider/rest.h"
#include "providers/ci/actions_api.h"

/* ------------------------------------------------------------------ vocabulary */

/* Of runs, jobs, tasks and steps. "waiting" is a job for which no runner is free to Forgejo, and one that
 * waits for other jobs to Gitea, which calls the former "queued": both have not begun. */
static const struct dl_state states[] = {
	{"completed", "success", DL_COMPLETED, DL_SUCCESS, false},
	{"completed", "failure", DL_COMPLETED, DL_FAILURE, false},
	{"completed", "cancelled", DL_COMPLETED, DL_CANCELLED, false},
	{"completed", "skipped", DL_COMPLETED, DL_SKIPPED, false},
	{"queued", NULL, DL_QUEUED, DL_CONCLUSION_NULL, false},
	{"waiting", NULL, DL_QUEUED, DL_CONCLUSION_NULL, false},
	{"blocked", NULL, DL_QUEUED, DL_CONCLUSION_NULL, false},
	{"in_progress", NULL, DL_IN_PROGRESS, DL_CONCLUSION_NULL, false},
	{"running", NULL, DL_IN_PROGRESS, DL_CONCLUSION_NULL, false},
	{"cancelling", NULL, DL_IN_PROGRESS, DL_CONCLUSION_NULL, false},
	{"success", NULL, DL_COMPLETED, DL_SUCCESS, false},
	{"failure", NULL, DL_COMPLETED, DL_FAILURE, false},
	{"cancelled", NULL, DL_COMPLETED, DL_CANCELLED, false},
	{"skipped", NULL, DL_COMPLETED, DL_SKIPPED, false},
	{NULL, NULL, DL_STATUS_NULL, DL_CONCLUSION_NULL, false},
};

/* Of commit statuses. A warning fails the combined status on the server, too. */
static const struct dl_state status_states[] = {
	{"success", NULL, DL_COMPLETED, DL_SUCCESS, false},
	{"failure", NULL, DL_COMPLETED, DL_FAILURE, false},
	{"error", NULL, DL_COMPLETED, DL_FAILURE, false},
	{"warning", NULL, DL_COMPLETED, DL_FAILURE, false},
	{"skipped", NULL, DL_COMPLETED, DL_SKIPPED, false},
	{"pending", NULL, DL_IN_PROGRESS, DL_CONCLUSION_NULL, false},
	{NULL, NULL, DL_STATUS_NULL, DL_CONCLUSION_NULL, false},
};

/* ------------------------------------------------------------------ maps */

static const struct dl_map run_map[] = {
	{"id", "id", DL_AS_IS},
	{"number", "run_number|index_in_repo", DL_AS_IS},
	{"attempt", "run_attempt", DL_AS_IS},
	{"workflow", "workflow_id|path", DL_AS_IS},
	{"branch", "head_branch|prettyref", DL_AS_IS},
	{"sha", "head_sha|commit_sha", DL_AS_IS},
	{"event", "trigger_event|event", DL_AS_IS},
	{"actor", "actor.login|trigger_user.login|triggering_actor.login", DL_AS_IS},
	{"created_at", "created_at|created", DL_AS_IS},
	{"started_at", "started_at|started|run_started_at", DL_AS_IS},
	{"updated_at", "updated_at|updated", DL_AS_IS},
	{"completed_at", "completed_at|stopped", DL_AS_IS},
	{"url", "html_url|url", DL_AS_IS},
	{"metadata.title", "display_title|title|name", DL_AS_IS},
	{NULL, NULL, DL_AS_IS},
};

static const struct dl_map task_map[] = {
	{"id", "id", DL_AS_IS},
	{"number", "run_number", DL_AS_IS},
	{"name", "name", DL_AS_IS},
	{"workflow", "workflow_id", DL_AS_IS},
	{"branch", "head_branch", DL_AS_IS},
	{"sha", "head_sha", DL_AS_IS},
	{"event", "event", DL_AS_IS},
	{"created_at", "created_at", DL_AS_IS},
	{"started_at", "run_started_at", DL_AS_IS},
	{"updated_at", "updated_at", DL_AS_IS},
	{"url", "url", DL_AS_IS},
	{"metadata.title", "display_title", DL_AS_IS},
	{NULL, NULL, DL_AS_IS},
};

static const struct dl_map job_map[] = {
	{"id", "id", DL_AS_IS},
	{"run_id", "run_id", DL_AS_IS},
	{"name", "name", DL_AS_IS},
	{"runner", "runner_name", DL_AS_IS},
	{"started_at", "started_at", DL_AS_IS},
	{"completed_at", "completed_at", DL_AS_IS},
	{"url", "html_url", DL_AS_IS},
	{NULL, NULL, DL_AS_IS},
};

static const struct dl_map step_map[] = {
	{"number", "number", DL_AS_IS},
	{"name", "name", DL_AS_IS},
	{NULL, NULL, DL_AS_IS},
};

static const struct dl_map status_map[] = {
	{"id", "id", DL_AS_IS},
	{"name", "context", DL_AS_IS},
	{"workflow", "context", DL_AS_IS},
	{"actor", "creator.login", DL_AS_IS},
	{"created_at", "created_at", DL_AS_IS},
	{"updated_at", "updated_at", DL_AS_IS},
	{"url", "target_url", DL_AS_IS},
	{NULL, NULL, DL_AS_IS},
};

static const struct dl_map workflow_map[] = {
	{"id", "id", DL_AS_IS},
	{"name", "name", DL_AS_IS},
	{"path", "path", DL_AS_IS},
	{"state", "state", DL_AS_IS},
	{"url", "html_url", DL_AS_IS},
	{NULL, NULL, DL_AS_IS},
};

static const struct dl_map artifact_map[] = {
	{"id", "id", DL_AS_IS},
	{"run_id", "workflow_run.id|run_id|workflow_run_backend_id", DL_AS_IS},
	{"name", "name", DL_AS_IS},
	{"size_bytes", "size_in_bytes", DL_AS_IS},
	{"expired", "expired", DL_AS_IS},
	{"created_at", "created_at", DL_AS_IS},
	{"expires_at", "expires_at", DL_AS_IS},
	{"url", "archive_download_url", DL_AS_IS},
	{NULL, NULL, DL_AS_IS},
};

/* ------------------------------------------------------------------ finishing records */

/* What has not happened yet is told as 1970, or as the year 1. */
static int64_t happened(int64_t time)
{
	return time <= 0 ? DL_TIME_NONE : time;
}

static const char *unless_empty(const char *text)
{
	return text && *text ? text : NULL;
}

static struct dl_state_result state_of(const struct dl_json *node)
{
	return dl_state_find(states, unless_empty(dl_json_text(node, "status")),
			     unless_empty(dl_json_text(node, "conclusion")));
}

static struct dl_target target_of(const struct dl_target *target, const struct dl_json *node)
{
	const char *name = dl_json_text(node, "repository.full_name");
	struct dl_target named = *target;

	if (unless_empty(name))
		named.project = name;
	return named;
}

/* The file's name, of what is that or "FILE@REF" or a path to it. */
static const char *workflow_of(struct dl_scope *scope, const char *text)
{
	const char *ref = text ? strstr(text, "@refs/") : NULL, *slash;

	if (!text)
		return NULL;
	text = dl_arena_copy(&scope->arena, text, ref ? (size_t)(ref - text) : strlen(text));
	slash = strrchr(text, '/');
	return slash ? slash + 1 : text;
}

/* A branch or tag; a pull request's ("#5") is none of this repository's. Where the branch of a tag is empty,
 * the workflow's path ends in it. */
static const char *branch_of(const struct dl_json *node, const char *branch)
{
	const char *path = dl_json_text(node, "path");
	const char *tag = path ? strstr(path, "@refs/tags/") : NULL;

	if (!unless_empty(branch))
		return tag ? tag + strlen("@refs/tags/") : NULL;
	return *branch == '#' ? NULL : branch;
}

static void place_run(struct dl_scope *scope, const struct dl_target *target, const char *kind,
		      struct dl_state_result state, struct dl_run *run)
{
	run->head = dl_provider_head(&scope->arena, target, kind, run->id);
	run->state = state;
	run->created_at = happened(run->created_at);
	run->started_at = happened(run->started_at);
	run->updated_at = happened(run->updated_at);
	run->completed_at = state.status == DL_COMPLETED ? happened(run->completed_at) : DL_TIME_NONE;
	run->duration_s = dl_time_between(run->started_at, run->completed_at);
}

static int finish_run(struct dl_scope *scope, const struct dl_target *target, const struct dl_json *node,
		      void *record)
{
	const struct dl_target named = target_of(target, node);
	const char *head = dl_json_text(node, "head_repository.full_name");
	struct dl_state_result state = state_of(node);
	struct dl_run *run = record;

	if (!run->id)
		return dl_fail(scope, DL_DATA, "%s: a run without an id", target->host);
	if (state.status != DL_COMPLETED && dl_json_bool(dl_json_get(node, "need_approval")) == 1) {
		state.status = DL_IN_PROGRESS;
		state.needs_action = true;
	}
	place_run(scope, &named, "run", state, run);
	run->attempt = run->attempt > 0 ? run->attempt : DL_INT_NONE;
	run->workflow = workflow_of(scope, run->workflow);
	run->branch = branch_of(node, run->branch);
	run->of_fork = dl_json_bool(dl_json_get(node, "is_fork_pull_request")) == 1 ||
		       (head && strcasecmp(head, named.project) != 0);
	return 0;
}

static int finish_task(struct dl_scope *scope, const struct dl_target *target, const struct dl_json *node,
		       void *record)
{
	struct dl_run *task = record;

	if (!task->id || task->number == DL_INT_NONE)
		return dl_fail(scope, DL_DATA, "%s: a task without an id or the number of its run",
			       target->host);
	task->completed_at = task->updated_at;
	place_run(scope, target, "run", state_of(node), task);
	task->branch = branch_of(node, task->branch);
	return 0;
}

static int finish_step(struct dl_scope *scope, const struct dl_target *target, const struct dl_json *node,
		       void *record)
{
	struct dl_state_result state = state_of(node);
	struct dl_step *step = record;

	(void)scope;
	(void)target;
	step->status = state.status;
	step->conclusion = state.conclusion;
	step->duration_s =
		dl_time_between(happened(dl_time_parse(dl_json_text(node, "started_at|started"))),
				happened(dl_time_parse(dl_json_text(node, "completed_at|stopped"))));
	return 0;
}

static const struct dl_route steps = {
	.schema = &dl_record_step, .map = step_map, .finish = finish_step,
};

static int finish_job(struct dl_scope *scope, const struct dl_target *target, const struct dl_json *node,
		      void *record)
{
	struct dl_state_result state = state_of(node);
	bool native = dl_json_get(node, "runs_on") != NULL;
	struct dl_job *job = record;

	if (!job->id)
		return dl_fail(scope, DL_DATA, "%s: a job without an id", target->host);
	if (native)
		job->id = dl_arena_format(&scope->arena, ".%s", job->id);
	else
		job->head = dl_provider_head(&scope->arena, target, "job", job->id);
	job->state = state;
	job->runner = unless_empty(job->runner);
	job->started_at = happened(job->started_at);
	job->completed_at = happened(job->completed_at);
	job->duration_s = dl_time_between(job->started_at, job->completed_at);
	job->steps.items = dl_rest_records(scope, target, &steps, dl_json_get(node, "steps"),
					   &job->steps.count);
	return job->steps.items ? 0 : -1;
}

/* The URL of Actions' own statuses begins at the server's root. One that is no URL is left out. */
static int finish_status(struct dl_scope *scope, const struct dl_target *target, const struct dl_json *node,
			 void *record)
{
	struct dl_run *run = record;
	struct dl_scope attempt;
	const char *url;

	dl_scope_open(&attempt, NULL);
	url = unless_empty(run->url) ? dl_url_join(&attempt, target->base, run->url) : NULL;
	run->url = dl_arena_string(&scope->arena, url);
	dl_scope_close(&attempt);
	run->event = "status";
	place_run(scope, target, "check",
		  dl_state_find(status_states, dl_json_text(node, "status|state"), NULL), run);
	return 0;
}

static int finish_workflow(struct dl_scope *scope, const struct dl_target *target, const struct dl_json *node,
			   void *record)
{
	struct dl_workflow *workflow = record;

	(void)node;
	if (!workflow->path)
		return dl_fail(scope, DL_DATA, "%s: a workflow without a path", target->host);
	workflow->id = workflow_of(scope, workflow->path);
	workflow->head = dl_provider_head(&scope->arena, target, "workflow", workflow->id);
	return 0;
}

static int finish_artifact(struct dl_scope *scope, const struct dl_target *target, const struct dl_json *node,
			   void *record)
{
	struct dl_artifact *artifact = record;

	(void)node;
	if (dl_actions_api_artifact(scope, target, artifact) < 0)
		return -1;
	artifact->created_at = happened(artifact->created_at);
	artifact->expires_at = happened(artifact->expires_at);
	return 0;
}

bool dl_gitea_map_is_of(const struct dl_run *status, const struct dl_run *run)
{
	static const char link[] = "/actions/runs/";
	const char *at = status->url ? strstr(status->url, link) : NULL;
	char *end;
	long long number;

	if (!at)
		return false;
	at += strlen(link);
	number = strtoll(at, &end, 10);
	if (end == at || (*end != '/' && *end))
		return false;
	return number == run->number || number == dl_text_int(run->id);
}

/* ------------------------------------------------------------------ routes */

#define RUNS "/repos/{+project}/actions/runs"

/* "branch" is Gitea's word and "ref" and "workflow_id" are Forgejo's; each ignores what it does not know. */
const struct dl_route dl_gitea_map_runs = {
	.path = RUNS "{?branch,ref,head_sha,status,event,actor,workflow_id,limit,page}",
	.items = "workflow_runs", .total = "total_count", .next_var = "page",
	.schema = &dl_record_run, .map = run_map, .finish = finish_run, .order = dl_query_newest_first,
};
const struct dl_route dl_gitea_map_run = {
	.path = RUNS "/{id}", .schema = &dl_record_run, .map = run_map, .finish = finish_run,
};
const struct dl_route dl_gitea_map_tasks = {
	.path = "/repos/{+project}/actions/tasks{?limit,page}",
	.items = "workflow_runs", .total = "total_count", .next_var = "page",
	.schema = &dl_record_run, .map = task_map, .finish = finish_task,
};

/* The list is called "jobs", in one version "workflow_jobs"; Forgejo's answer is the list. */
#define JOBS .items = "jobs|workflow_jobs|", .total = "total_count", .next_var = "page", \
	.schema = &dl_record_job, .map = job_map, .finish = finish_job

const struct dl_route dl_gitea_map_jobs = {.path = RUNS "/{id}/jobs{?limit,page}", JOBS};
const struct dl_route dl_gitea_map_attempt_jobs = {
	.path = RUNS "/{id}/attempts/{attempt}/jobs{?limit,page}", JOBS};
const struct dl_route dl_gitea_map_job = {
	.path = "/repos/{+project}/actions/jobs/{id}",
	.schema = &dl_record_job, .map = job_map, .finish = finish_job,
};
const struct dl_route dl_gitea_map_statuses = {
	.path = "/repos/{+project}/commits/{sha}/status{?limit,page}",
	.items = "statuses",
	.total = "",
	.next_var = "page",
	.schema = &dl_record_run,
	.map = status_map,
	.finish = finish_status,
};
const struct dl_route dl_gitea_map_workflows = {
	.path = "/repos/{+project}/actions/workflows", .items = "workflows",
	.schema = &dl_record_workflow, .map = workflow_map, .finish = finish_workflow,
};
const struct dl_route dl_gitea_map_artifacts = {
	.path = RUNS "/{id}/artifacts{?limit,page}",
	.items = "artifacts", .total = "total_count", .next_var = "page",
	.schema = &dl_record_artifact, .map = artifact_map, .finish = finish_artifact,
};
const struct dl_route dl_gitea_map_artifact = {
	.path = "/repos/{+project}/actions/artifacts/{id}",
	.schema = &dl_record_artifact, .map = artifact_map, .finish = finish_artifact,
};
