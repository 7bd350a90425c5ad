/* In a repository of its own, with the real git. */
#include "lib/git/git.h"

#include <stdlib.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/scope.h"
#include "tests/unit/check.h"

static struct dl_scope scope;
static char folder[] = "/tmp/dl-git-XXXXXX";

static void git(const char *const *argv)
{
	struct dl_proc_result result;

	if (dl_git_run(&scope, NULL, argv, &result) || result.status != 0)
		abort();
}

static void test_parse(void)
{
	static const char text[] =
		"global\0file:/h\0devloop.ci\ngithub\0local\0file:c\0remote.a.b.url\nx\ny\0"
		"local\0file:c\0devloop.ci\n\0command\0command line:\0devloop.prepush.inci\0local\0f\0cut";
	static const char several[] =
		"local\0f\0remote.a.url\none\0local\0f\0remote.a.url\ntwo\0local\0f\0remote.b.url\none\0"
		"local\0f\0remote.b.url\n\0local\0f\0remote.b.url\ntwo\0";
	struct dl_git_config config;

	dl_git_parse(&scope, text, sizeof text - 1, &config);
	check_int("parse", "what is whole", (int)config.count, 4);
	check_text("parse", "a value of two lines", dl_git_get(&config, "remote.a.b.url"), "x\ny");
	check_text("parse", "the last one counts", dl_git_get(&config, "devloop.ci"), "");
	check_text("parse", "where it stands", dl_git_find(&config, "devloop.ci")->scope, "local");
	check_text("parse", "and in which file", dl_git_find(&config, "devloop.ci")->origin, "file:c");
	check_text("parse", "a name alone", dl_git_get(&config, "devloop.prepush.inci"), "true");
	check_text("parse", "what is not there", dl_git_get(&config, "cut"), NULL);
	dl_git_parse(&scope, several, sizeof several - 1, &config);
	check_text("first", "of several", dl_git_get_first(&config, "remote.a.url"), "one");
	check_text("first", "after an empty one", dl_git_get_first(&config, "remote.b.url"), "two");
	check_text("first", "what is not there", dl_git_get_first(&config, "remote.c.url"), NULL);
	dl_git_parse(&scope, "", 0, &config);
	check_int("parse", "nothing", (int)config.count, 0);
}

static void test_config(void)
{
	struct dl_git_config config;

	check_int("config", "nothing set", dl_git_config(&scope, NULL, &config), 0);
	check_int("config", "nothing set", (int)config.count, 0);
	git((const char *const[]){"config", "DevLoop.prepush.OwnRed", "allow", NULL});
	git((const char *const[]){"config", "remote.My.Fork.url", "../x", NULL});
	git((const char *const[]){"config", "unrelated.key", "x", NULL});
	setenv("GIT_CONFIG_COUNT", "1", 1);
	setenv("GIT_CONFIG_KEY_0", "devloop.prepush", 1);
	setenv("GIT_CONFIG_VALUE_0", "warn", 1);
	check_int("config", "read", dl_git_config(&scope, NULL, &config), 0);
	unsetenv("GIT_CONFIG_COUNT");
	check_int("config", "only ours", (int)config.count, 3);
	check_text("config", "the name's case", dl_git_get(&config, "devloop.prepush.ownred"), "allow");
	check_text("config", "the remote's case", dl_git_get(&config, "remote.My.Fork.url"), "../x");
	check_text("config", "of the command", dl_git_find(&config, "devloop.prepush")->scope, "command");
	check_int("config", "no such folder", dl_git_config(&scope, "missing", &config), -1);
	dl_fail_take(&scope, &scope.arena);
}

static void check_path(const char *name, const char *got, const char *tail)
{
	const char *want = dl_arena_format(&scope.arena, "%s/%s", folder, tail);
	char real[4096] = "", expected[4096] = "";

	check_true("paths", name, got && *got == '/' && realpath(got, real) && realpath(want, expected));
	check_text("paths", name, real, expected);
}

static void test_paths(void)
{
	check_path("common dir", dl_git_common_dir(&scope, NULL), ".git");
	check_path("common dir from elsewhere", dl_git_common_dir(&scope, folder), ".git");
	check_path("hooks", dl_git_hooks_dir(&scope, NULL), ".git/hooks");
	check_path("below", dl_git_common_dir(&scope, "sub"), ".git");
	check_path("top", dl_git_top(&scope, "sub"), "");
	check_path("top of a bare one", dl_git_top(&scope, ".git"), ".git");
	git((const char *const[]){"config", "core.hooksPath", "sub", NULL});
	check_path("hooks elsewhere", dl_git_hooks_dir(&scope, NULL), "sub");
	check_text("paths", "no repository", dl_git_common_dir(&scope, "/"), NULL);
	check_int("paths", "no repository", dl_fail_take(&scope, &scope.arena).class, DL_CONFIG);
}

static bool has(const char *const *changes, const char *change)
{
	for (; *changes; changes++)
		if (strcmp(*changes, change) == 0)
			return true;
	return false;
}

static void test_environment(void)
{
	const char *const *changes;

	setenv("GIT_DIR", ".git", 1);
	setenv("GIT_WORK_TREE", "/elsewhere", 1);
	changes = dl_git_environment(&scope);
	unsetenv("GIT_DIR");
	unsetenv("GIT_WORK_TREE");
	check_true("environment", "absolute",
		   has(changes, dl_arena_format(&scope.arena, "GIT_DIR=%s/.git", folder)));
	check_true("environment", "left alone", !changes[1]);
	changes = dl_git_environment(&scope);
	check_true("environment", "nothing is said", !changes[0]);
}

int main(void)
{
	dl_scope_open(&scope, NULL);
	if (!mkdtemp(folder) || chdir(folder) || setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1) ||
	    setenv("GIT_CONFIG_NOSYSTEM", "1", 1) || dl_file_mkdirs(&scope, "sub", 0700))
		abort();
	git((const char *const[]){"init", "-q", "-b", "main", NULL});
	test_parse();
	test_config();
	test_paths();
	test_environment();
	if (chdir("/") || dl_file_remove_tree(&scope, folder))
		abort();
	dl_scope_close(&scope);
	return check_end("git");
}
