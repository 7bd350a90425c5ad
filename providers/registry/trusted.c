#include "providers/registry/trusted.h"

#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/url.h"
#include "lib/data/json.h"
#include "lib/provider/host.h"
#include "lib/provider/provider.h"
#include "lib/provider/rest.h"

static const struct dl_route route_identity = {.path = "", .accept = "application/json", .once = true};

static const struct dl_var no_vars[] = {{NULL, NULL}};

bool dl_trusted_offered(const struct dl_target *target, const char *const *names)
{
	if (!target->bound)
		return false;
	while (*names && !dl_host_set(*names))
		names++;
	return *names || (dl_host_set("ACTIONS_ID_TOKEN_REQUEST_URL") &&
			  dl_host_set("ACTIONS_ID_TOKEN_REQUEST_TOKEN"));
}

/* Whether IDENTITY, a JSON Web Token, is for AUDIENCE.
 * https://datatracker.ietf.org/doc/html/rfc7519#section-4.1.3 */
static bool is_for(struct dl_scope *scope, const char *identity, const char *audience)
{
	const char *dot = strchr(identity, '.');
	char *text = dl_arena_string(&scope->arena, dot ? dot + 1 : ""), *at;
	const struct dl_json *root, *given;

	text[strcspn(text, ".")] = '\0';
	for (at = text; *at; at++)
		*at = *at == '-' ? '+' : *at == '_' ? '/' : *at;
	text = dl_text_unbase64(&scope->arena, text);
	root = text ? dl_json_parse(scope, text, strlen(text)) : NULL;
	dl_fail_take(scope, &scope->arena);
	given = dl_json_get(root, "aud");
	if (given && given->type == DL_JSON_ARRAY)
		for (given = given->child; given && !dl_text_same(dl_json_string(given), audience);)
			given = given->next;
	return dl_text_same(dl_json_string(given), audience);
}

/* The identity in the variable NAME, for nobody but AUDIENCE; as dl_trusted_identity. */
static const char *own_identity(struct dl_scope *scope, const char *audience, const char *name)
{
	const char *identity = dl_host_set(name), *quoted = dl_text_quote(&scope->arena, audience);

	if (!identity || is_for(scope, identity, audience))
		return identity;
	dl_fail(scope, DL_AUTH, "trusted publishing: %s is no identity for %s", name, quoted);
	dl_fail_hint(scope, "it is made by `id_tokens: {%s: {aud: '%s'}}` of the job", name, quoted);
	return NULL;
}

const char *dl_trusted_identity(struct dl_scope *scope, const struct dl_target *target, const char *audience,
				const char *name)
{
	const char *url = dl_host_set("ACTIONS_ID_TOKEN_REQUEST_URL");
	const char *token = dl_host_set("ACTIONS_ID_TOKEN_REQUEST_TOKEN");
	struct dl_target actions;
	const struct dl_json *root;
	struct dl_buf asked;
	struct dl_url parsed;

	if (!url || !token)
		return own_identity(scope, audience, name);
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

void dl_trusted_explain(struct dl_scope *scope, const struct dl_target *target)
{
	enum dl_class class = scope->error.class;

	if (class != DL_REFUSED && class != DL_AUTH && class != DL_MISSING)
		return;
	scope->error.class = DL_AUTH;
	dl_fail_prefix(scope, "trusted publishing");
	scope->error.hint = NULL;
	dl_fail_hint(scope, "the package's page at %s says which jobs it trusts", target->host);
}
