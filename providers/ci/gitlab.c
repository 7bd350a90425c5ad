/* GitLab CI/CD: gitlab.com and servers of one's own, also below a path ("https://git.example.com/gitlab").
 *
 * What is particular here. A pipeline is a run; a project has one definition of them, so an event and a ref
 * tell pipelines apart where GitHub has workflows. Pipelines start others, which no list shows
 * (gitlab_tree.c). A pipeline that waits for a manual job is neither over nor running: it needs a human. A
 * job that is retried is a new job of the same pipeline, and a pipeline that is run again is another one. The
 * log grows, and comes whole each time unless the server knows ranges. The token that a job of GitLab CI has
 * by itself may do little; it goes into a header of its own.
 *
 * What a push starts cannot be told by files: rules, includes and the project's settings decide. So there is
 * no .expected.
 *
 * https://docs.gitlab.com/api/rest/, https://docs.gitlab.com/api/pipelines/ */
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/base/url.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/git/repo.h"
#include "lib/provider/gather.h"
#include "lib/provider/provider.h"
#include "lib/provider/query.h"
#include "lib/provider/range.h"
#include "lib/provider/rest.h"
#include "providers/ci/gitlab_api.h"
#include "providers/ci/gitlab_commit.h"
#include "providers/ci/gitlab_config.h"
#include "providers/ci/gitlab_tree.h"
#include "providers/providers.h"

enum { SETTLE_TRIES = 5, SETTLE_MS = 1000 };

static const char api_path[] = "/api/v4";

/* ------------------------------------------------------------------ routes */

static const struct dl_route get_log = {
	.path = "/projects/{project}/jobs/{id}/trace", .accept = "*/*", .headers = dl_range_headers,
};
static const struct dl_route get_archive = {
	.path = "/projects/{project}/jobs/{id}/artifacts", .accept = "*/*", .headers = dl_range_headers,
};
static const struct dl_route create_pipeline = {.method = "POST", .path = "/projects/{project}/pipeline"};
static const struct dl_route create_merge_request_pipeline = {
	.method = "POST", .path = "/projects/{project}/merge_requests/{iid}/pipelines",
};
static const struct dl_route retry_pipeline = {
	.method = "POST", .path = "/projects/{project}/pipelines/{id}/retry",
};
static const struct dl_route cancel_pipeline = {
	.method = "POST", .path = "/projects/{project}/pipelines/{id}/cancel",
};
static const struct dl_route cancel_job = {
	.method = "POST", .path = "/projects/{project}/jobs/{id}/cancel{?force}",
};
/* They may be secrets. */
static const struct dl_route get_variables = {
	.path = "/projects/{project}/pipelines/{id}/variables", .once = true,
};

/* ------------------------------------------------------------------ hosts, credentials, refusals */

static const char *gitlab_host_of(struct dl_scope *scope, const char *base)
{
	return dl_url_server(scope, base, api_path);
}

/* Put together anew, so that nothing but an authority and a path comes out of what a ref says. */
static const char *gitlab_base(struct dl_scope *scope, const char *host)
{
	const char *name = gitlab_host_of(scope, dl_arena_format(&scope->arena, "https://%s", host));

	return name ? dl_arena_format(&scope->arena, "https://%s%s", name, api_path) : NULL;
}

/* `group/project/-/pipelines/17` */
static const char *gitlab_project_of(struct dl_scope *scope, const char *host, const char *path)
{
	const char *end = strstr(path, "/-/");

	(void)host;
	return end ? dl_arena_copy(&scope->arena, path, (size_t)(end - path)) : NULL;
}

static const char job_user[] = "gitlab-ci-token";

/* The token of a job is one by its name where git has it, by its prefix, or because it is in the job's own
 * environment. https://docs.gitlab.com/ci/jobs/ci_job_token/ */
static bool is_job_token(const char *user, const char *token)
{
	return dl_text_same(user, job_user) || dl_text_starts(token, "glcbt-") ||
	       dl_text_same(getenv("CI_JOB_TOKEN"), token);
}

/* A token that is made for a project, which may read its repository or send packages.
 * https://docs.gitlab.com/user/project/deploy_tokens/ */
