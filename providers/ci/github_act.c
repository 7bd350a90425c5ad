/* A server says which run it has started, unless it is an old GitHub Enterprise Server, or its answer was
 * lost. Then the run is looked for: one that was started by hand, by us, for the branch, and not before we
 * asked. Where several are like that, or another may be taken for ours, none is named: a wrong run is worse
 * than none. Nothing is ever sent a second time to find out. */
#include "providers/ci/github_act.h"

#include <string.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/base/wait.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/provider/rest.h"
#include "providers/ci/actions_api.h"
#include "providers/ci/github.h"
#include "providers/ci/github_workflow.h"
#include "providers/providers.h"

enum {
	PATIENCE_S = 30,      /* how long a run may take to appear */
	LOST_PATIENCE_S = 10, /* the same when it is not known whether it was started at all */
	LATE_LOOKS = 3,       /* at a run whose id is known already */
	LATE_PAUSE_MS = 500,
};

static const struct dl_route dispatch = {
	.method = "POST", .path = "/repos/{+project}/actions/workflows/{workflow}/dispatches"};
static const struct dl_route rerun_all = {.method = "POST",
					  .path = "/repos/{+project}/actions/runs/{id}/rerun"};
static const struct dl_route rerun_failed = {.method = "POST",
					     .path = "/repos/{+project}/actions/runs/{id}/rerun-failed-jobs"};
static const struct dl_route cancel = {.method = "POST",
				       .path = "/repos/{+project}/actions/runs/{id}/cancel"};
static const struct dl_route force_cancel = {.method = "POST",
					     .path = "/repos/{+project}/actions/runs/{id}/force-cancel"};
static const struct dl_route get_project = {.path = "/repos/{+project}"};

/* ------------------------------------------------------------------ what is started */

/* A workflow that is started. */
struct start {
	const char *workflow; /* as the API takes it */
	const char *branch;   /* or tag */
};

static const char *default_branch(struct dl_scope *scope, const struct dl_target *target)
{
	const struct dl_var vars[] = {{"project", target->project}, {NULL, NULL}};
	const struct dl_json *root = dl_rest_get(scope, target, &get_project, vars);
	const char *branch = dl_json_text(root, "default_branch");

	if (root && !branch)
		dl_fail(scope, DL_DATA, "%s does not say what the default branch is", target->host);
	return branch;
}

/* Says what the answer to TRIGGER means where the server's words do not. Returns -1. */
static int explain(struct dl_scope *scope, const struct dl_target *target, const struct dl_trigger *trigger,
		   const char *branch)
{
	const char *message = scope->error.message;
	int status = scope->error.status;

	if (status == 404) {
		dl_fail_take(scope, &scope->arena);
		dl_fail(scope, DL_MISSING, "%s has no workflow '%s' that can be started",
			dl_text_quote(&scope->arena, target->project),
			dl_text_quote(&scope->arena, trigger->workflow));
		dl_fail_hint(scope, "its file must be on the default branch, and the token may need "
				    "the permission to write actions");
	} else if (status == 422 && strstr(message, "No ref found")) {
		dl_fail_take(scope, &scope->arena);
		dl_fail(scope, DL_MISSING, "%s has no branch or tag '%s'",
			dl_text_quote(&scope->arena, target->project), dl_text_quote(&scope->arena, branch));
		dl_fail_hint(scope, "push it, or name another with -b");
	} else if (status == 422 && strstr(message, "workflow_dispatch")) {
		dl_fail_hint(scope, "add `workflow_dispatch:` below its `on:`, on the default branch, too");
	}
	scope->error.status = status;
	return -1;
}

/* Asks for TRIGGER. As dl_rest_send. */
static int send_trigger(struct dl_scope *scope, const struct dl_target *target,
			const struct dl_trigger *trigger, const struct start *start, struct dl_res *res)
{
	const struct dl_var vars[] = {
		{"project", target->project}, {"workflow", start->workflow}, {NULL, NULL}};
	const char *body = dl_actions_api_request(scope, trigger, start->branch,
						  ",\"return_run_details\":true");
	int result = body ? dl_rest_send(scope, target, &dispatch, vars, body, res) : -1;

	if (result < 0 && (scope->error.status == 400 || scope->error.status == 422) &&
	    strstr(scope->error.message, "return_run_details")) {
		dl_fail_take(scope, &scope->arena);
		body = dl_actions_api_request(scope, trigger, start->branch, "");
		result = dl_rest_send(scope, target, &dispatch, vars, body, res);
	}
	return result < 0 ? explain(scope, target, trigger, start->branch) : result;
}

