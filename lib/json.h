/* json: reading JSON strictly, and writing it. The only includer of jsmn.
 *
 * A document is scanned against RFC 8259 first (jsmn alone, even strict, accepts `[1 2]`, `{"a"}` and `tru`), then
 * split by jsmn, then turned into one block of nodes that point into the text. */
#ifndef DL_JSON_H
#define DL_JSON_H

#include <stddef.h>
#include <stdint.h>

#include "lib/fail.h"

struct dl_buf;
struct dl_scope;

enum dl_json_type { DL_JSON_NULL, DL_JSON_FALSE, DL_JSON_TRUE, DL_JSON_NUMBER, DL_JSON_STRING, DL_JSON_ARRAY, DL_JSON_OBJECT };

struct dl_json {
	enum dl_json_type type;
	const char *key;  /* the name of this member; NULL in an array and at the root */
	const char *text; /* a string decoded, a number or word as written; NUL-terminated; NULL for arrays and objects */
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

/* dl_json_scan(text, len): checks one document: RFC 8259, at most 128 levels deep, valid UTF-8, no U+0000 and no lone surrogate in
 * a string, no byte order mark, nothing but white space after it. */
struct dl_json_fault dl_json_scan(const char *text, size_t len);

/* dl_json_parse(scope, text, len): the root node of the document; TEXT, which must be followed by a writable NUL, is decoded in
 * place and must outlive the nodes. NULL and DL_DATA "malformed JSON at line L, column C: WHY". */
const struct dl_json *dl_json_parse(struct dl_scope *scope, char *text, size_t len);

/* dl_json_get(node, path): what PATH leads to below NODE, or NULL. A path is member names joined by dots; `[]` after a name means
 * the first element for which the rest leads somewhere; `|` separates alternatives, the first that leads to
 * something other than null wins. "" is NODE itself. NODE may be NULL. */
const struct dl_json *dl_json_get(const struct dl_json *node, const char *path);

/* dl_json_string(node): the text of a string or number; NULL for everything else, and for NULL. */
const char *dl_json_string(const struct dl_json *node);

/* dl_json_int(node): the integer of a number or of a string that spells one; DL_INT_NONE (lib/text.h) for everything else. */
int64_t dl_json_int(const struct dl_json *node);

/* dl_json_bool(node): 1, 0, or -1 for everything that is not a boolean. */
int dl_json_bool(const struct dl_json *node);

/* dl_json_text(node, path): dl_json_string of dl_json_get. */
const char *dl_json_text(const struct dl_json *node, const char *path);

/* dl_json_quote(buf, text, len): appends TEXT as a JSON string, quotes included. Control characters are escaped; invalid UTF-8
 * becomes U+FFFD, so the result is always valid. */
void dl_json_quote(struct dl_buf *buf, const char *text, size_t len);

/* dl_json_write(buf, node): appends NODE as compact JSON. */
void dl_json_write(struct dl_buf *buf, const struct dl_json *node);

#endif
