#include "lib/data/sink.h"

#include <string.h>

#include "lib/base/scope.h"
#include "lib/data/schema.h"

int dl_sink_put(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
		const void *record)
{
	return sink->put(sink, scope, schema, record);
}

static int keep_record(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
		       const void *record)
{
	struct dl_sink_list *list = (struct dl_sink_list *)sink;
	size_t room = list->room ? list->room * 2 : 16;

	(void)scope;
	if (list->count == list->room) {
		list->items = dl_arena_grow(&list->keep->arena, list->items, list->room * schema->size,
					    room * schema->size);
		list->room = room;
	}
	memcpy(list->items + list->count++ * schema->size, dl_schema_copy(list->keep, schema, record),
	       schema->size);
	list->schema = schema;
	return list->limit && list->count >= list->limit ? DL_ENOUGH : DL_MORE;
}

void dl_sink_list(struct dl_sink_list *list, struct dl_scope *keep, size_t limit)
{
	memset(list, 0, sizeof *list);
	list->sink.put = keep_record;
	list->keep = keep;
	list->limit = limit;
}

const void *dl_sink_item(const struct dl_sink_list *list, size_t index)
{
	DL_BUG_IF(index >= list->count);
	return list->items + index * list->schema->size;
}

int dl_sink_replay(struct dl_scope *scope, const struct dl_sink_list *list, struct dl_sink *sink)
{
	int result = DL_MORE;
	size_t i;

	for (i = 0; i < list->count && result == DL_MORE; i++)
		result = dl_sink_put(sink, scope, list->schema, dl_sink_item(list, i));
	return result;
}

static int put_first(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
		     const void *record)
{
	struct dl_sink_first *first = (struct dl_sink_first *)sink;
	int result = dl_sink_put(first->next, scope, schema, record);

	return result == DL_MORE && first->left > 0 && --first->left == 0 ? DL_ENOUGH : result;
}

void dl_sink_first(struct dl_sink_first *first, struct dl_sink *next, long limit)
{
	first->sink.put = put_first;
	first->next = next;
	first->left = limit > 0 ? limit : -1;
}
