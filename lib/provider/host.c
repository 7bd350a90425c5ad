#include "lib/provider/host.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/url.h"
#include "lib/git/repo.h"
#include "lib/provider/provider.h"

const char *dl_host_set(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

struct dl_variable dl_host_env(const char *const *names)
{
	const char *value;

	for (; names && *names; names++) {
		value = dl_host_set(*names);
		if (value)
			return (struct dl_variable){*names, value};
	}
	return (struct dl_variable){NULL, NULL};
}

/* The URL in VARIABLE, without a final '/'. Where it may be a bare HOST, that speaks https. NULL: failed. */
static const char *read_url(struct dl_scope *scope, struct dl_variable variable, bool host,
			    struct dl_url *url)
{
	const char *text = variable.value;
	size_t len;

	if (host && !strstr(text, "://"))
		text = dl_arena_format(&scope->arena, "https://%s", text);
	if (dl_url_parse(scope, text, url) || !dl_text_starts(url->scheme, "http")) {
		scope->error.class = DL_CONFIG;
		dl_fail(scope, DL_CONFIG, "'%s' is no http URL", dl_url_redact(&scope->arena, text));
		dl_fail_prefix(scope, "%s", variable.name);
		return NULL;
	}
	if (url->user) {
		dl_fail(scope, DL_CONFIG, "%s has a user in it, which would show in traces", variable.name);
		dl_fail_hint(scope, "leave it out: the credential has variables of its own");
		return NULL;
	}
	for (len = strlen(text); len && text[len - 1] == '/'; len--)
		;
	return dl_arena_copy(&scope->arena, text, len);
}

/* The API of the server whose root is TEXT, spoken to by SCHEME; NULL: as the provider's are. */
static const char *base_of_root(struct dl_scope *scope, const struct dl_provider *provider, const char *text,
				const char *scheme)
{
	const char *base = provider->base(scope, strstr(text, "://") + 3);

	return base && scheme ? dl_arena_format(&scope->arena, "%s%s", scheme, strstr(base, "://")) : base;
}

const char *dl_host_env_base(struct dl_scope *scope, const struct dl_provider *provider)
{
	struct dl_variable variable = dl_host_env(provider->url_env);
	bool is_root = !variable.name;
	struct dl_url url;
	const char *text;

	if (is_root)
		variable = dl_host_env(provider->host_env);
	text = variable.name ? read_url(scope, variable, is_root, &url) : NULL;
	if (!text || !is_root)
		return text;
	return base_of_root(scope, provider, text, strstr(variable.value, "://") ? url.scheme : NULL);
}

/* Whether HOST is the one that the environment names for PROVIDER. */
static bool is_env_host(struct dl_scope *scope, const struct dl_provider *provider, const char *host)
{
	const char *base = dl_host_env_base(scope, provider);

	return base && dl_text_same(provider->host_of(scope, base), host);
}

struct dl_variable dl_host_token(struct dl_scope *scope, const struct dl_provider *provider, const char *host)
{
	struct dl_variable token = dl_host_env(provider->token_env);

	if (dl_text_same(token.name, provider->job_token) && !is_env_host(scope, provider, host))
		return (struct dl_variable){NULL, NULL};
	return token;
}

const char *dl_host_config(struct dl_scope *scope, struct dl_repo *repo, const char *host, const char *key)
{
	return dl_repo_config(scope, repo,
			      dl_arena_format(&scope->arena, "devloop.host.%s.%s", host, key));
}

static bool is_listed(const char *const *hosts, const char *host)
{
	for (; hosts && *hosts; hosts++)
		if (strcmp(*hosts, host) == 0)
			return true;
	return false;
}

const struct dl_provider *dl_host_owner(struct dl_scope *scope, const char *host)
{
	const struct dl_provider *const *row, *provider;

	for (row = dl_provider_table; (provider = *row); row++)
		if (dl_text_same(provider->host, host) || dl_text_same(provider->ssh_host, host) ||
		    is_listed(provider->hosts, host) ||
		    (provider->host_suffix && dl_text_ends(host, provider->host_suffix)) ||
		    is_env_host(scope, provider, host))
			return provider;
	return NULL;
}

/* Whether NAME is what PROVIDER, which may be a plugin, is called. */
static bool is_called(const struct dl_provider *provider, const char *name)
{
	return name && (dl_provider_find(name) == provider || strcmp(name, provider->name) == 0);
}

bool dl_host_bound(struct dl_scope *scope, struct dl_repo *repo, const struct dl_provider *provider,
		   const char *host)
{
	const char *name;

	if (dl_text_same(provider->host, host) || is_env_host(scope, provider, host))
		return true;
	name = dl_host_config(scope, repo, host, "provider");
	return name ? is_called(provider, name) : dl_host_config(scope, repo, host, "url") != NULL;
}
