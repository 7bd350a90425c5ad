/* wait: how a program looks again and again at something that takes its time. */
#ifndef DL_WAIT_H
#define DL_WAIT_H

#include <stdbool.h>
#include <stdint.h>

struct dl_error;

struct dl_wait {
	int64_t started_ms; /* of dl_time_clock_ms */
	int64_t pause_ms;   /* before the next look */
	int failures;       /* looks that failed, in a row */
	bool near;          /* looking costs nothing: it is on this machine */
};

/* dl_wait_begin(wait, near): the waiting begins now. */
void dl_wait_begin(struct dl_wait *wait, bool near);

/* dl_wait_next(wait, error): after a look that ended with ERROR (of class DL_OK: it did not fail) .pause_ms
 * is how long to wait: longer and longer from 2 s to 30 s, with some jitter, and as long as the server asked
 * for; a minute when it limits requests and does not say for how long. False when there should be no other
 * look: the failure is none that passes, or the sixth in a row. */
bool dl_wait_next(struct dl_wait *wait, const struct dl_error *error);

/* dl_wait_spare(wait, remaining): makes the pause longer when few requests of the quota are left: REMAINING
 * of them; DL_INT_NONE: nobody said. */
void dl_wait_spare(struct dl_wait *wait, int64_t remaining);

/* dl_wait_seconds(wait): since it began. */
int64_t dl_wait_seconds(const struct dl_wait *wait);

#endif
