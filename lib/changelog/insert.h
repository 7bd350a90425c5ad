/* insert: the sections of a changelog put into a CHANGELOG.md that people have a hand in.
 *
 * What is generated stands between two comments, `<!-- dl-changelog -->` and `<!-- /dl-changelog -->`, below
 * the heading of its version, and is replaced as a whole; everything else is people's and stays, byte for
 * byte. So the second time changes nothing. */
#ifndef DL_INSERT_H
#define DL_INSERT_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/fail.h"

struct dl_scope;

struct dl_insert_entry {
	const char *version; /* "1.2.0"; NULL: what is not released */
	const char *head;    /* its heading, a line that begins with "## " and names the version */
	const char *body;    /* whole lines */
	bool left;           /* set: a section of that version was written by hand, and stays as it is */
};

/* dl_insert_text(scope, text, entries, count, len): TEXT, a changelog of *LEN bytes, or NULL, with COUNT
 * ENTRIES in it; in SCOPE; its length to *LEN. An entry replaces what was generated for its version; else it
 * comes before the first section of a lower version, and, when none is higher, takes over what stands under
 * "Unreleased". Line ends are those of TEXT. NULL: DL_USAGE: a head is no such line; DL_DATA: larger than
 * DL_CAP_BODY, or a block of code or a comment in it does not end. */
const char *dl_insert_text(struct dl_scope *scope, const char *text, struct dl_insert_entry *entries,
			   size_t count, size_t *len);

/* dl_insert_find(scope, text, len, version): whether TEXT, a changelog of LEN bytes, has a section of VERSION
 * with something in it: 1; 0: there is none, or it is empty. DL_DATA as dl_insert_text. */
DL_MUST_CHECK int dl_insert_find(struct dl_scope *scope, const char *text, size_t len, const char *version);

#endif
