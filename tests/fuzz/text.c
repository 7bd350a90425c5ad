/* Text for a terminal and for messages. The first byte is a number of columns. */
#include "lib/base/text.h"

#include "tests/fuzz/fuzz.h"

static char *clean(struct dl_scope *scope, const char *text, size_t len, bool colour, size_t *cleaned)
{
	struct dl_buf out;

	dl_buf_init(&out, &scope->arena, FUZZ_CAP);
	dl_text_clean(&out, text, len, colour);
	*cleaned = out.len;
	return out.data;
}

/* Whole lines, cleaned one by one. */
static char *clean_lines(struct dl_scope *scope, const char *text, size_t len, bool colour)
{
	const char *end;
	struct dl_buf out;
	size_t part;

	dl_buf_init(&out, &scope->arena, FUZZ_CAP);
	for (; len; text += part, len -= part) {
		end = memchr(text, '\n', len);
		part = end ? (size_t)(end - text) + 1 : len;
		dl_text_clean(&out, text, part, colour);
	}
	return out.data;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_rest rest = {(const char *)data, size};
	int columns = (int)(fuzz_byte(&rest) % 128), colour;
	size_t len, again_len;
	const char *plain, *clip, *quoted;
	struct dl_scope scope;
	char *once;

	dl_scope_open(&scope, NULL);
	plain = clean(&scope, rest.data, rest.len, false, &len);
	HOLDS(fuzz_clean(plain, len));
	for (colour = 0; colour < 2; colour++) {
		once = clean(&scope, rest.data, rest.len, colour, &len);
		HOLDS(strcmp(clean(&scope, once, len, colour, &again_len), once) == 0 && len == again_len);
		HOLDS(strcmp(clean_lines(&scope, rest.data, rest.len, colour), once) == 0);
		HOLDS(strcmp(clean(&scope, once, len, false, &again_len), plain) == 0);
	}
	clip = dl_text_clip(&scope.arena, plain, columns);
	HOLDS(dl_text_width(clip) <= columns && fuzz_clean(clip, strlen(clip)));
	HOLDS(columns || !*clip);
	if (columns && dl_text_width(plain) <= columns)
		HOLDS(strcmp(clip, plain) == 0);
	else if (columns)
		HOLDS(dl_text_ends(clip, "\xE2\x80\xA6"));
	quoted = dl_text_quote(&scope.arena, dl_arena_copy(&scope.arena, rest.data, rest.len));
	HOLDS(strlen(quoted) <= 203 && !strpbrk(quoted, "\t\n") && fuzz_clean(quoted, strlen(quoted)));
	HOLDS(strlen(quoted) > 200 || strcmp(dl_text_quote(&scope.arena, quoted), quoted) == 0);
	dl_scope_close(&scope);
	return 0;
}
