/* fuzz: what every fuzzing target begins with.
 *
 * A target tests/fuzz/NAME.c defines LLVMFuzzerTestOneInput alone. libFuzzer calls it with inputs that
 * it makes up, and tests/fuzz/lib/main.c with the files of tests/fuzz/corpus/NAME: hand-made edge cases,
 * what has been found, and, named after who sent them, small pieces of the recordings in tests/cassette. */
#ifndef DL_FUZZ_H
#define DL_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"

/* What is true for every input. Where it is not, the input is kept. */
#define HOLDS(condition)                                                                              \
	do {                                                                                          \
		if (!(condition)) {                                                                   \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
			abort();                                                                      \
		}                                                                                     \
	} while (0)

enum { FUZZ_CAP = 64 << 20, FUZZ_RUN = DL_CAP_LINE / 4 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What of an input has not been used. */
struct fuzz_rest {
	const char *data;
	size_t len;
};

/* fuzz_take(arena, rest, end): what REST begins with, up to a byte END, which is dropped, or all of it. */
static inline char *fuzz_take(struct dl_arena *arena, struct fuzz_rest *rest, char end)
{
	const char *stop = rest->len ? memchr(rest->data, end, rest->len) : NULL;
	size_t len = stop ? (size_t)(stop - rest->data) : rest->len, used = stop ? len + 1 : len;
	char *part = dl_arena_copy(arena, rest->data, len);

	if (used)
		rest->data += used;
	rest->len -= used;
	return part;
}

/* fuzz_byte(rest): takes one byte; 0 when there is none. */
static inline unsigned int fuzz_byte(struct fuzz_rest *rest)
{
	if (!rest->len)
		return 0;
	rest->len--;
	return (unsigned char)*rest->data++;
}

/* fuzz_stretch(buf, rest): appends REST. Behind a first byte 0x02, which is dropped, up to five bytes
 * 0x01 stand for FUZZ_RUN letters each, so that small inputs reach the caps of lines, and most are as
 * quick as they are small. */
static inline void fuzz_stretch(struct dl_buf *buf, struct fuzz_rest rest)
{
	int runs = rest.len && *rest.data == 2 ? 5 : 0;
	static char letters[FUZZ_RUN];
	const char *data = rest.data + (runs > 0), *end = rest.data + rest.len;

	memset(letters, 'a', sizeof letters);
	for (; data < end; data++) {
		if (*data == 1 && runs > 0 && runs--)
			dl_buf_add(buf, letters, sizeof letters);
		else
			dl_buf_putc(buf, *data);
	}
}

/* fuzz_clean(text, len): whether TEXT may be shown on a terminal: it is UTF-8, and tab and newline are
 * its only control characters. */
static inline bool fuzz_clean(const char *text, size_t len)
{
	size_t size;

	for (; len; text += size, len -= size) {
		size = dl_text_utf8(text, len);
		if (!size || (dl_text_unsafe(dl_text_code(text, size)) && *text != '\t' && *text != '\n'))
			return false;
	}
	return true;
}

/* fuzz_failed(scope, class): whether SCOPE has failed as CLASS, with a message that may be shown. */
static inline bool fuzz_failed(const struct dl_scope *scope, enum dl_class class)
{
	const char *message = scope->error.message;

	return scope->error.class == class && *message && fuzz_clean(message, strlen(message));
}

#endif
