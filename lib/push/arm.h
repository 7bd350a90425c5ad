/* arm: what the gate leaves behind of a push that may go: a record of its refs, and the watcher
 * (dl-push-watch), which waits until git is done and looks after them. */
#ifndef DL_ARM_H
#define DL_ARM_H

#include <stdint.h>

#include "lib/base/fail.h"

struct dl_ancestor;
struct dl_git_config;
struct dl_push_list;
struct dl_scope;

struct dl_arm {
	const char *remote, *url;            /* as git tells the hook */
	const struct dl_push_list *pushes;
	const struct dl_ancestor *git;       /* the push that is going on */
	const struct dl_git_config *config;
	int64_t waited_s;                    /* for so long it was held up */
};

/* What became of it. */
enum dl_armed {
	DL_ARMED_FAILED = -1,
	DL_ARMED,
	DL_ARMED_BEFORE, /* by another call for the same push: a hook may be there twice */
	DL_ARMED_NEVER,  /* the repository's configuration switches ci-monitor off */
};

/* dl_arm_watch(scope, arm): writes what is known of the refs into devloop/push of the git dir that all
 * working trees share, with the tracking refs as they stand now, and starts the watcher. Does neither where
 * the configuration of the working tree, which has to be the working directory, forbids it. DL_MISSING when
 * that is not installed, DL_CONFIG when there is no repository here, DL_SYSTEM. */
enum dl_armed dl_arm_watch(struct dl_scope *scope, const struct dl_arm *arm);

/* dl_arm_read(scope, path, list): the refs in the record at PATH. DL_MISSING when there is none, DL_DATA,
 * DL_SYSTEM. */
DL_MUST_CHECK int dl_arm_read(struct dl_scope *scope, const char *path, struct dl_push_list *list);

/* dl_arm_common_dir(scope, path): the git dir that the record at PATH lies in. NULL: DL_USAGE: in none. */
const char *dl_arm_common_dir(struct dl_scope *scope, const char *path);

/* dl_arm_hold(path): has the record at PATH, and what names it, spared by dl_arm_sweep as long as this
 * process has the descriptor open that it returns; -1: there is none. */
int dl_arm_hold(const char *path);

/* dl_arm_sweep(scope, common_dir, age_s): removes what watchers that were killed have left: files that nobody
 * holds and whose time is more than AGE_S seconds away from now, as a clock may have been set back. */
void dl_arm_sweep(struct dl_scope *scope, const char *common_dir, int64_t age_s);

#endif
