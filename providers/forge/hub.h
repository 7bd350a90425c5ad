/* hub: what GitHub's API and those that were made after it, of Gitea and Forgejo, have in common:
 * repositories, releases and trees.
 *
 * https://docs.github.com/en/rest/releases, https://docs.github.com/en/rest/git/trees,
 * https://docs.gitea.com/api/ */
#ifndef DL_HUB_H
#define DL_HUB_H

#include "lib/fail.h"
#include "lib/rest.h"

struct dl_scope;
struct dl_sink;
struct dl_target;

/* The map of a repository. */
extern const struct dl_map dl_hub_repo_map[];

/* dl_hub_finish_repo(scope, target, node, record): what completes RECORD, as the member `finish` of a route
 * to repositories. */
DL_MUST_CHECK int dl_hub_finish_repo(struct dl_scope *scope, const struct dl_target *target,
				     const struct dl_json *node, void *record);

/* How the two differ. */
struct dl_hub {
	const char *page_size; /* the most that a list gives at once, in the variable of the next member */
	const char *page_var;  /* "per_page" or "limit" */

	/* Where the commit of {tag} is told, and the path of its hash in the answer. */
	struct dl_route commit;
	const char *commit_path;
};

/* dl_hub_repo(scope, target, sink): the slot `repo`. */
DL_MUST_CHECK int dl_hub_repo(struct dl_scope *scope, const struct dl_target *target, struct dl_sink *sink);

/* dl_hub_releases(scope, target, hub, sink): the slot `releases`. The latest one is told by another request.
 */
DL_MUST_CHECK int dl_hub_releases(struct dl_scope *scope, const struct dl_target *target,
				  const struct dl_hub *hub, struct dl_sink *sink);

/* dl_hub_release(scope, target, hub, tag, sink): the slot `release`. A draft is only found in the list. */
DL_MUST_CHECK int dl_hub_release(struct dl_scope *scope, const struct dl_target *target,
				 const struct dl_hub *hub, const char *tag, struct dl_sink *sink);

/* dl_hub_tree(scope, target, revision, path, deep, sink): the slot `tree`, at REVISION, which is told. Where
 * an answer is cut short, each folder is asked for. */
DL_MUST_CHECK int dl_hub_tree(struct dl_scope *scope, const struct dl_target *target, const char *revision,
			      const char *path, bool deep, struct dl_sink *sink);

#endif
