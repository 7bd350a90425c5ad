/* Gitea Actions and Forgejo Actions: any server, at any path ("https://example.com/git").
 *
 * What is particular here. The API grew version by version, and not alike in the two: runs are asked for
 * first, then the tasks that older servers list, then the statuses that Actions posts for commits. A 404 may
 * be a server that is too old, a repository without Actions, or a token that sees too little; only then is
 * the version asked for. Gitea lists runs to nobody without a token, not even those of public repositories.
 * Some lists say only by their total that there are more pages.
 *
 * https://docs.gitea.com/api/, https://codeberg.org/api/swagger */
#include <string.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/base/url.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/provider/gather.h"
#include "lib/provider/provider.h"
#include "lib/provider/query.h"
#include "lib/provider/range.h"
#include "lib/provider/rest.h"
#include "providers/ci/gitea_act.h"
#include "providers/ci/gitea_artifact.h"
#include "providers/ci/gitea_files.h"
#include "providers/ci/gitea_map.h"
#include "providers/ci/gitea_project.h"
#include "providers/ci/gitea_tasks.h"
#include "providers/providers.h"

static const struct dl_log_mark log_marks[] = {
	{"##[endgroup]", NULL},
	{"##[group]", "> "},
	{"##[command]", "$ "},
	{"##[error]", "error: "},
	{"##[warning]", "warning: "},
	{"##[notice]", "notice: "},
	{"##[debug]", "debug: "},
	{"::endgroup::", NULL},
	{"::group::", "> "},
	{"::error::", "error: "},
	{"::warning::", "warning: "},
	{"::notice::", "notice: "},
	{"::debug::", "debug: "},
	{NULL, NULL},
};

static const struct dl_route get_branch = {.path = "/repos/{+project}/branches/{+branch}"};
static const struct dl_route get_log = {
	.path = "/repos/{+project}/actions/jobs/{id}/logs",
	.headers = dl_range_headers,
};

/* ------------------------------------------------------------------ hosts, credentials, refusals */

#define API "/api/v1"

static const char *gitea_base(struct dl_scope *scope, const char *host)
{
	return dl_arena_format(&scope->arena, "https://%s%s", host, dl_text_ends(host, API) ? "" : API);
}

/* A server that stands below a path has that path in its name. */
static const char *gitea_host_of(struct dl_scope *scope, const char *base)
{
	return dl_url_server(scope, base, API);
}

static const char *gitea_authorize(struct dl_arena *arena, const char *user, const char *token)
{
	(void)user;
	return dl_arena_format(arena, "Authorization: token %s", token);
}

static int gitea_explain(struct dl_scope *scope, const struct dl_target *target, const struct dl_res *res,
			 const char *message)
{
	if (res->status == 401 && !target->auth.header)
		return dl_fail(scope, DL_AUTH, "%s tells that only to whom has a token: %s", target->host,
			       message ? message : "HTTP status 401");
	return 0;
}

/* ------------------------------------------------------------------ runs */

/* Whether ERROR may be only of the list of runs: too old a server has none, and some show it to owners only,
 * or to nobody without a token. */
static bool is_closed(const struct dl_target *target, const struct dl_error *error)
{
	return error->status == 404 || error->status == 405 || error->status == 403 ||
	       (error->status == 401 && !target->auth.header);
}

/* Leaves out what was created before .since, by the time it began where that is all there is: the list is in
 * the order of creation, so that it ends there. */
struct recent {
	struct dl_sink sink;
	struct dl_sink *next;
	int64_t since;
};

static int put_recent(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
		      const void *record)
{
	const struct recent *recent = (struct recent *)sink;
	const struct dl_run *run = record;
	int64_t time = run->created_at == DL_TIME_NONE ? run->started_at : run->created_at;

	if (time != DL_TIME_NONE && time < recent->since)
		return DL_ENOUGH;
	return dl_sink_put(recent->next, scope, schema, record);
}

/* The word by which both know the state that is asked for; NULL: there is none, or more than one. The words
 * of what is not over mean different things to the two. */
