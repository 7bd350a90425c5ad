/* What decides where a credential goes, so a URL that two readers could take apart differently is refused
 * instead of repaired: backslashes, several '@', percent signs in a host, white space. Results that leave
 * this file are put together from the parts that were checked, never cut out of the text that came in. */
#include "lib/base/url.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"

enum { HOST_MAX = 253, PORT_MAX = 65535, PORT_DIGITS = 5 };

static const struct {
	const char *name;
	int port;
} schemes[] = {{"http", 80}, {"https", 443}, {"ssh", 22}, {"git", 9418}};

static int default_port(const char *scheme)
{
	size_t i;

	for (i = 0; i < sizeof schemes / sizeof *schemes; i++)
		if (strcmp(schemes[i].name, scheme) == 0)
			return schemes[i].port;
	return 0;
}

static char *lower_copy(struct dl_arena *arena, const char *text, size_t len)
{
	char *copy = dl_arena_copy(arena, text, len), *byte;

	for (byte = copy; *byte; byte++)
		*byte = (char)tolower((unsigned char)*byte);
	return copy;
}

static bool is_ip6(const char *host)
{
	struct in6_addr address;

	return inet_pton(AF_INET6, host, &address) == 1;
}

/* A name that no resolver and no program it is handed to can take for something else, such as an option. */
static bool is_host_name(const char *host)
{
	size_t len = strlen(host);

	return len > 0 && len <= HOST_MAX && *host != '-' && *host != '.' && !strstr(host, "..") &&
	       host[strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789._-")] == '\0';
}

static const char *split_host(struct dl_arena *arena, const char *host, size_t len, struct dl_url *url)
{
	bool literal = len >= 2 && host[0] == '[' && host[len - 1] == ']';

	url->host = literal ? lower_copy(arena, host + 1, len - 2) : lower_copy(arena, host, len);
	if (literal)
		return is_ip6(url->host) ? NULL : "a bad IPv6 address";
	if (!*url->host)
		return "no host";
	return is_host_name(url->host) ? NULL : "a bad host name";
}

/* An empty port is none (RFC 3986, section 3.2.3). */
static const char *split_port(const char *port, size_t len, struct dl_url *url)
{
	size_t i;
	int value = 0;

	if (!len)
		return NULL;
	if (len > PORT_DIGITS)
		return "a bad port";
	for (i = 0; i < len; i++) {
		if (!isdigit((unsigned char)port[i]))
			return "a bad port";
		value = value * 10 + port[i] - '0';
	}
	if (value < 1 || value > PORT_MAX)
		return "a bad port";
	url->port = value;
	return NULL;
}

static size_t host_span(const char *host, const char *end)
{
	size_t len = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");

	return len < (size_t)(end - host) ? len : (size_t)(end - host);
}

static const char *split_authority(struct dl_arena *arena, const char *text, size_t len, struct dl_url *url)
{
	const char *at = memchr(text, '@', len), *end = text + len, *host = at ? at + 1 : text, *why;

	if (at && memchr(host, '@', (size_t)(end - host)))
		return "more than one '@'";
	if (at)
		url->user = dl_arena_copy(arena, text, (size_t)(at - text));
	len = host_span(host, end);
	why = split_host(arena, host, len, url);
	host += len;
	if (why || host == end)
		return why;
	return *host == ':' ? split_port(host + 1, (size_t)(end - host - 1), url) : "a bad port";
}

static bool has_unsafe_bytes(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text <= ' ' || *text == 0x7F || *text == '\\')
			return true;
	return false;
}

/* Fills URL; the reason why TEXT is not one, or NULL. */
static const char *split(struct dl_arena *arena, const char *text, struct dl_url *url)
{
	const char *mark = strstr(text, "://"), *rest, *why;
	size_t len;

	memset(url, 0, sizeof *url);
	if (has_unsafe_bytes(text))
		return "a control character, a space or a backslash";
	if (!mark)
		return "no scheme://";
	url->scheme = lower_copy(arena, text, (size_t)(mark - text));
	url->port = default_port(url->scheme);
	if (!url->port)
		return "not http, https, ssh or git";
	rest = mark + strlen("://");
	len = strcspn(rest, "/?#");
	why = split_authority(arena, rest, len, url);
	if (why)
		return why;
	rest += len;
	len = strcspn(rest, "?#");
	url->path = dl_arena_copy(arena, rest, len);
	rest += len;
	if (*rest == '?')
		url->query = dl_arena_copy(arena, rest + 1, strcspn(rest + 1, "#"));
	return NULL;
}

