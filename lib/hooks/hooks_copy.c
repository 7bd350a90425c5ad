#include "lib/hooks/hooks_copy.h"

#include <string.h>

#include "lib/base/beside.h"
#include "lib/base/buf.h"
#include "lib/base/file.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/hooks/hooks.h"

/* Why the copy of SOURCE cannot be put where FILE is; 0: it can. */
static int check(struct dl_scope *scope, const struct dl_hooks_task *task, const struct dl_hooks *hooks,
		 const struct dl_hooks_file *file, const char *source)
{
	const char *path = dl_text_quote(&scope->arena, file->path);

	if (file->exists && !file->ours)
		return dl_fail(scope, DL_REFUSED, "there is a %s already", path);
	if (hooks->place == DL_HOOKS_OWN || hooks->place == DL_HOOKS_TREE || task->shared)
		return 0;
	dl_fail(scope, DL_REFUSED, "%s is for others, too", path);
	return dl_fail_hint(scope, "cp %s %s", dl_text_word(&scope->arena, source),
			    dl_text_word(&scope->arena, file->path));
}

int dl_hooks_copy(struct dl_scope *scope, struct dl_hooks_task *task, const struct dl_hooks *hooks)
{
	struct dl_hooks_file file = dl_hooks_look(scope, dl_hooks_path(scope, hooks->folder, "post-push"));
	const char *source = dl_beside_hook(scope, "post-push"), *text;

	if (dl_hooks_task_is_off())
		return dl_hooks_task_put(scope, task, DL_HOOK_UNCHANGED, file.path, DL_HOOKS_TASK_OFF);
	if (!source)
		return dl_fail(scope, DL_MISSING,
			       "no hook post-push is installed together with this program");
	if (file.ours == DL_HOOKS_STUB_EDITED)
		return dl_hooks_task_put(scope, task, DL_HOOK_UNCHANGED, file.path, "it has been edited");
	if (check(scope, task, hooks, &file, source))
		return -1;
	text = dl_file_read(scope, source, DL_CAP_CONFIG, NULL);
	text = text ? dl_hooks_stub_copy(scope, "post-push", text) : NULL;
	if (!text)
		return -1;
	if (file.ours && !file.fault && strcmp(text, file.text) == 0)
		return dl_hooks_task_put(scope, task, DL_HOOK_UNCHANGED, file.path, NULL);
	if (!task->dry_run && (dl_file_mkdirs(scope, hooks->folder, 0777) ||
			       dl_file_write(scope, file.path, 0755, text, strlen(text))))
		return -1;
	return dl_hooks_task_put(scope, task, file.ours ? DL_HOOK_UPDATED : DL_HOOK_INSTALLED, file.path,
				 NULL);
}
