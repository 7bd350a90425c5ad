/* Every repository here is made by git itself, in a folder of this test and with no configuration but its
 * own. */
#include "lib/git/repo.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/proc.h"
#include "lib/base/scope.h"
#include "tests/unit/scratch.h"

enum { NOBODY = 65534 };

#define ABSENT "0123456789abcdef0123456789abcdef01234567"

/* libgit2 1.5 leaks where it matches a regular expression: extensions when opening, names like those of git
 * describe. */
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

static enum dl_class fault(const char **message, const char **hint)
{
	struct dl_error error = dl_fail_take(&scope, &scope.arena);

	*message = error.message ? error.message : "";
	*hint = error.hint ? error.hint : "";
	return error.class;
}

/* Runs git in the folder NAME and returns its output without the last newline. Anything but success ends the
 * test: it has nothing to look at. */
static const char *run_git(const char *name, const char *const *argv)
{
	struct dl_proc proc = {.argv = argv, .dir = at(name)};
	struct dl_proc_result result;

	if (dl_proc_run(&scope, &proc, &result) < 0 || result.status) {
		fprintf(stderr, "repo: git %s: %s\n", argv[1],
			scope.error.message ? scope.error.message : "failed");
		exit(1);
	}
	return dl_arena_format(&scope.arena, "%.*s", (int)(result.len ? result.len - 1 : 0), result.output);
}

/* git(name, arguments...) */
#define git(name, ...) run_git(name, (const char *const[]){"git", __VA_ARGS__, NULL})

static void make(const char *name)
{
	if (mkdir(at(name), 0755) < 0)
		exit(1);
}

static void commit(const char *name, const char *subject)
{
	git(name, "commit", "-q", "--allow-empty", "-m", subject);
}

static struct dl_repo *open_at(const char *name)
{
	return dl_repo_open(&scope, at(name));
}

static void check_open_failure(const char *name, struct dl_repo *repo, enum dl_class class, const char *part,
			       const char *fix)
{
	const char *message, *hint;

	check_true("open", name, !repo);
	check_int("open", name, fault(&message, &hint), class);
	if (!check_begin(strstr(message, part), "open", name))
		printf(": message \"%s\" lacks \"%s\"\n", message, part);
	if (!check_begin(strstr(hint, fix), "open", name))
		printf(": hint \"%s\" lacks \"%s\"\n", hint, fix);
	dl_repo_close(repo);
}

/* "main": two commits, a tag of each kind, a remote "origin" that knows main and topic. */
static void make_main(void)
{
	make("main");
	git("main", "init", "-q");
	commit("main", "first");
	commit("main", "second\n\nA body.");
	git("main", "tag", "light", "HEAD~1");
	git("main", "tag", "-a", "-m", "x", "heavy", "HEAD~1");
	git("main", "branch", "topic", "HEAD~1");
	git(".", "init", "-q", "--bare", "server.git");
	git("main", "remote", "add", "origin", at("server.git"));
	git("main", "push", "-q", "-u", "origin", "main");
	git("main", "push", "-q", "origin", "topic");
}

static void test_places(void)
{
	struct dl_repo *repo;

	if (dl_file_mkdirs(&scope, at("main/deep/er"), 0755) < 0)
		exit(1);
	repo = open_at("main/deep/er");
	check_text("places", "root from below", dl_repo_root(repo), at("main/"));
	check_text("places", "common folder", dl_repo_common_dir(repo), at("main/.git/"));
	check_text("places", "branch", dl_repo_branch(&scope, repo), "main");
	dl_repo_close(repo);

	git("main", "worktree", "add", "-q", "-b", "side", at("linked"));
	repo = open_at("linked");
	check_text("places", "root of a linked worktree", dl_repo_root(repo), at("linked/"));
	check_text("places", "common folder of a linked worktree", dl_repo_common_dir(repo),
		   at("main/.git/"));
	check_text("places", "branch of a linked worktree", dl_repo_branch(&scope, repo), "side");
	check_text("places", "HEAD of a linked worktree", dl_repo_resolve(&scope, repo, "HEAD"),
		   git("linked", "rev-parse", "HEAD"));
	dl_repo_close(repo);

	repo = open_at("server.git");
	check_text("places", "root of a bare repository", dl_repo_root(repo), NULL);
	check_text("places", "common folder of a bare repository", dl_repo_common_dir(repo),
		   at("server.git/"));
	dl_repo_close(repo);
	dl_repo_close(NULL);
}

