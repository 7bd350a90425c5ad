/* revpath: what dl-cat and dl-ls are about: files and folders, named by their paths as operands, or by refs
 * that lead to them. */
#ifndef DL_REVPATH_H
#define DL_REVPATH_H

#include "lib/fail.h"

struct dl_call;
struct dl_scope;
struct dl_tool;

struct dl_revpath {
	const char *revision; /* NULL: the default branch */
	const char *path;     /* without slashes at its ends; "": the top */
};

/* dl_revpath_each(tool, work): dl_tool_each when the operands are refs, or `-`; else dl_tool_here. */
void dl_revpath_each(struct dl_tool *tool, int (*work)(struct dl_scope *scope, const struct dl_call *call));

/* dl_revpath_read(scope, call, revision, path, where): what CALL, with a ref, is about: the ref of an entry
 * has both; for that of a commit, a branch, a release or a repository PATH (NULL: none is given) is meant.
 * REVISION (NULL: none is given) goes before what the ref says, unless it is of an entry. DL_USAGE: another
 * kind of ref. */
DL_MUST_CHECK int dl_revpath_read(struct dl_scope *scope, const struct dl_call *call, const char *revision,
				  const char *path, struct dl_revpath *where);

/* dl_revpath_clean(scope, path): PATH, as people write it ("./a/b/"), without what leads nowhere. NULL:
 * DL_USAGE, it leads out of the repository. */
const char *dl_revpath_clean(struct dl_scope *scope, const char *path);

#endif