static const char *api_word(const char *wanted)
{
	static const char *const words[] = {"success", "failure", "cancelled", "skipped"};
	size_t i;

	for (i = 0; wanted && i < sizeof words / sizeof *words; i++)
		if (strcmp(wanted, words[i]) == 0)
			return words[i];
	return NULL;
}

static const char *page_size(struct dl_scope *scope, const struct dl_run_query *query)
{
	bool thinned = query->states || query->workflow || query->actor || !query->limit;

	return dl_arena_format(&scope->arena, "%ld", thinned || query->limit > 50 ? 50 : query->limit);
}

/* The runs that QUERY asks for, filtered by the server as far as both know the filter; with a BRANCH, by
 * that, too: it finds no tags. */
static int list_runs(struct dl_scope *scope, const struct dl_target *target, const struct dl_run_query *query,
		     const char *branch, struct dl_sink *sink)
{
	const struct dl_var vars[] = {
		{"project", target->project},
		{"branch", branch},
		{"ref", branch ? dl_arena_format(&scope->arena, "refs/heads/%s", branch) : NULL},
		{"head_sha", query->sha},
		{"status", api_word(query->states)},
		{"event", query->event},
		{"actor", query->actor},
		{"workflow_id", query->workflow},
		{"limit", page_size(scope, query)},
		{NULL, NULL},
	};

	return dl_rest_list(scope, target, &dl_gitea_map_runs, vars, sink);
}

/* Tasks do not say who started them. */
static int refuse_actor(struct dl_scope *scope, const struct dl_target *target,
			const struct dl_error *refusal)
{
	struct dl_gitea_server server = dl_gitea_server_find(scope, target);

	if (dl_gitea_server_has(&server, DL_GITEA_RUNS) == 0)
		return dl_gitea_server_refuse(scope, target, &server, DL_GITEA_RUNS);
	scope->error = *refusal;
	return -1;
}

/* The list of runs, or what the list of tasks tells of them. */
static int list_any(struct dl_scope *scope, const struct dl_target *target, const struct dl_run_query *query,
		    struct dl_query_sink *filter)
{
	struct dl_gitea_server server = dl_gitea_server_recall(scope, target);
	struct recent recent = {.sink.put = put_recent, .next = &filter->sink, .since = query->since};
	struct dl_sink *sink = query->since == DL_TIME_NONE ? &filter->sink : &recent.sink;
	struct dl_error refusal = {.class = DL_OK};
	int result = -1;

	if (dl_gitea_server_has(&server, DL_GITEA_RUNS) != 0) {
		result = list_runs(scope, target, query, query->branch, sink);
		if (result == DL_MORE && query->branch && !filter->count)
			result = list_runs(scope, target, query, NULL, sink);
		if (result >= 0 || !is_closed(target, &scope->error))
			return result;
		refusal = dl_fail_take(scope, &scope->arena);
	}
	if (query->actor)
		return refuse_actor(scope, target, &refusal);
	result = dl_gitea_project_judge(scope, target, DL_GITEA_TASKS,
					dl_gitea_tasks_runs(scope, target, query, filter->next));
	if (result < 0 && refusal.class == DL_AUTH)
		scope->error = refusal;
	return result;
}

static int gitea_runs(struct dl_scope *scope, const struct dl_target *target,
		      const struct dl_run_query *query, struct dl_sink *sink)
{
	struct dl_run_query wanted = *query, rest;
	struct dl_query_sink filter;

	if (query->workflow)
		wanted.workflow = dl_gitea_files_name(scope, target, query->workflow);
	rest = wanted;
	rest.since = DL_TIME_NONE;
	dl_query_sink(&filter, &rest, sink);
	return list_any(scope, target, &wanted, &filter);
}

/* Tells whether one of the jobs has not ended. */
struct unfinished {
	struct dl_sink sink;
	bool found;
};

static int look_unfinished(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
			   const void *record)
{
	struct unfinished *unfinished = (struct unfinished *)sink;

	(void)scope;
	(void)schema;
	unfinished->found = ((const struct dl_job *)record)->status != DL_COMPLETED;
	return unfinished->found ? DL_ENOUGH : DL_MORE;
}

