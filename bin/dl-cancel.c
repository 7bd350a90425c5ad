/* dl-cancel: stop runs. */
#include "lib/data/record.h"
#include "lib/program/select.h"
#include "lib/program/tool.h"

struct options {
	bool force;
};

static const struct dl_opt options[] = {
	{'f', "force", DL_OPT_FLAG, offsetof(struct options, force), NULL, "do not let the run clean up"},
	{.name = NULL},
};

static const struct dl_program program = {
	.name = "dl-cancel",
	.summary = "stop CI runs",
	.operands = "[REF...|-]",
	.options = options,
	.schema = &dl_record_run,
	.takes = DL_TAKES_REFS,
	.example = "dl-runs -b main -s queued,in_progress | dl-cancel",
};

static int cancel_runs(struct dl_scope *scope, const struct dl_call *call)
{
	const struct dl_ci *ci = call->target->provider->ci;
	const struct options *given = call->options;
	struct dl_names runs;
	int result = 0;
	size_t i;

	if (!ci->cancel)
		return dl_provider_lacks(scope, call->target, "cancel");
	if (dl_select_runs(scope, call->target, call->ref, &runs))
		return -1;
	for (i = 0; i < runs.count && result >= 0; i++)
		result = ci->cancel(scope, call->target, runs.items[i], given->force, call->sink);
	return result;
}

int main(int argc, char **argv)
{
	struct options given = {0};
	struct dl_tool tool;

	if (dl_tool_begin(&tool, &program, argc, argv, &given) == 0)
		dl_tool_each(&tool, cancel_runs);
	return dl_tool_end(&tool);
}
