/* preflight_server: the checks before a release that CI, the forge and the registry answer. */
#ifndef DL_PREFLIGHT_SERVER_H
#define DL_PREFLIGHT_SERVER_H

#include "lib/base/fail.h"

struct dl_preflight;

/* dl_preflight_server_release(flight): the forge has no release of the tag, or a draft of it. Each check
 * returns as dl_preflight_put. */
DL_MUST_CHECK int dl_preflight_server_release(struct dl_preflight *flight);

/* dl_preflight_server_forge(flight): the forge takes the credential, as far as a question can tell. */
DL_MUST_CHECK int dl_preflight_server_forge(struct dl_preflight *flight);

/* dl_preflight_server_ci(flight): CI is green for exactly this commit, as dl_verdict_ask judges, but for the
 * run that this is a part of; a check for each provider of a chain. Of all but the first nothing is expected:
 * they may have nothing to say. */
DL_MUST_CHECK int dl_preflight_server_ci(struct dl_preflight *flight);

/* dl_preflight_server_registry(flight): the registry does not have the version, and takes the credential. */
DL_MUST_CHECK int dl_preflight_server_registry(struct dl_preflight *flight);

#endif
