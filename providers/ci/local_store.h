/* local_store: the runs of the embedded CI system as they lie on disk. Each has a folder devloop/runs/ID in
 * the git dir that all worktrees share:
 *
 *	record          the run, one line as dl-runs prints it
 *	record.N        the same as attempt N left it, once there is a newer one
 *	log.N           what attempt N has printed
 *	artifacts       the files that the newest attempt leaves
 *	lock            locked by the runner for as long as it lives
 *	cancel, kill    requests to the runner
 *
 * A run exists from its record's first writing to its removal. A FOLDER below is a run's, without a final
 * '/'. */
#ifndef DL_LOCAL_STORE_H
#define DL_LOCAL_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/fail.h"
#include "lib/data/record.h"

struct dl_json;
struct dl_scope;
struct dl_target;

enum {
	DL_LOCAL_STORE_KEPT = 200,     /* runs of a repository are kept: adding one removes what is older */
	DL_LOCAL_STORE_WAIT_MS = 1000, /* a runner may take so long from its last word to its end */
};

/* Folders, newest run first. */
struct dl_local_store_list {
	const char *const *folders;
	size_t count;
};

/* dl_local_store_folder(scope, target, id): the folder of run ID, which need not exist; NULL: DL_USAGE, ID
 * is no run's. */
const char *dl_local_store_folder(struct dl_scope *scope, const struct dl_target *target, const char *id);

/* dl_local_store_id(folder): the id of its run. Borrowed from FOLDER. */
const char *dl_local_store_id(const char *folder);

/* dl_local_store_list(scope, target, list): every run's folder. DL_SYSTEM. */
DL_MUST_CHECK int dl_local_store_list(struct dl_scope *scope, const struct dl_target *target,
				      struct dl_local_store_list *list);

/* dl_local_store_add(scope, target): the folder of a new run, whose id nobody else gets. NULL: DL_SYSTEM. */
const char *dl_local_store_add(struct dl_scope *scope, const struct dl_target *target);

/* dl_local_store_prune(target): removes all but the newest DL_LOCAL_STORE_KEPT runs. Those in progress stay,
 * and so does what cannot be removed: that is no failure. */
void dl_local_store_prune(const struct dl_target *target);

/* dl_local_store_lock(scope, folder, wait_ms): a descriptor that holds the run's lock until it and all its
 * copies are closed; it closes on exec. -1: DL_REFUSED when another holds it even after WAIT_MS,
 * DL_SYSTEM. */
DL_MUST_CHECK int dl_local_store_lock(struct dl_scope *scope, const char *folder, int64_t wait_ms);

/* dl_local_store_read(scope, folder): the run. One that is not completed though no runner holds its lock
 * reads as cancelled, with the reason in its metadata, and is mended on disk where possible. NULL:
 * DL_MISSING, or DL_DATA naming the file that is no record. */
struct dl_run *dl_local_store_read(struct dl_scope *scope, const char *folder);

/* dl_local_store_read_attempt(scope, folder, run, attempt): RUN as its attempt ATTEMPT (0: the newest) left
 * it. NULL: as above. */
const struct dl_run *dl_local_store_read_attempt(struct dl_scope *scope, const char *folder,
						 const struct dl_run *run, int64_t attempt);

/* dl_local_store_write(scope, folder, run): records RUN, changed now. The caller holds the lock. DL_SYSTEM,
 * DL_DATA when it is too large. */
DL_MUST_CHECK int dl_local_store_write(struct dl_scope *scope, const char *folder, struct dl_run *run);

/* dl_local_store_next(scope, folder, run): makes RUN, which is over, its own next attempt, and records that.
 * As dl_local_store_write. */
DL_MUST_CHECK int dl_local_store_next(struct dl_scope *scope, const char *folder, struct dl_run *run);

/* dl_local_store_is_input(name): whether an input may be called NAME: a letter or '_', then letters, digits,
 * '_' and '-'. */
bool dl_local_store_is_input(const char *name);

/* dl_local_store_inputs(scope, run): the inputs that RUN was started with, strings in an object; NULL:
 * none. */
const struct dl_json *dl_local_store_inputs(struct dl_scope *scope, const struct dl_run *run);

/* dl_local_store_explain(scope, run, details): RUN's metadata are its inputs and DETAILS, members of a JSON
 * object ("" for none). */
void dl_local_store_explain(struct dl_scope *scope, struct dl_run *run, const char *details);

/* dl_local_store_reason(scope, text): TEXT as the member `reason` of a JSON object. */
const char *dl_local_store_reason(struct dl_scope *scope, const char *text);

/* dl_local_store_log(scope, folder, attempt): the path of a log. */
const char *dl_local_store_log(struct dl_scope *scope, const char *folder, int64_t attempt);

/* dl_local_store_artifacts(scope, folder): where the workflow puts what it leaves; need not exist. */
const char *dl_local_store_artifacts(struct dl_scope *scope, const char *folder);

/* dl_local_store_url(scope, path): the file URL of the absolute PATH. */
const char *dl_local_store_url(struct dl_scope *scope, const char *path);

/* dl_local_store_checkout(scope, folder): where the commit is checked out while the run is in progress. */
const char *dl_local_store_checkout(struct dl_scope *scope, const char *folder);

/* What the runner has been asked for, each word including those before it. */
enum dl_local_store_request { DL_LOCAL_STORE_GO_ON, DL_LOCAL_STORE_CANCEL, DL_LOCAL_STORE_KILL };

/* dl_local_store_ask(scope, folder, request): asks. DL_SYSTEM. */
DL_MUST_CHECK int dl_local_store_ask(struct dl_scope *scope, const char *folder,
				     enum dl_local_store_request request);

/* dl_local_store_asked(folder): what the runner has been asked for in this attempt. */
enum dl_local_store_request dl_local_store_asked(const char *folder);

#endif
