/* Three processes make a run. The runner holds the run's lock and its record; it has left the session of
 * whoever asked for the run. The keeper leads the process group in which the workflow runs; it does nothing
 * but wait for the end of a pipe that only the runner holds open, and then kills its group: so a runner that
 * is killed takes the workflow with it, and the group's number, the keeper's process id, is nobody else's
 * for as long as the runner may want to signal it. The workflow is the third.
 *
 * A program that cancels a run signals nobody. It leaves a request in the run's folder, and the runner, the
 * only one that knows whom it started, looks for it between naps.
 *
 * The runner is forked and never executes anything itself, although the program may have had other threads.
 * It uses memory (which the C libraries keep usable in a fork), files and processes; not curl and not
 * libgit2. */
#include "providers/ci/local_run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/proc.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "providers/ci/local_env.h"
#include "providers/ci/local_store.h"

enum { NAP_MS = 100, LOCK_FD = 3, FIRST_FREE_FD = 10, CANNOT_RUN = 127 };

/* What the runner knows. */
struct runner {
	struct dl_scope scope;
	const char *repository;
	const char *folder;
	const char *checkout;
	const char *artifacts;
	struct dl_run *run;
	int64_t began_ms;
};

/* A started workflow. */
struct workflow {
	pid_t keeper; /* also the number of the group */
	pid_t pid;
	int leash;    /* the keeper's group dies when this is closed */
};

/* For the reader of the log. */
static void __attribute__((format(printf, 1, 2))) note(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	dprintf(STDERR_FILENO, "devloop: ");
	vdprintf(STDERR_FILENO, format, args);
	dprintf(STDERR_FILENO, "\n");
	va_end(args);
}

/* Decides how the run ends; DETAILS are members of a JSON object. */
static void settle(struct runner *runner, enum dl_conclusion conclusion, const char *raw_status,
		   const char *details)
{
	runner->run->conclusion = conclusion;
	runner->run->raw_status = raw_status;
	dl_local_store_explain(&runner->scope, runner->run, details);
}

/* The run fails for a reason that is not the workflow's. Returns -1. */
static int settle_failure(struct runner *runner, const char *raw_status, const char *reason)
{
	note("%s", reason);
	settle(runner, DL_FAILURE, raw_status, dl_local_store_reason(&runner->scope, reason));
	return -1;
}

/* The same for the failure of the scope. */
static int settle_error(struct runner *runner, const char *raw_status)
{
	struct dl_error error = dl_fail_take(&runner->scope, &runner->scope.arena);

	return settle_failure(runner, raw_status, error.message);
}

/* What the runner has been asked for: by a request in the run's folder, or by a signal, which then stays
 * pending. */
static enum dl_local_store_request asked(const struct runner *runner)
{
	enum dl_local_store_request request = dl_local_store_asked(runner->folder);
	sigset_t pending;
	bool signalled;

	sigpending(&pending);
	signalled = sigismember(&pending, SIGTERM) || sigismember(&pending, SIGINT) ||
		    sigismember(&pending, SIGHUP);
	return signalled && request == DL_LOCAL_STORE_GO_ON ? DL_LOCAL_STORE_CANCEL : request;
}

/* The checkout */

static int run_git(struct runner *runner, const char *const *argv, const char *dir)
{
	struct dl_proc proc = {.argv = argv, .dir = dir};
	struct dl_arena *arena = &runner->scope.arena;
	struct dl_proc_result result;
	const char *reason;

	if (dl_proc_run(&runner->scope, &proc, &result))
		return settle_error(runner, "checkout failed");
	if (result.status == 0)
		return 0;
	reason = dl_arena_format(arena, "git cannot check out the commit (exit %d)", result.status);
	return settle_failure(runner, "checkout failed", reason);
}

/* The folder for what the workflow leaves, with nothing in it of an earlier attempt. */
static int make_artifacts(struct runner *runner)
{
	struct dl_scope *scope = &runner->scope;

	if (dl_file_remove_tree(scope, runner->artifacts) ||
	    dl_file_mkdirs(scope, runner->artifacts, S_IRWXU))
		return settle_error(runner, "cannot run");
	return 0;
}

