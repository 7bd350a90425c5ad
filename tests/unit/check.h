/* check: what every unit program counts with. A failed check prints "not ok SUITE: NAME: ..."; check_end
 * prints the totals. Bytes that a terminal should not see are printed as \xHH. */
#ifndef DL_TESTS_CHECK_H
#define DL_TESTS_CHECK_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static struct {
	int passed;
	int failed;
} check_count;

static inline void check_show(const char *text)
{
	for (; text && *text; text++)
		printf(*text >= ' ' && *text <= '~' ? "%c" : "\\x%02x", (unsigned char)*text);
	fputs(text ? "" : "NULL", stdout);
}

/* Counts the check NAME; for a failed one prints the start of its line. Returns OK. */
static inline bool check_begin(bool ok, const char *suite, const char *name)
{
	ok ? check_count.passed++ : check_count.failed++;
	if (!ok) {
		printf("not ok %s: ", suite);
		check_show(name);
	}
	return ok;
}

static inline void check_text(const char *suite, const char *name, const char *got, const char *want)
{
	if (check_begin(got && want ? strcmp(got, want) == 0 : got == want, suite, name))
		return;
	fputs(": got <", stdout);
	check_show(got);
	fputs(">, expected <", stdout);
	check_show(want);
	puts(">");
}

static inline void check_int(const char *suite, const char *name, int64_t got, int64_t want)
{
	if (!check_begin(got == want, suite, name))
		printf(": got %lld, expected %lld\n", (long long)got, (long long)want);
}

static inline void check_true(const char *suite, const char *name, bool ok)
{
	if (!check_begin(ok, suite, name))
		puts(": false");
}

/* Prints the totals; the exit code of the program. A program that checked nothing has failed. */
static inline int check_end(const char *program)
{
	printf("%s: %d passed, %d failed\n", program, check_count.passed, check_count.failed);
	return check_count.failed || !check_count.passed;
}

#endif