static void test_submodule(void)
{
	struct dl_repo *repo;

	make("super");
	git("super", "init", "-q");
	git("super", "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", at("server.git"),
	    "sub");
	repo = open_at("super/sub");
	check_text("submodule", "root", dl_repo_root(repo), at("super/sub/"));
	check_text("submodule", "common folder", dl_repo_common_dir(repo), at("super/.git/modules/sub/"));
	check_text("submodule", "remote", dl_repo_remote_url(&scope, repo, dl_repo_remote(&scope, repo)),
		   at("server.git"));
	dl_repo_close(repo);
}

static void test_environment(void)
{
	struct dl_repo *repo;

	if (chdir("/") < 0)
		exit(1);
	setenv("GIT_DIR", at("main/.git"), 1);
	repo = dl_repo_open(&scope, NULL);
	check_text("environment", "GIT_DIR", dl_repo_common_dir(repo), at("main/.git/"));
	dl_repo_close(repo);
	repo = open_at("linked");
	check_text("environment", "a named folder outranks GIT_DIR", dl_repo_root(repo), at("linked/"));
	dl_repo_close(repo);
	setenv("GIT_WORK_TREE", at("super"), 1);
	repo = dl_repo_open(&scope, NULL);
	check_text("environment", "GIT_WORK_TREE", dl_repo_root(repo), at("super/"));
	dl_repo_close(repo);
	setenv("GIT_WORK_TREE", at("none"), 1);
	check_open_failure("GIT_WORK_TREE without folder", dl_repo_open(&scope, NULL), DL_CONFIG,
			   "GIT_WORK_TREE names no", "");
	unsetenv("GIT_WORK_TREE");
	setenv("GIT_DIR", at("linked/.git"), 1);
	repo = dl_repo_open(&scope, NULL);
	check_text("environment", "GIT_DIR of a linked worktree", dl_repo_root(repo), at("linked/"));
	dl_repo_close(repo);
	setenv("GIT_DIR", at("main/deep"), 1);
	check_open_failure("GIT_DIR is not searched from", dl_repo_open(&scope, NULL), DL_CONFIG,
			   "GIT_DIR names no git repository: ", "-R");
	unsetenv("GIT_DIR");
	setenv("GIT_CEILING_DIRECTORIES", at("main"), 1);
	check_open_failure("a ceiling", open_at("main/deep"), DL_CONFIG, "no git repository in ", "-R");
	unsetenv("GIT_CEILING_DIRECTORIES");
	if (chdir(at("main")) < 0)
		exit(1);
	repo = dl_repo_open(&scope, NULL);
	check_text("environment", "the working directory", dl_repo_root(repo), at("main/"));
	dl_repo_close(repo);
}

