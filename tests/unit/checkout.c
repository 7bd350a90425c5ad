#include "lib/git/checkout.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "tests/unit/scratch.h"

static void make(const char *name)
{
	if (dl_file_mkdirs(&scope, at(name), 0755) < 0)
		abort();
}

/* The folders and file that make NAME a git folder. */
static void make_git(const char *name, const char *head)
{
	make(dl_arena_format(&scope.arena, "%s/objects", name));
	make(dl_arena_format(&scope.arena, "%s/refs", name));
	put_file(dl_arena_format(&scope.arena, "%s/HEAD", name), head, 0644);
}

static void check_none(const char *name, const char *dir)
{
	struct dl_checkout checkout;

	check_true("checkout", name, !dl_checkout_find(&scope, dir ? at(dir) : NULL, &checkout));
}

/* BRANCH NULL: detached. */
static void check_found(const char *name, const char *dir, const char *git_dir, const char *common_dir,
			const char *branch)
{
	struct dl_checkout checkout = {0};

	check_true("checkout", name, dl_checkout_find(&scope, dir ? at(dir) : NULL, &checkout));
	check_text("git_dir", name, checkout.git_dir, at(git_dir));
	check_text("common_dir", name, checkout.common_dir, at(common_dir));
	check_text("branch", name, checkout.branch, branch);
}

static void test_places(void)
{
	make("w/sub/deep");
	make_git("w/.git", "ref: refs/heads/feature/x\n");
	check_found("the top", "w", "w/.git", "w/.git", "feature/x");
	check_found("below", "w/sub/deep", "w/.git", "w/.git", "feature/x");
	check_found("the git folder itself", "w/.git", "w/.git", "w/.git", "feature/x");
	if (symlink("w/sub", at("link")) < 0)
		abort();
	check_found("by a link", "link", "w/.git", "w/.git", "feature/x");
	make_git("bare.git", "ref: refs/heads/main");
	check_found("bare", "bare.git/refs", "bare.git", "bare.git", "main");
	check_none("no such folder", "nowhere");
	make("w/sub/.git");
	check_found("an empty .git is passed", "w/sub/deep", "w/.git", "w/.git", "feature/x");
	put_file("w/sub/deep/.git", "gitdir: ../../../nowhere\n", 0644);
	check_none("a .git file that leads nowhere ends the search", "w/sub/deep");
	put_file("w/sub/deep/.git", "nonsense", 0644);
	check_none("a .git file that says nothing, too", "w/sub/deep");
}

static void test_worktrees(void)
{
	make("tree");
	make("w/.git/worktrees/tree");
	put_file("w/.git/worktrees/tree/HEAD", "ref: refs/heads/other\n", 0644);
	put_file("w/.git/worktrees/tree/commondir", "../..\n", 0644);
	put_file("tree/.git", dl_arena_format(&scope.arena, "gitdir: %s\n", at("w/.git/worktrees/tree")),
		 0644);
	check_found("a working tree", "tree", "w/.git/worktrees/tree", "w/.git", "other");
	make("w/module");
	make_git("w/.git/modules/module", "ref: refs/heads/main\n");
	put_file("w/module/.git", "gitdir: ../.git/modules/module\n", 0644);
	check_found("a submodule", "w/module", "w/.git/modules/module", "w/.git/modules/module", "main");
	put_file("w/.git/worktrees/tree/commondir", "../../../../../nowhere\n", 0644);
	check_none("a working tree whose repository is gone", "tree");
}

#define SHA "0123456789012345678901234567890123456789"

static void test_heads(void)
{
	struct dl_checkout checkout;
	static const struct {
		const char *head, *branch, *commit;
	} rows[] = {
		{"ref: refs/heads/main\n", "main", NULL},
		{"ref:refs/heads/main", "main", NULL},
		{SHA "\n", NULL, SHA},
		{"ref: refs/heads/.invalid\n", NULL, NULL},
		{"ref: refs/heads/\n", NULL, NULL},
		{"ref: refs/tags/v1\n", NULL, NULL},
		{"ref: refs/heads/a\nb\n", NULL, NULL},
		{"ref: refs/heads/\033[2Jx\n", NULL, NULL},
	};
	char large[16 << 10];
	size_t i;

	make_git("h/.git", "");
	check_none("an empty HEAD", "h");
	put_file("h/.git/HEAD", "nonsense", 0644);
	check_none("a HEAD that is none", "h");
	memset(large, 'x', sizeof large - 1);
	large[sizeof large - 1] = '\0';
	put_file("h/.git/HEAD", dl_arena_format(&scope.arena, "ref: refs/heads/%s", large), 0644);
	check_none("a HEAD of many kilobytes", "h");
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		put_file("h/.git/HEAD", rows[i].head, 0644);
		check_found(rows[i].head, "h", "h/.git", "h/.git", rows[i].branch);
		check_true("commit", rows[i].head,
			   dl_checkout_find(&scope, at("h"), &checkout) &&
				   dl_text_same(checkout.commit, rows[i].commit));
	}
}

static void test_environment(void)
{
	if (chdir(at("w/sub")) < 0)
		abort();
	check_found("here", NULL, "w/.git", "w/.git", "feature/x");
	setenv("GIT_CEILING_DIRECTORIES", dl_arena_format(&scope.arena, "/x:%s/", at("w")), 1);
	check_none("a ceiling", NULL);
	unsetenv("GIT_CEILING_DIRECTORIES");
	setenv("GIT_DIR", at("bare.git"), 1);
	check_found("GIT_DIR", NULL, "bare.git", "bare.git", "main");
	check_found("not with a folder", "w", "w/.git", "w/.git", "feature/x");
	setenv("GIT_COMMON_DIR", at("w/.git"), 1);
	check_found("GIT_COMMON_DIR", NULL, "bare.git", "w/.git", "main");
	setenv("GIT_DIR", "/nowhere", 1);
	check_none("a GIT_DIR that is not there", NULL);
	unsetenv("GIT_DIR");
	unsetenv("GIT_COMMON_DIR");
}

int main(void)
{
	unsetenv("GIT_DIR");
	unsetenv("GIT_COMMON_DIR");
	unsetenv("GIT_CEILING_DIRECTORIES");
	dl_scope_open(&scope, NULL);
	if (!mkdtemp(folder) || chdir("/") < 0)
		return 1;
	test_places();
	test_worktrees();
	test_heads();
	test_environment();
	check_int("checkout", "no failure", scope.error.class, DL_OK);
	if (chdir("/") < 0)
		return 1;
	check_int("checkout", "the folder goes", dl_file_remove_tree(&scope, folder), 0);
	dl_scope_close(&scope);
	return check_end("checkout");
}
