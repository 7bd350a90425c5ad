/* forge: what the forges' providers have in common. */
#ifndef DL_FORGE_H
#define DL_FORGE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/fail.h"
#include "lib/data/sink.h"

struct dl_arena;
struct dl_asset;
struct dl_json;
struct dl_entry;
struct dl_writer;
struct dl_scope;
struct dl_target;

/* dl_forge_words(arena, list): the texts of the JSON array LIST, separated by commas; "" for NULL. */
const char *dl_forge_words(struct dl_arena *arena, const struct dl_json *list);

/* dl_forge_asset(arena, target, tag, asset): sets the head of ASSET, which belongs to the release of TAG. */
void dl_forge_asset(struct dl_arena *arena, const struct dl_target *target, const char *tag,
		    struct dl_asset *asset);

/* Says of each release that it passes on whether it is the latest one. */
struct dl_forge_marker {
	struct dl_sink sink;
	struct dl_sink *next;
	const char *latest; /* its tag; NULL: there is none */
};

/* dl_forge_marker(marker, latest, next): MARKER is ready. */
void dl_forge_marker(struct dl_forge_marker *marker, const char *latest, struct dl_sink *next);

/* dl_forge_entries(scope, target, revision, list, sink): the struct dl_entry of LIST, whose path, mode, size
 * and hash are set, sorted by path, to SINK; their kinds follow from their modes, and their refs lead to them
 * at REVISION. As dl_sink_put. */
DL_MUST_CHECK int dl_forge_entries(struct dl_scope *scope, const struct dl_target *target,
				   const char *revision, struct dl_sink_list *list, struct dl_sink *sink);

/* dl_forge_fetch(scope, target, asset, offset, writer): the slot `download` for an asset that is where its
 * URL says. */
DL_MUST_CHECK int dl_forge_fetch(struct dl_scope *scope, const struct dl_target *target,
				 const struct dl_asset *asset, int64_t *offset,
				 struct dl_writer *writer);

#endif
