/* npm_manifest: what a tarball of `npm pack` says of itself: its package.json, as registries have it.
 * https://docs.npmjs.com/cli/configuring-npm/package-json */
#ifndef DL_NPM_MANIFEST_H
#define DL_NPM_MANIFEST_H

#include <stdbool.h>

#include "lib/base/fail.h"

struct dl_scope;

struct dl_npm_manifest {
	const char *name, *version;
	const char *description;           /* NULL: it has none */
	const char *tag, *access, *server; /* what its publishConfig wants; NULL: it does not say */
	const char *members; /* JSON: all members of the manifest with a comma behind each, but "_id" and
				"dist" */
};

/* dl_npm_manifest_read(scope, fd, manifest): MANIFEST is what the tarball in FD, which can be read from its
 * beginning, says of itself. DL_DATA: it is no such thing: an archive that dl_archive_read refuses, one
 * without a package.json in a folder at its top; a package.json that is no object, larger than 1 MiB, or has
 * a member several times that counts; a name or version that cannot be. DL_REFUSED: it is marked as private.
 */
DL_MUST_CHECK int dl_npm_manifest_read(struct dl_scope *scope, int fd, struct dl_npm_manifest *manifest);

/* dl_npm_manifest_is_name(name): whether a package may be called so: NAME or @SCOPE/NAME. */
bool dl_npm_manifest_is_name(const char *name);

/* dl_npm_manifest_is_tag(scope, tag): whether TAG may lead to a version: a word that is no version and no
 * range of versions. */
bool dl_npm_manifest_is_tag(struct dl_scope *scope, const char *tag);

#endif