static void test_open_failures(void)
{
	make("plain");
	make("broken");
	check_open_failure("no repository", open_at("plain"), DL_CONFIG, "plain or above", "-R");
	check_open_failure("no folder", open_at("absent"), DL_CONFIG, "absent or above", "-R");
	if (chdir(at("plain")) < 0)
		exit(1);
	check_open_failure("not here", dl_repo_open(&scope, NULL), DL_CONFIG,
			   "no git repository in this folder or above", "-R");
	put_file("broken/.git", "nonsense", 0644);
	check_open_failure("malformed .git", open_at("broken"), DL_CONFIG,
			   "cannot open the git repository in ", "");
	git(".", "init", "-q", "--object-format=sha256", "sha256");
	check_open_failure("SHA-256", open_at("sha256"), DL_UNSUPPORTED, "SHA-256", "-R");
	git(".", "init", "-q", "strange");
	git("strange", "config", "core.repositoryFormatVersion", "1");
	git("strange", "config", "extensions.whoKnows", "1");
	check_open_failure("unknown extension", open_at("strange"), DL_UNSUPPORTED, "extensions.whoknows",
			   "");
	git(".", "init", "-q", "future");
	git("future", "config", "core.repositoryFormatVersion", "99");
	check_open_failure("unknown version", open_at("future"), DL_UNSUPPORTED, "99", "");
	git(".", "init", "-q", "syntax");
	put_file("syntax/.git/config", "[core\n", 0644);
	check_open_failure("malformed configuration", open_at("syntax"), DL_CONFIG,
			   "cannot open the git repository in ", "");
}

/* Extensions that a reader need not know. */
static void test_extensions(void)
{
	static const char *const names[] = {"worktreeConfig", "preciousObjects", "partialClone"};
	struct dl_repo *repo;
	size_t i;

	git(".", "init", "-q", "extended");
	git("extended", "config", "core.repositoryFormatVersion", "1");
	for (i = 0; i < sizeof names / sizeof *names; i++) {
		git("extended", "config", dl_arena_format(&scope.arena, "extensions.%s", names[i]), "true");
		repo = open_at("extended");
		check_true("extensions", names[i], repo != NULL);
		dl_repo_close(repo);
	}
}

/* Only root can give a folder away; elsewhere there is nothing to refuse. */
static void test_owner(void)
{
	struct dl_repo *repo;

	git(".", "init", "-q", "foreign");
	if (geteuid() != 0 || chown(at("foreign"), NOBODY, NOBODY) < 0 ||
	    chown(at("foreign/.git"), NOBODY, NOBODY) < 0)
		return;
	check_open_failure(
		"foreign", open_at("foreign"), DL_CONFIG, "another user owns it",
		dl_arena_format(&scope.arena, "git config --global --add safe.directory %s", at("foreign")));
	git(".", "config", "--file", at(".gitconfig"), "safe.directory", "/else");
	check_open_failure("foreign, another trusted", open_at("foreign/.git"), DL_CONFIG,
			   "another user owns it",
			   dl_arena_format(&scope.arena, "safe.directory %s", at("foreign")));
	git(".", "config", "--file", at(".gitconfig"), "--add", "safe.directory", at("foreign"));
	repo = open_at("foreign");
	check_true("open", "foreign, trusted", repo != NULL);
	dl_repo_close(repo);
	git(".", "config", "--file", at(".gitconfig"), "--unset-all", "safe.directory");
	put_file("global", "[safe]\n\tdirectory = *\n\tdirectory =\n", 0644);
	setenv("GIT_CONFIG_GLOBAL", at("global"), 1);
	check_open_failure("foreign, trust revoked", open_at("foreign"), DL_CONFIG, "another user owns it",
			   "safe.directory");
	put_file("global", "[safe]\n\tdirectory = *\n", 0644);
	repo = open_at("foreign");
	check_true("open", "foreign, all trusted", repo != NULL);
	dl_repo_close(repo);
	unsetenv("GIT_CONFIG_GLOBAL");
}

static void test_branch(void)
{
	struct dl_repo *repo;

	git(".", "init", "-q", "new");
	git("new", "symbolic-ref", "HEAD", "refs/heads/team/first.try");
	repo = open_at("new");
	check_text("branch", "before the first commit", dl_repo_branch(&scope, repo), "team/first.try");
	check_text("branch", "no remote", dl_repo_remote(&scope, repo), NULL);
	check_text("branch", "no tip", dl_repo_tip(&scope, repo, "team/first.try"), NULL);
	dl_repo_close(repo);
	commit("new", "one");
	git("new", "checkout", "-q", "--detach");
	repo = open_at("new");
	check_text("branch", "detached", dl_repo_branch(&scope, repo), NULL);
	check_text("branch", "detached, resolved", dl_repo_resolve(&scope, repo, "HEAD"),
		   git("new", "rev-parse", "HEAD"));
	dl_repo_close(repo);
}

