#include "lib/provider/query.h"

#include <string.h>

#include "lib/base/text.h"
#include "lib/base/time.h"

static bool fits(const char *wanted, const char *value)
{
	return !wanted || dl_text_same(wanted, value);
}

/* Whether RUN is one that QUERY asks for, its limit aside. A workflow is matched by the run's workflow or
 * name; a branch is this repository's own, not a fork's of that name. */
static bool takes(const struct dl_run_query *query, const struct dl_run *run)
{
	return fits(query->branch, run->branch) && !(query->branch && run->of_fork) &&
	       fits(query->sha, run->sha) && fits(query->event, run->event) &&
	       fits(query->actor, run->actor) &&
	       (fits(query->workflow, run->workflow) || fits(query->workflow, run->name)) &&
	       (query->since == DL_TIME_NONE || run->created_at >= query->since) &&
	       dl_state_wanted(run->status, run->conclusion, run->needs_action == 1, query->states);
}

static int put(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
	       const void *record)
{
	struct dl_query_sink *filter = (struct dl_query_sink *)sink;
	int result;

	if (!takes(filter->query, record))
		return DL_MORE;
	result = dl_sink_put(filter->next, scope, schema, record);
	filter->count++;
	return result == DL_MORE && filter->query->limit && filter->count >= filter->query->limit ? DL_ENOUGH
												  : result;
}

void dl_query_sink(struct dl_query_sink *filter, const struct dl_run_query *query, struct dl_sink *next)
{
	memset(filter, 0, sizeof *filter);
	filter->sink.put = put;
	filter->query = query;
	filter->next = next;
}

int dl_query_newest_first(const void *a, const void *b)
{
	const struct dl_run *one = a, *other = b;

	if (one->created_at != other->created_at)
		return one->created_at > other->created_at ? -1 : 1;
	return (one->number < other->number) - (one->number > other->number);
}