static bool is_deploy_token(const char *user, const char *token)
{
	return dl_text_starts(user, "gitlab+deploy-token-") || dl_text_starts(token, "gldt-");
}

static const char *gitlab_authorize(struct dl_arena *arena, const char *user, const char *token)
{
	const char *name = is_job_token(user, token)	  ? "JOB-TOKEN:"
			   : is_deploy_token(user, token) ? "DEPLOY-TOKEN:"
							  : "Authorization: Bearer";

	return dl_arena_format(arena, "%s %s", name, token);
}

static const char *gitlab_git_user(const char *token)
{
	return is_job_token(NULL, token) ? job_user : NULL;
}

static int hint_access(struct dl_scope *scope, const struct dl_target *target)
{
	if (dl_text_starts(target->auth.header, "JOB-TOKEN:"))
		return dl_fail_hint(scope, "the token of a CI job may do little here: set GITLAB_TOKEN to an "
					   "access token of the scope read_api, or api to change something");
	return target->auth.header
		       ? dl_fail_hint(scope, "or the token from %s may not see it", target->auth_from)
		       : dl_fail_hint(scope, "a private project needs a token: set GITLAB_TOKEN");
}

/* To who may not see it a project does not exist, and so it is for a job token that may not do something.
 * https://docs.gitlab.com/api/rest/troubleshooting/ */
static int gitlab_explain(struct dl_scope *scope, const struct dl_target *target, const struct dl_res *res,
			  const char *message)
{
	if (res->status == 404) {
		dl_fail(scope, DL_MISSING, "%s has no such thing in %s: %s", target->host,
			dl_text_quote(&scope->arena, target->project),
			message ? message : "HTTP status 404");
		return hint_access(scope, target);
	}
	if (res->status != 401 && (res->status != 403 || res->retry_after_s >= 0))
		return 0;
	if (dl_text_starts(target->auth.header, "JOB-TOKEN:")) {
		dl_fail(scope, DL_AUTH, "%s forbids that to the token of a CI job: %s", target->host,
			message ? message : "no permission");
		return hint_access(scope, target);
	}
	if (message && (strstr(message, "insufficient_scope") || strstr(message, "higher privileges"))) {
		dl_fail(scope, DL_AUTH, "%s forbids that: the token lacks a scope", target->host);
		return dl_fail_hint(scope, "the token from %s needs read_api, or api to change something",
				    target->auth_from);
	}
	return 0;
}

/* ------------------------------------------------------------------ pipelines */

/* How a list of pipelines is asked for. */
struct listing {
	const struct dl_target *target;
	const struct dl_run_query *query;
	struct dl_gitlab_words words;
};

/* One list, with WORD as the state; NULL: any. */
static int list_pipelines(struct dl_scope *scope, const struct listing *listing, const char *word,
			  struct dl_sink *sink)
{
	const struct dl_run_query *query = listing->query;
	bool whole = query->limit == 0 || query->limit > 100 || query->since != DL_TIME_NONE;
	const char *name = dl_text_same(query->workflow, DL_GITLAB_DEFINITION) ? NULL : query->workflow;
	const struct dl_var vars[] = {
		{"project", listing->target->project},
		{"ref", query->branch},
		{"sha", query->sha},
		{"status", word},
		{"source", query->event},
		{"username", query->actor},
		{"name", name},
		{"updated_after", query->since == DL_TIME_NONE
					  ? NULL
					  : dl_time_format(&scope->arena, query->since - 1)},
		{"per_page", whole ? "100" : dl_arena_format(&scope->arena, "%ld", query->limit)},
		{NULL, NULL},
	};

	return dl_rest_list(scope, listing->target, &dl_gitlab_api_pipelines, vars, sink);
}

/* A server that has not heard of a state yet has no pipeline in it. */
static int ask_word(struct dl_scope *scope, void *arg, size_t index, struct dl_sink *sink)
{
	const struct listing *listing = arg;
	struct dl_sink_first first;
	int result;

	dl_sink_first(&first, sink, listing->query->limit);
	result = list_pipelines(scope, listing, listing->words.items[index], &first.sink);
	if (scope->error.status != 400)
		return result;
	dl_fail_take(scope, &scope->arena);
	return DL_MORE;
}

