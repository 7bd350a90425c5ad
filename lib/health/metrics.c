/* The log is cut from time to time, so that sums over it may fall: they are gauges, and no counters. */
#include "lib/health/metrics.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/health/stats.h"

/* How a number of a group becomes a value. */
enum unit { AS_IS, MILLISECONDS, MOMENT };

/* One metric: a number of every group that has one. */
struct metric {
	const char *name, *help;
	enum unit unit;
	size_t offset; /* of an int64_t in struct dl_stats_group */
};

#define METRIC(name_, unit_, member, help_) \
	{.name = name_, .help = help_, .unit = unit_, .offset = offsetof(struct dl_stats_group, member)}

static const struct metric metrics[] = {
	METRIC("devloop_requests", AS_IS, requests, "HTTP requests sent."),
	METRIC("devloop_requests_not_modified", AS_IS, not_modified, "Requests that were answered 304."),
	METRIC("devloop_answers_from_disk", AS_IS, from_disk, "Answers for which no request was sent."),
	METRIC("devloop_sent_bytes", AS_IS, sent_bytes, "Bytes of request bodies."),
	METRIC("devloop_received_bytes", AS_IS, received_bytes, "Bytes of answers."),
	METRIC("devloop_retries", AS_IS, retries, "Requests that were sent again."),
	METRIC("devloop_waited_seconds", MILLISECONDS, waited_ms, "Time spent waiting for a server."),
	METRIC("devloop_hook_waited_seconds", MILLISECONDS, hook_waited_ms,
	       "Time that the hook pre-push has held pushes up."),
	METRIC("devloop_pushes_stopped", AS_IS, stopped, "Pushes that the hook pre-push has stopped."),
	METRIC("devloop_changes", AS_IS, mutated, "Operations that have changed something."),
	METRIC("devloop_quota_remaining", AS_IS, rate_last,
	       "Requests left in the provider's quota, as last heard."),
	METRIC("devloop_last_good_timestamp_seconds", MOMENT, newest_good,
	       "When an operation last got its answer."),
	METRIC("devloop_last_failure_timestamp_seconds", MOMENT, newest_failed,
	       "When an operation last failed."),
};

/* A VALUE of the log may be seen on a terminal. */
static void add_label(struct dl_buf *buf, const char *name, const char *value)
{
	struct dl_arena arena = {NULL};
	struct dl_buf clean;

	dl_buf_init(&clean, &arena, DL_CAP_LINE);
	if (value)
		dl_text_clean(&clean, value, strlen(value), false);
	dl_buf_printf(buf, "%s=\"", name);
	for (value = clean.data; value && *value; value++) {
		if (*value == '\\' || *value == '"')
			dl_buf_putc(buf, '\\');
		if (*value == '\n')
			dl_buf_puts(buf, "\\n");
		else
			dl_buf_putc(buf, *value);
	}
	dl_buf_putc(buf, '"');
	dl_arena_free(&arena);
}

/* What every sample of GROUP begins with; the braces are still open. */
static void add_sample(struct dl_buf *buf, const char *name, const struct dl_stats_group *group)
{
	dl_buf_printf(buf, "%s{", name);
	add_label(buf, "provider", group->provider);
	dl_buf_putc(buf, ',');
	add_label(buf, "host", group->host);
	dl_buf_putc(buf, ',');
	add_label(buf, "operation", group->operation);
}

static void add_family(struct dl_buf *buf, const char *name, const char *type, const char *help)
{
	dl_buf_printf(buf, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void add_seconds(struct dl_buf *buf, int64_t ms)
{
	dl_buf_printf(buf, "%" PRId64 ".%03d\n", ms / 1000, (int)(ms % 1000));
}

static void add_metric(struct dl_buf *buf, const struct metric *metric, struct dl_stats_group *const *groups,
		       size_t count)
{
	int64_t number;
	size_t i;

	add_family(buf, metric->name, "gauge", metric->help);
	for (i = 0; i < count; i++) {
		number = *(const int64_t *)((const char *)groups[i] + metric->offset);
		if (number == (metric->unit == MOMENT ? DL_TIME_NONE : DL_INT_NONE))
			continue;
		add_sample(buf, metric->name, groups[i]);
		dl_buf_puts(buf, "} ");
		if (metric->unit == MILLISECONDS)
			add_seconds(buf, number);
		else
			dl_buf_printf(buf, "%" PRId64 "\n", number);
	}
}

static void add_classes(struct dl_buf *buf, struct dl_stats_group *const *groups, size_t count)
{
	size_t i, j;

	add_family(buf, "devloop_operations", "gauge", "Operations, by how they ended.");
	for (i = 0; i < count; i++)
		for (j = 0; j < DL_STATS_CLASSES && groups[i]->classes[j].word; j++) {
			add_sample(buf, "devloop_operations", groups[i]);
			dl_buf_putc(buf, ',');
			add_label(buf, "class", groups[i]->classes[j].word);
			dl_buf_printf(buf, "} %" PRId64 "\n", groups[i]->classes[j].count);
		}
}

static void add_durations(struct dl_buf *buf, const struct dl_stats_group *group)
{
	static const char name[] = "devloop_operation_duration_seconds";
	static const int percents[] = {50, 90, 99};
	size_t i;

	if (!group->times.count)
		return;
	for (i = 0; i < sizeof percents / sizeof *percents; i++) {
		add_sample(buf, name, group);
		dl_buf_printf(buf, ",quantile=\"0.%d\"} ", percents[i] == 99 ? 99 : percents[i] / 10);
		add_seconds(buf, dl_stats_percentile(&group->times, percents[i]));
	}
	add_sample(buf, "devloop_operation_duration_seconds_sum", group);
	dl_buf_puts(buf, "} ");
	add_seconds(buf, group->times.total_ms);
	add_sample(buf, "devloop_operation_duration_seconds_count", group);
	dl_buf_printf(buf, "} %" PRId64 "\n", group->times.count);
}

void dl_metrics_write(const struct dl_stats *stats, int64_t damaged, struct dl_buf *buf)
{
	struct dl_stats_group *const *groups = dl_stats_sort(stats);
	size_t i;

	add_classes(buf, groups, stats->count);
	add_family(buf, "devloop_operation_duration_seconds", "summary", "How long operations took.");
	for (i = 0; i < stats->count; i++)
		add_durations(buf, groups[i]);
	for (i = 0; i < sizeof metrics / sizeof *metrics; i++)
		add_metric(buf, &metrics[i], groups, stats->count);
	add_family(buf, "devloop_log_damaged_lines", "gauge", "Lines of the event log that are no events.");
	dl_buf_printf(buf, "devloop_log_damaged_lines %" PRId64 "\n# EOF\n", damaged);
}
