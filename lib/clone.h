/* clone: what stands in the folder of a repository that is kept in step, seen without starting git.
 *
 * A few small files are all that is read: HEAD, the configuration, the refs that matter. So looking at one
 * that has not changed costs some ten system calls. */
#ifndef DL_CLONE_H
#define DL_CLONE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/fail.h"

struct dl_scope;

enum dl_clone_kind {
	DL_CLONE_ABSENT,  /* nothing, or an empty folder */
	DL_CLONE_FOREIGN, /* something, but no repository of its own */
	DL_CLONE_OPAQUE,  /* a repository whose refs this module cannot read */
	DL_CLONE_THERE,
};

struct dl_clone {
	enum dl_clone_kind kind;
	const char *dir;     /* the path of the folder */
	const char *git_dir; /* the same in a bare repository */
	bool bare;
	const char *head;    /* the full name of the branch that is checked out; NULL: none is */
	const char *commit;  /* of HEAD; NULL: there is none yet */
	const char
		*origin; /* the full name of the branch that was the default one of origin; NULL: unknown */
	const char *url;     /* of the remote "origin"; NULL: it has none */
	const char *busy;    /* what has been begun in it, for people: "a merge", "a rebase"; NULL: nothing */
	const char *packed;  /* packed-refs; "" when there are none */
};

/* dl_clone_look(scope, root, path, clone): what stands at PATH, which dl_path_check has passed, below the
 * folder ROOT; 0. DL_REFUSED: on the way there is a link, or something that is no folder; DL_SYSTEM: it
 * cannot be read. */
DL_MUST_CHECK int dl_clone_look(struct dl_scope *scope, const char *root, const char *path,
				struct dl_clone *clone);

/* dl_clone_ref(scope, clone, name): the object that the ref of that full name points to; NULL (no failure):
 * there is none. */
const char *dl_clone_ref(struct dl_scope *scope, const struct dl_clone *clone, const char *name);

/* dl_clone_url_same(one, other): whether two URLs name the same repository, in whatever spelling and
 * over whatever protocol. */
bool dl_clone_url_same(const char *one, const char *other);

#endif
