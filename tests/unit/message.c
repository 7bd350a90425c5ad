#include "lib/changelog/message.h"

#include "lib/base/scope.h"
#include "tests/unit/check.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct dl_scope scope;

static void test_header(void)
{
	static const struct {
		const char *text, *kind, *scope;
		bool breaking;
		const char *subject, *pr;
	} rows[] = {
		{"feat: x", "feat", NULL, false, "x", NULL},
		{"FEAT(api): x", "feat", "api", false, "x", NULL},
		{"feat!: x", "feat", NULL, true, "x", NULL},
		{"feat(a/b, c)!:  x y", "feat", "a/b, c", true, "x y", NULL},
		{"fix:\tx", "fix", NULL, false, "x", NULL},
		{"fix:x", NULL, NULL, false, "fix:x", NULL},
		{"fix : x", NULL, NULL, false, "fix : x", NULL},
		{"fix", NULL, NULL, false, "fix", NULL},
		{"fix: ", NULL, NULL, false, "fix:", NULL},
		{"fix(): x", NULL, NULL, false, "fix(): x", NULL},
		{"fix(a: x", NULL, NULL, false, "fix(a: x", NULL},
		{"fix(a)b: x", NULL, NULL, false, "fix(a)b: x", NULL},
		{"fix(a(b)): x", NULL, NULL, false, "fix(a(b)): x", NULL},
		{"fix!!: x", NULL, NULL, false, "fix!!: x", NULL},
		{"-fix: x", NULL, NULL, false, "-fix: x", NULL},
		{": x", NULL, NULL, false, ": x", NULL},
		{"two words: x", NULL, NULL, false, "two words: x", NULL},
		{"http://x.y: z", NULL, NULL, false, "http://x.y: z", NULL},
		{"feat: x (#12)", "feat", NULL, false, "x", "12"},
		{"feat: x (!12)", "feat", NULL, false, "x", "12"},
		{"feat: x (#1) (#22)", "feat", NULL, false, "x", "22"},
		{"x (#12)", NULL, NULL, false, "x", "12"},
		{"x(#12)", NULL, NULL, false, "x(#12)", NULL},
		{"x (#)", NULL, NULL, false, "x (#)", NULL},
		{"(#12)", NULL, NULL, false, "(#12)", NULL},
		{" (#12)", NULL, NULL, false, "(#12)", NULL},
		{"\n\n \tfix: x\r\n", "fix", NULL, false, "x", NULL},
		{" f: (#311) ", NULL, NULL, false, "f:", "311"},
		{" f: (#311) \n\nbody", NULL, NULL, false, "f:", "311"},
		{"fix: x (#12)\t\n\nbody", "fix", NULL, false, "x", "12"},
		{"fix: x\r\r\n\r\nbody", "fix", NULL, false, "x", NULL},
		{"fix: x \r (#12)\n\nbody", "fix", NULL, false, "x", "12"},
		{"fix: \r \n\nbody", NULL, NULL, false, "fix:", NULL},
		{"fix: (#3)  (#2)", NULL, NULL, false, "fix:", "2"},
		{"", NULL, NULL, false, "", NULL},
		{" \n ", NULL, NULL, false, "", NULL},
	};
	struct dl_message message;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		dl_message_parse(&scope, rows[i].text, false, &message);
		check_text("kind", rows[i].text, message.kind, rows[i].kind);
		check_text("scope", rows[i].text, message.scope, rows[i].scope);
		check_int("breaking", rows[i].text, message.breaking, rows[i].breaking);
		check_text("subject", rows[i].text, message.subject, rows[i].subject);
		check_text("pr", rows[i].text, message.pr, rows[i].pr);
	}
}

static void test_footers(void)
{
	/* Where body and footers part: a bar in the text, which is taken out. */
	static const struct {
		const char *text;
		size_t count;
		const char *body, *token, *value; /* of the first footer */
	} rows[] = {
		{"x", 0, NULL, NULL, NULL},
		{"x\n\nbody", 0, "body", NULL, NULL},
		{"x\n\nRefs: #1", 1, NULL, "Refs", "#1"},
		{"x\n\nFixes #1", 1, NULL, "Fixes", "#1"},
		{"x\n\nbody\n\nA-b: c\nD-e: f", 2, "body", "A-b", "c"},
		{"x\n\nbody\n\nA-b: c\n  and on\nD: f", 2, "body", "A-b", "c\n  and on"},
		{"x\n\nNote: no footer\nbut prose", 0, "Note: no footer\nbut prose", NULL, NULL},
		{"x\n\nNote: prose\n\nmore", 0, "Note: prose\n\nmore", NULL, NULL},
		{"x\n\nNote: prose\n\nA: b", 1, "Note: prose", "A", "b"},
		{"x\n\nSigned-off-by: a\n\nCo-authored-by: b", 2, NULL, "Signed-off-by", "a"},
		{"x\n\nhttps://a.b/c", 0, "https://a.b/c", NULL, NULL},
		{"x\n\nBREAKING CHANGE: a\n\nb\n\nRefs: 1", 2, NULL, "BREAKING CHANGE", "a\n\nb"},
		{"x\n\nbody\nBREAKING-CHANGE: a", 1, "body", "BREAKING-CHANGE", "a"},
		{"x\n\nbreaking change: a b", 0, "breaking change: a b", NULL, NULL},
		{"x\n\nA:", 0, "A:", NULL, NULL},
		{"x\r\n\r\nA: b\r\n", 1, NULL, "A", "b"},
		{"x\nat once\n\nA: b", 1, "at once", "A", "b"},
	};
	struct dl_message message;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		dl_message_parse(&scope, rows[i].text, false, &message);
		check_int("footers", rows[i].text, (int64_t)message.footer_count, (int64_t)rows[i].count);
		check_text("body", rows[i].text, message.body, rows[i].body);
		if (!rows[i].count || !message.footer_count)
			continue;
		check_text("token", rows[i].text, message.footers[0].token, rows[i].token);
		check_text("value", rows[i].text, message.footers[0].value, rows[i].value);
	}
	dl_message_parse(&scope, "x\n\nBREAKING CHANGE: a", false, &message);
	check_true("footers", "a footer that breaks", message.breaking);
	check_text("footers", "and why", message.breaking_text, "a");
	dl_message_parse(&scope, "x\n\nCO-AUTHORED-BY: Grace H <g@h>", false, &message);
	check_int("footers", "co-authors", (int64_t)message.co_author_count, 1);
	check_text("footers", "name", message.co_authors[0].name, "Grace H");
	check_text("footers", "address", message.co_authors[0].email, "g@h");
}

