#include "providers/registry/trusted.h"

#include <string.h>

#include "lib/buf.h"
#include "lib/host.h"
#include "lib/json.h"
#include "lib/provider.h"
#include "lib/rest.h"
#include "lib/scope.h"
#include "lib/url.h"

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
		return dl_host_set(name);
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
