/* checkout: which repository and branch a folder belongs to, read from git's files alone: for programs that
 * have no time to load a library or to start git. Everything else about a repository is in lib/git/repo.h.
 *
 * The files: https://git-scm.com/docs/gitrepository-layout */
#ifndef DL_CHECKOUT_H
#define DL_CHECKOUT_H

#include <stdbool.h>

struct dl_scope;

struct dl_checkout {
	const char *git_dir;    /* of this working tree */
	const char *common_dir; /* shared by all working trees of the repository */
	const char *branch;     /* that HEAD is on, also before its first commit; NULL: detached */
	const char *commit;     /* that a detached HEAD is at; else NULL */
};

/* dl_checkout_find(scope, dir, checkout): fills in CHECKOUT, absolute paths without a final '/', for the
 * repository that DIR is in. With DIR NULL that is the one that GIT_DIR and GIT_COMMON_DIR name, else that
 * of the working directory. As git does, it looks up as far as the file system goes that it begins in, and
 * honours GIT_CEILING_DIRECTORIES and GIT_DISCOVERY_ACROSS_FILESYSTEM. False (no failure): there is none. */
bool dl_checkout_find(struct dl_scope *scope, const char *dir, struct dl_checkout *checkout);

#endif
