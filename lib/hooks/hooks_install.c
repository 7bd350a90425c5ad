/* A hook in git's configuration is in nobody's way: every tool writes files, and git runs both. So that is
 * the form wherever git knows it. An older git on PATH, as some clients with windows bring along, does not:
 * for that one there is a file as well, when its place is free, which does nothing under a newer git.
 *
 * The key `event` without `command` makes git refuse every hook: so it is written last, and removed first.
 *
 * A file of others is linked to its new name before ours is renamed over it: at no moment is there none. */
#include "lib/hooks/hooks_install.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/beside.h"
#include "lib/base/file.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/hooks/hooks.h"
#include "lib/hooks/hooks_config.h"
#include "lib/hooks/hooks_note.h"
#include "lib/hooks/hooks_uninstall.h"

/* What runs dl-gate in a script of others, wherever it stands there: quietly not where it is missing, and
 * nothing but its "no" counts. */
#define SCRIPT_LINE "! command -v dl-gate >/dev/null || dl-gate %s || [ $? -ne 1 ] || exit 1"

static const char *quote(struct dl_scope *scope, const char *text)
{
	return dl_text_quote(&scope->arena, text);
}

/* ------------------------------------------------------------------ in git's configuration */

/* 1: git's configuration has the hook already, and it is not to be changed; 0: it has not; -1: that is
 * refused. */
static int find_key(struct dl_scope *scope, struct dl_hooks_task *task, const struct dl_git_config *config)
{
	struct dl_hooks_entries entries = dl_hooks_config_read(scope, config, "pre-push");
	const struct dl_hooks_entry *entry = dl_hooks_config_find(&entries, DL_HOOKS_NAME);
	const char *where = dl_hooks_task_scope(task);
	const char *command = dl_git_get_in(config, where, "hook." DL_HOOKS_NAME ".command");

	if (command && !dl_hooks_stub_is_command(scope, command)) {
		dl_fail(scope, DL_REFUSED, "hook." DL_HOOKS_NAME ".command has been edited");
		return dl_fail_hint(scope,
				    "it is left as it is; to have it replaced: git config --%s --unset "
				    "hook." DL_HOOKS_NAME ".command",
				    where);
	}
	if (entry && !entry->enabled && !task->global) {
		dl_fail(scope, DL_REFUSED, "hook." DL_HOOKS_NAME ".enabled is false");
		return dl_fail_hint(scope, "git config --unset hook." DL_HOOKS_NAME ".enabled");
	}
	return !command && entry && entry->command && strcmp(entry->scope, where) != 0 && !task->global;
}

static int install_key(struct dl_scope *scope, struct dl_hooks_task *task,
		       const struct dl_git_config *config, const char *program)
{
	const char *command = dl_hooks_stub_command(scope, program), *where = dl_hooks_task_scope(task);
	const char *old = dl_git_get_in(config, where, "hook." DL_HOOKS_NAME ".command");
	int found = find_key(scope, task, config);

	if (found < 0)
		return -1;
	if (found)
		return dl_hooks_task_put_key(scope, task, DL_HOOK_UNCHANGED, NULL,
					     "it is configured for all repositories");
	if (dl_text_same(old, command) &&
	    dl_text_same(dl_git_get_in(config, where, "hook." DL_HOOKS_NAME ".event"), "pre-push"))
		return dl_hooks_task_put_key(scope, task, DL_HOOK_UNCHANGED, command, NULL);
	if (dl_hooks_task_config(scope, task, "--replace-all", "hook." DL_HOOKS_NAME ".command", command) ||
	    dl_hooks_task_config(scope, task, "--replace-all", "hook." DL_HOOKS_NAME ".event", "pre-push"))
		return -1;
	return dl_hooks_task_put_key(scope, task, old ? DL_HOOK_UPDATED : DL_HOOK_INSTALLED, command, NULL);
}

/* ------------------------------------------------------------------ whose place that is */

/* SCRIPT is not ours to write. */
static int refuse_script(struct dl_scope *scope, struct dl_hooks_task *task, const char *script,
			 const char *why)
{
	if (dl_hooks_calls_gate(scope, script))
		return dl_hooks_task_put(scope, task, DL_HOOK_UNCHANGED, script, "it names dl-gate");
	dl_fail(scope, DL_REFUSED, "%s", why);
	return dl_fail_hint(scope, "to have it run dl-gate, add this line to %s: " SCRIPT_LINE,
			    quote(scope, script), "\"$@\"");
}