/* The server has matched branch and actor, by more than the records have: a branch's pipelines are also those
 * of its merge requests, and who started them is not in the list. */
static int gitlab_runs(struct dl_scope *scope, const struct dl_target *target,
		       const struct dl_run_query *query, struct dl_sink *sink)
{
	struct listing listing = {.target = target, .query = query};
	struct dl_run_query rest = *query;
	struct dl_query_sink filter;

	rest.branch = rest.actor = NULL;
	dl_query_sink(&filter, &rest, sink);
	listing.words = dl_gitlab_api_words(query->states);
	if (query->states && !listing.words.count)
		return DL_MORE;
	if (listing.words.count < 2)
		return list_pipelines(scope, &listing, listing.words.items[0], &filter.sink);
	return dl_gather_runs(scope, listing.words.count, ask_word, &listing, &filter.sink);
}

static int gitlab_run(struct dl_scope *scope, const struct dl_target *target, const char *id,
		      struct dl_sink *sink)
{
	const struct dl_var vars[] = {{"project", target->project}, {"id", id}, {NULL, NULL}};

	/* "latest" would be another question, to which 403 means none. */
	if (dl_text_int(id) < 0)
		return dl_fail(scope, DL_USAGE, "'%s' is not the id of a pipeline",
			       dl_text_quote(&scope->arena, id));
	return dl_rest_one(scope, target, &dl_gitlab_api_pipeline, vars, sink);
}

/* ------------------------------------------------------------------ jobs and what they leave */

static int gitlab_job(struct dl_scope *scope, const struct dl_target *target, const char *id,
		      struct dl_sink *sink)
{
	const struct dl_var vars[] = {{"project", target->project}, {"id", id}, {NULL, NULL}};

	return dl_rest_one(scope, target, &dl_gitlab_api_job, vars, sink);
}

/* Whether job ID may still write: 1, 0, or -1: failed. */
static int may_write(struct dl_scope *scope, const struct dl_target *target, const char *id)
{
	const struct dl_job *job = dl_provider_job(scope, target, id);

	return job ? job->status != DL_COMPLETED : -1;
}

/* The job is looked at before its log, so that nothing is missed. A log that has become shorter was put
 * together anew: it begins again. */
static int gitlab_log(struct dl_scope *scope, const struct dl_target *target, const char *id,
		      struct dl_log_cursor *cursor, struct dl_writer *writer)
{
	const struct dl_var vars[] = {{"project", target->project}, {"id", id}, {NULL, NULL}};
	int more = cursor->status ? cursor->status != DL_COMPLETED : may_write(scope, target, id);
	int64_t offset = cursor->offset;
	struct dl_res res;
	int result;

	cursor->more = more == 1;
	if (more < 0 || cursor->status == DL_QUEUED)
		return more < 0 ? -1 : 0;
	result = dl_range_follow(scope, target, &get_log, vars, &offset, writer, &res);
	if (result == 0 && offset < cursor->offset) {
		offset = 0;
		result = dl_range_follow(scope, target, &get_log, vars, &offset, writer, &res);
	}
	if (result >= 0)
		cursor->offset = offset;
	return result;
}

static int gitlab_artifact(struct dl_scope *scope, const struct dl_target *target, const char *id,
			   struct dl_sink *sink)
{
	const struct dl_var vars[] = {{"project", target->project}, {"id", id}, {NULL, NULL}};
	const struct dl_json *node = dl_rest_get(scope, target, &dl_gitlab_api_archive, vars);
	const struct dl_artifact *artifact =
		node ? dl_rest_record(scope, target, &dl_gitlab_api_archive, node) : NULL;

	if (!artifact)
		return -1;
	if (!artifact->id)
		return dl_fail(scope, DL_MISSING, "job %s has left no artifacts, or they are gone",
			       dl_text_quote(&scope->arena, id));
	return dl_sink_put(sink, scope, &dl_record_artifact, artifact);
}

static int gitlab_download(struct dl_scope *scope, const struct dl_target *target,
			   const struct dl_artifact *artifact, int64_t *offset, struct dl_writer *writer)
{
	const struct dl_var vars[] = {{"project", target->project}, {"id", artifact->id}, {NULL, NULL}};
	struct dl_res res;

	return dl_range_download(scope, target, &get_archive, vars, offset, writer, &res);
}

