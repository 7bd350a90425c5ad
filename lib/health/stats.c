/* Percentiles of a log of any length come from counts in buckets that grow with what is measured, as in an
 * HDR histogram (https://hdrhistogram.org): up to 64 ms a bucket is a millisecond, above it is a 32nd of the
 * power of two below. To keep all durations, or a sample of them, would need memory, or miss what is rare. */
#include "lib/health/stats.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/data/event.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"

enum { FINE = 5, EXACT = 2 << FINE, DAY_LEN = 10 };

/* ------------------------------------------------------------------ numbers */

/* What is absent adds nothing, and no sum runs over. */
static void add(int64_t *sum, int64_t number)
{
	if (number > 0 && __builtin_add_overflow(*sum, number, sum))
		*sum = INT64_MAX;
}

/* The milliseconds that TEXT, a JSON value, spells in seconds; -1: it is no number from 0 on, or absent. */
static int64_t to_ms(const char *text)
{
	char *end;
	double seconds;

	if (!text || (*text != '.' && (*text < '0' || *text > '9')))
		return -1;
	seconds = strtod(text, &end);
	if (*end || !(seconds >= 0))
		return -1;
	return seconds < 4e6 ? (int64_t)(seconds * 1000 + 0.5) : INT64_C(4000000000);
}

static size_t bucket_of(int64_t ms)
{
	int shift = 0;

	while (ms >> shift >= EXACT)
		shift++;
	return (size_t)(ms >> shift) + (size_t)shift * (EXACT / 2);
}

/* The middle of a bucket. */
static int64_t middle_of(size_t bucket)
{
	size_t shift = bucket < EXACT ? 0 : bucket / (EXACT / 2) - 1;
	int64_t first = (int64_t)(bucket - shift * (EXACT / 2)) << shift;

	return first + ((INT64_C(1) << shift) - 1) / 2;
}

static void add_time(struct dl_stats_times *times, int64_t ms)
{
	size_t bucket;

	if (ms < 0)
		return;
	bucket = bucket_of(ms);
	if (bucket >= DL_STATS_BUCKETS)
		bucket = DL_STATS_BUCKETS - 1;
	times->buckets[bucket] += times->buckets[bucket] < UINT32_MAX;
	times->count++;
	add(&times->total_ms, ms);
	if (ms > times->longest_ms)
		times->longest_ms = ms;
}

int64_t dl_stats_percentile(const struct dl_stats_times *times, int percent)
{
	int64_t rank = times->count - times->count * (100 - percent) / 100, seen = 0, ms;
	size_t bucket;

	if (!times->count)
		return -1;
	for (bucket = 0; bucket < DL_STATS_BUCKETS - 1; bucket++) {
		seen += times->buckets[bucket];
		if (seen >= rank)
			break;
	}
	ms = middle_of(bucket);
	return ms < times->longest_ms ? ms : times->longest_ms;
}

/* ------------------------------------------------------------------ groups */

int dl_stats_by(struct dl_scope *scope, struct dl_stats *stats, const char *words)
{
	const char *word, *end;

	*stats = (struct dl_stats){.scope = scope};
	for (; *words; words = *end ? end + 1 : end) {
		end = strchrnul(words, ',');
		word = dl_arena_copy(&scope->arena, words, (size_t)(end - words));
		if (!dl_text_in(word, "provider,operation,day"))
			return dl_fail(scope, DL_USAGE, "--by: '%s' is not provider, operation or day",
				       dl_text_quote(&scope->arena, word));
		stats->by_provider |= strcmp(word, "provider") == 0;
		stats->by_operation |= strcmp(word, "operation") == 0;
		stats->by_day |= strcmp(word, "day") == 0;
	}
	return 0;
}

static struct dl_stats_group *new_group(struct dl_stats *stats)
{
	struct dl_stats_group *group = dl_arena_alloc(&stats->scope->arena, sizeof *group);