/* A repository of its own, so that the workflow may do with it as it likes. It borrows the objects of the
 * user's, gets none of the hooks that are configured or lie in a template, and an absent-minded `git push`
 * leads nowhere. */
static int check_out(struct runner *runner)
{
	const char *const clone[] = {
		"git", "-c", "core.hooksPath=/dev/null", "-c", "clone.rejectShallow=false", "clone",
		"--quiet", "--shared", "--no-checkout", "--template=", "--origin=origin", "--config",
		"remote.origin.pushUrl=/dev/null", "--", runner->repository, runner->checkout, NULL,
	};
	const char *const checkout[] = {
		"git", "-c", "core.hooksPath=/dev/null", "checkout", "--quiet", "--detach", runner->run->sha,
		NULL,
	};
	struct dl_scope *scope = &runner->scope;
	size_t parent_len = (size_t)(strrchr(runner->checkout, '/') - runner->checkout);
	const char *parent = dl_arena_copy(&scope->arena, runner->checkout, parent_len);

	if (dl_file_remove_tree(scope, runner->checkout) || dl_file_mkdirs(scope, parent, S_IRWXU))
		return settle_error(runner, "checkout failed");
	if (run_git(runner, clone, NULL))
		return -1;
	return run_git(runner, checkout, runner->checkout);
}

/* The workflow */

/* In the keeper. */
static _Noreturn void keep(int leash)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	int number;
	char byte;

	for (number = 1; number < NSIG; number++)
		sigaction(number, &ignore, NULL);
	while (read(leash, &byte, 1) < 0 && errno == EINTR)
		;
	kill(0, SIGKILL);
	_exit(0);
}

static int start_keeper(struct workflow *workflow)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	workflow->leash = ends[1];
	workflow->keeper = fork();
	if (workflow->keeper == 0) {
		setpgid(0, 0);
		close(ends[1]);
		close(LOCK_FD);
		keep(ends[0]);
	}
	close(ends[0]);
	if (workflow->keeper < 0) {
		close(ends[1]);
		return -1;
	}
	setpgid(workflow->keeper, workflow->keeper);
	return 0;
}

/* In the child: becomes the workflow, or writes errno to REPORT. */
static _Noreturn void execute(const struct runner *runner, const struct workflow *workflow, char *path,
			      int report)
{
	char *argv[] = {path, NULL};
	int number;

	dl_proc_reset_signals();
	if (setpgid(0, workflow->keeper) == 0 && chdir(runner->checkout) == 0)
		execv(path, argv);
	number = errno;
	while (write(report, &number, sizeof number) < 0 && errno == EINTR)
		;
	_exit(CANNOT_RUN);
}

/* Forks the workflow at PATH and waits until it is executed. 0, or the number of the error. */
static int start_workflow(const struct runner *runner, struct workflow *workflow, char *path)
{
	int ends[2], number = 0;
	ssize_t count;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return errno;
	workflow->pid = fork();
	if (workflow->pid == 0)
		execute(runner, workflow, path, ends[1]);
	if (workflow->pid < 0)
		number = errno;
	close(ends[1]);
	do
		count = read(ends[0], &number, sizeof number);
	while (count < 0 && errno == EINTR);
	close(ends[0]);
	if (number && workflow->pid > 0)
		waitpid(workflow->pid, NULL, 0);
	return number;
}

/* Sleeps until a child ends or a nap is over. SIGCHLD is let through only here, so that none is missed. */
static void nap(void)
{
	struct timespec time = {.tv_nsec = NAP_MS * 1000000L};
	sigset_t mask;

	sigprocmask(SIG_SETMASK, NULL, &mask);
	sigdelset(&mask, SIGCHLD);
	pselect(0, NULL, NULL, NULL, &time, &mask);
}

/* Waits for the workflow's end, and sees to it when somebody asks for that. Returns what it had to use,
 * STATUS is wait's. */
