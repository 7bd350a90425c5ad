#include "lib/base/url.h"

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "tests/unit/check.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void test_parse(void)
{
	static const struct {
		const char *text, *scheme, *user, *host;
		int port;
		const char *path, *query;
	} rows[] = {
		{"https://example.com", "https", NULL, "example.com", 443, "", NULL},
		{"https://example.com/", "https", NULL, "example.com", 443, "/", NULL},
		{"HTTP://EXAMPLE.com/A?B=C#D", "http", NULL, "example.com", 80, "/A", "B=C"},
		{"https://example.com?q", "https", NULL, "example.com", 443, "", "q"},
		{"https://example.com#f?q", "https", NULL, "example.com", 443, "", NULL},
		{"https://example.com/a?", "https", NULL, "example.com", 443, "/a", ""},
		{"https://example.com/a?b?c", "https", NULL, "example.com", 443, "/a", "b?c"},
		{"https://example.com:8443/x", "https", NULL, "example.com", 8443, "/x", NULL},
		{"https://example.com:/x", "https", NULL, "example.com", 443, "/x", NULL},
		{"https://example.com:65535", "https", NULL, "example.com", 65535, "", NULL},
		{"https://good.com@evil.com/", "https", "good.com", "evil.com", 443, "/", NULL},
		{"https://good.com:443@evil.com/", "https", "good.com:443", "evil.com", 443, "/", NULL},
		{"https://user:pa%40ss@host:1/", "https", "user:pa%40ss", "host", 1, "/", NULL},
		{"https://@host/", "https", "", "host", 443, "/", NULL},
		{"https://evil.com/@good.com/", "https", NULL, "evil.com", 443, "/@good.com/", NULL},
		{"https://evil.com?@good.com/", "https", NULL, "evil.com", 443, "", "@good.com/"},
		{"https://evil.com#@good.com/", "https", NULL, "evil.com", 443, "", NULL},
		{"https://[::1]/x", "https", NULL, "::1", 443, "/x", NULL},
		{"https://[2001:DB8::A]:8080/x", "https", NULL, "2001:db8::a", 8080, "/x", NULL},
		{"https://u@[::1]:80", "https", "u", "::1", 80, "", NULL},
		{"https://127.0.0.1:3000", "https", NULL, "127.0.0.1", 3000, "", NULL},
		{"ssh://git@example.com/o/r.git", "ssh", "git", "example.com", 22, "/o/r.git", NULL},
		{"git://example.com/r", "git", NULL, "example.com", 9418, "/r", NULL},
		{"https://my_host-1.example.com.", "https", NULL, "my_host-1.example.com.", 443, "", NULL},
		{"https://h/a%2Fb%zz?x=%41", "https", NULL, "h", 443, "/a%2Fb%zz", "x=%41"},
		{"https://h/\xC3\xA9", "https", NULL, "h", 443, "/\xC3\xA9", NULL},
		{"https://h/x?u=https://other/", "https", NULL, "h", 443, "/x", "u=https://other/"},
	};
	struct dl_scope scope;
	struct dl_url url;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		dl_scope_open(&scope, NULL);
		check_int("parse", rows[i].text, dl_url_parse(&scope, rows[i].text, &url), 0);
		check_text("scheme", rows[i].text, url.scheme, rows[i].scheme);
		check_text("user", rows[i].text, url.user, rows[i].user);
		check_text("host", rows[i].text, url.host, rows[i].host);
		check_int("port", rows[i].text, url.port, rows[i].port);
		check_text("path", rows[i].text, url.path, rows[i].path);
		check_text("query", rows[i].text, url.query, rows[i].query);
		dl_scope_close(&scope);
	}
}

