/* The program runs itself as `git push`, by another name in argv, to be found by what that starts. */
#include "lib/push/ancestor.h"

#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/scope.h"
#include "lib/base/time.h"
#include "tests/unit/check.h"

static struct dl_scope scope;
static char self[PATH_MAX];

static void test_parse(void)
{
	static const struct {
		const char *argv[12];
		bool push, dry_run, quiet, no_verify, atomic, force;
	} rows[] = {
		{.argv = {"git", "push"}, .push = true},
		{.argv = {"/usr/lib/git-core/git", "push", "origin", "main"}, .push = true},
		{.argv = {"git-push", "-n"}, .push = true, .dry_run = true},
		{.argv = {"git", "-C", "push", "status"}},
		{.argv = {"git", "-C", "x", "-c", "a=b", "--git-dir", "y", "--no-pager", "push", "-q"},
		 .push = true,
		 .quiet = true},
		{.argv = {"git", "--git-dir=x", "push", "--dry-run"}, .push = true, .dry_run = true},
		{.argv = {"git", "push", "--dry"}, .push = true, .dry_run = true},
		{.argv = {"git", "push", "--dry-run", "--no-dry-run"}, .push = true},
		{.argv = {"git", "push", "-fnq"},
		 .push = true,
		 .dry_run = true,
		 .quiet = true,
		 .force = true},
		{.argv = {"git", "push", "-on", "x"}, .push = true},
		{.argv = {"git", "push", "-o", "-n", "x"}, .push = true},
		{.argv = {"git", "push", "-qo", "-n", "x"}, .push = true, .quiet = true},
		{.argv = {"git", "push", "--push-option", "--dry-run"}, .push = true},
		{.argv = {"git", "push", "--", "origin", "-n"}, .push = true},
		{.argv = {"git", "push", "origin", "-n"}, .push = true, .dry_run = true},
		{.argv = {"git", "push", "origin", "+main"}, .push = true, .force = true},
		{.argv = {"git", "push", "--force-with-lease=main"}, .push = true, .force = true},
		{.argv = {"git", "push", "--no-verify", "--atomic"},
		 .push = true,
		 .no_verify = true,
		 .atomic = true},
		{.argv = {"git", "fetch"}},
		{.argv = {"git"}},
		{.argv = {"sh", "-c", "git push"}},
		{.argv = {"ungit", "push"}},
		{.argv = {NULL}},
	};
	struct dl_ancestor got;
	char name[32];
	size_t i;

	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		snprintf(name, sizeof name, "row %zu", i);
		memset(&got, 0, sizeof got);
		check_int("is push", name, dl_ancestor_parse(rows[i].argv, &got), rows[i].push);
		check_int("dry run", name, got.dry_run, rows[i].dry_run);
		check_int("quiet", name, got.quiet, rows[i].quiet);
		check_int("no verify", name, got.no_verify, rows[i].no_verify);
		check_int("atomic", name, got.atomic, rows[i].atomic);
		check_int("force", name, got.force, rows[i].force);
	}
}

/* As `git -C . push -nq`: starts a shell that starts this program once more, which looks for it. */
static int push(void)
{
	const pid_t pid = fork();
	char number[32];
	int status = 1;

	snprintf(number, sizeof number, "%d", (int)getppid());
	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", "\"$0\" look \"$1\"; exit $?", self, number, (char *)NULL);
		_exit(99);
	}
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

/* Under the shell under the push under PARENT. */
static int look(void)
{
	struct dl_ancestor found;

	dl_scope_open(&scope, NULL);
	dl_ancestor_find(&scope, &found);
	dl_scope_close(&scope);
	return found.pid > 0 && found.pid != getppid() && found.dry_run && found.quiet && !found.force &&
			       found.started > 0
		       ? 42
		       : 1;
}

static void test_find(void)
{
	const pid_t pid = fork();
	struct dl_ancestor found;
	int status = 1;

	if (pid == 0) {
		execl(self, "git", "-C", ".", "push", "-nq", (char *)NULL);
		_exit(99);
	}
	waitpid(pid, &status, 0);
	check_int("find", "two levels up", WEXITSTATUS(status), 42);
	dl_ancestor_find(&scope, &found);
	check_int("find", "none", found.pid, 0);
}

/* A child that ends with STATUS after MS, or by a signal. */
static pid_t start(int ms, int status, int signal_number)
{
	const pid_t pid = fork();

	if (pid == 0) {
		dl_time_sleep_ms(ms);
		if (signal_number)
			raise(signal_number);
		_exit(status);
	}
	return pid;
}

/* What /proc says of its start, by way of a look from below: the 22nd field of stat. */
static int64_t started(pid_t pid)
{
	char path[64], text[1024] = "";
	const char *rest;
	FILE *file;
	int i;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	file = fopen(path, "r");
	if (!file || !fgets(text, sizeof text, file))
		abort();
	fclose(file);
	rest = strrchr(text, ')') + 1;
	for (i = 3; i <= 22; i++)
		rest = strchr(rest, ' ') + 1;
	return atoll(rest);
}

static void test_wait(void)
{
	struct dl_ancestor git = {.pid = start(200, 7, 0)};
	struct dl_ancestor_end end;
	int64_t begun = dl_time_clock_ms();

	git.started = started(git.pid);
	check_int("wait", "too short", dl_ancestor_wait(&scope, &git, 20, &end), 0);
	check_int("wait", "its end", dl_ancestor_wait(&scope, &git, 10000, &end), 1);
	check_true("wait", "no longer than due", dl_time_clock_ms() - begun < 5000);
	/* Before it is reaped, Linux does not tell; afterwards the pidfd cannot be had. */
	check_true("wait", "a status only when known", end.known ? end.status == 7 : end.status == 0);
	waitpid(git.pid, NULL, 0);
	check_int("wait", "gone", dl_ancestor_wait(&scope, &git, 10000, &end), 1);
	check_int("wait", "gone", end.known, 0);
	git.pid = getpid();
	git.started = started(git.pid) - 1;
	check_int("wait", "another with its pid", dl_ancestor_wait(&scope, &git, 10000, &end), 1);
}

/* When somebody else reaps it at once, as git's caller does. */
static void test_status(int signal_number, int wanted)
{
	struct dl_ancestor git = {0};
	struct dl_ancestor_end end;

	signal(SIGCHLD, SIG_IGN);
	git.pid = start(100, 7, signal_number);
	git.started = started(git.pid);
	check_int("status", "its end", dl_ancestor_wait(&scope, &git, 10000, &end), 1);
	check_true("status", "a status only when known", !end.known || end.status == wanted);
	signal(SIGCHLD, SIG_DFL);
}

int main(int argc, char **argv)
{
	ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);

	if (len < 0)
		abort();
	self[len] = '\0';
	if (argc > 1 && strcmp(argv[0], "git") == 0)
		return push();
	if (argc > 1 && strcmp(argv[1], "look") == 0)
		return look();
	dl_scope_open(&scope, NULL);
	test_parse();
	test_find();
	test_wait();
	test_status(0, 7);
	test_status(SIGKILL, 128 + SIGKILL);
	dl_scope_close(&scope);
	return check_end("ancestor");
}
