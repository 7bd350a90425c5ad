#include "providers/ci/github_index.h"

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/data/record.h"

enum { MOST = 1000, IDS_CAP = 64 << 10 };

/* A list that goes on begins with the second at which the one before it was cut off. */
static bool is_known(const struct dl_github_index *index, const struct dl_run *run)
{
	return run->created_at == index->until && dl_text_in(run->id, index->ids.data);
}

static void note(struct dl_github_index *index, const struct dl_run *run)
{
	if (index->oldest == DL_TIME_NONE || run->created_at < index->oldest) {
		index->oldest = run->created_at;
		dl_buf_reset(&index->ids);
	}
	if (run->created_at == index->oldest)
		dl_buf_printf(&index->ids, "%s%s", index->ids.len ? "," : "", run->id);
}

static int put(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
	       const void *record)
{
	struct dl_github_index *index = (struct dl_github_index *)sink;

	index->count++;
	if (is_known(index, record))
		return DL_MORE;
	note(index, record);
	return dl_sink_put(index->next, scope, schema, record);
}

void dl_github_index(struct dl_github_index *index, struct dl_scope *scope, struct dl_sink *next)
{
	*index = (struct dl_github_index){
		.sink = {put}, .next = next, .until = DL_TIME_NONE, .oldest = DL_TIME_NONE};
	dl_buf_init(&index->ids, &scope->arena, IDS_CAP);
}

const char *dl_github_index_created(struct dl_scope *scope, const struct dl_github_index *index,
				    int64_t since)
{
	const char *first = dl_time_format(&scope->arena, since);
	const char *last = dl_time_format(&scope->arena, index->until);

	if (first && last)
		return dl_arena_format(&scope->arena, "%s..%s", first, last);
	return first  ? dl_arena_format(&scope->arena, ">=%s", first)
	       : last ? dl_arena_format(&scope->arena, "<=%s", last)
		      : NULL;
}

bool dl_github_index_goes_on(struct dl_github_index *index)
{
	bool cut = index->count >= MOST && index->oldest != index->until;

	index->until = index->oldest;
	index->count = 0;
	return cut;
}
