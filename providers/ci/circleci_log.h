/* circleci_log: the log of a job, which is the output of its steps, one after the other. */
#ifndef DL_CIRCLECI_LOG_H
#define DL_CIRCLECI_LOG_H

#include "lib/base/fail.h"
#include "lib/provider/provider.h"

struct dl_scope;

/* dl_circleci_log_read(scope, target, id, cursor, writer): for the slot `log` of lib/provider/provider.h.
 * What a step wrote begins with a line `> NAME`. */
DL_MUST_CHECK int dl_circleci_log_read(struct dl_scope *scope, const struct dl_target *target, const char *id,
				       struct dl_log_cursor *cursor, struct dl_writer *writer);

#endif