/* ------------------------------------------------------------------ the definition */

static int gitlab_configured(struct dl_scope *scope, const struct dl_target *target, const char *sha)
{
	int here = dl_gitlab_config_here(target, sha);
	struct dl_scope attempt;

	(void)scope;
	if (here == 1)
		return 1;
	dl_scope_open(&attempt, NULL);
	here = dl_gitlab_config_find(&attempt, target, sha ? sha : "HEAD").found;
	dl_scope_close(&attempt);
	return here;
}

static const char *gitlab_tip(struct dl_scope *scope, const struct dl_target *target, const char *branch)
{
	const struct dl_var vars[] = {
		{"project", target->project}, {"ref", branch ? branch : "HEAD"}, {NULL, NULL}};
	const struct dl_json *commit = dl_rest_get(scope, target, &dl_gitlab_api_commit, vars);
	const char *sha = dl_json_text(commit, "id");

	if (!commit || (sha && dl_text_is_sha(sha)))
		return sha;
	dl_fail(scope, DL_DATA, "%s answered with something else than a commit", target->host);
	return NULL;
}

/* The one definition, if the project has one. */
static int gitlab_workflows(struct dl_scope *scope, const struct dl_target *target, struct dl_sink *sink)
{
	const struct dl_var vars[] = {{"project", target->project}, {NULL, NULL}};
	const struct dl_json *project = dl_rest_get(scope, target, &dl_gitlab_api_project, vars);
	const char *page = dl_json_text(project, "web_url");
	struct dl_gitlab_config config = {0};
	struct dl_workflow *workflow;

	if (!project)
		return -1;
	config = dl_gitlab_config_find(scope, target, "HEAD");
	if (config.found != 1)
		return DL_MORE;
	workflow = dl_schema_new(scope, &dl_record_workflow);
	workflow->id = workflow->name = DL_GITLAB_DEFINITION;
	workflow->head = dl_provider_head(&scope->arena, target, "workflow", workflow->id);
	workflow->path = config.path ? config.path : dl_json_text(project, "ci_config_path");
	workflow->state = dl_text_same(dl_json_text(project, "builds_access_level"), "disabled") ? "disabled"
												 : "active";
	workflow->url = page ? dl_arena_format(&scope->arena, "%s/-/pipelines", page) : NULL;
	return dl_sink_put(sink, scope, &dl_record_workflow, workflow);
}

static int check_workflow(struct dl_scope *scope, const struct dl_target *target, const char *name)
{
	if (strcmp(name, DL_GITLAB_DEFINITION) == 0)
		return 0;
	dl_fail(scope, DL_MISSING, "%s has no workflow '%s'", dl_text_quote(&scope->arena, target->project),
		dl_text_quote(&scope->arena, name));
	return dl_fail_hint(scope, "a GitLab project has one, %s", DL_GITLAB_DEFINITION);
}

/* The ref that TRIGGER means, as far as it can be told here; NULL: the default branch. */
static const char *ref_of(struct dl_scope *scope, const struct dl_target *target,
			  const struct dl_trigger *trigger)
{
	if (trigger->branch)
		return trigger->branch;
	return target->repo ? dl_repo_branch(scope, target->repo) : NULL;
}

static int gitlab_inputs(struct dl_scope *scope, const struct dl_target *target,
			 const struct dl_trigger *trigger, struct dl_sink *sink)
{
	const char *ref = trigger->sha ? trigger->sha : ref_of(scope, target, trigger);
	struct dl_gitlab_config config;

	if (check_workflow(scope, target, trigger->workflow))
		return -1;
	config = dl_gitlab_config_find(scope, target, ref ? ref : "HEAD");
	return dl_gitlab_config_inputs(scope, &config, sink);
}

/* ------------------------------------------------------------------ acting */

