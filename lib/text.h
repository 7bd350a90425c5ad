/* text: pure helpers for strings. Nothing here allocates but through a buf or an arena. */
#ifndef DL_TEXT_H
#define DL_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dl_arena;
struct dl_buf;

#define DL_INT_NONE INT64_MIN /* an absent number */

/* dl_text_same(a, b): equal strings, or both NULL. */
bool dl_text_same(const char *a, const char *b);

/* dl_text_starts(text, prefix), dl_text_ends(text, suffix): as they say; false when TEXT is NULL. */
bool dl_text_starts(const char *text, const char *prefix);
bool dl_text_ends(const char *text, const char *suffix);

/* dl_text_in(word, list): whether WORD stands in LIST, words separated by commas ("failure,cancelled"). */
bool dl_text_in(const char *word, const char *list);

/* dl_text_match(pattern, text): shell-style match of the whole TEXT: `*`, `?`; everything else is itself. */
bool dl_text_match(const char *pattern, const char *text);

/* dl_text_int(text): the decimal integer that the whole of TEXT spells; DL_INT_NONE if it does not, or does not fit. */
int64_t dl_text_int(const char *text);

/* dl_text_is_sha(text): a full object name: 40 or 64 lower-case hexadecimal digits. */
bool dl_text_is_sha(const char *text);

/* dl_text_is_name(text): a safe single word: [A-Za-z0-9._-]+, not beginning with '-' or '.'. */
bool dl_text_is_name(const char *text);

/* dl_text_utf8(text, len): the length of the well-formed UTF-8 character at TEXT (1 to 4); 0: it is not one, or LEN is 0. */
size_t dl_text_utf8(const char *text, size_t len);

/* dl_text_width(text): columns of TEXT on a terminal: wide characters count 2, combining ones 0; TEXT must be clean. */
int dl_text_width(const char *text);

/* dl_text_clip(arena, text, columns): TEXT, or as much of it as fits COLUMNS with an ellipsis at its end. */
const char *dl_text_clip(struct dl_arena *arena, const char *text, int columns);

/* dl_text_quote(arena, text): TEXT made safe for a message: control bytes, invalid UTF-8 and characters that change the
 * direction of text are written as \xHH; over 200 bytes it ends in an ellipsis. NULL gives "(none)". */
const char *dl_text_quote(struct dl_arena *arena, const char *text);

/* dl_text_clean(buf, text, len, colour): appends TEXT without what could drive a terminal: escape sequences (CSI, OSC, DCS
 * and their kin, 7 and 8 bit), other control characters except tab and newline, bidirectional controls; invalid
 * UTF-8 becomes U+FFFD. With COLOUR, SGR sequences (`ESC [ digits m`) stay. A sequence cut off by the end is dropped. */
void dl_text_clean(struct dl_buf *buf, const char *text, size_t len, bool colour);

#endif