static void test_refs(void)
{
	static const struct {
		const char *text, *refs;
	} rows[] = {
		{"x", NULL},
		{"mend #12", "#12"},
		{"mend #12 (#13)", "#12"},
		{"x (#13)\n\ncloses #13", NULL},
		{"mend a#12 and &#12; and #12a", NULL},
		{"mend owner/repo#12", "owner/repo#12"},
		{"GH-7: x", "GH-7"},
		{"x\n\nstep #1 of #2", NULL},
		{"x\n\nThis fixes #1, #2 and #3; see #4", "#1,#2,#3,#4"},
		{"x\n\nprefixes #1", NULL},
		{"x\n\nFixes: #1\nRefs: #1, PROJ-7, AB2-12", "#1,PROJ-7,AB2-12"},
		{"x\n\nRefs: UTF-8x, A-1, PROJ-", NULL},
		{"x\n\nRefs: #123456789012345678901234567890", NULL},
	};
	struct dl_message message;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		dl_message_parse(&scope, rows[i].text, false, &message);
		check_text("refs", rows[i].text, message.refs, rows[i].refs);
	}
}

#define SHA "0123456789abcdef0123456789abcdef01234567"

static void test_reverts(void)
{
	struct dl_message message;

	dl_message_parse(&scope, "Revert \"x\"\n\nThis reverts commit " SHA ".", false, &message);
	check_int("reverts", "one", (int64_t)message.revert_count, 1);
	check_text("reverts", "one", message.reverts[0].sha, SHA);
	check_text("reverts", "no merge", message.reverts[0].onto, NULL);
	dl_message_parse(&scope,
			 "Revert \"Merge\"\n\nThis reverts commit " SHA
			 ", reversing\nchanges made to ABCDEF0.",
			 false, &message);
	check_text("reverts", "a merge", message.reverts[0].onto, "abcdef0");
	dl_message_parse(&scope, "revert: x\n\nRefs: 1234567, 89abcde", false, &message);
	check_int("reverts", "footers", (int64_t)message.revert_count, 2);
	dl_message_parse(&scope, "fix: x\n\nRefs: 1234567", false, &message);
	check_int("reverts", "no revert", (int64_t)message.revert_count, 0);
	dl_message_parse(&scope, "x\n\nThis reverts commits 1234567, 2345678 and 3456789", false, &message);
	check_int("reverts", "three", (int64_t)message.revert_count, 3);
	dl_message_parse(&scope, "x\n\nThis reverts commit 123456. This reverts commit", false, &message);
	check_int("reverts", "too short", (int64_t)message.revert_count, 0);
}

static void test_merges(void)
{
	static const struct {
		const char *text, *subject, *pr;
	} rows[] = {
		{"Merge pull request #7 from a/b\n\nfeat: y", "y", "7"},
		{"Merge branch 'x' into 'main'\n\nfeat: y\n\nSee merge request a/b!7", "y", "7"},
		{"Merge branch 'x' into 'main'\n\nSee merge request a/b!7", "Merge branch 'x' into 'main'",
		 "7"},
		{"Merge pull request 'feat: y' (#7) from b into main\n\nReviewed-on: z", "y", "7"},
		{"Merged in b (pull request #7)\n\nfeat: y", "y", "7"},
		{"Merge branch 'x'\n\n* x:\n  one", "Merge branch 'x'", NULL},
		{"Merge pull request #7 from a/b", "Merge pull request #7 from a/b", "7"},
	};
	struct dl_message message;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		dl_message_parse(&scope, rows[i].text, true, &message);
		check_text("merge", rows[i].text, message.subject, rows[i].subject);
		check_text("merge's number", rows[i].text, message.pr, rows[i].pr);
	}
}

int main(void)
{
	dl_scope_open(&scope, NULL);
	test_header();
	test_footers();
	test_refs();
	test_reverts();
	test_merges();
	dl_scope_close(&scope);
	return check_end("message");
}
