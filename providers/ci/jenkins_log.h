/* jenkins_log: what the builds of a Jenkins job, and the stages of a pipeline, have written. */
#ifndef DL_JENKINS_LOG_H
#define DL_JENKINS_LOG_H

#include "lib/base/fail.h"
#include "lib/provider/provider.h"

/* dl_jenkins_log_read(scope, target, id, cursor, writer): the slot `log` of a CI system. ID is a build's,
 * whose log is all that it wrote; or a stage's, whose log is that of its steps, one after the other, and the
 * errors they ended with. */
DL_MUST_CHECK int dl_jenkins_log_read(struct dl_scope *scope, const struct dl_target *target, const char *id,
				      struct dl_log_cursor *cursor, struct dl_writer *writer);

#endif
