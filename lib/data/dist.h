/* dist: what a distribution of a Python package, a wheel or an sdist, says of itself.
 * https://packaging.python.org/en/latest/specifications/core-metadata/ */
#ifndef DL_DIST_H
#define DL_DIST_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/fail.h"

struct dl_arena;
struct dl_scope;

/* A header of the metadata, under the name that an upload form has for it. */
struct dl_dist_field {
	const char *name;
	const char *value; /* folded lines joined; of the description as it is */
};

struct dl_dist {
	const char *name, *version; /* as the metadata spells them */
	const char *filetype;  /* "bdist_wheel", "sdist" */
	const char *pyversion; /* of a wheel the tag of the Pythons that it is for, else "source" */
	const struct dl_dist_field *fields; /* all of them, also those of .name and .version */
	size_t count;
};

/* dl_dist_is(file): whether a file of that name is a wheel or an sdist. */
bool dl_dist_is(const char *file);

/* dl_dist_read(scope, fd, file, dist): DIST is what the distribution in FD, which can be read from its
 * beginning and is called FILE, says of itself. DL_DATA: it is no such thing: an archive that dl_archive_read
 * refuses, no metadata, metadata of a version that is unknown, malformed, not in UTF-8, with a NUL, or of
 * more than 2 MiB; a name or version that cannot be, or another one than in the name of the file. */
DL_MUST_CHECK int dl_dist_read(struct dl_scope *scope, int fd, const char *file, struct dl_dist *dist);

/* dl_dist_normal(arena, name): the name of a package as indexes have it: in lower case, and for each run of
 * '-',
 * '_' and '.' one '-'. */
char *dl_dist_normal(struct dl_arena *arena, const char *name);

/* dl_dist_version(arena, file, name): the version in the name of FILE, a distribution of the package NAME;
 * NULL: it is none. */
const char *dl_dist_version(struct dl_arena *arena, const char *file, const char *name);

#endif
