#include "providers/registry/oci_auth.h"

#include <string.h>
#include <strings.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/url.h"
#include "lib/data/json.h"
#include "lib/provider/credential.h"
#include "lib/provider/rest.h"

#define BEARER "Bearer "

enum { UNAUTHORIZED = 401, TOKEN_CAP = 256 << 10 };

static const struct dl_route route_door = {.path = "/v2/"};
static const struct dl_route route_token = {
	.path = "{?service,scope}", .accept = "application/json", .once = true, .cap = TOKEN_CAP};
static const struct dl_route route_more_token = {
	.path = "{&service,scope}", .accept = "application/json", .once = true, .cap = TOKEN_CAP};

/* For an identity token in place of a password. https://distribution.github.io/distribution/spec/auth/oauth/
 */
static const struct dl_route route_refresh = {.method = "POST",
					      .path = "",
					      .accept = "application/json",
					      .content = "application/x-www-form-urlencoded",
					      .reads = true,
					      .once = true,
					      .cap = TOKEN_CAP};

/* ------------------------------------------------------------------ the challenge */

/* The value of parameter NAME of CHALLENGE, "Bearer realm="...",service="..."" (RFC 9110, section 11.2);
 * NULL: it has none. */
static const char *parameter(struct dl_arena *arena, const char *challenge, const char *name)
{
	const char *at = challenge + strlen(BEARER);
	struct dl_buf value;
	bool wanted;
	size_t len;

	for (;;) {
		at += strspn(at, " \t,");
		len = strcspn(at, "= \t,");
		if (at[len] != '=')
			return NULL;
		wanted = len == strlen(name) && strncasecmp(at, name, len) == 0;
		dl_buf_init(&value, arena, DL_CAP_HEAD);
		at += len + 1;
		if (*at != '"') {
			len = strcspn(at, " \t,");
			dl_buf_add(&value, at, len);
			at += len;
		} else {
			for (at++; *at && *at != '"'; at++) {
				at += *at == '\\' && at[1];
				dl_buf_putc(&value, *at);
			}
			at += *at == '"';
		}
		if (wanted)
			return value.data;
	}
}

/* REALM as the target that is asked for tokens, with the credential that it may see. */
static int realm_target(struct dl_scope *scope, const struct dl_target *target, const char *realm,
			struct dl_target *link)
{
	struct dl_url url;

	if (!realm || dl_rest_link(scope, target, realm, link) || dl_url_parse(scope, realm, &url)) {
		dl_fail(scope, DL_DATA, "%s wants a token, and does not say from where", target->host);
		return -1;
	}
	if (url.user || (strcmp(url.scheme, "http") == 0 && dl_text_starts(target->base, "https:")))
		return dl_fail(scope, DL_DATA, "%s wants a token from where no credential should be sent: %s",
			       target->host, dl_url_redact(&scope->arena, realm));
	link->auth.origin = dl_url_origin(&scope->arena, &url);
	return 0;
}

/* ------------------------------------------------------------------ the token */

static const char *refresh_form(struct dl_scope *scope, const struct dl_var *vars, const char *token)
{
	const struct dl_var *var;
	struct dl_buf form;

	dl_buf_init(&form, &scope->arena, DL_CAP_HEAD);
	dl_buf_puts(&form, "grant_type=refresh_token&client_id=devloop&refresh_token=");
	dl_url_encode(&form, token, NULL);
	for (var = vars; var->name; var++)
		if (var->value) {
			dl_buf_printf(&form, "&%s=", var->name);
			dl_url_encode(&form, var->value, NULL);
		}
	return form.data;
}

/* Asks LINK, the realm, for a token; the answer is in RES. */
static int ask_realm(struct dl_scope *scope, struct dl_target *link, const struct dl_var *vars,
		     struct dl_res *res)
{
	const char *header = link->auth.header;

	if (!dl_text_starts(header, "Authorization: " BEARER))
		return dl_rest_send(scope, link, strchr(link->base, '?') ? &route_more_token : &route_token,
				    vars, NULL, res);
	link->auth.header = NULL;
	return dl_rest_send(scope, link, &route_refresh, vars,
			    refresh_form(scope, vars, header + strlen("Authorization: " BEARER)), res);
}

/* Gets the token that CHALLENGE asks for. */
static int get_token(struct dl_scope *scope, const char *challenge, struct dl_oci *oci)
{
	const struct dl_var vars[] = {
		{"service", parameter(&scope->arena, challenge, "service")},
		{"scope",
		 dl_arena_format(&scope->arena, "repository:%s:%s", oci->repository, oci->actions)},
		{NULL, NULL},
	};
	const char *realm = parameter(&scope->arena, challenge, "realm"), *token;
	const struct dl_json *root;
	struct dl_target link;
	struct dl_res res;

	if (realm_target(scope, oci->target, realm, &link) || ask_realm(scope, &link, vars, &res))
		return -1;
	root = dl_json_parse(scope, res.body, res.len);
	token = dl_json_text(root, "token|access_token");
	if (!token || !*token || !dl_credential_fits(token)) {
		dl_fail(scope, DL_DATA, "it gives no token");
		return dl_fail_prefix(scope, "%s", link.host);
	}
	oci->as.auth.header = dl_credential_header(&scope->arena, NULL, token);
	return 0;
}

/* Whether the registry itself has answered RES, and not somebody that it has named. */
static bool is_own(struct dl_scope *scope, const struct dl_res *res, const struct dl_oci *oci)
{
	struct dl_url url;

	return dl_url_parse(scope, res->url, &url) == 0 &&
	       strcmp(dl_url_origin(&scope->arena, &url), oci->target->auth.origin) == 0;
}

/* After RES, which says no: gets a token, if that is what the registry wants. */
static int let_in(struct dl_scope *scope, const struct dl_res *res, struct dl_oci *oci)
{
	const char *challenge = NULL;

	if (scope->error.status == UNAUTHORIZED && is_own(scope, res, oci))
		challenge = dl_http_header_like(&scope->arena, res, "www-authenticate", BEARER);
	if (!challenge)
		return -1;
	dl_fail_take(scope, &scope->arena);
	return get_token(scope, challenge, oci);
}

/* ------------------------------------------------------------------ requests */

int dl_oci_auth_open(struct dl_scope *scope, const struct dl_target *target, const char *repository,
		     const char *actions, struct dl_oci *oci)
{
	static const struct dl_var none[] = {{NULL, NULL}};
	struct dl_res res;

	*oci = (struct dl_oci){target, *target, repository, actions};
	return dl_rest_send(scope, target, &route_door, none, NULL, &res) == 0 ? 0 : let_in(scope, &res, oci);
}

static int send_once(struct dl_scope *scope, const struct dl_oci *oci, const struct dl_oci_ask *ask,
		     struct dl_res *res)
{
	struct dl_target to = oci->as;

	if (ask->at && dl_rest_link(scope, &oci->as, ask->at, &to))
		return -1;
	if (ask->body)
		return dl_rest_upload(scope, &to, ask->route, ask->vars, ask->body, res);
	return dl_rest_send(scope, &to, ask->route, ask->vars, ask->text, res);
}

int dl_oci_auth_send(struct dl_scope *scope, struct dl_oci *oci, const struct dl_oci_ask *ask,
		     struct dl_res *res)
{
	int result = send_once(scope, oci, ask, res);

	if (result >= 0)
		return result;
	return let_in(scope, res, oci) ? -1 : send_once(scope, oci, ask, res);
}
