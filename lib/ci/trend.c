#include "lib/ci/trend.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/data/state.h"

enum { BARS = 24, HEIGHTS = 8 };

static struct dl_trend *find_trend(struct dl_trends *trends, const struct dl_run *run)
{
	struct dl_arena *arena = &trends->scope->arena;
	struct dl_trend **link = &trends->trends, *trend;

	for (; (trend = *link); link = &trend->next)
		if (dl_text_same(trend->workflow, run->workflow) &&
		    dl_text_same(trend->project, run->project) && dl_text_same(trend->host, run->host) &&
		    dl_text_same(trend->provider, run->provider))
			return trend;
	trend = dl_arena_alloc(arena, sizeof *trend);
	trend->provider = dl_arena_string(arena, run->provider);
	trend->host = dl_arena_string(arena, run->host);
	trend->project = dl_arena_string(arena, run->project);
	trend->workflow = dl_arena_string(arena, run->workflow);
	*link = trend;
	return trend;
}

void dl_trend_add(struct dl_trends *trends, const struct dl_run *run)
{
	struct dl_trend *trend = find_trend(trends, run);

	if (trend->count == trend->room) {
		size_t room = trend->room ? 2 * trend->room : 16;

		trend->runs = dl_arena_grow(&trends->scope->arena, trend->runs,
					    trend->room * sizeof *trend->runs, room * sizeof *trend->runs);
		trend->room = room;
	}
	trend->runs[trend->count++] = (struct dl_trend_run){
		.at = run->created_at,
		.duration_s = run->duration_s,
		.conclusion = run->conclusion,
		.commit = run->sha ? dl_text_hash(DL_TEXT_HASH, run->sha) : 0,
		.run = trends->whole ? dl_schema_copy(trends->scope, &dl_record_run, run) : NULL,
	};
}

/* ------------------------------------------------------------------ what they come to */

static bool has_failed(const struct dl_trend_run *run)
{
	return run->conclusion == DL_FAILURE || run->conclusion == DL_TIMED_OUT;
}

static int compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int by_time(const void *a, const void *b)
{
	const struct dl_trend_run *left = a, *right = b;

	return (left->at > right->at) - (left->at < right->at);
}

static int by_commit(const void *a, const void *b)
{
	return compare(((const struct dl_trend_run *)a)->commit, ((const struct dl_trend_run *)b)->commit);
}

static int by_size(const void *a, const void *b)
{
	return compare(*(const uint64_t *)a, *(const uint64_t *)b);
}

/* Counts the commits, and those of which the same run has both failed and succeeded. */
static void count_commits(struct dl_scope *scope, const struct dl_trend *trend, struct dl_trend_line *line)
{
	struct dl_trend_run *runs = dl_arena_array(&scope->arena, trend->count, sizeof *runs);
	bool good = false, bad = false;
	size_t i;

	memcpy(runs, trend->runs, trend->count * sizeof *runs);
	qsort(runs, trend->count, sizeof *runs, by_commit);
	line->commits = line->flaky = 0;
	for (i = 0; i < trend->count; i++) {
		good |= runs[i].conclusion == DL_SUCCESS;
		bad |= has_failed(&runs[i]);
		if (i + 1 < trend->count && runs[i + 1].commit == runs[i].commit)
			continue;
		line->commits += runs[i].commit != 0;
		line->flaky += runs[i].commit && good && bad;
		good = bad = false;
	}
}

static void measure(struct dl_scope *scope, const struct dl_trend *trend, struct dl_trend_line *line)
{
	uint64_t *seconds = dl_arena_array(&scope->arena, trend->count, sizeof *seconds);
	size_t count = 0, i;

	for (i = 0; i < trend->count; i++)
		if (trend->runs[i].duration_s >= 0)
			seconds[count++] = (uint64_t)trend->runs[i].duration_s;
	if (!count)
		return;
	qsort(seconds, count, sizeof *seconds, by_size);
	line->p50_s = (int64_t)seconds[(count - 1) / 2];
	line->p90_s = (int64_t)seconds[(count * 9 + 9) / 10 - 1];
}

/* The newest durations as bars, from nothing to the longest of them. */
static const char *draw(struct dl_scope *scope, const struct dl_trend *trend)
{
	static const char *const bars[HEIGHTS] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	size_t first = trend->count > BARS ? trend->count - BARS : 0, i;
	double longest = 0;
	struct dl_buf text;

	dl_buf_init(&text, &scope->arena, DL_CAP_HEAD);
	for (i = first; i < trend->count; i++)
		if ((double)trend->runs[i].duration_s > longest)
			longest = (double)trend->runs[i].duration_s;
	for (i = first; i < trend->count; i++)
		if (trend->runs[i].duration_s >= 0)
			dl_buf_puts(&text, longest > 0 ? bars[(int)((double)trend->runs[i].duration_s /
								    longest * (HEIGHTS - 0.01))]
						       : bars[0]);
	return text.len ? text.data : NULL;
}

struct dl_trend_line *dl_trend_line(struct dl_scope *scope, struct dl_trend *trend)
{
	struct dl_trend_line *line = dl_schema_new(scope, &dl_record_trend);
	size_t i;

	qsort(trend->runs, trend->count, sizeof *trend->runs, by_time);
	line->provider = trend->provider;
	line->host = trend->host;
	line->project = trend->project;
	line->workflow = trend->workflow;
	line->total = (int64_t)trend->count;
	line->succeeded = line->failed = 0;
	for (i = 0; i < trend->count; i++) {
		line->succeeded += trend->runs[i].conclusion == DL_SUCCESS;
		line->failed += has_failed(&trend->runs[i]);
	}
	if (line->succeeded + line->failed)
		line->success_ratio =
			dl_arena_format(&scope->arena, "%.3f",
					(double)line->succeeded / (double)(line->succeeded + line->failed));
	count_commits(scope, trend, line);
	measure(scope, trend, line);
	line->durations = draw(scope, trend);
	return line;
}

int dl_trend_put(struct dl_scope *scope, const struct dl_trends *trends, struct dl_sink *sink)
{
	struct dl_trend *trend;
	int result = DL_MORE;

	for (trend = trends->trends; trend && result == DL_MORE; trend = trend->next)
		result = dl_sink_put(sink, scope, &dl_record_trend, dl_trend_line(scope, trend));
	return result;
}
