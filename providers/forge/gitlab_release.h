/* gitlab_release: how a release is made on GitLab: its files are a generic package, called as the project is
 * and of the version that the tag names; when they are all there, the release is made, with a link to each.
 * Before that nobody sees a release. The slots of struct dl_forge (lib/provider/provider.h) have their
 * contracts there.
 *
 * https://docs.gitlab.com/user/packages/generic_packages/, https://docs.gitlab.com/api/releases/ */
#ifndef DL_GITLAB_RELEASE_H
#define DL_GITLAB_RELEASE_H

#include "lib/base/fail.h"

struct dl_asset;
struct dl_edition;
struct dl_scope;
struct dl_sink;
struct dl_target;
struct dl_upload;

/* dl_gitlab_release_begin(scope, target, edition), dl_gitlab_release_stat(scope, target, edition, sink),
 * dl_gitlab_release_put(scope, target, edition, upload, sink), dl_gitlab_release_remove(scope, target,
 * edition, asset), dl_gitlab_release_finish(scope, target, edition, sink): the slots of these names. */
DL_MUST_CHECK int dl_gitlab_release_begin(struct dl_scope *scope, const struct dl_target *target,
					  struct dl_edition *edition);
DL_MUST_CHECK int dl_gitlab_release_stat(struct dl_scope *scope, const struct dl_target *target,
					 const struct dl_edition *edition, struct dl_sink *sink);
DL_MUST_CHECK int dl_gitlab_release_put(struct dl_scope *scope, const struct dl_target *target,
					const struct dl_edition *edition, const struct dl_upload *upload,
					struct dl_sink *sink);
DL_MUST_CHECK int dl_gitlab_release_remove(struct dl_scope *scope, const struct dl_target *target,
					   const struct dl_edition *edition, const struct dl_asset *asset);
DL_MUST_CHECK int dl_gitlab_release_finish(struct dl_scope *scope, const struct dl_target *target,
					   const struct dl_edition *edition, struct dl_sink *sink);

#endif
