/* A pid alone may be somebody else's by the time it is used, so a process is known by its pid and the moment
 * it started. A pidfd tells its end without a race; where there is none the two are looked at every POLL_MS.
 * Since Linux 6.15 a pidfd also tells how a process ended that is not our child: asked before the end is
 * seen, it says nothing, and the parent may not have reaped it yet; both are "unknown", which is normal. */
#include "lib/push/ancestor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/syscall.h>
#endif

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"

enum {
	MOST_GENERATIONS = 32,
	MOST_ARGUMENTS = 4096,
	STAT_CAP = 4096,
	ARGUMENTS_CAP = 1 << 20,
	POLL_MS = 100,
	REAP_MS = 500, /* for the parent of one that has ended to ask how */
	PARENT_FIELD = 4, STARTED_FIELD = 22, /* of /proc/PID/stat, see proc(5) */
};

/* ------------------------------------------------------------------ the command line of git push */

/* Whether OPTION of git itself has its value in the next argument. */
static bool takes_next(const char *option)
{
	static const char *const names[] = {"-C", "-c", "--git-dir", "--work-tree", "--namespace",
					    "--super-prefix", "--config-env", "--attr-source", NULL};
	const char *const *name;

	for (name = names; *name; name++)
		if (strcmp(option, *name) == 0)
			return true;
	return false;
}

/* The same for options of push. */
static bool push_takes_next(const char *option)
{
	static const char *const names[] = {"--push-option", "--repo", "--receive-pack", "--exec",
					    "--recurse-submodules", NULL};
	const char *const *name;

	for (name = names; *name; name++)
		if (strcmp(option, *name) == 0)
			return true;
	return false;
}

/* Whether ARGUMENT is the option NAME, or a beginning of it, LEAST bytes or more, that git takes for it. */
static bool is_option(const char *argument, const char *name, size_t least)
{
	size_t len = strlen(argument);

	return len >= least && len <= strlen(name) && strncmp(argument, name, len) == 0;
}

/* `-nq`, where `o` takes the rest; true: there is none, so that it takes the next argument. */
static bool parse_letters(const char *letters, struct dl_ancestor *ancestor)
{
	for (; *letters && *letters != 'o'; letters++) {
		ancestor->dry_run |= *letters == 'n';
		ancestor->quiet |= *letters == 'q';
		ancestor->force |= *letters == 'f';
	}
	return *letters && !letters[1];
}

bool dl_ancestor_takes_value(const char *option)
{
	struct dl_ancestor ignored = {0};

	if (*option != '-' || !option[1])
		return false;
	return option[1] == '-' ? push_takes_next(option) : parse_letters(option + 1, &ignored);
}

static void parse_word(const char *word, struct dl_ancestor *ancestor)
{
	if (is_option(word, "--dry-run", 4))
		ancestor->dry_run = true;
	else if (is_option(word, "--no-dry-run", 7))
		ancestor->dry_run = false;
	else if (is_option(word, "--quiet", 3))
		ancestor->quiet = true;
	else if (is_option(word, "--no-quiet", 6))
		ancestor->quiet = false;
	else if (is_option(word, "--no-verify", 8))
		ancestor->no_verify = true;
	else if (is_option(word, "--atomic", 4))
		ancestor->atomic = true;
	else if (dl_text_starts(word, "--force") || is_option(word, "--mirror", 4))
		ancestor->force = true;
}

/* What stands behind `push`. */
static void parse_arguments(const char *const *argv, struct dl_ancestor *ancestor)
{
	bool operands = false;

	for (; *argv; argv++)
		if (operands || **argv != '-')
			ancestor->force |= **argv == '+';
		else if (strcmp(*argv, "--") == 0)
			operands = true;
		else if (push_takes_next(*argv) && argv[1])
			argv++;
		else if ((*argv)[1] == '-')
			parse_word(*argv, ancestor);
		else if (parse_letters(*argv + 1, ancestor) && argv[1])
			argv++;
}

bool dl_ancestor_parse(const char *const *argv, struct dl_ancestor *ancestor)
{
	const char *slash = *argv ? strrchr(*argv, '/') : NULL, *name = slash ? slash + 1 : *argv;

	if (!name || (strcmp(name, "git") != 0 && strcmp(name, "git-push") != 0))
		return false;
	argv++;
	if (strcmp(name, "git") == 0) {
		for (; *argv && **argv == '-'; argv++)
			if (takes_next(*argv) && argv[1])
				argv++;
		if (!*argv || strcmp(*argv, "push") != 0)
			return false;
		argv++;
	}
	parse_arguments(argv, ancestor);
	return true;
}

/* ------------------------------------------------------------------ processes */

/* What /proc says of a process. */
struct process {
	pid_t parent;
	int64_t started;
	bool ended; /* and its parent has not asked how */
};

/* All of the file NAME about process PID, at most CAP bytes and a NUL; NULL: there is no such file, or no
 * such process. */
