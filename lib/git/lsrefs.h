/* lsrefs: what git's protocol, version 2, asks and answers when only the refs are wanted. Pure.
 *
 * https://git-scm.com/docs/protocol-v2#_ls_refs */
#ifndef DL_LSREFS_H
#define DL_LSREFS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/fail.h"

struct dl_buf;
struct dl_scope;

struct dl_lsrefs_ref {
	const char *name;   /* "HEAD", "refs/heads/main" */
	const char *sha;    /* NULL: a branch without a commit */
	const char *target; /* the ref that it stands for; NULL: it stands for itself */
	const char *peeled; /* what the tag object is about; NULL: it is none */
};

struct dl_lsrefs {
	struct dl_lsrefs_ref *items;
	size_t count;
};

/* dl_lsrefs_ask(buf, prefix, sha256): appends the request for the refs that begin with PREFIX; NULL: all.
 * SHA256: for a repository with names of that kind. */
void dl_lsrefs_ask(struct dl_buf *buf, const char *prefix, bool sha256);

/* dl_lsrefs_read(scope, data, len, refs): takes an answer apart; all of it lives in SCOPE. 1; 0 (no failure):
 * it is empty, which says nothing. DL_DATA: it is none; DL_REFUSED: the server says no. */
DL_MUST_CHECK int dl_lsrefs_read(struct dl_scope *scope, const char *data, size_t len,
				 struct dl_lsrefs *refs);

/* dl_lsrefs_read_text(scope, text, refs): the same for what `git ls-remote --symref` prints. */
DL_MUST_CHECK int dl_lsrefs_read_text(struct dl_scope *scope, const char *text, struct dl_lsrefs *refs);

/* dl_lsrefs_find(refs, name): the ref of that name; NULL: there is none. */
const struct dl_lsrefs_ref *dl_lsrefs_find(const struct dl_lsrefs *refs, const char *name);

#endif
