/* local_release: the releases that a repository keeps itself. Each has a folder devloop/releases/TAG in the
 * git dir that all worktrees share, with the tag percent-encoded:
 *
 *	record          the release, one line as dl-releases prints it, with its assets
 *	assets/NAME     the files
 *
 * The slots of struct dl_forge (lib/provider/provider.h) have their contracts there. */
#ifndef DL_LOCAL_RELEASE_H
#define DL_LOCAL_RELEASE_H

#include <stdint.h>

#include "lib/base/fail.h"

struct dl_asset;
struct dl_edition;
struct dl_writer;
struct dl_scope;
struct dl_sink;
struct dl_target;
struct dl_upload;

/* dl_local_release_list(scope, target, sink), dl_local_release_one(scope, target, tag, sink): the slots
 * `releases` and `release`. */
DL_MUST_CHECK int dl_local_release_list(struct dl_scope *scope, const struct dl_target *target,
					struct dl_sink *sink);
DL_MUST_CHECK int dl_local_release_one(struct dl_scope *scope, const struct dl_target *target,
				       const char *tag, struct dl_sink *sink);

/* dl_local_release_download(scope, target, asset, offset, writer): the slot `download`. */
DL_MUST_CHECK int dl_local_release_download(struct dl_scope *scope, const struct dl_target *target,
					    const struct dl_asset *asset, int64_t *offset,
					    struct dl_writer *writer);

/* dl_local_release_begin(scope, target, edition), dl_local_release_stat(scope, target, edition, sink),
 * dl_local_release_put(scope, target, edition, upload, sink), dl_local_release_remove(scope, target, edition,
 * asset), dl_local_release_finish(scope, target, edition, sink), dl_local_release_abort(scope, target,
 * edition): the slots of these names. */
DL_MUST_CHECK int dl_local_release_begin(struct dl_scope *scope, const struct dl_target *target,
					 struct dl_edition *edition);
DL_MUST_CHECK int dl_local_release_stat(struct dl_scope *scope, const struct dl_target *target,
					const struct dl_edition *edition, struct dl_sink *sink);
DL_MUST_CHECK int dl_local_release_put(struct dl_scope *scope, const struct dl_target *target,
				       const struct dl_edition *edition, const struct dl_upload *upload,
				       struct dl_sink *sink);
DL_MUST_CHECK int dl_local_release_remove(struct dl_scope *scope, const struct dl_target *target,
					  const struct dl_edition *edition, const struct dl_asset *asset);
DL_MUST_CHECK int dl_local_release_finish(struct dl_scope *scope, const struct dl_target *target,
					  const struct dl_edition *edition, struct dl_sink *sink);
DL_MUST_CHECK int dl_local_release_abort(struct dl_scope *scope, const struct dl_target *target,
					 const struct dl_edition *edition);

#endif
