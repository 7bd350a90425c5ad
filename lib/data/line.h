/* line: what comes in on standard input: one record or one bare ref per line. */
#ifndef DL_LINE_H
#define DL_LINE_H

#include "lib/base/buf.h"
#include "lib/base/fail.h"
#include "lib/data/json.h"

struct dl_scope;

struct dl_lines {
	int fd;
	long number; /* of the line read last, from 1 */
	struct dl_buf buf; /* read and not yet given out */
	bool eof;
};

struct dl_line {
	long number;
	const char *text;           /* the line as it came, without its end */
	const char *type;           /* of a record; NULL: the line is a bare ref */
	const char *ref;            /* NULL: a record without one */
	const struct dl_json *node; /* the record; NULL: a bare ref */
};

/* dl_line_open(lines, arena, fd): LINES reads FD, which is borrowed; its buffer lives in ARENA. */
void dl_line_open(struct dl_lines *lines, struct dl_arena *arena, int fd);

/* dl_line_next(scope, lines, line): 1 with the next line that is not blank, in SCOPE; 0 at the end; -1:
 * DL_DATA "line N: WHY" for one that is no record and no ref, or is over DL_CAP_LINE (the call after that
 * goes on behind it), DL_SYSTEM when reading fails. */
DL_MUST_CHECK int dl_line_next(struct dl_scope *scope, struct dl_lines *lines, struct dl_line *line);

/* dl_line_ready(lines): whether the next call will not have to wait for what has not been written yet. */
bool dl_line_ready(const struct dl_lines *lines);

#endif
