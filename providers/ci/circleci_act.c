#include "providers/ci/circleci_act.h"

#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/base/wait.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/git/repo.h"
#include "lib/provider/rest.h"
#include "providers/ci/circleci_config.h"
#include "providers/ci/circleci_run.h"

enum { PATIENCE_S = 60, LATE_LOOKS = 5, LATE_PAUSE_MS = 500 };

static const struct dl_route start_pipeline = {.method = "POST", .path = "/api/v2/project/{+slug}/pipeline"};
static const struct dl_route start_definition = {.method = "POST",
						 .path = "/api/v2/project/{+slug}/pipeline/run"};
static const struct dl_route rerun_workflow = {.method = "POST", .path = "/api/v2/workflow/{id}/rerun"};
static const struct dl_route cancel_workflow = {.method = "POST", .path = "/api/v2/workflow/{id}/cancel"};

/* ------------------------------------------------------------------ starting */

/* What is started. */
struct start {
	const char *definition; /* the id of the pipeline definition; NULL */
	const char *workflow;   /* that is waited for; NULL: whichever */
	const char *branch;     /* NULL: the project's default one, or it is a tag */
	const char *tag;
};

/* Which pipeline, and which of its workflows, TRIGGER means. */
static void choose(struct dl_scope *scope, const struct dl_target *target, const struct dl_trigger *trigger,
		   struct start *start)
{
	static const char *const whole[] = {"pipeline", "config.yml", ".circleci/config.yml"};
	size_t i;

	start->workflow = trigger->workflow;
	for (i = 0; i < sizeof whole / sizeof *whole; i++)
		if (dl_text_same(trigger->workflow, whole[i]))
			start->workflow = NULL;
	if (start->workflow && dl_circleci_run_is_uuid(start->workflow)) {
		start->definition = start->workflow;
		start->workflow = NULL;
	}
	if (!start->definition)
		start->definition = dl_json_text(target->config, "definition");
	if (!start->definition)
		start->definition = dl_repo_config(scope, target->repo, "devloop.circleci.definition");
}

/* Whether NAME is, as far as the repository knows, a tag and no branch. */
static bool is_tag(struct dl_scope *scope, const struct dl_target *target, const char *name)
{
	bool is;

	if (!target->repo || dl_repo_tip(scope, target->repo, name))
		return false;
	is = dl_repo_resolve(scope, target->repo, dl_arena_format(&scope->arena, "refs/tags/%s", name));
	dl_fail_take(scope, &scope->arena);
	return is;
}

static void choose_branch(struct dl_scope *scope, const struct dl_target *target, const char *name,
			  struct start *start)
{
	static const char head[] = "refs/heads/", tag[] = "refs/tags/";

	if (!name)
		start->branch = target->repo ? dl_repo_branch(scope, target->repo) : NULL;
	else if (dl_text_starts(name, tag))
		start->tag = name + strlen(tag);
	else if (dl_text_starts(name, head))
		start->branch = name + strlen(head);
	else if (is_tag(scope, target, name))
		start->tag = name;
	else
		start->branch = name;
}

/* Appends `"branch":NAME`, or the tag; nothing when neither is known. */
static void add_point(struct dl_buf *body, const struct start *start)
{
	const char *name = start->tag ? start->tag : start->branch;

	if (!name)
		return;
	dl_buf_printf(body, "\"%s\":", start->tag ? "tag" : "branch");
	dl_json_quote(body, name, strlen(name));
}

/* The request as JSON. NULL: DL_DATA. */
static const char *encode(struct dl_scope *scope, const struct dl_target *target,
			  const struct dl_trigger *trigger, const struct start *start)
{
	bool pointed = start->tag || start->branch;
	struct dl_buf body;

	dl_buf_init(&body, &scope->arena, DL_CAP_LINE);
	dl_buf_putc(&body, '{');
	if (start->definition) {
		dl_buf_puts(&body, "\"definition_id\":");
		dl_json_quote(&body, start->definition, strlen(start->definition));
		dl_buf_puts(&body, ",\"config\":{");
		add_point(&body, start);
		dl_buf_puts(&body, "},\"checkout\":{");
		add_point(&body, start);
		dl_buf_putc(&body, '}');
	} else {
		add_point(&body, start);
	}
	if (trigger->input_count) {
		dl_buf_printf(&body, "%s\"parameters\":", start->definition || pointed ? "," : "");
		dl_circleci_config_arguments(scope, target, trigger, &body);
	}
	dl_buf_putc(&body, '}');
	return dl_buf_check(scope, &body, "the list of inputs") ? NULL : body.data;
}

