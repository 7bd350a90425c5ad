#include "lib/git/lsrefs.h"

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "tests/unit/check.h"

#define ONE "1111111111111111111111111111111111111111"
#define TWO "2222222222222222222222222222222222222222"

static void test_ask(struct dl_scope *scope)
{
	struct dl_buf buf;

	dl_buf_init(&buf, &scope->arena, DL_CAP_LINE);
	dl_lsrefs_ask(&buf, "refs/heads/main", false);
	check_text("ask", "one prefix", buf.data,
		   "0014command=ls-refs\n0001001fref-prefix refs/heads/main\n0000");
	dl_buf_reset(&buf);
	dl_lsrefs_ask(&buf, NULL, true);
	check_text("ask", "all refs, SHA-256", buf.data,
		   "0014command=ls-refs\n0019object-format=sha256\n00010000");
}

/* What becomes of an answer: the number of refs, or below 0 the class of the failure. */
static int64_t outcome(const char *data, size_t len)
{
	struct dl_scope scope;
	struct dl_lsrefs refs;
	int64_t result;

	dl_scope_open(&scope, NULL);
	result = dl_lsrefs_read(&scope, data, len, &refs);
	result = result < 0 ? -(int64_t)scope.error.class : result * 100 + (int64_t)refs.count;
	dl_scope_close(&scope);
	return result;
}

static void test_outcomes(void)
{
	static const struct {
		const char *name, *data;
		int64_t want;
	} rows[] = {
		{"nothing at all says nothing", "", 0},
		{"no such ref", "0000", 100},
		{"one ref", "003d" ONE " refs/heads/main\n0000", 101},
		{"one without a newline", "003c" ONE " refs/heads/main0000", 101},
		{"more behind the end", "00000000", -DL_DATA},
		{"no end", "003d" ONE " refs/heads/main\n", -DL_DATA},
		{"cut off", "003d" ONE " refs/hea", -DL_DATA},
		{"no length", "zzzz", -DL_DATA},
		{"upper case", "003D" ONE " refs/heads/main\n0000", -DL_DATA},
		{"a delimiter", "00010000", -DL_DATA},
		{"less than its own length", "0003", -DL_DATA},
		{"too long", "fff1", -DL_DATA},
		{"no hash", "0014x refs/heads/a\n0000", -DL_DATA},
		{"no ref", "0031" ONE " nonsense", -DL_DATA},
		{"no name", "002d" ONE "\n0000", -DL_DATA},
		{"a refusal", "000bERR no\n0000", -DL_REFUSED},
		{"version 0", "001e# service=git-upload-pack\n0000", -DL_DATA},
		{"a page for people", "<!DOCTYPE html>", -DL_DATA},
	};
	size_t i;

	for (i = 0; i < sizeof rows / sizeof *rows; i++)
		check_int("read", rows[i].name, outcome(rows[i].data, strlen(rows[i].data)), rows[i].want);
	check_int("read", "a NUL", outcome("000aERR \0\n0000", 14), -DL_DATA);
}

static void test_refs(struct dl_scope *scope)
{
	static const char more[] = "003d" ONE " refs/heads/main\n"
				   "006a" TWO " refs/tags/v1 peeled:" ONE "\n0000";
	static const char unborn[] = "002eunborn HEAD symref-target:refs/heads/main\n0000";
	const struct dl_lsrefs_ref *ref;
	struct dl_lsrefs refs;

	check_int("refs", "read", dl_lsrefs_read(scope, more, sizeof more - 1, &refs), 1);
	ref = dl_lsrefs_find(&refs, "refs/tags/v1");
	check_text("refs", "a tag", ref ? ref->sha : NULL, TWO);
	check_text("refs", "what it is about", ref ? ref->peeled : NULL, ONE);
	check_true("refs", "names are compared whole", !dl_lsrefs_find(&refs, "refs/tags/v"));
	check_int("refs", "unborn", dl_lsrefs_read(scope, unborn, sizeof unborn - 1, &refs), 1);
	ref = dl_lsrefs_find(&refs, "HEAD");
	check_text("refs", "where it will be", ref ? ref->target : NULL, "refs/heads/main");
	check_text("refs", "has no commit", ref ? ref->sha : "none", NULL);
}

static void test_text(struct dl_scope *scope)
{
	const struct dl_lsrefs_ref *ref;
	struct dl_lsrefs refs;

	check_int("text", "read", dl_lsrefs_read_text(scope, "ref: refs/heads/main\tHEAD\n" ONE "\tHEAD\n" ONE
						      "\trefs/heads/main\n" TWO "\trefs/tags/v1\n" ONE
						      "\trefs/tags/v1^{}\n", &refs), 1);
	check_int("text", "how many", (int64_t)refs.count, 3);
	ref = dl_lsrefs_find(&refs, "HEAD");
	check_text("text", "target", ref ? ref->target : NULL, "refs/heads/main");
	check_text("text", "hash", ref ? ref->sha : NULL, ONE);
	ref = dl_lsrefs_find(&refs, "refs/tags/v1");
	check_text("text", "peeled", ref ? ref->peeled : NULL, ONE);
	check_int("text", "empty", dl_lsrefs_read_text(scope, "", &refs), 1);
	check_int("text", "nonsense", dl_lsrefs_read_text(scope, "hello\n", &refs), -1);
}

int main(void)
{
	struct dl_scope scope;

	dl_scope_open(&scope, NULL);
	test_ask(&scope);
	test_outcomes();
	test_refs(&scope);
	test_text(&scope);
	dl_scope_close(&scope);
	return check_end("lsrefs");
}
