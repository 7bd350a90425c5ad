/* dl-rerun: run again, all or only what failed. */
#include "lib/data/record.h"
#include "lib/program/select.h"
#include "lib/program/tool.h"

struct options {
	bool failed;
};

static const struct dl_opt options[] = {
	{0, "failed", DL_OPT_FLAG, offsetof(struct options, failed), NULL,
	 "only the jobs that failed, and what depends on them"},
	{.name = NULL},
};

static const struct dl_program program = {
	.name = "dl-rerun",
	.summary = "run CI runs again",
	.operands = "[REF...|-]",
	.options = options,
	.schema = &dl_record_run,
	.takes = DL_TAKES_REFS,
	.example = "dl-runs -b main -s failure -n 1 | dl-rerun --failed",
};

static int rerun_runs(struct dl_scope *scope, const struct dl_call *call)
{
	const struct dl_ci *ci = call->target->provider->ci;
	const struct options *given = call->options;
	struct dl_names runs;
	int result = 0;
	size_t i;

	if (!ci->rerun)
		return dl_provider_lacks(scope, call->target, "rerun");
	if (dl_select_runs(scope, call->target, call->ref, &runs))
		return -1;
	for (i = 0; i < runs.count && result >= 0; i++)
		result = ci->rerun(scope, call->target, runs.items[i], given->failed, call->sink);
	return result;
}

int main(int argc, char **argv)
{
	struct options given = {0};
	struct dl_tool tool;

	if (dl_tool_begin(&tool, &program, argc, argv, &given) == 0)
		dl_tool_each(&tool, rerun_runs);
	return dl_tool_end(&tool);
}