/* The text itself stays out of the message: what cannot be taken apart cannot be freed of its secrets. */
int dl_url_parse(struct dl_scope *scope, const char *text, struct dl_url *url)
{
	const char *why = split(&scope->arena, text, url);

	if (!why)
		return 0;
	return dl_fail(scope, DL_DATA, "malformed URL: %s", why);
}

char *dl_url_authority(struct dl_arena *arena, const struct dl_url *url)
{
	bool literal = strchr(url->host, ':') != NULL;
	const char *open = literal ? "[" : "", *close = literal ? "]" : "";

	if (url->port == default_port(url->scheme))
		return dl_arena_format(arena, "%s%s%s", open, url->host, close);
	return dl_arena_format(arena, "%s%s%s:%d", open, url->host, close, url->port);
}

char *dl_url_origin(struct dl_arena *arena, const struct dl_url *url)
{
	return dl_arena_format(arena, "%s://%s", url->scheme, dl_url_authority(arena, url));
}

char *dl_url_server(struct dl_scope *scope, const char *base, const char *api)
{
	struct dl_url url;
	size_t len;

	if (dl_url_parse(scope, base, &url))
		return NULL;
	for (len = strlen(url.path); len && url.path[len - 1] == '/'; len--)
		;
	if (len >= strlen(api) && strncmp(url.path + len - strlen(api), api, strlen(api)) == 0)
		len -= strlen(api);
	return dl_arena_format(&scope->arena, "%s%.*s", dl_url_authority(&scope->arena, &url), (int)len,
			       url.path);
}

