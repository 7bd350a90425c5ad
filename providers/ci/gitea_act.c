/* Both can say which run they have started, each asked in its own way: both ways are asked at once. Older
 * ones cannot. They make the run before they answer, so that it is in the list by then, with a number above
 * all that were there when we asked: when there is only one like that, of our workflow, branch and user, it
 * is ours. Where there are several none is named. Nothing is ever sent a second time to find out. */
#include "providers/ci/gitea_act.h"

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
#include "providers/ci/gitea_files.h"
#include "providers/ci/gitea_map.h"
#include "providers/ci/gitea_project.h"
#include "providers/ci/gitea_tasks.h"

enum { PATIENCE_S = 10 }; /* how long something that was done may take to show */

#define RUN "/repos/{+project}/actions/runs/{id}"

/* "return_run_details" is a parameter to Gitea; to Forgejo "return_run_info" is a member of the body. */
static const struct dl_route dispatch = {
	.method = "POST",
	.path = "/repos/{+project}/actions/workflows/{workflow}/dispatches{?return_run_details}",
};
static const struct dl_route rerun_all = {.method = "POST", .path = RUN "/rerun"};
static const struct dl_route rerun_failed = {.method = "POST", .path = RUN "/rerun-failed-jobs"};
static const struct dl_route cancel = {.method = "POST", .path = RUN "/cancel"};
static const struct dl_route force_cancel = {.method = "POST", .path = RUN "/force-cancel"};

/* Sends what acts, which needs FEATURE. As dl_rest_send. A repository that was renamed does not take it under
 * its old name. */
static int act(struct dl_scope *scope, const struct dl_target *target, const struct dl_route *route,
	       const struct dl_var *vars, const char *body, enum dl_gitea_feature feature,
	       struct dl_res *res)
{
	int result = dl_gitea_project_judge(scope, target, feature,
					    dl_rest_send(scope, target, route, vars, body, res));

	if (result != 0 || res->status < 300)
		return result;
	dl_fail(scope, DL_MISSING, "'%s' has another name on %s now",
		dl_text_quote(&scope->arena, target->project), target->host);
	return dl_fail_hint(scope, "dl-runs shows it as the project of its runs");
}

/* A run whose id is not known cannot be acted on. */
static int check_id(struct dl_scope *scope, const struct dl_target *target, const char *id,
		    enum dl_gitea_feature feature)
{
	struct dl_gitea_server server;

	if (!dl_gitea_tasks_is_run(id))
		return 0;
	server = dl_gitea_server_find(scope, target);
	if (dl_gitea_server_has(&server, feature) == 0)
		return dl_gitea_server_refuse(scope, target, &server, feature);
	dl_fail(scope, DL_USAGE, "run %s is known by its number alone", id);
	return dl_fail_hint(scope, "dl-runs with a token shows its id");
}

/* ------------------------------------------------------------------ what is started */

/* What is started, and by which its run is known. */
struct start {
	const char *workflow; /* the file's name */
	const char *branch;   /* or tag, as the API takes it */
	const char *name;     /* its short name */
	const char *user;     /* who we are; NULL: the server does not say */
	int64_t newest;       /* the number of the newest run before; DL_INT_NONE: unknown */
};

/* The newest runs that were started by hand, into LIST: all there is of them, or one page. */
static int list_started(struct dl_scope *scope, const struct dl_target *target, const char *event,
			const char *limit, struct dl_sink_list *list, size_t count)
{
	const struct dl_var vars[] = {
		{"project", target->project}, {"branch", NULL}, {"ref", NULL}, {"head_sha", NULL},
		{"status", NULL}, {"event", event}, {"actor", NULL}, {"workflow_id", NULL},
		{"limit", limit}, {NULL, NULL}};

	dl_sink_list(list, scope, count);
	return dl_rest_list(scope, target, &dl_gitea_map_runs, vars, &list->sink) < 0 ? -1 : 0;
}

/* The number of the newest run; 0: there is none; DL_INT_NONE (no failure): the server does not tell. */
static int64_t newest_run(const struct dl_target *target)
{
	int64_t number = DL_INT_NONE;
	struct dl_sink_list list;
	struct dl_scope attempt;

	dl_scope_open(&attempt, NULL);
	if (list_started(&attempt, target, NULL, "1", &list, 1) == 0)
		number = list.count ? ((const struct dl_run *)dl_sink_item(&list, 0))->number : 0;
	dl_scope_close(&attempt);
	return number;
}

/* Run ID, which has been started, whether the server shows it or not. */
static int put_started(struct dl_scope *scope, const struct dl_target *target, const struct start *start,
		       const char *id, struct dl_sink *sink)
{
	const struct dl_run *made = dl_actions_api_started(scope, target, id, start->workflow, start->name);
	const struct dl_run *run;
	struct dl_scope attempt;
	int result = 0;

	dl_scope_open(&attempt, NULL);
	run = dl_provider_run(&attempt, target, id);
	result = dl_sink_put(sink, scope, &dl_record_run, run ? run : made);
	dl_scope_close(&attempt);
	return result;
}

static bool may_be(const struct start *start, const struct dl_run *run)
{
	return run->number > start->newest && dl_text_same(run->event, "workflow_dispatch") &&
	       dl_text_same(run->workflow, start->workflow) && dl_text_same(run->branch, start->name) &&
	       (!start->user || dl_text_same(run->actor, start->user));
}

/* Looks once for the run of START. 1: it was put, with the sink's answer in *RESULT; 0: not yet; -1: it
 * cannot be told, or SCOPE has failed. */
static int look_once(struct dl_scope *scope, const struct dl_target *target, const struct start *start,
		     struct dl_sink *sink, int *result)
{
	const struct dl_run *run, *found = NULL;
	struct dl_sink_list list;
	size_t i, count = 0;

