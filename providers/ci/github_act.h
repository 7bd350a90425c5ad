/* github_act: starting, running again and stopping runs on GitHub. */
#ifndef DL_GITHUB_ACT_H
#define DL_GITHUB_ACT_H

#include "lib/provider/provider.h"

/* dl_github_act_trigger(scope, target, trigger, sink), dl_github_act_rerun(scope, target, id, failed, sink),
 * dl_github_act_cancel(scope, target, id, force, sink): the slots `trigger`, `rerun` and `cancel` of
 * lib/provider/provider.h. What was asked for, but cannot be seen after half a minute, is DL_PENDING.
 *
 * https://docs.github.com/en/rest/actions/workflows, https://docs.github.com/en/rest/actions/workflow-runs */
DL_MUST_CHECK int dl_github_act_trigger(struct dl_scope *scope, const struct dl_target *target,
					const struct dl_trigger *trigger, struct dl_sink *sink);
DL_MUST_CHECK int dl_github_act_rerun(struct dl_scope *scope, const struct dl_target *target, const char *id,
				      bool failed, struct dl_sink *sink);
DL_MUST_CHECK int dl_github_act_cancel(struct dl_scope *scope, const struct dl_target *target, const char *id,
				       bool force, struct dl_sink *sink);

#endif
