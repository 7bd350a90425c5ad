/* preflight_run: all the checks before a release, one after the other. */
#ifndef DL_PREFLIGHT_RUN_H
#define DL_PREFLIGHT_RUN_H

#include <stdbool.h>

#include "lib/base/fail.h"

struct dl_preflight_wish;
struct dl_scope;
struct dl_tool;

/* dl_preflight_run(scope, tool, wish, ready): prints a dl_check record for each question. *READY: none of
 * them has failed. DL_CONFIG: there is no repository; DL_USAGE: HEAD is no commit; as dl_sink_put. */
DL_MUST_CHECK int dl_preflight_run(struct dl_scope *scope, struct dl_tool *tool,
				   const struct dl_preflight_wish *wish, bool *ready);

#endif
