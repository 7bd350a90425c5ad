/* tracking: the ref here that follows a ref of a remote, which git moves when a push has arrived. */
#ifndef DL_TRACKING_H
#define DL_TRACKING_H

struct dl_git_config;
struct dl_scope;

/* dl_tracking_find(scope, config, remote, ref): the ref that follows REF of the remote called REMOTE, as
 * remote.REMOTE.fetch in CONFIG says; NULL: none does, which is so for every URL that has no name. Pure. */
const char *dl_tracking_find(struct dl_scope *scope, const struct dl_git_config *config, const char *remote,
			     const char *ref);

/* dl_tracking_read(scope, common_dir, ref): the object that REF stands at in the repository whose git dir
 * COMMON_DIR is; NULL (no failure): there is no such ref, or it cannot be read. In a fraction of a
 * millisecond, but for repositories that keep refs in tables: there git is asked. */
const char *dl_tracking_read(struct dl_scope *scope, const char *common_dir, const char *ref);

#endif
