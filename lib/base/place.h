/* place: a name below a folder that something new gets when it is complete, and not before. */
#ifndef DL_PLACE_H
#define DL_PLACE_H

#include <stdbool.h>

#include "lib/base/fail.h"

struct dl_scope;

struct dl_place {
	int parent;       /* the folder that it stands in */
	const char *name; /* its name there */
	const char *path; /* all of it, for people */
	const char *folder; /* the path of .parent */
};

/* dl_place_open(scope, dir, path, place): the place PATH, which dl_path_check has passed, below the folder
 * DIR. Folders that are missing are made; links are followed in DIR alone. Close it. DL_REFUSED, DL_SYSTEM.
 */
DL_MUST_CHECK int dl_place_open(struct dl_scope *scope, const char *dir, const char *path,
				struct dl_place *place);

/* dl_place_close(place): PLACE is of no more use. */
void dl_place_close(struct dl_place *place);

/* dl_place_taken(scope, place): DL_REFUSED: something else is there, and the hint says what can be done.
 * Returns -1. */
DL_MUST_CHECK int dl_place_taken(struct dl_scope *scope, const struct dl_place *place);

/* dl_place_claim(scope, place, name): the file or folder NAME beside PLACE moves there, all at once, unless
 * something is there, an empty folder excepted. DL_REFUSED: something is; DL_SYSTEM; NAME stays then. */
DL_MUST_CHECK int dl_place_claim(struct dl_scope *scope, const struct dl_place *place, const char *name);

/* dl_place_settle(scope, place, name, overwrite): the file or folder NAME beside PLACE, which is complete,
 * moves there, all at once and for good: it is synced first. What is there is replaced with OVERWRITE, in one
 * step where the system can; without, it stays, an empty folder excepted, and NAME is removed. 0: it has
 * moved; 1: the same, byte for byte, was there. DL_REFUSED: something else is there. DL_SYSTEM. */
DL_MUST_CHECK int dl_place_settle(struct dl_scope *scope, const struct dl_place *place, const char *name,
				  bool overwrite);

#endif
