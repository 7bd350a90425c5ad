/* dl-logs: print the logs of runs or jobs; follow a running one. */
#include <string.h>

#include "lib/ci/follow.h"
#include "lib/data/record.h"
#include "lib/program/select.h"
#include "lib/program/tool.h"

enum { MOST_TAIL = 1000000 };

struct options {
	struct dl_follow follow;
};

static const struct dl_opt options[] = {
	{0, "failed", DL_OPT_FLAG, offsetof(struct options, follow.failed), NULL,
	 "only the jobs that failed"},
	{0, "job", DL_OPT_TEXT, offsetof(struct options, follow.job), "NAME",
	 "only the jobs called NAME; `*` and `?` match"},
	{0, "tail", DL_OPT_COUNT, offsetof(struct options, follow.tail), "N",
	 "only the last N lines of each job"},
	{'f', "follow", DL_OPT_FLAG, offsetof(struct options, follow.follow), NULL,
	 "go on until the run is over"},
	{0, "raw", DL_OPT_FLAG, offsetof(struct options, follow.raw), NULL,
	 "the log as the provider keeps it: time stamps, escapes and all"},
	{0, "attempt", DL_OPT_COUNT, offsetof(struct options, follow.attempt), "N",
	 "the logs of the run's attempt N instead of the newest"},
	{.name = NULL},
};

static const struct dl_program program = {
	.name = "dl-logs",
	.summary = "print the logs of CI runs or jobs",
	.operands = "[REF...|-]",
	.options = options,
	.schema = &dl_record_log,
	.takes = DL_TAKES_REFS,
	.example = "dl-runs -s failure -n 1 | dl-logs --failed",
	.text = true,
};

static int print_run(struct dl_scope *scope, const struct dl_call *call, const char *id)
{
	return dl_follow_run(scope, call, &((const struct options *)call->options)->follow, id);
}

static int print_logs(struct dl_scope *scope, const struct dl_call *call)
{
	const struct options *given = call->options;

	if (!call->target->provider->ci->log)
		return dl_provider_lacks(scope, call->target, "logs");
	if (given->follow.tail > MOST_TAIL)
		return dl_fail(scope, DL_USAGE, "--tail: at most %d", MOST_TAIL);
	if (strcmp(call->ref->kind, "job") == 0)
		return dl_follow_job(scope, call, &given->follow, call->ref->id);
	return dl_select_each(scope, call, print_run);
}

int main(int argc, char **argv)
{
	struct options given = {0};
	struct dl_tool tool;

	if (dl_tool_begin(&tool, &program, argc, argv, &given) == 0)
		dl_tool_each(&tool, print_logs);
	return dl_tool_end(&tool);
}
