/* watch: looks at many runs until they are over, and tells what changes. */
#ifndef DL_WATCH_H
#define DL_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/fail.h"

struct dl_call;
struct dl_scope;

/* How it is done. */
struct dl_watch {
	bool events;         /* each change is put, not only the end */
	int64_t interval_s;  /* between two looks; 0: longer and longer, see lib/base/wait.h */
	const char *command; /* a shell command that gets each line that is put on its standard input; NULL */
};

/* dl_watch_runs(scope, watch, calls, count): looks at the runs that CALLS are about (a commit stands for its
 * newest ones) again and again, those of one project by one request where its list shows them, all projects
 * at once. A run is put when it is over or waits for a human, and then not looked at any more. Failures that
 * may pass are told and borne, six in a row are not; a run that fails becomes a failure of its own call's
 * project and an `error` line, and the others go on. Each call's answer is the worst of its runs: DL_OK,
 * DL_NO, or DL_PENDING when the deadline came first. 0; 1 when the sink had enough; -1: SCOPE has failed,
 * with the class of the last failure, after everything else is over. */
DL_MUST_CHECK int dl_watch_runs(struct dl_scope *scope, const struct dl_watch *watch,
				const struct dl_call *calls, size_t count);

#endif
