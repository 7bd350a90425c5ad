/* Which URLs name the same repository, and what is seen of a clone. */
#include "lib/sync/clone.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/scope.h"
#include "tests/unit/check.h"

#define ONE "1111111111111111111111111111111111111111"
#define TWO "2222222222222222222222222222222222222222"

static void test_urls(void)
{
	static const struct {
		const char *one, *other;
		bool same;
	} rows[] = {
		{"https://example.com/o/r.git", "https://example.com/o/r", true},
		{"https://example.com/o/r.git", "git@example.com:o/r.git", true},
		{"https://example.com/o/r", "ssh://git@EXAMPLE.com:2222/o/r/", true},
		{"https://ada:secret@example.com/o/r", "https://example.com/o/r", true},
		{"https://example.com/o/r", "https://example.com/o/r2", false},
		{"https://example.com/o/r", "https://example.org/o/r", false},
		{"https://example.com/o/r", "https://example.com.evil.org/o/r", false},
		{"https://example.com/o/r", "https://example.co/m/o/r", false},
		{"file:///a/r.git", "file:///a/r.git", true},
		{"file:///a/r.git", "/a/r.git", false},
	};
	size_t i;

	for (i = 0; i < sizeof rows / sizeof *rows; i++)
		check_true(rows[i].one, rows[i].other,
			   dl_clone_url_same(rows[i].one, rows[i].other) == rows[i].same);
}

static void put(struct dl_scope *scope, const char *root, const char *name, const char *text)
{
	char *path = dl_arena_format(&scope->arena, "%s/r/.git/%s", root, name), *slash = strrchr(path, '/');

	*slash = '\0';
	check_int("put", name, dl_file_mkdirs(scope, path, 0700), 0);
	*slash = '/';
	check_int("put", name, dl_file_write(scope, path, 0600, text, strlen(text)), 0);
}

static int look(struct dl_scope *scope, const char *root, struct dl_clone *clone)
{
	dl_clone_close(clone);
	return dl_clone_look(scope, root, "r", clone);
}

static void test_files(struct dl_scope *scope, const char *root)
{
	struct dl_clone clone = {.repo = NULL};

	check_int("look", "nothing", look(scope, root, &clone), 0);
	check_int("look", "is absent", clone.kind, DL_CLONE_ABSENT);
	put(scope, root, "HEAD", "ref: refs/heads/main\n");
	put(scope, root, "objects/x", "");
	put(scope, root, "config",
	    "[core]\n\tbare = false\n[remote \"upstream\"]\n\turl = https://example.com/no\n"
	    "[remote \"Origin\"]\n\turl = x\n[Remote \"origin\"]\n\tfetch = x\n"
	    "\tURL = \"https://example.com/o/r\" # quoted\n");
	put(scope, root, "packed-refs",
	    "# pack-refs with: peeled fully-peeled sorted\n" ONE " refs/heads/main-x\n" ONE
	    " refs/heads/main\n" TWO " refs/tags/v1\n^" ONE "\n");
	put(scope, root, "refs/remotes/origin/HEAD", "ref: refs/remotes/origin/trunk\n");
	check_int("look", "a clone", look(scope, root, &clone), 0);
	check_int("look", "is there", clone.kind, DL_CLONE_THERE);
	check_text("look", "head", clone.head, "refs/heads/main");
	check_text("look", "a packed ref", clone.commit, ONE);
	check_text("look", "url", clone.url, "https://example.com/o/r");
	check_text("look", "default branch", clone.origin, "refs/heads/trunk");
	check_text("look", "the beginning of a name is none", dl_clone_ref(scope, &clone, "refs/heads/mai"),
		   NULL);
	check_text("look", "a tag", dl_clone_ref(scope, &clone, "refs/tags/v1"), TWO);
	put(scope, root, "refs/heads/main", TWO "\n");
	put(scope, root, "rebase-merge/x", "");
	check_int("look", "again", look(scope, root, &clone), 0);
	check_text("look", "a loose ref comes before a packed one", clone.commit, TWO);
	check_text("look", "has been begun", clone.busy, "a rebase");
	put(scope, root, "HEAD", ONE "\n");
	check_int("look", "detached", look(scope, root, &clone), 0);
	check_text("look", "no branch", clone.head, NULL);
	check_text("look", "commit", clone.commit, ONE);
	put(scope, root, "config",
	    "[extensions]\n\tnobodyKnows = this\n[core]\n\trepositoryFormatVersion = 1\n");
	check_int("look", "neither libgit2 nor git knows how", look(scope, root, &clone), -1);
	check_int("look", "so git has refused", scope->error.class, DL_CONFIG);
	dl_fail_take(scope, &scope->arena);
	put(scope, root, "config", "[core]\n\trepositoryFormatVersion = 0\n");
	put(scope, root, "HEAD", "nonsense");
	check_int("look", "broken", look(scope, root, &clone), 0);
	check_int("look", "is no repository", clone.kind, DL_CLONE_FOREIGN);
}

int main(void)
{
	char root[] = "/tmp/dl-unit-clone-XXXXXX";
	struct dl_scope scope;

	dl_scope_open(&scope, NULL);
	test_urls();
	check_true("place", "made", mkdtemp(root) != NULL);
	test_files(&scope, root);
	check_int("place", "removed", dl_file_remove_tree(&scope, root), 0);
	dl_scope_close(&scope);
	return check_end("clone");
}
