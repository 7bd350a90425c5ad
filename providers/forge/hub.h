/* hub: what GitHub's API and those that were made after it, of Gitea and Forgejo, have in common:
 * repositories, releases and trees.
 *
 * https://docs.github.com/en/rest/releases, https://docs.github.com/en/rest/git/trees,
 * https://docs.gitea.com/api/ */
#ifndef DL_HUB_H
#define DL_HUB_H

#include "lib/base/fail.h"
#include "lib/provider/rest.h"

struct dl_asset;
struct dl_release;
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

	/* Where the commit of {revision} is told, with the hash in its member "sha". */
	struct dl_route commit;
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

/* dl_hub_find(scope, target, hub, tag): the release of TAG: a published one before a draft, of several drafts
 * the oldest. NULL: failed, or, without a failure, there is none. */
struct dl_release *dl_hub_find(struct dl_scope *scope, const struct dl_target *target,
			       const struct dl_hub *hub, const char *tag);

/* dl_hub_read_release(scope, target, node), dl_hub_read_asset(scope, target, tag, node): the release, and the
 * asset of the release of TAG, in an answer. NULL: failed. */
struct dl_release *dl_hub_read_release(struct dl_scope *scope, const struct dl_target *target,
				       const struct dl_json *node);
struct dl_asset *dl_hub_read_asset(struct dl_scope *scope, const struct dl_target *target, const char *tag,
				   const struct dl_json *node);

/* dl_hub_assets(scope, target, hub, id, sink): the assets of release ID, without their heads. */
DL_MUST_CHECK int dl_hub_assets(struct dl_scope *scope, const struct dl_target *target,
				const struct dl_hub *hub, const char *id, struct dl_sink *sink);

/* dl_hub_commit(scope, target, hub, revision): the slot `commit`, for a REVISION as the server spells it. */
const char *dl_hub_commit(struct dl_scope *scope, const struct dl_target *target, const struct dl_hub *hub,
			  const char *revision);

/* dl_hub_tree(scope, target, revision, path, deep, sink): the slot `tree`, at REVISION, which is told. Where
 * an answer is cut short, each folder is asked for. */
DL_MUST_CHECK int dl_hub_tree(struct dl_scope *scope, const struct dl_target *target, const char *revision,
			      const char *path, bool deep, struct dl_sink *sink);

#endif
