/* jenkins_stage: the stages of a pipeline as jobs; of any other build, and where nobody tells stages, the
 * build as its only job. */
#ifndef DL_JENKINS_STAGE_H
#define DL_JENKINS_STAGE_H

#include <stdbool.h>

#include "lib/base/fail.h"
#include "lib/provider/provider.h"

/* The id of a stage, "BUILD.NODE", taken apart: both are numbers. */
struct dl_jenkins_stage_id {
	const char *build, *node;
};

/* dl_jenkins_stage_split(scope, id, parts): takes the id of a stage apart. DL_USAGE: it is none. */
DL_MUST_CHECK int dl_jenkins_stage_split(struct dl_scope *scope, const char *id,
					 struct dl_jenkins_stage_id *parts);

/* dl_jenkins_stage_open(node): whether NODE, a stage or a step of one, goes on. */
bool dl_jenkins_stage_open(const struct dl_json *node);

/* dl_jenkins_stage_list(scope, target, id, attempt, sink), dl_jenkins_stage_one(scope, target, id, sink):
 * the slots `jobs` and `job` of a CI system. */
DL_MUST_CHECK int dl_jenkins_stage_list(struct dl_scope *scope, const struct dl_target *target,
					const char *id, int64_t attempt, struct dl_sink *sink);
DL_MUST_CHECK int dl_jenkins_stage_one(struct dl_scope *scope, const struct dl_target *target, const char *id,
				       struct dl_sink *sink);

#endif
