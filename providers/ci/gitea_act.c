/* Both can say which run they have started, each asked in its own way: both ways are asked at once. Older
 * ones cannot. They make the run before they answer, so that it is in the list by then, with a number above
 * all that were there when we asked: when there is only one like that, of our workflow, branch and user, it
 * is ours. Where there are several none is named. Nothing is ever sent a second time to find out. */
#include "providers/ci/gitea_act.h"

#include <string.h>

#include "lib/buf.h"
#include "lib/inputs.h"
#include "lib/json.h"
#include "lib/record.h"
#include "lib/rest.h"
#include "lib/scope.h"
#include "lib/sink.h"
#include "lib/text.h"
#include "lib/time.h"
#include "lib/wait.h"
#include "providers/ci/gitea.h"
#include "providers/ci/gitea_files.h"
#include "providers/ci/gitea_map.h"
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
static const struct dl_route get_user = {.path = "/user"};

static const char *quote(struct dl_scope *scope, const char *text)
{
	return dl_text_quote(&scope->arena, text);
}

/* Run ID as it is now, in SCOPE. NULL: failed. */
static const struct dl_run *read_run(struct dl_scope *scope, const struct dl_target *target, const char *id)
{
	struct dl_sink_list list;

	dl_sink_list(&list, scope, 1);
	return target->provider->ci->run(scope, target, id, &list.sink) < 0 ? NULL : dl_sink_item(&list, 0);
}

/* Sends what acts, which needs FEATURE. As dl_rest_send. A repository that was renamed does not take it under
 * its old name. */
static int act(struct dl_scope *scope, const struct dl_target *target, const struct dl_route *route,
	       const struct dl_var *vars, const char *body, enum dl_gitea_feature feature,
	       struct dl_res *res)
{
	int result = dl_gitea_judge(scope, target, feature,
				    dl_rest_send(scope, target, route, vars, body, res));

	if (result != 0 || res->status < 300)
		return result;
	dl_fail(scope, DL_MISSING, "'%s' has another name on %s now", quote(scope, target->project),
		target->host);
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

static const char *short_name(const char *branch)
{
	if (dl_text_starts(branch, "refs/heads/"))
		return branch + strlen("refs/heads/");
	return dl_text_starts(branch, "refs/tags/") ? branch + strlen("refs/tags/") : branch;
}

static const char *encode(struct dl_scope *scope, const struct dl_trigger *trigger, const char *branch)
{
	struct dl_buf body;

	dl_buf_init(&body, &scope->arena, DL_CAP_LINE);
	dl_buf_puts(&body, "{\"ref\":");
	dl_json_quote(&body, branch, strlen(branch));
	dl_buf_puts(&body, ",\"inputs\":");
	dl_inputs_encode(&body, trigger);
	dl_buf_puts(&body, ",\"return_run_info\":true}");
	return dl_buf_check(scope, &body, "the list of inputs") ? NULL : body.data;
}

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

static const char *find_user(struct dl_scope *scope, const struct dl_target *target)
{
	static const struct dl_var vars[] = {{NULL, NULL}};
	struct dl_scope attempt;
	const char *name;

	dl_scope_open(&attempt, NULL);
	name = dl_arena_string(&scope->arena,
			       dl_json_text(dl_rest_get(&attempt, target, &get_user, vars), "login"));
	dl_scope_close(&attempt);
	return name;
}

/* The id of the run that the answer to a start names; NULL: it names none. */
static const char *id_of(struct dl_scope *scope, const struct dl_res *res)
{
	const struct dl_json *root = NULL;
	struct dl_scope attempt;
	const char *id;

	dl_scope_open(&attempt, NULL);
	if (res->len)
		root = dl_json_parse(&attempt, res->body, res->len);
	id = dl_arena_string(&scope->arena, dl_json_text(root, "workflow_run_id|id"));
	dl_scope_close(&attempt);
	return id && dl_text_int(id) > 0 ? id : NULL;
}

/* Run ID, which has been started, whether the server shows it or not. */
static int put_started(struct dl_scope *scope, const struct dl_target *target, const struct start *start,
		       const char *id, struct dl_sink *sink)
{
	struct dl_run *made = dl_schema_new(scope, &dl_record_run);
	const struct dl_run *run;
	struct dl_scope attempt;
	int result = 0;

	made->head = dl_provider_head(&scope->arena, target, "run", id);
	made->id = id;
	made->workflow = start->workflow;
	made->branch = start->name;
	made->event = "workflow_dispatch";
	made->status = DL_QUEUED;
	dl_scope_open(&attempt, NULL);
	run = read_run(&attempt, target, id);
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
		quote(scope, start->workflow), target->host);
	return dl_fail_hint(scope, "before it is started again: dl-runs -e workflow_dispatch -W %s",
			    quote(scope, start->workflow));
}

static int refuse_commit(struct dl_scope *scope, const struct dl_target *target)
{
	dl_fail(scope, DL_USAGE, "%s starts workflows for a branch or tag, not for a commit", target->host);
	return dl_fail_hint(scope, "push a branch or tag that stands at it, and name that with -b");
}

