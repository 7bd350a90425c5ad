/* gitea_project: what a repository on Gitea or Forgejo says of itself. */
#ifndef DL_GITEA_PROJECT_H
#define DL_GITEA_PROJECT_H

#include "lib/base/fail.h"
#include "providers/ci/gitea_server.h"

struct dl_scope;
struct dl_target;

/* dl_gitea_project_judge(scope, target, feature, result): RESULT, of a request that needs FEATURE. When
 * SCOPE has failed with a 404, finds out what that means, and fails anew with what it is: the server is
 * too old (DL_UNSUPPORTED), there is no such repository, or its Actions are off (DL_MISSING); else it
 * stays as it is. */
DL_MUST_CHECK int dl_gitea_project_judge(struct dl_scope *scope, const struct dl_target *target,
					 enum dl_gitea_feature feature, int result);

/* dl_gitea_project_branch(scope, target, branch): the branch or tag that is meant: BRANCH, else the current
 * one where we stand in the target's repository, else the project's default one. NULL: failed. */
const char *dl_gitea_project_branch(struct dl_scope *scope, const struct dl_target *target,
				    const char *branch);

#endif
