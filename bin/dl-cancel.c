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

static int cancel_run(struct dl_scope *scope, const struct dl_call *call, const char *id)
{
	bool force = ((const struct options *)call->options)->force;

	return call->target->provider->ci->cancel(scope, call->target, id, force, call->sink) < 0 ? -1 : 0;
}

static int cancel_runs(struct dl_scope *scope, const struct dl_call *call)
{
	return call->target->provider->ci->cancel ? dl_select_each(scope, call, cancel_run)
						  : dl_provider_lacks(scope, call->target, "cancel");
}

int main(int argc, char **argv)
{
	struct options given = {0};
	struct dl_tool tool;

	if (dl_tool_begin(&tool, &program, argc, argv, &given) == 0)
		dl_tool_each(&tool, cancel_runs);
	return dl_tool_end(&tool);
}
