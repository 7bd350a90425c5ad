/* One request tells most: its times say how far the way to the server is open, its head has the date, the
 * quota, and often the credential's scopes and end. What a provider's server says where stands in its struct
 * dl_vitals. */
#include "lib/health/doctor_server.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/base/url.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "lib/health/doctor.h"
#include "lib/net/http.h"
#include "lib/provider/provider.h"

enum {
	SKEW_WARN_S = 60,
	SKEW_FAIL_S = 300, /* signed links and tokens begin to fail */
	SOON_S = 14 * 86400,
	FEW_REQUESTS = 100,
};

/* What is being found out. */
struct visit {
	struct dl_doctor *doctor;
	const struct dl_target *target;
	const struct dl_vitals *vitals;
	struct dl_arena *arena;
	struct dl_url base;
	struct dl_http_facts facts; /* of the first request */
	const char *path;           /* asked first: about the user, or about the server */
	struct dl_res res;          /* the answer */
	const struct dl_json *node; /* its JSON; NULL: none */
	int64_t asked_at;
	bool answered;
};

static struct dl_check *tell(struct visit *visit, enum dl_check_word status, const char *name,
			     const char *message)
{
	return dl_doctor_tell(visit->doctor, status, name, message);
}

static void put(struct visit *visit, enum dl_check_word status, const char *name, const char *message)
{
	dl_doctor_put(visit->doctor, tell(visit, status, name, message));
}

/* The answer to GET PATH; false: there was none. */
static bool get(struct visit *visit, const char *path, struct dl_http_facts *facts, struct dl_res *res)
{
	const struct dl_target *target = visit->target;
	const struct dl_req req = {
		.url = dl_arena_format(visit->arena, "%s%s", target->base, path),
		.headers = target->provider->dialect ? target->provider->dialect->headers : NULL,
		.auth = target->auth,
		.once = true,
		.facts = facts,
	};
	struct dl_scope *scope = visit->doctor->scope;
	bool answered = dl_http_send(scope, target->http, &req, res) == 0;

	if (!answered)
		dl_fail_take(scope, visit->arena);
	return answered;
}

/* The JSON of an answer that says yes; NULL: it does not, or is something else. */
static const struct dl_json *json_of(struct visit *visit, const struct dl_res *res)
{
	const struct dl_json *node;

	if (res->status != 200)
		return NULL;
	node = dl_json_parse(visit->doctor->scope, res->body, res->len);
	if (!node)
		dl_fail_take(visit->doctor->scope, visit->arena);
	return node;
}

static const char *quoted_text(struct visit *visit, const struct dl_json *node, const char *path)
{
	const char *text = node && path ? dl_json_text(node, path) : NULL;

	return text ? dl_text_quote(visit->arena, text) : NULL;
}

static const char *quoted_header(struct visit *visit, const struct dl_res *res, const char *name)
{
	const char *text = name ? dl_http_header(visit->arena, res, name) : NULL;

	return text ? dl_text_quote(visit->arena, text) : NULL;
}

/* ------------------------------------------------------------------ the way to the server */

/* One step of the way: it took so long, it failed, or it was not come to. */
static void tell_step(struct visit *visit, const char *name, const char *done, int64_t ms,
		      bool reached_before)
{
	struct dl_check *check;

	if (ms >= 0) {
		put(visit, DL_CHECK_PASS, name,
		    dl_arena_format(visit->arena, "%s, after %" PRId64 " ms", done, ms));
	} else if (!reached_before) {
		put(visit, DL_CHECK_SKIP, name, "it was not come to");
	} else {
		check = tell(visit, DL_CHECK_FAIL, name, dl_text_quote(visit->arena, visit->facts.failure));
		check->hint = "check the name, the network and the proxy variables";
		dl_doctor_put(visit->doctor, check);
	}
}

static void tell_tls(struct visit *visit)
{
	const struct dl_http_facts *facts = &visit->facts;
	bool soon;
	struct dl_check *check;

	if (strcmp(visit->base.scheme, "https") != 0) {
		put(visit, DL_CHECK_WARN, "tls", "there is none: anybody on the way can read the credential");
		return;
	}
	if (facts->tls_ms < 0 && facts->connect_ms >= 0) {
		check = tell(visit, DL_CHECK_FAIL, "tls", dl_text_quote(visit->arena, facts->failure));
		check->command = "export CURL_CA_BUNDLE=FILE";
		check->hint = "FILE has the certificates to trust, where a server has one of its own";
		dl_doctor_put(visit->doctor, check);
		return;
	}
	tell_step(visit, "tls", facts->protocol ? facts->protocol : "agreed on", facts->tls_ms, false);
	if (!facts->subject || facts->expires_at == DL_TIME_NONE)
		return;
	soon = facts->expires_at - visit->asked_at < SOON_S;
	check = tell(visit, soon ? DL_CHECK_WARN : DL_CHECK_PASS, "certificate",
		     dl_arena_format(visit->arena, "of %s, until %s",
				     dl_text_quote(visit->arena, facts->subject),
				     dl_time_format(visit->arena, facts->expires_at)));
	check->detail = dl_arena_format(visit->arena, "by %s", dl_text_quote(visit->arena, facts->issuer));
	dl_doctor_put(visit->doctor, check);
}

