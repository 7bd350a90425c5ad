/* out: standard output as a sink: lines, one field of each record, or an aligned table. */
#ifndef DL_OUT_H
#define DL_OUT_H

#include <stdbool.h>
#include <stdio.h>

#include "lib/base/buf.h"
#include "lib/base/fail.h"
#include "lib/base/scope.h"
#include "lib/data/sink.h"

struct dl_column;

enum dl_out_mode {
	DL_OUT_LINES,  /* one JSON object per line */
	DL_OUT_FIELDS, /* the raw values of the named members, separated by tabs, on one line per record */
	DL_OUT_TABLE,  /* columns for people: the first records decide their widths, the rest flows */
};

struct dl_out_row;

struct dl_out {
	struct dl_sink sink;
	enum dl_out_mode mode;
	const char *fields;   /* names separated by commas, with DL_OUT_FIELDS */
	FILE *file;           /* borrowed */
	bool colour;
	int columns;          /* of the terminal; 0: unlimited */
	bool closed;          /* the reader has gone: that is no failure, only the end */
	size_t count;         /* records and pieces of text taken so far */
	struct dl_scope rows; /* the rows that wait for their widths */
	struct dl_out_row *first, *last;
	size_t waiting;
	const struct dl_schema *schema; /* of the table's rows */
	int *widths;          /* one per column; NULL: not decided yet */
	int room;             /* what they leave of a line */
	struct dl_buf line;
};

/* dl_out_open(out, scope, file, mode, fields): OUT prints to FILE; its memory lives in SCOPE. Colour and
 * width are those of the terminal that FILE is, if it is one (NO_COLOR, TERM=dumb: no colour). */
void dl_out_open(struct dl_out *out, struct dl_scope *scope, FILE *file, enum dl_out_mode mode,
		 const char *fields);

/* dl_out_flush(scope, out): what has been put is printed. DL_SYSTEM when that cannot be. Returns DL_ENOUGH
 * when the reader has gone. */
DL_MUST_CHECK int dl_out_flush(struct dl_scope *scope, struct dl_out *out);

/* dl_out_text(scope, out, data, len): prints bytes that are no record. As dl_out_flush, which is still to be
 * called. */
DL_MUST_CHECK int dl_out_text(struct dl_scope *scope, struct dl_out *out, const char *data, size_t len);

/* dl_out_close(out): frees the rows that wait; prints nothing. */
void dl_out_close(struct dl_out *out);

/* dl_out_cell(scope, schema, column, record): what stands in COLUMN of a table for RECORD, on one line,
 * without what could drive a terminal; "-" for null. */
const char *dl_out_cell(struct dl_scope *scope, const struct dl_schema *schema,
			const struct dl_column *column, const void *record);

/* dl_out_rewrites(file): whether FILE is a terminal on which a line can be replaced by another one. */
bool dl_out_rewrites(FILE *file);

/* dl_out_columns(file): the width of the terminal that FILE is (COLUMNS wins); 0: it is none. */
int dl_out_columns(FILE *file);

#endif
