/* actions_api: what is alike in the APIs of GitHub, Gitea and Forgejo. */
#ifndef DL_ACTIONS_API_H
#define DL_ACTIONS_API_H

#include <stdbool.h>

#include "lib/net/http.h"
#include "lib/provider/provider.h"

struct dl_sink_list;

/* dl_actions_api_check_start(scope, target, trigger): DL_USAGE when TRIGGER is for a commit: workflows are
 * started for branches and tags. */
DL_MUST_CHECK int dl_actions_api_check_start(struct dl_scope *scope, const struct dl_target *target,
					     const struct dl_trigger *trigger);

/* dl_actions_api_request(scope, trigger, branch, more): the JSON that starts TRIGGER's workflow for BRANCH, a
 * branch or tag, with MORE (",\"a\":1") as further members. NULL: DL_DATA, it is too long. */
const char *dl_actions_api_request(struct dl_scope *scope, const struct dl_trigger *trigger,
				   const char *branch, const char *more);

/* dl_actions_api_id(scope, res, path): the id of a run that stands at PATH in the answer to a start; NULL (no
 * failure): there is none. */
const char *dl_actions_api_id(struct dl_scope *scope, const struct dl_res *res, const char *path);

/* dl_actions_api_started(scope, target, id, workflow, branch): run ID, which the server does not show yet. */
struct dl_run *dl_actions_api_started(struct dl_scope *scope, const struct dl_target *target, const char *id,
				      const char *workflow, const char *branch);

/* dl_actions_api_user(scope, target): who we are; NULL (no failure): the server does not say. */
const char *dl_actions_api_user(struct dl_scope *scope, const struct dl_target *target);

/* dl_actions_api_name(branch): the short name of a branch or tag that may be a full one. */
const char *dl_actions_api_name(const char *branch);

/* dl_actions_api_check_rerun(scope, before, failed): DL_REFUSED when run BEFORE, or what FAILED of it, cannot
 * be run again. */
DL_MUST_CHECK int dl_actions_api_check_rerun(struct dl_scope *scope, const struct dl_run *before,
					     bool failed);

/* dl_actions_api_again(scope, target, before, patience_s, sink): puts run BEFORE when the server shows that
 * it runs again: for a moment it still shows the old attempt. SCOPE may have failed before, where the answer
 * was lost: that failure is taken back when the run is found, and the last word when it is not. DL_PENDING:
 * it has not begun after PATIENCE_S seconds. */
DL_MUST_CHECK int dl_actions_api_again(struct dl_scope *scope, const struct dl_target *target,
				       const struct dl_run *before, int patience_s, struct dl_sink *sink);

/* dl_actions_api_artifact(scope, target, artifact): completes ARTIFACT, which a map has read. DL_DATA: the
 * server did not say what it is. */
DL_MUST_CHECK int dl_actions_api_artifact(struct dl_scope *scope, const struct dl_target *target,
					  struct dl_artifact *artifact);

/* dl_actions_api_newest(scope, artifacts, sink): puts ARTIFACTS, a list of struct dl_artifact of all attempts
 * of a run, by name, and of those of one name only the newest. Returns as a sink does; ARTIFACTS is in
 * another order then. */
DL_MUST_CHECK int dl_actions_api_newest(struct dl_scope *scope, struct dl_sink_list *artifacts,
					struct dl_sink *sink);

#endif