static void check_refused(struct dl_repo *repo, const char *revision, enum dl_class class, const char *part)
{
	const char *message, *hint;

	check_text("resolve", revision, dl_repo_resolve(&scope, repo, revision), NULL);
	check_int("resolve", revision, fault(&message, &hint), class);
	if (!check_begin(strstr(message, part), "resolve", revision))
		printf(": message \"%s\" lacks \"%s\"\n", message, part);
}

static void test_resolve(void)
{
	static const char *const first[] = {"HEAD~1",       "light",           "heavy", "topic",
					    "origin/topic", "refs/tags/heavy", "main~", "HEAD^{/first}"};
	static const char *const absent[] = {"",
					     "none",
					     "HEAD~9",
					     "0",
					     "abc",
					     "0123456",
					     "HEAD..topic",
					     "../x",
					     "-x",
					     "@{u}x",
					     "a b",
					     "x\ny",
					     "HEAD^{nonsense}",
					     "0123456789abcdef0123456789abcdef012345678"};
	struct dl_repo *repo = open_at("main");
	const char *second = git("main", "rev-parse", "HEAD"), *one = git("main", "rev-parse", "HEAD~1");
	size_t i;

	for (i = 0; i < sizeof first / sizeof *first; i++)
		check_text("resolve", first[i], dl_repo_resolve(&scope, repo, first[i]), one);
	check_text("resolve", "HEAD", dl_repo_resolve(&scope, repo, "HEAD"), second);
	check_text("resolve", "@{u}", dl_repo_resolve(&scope, repo, "main@{u}"), second);
	check_text("resolve", "short", dl_repo_resolve(&scope, repo, dl_arena_copy(&scope.arena, second, 7)),
		   second);
	check_text("resolve", "full", dl_repo_resolve(&scope, repo, second), second);
	check_text("resolve", "a tag in full",
		   dl_repo_resolve(&scope, repo, git("main", "rev-parse", "heavy")), one);
	check_text("resolve", "full, not here", dl_repo_resolve(&scope, repo, ABSENT), ABSENT);
	check_text("resolve", "upper case",
		   dl_repo_resolve(&scope, repo, "0123456789ABCDEF0123456789ABCDEF01234567"), ABSENT);
	check_text("resolve", "of SHA-256", dl_repo_resolve(&scope, repo, ABSENT "0123456789abcdef01234567"),
		   ABSENT "0123456789abcdef01234567");
	for (i = 0; i < sizeof absent / sizeof *absent; i++)
		check_refused(repo, absent[i], DL_USAGE, "no such commit: ");
	check_refused(repo, "esc\033[31m", DL_USAGE, "no such commit: esc\\x1b[31m");
	check_refused(repo, "HEAD^{tree}", DL_USAGE, "no commit: HEAD^{tree} names something else");
	dl_repo_close(repo);
	git(".", "init", "-q", "unborn");
	repo = open_at("unborn");
	check_refused(repo, "HEAD", DL_MISSING, "there are no commits yet");
	dl_repo_close(repo);
}

/* The names of the blobs "142" and "784" begin alike. */
static void test_ambiguous(void)
{
	static const char *const blobs[] = {"142", "784"};
	static const char prefix[] = "8324";
	struct dl_repo *repo;
	const char *message, *hint;
	size_t i;

	git(".", "init", "-q", "alike");
	for (i = 0; i < 2; i++) {
		put_file("alike/object", blobs[i], 0644);
		git("alike", "hash-object", "-w", "object");
	}
	repo = open_at("alike");
	check_text("ambiguous", prefix, dl_repo_resolve(&scope, repo, prefix), NULL);
	check_int("ambiguous", prefix, fault(&message, &hint), DL_USAGE);
	check_text("ambiguous", prefix, message, "ambiguous commit: several objects begin with 8324");
	check_text("ambiguous", prefix, hint, "give more digits");
	dl_repo_close(repo);
}