	group->next = stats->groups;
	group->rate_remaining = group->rate_last = DL_INT_NONE;
	group->newest_good = group->newest_failed = DL_TIME_NONE;
	stats->groups = group;
	stats->count++;
	return group;
}

static bool is_for(const struct dl_stats_group *group, const struct dl_stats_group *key)
{
	return dl_text_same(group->day, key->day) && dl_text_same(group->operation, key->operation) &&
	       dl_text_same(group->provider, key->provider) && dl_text_same(group->host, key->host);
}

/* The group of EVENT. Most events are of the group of the one before, or nearly so: the list is kept in the
 * order of use. */
static struct dl_stats_group *find_group(struct dl_stats *stats, struct dl_scope *scope,
					 const struct dl_event *event)
{
	const char *time = dl_time_format(&scope->arena, event->time);
	const struct dl_stats_group key = {
		.provider = stats->by_provider ? event->provider : NULL,
		.host = stats->by_provider ? event->host : NULL,
		.operation = stats->by_operation ? event->operation : NULL,
		.day = stats->by_day ? dl_arena_copy(&scope->arena, time, DAY_LEN) : NULL,
	};
	const struct dl_stats_group rest = {.operation = "(others)"};
	const struct dl_stats_group *wanted = &key;
	struct dl_arena *arena = &stats->scope->arena;
	struct dl_stats_group **link = &stats->groups, *group;

	while (*link && !is_for(*link, wanted)) {
		link = &(*link)->next;
		if (!*link && wanted == &key && stats->count >= DL_STATS_GROUPS) {
			wanted = &rest;
			link = &stats->groups;
		}
	}
	group = *link;
	if (!group) {
		group = new_group(stats);
		group->provider = dl_arena_string(arena, wanted->provider);
		group->host = dl_arena_string(arena, wanted->host);
		group->operation = dl_arena_string(arena, wanted->operation);
		group->day = dl_arena_string(arena, wanted->day);
	} else if (link != &stats->groups) {
		*link = group->next;
		group->next = stats->groups;
		stats->groups = group;
	}
	return group;
}

bool dl_stats_failed(const char *class)
{
	return !dl_text_in(class, "ok,no,pending,missing");
}

/* A word that no exit code has may be of a newer version, or damage: all such count as one. */
static void add_class(struct dl_stats_group *group, const char *class)
{
	const struct dl_fail_row *row = dl_fail_table;
	size_t i = 0;

	while (row->word && strcmp(row->word, class) != 0)
		row++;
	class = row->word ? row->word : "unknown";
	/* There is room for all of the table, and for one more. */
	while (i + 1 < DL_STATS_CLASSES && group->classes[i].word &&
	       strcmp(group->classes[i].word, class) != 0)
		i++;
	group->classes[i].word = class;
	group->classes[i].count++;
}

static void keep_newest(int64_t *newest, int64_t time)
{
	if (*newest == DL_TIME_NONE || time > *newest)
		*newest = time;
}

static void add_event(struct dl_stats_group *group, const struct dl_event *event)
{
	bool failed = dl_stats_failed(event->class), gate = dl_text_same(event->operation, "gate");
	int64_t waited_ms = to_ms(event->waited_s);

	group->count++;
	group->failed += failed;
	add_class(group, event->class);
	add_time(&group->times, to_ms(event->duration_s));
	add(&group->requests, event->requests);
	add(&group->not_modified, event->not_modified);
	add(&group->from_disk, event->from_disk);
	add(&group->sent_bytes, event->sent_bytes);
	add(&group->received_bytes, event->received_bytes);
	add(&group->retries, event->retries);
	add(gate ? &group->hook_waited_ms : &group->waited_ms, waited_ms);
	group->stopped += gate && dl_text_same(event->class, "no");
	group->mutated += event->mutated == 1;
	if (event->rate_remaining >= 0) {
		group->rate_last = event->rate_remaining;
		if (group->rate_remaining == DL_INT_NONE || event->rate_remaining < group->rate_remaining)
			group->rate_remaining = event->rate_remaining;
	}
	keep_newest(failed ? &group->newest_failed : &group->newest_good, event->time);
}

