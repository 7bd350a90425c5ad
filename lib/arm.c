/* The gate is in the way of a push, so this is quick: no process is waited for, and no disk. What takes its
 * time is the watcher's business, but for what only now can be seen: where the tracking refs stand before the
 * push. */
#include "lib/arm.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/ancestor.h"
#include "lib/beside.h"
#include "lib/buf.h"
#include "lib/checkout.h"
#include "lib/detach.h"
#include "lib/file.h"
#include "lib/git.h"
#include "lib/json.h"
#include "lib/push.h"
#include "lib/schema.h"
#include "lib/scope.h"
#include "lib/text.h"
#include "lib/time.h"
#include "lib/tracking.h"

#define FOLDER "/devloop/push"

enum { MOST_CHANGES = 24 };

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

enum dl_armed dl_arm_watch(struct dl_scope *scope, const struct dl_arm *arm)
{
	struct dl_checkout checkout;
	const char *path;
	int written;

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

void dl_arm_sweep(struct dl_scope *scope, const char *common_dir, int64_t age_s)
{
	DIR *folder = opendir(dl_arena_format(&scope->arena, "%s" FOLDER, common_dir));
	const struct dirent *entry;
	struct stat st;

	while (folder && (entry = readdir(folder)))
		if (fstatat(dirfd(folder), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(st.st_mode) && dl_time_now() - st.st_mtime > age_s)
			unlinkat(dirfd(folder), entry->d_name, 0);
	if (folder)
		closedir(folder);
}
