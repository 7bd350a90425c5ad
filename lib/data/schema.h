/* schema: what a record consists of, as a table that every reader and writer of records interprets.
 *
 * One row per member. From the same table come: the line that is printed (dl_schema_encode), the struct read
 * back from a line (dl_schema_decode), the struct filled from a provider's JSON (dl_schema_map), the table on
 * a terminal (lib/program/out.h),
 * `-F` and the documentation (dl-show --fields, dl-lines(5)). */
#ifndef DL_SCHEMA_H
#define DL_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/fail.h"

struct dl_buf;
struct dl_json;
struct dl_scope;
struct dl_schema;

/* How a member is stored, and what it is in JSON. Every type has a value that is written as null. */
enum dl_type {
	DL_TYPE_TEXT,	/* const char *, NULL: null */
	DL_TYPE_NUMBER, /* int64_t, DL_INT_NONE: null */
	DL_TYPE_TIME, /* int64_t seconds since 1970, DL_TIME_NONE and outside 0000 to 9999: null; RFC 3339 in
			 JSON */
	DL_TYPE_FLAG, /* int 0 or 1, -1: null */
	DL_TYPE_WORD, /* int, an index into .words, 0: null */
	DL_TYPE_JSON, /* const char *, JSON text as it is, NULL: null */
	DL_TYPE_LIST, /* struct dl_list of .sub records, never null */
};

struct dl_list {
	const void *items;
	size_t count;
};

struct dl_field {
	const char *name; /* the C member, the JSON key and the term in the man page; NULL ends the table */
	enum dl_type type;
	size_t offset;
	const char *doc;
	const char *const *words;
	const struct dl_schema *sub;
};

/* How a column of the table on a terminal shows a field. */
enum dl_show {
	DL_SHOW_TEXT,  /* cut where there is no room; all others but names are not */
	DL_SHOW_STATE, /* a word, coloured */
	DL_SHOW_REF,   /* the last column */
	DL_SHOW_AGE,   /* of a time: how long it is ago */
	DL_SHOW_SPAN,  /* of seconds */
	DL_SHOW_SHA,   /* the beginning of a hash */
	DL_SHOW_SIZE,  /* of bytes */
	DL_SHOW_NAMES, /* of a list: the names of its items */
};

struct dl_column {
	const char *title; /* NULL ends the table */
	const char *field; /* `a|b`: b where a is null */
	enum dl_show show;
	int width;         /* at most so many columns, in characters; 0: no limit */
};

struct dl_schema {
	const char *type;
	size_t size; /* of the struct */
	const struct dl_field *fields;
	const struct dl_column *columns;
	const char *doc;
};

/* One row of a provider's map: where in its JSON a field comes from. "metadata.title" adds the member "title"
 * to the object in the field "metadata". */
struct dl_map {
	const char *field; /* NULL ends the map */
	const char *path;  /* as in dl_json_get; "" in the first row: of a list of texts, not of objects */
	enum { DL_AS_IS, DL_FROM_MS, DL_FROM_EPOCH_S } unit; /* of numbers that become times or durations */
};

/* dl_schema_new(scope, schema): a record in which everything is null. */
void *dl_schema_new(struct dl_scope *scope, const struct dl_schema *schema);

/* dl_schema_copy(scope, schema, record): a copy of RECORD, with all that it points to, in SCOPE. */
void *dl_schema_copy(struct dl_scope *scope, const struct dl_schema *schema, const void *record);

/* dl_schema_field(schema, name): its row; NULL: the record has no such member. */
const struct dl_field *dl_schema_field(const struct dl_schema *schema, const char *name);

/* dl_schema_map(scope, schema, map, node, record): fills RECORD from a provider's JSON; what the map does not
 * name keeps its value, what the JSON lacks becomes null. DL_DATA "FIELD: expected TYPE" when a value is of a
 * type that cannot be meant. */
DL_MUST_CHECK int dl_schema_map(struct dl_scope *scope, const struct dl_schema *schema,
				const struct dl_map *map, const struct dl_json *node, void *record);

/* dl_schema_decode(scope, schema, node, record): the same for a line of our own, member by member. */
DL_MUST_CHECK int dl_schema_decode(struct dl_scope *scope, const struct dl_schema *schema,
				   const struct dl_json *node, void *record);

/* dl_schema_encode(schema, record, buf): appends RECORD as one JSON object without a newline: `type` first,
 * then every field. */
void dl_schema_encode(const struct dl_schema *schema, const void *record, struct dl_buf *buf);

/* dl_schema_value(field, record, buf): appends the raw value of one member, as `-F` prints it; null appends
 * nothing. */
void dl_schema_value(const struct dl_field *field, const void *record, struct dl_buf *buf);

/* dl_schema_null(field, record): whether that member is null. */
bool dl_schema_null(const struct dl_field *field, const void *record);

/* dl_schema_int(field, record): the member of a field that is stored as a number. */
int64_t dl_schema_int(const struct dl_field *field, const void *record);

/* dl_schema_list(field, record): the member of a field that is stored as a list; it is the record's. */
const struct dl_list *dl_schema_list(const struct dl_field *field, const void *record);

#endif
