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

/* dl_text_in(word, list): whether WORD stands in LIST, words separated by commas ("failure,cancelled"). An
 * empty or absent word stands in none. */
bool dl_text_in(const char *word, const char *list);

/* dl_text_match(pattern, text): shell-style match of the whole TEXT: `*`, `?` (one character); everything
 * else is itself. False when TEXT is NULL. */
bool dl_text_match(const char *pattern, const char *text);

/* dl_text_int(text): the decimal integer that the whole of TEXT spells, with an optional '-'; DL_INT_NONE
 * if it does not, does not fit, or is NULL. */
int64_t dl_text_int(const char *text);

/* dl_text_compare_digits(a, a_len, b, b_len): below 0, 0 or above 0: by the numbers that two strings of
 * decimal digits spell, which may have any length. An empty one is 0. */
int dl_text_compare_digits(const char *a, size_t a_len, const char *b, size_t b_len);

/* dl_text_is_sha(text): a full object name: 40 or 64 lower-case hexadecimal digits. */
bool dl_text_is_sha(const char *text);

/* dl_text_is_name(text): a safe single word: [A-Za-z0-9._-]+, not beginning with '-' or '.'. */
bool dl_text_is_name(const char *text);

/* dl_text_utf8(text, len): the length of the well-formed UTF-8 character at TEXT (1 to 4); 0: it is not
 * one, or LEN is 0. */
size_t dl_text_utf8(const char *text, size_t len);

/* dl_text_code(text, size): the code point of the well-formed character of SIZE bytes at TEXT. */
uint32_t dl_text_code(const char *text, size_t size);

/* dl_text_unsafe(code): whether the character must not reach a terminal or a message as it is: control
 * characters (U+0000 to U+001F, U+007F to U+009F), those that change the direction of text, and the line
 * and paragraph separators. */
bool dl_text_unsafe(uint32_t code);

/* dl_text_width(text): columns of TEXT on a terminal: wide characters count 2, combining ones 0; TEXT must
 * be clean. */
int dl_text_width(const char *text);

/* dl_text_clip(arena, text, columns): TEXT, or as much of it as fits COLUMNS with an ellipsis at its end;
 * "" for no columns. TEXT must be clean. */
const char *dl_text_clip(struct dl_arena *arena, const char *text, int columns);

/* dl_text_size(arena, bytes): a number of bytes for people: "999 B", "1.2 MB". */
const char *dl_text_size(struct dl_arena *arena, int64_t bytes);

/* dl_text_quote(arena, text): TEXT made safe for a message: the bytes of unsafe characters and of invalid
 * UTF-8 are written as \xHH; what would be longer than 200 bytes ends in an ellipsis there. NULL gives
 * "(none)". */
const char *dl_text_quote(struct dl_arena *arena, const char *text);

/* dl_text_clean(buf, text, len, colour): appends TEXT without what could drive a terminal: escape
 * sequences (CSI, OSC, DCS and their kin, 7 and 8 bit) and every other unsafe character except tab and
 * newline; invalid UTF-8 becomes U+FFFD. With COLOUR, SGR sequences (`ESC [ digits m`) stay. A sequence
 * cut off by the end, or by a newline, is dropped; so TEXT should be whole lines: what follows in the next
 * call is taken as text. */
void dl_text_clean(struct dl_buf *buf, const char *text, size_t len, bool colour);

/* dl_text_hash(hash, text): HASH, which begins as DL_TEXT_HASH, gone on with TEXT (NULL: as ""): FNV-1a,
 * http://www.isthe.com/chongo/tech/comp/fnv/. To find things, not to prove that they are the same. */
#define DL_TEXT_HASH UINT64_C(0xcbf29ce484222325)
uint64_t dl_text_hash(uint64_t hash, const char *text);

/* dl_text_word(arena, text): TEXT as a word of a command that a message tells people to run: as it is, or in
 * single quotes where a shell would not read it as that one word. What is unsafe or too long is written as
 * dl_text_quote does. */
const char *dl_text_word(struct dl_arena *arena, const char *text);

/* dl_text_shell(arena, text): TEXT as one word for a POSIX shell, in single quotes. */
const char *dl_text_shell(struct dl_arena *arena, const char *text);

/* dl_text_base64(buf, data, len): appends DATA in base64 (RFC 4648, section 4), padded, on one line. */
void dl_text_base64(struct dl_buf *buf, const void *data, size_t len);

/* dl_text_unbase64(arena, text): the text that TEXT is the base64 of, padded or not; NULL: it is none, or has
 * a NUL in it. */
char *dl_text_unbase64(struct dl_arena *arena, const char *text);

#endif
