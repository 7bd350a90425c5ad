/* github: what the files of the GitHub provider share. */
#ifndef DL_GITHUB_H
#define DL_GITHUB_H

#include "lib/provider/rest.h"

struct dl_scope;
struct dl_target;

/* dl_github_workflow_runs: the runs of {workflow}, newest first; takes {branch}, {head_sha}, {status},
 * {event}, {actor}, {created}, {exclude_pull_requests} and {per_page}. */
extern const struct dl_route dl_github_workflow_runs;

/* dl_github_workflow_id(scope, target, name): what the API takes for the workflow that people call NAME: its
 * id, or the name of its file. Only where NAME is neither of them does that cost requests. NULL: failed,
 * DL_MISSING when there is none. */
const char *dl_github_workflow_id(struct dl_scope *scope, const struct dl_target *target, const char *name);

/* dl_github_workflow_file(scope, target, name): the same for the name of its file, without its folder; ""
 * when it has none in this repository. NULL: failed. */
const char *dl_github_workflow_file(struct dl_scope *scope, const struct dl_target *target, const char *name);

/* dl_github_branch(scope, target, branch): the branch or tag that is meant: BRANCH, else the current one
 * where we stand in the target's repository; NULL: neither, so the project's default one. */
const char *dl_github_branch(struct dl_scope *scope, const struct dl_target *target, const char *branch);

#endif
