/* The gate is in the way of a push, so this is quick: no process is waited for, and no disk. What takes its
 * time is the watcher's business, but for what only now can be seen: where the tracking refs stand before the
 * push. */
#include "lib/push/arm.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/beside.h"
#include "lib/base/buf.h"
#include "lib/base/detach.h"
#include "lib/base/file.h"
#include "lib/base/proc.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/data/json.h"
#include "lib/data/push.h"
#include "lib/data/schema.h"
#include "lib/git/checkout.h"
#include "lib/git/git.h"
#include "lib/push/ancestor.h"
#include "lib/push/tracking.h"

#define FOLDER "/devloop/push"

enum { MOST_CHANGES = 24, CHECK_MS = 2000 };

/* The record's name is the same for all hooks of one push to one URL. */
static const char *record_path(struct dl_scope *scope, const struct dl_arm *arm, const char *common_dir)
{
	const struct dl_ancestor *git = arm->git;

	return dl_arena_format(&scope->arena, "%s" FOLDER "/%d-%" PRId64 "-%016" PRIx64, common_dir,
			       git->pid ? (int)git->pid : (int)getpid(),
			       git->pid ? git->started : dl_time_clock_ms(),
			       dl_text_hash(DL_TEXT_HASH, arm->url));
}

/* A path counts from the root: the watcher is in another folder. */
static const char *absolute_url(struct dl_scope *scope, const char *url)
{
	char here[PATH_MAX];

	if (dl_push_transport(url) != DL_PUSH_FOLDER || *url == '/' || strstr(url, "://") ||
	    !getcwd(here, sizeof here))
		return dl_push_url(&scope->arena, url);
	return dl_arena_format(&scope->arena, "%s/%s", here, url);
}

/* Deletions are written, too: how git ends is said of all refs together. */
static int write_record(struct dl_scope *scope, const struct dl_arm *arm, const char *common_dir,
			const char *path)
{
	const char *folder = dl_arena_format(&scope->arena, "%s" FOLDER, common_dir);
	struct dl_push *push;
	struct dl_buf lines;
	size_t i;

	dl_buf_init(&lines, &scope->arena, DL_CAP_LINE);
	for (i = 0; i < arm->pushes->count; i++) {
		push = dl_schema_copy(scope, &dl_push_schema, &arm->pushes->items[i]);
		push->remote = dl_push_url(&scope->arena, arm->remote);
		push->url = absolute_url(scope, arm->url);
		push->tracking = dl_tracking_find(scope, arm->config, arm->remote, push->remote_ref);
		if (push->tracking)
			push->before = dl_tracking_read(scope, common_dir, push->tracking);
		dl_schema_encode(&dl_push_schema, push, &lines);
		dl_buf_putc(&lines, '\n');
	}
	if (dl_buf_check(scope, &lines, "the record of the push") || dl_file_mkdirs(scope, folder, 0777))
		return -1;
	return dl_file_create(scope, path, 0600, lines.data, lines.len);
}

/* git's own variables are forgotten; where people are reached who said so is added. */
static const char *const *environment(struct dl_scope *scope)
{
	const char **env = dl_arena_array(&scope->arena, MOST_CHANGES, sizeof *env);
	const char *const *forget = dl_git_forget(scope);
	char terminal[PATH_MAX];
	size_t count;

	for (count = 0; forget[count]; count++) {
		DL_BUG_IF(count + 2 == MOST_CHANGES);
		env[count] = forget[count];
	}
	if (ttyname_r(STDERR_FILENO, terminal, sizeof terminal) == 0)
		env[count] = dl_arena_format(&scope->arena, "DL_PUSH_TTY=%s", terminal);
	return env;
}

static int start(struct dl_scope *scope, const struct dl_arm *arm, const char *common_dir, const char *record)
{
	/* git may be gone before the watcher looks for it, and then nobody could tell how it has ended. */
	int end = arm->git->pid ? dl_ancestor_hold(arm->git) : -1, result;
	char here[PATH_MAX];
	const char *path = dl_beside_find(scope, "dl-push-watch"), *argv[] = {
		"dl-push-watch",
		"--pid", dl_arena_format(&scope->arena, "%d", (int)arm->git->pid),
		"--started", dl_arena_format(&scope->arena, "%" PRId64, arm->git->started),
		"--fd", end < 0 ? "0" : dl_arena_format(&scope->arena, "%d", DL_DETACH_FD),
		"--waited", dl_arena_format(&scope->arena, "%" PRId64, arm->waited_s),
		"-C", getcwd(here, sizeof here) ? here : common_dir,
		record, NULL,
	};

	if (path)
		result = dl_detach_start(scope, &(struct dl_detach){
			.path = path, .argv = argv, .env = environment(scope), .dir = common_dir, .fd = end});
	else
		result = dl_fail(scope, DL_MISSING, "dl-push-watch is not installed");
	if (end >= 0)
		close(end);
	return result;
}