static void test_tip(void)
{
	struct dl_repo *repo = open_at("main");
	const char *one = git("main", "rev-parse", "HEAD~1"), *second = git("main", "rev-parse", "HEAD");

	check_text("tip", "upstream", dl_repo_tip(&scope, repo, "main"), second);
	check_text("tip", "no upstream", dl_repo_tip(&scope, repo, "topic"), one);
	check_text("tip", "never pushed", dl_repo_tip(&scope, repo, "side"), NULL);
	check_text("tip", "no such branch", dl_repo_tip(&scope, repo, "none"), NULL);
	check_text("tip", "no branch name", dl_repo_tip(&scope, repo, "a..b\n"), NULL);
	dl_repo_close(repo);

	git("main", "branch", "-q", "renamed", "HEAD");
	git("main", "branch", "-q", "--set-upstream-to=origin/topic", "renamed");
	git("main", "branch", "-q", "inner", "HEAD");
	git("main", "branch", "-q", "--set-upstream-to=main", "inner");
	git("main", "branch", "-q", "--set-upstream-to=origin/main", "topic");
	repo = open_at("main");
	check_text("tip", "upstream of another name", dl_repo_tip(&scope, repo, "renamed"), one);
	check_text("tip", "upstream of another name, and one of the same", dl_repo_tip(&scope, repo, "topic"),
		   one);
	check_text("tip", "a local upstream is no remote's", dl_repo_tip(&scope, repo, "inner"), NULL);
	dl_repo_close(repo);

	git(".", "clone", "-q", "--mirror", at("server.git"), "mirror.git");
	repo = open_at("mirror.git");
	check_text("tip", "in a mirror", dl_repo_tip(&scope, repo, "topic"), one);
	dl_repo_close(repo);
}

static void test_ahead(void)
{
	struct dl_repo *repo = open_at("main");
	const char *one = git("main", "rev-parse", "HEAD~1"), *second = git("main", "rev-parse", "HEAD");

	check_int("ahead", "by one", dl_repo_ahead(&scope, repo, second, one), 1);
	check_int("ahead", "behind", dl_repo_ahead(&scope, repo, one, second), 0);
	check_int("ahead", "the same", dl_repo_ahead(&scope, repo, one, one), 0);
	check_int("ahead", "unknown commit", dl_repo_ahead(&scope, repo, ABSENT, one), -1);
	check_int("ahead", "unknown base", dl_repo_ahead(&scope, repo, one, ABSENT), -1);
	check_int("ahead", "no base", dl_repo_ahead(&scope, repo, one, NULL), -1);
	check_int("ahead", "no object name", dl_repo_ahead(&scope, repo, "HEAD", one), -1);
	dl_repo_close(repo);

	git(".", "clone", "-q", "--depth=2", dl_arena_format(&scope.arena, "file://%s", at("server.git")),
	    "shallow");
	commit("shallow", "third");
	git("shallow", "worktree", "add", "-q", at("shallow-linked"));
	repo = open_at("shallow-linked");
	check_int("ahead", "shallow",
		  dl_repo_ahead(&scope, repo, dl_repo_resolve(&scope, repo, "HEAD"), second), -1);
	check_int("ahead", "shallow, the same", dl_repo_ahead(&scope, repo, second, second), 0);
	dl_repo_close(repo);
}

static const char *url_of(const char *name)
{
	struct dl_repo *repo = open_at(name);
	const char *url = dl_repo_remote_url(&scope, repo, dl_repo_remote(&scope, repo));

	dl_repo_close(repo);
	return url;
}

