/* hub_release: how a release is made on GitHub and on what was made after it: a draft, which is found again
 * by its tag among all releases, its assets, and the end of the draft. The slots of struct dl_forge
 * (lib/provider/provider.h) have their contracts there.
 *
 * https://docs.github.com/en/rest/releases/releases, https://docs.github.com/en/rest/releases/assets */
#ifndef DL_HUB_RELEASE_H
#define DL_HUB_RELEASE_H

#include "lib/base/fail.h"

struct dl_asset;
struct dl_edition;
struct dl_hub;
struct dl_json;
struct dl_scope;
struct dl_sink;
struct dl_target;

/* dl_hub_release_begin(scope, target, hub, edition): the slot `begin`. */
DL_MUST_CHECK int dl_hub_release_begin(struct dl_scope *scope, const struct dl_target *target,
				       const struct dl_hub *hub, struct dl_edition *edition);

/* dl_hub_release_stat(scope, target, hub, edition, sink): the slot `stat`. */
DL_MUST_CHECK int dl_hub_release_stat(struct dl_scope *scope, const struct dl_target *target,
				      const struct dl_hub *hub, const struct dl_edition *edition,
				      struct dl_sink *sink);

/* dl_hub_release_put(scope, target, edition, body, sink): what a put has answered, BODY, goes to SINK. */
DL_MUST_CHECK int dl_hub_release_put(struct dl_scope *scope, const struct dl_target *target,
				     const struct dl_edition *edition, const struct dl_json *body,
				     struct dl_sink *sink);

/* dl_hub_release_remove(scope, target, edition, asset), dl_hub_release_finish(scope, target, edition, sink),
 * dl_hub_release_abort(scope, target, edition): the slots. */
DL_MUST_CHECK int dl_hub_release_remove(struct dl_scope *scope, const struct dl_target *target,
					const struct dl_edition *edition, const struct dl_asset *asset);
DL_MUST_CHECK int dl_hub_release_finish(struct dl_scope *scope, const struct dl_target *target,
					const struct dl_edition *edition, struct dl_sink *sink);
DL_MUST_CHECK int dl_hub_release_abort(struct dl_scope *scope, const struct dl_target *target,
				       const struct dl_edition *edition);

#endif