/* Some versions say that a run has failed, or was cancelled, as soon as one of its jobs has: it goes on while
 * another does. Where the jobs cannot be seen, it is as it says. */
static void check_end(const struct dl_target *target, struct dl_run *run)
{
	const struct dl_var vars[] = {
		{"project", target->project}, {"id", run->id}, {"limit", "50"}, {NULL, NULL}};
	struct unfinished unfinished = {.sink.put = look_unfinished};
	struct dl_scope attempt;

	if (run->conclusion != DL_FAILURE && run->conclusion != DL_CANCELLED)
		return;
	dl_scope_open(&attempt, NULL);
	if (dl_rest_list(&attempt, target, &dl_gitea_map_jobs, vars, &unfinished.sink) >= 0 &&
	    unfinished.found) {
		run->status = DL_IN_PROGRESS;
		run->conclusion = DL_CONCLUSION_NULL;
		run->completed_at = DL_TIME_NONE;
		run->duration_s = DL_INT_NONE;
	}
	dl_scope_close(&attempt);
}

static int gitea_run(struct dl_scope *scope, const struct dl_target *target, const char *id,
		     struct dl_sink *sink)
{
	const struct dl_var vars[] = {{"project", target->project}, {"id", id}, {NULL, NULL}};
	const struct dl_json *answer;
	struct dl_run *run;

	if (dl_gitea_tasks_is_run(id))
		return dl_gitea_project_judge(scope, target, DL_GITEA_TASKS,
					      dl_gitea_tasks_run(scope, target, id, sink));
	answer = dl_rest_get(scope, target, &dl_gitea_map_run, vars);
	if (!answer)
		return dl_gitea_project_judge(scope, target, DL_GITEA_RUNS, -1);
	run = dl_rest_record(scope, target, &dl_gitea_map_run, answer);
	if (!run)
		return -1;
	check_end(target, run);
	return dl_sink_put(sink, scope, &dl_record_run, run);
}

/* ------------------------------------------------------------------ jobs */

/* Completes the jobs of a run. One that Forgejo knows only together with its run gets both into its id. Until
 * it was told better, Gitea said of each step what it says of the job: that is left out. */
struct placing {
	struct dl_sink sink;
	struct dl_sink *next;
	const struct dl_target *target;
	const char *run;
	int steps; /* whether the server tells of them: 1, 0; -1: not known yet */
};

static void forget_steps(struct dl_scope *scope, struct dl_job *job)
{
	struct dl_step *steps = dl_arena_array(&scope->arena, job->steps.count, sizeof *steps);
	size_t i;

	for (i = 0; i < job->steps.count; i++) {
		steps[i] = ((const struct dl_step *)job->steps.items)[i];
		steps[i].status = DL_STATUS_NULL;
		steps[i].conclusion = DL_CONCLUSION_NULL;
	}
	job->steps.items = steps;
}

static int place_job(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
		     const void *record)
{
	struct placing *placing = (struct placing *)sink;
	struct dl_gitea_server server;
	struct dl_job job;

	memcpy(&job, record, sizeof job);
	if (*job.id == '.') {
		job.id = dl_arena_format(&scope->arena, "%s%s", placing->run, job.id);
		job.ref = dl_provider_ref(&scope->arena, placing->target, "job", job.id);
	}
	if (!job.run_id)
		job.run_id = placing->run;
	if (job.steps.count && placing->steps < 0) {
		server = dl_gitea_server_find(scope, placing->target);
		placing->steps = dl_gitea_server_has(&server, DL_GITEA_STEPS) == 1 ||
				 server.software == DL_GITEA_FORGEJO;
	}
	if (job.steps.count && !placing->steps)
		forget_steps(scope, &job);
	return dl_sink_put(placing->next, scope, schema, &job);
}

static int gitea_jobs(struct dl_scope *scope, const struct dl_target *target, const char *id, int64_t attempt,
		      struct dl_sink *sink)
{
	const struct dl_var vars[] = {
		{"project", target->project},
		{"id", id},
		{"attempt", dl_arena_format(&scope->arena, "%lld", (long long)attempt)},
		{"limit", "50"},
		{NULL, NULL},
	};
	struct placing placing = {
		.sink.put = place_job, .next = sink, .target = target, .run = id, .steps = -1};
	const struct dl_route *route = attempt ? &dl_gitea_map_attempt_jobs : &dl_gitea_map_jobs;