/* Run ID, which has been started, whether the server shows it or not. */
static int put_started(struct dl_scope *scope, const struct dl_target *target, const struct start *start,
		       const char *id, struct dl_sink *sink)
{
	const struct dl_run *made = dl_actions_api_started(scope, target, id, start->workflow, start->branch);
	const struct dl_run *run = NULL;
	struct dl_scope attempt;
	int look, result, status = 404;

	for (look = 0; look < LATE_LOOKS && !run && status == 404; look++) {
		dl_time_sleep_ms(look ? LATE_PAUSE_MS : 0);
		dl_scope_open(&attempt, NULL);
		run = dl_provider_run(&attempt, target, id);
		status = attempt.error.status;
		result = run ? dl_sink_put(sink, scope, &dl_record_run, run) : 0;
		dl_scope_close(&attempt);
	}
	return run ? result : dl_sink_put(sink, scope, &dl_record_run, made);
}

/* ------------------------------------------------------------------ looking for a run */

/* The run that is looked for, as far as it is known. */
struct wanted {
	const struct start *start;
	const char *branch; /* its short name */
	const char *actor;  /* NULL: the server does not say who we are */
	int64_t since;      /* it was not asked for before */
};

/* Looks once: what may be the run, into FOUND. The list has no filter, since those come from an index that
 * lags behind. */
static int look_once(struct dl_scope *scope, const struct dl_target *target, const struct wanted *wanted,
		     struct dl_sink_list *found)
{
	const struct dl_var vars[] = {
		{"project", target->project}, {"workflow", wanted->start->workflow}, {"branch", NULL},
		{"head_sha", NULL}, {"status", NULL}, {"event", NULL}, {"actor", NULL}, {"created", NULL},
		{"exclude_pull_requests", "true"}, {"per_page", "30"}, {NULL, NULL}};
	const struct dl_json *root = dl_rest_get(scope, target, &dl_github_workflow_runs, vars), *list, *node;
	const struct dl_run *run;

	if (!root)
		return -1;
	list = dl_json_get(root, "workflow_runs");
	for (node = list ? list->child : NULL; node; node = node->next) {
		run = dl_rest_record(scope, target, &dl_github_workflow_runs, node);
		if (!run)
			return -1;
		if (dl_text_same(run->event, "workflow_dispatch") && run->created_at >= wanted->since &&
		    dl_text_same(run->branch, wanted->branch) && !run->of_fork &&
		    (!wanted->actor || dl_text_same(run->actor, wanted->actor)) &&
		    dl_sink_put(&found->sink, scope, &dl_record_run, run) < 0)
			return -1;
	}
	return 0;
}

/* What one look after the other has seen. */
struct sight {
	const char *id;   /* of the run that alone could be the one at the last look; NULL */
	const char *why;  /* it cannot be told which one it is */
	bool found;       /* it has been put */
	bool ended;       /* there is no sense in another look */
	int result;       /* of the sink */
};

/* One more look. A run must be alone twice: another's may appear before ours does. */
static void look_again(struct dl_scope *scope, const struct dl_target *target, const struct wanted *wanted,
		       struct sight *sight, struct dl_wait *wait, struct dl_sink *sink)
{
	const char *id = NULL;
	struct dl_sink_list found;
	struct dl_scope attempt;

	dl_scope_open(&attempt, NULL);
	dl_sink_list(&found, &attempt, 0);
	sight->why = "its run has not appeared yet";
	if (look_once(&attempt, target, wanted, &found) < 0)
		sight->why = dl_arena_string(&scope->arena, attempt.error.message);
	else if (found.count > 1)
		sight->why = "others were, too, and which run is which cannot be told";
	else if (found.count == 1)
		id = ((const struct dl_run *)dl_sink_item(&found, 0))->id;
	sight->found = id && dl_text_same(id, sight->id);
	if (sight->found)
		sight->result = dl_sink_put(sink, scope, &dl_record_run, dl_sink_item(&found, 0));
	sight->id = dl_arena_string(&scope->arena, id);
	sight->ended = !dl_wait_next(wait, &attempt.error) || found.count > 1;
	dl_scope_close(&attempt);
}