static void check_remote(const char *name, const char *want)
{
	struct dl_repo *repo = open_at("remotes");

	check_text("remote", name, dl_repo_remote(&scope, repo), want);
	dl_repo_close(repo);
}

static void test_remote(void)
{
	struct dl_repo *repo;

	git(".", "init", "-q", "remotes");
	check_remote("none", NULL);
	git("remotes", "remote", "add", "first", "gh:o/first.git");
	check_remote("the only one", "first");
	git("remotes", "remote", "add", "second", "https://example.com/second");
	check_remote("neither of two", NULL);
	git("remotes", "remote", "add", "origin", "git@example.com:o/r.git");
	check_remote("origin", "origin");
	git("remotes", "config", "branch.main.remote", "first");
	check_remote("the branch's", "first");
	check_text("remote", "URL", url_of("remotes"), "gh:o/first.git");
	git("remotes", "config", "branch.main.remote", ".");
	check_remote("itself is none", "origin");
	git("remotes", "config", "branch.main.remote", "gone");
	check_remote("one that is gone", "origin");
	git("remotes", "config", "url.https://github.com/.insteadOf", "gh:");
	git("remotes", "config", "--add", "url.https://longer.example/.insteadOf", "gh:o/");
	git("remotes", "config", "url.https://shorter.example/.insteadOf", "g");
	git("remotes", "config", "url.ssh://push.example/.pushInsteadOf", "gh:");
	git("remotes", "config", "branch.main.remote", "first");
	check_text("remote", "the longest insteadOf", url_of("remotes"), "https://longer.example/first.git");
	git("remotes", "config", "branch.main.remote", "gh:fork/r.git");
	check_remote("a URL", "gh:fork/r.git");
	check_text("remote", "a URL, insteadOf", url_of("remotes"), "https://github.com/fork/r.git");
	git("remotes", "config", "remote.push.pushurl", "https://example.com/push");
	repo = open_at("remotes");
	check_text("remote", "no such", dl_repo_remote_url(&scope, repo, "none"), NULL);
	check_text("remote", "no name", dl_repo_remote_url(&scope, repo, "\001"), NULL);
	check_text("remote", "no URL", dl_repo_remote_url(&scope, repo, "push"), NULL);
	dl_repo_close(repo);
}

static void check_config(struct dl_repo *repo, const char *name, const char *key, const char *want)
{
	check_text("config", name, dl_repo_config(&scope, repo, key), want);
}

static void test_config(void)
{
	struct dl_repo *repo;

	git("main", "config", "devloop.ci", "local");
	git("main", "config", "--add", "devloop.ci", "jenkins");
	git("main", "config", "devloop.host.git.example.com.provider", "gitlab");
	put_file("main/.git/valueless", "[devloop]\n\tflag\n\tempty =\n", 0644);
	git("main", "config", "include.path", "valueless");
	put_file(".gitconfig", "[devloop]\n\tci = github\n\tuser = home\n\ttrue = true\n", 0644);
	put_file("global", "[devloop]\n\tuser = global\n", 0644);
	put_file("system", "[devloop]\n\tuser = system\n\tsystem = yes\n", 0644);
	repo = open_at("main");
	check_config(repo, "the last value", "devloop.ci", "jenkins");
	check_config(repo, "a dotted middle", "devloop.host.git.example.com.provider", "gitlab");
	check_config(repo, "no case", "DevLoop.CI", "jenkins");
	check_config(repo, "not set", "devloop.none", NULL);
	check_config(repo, "no key", "nonsense", NULL);
	check_config(repo, "no value", "devloop.flag", "true");
	check_config(repo, "an empty value", "devloop.empty", "");
	check_config(repo, "the user's", "devloop.user", "home");
	dl_repo_close(repo);
	check_config(NULL, "without a repository", "devloop.ci", "github");
	check_config(NULL, "without a repository, not set", "devloop.none", NULL);

	setenv("GIT_CONFIG_GLOBAL", at("global"), 1);
	setenv("GIT_CONFIG_SYSTEM", at("system"), 1);
	unsetenv("GIT_CONFIG_NOSYSTEM");
	repo = open_at("main");
	check_config(repo, "GIT_CONFIG_GLOBAL", "devloop.user", "global");
	check_config(repo, "GIT_CONFIG_SYSTEM", "devloop.system", "yes");
	check_config(repo, "the repository's", "devloop.ci", "jenkins");
	check_config(repo, "the repository's include", "devloop.empty", "");
	check_config(NULL, "GIT_CONFIG_GLOBAL alone", "devloop.user", "global");
	dl_repo_close(repo);
	setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
	setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
	repo = open_at("main");
	check_config(repo, "nothing but the repository's", "devloop.user", NULL);
	check_config(repo, "nothing but the repository's", "devloop.system", NULL);
	check_config(NULL, "nothing", "devloop.user", NULL);
	dl_repo_close(repo);
	unsetenv("GIT_CONFIG_GLOBAL");
	unsetenv("GIT_CONFIG_SYSTEM");
}

