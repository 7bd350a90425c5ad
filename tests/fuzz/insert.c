/* A changelog, into which sections are put: the second time changes nothing, and what people wrote stays. The
 * second bit of the first byte: what is put there comes first. */
#include "lib/changelog/insert.h"

#include "tests/fuzz/fuzz.h"

static const char opening[] = "<!-- dl-changelog -->";

/* Whether each line of TEXT stands in RESULT, in the same order; what is generated may be gone. */
static bool is_kept(const char *text, const char *result)
{
	const char *line, *end, *found = result;
	size_t len;

	for (line = text; *line; line = *end ? end + 1 : end) {
		end = strchrnul(line, '\n');
		len = (size_t)(end - line);
		for (; *found; found = strchrnul(found, '\n') + (*strchrnul(found, '\n') != '\0'))
			if (strncmp(found, line, len) == 0 &&
			    (found[len] == '\n' || !found[len] || found[len] == '\r'))
				break;
		if (len && !*found)
			return false;
	}
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dl_insert_entry entries[] = {
		{.head = "## Unreleased\n", .body = "\n- new\n"},
		{.version = "1.2.0", .head = "## [1.2.0] - 2026-01-14\n", .body = "\n### Added\n\n- one\n"},
	};
	struct fuzz_rest rest = {(const char *)data, size};
	struct dl_scope scope;
	const char *once, *twice;
	unsigned flags = fuzz_byte(&rest);
	size_t first = flags & 1, len, again;
	char *text;

	dl_scope_open(&scope, NULL);
	if (flags & 2)
		entries[1].body = fuzz_take(&scope.arena, &rest, '\0');
	text = fuzz_take(&scope.arena, &rest, '\0');
	len = strlen(text);
	once = dl_insert_text(&scope, text, entries + first, 2 - first, &len);
	if (!once) {
		HOLDS(fuzz_failed(&scope, DL_DATA));
		dl_scope_close(&scope);
		return 0;
	}
	again = len;
	twice = dl_insert_text(&scope, once, entries + first, 2 - first, &again);
	HOLDS(twice && again == len && memcmp(once, twice, len) == 0);
	/* Without a version that takes over what was unreleased, nothing moves. */
	if (!first && !strstr(text, opening))
		HOLDS(is_kept(text, once));
	dl_scope_close(&scope);
	return 0;
}
