/* dl-stats: what the programs did: how often, how long, how well, and what they have changed. */
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/data/event.h"
#include "lib/data/record.h"
#include "lib/health/alert.h"
#include "lib/health/metrics.h"
#include "lib/health/stats.h"
#include "lib/program/out.h"
#include "lib/program/program.h"

struct options {
	int64_t since, alert_s;
	const char *by;
	bool audit, openmetrics;
};

static const struct dl_opt options[] = {
	{0, "since", DL_OPT_SINCE, offsetof(struct options, since), "TIME",
	 "only what was done then or later: a time, a date, or 24h"},
	{0, "by", DL_OPT_TEXT, offsetof(struct options, by), "WORDS",
	 "a line for each provider, operation and day; or by one or two of these"},
	{0, "audit", DL_OPT_FLAG, offsetof(struct options, audit), NULL,
	 "print the events that have changed something instead"},
	{0, "openmetrics", DL_OPT_FLAG, offsetof(struct options, openmetrics), NULL,
	 "print metrics for Prometheus instead"},
	{0, "alert", DL_OPT_DURATION, offsetof(struct options, alert_s), "TIME",
	 "exit 1 when a provider, or dl-sync, has failed for TIME"},
	{.name = NULL},
};

static const struct dl_program program = {
	.name = "dl-stats",
	.summary = "sum up what the programs did: the event log",
	.operands = "[FILE...|-]",
	.options = options,
	.takes = DL_TAKES_NOTHING,
	.common = "lines,table,field,quiet",
	.example = "dl-stats --since 7d --by operation",
};

struct work {
	struct dl_event_reader reader;
	struct dl_scope *scope;
	const struct options *given;
	struct dl_stats stats;
	struct dl_alert alert;
	struct dl_out out;
	enum dl_class answer;
	size_t count;
};

/* An event that has changed something, or may have, is printed at once; the others only count. */
static int take(struct dl_event_reader *reader, struct dl_scope *scope, const struct dl_event *event)
{
	struct work *work = (struct work *)reader;

	work->count++;
	if (work->given->alert_s >= 0)
		dl_alert_add(&work->alert, event);
	else if (!work->given->audit)
		dl_stats_add(&work->stats, event);
	else if (event->mutated == 1 || event->changed.count)
		return dl_sink_put(&work->out.sink, scope, &dl_record_event, event);
	return 0;
}

static int print_metrics(struct work *work)
{
	struct dl_buf text;

	dl_buf_init(&text, &work->scope->arena, DL_CAP_BODY);
	dl_metrics_write(&work->stats, work->reader.damaged, &text);
	return dl_buf_check(work->scope, &text, "the text") ? -1
							    : dl_out_text(work->scope, &work->out, text.data,
									  text.len);
}

static int print_results(struct work *work)
{
	const struct options *given = work->given;
	int result;

	if (given->alert_s >= 0) {
		result = dl_alert_put(work->scope, &work->alert, dl_time_now(), given->alert_s,
				      &work->out.sink);
		work->answer = result > 0 ? DL_NO : DL_OK;
		return result;
	}
	if (given->openmetrics)
		return print_metrics(work);
	return given->audit ? 0 : dl_stats_put(work->scope, &work->stats, &work->out.sink);
}

static int sum_up(struct work *work, const struct dl_common *common, const struct dl_opt_list *files)
{
	const struct options *given = work->given;
	struct dl_error note = {.class = DL_OK};

	if (given->audit + given->openmetrics + (given->alert_s >= 0) > 1)
		return dl_fail(work->scope, DL_USAGE,
			       "--audit, --openmetrics and --alert exclude each other");
	if (dl_stats_by(work->scope, &work->stats, given->openmetrics ? "provider,operation" : given->by) ||
	    dl_event_read(work->scope, files, &work->reader) < 0 || print_results(work) < 0 ||
	    dl_out_flush(work->scope, &work->out) < 0)
		return -1;
	note.message =
		dl_arena_format(&work->scope->arena, "damaged lines were left out: %lld; the first: %s",
				(long long)work->reader.damaged, work->reader.first);
	if (work->reader.damaged && !common->quiet)
		dl_program_error(&program, NULL, &note);
	if (!work->out.count && !given->openmetrics && given->alert_s < 0)
		return dl_fail(work->scope, DL_MISSING, "the log has no such events");
	return 0;
}

int main(int argc, char **argv)
{
	struct options given = {.since = DL_TIME_NONE, .alert_s = -1, .by = "provider,operation,day"};
	struct work work = {.reader.take = take, .given = &given};
	struct dl_opt_list operands;
	struct dl_common common;
	struct dl_scope scope;

	if (dl_program_begin(&scope, &program, argc, argv, &common, &given, &operands) == 0 &&
	    dl_program_out(&scope, &common, &work.out) == 0) {
		work.scope = work.alert.scope = &scope;
		work.reader.since = given.since;
		DL_BUG_IF(sum_up(&work, &common, &operands) < 0 && scope.error.class == DL_OK);
		dl_out_close(&work.out);
	}
	return dl_program_end(&scope, &program, work.answer);
}