static char *read_about(struct dl_scope *scope, pid_t pid, const char *name, size_t cap, size_t *len)
{
	char chunk[4096];
	struct dl_buf text;
	ssize_t count;
	int fd;

	fd = open(dl_arena_format(&scope->arena, "/proc/%d/%s", (int)pid, name), O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	dl_buf_init(&text, &scope->arena, cap);
	while ((count = read(fd, chunk, sizeof chunk)) > 0)
		dl_buf_add(&text, chunk, (size_t)count);
	close(fd);
	*len = text.len;
	return text.len ? text.data : NULL;
}

/* The number in field FIELD of /proc/PID/stat, where TEXT is what follows field 2; DL_INT_NONE: none. */
static int64_t number_in(struct dl_scope *scope, const char *text, int field)
{
	for (; field > 2 && text; field--)
		text = strchr(text + 1, ' ');
	return text ? dl_text_int(dl_arena_copy(&scope->arena, text + 1, strcspn(text + 1, " \n")))
		    : DL_INT_NONE;
}

/* Field 2, the name in brackets, may have spaces and brackets. */
static bool look_at(struct dl_scope *scope, pid_t pid, struct process *process)
{
	size_t len;
	const char *text = read_about(scope, pid, "stat", STAT_CAP, &len);
	const char *rest = text ? strrchr(text, ')') : NULL;
	int64_t parent = rest ? number_in(scope, rest, PARENT_FIELD) : DL_INT_NONE;

	if (parent < 0)
		return false;
	*process = (struct process){
		.parent = (pid_t)parent,
		.started = number_in(scope, rest, STARTED_FIELD),
		.ended = strncmp(rest, ") Z", 3) == 0,
	};
	return process->started >= 0;
}

static const char *const *arguments_of(struct dl_scope *scope, pid_t pid)
{
	const char **argv = dl_arena_array(&scope->arena, MOST_ARGUMENTS + 1, sizeof *argv), *text, *end;
	size_t len = 0, count = 0;

	text = read_about(scope, pid, "cmdline", ARGUMENTS_CAP, &len);
	for (end = text + len; text && text < end && count < MOST_ARGUMENTS; text += strlen(text) + 1)
		argv[count++] = text;
	return argv;
}

void dl_ancestor_find(struct dl_scope *scope, struct dl_ancestor *ancestor)
{
	pid_t pid = getppid();
	struct process process;
	struct dl_scope look;
	bool found = false;
	int i;

	*ancestor = (struct dl_ancestor){0};
	for (i = 0; i < MOST_GENERATIONS && pid > 1 && !found; i++) {
		dl_scope_open(&look, scope);
		if (!look_at(&look, pid, &process))
			pid = 0;
		else if (dl_ancestor_parse(arguments_of(&look, pid), ancestor))
			found = true;
		dl_scope_close(&look);
		if (pid && !found)
			pid = process.parent;
	}
	if (!found)
		return;
	ancestor->pid = pid;
	ancestor->parent = process.parent;
	ancestor->started = process.started;
}

/* ------------------------------------------------------------------ their end */

/* Whether the process is still known to the system, *ENDED or not. */
static bool is_known(const struct dl_ancestor *ancestor, bool *ended)
{
	struct process process;
	struct dl_scope scope;
	bool known;

	dl_scope_open(&scope, NULL);
	known = look_at(&scope, ancestor->pid, &process) && process.started == ancestor->started;
	*ended = known && process.ended;
	dl_scope_close(&scope);
	return known;
}

/* -1: the system has no such thing, or there is no such process. */
static int open_end(pid_t pid)
{
#ifdef SYS_pidfd_open
	return (int)syscall(SYS_pidfd_open, pid, 0);
#else
	(void)pid;
	errno = ENOSYS;
	return -1;
#endif
}

/* Asks the pidfd END, which has shown the end, how that was: struct pidfd_info of linux/pidfd.h in
 * Linux 6.15, which older headers lack. It is not known before the parent has asked, which shows as a
 * hang-up. */
static struct dl_ancestor_end ask_end(struct pollfd *end)
{
	struct {
		uint64_t mask;
		uint64_t cgroup;
		uint32_t ids[11]; /* pid, tgid, ppid, and those of users and groups */
		int32_t exit_code;
	} info = {.mask = 1 << 3};
	struct dl_ancestor_end known = {.known = true};

	end->events = 0;
	poll(end, 1, REAP_MS);
	if (ioctl(end->fd, _IOWR(0xFF, 11, info), &info) < 0 || !(info.mask & 1 << 3))
		return (struct dl_ancestor_end){0};
	known.status = WIFSIGNALED(info.exit_code) ? 128 + WTERMSIG(info.exit_code)
						   : WEXITSTATUS(info.exit_code);
	return known;
}

static int wait_by_looking(const struct dl_ancestor *ancestor, int64_t deadline)
{
	bool ended;

	while (is_known(ancestor, &ended) && !ended) {
		if (dl_time_clock_ms() >= deadline)
			return 0;
		dl_time_sleep_ms(POLL_MS);
	}
	return 1;
}

int dl_ancestor_hold(const struct dl_ancestor *ancestor)
{
	return open_end(ancestor->pid);
}

/* Until the descriptor END tells it, or DEADLINE. */
static int wait_by_descriptor(struct dl_scope *scope, int fd, int64_t deadline, struct dl_ancestor_end *end)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	int64_t left = deadline - dl_time_clock_ms();
	int result = poll(&ready, 1, left > 0 ? (int)left : 0);

	while (result < 0 && errno == EINTR) {
		left = deadline - dl_time_clock_ms();
		result = poll(&ready, 1, left > 0 ? (int)left : 0);
	}
	if (result < 0)
		return dl_fail_errno(scope, "cannot wait for git");
	if (result > 0)
		*end = ask_end(&ready);
	return result;
}

int dl_ancestor_wait(struct dl_scope *scope, const struct dl_ancestor *ancestor, int timeout_ms,
		     struct dl_ancestor_end *end)
{
	int64_t deadline = dl_time_clock_ms() + timeout_ms;
	int fd, result = 1;
	bool ended;

	*end = (struct dl_ancestor_end){0};
	if (ancestor->end)
		return wait_by_descriptor(scope, ancestor->end, deadline, end);
	fd = open_end(ancestor->pid);
	if (fd < 0)
		return errno == ESRCH ? 1 : wait_by_looking(ancestor, deadline);
	/* The pidfd may be that of a process which has the pid by now. */
	if (is_known(ancestor, &ended))
		result = wait_by_descriptor(scope, fd, deadline, end);
	close(fd);
	return result;
}
