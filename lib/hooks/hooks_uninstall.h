/* hooks_uninstall: taking away what lib/hooks/hooks_install.h has put there, and nothing else. */
#ifndef DL_HOOKS_UNINSTALL_H
#define DL_HOOKS_UNINSTALL_H

#include "lib/base/fail.h"
#include "lib/hooks/hooks_task.h"

struct dl_hooks;

/* dl_hooks_uninstall(scope, task, hooks): the hooks of DevLoop are gone, wherever other tools have moved them
 * to meanwhile, and those of the user that they ran are in their place again: folder and configuration are as
 * if they had never been installed. What has been edited, and what cannot be put back as its place is taken,
 * is left and told. HOOKS may be NULL with task->global. DL_SYSTEM. */
DL_MUST_CHECK int dl_hooks_uninstall(struct dl_scope *scope, struct dl_hooks_task *task,
				     const struct dl_hooks *hooks);

/* dl_hooks_uninstall_file(scope, task, path): the same for the one intact file of ours at PATH. */
DL_MUST_CHECK int dl_hooks_uninstall_file(struct dl_scope *scope, struct dl_hooks_task *task,
					  const char *path);

#endif
