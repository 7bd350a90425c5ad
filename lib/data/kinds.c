#include "lib/data/kinds.h"

#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/data/json.h"

/* The headings stand in the order of their first rows. */
struct style {
	const char *name;
	const char *breaking, *changed, *others, *alone;
	struct dl_kind kinds[8]; /* ends with a NULL name */
};

static const struct style styles[] = {
	{
		"plain", "Breaking changes", "Breaking changes", "Other changes", "Changes",
		{
			{"feat", "Features"},
			{"fix", "Bug fixes"},
			{"perf", "Performance"},
			{"security", "Security"},
			{"deprecate", "Deprecations"},
			{"remove", "Removals"},
			{"revert", "Reverts"},
			{NULL, NULL},
		},
	},
	/* https://keepachangelog.com/en/1.1.0/ */
	{
		"keep", NULL, "Changed", "Other", "Changed",
		{
			{"feat", "Added"},
			{"perf", "Changed"},
			{"deprecate", "Deprecated"},
			{"remove", "Removed"},
			{"revert", "Removed"},
			{"fix", "Fixed"},
			{"security", "Security"},
			{NULL, NULL},
		},
	},
};

/* Types that are told only when they break something. */
static const char *const quiet[] = {"refactor", "docs", "style", "test", "build", "ci", "chore", NULL};

static const struct style *find_style(struct dl_scope *scope, const char *name)
{
	size_t i;

	for (i = 0; i < sizeof styles / sizeof *styles; i++)
		if (strcmp(styles[i].name, name) == 0)
			return &styles[i];
	dl_fail(scope, DL_USAGE, "there are no headings called '%s'", dl_text_quote(&scope->arena, name));
	dl_fail_hint(scope, "there are: %s, %s", styles[0].name, styles[1].name);
	return NULL;
}

/* ------------------------------------------------------------------ the configuration */

/* A heading is one line of text; NULL in JSON, and false, is none. */
static int read_heading(struct dl_scope *scope, const struct dl_json *node, const char **heading)
{
	const char *text = node->type == DL_JSON_STRING ? node->text : NULL;

	if (!text && node->type != DL_JSON_NULL && node->type != DL_JSON_FALSE)
		return dl_fail(scope, DL_CONFIG, "agents.changelog.config: '%s' has no heading, and not null",
			       dl_text_quote(&scope->arena, node->key));
	if (text && (!*text || strpbrk(text, "\r\n")))
		return dl_fail(scope, DL_CONFIG,
			       "agents.changelog.config: the heading of '%s' is not one line",
			       dl_text_quote(&scope->arena, node->key));
	*heading = text;
	return 0;
}

static bool is_type(const char *name)
{
	return *name && !name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_")];
}

static void add_kind(struct dl_kinds *kinds, struct dl_kind *items, const char *name, const char *heading)
{
	if (!dl_kinds_find(kinds, name))
		items[kinds->count++] = (struct dl_kind){name, heading};
}

/* Those of the configuration come first, so that it decides the order of the headings, too. */
static int collect_kinds(struct dl_scope *scope, const struct dl_json *types, const struct style *style,
			 struct dl_kinds *kinds)
{
	const struct dl_json *node, *first = types && types->type == DL_JSON_OBJECT ? types->child : NULL;
	const struct dl_kind *row;
	struct dl_kind *items;
	const char *heading;
	size_t room = sizeof style->kinds / sizeof *style->kinds + sizeof quiet / sizeof *quiet;
	const char *const *name;

	if (types && types->type != DL_JSON_OBJECT)
		return dl_fail(scope, DL_CONFIG, "agents.changelog.config.types is no object");
	for (node = first; node; node = node->next)
		room++;
	kinds->items = items = dl_arena_array(&scope->arena, room, sizeof *items);
	for (node = first; node; node = node->next) {
		if (!is_type(node->key))
			return dl_fail(scope, DL_CONFIG, "agents.changelog.config.types: '%s' is no type",
				       dl_text_quote(&scope->arena, node->key));
		if (read_heading(scope, node, &heading))
			return -1;
		add_kind(kinds, items, node->key, heading);
	}
	for (row = style->kinds; row->name; row++)
		add_kind(kinds, items, row->name, row->heading);
	for (name = quiet; *name; name++)
		add_kind(kinds, items, *name, NULL);
	return 0;
}

static void add_heading(struct dl_kinds *kinds, const char **headings, const char *heading)
{
	if (heading && dl_kinds_place(kinds, heading) == kinds->heading_count)
		headings[kinds->heading_count++] = heading;
}

int dl_kinds_read(struct dl_scope *scope, const struct dl_json *config, const char *style_name, bool others,
		  struct dl_kinds *kinds)
{
	const struct dl_json *node = dl_json_get(config, "others");
	const struct style *style;
	const char **headings;
	size_t i;

	if (!style_name)
		style_name = dl_json_text(config, "headings");
	style = find_style(scope, style_name ? style_name : styles[0].name);
	if (!style)
		return -1;
	*kinds = (struct dl_kinds){.style = style->name,
				   .breaking = style->breaking,
				   .changed = style->changed,
				   .others = style->others,
				   .alone = node ? NULL : style->alone};
	if (collect_kinds(scope, dl_json_get(config, "types"), style, kinds))
		return -1;
	if (node && read_heading(scope, node, &kinds->others))
		return -1;
	if (!others)
		kinds->others = NULL;
	kinds->headings = headings = dl_arena_array(&scope->arena, kinds->count + 3, sizeof *headings);
	add_heading(kinds, headings, kinds->breaking);
	for (i = 0; i < kinds->count; i++)
		add_heading(kinds, headings, kinds->items[i].heading);
	add_heading(kinds, headings, kinds->changed);
	add_heading(kinds, headings, kinds->others);
	return 0;
}

/* ------------------------------------------------------------------ looking up */

const struct dl_kind *dl_kinds_find(const struct dl_kinds *kinds, const char *name)
{
	size_t i;

	for (i = 0; name && i < kinds->count; i++)
		if (strcmp(kinds->items[i].name, name) == 0)
			return &kinds->items[i];
	return NULL;
}

size_t dl_kinds_place(const struct dl_kinds *kinds, const char *heading)
{
	size_t i;

	for (i = 0; i < kinds->heading_count; i++)
		if (strcmp(kinds->headings[i], heading) == 0)
			break;
	return i;
}

const char *dl_kinds_names(struct dl_scope *scope, const struct dl_kinds *kinds)
{
	struct dl_buf names;
	size_t i;

	dl_buf_init(&names, &scope->arena, DL_CAP_LINE);
	for (i = 0; i < kinds->count; i++)
		dl_buf_printf(&names, "%s%s", i ? ", " : "", kinds->items[i].name);
	return names.data;
}
