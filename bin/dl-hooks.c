/* dl-hooks: install, uninstall, show and diagnose the git hooks of a repository. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/data/event.h"
#include "lib/hooks/hooks.h"
#include "lib/hooks/hooks_copy.h"
#include "lib/hooks/hooks_doctor.h"
#include "lib/hooks/hooks_install.h"
#include "lib/hooks/hooks_list.h"
#include "lib/hooks/hooks_uninstall.h"
#include "lib/program/out.h"
#include "lib/program/program.h"

struct options {
	struct dl_hooks_task task;
	bool run;
};

static const struct dl_opt options[] = {
	{0, "global", DL_OPT_FLAG, offsetof(struct options, task.global), NULL,
	 "install, uninstall: in git's global configuration, for all repositories"},
	{0, "global-dir", DL_OPT_FLAG, offsetof(struct options, task.shared), NULL,
	 "install, uninstall: also in a folder of hooks that other repositories may use"},
	{0, "purge", DL_OPT_FLAG, offsetof(struct options, task.purge), NULL,
	 "uninstall: and all that DevLoop keeps in the git dir"},
	{0, "run", DL_OPT_FLAG, offsetof(struct options, run), NULL,
	 "doctor: run the hooks of others, too, to see whether they come to dl-gate"},
	{.name = NULL},
};

static const struct dl_program program = {
	.name = "dl-hooks",
	.summary = "install, uninstall, show (status) and diagnose (doctor) the hooks of git",
	.operands = "[ACTION [HOOK]]",
	.options = options,
	.takes = DL_TAKES_NOTHING,
	.example = "dl-hooks install",
	.common = "directory,lines,table,field,quiet,dry-run",
};

struct work {
	struct dl_scope *scope;
	const struct dl_common *common;
	struct options *given;
	struct dl_hooks hooks; /* unless --global */
	bool post_push;        /* that one is to be installed */
	struct dl_out out;
	enum dl_class answer;
};

static int install(struct work *work)
{
	return (work->post_push ? dl_hooks_copy : dl_hooks_install)(work->scope, &work->given->task,
								    &work->hooks);
}

static int uninstall(struct work *work)
{
	return dl_hooks_uninstall(work->scope, &work->given->task, &work->hooks);
}

static int show(struct work *work)
{
	int result = dl_hooks_list(work->scope, &work->hooks, "pre-push", &work->out.sink);

	return result == DL_MORE ? dl_hooks_list(work->scope, &work->hooks, "post-push", &work->out.sink)
				 : result;
}

static int diagnose(struct work *work)
{
	int result = dl_hooks_doctor(work->scope, &work->hooks, work->given->run, &work->out.sink);

	work->answer = result == 0 ? DL_NO : DL_OK;
	return result;
}

static const struct action {
	const char *name, *operation; /* the latter in the log of events */
	int (*work)(struct work *work);
	bool changes; /* something, so that --global makes sense */
} actions[] = {
	{"status", "hooks-status", show, false}, /* the one that is meant when none is named */
	{"install", "hooks-install", install, true},
	{"uninstall", "hooks-uninstall", uninstall, true},
	{"doctor", "hooks-doctor", diagnose, false},
	{.name = NULL},
};

/* The action that the operands name, and the hook that is to be installed. */
static const struct action *find_action(struct work *work, const struct dl_opt_list *operands)
{
	const char *hook = operands->count > 1 ? operands->items[1] : "pre-push";
	const struct action *action = actions;

	while (operands->count && action->name && strcmp(action->name, operands->items[0]) != 0)
		action++;
	work->post_push = strcmp(hook, "post-push") == 0;
	if (action->name && (operands->count < 2 || (action->work == install && operands->count == 2 &&
						     dl_text_in(hook, "pre-push,post-push"))))
		return action;
	hook = action->name ? operands->items[operands->count - 1] : operands->items[0];
	dl_fail(work->scope, DL_USAGE, "'%s' makes no sense here", dl_text_quote(&work->scope->arena, hook));
	dl_fail_hint(work->scope, "one of these: install [pre-push|post-push], uninstall, status, doctor");
	return NULL;
}

static int act(struct work *work, const struct action *action)
{
	const struct dl_hooks_task *task = &work->given->task;
	const char *dir = work->common->dir;

	if (task->global && (task->shared || !action->changes))
		return dl_fail(work->scope, DL_USAGE, "--global is for install and uninstall, on its own");
	if (dir && (chdir(dir) < 0 || unsetenv("GIT_DIR") || unsetenv("GIT_WORK_TREE") ||
		    unsetenv("GIT_COMMON_DIR")))
		return dl_fail_errno(work->scope, "-C: %s", dl_text_quote(&work->scope->arena, dir));
	if ((!task->global && dl_hooks_open(work->scope, NULL, &work->hooks)) || action->work(work) < 0)
		return -1;
	work->answer = task->left ? DL_NO : work->answer;
	return dl_out_flush(work->scope, &work->out);
}

int main(int argc, char **argv)
{
	int64_t began_ms = dl_time_clock_ms();
	struct options given = {0};
	const struct action *action;
	struct dl_opt_list operands;
	struct dl_common common;
	struct dl_scope scope;
	struct work work = {.scope = &scope, .common = &common, .given = &given};

	if (dl_program_begin(&scope, &program, argc, argv, &common, &given, &operands) == 0 &&
	    (action = find_action(&work, &operands)) && dl_program_out(&scope, &common, &work.out) == 0) {
		given.task.sink = &work.out.sink;
		given.task.dry_run = common.dry_run;
		given.task.event = dl_event_new(&scope, program.name, action->operation, DL_OK);
		DL_BUG_IF(act(&work, action) < 0 && scope.error.class == DL_OK);
		dl_out_close(&work.out);
		given.task.event->detail = work.hooks.top;
		dl_event_end(&scope, given.task.event, began_ms, work.answer);
	}
	return dl_program_end(&scope, &program, work.answer);
}
