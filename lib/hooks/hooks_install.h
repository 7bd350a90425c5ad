/* hooks_install: putting a hook into a repository, beside what is there already. */
#ifndef DL_HOOKS_INSTALL_H
#define DL_HOOKS_INSTALL_H

#include "lib/base/fail.h"
#include "lib/hooks/hooks_task.h"

struct dl_hooks;

/* dl_hooks_install(scope, task, hooks): from now on git runs dl-gate before a push: by its configuration,
 * where this git reads hooks from it, else by a file in its folder, which runs what was there before, too. A
 * hook of ours in another form, or another version, is brought into this one. HOOKS may be NULL with
 * task->global. DL_MISSING: there is no dl-gate; DL_UNSUPPORTED: this git cannot do it for all repositories;
 * DL_REFUSED: that place is not ours to change, and a hint says what can be done by hand; DL_SYSTEM. With
 * DL_HOOKS=0 nothing is done. */
DL_MUST_CHECK int dl_hooks_install(struct dl_scope *scope, struct dl_hooks_task *task,
				   const struct dl_hooks *hooks);

#endif
