#include "lib/hooks/hooks_config.h"

#include <string.h>
#include <strings.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/git/git.h"

/* The NAME of "hook.NAME.MEMBER"; NULL: KEY is another one. */
static const char *name_in(struct dl_scope *scope, const char *key, const char *member)
{
	size_t len = strlen(key), rest = strlen(member);

	if (!dl_text_starts(key, "hook.") || len < strlen("hook.") + rest + 1 ||
	    strcmp(key + len - rest, member) != 0 || key[len - rest - 1] != '.')
		return NULL;
	return dl_arena_copy(&scope->arena, key + strlen("hook."), len - rest - 1 - strlen("hook."));
}

static void remove_entry(struct dl_hooks_entries *entries, const char *name)
{
	size_t i, kept = 0;

	for (i = 0; i < entries->count; i++)
		if (strcmp(entries->items[i].name, name) != 0)
			entries->items[kept++] = entries->items[i];
	entries->count = kept;
}

/* git's words for no. */
static bool is_false(const char *value)
{
	return strcasecmp(value, "false") == 0 || strcasecmp(value, "no") == 0 ||
	       strcasecmp(value, "off") == 0 || strcmp(value, "0") == 0 || !*value;
}

/* A hook stands where its event was named last; an event without a name takes all of that hook away. */
struct dl_hooks_entries dl_hooks_config_read(struct dl_scope *scope, const struct dl_git_config *config,
					    const char *event)
{
	struct dl_hooks_entries entries = {
		.items = dl_arena_array(&scope->arena, config->count, sizeof *entries.items),
	};
	const struct dl_git_entry *entry, *end = config->entries + config->count;
	const char *name, *enabled;
	size_t i;

	for (entry = config->entries; entry < end; entry++) {
		name = name_in(scope, entry->key, "event");
		if (!name || (*entry->value && strcmp(entry->value, event) != 0))
			continue;
		remove_entry(&entries, name);
		if (*entry->value)
			entries.items[entries.count++] = (struct dl_hooks_entry){
				.name = name, .scope = entry->scope, .origin = entry->origin,
			};
	}
	for (i = 0; i < entries.count; i++) {
		name = entries.items[i].name;
		entries.items[i].command = dl_git_get(
			config, dl_arena_format(&scope->arena, "hook.%s.command", name));
		enabled = dl_git_get(config, dl_arena_format(&scope->arena, "hook.%s.enabled", name));
		entries.items[i].enabled = !enabled || !is_false(enabled);
	}
	return entries;
}

const struct dl_hooks_entry *dl_hooks_config_find(const struct dl_hooks_entries *entries, const char *name)
{
	size_t i;

	for (i = 0; i < entries->count; i++)
		if (strcmp(entries->items[i].name, name) == 0)
			return &entries->items[i];
	return NULL;
}
