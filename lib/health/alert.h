/* alert: who has failed for too long, by the event log: a provider, or the keeping in step of dl-sync. */
#ifndef DL_ALERT_H
#define DL_ALERT_H

#include <stdint.h>

#include "lib/base/fail.h"

struct dl_event;
struct dl_scope;
struct dl_sink;

struct dl_alert_subject;

struct dl_alert {
	struct dl_scope *scope;
	struct dl_alert_subject *subjects;
};

/* dl_alert_add(alert, event): takes note of EVENT, later than those before it. */
void dl_alert_add(struct dl_alert *alert, const struct dl_event *event);

/* dl_alert_put(scope, alert, now, after_s, sink): a dl_check for each provider at its host, and for dl-sync:
 * DL_CHECK_FAIL for who has done nothing but fail for AFTER_S seconds or longer before NOW, DL_CHECK_WARN for
 * less. The worst first. The number of failures, or -1: as dl_sink_put. */
DL_MUST_CHECK int dl_alert_put(struct dl_scope *scope, const struct dl_alert *alert, int64_t now,
			       int64_t after_s, struct dl_sink *sink);

#endif
