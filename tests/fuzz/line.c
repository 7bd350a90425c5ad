/* Lines are what a reader finds who has the whole input at once. */
#include "lib/data/line.h"

#include <unistd.h>

#include "tests/fuzz/fuzz.h"

/* What dl_line_next must say of the LEN bytes of *START, which becomes their text: 1, -1, or 0 for a
 * line that it leaves out. */
static int expected(struct dl_scope *scope, char **start, size_t len)
{
	const struct dl_json *node;

	if (len > DL_CAP_LINE)
		return -1;
	for (; len && memchr(" \t\r", (*start)[len - 1], 3); len--)
		;
	for (; len && memchr(" \t", **start, 2); len--)
		++*start;
	(*start)[len] = '\0';
	if (!len || strlen(*start) != len)
		return len ? -1 : 0;
	node = **start == '{' ? dl_json_parse(scope, dl_arena_copy(&scope->arena, *start, len), len) : NULL;
	return **start != '{' || (node && dl_json_text(node, "type")) ? 1 : -1;
}

/* Reads the next line that comes of what LINES reads from, and checks it against NUMBER and the text. */
static void check_line(struct dl_lines *lines, long number, int result, const char *text)
{
	struct dl_scope scope;
	struct dl_line line;

	dl_scope_open(&scope, NULL);
	HOLDS(dl_line_next(&scope, lines, &line) == result);
	HOLDS(result == 0 || line.number == number);
	HOLDS(result <= 0 || (strcmp(line.text, text) == 0 && (line.node || line.ref == line.text)));
	HOLDS(result >= 0 || (fuzz_failed(&scope, DL_DATA) && dl_text_starts(scope.error.message, "line ")));
	dl_scope_close(&scope);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static FILE *file;
	struct dl_scope scope;
	struct dl_lines lines;
	struct dl_buf all;
	char *start, *end;
	long number = 0;
	int result;

	dl_scope_open(&scope, NULL);
	dl_buf_init(&all, &scope.arena, FUZZ_CAP);
	fuzz_stretch(&all, (struct fuzz_rest){(const char *)data, size});
	file = file ? file : tmpfile();
	HOLDS(file && ftruncate(fileno(file), 0) == 0);
	HOLDS(pwrite(fileno(file), all.data, all.len, 0) == (ssize_t)all.len);
	HOLDS(lseek(fileno(file), 0, SEEK_SET) == 0);
	dl_line_open(&lines, &scope.arena, fileno(file));
	for (start = all.data; start < all.data + all.len; start = end + 1) {
		end = memchr(start, '\n', (size_t)(all.data + all.len - start));
		end = end ? end : all.data + all.len;
		number++;
		result = expected(&scope, &start, (size_t)(end - start));
		if (result)
			check_line(&lines, number, result, start);
	}
	check_line(&lines, 0, 0, NULL);
	dl_scope_close(&scope);
	return 0;
}
