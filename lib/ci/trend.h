/* trend: what the runs of each workflow come to: how many succeed, how steadily, and how long they take. */
#ifndef DL_TREND_H
#define DL_TREND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/fail.h"

struct dl_run;
struct dl_scope;
struct dl_sink;
struct dl_trend_line;

/* What is known of one run. */
struct dl_trend_run {
	int64_t at;               /* when it was asked for */
	int64_t duration_s;       /* DL_INT_NONE: unknown */
	int conclusion;           /* enum dl_conclusion */
	uint64_t commit;          /* a hash of the commit; 0: unknown */
	const struct dl_run *run; /* all of it, where that was wanted; else NULL */
};

/* The runs of one workflow. */
struct dl_trend {
	struct dl_trend *next;
	const char *provider, *host, *project, *workflow;
	struct dl_trend_run *runs;
	size_t count, room;
};

struct dl_trends {
	struct dl_scope *scope;  /* where they live */
	bool whole;              /* runs are kept as a whole */
	struct dl_trend *trends; /* in the order in which they came */
};

/* dl_trend_add(trends, run): RUN belongs to them; it is copied when all of it is wanted. */
void dl_trend_add(struct dl_trends *trends, const struct dl_run *run);

/* dl_trend_line(scope, trend): the record of TREND, whose runs are sorted by it: the oldest is the first. */
struct dl_trend_line *dl_trend_line(struct dl_scope *scope, struct dl_trend *trend);

/* dl_trend_put(scope, trends, sink): all of these records. As dl_sink_put. */
DL_MUST_CHECK int dl_trend_put(struct dl_scope *scope, const struct dl_trends *trends, struct dl_sink *sink);

#endif
