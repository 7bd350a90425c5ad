/* metrics: what lib/health/stats.h has counted, for Prometheus: text that is read both as its own format,
 * which the textfile collector of the node exporter takes, and as OpenMetrics 1.0.
 *
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 * https://prometheus.io/docs/specs/om/open_metrics_spec/ */
#ifndef DL_METRICS_H
#define DL_METRICS_H

#include <stdint.h>

struct dl_buf;
struct dl_stats;

/* dl_metrics_write(stats, damaged, buf): appends all metrics of STATS, which has groups by provider and
 * operation, and not by day, and how many lines of the log were DAMAGED. */
void dl_metrics_write(const struct dl_stats *stats, int64_t damaged, struct dl_buf *buf);

#endif
