/* json: reading JSON strictly, and writing it. The only includer of jsmn.
 *
 * A document is scanned against RFC 8259 first (jsmn alone, even strict, accepts `[1 2]`, `{"a"}` and
 * `tru`), then split by jsmn, then turned into one block of nodes that point into the text. */
#ifndef DL_JSON_H
#define DL_JSON_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/fail.h"

struct dl_buf;
struct dl_scope;

enum dl_json_type {
	DL_JSON_NULL,
	DL_JSON_FALSE,
	DL_JSON_TRUE,
	DL_JSON_NUMBER,
	DL_JSON_STRING,
	DL_JSON_ARRAY,
	DL_JSON_OBJECT,
};

struct dl_json {
	enum dl_json_type type;
	const char *key;             /* the name of this member; NULL in an array and at the root */
	const char *text;            /* a string decoded, a number or word as written; NULL for containers */
	const struct dl_json *child; /* the first element or member; NULL: empty */
	const struct dl_json *next;  /* the sibling after this one */
};

/* Where a document breaks the grammar, and how. */
struct dl_json_fault {
	const char *why; /* NULL: it does not */
	size_t offset;
	int line;   /* from 1 */
	int column; /* from 1, in bytes */
};

/* dl_json_scan(text, len): checks one document: RFC 8259, at most 128 levels deep and 4194304 values
 * large, valid UTF-8, no U+0000 and no lone surrogate in a string, no byte order mark, nothing but white
 * space after it. The fault is at the first byte that cannot go on; of a string that does not end and of a
 * bad escape, at its start. */
struct dl_json_fault dl_json_scan(const char *text, size_t len);

/* dl_json_parse(scope, text, len): the root node of the document that dl_json_scan accepts; TEXT, which
 * must be followed by a writable NUL, is decoded in place and must outlive the nodes. Members with the
 * same name all stay. NULL and DL_DATA "malformed JSON at line L, column C: WHY"; TEXT is then unchanged. */
const struct dl_json *dl_json_parse(struct dl_scope *scope, char *text, size_t len);

/* dl_json_get(node, path): what PATH leads to below NODE, or NULL. A path is member names joined by dots;
 * `[]` after a name means the first element for which the rest leads somewhere; `|` separates
 * alternatives, the first that leads to something other than null wins. "" is NODE itself. NODE may be
 * NULL. Where nothing but null is found, that null is the result, so that it can be told from absence. Of
 * members with the same name the first counts. Names with '.', '[' or '|' have no path. */
const struct dl_json *dl_json_get(const struct dl_json *node, const char *path);

/* dl_json_string(node): the text of a string or number; NULL for everything else, and for NULL. */
const char *dl_json_string(const struct dl_json *node);

/* dl_json_int(node): the integer of a number, its fraction cut off, or of a string that spells an integer;
 * DL_INT_NONE (lib/base/text.h) for everything else, for a number with an exponent, and for NULL. */
int64_t dl_json_int(const struct dl_json *node);

/* dl_json_bool(node): 1, 0, or -1 for everything that is not a boolean, and for NULL. */
int dl_json_bool(const struct dl_json *node);

/* dl_json_text(node, path): dl_json_string of dl_json_get. */
const char *dl_json_text(const struct dl_json *node, const char *path);

/* dl_json_quote(buf, text, len): appends TEXT as a JSON string, quotes included. Characters that are
 * dl_text_unsafe are escaped, so that a line stays one line and may be shown on a terminal; each byte of
 * invalid UTF-8 becomes U+FFFD. */
void dl_json_quote(struct dl_buf *buf, const char *text, size_t len);

/* dl_json_write(buf, node): appends NODE as compact JSON: numbers as they were written, strings as
 * dl_json_quote has them; null when NODE is NULL. */
void dl_json_write(struct dl_buf *buf, const struct dl_json *node);

#endif
