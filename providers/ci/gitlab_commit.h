/* gitlab_commit: everything that counts for a commit. */
#ifndef DL_GITLAB_COMMIT_H
#define DL_GITLAB_COMMIT_H

#include "lib/base/fail.h"

struct dl_scope;
struct dl_sink;
struct dl_target;

/* dl_gitlab_commit_runs(scope, target, sha, sink): the slot `commit`: the pipelines of SHA, what those that
 * count have started (a child before its parent), the pipeline of its merge request where there is no other,
 * and the statuses that others have set. */
DL_MUST_CHECK int dl_gitlab_commit_runs(struct dl_scope *scope, const struct dl_target *target,
					const char *sha, struct dl_sink *sink);

#endif