/* The variable that libcurl takes a proxy for SCHEME from. The name in capitals does not count for http,
 * since a web server could be made to set it (https://httpoxy.org). */
static struct dl_var proxy_variable(const char *scheme)
{
	static const char *const names[] = {"https_proxy", "HTTPS_PROXY", "http_proxy", "all_proxy",
					    "ALL_PROXY"};
	bool https = strcmp(scheme, "https") == 0;
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names; i++) {
		const char *value = getenv(names[i]);

		if ((i < 3 && https == (i == 2)) || !value || !*value)
			continue;
		return (struct dl_var){names[i], value};
	}
	return (struct dl_var){NULL, NULL};
}

static void tell_proxy(struct visit *visit)
{
	const struct dl_var proxy = proxy_variable(visit->base.scheme);
	const char *url = proxy.value && !strstr(proxy.value, "://")
				  ? dl_arena_format(visit->arena, "http://%s", proxy.value)
				  : proxy.value;

	if (!proxy.name)
		put(visit, DL_CHECK_SKIP, "proxy", "no variable names one");
	else
		put(visit, DL_CHECK_PASS, "proxy",
		    dl_arena_format(visit->arena, "%s names %s%s", proxy.name,
				    dl_url_redact(visit->arena, url),
				    visit->facts.tunnelled ? ", which was gone through" : ""));
}

static void tell_way(struct visit *visit)
{
	const struct dl_http_facts *facts = &visit->facts;
	const char *address = facts->address ? facts->address : visit->base.host;

	tell_step(visit, "dns", dl_arena_format(visit->arena, "%s is known", visit->base.host), facts->dns_ms,
		  true);
	tell_step(visit, "tcp", dl_arena_format(visit->arena, "connected to %s", address), facts->connect_ms,
		  facts->dns_ms >= 0);
	tell_tls(visit);
	tell_proxy(visit);
}

/* ------------------------------------------------------------------ what the answer says */

static void tell_clock(struct visit *visit)
{
	const char *date = dl_http_header(visit->arena, &visit->res, "date");
	int64_t theirs = dl_time_parse_http(date), skew;
	struct dl_check *check;

	if (theirs == DL_TIME_NONE) {
		put(visit, DL_CHECK_SKIP, "clock", "the server does not tell the time");
		return;
	}
	skew = visit->asked_at > theirs ? visit->asked_at - theirs : theirs - visit->asked_at;
	check = tell(visit,
		     skew > SKEW_FAIL_S	  ? DL_CHECK_FAIL
		     : skew > SKEW_WARN_S ? DL_CHECK_WARN
					  : DL_CHECK_PASS,
		     "clock",
		     dl_arena_format(visit->arena, "ours is %s %s the server's",
				     skew <= 1 ? "as" : dl_time_span(visit->arena, skew),
				     skew <= 1			       ? "good as"
				     : visit->asked_at > theirs ? "ahead of"
								       : "behind"));
	if (skew > SKEW_WARN_S)
		check->command = "sudo timedatectl set-ntp true";
	dl_doctor_put(visit->doctor, check);
}

static void tell_quota(struct visit *visit)
{
	int64_t left = dl_http_stats(visit->target->http).rate_remaining;

	if (left == DL_INT_NONE)
		put(visit, DL_CHECK_SKIP, "quota", "the server tells of none");
	else
		put(visit, left < FEW_REQUESTS ? DL_CHECK_WARN : DL_CHECK_PASS, "quota",
		    dl_arena_format(visit->arena, "%" PRId64 " requests are left", left));
}

/* A server that says nothing of its version may still say it in a header. */
static void tell_version(struct visit *visit)
{
	const struct dl_vitals *vitals = visit->vitals;
	const char *version = quoted_header(visit, &visit->res, vitals->version_header);
	struct dl_res res;

	if (!version && dl_text_same(visit->path, vitals->server))
		version = quoted_text(visit, visit->node, vitals->version);
	else if (!version && vitals->version && get(visit, vitals->server, NULL, &res)) {
		version = quoted_text(visit, json_of(visit, &res), vitals->version);
		version = version ? version : quoted_header(visit, &res, vitals->version_header);
	}
	if (version)
		put(visit, DL_CHECK_PASS, "version",
		    dl_arena_format(visit->arena, "the server is of version %s", version));
	else
		put(visit, DL_CHECK_SKIP, "version", "the server does not tell which it is");
}

