/* dl-gate: the decision of the pre-push hook: may this push go? */
#include <signal.h>
#include <unistd.h>

#include "lib/base/scope.h"
#include "lib/hooks/gate_probe.h"
#include "lib/program/program.h"
#include "lib/push/gate.h"

static const struct dl_program program = {
	.name = "dl-gate",
	.summary = "decide whether a push may go: the pre-push hook of git",
	.operands = "REMOTE URL",
	.takes = DL_TAKES_NOTHING,
	.example = "dl-gate \"$@\"",
	.text = true,
	.common = "quiet",
};

/* git runs the hook with two arguments. */
static enum dl_class decide(struct dl_scope *scope, const struct dl_common *common,
			    const struct dl_opt_list *operands)
{
	if (dl_gate_probe(scope))
		return DL_NO;
	if (operands->count != 2) {
		dl_fail(scope, DL_USAGE, "a remote and its URL are due, and git's lines on standard input");
		dl_fail_hint(scope, "it is meant to be run by git as the hook pre-push");
		return DL_USAGE;
	}
	return dl_gate_decide(scope, &(struct dl_gate){
		.remote = operands->items[0], .url = operands->items[1], .input = STDIN_FILENO,
		.quiet = common->quiet,
	});
}

int main(int argc, char **argv)
{
	enum dl_class answer = DL_OK;
	struct dl_opt_list operands;
	struct dl_common common;
	struct dl_scope scope;

	/* That nobody reads what is said decides nothing. */
	signal(SIGPIPE, SIG_IGN);
	if (dl_program_begin(&scope, &program, argc, argv, &common, NULL, &operands) == 0)
		answer = decide(&scope, &common, &operands);
	return dl_program_end(&scope, &program, answer);
}
