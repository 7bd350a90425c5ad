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

static int rerun_run(struct dl_scope *scope, const struct dl_call *call, const char *id)
{
	bool failed = ((const struct options *)call->options)->failed;

	return call->target->provider->ci->rerun(scope, call->target, id, failed, call->sink) < 0 ? -1 : 0;
}

static int rerun_runs(struct dl_scope *scope, const struct dl_call *call)
{
	return call->target->provider->ci->rerun ? dl_select_each(scope, call, rerun_run)
						 : dl_provider_lacks(scope, call->target, "rerun");
}

int main(int argc, char **argv)
{
	struct options given = {0};
	struct dl_tool tool;

	if (dl_tool_begin(&tool, &program, argc, argv, &given) == 0)
		dl_tool_each(&tool, rerun_runs);
	return dl_tool_end(&tool);
}