static const char *const refused[] = {
	"",
	"example.com",
	"/path",
	"//example.com/",
	"https:",
	"https:/example.com",
	"https:example.com",
	"https://",
	"https:///path",
	"https://?q",
	"https://:80/",
	"https://user@/",
	"https://user@:80/",
	"://example.com",
	" https://example.com",
	"https://example.com ",
	"https://exa mple.com",
	"https://example.com/a b",
	"https://example.com/\r\nX-Evil: 1",
	"https://example.com/\t",
	"https://example.com/\x01",
	"https://example.com/\x7F",
	"https://good.com\\@evil.com/",
	"https://good.com\\.evil.com/",
	"https:\\\\good.com/",
	"https://example.com/a\\b",
	"https://a@b@c/",
	"https://good.com@evil.com@good.com/",
	"https://example.com:0/",
	"https://example.com:65536/",
	"https://example.com:99999999999999999999/",
	"https://example.com:4294967376/",
	"https://example.com:-1/",
	"https://example.com:+80/",
	"https://example.com:80a/",
	"https://example.com:0x50/",
	"https://example.com:80:80/",
	"https://example.com:80@evil.com:443:1/",
	"https://evil%2ecom/",
	"https://good.com%2fevil.com/",
	"https://good.com%00.evil.com/",
	"https://good.com;evil.com/",
	"https://good.com,evil.com/",
	"https://good.com&evil.com/",
	"https://ex\xC3\xA4mple.com/",
	"https://\xE2\x80\xAEmoc.live/",
	"https://-oProxyCommand=x/",
	"ssh://-oProxyCommand=x/",
	"ssh://-x/",
	"https://.example.com/",
	"https://example..com/",
	"https://[::1/",
	"https://[::1",
	"https://::1/",
	"https://::1]/",
	"https://[]/",
	"https://[::g]/",
	"https://[127.0.0.1]/",
	"https://[example.com]/",
	"https://[fe80::1%25eth0]/",
	"https://[::1]x/",
	"https://[::1]x:80/",
	"https://[::1]:0/",
	"https://x[::1]/",
	"ftp://example.com/",
	"file:///etc/passwd",
	"javascript://example.com/%0aalert(1)",
	"httpss://example.com/",
	"http s://example.com/",
	"git+ssh://example.com/",
	"git@example.com:owner/repo.git",
	"x?u=https://example.com/",
};

static void test_refuse(void)
{
	char text[400] = "https://";
	struct dl_scope scope;
	struct dl_url url;
	size_t i;

	for (i = 0; i < COUNT(refused); i++) {
		dl_scope_open(&scope, NULL);
		check_int("refuse", refused[i], dl_url_parse(&scope, refused[i], &url), -1);
		check_int("class", refused[i], scope.error.class, DL_DATA);
		check_text("redact", refused[i], dl_url_redact(&scope.arena, refused[i]),
			   "(a malformed URL)");
		dl_scope_close(&scope);
	}
	dl_scope_open(&scope, NULL);
	memset(text + 8, 'a', 254);
	check_int("refuse", "a host of 254 bytes", dl_url_parse(&scope, text, &url), -1);
	dl_scope_close(&scope);
	dl_scope_open(&scope, NULL);
	check_int("refuse", "a secret", dl_url_parse(&scope, "https://me:secret@a@b/?t=secret", &url), -1);
	check_true("refuse", "the message keeps the secret", !strstr(scope.error.message, "secret"));
	dl_scope_close(&scope);
}

static void test_origin(void)
{
	static const struct {
		const char *text, *origin;
	} rows[] = {
		{"https://Example.com/x", "https://example.com"},
		{"https://example.com:443/x", "https://example.com"},
		{"https://example.com:/x", "https://example.com"},
		{"http://example.com:443", "http://example.com:443"},
		{"http://example.com:80", "http://example.com"},
		{"https://example.com:80", "https://example.com:80"},
		{"https://user:pw@example.com:8443/x?y", "https://example.com:8443"},
		{"https://[::1]/", "https://[::1]"},
		{"https://[::1]:8080/", "https://[::1]:8080"},
		{"ssh://git@example.com:2222/x", "ssh://example.com:2222"},
	};
	struct dl_scope scope;
	struct dl_url url;
	size_t i;

	dl_scope_open(&scope, NULL);
	for (i = 0; i < COUNT(rows); i++) {
		check_int("origin", rows[i].text, dl_url_parse(&scope, rows[i].text, &url), 0);
		check_text("origin", rows[i].text, dl_url_origin(&scope.arena, &url), rows[i].origin);
		check_text("authority", rows[i].text, dl_url_authority(&scope.arena, &url),
			   strstr(rows[i].origin, "://") + 3);
	}
	dl_scope_close(&scope);
}