	if (list_started(scope, target, "workflow_dispatch", "50", &list, 50))
		return -1;
	for (i = 0; i < list.count; i++) {
		run = dl_sink_item(&list, i);
		if (!may_be(start, run))
			continue;
		found = run;
		count++;
	}
	if (count != 1)
		return count ? -1 : 0;
	*result = dl_sink_put(sink, scope, &dl_record_run, found);
	return 1;
}

/* Puts the run of START into SINK when it can be told from others. */
static int find_run(struct dl_scope *scope, const struct dl_target *target, const struct start *start,
		    struct dl_sink *sink)
{
	struct dl_wait wait;
	struct dl_scope attempt;
	int found = 0, result = 0;

	dl_wait_begin(&wait, false);
	while (start->newest != DL_INT_NONE && found == 0 && dl_wait_seconds(&wait) < PATIENCE_S) {
		dl_time_sleep_ms(wait.pause_ms);
		dl_scope_open(&attempt, NULL);
		found = look_once(&attempt, target, start, sink, &result);
		if (!dl_wait_next(&wait, &attempt.error))
			found = found > 0 ? found : -1;
		dl_scope_close(&attempt);
	}
	if (found > 0)
		return result;
	dl_fail(scope, DL_PENDING, "%s was started, but %s does not say which run that is",
		dl_text_quote(&scope->arena, start->workflow), target->host);
	return dl_fail_hint(scope, "before it is started again: dl-runs -e workflow_dispatch -W %s",
			    dl_text_word(&scope->arena, start->workflow));
}

/* Says what a 404 to a start means that the server and the repository do not explain. */
static int explain(struct dl_scope *scope, const struct dl_target *target, const struct start *start)
{
	if (scope->error.class == DL_MISSING && scope->error.status == 404 && !scope->error.hint) {
		dl_fail_take(scope, &scope->arena);
		dl_fail(scope, DL_MISSING, "%s has no workflow '%s' on '%s' that can be started",
			dl_text_quote(&scope->arena, target->project),
			dl_text_quote(&scope->arena, start->workflow),
			dl_text_quote(&scope->arena, start->branch));
		dl_fail_hint(scope,
			     "push the file and the branch; the token may need to be allowed to write");
	} else if (dl_fail_lost(&scope->error)) {
		dl_fail_hint(
			scope,
			"it may have been started all the same: look at dl-runs -e workflow_dispatch -W %s",
			dl_text_word(&scope->arena, start->workflow));
	}
	return -1;
}

int dl_gitea_act_trigger(struct dl_scope *scope, const struct dl_target *target,
			 const struct dl_trigger *trigger, struct dl_sink *sink)
{
	struct start start = {.branch = dl_gitea_project_branch(scope, target, trigger->branch)};
	struct dl_res res;
	const char *id, *body;
	int result;

	if (dl_actions_api_check_start(scope, target, trigger))
		return -1;
	if (!start.branch)
		return -1;
	start.name = dl_actions_api_name(start.branch);
	start.workflow = dl_gitea_files_name(scope, target, trigger->workflow);
	start.newest = target->dry_run ? DL_INT_NONE : newest_run(target);
	body = dl_actions_api_request(scope, trigger, start.branch, ",\"return_run_info\":true");
	const struct dl_var vars[] = {{"project", target->project}, {"workflow", start.workflow},
				      {"return_run_details", "true"}, {NULL, NULL}};
	result = body ? act(scope, target, &dispatch, vars, body, DL_GITEA_DISPATCH, &res) : -1;
	if (result < 0)
		return explain(scope, target, &start);
	if (result > 0)
		return result;
	id = dl_actions_api_id(scope, &res, "workflow_run_id|id");
	if (id)
		return put_started(scope, target, &start, id, sink);
	start.user = dl_actions_api_user(scope, target);
	return find_run(scope, target, &start, sink);
}

/* ------------------------------------------------------------------ running again */

int dl_gitea_act_rerun(struct dl_scope *scope, const struct dl_target *target, const char *id, bool failed,
		       struct dl_sink *sink)
{
	const struct dl_var vars[] = {{"project", target->project}, {"id", id}, {NULL, NULL}};
	const struct dl_run *before;
	struct dl_res res;
	int result;

	if (check_id(scope, target, id, DL_GITEA_RERUN))
		return -1;
	before = dl_provider_run(scope, target, id);
	if (!before || dl_actions_api_check_rerun(scope, before, failed))
		return -1;
	result = act(scope, target, failed ? &rerun_failed : &rerun_all, vars, NULL, DL_GITEA_RERUN, &res);
	return result == 0 ? dl_actions_api_again(scope, target, before, PATIENCE_S, sink) : result;
}

/* ------------------------------------------------------------------ stopping */

/* Forgejo accepts it of a run that is over, and does nothing. */
int dl_gitea_act_cancel(struct dl_scope *scope, const struct dl_target *target, const char *id, bool force,
			struct dl_sink *sink)
{
	const struct dl_var vars[] = {{"project", target->project}, {"id", id}, {NULL, NULL}};
	enum dl_gitea_feature feature = force ? DL_GITEA_FORCE : DL_GITEA_CANCEL;
	const struct dl_run *run;
	struct dl_res res;
	int result;

	if (check_id(scope, target, id, feature))
		return -1;
	run = dl_provider_run(scope, target, id);
	if (!run)
		return -1;
	if (run->status == DL_COMPLETED)
		return dl_fail(scope, DL_REFUSED, "run %s is over", run->id);
	result = act(scope, target, force ? &force_cancel : &cancel, vars, NULL, feature, &res);
	return result == 0 ? target->provider->ci->run(scope, target, id, sink) : result;
}
