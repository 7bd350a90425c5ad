/* posix_spawn takes one process, and none of this one's memory is copied: a push waits for this. What is
 * started leads a session; it opens no terminal but with O_NOCTTY, and what it starts itself leads none.
 *
 * It matters what is closed: git keeps its pipes to the server in descriptors beyond 2, and whoever reads git
 * through a pipe waits until all have let go of it. */
#include "lib/base/detach.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#include "lib/base/proc.h"
#include "lib/base/scope.h"

/* Has the child close what is beyond LAST. */
static int close_beyond(posix_spawn_file_actions_t *actions, int last)
{
#ifdef __GLIBC__
	return posix_spawn_file_actions_addclosefrom_np(actions, last + 1);
#else
	int fd;

	(void)actions;
	for (fd = (int)sysconf(_SC_OPEN_MAX) - 1; fd > last; fd--)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	return 0;
#endif
}

static int set_files(posix_spawn_file_actions_t *actions, const struct dl_detach *detach)
{
	int fd, result = 0;

	/* First of all, as it may stand where /dev/null will. */
	if (detach->fd >= 0)
		result = posix_spawn_file_actions_adddup2(actions, detach->fd, DL_DETACH_FD);
	for (fd = STDIN_FILENO; fd <= STDERR_FILENO && !result; fd++)
		result = posix_spawn_file_actions_addopen(actions, fd, "/dev/null", O_RDWR, 0);
	if (!result)
		result = close_beyond(actions, detach->fd >= 0 ? DL_DETACH_FD : STDERR_FILENO);
	if (!result && detach->dir)
		result = posix_spawn_file_actions_addchdir_np(actions, detach->dir);
	return result;
}

/* Every signal as by default, but SIGHUP, which stays as it is here. */
static int set_signals(posix_spawnattr_t *attributes)
{
	sigset_t none, others;
	int result;

	sigemptyset(&none);
	sigfillset(&others);
	sigdelset(&others, SIGHUP);
	result = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF |
							      POSIX_SPAWN_SETSIGMASK);
	if (!result)
		result = posix_spawnattr_setsigmask(attributes, &none);
	return result ? result : posix_spawnattr_setsigdefault(attributes, &others);
}

/* 0, or an errno. */
static int start(const struct dl_detach *detach, char *const *argv, char *const *env)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
	int result = posix_spawnattr_init(&attributes);
	pid_t pid;

	if (result)
		return result;
	result = posix_spawn_file_actions_init(&actions);
	if (result == 0) {
		result = set_files(&actions, detach);
		if (!result)
			result = set_signals(&attributes);
		sigaction(SIGHUP, &ignore, &before);
		if (!result)
			result = posix_spawn(&pid, detach->path, &actions, &attributes, argv, env);
		sigaction(SIGHUP, &before, NULL);
		posix_spawn_file_actions_destroy(&actions);
	}
	posix_spawnattr_destroy(&attributes);
	return result;
}

int dl_detach_start(struct dl_scope *scope, const struct dl_detach *detach)
{
	int result = start(detach, dl_proc_arguments(scope, detach->argv),
			   dl_proc_environment(scope, detach->env));

	if (result == 0)
		return 0;
	errno = result;
	return dl_fail_errno(scope, "cannot start %s", detach->argv[0]);
}