/* The default branch; NULL: failed. */
static const char *default_branch(struct dl_scope *scope, const struct dl_target *target)
{
	const struct dl_var vars[] = {{"project", target->project}, {NULL, NULL}};
	const struct dl_json *project = dl_rest_get(scope, target, &dl_gitlab_api_project, vars);
	const char *branch = dl_json_text(project, "default_branch");

	if (project && !branch)
		dl_fail(scope, DL_MISSING, "%s has no default branch",
			dl_text_quote(&scope->arena, target->project));
	return branch;
}

static int gitlab_trigger(struct dl_scope *scope, const struct dl_target *target,
			  const struct dl_trigger *trigger, struct dl_sink *sink)
{
	const struct dl_var vars[] = {{"project", target->project}, {NULL, NULL}};
	const char *ref = ref_of(scope, target, trigger), *body;
	struct dl_gitlab_config config = {0};

	if (check_workflow(scope, target, trigger->workflow))
		return -1;
	if (trigger->sha) {
		dl_fail(scope, DL_UNSUPPORTED,
			"GitLab starts pipelines for branches and tags, not for commits");
		return dl_fail_hint(scope, "name a branch or tag that is there: -b");
	}
	if (!ref && !(ref = default_branch(scope, target)))
		return -1;
	if (trigger->input_count)
		config = dl_gitlab_config_find(scope, target, ref);
	body = dl_gitlab_config_request(scope, &config, ref, trigger);
	return body ? dl_gitlab_api_post(scope, target, &create_pipeline, vars, body, sink) : -1;
}

/* The jobs are put to work a moment after the answer: what it says may be the state before. */
static int put_settled(struct dl_scope *scope, const struct dl_target *target, const struct dl_run *run,
		       struct dl_sink *sink)
{
	int tries;

	for (tries = 0; run && run->status == DL_COMPLETED && tries < SETTLE_TRIES; tries++) {
		dl_time_sleep_ms(SETTLE_MS);
		run = dl_provider_run(scope, target, run->id);
	}
	return run ? dl_sink_put(sink, scope, &dl_record_run, run) : -1;
}

static int rerun_failed(struct dl_scope *scope, const struct dl_target *target, const char *id,
			struct dl_sink *sink)
{
	const struct dl_var vars[] = {{"project", target->project}, {"id", id}, {NULL, NULL}};
	const struct dl_run *run;
	struct dl_sink_list answer;
	int result;

	dl_sink_list(&answer, scope, 1);
	result = dl_gitlab_api_post(scope, target, &retry_pipeline, vars, NULL, &answer.sink);
	if (result < 0 || !answer.count)
		return result;
	run = dl_sink_item(&answer, 0);
	if (run->conclusion != DL_SUCCESS && run->conclusion != DL_SKIPPED)
		return put_settled(scope, target, run, sink);
	dl_fail(scope, DL_REFUSED, "nothing failed in run %s", dl_text_quote(&scope->arena, id));
	return dl_fail_hint(scope, "it can be run again as a whole");
}

/* The JSON that asks for a pipeline like RUN: for the same ref, with the same variables, as far as they may
 * be read. */
static const char *same_again(struct dl_scope *scope, const struct dl_target *target,
			      const struct dl_run *run)
{
	const struct dl_var vars[] = {{"project", target->project}, {"id", run->id}, {NULL, NULL}};
	const struct dl_json *variables;
	struct dl_scope attempt;
	struct dl_buf body;

	dl_buf_init(&body, &scope->arena, DL_CAP_BODY);
	dl_buf_puts(&body, "{\"ref\":");
	dl_json_quote(&body, run->branch, strlen(run->branch));
	dl_scope_open(&attempt, NULL);
	variables = dl_rest_get(&attempt, target, &get_variables, vars);
	if (variables && variables->child) {
		dl_buf_puts(&body, ",\"variables\":");
		dl_json_write(&body, variables);
	}
	dl_scope_close(&attempt);
	dl_buf_putc(&body, '}');
	return dl_buf_check(scope, &body, "the request") ? NULL : body.data;
}