/* Says what a 404 to a start means that the server and the repository do not explain. */
static int explain(struct dl_scope *scope, const struct dl_target *target, const struct start *start)
{
	if (scope->error.class == DL_MISSING && scope->error.status == 404 && !scope->error.hint) {
		dl_fail_take(scope, &scope->arena);
		dl_fail(scope, DL_MISSING, "%s has no workflow '%s' on '%s' that can be started",
			quote(scope, target->project), quote(scope, start->workflow),
			quote(scope, start->branch));
		dl_fail_hint(scope,
			     "push the file and the branch; the token may need to be allowed to write");
	} else if (scope->error.class == DL_NETWORK) {
		dl_fail_hint(
			scope,
			"it may have been started all the same: look at dl-runs -e workflow_dispatch -W %s",
			quote(scope, start->workflow));
	}
	return -1;
}

int dl_gitea_act_trigger(struct dl_scope *scope, const struct dl_target *target,
			 const struct dl_trigger *trigger, struct dl_sink *sink)
{
	struct start start = {.branch = dl_gitea_branch(scope, target, trigger->branch)};
	struct dl_res res;
	const char *id, *body;
	int result;

	if (trigger->sha)
		return refuse_commit(scope, target);
	if (!start.branch)
		return -1;
	start.name = short_name(start.branch);
	start.workflow = dl_gitea_files_name(scope, target, trigger->workflow);
	start.newest = target->dry_run ? DL_INT_NONE : newest_run(target);
	body = encode(scope, trigger, start.branch);
	const struct dl_var vars[] = {{"project", target->project}, {"workflow", start.workflow},
				      {"return_run_details", "true"}, {NULL, NULL}};
	result = body ? act(scope, target, &dispatch, vars, body, DL_GITEA_DISPATCH, &res) : -1;
	if (result < 0)
		return explain(scope, target, &start);
	if (result > 0)
		return result;
	id = id_of(scope, &res);
	if (id)
		return put_started(scope, target, &start, id, sink);
	start.user = find_user(scope, target);
	return find_run(scope, target, &start, sink);
}

/* ------------------------------------------------------------------ running again */

/* Whether run BEFORE, which must be over, can be run again. */
static int check_over(struct dl_scope *scope, const struct dl_run *before, bool failed)
{
	if (before->status != DL_COMPLETED) {
		dl_fail(scope, DL_REFUSED, "run %s is in progress", before->id);
		return dl_fail_hint(scope, "wait for it, or cancel it");
	}
	if (failed && (before->conclusion == DL_SUCCESS || before->conclusion == DL_SKIPPED)) {
		dl_fail(scope, DL_REFUSED, "nothing failed in run %s", before->id);
		return dl_fail_hint(scope, "it can be run again as a whole");
	}
	return 0;
}

static bool is_again(const struct dl_run *run, const struct dl_run *before)
{
	return run->status != DL_COMPLETED || run->attempt > before->attempt ||
	       run->started_at > before->started_at;
}

/* Puts run BEFORE when the server shows that it goes on. */
static int find_again(struct dl_scope *scope, const struct dl_target *target, const struct dl_run *before,
		      struct dl_sink *sink)
{
	const struct dl_run *run;
	struct dl_scope attempt;
	struct dl_wait wait;
	bool found, again;
	int result = 0;

	dl_wait_begin(&wait, false);
	do {
		dl_time_sleep_ms(wait.pause_ms);
		dl_scope_open(&attempt, NULL);
		run = read_run(&attempt, target, before->id);
		found = run && is_again(run, before);
		if (found)
			result = dl_sink_put(sink, scope, &dl_record_run, run);
		again = !found && dl_wait_next(&wait, &attempt.error) && dl_wait_seconds(&wait) < PATIENCE_S;
		dl_scope_close(&attempt);
	} while (again);
	return found ? result
		     : dl_fail(scope, DL_PENDING, "run %s was asked to run again, but has not begun yet",
			       before->id);
}

int dl_gitea_act_rerun(struct dl_scope *scope, const struct dl_target *target, const char *id, bool failed,
		       struct dl_sink *sink)
{
	const struct dl_var vars[] = {{"project", target->project}, {"id", id}, {NULL, NULL}};
	const struct dl_run *before;
	struct dl_res res;
	int result;

	if (check_id(scope, target, id, DL_GITEA_RERUN))
		return -1;
	before = read_run(scope, target, id);
	if (!before || check_over(scope, before, failed))
		return -1;
	result = act(scope, target, failed ? &rerun_failed : &rerun_all, vars, NULL, DL_GITEA_RERUN, &res);
	return result == 0 ? find_again(scope, target, before, sink) : result;
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
	run = read_run(scope, target, id);
	if (!run)
		return -1;
	if (run->status == DL_COMPLETED)
		return dl_fail(scope, DL_REFUSED, "run %s is over", run->id);
	result = act(scope, target, force ? &force_cancel : &cancel, vars, NULL, feature, &res);
	return result == 0 ? target->provider->ci->run(scope, target, id, sink) : result;
}
