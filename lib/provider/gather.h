/* gather: several lists of records asked for at once, put into one sink. */
#ifndef DL_GATHER_H
#define DL_GATHER_H

#include <stddef.h>

#include "lib/base/fail.h"

struct dl_scope;
struct dl_sink;

/* dl_gather_lists(scope, count, ask, arg, sink): calls ASK(scope, ARG, index, sink) for each index below
 * COUNT, all at once, with scopes and sinks of their own; then puts what they have found into SINK, one list
 * after the other. ASK puts records of one kind, shares nothing with its siblings that it changes, and takes
 * back a failure of its scope that is to be borne. 0; 1 when SINK had enough; -1: the first list that failed.
 */
DL_MUST_CHECK int dl_gather_lists(struct dl_scope *scope, size_t count,
				  int (*ask)(struct dl_scope *scope, void *arg, size_t index,
					     struct dl_sink *sink),
				  void *arg, struct dl_sink *sink);

/* dl_gather_runs(scope, count, ask, arg, sink): the same for lists of struct dl_run: newest first, and a run
 * that stands in several of them once. */
DL_MUST_CHECK int dl_gather_runs(struct dl_scope *scope, size_t count,
				 int (*ask)(struct dl_scope *scope, void *arg, size_t index,
					    struct dl_sink *sink),
				 void *arg, struct dl_sink *sink);

#endif