/* ------------------------------------------------------------------ the credential */

/* The variable whose token is for this host: the one that it came from, else the first; NULL: none is known
 * to be. */
static const char *token_variable(const struct dl_target *target)
{
	const char *const *names = target->provider->token_env, *const *name;

	for (name = names; name && *name; name++)
		if (dl_text_same(*name, target->auth_from))
			return *name;
	return names && target->own_host ? *names : NULL;
}

/* The command that gives a token to this host: a variable where one counts for it, else git. */
static const char *token_command(struct visit *visit)
{
	const char *variable = token_variable(visit->target);

	if (variable)
		return dl_arena_format(visit->arena, "export %s=TOKEN", variable);
	return dl_arena_format(
		visit->arena,
		"printf 'protocol=%s\\nhost=%s\\nusername=USER\\npassword=TOKEN\\n' | git credential approve",
		visit->base.scheme, dl_url_authority(visit->arena, &visit->base));
}

static void put_with_command(struct visit *visit, struct dl_check *check)
{
	check->command = token_command(visit);
	if (visit->vitals && visit->vitals->help)
		check->hint = dl_arena_format(visit->arena, "TOKEN is made at %s", visit->vitals->help);
	dl_doctor_put(visit->doctor, check);
}

static const char *token_kind(struct visit *visit)
{
	const char *header = visit->target->auth.header, *token = strrchr(header, ' ');
	const struct dl_token_kind *kind;

	for (kind = visit->vitals->kinds; kind && kind->prefix; kind++)
		if (dl_text_starts(header, kind->prefix) ||
		    (token && dl_text_starts(token + 1, kind->prefix)))
			return kind->name;
	return NULL;
}

/* The server has been asked with the credential, and has not refused it. */
static void tell_worth(struct visit *visit, const char *from)
{
	const char *login = quoted_text(visit, visit->node, visit->vitals ? visit->vitals->login : NULL);
	const char *kind = visit->vitals ? token_kind(visit) : NULL;
	bool known = visit->vitals && visit->vitals->self;
	struct dl_check *check;

	check = tell(visit, known && visit->res.status >= 400 ? DL_CHECK_WARN : DL_CHECK_PASS, "credential",
		     dl_arena_format(visit->arena, "%s%s%s%s%s", from, login ? ", of " : "",
				     login ? login : "", kind ? ": " : "", kind ? kind : ""));
	if (!known)
		check->detail = "what it may do shows when it is used";
	else if (visit->res.status >= 400)
		check->detail = dl_arena_format(visit->arena, "who it is of was answered %d",
						visit->res.status);
	dl_doctor_put(visit->doctor, check);
}

static void tell_credential(struct visit *visit)
{
	const char *from = visit->target->auth_from;

	if (!visit->target->auth.header) {
		put_with_command(visit, tell(visit, DL_CHECK_WARN, "credential",
					     "there is none: only what is public can be asked"));
		return;
	}
	from = dl_arena_format(visit->arena, "from %s", dl_text_quote(visit->arena, from));
	if (!visit->answered)
		put(visit, DL_CHECK_SKIP, "credential", from);
	else if (visit->res.status == 401)
		put_with_command(visit, tell(visit, DL_CHECK_FAIL, "credential",
					     dl_arena_format(visit->arena,
							     "%s: the server does not accept it", from)));
	else
		tell_worth(visit, from);
}

/* "2026-12-01", any RFC 3339 time, or "2026-12-01 10:00:00 UTC", also with "-0500" in place of the word. */
static int64_t parse_end(struct dl_arena *arena, const char *text)
{
	int64_t time = dl_time_parse(text);
	size_t len = text ? strlen(text) : 0;

	if (time != DL_TIME_NONE || len < 10)
		return time;
	if (len == 10)
		return dl_time_parse(dl_arena_format(arena, "%sT00:00:00Z", text));
	if (strcmp(text + 19, " UTC") == 0)
		return dl_time_parse(dl_arena_format(arena, "%.10sT%.8sZ", text, text + 11));
	if (len == 25)
		return dl_time_parse(dl_arena_format(arena, "%.10sT%.8s%.3s:%.2s", text, text + 11, text + 20,
						     text + 23));
	return DL_TIME_NONE;
}

static void tell_end(struct visit *visit, const struct dl_json *token)
{
	const struct dl_vitals *vitals = visit->vitals;
	const char *text = vitals->expiry_header
				   ? dl_http_header(visit->arena, &visit->res, vitals->expiry_header)
			   : token ? dl_json_text(token, vitals->token_expiry)
				   : NULL;
	int64_t end = parse_end(visit->arena, text), left;
	struct dl_check *check;

	if (end == DL_TIME_NONE) {
		put(visit, DL_CHECK_SKIP, "expiry", "the server names no day on which the credential ends");
		return;
	}
	left = end - visit->asked_at;
	check = tell(visit,
		     left <= 0	     ? DL_CHECK_FAIL
		     : left < SOON_S ? DL_CHECK_WARN
				     : DL_CHECK_PASS,
		     "expiry",
		     dl_arena_format(visit->arena, "the credential ends at %s",
				     dl_time_format(visit->arena, end)));
	if (left < SOON_S)
		put_with_command(visit, check);
	else
		dl_doctor_put(visit->doctor, check);
}

