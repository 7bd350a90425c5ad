/* url: taking URLs apart, putting them together, and filling in templates. Pure; RFC 3986 for what a server may send us. */
#ifndef DL_URL_H
#define DL_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/fail.h"

struct dl_buf;
struct dl_scope;

struct dl_url {
	const char *scheme; /* lower case */
	const char *user;   /* NULL: none; never printed */
	const char *host;   /* lower case; an IPv6 address without its brackets */
	int port;           /* the scheme's default when the URL has none; 0: unknown scheme */
	const char *path;   /* begins with '/', or is empty */
	const char *query;  /* without '?'; NULL: none */
};

/* dl_url_parse(scope, text, url): an absolute http, https, ssh or git URL. DL_DATA when TEXT is none: control bytes, spaces,
 * no host, a port that is no port. A fragment is dropped. */
DL_MUST_CHECK int dl_url_parse(struct dl_scope *scope, const char *text, struct dl_url *url);

/* dl_url_origin(arena, url): "scheme://host" and ":port" where it is not the scheme's own. What a credential is bound to. */
char *dl_url_origin(struct dl_arena *arena, const struct dl_url *url);

/* dl_url_authority(arena, url): host, and ":port" where it is not the scheme's own. */
char *dl_url_authority(struct dl_arena *arena, const struct dl_url *url);

/* dl_url_loopback(host): whether HOST is this machine: localhost and *.localhost, 127.0.0.0/8, ::1. */
bool dl_url_loopback(const char *host);

/* dl_url_join(scope, base, reference): REFERENCE (a Location or Link target) resolved against the absolute URL BASE;
 * NULL and DL_DATA when the result is no http or https URL. */
char *dl_url_join(struct dl_scope *scope, const char *base, const char *reference);

/* dl_url_redact(arena, url): URL for a trace or a message: user information and the query's values are left out, since
 * signed download links are secrets. */
char *dl_url_redact(struct dl_arena *arena, const char *url);

/* dl_url_encode(buf, text, keep): appends TEXT percent-encoded; unreserved characters and those in KEEP stay. */
void dl_url_encode(struct dl_buf *buf, const char *text, const char *keep);

/* dl_url_decode(arena, text, len): LEN bytes of TEXT percent-decoded; NULL when a '%' is not followed by two
 * hexadecimal digits, or decodes to NUL. */
char *dl_url_decode(struct dl_arena *arena, const char *text, size_t len);

/* A variable of a template. */
struct dl_var {
	const char *name;
	const char *value; /* NULL: absent */
};

/* dl_url_expand(scope, template, vars): fills in a URL template; VARS ends with a NULL name. After RFC 6570:
 * `{x}` one path segment; `{+x}` a path: every segment encoded, the slashes kept; `{?x,y}` and `{&x,y}` a query, absent
 * variables vanish. A path variable that is absent, empty, or has a segment "." or ".." is DL_USAGE: it would name
 * another resource. A variable that VARS lacks altogether is a bug. */
char *dl_url_expand(struct dl_scope *scope, const char *template, const struct dl_var *vars);

/* dl_url_next(arena, link): the target with rel="next" of a Link header (RFC 8288), unresolved; NULL: there is none. */
char *dl_url_next(struct dl_arena *arena, const char *link);

#endif
