/* circleci_act: starting, running again and stopping runs on CircleCI. */
#ifndef DL_CIRCLECI_ACT_H
#define DL_CIRCLECI_ACT_H

#include "lib/provider/provider.h"

/* dl_circleci_act_trigger(scope, target, trigger, sink): for the slot `trigger` of lib/provider/provider.h.
 * What is started is a pipeline. The workflow of TRIGGER may be the id of a pipeline definition; or
 * `pipeline`, or the name of the configuration file, for the project's pipeline; or the name of one of its
 * workflows, whose run is then the one that goes to SINK, when it appears. Otherwise it is the pipeline's,
 * when it has a workflow or has gone wrong, or after a minute as it is. The definition may also be the member
 * `definition` of the committed configuration, or git config devloop.circleci.definition; without one the
 * older operation is used, which GitHub App projects do not have. DL_PENDING: the named workflow has not
 * appeared within a minute; DL_MISSING: the pipeline has none of that name. */
DL_MUST_CHECK int dl_circleci_act_trigger(struct dl_scope *scope, const struct dl_target *target,
					  const struct dl_trigger *trigger, struct dl_sink *sink);

/* dl_circleci_act_rerun(scope, target, id, failed, sink): for the slot `rerun`: puts the new workflow. Of a
 * pipeline all its workflows are run again, or with FAILED those that failed. */
DL_MUST_CHECK int dl_circleci_act_rerun(struct dl_scope *scope, const struct dl_target *target,
					const char *id, bool failed, struct dl_sink *sink);

/* dl_circleci_act_cancel(scope, target, id, force, sink): for the slot `cancel`; of a pipeline all its
 * workflows that are not over. */
DL_MUST_CHECK int dl_circleci_act_cancel(struct dl_scope *scope, const struct dl_target *target,
					 const char *id, bool force, struct dl_sink *sink);

#endif