/* The scopes in JSON as words separated by commas. */
static const char *join_scopes(struct visit *visit, const struct dl_json *list)
{
	const struct dl_json *item = list && list->type == DL_JSON_ARRAY ? list->child : NULL;
	struct dl_buf text;

	if (!list || list->type != DL_JSON_ARRAY)
		return NULL;
	dl_buf_init(&text, visit->arena, DL_CAP_HEAD);
	dl_buf_puts(&text, "");
	for (; item; item = item->next)
		if (dl_json_string(item))
			dl_buf_printf(&text, "%s%s", text.len ? "," : "", dl_json_string(item));
	return text.data;
}

/* TEXT without spaces. */
static const char *tighten(struct visit *visit, const char *text)
{
	char *copy = dl_arena_string(visit->arena, text), *to = copy;

	for (; text && *text; text++)
		if (*text != ' ')
			*to++ = *text;
	if (copy)
		*to = '\0';
	return copy;
}

static bool is_enough(struct dl_arena *arena, const char *scopes, const char *needed)
{
	const char *end;

	for (; *needed; needed = *end ? end + 1 : end) {
		end = strchrnul(needed, ',');
		if (dl_text_in(dl_arena_copy(arena, needed, (size_t)(end - needed)), scopes))
			return true;
	}
	return false;
}

static void tell_scopes(struct visit *visit, const struct dl_json *token)
{
	const struct dl_vitals *vitals = visit->vitals;
	const char *scopes = vitals->scopes_header ? tighten(visit, dl_http_header(visit->arena, &visit->res,
										   vitals->scopes_header))
			     : token ? join_scopes(visit, dl_json_get(token, vitals->token_scopes))
				     : NULL;
	const struct dl_scope_need *need;
	bool lacks = false;

	if (!scopes) {
		put(visit, DL_CHECK_SKIP, "scopes", "the server does not tell what the credential may do");
		return;
	}
	for (need = vitals->needs; need && need->operations; need++) {
		if (is_enough(visit->arena, scopes, need->scopes))
			continue;
		lacks = true;
		put_with_command(
			visit,
			tell(visit, DL_CHECK_WARN, "scopes",
			     dl_arena_format(visit->arena, "%s: one of these is needed: %s; there is: %s",
					     need->operations, need->scopes,
					     *scopes ? dl_text_quote(visit->arena, scopes) : "none")));
	}
	if (!lacks)
		put(visit, DL_CHECK_PASS, "scopes",
		    dl_arena_format(visit->arena, "enough for all operations: %s",
				    dl_text_quote(visit->arena, scopes)));
}

static void tell_token(struct visit *visit)
{
	const struct dl_json *token = NULL;
	struct dl_res res;

	if (!visit->vitals || !visit->target->auth.header || !visit->answered || visit->res.status >= 400)
		return;
	if (visit->vitals->token && get(visit, visit->vitals->token, NULL, &res))
		token = json_of(visit, &res);
	tell_end(visit, token);
	tell_scopes(visit, token);
}

/* ------------------------------------------------------------------ all of it */

/* Asks who the credential is of; where there is none, or nobody says, what can be asked without one. */
static void ask(struct visit *visit)
{
	const struct dl_vitals *vitals = visit->vitals;

	visit->path = vitals && vitals->self && visit->target->auth.header ? vitals->self
		      : vitals && vitals->server			   ? vitals->server
									   : "";
	visit->answered = get(visit, visit->path, &visit->facts, &visit->res);
	visit->asked_at = dl_time_now();
	visit->node = visit->answered ? json_of(visit, &visit->res) : NULL;
}

void dl_doctor_server_look(struct dl_doctor *doctor)
{
	struct visit visit = {
		.doctor = doctor, .target = doctor->target, .vitals = doctor->target->provider->vitals,
		.arena = &doctor->scope->arena,
	};

	if (!doctor->target->base || dl_url_parse(doctor->scope, doctor->target->base, &visit.base)) {
		dl_fail_take(doctor->scope, visit.arena);
		put(&visit, DL_CHECK_SKIP, "server", "there is none to ask");
		return;
	}
	ask(&visit);
	tell_way(&visit);
	tell_credential(&visit);
	if (!visit.answered)
		return;
	tell_clock(&visit);
	tell_token(&visit);
	tell_quota(&visit);
	if (visit.vitals)
		tell_version(&visit);
}
