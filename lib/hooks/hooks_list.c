/* git runs the hooks of its configuration in their order, then the file in its folder. What that file runs in
 * turn is known of the tools that run a file beside their own. */
#include "lib/hooks/hooks_list.h"

#include <string.h>

#include "lib/base/beside.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/hooks/hooks.h"
#include "lib/hooks/hooks_config.h"

/* What is left beside a hook by those who put theirs in its place. */
static const char *const leftovers[] = {".legacy", ".old", ".dl-prev", NULL};

struct list {
	struct dl_scope *scope;
	const struct dl_hooks *hooks;
	const char *event;
	struct dl_sink *sink;
	int64_t order;
	const char *listed[2]; /* paths */
};

static int put(struct list *list, struct dl_hook_line *line)
{
	line->event = list->event;
	if (line->state == DL_HOOK_RUNS || line->state == DL_HOOK_CALLED)
		line->order = ++list->order;
	return dl_sink_put(list->sink, list->scope, &dl_record_hook, line);
}

/* Whether git runs hooks for the event at all: https://git-scm.com/docs/githooks has no post-push. */
static bool is_gits(const struct list *list)
{
	return strcmp(list->event, "post-push") != 0;
}

static int put_configured(struct list *list, const struct dl_hooks_entry *entry)
{
	struct dl_hook_line *line = dl_schema_new(list->scope, &dl_record_hook);

	line->name = entry->name;
	line->scope = entry->scope;
	line->path = dl_text_starts(entry->origin, "file:") ? entry->origin + strlen("file:") : entry->origin;
	line->command = entry->command;
	line->state = is_gits(list) ? DL_HOOK_RUNS : DL_HOOK_CALLED;
	if (!entry->enabled) {
		line->state = DL_HOOK_OFF;
		line->message = dl_arena_format(&list->scope->arena, "hook.%s.enabled is false",
						dl_text_quote(&list->scope->arena, entry->name));
	} else if (is_gits(list) && list->hooks->version < DL_HOOKS_CONFIGURED) {
		line->state = DL_HOOK_IGNORED;
		line->message =
			"git runs hooks of its configuration since version 2.54, and this one is older";
	} else if (!entry->command) {
		line->state = DL_HOOK_BROKEN;
		line->message = "it has no command: git refuses to run any hook";
	}
	return put(list, line);
}

/* A FILE that, as far as STATE says, is a hook; NULL MESSAGE: there is nothing to say about it. */
static int put_file(struct list *list, const struct dl_hooks_file *file, enum dl_hook_state state,
		    const char *message)
{
	struct dl_hook_line *line = dl_schema_new(list->scope, &dl_record_hook);

	line->scope = "file";
	line->path = file->path;
	line->name = !file->ours ? file->tool : is_gits(list) ? DL_HOOKS_NAME : "DevLoop";
	line->state = state;
	line->message = message;
	if (file->fault && state != DL_HOOK_DISPLACED) {
		line->state = file->hangs || dl_text_starts(file->fault, "is run by") ? DL_HOOK_BROKEN
										      : DL_HOOK_IGNORED;
		line->message = file->fault;
	} else if (file->ours == DL_HOOKS_STUB_EDITED && !message) {
		line->message = "it has been edited";
	}
	return put(list, line);
}

/* What FILE, a hook that is run, runs in turn; NULL: nothing that is known. */
static const char *called_by(const struct list *list, const struct dl_hooks_file *file)
{
	struct dl_arena *arena = &list->scope->arena;
	const char *folder = dl_arena_copy(arena, file->path,
					   (size_t)(strrchr(file->path, '/') - file->path));

	if (file->fault || !file->text)
		return NULL;
	if (file->ours && dl_hooks_stub_is_chained(file->text))
		return dl_arena_format(arena, "%s/" DL_HOOKS_STUB_PREVIOUS, folder);
	if (dl_text_same(file->tool, "pre-commit"))
		return dl_arena_format(arena, "%s/%s.legacy", folder, list->event);
	if (dl_text_same(file->tool, "lefthook"))
		return dl_hooks_lefthook(list->scope, list->hooks);
	if (dl_text_same(file->tool, "husky"))
		return dl_hooks_script(list->scope, list->hooks);
	return NULL;
}