/* Sends it; the pipeline's id, or NULL: failed, or with *STOPPED in a dry run. */
static const char *send_start(struct dl_scope *scope, const struct dl_target *target,
			      const struct dl_trigger *trigger, const struct start *start, bool *stopped)
{
	const char *slug = dl_circleci_run_project(scope, target), *body, *id;
	const struct dl_var vars[] = {{"slug", slug}, {NULL, NULL}};
	const struct dl_route *route = start->definition ? &start_definition : &start_pipeline;
	const struct dl_json *root;
	struct dl_res res;
	int result;

	body = slug ? encode(scope, target, trigger, start) : NULL;
	if (!body)
		return NULL;
	result = dl_rest_send(scope, target, route, vars, body, &res);
	*stopped = result > 0;
	root = result == 0 ? dl_json_parse(scope, res.body, res.len) : NULL;
	id = dl_json_text(root, "id");
	if (id || !root)
		return id;
	/* A success without a pipeline: the commit's message says that CI is to be skipped, say. */
	dl_fail(scope, DL_REFUSED, "%s started nothing: %s", target->host,
		dl_text_quote(&scope->arena, dl_json_text(root, "message")));
	return NULL;
}

static const struct dl_run *find_named(const struct dl_circleci_run *found, const char *name)
{
	size_t i;

	for (i = 0; i < found->count; i++)
		if (dl_text_same(found->workflows[i].workflow, name))
			return &found->workflows[i];
	return NULL;
}

/* Looks once at what has become of pipeline ID: puts the run that was meant, if it is there, into SINK, whose
 * answer goes to *RESULT. 1: it was; 0: it may yet come. */
static int look(struct dl_scope *scope, const struct dl_target *target, const char *id,
		const struct start *start, struct dl_sink *sink, int *result)
{
	const struct dl_run *named;
	struct dl_circleci_run found;

	if (dl_circleci_run_find(scope, target, id, &found)) {
		if (scope->error.status != 404)
			return -1;
		dl_fail_take(scope, &scope->arena);
		return 0;
	}
	named = start->workflow ? find_named(&found, start->workflow) : NULL;
	if (named || dl_text_same(found.run->raw_status, "errored") || (!start->workflow && found.count)) {
		*result = dl_sink_put(sink, scope, &dl_record_run, named ? named : found.run);
		return 1;
	}
	if (!start->workflow || !found.count || found.open)
		return 0;
	dl_fail(scope, DL_MISSING, "pipeline %lld was started, but has no workflow '%s'",
		(long long)found.run->number, dl_text_quote(&scope->arena, start->workflow));
	return dl_fail_hint(scope, "see %s", found.run->ref);
}

/* Pipeline ID as it is, after it was waited for in vain. */
static int put_as_it_is(struct dl_scope *scope, const struct dl_target *target, const char *id,
			const struct start *start, struct dl_sink *sink)
{
	const char *ref = dl_provider_ref(&scope->arena, target, "run", id);
	struct dl_circleci_run found;

	if (start->workflow) {
		dl_fail(scope, DL_PENDING,
			"the pipeline was started, but its workflow '%s' has not appeared yet",
			dl_text_quote(&scope->arena, start->workflow));
		return dl_fail_hint(scope, "see %s", ref);
	}
	if (dl_circleci_run_find(scope, target, id, &found))
		return dl_fail_hint(scope, "the pipeline was started: see %s", ref);
	return dl_sink_put(sink, scope, &dl_record_run, found.run);
}

/* Looks at pipeline ID until its run has been put into SINK. As `look`. */
static int await(struct dl_scope *scope, const struct dl_target *target, const char *id,
		 const struct start *start, struct dl_sink *sink, int *result)
{
	struct dl_scope attempt;
	struct dl_wait wait;
	bool again = true;
	int seen = 0;

	dl_wait_begin(&wait, false);
	while (again) {
		dl_time_sleep_ms(wait.pause_ms);
		dl_scope_open(&attempt, NULL);
		seen = look(&attempt, target, id, start, sink, result);
		again = seen <= 0 && dl_wait_next(&wait, &attempt.error) &&
			dl_wait_seconds(&wait) < PATIENCE_S;
		if (!again && seen < 0) {
			dl_fail_hint(&attempt, "the pipeline was started: see %s",
				     dl_provider_ref(&attempt.arena, target, "run", id));
			attempt.parent = scope;
		}
		dl_scope_close(&attempt);
	}
	return seen;
}

