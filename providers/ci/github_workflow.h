/* github_workflow: the workflows of a repository on GitHub, and what people call them. */
#ifndef DL_GITHUB_WORKFLOW_H
#define DL_GITHUB_WORKFLOW_H

struct dl_route;
struct dl_scope;
struct dl_target;

/* dl_github_workflow_list: the workflows of a repository; takes {per_page}.
 * https://docs.github.com/en/rest/actions/workflows#list-repository-workflows */
extern const struct dl_route dl_github_workflow_list;

/* dl_github_workflow_name(path): what the user calls the workflow at PATH, and what dl-trigger takes: the
 * file's name; of a workflow that lives elsewhere the whole path. Borrowed from PATH. */
const char *dl_github_workflow_name(const char *path);

/* dl_github_workflow_id(scope, target, name): what the API takes for the workflow that people call NAME: its
 * id, or the name of its file. Only where NAME is neither of them does that cost requests. NULL: failed,
 * DL_MISSING when there is none. */
const char *dl_github_workflow_id(struct dl_scope *scope, const struct dl_target *target, const char *name);

/* dl_github_workflow_file(scope, target, name): the same for the name of its file, without its folder; ""
 * when it has none in this repository. NULL: failed. */
const char *dl_github_workflow_file(struct dl_scope *scope, const struct dl_target *target, const char *name);

/* dl_github_workflow_branch(scope, target, branch): the branch or tag that is meant: BRANCH, else the current
 * one where we stand in the target's repository; NULL: neither, so the project's default one. */
const char *dl_github_workflow_branch(struct dl_scope *scope, const struct dl_target *target,
				      const char *branch);

#endif
