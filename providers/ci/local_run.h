/* local_run: the runner of the embedded CI system, a process of its own. */
#ifndef DL_LOCAL_RUN_H
#define DL_LOCAL_RUN_H

#include "lib/base/fail.h"
#include "lib/data/record.h"

struct dl_scope;

enum {
	DL_LOCAL_RUN_SKIPPED = 77,        /* exit code of a workflow that had nothing to do (Automake's) */
	DL_LOCAL_RUN_PATIENCE_MS = 10000, /* how long a workflow that was asked to stop may take to do so */
};

/* dl_local_run_start(scope, repository, folder, lock, run): starts the runner of RUN, which is queued in its
 * FOLDER, and returns at once. REPOSITORY is the git dir to check the commit out of. LOCK, the run's,
 * becomes the runner's: it is closed here in any case. The runner executes `.devloop/ci/WORKFLOW` in a clean
 * checkout, in a process group of its own, and writes the record. It outlives the caller and has none of its
 * descriptors. DL_SYSTEM. */
DL_MUST_CHECK int dl_local_run_start(struct dl_scope *scope, const char *repository, const char *folder,
				     int lock, const struct dl_run *run);

#endif
