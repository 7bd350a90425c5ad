#include "lib/ci/trend.h"

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/data/record.h"
#include "lib/data/state.h"
#include "tests/unit/check.h"

static struct dl_scope scope;

static void add(struct dl_trends *trends, const char *workflow, const char *sha, int conclusion, int64_t at,
		int64_t duration_s)
{
	struct dl_run *run = dl_schema_new(&scope, &dl_record_run);

	run->workflow = workflow;
	run->sha = sha;
	run->conclusion = conclusion;
	run->created_at = at;
	run->duration_s = duration_s;
	dl_trend_add(trends, run);
}

static void check_counts(void)
{
	struct dl_trends trends = {.scope = &scope};
	const struct dl_trend_line *line;

	add(&trends, "a", "1", DL_FAILURE, 1, 30);
	add(&trends, "a", "1", DL_SUCCESS, 2, 10);     /* flaky */
	add(&trends, "a", "2", DL_SUCCESS, 3, 20);
	add(&trends, "b", "2", DL_FAILURE, 3, 20);     /* of another workflow */
	add(&trends, "a", "3", DL_TIMED_OUT, 4, DL_INT_NONE);
	add(&trends, "a", "4", DL_CANCELLED, 5, 40);
	add(&trends, "a", NULL, DL_SUCCESS, 6, 50);
	add(&trends, "a", NULL, DL_FAILURE, 7, 60);    /* of an unknown commit */
	line = dl_trend_line(&scope, trends.trends);
	check_text("counts", "workflow", line->workflow, "a");
	check_int("counts", "total", line->total, 7);
	check_int("counts", "succeeded", line->succeeded, 3);
	check_int("counts", "failed", line->failed, 3);
	check_text("counts", "share", line->success_ratio, "0.500");
	check_int("counts", "commits", line->commits, 4);
	check_int("counts", "flaky", line->flaky, 1);
	check_int("counts", "half", line->p50_s, 30);
	check_int("counts", "nine of ten", line->p90_s, 60);
	line = dl_trend_line(&scope, trends.trends->next);
	check_text("counts", "the other", line->success_ratio, "0.000");
	check_int("counts", "the other is steady", line->flaky, 0);
}

static void check_bars(void)
{
	struct dl_trends trends = {.scope = &scope, .whole = true};
	struct dl_trend_line *line;
	int64_t i;

	for (i = 40; i > 0; i--)
		add(&trends, "a", NULL, DL_SUCCESS, i, i == 40 ? 100 : 0);
	line = dl_trend_line(&scope, trends.trends);
	check_text("bars", "the newest are the last", line->durations, "▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁█");
	check_int("bars", "the oldest is the first", trends.trends->runs[0].run->created_at, 1);
	trends = (struct dl_trends){.scope = &scope};
	add(&trends, "a", NULL, DL_CONCLUSION_NULL, DL_TIME_NONE, DL_INT_NONE);
	line = dl_trend_line(&scope, trends.trends);
	check_text("bars", "nothing is known", line->durations, NULL);
	check_text("bars", "nothing is judged", line->success_ratio, NULL);
	check_int("bars", "nothing is measured", line->p50_s, DL_INT_NONE);
	check_true("bars", "nothing is kept", !trends.trends->runs[0].run);
}

int main(void)
{
	dl_scope_open(&scope, NULL);
	check_counts();
	check_bars();
	dl_scope_close(&scope);
	return check_end("trend");
}
