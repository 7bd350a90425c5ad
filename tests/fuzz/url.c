/* A URL, a reference and a value, a line each. */
#include "lib/base/url.h"

#include "tests/fuzz/fuzz.h"

static bool same_origin(struct dl_scope *scope, const char *url, const char *origin)
{
	struct dl_url parsed;

	HOLDS(dl_url_parse(scope, url, &parsed) == 0);
	return strcmp(dl_url_origin(&scope->arena, &parsed), origin) == 0;
}

static void check_join(struct dl_scope *scope, const char *base, const char *origin, const char *reference)
{
	char *joined = dl_url_join(scope, base, reference);
	struct dl_url parsed;

	if (!joined)
		return;
	HOLDS(dl_url_parse(scope, joined, &parsed) == 0);
	HOLDS(!parsed.user && dl_text_in(parsed.scheme, "http,https"));
	HOLDS(!strstr(parsed.path, "/./") && !strstr(parsed.path, "/../"));
	HOLDS(!dl_text_ends(parsed.path, "/.") && !dl_text_ends(parsed.path, "/..") && !strchr(joined, '#'));
	HOLDS(dl_text_same(dl_url_join(scope, base, joined), joined));
	/* Only what names a host leads to another one. */
	if (!dl_text_starts(reference, "//") && !strchr(reference, ':'))
		HOLDS(same_origin(scope, joined, origin));
}

static const char *encode(struct dl_scope *scope, const char *text, const char *keep)
{
	struct dl_buf out;

	dl_buf_init(&out, &scope->arena, FUZZ_CAP);
	dl_url_encode(&out, text, keep);
	HOLDS(strcmp(dl_url_decode(&scope->arena, out.data, out.len), text) == 0);
	return out.data;
}

/* Whatever the value is, it stays in its place. */
static void check_expand(struct dl_scope *scope, const char *value)
{
	const struct dl_var vars[] = {{"path", value}, {"id", value}, {"none", NULL}, {NULL, NULL}};
	const char *segment = encode(scope, value, NULL), *path = encode(scope, value, "/"), *url;

	url = dl_url_expand(scope, "https://host/a/{+path}/b/{id}/c{?none,id}{&path,none}", vars);
	if (!url)
		return;
	HOLDS(dl_text_same(dl_url_join(scope, "https://host/x", url), url));
	HOLDS(strcmp(url, dl_arena_format(&scope->arena, "https://host/a/%s/b/%s/c?id=%s&path=%s", path,
					  segment, segment, segment)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_rest rest = {(const char *)data, size};
	const char *text, *reference, *origin, *redacted, *byte;
	struct dl_scope scope;
	struct dl_url url;

	dl_scope_open(&scope, NULL);
	text = fuzz_take(&scope.arena, &rest, '\n');
	reference = fuzz_take(&scope.arena, &rest, '\n');
	redacted = dl_url_redact(&scope.arena, text);
	for (byte = redacted; *byte; byte++)
		HOLDS(*byte >= ' ' && *byte <= '~');
	if (dl_url_parse(&scope, text, &url) == 0) {
		for (byte = text; *byte; byte++)
			HOLDS((unsigned char)*byte > ' ' && *byte != 0x7F && *byte != '\\');
		for (byte = url.host; *byte; byte++)
			HOLDS((*byte >= 'a' && *byte <= 'z') || strchr("0123456789.:-_", *byte));
		HOLDS(*url.host && url.port > 0 && url.port < 65536 && (!*url.path || *url.path == '/'));
		origin = dl_url_origin(&scope.arena, &url);
		HOLDS(same_origin(&scope, origin, origin) && same_origin(&scope, redacted, origin));
		HOLDS(dl_url_parse(&scope, redacted, &url) == 0 && !url.user);
		check_join(&scope, text, origin, reference);
	}
	check_expand(&scope, fuzz_take(&scope.arena, &rest, '\0'));
	dl_scope_close(&scope);
	return 0;
}
