/* The repositories here are made by git itself, in a folder of this test. */
#include "providers/ci/actions.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/file.h"
#include "lib/base/proc.h"
#include "lib/base/scope.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/git/repo.h"
#include "providers/ci/pattern.h"
#include "tests/unit/scratch.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* libgit2 1.5 leaks where it matches a regular expression. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_options(void);

const char *__lsan_default_options(void)
{
	return "print_suppressions=0";
}

const char *__lsan_default_suppressions(void)
{
	return "leak:libpcre2";
}

static const struct {
	const char *pattern, *text;
	int match;
} patterns[] = {
	{"main", "main", 1},
	{"main", "main2", 0},
	{"main", "mai", 0},
	{"", "", 1},
	{"", "a", 0},
	{"*", "", 1},
	{"*", "main", 1},
	{"*", "a/b", 0},
	{"**", "a/b/c", 1},
	{"**", "", 1},
	{"feature/*", "feature/my-branch", 1},
	{"feature/*", "feature/a/b", 0},
	{"feature/**", "feature/a/b", 1},
	{"feature/**", "feature/", 1},
	{"feature/**", "feature", 0},
	{"*feature", "mona-feature", 1},
	{"*feature", "mona/feature", 0},
	{"v2*", "v2.9", 1},
	{"v[12].[0-9]+.[0-9]+", "v1.10.1", 1},
	{"v[12].[0-9]+.[0-9]+", "v3.1.0", 0},
	{"v[12].[0-9]+.[0-9]+", "v1..1", 0},
	{"**/README", "README", 1},
	{"**/README", "a/b/README", 1},
	{"**/README", "aREADME", 0},
	{"**/README", "/README", 0},
	{"docs/**/a", "docs/a", 1},
	{"docs/**/a", "docs/x/y/a", 1},
	{"docs/**/a", "docs/xa", 0},
	{"*.jsx?", "page.js", 1},
	{"*.jsx?", "page.jsx", 1},
	{"*.jsx?", "page.jsxx", 0},
	{"ab+c", "abbbc", 1},
	{"ab+c", "ac", 0},
	{"[CB]at", "Cat", 1},
	{"[CB]at", "Rat", 0},
	{"[1-2]00", "200", 1},
	{"[a-cx]?", "", 1},
	{"[a-cx]?", "x", 1},
	{"[a-cx]?", "d", 0},
	{"?x", "?x", 1},
	{"+", "+", 1},
	{"a\\*b", "a*b", 1},
	{"a\\*b", "axb", 0},
	{"\\+\\?\\[", "+?[", 1},
	{"a!b", "a!b", 1},
	{"a.b", "a.b", 1},
	{"a.b", "axb", 0},
	{"h\xC3\xA9+", "h\xC3\xA9\xC3\xA9", 1},
	{"h\xC3\xA9?", "h", 1},
	{"\xC3", "\xC3", 1},
	{"*", "\xC3\xFF", 1},
	{"[", "a", -1},
	{"[]", "a", -1},
	{"[a", "a", -1},
	{"[a-", "a", -1},
	{"[a-]", "a", -1},
	{"[b-a]", "a", -1},
	{"[a-9]", "a", -1},
	{"[.]", ".", -1},
	{"a++", "a", -1},
	{"a?+", "a", -1},
	{"*?", "a", -1},
	{"**+", "a", -1},
	{"a\\", "a", -1},
	{"*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 0},
};

static void test_patterns(void)
{
	size_t i;

	for (i = 0; i < COUNT(patterns); i++)
		check_int("pattern",
			  dl_arena_format(&scope.arena, "%s on %s", patterns[i].pattern, patterns[i].text),
			  dl_pattern_match(&scope.arena, patterns[i].pattern, patterns[i].text),
			  patterns[i].match);
}

static const struct dl_json *parse(const char *text)
{
	return dl_actions_parse(&scope, text, strlen(text));
}

static void test_triggers(void)
{
	static const struct {
		const char *yaml, *triggers;
	} rows[] = {
		{"on: push", "push"},
		{"on: [push, pull_request]", "push,pull_request"},
		{"on:\n  push:\n    branches: [main]\n  schedule:\n    - cron: '0 5 * * *'\n",
		 "push,schedule"},
		{"'on': push\nname: CI", "push"},
		{"\"on\":\n  - workflow_dispatch\n", "workflow_dispatch"},
		{"on: push\nname: CI\njobs: {}\n", "push"},
		{"name: CI", NULL},
		{"on:", NULL},
		{"on: 7", NULL},
		{"on: []", NULL},
		{"on: {}", NULL},
		{"on: [push, 7, [x]]", "push"},
		{"on: ''", NULL},
		{"[on, push]", NULL},
		{"", NULL},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		check_text("triggers", rows[i].yaml, dl_actions_triggers(&scope, parse(rows[i].yaml)),
			   rows[i].triggers);
	check_text("triggers", "of nothing", dl_actions_triggers(&scope, NULL), NULL);
	check_true("parse", "malformed", !parse("on: [push"));
	check_text("triggers", "an alias", dl_actions_triggers(&scope, parse("x: &a push\non: *a")), "push");
	check_true("parse", "an alias of nothing", !parse("on: *a"));
	check_int("parse", "is no failure", scope.error.class, DL_OK);
}

/* The inputs of a workflow: "name kind required value choices text;" for each. */
static const char *spell_inputs(const char *yaml)
{
	const struct dl_input_line *input;
	struct dl_sink_list list;
	struct dl_buf out;
	size_t i;

	dl_sink_list(&list, &scope, 0);
	if (dl_actions_inputs(&scope, parse(yaml), "ci.yml", &list.sink) < 0)
		return dl_fail_word(dl_fail_take(&scope, &scope.arena).class);
	dl_buf_init(&out, &scope.arena, DL_CAP_LINE);
	for (i = 0; i < list.count; i++) {
		input = dl_sink_item(&list, i);
		dl_buf_printf(&out, "%s %s %d <%s> <%s> <%s>;", input->name, input->kind, input->required,
			      input->value ? input->value : "-", input->choices ? input->choices : "-",
			      input->text ? input->text : "-");
	}
	return out.len ? out.data : "";
}

#define INPUTS(text) "on:\n  workflow_dispatch:\n    inputs:\n" text

static void test_inputs(void)
{
	static const struct {
		const char *yaml, *inputs;
	} rows[] = {
		{"on: workflow_dispatch", ""},
		{"on: [push, workflow_dispatch]", ""},
		{"on:\n  workflow_dispatch:\n", ""},
		{"on:\n  workflow_dispatch: {}\n", ""},
		{"on:\n  workflow_dispatch:\n    inputs:\n", ""},
		{INPUTS("      version: {description: What, required: true}\n"),
		 "version string 1 <-> <-> <What>;"},
		{INPUTS("      version:\n"), "version string 0 <-> <-> <->;"},
		{INPUTS("      a: {type: boolean, default: false}\n      b: {type: number, default: 1.50}\n"),
		 "a boolean 0 <false> <true,false> <->;b number 0 <1.50> <-> <->;"},
		{INPUTS("      a: {type: choice, options: [dev, 2, true], default: dev, required: 'true'}\n"),
		 "a choice 1 <dev> <dev,2,true> <->;"},
		{INPUTS("      a: {type: choice, options: [dev, 'a,b']}\n"), "a choice 0 <-> <-> <->;"},
		{INPUTS("      a: {type: choice}\n"), "a choice 0 <-> <-> <->;"},
		{INPUTS("      a: {type: environment, required: false, default: ''}\n"),
		 "a environment 0 <> <-> <->;"},
		{INPUTS("      a: {type: [x], default: {y: z}, description: null}\n"),
		 "a string 0 <-> <-> <->;"},
		{INPUTS("      - a\n"), ""},
		{INPUTS("      a: b\n"), "a string 0 <-> <-> <->;"},
		{"on: push", "refused"},
		{"on:\n  workflow_call:\n    inputs:\n      a:\n", "refused"},
		{"name: CI", "refused"},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		check_text("inputs", rows[i].yaml, spell_inputs(rows[i].yaml), rows[i].inputs);
}

/* ------------------------------------------------------------------ what a push starts */

/* Anything but success ends the test: it has nothing to look at. */
static void give_up(const char *what)
{
	fprintf(stderr, "actions: %s: %s\n", what, scope.error.message ? scope.error.message : "failed");
	exit(1);
}

static const char *run_git(const char *const *argv)
{
	struct dl_proc proc = {.argv = argv, .dir = at("w")};
	struct dl_proc_result result;

	if (dl_proc_run(&scope, &proc, &result) < 0 || result.status)
		give_up(argv[1]);
	return dl_arena_format(&scope.arena, "%.*s", (int)(result.len ? result.len - 1 : 0), result.output);
}

#define git(...) run_git((const char *const[]){"git", __VA_ARGS__, NULL})

static void put(const char *name, const char *text)
{
	if (dl_file_mkdirs(&scope, at("w/.github/workflows"), 0755) < 0 ||
	    dl_file_mkdirs(&scope, at("w/.gitea/workflows"), 0755) < 0 ||
	    dl_file_write(&scope, at(name), 0644, text, strlen(text)) < 0)
		give_up(name);
}

static const char *commit(const char *message)
{
	git("add", "-A");
	git("commit", "-q", "--allow-empty", "--cleanup=verbatim", "-m", message);
	return git("rev-parse", "HEAD");
}

static const char *const github[] = {".github/workflows", NULL};
static const char *const both[] = {".gitea/workflows", ".github/workflows", NULL};

/* "RESULT NAME NAME" */
static const char *spell_expected(struct dl_repo *repo, const char *sha, const char *branch,
				  const char *const *folders)
{
	struct dl_names names;
	struct dl_buf out;
	size_t i;

	dl_buf_init(&out, &scope.arena, DL_CAP_LINE);
	dl_buf_printf(&out, "%d", dl_actions_expected(&scope, repo, sha, branch, folders, &names));
	for (i = 0; i < names.count; i++)
		dl_buf_printf(&out, " %s", names.items[i]);
	return out.data;
}

static const struct {
	const char *yaml, *branch, *expected;
} pushes[] = {
	{"on: push", "main", "1 ci.yml"},
	{"on: push", NULL, "1 ci.yml"},
	{"on: [push]", "main", "1 ci.yml"},
	{"on: {push: }", "main", "1 ci.yml"},
	{"on: {push: {}}", "main", "1 ci.yml"},
	{"on: [push, pull_request]", "main", "0 ci.yml"},
	{"on: [push, workflow_dispatch, schedule]", "main", "1 ci.yml"},
	{"on: schedule", "main", "1"},
	{"on: workflow_dispatch", "main", "1"},
	{"on: workflow_call", "main", "1"},
	{"on: pull_request", "main", "0"},
	{"on: {pull_request: {types: [opened, synchronize]}}", "main", "0"},
	{"on: {pull_request: {types: [closed, labeled]}}", "main", "1"},
	{"on: {pull_request: {types: closed}}", "main", "1"},
	{"on: {pull_request_target: }", "main", "0"},
	{"on: create", "main", "0"},
	{"on: {push: {branches: [main]}}", "main", "1 ci.yml"},
	{"on: {push: {branches: main}}", "main", "1 ci.yml"},
	{"on: {push: {branches: [main]}}", "topic", "1"},
	{"on: {push: {branches: [main]}}", NULL, "0"},
	{"on: {push: {branches: ['release/**', main]}}", "release/1/2", "1 ci.yml"},
	{"on: {push: {branches: ['**', '!wip/**']}}", "wip/x", "1"},
	{"on: {push: {branches: ['**', '!wip/**', wip/ci]}}", "wip/ci", "1 ci.yml"},
	{"on: {push: {branches: ['!main']}}", "topic", "0"},
	{"on: {push: {branches: []}}", "main", "0"},
	{"on: {push: {branches: }}", "main", "0"},
	{"on: {push: {branches: ['[']}}", "main", "0"},
	{"on: {push: {branches: [{a: b}]}}", "main", "0"},
	{"on: {push: {branches: [7]}}", "7", "1 ci.yml"},
	{"on: {push: {branches-ignore: [main]}}", "main", "1"},
	{"on: {push: {branches-ignore: [main, 'x*']}}", "topic", "1 ci.yml"},
	{"on: {push: {branches-ignore: ['!main']}}", "main", "0"},
	{"on: {push: {branches: [main], branches-ignore: [main]}}", "main", "0"},
	{"on: {push: {tags: ['v*']}}", "main", "1"},
	{"on: {push: {tags-ignore: ['v*']}}", "main", "1"},
	{"on: {push: {tags: ['v*']}}", NULL, "0"},
	{"on: {push: {tags: ['v*'], branches: [main]}}", "main", "1 ci.yml"},
	{"on: {push: {paths: ['src/**']}}", "main", "0"},
	{"on: {push: {paths-ignore: ['docs/**']}}", "main", "0"},
	{"on: {push: {branches: [main], paths: ['src/**']}}", "topic", "1"},
	{"on: {push: {whatever: [main]}}", "main", "0"},
	{"on: {push: main}", "main", "0"},
	{"on: {push: [main]}", "main", "0"},
	{"on: 7", "main", "0"},
	{"on: {}", "main", "0"},
	{"name: CI", "main", "0"},
	{"on: [push", "main", "0"},
	{"", "main", "0"},
};

static void test_push(struct dl_repo *repo)
{
	const char *sha;
	size_t i;

	for (i = 0; i < COUNT(pushes); i++) {
		put("w/.github/workflows/ci.yml", pushes[i].yaml);
		sha = commit("next");
		check_text("expected",
			   dl_arena_format(&scope.arena, "%s (%s)", pushes[i].yaml,
					   pushes[i].branch ? pushes[i].branch : "unknown"),
			   spell_expected(repo, sha, pushes[i].branch, github), pushes[i].expected);
	}
}

static void test_messages(struct dl_repo *repo)
{
	static const struct {
		const char *message, *expected;
	} rows[] = {
		{"next\n\nskip ci\n", "1 ci.yml"},
		{"next [skip ci]", "1"},
		{"next\n\n[ci skip]\n", "1"},
		{"[no ci]", "1"},
		{"x [skip actions] y", "1"},
		{"x [actions skip]", "1"},
		{"x [Skip CI]", "1 ci.yml"},
		{"x\n\n\nskip-checks: true\n", "0"},
	};
	size_t i;

	put("w/.github/workflows/ci.yml", "on: push");
	for (i = 0; i < COUNT(rows); i++)
		check_text("message", rows[i].message,
			   spell_expected(repo, commit(rows[i].message), "main", github), rows[i].expected);
}

static void test_folders(struct dl_repo *repo)
{
	static const char absent[] = "0123456789abcdef0123456789abcdef01234567";
	const char *empty = commit("nothing"), *sha;
	const struct dl_json *root;

	check_text("folders", "none", spell_expected(repo, empty, "main", both), "1");
	check_int("folders", "none", dl_actions_configured(&scope, repo, empty, both), 0);
	put("w/.github/workflows/b.yaml", "on: push");
	put("w/.github/workflows/a.yml", "on: push");
	put("w/.github/workflows/notes.md", "on: push");
	sha = commit("github");
	check_text("folders", "the second", spell_expected(repo, sha, "main", both), "1 a.yml b.yaml");
	check_int("folders", "the second", dl_actions_configured(&scope, repo, sha, both), 1);
	put("w/.gitea/workflows/c.yml", "on: push");
	sha = commit("gitea");
	check_text("folders", "the first", spell_expected(repo, sha, "main", both), "1 c.yml");
	root = dl_actions_read(&scope, repo, sha, both, "c.yml");
	check_text("read", "a file", dl_actions_triggers(&scope, root), "push");
	check_true("read", "of another folder", !dl_actions_read(&scope, repo, sha, both, "a.yml"));
	check_true("read", "no file", !dl_actions_read(&scope, repo, sha, both, "d.yml"));
	check_true("read", "no commit", !dl_actions_read(&scope, repo, absent, both, "c.yml"));
	check_true("read", "no repository", !dl_actions_read(&scope, NULL, sha, both, "c.yml"));
	check_text("folders", "no commit", spell_expected(repo, absent, "main", both), "-1");
	check_text("folders", "no repository", spell_expected(NULL, sha, "main", both), "-1");
	check_int("folders", "no commit", dl_actions_configured(&scope, repo, absent, both), -1);
	check_int("folders", "no repository", dl_actions_configured(&scope, NULL, sha, both), -1);
	check_int("folders", "no hash", dl_actions_configured(&scope, repo, NULL, both), -1);
	check_int("folders", "no failure", scope.error.class, DL_OK);
	git("rm", "-rq", ".gitea", ".github");
	if (dl_file_mkdirs(&scope, at("w/.github/workflows/dir.yml"), 0755) < 0 ||
	    symlink("../../ci.yml", at("w/.github/workflows/link.yml")) < 0)
		give_up("symlink");
	put("w/.github/workflows/dir.yml/x", "");
	check_text("folders", "a link may be anything", spell_expected(repo, commit("odd"), "main", github),
		   "0");
	git("rm", "-rq", ".github");
}

static void test_expected(void)
{
	struct dl_repo *repo;

	if (!mkdtemp(folder) || mkdir(at("w"), 0755) < 0)
		give_up(folder);
	setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
	setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
	git("init", "-q", "-b", "main");
	git("config", "user.name", "Ada");
	git("config", "user.email", "ada@example.com");
	repo = dl_repo_open(&scope, at("w"));
	if (!repo)
		give_up("w");
	test_folders(repo);
	test_push(repo);
	test_messages(repo);
	dl_repo_close(repo);
	run_git((const char *const[]){"rm", "-rf", folder, NULL});
}

int main(void)
{
	dl_scope_open(&scope, NULL);
	test_patterns();
	test_triggers();
	test_inputs();
	test_expected();
	dl_scope_close(&scope);
	return check_end("actions");
}
