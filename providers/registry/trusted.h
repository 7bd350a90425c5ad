/* trusted: trusted publishing: a CI job shows a registry an identity that its CI system vouches for, and gets
 * a token that is good for some minutes.
 *
 * An identity is for one audience, so that nobody whom it is shown to can use it elsewhere. All the same it
 * is shown to no server that a file of the repository alone names: that server would name the audience. */
#ifndef DL_TRUSTED_H
#define DL_TRUSTED_H

#include <stdbool.h>

struct dl_scope;
struct dl_target;

/* dl_trusted_offered(target, names): whether this is a job that may show an identity to the registry at
 * TARGET: of GitHub Actions, with the permission `id-token: write`, or of GitLab CI/CD, with one of the
 * variables NAMES, which ends with NULL, in its `id_tokens`. */
bool dl_trusted_offered(const struct dl_target *target, const char *const *names);

/* dl_trusted_identity(scope, target, audience, name): the identity of this job for AUDIENCE; in GitLab CI/CD
 * it is in the variable NAME. NULL without a failure: it has none. DL_AUTH: what it has is for others, who
 * alone may see it; or GitHub does not give it one.
 * https://docs.github.com/en/actions/reference/security/oidc,
 * https://docs.gitlab.com/ci/secrets/id_token_authentication/ */
const char *dl_trusted_identity(struct dl_scope *scope, const struct dl_target *target, const char *audience,
				const char *name);

/* dl_trusted_explain(scope, target): makes more of the failure that TARGET has given no token for an
 * identity: a refusal is one of DL_AUTH. */
void dl_trusted_explain(struct dl_scope *scope, const struct dl_target *target);

#endif
