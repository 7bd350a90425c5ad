/* hooks_note: what dl-hooks remembers of an installation, in the file "devloop/hooks" of the git dir that all
 * working trees share: by it one that was displaced is told from one that never was. */
#ifndef DL_HOOKS_NOTE_H
#define DL_HOOKS_NOTE_H

#include <stdbool.h>

#include "lib/base/fail.h"

struct dl_scope;

struct dl_hooks_note {
	const char *folder; /* that the hook was put into; NULL: none was */
	bool made;          /* the folder was not there before */
};

/* dl_hooks_note_path(scope, common_dir): the file. */
const char *dl_hooks_note_path(struct dl_scope *scope, const char *common_dir);

/* dl_hooks_note_read(scope, common_dir): what is remembered. */
struct dl_hooks_note dl_hooks_note_read(struct dl_scope *scope, const char *common_dir);

/* dl_hooks_note_write(scope, common_dir, note): remembers it; with NULL nothing any more. DL_SYSTEM. */
DL_MUST_CHECK int dl_hooks_note_write(struct dl_scope *scope, const char *common_dir,
				      const struct dl_hooks_note *note);

#endif