static int refuse_lefthook(struct dl_scope *scope, struct dl_hooks_task *task, const struct dl_hooks *hooks)
{
	const char *file = dl_hooks_lefthook(scope, hooks);

	if (file)
		return dl_hooks_task_put(scope, task, DL_HOOK_UNCHANGED, file, "it names dl-gate");
	dl_fail(scope, DL_REFUSED, "lefthook runs the hook pre-push of this repository");
	return dl_fail_hint(scope, "add this to the jobs of pre-push in lefthook.yml: - {name: dl-gate, "
				   "use_stdin: true, run: '" SCRIPT_LINE "'}", "{0}");
}

/* Whether a file may be put into the folder of HOOKS. 1: no, and all is said; -1: no. */
static int check_place(struct dl_scope *scope, struct dl_hooks_task *task, const struct dl_hooks *hooks)
{
	const char *script = dl_hooks_script(scope, hooks);
	int result;

	if (hooks->place == DL_HOOKS_OUTSIDE && !task->shared) {
		dl_fail(scope, DL_REFUSED, "git runs hooks from %s, which other repositories may use, too",
			quote(scope, hooks->folder));
		return dl_fail_hint(scope, "to put it there for all of them: dl-hooks install --global-dir");
	}
	if (!script)
		return 0;
	result = refuse_script(scope, task, script,
			       hooks->place == DL_HOOKS_HUSKY
				       ? "husky runs the hooks of this repository"
				       : "the hooks of this repository are in its commits");
	return result < 0 ? -1 : 1;
}

/* ------------------------------------------------------------------ as a file */

/* Where the file goes: pre-commit's own hook runs the one that stands beside it under this name. */
static struct dl_hooks_file find_slot(struct dl_scope *scope, const struct dl_hooks *hooks)
{
	struct dl_hooks_file slot = dl_hooks_look(scope, dl_hooks_path(scope, hooks->folder, "pre-push"));

	if (dl_text_same(slot.tool, "pre-commit"))
		slot = dl_hooks_look(scope, dl_hooks_path(scope, hooks->folder, "pre-push.legacy"));
	return slot;
}

static int check_slot(struct dl_scope *scope, const struct dl_hooks_file *slot,
		      const struct dl_hooks_file *previous)
{
	if (slot->ours == DL_HOOKS_STUB_EDITED) {
		dl_fail(scope, DL_REFUSED, "%s was put here by dl-hooks, and has been edited",
			quote(scope, slot->path));
		return dl_fail_hint(scope, "it is left as it is; to have it replaced, remove it");
	}
	if (slot->exists && !slot->ours && dl_text_same(slot->fault, "is a folder")) {
		dl_fail(scope, DL_REFUSED, "%s is a folder", quote(scope, slot->path));
		return dl_fail_hint(scope, "git cannot run that: rmdir %s",
				    dl_text_word(&scope->arena, slot->path));
	}
	if (slot->exists && !slot->ours && previous->exists) {
		dl_fail(scope, DL_REFUSED, "%s and %s are both there", quote(scope, slot->path),
			quote(scope, previous->path));
		return dl_fail_hint(scope, "the latter is one that dl-hooks kept: put the two into one, or "
					   "remove one");
	}
	return 0;
}

/* The foreign hook at FROM gets the name TO. */
static int keep_previous(struct dl_scope *scope, const char *from, const char *to)
{
	if (linkat(AT_FDCWD, from, AT_FDCWD, to, 0) == 0 || rename(from, to) == 0)
		return 0;
	return dl_fail_errno(scope, "cannot give %s the name %s", quote(scope, from), quote(scope, to));
}

static int remember(struct dl_scope *scope, const struct dl_hooks *hooks)
{
	struct dl_hooks_note note = dl_hooks_note_read(scope, hooks->common_dir);
	struct stat st;

	note.made = (note.made && dl_text_same(note.folder, hooks->folder)) || stat(hooks->folder, &st) < 0;
	note.folder = hooks->folder;
	return dl_hooks_note_write(scope, hooks->common_dir, &note);
}

