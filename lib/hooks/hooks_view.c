#include "lib/hooks/hooks_view.h"

#include <string.h>
#include <unistd.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/hooks/hooks.h"
#include "lib/hooks/hooks_list.h"
#include "lib/hooks/hooks_note.h"

static const char *quote(struct dl_scope *scope, const char *text)
{
	return dl_text_quote(&scope->arena, text);
}

const struct dl_hook_line *dl_hooks_view_at(const struct dl_hooks_view *view, size_t index)
{
	return dl_sink_item(&view->list, index);
}

static bool is_run(const struct dl_hook_line *hook)
{
	return hook->state == DL_HOOK_RUNS || hook->state == DL_HOOK_CALLED;
}

bool dl_hooks_view_is_file(const struct dl_hook_line *hook)
{
	return strcmp(hook->scope, "file") == 0;
}

static void sort_hook(struct dl_hooks_view *view, const struct dl_hook_line *hook)
{
	bool ours = dl_text_same(hook->name, DL_HOOKS_NAME);

	if (dl_hooks_view_is_file(hook) && hook->state == DL_HOOK_RUNS)
		view->slot = hook;
	if (ours && !is_run(hook))
		view->lost = hook;
	else if (is_run(hook) && hook->message) /* it names dl-gate, or was ours and has been edited */
		view->script = hook;
	else if (ours && dl_hooks_view_is_file(hook))
		view->file = hook;
	else if (ours)
		view->configured = hook;
}

int dl_hooks_view_open(struct dl_scope *scope, const struct dl_hooks *hooks, struct dl_hooks_view *view)
{
	size_t i;

	*view = (struct dl_hooks_view){0};
	dl_sink_list(&view->list, scope, 0);
	if (dl_hooks_list(scope, hooks, "pre-push", &view->list.sink) < 0)
		return -1;
	for (i = 0; i < view->list.count; i++)
		sort_hook(view, dl_hooks_view_at(view, i));
	return 0;
}

/* ------------------------------------------------------------------ who is in the way */

/* What installing again mends; where others have the place, it says what to add to theirs. */
static struct dl_hooks_reason reinstall(const char *message)
{
	return (struct dl_hooks_reason){message, "dl-hooks install"};
}

/* Our file was renamed, or git looks elsewhere. */
static struct dl_hooks_reason explain_displaced(struct dl_scope *scope, const struct dl_hooks *hooks,
						const struct dl_hooks_view *view)
{
	const char *path = view->lost->path, *winner = "another hook";
	bool renamed = dl_text_ends(path, ".old");
	struct dl_arena *arena = &scope->arena;

	if (hooks->set_by && !renamed)
		return reinstall(dl_arena_format(
			arena, "%s has displaced the hook, as core.hooksPath (%s) names another folder, %s",
			hooks->place == DL_HOOKS_HUSKY ? "husky" : "something", quote(scope, hooks->set_by),
			quote(scope, hooks->folder)));
	if (view->slot && view->slot->name)
		winner = view->slot->name;
	else if (renamed)
		winner = "lefthook";
	return reinstall(dl_arena_format(arena, "%s has displaced the hook: that is %s now", winner,
					 quote(scope, path)));
}

static struct dl_hooks_reason explain_lost(struct dl_scope *scope, const struct dl_hooks *hooks,
					   const struct dl_hooks_view *view)
{
	const struct dl_hook_line *lost = view->lost;

	if (lost->state == DL_HOOK_DISPLACED)
		return explain_displaced(scope, hooks, view);
	if (lost->state == DL_HOOK_OFF)
		return (struct dl_hooks_reason){lost->message,
						"git config --unset hook." DL_HOOKS_NAME ".enabled"};
	return reinstall(dl_arena_format(&scope->arena, "%s: %s", quote(scope, lost->path), lost->message));
}

struct dl_hooks_reason dl_hooks_view_explain(struct dl_scope *scope, const struct dl_hooks *hooks,
					     const struct dl_hooks_view *view)
{
	struct dl_hooks_note note = dl_hooks_note_read(scope, hooks->common_dir);
	struct dl_arena *arena = &scope->arena;

	if (view->lost)
		return explain_lost(scope, hooks, view);
	if (!note.folder)
		return reinstall("no hook is installed");
	if (access(hooks->folder, F_OK) < 0)
		return (struct dl_hooks_reason){
			dl_arena_format(arena, "core.hooksPath is relative: there is no folder %s",
					quote(scope, hooks->folder)),
			dl_arena_format(arena, "git config core.hooksPath %s",
					dl_text_shell(arena, note.folder))};
	if (!view->slot)
		return reinstall("the hook that was installed is gone");
	return reinstall(
		dl_arena_format(arena, "%s has overwritten the hook",
				view->slot->name ? view->slot->name : quote(scope, view->slot->path)));
}