static enum dl_local_store_request attend(const struct runner *runner, const struct workflow *workflow,
					  int *status)
{
	enum dl_local_store_request done = DL_LOCAL_STORE_GO_ON, wanted;
	int64_t patience = INT64_MAX;
	pid_t ended;

	while ((ended = waitpid(workflow->pid, status, WNOHANG)) == 0) {
		wanted = dl_time_clock_ms() < patience ? asked(runner) : DL_LOCAL_STORE_KILL;
		if (wanted > done) {
			kill(-workflow->keeper, wanted == DL_LOCAL_STORE_KILL ? SIGKILL : SIGTERM);
			patience = dl_time_clock_ms() + DL_LOCAL_RUN_PATIENCE_MS;
			done = wanted;
		}
		nap();
	}
	DL_BUG_IF(ended < 0);
	return done;
}

/* Ends what the workflow has left behind in its group. */
static void stop_keeper(struct workflow *workflow)
{
	kill(-workflow->keeper, SIGKILL);
	close(workflow->leash);
	waitpid(workflow->keeper, NULL, 0);
}

static void settle_status(struct runner *runner, int status, bool stopped)
{
	struct dl_arena *arena = &runner->scope.arena;
	bool signalled = WIFSIGNALED(status);
	int number = signalled ? WTERMSIG(status) : WEXITSTATUS(status);
	const char *raw = dl_arena_format(arena, "%s %d", signalled ? "signal" : "exit", number);
	const char *details = dl_arena_format(arena, "\"%s\":%d", signalled ? "signal" : "exit_code", number);

	if (stopped)
		settle(runner, DL_CANCELLED, "cancelled", details);
	else if (signalled || (number != EXIT_SUCCESS && number != DL_LOCAL_RUN_SKIPPED))
		settle(runner, DL_FAILURE, raw, details);
	else
		settle(runner, number == EXIT_SUCCESS ? DL_SUCCESS : DL_SKIPPED, raw, details);
}

static int settle_start(struct runner *runner, const char *path, int number)
{
	const char *hint = "", *what = path + strlen("./");

	if (number == ENOENT)
		hint = "; is its interpreter there?";
	else if (number == ENOEXEC)
		hint = "; has it a line #! at its start?";
	what = dl_arena_format(&runner->scope.arena, "cannot run %s: %s%s", what, strerror(number), hint);
	return settle_failure(runner, "cannot run", what);
}

static int run_workflow(struct runner *runner)
{
	char *path = dl_arena_format(&runner->scope.arena, "./.devloop/ci/%s", runner->run->workflow);
	enum dl_local_store_request request = DL_LOCAL_STORE_GO_ON;
	struct workflow workflow = {.leash = -1};
	int status = 0, number;

	if (start_keeper(&workflow))
		return settle_start(runner, path, errno);
	number = start_workflow(runner, &workflow, path);
	if (number == 0)
		request = attend(runner, &workflow, &status);
	stop_keeper(&workflow);
	if (number)
		return settle_start(runner, path, number);
	settle_status(runner, status, request != DL_LOCAL_STORE_GO_ON);
	return 0;
}

/* The runner */

static int begin(struct runner *runner)
{
	runner->began_ms = dl_time_clock_ms();
	runner->run->status = DL_IN_PROGRESS;
	runner->run->raw_status = "running";
	runner->run->started_at = dl_time_now();
	return dl_local_store_write(&runner->scope, runner->folder, runner->run);
}

static int end(struct runner *runner)
{
	runner->run->status = DL_COMPLETED;
	runner->run->completed_at = dl_time_now();
	runner->run->duration_s = (dl_time_clock_ms() - runner->began_ms) / 1000;
	return dl_local_store_write(&runner->scope, runner->folder, runner->run);
}

