#include "lib/base/wait.h"

#include <stdlib.h>

#include "lib/base/fail.h"
#include "lib/base/text.h"
#include "lib/base/time.h"

enum {
	FIRST_PAUSE_MS = 2000,
	LAST_PAUSE_MS = 30000,
	NEAR_PAUSE_MS = 200,
	PATIENCE = 5,
	SCARCE = 500,
	SPARE_PAUSE_MS = 60000,
	UNTOLD_LIMIT_S = 60, /* a limit whose end is not told is one for a minute, as a rule */
};

void dl_wait_begin(struct dl_wait *wait, bool near)
{
	*wait = (struct dl_wait){.started_ms = dl_time_clock_ms(), .near = near};
}

/* A network may come back, and a quota is filled again. */
static bool may_pass(const struct dl_error *error)
{
	return error->class == DL_NETWORK || error->class == DL_LIMITED;
}

bool dl_wait_next(struct dl_wait *wait, const struct dl_error *error)
{
	int64_t pause = wait->pause_ms ? wait->pause_ms + wait->pause_ms / 2 : FIRST_PAUSE_MS;
	int64_t least_s = error->class == DL_LIMITED && !error->retry_after_s ? UNTOLD_LIMIT_S
									     : error->retry_after_s;

	if (pause > LAST_PAUSE_MS)
		pause = LAST_PAUSE_MS;
	pause += random() % (pause / 8 + 1);
	if (wait->near)
		pause = NEAR_PAUSE_MS;
	if (pause < least_s * 1000)
		pause = least_s * 1000;
	wait->pause_ms = pause;
	wait->failures = error->class == DL_OK ? 0 : wait->failures + 1;
	return error->class == DL_OK || (may_pass(error) && wait->failures <= PATIENCE);
}

void dl_wait_spare(struct dl_wait *wait, int64_t remaining)
{
	if (remaining == DL_INT_NONE || remaining >= SCARCE || wait->near)
		return;
	if (wait->pause_ms < SPARE_PAUSE_MS / 4)
		wait->pause_ms = SPARE_PAUSE_MS / 4;
	if (remaining < SCARCE / 5 && wait->pause_ms < SPARE_PAUSE_MS)
		wait->pause_ms = SPARE_PAUSE_MS;
}

int64_t dl_wait_seconds(const struct dl_wait *wait)
{
	return (dl_time_clock_ms() - wait->started_ms) / 1000;
}
