/* hooks_view: what of the hooks for a push matters to dl-gate: whether git runs it, and who is in the way. */
#ifndef DL_HOOKS_VIEW_H
#define DL_HOOKS_VIEW_H

#include <stdbool.h>

#include "lib/base/fail.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"

struct dl_hooks;
struct dl_scope;

struct dl_hooks_view {
	struct dl_sink_list list; /* all of them, see dl_hooks_view_at */
	const struct dl_hook_line *configured, *file; /* ours, which git runs; NULL: there is none */
	const struct dl_hook_line *lost;              /* ours, which it does not */
	const struct dl_hook_line *script;            /* with dl-gate in it, and not as we wrote it */
	const struct dl_hook_line *slot;              /* the file that git runs; NULL: none */
};

/* Why git does not run dl-gate, and the command that mends it. */
struct dl_hooks_reason {
	const char *message, *command;
};

/* dl_hooks_view_open(scope, hooks, view): VIEW is that of HOOKS. As dl_hooks_list. */
DL_MUST_CHECK int dl_hooks_view_open(struct dl_scope *scope, const struct dl_hooks *hooks,
				     struct dl_hooks_view *view);

/* dl_hooks_view_at(view, index): one of its hooks, below view->list.count. */
const struct dl_hook_line *dl_hooks_view_at(const struct dl_hooks_view *view, size_t index);

/* dl_hooks_view_is_file(hook): it is none of git's configuration. */
bool dl_hooks_view_is_file(const struct dl_hook_line *hook);

/* dl_hooks_view_explain(scope, hooks, view): why git does not run dl-gate, where VIEW has none of ours that
 * it runs, and no script. */
struct dl_hooks_reason dl_hooks_view_explain(struct dl_scope *scope, const struct dl_hooks *hooks,
					     const struct dl_hooks_view *view);

#endif
