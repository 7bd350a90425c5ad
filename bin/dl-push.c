/* dl-push: git push in the foreground, then the CI runs that it has started. */
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/data/push.h"
#include "lib/program/out.h"
#include "lib/program/program.h"
#include "lib/push/foreground.h"
#include "lib/push/porcelain.h"

struct options {
	bool no_wait;
};

static const struct dl_opt options[] = {
	{0, "no-wait", DL_OPT_FLAG, offsetof(struct options, no_wait), NULL,
	 "push, and leave CI to the watcher of dl-gate, if there is one"},
	{.name = NULL},
};

static const struct dl_program program = {
	.name = "dl-push",
	.summary = "push as git does, then wait for CI, whose verdict is the exit code",
	.operands = "[git push's options] [REMOTE [REFSPEC...]]",
	.options = options,
	.schema = &dl_push_schema,
	.takes = DL_TAKES_NOTHING,
	.example = "dl-push -u origin main && echo green",
	.common = "directory,lines,table,field,quiet,dry-run,timeout",
};

static int put(struct dl_scope *scope, const struct dl_porcelain *pushed, struct dl_out *out)
{
	int result = DL_MORE;
	size_t i;

	for (i = 0; i < pushed->count && result == DL_MORE; i++)
		result = dl_sink_put(&out->sink, scope, &dl_push_schema, &pushed->pushes[i]);
	result = result < 0 ? -1 : dl_out_flush(scope, out);
	dl_out_close(out);
	return result;
}

/* Pushes, watches, prints. The exit code is git's own when that has refused something. */
static int push(struct dl_scope *scope, const struct dl_common *common, struct dl_porcelain_args *args,
		const struct options *given, enum dl_class *answer)
{
	struct dl_foreground foreground = {
		.program = program.name, .quiet = args->flags.quiet, .timeout_s = common->timeout_s,
		.hookless = args->flags.no_verify || dl_text_same(getenv("DL_HOOKS"), "0"),
	};
	bool watched = !given->no_wait && !args->flags.dry_run;
	struct dl_porcelain pushed;
	struct dl_out out;

	if (dl_program_out(scope, common, &out) || dl_porcelain_run(scope, args, watched, &pushed))
		return -1;
	dl_foreground_tell(scope, &foreground, &pushed);
	if (watched && pushed.count && dl_foreground_watch(scope, &foreground, &pushed))
		return -1;
	*answer = !pushed.status ? foreground.answer : pushed.status == 1 ? DL_NO : DL_REFUSED;
	return put(scope, &pushed, &out);
}

/* -C is where git is run, whatever the environment says of another place. */
static int enter(struct dl_scope *scope, const char *dir)
{
	if (dir && chdir(dir) < 0)
		return dl_fail_errno(scope, "-C: %s", dl_text_quote(&scope->arena, dir));
	if (dir && (unsetenv("GIT_DIR") || unsetenv("GIT_WORK_TREE") || unsetenv("GIT_COMMON_DIR")))
		return dl_fail_errno(scope, "the environment cannot be changed");
	return 0;
}

int main(int argc, char **argv)
{
	struct dl_scope line, scope;
	struct dl_opt_set sets[] = {{NULL, NULL}, {options, NULL}};
	struct dl_porcelain_args args;
	struct options given = {0};
	struct dl_opt_list operands;
	struct dl_common common;
	enum dl_class answer = DL_OK;

	dl_scope_open(&line, NULL);
	sets[0].table = dl_options_common(&line, &program);
	dl_porcelain_split(&line, sets, sizeof sets / sizeof *sets, argc, argv, &args);
	if (dl_program_begin(&scope, &program, (int)args.ours.count, (char **)(uintptr_t)args.ours.items,
			     &common, &given, &operands) == 0) {
		args.flags.quiet |= common.quiet;
		args.flags.dry_run |= common.dry_run;
		DL_BUG_IF((enter(&scope, common.dir) || push(&scope, &common, &args, &given, &answer) < 0) &&
			  scope.error.class == DL_OK);
	}
	argc = dl_program_end(&scope, &program, answer);
	dl_scope_close(&line);
	return argc;
}
