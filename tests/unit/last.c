#include "lib/ci/last.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/scope.h"
#include "lib/base/time.h"
#include "lib/data/record.h"
#include "lib/data/schema.h"
#include "tests/unit/scratch.h"

static struct dl_verdict *verdict_of(enum dl_verdict_word word, const char *project)
{
	struct dl_verdict *verdict = dl_schema_new(&scope, &dl_record_verdict);

	verdict->provider = "github";
	verdict->host = "github.com";
	verdict->project = project;
	verdict->sha = "0123456789012345678901234567890123456789";
	verdict->verdict = (int)word;
	verdict->name = "build";
	verdict->age_s = 0;
	verdict->from_cache = 0;
	return verdict;
}

/* The word of the last verdict on BRANCH, 0 when there is none. */
static int word_of(const char *common_dir, const char *branch)
{
	struct dl_last last = dl_last_find(&scope, common_dir, branch, NULL);

	return last.verdict ? last.verdict->verdict : 0;
}

/* The one file in the folder NAME of the state. */
static const char *only_file(const char *name)
{
	const char *path = at(dl_arena_format(&scope.arena, "state/devloop/%s", name)), *found = NULL;
	DIR *stream = opendir(path);
	struct dirent *entry;

	while (stream && (entry = readdir(stream)))
		if (entry->d_name[0] != '.')
			found = dl_arena_format(&scope.arena, "%s/%s", path, entry->d_name);
	if (stream)
		closedir(stream);
	return found;
}

static void test_keep(void)
{
	struct dl_verdict *verdict = verdict_of(DL_VERDICT_FAILURE, "o/r");
	struct dl_last last;
	struct stat st;

	last = dl_last_find(&scope, at("a"), "main", NULL);
	check_true("find", "nobody has asked", !last.asked && !last.verdict);
	verdict->age_s = 100;
	verdict->from_cache = 1;
	dl_last_keep(verdict, "main", at("a"));
	last = dl_last_find(&scope, at("a"), "main", NULL);
	check_true("keep", "it is there", last.asked && last.verdict);
	check_text("keep", "its name", last.verdict->name, "build");
	check_text("keep", "its branch", last.verdict->branch, "main");
	check_true("keep", "when it was true",
		   last.time <= dl_time_now() - 100 && last.time > dl_time_now() - 110);
	check_true("keep", "private", stat(only_file("last"), &st) == 0 && (st.st_mode & 0777) == 0600 &&
					      stat(at("a/devloop/last"), &st) == 0 &&
					      (st.st_mode & 0777) == 0600);
	last = dl_last_find(&scope, at("a"), "other", NULL);
	check_true("find", "another branch", last.asked && !last.verdict);
	dl_last_keep(verdict_of(DL_VERDICT_SUCCESS, "o/r"), "main", NULL);
	check_int("keep", "by name, in another place", word_of(at("a"), "main"), DL_VERDICT_SUCCESS);
	dl_last_keep(verdict_of(DL_VERDICT_PENDING, "o/other"), "main", NULL);
	check_int("keep", "of another project", word_of(at("a"), "main"), DL_VERDICT_SUCCESS);
	dl_last_keep(verdict, "main", at("gone"));
	check_true("keep", "a repository that is gone is not made", access(at("gone"), F_OK) < 0);
	check_int("keep", "no failure", scope.error.class, DL_OK);
}

/* Without a host it is the repository that tells projects apart. */
static void test_serverless(void)
{
	struct dl_verdict *verdict = verdict_of(DL_VERDICT_FAILURE, "");

	verdict->host = NULL;
	dl_last_keep(verdict, "main", at("b"));
	verdict->verdict = DL_VERDICT_SUCCESS;
	dl_last_keep(verdict, "main", at("c"));
	check_int("serverless", "one", word_of(at("b"), "main"), DL_VERDICT_FAILURE);
	check_int("serverless", "the other", word_of(at("c"), "main"), DL_VERDICT_SUCCESS);
}

/* The word of what is known of the commit SHA, which no branch is at; 0: nothing. */
static int word_at(const char *common_dir, const char *sha)
{
	struct dl_last last = dl_last_find(&scope, common_dir, NULL, sha);

	return last.verdict ? last.verdict->verdict : 0;
}

/* A detached HEAD is at a commit, and on no branch. */
static void test_commit(void)
{
	static const char one[] = "1111111111111111111111111111111111111111";
	static const char two[] = "2222222222222222222222222222222222222222";
	struct dl_verdict *verdict = verdict_of(DL_VERDICT_FAILURE, "o/commits");

	verdict->sha = one;
	dl_last_keep(verdict, "main", at("e"));
	check_int("commit", "of the branch asked about last", word_at(at("e"), one), DL_VERDICT_FAILURE);
	check_int("commit", "another", word_at(at("e"), two), 0);
	verdict->sha = two;
	verdict->verdict = DL_VERDICT_SUCCESS;
	dl_last_keep(verdict, NULL, at("e"));
	check_int("commit", "asked about itself", word_at(at("e"), two), DL_VERDICT_SUCCESS);
	check_int("commit", "another one", word_at(at("e"), one), 0);
	check_int("commit", "the branch is as it was", word_of(at("e"), "main"), DL_VERDICT_FAILURE);
	verdict->verdict = DL_VERDICT_PENDING;
	dl_last_keep(verdict, "main", at("e"));
	check_int("commit", "the branch came there later", word_at(at("e"), two), DL_VERDICT_PENDING);
}

