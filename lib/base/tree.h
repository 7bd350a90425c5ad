/* tree: everything that stands below a folder. Read without following links and without recursion. */
#ifndef DL_TREE_H
#define DL_TREE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/base/fail.h"

struct dl_scope;

struct dl_tree_item {
	const char *path; /* below the folder; a folder's ends with '/' */
	mode_t mode;      /* kind and permissions */
	int64_t size;     /* bytes */
	int64_t time;     /* of the last change, seconds since 1970 */
};

struct dl_tree {
	const struct dl_tree_item *items; /* sorted by path, byte by byte */
	size_t count;
};

/* dl_tree_list(scope, folder, tree): all that stands below the open FOLDER. DL_SYSTEM. */
DL_MUST_CHECK int dl_tree_list(struct dl_scope *scope, int folder, struct dl_tree *tree);

/* dl_tree_same_file(scope, one, other): 1 when what is left to read of the open files ONE and OTHER is the
 * same, 0 when not; -1: DL_SYSTEM. */
DL_MUST_CHECK int dl_tree_same_file(struct dl_scope *scope, int one, int other);

/* dl_tree_same(scope, one, other): 1 when the same stands below the open folders ONE and OTHER: the same
 * names, contents, targets of links and rights to execute; 0 when not, or when there is anything else in
 * them; -1: DL_SYSTEM. */
DL_MUST_CHECK int dl_tree_same(struct dl_scope *scope, int one, int other);

#endif
