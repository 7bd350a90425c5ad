#include "lib/push/tracking.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/scope.h"
#include "lib/git/git.h"
#include "tests/unit/check.h"

#define A "3a6235b56eecc0e193c1e267b064c155c6ebc022"
#define B "b5fe35a1c8bba6d3f93a5ff4f4c2b5d4b6d3e8ad"
#define A64 "3a6235b56eecc0e193c1e267b064c155c6ebc0223a6235b56eecc0e193c1e267"

static struct dl_scope scope;

static void test_find(void)
{
	static const struct {
		const char *specs[4], *ref, *found;
	} rows[] = {
		{{"+refs/heads/*:refs/remotes/origin/*"}, "refs/heads/main", "refs/remotes/origin/main"},
		{{"refs/heads/*:refs/remotes/origin/*"}, "refs/heads/a/b", "refs/remotes/origin/a/b"},
		{{"+refs/heads/*:refs/remotes/origin/*"}, "refs/tags/v1", NULL},
		{{"+refs/heads/*:refs/remotes/origin/*"}, "refs/heads", NULL},
		{{"+refs/heads/main:refs/remotes/origin/main"},
		 "refs/heads/main",
		 "refs/remotes/origin/main"},
		{{"+refs/heads/main:refs/remotes/origin/main"}, "refs/heads/main2", NULL},
		{{"+refs/heads/x*y:refs/a/*/b"}, "refs/heads/x1y", "refs/a/1/b"},
		{{"+refs/heads/x*y:refs/a/*/b"}, "refs/heads/xy", "refs/a//b"},
		{{"+refs/heads/xy*yx:refs/a/*"}, "refs/heads/xyx", NULL},
		{{"+refs/*:refs/*"}, "refs/tags/v1", "refs/tags/v1"},
		{{"refs/heads/main"}, "refs/heads/main", NULL},
		{{"refs/heads/main:"}, "refs/heads/main", NULL},
		{{""}, "refs/heads/main", NULL},
		{{"+refs/heads/a*:refs/x/*", "+refs/heads/*:refs/y/*"}, "refs/heads/ab", "refs/x/b"},
		{{"+refs/heads/a*:refs/x/*", "+refs/heads/*:refs/y/*"}, "refs/heads/b", "refs/y/b"},
		{{"+refs/heads/*:refs/y/*", "^refs/heads/a*"}, "refs/heads/ab", NULL},
		{{"^refs/heads/ab", "+refs/heads/*:refs/y/*"}, "refs/heads/ab", NULL},
		{{"^refs/heads/ab", "+refs/heads/*:refs/y/*"}, "refs/heads/abc", "refs/y/abc"},
	};
	struct dl_git_entry entries[5];
	struct dl_git_config config = {.entries = entries};
	size_t i, j;

	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		config.count = 0;
		entries[config.count++] = (struct dl_git_entry){
			.key = "remote.other.fetch", .value = "+refs/*:refs/wrong/*"};
		for (j = 0; rows[i].specs[j]; j++)
			entries[config.count++] = (struct dl_git_entry){
				.key = "remote.Up.Stream.fetch", .value = rows[i].specs[j]};
		check_text(rows[i].specs[0], rows[i].ref,
			   dl_tracking_find(&scope, &config, "Up.Stream", rows[i].ref), rows[i].found);
	}
	check_text("find", "a URL", dl_tracking_find(&scope, &config, "../x.git", "refs/heads/main"), NULL);
}

static void put(const char *path, const char *text)
{
	unlink(path);
	if (dl_file_create(&scope, path, 0600, text, strlen(text)))
		abort();
}

static void test_read(void)
{
	char dir[] = "/tmp/dl-tracking-XXXXXX";

	if (!mkdtemp(dir) || chdir(dir) || mkdir("refs", 0700) || mkdir("refs/x", 0700))
		abort();
	put("refs/x/loose", A "\n");
	put("refs/x/long", A64 "\n");
	put("refs/x/broken", "3a62\n");
	put("packed-refs", "# pack-refs with: peeled fully-peeled sorted \n" B " refs/x/loose\n" B
			   " refs/x/packed\n^" A "\n" A " refs/x/packed2\n");
	put("outside", A "\n");
	check_text("read", "loose", dl_tracking_read(&scope, ".", "refs/x/loose"), A);
	check_text("read", "SHA-256", dl_tracking_read(&scope, ".", "refs/x/long"), A64);
	check_text("read", "packed", dl_tracking_read(&scope, ".", "refs/x/packed"), B);
	check_text("read", "packed, last", dl_tracking_read(&scope, ".", "refs/x/packed2"), A);
	check_text("read", "a part of a name", dl_tracking_read(&scope, ".", "refs/x/pack"), NULL);
	check_text("read", "broken", dl_tracking_read(&scope, ".", "refs/x/broken"), NULL);
	check_text("read", "none", dl_tracking_read(&scope, ".", "refs/x/none"), NULL);
	check_text("read", "out of refs", dl_tracking_read(&scope, ".", "refs/../outside"), NULL);
	check_text("read", "beside refs", dl_tracking_read(&scope, ".", "outside"), NULL);
	check_text("read", "no repository", dl_tracking_read(&scope, "/nonexistent", "refs/x/loose"), NULL);
	check_int("read", "no failure", scope.error.class, DL_OK);
	check_int("read", "tidy", dl_file_remove_tree(&scope, dir), 0);
}

int main(void)
{
	dl_scope_open(&scope, NULL);
	test_find();
	test_read();
	dl_scope_close(&scope);
	return check_end("tracking");
}
