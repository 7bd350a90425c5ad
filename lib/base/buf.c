#include "lib/base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/scope.h"

void dl_buf_init(struct dl_buf *buf, struct dl_arena *arena, size_t cap)
{
	memset(buf, 0, sizeof *buf);
	buf->arena = arena;
	buf->cap = cap;
	buf->data = dl_arena_alloc(arena, 1);
	buf->size = 1;
}

void dl_buf_reset(struct dl_buf *buf)
{
	buf->len = 0;
	buf->data[0] = '\0';
	buf->overflow = false;
}

static bool grow(struct dl_buf *buf, size_t more)
{
	size_t size = buf->size;

	if (buf->overflow || more > buf->cap - buf->len) {
		buf->overflow = true;
		return false;
	}
	while (size <= buf->len + more)
		size = size < 64 ? 64 : size * 2;
	if (size > buf->cap + 1)
		size = buf->cap + 1;
	if (size > buf->size) {
		buf->data = dl_arena_grow(buf->arena, buf->data, buf->size, size);
		buf->size = size;
	}
	return true;
}

/* Makes room for MORE bytes and the NUL; false, and the flag set, when that is over the cap. */
static inline bool reserve(struct dl_buf *buf, size_t more)
{
	return (!buf->overflow && more < buf->size - buf->len) || grow(buf, more);
}

void dl_buf_add(struct dl_buf *buf, const void *data, size_t len)
{
	if (!len || !reserve(buf, len))
		return;
	memcpy(buf->data + buf->len, data, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
}

void dl_buf_puts(struct dl_buf *buf, const char *string)
{
	dl_buf_add(buf, string, strlen(string));
}

void dl_buf_putc(struct dl_buf *buf, char byte)
{
	if (!reserve(buf, 1))
		return;
	buf->data[buf->len++] = byte;
	buf->data[buf->len] = '\0';
}

void dl_buf_printf(struct dl_buf *buf, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	DL_BUG_IF(len < 0);
	if (!reserve(buf, (size_t)len))
		return;
	va_start(args, format);
	vsnprintf(buf->data + buf->len, (size_t)len + 1, format, args);
	va_end(args);
	buf->len += (size_t)len;
}

void dl_buf_drop(struct dl_buf *buf, size_t count)
{
	DL_BUG_IF(count > buf->len);
	memmove(buf->data, buf->data + count, buf->len - count + 1);
	buf->len -= count;
}

int dl_buf_check(struct dl_scope *scope, const struct dl_buf *buf, const char *what)
{
	if (!buf->overflow)
		return 0;
	return dl_fail(scope, DL_DATA, "%s is larger than %zu bytes", what, buf->cap);
}
