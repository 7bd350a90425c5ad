/* stats: what many events come to, in memory that does not grow with their number. */
#ifndef DL_STATS_H
#define DL_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/fail.h"

struct dl_event;
struct dl_scope;
struct dl_sink;

enum {
	DL_STATS_CLASSES = 16,  /* classes that are told apart */
	DL_STATS_GROUPS = 2048, /* groups that are told apart; what else there is makes up one more */
	DL_STATS_BUCKETS = 1024,
};

/* How long things took, in milliseconds: how many in each bucket. A bucket is a 32nd of its power of two, so
 * that what is read off is wrong by no more than a 64th. */
struct dl_stats_times {
	uint32_t buckets[DL_STATS_BUCKETS];
	int64_t count, total_ms, longest_ms;
};

/* The events that have these four in common. */
struct dl_stats_group {
	struct dl_stats_group *next;
	const char *provider, *host, *operation, *day; /* NULL: there is none, or it does not matter */
	int64_t count, failed;
	struct {
		const char *word;
		int64_t count;
	} classes[DL_STATS_CLASSES];
	struct dl_stats_times times;
	int64_t requests, not_modified, from_disk, sent_bytes, received_bytes, retries, waited_ms;
	int64_t rate_remaining;                        /* the least; DL_INT_NONE: unknown */
	int64_t rate_last;                             /* the newest; DL_INT_NONE: unknown */
	int64_t hook_waited_ms, stopped, mutated;
	int64_t newest_good, newest_failed;            /* times; DL_TIME_NONE: there was none */
};

struct dl_stats {
	struct dl_scope *scope;
	bool by_provider, by_operation, by_day; /* what makes groups */
	struct dl_stats_group *groups;          /* the one found last is first */
	size_t count;
};

/* dl_stats_by(scope, stats, words): STATS is empty, lives in SCOPE, and makes groups by WORDS, separated by
 * commas: provider (with its host), operation, day. DL_USAGE: another word. */
DL_MUST_CHECK int dl_stats_by(struct dl_scope *scope, struct dl_stats *stats, const char *words);

/* dl_stats_add(stats, event): counts EVENT, of which nothing is kept. */
void dl_stats_add(struct dl_stats *stats, const struct dl_event *event);

/* dl_stats_failed(class): whether an operation that ended with the word CLASS has failed: it did not get the
 * answer that was asked for. */
bool dl_stats_failed(const char *class);

/* dl_stats_sort(stats): the groups, .count of them, newest day first, then by provider, host and operation;
 * an array in the scope of STATS. */
struct dl_stats_group *const *dl_stats_sort(const struct dl_stats *stats);

/* dl_stats_percentile(times, percent): the milliseconds that PERCENT of a hundred took at most; -1: there are
 * none. */
int64_t dl_stats_percentile(const struct dl_stats_times *times, int percent);

/* dl_stats_put(scope, stats, sink): a dl_stats_line for each group. As dl_sink_put. */
DL_MUST_CHECK int dl_stats_put(struct dl_scope *scope, const struct dl_stats *stats, struct dl_sink *sink);

#endif
