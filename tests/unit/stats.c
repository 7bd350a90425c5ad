#include "lib/health/stats.h"

#include <stdlib.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/data/record.h"
#include "tests/unit/check.h"

static struct dl_scope scope;

/* An event of OPERATION that took so many milliseconds. */
static struct dl_event *event_of(const char *operation, int64_t ms)
{
	struct dl_event *event = dl_schema_new(&scope, &dl_record_event);

	event->time = 1768386600;
	event->program = "dl-x";
	event->operation = operation;
	event->class = "ok";
	event->duration_s = dl_arena_format(&scope.arena, "%lld.%03d", (long long)(ms / 1000),
					    (int)(ms % 1000));
	return event;
}

/* The percentiles of one duration alone are that duration, whatever it is, but for a 64th. */
static void check_single(void)
{
	struct dl_stats stats;
	int64_t ms, got, most = 0;
	bool near = true, exact = true;

	for (ms = 0; ms < 4000000000; ms += ms / 37 + 1) {
		check_int("single", "by", dl_stats_by(&scope, &stats, "operation"), 0);
		/* A longer one, so that it is not the longest that answers. */
		dl_stats_add(&stats, event_of("a", ms));
		dl_stats_add(&stats, event_of("a", INT64_C(3999999999)));
		got = dl_stats_percentile(&stats.groups->times, 50);
		exact &= ms >= 64 || got == ms;
		near &= llabs(got - ms) * 64 <= ms;
		most = ms;
	}
	check_true("single", "below 64 ms it is exact", exact);
	check_true("single", "above it is near", near);
	check_true("single", "as far as 46 days", most > INT64_C(3800000000));
}

static void check_ranks(void)
{
	struct dl_stats stats;
	int64_t ms;

	check_int("ranks", "by", dl_stats_by(&scope, &stats, "operation"), 0);
	check_int("ranks", "no groups", (int64_t)stats.count, 0);
	for (ms = 1; ms <= 10; ms++)
		dl_stats_add(&stats, event_of("a", ms));
	check_int("ranks", "half of ten", dl_stats_percentile(&stats.groups->times, 50), 5);
	check_int("ranks", "nine of ten", dl_stats_percentile(&stats.groups->times, 90), 9);
	check_int("ranks", "99 of a hundred, of ten", dl_stats_percentile(&stats.groups->times, 99), 10);
	dl_stats_add(&stats, event_of("a", 11));
	check_int("ranks", "half of eleven", dl_stats_percentile(&stats.groups->times, 50), 6);
	check_int("ranks", "all", stats.groups->times.total_ms, 66);
	check_int("ranks", "the longest", stats.groups->times.longest_ms, 11);
}

static void check_groups(void)
{
	struct dl_stats stats;
	struct dl_stats_group *const *sorted;
	int i;

	check_int("groups", "a word that is none", dl_stats_by(&scope, &stats, "operation,hour"), -1);
	dl_fail_take(&scope, &scope.arena);
	check_int("groups", "by", dl_stats_by(&scope, &stats, "operation"), 0);
	for (i = 0; i < 3; i++) {
		dl_stats_add(&stats, event_of("b", 1));
		dl_stats_add(&stats, event_of("a", 1));
	}
	sorted = dl_stats_sort(&stats);
	check_int("groups", "two", (int64_t)stats.count, 2);
	check_text("groups", "the first", sorted[0]->operation, "a");
	check_text("groups", "the second", sorted[1]->operation, "b");
	check_int("groups", "three each", sorted[1]->count, 3);
	check_int("groups", "no quota", sorted[1]->rate_remaining, DL_INT_NONE);
	for (i = 0; i < DL_STATS_GROUPS + 10; i++)
		dl_stats_add(&stats, event_of(dl_arena_format(&scope.arena, "op%d", i), 1));
	check_int("groups", "no more than there is room for, and the others", (int64_t)stats.count,
		  DL_STATS_GROUPS + 1);
}

static void check_classes(void)
{
	static const char *const words[] = {"ok", "no", "pending", "missing"};
	const struct dl_fail_row *row;
	bool good;
	size_t i;

	for (row = dl_fail_table; row->word; row++) {
		for (good = false, i = 0; i < sizeof words / sizeof *words; i++)
			good |= strcmp(row->word, words[i]) == 0;
		check_int("classes", row->word, dl_stats_failed(row->word), !good);
	}
	check_true("classes", "unknown", dl_stats_failed("dreamt"));
}

int main(void)
{
	dl_scope_open(&scope, NULL);
	check_single();
	check_ranks();
	check_groups();
	check_classes();
	dl_scope_close(&scope);
	return check_end("stats");
}
