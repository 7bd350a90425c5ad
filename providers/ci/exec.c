/* A plugin as a CI system: each operation is one call of the program, as dl-provider(7) says. */
#include <string.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/base/writer.h"
#include "lib/data/record.h"
#include "lib/provider/inputs.h"
#include "lib/provider/query.h"
#include "providers/exec.h"

/* The plugin need not filter: what it prints too much is left out here. */
static int runs(struct dl_scope *scope, const struct dl_target *target, const struct dl_run_query *query,
		struct dl_sink *sink)
{
	struct dl_query_sink filter;
	struct dl_exec exec;

	dl_exec_begin(scope, &exec, target, "runs");
	dl_exec_text(&exec, "branch", query->branch);
	dl_exec_text(&exec, "sha", query->sha);
	dl_exec_text(&exec, "workflow", query->workflow);
	dl_exec_text(&exec, "event", query->event);
	dl_exec_text(&exec, "actor", query->actor);
	dl_exec_text(&exec, "states", query->states);
	dl_exec_text(&exec, "since", dl_time_format(&scope->arena, query->since));
	dl_exec_number(&exec, "limit", query->limit ? query->limit : DL_INT_NONE);
	dl_query_sink(&filter, query, sink);
	return dl_exec_list(scope, &exec, &dl_record_run, &filter.sink);
}

/* The operation on the thing ID that prints that thing. */
static int one(struct dl_scope *scope, const struct dl_target *target, const char *operation, const char *id,
	       const struct dl_schema *schema, struct dl_sink *sink)
{
	struct dl_exec exec;

	dl_exec_begin(scope, &exec, target, operation);
	dl_exec_text(&exec, "id", id);
	return dl_exec_one(scope, &exec, schema, id, sink);
}

static int run(struct dl_scope *scope, const struct dl_target *target, const char *id, struct dl_sink *sink)
{
	return one(scope, target, "run", id, &dl_record_run, sink);
}

static int job(struct dl_scope *scope, const struct dl_target *target, const char *id, struct dl_sink *sink)
{
	return one(scope, target, "job", id, &dl_record_job, sink);
}

static int artifact(struct dl_scope *scope, const struct dl_target *target, const char *id,
		    struct dl_sink *sink)
{
	return one(scope, target, "artifact", id, &dl_record_artifact, sink);
}

static int jobs(struct dl_scope *scope, const struct dl_target *target, const char *id, int64_t attempt,
		struct dl_sink *sink)
{
	struct dl_exec exec;

	dl_exec_begin(scope, &exec, target, "jobs");
	dl_exec_text(&exec, "id", id);
	dl_exec_number(&exec, "attempt", attempt ? attempt : DL_INT_NONE);
	return dl_exec_list(scope, &exec, &dl_record_job, sink);
}

static int artifacts(struct dl_scope *scope, const struct dl_target *target, const char *id,
		     struct dl_sink *sink)
{
	struct dl_exec exec;

	dl_exec_begin(scope, &exec, target, "artifacts");
	dl_exec_text(&exec, "id", id);
	return dl_exec_list(scope, &exec, &dl_record_artifact, sink);
}

static int commit(struct dl_scope *scope, const struct dl_target *target, const char *sha,
		  struct dl_sink *sink)
{
	struct dl_exec exec;

	dl_exec_begin(scope, &exec, target, "checks");
	dl_exec_text(&exec, "sha", sha);
	return dl_exec_list(scope, &exec, &dl_record_run, sink);
}

static int workflows(struct dl_scope *scope, const struct dl_target *target, struct dl_sink *sink)
{
	struct dl_exec exec;

	dl_exec_begin(scope, &exec, target, "workflows");
	return dl_exec_list(scope, &exec, &dl_record_workflow, sink);
}

/* Counts what goes through it. */
struct counter {
	struct dl_writer writer;
	struct dl_writer *next;
	int64_t bytes;
};

static int count(struct dl_writer *writer, struct dl_scope *scope, const char *data, size_t len)
{
	struct counter *counter = (struct counter *)writer;
	int result = counter->next->write(counter->next, scope, data, len);

	if (result == 0)
		counter->bytes += (int64_t)len;
	return result;
}

static int read_log(struct dl_scope *scope, const struct dl_target *target, const char *id,
		    struct dl_log_cursor *cursor, struct dl_writer *writer)
{
	struct counter counter = {.writer.write = count, .next = writer};
	struct dl_exec exec;
	int result;

	dl_exec_begin(scope, &exec, target, "logs");
	exec.pending = true;
	dl_exec_text(&exec, "id", id);
	dl_exec_number(&exec, "offset", cursor->offset);
	result = dl_exec_bytes(scope, &exec, &counter.writer);
	cursor->offset += counter.bytes;
	cursor->more = exec.answer == DL_PENDING;
	return result;
}

static int configured(struct dl_scope *scope, const struct dl_target *target, const char *sha)
{
	struct dl_scope attempt;
	struct dl_exec exec;
	int answer = -1;

	(void)scope;
	dl_scope_open(&attempt, NULL);
	dl_exec_begin(&attempt, &exec, target, "configured");
	exec.no = exec.pending = true;
	dl_exec_text(&exec, "sha", sha);
	if (dl_exec_none(&attempt, &exec) == 0 && exec.answer != DL_PENDING)
		answer = exec.answer == DL_OK;
	dl_scope_close(&attempt);
	return answer;
}

