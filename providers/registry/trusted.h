/* trusted: trusted publishing: a CI job shows an identity that its CI system vouches for, and is given a
 * token for a quarter of an hour. https://docs.pypi.org/trusted-publishers/internals/ */
#ifndef DL_TRUSTED_H
#define DL_TRUSTED_H

#include <stdbool.h>

struct dl_scope;
struct dl_target;

/* dl_trusted_offered(): whether this is a job that may show an identity: of GitHub Actions, with the
 * permission `id-token: write`, or of GitLab CI/CD, with `id_tokens: PYPI_ID_TOKEN`. */
bool dl_trusted_offered(void);

/* dl_trusted_token(scope, target, uploads): a token for uploads to the URL UPLOADS, which the server at
 * TARGET gives this job. NULL without a failure: this is no such job, or the server knows nothing of that.
 * NULL: failed, DL_AUTH when the server does not trust it. */
const char *dl_trusted_token(struct dl_scope *scope, const struct dl_target *target, const char *uploads);

#endif
