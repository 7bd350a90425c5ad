/* circleci_artifact: the files that the jobs of a run have left.
 *
 * An artifact's id is NUMBER/MACHINE/PATH: its job, the machine (from 0) of those that the job ran on at
 * once, and its path there. It is called JOB/PATH, on further machines JOB/MACHINE/PATH, since jobs may leave
 * files of the same path. */
#ifndef DL_CIRCLECI_ARTIFACT_H
#define DL_CIRCLECI_ARTIFACT_H

#include "lib/provider/provider.h"

/* dl_circleci_artifact_list(scope, target, id, sink), dl_circleci_artifact_one(scope, target, id, sink),
 * dl_circleci_artifact_download(scope, target, artifact, offset, writer): the slots `artifacts`, `artifact`
 * and `download` of lib/provider/provider.h. */
DL_MUST_CHECK int dl_circleci_artifact_list(struct dl_scope *scope, const struct dl_target *target,
					    const char *id, struct dl_sink *sink);
DL_MUST_CHECK int dl_circleci_artifact_one(struct dl_scope *scope, const struct dl_target *target,
					   const char *id, struct dl_sink *sink);
DL_MUST_CHECK int dl_circleci_artifact_download(struct dl_scope *scope, const struct dl_target *target,
						const struct dl_artifact *artifact, int64_t *offset,
						struct dl_writer *writer);

#endif
