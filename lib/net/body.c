#include "lib/net/body.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"

enum { GROUPS = 8192 }; /* of base64, which are encoded at once */

static int64_t piece_size(const struct dl_body_piece *piece)
{
	return piece->base64 ? (piece->len + 2) / 3 * 4 : piece->len;
}

int64_t dl_body_size(const struct dl_body *body)
{
	int64_t size = 0;
	size_t i;

	for (i = 0; i < body->count; i++)
		size += piece_size(&body->pieces[i]);
	return size;
}

/* Copies up to SIZE bytes of what PIECE holds from AT on; 0 only at its end. */
static ssize_t copy_plain(struct dl_scope *scope, const struct dl_body_piece *piece, int64_t at, char *data,
			  size_t size)
{
	ssize_t count;

	if ((int64_t)size > piece->len - at)
		size = (size_t)(piece->len - at);
	if (piece->text) {
		memcpy(data, piece->text + at, size);
		return (ssize_t)size;
	}
	do
		count = pread(piece->fd, data, size, piece->offset + at);
	while (count < 0 && errno == EINTR);
	if (count < 0)
		return dl_fail_errno(scope, "cannot read the file that is being sent");
	if (count == 0 && size)
		return dl_fail(scope, DL_SYSTEM, "the file that is being sent has become shorter");
	return count;
}

/* The same for what it is encoded to. A group of four digits stands for three bytes. */
static ssize_t copy_encoded(struct dl_scope *scope, const struct dl_body_piece *piece, int64_t at, char *data,
			    size_t size)
{
	size_t skip = (size_t)(at % 4), want = ((skip + size + 3) / 4) * 3, len = 0;
	char plain[3 * GROUPS];
	struct dl_scope scratch;
	struct dl_buf digits;
	ssize_t count = 0;

	if (want > sizeof plain)
		want = sizeof plain;
	if ((int64_t)want > piece->len - at / 4 * 3)
		want = (size_t)(piece->len - at / 4 * 3);
	for (; len < want; len += (size_t)count) {
		count = copy_plain(scope, piece, at / 4 * 3 + (int64_t)len, plain + len, want - len);
		if (count < 0)
			return -1;
	}
	dl_scope_open(&scratch, scope);
	dl_buf_init(&digits, &scratch.arena, 4 * GROUPS);
	dl_text_base64(&digits, plain, len);
	if (size > digits.len - skip)
		size = digits.len - skip;
	memcpy(data, digits.data + skip, size);
	return dl_scope_close(&scratch) ? -1 : (ssize_t)size;
}

ssize_t dl_body_read(struct dl_scope *scope, const struct dl_body *body, int64_t at, char *data, size_t size)
{
	const struct dl_body_piece *piece = body->pieces, *end = piece + body->count;

	for (; piece < end && at >= piece_size(piece); piece++)
		at -= piece_size(piece);
	if (piece == end)
		return 0;
	return piece->base64 ? copy_encoded(scope, piece, at, data, size)
			     : copy_plain(scope, piece, at, data, size);
}