static void test_hostile(void)
{
	static const char line[] =
		"{\"type\":\"verdict\",\"provider\":\"p\",\"project\":\"x\",\"branch\":\"main\",\"verdict\":";
	const char *rows[] = {
		"", "\n", "nonsense", "[]", "{}", "{\"type\":\"verdict\"}",
		"{\"type\":\"run\",\"verdict\":\"success\"}",
		dl_arena_format(&scope.arena, "%s\"splendid\"}", line),
		dl_arena_format(&scope.arena, "%s7}", line),
		dl_arena_format(&scope.arena, "%s\"success\"", line),
		dl_arena_format(&scope.arena, "%s\"success\",\"name\":\"%0100000d\"}", line, 0),
	};
	size_t i;

	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		check_int("hostile", "written", dl_file_write(&scope, at("d/devloop/last"), 0600, rows[i],
							      strlen(rows[i])), 0);
		check_true("hostile", rows[i], !dl_last_find(&scope, at("d"), "main", NULL).asked);
	}
	rows[0] = dl_arena_format(&scope.arena, "%s\"success\"}\n", line);
	check_int("hostile", "written",
		  dl_file_write(&scope, at("d/devloop/last"), 0600, rows[0], strlen(rows[0])), 0);
	check_int("hostile", "a sound one is taken", word_of(at("d"), "main"), DL_VERDICT_SUCCESS);
	check_int("hostile", "for its branch", word_of(at("d"), "other"), 0);
	check_int("hostile", "no failure", scope.error.class, DL_OK);
}

static int news(enum dl_verdict_word word, const char *branch)
{
	return dl_last_news(&scope, verdict_of(word, "o/r"), branch, NULL, true);
}

/* Of a branch that nothing was heard of for over a year nothing is kept, of TOLD as of any. */
static void test_prune(const char *told)
{
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = (time_t)dl_time_now()}};

	times[1].tv_sec -= 360 * 24 * 3600;
	check_int("prune", "dated", utimensat(AT_FDCWD, told, times, 0), 0);
	check_int("prune", "a new branch", news(DL_VERDICT_FAILURE, "third"), 1);
	check_int("prune", "less than a year", access(told, F_OK), 0);
	times[1].tv_sec -= 10 * 24 * 3600;
	check_int("prune", "dated", utimensat(AT_FDCWD, told, times, 0), 0);
	check_int("prune", "no new branch", news(DL_VERDICT_SUCCESS, "third"), 1);
	check_int("prune", "then nobody looks", access(told, F_OK), 0);
	check_int("prune", "a new branch", news(DL_VERDICT_FAILURE, "fourth"), 1);
	check_int("prune", "over a year", access(told, F_OK), -1);
	check_int("prune", "the others stay", news(DL_VERDICT_SUCCESS, "third"), 0);
}

static void test_news(void)
{
	const char *told;

	check_int("news", "not kept", dl_last_news(&scope, verdict_of(DL_VERDICT_PENDING, "o/r"), "main",
						   NULL, false), 1);
	check_int("news", "the first time, whatever it is", news(DL_VERDICT_PENDING, "main"), 1);
	check_int("news", "no more", news(DL_VERDICT_PENDING, "main"), 0);
	check_int("news", "green", news(DL_VERDICT_SUCCESS, "main"), 1);
	check_int("news", "still green", news(DL_VERDICT_SUCCESS, "main"), 0);
	check_int("news", "under way", news(DL_VERDICT_PENDING, "main"), 0);
	check_int("news", "not there yet", news(DL_VERDICT_UNREGISTERED, "main"), 0);
	check_int("news", "green again", news(DL_VERDICT_SUCCESS, "main"), 0);
	check_int("news", "red", news(DL_VERDICT_FAILURE, "main"), 1);
	told = only_file("told");
	check_int("news", "another branch", news(DL_VERDICT_FAILURE, "other"), 1);
	check_int("news", "written", dl_file_write(&scope, told, 0600, "x", 1), 0);
	check_int("news", "what is spoilt is forgotten", news(DL_VERDICT_FAILURE, "main"), 1);
	test_prune(told);
	unsetenv("XDG_STATE_HOME");
	unsetenv("HOME");
	check_int("news", "nowhere to keep it", news(DL_VERDICT_FAILURE, "main"), -1);
	check_int("news", "its class", dl_fail_take(&scope, &scope.arena).class, DL_CONFIG);
	dl_last_keep(verdict_of(DL_VERDICT_FAILURE, "o/r"), "main", NULL);
	check_text("lock", "nowhere", dl_last_lock_path(&scope, at("a")), NULL);
}

int main(void)
{
	static const char *const folders[] = {"a", "b", "c", "d/devloop", "e", NULL}, *const *name;

	dl_scope_open(&scope, NULL);
	if (!mkdtemp(folder))
		return 1;
	for (name = folders; *name; name++)
		if (dl_file_mkdirs(&scope, at(*name), 0755))
			return 1;
	setenv("XDG_STATE_HOME", at("state"), 1);
	test_keep();
	test_serverless();
	test_commit();
	test_hostile();
	check_true("lock", "one for each repository",
		   strcmp(dl_last_lock_path(&scope, at("a")), dl_last_lock_path(&scope, at("b"))) != 0);
	test_news();
	check_int("last", "the folder goes", dl_file_remove_tree(&scope, folder), 0);
	dl_scope_close(&scope);
	return check_end("last");
}
