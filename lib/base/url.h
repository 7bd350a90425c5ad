/* url: taking URLs apart, putting them together, and filling in templates. Pure; RFC 3986 for what a
 * server may send us. */
#ifndef DL_URL_H
#define DL_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/fail.h"

struct dl_buf;
struct dl_scope;

struct dl_url {
	const char *scheme; /* lower case */
	const char *user;   /* with the password, as written; NULL: none; never printed */
	const char *host;   /* lower case; an IPv6 address without its brackets */
	int port;           /* 1 to 65535; the scheme's own when the URL has none */
	const char *path;   /* begins with '/', or is empty */
	const char *query;  /* without '?'; NULL: none */
};

/* dl_url_parse(scope, text, url): an absolute http, https, ssh or git URL. DL_DATA "malformed URL: WHY"
 * when TEXT is none: control bytes, spaces, backslashes, two '@', no host, a host with anything but
 * letters, digits, '.', '-' and '_' or one that begins with '-', a port that is no port. The message does
 * not repeat TEXT, which may hold secrets. A fragment is dropped; an empty port is none. */
DL_MUST_CHECK int dl_url_parse(struct dl_scope *scope, const char *text, struct dl_url *url);

/* dl_url_origin(arena, url): "scheme://host" and ":port" where it is not the scheme's own. What a
 * credential is bound to. */
char *dl_url_origin(struct dl_arena *arena, const struct dl_url *url);

/* dl_url_authority(arena, url): host, and ":port" where it is not the scheme's own. */
char *dl_url_authority(struct dl_arena *arena, const struct dl_url *url);

/* dl_url_server(scope, base, api): the server whose API is at the URL BASE, as records name it: its
 * authority, and its path where it stands below one, without API ("/api/v4") and slashes at the end. NULL: as
 * dl_url_parse. */
char *dl_url_server(struct dl_scope *scope, const char *base, const char *api);

/* dl_url_loopback(host): whether HOST is this machine: localhost and *.localhost, 127.0.0.0/8, ::1. */
bool dl_url_loopback(const char *host);

/* dl_url_join(scope, base, reference): REFERENCE (a Location or Link target) resolved against the absolute
 * URL BASE; NULL and DL_DATA when the result is no http or https URL. Dot segments are resolved; user
 * information and fragments are dropped. */
char *dl_url_join(struct dl_scope *scope, const char *base, const char *reference);

/* dl_url_redact(arena, url): URL for a trace or a message: user information and the query's values are
 * left out, since signed download links are secrets. Always ASCII; "(a malformed URL)" for what
 * dl_url_parse refuses. */
char *dl_url_redact(struct dl_arena *arena, const char *url);

/* dl_url_encode(buf, text, keep): appends TEXT percent-encoded; unreserved characters and those in KEEP
 * (NULL: none) stay. */
void dl_url_encode(struct dl_buf *buf, const char *text, const char *keep);

/* dl_url_decode(arena, text, len): LEN bytes of TEXT percent-decoded; NULL when a '%' is not followed by two
 * hexadecimal digits, or when there is a NUL, encoded or not. A '+' stays one. */
char *dl_url_decode(struct dl_arena *arena, const char *text, size_t len);

/* A variable of a template. */
struct dl_var {
	const char *name;
	const char *value; /* NULL: absent */
};

/* dl_url_add(arena, vars, name, value): VARS and one more; nothing is copied but the list. */
const struct dl_var *dl_url_add(struct dl_arena *arena, const struct dl_var *vars, const char *name,
				const char *value);

/* dl_url_expand(scope, template, vars): fills in a URL template; VARS ends with a NULL name. After RFC
 * 6570: `{x}` one path segment; `{+x}` a path: every segment encoded, the slashes kept; `{?x,y}` and
 * `{&x,y}` a query, absent variables vanish. A path variable that is absent, empty, or has a segment "."
 * or ".." is DL_USAGE: it would name another resource. A variable that VARS lacks altogether is a bug. */
char *dl_url_expand(struct dl_scope *scope, const char *template, const struct dl_var *vars);

/* dl_url_next(arena, link): the target with rel="next" of a Link header, or of several joined by
 * commas (RFC 8288), unresolved; NULL: there is none, or LINK is NULL. */
char *dl_url_next(struct dl_arena *arena, const char *link);

#endif
