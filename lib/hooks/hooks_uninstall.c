/* Other tools rename a hook that is in their way, so ours is looked for under those names, too. Where it is
 * found, there the user's own goes that it ran: lefthook, say, will give that its name back in its time. */
#include "lib/hooks/hooks_uninstall.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/data/event.h"
#include "lib/hooks/hooks.h"
#include "lib/hooks/hooks_note.h"

/* Where a hook of ours may stand. */
static const char *const names[] = {
	"pre-push", "pre-push.legacy", "pre-push.old", "post-push", "post-push.old", NULL,
};

static const char *quote(struct dl_scope *scope, const char *text)
{
	return dl_text_quote(&scope->arena, text);
}

/* ------------------------------------------------------------------ git's configuration */

/* The event goes first: with that and without a command git runs no hook at all. */
static int uninstall_key(struct dl_scope *scope, struct dl_hooks_task *task,
			 const struct dl_git_config *config)
{
	static const char command_key[] = "hook." DL_HOOKS_NAME ".command";
	static const char event_key[] = "hook." DL_HOOKS_NAME ".event";
	const char *where = dl_hooks_task_scope(task);
	const char *command = dl_git_get_in(config, where, command_key);
	const char *event = dl_git_get_in(config, where, event_key);

	if (!command && !event)
		return 0;
	if (command && !dl_hooks_stub_is_command(scope, command))
		return dl_hooks_task_put_key(scope, task, DL_HOOK_LEFT, command, "it has been edited");
	if (event && dl_hooks_task_config(scope, task, "--unset-all", event_key, "^pre-push$"))
		return -1;
	if (command && dl_hooks_task_config(scope, task, "--unset-all", command_key, NULL))
		return -1;
	return dl_hooks_task_put_key(scope, task, DL_HOOK_REMOVED, command, NULL);
}

/* ------------------------------------------------------------------ files */

/* PREVIOUS, which dl-hooks has kept, gets the name PATH; what is there goes. */
static int restore(struct dl_scope *scope, struct dl_hooks_task *task, const char *previous, const char *path)
{
	if (!task->dry_run && rename(previous, path) < 0)
		return dl_fail_errno(scope, "cannot give %s the name %s", quote(scope, previous),
				     quote(scope, path));
	return dl_hooks_task_put(scope, task, DL_HOOK_RESTORED, path, "the one that was there before");
}

static const char *previous_of(struct dl_scope *scope, const char *path)
{
	return dl_arena_format(&scope->arena, "%.*s/" DL_HOOKS_STUB_PREVIOUS,
			       (int)(strrchr(path, '/') - path), path);
}

int dl_hooks_uninstall_file(struct dl_scope *scope, struct dl_hooks_task *task, const char *path)
{
	struct dl_hooks_file file = dl_hooks_look(scope, path);
	const char *previous = previous_of(scope, path);

	if (dl_hooks_stub_is_chained(file.text) && dl_hooks_look(scope, previous).exists)
		return restore(scope, task, previous, path);
	if (!task->dry_run && unlink(path) < 0)
		return dl_fail_errno(scope, "cannot remove %s", quote(scope, path));
	return dl_hooks_task_put(scope, task, DL_HOOK_REMOVED, path, NULL);
}

static int uninstall_name(struct dl_scope *scope, struct dl_hooks_task *task, const char *path, bool allowed)
{
	struct dl_hooks_file file = dl_hooks_look(scope, path);

	if (file.ours == DL_HOOKS_STUB_NONE)
		return 0;
	if (file.ours == DL_HOOKS_STUB_EDITED)
		return dl_hooks_task_put(scope, task, DL_HOOK_LEFT, path,
					 "it has been edited; remove it by hand");
	if (!allowed)
		return dl_hooks_task_put(scope, task, DL_HOOK_LEFT, path,
					 "other repositories may use it; for all of them: "
					 "dl-hooks uninstall --global-dir");
	return dl_hooks_uninstall_file(scope, task, path);
}

/* A hook of the user's that was kept, and that nothing runs any more. */
static int uninstall_previous(struct dl_scope *scope, struct dl_hooks_task *task, const char *folder)
{
	struct dl_hooks_file slot = dl_hooks_look(scope, dl_hooks_path(scope, folder, "pre-push"));
	const char *previous = previous_of(scope, slot.path);

	if (!dl_hooks_look(scope, previous).exists || (task->dry_run && slot.ours))
		return 0;
	if (slot.exists)
		return dl_hooks_task_put(scope, task, DL_HOOK_LEFT, previous,
					 "it was pre-push before, and that place is taken");
	return restore(scope, task, previous, slot.path);
}

static int uninstall_folder(struct dl_scope *scope, struct dl_hooks_task *task, const struct dl_hooks *hooks,
			    const char *folder)
{
	bool allowed = task->shared || hooks->place != DL_HOOKS_OUTSIDE || strcmp(folder, hooks->folder) != 0;
	const char *const *name;

	for (name = names; *name; name++)
		if (uninstall_name(scope, task, dl_hooks_path(scope, folder, *name), allowed))
			return -1;
	return allowed ? uninstall_previous(scope, task, folder) : 0;
}

/* What people have written to run dl-gate is theirs. */
static int tell_script(struct dl_scope *scope, struct dl_hooks_task *task, const struct dl_hooks *hooks)
{
	const char *script = dl_hooks_script(scope, hooks), *lefthook = dl_hooks_lefthook(scope, hooks);

	if (script && dl_hooks_calls_gate(scope, script) &&
	    dl_hooks_task_put(scope, task, DL_HOOK_LEFT, script, "it names dl-gate; edit it by hand"))
		return -1;
	return lefthook ? dl_hooks_task_put(scope, task, DL_HOOK_LEFT, lefthook,
					    "it names dl-gate; edit it by hand")
			: 0;
}

/* The note is of use as long as something is there. */
static int forget(struct dl_scope *scope, const struct dl_hooks_task *task, const struct dl_hooks *hooks,
		  const struct dl_hooks_note *note)
{
	const char *kept = dl_hooks_path(scope, hooks->common_dir, "devloop");

	if (task->dry_run || (task->left && !task->purge))
		return 0;
	if (note->made && note->folder)
		(void)!rmdir(note->folder);
	if (task->purge && access(kept, F_OK) == 0) {
		dl_event_changed(scope, task->event, dl_record_hook_actions[DL_HOOK_REMOVED], kept);
		return dl_file_remove_tree(scope, kept);
	}
	return note->folder ? dl_hooks_note_write(scope, hooks->common_dir, NULL) : 0;
}

static int uninstall_here(struct dl_scope *scope, struct dl_hooks_task *task, const struct dl_hooks *hooks)
{
	struct dl_hooks_note note = dl_hooks_note_read(scope, hooks->common_dir);
	const char *const *folder, *const *folders = dl_hooks_folders(scope, hooks);
	bool known = !note.folder;

	for (folder = folders; *folder; folder++) {
		known = known || strcmp(*folder, note.folder) == 0;
		if (uninstall_folder(scope, task, hooks, *folder))
			return -1;
	}
	if (!known && uninstall_folder(scope, task, hooks, note.folder))
		return -1;
	return tell_script(scope, task, hooks) ? -1 : forget(scope, task, hooks, &note);
}

int dl_hooks_uninstall(struct dl_scope *scope, struct dl_hooks_task *task, const struct dl_hooks *hooks)
{
	struct dl_git_config config;

	if (task->global)
		return dl_git_config(scope, NULL, &config) ? -1 : uninstall_key(scope, task, &config);
	return uninstall_key(scope, task, &hooks->config) ? -1 : uninstall_here(scope, task, hooks);
}
