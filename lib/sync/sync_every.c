#include "lib/sync/sync_every.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "lib/base/time.h"
#include "lib/program/notify.h"
#include "lib/program/tool.h"

static sigset_t waking_signals(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	return signals;
}

/* Waits until DUE_MS of dl_time_clock_ms. True: then, or sooner, the next round begins; false: it is over. */
static bool wait_until(int64_t due_ms)
{
	sigset_t signals = waking_signals(), old;
	int64_t left = due_ms - dl_time_clock_ms();
	struct timespec pause = {.tv_sec = left > 0 ? left / 1000 : 0,
				 .tv_nsec = left > 0 ? left % 1000 * 1000000 : 0};
	int number;

	sigprocmask(SIG_BLOCK, &signals, &old);
	do
		number = sigtimedwait(&signals, NULL, &pause);
	while (number < 0 && errno == EINTR);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return number < 0 || number == SIGHUP;
}

static void tell(struct dl_tool *tool, struct dl_scope *scope)
{
	struct dl_error error;

	if (scope->error.class == DL_OK)
		return;
	error = dl_fail_take(scope, &scope->arena);
	dl_program_error(tool->program, NULL, &error);
}

int dl_sync_every(struct dl_scope *scope, struct dl_tool *tool, int64_t every_s,
		  int (*round)(struct dl_scope *scope, struct dl_tool *tool))
{
	int64_t started_ms, every_ms = every_s * 1000, timeout_ms = tool->common.timeout_s * 1000;
	struct dl_scope piece;
	sigset_t again;

	/* One that comes during a round is for the waiting after it. */
	sigemptyset(&again);
	sigaddset(&again, SIGHUP);
	sigprocmask(SIG_BLOCK, &again, NULL);
	dl_notify_send("READY=1");
	do {
		started_ms = dl_time_clock_ms();
		tool->deadline_ms = timeout_ms ? started_ms + timeout_ms : 0;
		dl_notify_send("STATUS=at work");
		dl_scope_open(&piece, NULL);
		if (round(&piece, tool))
			tell(tool, &piece);
		dl_scope_close(&piece);
		if (dl_out_flush(scope, &tool->out) < 0)
			return -1;
		dl_notify_send(tool->answer == DL_OK ? "STATUS=all in step" : "STATUS=not all in step");
		tool->answer = DL_OK;
	} while (!tool->out.closed && wait_until(started_ms + every_ms + random() % (every_ms / 10 + 1)));
	dl_notify_send("STOPPING=1");
	return 0;
}
