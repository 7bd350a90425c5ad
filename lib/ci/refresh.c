/* One file per repository is the lock, and by its time of change also the note of the last start. The lock is
 * the child's: it holds as long as that has the file open, and needs no cleaning up, however it ends. */
#include "lib/ci/refresh.h"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/beside.h"
#include "lib/base/detach.h"
#include "lib/base/scope.h"
#include "lib/base/time.h"
#include "lib/ci/last.h"
#include "lib/git/checkout.h"

enum { PAUSE_S = 30, MOST_ARGS = 8 };

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

void dl_refresh_start(struct dl_scope *scope, const struct dl_checkout *checkout, const char *dir,
		      int64_t pause_s)
{
	const char *argv[MOST_ARGS + 1] = {"dl-status", "-q", "--timeout=60s", checkout->branch ? "-b" : "-c",
					   checkout->branch ? checkout->branch : "HEAD"};
	const char *path = dl_beside_find(scope, "dl-status");
	struct dl_scope attempt;
	int lock = path ? take_turn(scope, checkout->common_dir, pause_s > PAUSE_S ? pause_s : PAUSE_S) : -1;

	if (lock < 0)
		return;
	if (dir) {
		argv[5] = "-C";
		argv[6] = dir;
	}
	dl_scope_open(&attempt, NULL);
	if (dl_detach_start(&attempt, &(struct dl_detach){.path = path, .argv = argv, .fd = lock}))
		dl_fail_take(&attempt, &attempt.arena);
	dl_scope_close(&attempt);
	close(lock);
}
