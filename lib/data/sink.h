/* sink: where records go, one by one. A provider knows no more of its reader. */
#ifndef DL_SINK_H
#define DL_SINK_H

#include <stddef.h>

#include "lib/base/fail.h"

struct dl_schema;
struct dl_scope;

/* What a sink answers: send more, or that is enough. A failure is -1. A provider passes on whatever is not
 * DL_MORE. */
enum { DL_MORE = 0, DL_ENOUGH = 1 };

/* The first member of every kind of sink. */
struct dl_sink {
	/* Takes one record, which lives no longer than SCOPE unless the kind of sink says so. */
	int (*put)(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
		   const void *record);
};

/* dl_sink_put(sink, scope, schema, record): calls it. */
DL_MUST_CHECK int dl_sink_put(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
			      const void *record);

/* Keeps copies of the records, as a list. */
struct dl_sink_list {
	struct dl_sink sink;
	struct dl_scope *keep; /* where the copies live */
	const struct dl_schema *schema; /* of the records: all of one kind */
	char *items;
	size_t count;
	size_t room;
	size_t limit; /* enough at so many; 0: no limit */
};

/* dl_sink_list(list, keep, limit): LIST is empty; its records will live in KEEP. */
void dl_sink_list(struct dl_sink_list *list, struct dl_scope *keep, size_t limit);

/* dl_sink_item(list, index): one of the records. */
const void *dl_sink_item(const struct dl_sink_list *list, size_t index);

/* dl_sink_replay(scope, list, sink): puts the records of LIST into SINK until it has enough. As dl_sink_put.
 */
DL_MUST_CHECK int dl_sink_replay(struct dl_scope *scope, const struct dl_sink_list *list,
				 struct dl_sink *sink);

/* Passes on only the first records. */
struct dl_sink_first {
	struct dl_sink sink;
	struct dl_sink *next;
	long left; /* below 0: no limit */
};

/* dl_sink_first(first, next, limit): FIRST passes on LIMIT records (0 and less: all). */
void dl_sink_first(struct dl_sink_first *first, struct dl_sink *next, long limit);

#endif