static const char *tip(struct dl_scope *scope, const struct dl_target *target, const char *branch)
{
	struct dl_exec exec;
	const char *sha;

	dl_exec_begin(scope, &exec, target, "tip");
	dl_exec_text(&exec, "branch", branch);
	sha = dl_exec_value(scope, &exec, "sha");
	if (!sha || dl_text_is_sha(sha))
		return sha;
	dl_fail(scope, DL_DATA, "%s: '%s' is no full hash", target->provider->name,
		dl_text_quote(&scope->arena, sha));
	return NULL;
}

static void add_trigger(struct dl_exec *exec, const struct dl_trigger *trigger)
{
	dl_exec_text(exec, "workflow", trigger->workflow);
	dl_exec_text(exec, "branch", trigger->branch);
	dl_exec_text(exec, "sha", trigger->sha);
}

/* A workflow that the plugin has no definition of is judged when it is started. */
static int inputs(struct dl_scope *scope, const struct dl_target *target, const struct dl_trigger *trigger,
		  struct dl_sink *sink)
{
	struct dl_exec exec;
	int result;

	dl_exec_begin(scope, &exec, target, "inputs");
	add_trigger(&exec, trigger);
	result = dl_exec_list(scope, &exec, &dl_record_input, sink);
	if (result < 0 && scope->error.class == DL_MISSING)
		dl_fail_take(scope, &scope->arena);
	return result;
}

static int expected(struct dl_scope *scope, const struct dl_target *target, const char *sha,
		    const char *branch, struct dl_names *names)
{
	struct dl_sink_list list;
	struct dl_scope attempt;
	struct dl_exec exec;
	const char **items;
	int answer = -1;
	size_t i;

	memset(names, 0, sizeof *names);
	dl_scope_open(&attempt, NULL);
	dl_exec_begin(&attempt, &exec, target, "expected");
	exec.pending = true;
	dl_exec_text(&exec, "sha", sha);
	dl_exec_text(&exec, "branch", branch);
	dl_sink_list(&list, &attempt, 0);
	if (dl_exec_list(&attempt, &exec, &dl_record_workflow, &list.sink) == 0) {
		items = dl_arena_array(&scope->arena, list.count, sizeof *items);
		for (i = 0; i < list.count; i++)
			items[i] = dl_arena_string(
				&scope->arena, ((const struct dl_workflow *)dl_sink_item(&list, i))->id);
		*names = (struct dl_names){.items = items, .count = list.count};
		answer = exec.answer == DL_OK;
	}
	dl_scope_close(&attempt);
	return answer;
}

static int trigger_run(struct dl_scope *scope, const struct dl_target *target,
		       const struct dl_trigger *trigger, struct dl_sink *sink)
{
	struct dl_exec exec;

	dl_exec_begin(scope, &exec, target, "trigger");
	exec.acts = true;
	add_trigger(&exec, trigger);
	dl_buf_puts(&exec.query, ",\"inputs\":");
	dl_inputs_encode(&exec.query, trigger);
	return dl_exec_one(scope, &exec, &dl_record_run, NULL, sink);
}

static int rerun(struct dl_scope *scope, const struct dl_target *target, const char *id, bool failed,
		 struct dl_sink *sink)
{
	struct dl_exec exec;

	dl_exec_begin(scope, &exec, target, "rerun");
	exec.acts = true;
	dl_exec_text(&exec, "id", id);
	dl_exec_flag(&exec, "failed", failed);
	return dl_exec_one(scope, &exec, &dl_record_run, NULL, sink);
}

static int cancel(struct dl_scope *scope, const struct dl_target *target, const char *id, bool force,
		  struct dl_sink *sink)
{
	struct dl_exec exec;

	dl_exec_begin(scope, &exec, target, "cancel");
	exec.acts = true;
	dl_exec_text(&exec, "id", id);
	dl_exec_flag(&exec, "force", force);
	return dl_exec_one(scope, &exec, &dl_record_run, id, sink);
}

static int download(struct dl_scope *scope, const struct dl_target *target,
		    const struct dl_artifact *wanted, int64_t *offset, struct dl_writer *writer)
{
	struct dl_exec exec;

	dl_exec_begin(scope, &exec, target, "download");
	dl_exec_text(&exec, "id", wanted->id);
	dl_exec_number(&exec, "offset", *offset);
	return dl_exec_bytes(scope, &exec, writer);
}

const struct dl_ci dl_exec_ci = {
	.log_grows = true,
	.lists_at_once = true,
	.runs = runs,
	.run = run,
	.jobs = jobs,
	.job = job,
	.log = read_log,
	.commit = commit,
	.configured = configured,
	.tip = tip,
	.workflows = workflows,
	.inputs = inputs,
	.expected = expected,
	.trigger = trigger_run,
	.rerun = rerun,
	.cancel = cancel,
	.artifacts = artifacts,
	.artifact = artifact,
	.download = download,
};
