/* Two forks: the first child leaves the session and ends at once, so that the second can never be the leader
 * of a session, which a terminal that it opens would become that of. It matters what is closed: git keeps its
 * pipes to the server in descriptors beyond 2, and whoever reads git through a pipe waits until all have let
 * go of it. The children call nothing but async-signal-safe functions. */
#include "lib/detach.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/syscall.h>
#endif

#include "lib/proc.h"
#include "lib/scope.h"

static void close_from(int first)
{
	int fd;

#ifdef SYS_close_range
	if (syscall(SYS_close_range, first, ~0U, 0) == 0)
		return;
#endif
	for (fd = (int)sysconf(_SC_OPEN_MAX) - 1; fd >= first; fd--)
		close(fd);
}

static int set_descriptors(int kept)
{
	int null, fd;

	/* Out of the way of those that are about to be replaced, as they may be closed here. */
	kept = kept < 0 ? -1 : fcntl(kept, F_DUPFD, DL_DETACH_FD);
	null = fcntl(open("/dev/null", O_RDWR), F_DUPFD, DL_DETACH_FD);
	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (dup2(null, fd) < 0)
			return -1;
	if (kept >= 0 && kept != DL_DETACH_FD && dup2(kept, DL_DETACH_FD) < 0)
		return -1;
	close_from(kept < 0 ? DL_DETACH_FD : DL_DETACH_FD + 1);
	return 0;
}

static void set_signals(void)
{
	struct sigaction action = {.sa_handler = SIG_DFL};
	sigset_t none;
	int number;

	for (number = 1; number < NSIG; number++)
		sigaction(number, &action, NULL);
	action.sa_handler = SIG_IGN;
	sigaction(SIGHUP, &action, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* In the first child. */
static _Noreturn void leave(const struct dl_detach *detach, char *const *argv, char *const *env)
{
	pid_t pid;

	setsid();
	set_signals();
	pid = fork();
	if (pid == 0 && chdir(detach->dir) == 0 && set_descriptors(detach->fd) == 0)
		execve(detach->path, argv, env);
	_exit(pid <= 0);
}

int dl_detach_start(struct dl_scope *scope, const struct dl_detach *detach)
{
	char *const *argv = dl_proc_arguments(scope, detach->argv);
	char *const *env = dl_proc_environment(scope, detach->env);
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		leave(detach, argv, env);
	if (pid < 0)
		return dl_fail_errno(scope, "cannot start %s", detach->argv[0]);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return dl_fail_errno(scope, "cannot start %s", detach->argv[0]);
	return status ? dl_fail(scope, DL_SYSTEM, "cannot start %s", detach->argv[0]) : 0;
}
