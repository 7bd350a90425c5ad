/* The last ':' ends PROVIDER[@HOST], because PROJECT and ID encode theirs. KIND is looked for from the right,
 * because a project may have a segment that is a kind's word ("job" is a popular Jenkins folder); an ID that
 * reads like a kind without an ID is written with its first character encoded, so that the two never meet. */
#include "lib/data/ref.h"

#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/url.h"

struct kind {
	const char *word;
	bool has_id;
};

static const struct kind kinds[] = {
	{"run", true},	   {"job", true},      {"workflow", true}, {"commit", true},
	{"branch", true},  {"artifact", true}, {"release", true},  {"asset", true},
	{"package", true}, {"check", true},    {"entry", true},	   {"repo", false},
};

static const struct kind *find_kind(const char *word, size_t len)
{
	size_t i;

	for (i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strlen(kinds[i].word) == len && strncmp(kinds[i].word, word, len) == 0)
			return &kinds[i];
	return NULL;
}

static int bad_ref(struct dl_scope *scope, const char *text, const char *why)
{
	/* Who takes a project's URL for its ref may have a password in it. */
	if (strstr(text, "://")) {
		dl_fail(scope, DL_USAGE, "'%s' is not a ref but a URL", dl_url_redact(&scope->arena, text));
		return dl_fail_hint(scope, "name it with -R, or a ref such as github:owner/repo/run/123");
	}
	dl_fail(scope, DL_USAGE, "'%s' is not a ref: %s", dl_text_quote(&scope->arena, text), why);
	return dl_fail_hint(scope, "a ref looks like github:owner/repo/run/123; see dl-lines(5)");
}

/* The last '/' in the LEN bytes of TEXT; NULL: none. */
static const char *last_slash(const char *text, size_t len)
{
	return memrchr(text, '/', len);
}

/* Decodes a path segment by segment; "" is allowed only as the whole. NULL when a segment is empty, "." or
 * "..", or escaped wrongly. */
static const char *decode_project(struct dl_scope *scope, const char *text, size_t len)
{
	const char *segment = text, *end = text + len, *stop;
	struct dl_buf out;
	char *decoded;

	dl_buf_init(&out, &scope->arena, DL_CAP_LINE);
	while (len && segment <= end) {
		stop = memchr(segment, '/', (size_t)(end - segment));
		if (!stop)
			stop = end;
		decoded = dl_url_decode(&scope->arena, segment, (size_t)(stop - segment));
		if (!decoded || !*decoded || strchr(decoded, '/') || strcmp(decoded, ".") == 0 ||
		    strcmp(decoded, "..") == 0)
			return NULL;
		if (segment != text)
			dl_buf_putc(&out, '/');
		dl_buf_puts(&out, decoded);
		segment = stop + 1;
	}
	return out.data;
}

/* Splits REST, which is PROJECT/KIND[/ID]. */
static int parse_rest(struct dl_scope *scope, const char *text, const char *rest, struct dl_ref *ref)
{
	size_t len = strlen(rest);
	const char *id = last_slash(rest, len), *kind_at;
	const struct kind *kind;

	if (!id)
		return bad_ref(scope, text, "it has no kind");
	kind = find_kind(id + 1, strlen(id + 1));
	if (kind && !kind->has_id) {
		kind_at = id;
		ref->id = NULL;
	} else {
		kind_at = last_slash(rest, (size_t)(id - rest));
		kind = kind_at ? find_kind(kind_at + 1, (size_t)(id - kind_at - 1)) : NULL;
		if (!kind || !kind->has_id)
			return bad_ref(scope, text, "it has no kind that is known");
		ref->id = dl_url_decode(&scope->arena, id + 1, strlen(id + 1));
		if (!ref->id || !*ref->id)
			return bad_ref(scope, text, "its id is empty or escaped wrongly");
	}
	ref->kind = kind->word;
	ref->project = decode_project(scope, rest, (size_t)(kind_at - rest));
	return ref->project ? 0 : bad_ref(scope, text, "its project has an empty, '.' or '..' segment");
}

int dl_ref_parse(struct dl_scope *scope, const char *text, struct dl_ref *ref)
{
	const char *colon = strrchr(text, ':'), *at, *byte;

	memset(ref, 0, sizeof *ref);
	for (byte = text; *byte; byte++)
		if ((unsigned char)*byte <= ' ' || *byte == 0x7f)
			return bad_ref(scope, text, "it has a space or a control character");
	if (!colon)
		return bad_ref(scope, text, "it has no ':'");
	at = memchr(text, '@', (size_t)(colon - text));
	ref->provider = dl_arena_copy(&scope->arena, text, (size_t)((at ? at : colon) - text));
	if (at)
		ref->host = dl_arena_copy(&scope->arena, at + 1, (size_t)(colon - at - 1));
	if (!dl_text_is_name(ref->provider) || (at && !*ref->host))
		return bad_ref(scope, text, "its provider or host is empty or malformed");
	return parse_rest(scope, text, colon + 1, ref);
}

char *dl_ref_format(struct dl_arena *arena, const struct dl_ref *ref)
{
	const struct kind *as_kind;
	struct dl_buf out;

	dl_buf_init(&out, arena, DL_CAP_LINE);
	dl_buf_puts(&out, ref->provider);
	if (ref->host)
		dl_buf_printf(&out, "@%s", ref->host);
	dl_buf_putc(&out, ':');
	dl_url_encode(&out, ref->project, "/");
	dl_buf_printf(&out, "/%s", ref->kind);
	if (!ref->id)
		return out.data;
	as_kind = find_kind(ref->id, strlen(ref->id));
	if (as_kind && !as_kind->has_id) {
		dl_buf_printf(&out, "/%%%02X", (unsigned char)ref->id[0]);
		dl_url_encode(&out, ref->id + 1, "");
	} else {
		dl_buf_putc(&out, '/');
		dl_url_encode(&out, ref->id, "");
	}
	return out.data;
}

int dl_ref_refuse(struct dl_scope *scope, const struct dl_ref *ref, const char *what, const char *hint)
{
	dl_fail(scope, DL_USAGE, "%s %s %s", strchr("aeiou", *ref->kind) ? "an" : "a", ref->kind, what);
	return dl_fail_hint(scope, "%s", hint);
}
