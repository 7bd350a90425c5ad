/* hooks_task: what installing and uninstalling a hook have in common. */
#ifndef DL_HOOKS_TASK_H
#define DL_HOOKS_TASK_H

#include <stdbool.h>

#include "lib/base/fail.h"
#include "lib/data/record.h"

struct dl_event;
struct dl_scope;
struct dl_sink;

struct dl_hooks_task {
	struct dl_sink *sink; /* takes a struct dl_hook_line for each thing that is done */
	bool global;  /* in the user's configuration, for all repositories */
	bool shared;  /* also in a folder that other repositories may use */
	bool purge;   /* and all that DevLoop keeps in the git dir */
	bool dry_run; /* nothing is changed */
	struct dl_event *event; /* of the log, which says what was changed */
	bool left;    /* set by what works on it: something is as it was that should not be */
};

/* dl_hooks_task_put(scope, task, action, path, message): tells TASK's sink that ACTION was done with the hook
 * at PATH, and keeps in mind what was left. */
DL_MUST_CHECK int dl_hooks_task_put(struct dl_scope *scope, struct dl_hooks_task *task,
				    enum dl_hook_action action, const char *path, const char *message);

/* dl_hooks_task_put_key(scope, task, action, command, message): the same of the hook DL_HOOKS_NAME in git's
 * configuration, whose command that is. */
DL_MUST_CHECK int dl_hooks_task_put_key(struct dl_scope *scope, struct dl_hooks_task *task,
					enum dl_hook_action action, const char *command,
					const char *message);

/* dl_hooks_task_config(scope, task, how, key, value): changes the user's configuration, or that of the
 * repository here, as `git config HOW KEY VALUE` does. DL_SYSTEM. */
DL_MUST_CHECK int dl_hooks_task_config(struct dl_scope *scope, const struct dl_hooks_task *task,
				       const char *how, const char *key, const char *value);

/* dl_hooks_task_is_off(): whether the environment forbids to install: DL_HOOKS is 0. */
bool dl_hooks_task_is_off(void);

#define DL_HOOKS_TASK_OFF "DL_HOOKS is 0: nothing is installed"

/* dl_hooks_task_scope(task): "global" or "local", where it works in git's configuration. */
const char *dl_hooks_task_scope(const struct dl_hooks_task *task);

#endif
