/* posix_spawn cannot say whether the program or its working directory was what is missing, and cannot tie a
 * child to its parent; so this is fork and exec, with the errno of what failed sent through a pipe that a
 * successful exec closes. Programs run threads: everything is prepared before fork, and the child calls
 * nothing but async-signal-safe functions.
 *
 * A program's end is the end of its process, not of its output: a daemon that it left behind may hold the
 * pipe for ever. The end is noticed without reaping (WNOWAIT), so that its process id, which is also its
 * group's, stays ours until the group has been signalled. */
#include "lib/base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <paths.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/base/writer.h"

enum {
	CHUNK = 32 << 10,
	GRACE_MS = 300, /* between asking a program to end and ending it */
	SLICE_MS = 10,  /* how often to look for its end where the system cannot tell */
	PIPE_SIZE = 1 << 20, /* what a pipe holds at most, where its size may be changed */
	STDIO_COUNT = 4, /* the standard ones, and the secret */
};

/* Everything that the child needs; made before fork. */
struct plan {
	const char *path;
	char *const *argv;
	char *const *env;
	const char *dir;
	bool foreground, steady;
	int stdio[STDIO_COUNT]; /* what becomes its descriptors 0 to 3; -1: stays */
	int report;             /* where a struct trouble goes */
	pid_t parent;
};

/* What the child could not do. */
struct trouble {
	enum step { PREPARE, ENTER, EXECUTE } step;
	int number;
};

/* A running program. */
struct child {
	pid_t pid;
	int end;    /* readable when the program has ended; -1: the system has no such thing */
	int input;  /* our end of its standard input; -1: closed */
	int output; /* our end of its standard output; -1: closed */
	int errors; /* our end of its standard error; -1: closed, or not ours */
	bool said;  /* there is something at .errors, so far as is known */
	bool over;  /* there is something at .end, so far as is known */
};

/* Both sides of what connects us with a program; -1: not open. */
struct pipe {
	int read;
	int write;
};

struct ends {
	struct pipe input;
	struct pipe output;
	struct pipe errors;
	struct pipe report;
	int null;
	int secret; /* a file without a name */
	int file;   /* the same, of the caller: its standard output */
};

static void close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void close_pipe(struct pipe *pipe)
{
	close_end(&pipe->read);
	close_end(&pipe->write);
}

static int open_pipe(struct dl_scope *scope, struct pipe *pipe)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return dl_fail_errno(scope, "cannot create a pipe");
	pipe->read = ends[0];
	pipe->write = ends[1];
	return 0;
}

static size_t name_len(const char *assignment)
{
	return strcspn(assignment, "=");
}

/* Whether one of CHANGES sets or removes the variable that ASSIGNMENT ("NAME=value" or "NAME") is about. */
static bool is_changed(const char *const *changes, const char *assignment)
{
	size_t len = name_len(assignment);

	for (; *changes; changes++)
		if (name_len(*changes) == len && memcmp(*changes, assignment, len) == 0)
			return true;
	return false;
}

char *const *dl_proc_environment(struct dl_scope *scope, const char *const *changes)
{
	size_t count = 0, used = 0, i;
	char **env;

	for (i = 0; environ[i]; i++)
		count++;
	for (i = 0; changes && changes[i]; i++)
		count++;
	env = dl_arena_array(&scope->arena, count + 1, sizeof *env);
	for (i = 0; environ[i]; i++)
		if (!changes || !is_changed(changes, environ[i]))
			env[used++] = environ[i];
	for (i = 0; changes && changes[i]; i++)
		if (strchr(changes[i], '=') && !is_changed(changes + i + 1, changes[i]))
			env[used++] = dl_arena_string(&scope->arena, changes[i]);
	return env;
}

bool dl_proc_is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	       faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0;
}

const char *dl_proc_path(void)
{
	const char *path = getenv("PATH");

	return path ? path : _PATH_DEFPATH;
}

const char *dl_proc_find_in(struct dl_scope *scope, const char *path, const char *name)
{
	const char *found;
	size_t len;

	if (!*name || strchr(name, '/'))
		return NULL;
	for (;; path += len + 1) {
		len = strcspn(path, ":");
		if (*path == '/') {
			found = dl_arena_format(&scope->arena, "%.*s/%s", (int)len, path, name);
			if (dl_proc_is_program(found))
				return found;
		}
		if (!path[len])
			return NULL;
	}
}

const char *dl_proc_find(struct dl_scope *scope, const char *name)
{
	return dl_proc_find_in(scope, dl_proc_path(), name);
}

