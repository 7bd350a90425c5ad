/* GitHub Actions: github.com, GitHub Enterprise Cloud with data residency (*.ghe.com) and GitHub Enterprise
 * Server.
 *
 * What is particular here. Lists with a filter come from a search index that lags behind: when one is empty,
 * the unfiltered list is read before "none" is believed. The order of a list is not the order of age. A
 * branch name alone also means the forks' branches of that name. A 403 can mean five things. Logs answer with
 * a redirect to a storage host that must not see the token.
 *
 * https://docs.github.com/en/rest/actions, https://docs.github.com/en/rest/checks,
 * https://docs.github.com/en/rest/commits/statuses */
#include "providers/ci/github.h"

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
#include "providers/ci/actions.h"
#include "providers/ci/github_act.h"
#include "providers/ci/github_artifact.h"
#include "providers/ci/github_files.h"
#include "providers/ci/github_index.h"
#include "providers/ci/github_workflow.h"
#include "providers/providers.h"

/* ------------------------------------------------------------------ vocabulary */

/* Of runs, jobs, steps and check-runs. */
static const struct dl_state states[] = {
	{"completed", "success", DL_COMPLETED, DL_SUCCESS, false},
	{"completed", "failure", DL_COMPLETED, DL_FAILURE, false},
	{"completed", "startup_failure", DL_COMPLETED, DL_FAILURE, false},
	{"completed", "timed_out", DL_COMPLETED, DL_TIMED_OUT, false},
	{"completed", "cancelled", DL_COMPLETED, DL_CANCELLED, false},
	{"completed", "neutral", DL_COMPLETED, DL_NEUTRAL, false},
	{"completed", "skipped", DL_COMPLETED, DL_SKIPPED, false},
	{"completed", "stale", DL_COMPLETED, DL_STALE, false},
	{"completed", "action_required", DL_COMPLETED, DL_ACTION_REQUIRED, true},
	{"queued", NULL, DL_QUEUED, DL_CONCLUSION_NULL, false},
	{"requested", NULL, DL_QUEUED, DL_CONCLUSION_NULL, false},
	{"pending", NULL, DL_QUEUED, DL_CONCLUSION_NULL, false},
	{"waiting", NULL, DL_IN_PROGRESS, DL_CONCLUSION_NULL, true},
	{"in_progress", NULL, DL_IN_PROGRESS, DL_CONCLUSION_NULL, false},
	{NULL, NULL, DL_STATUS_NULL, DL_CONCLUSION_NULL, false},
};

/* Of commit statuses, which have one word. */
static const struct dl_state status_states[] = {
	{"success", NULL, DL_COMPLETED, DL_SUCCESS, false},
	{"failure", NULL, DL_COMPLETED, DL_FAILURE, false},
	{"error", NULL, DL_COMPLETED, DL_FAILURE, false},
	{"pending", NULL, DL_IN_PROGRESS, DL_CONCLUSION_NULL, false},
	{NULL, NULL, DL_STATUS_NULL, DL_CONCLUSION_NULL, false},
};

static const struct dl_log_mark log_marks[] = {
	{"##[endgroup]", NULL},
	{"##[group]", "> "},
	{"##[command]", "$ "},
	{"##[error]", "error: "},
	{"##[warning]", "warning: "},
	{"##[notice]", "notice: "},
	{"##[debug]", "debug: "},
	{NULL, NULL},
};

/* ------------------------------------------------------------------ maps */