static void test_entries(void)
{
	struct dl_repo *repo;
	struct dl_repo_entries entries;
	const char *sha, *message, *hint;

	git(".", "init", "-q", "tree");
	if (dl_file_mkdirs(&scope, at("tree/ci/a"), 0755) < 0 || symlink("run", at("tree/ci/link")) < 0)
		exit(1);
	put_file("tree/ci/a/x", "", 0644);
	put_file("tree/ci/a.b", "", 0644);
	put_file("tree/ci/run", "", 0755);
	git("tree", "add", ".");
	commit("tree", "subject\nsecond line");
	sha = git("tree", "rev-parse", "HEAD");
	repo = open_at("tree");
	check_int("entries", "folder", dl_repo_entries(&scope, repo, sha, "ci", &entries), 0);
	check_int("entries", "count", (int64_t)entries.count, 4);
	check_true("entries", "found", entries.found);
	if (entries.count == 4) {
		check_text("entries", "sorted", entries.items[0].name, "a");
		check_text("entries", "sorted", entries.items[1].name, "a.b");
		check_text("entries", "sorted", entries.items[2].name, "link");
		check_text("entries", "sorted", entries.items[3].name, "run");
		check_true("entries", "folder", entries.items[0].directory && !entries.items[0].executable);
		check_true("entries", "file", !entries.items[1].directory && !entries.items[1].executable);
		check_true("entries", "link", !entries.items[2].directory && !entries.items[2].executable);
		check_true("entries", "executable",
			   !entries.items[3].directory && entries.items[3].executable);
	}
	check_int("entries", "top", dl_repo_entries(&scope, repo, sha, "", &entries), 0);
	check_int("entries", "top", (int64_t)entries.count, 1);
	check_int("entries", "deep, slash", dl_repo_entries(&scope, repo, sha, "ci/a/", &entries), 0);
	check_int("entries", "deep, slash", (int64_t)entries.count, 1);
	check_int("entries", "absent", dl_repo_entries(&scope, repo, sha, "ci/none/x", &entries), 0);
	check_true("entries", "absent", !entries.found && !entries.count);
	check_int("entries", "a file", dl_repo_entries(&scope, repo, sha, "ci/run", &entries), 0);
	check_true("entries", "a file", !entries.found);
	check_int("entries", "below a file", dl_repo_entries(&scope, repo, sha, "ci/run/x", &entries), 0);
	check_true("entries", "below a file", !entries.found);
	check_int("entries", "outside", dl_repo_entries(&scope, repo, sha, "../tree", &entries), 0);
	check_true("entries", "outside", !entries.found);
	check_int("entries", "no commit", dl_repo_entries(&scope, repo, ABSENT, "", &entries), -1);
	check_int("entries", "no commit", fault(&message, &hint), DL_MISSING);
	check_text("subject", "first line", dl_repo_subject(&scope, repo, sha), "subject");
	check_text("subject", "no commit", dl_repo_subject(&scope, repo, ABSENT), NULL);
	check_text("subject", "no object name", dl_repo_subject(&scope, repo, "HEAD"), NULL);
	sha = git("tree", "rev-parse", "HEAD:ci");
	if (unlink(dl_arena_format(&scope.arena, "%s/tree/.git/objects/%.2s/%s", folder, sha, sha + 2)) < 0)
		exit(1);
	dl_repo_close(repo);
	repo = open_at("tree");
	check_int("entries", "a part is missing",
		  dl_repo_entries(&scope, repo, git("tree", "rev-parse", "HEAD"), "ci/a", &entries), -1);
	check_int("entries", "a part is missing", fault(&message, &hint), DL_MISSING);
	dl_repo_close(repo);
}