/* Puts TEXT at SLOT, and what is there under the path of PREVIOUS. */
static int write_slot(struct dl_scope *scope, const struct dl_hooks *hooks, const struct dl_hooks_file *slot,
		      const struct dl_hooks_file *previous, const char *text)
{
	if (remember(scope, hooks) || dl_file_mkdirs(scope, hooks->folder, 0777))
		return -1;
	if (slot->exists && !slot->ours && keep_previous(scope, slot->path, previous->path))
		return -1;
	return dl_file_write(scope, slot->path, 0755, text, strlen(text));
}

static int install_file(struct dl_scope *scope, struct dl_hooks_task *task, const struct dl_hooks *hooks,
			struct dl_hooks_stub *stub)
{
	struct dl_hooks_file slot = find_slot(scope, hooks);
	struct dl_hooks_file previous =
		dl_hooks_look(scope, dl_hooks_path(scope, hooks->folder, DL_HOOKS_STUB_PREVIOUS));
	const char *text;

	if (dl_text_same(slot.tool, "lefthook"))
		return refuse_lefthook(scope, task, hooks);
	if (check_slot(scope, &slot, &previous))
		return -1;
	stub->chained = slot.exists &&
			(!slot.ours || (dl_hooks_stub_is_chained(slot.text) && previous.exists));
	text = dl_hooks_stub_text(scope, stub);
	if (!text)
		return -1;
	if (slot.ours && !slot.fault && strcmp(text, slot.text) == 0)
		return dl_hooks_task_put(scope, task, DL_HOOK_UNCHANGED, slot.path, NULL);
	if (!task->dry_run && write_slot(scope, hooks, &slot, &previous, text))
		return -1;
	return dl_hooks_task_put(scope, task, slot.ours ? DL_HOOK_UPDATED : DL_HOOK_INSTALLED, slot.path,
				 stub->chained ? "it runs what was there before, too" : NULL);
}

/* ------------------------------------------------------------------ both */

/* The file beside a configured hook: for an older git, or none. */
static int settle_file(struct dl_scope *scope, struct dl_hooks_task *task, const struct dl_hooks *hooks,
		       struct dl_hooks_stub *stub)
{
	struct dl_hooks_file slot = find_slot(scope, hooks);
	bool place = hooks->place == DL_HOOKS_OWN || hooks->place == DL_HOOKS_TREE;

	if (slot.ours == DL_HOOKS_STUB_EDITED || (slot.exists && !slot.ours) || !place)
		return 0;
	if (dl_hooks_older_git(scope))
		return install_file(scope, task, hooks, stub);
	return slot.exists ? dl_hooks_uninstall_file(scope, task, slot.path) : 0;
}

/* Whether the configuration of HOOKS has the hook already, for a git that reads it. */
static bool is_configured(struct dl_scope *scope, const struct dl_hooks *hooks)
{
	struct dl_hooks_entries entries = dl_hooks_config_read(scope, &hooks->config, "pre-push");
	const struct dl_hooks_entry *entry = dl_hooks_config_find(&entries, DL_HOOKS_NAME);

	return entry && entry->enabled;
}

int dl_hooks_install(struct dl_scope *scope, struct dl_hooks_task *task, const struct dl_hooks *hooks)
{
	struct dl_hooks_stub stub = {.program = dl_beside_find(scope, "dl-gate")};
	struct dl_git_config config;
	bool configured;
	int result;

	if (dl_hooks_task_is_off())
		return dl_hooks_task_put_key(scope, task, DL_HOOK_UNCHANGED, NULL, DL_HOOKS_TASK_OFF);
	if (!stub.program)
		return dl_fail(scope, DL_MISSING, "there is no dl-gate beside this program, nor on PATH");
	if (task->global && dl_hooks_version("git") < DL_HOOKS_CONFIGURED) {
		dl_fail(scope, DL_UNSUPPORTED, "this git takes no hooks from its configuration");
		return dl_fail_hint(scope, "git 2.54 does; with an older one: dl-hooks install, in each "
					   "repository");
	}
	if (task->global)
		return dl_git_config(scope, NULL, &config) ? -1
							   : install_key(scope, task, &config, stub.program);
	configured = hooks->version >= DL_HOOKS_CONFIGURED;
	stub.guarded = configured || is_configured(scope, hooks);
	if (configured)
		result = install_key(scope, task, &hooks->config, stub.program);
	else
		result = check_place(scope, task, hooks);
	if (result)
		return result < 0 ? -1 : 0;
	return configured ? settle_file(scope, task, hooks, &stub) : install_file(scope, task, hooks, &stub);
}