int dl_circleci_act_trigger(struct dl_scope *scope, const struct dl_target *target,
			    const struct dl_trigger *trigger, struct dl_sink *sink)
{
	struct start start = {.definition = NULL};
	int result = DL_MORE, seen;
	bool stopped = false;
	const char *id;

	if (trigger->sha) {
		dl_fail(scope, DL_USAGE, "%s starts pipelines for a branch or tag, not for a commit",
			target->host);
		return dl_fail_hint(scope, "push a branch or tag that stands at it, and name that with -b");
	}
	choose(scope, target, trigger, &start);
	choose_branch(scope, target, trigger->branch, &start);
	id = send_start(scope, target, trigger, &start, &stopped);
	if (!id)
		return stopped ? 1 : -1;
	seen = await(scope, target, id, &start, sink, &result);
	if (seen < 0)
		return -1;
	return seen ? result : put_as_it_is(scope, target, id, &start, sink);
}

/* ------------------------------------------------------------------ running again */

/* A workflow that has just been made may not be seen at once. */
static int put_new(struct dl_scope *scope, const struct dl_target *target, const char *id,
		   struct dl_sink *sink)
{
	struct dl_circleci_run found;
	int looks = 0;

	while (dl_circleci_run_find(scope, target, id, &found)) {
		if (scope->error.status != 404 || ++looks == LATE_LOOKS)
			return dl_fail_hint(scope, "the workflow was made: see %s",
					    dl_provider_ref(&scope->arena, target, "run", id));
		dl_fail_take(scope, &scope->arena);
		dl_time_sleep_ms(LATE_PAUSE_MS);
	}
	return dl_sink_put(sink, scope, &dl_record_run, found.run);
}

static bool has_failed(const struct dl_run *run)
{
	return run->status == DL_COMPLETED && run->conclusion != DL_SUCCESS &&
	       run->conclusion != DL_SKIPPED && run->conclusion != DL_NEUTRAL;
}

static int rerun_one(struct dl_scope *scope, const struct dl_target *target, const struct dl_run *run,
		     bool failed, struct dl_sink *sink)
{
	const struct dl_var vars[] = {{"id", run->id}, {NULL, NULL}};
	const struct dl_json *root;
	struct dl_res res;
	const char *id;
	int result = dl_rest_send(scope, target, &rerun_workflow, vars,
				  failed ? "{\"from_failed\":true}" : "{}", &res);

	if (result)
		return result;
	root = dl_json_parse(scope, res.body, res.len);
	id = dl_json_text(root, "workflow_id");
	if (!id)
		return dl_fail(scope, DL_DATA, "%s does not say which workflow it made", target->host);
	return put_new(scope, target, id, sink);
}

int dl_circleci_act_rerun(struct dl_scope *scope, const struct dl_target *target, const char *id, bool failed,
			  struct dl_sink *sink)
{
	struct dl_circleci_run found;
	size_t i, due = 0;
	int result = 0;

	if (dl_circleci_run_find(scope, target, id, &found))
		return -1;
	for (i = 0; i < found.count && result >= 0; i++) {
		if (failed && !has_failed(&found.workflows[i]))
			continue;
		due++;
		result = rerun_one(scope, target, &found.workflows[i], failed, sink);
	}
	if (due || result < 0)
		return result;
	if (!found.count)
		return dl_fail(scope, DL_REFUSED, "pipeline %lld has no workflow to run again",
			       (long long)found.run->number);
	dl_fail(scope, DL_REFUSED, "nothing failed in run %s", found.run->id);
	return dl_fail_hint(scope, "it can be run again as a whole");
}

/* ------------------------------------------------------------------ stopping */

int dl_circleci_act_cancel(struct dl_scope *scope, const struct dl_target *target, const char *id, bool force,
			   struct dl_sink *sink)
{
	struct dl_circleci_run found;
	struct dl_res res;
	size_t i, due = 0;
	int result = 0;

	(void)force; /* there is one way */
	if (dl_circleci_run_find(scope, target, id, &found))
		return -1;
	for (i = 0; i < found.count && result >= 0; i++) {
		const struct dl_var vars[] = {{"id", found.workflows[i].id}, {NULL, NULL}};

		if (found.workflows[i].status == DL_COMPLETED)
			continue;
		due++;
		result = dl_rest_send(scope, target, &cancel_workflow, vars, "{}", &res);
	}
	if (result)
		return result;
	if (!due && found.run->status == DL_COMPLETED)
		return dl_fail(scope, DL_REFUSED, "run %s is over", found.run->id);
	if (!due)
		return dl_fail(scope, DL_REFUSED, "pipeline %lld has no workflow to stop yet",
			       (long long)found.run->number);
	if (dl_circleci_run_find(scope, target, id, &found))
		return -1;
	return dl_sink_put(sink, scope, &dl_record_run, found.run);
}
