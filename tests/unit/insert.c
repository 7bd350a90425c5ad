#include "lib/changelog/insert.h"

#include <string.h>

#include "lib/base/fail.h"
#include "lib/base/scope.h"
#include "tests/unit/check.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct dl_scope scope;

/* TEXT with the section 1.1.0 of BODY in it. */
static const char *insert(const char *text, const char *head, const char *body)
{
	struct dl_insert_entry entry = {.version = "1.1.0", .head = head, .body = body};
	size_t len = text ? strlen(text) : 0;

	return dl_insert_text(&scope, text, &entry, 1, &len);
}

/* What is generated can be found again whatever is in it, and stays in its section. */
static void test_bodies(void)
{
	static const struct {
		const char *body, *written;
	} rows[] = {
		{"\n- one\n", "\n- one\n"},
		{"\n- one", "\n- one\n"},
		{"", ""},
		{"```\ncode\n", "```\ncode\n```\n"},
		{"~~~~ c\n```\n", "~~~~ c\n```\n~~~~\n"},
		{"```\n## 9\n```\n", "```\n## 9\n```\n"},
		{"## 9.9.9\n", "\\## 9.9.9\n"},
		{"<!-- dl-changelog -->\n", "\\<!-- dl-changelog -->\n"},
		{"  <!-- /dl-changelog --> \n- x\n", "\\  <!-- /dl-changelog --> \n- x\n"},
		{"a\rb\r\n\r", "ab\n"},
		{"`\r``\n", "```\n```\n"},
		{"<!-- so\n## 9\n", "<!-- so\n## 9\n-->\n"},
		{"<!-- so -->\n## 9\n", "<!-- so -->\n\\## 9\n"},
		{"# 9.9.9\n### 9.9.9\n#### 9.9.9\n", "\\# 9.9.9\n\\### 9.9.9\n#### 9.9.9\n"},
		{"9.9.9 x\n---\n9.9.9\n--\n", "\\9.9.9 x\n---\n9.9.9\n--\n"},
	};
	static const char frame[] = "# Changelog\n\n## 1.1.0\n\n"
				    "<!-- dl-changelog -->\n%s<!-- /dl-changelog -->\n";
	const char *once;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		once = insert(NULL, "## 1.1.0\n", rows[i].body);
		check_text("once", rows[i].body, once, dl_arena_format(&scope.arena, frame, rows[i].written));
		check_text("twice", rows[i].body, insert(once, "## 1.1.0\n", rows[i].body), once);
		once = insert("# C\r\n\r\n## 1.0.0\r\n\r\n- old\r\n", "## 1.1.0\r\n", rows[i].body);
		check_text("twice, with returns", rows[i].body, insert(once, "## 1.1.0\n", rows[i].body),
			   once);
		check_true("what was there stays", rows[i].body,
			   strstr(once, "## 1.0.0\r\n\r\n- old\r\n") != NULL);
	}
	once = insert("", "## 1.1.0 x\r\n", "- a\n");
	check_text("an empty file", "twice", insert(once, "## 1.1.0 x\r\n", "- a\n"), once);
}

/* In a block of code nothing is a comment of ours. */
static void test_code(void)
{
	static const char text[] = "## 1.1.0\n\n<!-- dl-changelog -->\n```\n<!-- /dl-changelog -->\n```\n"
				   "<!-- /dl-changelog -->\n\nlast\n";

	check_text("code", "in what is generated", insert(text, "## 1.1.0\n", "- a\n"),
		   "## 1.1.0\n\n<!-- dl-changelog -->\n- a\n<!-- /dl-changelog -->\n\nlast\n");
	check_true("code", "does not end", !insert("```\n", "## 1.1.0\n", "- a\n"));
	check_int("code", "does not end", scope.error.class, DL_DATA);
}

