/* path: names that others chose, as files below a folder of ours and nowhere else. */
#ifndef DL_PATH_H
#define DL_PATH_H

#include <stdbool.h>

#include "lib/base/fail.h"

struct dl_arena;
struct dl_scope;

/* dl_path_check(scope, path): whether PATH may become a file below a folder: "a/b/c", without a '/' at either
 * end, of segments that are neither empty, "." nor "..", at most 255 bytes each and 4095 in all, in UTF-8,
 * without a backslash, a drive letter, control characters and what changes the direction of text. DL_DATA
 * "'PATH' WHY". */
DL_MUST_CHECK int dl_path_check(struct dl_scope *scope, const char *path);

/* dl_path_parent(scope, folder, path, make): a descriptor of the folder that PATH, which dl_path_check has
 * passed, stands in below the open FOLDER; close it. No symbolic link is followed on the way, also not one
 * that appears meanwhile. With MAKE what is missing is made. -1: DL_MISSING (without MAKE: a part is not
 * there), DL_REFUSED (a part is no folder, or a link), DL_SYSTEM. */
DL_MUST_CHECK int dl_path_parent(struct dl_scope *scope, int folder, const char *path, bool make);

/* dl_path_from(arena, dir, path): PATH as it is meant by who works as if in DIR (NULL: here), as -C says: DIR
 * goes before what is relative, and is not "-". NULL is NULL. */
const char *dl_path_from(struct dl_arena *arena, const char *dir, const char *path);

/* dl_path_last(path): its last segment. Borrowed. */
const char *dl_path_last(const char *path);

#endif
