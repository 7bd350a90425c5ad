#include "lib/hooks/hooks_task.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/data/event.h"
#include "lib/data/schema.h"
#include "lib/data/sink.h"
#include "lib/hooks/hooks.h"

static int put(struct dl_scope *scope, struct dl_hooks_task *task, enum dl_hook_action action,
	       struct dl_hook_line *line)
{
	task->left = task->left || action == DL_HOOK_LEFT;
	line->action = action;
	if (!task->dry_run && action != DL_HOOK_LEFT && action != DL_HOOK_UNCHANGED)
		dl_event_changed(scope, task->event, dl_record_hook_actions[action],
				 line->path ? line->path
					    : dl_arena_format(&scope->arena, "hook." DL_HOOKS_NAME " (%s)",
							      line->scope));
	return dl_sink_put(task->sink, scope, &dl_record_hook, line) < 0 ? -1 : 0;
}

int dl_hooks_task_put(struct dl_scope *scope, struct dl_hooks_task *task, enum dl_hook_action action,
		      const char *path, const char *message)
{
	struct dl_hook_line *line = dl_schema_new(scope, &dl_record_hook);

	line->event = dl_text_starts(strrchr(path, '/'), "/post-push") ? "post-push" : "pre-push";
	line->scope = "file";
	line->path = path;
	line->message = message;
	return put(scope, task, action, line);
}

int dl_hooks_task_put_key(struct dl_scope *scope, struct dl_hooks_task *task, enum dl_hook_action action,
			  const char *command, const char *message)
{
	struct dl_hook_line *line = dl_schema_new(scope, &dl_record_hook);

	line->event = "pre-push";
	line->name = DL_HOOKS_NAME;
	line->scope = dl_hooks_task_scope(task);
	line->command = command;
	line->message = message;
	return put(scope, task, action, line);
}

int dl_hooks_task_config(struct dl_scope *scope, const struct dl_hooks_task *task, const char *how,
			 const char *key, const char *value)
{
	const char *const argv[] = {"config", task->global ? "--global" : "--local", how, key, value, NULL};
	struct dl_proc_result result;

	if (task->dry_run)
		return 0;
	if (dl_git_run(scope, NULL, argv, &result))
		return -1;
	if (result.status == 0)
		return 0;
	dl_fail(scope, DL_SYSTEM, "git cannot change %s in its %s configuration (exit code %d)", key,
		dl_hooks_task_scope(task), result.status);
	return dl_fail_hint(scope, "git config %s %s %s%s%s", argv[1], how, key, value ? " " : "",
			    value ? dl_text_word(&scope->arena, value) : "");
}

bool dl_hooks_task_is_off(void)
{
	const char *value = getenv("DL_HOOKS");

	return value && strcmp(value, "0") == 0;
}

const char *dl_hooks_task_scope(const struct dl_hooks_task *task)
{
	return task->global ? "global" : "local";
}