/* A pipeline is run again by making another one, which is for what its ref stands at now. */
static int check_ref(struct dl_scope *scope, const struct dl_target *target, const struct dl_run *run)
{
	const char *tip;

	if (dl_text_same(run->event, "parent_pipeline")) {
		dl_fail(scope, DL_REFUSED, "pipeline %s was started by another one", run->id);
		return dl_fail_hint(scope, "run that again, or only what failed in this one: --failed");
	}
	if (!run->branch || dl_text_same(run->event, "external"))
		return dl_fail(scope, DL_REFUSED, "pipeline %s is not one of GitLab's own", run->id);
	tip = gitlab_tip(scope, target, run->branch);
	if (!tip || dl_text_same(tip, run->sha))
		return tip ? 0 : -1;
	dl_fail(scope, DL_REFUSED, "%s has moved on from %.10s to %.10s",
		dl_text_quote(&scope->arena, run->branch), run->sha ? run->sha : "(none)", tip);
	return dl_fail_hint(scope, "dl-trigger starts a pipeline for that; --failed runs again what failed");
}

/* The number in refs/merge-requests/5/head; NULL: REF is another kind of ref. */
static const char *merge_request_of(struct dl_scope *scope, const char *ref)
{
	static const char folder[] = "refs/merge-requests/";

	if (!dl_text_starts(ref, folder))
		return NULL;
	ref += strlen(folder);
	return dl_arena_copy(&scope->arena, ref, strcspn(ref, "/"));
}

static int gitlab_rerun(struct dl_scope *scope, const struct dl_target *target, const char *id, bool failed,
			struct dl_sink *sink)
{
	const struct dl_run *run = failed ? NULL : dl_provider_run(scope, target, id);
	const char *request = run ? merge_request_of(scope, run->branch) : NULL, *body;
	const struct dl_var vars[] = {{"project", target->project}, {"iid", request}, {NULL, NULL}};

	if (failed)
		return rerun_failed(scope, target, id, sink);
	if (!run)
		return -1;
	if (request)
		return dl_gitlab_api_post(scope, target, &create_merge_request_pipeline, vars, NULL, sink);
	if (check_ref(scope, target, run) || !(body = same_again(scope, target, run)))
		return -1;
	return dl_gitlab_api_post(scope, target, &create_pipeline, vars, body, sink);
}

/* Jobs that clean up after they were canceled are stopped one by one. */
static int force_jobs(struct dl_scope *scope, const struct dl_target *target, const char *id)
{
	struct dl_sink_list jobs;
	const struct dl_job *job;
	struct dl_res res;
	int result = 0;
	size_t i;

	dl_sink_list(&jobs, scope, 0);
	if (dl_gitlab_tree_jobs(scope, target, id, 0, &jobs.sink) < 0)
		return -1;
	for (i = 0; i < jobs.count && result >= 0; i++) {
		job = dl_sink_item(&jobs, i);
		const struct dl_var vars[] = {
			{"project", target->project}, {"id", job->id}, {"force", "true"}, {NULL, NULL}};

		if (job->status == DL_IN_PROGRESS && job->needs_action != 1 && !job->silent)
			result = dl_rest_send(scope, target, &cancel_job, vars, NULL, &res);
	}
	return result < 0 ? -1 : 0;
}

/* The server says yes whatever the state was. */
static int gitlab_cancel(struct dl_scope *scope, const struct dl_target *target, const char *id, bool force,
			 struct dl_sink *sink)
{
	const struct dl_var vars[] = {{"project", target->project}, {"id", id}, {NULL, NULL}};
	const struct dl_run *run = dl_provider_run(scope, target, id);
	struct dl_sink_list answer;
	int result;

	if (!run)
		return -1;
	if (run->status == DL_COMPLETED)
		return dl_fail(scope, DL_REFUSED, "run %s is over", dl_text_quote(&scope->arena, id));
	dl_sink_list(&answer, scope, 1);
	result = dl_gitlab_api_post(scope, target, &cancel_pipeline, vars, NULL, &answer.sink);
	if (result >= 0 && force && force_jobs(scope, target, id))
		return -1;
	if (result < 0 || !answer.count)
		return result;
	run = force ? dl_provider_run(scope, target, id) : dl_sink_item(&answer, 0);
	return run ? dl_sink_put(sink, scope, &dl_record_run, run) : -1;
}

/* ------------------------------------------------------------------ identity */

