#include "providers/forge/forge.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "lib/provider/provider.h"
#include "lib/provider/range.h"
#include "lib/provider/rest.h"

const char *dl_forge_words(struct dl_arena *arena, const struct dl_json *list)
{
	const struct dl_json *item = list && list->type == DL_JSON_ARRAY ? list->child : NULL;
	struct dl_buf words;

	dl_buf_init(&words, arena, DL_CAP_LINE);
	for (; item; item = item->next)
		if (dl_json_string(item))
			dl_buf_printf(&words, "%s%s", words.len ? "," : "", dl_json_string(item));
	return words.data ? words.data : "";
}

void dl_forge_asset(struct dl_arena *arena, const struct dl_target *target, const char *tag,
		    struct dl_asset *asset)
{
	asset->head = dl_provider_head(arena, target, "asset",
				       dl_arena_format(arena, "%s/%s", tag, asset->name));
}

static int put_marked(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
		      const void *record)
{
	struct dl_forge_marker *marker = (struct dl_forge_marker *)sink;
	struct dl_release release = *(const struct dl_release *)record;

	release.latest = dl_text_same(release.tag, marker->latest) && release.draft != 1;
	return dl_sink_put(marker->next, scope, schema, &release);
}

void dl_forge_marker(struct dl_forge_marker *marker, const char *latest, struct dl_sink *next)
{
	*marker = (struct dl_forge_marker){.sink.put = put_marked, .next = next, .latest = latest};
}

static const char *kind_of(const char *mode)
{
	if (dl_text_same(mode, "040000"))
		return "folder";
	if (dl_text_same(mode, "120000"))
		return "link";
	return dl_text_same(mode, "160000") ? "module" : "file";
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct dl_entry *)a)->path, ((const struct dl_entry *)b)->path);
}

int dl_forge_entries(struct dl_scope *scope, const struct dl_target *target, const char *revision,
		     struct dl_sink_list *list, struct dl_sink *sink)
{
	struct dl_entry *entry;
	int result = DL_MORE;
	size_t i;

	if (list->count)
		qsort(list->items, list->count, sizeof *entry, by_path);
	for (i = 0; i < list->count && result == DL_MORE; i++) {
		entry = (struct dl_entry *)list->items + i;
		entry->kind = kind_of(entry->mode);
		entry->head = dl_provider_head(&scope->arena, target, "entry",
					       dl_arena_format(&scope->arena, "%s:%s",
							       revision ? revision : "HEAD", entry->path));
		result = dl_sink_put(sink, scope, &dl_record_entry, entry);
	}
	return result;
}

int dl_forge_fetch(struct dl_scope *scope, const struct dl_target *target, const struct dl_asset *asset,
		   int64_t *offset, struct dl_writer *writer)
{
	static const struct dl_route there = {
		.path = "", .accept = "application/octet-stream", .headers = dl_range_headers, .page = true,
	};
	static const struct dl_var none[] = {{NULL, NULL}};
	struct dl_target link;
	struct dl_res res;

	if (!asset->url)
		return dl_fail(scope, DL_MISSING, "nobody says where it is");
	if (dl_rest_link(scope, target, asset->url, &link))
		return -1;
	return dl_range_download(scope, &link, &there, none, offset, writer, &res);
}
