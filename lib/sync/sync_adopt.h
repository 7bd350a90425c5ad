/* sync_adopt: files of a working tree that are already what the server has.
 *
 * A git that was killed as it wrote files has not yet noted them, and so takes them for somebody's
 * afterwards; and who has copied a change by hand has it twice. Neither is a reason to refuse the commit that
 * brings the very same. */
#ifndef DL_SYNC_ADOPT_H
#define DL_SYNC_ADOPT_H

#include <stdbool.h>

struct dl_buf;
struct dl_clone;
struct dl_scope;
struct dl_sync_git;

/* dl_sync_adopt(scope, git, clone, old, new, paths): takes into the index what is, in the working tree of
 * CLONE at the commit OLD, byte for byte as the commit NEW has it, and staged by nobody; PATHS, each with a
 * NUL, which is set up in SCOPE, has what that is. False (no failure): nothing. */
bool dl_sync_adopt(struct dl_scope *scope, const struct dl_sync_git *git, const struct dl_clone *clone,
		   const char *old, const char *new, struct dl_buf *paths);

/* dl_sync_adopt_undo(git, clone, paths): the index has PATHS as OLD again. */
void dl_sync_adopt_undo(const struct dl_sync_git *git, const struct dl_clone *clone,
			const struct dl_buf *paths);

#endif