/* Whether the working tree here switches ci-monitor off. The watcher can read what that is written in; one
 * that cannot be asked is as good as none, which is told when it is started. */
static bool is_forbidden(struct dl_scope *scope)
{
	const char *argv[] = {dl_beside_find(scope, "dl-push-watch"), "--check", NULL};
	const struct dl_proc check = {.argv = argv, .timeout_ms = CHECK_MS};
	struct dl_proc_result result;
	struct dl_scope attempt;
	bool forbidden;

	if (!argv[0] || access(".devloop", F_OK) < 0)
		return false;
	dl_scope_open(&attempt, NULL);
	forbidden = dl_proc_run(&attempt, &check, &result) == 0 && result.status == DL_NO;
	dl_scope_close(&attempt);
	return forbidden;
}

enum dl_armed dl_arm_watch(struct dl_scope *scope, const struct dl_arm *arm)
{
	struct dl_checkout checkout;
	const char *path;
	int written;

	if (is_forbidden(scope))
		return DL_ARMED_NEVER;
	if (!dl_checkout_find(scope, NULL, &checkout))
		return (enum dl_armed)dl_fail(scope, DL_CONFIG, "no git repository here");
	path = record_path(scope, arm, checkout.common_dir);
	written = write_record(scope, arm, checkout.common_dir, path);
	if (written == 0 && start(scope, arm, checkout.common_dir, path)) {
		unlink(path);
		return DL_ARMED_FAILED;
	}
	return written < 0 ? DL_ARMED_FAILED : written ? DL_ARMED_BEFORE : DL_ARMED;
}

/* ------------------------------------------------------------------ for the watcher */

int dl_arm_read(struct dl_scope *scope, const char *path, struct dl_push_list *list)
{
	size_t len, room = 0;
	char *text = dl_file_read(scope, path, DL_CAP_LINE, &len), *line, *end;
	const struct dl_json *node;

	*list = (struct dl_push_list){0};
	if (!text)
		return -1;
	for (line = text; *line; line++)
		room += *line == '\n';
	list->items = dl_arena_array(&scope->arena, room, sizeof *list->items);
	for (line = text; (end = strchr(line, '\n')); line = end + 1) {
		node = dl_json_parse(scope, line, (size_t)(end - line));
		if (!node || dl_schema_decode(scope, &dl_push_schema, node, &list->items[list->count]))
			return dl_fail_prefix(scope, "line %zu", list->count + 1);
		if (!list->items[list->count].remote || !list->items[list->count].url ||
		    !list->items[list->count].local_sha || !list->items[list->count].remote_ref)
			return dl_fail(scope, DL_DATA, "line %zu is no record of a push", list->count + 1);
		list->count++;
	}
	return 0;
}

const char *dl_arm_common_dir(struct dl_scope *scope, const char *path)
{
	char full[PATH_MAX], *folder;

	if (!realpath(path, full)) {
		dl_fail(scope, DL_MISSING, "no such file: %s", dl_text_quote(&scope->arena, path));
		return NULL;
	}
	*strrchr(full, '/') = '\0';
	folder = full + strlen(full) - strlen(FOLDER);
	if (!dl_text_ends(full, FOLDER)) {
		dl_fail(scope, DL_USAGE, "%s is no record of a push", dl_text_quote(&scope->arena, path));
		return NULL;
	}
	return dl_arena_copy(&scope->arena, full, (size_t)(folder - full));
}

int dl_arm_hold(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Whether a watcher works with the record NAME in FOLDER. */
static bool is_held(int folder, const char *name)
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	bool held = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK;

	if (fd >= 0)
		close(fd);
	return held;
}

/* Whether the file NAME in FOLDER is a watcher's that is at work: its record, or a file that names it. */
static bool is_in_use(int folder, const char *name)
{
	char owner[NAME_MAX + 1];
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	ssize_t len = fd < 0 ? 0 : read(fd, owner, sizeof owner - 1);

	if (fd >= 0)
		close(fd);
	owner[len > 0 ? len : 0] = '\0';
	return is_held(folder, name) || (*owner && !strchr(owner, '/') && is_held(folder, owner));
}

static bool is_old(const struct stat *st, int64_t age_s)
{
	int64_t age = dl_time_now() - st->st_mtime;

	return age > age_s || age < -age_s;
}

void dl_arm_sweep(struct dl_scope *scope, const char *common_dir, int64_t age_s)
{
	DIR *stream = opendir(dl_arena_format(&scope->arena, "%s" FOLDER, common_dir));
	int folder = stream ? dirfd(stream) : -1;
	const struct dirent *entry;
	struct stat st;

	while (stream && (entry = readdir(stream)))
		if (fstatat(folder, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
		    is_old(&st, age_s) && !is_in_use(folder, entry->d_name))
			unlinkat(folder, entry->d_name, 0);
	if (stream)
		closedir(stream);
}
