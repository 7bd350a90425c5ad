/* One file per repository is the lock, and by its time of change also the note of the last start. The lock is
 * the child's: it holds as long as that has the file open, and needs no cleaning up, however it ends. */
#include "lib/refresh.h"

#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/beside.h"
#include "lib/checkout.h"
#include "lib/last.h"
#include "lib/scope.h"
#include "lib/time.h"

extern char **environ;

/* LOCK_FD: where the child has the lock. */
enum { PAUSE_S = 30, LOCK_FD = 3, MOST_ARGS = 8 };

/* Takes the lock, unless another one has it or the last start was less than PAUSE_S seconds ago. -1: not
 * due. */
static int take_turn(struct dl_scope *scope, const char *common_dir, int64_t pause_s)
{
	const char *path = dl_last_lock_path(scope, common_dir);
	int fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600) : -1;
	struct stat st;
	int64_t ago_s;

	if (fd < 0)
		return -1;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &st) == 0) {
		/* It is empty before the first time. A clock may have been set back. */
		ago_s = st.st_size ? dl_time_now() - st.st_mtime : INT64_MAX;
		if ((ago_s < 0 || ago_s >= pause_s) && pwrite(fd, "\n", 1, 0) == 1)
			return fd;
	}
	close(fd);
	return -1;
}

/* The only files that the child gets: nothing, and the lock. */
static int set_files(posix_spawn_file_actions_t *actions, int lock)
{
	int fd, result = 0;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO && !result; fd++)
		result = posix_spawn_file_actions_addopen(actions, fd, "/dev/null", O_RDWR, 0);
	if (!result)
		result = posix_spawn_file_actions_adddup2(actions, lock, LOCK_FD);
#ifdef __GLIBC__
	if (!result)
		result = posix_spawn_file_actions_addclosefrom_np(actions, LOCK_FD + 1);
#endif
	return result;
}

static void start(const char *path, const char *const *argv, int lock)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	pid_t pid;

	if (posix_spawnattr_init(&attributes))
		return;
	if (posix_spawn_file_actions_init(&actions) == 0) {
		if (set_files(&actions, lock) == 0 &&
		    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID) == 0)
			(void)posix_spawn(&pid, path, &actions, &attributes, (char *const *)(uintptr_t)argv,
					  environ);
		posix_spawn_file_actions_destroy(&actions);
	}
	posix_spawnattr_destroy(&attributes);
}

void dl_refresh_start(struct dl_scope *scope, const struct dl_checkout *checkout, const char *dir,
		      int64_t pause_s)
{
	const char *argv[MOST_ARGS + 1] = {"dl-status", "-q", "--timeout=60s", checkout->branch ? "-b" : "-c",
					   checkout->branch ? checkout->branch : "HEAD"};
	const char *path = dl_beside_find(scope, "dl-status");
	int lock = path ? take_turn(scope, checkout->common_dir, pause_s > PAUSE_S ? pause_s : PAUSE_S) : -1;

	if (lock < 0)
		return;
	if (dir) {
		argv[5] = "-C";
		argv[6] = dir;
	}
	start(path, argv, lock);
	close(lock);
}
