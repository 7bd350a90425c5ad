/* jenkins_artifact: the files that a build of Jenkins has kept. */
#ifndef DL_JENKINS_ARTIFACT_H
#define DL_JENKINS_ARTIFACT_H

#include "lib/base/fail.h"
#include "lib/provider/provider.h"

/* dl_jenkins_artifact_list(scope, target, id, sink), dl_jenkins_artifact_one(scope, target, id, sink),
 * dl_jenkins_artifact_download(scope, target, artifact, offset, writer): the slots `artifacts`, `artifact`
 * and `download` of a CI system. */
DL_MUST_CHECK int dl_jenkins_artifact_list(struct dl_scope *scope, const struct dl_target *target,
					   const char *id, struct dl_sink *sink);
DL_MUST_CHECK int dl_jenkins_artifact_one(struct dl_scope *scope, const struct dl_target *target,
					  const char *id, struct dl_sink *sink);
DL_MUST_CHECK int dl_jenkins_artifact_download(struct dl_scope *scope, const struct dl_target *target,
					       const struct dl_artifact *artifact, int64_t *offset,
					       struct dl_writer *writer);

#endif
