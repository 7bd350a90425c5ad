/* fail: the one error type and the one table of classes; a class is also the exit code of a program.
 *
 * The class says what the caller should do next, not what broke. The first failure of a scope wins: layers
 * above add a prefix, and never replace it. Messages are lower case without a full stop; outside text in them
 * is escaped. */
#ifndef DL_FAIL_H
#define DL_FAIL_H

#include <stdbool.h>

struct dl_arena;
struct dl_buf;
struct dl_scope;

enum dl_class {
	DL_OK = 0,
	DL_NO = 1,
	DL_USAGE = 2,
	DL_PENDING = 3,
	DL_AUTH = 4,
	DL_MISSING = 5,
	DL_REFUSED = 6,
	DL_LIMITED = 7,
	DL_NETWORK = 8,
	DL_DATA = 9,
	DL_UNSUPPORTED = 10,
	DL_CONFIG = 11,
	DL_SYSTEM = 12,
	DL_BUG = 70,
};

struct dl_error {
	enum dl_class class;
	const char *message;
	const char *hint;    /* what to do about it, or NULL */
	long retry_after_s;  /* with DL_LIMITED: seconds until it is worth trying again; 0: unknown */
	int status;          /* of the HTTP answer that said no; 0: there was none */
	bool unsent;         /* with DL_NETWORK: the server has got nothing of what was asked */
};

/* One row of the table of exit codes, which `man dl` and every page's EXIT STATUS repeat (a test compares
 * them). */
struct dl_fail_row {
	enum dl_class class;
	const char *word;
	const char *meaning;
};

extern const struct dl_fail_row dl_fail_table[]; /* ends with a NULL word */

/* dl_fail_lost(error): whether an answer was lost, so that what was asked for may be done all the same. */
bool dl_fail_lost(const struct dl_error *error);

/* dl_fail_word(class): the word of CLASS, as `error` records spell it. */
const char *dl_fail_word(enum dl_class class);

/* dl_fail_class(word): the class that `error` records spell WORD; DL_BUG when there is none. */
enum dl_class dl_fail_class(const char *word);

/* dl_fail(scope, class, format, ...): SCOPE has failed; nothing happens if it had already. Returns -1.
 * Strings formatted in are taken as they are: pass text from outside through dl_text_quote first. */
int dl_fail(struct dl_scope *scope, enum dl_class class, const char *format, ...)
	__attribute__((format(printf, 3, 4), cold));

/* dl_fail_errno(scope, format, ...): a DL_SYSTEM failure "TEXT: the system's words for errno". Returns -1. */
int dl_fail_errno(struct dl_scope *scope, const char *format, ...)
	__attribute__((format(printf, 2, 3), cold));

/* dl_fail_hint(scope, format, ...): says what to do about the failure of SCOPE. The first hint wins. Returns
 * -1. */
int dl_fail_hint(struct dl_scope *scope, const char *format, ...) __attribute__((format(printf, 2, 3), cold));

/* dl_fail_prefix(scope, format, ...): puts "TEXT: " before the message. Returns -1. */
int dl_fail_prefix(struct dl_scope *scope, const char *format, ...)
	__attribute__((format(printf, 2, 3), cold));

/* dl_fail_take(scope, arena): the failure of SCOPE copied to ARENA; SCOPE has not failed any more. */
struct dl_error dl_fail_take(struct dl_scope *scope, struct dl_arena *arena);

/* dl_fail_bug(file, line, what): reports a broken invariant and exits 70. Call it through DL_BUG_IF. */
_Noreturn void dl_fail_bug(const char *file, int line, const char *what) __attribute__((cold));

/* The analyser follows no variadic function, and would else believe that these may return 0. */
#ifdef __clang_analyzer__
#define dl_fail(...) (dl_fail(__VA_ARGS__), -1)
#define dl_fail_errno(...) (dl_fail_errno(__VA_ARGS__), -1)
#define dl_fail_hint(...) (dl_fail_hint(__VA_ARGS__), -1)
#define dl_fail_prefix(...) (dl_fail_prefix(__VA_ARGS__), -1)
#endif

#define DL_BUG_IF(condition)                                              \
	do {                                                              \
		if (condition)                                            \
			dl_fail_bug(__FILE__, __LINE__, #condition);      \
	} while (0)

#define DL_MUST_CHECK __attribute__((warn_unused_result))

#endif
