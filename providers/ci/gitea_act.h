/* gitea_act: starting workflows, running again and stopping runs on Gitea and Forgejo. */
#ifndef DL_GITEA_ACT_H
#define DL_GITEA_ACT_H

#include "lib/provider/provider.h"

/* dl_gitea_act_trigger(scope, target, trigger, sink), dl_gitea_act_rerun(scope, target, id, failed, sink),
 * dl_gitea_act_cancel(scope, target, id, force, sink): the slots `trigger`, `rerun` and `cancel` of
 * lib/provider/provider.h. DL_PENDING when a run was started, but cannot be named. */
DL_MUST_CHECK int dl_gitea_act_trigger(struct dl_scope *scope, const struct dl_target *target,
				       const struct dl_trigger *trigger, struct dl_sink *sink);
DL_MUST_CHECK int dl_gitea_act_rerun(struct dl_scope *scope, const struct dl_target *target, const char *id,
				     bool failed, struct dl_sink *sink);
DL_MUST_CHECK int dl_gitea_act_cancel(struct dl_scope *scope, const struct dl_target *target, const char *id,
				      bool force, struct dl_sink *sink);

#endif
