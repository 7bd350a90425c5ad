/* hooks_copy: a copy of the hook post-push that comes with DevLoop, for its user to edit. */
#ifndef DL_HOOKS_COPY_H
#define DL_HOOKS_COPY_H

#include "lib/base/fail.h"
#include "lib/hooks/hooks_task.h"

struct dl_hooks;

/* dl_hooks_copy(scope, task, hooks): it is in the folder that hooks are run from, and so is run in place of
 * the one that comes with DevLoop (lib/hooks/posthook.h). One that has been edited is as it should be.
 * DL_MISSING: there is none to be copied; DL_REFUSED: that place is not ours to write to, or is taken;
 * DL_SYSTEM. With DL_HOOKS=0 nothing is done. */
DL_MUST_CHECK int dl_hooks_copy(struct dl_scope *scope, struct dl_hooks_task *task,
				const struct dl_hooks *hooks);

#endif
