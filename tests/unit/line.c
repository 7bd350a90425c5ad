#include "lib/data/line.h"

#include <unistd.h>

#include "lib/base/scope.h"
#include "tests/unit/check.h"

/* What each call of dl_line_next gives for an input: a number for its result, then the ref or the message. */
static void read_all(const char *name, const char *input, size_t len, const char *expected)
{
	struct dl_scope scope, one;
	struct dl_lines lines;
	struct dl_line line;
	struct dl_buf got;
	int pipes[2], result;

	if (pipe(pipes) || write(pipes[1], input, len) != (ssize_t)len)
		return;
	close(pipes[1]);
	dl_scope_open(&scope, NULL);
	dl_buf_init(&got, &scope.arena, DL_CAP_LINE);
	dl_line_open(&lines, &scope.arena, pipes[0]);
	do {
		dl_scope_open(&one, NULL);
		result = dl_line_next(&one, &lines, &line);
		if (result > 0)
			dl_buf_printf(&got, "%ld:%s:%s ", line.number, line.type ? line.type : "",
				      line.ref ? line.ref : "");
		if (result < 0)
			dl_buf_printf(&got, "!%.7s ", one.error.message);
		dl_scope_close(&one);
	} while (result != 0);
	check_text("lines", name, got.data, expected);
	close(pipes[0]);
	dl_scope_close(&scope);
}

#define READ(name, input, expected) read_all(name, input, sizeof input - 1, expected)

static void test_long_line(void)
{
	static char input[DL_CAP_LINE + 64];
	struct dl_scope scope, one;
	struct dl_lines lines;
	struct dl_line line;
	FILE *file = tmpfile();

	memset(input, 'a', sizeof input);
	memcpy(input + sizeof input - 8, "\nx:/run\n", 8);
	if (!file || fwrite(input, 1, sizeof input, file) != sizeof input)
		return;
	rewind(file);
	dl_scope_open(&scope, NULL);
	dl_line_open(&lines, &scope.arena, fileno(file));
	dl_scope_open(&one, NULL);
	check_int("long line", "is refused", dl_line_next(&one, &lines, &line), -1);
	check_int("long line", "as data", one.error.class, DL_DATA);
	dl_scope_close(&one);
	dl_scope_open(&one, NULL);
	check_int("long line", "and the next one is read", dl_line_next(&one, &lines, &line), 1);
	check_text("long line", "and the next one is read", line.ref, "x:/run");
	check_int("long line", "with its number", line.number, 2);
	dl_scope_close(&one);
	dl_scope_close(&scope);
	fclose(file);
}

int main(void)
{
	READ("nothing", "", "");
	READ("blank lines", "\n \n\t\r\n", "");
	READ("bare refs", "a:b/run/1\nc:d/run/2\n", "1::a:b/run/1 2::c:d/run/2 ");
	READ("no last newline", "a:b/run/1", "1::a:b/run/1 ");
	READ("DOS line ends", "a:b/run/1\r\n\r\nc:d/run/2\r\n", "1::a:b/run/1 3::c:d/run/2 ");
	READ("spaces around", "  a:b/run/1  \n", "1::a:b/run/1 ");
	READ("a record", "{\"type\":\"run\",\"ref\":\"a:b/run/1\"}\n", "1:run:a:b/run/1 ");
	READ("a record without a ref", "{\"type\":\"summary\",\"ref\":null}\n", "1:summary: ");
	READ("a record without a type", "{\"ref\":\"a:b/run/1\"}\n", "!line 1: ");
	READ("malformed JSON, and on", "{\"type\":\n{\"type\":\"run\",\"ref\":\"r\"}\n", "!line 1: 2:run:r ");
	READ("a NUL byte, and on", "a\0b\nc:d/run/1\n", "!line 1: 2::c:d/run/1 ");
	test_long_line();
	return check_end("line");
}