static const struct dl_ci ci = {
	.log_format = {.stamped = true, .streams = true, .returns = true},
	.log_grows = true,
	.lists_at_once = true,
	.runs = gitlab_runs,
	.run = gitlab_run,
	.jobs = dl_gitlab_tree_jobs,
	.job = gitlab_job,
	.log = gitlab_log,
	.commit = dl_gitlab_commit_runs,
	.configured = gitlab_configured,
	.tip = gitlab_tip,
	.workflows = gitlab_workflows,
	.inputs = gitlab_inputs,
	.trigger = gitlab_trigger,
	.rerun = gitlab_rerun,
	.cancel = gitlab_cancel,
	.artifacts = dl_gitlab_tree_archives,
	.artifact = gitlab_artifact,
	.download = gitlab_download,
};

static const struct dl_sign signs[] = {
	{"/", "x-gitlab-meta", NULL},
	{"/", NULL, "_gitlab_session="},
	{"/api/v4/version", "x-gitlab-meta", NULL},
	{"/api/v4/version", NULL, "\"401 Unauthorized\""},
	{NULL, NULL, NULL},
};

static const struct dl_dialect dialect = {
	.headers = (const char *const[]){"Accept: application/json", NULL},
	.message = "message.base[]|message.ref[]|message|error_description|error",
	.explain = gitlab_explain,
};

/* https://docs.gitlab.com/security/tokens/#token-prefixes
 * https://docs.gitlab.com/api/personal_access_tokens/#get-details-on-a-personal-access-token */
static const struct dl_vitals vitals = {
	.self = "/user",
	.login = "username",
	.token = "/personal_access_tokens/self",
	.token_scopes = "scopes",
	.token_expiry = "expires_at",
	.server = "/version",
	.version = "version",
	.kinds = (const struct dl_token_kind[]){
		{"JOB-TOKEN:", "the token of a CI job, which may neither list pipelines nor read logs"},
		{"glpat-", "a personal, project or group access token"},
		{"glcbt-", "the token of a CI job"},
		{"gldt-", "a deploy token, which is for git and packages"},
		{"glptt-", "a trigger token, which starts pipelines and reads nothing"},
		{NULL, NULL},
	},
	.needs = (const struct dl_scope_need[]){
		{"trigger,rerun,cancel,release-begin,release-put,release-finish,release-remove", "api"},
		{"runs,run,jobs,job,logs,checks,workflows,artifacts,download,repo,repos,tree,releases,"
		 "release,release-download,commit",
		 "api,read_api"},
		{"file", "api,read_api,read_repository"},
		{NULL, NULL},
	},
	.help = "https://docs.gitlab.com/user/profile/personal_access_tokens/",
};

/* As in providers/table.c. */
#pragma weak dl_gitlab_registry

const struct dl_provider dl_gitlab = {
	.name = "gitlab",
	.title = "GitLab CI/CD",
	.aliases = (const char *const[]){"gitlab-ci", NULL},
	.host = "gitlab.com",
	.hosts = (const char *const[]){"salsa.debian.org", "gitlab.freedesktop.org", "gitlab.gnome.org",
				       "invent.kde.org", "framagit.org", "gitlab.xfce.org",
				       "gitlab.alpinelinux.org", "gitlab.archlinux.org", "0xacab.org",
				       "gitlab.torproject.org", "gitlab.inria.fr", NULL},
	.ssh_host = "altssh.gitlab.com",
	.remote = true,
	.tree = (const char *const[]){DL_GITLAB_DEFINITION, NULL},
	.token_env = (const char *const[]){"GITLAB_TOKEN", "CI_JOB_TOKEN", NULL},
	.job_token = "CI_JOB_TOKEN",
	.run_env = "CI_PIPELINE_ID",
	.url_env = (const char *const[]){"CI_API_V4_URL", NULL},
	.host_env = (const char *const[]){"GITLAB_HOST", NULL},
	.base = gitlab_base,
	.host_of = gitlab_host_of,
	.project_of = gitlab_project_of,
	.signs = signs,
	.authorize = gitlab_authorize,
	.git_user = gitlab_git_user,
	.dialect = &dialect,
	.vitals = &vitals,
	.ci = &ci,
	.registry = &dl_gitlab_registry,
	.forge = &dl_gitlab_forge,
};