/* What a repository would run if it could. */
static void test_nothing_runs(void)
{
	const char *run = dl_arena_format(&scope.arena, "touch %s", at("ran"));
	struct dl_repo_entries entries;
	struct dl_repo *repo;

	git("tree", "config", "core.fsmonitor", run);
	git("tree", "config", "core.sshCommand", run);
	git("tree", "config", "credential.helper", dl_arena_format(&scope.arena, "!%s", run));
	git("tree", "config", "filter.x.smudge", run);
	repo = open_at("tree");
	(void)!dl_repo_entries(&scope, repo, dl_repo_resolve(&scope, repo, "HEAD"), "", &entries);
	dl_repo_remote(&scope, repo);
	dl_repo_close(repo);
	check_int("nothing runs", "no trace", access(at("ran"), F_OK), -1);
}

static int count_descriptors(void)
{
	int fd, count = 0;

	for (fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void set_environment(void)
{
	static const char *const removed[] = {
		"GIT_DIR",           "GIT_WORK_TREE",     "GIT_INDEX_FILE",   "GIT_CEILING_DIRECTORIES",
		"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS",
		"XDG_CONFIG_HOME",   "SUDO_UID"};
	size_t i;

	for (i = 0; i < sizeof removed / sizeof *removed; i++)
		unsetenv(removed[i]);
	setenv("HOME", folder, 1);
	setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
	setenv("GIT_AUTHOR_NAME", "A", 1);
	setenv("GIT_AUTHOR_EMAIL", "a@example.com", 1);
	setenv("GIT_COMMITTER_NAME", "A", 1);
	setenv("GIT_COMMITTER_EMAIL", "a@example.com", 1);
	setenv("GIT_AUTHOR_DATE", "2026-01-14T10:30:00Z", 1);
	setenv("GIT_COMMITTER_DATE", "2026-01-14T10:30:00Z", 1);
	dl_scope_open(&scope, NULL);
	put_file(".gitconfig", "[init]\n\tdefaultBranch = main\n", 0644);
	dl_scope_close(&scope);
}

int main(void)
{
	static void (*const tests[])(void) = {
		make_main,          test_places,     test_submodule,    test_environment,
		test_open_failures, test_extensions, test_owner,        test_branch,
		test_resolve,       test_ambiguous,  test_tip,          test_ahead,
		test_remote,        test_entries,    test_nothing_runs, test_config,
	};
	int descriptors;
	size_t i;

	if (!mkdtemp(folder))
		return 1;
	descriptors = count_descriptors();
	set_environment();
	for (i = 0; i < sizeof tests / sizeof *tests; i++) {
		dl_scope_open(&scope, NULL);
		tests[i]();
		dl_scope_close(&scope);
	}
	check_int("repo", "no descriptor is left open", count_descriptors(), descriptors);
	dl_scope_open(&scope, NULL);
	check_int("repo", "the folder goes", chdir("/") | dl_file_remove_tree(&scope, folder), 0);
	dl_scope_close(&scope);
	return check_end("repo");
}
