#include "lib/net/body.h"

#include <stdlib.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "tests/unit/check.h"

enum { LEN = 100001, STEPS = 5 };

static char bytes[LEN];

static int file_of_bytes(void)
{
	char path[] = "/tmp/dl-body-XXXXXX";
	int fd = mkstemp(path);
	size_t i;

	unlink(path);
	for (i = 0; i < LEN; i++)
		bytes[i] = (char)(i * i >> 3);
	return write(fd, bytes, LEN) == LEN ? fd : -1;
}

/* Reads BODY piece by piece, each of at most STEP bytes, and compares it with WANT. */
static void check_steps(struct dl_scope *scope, const struct dl_body *body, size_t step,
			const struct dl_buf *want)
{
	char *got = dl_arena_alloc(&scope->arena, want->len + step);
	ssize_t count;
	size_t at = 0;

	while (at <= want->len && (count = dl_body_read(scope, body, (int64_t)at, got + at, step)) > 0)
		at += (size_t)count;
	check_int("steps", "size", dl_body_size(body), (int64_t)want->len);
	check_true("steps", "content", at == want->len && memcmp(got, want->data, at) == 0);
}

int main(void)
{
	static const size_t steps[STEPS] = {1, 3, 4096, 65536, 1 << 20};
	int fd = file_of_bytes();
	struct dl_body_piece pieces[] = {
		{.text = "begin", .len = 5},
		{.text = "", .len = 0},
		{.fd = fd, .offset = 1, .len = LEN - 2},
		{.fd = fd, .offset = 2, .len = LEN - 2, .base64 = true},
		{.fd = fd, .len = 0, .base64 = true},
		{.text = "ends", .len = 4, .base64 = true},
		{.text = "\0", .len = 1},
	};
	struct dl_body body = {pieces, sizeof pieces / sizeof *pieces, NULL};
	struct dl_scope scope;
	struct dl_buf want;
	char byte;
	size_t i;

	dl_scope_open(&scope, NULL);
	dl_buf_init(&want, &scope.arena, DL_CAP_LINE);
	dl_buf_puts(&want, "begin");
	dl_buf_add(&want, bytes + 1, LEN - 2);
	dl_text_base64(&want, bytes + 2, LEN - 2);
	dl_text_base64(&want, "ends", 4);
	dl_buf_putc(&want, '\0');
	for (i = 0; i < STEPS; i++)
		check_steps(&scope, &body, steps[i], &want);
	check_int("end", "beyond it", dl_body_read(&scope, &body, (int64_t)want.len + 5, &byte, 1), 0);
	pieces[2].len = LEN;
	check_int("shorter", "before its end", dl_body_read(&scope, &body, 5, &byte, 1), 1);
	check_int("shorter", "at its end", dl_body_read(&scope, &body, 5 + LEN - 1, &byte, 1), -1);
	check_int("shorter", "class", scope.error.class, DL_SYSTEM);
	dl_scope_close(&scope);
	close(fd);
	return check_end("body");
}
