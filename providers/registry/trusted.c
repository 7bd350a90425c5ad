#include "providers/registry/trusted.h"

#include <string.h>

#include "lib/buf.h"
#include "lib/host.h"
#include "lib/json.h"
#include "lib/provider.h"
#include "lib/rest.h"
#include "lib/scope.h"
#include "lib/text.h"
#include "lib/url.h"

static const struct dl_route route_audience = {.path = "/_/oidc/audience", .once = true};
static const struct dl_route route_mint = {.method = "POST", .path = "/_/oidc/mint-token", .once = true};
static const struct dl_route route_identity = {.path = "", .accept = "application/json", .once = true};

static const struct dl_var no_vars[] = {{NULL, NULL}};

bool dl_trusted_offered(void)
{
	return (dl_host_set("ACTIONS_ID_TOKEN_REQUEST_URL") &&
		dl_host_set("ACTIONS_ID_TOKEN_REQUEST_TOKEN")) ||
	       dl_host_set("PYPI_ID_TOKEN") || dl_host_set("TESTPYPI_ID_TOKEN");
}

/* What GitLab has put into the environment of the job: "PYPI_ID_TOKEN" for the audience "pypi". */
static const char *declared(struct dl_scope *scope, const char *audience)
{
	char *name = dl_arena_format(&scope->arena, "%s_ID_TOKEN", audience), *at;

	for (at = name; *at; at++)
		*at = (char)(*at >= 'a' && *at <= 'z' ? *at - 'a' + 'A'
			     : (*at >= 'A' && *at <= 'Z') || (*at >= '0' && *at <= '9') ? *at : '_');
	return dl_host_set(name);
}

/* The identity of this job for AUDIENCE; NULL without a failure: it has none. */
static const char *identity(struct dl_scope *scope, const struct dl_target *target, const char *audience)
{
	const char *url = dl_host_set("ACTIONS_ID_TOKEN_REQUEST_URL");
	const char *token = dl_host_set("ACTIONS_ID_TOKEN_REQUEST_TOKEN");
	struct dl_target actions;
	const struct dl_json *root;
	struct dl_buf asked;
	struct dl_url parsed;

	if (!url || !token)
		return declared(scope, audience);
	dl_buf_init(&asked, &scope->arena, DL_CAP_LINE);
	dl_buf_printf(&asked, "%s%caudience=", url, strchr(url, '?') ? '&' : '?');
	dl_url_encode(&asked, audience, NULL);
	if (dl_rest_link(scope, target, asked.data, &actions) || dl_url_parse(scope, url, &parsed))
		return NULL;
	actions.auth.header = dl_arena_format(&scope->arena, "Authorization: bearer %s", token);
	actions.auth.origin = dl_url_origin(&scope->arena, &parsed);
	root = dl_rest_get(scope, &actions, &route_identity, no_vars);
	if (root && !dl_json_text(root, "value"))
		dl_fail(scope, DL_DATA, "%s gives no identity", actions.host);
	return dl_json_text(root, "value");
}

/* The server at TARGET, which knows jobs: not where uploads go, and without a credential. */
static int index_of(struct dl_scope *scope, const struct dl_target *target, const char *uploads,
		    struct dl_target *index)
{
	struct dl_url url;

	if (dl_url_parse(scope, uploads, &url))
		return -1;
	*index = *target;
	index->base = dl_text_same(url.host, dl_arena_format(&scope->arena, "upload.%s", target->host))
			      ? dl_arena_format(&scope->arena, "https://%s", target->host)
			      : dl_url_origin(&scope->arena, &url);
	index->auth.header = NULL;
	return 0;
}

/* Why the server gives no token, in its own words. */
static int explain(struct dl_scope *scope, const struct dl_target *index)
{
	if (scope->error.class != DL_REFUSED && scope->error.class != DL_AUTH)
		return -1;
	scope->error.class = DL_AUTH;
	dl_fail_prefix(scope, "trusted publishing");
	scope->error.hint = NULL;
	return dl_fail_hint(scope, "the project's page at %s says which jobs it trusts", index->host);
}

const char *dl_trusted_token(struct dl_scope *scope, const struct dl_target *target, const char *uploads)
{
	const struct dl_json *root;
	struct dl_target index;
	const char *jwt, *token;
	struct dl_buf body;
	struct dl_res res;

	if (!dl_trusted_offered() || index_of(scope, target, uploads, &index))
		return NULL;
	root = dl_rest_get(scope, &index, &route_audience, no_vars);
	if (!root && (scope->error.class == DL_MISSING || scope->error.class == DL_AUTH))
		dl_fail_take(scope, &scope->arena);
	if (!root || !dl_json_text(root, "audience"))
		return NULL;
	jwt = identity(scope, target, dl_json_text(root, "audience"));
	if (!jwt)
		return NULL;
	dl_buf_init(&body, &scope->arena, DL_CAP_LINE);
	dl_buf_puts(&body, "{\"token\":");
	dl_json_quote(&body, jwt, strlen(jwt));
	dl_buf_putc(&body, '}');
	if (dl_rest_send(scope, &index, &route_mint, no_vars, body.data, &res)) {
		explain(scope, &index);
		return NULL;
	}
	root = dl_json_parse(scope, res.body, res.len);
	token = dl_json_text(root, "token");
	if (root && !token)
		dl_fail(scope, DL_DATA, "%s gives no token", index.host);
	return token;
}