void dl_stats_add(struct dl_stats *stats, const struct dl_event *event)
{
	struct dl_scope scratch;

	dl_scope_open(&scratch, NULL);
	add_event(find_group(stats, &scratch, event), event);
	dl_scope_close(&scratch);
}

/* ------------------------------------------------------------------ lines */

static int compare(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

static int by_place(const void *a, const void *b)
{
	const struct dl_stats_group *left = *(struct dl_stats_group *const *)a;
	const struct dl_stats_group *right = *(struct dl_stats_group *const *)b;
	int order = compare(right->day, left->day);

	order = order ? order : compare(left->provider, right->provider);
	order = order ? order : compare(left->host, right->host);
	return order ? order : compare(left->operation, right->operation);
}

struct dl_stats_group *const *dl_stats_sort(const struct dl_stats *stats)
{
	struct dl_stats_group **sorted = dl_arena_array(&stats->scope->arena, stats->count, sizeof *sorted);
	struct dl_stats_group *group;
	size_t count = 0;

	for (group = stats->groups; group; group = group->next)
		sorted[count++] = group;
	qsort(sorted, count, sizeof *sorted, by_place);
	return sorted;
}

static const char *write_classes(struct dl_scope *scope, const struct dl_stats_group *group)
{
	struct dl_buf text;
	size_t i;

	dl_buf_init(&text, &scope->arena, DL_CAP_HEAD);
	for (i = 0; i < DL_STATS_CLASSES && group->classes[i].word; i++)
		dl_buf_printf(&text, "%s\"%s\":%" PRId64, i ? "," : "{", group->classes[i].word,
			      group->classes[i].count);
	dl_buf_putc(&text, '}');
	return text.data;
}

static const char *percentile_s(struct dl_scope *scope, const struct dl_stats_group *group, int percent)
{
	int64_t ms = dl_stats_percentile(&group->times, percent);

	return ms < 0 ? NULL : dl_event_seconds(&scope->arena, ms);
}

static struct dl_stats_line *make_line(struct dl_scope *scope, const struct dl_stats_group *group)
{
	struct dl_stats_line *line = dl_schema_new(scope, &dl_record_stats);
	double hits = (double)group->not_modified + (double)group->from_disk;
	double all = (double)group->requests + (double)group->from_disk;

	line->provider = group->provider;
	line->host = group->host;
	line->day = group->day;
	line->operation = group->operation;
	line->count = group->count;
	line->failed = group->failed;
	line->classes = write_classes(scope, group);
	line->p50_s = percentile_s(scope, group, 50);
	line->p90_s = percentile_s(scope, group, 90);
	line->p99_s = percentile_s(scope, group, 99);
	line->requests = group->requests;
	line->quota_used =
		group->requests > group->not_modified ? group->requests - group->not_modified : 0;
	line->rate_remaining = group->rate_remaining;
	line->hit_ratio = all > 0 ? dl_arena_format(&scope->arena, "%.3f", hits / all) : NULL;
	line->sent_bytes = group->sent_bytes;
	line->received_bytes = group->received_bytes;
	line->retries = group->retries;
	line->waited_s = dl_event_seconds(&scope->arena, group->waited_ms);
	line->hook_waited_s = dl_event_seconds(&scope->arena, group->hook_waited_ms);
	line->stopped = group->stopped;
	line->mutated = group->mutated;
	return line;
}

int dl_stats_put(struct dl_scope *scope, const struct dl_stats *stats, struct dl_sink *sink)
{
	struct dl_stats_group *const *sorted = dl_stats_sort(stats);
	int result = DL_MORE;
	size_t i;

	for (i = 0; i < stats->count && result == DL_MORE; i++)
		result = dl_sink_put(sink, scope, &dl_record_stats, make_line(scope, sorted[i]));
	return result;
}
