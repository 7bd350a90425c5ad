/* local_commit: what the embedded CI system reads from the commits of the repository. */
#ifndef DL_LOCAL_COMMIT_H
#define DL_LOCAL_COMMIT_H

#include "lib/base/fail.h"
#include "lib/git/repo.h"

struct dl_scope;
struct dl_target;

#define DL_LOCAL_COMMIT_FOLDER ".devloop/ci/" /* where a commit has its workflows */

/* dl_local_commit_tip(scope, target, branch): the full hash of the commit that the branch or tag BRANCH
 * (NULL: HEAD) stands at. NULL: DL_MISSING. */
const char *dl_local_commit_tip(struct dl_scope *scope, const struct dl_target *target, const char *branch);

/* dl_local_commit_branch(scope, target, sha): the branch that HEAD is on, when it stands at SHA; NULL (no
 * failure): it does not, or HEAD is detached. */
const char *dl_local_commit_branch(struct dl_scope *scope, const struct dl_target *target, const char *sha);

/* dl_local_commit_workflows(scope, target, sha, names): the names of SHA's workflows, sorted: the executable
 * files directly in the folder whose names are safe words. Symbolic links are none. 0 with .count 0: there
 * are none; DL_MISSING: the commit is not here. */
DL_MUST_CHECK int dl_local_commit_workflows(struct dl_scope *scope, const struct dl_target *target,
					    const char *sha, struct dl_names *names);

/* dl_local_commit_check(scope, target, sha, workflow): DL_MISSING when SHA has no such workflow; the hint
 * names those that it has. */
DL_MUST_CHECK int dl_local_commit_check(struct dl_scope *scope, const struct dl_target *target,
					const char *sha, const char *workflow);

#endif
