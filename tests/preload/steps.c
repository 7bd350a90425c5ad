/* steps: kills a program at a chosen step. The dynamic loader puts it before the C library (LD_PRELOAD).
 *
 *     STEPS_OF=PROGRAM   whose steps count, and those of every git that it starts
 *     STEPS_FILE=FILE    what they share: 16 bytes, at first zeros
 *     STEPS_LAST=N       in place of the Nth step PROGRAM is killed, and the git that takes the step as well
 *     STEPS_SPARE=1      the git goes on
 *
 * A step is a call that makes, names or removes something in the file system, starts a program, or waits for
 * one that has ended.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct shared {
	_Atomic long count;
	_Atomic long pid; /* of the program; 0: it has not begun */
};

static struct shared *shared;
static long last;

__attribute__((constructor)) static void begin(void)
{
	const char *program = getenv("STEPS_OF"), *path = getenv("STEPS_FILE");
	const char *number = getenv("STEPS_LAST");
	bool is_program = program && strcmp(program_invocation_short_name, program) == 0;
	void *memory;
	int fd;

	if (!path || !number || (!is_program && strcmp(program_invocation_short_name, "git") != 0))
		return;
	fd = open(path, O_RDWR | O_CLOEXEC);
	memory = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (memory == MAP_FAILED)
		abort();
	shared = memory;
	last = strtol(number, NULL, 10);
	if (is_program)
		shared->pid = getpid();
}

static void step(void)
{
	int number = errno;

	if (shared && ++shared->count == last) {
		kill((pid_t)shared->pid, SIGKILL);
		if (!getenv("STEPS_SPARE"))
			kill(getpid(), SIGKILL);
	}
	errno = number;
}

/* Sets CALL, a function pointer, to what NAME is without this. */
#define FIND(call, name) \
	do { \
		void *symbol = dlsym(RTLD_NEXT, name); \
		memcpy(&(call), &symbol, sizeof symbol); \
	} while (0)

#define STEP(result, name, parameters, arguments) \
	result name parameters \
	{ \
		result(*call) parameters; \
	\
		FIND(call, #name); \
		step(); \
		return call arguments; \
	}

#define OPEN(name, parameters, arguments) \
	int name parameters \
	{ \
		int (*call)parameters; \
		mode_t mode = 0; \
		va_list list; \
	\
		FIND(call, #name); \
		if (flags & O_CREAT) { \
			va_start(list, flags); \
			mode = va_arg(list, mode_t); \
			va_end(list); \
			step(); \
		} \
		return call arguments; \
	}

STEP(int, mkdir, (const char *path, mode_t mode), (path, mode))
STEP(int, mkdirat, (int dir, const char *path, mode_t mode), (dir, path, mode))
STEP(int, rename, (const char *from, const char *to), (from, to))
STEP(int, renameat, (int dir, const char *from, int other, const char *to), (dir, from, other, to))
STEP(int, renameat2, (int dir, const char *from, int other, const char *to, unsigned flags),
	(dir, from, other, to, flags))
STEP(int, link, (const char *from, const char *to), (from, to))
STEP(int, symlink, (const char *target, const char *path), (target, path))
STEP(int, unlink, (const char *path), (path))
STEP(int, unlinkat, (int dir, const char *path, int flags), (dir, path, flags))
STEP(int, rmdir, (const char *path), (path))
STEP(pid_t, fork, (void), ())
STEP(pid_t, waitpid, (pid_t pid, int *status, int options), (pid, status, options))
OPEN(open, (const char *path, int flags, ...), (path, flags, mode))
OPEN(open64, (const char *path, int flags, ...), (path, flags, mode))
OPEN(openat, (int dir, const char *path, int flags, ...), (dir, path, flags, mode))
OPEN(openat64, (int dir, const char *path, int flags, ...), (dir, path, flags, mode))
