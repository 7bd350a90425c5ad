/* hooks_list: which programs git runs for an event, in which order, and which were displaced. */
#ifndef DL_HOOKS_LIST_H
#define DL_HOOKS_LIST_H

#include "lib/base/fail.h"

struct dl_hooks;
struct dl_scope;
struct dl_sink;

/* dl_hooks_list(scope, hooks, event, sink): puts a struct dl_hook_line for each hook of HOOKS for EVENT, and
 * for each file that was one. What DevLoop put there is called DL_HOOKS_NAME for pre-push. Returns what SINK
 * answers. */
DL_MUST_CHECK int dl_hooks_list(struct dl_scope *scope, const struct dl_hooks *hooks, const char *event,
				struct dl_sink *sink);

#endif
