/* arena, scope, buf and fail: what everything else stands on. */
#include "lib/base/arena.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/fail.h"
#include "lib/base/scope.h"
#include "tests/unit/check.h"

static bool is_zero(const char *piece, size_t size)
{
	while (size && !piece[size - 1])
		size--;
	return size == 0;
}

static void test_alloc(void)
{
	static const size_t sizes[] = {0, 1, 7, 16, 100, 4096, 4097, 16384, 16385, 1000000};
	struct dl_arena arena = {0};
	bool zero = true, aligned = true, apart = true;
	char *piece, *last = NULL;
	size_t i, round;

	for (round = 0; round < 50; round++) {
		for (i = 0; i < sizeof sizes / sizeof *sizes; i++) {
			piece = dl_arena_alloc(&arena, sizes[i]);
			zero = zero && is_zero(piece, sizes[i]);
			aligned = aligned && (uintptr_t)piece % _Alignof(max_align_t) == 0;
			apart = apart && piece != last;
			memset(piece, 0xAA, sizes[i]);
			last = piece;
		}
		if (round % 10 == 9)
			dl_arena_free(&arena);
	}
	check_true("alloc", "pieces are zeroed", zero);
	check_true("alloc", "pieces are aligned", aligned);
	check_true("alloc", "pieces are apart", apart);
	check_true("alloc", "a freed arena is empty", !arena.blocks);
	check_true("array", "is zeroed", is_zero(dl_arena_array(&arena, 1000, 24), 24000));
	dl_arena_free(&arena);
	dl_arena_free(&arena);
}

/* Two pieces that grow in turns, beside a third that must not change. */
static void test_grow(void)
{
	struct dl_arena arena = {0};
	char *pieces[2] = {NULL, NULL}, *still = dl_arena_string(&arena, "still");
	size_t size = 0, want, i;
	bool kept = true, zero = true;

	for (want = 1; want < 300000; want = want * 3 / 2 + 1) {
		for (i = 0; i < 2; i++) {
			pieces[i] = dl_arena_grow(&arena, pieces[i], size, want);
			zero = zero && is_zero(pieces[i] + size, want - size);
			memset(pieces[i] + size, 'a' + (int)i, want - size);
		}
		size = want;
	}
	for (i = 0; i < size; i++)
		kept = kept && pieces[0][i] == 'a' && pieces[1][i] == 'b';
	check_true("grow", "new bytes are zeroed", zero);
	check_true("grow", "old bytes are kept", kept);
	check_text("grow", "others are left alone", still, "still");
	dl_arena_free(&arena);
}

static void test_strings(void)
{
	struct dl_arena arena = {0};
	const char *text = "some text";

	check_text("copy", "part of a string", dl_arena_copy(&arena, text, 4), "some");
	check_text("copy", "nothing", dl_arena_copy(&arena, NULL, 0), "");
	check_text("string", "a string", dl_arena_string(&arena, text), text);
	check_true("string", "is a copy", dl_arena_string(&arena, text) != text);
	check_text("string", "NULL", dl_arena_string(&arena, NULL), NULL);
	check_text("format", "two values", dl_arena_format(&arena, "%s-%d", "a", 12), "a-12");
	check_int("format", "a long text", (int64_t)strlen(dl_arena_format(&arena, "%100000d", 1)), 100000);
	dl_arena_free(&arena);
}

static void test_buf(void)
{
	struct dl_arena arena = {0};
	struct dl_buf buf;
	size_t i;

	dl_buf_init(&buf, &arena, 10);
	check_text("buf", "empty is a string", buf.data, "");
	dl_buf_puts(&buf, "abc");
	dl_buf_putc(&buf, 'd');
	dl_buf_add(&buf, "efgh", 2);
	dl_buf_printf(&buf, "%d", 1234);
	check_text("buf", "ten bytes fit", buf.data, "abcdef1234");
	check_true("buf", "no overflow at the cap", !buf.overflow);
	dl_buf_add(&buf, NULL, 0);
	check_true("buf", "nothing always fits", !buf.overflow);
	dl_buf_putc(&buf, 'x');
	check_true("buf", "overflow over the cap", buf.overflow);
	check_text("buf", "the text stays", buf.data, "abcdef1234");
	dl_buf_drop(&buf, 4);
	check_text("drop", "the rest", buf.data, "ef1234");
	dl_buf_putc(&buf, 'x');
	check_text("buf", "the overflow stays", buf.data, "ef1234");
	dl_buf_reset(&buf);
	check_text("reset", "empty", buf.data, "");
	dl_buf_printf(&buf, "%s", "12345678901");
	check_true("printf", "is capped, too", buf.overflow && buf.len == 0);
	dl_buf_reset(&buf);
	dl_buf_add(&buf, "a\0b", 3);
	check_int("buf", "NUL bytes count", (int64_t)buf.len, 3);
	dl_buf_drop(&buf, 3);
	check_int("drop", "everything", (int64_t)buf.len, 0);
	dl_buf_init(&buf, &arena, DL_CAP_LINE);
	for (i = 0; i < 100000; i++)
		dl_buf_putc(&buf, (char)('a' + i % 26));
	check_int("buf", "grows", (int64_t)buf.len, 100000);
	check_true("buf", "keeps what it had", buf.data[0] == 'a' && buf.data[99999] == 'a' + 99999 % 26);
	dl_arena_free(&arena);
}

