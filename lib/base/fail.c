#include "lib/base/fail.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"

#ifdef __clang_analyzer__
#undef dl_fail
#undef dl_fail_errno
#undef dl_fail_hint
#undef dl_fail_prefix
#endif

const struct dl_fail_row dl_fail_table[] = {
	{DL_OK, "ok", "done; the answer is yes"},
	{DL_NO, "no", "the question was answered: no (CI failed, an item of a batch failed, a check failed)"},
	{DL_USAGE, "usage", "fix the command line"},
	{DL_PENDING, "pending", "not finished: not asked to wait, the time was up, or not registered yet"},
	{DL_AUTH, "auth", "get a token, or a token with more rights; the hint says which"},
	{DL_MISSING, "missing", "there is no such thing, or no CI here"},
	{DL_REFUSED, "refused", "understood and rejected; trying again is useless"},
	{DL_LIMITED, "limited", "rate limit; retry_after_s says when to come back"},
	{DL_NETWORK, "network", "DNS, connection, TLS, timeout, or the server is broken; try later"},
	{DL_DATA, "data", "malformed or oversized data came in"},
	{DL_UNSUPPORTED, "unsupported", "this provider cannot do that; the message names those that can"},
	{DL_CONFIG, "config", "fix a file or a variable"},
	{DL_SYSTEM, "system", "the system said no: files, processes, memory, standard output"},
	{DL_BUG, "bug", "a bug in DevLoop; please report it"},
	{DL_OK, NULL, NULL},
};

bool dl_fail_lost(const struct dl_error *error)
{
	return error->class == DL_NETWORK && !error->unsent;
}

const char *dl_fail_word(enum dl_class class)
{
	const struct dl_fail_row *row;

	for (row = dl_fail_table; row->word; row++)
		if (row->class == class)
			return row->word;
	return "bug";
}

enum dl_class dl_fail_class(const char *word)
{
	const struct dl_fail_row *row;

	for (row = dl_fail_table; word && row->word; row++)
		if (strcmp(row->word, word) == 0)
			return row->class;
	return DL_BUG;
}

/* What comes from outside is quoted before it gets here. Should that have been forgotten, it can still drive
 * no terminal and add no line. */
static void defuse(char *text)
{
	size_t left = strlen(text), size;

	for (; left; text += size, left -= size) {
		size = dl_text_utf8(text, left);
		if (size && !dl_text_unsafe(dl_text_code(text, size)))
			continue;
		size = size ? size : 1;
		memset(text, '?', size);
	}
}

__attribute__((format(printf, 2, 0)))
static char *format_text(struct dl_arena *arena, const char *format, va_list args)
{
	char small[256];
	va_list again;
	char *text;
	int len;

	va_copy(again, args);
	len = vsnprintf(small, sizeof small, format, args);
	DL_BUG_IF(len < 0);
	text = dl_arena_alloc(arena, (size_t)len + 1);
	vsnprintf(text, (size_t)len + 1, format, again);
	va_end(again);
	defuse(text);
	return text;
}

int dl_fail(struct dl_scope *scope, enum dl_class class, const char *format, ...)
{
	va_list args;

	if (scope->error.class != DL_OK)
		return -1;
	va_start(args, format);
	scope->error.class = class;
	scope->error.message = format_text(&scope->arena, format, args);
	va_end(args);
	return -1;
}

int dl_fail_errno(struct dl_scope *scope, const char *format, ...)
{
	int number = errno;
	const char *what;
	va_list args;

	va_start(args, format);
	what = format_text(&scope->arena, format, args);
	va_end(args);
	return dl_fail(scope, DL_SYSTEM, "%s: %s", what, strerror(number));
}

int dl_fail_hint(struct dl_scope *scope, const char *format, ...)
{
	va_list args;

	if (scope->error.class == DL_OK || scope->error.hint)
		return -1;
	va_start(args, format);
	scope->error.hint = format_text(&scope->arena, format, args);
	va_end(args);
	return -1;
}

int dl_fail_prefix(struct dl_scope *scope, const char *format, ...)
{
	const char *prefix;
	va_list args;

	if (scope->error.class == DL_OK)
		return -1;
	va_start(args, format);
	prefix = format_text(&scope->arena, format, args);
	va_end(args);
	scope->error.message = dl_arena_format(&scope->arena, "%s: %s", prefix, scope->error.message);
	return -1;
}

struct dl_error dl_fail_take(struct dl_scope *scope, struct dl_arena *arena)
{
	struct dl_error error = scope->error;

	error.message = dl_arena_string(arena, error.message);
	error.hint = dl_arena_string(arena, error.hint);
	memset(&scope->error, 0, sizeof scope->error);
	return error;
}

_Noreturn void dl_fail_bug(const char *file, int line, const char *what)
{
	fprintf(stderr, "dl: bug: %s:%d: %s\n", file, line, what);
	_Exit(DL_BUG);
}
