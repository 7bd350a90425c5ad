/* jenkins_queue: making Jenkins build, and stop. A build that was asked for waits in the queue as an item,
 * which has a number of its own; as a run its id is "q" and that number. */
#ifndef DL_JENKINS_QUEUE_H
#define DL_JENKINS_QUEUE_H

#include "lib/base/fail.h"
#include "lib/provider/provider.h"

/* dl_jenkins_queue_build(scope, target, id): the number of the build that the item with the run's id ID
 * has become; "" while it has not. NULL: failed; DL_MISSING: it never will, or nobody knows any more. */
const char *dl_jenkins_queue_build(struct dl_scope *scope, const struct dl_target *target, const char *id);

/* dl_jenkins_queue_run(scope, target, id, sink), dl_jenkins_queue_trigger(scope, target, trigger, sink),
 * dl_jenkins_queue_rerun(scope, target, id, failed, sink), dl_jenkins_queue_cancel(scope, target, id,
 * force, sink): the slots `run`, `trigger`, `rerun` and `cancel` of a CI system. */
DL_MUST_CHECK int dl_jenkins_queue_run(struct dl_scope *scope, const struct dl_target *target, const char *id,
				       struct dl_sink *sink);
DL_MUST_CHECK int dl_jenkins_queue_trigger(struct dl_scope *scope, const struct dl_target *target,
					   const struct dl_trigger *trigger, struct dl_sink *sink);
DL_MUST_CHECK int dl_jenkins_queue_rerun(struct dl_scope *scope, const struct dl_target *target,
					 const char *id, bool failed, struct dl_sink *sink);
DL_MUST_CHECK int dl_jenkins_queue_cancel(struct dl_scope *scope, const struct dl_target *target,
					  const char *id, bool force, struct dl_sink *sink);

#endif
