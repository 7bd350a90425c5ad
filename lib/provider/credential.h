/* credential: what a request to a host carries to show who asks.
 *
 * A token in the environment is for the provider's public host and for hosts that the user has bound
 * (lib/provider/host.h). Everything else is only sent what the user has stored for that very host: in files
 * that the provider knows (.user_header), or what the project's files have in them for it (.project_header);
 * by `git credential fill`, which is asked so that nothing prompts, then by the provider's own command. */
#ifndef DL_CREDENTIAL_H
#define DL_CREDENTIAL_H

#include <stdbool.h>

#include "lib/base/fail.h"
#include "lib/net/http.h"

struct dl_arena;
struct dl_provider;
struct dl_scope;

struct dl_credential {
	struct dl_auth auth; /* .header is NULL when there is none; .origin is set in every case */
	const char *from;    /* where it was found, for people; NULL: there is none */
};

/* What the user has stored for a host. */
struct dl_login {
	const char *user;     /* NULL: unknown */
	const char *password; /* without spaces and control characters */
};

/* dl_credential_fits(token): whether TOKEN may stand in a header line: it is of visible ASCII characters. */
bool dl_credential_fits(const char *token);

/* dl_credential_fill(scope, scheme, host, dir, login): what `git credential fill` knows for HOST, which is
 * spoken to by SCHEME, and whose path counts if the user has set credential.useHttpPath; asked in DIR (NULL:
 * here) so that nothing prompts, and that no folder with the looks of a repository in a working tree names
 * the helper. False: it knows nothing. */
bool dl_credential_fill(struct dl_scope *scope, const char *scheme, const char *host, const char *dir,
			struct dl_login *login);

/* dl_credential_find(scope, provider, base, host, bound, dir, credential): the user's credential for the API
 * of PROVIDER with the base URL BASE, at HOST. BOUND: a token in the environment is for it. DIR is where git
 * is asked; NULL: here. That there is none is no failure. DL_CONFIG: BASE is no http URL or has a user in it,
 * or the token could not stand in a header. */
DL_MUST_CHECK int dl_credential_find(struct dl_scope *scope, const struct dl_provider *provider,
				     const char *base, const char *host, bool bound, const char *dir,
				     struct dl_credential *credential);

/* dl_credential_env(scope, provider, credential): the same for a provider that has no host: only a token in
 * the environment, for no origin. */
DL_MUST_CHECK int dl_credential_env(struct dl_scope *scope, const struct dl_provider *provider,
				    struct dl_credential *credential);

/* dl_credential_basic(arena, user, password): the header line that shows them (RFC 7617). NULL: it would be
 * longer than a header may be. */
const char *dl_credential_basic(struct dl_arena *arena, const char *user, const char *password);

/* dl_credential_header(arena, user, token): the same of TOKEN as its bearer (RFC 6750) when USER is NULL. */
const char *dl_credential_header(struct dl_arena *arena, const char *user, const char *token);

/* dl_credential_at_hand(provider): whether the environment has a token for PROVIDER. */
bool dl_credential_at_hand(const struct dl_provider *provider);

#endif
