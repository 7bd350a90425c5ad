#include "lib/changelog/tags.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"

static int by_precedence(const void *left, const void *right)
{
	const struct dl_tag *a = left, *b = right;
	int order = dl_semver_compare(&b->version, &a->version);

	if (order == 0 && a->version.count != b->version.count)
		order = a->version.count < b->version.count ? 1 : -1;
	return order ? order : strcmp(b->name, a->name);
}

void dl_tags_parse(struct dl_scope *scope, const struct dl_revision_list *list,
		   const struct dl_tags_query *query, struct dl_tags *tags)
{
	static const char folder[] = "refs/tags/";
	struct dl_tag tag = {.name = NULL};
	size_t i;

	tags->items = dl_arena_array(&scope->arena, list->count, sizeof *tags->items);
	tags->count = 0;
	for (i = 0; i < list->count; i++) {
		const struct dl_revision *line = &list->items[i];

		if (!dl_text_starts(line->rest, folder))
			continue;
		if (dl_text_ends(line->rest, "^{}")) {
			/* What the tag before this one is a tag of. */
			if (tag.name && tags->items[tags->count - 1].name == tag.name) {
				tags->items[tags->count - 1].own_sha = tag.sha;
				tags->items[tags->count - 1].sha = line->sha;
			}
			continue;
		}
		tag = (struct dl_tag){.name = line->rest + strlen(folder), .sha = line->sha};
		if (dl_semver_parse_tag(tag.name, query->prefix, &tag.version) &&
		    !(query->finals && tag.version.pre.len))
			tags->items[tags->count++] = tag;
		else
			tag.name = NULL;
	}
	qsort(tags->items, tags->count, sizeof *tags->items, by_precedence);
}

const struct dl_tag *dl_tags_at(const struct dl_tags *tags, const char *sha)
{
	size_t i;

	for (i = 0; i < tags->count; i++)
		if (strcmp(tags->items[i].sha, sha) == 0)
			return &tags->items[i];
	return NULL;
}

const struct dl_tag *dl_tags_find(const struct dl_tags *tags, const struct dl_semver *version)
{
	size_t i;

	for (i = 0; i < tags->count; i++)
		if (dl_semver_compare(&tags->items[i].version, version) == 0)
			return &tags->items[i];
	return NULL;
}

int64_t dl_tags_date(const char *text)
{
	static const char tagger[] = "tagger ";
	const char *line, *end, *at;
	int64_t date;
	char *rest;

	for (line = text; *line && *line != '\n'; line = *end ? end + 1 : end) {
		end = strchrnul(line, '\n');
		/* A name may have a '>' in it, what stands behind the address not. */
		if (!dl_text_starts(line, tagger) || !(at = memrchr(line, '>', (size_t)(end - line))))
			continue;
		date = strtoll(at + 1, &rest, 10);
		return rest > at + 1 ? date : DL_TIME_NONE;
	}
	return DL_TIME_NONE;
}

const char *dl_tags_version(struct dl_scope *scope, const struct dl_tag *tag)
{
	char *version = dl_arena_string(&scope->arena, tag->version.numbers[0].text), *byte;

	for (byte = version; (*byte >= '0' && *byte <= '9') || *byte == '.' || *byte == '_'; byte++)
		if (*byte == '_')
			*byte = '.';
	return version;
}
