/* sync_every: the same work again and again, for ever, as a service does it. */
#ifndef DL_SYNC_EVERY_H
#define DL_SYNC_EVERY_H

#include <stdint.h>

#include "lib/base/fail.h"

struct dl_scope;
struct dl_tool;

/* dl_sync_every(scope, tool, every_s, round): calls ROUND(scope, TOOL), with a scope of its own, at once
 * and then every EVERY_S seconds, and up to a tenth of that later, so that many machines do not come at the
 * same moment. A round that fails is told, and the next one comes. SIGHUP begins the next one at once;
 * SIGTERM and SIGINT end the waiting: 0, also when nobody reads what is printed any more. In a round they end
 * the program. */
DL_MUST_CHECK int dl_sync_every(struct dl_scope *scope, struct dl_tool *tool, int64_t every_s,
				int (*round)(struct dl_scope *scope, struct dl_tool *tool));

#endif