	if (!dl_gitea_tasks_is_run(id))
		return dl_gitea_project_judge(scope, target, attempt ? DL_GITEA_ATTEMPTS : DL_GITEA_JOBS,
					      dl_rest_list(scope, target, route, vars, &placing.sink));
	if (attempt)
		return dl_fail(scope, DL_USAGE, "run %s is known by its number alone, not by attempts", id);
	return dl_gitea_project_judge(scope, target, DL_GITEA_TASKS,
				      dl_gitea_tasks_jobs(scope, target, id, sink));
}

/* Passes on the job of that id. */
struct picking {
	struct dl_sink sink;
	struct dl_sink *next;
	const char *id;
	bool found;
};

static int pick_job(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
		    const void *record)
{
	struct picking *picking = (struct picking *)sink;
	int result;

	if (!dl_text_same(((const struct dl_job *)record)->id, picking->id))
		return DL_MORE;
	picking->found = true;
	result = dl_sink_put(picking->next, scope, schema, record);
	return result == DL_MORE ? DL_ENOUGH : result;
}

/* A job of Forgejo, "RUN.JOB", from the list of its run. */
static int job_of_run(struct dl_scope *scope, const struct dl_target *target, const char *id,
		      struct dl_sink *sink)
{
	const char *run = dl_arena_copy(&scope->arena, id, strcspn(id, "."));
	struct picking picking = {.sink.put = pick_job, .next = sink, .id = id};
	int result = gitea_jobs(scope, target, run, 0, &picking.sink);

	if (result >= 0 && !picking.found)
		return dl_fail(scope, DL_MISSING, "run %s has no job %s", dl_text_quote(&scope->arena, run),
			       dl_text_quote(&scope->arena, id));
	return result < 0 ? -1 : 0;
}

static int gitea_job(struct dl_scope *scope, const struct dl_target *target, const char *id,
		     struct dl_sink *sink)
{
	const struct dl_var vars[] = {{"project", target->project}, {"id", id}, {NULL, NULL}};
	struct placing placing = {.sink.put = place_job, .next = sink, .target = target, .steps = -1};

	if (dl_gitea_tasks_is_job(id))
		return dl_gitea_tasks_job(scope, target, id, sink);
	if (strchr(id, '.'))
		return job_of_run(scope, target, id, sink);
	return dl_gitea_project_judge(scope, target, DL_GITEA_JOBS,
				      dl_rest_one(scope, target, &dl_gitea_map_job, vars, &placing.sink));
}

/* ------------------------------------------------------------------ logs */

/* What job ID is at; DL_STATUS_NULL: it cannot be seen. */
static int job_status(const struct dl_target *target, const char *id)
{
	int status = DL_STATUS_NULL;
	const struct dl_job *job;
	struct dl_scope attempt;

	dl_scope_open(&attempt, NULL);
	job = dl_provider_job(&attempt, target, id);
	if (job)
		status = job->status;
	dl_scope_close(&attempt);
	return status;
}

/* The bytes of a log from CURSOR on. Nothing yet answers 404. */
static int read_log(struct dl_scope *scope, const struct dl_target *target, const char *id, int status,
		    struct dl_log_cursor *cursor, struct dl_writer *writer)
{
	const struct dl_var vars[] = {{"project", target->project}, {"id", id}, {NULL, NULL}};
	int64_t end = cursor->offset;
	struct dl_res res;
	int result = dl_range_follow(scope, target, &get_log, vars, &end, writer, &res);

	if (end > cursor->offset)
		cursor->offset = end;
	if (result < 0 && scope->error.status == 404 && status != DL_STATUS_NULL && cursor->more) {
		dl_fail_take(scope, &scope->arena);
		return 0;
	}
	return dl_gitea_project_judge(scope, target, DL_GITEA_LOGS, result);
}

