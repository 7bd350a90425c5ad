#include "lib/data/anchors.h"

#include <libxml/HTMLparser.h>
#include <string.h>
#include <strings.h>

#include "lib/base/scope.h"

enum { OPTIONS = HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET };

struct collecting {
	struct dl_scope *scope;
	const char *const *attributes;
	struct dl_anchor *items;
	size_t count, room;
};

static const char *trimmed(struct dl_arena *arena, const char *text)
{
	size_t len;

	text += strspn(text, " \t\r\n");
	len = strlen(text);
	while (len && strchr(" \t\r\n", text[len - 1]))
		len--;
	return dl_arena_copy(arena, text, len);
}

/* A copy of what libxml2 has made, which is given back to it. */
static const char *take(struct dl_arena *arena, xmlChar *made)
{
	const char *copy = made ? trimmed(arena, (const char *)made) : NULL;

	xmlFree(made);
	return copy;
}

static void add_link(struct collecting *into, xmlNode *node)
{
	struct dl_arena *arena = &into->scope->arena;
	size_t room = into->room ? 2 * into->room : 64, count = 0, i;
	const char **values, *text = take(arena, xmlNodeGetContent(node));

	while (into->attributes[count])
		count++;
	values = dl_arena_array(arena, count, sizeof *values);
	for (i = 0; i < count; i++)
		values[i] = take(arena, xmlGetProp(node, (const xmlChar *)into->attributes[i]));
	if (into->count == into->room) {
		into->items = dl_arena_grow(arena, into->items, into->room * sizeof *into->items,
					    room * sizeof *into->items);
		into->room = room;
	}
	into->items[into->count++] = (struct dl_anchor){text ? text : "", values};
}

/* The node after NODE, in the order of the page; depth costs no stack. */
static xmlNode *next_node(xmlNode *node)
{
	if (node->children && node->type == XML_ELEMENT_NODE)
		return node->children;
	while (node && !node->next)
		node = node->parent;
	return node ? node->next : NULL;
}

int dl_anchors_read(struct dl_scope *scope, const char *text, size_t len, const char *const *attributes,
		  struct dl_anchors *links)
{
	struct collecting into = {.scope = scope, .attributes = attributes};
	xmlDoc *page = len ? htmlReadMemory(text, (int)len, "index.html", "UTF-8", OPTIONS) : NULL;
	xmlNode *node;

	if (!page)
		return dl_fail(scope, DL_DATA, "a web page that cannot be read");
	for (node = xmlDocGetRootElement(page); node; node = next_node(node))
		if (node->type == XML_ELEMENT_NODE && strcasecmp((const char *)node->name, "a") == 0)
			add_link(&into, node);
	xmlFreeDoc(page);
	*links = (struct dl_anchors){into.items, into.count};
	return 0;
}
