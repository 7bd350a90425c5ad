/* host: what the user, by environment and git config, says about hosts: whose they are, where their API is,
 *and which of them a token in the environment is for.
 *
 *	variable of the provider            the base URL of its API, or its host
 *	devloop.host.HOST.provider          whose host it is
 *	devloop.host.HOST.url               the base URL of its API
 */
#ifndef DL_HOST_H
#define DL_HOST_H

#include <stdbool.h>

struct dl_provider;
struct dl_repo;
struct dl_scope;

/* A variable of the environment; both NULL: there is none. */
struct dl_variable {
	const char *name, *value;
};

/* dl_host_set(name): the value of the environment's variable NAME; NULL: it is not set, or empty. */
const char *dl_host_set(const char *name);

/* dl_host_env(names): the first of NAMES, which ends with NULL, that is set and not empty. NAMES may be
 * NULL. */
struct dl_variable dl_host_env(const char *const *names);

/* dl_host_env_base(scope, provider): the base URL that the environment names for PROVIDER, without a final
 * '/'; NULL: none, or SCOPE has failed: DL_CONFIG, it is no http URL. */
const char *dl_host_env_base(struct dl_scope *scope, const struct dl_provider *provider);

/* dl_host_token(scope, provider, host): the token in the environment for HOST, which is bound to PROVIDER;
 * both NULL: there is none. That of a CI job is for the server that has started the job. */
struct dl_variable dl_host_token(struct dl_scope *scope, const struct dl_provider *provider,
				 const char *host);

/* dl_host_config(scope, repo, host, key): git config devloop.host.HOST.KEY; NULL: it is not set. */
const char *dl_host_config(struct dl_scope *scope, struct dl_repo *repo, const char *host, const char *key);

/* dl_host_owner(scope, host): the built-in provider whose host HOST is known to be, other than by git
 * config; NULL: nobody says. */
const struct dl_provider *dl_host_owner(struct dl_scope *scope, const char *host);

/* dl_host_bound(scope, repo, provider, host): whether the user says that HOST is PROVIDER's, so that a token
 * in the environment is for it: by .url alone that is anybody's who is asked there, by .provider nobody
 * else's. */
bool dl_host_bound(struct dl_scope *scope, struct dl_repo *repo, const struct dl_provider *provider,
		   const char *host);

#endif