/* The state of the job is looked at first: what was over by then has all of its log. */
static int gitea_log(struct dl_scope *scope, const struct dl_target *target, const char *id,
		     struct dl_log_cursor *cursor, struct dl_writer *writer)
{
	struct dl_gitea_server server;
	int status;

	if (dl_gitea_tasks_is_job(id)) {
		server = dl_gitea_server_find(scope, target);
		if (dl_gitea_server_has(&server, DL_GITEA_JOBS) == 0)
			return dl_gitea_server_refuse(scope, target, &server, DL_GITEA_JOBS);
		dl_fail(scope, DL_AUTH, "%s did not say which job task %s is of", target->host, id + 1);
		return dl_fail_hint(scope, "with a token it lists the jobs of a run");
	}
	status = cursor->status ? cursor->status : job_status(target, id);
	cursor->more = status != DL_STATUS_NULL && status != DL_COMPLETED;
	if (status == DL_QUEUED)
		return 0;
	if (strchr(id, '.'))
		id = strrchr(id, '.') + 1;
	return read_log(scope, target, id, status, cursor, writer);
}

/* ------------------------------------------------------------------ commits */

/* The two lists that make up a commit, and why one of them cannot be had. */
struct commit {
	const struct dl_target *target;
	const char *sha;
	struct dl_scope refused[2];
};

/* Sets a refusal aside that the other list may make up for. */
static int ask_part(struct dl_scope *scope, void *arg, size_t index, struct dl_sink *sink)
{
	struct commit *commit = arg;
	const struct dl_target *target = commit->target;
	struct dl_run_query query = {.sha = commit->sha, .since = DL_TIME_NONE};
	const struct dl_var vars[] = {
		{"project", target->project}, {"sha", commit->sha}, {"limit", "50"}, {NULL, NULL}};
	int result = index == 0 ? gitea_runs(scope, target, &query, sink)
				: dl_rest_list(scope, target, &dl_gitea_map_statuses, vars, sink);

	if (result >= 0 || (scope->error.class != DL_AUTH && scope->error.class != DL_MISSING &&
			    scope->error.class != DL_UNSUPPORTED))
		return result;
	commit->refused[index].error = dl_fail_take(scope, &commit->refused[index].arena);
	return 0;
}

/* What is not to be had when both lists, or the statuses of a commit that is not there, are not. */
static int check_refusals(struct dl_scope *scope, struct commit *commit)
{
	enum dl_class runs = commit->refused[0].error.class, statuses = commit->refused[1].error.class;

	if (statuses == DL_OK || (runs == DL_OK && statuses == DL_AUTH))
		return 0;
	scope->error = dl_fail_take(&commit->refused[runs == DL_OK], &scope->arena);
	return -1;
}

/* Whether the status at INDEX was posted by Actions for a job of one of the runs in the list. */
static bool is_told(const struct dl_sink_list *list, size_t index)
{
	const struct dl_run *status = dl_sink_item(list, index), *run;
	size_t i;

	for (i = 0; i < list->count; i++) {
		run = dl_sink_item(list, i);
		if (!dl_text_same(run->event, "status") && dl_gitea_map_is_of(status, run))
			return true;
	}
	return false;
}

static int put_commit(struct dl_scope *scope, const struct dl_sink_list *list, struct dl_sink *sink)
{
	int result = DL_MORE;
	size_t i;

	for (i = 0; i < list->count && result == DL_MORE; i++)
		if (!dl_text_same(((const struct dl_run *)dl_sink_item(list, i))->event, "status") ||
		    !is_told(list, i))
			result = dl_sink_put(sink, scope, &dl_record_run, dl_sink_item(list, i));
	return result;
}

static int gitea_commit(struct dl_scope *scope, const struct dl_target *target, const char *sha,
			struct dl_sink *sink)
{
	struct commit commit = {.target = target, .sha = sha};
	struct dl_sink_list list;
	int result;

