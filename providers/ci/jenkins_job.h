/* jenkins_job: jobs as workflows: which there are, and what they take. */
#ifndef DL_JENKINS_JOB_H
#define DL_JENKINS_JOB_H

#include "lib/base/fail.h"
#include "lib/provider/provider.h"

/* dl_jenkins_job_find(scope, target, trigger, job): the job that TRIGGER's workflow and branch mean, as
 * the target JOB, and what the server says of it: `buildable`, and `property[parameterDefinitions]`. NULL:
 * failed; DL_USAGE: it cannot be built for a branch. */
const struct dl_json *dl_jenkins_job_find(struct dl_scope *scope, const struct dl_target *target,
					  const struct dl_trigger *trigger, struct dl_target *job);

/* dl_jenkins_job_configured(scope, target, sha), dl_jenkins_job_list(scope, target, sink),
 * dl_jenkins_job_inputs(scope, target, trigger, sink): the slots `configured`, `workflows` and `inputs` of
 * a CI system. */
DL_MUST_CHECK int dl_jenkins_job_configured(struct dl_scope *scope, const struct dl_target *target,
					    const char *sha);
DL_MUST_CHECK int dl_jenkins_job_list(struct dl_scope *scope, const struct dl_target *target,
				      struct dl_sink *sink);
DL_MUST_CHECK int dl_jenkins_job_inputs(struct dl_scope *scope, const struct dl_target *target,
					const struct dl_trigger *trigger, struct dl_sink *sink);

#endif