static void work(struct runner *runner)
{
	const char *reason = dl_local_store_reason(&runner->scope, "cancelled before it began");

	if (make_artifacts(runner) || (asked(runner) == DL_LOCAL_STORE_GO_ON && check_out(runner)))
		return;
	if (asked(runner) == DL_LOCAL_STORE_GO_ON)
		run_workflow(runner);
	else
		settle(runner, DL_CANCELLED, "cancelled", reason);
}

/* A record that cannot be written is all that can go wrong for good: then the run reads as lost. */
static void run_attempt(struct runner *runner)
{
	struct dl_scope *scope = &runner->scope;

	runner->checkout = dl_local_store_checkout(scope, runner->folder);
	runner->artifacts = dl_local_store_artifacts(scope, runner->folder);
	dl_local_env_set(scope, runner->run, runner->artifacts);
	if (begin(runner) == 0) {
		work(runner);
		rmdir(runner->artifacts);
		if (dl_file_remove_tree(scope, runner->checkout))
			note("%s", dl_fail_take(scope, &scope->arena).message);
		if (end(runner) == 0)
			return;
	}
	note("%s", scope->error.message);
}

static void wake(int number)
{
	(void)number;
}

/* Signals that ask for the end wait for `asked`. */
static void set_signals(void)
{
	struct sigaction action = {.sa_handler = wake};
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGHUP);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	sigaction(SIGCHLD, &action, NULL);
}

/* Nobody waits for the end of a pipe because of the runner, and it keeps no other run's lock that another
 * thread is just handing over. */
static int set_descriptors(int lock, int log)
{
	int null = open("/dev/null", O_RDONLY);

	null = fcntl(null, F_DUPFD, FIRST_FREE_FD);
	log = fcntl(log, F_DUPFD, FIRST_FREE_FD);
	lock = fcntl(lock, F_DUPFD, FIRST_FREE_FD);
	if (dup2(null, STDIN_FILENO) < 0 || dup2(log, STDOUT_FILENO) < 0 || dup2(log, STDERR_FILENO) < 0 ||
	    dup2(lock, LOCK_FD) < 0)
		return -1;
	dl_proc_close_from(LOCK_FD + 1);
	return fcntl(LOCK_FD, F_SETFD, FD_CLOEXEC);
}

/* In the child: leaves the caller's session, and lets go of the caller, who waits for nothing else. */
static _Noreturn void detach(struct runner *runner, int lock, int log)
{
	pid_t pid;

	setsid();
	set_signals();
	pid = fork();
	if (pid)
		_exit(pid < 0);
	if (set_descriptors(lock, log) == 0 && chdir("/") == 0)
		run_attempt(runner);
	_exit(0);
}

static int open_log(struct dl_scope *scope, const char *folder, const struct dl_run *run)
{
	const char *path = dl_local_store_log(scope, folder, run->attempt);
	int flags = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW;
	int log = open(path, flags, S_IRUSR | S_IWUSR);

	return log < 0 ? dl_fail_errno(scope, "cannot create %s", dl_text_quote(&scope->arena, path)) : log;
}

/* Forks the runner by way of a child that ends at once. */
static int start(struct dl_scope *scope, struct runner *runner, int lock)
{
	int log = open_log(scope, runner->folder, runner->run), status = 0;
	pid_t pid;

	if (log < 0)
		return -1;
	pid = fork();
	if (pid == 0)
		detach(runner, lock, log);
	if (pid < 0)
		dl_fail_errno(scope, "cannot start a process for run %s", runner->run->id);
	close(log);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (status)
		dl_fail(scope, DL_SYSTEM, "cannot start a process for run %s", runner->run->id);
	return pid < 0 || status ? -1 : 0;
}

int dl_local_run_start(struct dl_scope *scope, const char *repository, const char *folder, int lock,
		       const struct dl_run *run)
{
	struct runner runner = {.repository = repository, .folder = folder};
	int result;

	dl_scope_open(&runner.scope, NULL);
	runner.run = dl_schema_copy(&runner.scope, &dl_record_run, run);
	result = start(scope, &runner, lock);
	dl_scope_close(&runner.scope);
	close(lock);
	return result;
}
