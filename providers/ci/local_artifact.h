/* local_artifact: what a workflow of the embedded CI system has left. It puts files into the folder that
 * DL_ARTIFACTS names, `artifacts` in its run's folder; each file there is an artifact, called by its path
 * below that folder. Links and special files are none. A run that is not over has left nothing yet, and a new
 * attempt begins with nothing.
 *
 * The id of an artifact is the run's, a '/', and the name. */
#ifndef DL_LOCAL_ARTIFACT_H
#define DL_LOCAL_ARTIFACT_H

#include <stdint.h>

#include "lib/base/fail.h"

struct dl_artifact;
struct dl_writer;
struct dl_scope;
struct dl_sink;
struct dl_target;

/* dl_local_artifact_list(scope, target, id, sink), dl_local_artifact_one(scope, target, id, sink),
 * dl_local_artifact_download(scope, target, artifact, offset, writer): the slots `artifacts`, `artifact`
 * and `download` of lib/provider/provider.h. Also DL_DATA: a file there has a name that cannot be an
 * artifact's. */
DL_MUST_CHECK int dl_local_artifact_list(struct dl_scope *scope, const struct dl_target *target,
					 const char *id, struct dl_sink *sink);
DL_MUST_CHECK int dl_local_artifact_one(struct dl_scope *scope, const struct dl_target *target,
					const char *id, struct dl_sink *sink);
DL_MUST_CHECK int dl_local_artifact_download(struct dl_scope *scope, const struct dl_target *target,
					     const struct dl_artifact *artifact, int64_t *offset,
					     struct dl_writer *writer);

#endif
