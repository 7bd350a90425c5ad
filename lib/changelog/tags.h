/* tags: the tags that are releases, by precedence of their versions; never by text or date. */
#ifndef DL_TAGS_H
#define DL_TAGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/data/semver.h"
#include "lib/git/revisions.h"

struct dl_tag {
	const char *name;           /* without "refs/tags/" */
	struct dl_semver version;
	const char *sha;     /* of the commit, unless it is a tag of something else */
	const char *own_sha; /* of the annotated tag itself; NULL: it is not annotated */
};

struct dl_tags {
	struct dl_tag *items; /* the highest version first */
	size_t count;
};

/* Which tags are releases. */
struct dl_tags_query {
	const char *prefix; /* what stands before the version; "": nothing but perhaps a 'v' */
	bool finals;        /* pre-releases do not count */
};

/* dl_tags_parse(scope, list, query, tags): the releases among the tags that dl_revisions_tags lists, which
 * must live as long. Of equal versions the one with more numbers is higher, then the one whose name is. */
void dl_tags_parse(struct dl_scope *scope, const struct dl_revision_list *list,
		   const struct dl_tags_query *query, struct dl_tags *tags);

/* dl_tags_at(tags, sha): the highest release at the commit SHA; NULL: there is none. */
const struct dl_tag *dl_tags_at(const struct dl_tags *tags, const char *sha);

/* dl_tags_find(tags, version): the one whose version is as high as VERSION; NULL: there is none. */
const struct dl_tag *dl_tags_find(const struct dl_tags *tags, const struct dl_semver *version);

/* dl_tags_date(text): when the annotated tag was made whose object is TEXT, in seconds since 1970;
 * DL_TIME_NONE: it does not say. */
int64_t dl_tags_date(const char *text);

/* dl_tags_version(scope, tag): its version as the tag has it, without prefix and with dots: "1.2.0-rc.1". */
const char *dl_tags_version(struct dl_scope *scope, const struct dl_tag *tag);

#endif
