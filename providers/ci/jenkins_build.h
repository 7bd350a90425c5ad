/* jenkins_build: the builds of a Jenkins job, and what waits to become one, as runs. */
#ifndef DL_JENKINS_BUILD_H
#define DL_JENKINS_BUILD_H

#include <stdbool.h>

#include "lib/base/fail.h"
#include "lib/data/record.h"
#include "lib/data/state.h"
#include "lib/provider/provider.h"

/* dl_jenkins_build_job(scope, target): where the target's job is, as the variable {+job} of a route takes
 * it: `a/b/c` is at /job/a/job/b/job/c. NULL: failed. */
const char *dl_jenkins_build_job(struct dl_scope *scope, const struct dl_target *target);

/* dl_jenkins_build_check(scope, id): 0 when ID is the number of a build, else DL_USAGE. */
DL_MUST_CHECK int dl_jenkins_build_check(struct dl_scope *scope, const char *id);

/* dl_jenkins_build_weigh(scope, state): if STATE is that of tests that failed, its conclusion becomes what
 * the user has put into DL_UNSTABLE. DL_CONFIG: that is no such word. */
DL_MUST_CHECK int dl_jenkins_build_weigh(struct dl_scope *scope, struct dl_state_result *state);

/* dl_jenkins_build_branched(node): whether NODE, an item of the server, has a job for each branch. */
bool dl_jenkins_build_branched(const struct dl_json *node);

/* dl_jenkins_build_branch(scope, node): the branch that NODE, a job among those of the branches, is for.
 * NULL: it has no name. */
const char *dl_jenkins_build_branch(struct dl_scope *scope, const struct dl_json *node);

/* dl_jenkins_build_read(scope, target, id): build ID, as it is now. NULL: failed. */
const struct dl_run *dl_jenkins_build_read(struct dl_scope *scope, const struct dl_target *target,
					   const char *id);

/* What is to be known of an item of the queue, a value for `tree`. */
#define DL_JENKINS_BUILD_ITEM                                                                             \
	"id,why,cancelled,inQueueSince,executable[number],actions[causes[shortDescription,userId]]"

/* dl_jenkins_build_queued(scope, target, node): NODE, an item of the queue that is none yet, as a run; its
 * id is "q" and the item's. NULL: failed. */
const struct dl_run *dl_jenkins_build_queued(struct dl_scope *scope, const struct dl_target *target,
					     const struct dl_json *node);

/* dl_jenkins_build_list(scope, target, query, sink), dl_jenkins_build_commit(scope, target, sha, sink):
 * the slots `runs` and `commit` of a CI system. */
DL_MUST_CHECK int dl_jenkins_build_list(struct dl_scope *scope, const struct dl_target *target,
					const struct dl_run_query *query, struct dl_sink *sink);
DL_MUST_CHECK int dl_jenkins_build_commit(struct dl_scope *scope, const struct dl_target *target,
					  const char *sha, struct dl_sink *sink);

#endif