/* The file to execute; a name with a slash is one already. */
static const char *find_file(struct dl_scope *scope, const char *name)
{
	const char *path = strchr(name, '/') ? name : dl_proc_find(scope, name);

	if (!path)
		dl_fail(scope, DL_MISSING, "no such program: %s", dl_text_quote(&scope->arena, name));
	return path;
}

char *const *dl_proc_arguments(struct dl_scope *scope, const char *const *argv)
{
	size_t count = 0, i;
	char **copy;

	while (argv[count])
		count++;
	copy = dl_arena_array(&scope->arena, count + 1, sizeof *copy);
	for (i = 0; i < count; i++)
		copy[i] = dl_arena_string(&scope->arena, argv[i]);
	return copy;
}

/* A file that has no name anywhere; WHAT is in it, for who looks at our descriptors. -1 and errno. */
static int create_nameless(const char *what)
{
#ifdef MFD_CLOEXEC
	return memfd_create(what, MFD_CLOEXEC);
#else
	FILE *file = tmpfile();
	int fd = file ? fcntl(fileno(file), F_DUPFD_CLOEXEC, STDIO_COUNT) : -1;

	(void)what;
	if (file)
		fclose(file);
	return fd;
#endif
}

/* The same with TEXT in it. */
static int hide(const char *text)
{
	int fd = create_nameless("secret");

	if (fd >= 0 &&
	    (pwrite(fd, text, strlen(text), 0) != (ssize_t)strlen(text) || lseek(fd, 0, SEEK_SET))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static int open_ends(struct dl_scope *scope, const struct dl_proc *proc, struct ends *ends)
{
	ends->null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (ends->null < 0)
		return dl_fail_errno(scope, "cannot open /dev/null");
	if (proc->secret && (ends->secret = hide(proc->secret)) < 0)
		return dl_fail_errno(scope, "cannot hide a credential");
	if (proc->input_len && open_pipe(scope, &ends->input) < 0)
		return -1;
	if (proc->errors_cap && open_pipe(scope, &ends->errors) < 0)
		return -1;
	if (ends->file < 0 && open_pipe(scope, &ends->output) < 0)
		return -1;
	return open_pipe(scope, &ends->report);
}

static void close_ends(struct ends *ends)
{
	close_pipe(&ends->input);
	close_pipe(&ends->output);
	close_pipe(&ends->errors);
	close_pipe(&ends->report);
	close_end(&ends->null);
	close_end(&ends->secret);
}

/* In the child: says what went wrong, and ends. */
static _Noreturn void give_up(int report, enum step step)
{
	struct trouble trouble = {.step = step, .number = errno};
	ssize_t count;

	do
		count = write(report, &trouble, sizeof trouble);
	while (count < 0 && errno == EINTR);
	_exit(127);
}

void dl_proc_reset_signals(void)
{
	struct sigaction action = {.sa_handler = SIG_DFL};
	sigset_t none;
	int number;

	for (number = 1; number < NSIG; number++)
		sigaction(number, &action, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

void dl_proc_close_from(int first)
{
	int fd;

#ifdef SYS_close_range
	if (syscall(SYS_close_range, first, ~0U, 0) == 0)
		return;
#endif
	for (fd = (int)sysconf(_SC_OPEN_MAX) - 1; fd >= first; fd--)
		close(fd);
}

/* In the child: the descriptors are first moved out of the way of 0 to 3, which may have been closed in our
 * program. */
static int set_stdio(const int *stdio)
{
	int moved[STDIO_COUNT], i;

	for (i = 0; i < STDIO_COUNT; i++) {
		moved[i] = stdio[i] < 0 ? -1 : fcntl(stdio[i], F_DUPFD_CLOEXEC, STDIO_COUNT);
		if (stdio[i] >= 0 && moved[i] < 0)
			return -1;
	}
	for (i = 0; i < STDIO_COUNT; i++)
		if (moved[i] >= 0 && dup2(moved[i], i) < 0)
			return -1;
	return 0;
}

/* A program that another one replaces keeps what is held back. */
static void hold_signals(void)
{
	static const int numbers[] = {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM};
	sigset_t held;
	size_t i;

	sigemptyset(&held);
	for (i = 0; i < sizeof numbers / sizeof *numbers; i++)
		sigaddset(&held, numbers[i]);
	sigprocmask(SIG_BLOCK, &held, NULL);
}

static _Noreturn void run_child(const struct plan *plan)
{
	int report = fcntl(plan->report, F_DUPFD_CLOEXEC, STDIO_COUNT);

	dl_proc_reset_signals();
	if (!plan->foreground)
		setpgid(0, 0);
	if (plan->steady)
		hold_signals();
#ifdef __linux__
	else
		prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != plan->parent)
		_exit(127);
#endif
	if (set_stdio(plan->stdio) < 0)
		give_up(report, PREPARE);
	if (plan->dir && chdir(plan->dir) < 0)
		give_up(report, ENTER);
	execve(plan->path, plan->argv, plan->env);
	give_up(report, EXECUTE);
}

/* Signals wait until the child has no handler of ours any more. */
static pid_t fork_child(const struct plan *plan)
{
	sigset_t all, old;
	int number;
	pid_t pid;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	pid = fork();
	if (pid == 0)
		run_child(plan);
	number = errno;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	errno = number;
	return pid;
}

static int explain(struct dl_scope *scope, const struct dl_proc *proc, const struct trouble *trouble)
{
	const char *name = dl_text_quote(&scope->arena, proc->argv[0]);

	errno = trouble->number;
	if (trouble->step == ENTER)
		return dl_fail_errno(scope, "cannot enter the folder %s",
				     dl_text_quote(&scope->arena, proc->dir));
	if (trouble->step == EXECUTE && (errno == ENOENT || errno == ENOTDIR))
		return dl_fail(scope, DL_MISSING, "cannot run %s: %s", name, strerror(errno));
	return dl_fail_errno(scope, "cannot run %s", name);
}

static int reap(pid_t pid, int *status)
{
	pid_t result;

	do
		result = waitpid(pid, status, 0);
	while (result < 0 && errno == EINTR);
	return result < 0 ? -1 : 0;
}

/* Starts PLAN and stays until it is known whether the program could be executed. */
static int launch(struct dl_scope *scope, const struct dl_proc *proc, const struct plan *plan,
		  struct ends *ends, struct child *child)
{
	struct trouble trouble;
	ssize_t count;

	child->pid = fork_child(plan);
	if (child->pid < 0)
		return dl_fail_errno(scope, "cannot start %s", dl_text_quote(&scope->arena, proc->argv[0]));
	close_end(&ends->report.write);
	do
		count = read(ends->report.read, &trouble, sizeof trouble);
	while (count < 0 && errno == EINTR);
	if (count == 0)
		return 0;
	reap(child->pid, NULL);
	if (count != sizeof trouble)
		trouble = (struct trouble){.step = PREPARE, .number = EIO};
	return explain(scope, proc, &trouble);
}

/* A descriptor that is readable when PID has ended, or -1. */
static int open_end(pid_t pid)
{
#ifdef SYS_pidfd_open
	return (int)syscall(SYS_pidfd_open, pid, 0);
#else
	(void)pid;
	return -1;
#endif
}

/* Takes an end of ours out of ENDS; it does not block. */
static int take_end(int *end)
{
	int fd = *end;

	if (fd >= 0)
		fcntl(fd, F_SETFL, O_NONBLOCK);
	*end = -1;
	return fd;
}

static int start(struct dl_scope *scope, const struct dl_proc *proc, int file, struct child *child)
{
	struct ends ends = {
		.input = {-1, -1}, .output = {-1, -1}, .errors = {-1, -1}, .report = {-1, -1},
		.null = -1, .secret = -1, .file = file};
	struct plan plan = {.path = find_file(scope, proc->argv[0]), .dir = proc->dir, .parent = getpid()};
	int result = -1;

	if (!plan.path)
		return -1;
	plan.foreground = proc->foreground;
	plan.steady = proc->steady;
	plan.argv = dl_proc_arguments(scope, proc->argv);
	plan.env = dl_proc_environment(scope, proc->env);
	if (open_ends(scope, proc, &ends) == 0) {
		plan.stdio[0] = proc->input_len ? ends.input.read : proc->foreground ? -1 : ends.null;
		plan.stdio[1] = file < 0 ? ends.output.write : file;
		plan.stdio[2] = proc->errors_cap ? ends.errors.write : proc->quiet ? ends.null : -1;
		plan.stdio[3] = ends.secret;
		plan.report = ends.report.write;
		result = launch(scope, proc, &plan, &ends, child);
	}
	if (result == 0) {
		child->end = open_end(child->pid);
		child->input = take_end(&ends.input.write);
		child->output = take_end(&ends.output.read);
		child->errors = take_end(&ends.errors.read);
	}
	close_ends(&ends);
	return result;
}

/* write(2) without SIGPIPE. Ignoring that signal would be a decision for the whole program; a socket in place
 * of the pipe would break programs that open /dev/stdin. So it is held back in this thread, and taken away
 * when this write raised it. */
static ssize_t write_unsignalled(int fd, const void *data, size_t len)
{
	sigset_t broken_pipe, old, before, after;
	int number, taken;
	ssize_t count;

	sigemptyset(&broken_pipe);
	sigaddset(&broken_pipe, SIGPIPE);
	sigpending(&before);
	pthread_sigmask(SIG_BLOCK, &broken_pipe, &old);
	count = write(fd, data, len);
	number = errno;
	sigpending(&after);
	if (count < 0 && number == EPIPE && !sigismember(&before, SIGPIPE) && sigismember(&after, SIGPIPE))
		sigwait(&broken_pipe, &taken);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	errno = number;
	return count;
}

static bool try_again(ssize_t count)
{
	return count < 0 && (errno == EAGAIN || errno == EINTR);
}

/* Gives the program what it will take now of the input that is left. One that closes its input has enough: no
 * failure. */
static void feed(struct child *child, const struct dl_proc *proc, size_t *fed)
{
	ssize_t count;

	if (child->input < 0)
		return;
	count = write_unsignalled(child->input, proc->input + *fed, proc->input_len - *fed);
	if (try_again(count))
		return;
	if (count > 0)
		*fed += (size_t)count;
	if (count < 0 || *fed == proc->input_len)
		close_end(&child->input);
}

/* Takes what there is now at END into the CHUNK bytes at CHUNK. 0: nothing; END is closed when that is
 * final. */
static size_t collect(int *end, char *chunk)
{
	ssize_t count;

	if (*end < 0)
		return 0;
	count = read(*end, chunk, CHUNK);
	if (count <= 0 && !try_again(count))
		close_end(end);
	return count > 0 ? (size_t)count : 0;
}

static bool has_ended(const struct child *child)
{
	siginfo_t info = {.si_pid = 0};

	if (child->end >= 0)
		return child->over;
	return waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 ? errno != EINTR
										       : info.si_pid != 0;
}

/* Waits until there is something to do for CHILD, or until DEADLINE; false: that has come. */
static bool wait_for(struct child *child, int64_t deadline)
{
	struct pollfd fds[] = {
		{.fd = child->input, .events = POLLOUT},
		{.fd = child->output, .events = POLLIN},
		{.fd = child->errors, .events = POLLIN},
		{.fd = child->end, .events = POLLIN},
	};
	int64_t left = deadline - dl_time_clock_ms();

	if (left <= 0)
		return false;
	if (child->end < 0 && left > SLICE_MS)
		left = SLICE_MS;
	if (poll(fds, sizeof fds / sizeof *fds, left > INT_MAX ? -1 : (int)left) > 0) {
		child->said = fds[2].revents != 0;
		child->over = fds[3].revents != 0;
	}
	return true;
}

/* What is known of a program that runs. */
struct course {
	const char *name;
	int64_t deadline;
	size_t fed;     /* bytes of input that it has taken */
	size_t printed; /* bytes of output that came */
	struct dl_buf errors;
};

static void keep_errors(const struct dl_proc *proc, struct child *child, struct course *course)
{
	char chunk[CHUNK];
	size_t len = collect(&child->errors, chunk), kept = len < proc->errors_cap ? len : proc->errors_cap;

	if (!len)
		return;
	if (course->errors.len + kept > proc->errors_cap)
		dl_buf_drop(&course->errors, course->errors.len + kept - proc->errors_cap);
	dl_buf_add(&course->errors, chunk + len - kept, kept);
}

/* Passes on a piece of the output, for whose way the program is not blamed. Returns as a writer does; *SOME
 * is whether there was a piece. */
static int pass_output(struct dl_scope *scope, const struct dl_proc *proc, struct child *child,
		       struct course *course, struct dl_writer *writer, bool *some)
{
	char chunk[CHUNK];
	size_t len = collect(&child->output, chunk);
	int64_t before;
	int result;

	*some = len > 0;
	if (!len)
		return 0;
	course->printed += len;
	if (proc->cap && course->printed > proc->cap)
		return dl_fail(scope, DL_DATA, "the output of %s is larger than %zu bytes", course->name,
			       proc->cap);
	before = dl_time_clock_ms();
	result = writer->write(writer, scope, chunk, len);
	if (proc->timeout_ms > 0 && proc->patient)
		course->deadline = dl_time_clock_ms() + proc->timeout_ms;
	else if (proc->timeout_ms > 0)
		course->deadline += dl_time_clock_ms() - before;
	return result;
}

/* Serves CHILD to its end. What comes after that, more than a pipe holds, is not from it but from what it has
 * left running. Returns as a writer does. */
static int attend(struct dl_scope *scope, const struct dl_proc *proc, struct child *child,
		  struct course *course, struct dl_writer *writer)
{
	size_t printed;
	bool some = true;
	int result = 0;

	while (result == 0 && !has_ended(child)) {
		if (!wait_for(child, course->deadline))
			return dl_fail(scope, DL_NETWORK, "%s took longer than %d ms", course->name,
				       proc->timeout_ms);
		feed(child, proc, &course->fed);
		if (child->said)
			keep_errors(proc, child, course);
		result = pass_output(scope, proc, child, course, writer, &some);
	}
	printed = course->printed;
	for (some = true; result == 0 && some && course->printed - printed < PIPE_SIZE;)
		result = pass_output(scope, proc, child, course, writer, &some);
	keep_errors(proc, child, course);
	return result;
}

/* Ends CHILD, and its group unless that is ours. */
static void stop(const struct dl_proc *proc, struct child *child)
{
	int64_t deadline = dl_time_clock_ms() + GRACE_MS;
	pid_t whom = proc->foreground ? child->pid : -child->pid;

	kill(whom, SIGTERM);
	while (!has_ended(child) && wait_for(child, deadline))
		;
	kill(whom, SIGKILL);
}

/* Runs PROC to its end; its standard output is FILE, or, without one, -1, goes to WRITER. */
static int run(struct dl_scope *scope, const struct dl_proc *proc, int file, struct dl_writer *writer,
	       struct dl_proc_result *result)
{
	struct child child = {.end = -1, .input = -1, .output = -1, .errors = -1};
	struct course course = {.name = dl_text_quote(&scope->arena, proc->argv[0]), .deadline = INT64_MAX};
	int status = 0, outcome;

	memset(result, 0, sizeof *result);
	if (start(scope, proc, file, &child) < 0)
		return -1;
	if (proc->timeout_ms > 0)
		course.deadline = dl_time_clock_ms() + proc->timeout_ms;
	dl_buf_init(&course.errors, &scope->arena, proc->errors_cap);
	outcome = attend(scope, proc, &child, &course, writer);
	close_end(&child.input);
	close_end(&child.output);
	close_end(&child.errors);
	if (outcome != 0)
		stop(proc, &child);
	if (reap(child.pid, &status) < 0)
		outcome = dl_fail_errno(scope, "cannot learn how %s ended", course.name);
	close_end(&child.end);
	result->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	result->errors = proc->errors_cap ? course.errors.data : NULL;
	return outcome;
}

int dl_proc_stream(struct dl_scope *scope, const struct dl_proc *proc, struct dl_writer *writer,
		   struct dl_proc_result *result)
{
	return run(scope, proc, -1, writer, result);
}

/* With a byte behind the end, which is a NUL. */
static int map(struct dl_scope *scope, int file, struct dl_proc_result *result)
{
	off_t len = lseek(file, 0, SEEK_END);
	void *text = MAP_FAILED;

	if (len >= 0 && ftruncate(file, len + 1) == 0)
		text = mmap(NULL, (size_t)len + 1, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
	if (text == MAP_FAILED)
		return dl_fail_errno(scope, "cannot map what was printed");
	result->output = text;
	result->len = (size_t)len;
	return 0;
}

int dl_proc_map(struct dl_scope *scope, const struct dl_proc *proc, struct dl_proc_result *result)
{
	int file = create_nameless("output"), outcome;

	if (file < 0)
		return dl_fail_errno(scope, "cannot create a file without a name");
	outcome = run(scope, proc, file, NULL, result);
	if (outcome == 0)
		outcome = map(scope, file, result);
	close(file);
	return outcome;
}

void dl_proc_unmap(const char *output, size_t len)
{
	if (output)
		munmap((void *)(uintptr_t)output, len + 1);
}

/* Keeps all output. */
struct keeper {
	struct dl_writer writer;
	struct dl_buf output;
};

static int keep(struct dl_writer *writer, struct dl_scope *scope, const char *data, size_t len)
{
	(void)scope;
	dl_buf_add(&((struct keeper *)writer)->output, data, len);
	return 0;
}

int dl_proc_run(struct dl_scope *scope, const struct dl_proc *proc, struct dl_proc_result *result)
{
	struct keeper keeper = {.writer.write = keep};
	struct dl_proc kept = *proc;

	if (!kept.cap)
		kept.cap = DL_CAP_PROC;
	dl_buf_init(&keeper.output, &scope->arena, kept.cap);
	if (dl_proc_stream(scope, &kept, &keeper.writer, result) < 0)
		return -1;
	result->output = keeper.output.data;
	result->len = keeper.output.len;
	return 0;
}
