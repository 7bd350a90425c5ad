/* revpath: what dl-cat and dl-ls are about: files and folders, named by their paths as operands, or by refs
 * that lead to them. */
#ifndef DL_REVPATH_H
#define DL_REVPATH_H

#include "lib/base/fail.h"

struct dl_call;
struct dl_scope;
struct dl_tool;

struct dl_revpath {
	const char *revision; /* NULL: the default branch */
	const char *path;     /* without slashes at its ends; "": the top */
};

/* dl_revpath_each(tool, work): dl_tool_each when the operands are refs, or `-`; else dl_tool_here. */
void dl_revpath_each(struct dl_tool *tool, int (*work)(struct dl_scope *scope, const struct dl_call *call));

/* dl_revpath_visit(scope, call, revision, path, visit): calls VISIT for all that CALL is about, until that
 * returns something else than 0, which is the result. With a ref that is one thing: the ref of an entry has a
 * revision and a path; for that of a commit, a branch, a release or a repository PATH (NULL: none is given)
 * is meant, and REVISION (NULL: none is given) goes before what it says. Without it is the operands, which
 * are paths as people write them ("./a/b/"), and PATH; without any the top. DL_USAGE: another kind of ref, a
 * path that leads out of the repository. */
DL_MUST_CHECK int dl_revpath_visit(struct dl_scope *scope, const struct dl_call *call, const char *revision,
				   const char *path,
				   int (*visit)(struct dl_scope *scope, const struct dl_call *call,
						const struct dl_revpath *where));

#endif