static const struct dl_map run_map[] = {
	{"id", "id", DL_AS_IS},
	{"number", "run_number", DL_AS_IS},
	{"attempt", "run_attempt", DL_AS_IS},
	{"name", "name", DL_AS_IS},
	{"workflow", "path|workflow_id", DL_AS_IS},
	{"branch", "head_branch", DL_AS_IS},
	{"sha", "head_sha", DL_AS_IS},
	{"event", "event", DL_AS_IS},
	{"actor", "actor.login|triggering_actor.login", DL_AS_IS},
	{"created_at", "created_at", DL_AS_IS},
	{"started_at", "run_started_at", DL_AS_IS},
	{"updated_at", "updated_at", DL_AS_IS},
	{"url", "html_url", DL_AS_IS},
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

static const struct dl_map check_map[] = {
	{"id", "id", DL_AS_IS},
	{"name", "name", DL_AS_IS},
	{"sha", "head_sha", DL_AS_IS},
	{"actor", "app.slug", DL_AS_IS},
	{"created_at", "started_at", DL_AS_IS},
	{"started_at", "started_at", DL_AS_IS},
	{"completed_at", "completed_at", DL_AS_IS},
	{"url", "html_url|details_url", DL_AS_IS},
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

/* ------------------------------------------------------------------ finishing records */

/* The title that people know a run by, and whose commit it is, where the branch belongs to a fork. */
static const char *run_metadata(struct dl_scope *scope, const struct dl_json *node)
{
	static const char *const paths[] = {"display_title", "head_repository.full_name", "workflow_id"};
	struct dl_buf out;
	size_t i;

	dl_buf_init(&out, &scope->arena, DL_CAP_LINE);
	for (i = 0; i < sizeof paths / sizeof *paths; i++) {
		const char *value = dl_json_text(node, paths[i]);

		if (!value)
			continue;
		dl_buf_printf(&out, "%s\"%s\":", out.len ? "," : "{",
			      i == 0   ? "title"
			      : i == 1 ? "head_repository"
				       : paths[i]);
		dl_json_quote(&out, value, strlen(value));
	}
	dl_buf_puts(&out, out.len ? "}" : "{}");
	return out.data;
}

/* A repository that was renamed answers under its new name: that is the one to remember. */
static struct dl_target target_of(const struct dl_target *target, const struct dl_json *node)
{
	struct dl_target named = *target;
	const char *name = dl_json_text(node, "repository.full_name");

	if (name)
		named.project = name;
	return named;
}

static int finish_run(struct dl_scope *scope, const struct dl_target *target, const struct dl_json *node,
		      void *record)
{
	struct dl_state_result state = dl_state_find(states, dl_json_text(node, "status"),
						     dl_json_text(node, "conclusion"));
	const struct dl_target named = target_of(target, node);
	const char *head = dl_json_text(node, "head_repository.full_name");
	struct dl_run *run = record;

	if (!run->id)
		return dl_fail(scope, DL_DATA, "%s: a run without an id", target->host);
	run->head = dl_provider_head(&scope->arena, &named, "run", run->id);
	run->workflow = dl_github_workflow_name(run->workflow);
	run->state = state;
	if (state.status == DL_COMPLETED) {
		run->completed_at = run->updated_at;
		run->duration_s = dl_time_between(run->started_at, run->completed_at);
	}
	run->of_fork = head && strcasecmp(head, named.project) != 0;
	run->metadata = run_metadata(scope, node);
	return 0;
}

static int finish_step(struct dl_scope *scope, const struct dl_target *target, const struct dl_json *node,
		       void *record)
{
	struct dl_state_result state = dl_state_find(states, dl_json_text(node, "status"),
						     dl_json_text(node, "conclusion"));
	struct dl_step *step = record;

	(void)scope;
	(void)target;
	step->status = state.status;
	step->conclusion = state.conclusion;
	step->duration_s = dl_time_between(dl_time_parse(dl_json_text(node, "started_at")),
					   dl_time_parse(dl_json_text(node, "completed_at")));
	return 0;
}

static const struct dl_route steps = {
	.schema = &dl_record_step, .map = step_map, .finish = finish_step,
};

static int finish_job(struct dl_scope *scope, const struct dl_target *target, const struct dl_json *node,
		      void *record)
{
	struct dl_state_result state = dl_state_find(states, dl_json_text(node, "status"),
						     dl_json_text(node, "conclusion"));
	struct dl_job *job = record;

	if (!job->id)
		return dl_fail(scope, DL_DATA, "%s: a job without an id", target->host);
	job->head = dl_provider_head(&scope->arena, target, "job", job->id);
	job->state = state;
	job->duration_s = dl_time_between(job->started_at, job->completed_at);
	job->steps.items = dl_rest_records(scope, target, &steps, dl_json_get(node, "steps"),
					   &job->steps.count);
	return job->steps.items ? 0 : -1;
}

/* What a check-run and a commit status have in common when they stand among the runs of a commit. */
static void finish_attached(struct dl_scope *scope, const struct dl_target *target,
			    struct dl_state_result state, const char *event, struct dl_run *run)
{
	run->head = dl_provider_head(&scope->arena, target, "check", run->id);
	run->event = event;
	run->state = state;
}

static int finish_check(struct dl_scope *scope, const struct dl_target *target, const struct dl_json *node,
			void *record)
{
	struct dl_state_result state = dl_state_find(states, dl_json_text(node, "status"),
						     dl_json_text(node, "conclusion"));
	struct dl_run *run = record;

	/* Two apps may call their checks alike. */
	if (run->actor && run->name)
		run->workflow = dl_arena_format(&scope->arena, "%s/%s", run->actor, run->name);
	finish_attached(scope, target, state, "check_run", record);
	return 0;
}

static int finish_status(struct dl_scope *scope, const struct dl_target *target, const struct dl_json *node,
			 void *record)
{
	finish_attached(scope, target, dl_state_find(status_states, dl_json_text(node, "state"), NULL),
			"status", record);
	return 0;
}

/* ------------------------------------------------------------------ routes */

#define FILTERS "branch,head_sha,status,event,actor,created,exclude_pull_requests,per_page"

static const struct dl_route list_runs = {
	.path = "/repos/{+project}/actions/runs{?" FILTERS "}", .items = "workflow_runs",
	.schema = &dl_record_run, .map = run_map, .finish = finish_run, .order = dl_query_newest_first,
};
const struct dl_route dl_github_workflow_runs = {
	.path = "/repos/{+project}/actions/workflows/{workflow}/runs{?" FILTERS "}", .items = "workflow_runs",
	.schema = &dl_record_run, .map = run_map, .finish = finish_run, .order = dl_query_newest_first,
};
static const struct dl_route get_run = {
	.path = "/repos/{+project}/actions/runs/{id}{?exclude_pull_requests}",
	.schema = &dl_record_run, .map = run_map, .finish = finish_run,
};
static const struct dl_route list_jobs = {
	.path = "/repos/{+project}/actions/runs/{id}/jobs{?filter,per_page}", .items = "jobs",
	.schema = &dl_record_job, .map = job_map, .finish = finish_job,
};
static const struct dl_route list_attempt_jobs = {
	.path = "/repos/{+project}/actions/runs/{id}/attempts/{attempt}/jobs{?per_page}", .items = "jobs",
	.schema = &dl_record_job, .map = job_map, .finish = finish_job,
};
static const struct dl_route get_job = {
	.path = "/repos/{+project}/actions/jobs/{id}",
	.schema = &dl_record_job,
	.map = job_map,
	.finish = finish_job,
};
static const struct dl_route get_log = {.path = "/repos/{+project}/actions/jobs/{id}/logs"};
static const struct dl_route list_checks = {
	.path = "/repos/{+project}/commits/{sha}/check-runs{?filter,per_page}", .items = "check_runs",
	.schema = &dl_record_run, .map = check_map, .finish = finish_check,
};
static const struct dl_route list_statuses = {
	.path = "/repos/{+project}/commits/{sha}/status{?per_page}", .items = "statuses",
	.schema = &dl_record_run, .map = status_map, .finish = finish_status,
};
static const struct dl_route get_tip = {.path = "/repos/{+project}/commits/{branch}",
					.accept = "application/vnd.github.sha"};

/* ------------------------------------------------------------------ hosts, credentials, refusals */

static const char *github_base(struct dl_scope *scope, const char *host)
{
	if (strcmp(host, "github.com") == 0 || dl_text_ends(host, ".ghe.com"))
		return dl_arena_format(&scope->arena, "https://api.%s", host);
	return dl_arena_format(&scope->arena, "https://%s/api/v3", host);
}

static const char *github_host_of(struct dl_scope *scope, const char *base)
{
	const char *authority;
	struct dl_url url;

	if (dl_url_parse(scope, base, &url))
		return NULL;
	authority = dl_url_authority(&scope->arena, &url);
	if (strcmp(authority, "api.github.com") == 0 ||
	    (dl_text_starts(authority, "api.") && dl_text_ends(authority, ".ghe.com")))
		return authority + strlen("api.");
	return authority;
}

static const char *github_authorize(struct dl_arena *arena, const char *user, const char *token)
{
	(void)user;
	return dl_arena_format(arena, "Authorization: Bearer %s", token);
}

/* Whether MESSAGE is about the run, which is not over or too old, and not about permissions. */
static bool refuses_rerun(const char *message)
{
	return strcasestr(message, "already running") || strcasestr(message, "cannot be re") ||
	       strcasestr(message, "unable to re");
}

/* Which rule about releases a 422 is about. */
static const struct rule {
	const char *words, *meaning, *hint;
} rules[] = {
	{"immutable release", "the release is immutable: its assets and its tag stay as they are",
	 "give the next release another tag; the tag of an immutable release is never free again"},
	{"ReleaseAsset name already_exists", "there is an asset of that name", NULL},
	{"Release tag_name already_exists", "there is a release of that tag", NULL},
	{"target_commitish", "the commit for the tag is not there", "push it first"},
	{"Repository is empty", "the repository has no commits", "push something first"},
	{"epository rule violations", "a rule of the repository forbids the tag",
	 "the rules are in its settings; or push the tag first, as whom they allow to"},
	{"tag_name", "the tag is not allowed", NULL},
	{"body is too long", "the notes are too long: GitHub takes 125000 characters", NULL},
};

static bool explain_rule(struct dl_scope *scope, const struct dl_target *target, const char *message)
{
	size_t i = 0, count = sizeof rules / sizeof *rules;

	while (i < count && !strcasestr(message, rules[i].words))
		i++;
	if (i == count)
		return false;
	dl_fail(scope, DL_REFUSED, "%s refuses that: %s (%s)", target->host, rules[i].meaning, message);
	if (rules[i].hint)
		dl_fail_hint(scope, "%s", rules[i].hint);
	return true;
}

/* The five meanings of a 403, of which the rate limits are told by their headers (lib/net/http.c) or their
 * words, and a 404 that may be one.
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api */
static int github_explain(struct dl_scope *scope, const struct dl_target *target, const struct dl_res *res,
			  const char *message)
{
	const char *sso = dl_http_header(&scope->arena, res, "x-github-sso");
	const char *needed = dl_http_header(&scope->arena, res, "x-accepted-github-permissions");

	if (message && (res->status == 403 || res->status == 429) && strcasestr(message, "rate limit") &&
	    res->retry_after_s <= 0) {
		dl_fail(scope, DL_LIMITED, "%s limits requests: %s", target->host, message);
		scope->error.retry_after_s = 60;
		return dl_fail_hint(scope, "try again in a minute; more often makes it worse");
	}
	if (res->status == 403 && res->retry_after_s < 0 && dl_text_starts(sso, "required")) {
		dl_fail(scope, DL_AUTH,
			"%s wants the token to be authorised for the organisation's single sign-on",
			target->host);
		return dl_fail_hint(scope, "authorise it: %s",
				    strchr(sso, '=') ? dl_text_quote(&scope->arena, strchr(sso, '=') + 1)
						     : "in the settings of the token");
	}
	if (res->status == 403 && message && refuses_rerun(message))
		return dl_fail(scope, DL_REFUSED, "%s refuses that: %s", target->host, message);
	if (res->status == 403 && res->retry_after_s < 0 && needed) {
		dl_fail(scope, DL_AUTH, "%s forbids that: %s", target->host,
			message ? message : "no permission");
		return dl_fail_hint(scope, "the token needs %s", dl_text_quote(&scope->arena, needed));
	}
	if (res->status == 404) {
		dl_fail(scope, DL_MISSING, "%s has no such thing in %s", target->host,
			dl_text_quote(&scope->arena, target->project));
		return target->auth.header
			       ? dl_fail_hint(scope, "or the token from %s may not see it", target->auth_from)
			       : dl_fail_hint(scope, "a private repository needs a token: set GITHUB_TOKEN, "
						     "or `gh auth login`");
	}
	if (res->status == 409 && message && strcasestr(message, "Repository is empty"))
		return dl_fail(scope, DL_MISSING, "%s has no commits yet",
			       dl_text_quote(&scope->arena, target->project));
	if (res->status == 422 && message && explain_rule(scope, target, message))
		return -1;
	if (res->status == 422 && message && strstr(message, "No commit found"))
		return dl_fail(scope, DL_MISSING, "%s does not know that commit", target->host);
	return 0;
}

/* ------------------------------------------------------------------ operations */

/* The words of the API for the states that are asked for, into WORDS; how many there are. */
enum { MOST_WORDS = sizeof states / sizeof *states };

static size_t api_words(const char *wanted, const char **words)
{
	bool all_completed = dl_text_in("completed", wanted);
	const struct dl_state *row;
	size_t count = 0;

	if (!wanted)
		return 0;
	if (all_completed)
		words[count++] = "completed";
	for (row = states; row->raw_status; row++)
		if (dl_state_wanted(row->status, row->conclusion, row->needs_action, wanted) &&
		    !(all_completed && row->status == DL_COMPLETED))
			words[count++] = row->raw_conclusion ? row->raw_conclusion : row->raw_status;
	return count;
}

static const char *page_size(struct dl_scope *scope, long limit, bool thinned)
{
	long size = limit == 0 || limit > 100 ? 100 : limit;

	return dl_arena_format(&scope->arena, "%ld", thinned && size < 30 ? 30 : size);
}

static int github_workflows(struct dl_scope *scope, const struct dl_target *target, struct dl_sink *sink)
{
	const struct dl_var vars[] = {{"project", target->project}, {"per_page", "100"}, {NULL, NULL}};
	struct dl_github_files_triggers triggers;

	dl_github_files_triggers(&triggers, scope, target, sink);
	return dl_rest_list(scope, target, &dl_github_workflow_list, vars, &triggers.sink);
}

/* Whether the server has to look for what QUERY asks, with WORD as its word for the state. */
static bool is_filtered(const struct dl_run_query *query, const char *word)
{
	return query->branch || query->sha || query->event || query->actor || word ||
	       query->since != DL_TIME_NONE;
}

/* One list of runs: filtered by the server as far as it can, with WORD as its word for the state. */
static int list_filtered(struct dl_scope *scope, const struct dl_target *target,
			 const struct dl_run_query *query, const char *workflow, const char *word,
			 struct dl_sink *sink)
{
	struct dl_github_index index;
	int result;

	dl_github_index(&index, scope, sink);
	do {
		const struct dl_var vars[] = {
			{"project", target->project},
			{"workflow", workflow},
			{"branch", query->branch},
			{"head_sha", query->sha},
			{"status", word},
			{"event", query->event},
			{"actor", query->actor},
			{"created", dl_github_index_created(scope, &index, query->since)},
			{"exclude_pull_requests", "true"},
			{"per_page", page_size(scope, query->limit, query->branch)},
			{NULL, NULL},
		};

		result = dl_rest_list(scope, target, workflow ? &dl_github_workflow_runs : &list_runs, vars,
				      &index.sink);
	} while (result == DL_MORE && is_filtered(query, word) && dl_github_index_goes_on(&index));
	return result;
}

/* The newest page of the list without any filter, which does not come from the index. */
static int list_unfiltered(struct dl_scope *scope, const struct dl_target *target, const char *workflow,
			   struct dl_sink *sink)
{
	const struct dl_run_query everything = {.since = DL_TIME_NONE, .limit = 100};
	struct dl_sink_list page;

	dl_sink_list(&page, scope, 100);
	if (list_filtered(scope, target, &everything, workflow, NULL, &page.sink) < 0)
		return -1;
	return dl_sink_replay(scope, &page, sink);
}

/* Several words for the state are several lists, since the API takes one at a time. */
struct word_lists {
	const struct dl_target *target;
	const struct dl_run_query *query;
	const char *workflow;
	const char *const *words;
};

static int ask_word(struct dl_scope *scope, void *arg, size_t index, struct dl_sink *sink)
{
	const struct word_lists *lists = arg;
	struct dl_query_sink filter;

	dl_query_sink(&filter, lists->query, sink);
	return list_filtered(scope, lists->target, lists->query, lists->workflow, lists->words[index],
			     &filter.sink);
}

static int github_runs(struct dl_scope *scope, const struct dl_target *target,
		       const struct dl_run_query *query, struct dl_sink *sink)
{
	const char *words[MOST_WORDS] = {NULL}, *workflow = NULL;
	struct dl_run_query rest = *query;
	struct word_lists lists = {.target = target, .query = &rest, .words = words};
	struct dl_query_sink filter;
	size_t count = api_words(query->states, words);
	int result;

	if (query->workflow && !(workflow = dl_github_workflow_id(scope, target, query->workflow)))
		return -1;
	/* The server has matched the workflow, by names that the records do not have. */
	rest.workflow = NULL;
	dl_query_sink(&filter, &rest, sink);
	lists.workflow = workflow;
	if (count > 1)
		result = dl_gather_runs(scope, count, ask_word, &lists, &filter.sink);
	else
		result = list_filtered(scope, target, &rest, workflow, words[0], &filter.sink);
	if (result == DL_MORE && (query->states || is_filtered(query, NULL)) && !filter.count)
		result = list_unfiltered(scope, target, workflow, &filter.sink);
	return result;
}

static int github_run(struct dl_scope *scope, const struct dl_target *target, const char *id,
		      struct dl_sink *sink)
{
	const struct dl_var vars[] = {
		{"project", target->project}, {"id", id}, {"exclude_pull_requests", "true"}, {NULL, NULL}};

	return dl_rest_one(scope, target, &get_run, vars, sink);
}

static int github_jobs(struct dl_scope *scope, const struct dl_target *target, const char *id,
		       int64_t attempt, struct dl_sink *sink)
{
	const struct dl_var vars[] = {
		{"project", target->project},
		{"id", id},
		{"attempt", dl_arena_format(&scope->arena, "%lld", (long long)attempt)},
		{"filter", "latest"},
		{"per_page", "100"},
		{NULL, NULL},
	};

	return dl_rest_list(scope, target, attempt ? &list_attempt_jobs : &list_jobs, vars, sink);
}

static int github_job(struct dl_scope *scope, const struct dl_target *target, const char *id,
		      struct dl_sink *sink)
{
	const struct dl_var vars[] = {{"project", target->project}, {"id", id}, {NULL, NULL}};

	return dl_rest_one(scope, target, &get_job, vars, sink);
}

/* A log is there when its job is over, also while the run goes on. Before that the answer is 404, as it is
 * when the log is gone. */
static int github_log(struct dl_scope *scope, const struct dl_target *target, const char *id,
		      struct dl_log_cursor *cursor, struct dl_writer *writer)
{
	const struct dl_var vars[] = {{"project", target->project}, {"id", id}, {NULL, NULL}};
	int64_t end = cursor->offset;
	const struct dl_job *job;
	struct dl_scope attempt;
	struct dl_res res;
	int result;

	dl_scope_open(&attempt, scope);
	result = dl_range_follow(&attempt, target, &get_log, vars, &end, writer, &res);
	cursor->more = false;
	if (end > cursor->offset)
		cursor->offset = end;
	if (result < 0 && attempt.error.status == 404) {
		job = dl_provider_job(scope, target, id);
		cursor->more = job && job->status != DL_COMPLETED;
		if (cursor->more) {
			dl_fail_take(&attempt, &attempt.arena);
			result = 0;
		}
	}
	return dl_scope_close(&attempt) ? -1 : result;
}

/* Check-runs that Actions made for its own jobs say what the runs say. Those that a job made for itself (a
 * test report) count. */
struct foreign_checks {
	struct dl_sink sink;
	struct dl_sink *next;
};

static int put_foreign_check(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
			     const void *record)
{
	struct foreign_checks *checks = (struct foreign_checks *)sink;
	const struct dl_run *run = record;

	if (dl_text_same(run->actor, "github-actions") && run->url && strstr(run->url, "/actions/runs/"))
		return DL_MORE;
	return dl_sink_put(checks->next, scope, schema, record);
}

/* The lists that make up a commit. */
struct commit {
	const struct dl_target *target;
	const char *sha;
};

enum { COMMIT_RUNS, COMMIT_CHECKS, COMMIT_STATUSES, COMMIT_LISTS };

/* A token may be allowed to see runs but not checks (no fine-grained token can): then the runs are what there
 * is. */
static int ask_list(struct dl_scope *scope, void *arg, size_t index, struct dl_sink *sink)
{
	const struct commit *commit = arg;
	const struct dl_target *target = commit->target;
	const struct dl_var vars[] = {{"project", target->project},
				      {"sha", commit->sha},
				      {"filter", "latest"},
				      {"per_page", "100"},
				      {NULL, NULL}};
	struct dl_run_query query = {.sha = commit->sha, .since = DL_TIME_NONE};
	struct foreign_checks checks = {.sink.put = put_foreign_check, .next = sink};
	int result;

	if (index == COMMIT_RUNS)
		return github_runs(scope, target, &query, sink);
	result = index == COMMIT_CHECKS ? dl_rest_list(scope, target, &list_checks, vars, &checks.sink)
					: dl_rest_list(scope, target, &list_statuses, vars, sink);
	if (scope->error.class != DL_AUTH || scope->error.status != 403)
		return result;
	dl_fail_take(scope, &scope->arena);
	return DL_MORE;
}

static int github_commit(struct dl_scope *scope, const struct dl_target *target, const char *sha,
			 struct dl_sink *sink)
{
	struct commit commit = {.target = target, .sha = sha};

	return dl_gather_lists(scope, COMMIT_LISTS, ask_list, &commit, sink);
}

static const char *github_tip(struct dl_scope *scope, const struct dl_target *target, const char *branch)
{
	const struct dl_var vars[] = {
		{"project", target->project}, {"branch", branch ? branch : "HEAD"}, {NULL, NULL}};
	struct dl_res res;

	if (dl_rest_send(scope, target, &get_tip, vars, NULL, &res))
		return NULL;
	res.body[strcspn(res.body, "\r\n")] = '\0';
	if (dl_text_is_sha(res.body))
		return res.body;
	dl_fail(scope, DL_DATA, "%s answered with something else than a commit's hash", target->host);
	return NULL;
}

/* ------------------------------------------------------------------ identity */

static const struct dl_ci ci = {
	.log_format = {.stamped = true, .marks = log_marks},
	.lists_at_once = true,
	.runs = github_runs,
	.run = github_run,
	.jobs = github_jobs,
	.job = github_job,
	.log = github_log,
	.commit = github_commit,
	.configured = dl_github_files_configured,
	.tip = github_tip,
	.workflows = github_workflows,
	.inputs = dl_github_files_inputs,
	.expected = dl_github_files_expected,
	.trigger = dl_github_act_trigger,
	.rerun = dl_github_act_rerun,
	.cancel = dl_github_act_cancel,
	.artifacts = dl_github_artifact_list,
	.artifact = dl_github_artifact_one,
	.download = dl_github_artifact_download,
};

static const struct dl_dialect dialect = {
	.headers = (const char *const[]){"Accept: application/vnd.github+json",
					 "X-GitHub-Api-Version: 2022-11-28", NULL},
	.message = "message",
	.reasons = "errors",
	.explain = github_explain,
};

/* https://github.blog/changelog/2021-03-31-authentication-token-format-updates-are-generally-available/
 * https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps */
static const struct dl_vitals vitals = {
	.self = "/user",
	.login = "login",
	.scopes_header = "x-oauth-scopes",
	.expiry_header = "github-authentication-token-expiration",
	.server = "/meta",
	.version = "installed_version",
	.version_header = "x-github-enterprise-version",
	.kinds = (const struct dl_token_kind[]){
		{"ghp_", "a personal access token (classic)"},
		{"github_pat_", "a fine-grained personal access token"},
		{"gho_", "a token of an OAuth app, such as gh"},
		{"ghu_", "a user's token of a GitHub App"},
		{"ghs_", "a token of an installation or of a workflow's job"},
		{NULL, NULL},
	},
	.needs = (const struct dl_scope_need[]){
		{"trigger,rerun,cancel,release-begin,release-put,release-finish,release-remove,release-abort",
		 "repo,public_repo"},
		{NULL, NULL},
	},
	.help = "https://github.com/settings/tokens",
};

const struct dl_provider dl_github = {
	.name = "github",
	.title = "GitHub Actions",
	.aliases = (const char *const[]){"github-actions", NULL},
	.host = "github.com",
	.host_suffix = ".ghe.com",
	.ssh_host = "ssh.github.com",
	.remote = true,
	.tree = (const char *const[]){".github/workflows/", NULL},
	.token_env = (const char *const[]){"GITHUB_TOKEN", "GH_TOKEN", NULL},
	.url_env = (const char *const[]){"GITHUB_API_URL", NULL},
	.token_command = (const char *const[]){"gh", "auth", "token", "--hostname", NULL},
	.token_command_env = (const char *const[]){"GH_TOKEN", "GITHUB_TOKEN", "GH_ENTERPRISE_TOKEN",
						   "GITHUB_ENTERPRISE_TOKEN", "CODESPACES", NULL},
	.timeout_env = "GITHUB_TIMEOUT",
	.run_env = "GITHUB_RUN_ID",
	.run_project_env = "GITHUB_REPOSITORY",
	.signs = (const struct dl_sign[]){{"/api/v3/meta", "x-github-request-id", NULL}, {NULL, NULL, NULL}},
	.base = github_base,
	.host_of = github_host_of,
	.authorize = github_authorize,
	.dialect = &dialect,
	.vitals = &vitals,
	.ci = &ci,
	.forge = &dl_github_forge,
};
