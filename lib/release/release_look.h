/* release_look: what a forge has before a release is made: the commit of its tag, the release, and the others
 * that it has to be compared with. */
#ifndef DL_RELEASE_LOOK_H
#define DL_RELEASE_LOOK_H

#include "lib/base/fail.h"

struct dl_call;
struct dl_release;
struct dl_scope;

struct dl_release_look {
	const char *sha;                  /* of the commit that the tag is at, or gets */
	const struct dl_release *release; /* of the tag: a published one before a draft, of several drafts the
					     oldest; NULL: none, or there are no drafts to look for */
	const struct dl_release *latest;  /* which one is; NULL: none */
	const struct dl_release *highest; /* of all other stable versions that are published; NULL: none */
};

/* dl_release_look_around(scope, call, tag, target, look): asks for all of it at once. TARGET is the revision
 * here that a tag gets which is not there; NULL: HEAD. DL_REFUSED: the tag is at another commit than TARGET,
 * or only here; the forge does not have the commit. DL_USAGE, DL_CONFIG: TARGET, or HEAD, is none. */
DL_MUST_CHECK int dl_release_look_around(struct dl_scope *scope, const struct dl_call *call, const char *tag,
					 const char *target, struct dl_release_look *look);

/* dl_release_look_again(scope, call, tag, look): asks for the releases once more. */
DL_MUST_CHECK int dl_release_look_again(struct dl_scope *scope, const struct dl_call *call, const char *tag,
					struct dl_release_look *look);

#endif