/* What there is to say about FILE, which is a hook. */
static const char *message_of(const struct list *list, const struct dl_hooks_file *file)
{
	return dl_hooks_calls_gate(list->scope, file->path) ? "it names dl-gate" : NULL;
}

/* The file that git runs, and the files that are run by it, one by the other. What husky and lefthook read
 * need not be executable. */
static int put_slot(struct list *list)
{
	struct dl_hooks_file file =
		dl_hooks_look(list->scope, dl_hooks_path(list->scope, list->hooks->folder, list->event));
	size_t depth;
	bool reads;
	int result;

	if (!file.exists)
		return DL_MORE;
	result = put_file(list, &file, is_gits(list) ? DL_HOOK_RUNS : DL_HOOK_CALLED,
			  message_of(list, &file));
	for (depth = 0; depth < 2 && result == DL_MORE; depth++) {
		list->listed[depth] = called_by(list, &file);
		if (!list->listed[depth])
			break;
		reads = dl_text_in(file.tool, "husky,lefthook");
		file = dl_hooks_look(list->scope, list->listed[depth]);
		if (!file.exists)
			break;
		if (reads)
			file.fault = NULL;
		result = put_file(list, &file, DL_HOOK_CALLED, message_of(list, &file));
	}
	return result;
}

static bool is_listed(const struct list *list, const char *path)
{
	return dl_text_same(path, list->listed[0]) || dl_text_same(path, list->listed[1]);
}

/* What was a hook in FOLDER, and is none any more. */
static int put_leftovers(struct list *list, const char *folder)
{
	const char *slot = dl_hooks_path(list->scope, folder, list->event), *path;
	struct dl_hooks_file file = dl_hooks_look(list->scope, slot);
	int result = DL_MORE;
	size_t i;

	if (file.exists && strcmp(folder, list->hooks->folder) != 0)
		result = put_file(list, &file, DL_HOOK_DISPLACED, "core.hooksPath names another folder");
	for (i = 0; leftovers[i] && result == DL_MORE; i++) {
		path = dl_arena_format(&list->scope->arena, "%s%s", slot, leftovers[i]);
		if (is_listed(list, path))
			continue;
		file = dl_hooks_look(list->scope, path);
		if (file.exists)
			result = put_file(list, &file, DL_HOOK_DISPLACED, "nothing runs it under this name");
	}
	return result;
}

/* The hook that is run after a push where the user has none. */
static int put_shipped(struct list *list)
{
	const char *path = dl_beside_hook(list->scope, list->event);
	struct dl_hooks_file file;

	if (is_gits(list) || list->order || !path)
		return DL_MORE;
	file = dl_hooks_look(list->scope, path);
	return put_file(list, &file, DL_HOOK_CALLED, "the one that comes with DevLoop");
}

int dl_hooks_list(struct dl_scope *scope, const struct dl_hooks *hooks, const char *event,
		  struct dl_sink *sink)
{
	struct list list = {.scope = scope, .hooks = hooks, .event = event, .sink = sink};
	struct dl_hooks_entries entries = dl_hooks_config_read(scope, &hooks->config, event);
	const char *const *folder;
	int result = DL_MORE;
	size_t i;

	for (i = 0; i < entries.count && result == DL_MORE; i++)
		result = put_configured(&list, &entries.items[i]);
	if (result == DL_MORE)
		result = put_slot(&list);
	if (result == DL_MORE)
		result = put_shipped(&list);
	for (folder = dl_hooks_folders(scope, hooks); *folder && result == DL_MORE; folder++)
		result = put_leftovers(&list, *folder);
	return result;
}