	dl_scope_open(&commit.refused[0], NULL);
	dl_scope_open(&commit.refused[1], NULL);
	dl_sink_list(&list, scope, 0);
	result = dl_gather_lists(scope, 2, ask_part, &commit, &list.sink);
	if (result >= 0)
		result = check_refusals(scope, &commit);
	if (result >= 0)
		result = put_commit(scope, &list, sink);
	dl_scope_close(&commit.refused[0]);
	dl_scope_close(&commit.refused[1]);
	return result;
}

static const char *gitea_tip(struct dl_scope *scope, const struct dl_target *target, const char *branch)
{
	struct dl_var vars[] = {{"project", target->project}, {"branch", branch}, {NULL, NULL}};
	struct dl_target elsewhere = *target;
	const struct dl_json *answer;
	const char *sha;

	elsewhere.repo = NULL;
	vars[1].value = dl_gitea_project_branch(scope, &elsewhere, branch);
	answer = vars[1].value ? dl_rest_get(scope, target, &get_branch, vars) : NULL;
	sha = dl_json_text(answer, "commit.id");
	if (!answer || (sha && dl_text_is_sha(sha)))
		return sha;
	dl_fail(scope, DL_DATA, "%s answered with something else than a commit's hash", target->host);
	return NULL;
}

/* ------------------------------------------------------------------ identity */

static const struct dl_ci ci = {
	.log_format = {.stamped = true, .marks = log_marks},
	.log_grows = true,
	.lists_at_once = true,
	.runs = gitea_runs,
	.run = gitea_run,
	.jobs = gitea_jobs,
	.job = gitea_job,
	.log = gitea_log,
	.commit = gitea_commit,
	.configured = dl_gitea_files_configured,
	.tip = gitea_tip,
	.workflows = dl_gitea_files_workflows,
	.inputs = dl_gitea_files_inputs,
	.expected = dl_gitea_files_expected,
	.trigger = dl_gitea_act_trigger,
	.rerun = dl_gitea_act_rerun,
	.cancel = dl_gitea_act_cancel,
	.artifacts = dl_gitea_artifact_list,
	.artifact = dl_gitea_artifact_one,
	.download = dl_gitea_artifact_download,
};

static const struct dl_dialect dialect = {
	.headers = (const char *const[]){"Accept: application/json", NULL},
	.message = "message",
	.explain = gitea_explain,
};

/* The version is a number of one's own, and other software has /api/v1/version, too: the header and the
 * cookie of the front page, or what Forgejo adds to its version, tell. */
static const struct dl_sign signs[] = {
	{"/", NULL, "i_like_gitea="},
	{"/", NULL, "i_like_forgejo="},
	{"/", "x-forgejo-version", NULL},
	{"/", "x-gitea-version", NULL},
	{"/api/v1/version", NULL, "+gitea-"},
	{"/api/v1/version", NULL, "i_like_gitea="},
	{NULL, NULL, NULL},
};

/* Nobody's host is the one that a token in the environment is for. */
/* https://docs.gitea.com/api/, "user" and "miscellaneous" */
static const struct dl_vitals vitals = {
	.self = "/user",
	.login = "login",
	.server = "/version",
	.version = "version",
	.help = "https://docs.gitea.com/development/oauth2-provider#scopes",
};

const struct dl_provider dl_gitea = {
	.name = "gitea",
	.title = "Gitea / Forgejo Actions",
	.aliases = (const char *const[]){"forgejo", NULL},
	.hosts = (const char *const[]){"codeberg.org", "gitea.com", "code.forgejo.org", NULL},
	.signs = signs,
	.remote = true,
	.tree = (const char *const[]){".gitea/workflows/", ".forgejo/workflows/", NULL},
	.token_env = (const char *const[]){"GITEA_TOKEN", "FORGEJO_TOKEN", NULL},
	.host_env = (const char *const[]){"GITEA_URL", "FORGEJO_URL", NULL},
	.run_env = "GITHUB_RUN_ID", /* its runner sets the names of GitHub's */
	.run_project_env = "GITHUB_REPOSITORY",
	.base = gitea_base,
	.host_of = gitea_host_of,
	.authorize = gitea_authorize,
	.dialect = &dialect,
	.vitals = &vitals,
	.ci = &ci,
	.forge = &dl_gitea_forge,
};
