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

#include "lib/proc.h"
#include "lib/scope.h"

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
	dl_proc_close_from(kept < 0 ? DL_DETACH_FD : DL_DETACH_FD + 1);
	return 0;
}

static void set_signals(void)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};

	dl_proc_reset_signals();
	sigaction(SIGHUP, &ignore, NULL);
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
