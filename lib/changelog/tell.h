/* tell: a changelog as text or as records, to standard output or into a file. */
#ifndef DL_TELL_H
#define DL_TELL_H

#include "lib/base/fail.h"

struct dl_changelog;
struct dl_layout;
struct dl_next;
struct dl_out;
struct dl_scope;

/* dl_tell_records(scope, log, out): prints for each group a `release` record, then one `change` for each of
 * its commits; without -j, only these. As dl_sink_put. */
DL_MUST_CHECK int dl_tell_records(struct dl_scope *scope, const struct dl_changelog *log, struct dl_out *out);

/* dl_tell_text(scope, log, layout, out): prints the text of each group, an empty line between two that have
 * headings. As dl_out_text. */
DL_MUST_CHECK int dl_tell_text(struct dl_scope *scope, const struct dl_changelog *log,
			       const struct dl_layout *layout, struct dl_out *out);

/* dl_tell_next(scope, next, out): prints the tag of the next version, or its `release` record where OUT
 * prints lines. As dl_sink_put. */
DL_MUST_CHECK int dl_tell_next(struct dl_scope *scope, const struct dl_next *next, struct dl_out *out);

/* dl_tell_file(scope, log, layout, path, out): puts the text into the changelog PATH, which is made if it is
 * not there, as dl_insert_text has it; with OUT it is printed and PATH stays as it is. DL_REFUSED: PATH is a
 * symbolic link, which could lead anywhere, or a section is left since it was written by hand; fails as
 * dl_file_read and dl_file_write, too. */
DL_MUST_CHECK int dl_tell_file(struct dl_scope *scope, const struct dl_changelog *log,
			       const struct dl_layout *layout, const char *path, struct dl_out *out);

#endif
