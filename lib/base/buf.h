/* buf: growable bytes with a cap and a sticky overflow flag.
 *
 * Everything that data from outside can make grow is a buf with one of the caps below. Adding past the cap
 * changes nothing but the flag, so a writer adds in straight lines and asks once, with dl_buf_check, at the
 * end. The bytes are always followed by a NUL that is not counted. */
#ifndef DL_BUF_H
#define DL_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/fail.h"

struct dl_arena;

enum dl_cap {
	DL_CAP_PROC = 1 << 20,    /* what a helper program may print */
	DL_CAP_LINE = 1 << 20,    /* one record */
	DL_CAP_CONFIG = 1 << 20,  /* a configuration file */
	DL_CAP_HEAD = 64 << 10,   /* all header lines of an answer */
	DL_CAP_HISTORY = 1 << 30, /* all commits, tags or notes of a repository */
	DL_CAP_BODY = 32 << 20,   /* an answer that is parsed (what is streamed has no cap) */
	DL_CAP_ERROR = 64 << 10,  /* the body of an answer that says no */
};

struct dl_buf {
	struct dl_arena *arena;
	char *data;
	size_t len;
	size_t size;
	size_t cap;
	bool overflow;
};

/* dl_buf_init(buf, arena, cap): BUF is empty, holds at most CAP bytes, and lives in ARENA. */
void dl_buf_init(struct dl_buf *buf, struct dl_arena *arena, size_t cap);

/* dl_buf_reset(buf): BUF is empty, and keeps its memory. */
void dl_buf_reset(struct dl_buf *buf);

/* dl_buf_add(buf, data, len), dl_buf_puts(buf, string), dl_buf_putc(buf, byte), dl_buf_printf(buf, format,
 * ...): append. */
void dl_buf_add(struct dl_buf *buf, const void *data, size_t len);
void dl_buf_puts(struct dl_buf *buf, const char *string);
void dl_buf_putc(struct dl_buf *buf, char byte);
void dl_buf_printf(struct dl_buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* dl_buf_drop(buf, count): removes the first COUNT bytes. */
void dl_buf_drop(struct dl_buf *buf, size_t count);

/* dl_buf_check(scope, buf, what): 0, or -1 and DL_DATA "WHAT is larger than N bytes" when BUF overflowed. */
DL_MUST_CHECK int dl_buf_check(struct dl_scope *scope, const struct dl_buf *buf, const char *what);

#endif
