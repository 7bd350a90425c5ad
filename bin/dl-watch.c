/* dl-watch: wait until runs are over, and tell it; or tell every change. */
#include "lib/ci/watch.h"
#include "lib/data/record.h"
#include "lib/program/tool.h"

struct options {
	struct dl_watch watch;
};

static const struct dl_opt options[] = {
	{0, "events", DL_OPT_FLAG, offsetof(struct options, watch.events), NULL,
	 "print a line for each change, from the first sight on"},
	{0, "interval", DL_OPT_PERIOD, offsetof(struct options, watch.interval_s), "TIME",
	 "look again after TIME instead of 2 s, then longer and longer up to 30 s"},
	{0, "exec", DL_OPT_TEXT, offsetof(struct options, watch.command), "COMMAND",
	 "run the shell command COMMAND for each line, which it reads on standard input"},
	{.name = NULL},
};

static const struct dl_program program = {
	.name = "dl-watch",
	.summary = "wait until CI runs are over, and print each when it is",
	.operands = "[REF...|-]",
	.options = options,
	.schema = &dl_record_run,
	.takes = DL_TAKES_REFS,
	.example = "dl-runs -b main -n 1 | dl-watch && echo green",
};

static int watch_runs(struct dl_scope *scope, const struct dl_call *calls, size_t count)
{
	const struct options *given = calls[0].options;

	return dl_watch_runs(scope, &given->watch, calls, count);
}

int main(int argc, char **argv)
{
	struct options given = {0};
	struct dl_tool tool;

	if (dl_tool_begin(&tool, &program, argc, argv, &given) == 0)
		dl_tool_all(&tool, watch_runs);
	return dl_tool_end(&tool);
}
