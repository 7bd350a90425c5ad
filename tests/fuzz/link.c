/* The next link is one that the header has, and other links before it do not hide it. */
#include "lib/base/url.h"

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_rest rest = {(const char *)data, size};
	const char *link, *next, *quoted;
	struct dl_scope scope;

	dl_scope_open(&scope, NULL);
	link = fuzz_take(&scope.arena, &rest, '\0');
	next = dl_url_next(&scope.arena, link);
	quoted = dl_arena_format(&scope.arena, "<a>; title=\"x, <b>; rel=next\"; rel=prev, %s", link);
	HOLDS(dl_text_same(next, dl_url_next(&scope.arena, quoted)));
	if (next) {
		HOLDS(!strchr(next, '>') && strstr(link, dl_arena_format(&scope.arena, "<%s>", next)));
		link = dl_arena_format(&scope.arena, "<%s>; REL = \"last next\"", next);
		HOLDS(dl_text_same(next, dl_url_next(&scope.arena, link)));
	}
	dl_scope_close(&scope);
	return 0;
}