bool dl_url_loopback(const char *host)
{
	static const char suffix[] = ".localhost";
	size_t len = strlen(host), tail = strlen(suffix);
	struct in6_addr v6;
	struct in_addr v4;

	if (inet_pton(AF_INET, host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	if (inet_pton(AF_INET6, host, &v6) == 1)
		return memcmp(&v6, &in6addr_loopback, sizeof v6) == 0;
	if (strcasecmp(host, "localhost") == 0)
		return true;
	return len > tail && strcasecmp(host + len - tail, suffix) == 0;
}

/* RFC 3986, section 5.2.4, in place: what is written never overtakes what is read. */
static void remove_dots(char *path)
{
	char *in = path, *out = path;
	size_t len;
	bool dot, dots;

	while (*in == '/') {
		len = strcspn(in + 1, "/");
		dot = len == 1 && in[1] == '.';
		dots = len == 2 && in[1] == '.' && in[2] == '.';
		if (dots)
			while (out > path && *--out != '/')
				;
		if (!dot && !dots) {
			memmove(out, in, len + 1);
			out += len + 1;
		} else if (!in[1 + len]) {
			*out++ = '/';
		}
		in += len + 1;
	}
	*out = '\0';
}

static bool has_scheme(const char *reference)
{
	size_t len = strcspn(reference, ":/?#");

	return reference[len] == ':' && len > 0;
}

/* The unresolved URL that REFERENCE means below FROM, dot segments and all. */
static char *absolute(struct dl_arena *arena, const struct dl_url *from, const char *reference)
{
	const char *origin = dl_url_origin(arena, from), *slash = strrchr(from->path, '/');
	int folder = slash ? (int)(slash - from->path) : 0;

	if (has_scheme(reference))
		return dl_arena_string(arena, reference);
	if (dl_text_starts(reference, "//"))
		return dl_arena_format(arena, "%s:%s", from->scheme, reference);
	if (*reference == '/')
		return dl_arena_format(arena, "%s%s", origin, reference);
	if (*reference == '?')
		return dl_arena_format(arena, "%s%s%s", origin, from->path, reference);
	if (!*reference || *reference == '#')
		return dl_arena_format(arena, "%s%s%s%s", origin, from->path, from->query ? "?" : "",
				       from->query ? from->query : "");
	return dl_arena_format(arena, "%s%.*s/%s", origin, folder, from->path, reference);
}

char *dl_url_join(struct dl_scope *scope, const char *base, const char *reference)
{
	struct dl_arena *arena = &scope->arena;
	struct dl_url from, to;
	char *path;

	if (dl_url_parse(scope, base, &from) || dl_url_parse(scope, absolute(arena, &from, reference), &to))
		return NULL;
	if (!dl_text_in(to.scheme, "http,https")) {
		dl_fail(scope, DL_DATA, "neither http nor https: %s", dl_url_origin(arena, &to));
		return NULL;
	}
	path = dl_arena_string(arena, to.path);
	remove_dots(path);
	return dl_arena_format(arena, "%s%s%s%s", dl_url_origin(arena, &to), path, to.query ? "?" : "",
			       to.query ? to.query : "");
}

/* Appends TEXT, which has no control characters, as ASCII. */
static void add_ascii(struct dl_buf *buf, const char *text, size_t len)
{
	for (; len; text++, len--) {
		if ((unsigned char)*text < 0x80)
			dl_buf_putc(buf, *text);
		else
			dl_buf_printf(buf, "%%%02X", (unsigned char)*text);
	}
}

/* Appends QUERY with its names and without its values; a part that is no name=value is a value. */
static void add_names(struct dl_buf *buf, const char *query)
{
	size_t part, name;
	char mark = '?';

	for (;; query += part + 1, mark = '&') {
		part = strcspn(query, "&");
		name = strcspn(query, "=");
		dl_buf_putc(buf, mark);
		if (name < part)
			add_ascii(buf, query, name + 1);
		dl_buf_puts(buf, "***");
		if (!query[part])
			return;
	}
}

char *dl_url_redact(struct dl_arena *arena, const char *url)
{
	struct dl_url parts;
	struct dl_buf buf;

	if (split(arena, url, &parts))
		return dl_arena_string(arena, "(a malformed URL)");
	dl_buf_init(&buf, arena, DL_CAP_HEAD);
	dl_buf_puts(&buf, dl_url_origin(arena, &parts));
	add_ascii(&buf, parts.path, strlen(parts.path));
	if (parts.query)
		add_names(&buf, parts.query);
	return buf.data;
}

/* Whether BYTE stands for itself. */
static bool is_kept(char byte, const char *keep)
{
	return isalnum((unsigned char)byte) ||
	       (byte && (strchr("-._~", byte) || (keep && strchr(keep, byte))));
}

void dl_url_encode(struct dl_buf *buf, const char *text, const char *keep)
{
	size_t len;

	for (; *text; text += len) {
		for (len = 0; is_kept(text[len], keep);)
			len++;
		dl_buf_add(buf, text, len);
		if (!len)
			dl_buf_printf(buf, "%%%02X", (unsigned char)text[len++]);
	}
}

static int hex_value(char digit)
{
	if (!isxdigit((unsigned char)digit))
		return -1;
	return isdigit((unsigned char)digit) ? digit - '0' : tolower((unsigned char)digit) - 'a' + 10;
}

char *dl_url_decode(struct dl_arena *arena, const char *text, size_t len)
{
	char *decoded = dl_arena_copy(arena, text, len), *out = decoded;
	const char *in = decoded, *end = decoded + len;
	int high, low;

	while (in < end) {
		*out = *in++;
		if (*out == '%') {
			high = hex_value(in[0]);
			low = high < 0 ? -1 : hex_value(in[1]);
			if (low < 0)
				return NULL;
			*out = (char)(high << 4 | low);
			in += 2;
		}
		if (!*out++)
			return NULL;
	}
	*out = '\0';
	return decoded;
}

/* The value of the variable whose name is the LEN bytes of NAME. */
static const char *value_of(const struct dl_var *vars, const char *name, size_t len)
{
	while (vars->name && (strncmp(vars->name, name, len) != 0 || vars->name[len]))
		vars++;
	DL_BUG_IF(!vars->name);
	return vars->value;
}

static bool has_dot_segment(const char *path)
{
	size_t len;

	for (;; path += len + 1) {
		len = strcspn(path, "/");
		if ((len == 1 && path[0] == '.') || (len == 2 && path[0] == '.' && path[1] == '.'))
			return true;
		if (!path[len])
			return false;
	}
}

static int expand_path(struct dl_scope *scope, struct dl_buf *buf, const char *name, size_t len,
		       const struct dl_var *vars, const char *keep)
{
	const char *value = value_of(vars, name, len);

	if (!value || !*value)
		return dl_fail(scope, DL_USAGE, "%.*s is missing", (int)len, name);
	if (has_dot_segment(value))
		return dl_fail(scope, DL_USAGE, "%.*s must not have a part \".\" or \"..\": %s", (int)len,
			       name, dl_text_quote(&scope->arena, value));
	dl_url_encode(buf, value, keep);
	return 0;
}

/* NAMES, LEN bytes, are separated by commas. */
static void expand_query(struct dl_buf *buf, char mark, const char *names, size_t len,
			 const struct dl_var *vars)
{
	const char *end = names + len, *value;
	size_t name;

	for (; names < end; names += name + 1) {
		name = strcspn(names, ",}");
		value = value_of(vars, names, name);
		if (!value)
			continue;
		dl_buf_putc(buf, mark);
		dl_buf_add(buf, names, name);
		dl_buf_putc(buf, '=');
		dl_url_encode(buf, value, NULL);
		mark = '&';
	}
}

static int expand(struct dl_scope *scope, struct dl_buf *buf, const char *expression, size_t len,
		  const struct dl_var *vars)
{
	switch (*expression) {
	case '?':
	case '&':
		expand_query(buf, *expression, expression + 1, len - 1, vars);
		return 0;
	case '+':
		return expand_path(scope, buf, expression + 1, len - 1, vars, "/");
	default:
		return expand_path(scope, buf, expression, len, vars, NULL);
	}
}

const struct dl_var *dl_url_add(struct dl_arena *arena, const struct dl_var *vars, const char *name,
				const char *value)
{
	size_t count = 0;
	struct dl_var *all;

	while (vars[count].name)
		count++;
	all = dl_arena_array(arena, count + 2, sizeof *all);
	memcpy(all, vars, count * sizeof *all);
	all[count] = (struct dl_var){name, value};
	return all;
}

char *dl_url_expand(struct dl_scope *scope, const char *template, const struct dl_var *vars)
{
	struct dl_buf buf;
	size_t len;

	dl_buf_init(&buf, &scope->arena, DL_CAP_HEAD);
	for (;;) {
		len = strcspn(template, "{");
		dl_buf_add(&buf, template, len);
		template += len;
		if (!*template)
			break;
		len = strcspn(++template, "}");
		DL_BUG_IF(!template[len]);
		if (expand(scope, &buf, template, len, vars))
			return NULL;
		template += len + 1;
	}
	return dl_buf_check(scope, &buf, "a URL") ? NULL : buf.data;
}

/* One parameter of a link: where its name and its value are. */
struct param {
	const char *name, *value;
	size_t name_len, value_len;
};

static const char *skip_blanks(const char *at)
{
	return at + strspn(at, " \t");
}

/* Reads `; name=value`, `; name="value"` or `; name`; what follows, or NULL when there is none. */
static const char *take_param(const char *at, struct param *param)
{
	*param = (struct param){.name = "", .value = ""};
	at = skip_blanks(at);
	if (*at != ';')
		return NULL;
	param->name = skip_blanks(at + 1);
	param->name_len = strcspn(param->name, " \t=;,");
	at = skip_blanks(param->name + param->name_len);
	if (*at != '=')
		return at;
	at = skip_blanks(at + 1);
	if (*at != '"') {
		param->value = at;
		param->value_len = strcspn(at, " \t;,");
		return at + param->value_len;
	}
	param->value = ++at;
	while (*at && *at != '"')
		at += at[0] == '\\' && at[1] ? 2 : 1;
	param->value_len = (size_t)(at - param->value);
	return *at ? at + 1 : at;
}

/* Whether WORD is one of the words of VALUE, which blanks separate; upper and lower case are the same. */
static bool has_word(const char *value, size_t len, const char *word)
{
	const char *end = value + len;
	size_t span;

	for (; value < end; value += span + 1) {
		span = strcspn(value, " \t\"");
		if (value + span > end)
			span = (size_t)(end - value);
		if (span == strlen(word) && strncasecmp(value, word, span) == 0)
			return true;
	}
	return false;
}

/* Reads the parameters of one link; what follows them. Of several `rel` only the first counts. */
static const char *take_params(const char *at, bool *is_next)
{
	struct param param;
	const char *after;
	bool seen = false;

	*is_next = false;
	while ((after = take_param(at, &param))) {
		at = after;
		if (seen || param.name_len != 3 || strncasecmp(param.name, "rel", 3) != 0)
			continue;
		seen = true;
		*is_next = has_word(param.value, param.value_len, "next");
	}
	return at;
}

char *dl_url_next(struct dl_arena *arena, const char *link)
{
	const char *target;
	size_t len;
	bool is_next;

	while (link) {
		link += strspn(link, " \t,");
		if (*link != '<')
			return NULL;
		target = link + 1;
		len = strcspn(target, ">");
		if (!target[len])
			return NULL;
		link = take_params(target + len + 1, &is_next);
		if (is_next)
			return dl_arena_copy(arena, target, len);
	}
	return NULL;
}
