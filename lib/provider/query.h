/* query: which runs are wanted, applied here to what a provider could not filter, or filtered from a stale
 * index. */
#ifndef DL_QUERY_H
#define DL_QUERY_H

#include <stdbool.h>

#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/provider/provider.h"

/* Passes on the runs that a query takes, up to its limit. */
struct dl_query_sink {
	struct dl_sink sink;
	struct dl_sink *next;
	const struct dl_run_query *query;
	long count; /* passed on so far */
};

/* dl_query_sink(filter, query, next): FILTER is ready; it answers DL_ENOUGH when the limit is reached. Both
 * arguments are borrowed. */
void dl_query_sink(struct dl_query_sink *filter, const struct dl_run_query *query, struct dl_sink *next);

/* dl_query_newest_first(a, b): the order of two struct dl_run for qsort: created last first, then by
 * number. */
int dl_query_newest_first(const void *a, const void *b);

#endif
