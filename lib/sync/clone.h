/* clone: what stands in the folder of a repository that is kept in step.
 *
 * One that has not changed is seen without starting git, by libgit2. Linked worktrees and repositories with
 * extensions (names of SHA-256, reftable, partial clones) are looked at by the user's git, at the cost of
 * some processes. */
#ifndef DL_CLONE_H
#define DL_CLONE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/fail.h"
#include "lib/git/lsrefs.h"

struct dl_repo;
struct dl_scope;

enum dl_clone_kind {
	DL_CLONE_ABSENT,  /* nothing, or an empty folder */
	DL_CLONE_FOREIGN, /* something, but no repository of its own */
	DL_CLONE_THERE,
};

struct dl_clone {
	enum dl_clone_kind kind;
	const char *dir;    /* the path of the folder */
	const char *git_dir; /* the folder with its HEAD and index */
	bool bare;
	const char *head;   /* the full name of the branch that is checked out; NULL: none is */
	const char *commit; /* of HEAD; NULL: there is none yet */
	const char *origin; /* the full name of the default branch of origin, as known here; NULL: unknown */
	const char *url;    /* that the remote "origin" is fetched from, as configured; NULL: it has none */
	const char *busy;   /* what has been begun in it, for people: "a merge", "a rebase"; NULL: nothing */
	struct dl_repo *repo;  /* NULL: closed, or .refs has them */
	struct dl_lsrefs refs; /* as the user's git has told them */
};

/* dl_clone_look(scope, root, path, clone): what stands at PATH, which dl_path_check has passed, below the
 * folder ROOT; 0; close it in any case. DL_REFUSED: on the way there is a link, or something that is no
 * folder; or a bare repository is kept there by the repository that it lies in, and so is whoever's wrote
 * that. DL_CONFIG: git refuses it, as another user's for example; DL_SYSTEM: it cannot be read. */
DL_MUST_CHECK int dl_clone_look(struct dl_scope *scope, const char *root, const char *path,
				struct dl_clone *clone);

/* dl_clone_close(clone): its refs can be asked for no more. One that is zeroed or closed is fine. */
void dl_clone_close(struct dl_clone *clone);

/* dl_clone_ref(scope, clone, name): the object that the ref of that full name points to; NULL (no failure):
 * there is none. */
const char *dl_clone_ref(struct dl_scope *scope, const struct dl_clone *clone, const char *name);

/* dl_clone_url_same(one, other): whether two URLs name the same repository, in whatever spelling and
 * over whatever protocol. */
bool dl_clone_url_same(const char *one, const char *other);

#endif
