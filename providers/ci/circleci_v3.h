/* circleci_v3: what the API v3 of the cloud answers better than v2. A server of one's own does not have it,
 * so there is always another way. */
#ifndef DL_CIRCLECI_V3_H
#define DL_CIRCLECI_V3_H

#include <stdint.h>

#include "lib/base/fail.h"
#include "lib/provider/provider.h"

struct dl_names;
struct dl_scope;

/* dl_circleci_v3_target(scope, target): TARGET with the credential as v3 takes it. */
struct dl_target dl_circleci_v3_target(struct dl_scope *scope, const struct dl_target *target);

/* dl_circleci_v3_search(scope, target, sha, from, ids): the ids of the pipelines for commit SHA that were
 * created since FROM (DL_TIME_NONE: in the last 90 days), newest first, the first 20, into IDS. 0, or 1
 * without a failure when v3 does not answer, or the run is dry, since a search is sent like a change.
 * https://circleci.com/docs/api/v3/ */
DL_MUST_CHECK int dl_circleci_v3_search(struct dl_scope *scope, const struct dl_target *target,
					const char *sha, int64_t from, struct dl_names *ids);

#endif