static void test_buf_check(void)
{
	struct dl_scope scope;
	struct dl_buf buf;

	dl_scope_open(&scope, NULL);
	dl_buf_init(&buf, &scope.arena, 3);
	dl_buf_puts(&buf, "abc");
	check_int("buf_check", "fits", dl_buf_check(&scope, &buf, "it"), 0);
	dl_buf_putc(&buf, 'd');
	check_int("buf_check", "does not fit", dl_buf_check(&scope, &buf, "it"), -1);
	check_int("buf_check", "the class", scope.error.class, DL_DATA);
	check_text("buf_check", "the message", scope.error.message, "it is larger than 3 bytes");
	dl_scope_close(&scope);
}

static void test_fail(void)
{
	struct dl_scope scope;

	dl_scope_open(&scope, NULL);
	check_int("fail_hint", "nothing to hint at", dl_fail_hint(&scope, "hint"), -1);
	check_text("fail_hint", "changes nothing", scope.error.hint, NULL);
	check_int("fail_prefix", "nothing to prefix", dl_fail_prefix(&scope, "prefix"), -1);
	check_int("fail_prefix", "changes nothing", scope.error.class, DL_OK);
	check_int("fail", "returns -1", dl_fail(&scope, DL_AUTH, "no %s", "token"), -1);
	check_int("fail", "the class", scope.error.class, DL_AUTH);
	check_text("fail", "the message", scope.error.message, "no token");
	dl_fail(&scope, DL_NETWORK, "later");
	check_int("fail", "the first one wins", scope.error.class, DL_AUTH);
	check_text("fail", "with its message", scope.error.message, "no token");
	dl_fail_hint(&scope, "set %s", "X");
	dl_fail_hint(&scope, "set Y");
	check_text("fail_hint", "the first one wins", scope.error.hint, "set X");
	dl_fail_prefix(&scope, "%s", "a");
	dl_fail_prefix(&scope, "b");
	check_text("fail_prefix", "prefixes pile up", scope.error.message, "b: a: no token");
	dl_scope_close(&scope);
	dl_scope_open(&scope, NULL);
	errno = ENOENT;
	check_int("fail_errno", "returns -1", dl_fail_errno(&scope, "cannot open %s", "f"), -1);
	check_int("fail_errno", "the class", scope.error.class, DL_SYSTEM);
	check_text("fail_errno", "the message", scope.error.message,
		   "cannot open f: No such file or directory");
	dl_scope_close(&scope);
	dl_scope_open(&scope, NULL);
	dl_fail(&scope, DL_DATA, "%1000d", 1);
	check_int("fail", "a long message", (int64_t)strlen(scope.error.message), 1000);
	dl_scope_close(&scope);
}

static void test_fail_table(void)
{
	const struct dl_fail_row *row;
	int rows = 0;

	for (row = dl_fail_table; row->word; row++, rows++) {
		check_text("fail_word", row->word, dl_fail_word(row->class), row->word);
		check_int("fail_class", row->word, dl_fail_class(row->word), row->class);
	}
	check_int("fail_table", "rows", rows, 14);
	check_int("fail_class", "no such word", dl_fail_class("nonsense"), DL_BUG);
	check_int("fail_class", "NULL", dl_fail_class(NULL), DL_BUG);
}

static void test_scope(void)
{
	struct dl_scope outer, inner;
	struct dl_error error;

	dl_scope_open(&outer, NULL);
	dl_scope_open(&inner, &outer);
	check_int("scope", "closing without a failure", dl_scope_close(&inner), 0);
	check_int("scope", "leaves the parent alone", outer.error.class, DL_OK);
	dl_scope_open(&inner, &outer);
	dl_fail(&inner, DL_LIMITED, "slow down");
	dl_fail_hint(&inner, "wait");
	inner.error.retry_after_s = 30;
	inner.error.status = 429;
	check_int("scope", "closing with a failure", dl_scope_close(&inner), -1);
	check_int("scope", "the parent has the class", outer.error.class, DL_LIMITED);
	check_text("scope", "and the message", outer.error.message, "slow down");
	check_text("scope", "and the hint", outer.error.hint, "wait");
	check_int("scope", "and the delay", outer.error.retry_after_s, 30);
	check_int("scope", "and the status", outer.error.status, 429);
	dl_scope_open(&inner, &outer);
	dl_fail(&inner, DL_NETWORK, "second");
	check_int("scope", "closing with a second failure", dl_scope_close(&inner), -1);
	check_text("scope", "the first one wins", outer.error.message, "slow down");
	dl_scope_open(&inner, NULL);
	error = dl_fail_take(&outer, &inner.arena);
	check_int("fail_take", "the scope is clean", outer.error.class, DL_OK);
	check_int("scope", "closing what was taken from", dl_scope_close(&outer), 0);
	check_text("fail_take", "outlives the scope", error.message, "slow down");
	check_text("fail_take", "with its hint", error.hint, "wait");
	dl_scope_close(&inner);
}

static void overflow(void)
{
	struct dl_arena arena = {0};

	dl_arena_array(&arena, SIZE_MAX / 8, 16);
}

static void huge(void)
{
	struct dl_arena arena = {0};

	dl_arena_alloc(&arena, SIZE_MAX - 8);
}

static void bug(void)
{
	DL_BUG_IF(1 + 1 == 2);
}

/* The exit code of a child that runs ACTION with standard error closed. */
static int exit_code(void (*action)(void))
{
	int status = 0;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		fclose(stderr);
		action();
		_exit(0);
	}
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_exits(void)
{
	check_int("exit", "a product that overflows", exit_code(overflow), DL_SYSTEM);
	check_int("exit", "more than there is", exit_code(huge), DL_SYSTEM);
	check_int("exit", "a broken invariant", exit_code(bug), DL_BUG);
}

int main(void)
{
	test_alloc();
	test_grow();
	test_strings();
	test_buf();
	test_buf_check();
	test_fail();
	test_fail_table();
	test_scope();
	test_exits();
	return check_end("arena");
}
