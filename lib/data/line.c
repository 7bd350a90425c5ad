#include "lib/data/line.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"

void dl_line_open(struct dl_lines *lines, struct dl_arena *arena, int fd)
{
	memset(lines, 0, sizeof *lines);
	lines->fd = fd;
	dl_buf_init(&lines->buf, arena, DL_CAP_LINE + 1);
}

/* Reads until the buffer has a line's end, is full, or the input is over. -1: failed. */
static int fill(struct dl_scope *scope, struct dl_lines *lines)
{
	char chunk[16 << 10];
	ssize_t got;
	size_t want;

	while (!lines->eof && !memchr(lines->buf.data, '\n', lines->buf.len) &&
	       lines->buf.len < lines->buf.cap) {
		want = lines->buf.cap - lines->buf.len;
		got = read(lines->fd, chunk, want < sizeof chunk ? want : sizeof chunk);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return dl_fail_errno(scope, "standard input");
		lines->eof = got == 0;
		dl_buf_add(&lines->buf, chunk, (size_t)got);
	}
	return 0;
}

/* Drops the rest of a line that is too long. */
static int skip_line(struct dl_scope *scope, struct dl_lines *lines)
{
	char *end;

	while (!(end = memchr(lines->buf.data, '\n', lines->buf.len)) && !lines->eof) {
		dl_buf_reset(&lines->buf);
		if (fill(scope, lines))
			return -1;
	}
	dl_buf_drop(&lines->buf, end ? (size_t)(end - lines->buf.data) + 1 : lines->buf.len);
	return dl_fail(scope, DL_DATA, "line %ld is longer than %d bytes", lines->number, DL_CAP_LINE);
}

/* Takes the line's text apart. */
static int understand(struct dl_scope *scope, struct dl_line *line, size_t len)
{
	char *copy;

	if (strlen(line->text) != len)
		return dl_fail(scope, DL_DATA, "line %ld: it has a NUL byte", line->number);
	if (line->text[0] != '{') {
		line->ref = line->text;
		return 1;
	}
	copy = dl_arena_copy(&scope->arena, line->text, len);
	line->node = dl_json_parse(scope, copy, len);
	if (!line->node)
		return dl_fail_prefix(scope, "line %ld", line->number);
	line->type = dl_json_text(line->node, "type");
	line->ref = dl_json_text(line->node, "ref");
	if (!line->type)
		return dl_fail(scope, DL_DATA, "line %ld: it is no record: it has no type", line->number);
	return 1;
}

int dl_line_next(struct dl_scope *scope, struct dl_lines *lines, struct dl_line *line)
{
	const char *end, *start;
	size_t len, taken;

	for (;;) {
		memset(line, 0, sizeof *line);
		if (fill(scope, lines))
			return -1;
		if (!lines->buf.len)
			return 0;
		line->number = ++lines->number;
		start = lines->buf.data;
		end = memchr(start, '\n', lines->buf.len);
		if (!end && !lines->eof)
			return skip_line(scope, lines);
		len = end ? (size_t)(end - start) : lines->buf.len;
		taken = end ? len + 1 : len;
		for (; len && strchr(" \t\r", start[len - 1]) && start[len - 1]; len--)
			;
		for (; len && (*start == ' ' || *start == '\t'); start++)
			len--;
		line->text = dl_arena_copy(&scope->arena, start, len);
		dl_buf_drop(&lines->buf, taken);
		if (len)
			return understand(scope, line, len);
	}
}

bool dl_line_ready(const struct dl_lines *lines)
{
	struct pollfd input = {.fd = lines->fd, .events = POLLIN};

	return lines->eof || memchr(lines->buf.data, '\n', lines->buf.len) || poll(&input, 1, 0) != 0;
}
