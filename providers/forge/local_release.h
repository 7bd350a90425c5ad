/* local_release: the releases that a repository keeps itself. Each has a folder devloop/releases/TAG in the
 * git dir that all worktrees share, with the tag percent-encoded:
 *
 *	record          the release, one line as dl-releases prints it, with its assets
 *	assets/NAME     the files
 *
 * The slots of struct dl_forge (lib/provider.h) have their contracts there. */
#ifndef DL_LOCAL_RELEASE_H
#define DL_LOCAL_RELEASE_H

#include <stdint.h>

#include "lib/fail.h"

struct dl_asset;
struct dl_http_writer;
struct dl_scope;
struct dl_sink;
struct dl_target;

/* dl_local_release_list(scope, target, sink), dl_local_release_one(scope, target, tag, sink): the slots
 * `releases` and `release`. */
DL_MUST_CHECK int dl_local_release_list(struct dl_scope *scope, const struct dl_target *target,
					struct dl_sink *sink);
DL_MUST_CHECK int dl_local_release_one(struct dl_scope *scope, const struct dl_target *target,
				       const char *tag, struct dl_sink *sink);

/* dl_local_release_download(scope, target, asset, offset, writer): the slot `download`. */
DL_MUST_CHECK int dl_local_release_download(struct dl_scope *scope, const struct dl_target *target,
					    const struct dl_asset *asset, int64_t *offset,
					    struct dl_http_writer *writer);

#endif