/* Changelogs as people and other tools write them: a new section stands where its version belongs. */
static void test_shapes(void)
{
	static const struct {
		const char *before, *behind; /* the new section */
	} rows[] = {
		{"", "# [1.0.0](x) (2020-01-01)\n\n* a\n"},
		{"# Changes\n\n### [1.1.1](x)\n\n* a\n\n", "### [1.0.1](x)\n\n### Fixed\n\n## [1.0.0](x)\n"},
		{"", "1.0.0 / 2020-01-01\n==================\n\n  * a\n"},
		{"1.2.0\n-----\n\n- a\n\n", "v1.0.0\n------\n\n- b\n"},
		{"# Changes\n\n## Version 1.2.0\n\n", "## Release v1.0.0\n"},
		{"<!--\n## [Unreleased]\n### Added\n## 0.9.0\n-->\n\n", "## 1.0.0\n\n- a\n"},
		{"## Unreleased\n\n- soon\n\n## 2.0.0\n\n### 1.0 is gone\n\n", "## 1.0.0\n"},
		{"## Unreleased\n\n- soon\n\n## 2.0.0\n\n- a\n\n", ""},
	};
	static const char ours[] = "## 1.1.0\n\n<!-- dl-changelog -->\n- n\n<!-- /dl-changelog -->\n";
	const char *text, *once;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		text = dl_arena_format(&scope.arena, "%s%s", rows[i].before, rows[i].behind);
		once = insert(text, "## 1.1.0\n", "- n\n");
		check_text("shape", text, once,
			   dl_arena_format(&scope.arena, "%s%s%s%s", rows[i].before, ours,
					   *rows[i].behind ? "\n" : "", rows[i].behind));
		check_text("shape, twice", text, insert(once, "## 1.1.0\n", "- n\n"), once);
	}
	check_text("shape", "written by hand", insert("1.1.0 / 2020\n===\n", "## 1.1.0\n", "- n\n"),
		   "1.1.0 / 2020\n===\n");
	check_true("comment", "does not end", !insert("<!--\n", "## 1.1.0\n", "- a\n"));
	check_int("comment", "does not end", scope.error.class, DL_DATA);
	scope.error.class = DL_OK;
}

/* What stands under "Unreleased" comes to the version that takes it over, but for comments of ours that stand
 * there alone; without them nothing of it means something else. */
static void test_unreleased(void)
{
	static const struct {
		const char *unreleased, *taken;
	} rows[] = {
		{"- a\n<!-- /dl-changelog -->\n\n- b\n", "- a\n\n\n- b\n"},
		{"<!-- so\n<!-- /dl-changelog -->\n- a\n", "<!-- so\n<!-- /dl-changelog -->\n- a\n"},
		{"```\n<!-- dl-changelog -->\n```\n", "```\n<!-- dl-changelog -->\n```\n"},
		{"0.9.0\n<!-- /dl-changelog -->\n---\n", "0.9.0\n\n---\n"},
		{"0.9.0\n<!-- dl-changelog -->\n- x\n<!-- /dl-changelog -->\n---\n", "0.9.0\n\n---\n"},
	};
	const char *text, *once;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		text = dl_arena_format(&scope.arena, "## Unreleased\n\n%s\n## 1.0.0\n", rows[i].unreleased);
		once = insert(text, "## 1.1.0\n", "- n\n");
		check_text("taken over", text, once,
			   dl_arena_format(&scope.arena,
					   "## Unreleased\n\n## 1.1.0\n\n%s\n<!-- dl-changelog -->\n- n\n"
					   "<!-- /dl-changelog -->\n\n## 1.0.0\n",
					   rows[i].taken));
		check_text("taken over, twice", text, insert(once, "## 1.1.0\n", "- n\n"), once);
	}
}

int main(void)
{
	dl_scope_open(&scope, NULL);
	test_shapes();
	test_bodies();
	test_code();
	test_unreleased();
	dl_scope_close(&scope);
	return check_end("insert");
}
