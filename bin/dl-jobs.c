/* dl-jobs: list the jobs of runs, with their steps. */
#include <string.h>

#include "lib/data/record.h"
#include "lib/program/select.h"
#include "lib/program/tool.h"

struct options {
	const char *states;
	long attempt;
};

static const struct dl_opt options[] = {
	{'s', "status", DL_OPT_TEXT, offsetof(struct options, states), "STATE",
	 "only jobs that are STATE: failure, queued,in_progress, ..."},
	{0, "attempt", DL_OPT_COUNT, offsetof(struct options, attempt), "N",
	 "the jobs of the run's attempt N instead of the newest"},
	{.name = NULL},
};

static const struct dl_program program = {
	.name = "dl-jobs",
	.summary = "list the jobs of CI runs, with their steps",
	.operands = "[REF...|-]",
	.options = options,
	.schema = &dl_record_job,
	.takes = DL_TAKES_REFS,
	.example = "dl-runs -n 1 | dl-jobs",
};

/* Passes on the jobs that are asked for. */
struct wanted_jobs {
	struct dl_sink sink;
	struct dl_sink *next;
	const char *states;
	long count; /* passed on so far */
};

static int put_wanted(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
		      const void *record)
{
	struct wanted_jobs *wanted = (struct wanted_jobs *)sink;
	const struct dl_job *job = record;

	if (!dl_state_wanted(job->status, job->conclusion, job->needs_action == 1, wanted->states))
		return DL_MORE;
	wanted->count++;
	return dl_sink_put(wanted->next, scope, schema, record);
}

static int list_jobs(struct dl_scope *scope, const struct dl_call *call)
{
	const struct dl_ci *ci = call->target->provider->ci;
	const struct options *given = call->options;
	struct wanted_jobs wanted = {.sink.put = put_wanted, .states = given->states};
	struct dl_sink_first first;
	struct dl_names runs;
	int result = 0;
	size_t i;

	dl_sink_first(&first, call->sink, call->tool->common.limit);
	wanted.next = &first.sink;
	if (!ci->jobs)
		return dl_provider_lacks(scope, call->target, "jobs");
	if (given->states && dl_state_check(scope, given->states))
		return -1;
	if (strcmp(call->ref->kind, "job") == 0)
		runs = (struct dl_names){0};
	else if (dl_select_runs(scope, call->target, call->ref, &runs))
		return -1;
	if (!runs.count)
		result = ci->job(scope, call->target, call->ref->id, &wanted.sink);
	for (i = 0; i < runs.count && result == 0; i++)
		result = ci->jobs(scope, call->target, runs.items[i], given->attempt, &wanted.sink);
	return result < 0 || wanted.count ? result : dl_fail(scope, DL_MISSING, "no such jobs");
}

int main(int argc, char **argv)
{
	struct options given = {0};
	struct dl_tool tool;

	if (dl_tool_begin(&tool, &program, argc, argv, &given) == 0)
		dl_tool_each(&tool, list_jobs);
	return dl_tool_end(&tool);
}
