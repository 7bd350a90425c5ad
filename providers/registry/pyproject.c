#include "providers/registry/pyproject.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/data/ini.h"
#include "lib/data/json.h"

/* The value of KEY in the table that ENTRY stands in; NULL: it has none. */
static const char *beside(const struct dl_ini *ini, const struct dl_ini_entry *entry, const char *key)
{
	size_t i;

	for (i = 0; i < ini->count; i++)
		if (ini->entries[i].table == entry->table && strcmp(ini->entries[i].key, key) == 0)
			return ini->entries[i].value;
	return NULL;
}

/* The entry that gives one of the indexes the name NAME; NULL: none does. */
static const struct dl_ini_entry *find_index(const struct dl_ini *ini, const char *name)
{
	const struct dl_ini_entry *entry;

	for (entry = ini->entries; entry < ini->entries + ini->count; entry++)
		if (strcmp(entry->section, "tool.uv.index") == 0 && strcmp(entry->key, "name") == 0 &&
		    strcmp(entry->value, name) == 0)
			return entry;
	return NULL;
}

static const struct dl_json *make_config(struct dl_scope *scope, const char *uploads, const char *index)
{
	struct dl_json *nodes = dl_arena_array(&scope->arena, 3, sizeof *nodes);

	nodes[0] = (struct dl_json){.type = DL_JSON_OBJECT, .child = &nodes[1]};
	nodes[1] = (struct dl_json){.type = DL_JSON_STRING, .key = "repository_url", .text = uploads};
	if (index) {
		nodes[1].next = &nodes[2];
		nodes[2] = (struct dl_json){.type = DL_JSON_STRING, .key = "index_url", .text = index};
	}
	return nodes;
}

const struct dl_json *dl_pyproject_config(struct dl_scope *scope, const char *root)
{
	const char *name = getenv("UV_PUBLISH_INDEX"), *uploads;
	const struct dl_ini_entry *entry;
	struct dl_ini ini;

	if (dl_ini_read(scope, dl_arena_format(&scope->arena, "%spyproject.toml", root), DL_INI_TOML, &ini))
		return NULL;
	if (!name || !*name) {
		uploads = dl_ini_get(&ini, "tool.uv", "publish-url");
		return uploads ? make_config(scope, uploads, dl_ini_get(&ini, "tool.uv", "check-url")) : NULL;
	}
	entry = find_index(&ini, name);
	uploads = entry ? beside(&ini, entry, "publish-url") : NULL;
	if (uploads)
		return make_config(scope, uploads, beside(&ini, entry, "url"));
	dl_fail(scope, DL_CONFIG,
		"pyproject.toml has no index called '%s' with a publish-url, as UV_PUBLISH_INDEX says",
		dl_text_quote(&scope->arena, name));
	return NULL;
}
