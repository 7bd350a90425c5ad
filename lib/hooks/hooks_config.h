/* hooks_config: the hooks in git's configuration.
 *
 * https://git-scm.com/docs/git-hook: hook.NAME.event has what a hook is for, several times for several, and
 * nothing to take back those before it; of several hook.NAME.command the last counts, which a shell runs with
 * the arguments behind it; hook.NAME.enabled switches it off. */
#ifndef DL_HOOKS_CONFIG_H
#define DL_HOOKS_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

struct dl_git_config;
struct dl_scope;

struct dl_hooks_entry {
	const char *name, *command; /* .command NULL: git refuses to run any hook */
	const char *scope, *origin; /* of its event, as struct dl_git_entry has them */
	bool enabled;
};

struct dl_hooks_entries {
	struct dl_hooks_entry *items; /* in the order in which git runs them */
	size_t count;
};

/* dl_hooks_config_read(scope, config, event): the hooks for EVENT in CONFIG, also those that are not
 * enabled. */
struct dl_hooks_entries dl_hooks_config_read(struct dl_scope *scope, const struct dl_git_config *config,
					     const char *event);

/* dl_hooks_config_find(entries, name): the one called NAME; NULL: there is none. */
const struct dl_hooks_entry *dl_hooks_config_find(const struct dl_hooks_entries *entries, const char *name);

#endif
