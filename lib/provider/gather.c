#include "lib/provider/gather.h"

#include <stdlib.h>

#include "lib/base/pool.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/provider/query.h"

enum { AT_ONCE = 16 };

/* One of the lists. */
struct part {
	struct dl_scope scope;
	struct dl_sink_list found;
	int (*ask)(struct dl_scope *scope, void *arg, size_t index, struct dl_sink *sink);
	void *arg;
};

static void ask_part(void *arg, size_t index)
{
	struct part *part = (struct part *)arg + index;

	if (part->ask(&part->scope, part->arg, index, &part->found.sink) < 0)
		DL_BUG_IF(part->scope.error.class == DL_OK);
}

int dl_gather_lists(struct dl_scope *scope, size_t count,
		    int (*ask)(struct dl_scope *scope, void *arg, size_t index, struct dl_sink *sink),
		    void *arg, struct dl_sink *sink)
{
	struct part *parts = dl_arena_array(&scope->arena, count, sizeof *parts);
	int result = DL_MORE;
	size_t i;

	for (i = 0; i < count; i++) {
		dl_scope_open(&parts[i].scope, NULL);
		dl_sink_list(&parts[i].found, &parts[i].scope, 0);
		parts[i].ask = ask;
		parts[i].arg = arg;
	}
	dl_pool_map(count, AT_ONCE, ask_part, parts);
	for (i = 0; i < count; i++) {
		if (result == DL_MORE && parts[i].scope.error.class == DL_OK)
			result = dl_sink_replay(scope, &parts[i].found, sink);
		parts[i].scope.parent = scope;
		if (dl_scope_close(&parts[i].scope))
			result = -1;
	}
	return result;
}

/* A run that changed its state between two lists stands in both. The list is sorted by age. */
static bool is_repeated(const struct dl_sink_list *runs, size_t index)
{
	const struct dl_run *run = dl_sink_item(runs, index), *other = run;
	bool repeated = false;

	while (index-- > 0 && other->created_at == run->created_at && !repeated) {
		other = dl_sink_item(runs, index);
		repeated = dl_text_same(other->id, run->id);
	}
	return repeated;
}

int dl_gather_runs(struct dl_scope *scope, size_t count,
		   int (*ask)(struct dl_scope *scope, void *arg, size_t index, struct dl_sink *sink),
		   void *arg, struct dl_sink *sink)
{
	struct dl_sink_list merged;
	int result;
	size_t i;

	dl_sink_list(&merged, scope, 0);
	result = dl_gather_lists(scope, count, ask, arg, &merged.sink);
	if (merged.count)
		qsort(merged.items, merged.count, sizeof(struct dl_run), dl_query_newest_first);
	for (i = 0; i < merged.count && result == DL_MORE; i++)
		if (!is_repeated(&merged, i))
			result = dl_sink_put(sink, scope, &dl_record_run, dl_sink_item(&merged, i));
	return result;
}