/* Puts the run that is wanted into SINK, when it appears within PATIENCE_S seconds. */
static int find_run(struct dl_scope *scope, const struct dl_target *target, const struct wanted *wanted,
		    int patience_s, struct dl_sink *sink)
{
	struct sight sight = {.id = NULL};
	struct dl_wait wait;

	dl_wait_begin(&wait, false);
	do {
		dl_time_sleep_ms(wait.pause_ms);
		look_again(scope, target, wanted, &sight, &wait, sink);
	} while (!sight.found && !sight.ended && dl_wait_seconds(&wait) < patience_s);
	if (sight.found)
		return sight.result;
	dl_fail(scope, DL_PENDING, "%s was started, but %s",
		dl_text_quote(&scope->arena, wanted->start->workflow), sight.why);
	return dl_fail_hint(scope, "before it is started again: dl-runs -e workflow_dispatch -W %s",
			    dl_text_word(&scope->arena, wanted->start->workflow));
}

/* An answer to a start was lost: puts the run, if there is one after all. Else the failure stays. */
static int find_lost(struct dl_scope *scope, const struct dl_target *target, const struct wanted *wanted,
		     struct dl_sink *sink)
{
	struct dl_scope attempt;
	int result;

	dl_scope_open(&attempt, NULL);
	result = find_run(&attempt, target, wanted, LOST_PATIENCE_S, sink);
	dl_scope_close(&attempt);
	if (result >= 0)
		dl_fail_take(scope, &scope->arena);
	else
		dl_fail_hint(scope, "it may have been started all the same: "
				    "look at dl-runs -e workflow_dispatch -W %s",
			     dl_text_word(&scope->arena, wanted->start->workflow));
	return result;
}

int dl_github_act_trigger(struct dl_scope *scope, const struct dl_target *target,
			  const struct dl_trigger *trigger, struct dl_sink *sink)
{
	struct start start = {.branch = dl_github_workflow_branch(scope, target, trigger->branch)};
	struct wanted wanted = {.start = &start};
	int64_t asked_ms;
	struct dl_res res;
	const char *id;
	int result;

	if (dl_actions_api_check_start(scope, target, trigger))
		return -1;
	start.workflow = dl_github_workflow_id(scope, target, trigger->workflow);
	if (!start.branch && start.workflow)
		start.branch = default_branch(scope, target);
	if (!start.workflow || !start.branch)
		return -1;
	asked_ms = dl_time_clock_ms();
	result = send_trigger(scope, target, trigger, &start, &res);
	if (result > 0 || (result < 0 && !dl_fail_lost(&scope->error)))
		return result;
	id = result == 0 ? dl_actions_api_id(scope, &res, "workflow_run_id") : NULL;
	if (id)
		return put_started(scope, target, &start, id, sink);
	wanted.since = dl_http_now(target->http) - (dl_time_clock_ms() - asked_ms) / 1000 - 1;
	wanted.branch = dl_actions_api_name(start.branch);
	wanted.actor = dl_actions_api_user(scope, target);
	return result == 0 ? find_run(scope, target, &wanted, PATIENCE_S, sink)
			   : find_lost(scope, target, &wanted, sink);
}

/* ------------------------------------------------------------------ running again */

int dl_github_act_rerun(struct dl_scope *scope, const struct dl_target *target, const char *id, bool failed,
			struct dl_sink *sink)
{
	const struct dl_var vars[] = {{"project", target->project}, {"id", id}, {NULL, NULL}};
	const struct dl_run *before = dl_provider_run(scope, target, id);
	struct dl_res res;
	int result;

	if (!before || dl_actions_api_check_rerun(scope, before, failed))
		return -1;
	result = dl_rest_send(scope, target, failed ? &rerun_failed : &rerun_all, vars, NULL, &res);
	if (result > 0 || (result < 0 && !dl_fail_lost(&scope->error)))
		return result;
	return dl_actions_api_again(scope, target, before, result < 0 ? LOST_PATIENCE_S : PATIENCE_S, sink);
}

/* ------------------------------------------------------------------ stopping */

int dl_github_act_cancel(struct dl_scope *scope, const struct dl_target *target, const char *id, bool force,
			 struct dl_sink *sink)
{
	const struct dl_var vars[] = {{"project", target->project}, {"id", id}, {NULL, NULL}};
	struct dl_res res;
	int result = dl_rest_send(scope, target, force ? &force_cancel : &cancel, vars, NULL, &res);

	return result == 0 ? target->provider->ci->run(scope, target, id, sink) : result;
}
