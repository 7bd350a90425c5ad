/* next: the version that the changes since the last release ask for. */
#ifndef DL_NEXT_H
#define DL_NEXT_H

#include "lib/base/fail.h"
#include "lib/data/semver.h"

struct dl_changelog;
struct dl_scope;

struct dl_next_query {
	const char *bump; /* "major", "minor" or "patch"; NULL: what the changes ask for */
	const char *pre;  /* a pre-release of this name: "rc"; NULL: none */
};

struct dl_next {
	const char *tag;     /* spelled as those before: "v1.3.0"; NULL: nothing has changed */
	const char *version; /* "1.3.0" */
};

/* dl_next_version(scope, log, query, next): the version behind the release that the first group of LOG begins
 * at: major for what breaks, minor for a feature, patch for anything else. Before 1.0.0 what breaks is minor.
 * The first version is 0.1.0. A pre-release has the number behind the last of its name. DL_USAGE: a malformed
 * query, or the range does not begin with a release; DL_REFUSED: there is such a release on another line of
 * history. */
DL_MUST_CHECK int dl_next_version(struct dl_scope *scope, const struct dl_changelog *log,
				  const struct dl_next_query *query, struct dl_next *next);

#endif