static void test_server(void)
{
	static const struct {
		const char *base, *api, *server;
	} rows[] = {
		{"https://gitlab.com/api/v4", "/api/v4", "gitlab.com"},
		{"https://git.example.com:8443/gitlab/api/v4/", "/api/v4", "git.example.com:8443/gitlab"},
		{"https://git.example.com/gitlab", "/api/v4", "git.example.com/gitlab"},
		{"https://git.example.com/api/v4/x", "/api/v4", "git.example.com/api/v4/x"},
		{"https://ci.example.com/jenkins//", "", "ci.example.com/jenkins"},
		{"https://ci.example.com", "", "ci.example.com"},
		{"https://user:pw@ci.example.com/x?y", "", "ci.example.com/x"},
		{"https://", "", NULL},
	};
	struct dl_scope scope;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		dl_scope_open(&scope, NULL);
		check_text("server", rows[i].base, dl_url_server(&scope, rows[i].base, rows[i].api),
			   rows[i].server);
		dl_scope_close(&scope);
	}
}

static void test_loopback(void)
{
	static const struct {
		const char *host;
		bool loopback;
	} rows[] = {
		{"localhost", true},
		{"LocalHost", true},
		{"github.localhost", true},
		{"a.b.localhost", true},
		{"127.0.0.1", true},
		{"127.255.255.254", true},
		{"::1", true},
		{"0:0:0:0:0:0:0:1", true},
		{"", false},
		{".localhost", false},
		{"localhost.evil.com", false},
		{"evillocalhost", false},
		{"localhost.", false},
		{"127.0.0.1.evil.com", false},
		{"127.0.0.1.", false},
		{"127.1", false},
		{"127.0.0.01", false},
		{"127.0.0.256", false},
		{"0x7f.0.0.1", false},
		{"2130706433", false},
		{"128.0.0.1", false},
		{"0.0.0.0", false},
		{"10.127.0.1", false},
		{"::", false},
		{"::2", false},
		{"::ffff:127.0.0.1", false},
		{"[::1]", false},
		{"1::", false},
		{"example.com", false},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		check_int("loopback", rows[i].host, dl_url_loopback(rows[i].host), rows[i].loopback);
}

/* The examples of RFC 3986, section 5.4, and then what a server may try. */
static const char rfc[] = "http://a/b/c/d;p?q";
static const struct {
	const char *base, *reference, *joined; /* NULL: refused */
} joins[] = {
	{rfc, "g:h", NULL},
	{rfc, "g", "http://a/b/c/g"},
	{rfc, "./g", "http://a/b/c/g"},
	{rfc, "g/", "http://a/b/c/g/"},
	{rfc, "/g", "http://a/g"},
	{rfc, "//g", "http://g"},
	{rfc, "?y", "http://a/b/c/d;p?y"},
	{rfc, "g?y", "http://a/b/c/g?y"},
	{rfc, "#s", "http://a/b/c/d;p?q"},
	{rfc, "g#s", "http://a/b/c/g"},
	{rfc, "g?y#s", "http://a/b/c/g?y"},
	{rfc, ";x", "http://a/b/c/;x"},
	{rfc, "g;x?y#s", "http://a/b/c/g;x?y"},
	{rfc, "", "http://a/b/c/d;p?q"},
	{rfc, ".", "http://a/b/c/"},
	{rfc, "./", "http://a/b/c/"},
	{rfc, "..", "http://a/b/"},
	{rfc, "../", "http://a/b/"},
	{rfc, "../g", "http://a/b/g"},
	{rfc, "../..", "http://a/"},
	{rfc, "../../", "http://a/"},
	{rfc, "../../g", "http://a/g"},
	{rfc, "../../../g", "http://a/g"},
	{rfc, "../../../../g", "http://a/g"},
	{rfc, "/./g", "http://a/g"},
	{rfc, "/../g", "http://a/g"},
	{rfc, "g.", "http://a/b/c/g."},
	{rfc, ".g", "http://a/b/c/.g"},
	{rfc, "g..", "http://a/b/c/g.."},
	{rfc, "..g", "http://a/b/c/..g"},
	{rfc, "./../g", "http://a/b/g"},
	{rfc, "./g/.", "http://a/b/c/g/"},
	{rfc, "g/./h", "http://a/b/c/g/h"},
	{rfc, "g/../h", "http://a/b/c/h"},
	{rfc, "g;x=1/./y", "http://a/b/c/g;x=1/y"},
	{rfc, "g;x=1/../y", "http://a/b/c/y"},
	{rfc, "g?y/./x", "http://a/b/c/g?y/./x"},
	{rfc, "g?y/../x", "http://a/b/c/g?y/../x"},
	{rfc, "http:g", NULL},
	{"https://a", "g", "https://a/g"},
	{"https://a?q", "?r", "https://a?r"},
	{"https://a:8443/x", "/y", "https://a:8443/y"},
	{"https://[::1]:1/x", "y", "https://[::1]:1/y"},
	{"https://a/x", "//evil.com/x", "https://evil.com/x"},
	{"https://a/x", "https://b/../x/./y", "https://b/x/y"},
	{"https://a/x", "HTTP://B:80/x", "http://b/x"},
	{"https://a//b//c", "../d", "https://a//b/d"},
	{"https://user:pw@a/x", "y", "https://a/y"},
	{"https://a/x", "https://user:pw@b/y", "https://b/y"},
	{"https://a/x", "//user:pw@b/y", "https://b/y"},
	{"https://a/x", "///evil.com", NULL},
	{"https://a/x", "/\\evil.com", NULL},
	{"https://a/x", "\\\\evil.com", NULL},
	{"https://a/x", "https:/evil.com", NULL},
	{"https://a/x", "https:evil.com", NULL},
	{"https://a/x", "javascript:alert(1)", NULL},
	{"https://a/x", "file:///etc/passwd", NULL},
	{"https://a/x", "ftp://b/", NULL},
	{"https://a/x", "ssh://b/y", NULL},
	{"https://a/x", "git://b/y", NULL},
	{"https://a/x", "y z", NULL},
	{"https://a/x", "y\r\nSet-Cookie: 1", NULL},
	{"https://a/x", "//b:99999/", NULL},
	{"https://a/x", "//good@b@c/", NULL},
	{"https://a/x", "/%2e%2e/y", "https://a/%2e%2e/y"},
	{"ssh://a/x", "y", NULL},
	{"nonsense", "https://a/", NULL},
};

static void test_join(void)
{
	struct dl_scope scope;
	size_t i;

	for (i = 0; i < COUNT(joins); i++) {
		dl_scope_open(&scope, NULL);
		check_text("join", joins[i].reference, dl_url_join(&scope, joins[i].base, joins[i].reference),
			   joins[i].joined);
		check_int("class", joins[i].reference, scope.error.class, joins[i].joined ? DL_OK : DL_DATA);
		dl_scope_close(&scope);
	}
}

static void test_redact(struct dl_arena *arena)
{
	static const struct {
		const char *url, *redacted;
	} rows[] = {
		{"https://example.com/a/b", "https://example.com/a/b"},
		{"https://user:secret@example.com:8080/a#secret", "https://example.com:8080/a"},
		{"https://h/a?token=secret", "https://h/a?token=***"},
		{"https://h/a?a=1&sig=se=cret&b=", "https://h/a?a=***&sig=***&b=***"},
		{"https://h/a?secret", "https://h/a?***"},
		{"https://h/a?x=1&secret", "https://h/a?x=***&***"},
		{"https://h/a?secret&x=1", "https://h/a?***&x=***"},
		{"https://h/a?", "https://h/a?***"},
		{"https://h/\xC3\xA9?\xC2\x9B=1", "https://h/%C3%A9?%C2%9B=***"},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		check_text("redact", rows[i].url, dl_url_redact(arena, rows[i].url), rows[i].redacted);
}

static void test_encode(struct dl_arena *arena)
{
	static const struct {
		const char *text, *keep, *encoded;
	} rows[] = {
		{"", NULL, ""},
		{"AZaz09-._~", NULL, "AZaz09-._~"},
		{"a b/c?d#e&f=g+h%i", NULL, "a%20b%2Fc%3Fd%23e%26f%3Dg%2Bh%25i"},
		{"a/b c", "/", "a/b%20c"},
		{"a:b@c", ":@", "a:b@c"},
		{"\xC3\xA9\x01\xFF\n", NULL, "%C3%A9%01%FF%0A"},
		{"\"'()*!$,;<>[]\\^`{|}", NULL, "%22%27%28%29%2A%21%24%2C%3B%3C%3E%5B%5D%5C%5E%60%7B%7C%7D"},
	};
	struct dl_buf buf;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		dl_buf_init(&buf, arena, DL_CAP_LINE);
		dl_url_encode(&buf, rows[i].text, rows[i].keep);
		check_text("encode", rows[i].text, buf.data, rows[i].encoded);
		if (!rows[i].keep)
			check_text("decode", buf.data, dl_url_decode(arena, buf.data, buf.len), rows[i].text);
	}
}

static void test_decode(struct dl_arena *arena)
{
	static const struct {
		const char *text;
		size_t len;
		const char *decoded;
	} rows[] = {
		{"", 0, ""},
		{"a+b", 3, "a+b"},
		{"%41%6a%6A", 9, "Ajj"},
		{"%25%32%35", 9, "%25"},
		{"%c3%A9", 6, "\xC3\xA9"},
		{"%41rest", 3, "A"},
		{"%", 1, NULL},
		{"%4", 2, NULL},
		{"%41", 2, NULL},
		{"%41", 1, NULL},
		{"a%4g", 4, NULL},
		{"a%g4", 4, NULL},
		{"%%41", 4, NULL},
		{"% 41", 4, NULL},
		{"%-1", 3, NULL},
		{"%00", 3, NULL},
		{"a%00b", 5, NULL},
		{"a\0b", 3, NULL},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		check_text("decode", rows[i].text, dl_url_decode(arena, rows[i].text, rows[i].len),
			   rows[i].decoded);
}

static void test_expand(void)
{
	static const struct {
		const char *template, *x, *y, *expanded; /* NULL: refused */
	} rows[] = {
		{"/plain", NULL, NULL, "/plain"},
		{"", NULL, NULL, ""},
		{"/a/{x}/b", "v", NULL, "/a/v/b"},
		{"/{x}/{y}", "1", "2", "/1/2"},
		{"/{x}{y}", "1", "2", "/12"},
		{"/{x}", "a/b c?d#e%f", NULL, "/a%2Fb%20c%3Fd%23e%25f"},
		{"/{x}", "{y}", "2", "/%7By%7D"},
		{"/{+x}", "a/b c/d?e", NULL, "/a/b%20c/d%3Fe"},
		{"/{+x}/z", "group/sub/project", NULL, "/group/sub/project/z"},
		{"/{x}", "\xC3\xA9", NULL, "/%C3%A9"},
		{"/{x}", "...", NULL, "/..."},
		{"/{x}", ".a", NULL, "/.a"},
		{"/{+x}", "a/..b/c..", NULL, "/a/..b/c.."},
		{"/{x}", NULL, NULL, NULL},
		{"/{x}", "", NULL, NULL},
		{"/{+x}", NULL, NULL, NULL},
		{"/{+x}", "", NULL, NULL},
		{"/{x}", ".", NULL, NULL},
		{"/{x}", "..", NULL, NULL},
		{"/{x}", "a/../b", NULL, NULL},
		{"/{+x}", "..", NULL, NULL},
		{"/{+x}", "../a", NULL, NULL},
		{"/{+x}", "a/../../b", NULL, NULL},
		{"/{+x}", "a/.", NULL, NULL},
		{"/{+x}", "a/./b", NULL, NULL},
		{"/a{?x,y}", "1", "2", "/a?x=1&y=2"},
		{"/a{?x,y}", NULL, "2", "/a?y=2"},
		{"/a{?x,y}", "1", NULL, "/a?x=1"},
		{"/a{?x,y}", NULL, NULL, "/a"},
		{"/a{?x}", "", NULL, "/a?x="},
		{"/a{?x}", "a b&c=d/..", NULL, "/a?x=a%20b%26c%3Dd%2F.."},
		{"/a?z=0{&x,y}", "1", "2", "/a?z=0&x=1&y=2"},
		{"/a?z=0{&x,y}", NULL, NULL, "/a?z=0"},
		{"/a{?x}{&y}", "1", "2", "/a?x=1&y=2"},
		{"/{xx}/{x}", "1", NULL, "/xx/1"},
	};
	struct dl_scope scope;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		const struct dl_var vars[] = {{"xx", "xx"}, {"x", rows[i].x}, {"y", rows[i].y}, {NULL, NULL}};

		dl_scope_open(&scope, NULL);
		check_text("expand", rows[i].template, dl_url_expand(&scope, rows[i].template, vars),
			   rows[i].expanded);
		check_int("class", rows[i].template, scope.error.class, rows[i].expanded ? DL_OK : DL_USAGE);
		dl_scope_close(&scope);
	}
}

static void test_expand_limit(void)
{
	struct dl_var vars[] = {{"x", NULL}, {NULL, NULL}};
	struct dl_scope scope;
	char *value;

	dl_scope_open(&scope, NULL);
	value = dl_arena_alloc(&scope.arena, DL_CAP_HEAD + 2);
	memset(value, 'x', DL_CAP_HEAD + 1);
	vars[0].value = value;
	check_text("expand", "a URL that is too long", dl_url_expand(&scope, "{x}", vars), NULL);
	check_int("expand", "its class", scope.error.class, DL_DATA);
	dl_scope_close(&scope);
	dl_scope_open(&scope, NULL);
	vars[0].value = "a/../\x1B[2J";
	check_text("expand", "a hostile value", dl_url_expand(&scope, "{x}", vars), NULL);
	check_true("expand", "its message is quoted", !strchr(scope.error.message, '\x1B'));
	dl_scope_close(&scope);
}

static void test_next(struct dl_arena *arena)
{
	static const struct {
		const char *link, *next;
	} rows[] = {
		{"<https://a/?page=2>; rel=\"next\", <https://a/?page=9>; rel=\"last\"", "https://a/?page=2"},
		{"<https://a/?page=1>; rel=\"prev\", <https://a/?page=3>; rel=\"next\"", "https://a/?page=3"},
		{"<https://a/?page=1>; rel=\"first\", <https://a/?page=9>; rel=\"last\"", NULL},
		{"</x>; rel=next", "/x"},
		{"</x>;rel=next", "/x"},
		{"</x> ; rel = \"next\"", "/x"},
		{"</x>; REL=\"NEXT\"", "/x"},
		{"</x>; rel=\"last next\"", "/x"},
		{"</x>; rel=\"next last\"", "/x"},
		{"</x>; rel=\"nextish\", </y>; rel=\"annext\"", NULL},
		{"</x>; rel=\"next-archive\"", NULL},
		{"</x>; title=\"a, b; rel=next\"; rel=prev, </y>; rel=next", "/y"},
		{"</x>; title=\"</z>; rel=\\\"next\\\"\", </y>; rel=next", "/y"},
		{"</x>; title=\"a \\\" , <z>; rel=next\"; rel=\"next\"", "/x"},
		{"</x>; title=rel; type=\"next\", </y>; rel=next", "/y"},
		{"</a,b;c>; rel=next", "/a,b;c"},
		{"</x>; rel=prev; rel=next", NULL},
		{"</x>; rel=next; rel=prev", "/x"},
		{"</x>; rel, </y>; rel=next", "/y"},
		{"</x>;; rel=next", "/x"},
		{"</x>; rel=next;", "/x"},
		{",, </x>; rel=next", "/x"},
		{"</x>,</y>;rel=next", "/y"},
		{"</x>; rel=\"next", "/x"},
		{"</x>; rel=", NULL},
		{"</x>; rel=\"\"", NULL},
		{"</x>; rel=\"\\", NULL},
		{"</x", NULL},
		{"<", NULL},
		{"https://a/; rel=next", NULL},
		{"</x>; rel=prev junk, </y>; rel=next", NULL},
		{"", NULL},
		{NULL, NULL},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		check_text("next", rows[i].link, dl_url_next(arena, rows[i].link), rows[i].next);
}

int main(void)
{
	struct dl_arena arena = {0};

	test_parse();
	test_refuse();
	test_origin();
	test_server();
	test_loopback();
	test_join();
	test_redact(&arena);
	test_encode(&arena);
	test_decode(&arena);
	test_expand();
	test_expand_limit();
	test_next(&arena);
	dl_arena_free(&arena);
	return check_end("url");
}
