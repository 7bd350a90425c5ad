#include "lib/sync/sync_host.h"

#include <string.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/url.h"
#include "lib/data/ref.h"
#include "lib/provider/host.h"
#include "lib/provider/provider.h"

static bool is_line(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text <= ' ' || *text == 0x7f)
			return false;
	return true;
}

/* With most tokens any name will do, but there must be one. */
static const char *user_for(const struct dl_provider *provider, const char *token)
{
	const char *user = dl_host_env(provider->user_env).value;

	if (!user && provider->git_user)
		user = provider->git_user(token);
	return user ? user : "oauth2";
}

/* The token of the environment, when it is for this server, which must not be one that all can listen to. */
static int find_login(struct dl_scope *scope, struct dl_sync_host *host)
{
	const struct dl_provider *provider = host->provider;
	struct dl_sync_login *login;
	struct dl_variable token;
	struct dl_url url;

	if (!provider || !dl_text_starts(host->scheme, "http") ||
	    !dl_host_bound(scope, NULL, provider, host->name))
		return 0;
	token = dl_host_token(scope, provider, host->name);
	if (!token.name ||
	    (strcmp(host->scheme, "http") == 0 &&
	     (dl_url_parse(scope, dl_arena_format(&scope->arena, "http://%s/", host->name), &url) ||
	      !dl_url_loopback(url.host))))
		return 0;
	login = dl_arena_alloc(&scope->arena, sizeof *login);
	*login = (struct dl_sync_login){
		.origin = dl_sync_host_origin(host),
		.user = user_for(provider, token.value),
		.password = token.value,
	};
	host->login = login;
	if (is_line(login->user) && is_line(login->password))
		return 0;
	return dl_fail(scope, DL_CONFIG,
		       "%s: the token, or the user's name, has a space or a control character", token.name);
}

/* Who owns the server NAME: whoever git's configuration says, else whoever is known to. */
static const struct dl_provider *owner_of(struct dl_scope *scope, const char *name)
{
	const char *word = *name ? dl_host_config(scope, NULL, name, "provider") : NULL;

	return word ? dl_provider_find(word) : *name ? dl_host_owner(scope, name) : NULL;
}

struct dl_sync_host *dl_sync_host_find(struct dl_scope *scope, struct dl_sync_host *hosts, const char *url,
				       const char *name, long per_host)
{
	const char *end = strstr(url, "://");
	const char *scheme = end ? dl_arena_copy(&scope->arena, url, (size_t)(end - url)) : "ssh";
	struct dl_sync_host *host;

	for (host = hosts; host; host = host->next)
		if (strcmp(host->name, name) == 0 && strcmp(host->scheme, scheme) == 0)
			return host;
	host = dl_arena_alloc(&scope->arena, sizeof *host);
	host->next = hosts;
	host->scope = scope;
	host->name = name;
	host->scheme = scheme;
	host->provider = owner_of(scope, name);
	/* The first connection of ssh is the one that the others share. */
	host->lane.most = strcmp(scheme, "ssh") == 0 ? 1 : (size_t)per_host;
	return scope->error.class != DL_OK || find_login(scope, host) ? NULL : host;
}

const char *dl_sync_host_origin(const struct dl_sync_host *host)
{
	return dl_arena_format(&host->scope->arena, "%s://%s", host->scheme, host->name);
}

struct dl_record_head dl_sync_host_head(struct dl_arena *arena, const struct dl_sync_host *host,
					const char *project)
{
	struct dl_record_head head = {.host = *host->name ? host->name : NULL, .project = project};
	struct dl_ref ref = {.project = project, .kind = "repo"};

	if (!host->provider)
		return head;
	head.provider = ref.provider = host->provider->name;
	ref.host = dl_text_same(host->provider->host, host->name) ||
				   dl_text_same(host->provider->ssh_host, host->name)
			   ? NULL
			   : host->name;
	head.ref = dl_ref_format(arena, &ref);
	return head;
}
