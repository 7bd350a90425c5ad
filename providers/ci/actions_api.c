#include "providers/ci/actions_api.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/base/wait.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/provider/inputs.h"
#include "lib/provider/rest.h"

static const struct dl_route get_user = {.path = "/user"};

/* ------------------------------------------------------------------ starting */

int dl_actions_api_check_start(struct dl_scope *scope, const struct dl_target *target,
			       const struct dl_trigger *trigger)
{
	if (!trigger->sha)
		return 0;
	dl_fail(scope, DL_USAGE, "%s starts workflows for a branch or tag, not for a commit", target->host);
	return dl_fail_hint(scope, "push a branch or tag that stands at it, and name that with -b");
}

const char *dl_actions_api_request(struct dl_scope *scope, const struct dl_trigger *trigger,
				   const char *branch, const char *more)
{
	struct dl_buf body;

	dl_buf_init(&body, &scope->arena, DL_CAP_LINE);
	dl_buf_puts(&body, "{\"ref\":");
	dl_json_quote(&body, branch, strlen(branch));
	dl_buf_puts(&body, ",\"inputs\":");
	dl_inputs_encode(&body, trigger);
	dl_buf_puts(&body, more);
	dl_buf_putc(&body, '}');
	return dl_buf_check(scope, &body, "the list of inputs") ? NULL : body.data;
}

const char *dl_actions_api_id(struct dl_scope *scope, const struct dl_res *res, const char *path)
{
	const struct dl_json *root = NULL;
	struct dl_scope attempt;
	const char *id;

	dl_scope_open(&attempt, NULL);
	if (res->len)
		root = dl_json_parse(&attempt, res->body, res->len);
	id = dl_arena_string(&scope->arena, dl_json_text(root, path));
	dl_scope_close(&attempt);
	return id && dl_text_int(id) > 0 ? id : NULL;
}

struct dl_run *dl_actions_api_started(struct dl_scope *scope, const struct dl_target *target, const char *id,
				      const char *workflow, const char *branch)
{
	struct dl_run *run = dl_schema_new(scope, &dl_record_run);

	run->head = dl_provider_head(&scope->arena, target, "run", id);
	run->id = id;
	run->workflow = workflow;
	run->branch = branch;
	run->event = "workflow_dispatch";
	run->status = DL_QUEUED;
	return run;
}

const char *dl_actions_api_user(struct dl_scope *scope, const struct dl_target *target)
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

const char *dl_actions_api_name(const char *branch)
{
	if (dl_text_starts(branch, "refs/heads/"))
		return branch + strlen("refs/heads/");
	return dl_text_starts(branch, "refs/tags/") ? branch + strlen("refs/tags/") : branch;
}

/* ------------------------------------------------------------------ running again */

int dl_actions_api_check_rerun(struct dl_scope *scope, const struct dl_run *before, bool failed)
{
	if (before->status != DL_COMPLETED) {
		dl_fail(scope, DL_REFUSED, "run %s is in progress", before->id);
		return dl_fail_hint(scope, "wait for it, or cancel it");
	}
	if (failed && (before->conclusion == DL_SUCCESS || before->conclusion == DL_SKIPPED ||
		       before->conclusion == DL_NEUTRAL)) {
		dl_fail(scope, DL_REFUSED, "nothing failed in run %s", before->id);
		return dl_fail_hint(scope, "it can be run again as a whole");
	}
	return 0;
}

/* Not every server counts attempts. */
static bool is_again(const struct dl_run *run, const struct dl_run *before)
{
	return run->status != DL_COMPLETED || run->attempt > before->attempt ||
	       run->started_at > before->started_at;
}

int dl_actions_api_again(struct dl_scope *scope, const struct dl_target *target, const struct dl_run *before,
			 int patience_s, struct dl_sink *sink)
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
		run = dl_provider_run(&attempt, target, before->id);
		found = run && is_again(run, before);
		if (found)
			result = dl_sink_put(sink, scope, &dl_record_run, run);
		again = !found && dl_wait_next(&wait, &attempt.error) && dl_wait_seconds(&wait) < patience_s;
		dl_scope_close(&attempt);
	} while (again);
	if (found)
		dl_fail_take(scope, &scope->arena);
	return found ? result
		     : dl_fail(scope, DL_PENDING, "run %s was asked to run again, but has not begun yet",
			       before->id);
}

/* ------------------------------------------------------------------ artifacts */

int dl_actions_api_artifact(struct dl_scope *scope, const struct dl_target *target,
			    struct dl_artifact *artifact)
{
	if (!artifact->id || !artifact->name)
		return dl_fail(scope, DL_DATA, "%s: an artifact without an id or a name", target->host);
	artifact->head = dl_provider_head(&scope->arena, target, "artifact", artifact->id);
	artifact->zipped = true;
	return 0;
}

/* By name; of one name the newest first. */
static int by_name_newest_first(const void *a, const void *b)
{
	const struct dl_artifact *one = a, *other = b;
	int64_t id = dl_text_int(one->id), other_id = dl_text_int(other->id);
	int order = strcmp(one->name, other->name);

	if (order)
		return order;
	if (one->created_at != other->created_at)
		return one->created_at > other->created_at ? -1 : 1;
	return (id < other_id) - (id > other_id);
}

int dl_actions_api_newest(struct dl_scope *scope, struct dl_sink_list *artifacts, struct dl_sink *sink)
{
	const struct dl_artifact *artifact, *last = NULL;
	int result = DL_MORE;
	size_t i;

	if (artifacts->count)
		qsort(artifacts->items, artifacts->count, sizeof *artifact, by_name_newest_first);
	for (i = 0; i < artifacts->count && result == DL_MORE; i++) {
		artifact = dl_sink_item(artifacts, i);
		if (!last || strcmp(artifact->name, last->name) != 0)
			result = dl_sink_put(sink, scope, &dl_record_artifact, artifact);
		last = artifact;
	}
	return result;
}
