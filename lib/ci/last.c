/* A file's name is a hash of what it is about, as a project or branch may be called anything, at any length.
 * It need not be a strong one: what a file is about is read from the file.
 *
 * A verdict that has not changed is not written again, only dated: writing waits for the disk. */
#include "lib/ci/last.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/file.h"
#include "lib/base/folder.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "lib/data/schema.h"

enum { MOST_BYTES = 64 << 10, KEEP_S = 366 * 24 * 3600 };

/* What a verdict is about. Who has no host stands in a repository: its projects are told apart by that. */
struct key {
	const char *provider, *host, *project;
	const char *branch;
	const char *sha; /* where it is about no branch */
};

static struct key key_of(struct dl_scope *scope, const struct dl_verdict *verdict, const char *branch,
			 const char *sha, const char *common_dir)
{
	struct key key = {verdict->provider, verdict->host, verdict->project, branch, branch ? NULL : sha};
	char path[PATH_MAX];

	if (!key.host && common_dir && realpath(common_dir, path))
		key.host = dl_arena_string(&scope->arena, path);
	return key;
}

/* The file about KEY in the folder NAME of this user; NULL: no such folder is known. */
static const char *path_of(struct dl_scope *scope, const char *name, const struct key *key)
{
	const char *state = dl_folder_state(scope);
	uint64_t hash = DL_TEXT_HASH;

	hash = dl_text_hash(dl_text_hash(hash, key->provider), key->host);
	hash = dl_text_hash(dl_text_hash(hash, key->project), key->branch ? key->branch : key->sha);
	return state ? dl_arena_format(&scope->arena, "%s/%s/%016" PRIx64, state, name, hash) : NULL;
}

/* The line of VERDICT on BRANCH, without what depends on the moment. */
static const char *line_of(struct dl_scope *scope, const struct dl_verdict *verdict, const char *branch)
{
	struct dl_verdict copy = *verdict;
	struct dl_buf line;

	copy.branch = branch;
	copy.age_s = 0;
	copy.from_cache = 0;
	dl_buf_init(&line, &scope->arena, MOST_BYTES);
	dl_schema_encode(&dl_record_verdict, &copy, &line);
	dl_buf_putc(&line, '\n');
	return line.overflow ? NULL : line.data;
}

/* The verdict in the file at PATH, and when that was changed; NULL: there is none. */
static const struct dl_verdict *read_verdict(struct dl_scope *scope, const char *path, int64_t *time)
{
	struct dl_scope attempt;
	struct dl_verdict *read, *verdict = NULL;
	const struct dl_json *line;
	struct stat st;
	char *text;
	size_t len;

	dl_scope_open(&attempt, NULL);
	read = dl_schema_new(&attempt, &dl_record_verdict);
	text = dl_file_read(&attempt, path, MOST_BYTES, &len);
	line = text ? dl_json_parse(&attempt, text, len) : NULL;
	if (line && dl_text_same(dl_json_text(line, "type"), "verdict") &&
	    dl_schema_decode(&attempt, &dl_record_verdict, line, read) == 0 && read->verdict &&
	    read->provider && read->project && stat(path, &st) == 0) {
		verdict = dl_schema_copy(scope, &dl_record_verdict, read);
		*time = st.st_mtime;
	}
	dl_scope_close(&attempt);
	return verdict;
}

static bool is_about(const struct dl_verdict *verdict, const char *branch, const char *sha)
{
	return dl_text_same(verdict->branch, branch) && (branch || dl_text_same(verdict->sha, sha));
}

/* The same, when it is about KEY in all that the line says of it. */
static const struct dl_verdict *find_verdict(struct dl_scope *scope, const char *name, const struct key *key,
					     int64_t *time)
{
	const char *path = path_of(scope, name, key);
	const struct dl_verdict *found = path ? read_verdict(scope, path, time) : NULL;

	return found && dl_text_same(found->provider, key->provider) &&
			       dl_text_same(found->project, key->project) &&
			       is_about(found, key->branch, key->sha) &&
			       (!found->host || dl_text_same(found->host, key->host))
		       ? found
		       : NULL;
}

static const char *folder_of(struct dl_scope *scope, const char *path)
{
	return dl_arena_copy(&scope->arena, path, (size_t)(strrchr(path, '/') - path));
}

/* Removes what has not been true for so long that the branch is gone from the folder with the file at PATH,
 * when that is about to become one more. */
static void prune_before(struct dl_scope *scope, const char *path)
{
	time_t oldest = (time_t)(dl_time_now() - KEEP_S);
	DIR *folder = access(path, F_OK) == 0 ? NULL : opendir(folder_of(scope, path));
	struct dirent *entry;
	struct stat st;

	while (folder && (entry = readdir(folder)))
		if (fstatat(dirfd(folder), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(st.st_mode) && st.st_mtime < oldest)
			unlinkat(dirfd(folder), entry->d_name, 0);
	if (folder)
		closedir(folder);
}

static int write_line(struct dl_scope *scope, const char *path, const char *line)
{
	if (!line)
		return dl_fail(scope, DL_DATA, "the verdict is larger than %d bytes", MOST_BYTES);
	return dl_file_write(scope, path, 0600, line, strlen(line));
}

static bool holds(struct dl_scope *scope, const char *path, const char *line)
{
	struct dl_scope attempt;
	bool same;

	dl_scope_open(&attempt, scope);
	same = line && dl_text_same(dl_file_read(&attempt, path, MOST_BYTES, NULL), line);
	dl_fail_take(&attempt, &attempt.arena);
	dl_scope_close(&attempt);
	return same;
}

/* The file at PATH holds LINE, which was true at TIME. */
static int put_line(struct dl_scope *scope, const char *path, const char *line, int64_t time)
{
	const struct timespec times[] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = (time_t)time}};

	if (!holds(scope, path, line) && write_line(scope, path, line))
		return -1;
	return utimensat(AT_FDCWD, path, times, 0) < 0 ? dl_fail_errno(scope, "cannot date %s", path) : 0;
}

/* The same among the verdicts of all projects. */
static int put_among(struct dl_scope *scope, const char *path, const char *line, int64_t time)
{
	if (dl_file_mkdirs(scope, folder_of(scope, path), 0700))
		return -1;
	prune_before(scope, path);
	return put_line(scope, path, line, time);
}

/* The same in the repository, unless that was removed while CI was asked. */
static int put_here(struct dl_scope *scope, const char *common_dir, const char *line, int64_t time)
{
	const char *path = dl_arena_format(&scope->arena, "%s/devloop/last", common_dir);

	if (dl_file_mkdir(scope, folder_of(scope, path), 0700))
		return -1;
	return put_line(scope, path, line, time);
}

void dl_last_keep(const struct dl_verdict *verdict, const char *branch, const char *common_dir)
{
	int64_t time = dl_time_now() - (verdict->age_s > 0 ? verdict->age_s : 0);
	struct dl_scope scope;
	const char *line, *path;
	struct key key;

	dl_scope_open(&scope, NULL);
	line = line_of(&scope, verdict, branch);
	key = key_of(&scope, verdict, branch, verdict->sha, common_dir);
	path = path_of(&scope, "last", &key);
	if (path && put_among(&scope, path, line, time))
		dl_fail_take(&scope, &scope.arena);
	if (common_dir && put_here(&scope, common_dir, line, time))
		dl_fail_take(&scope, &scope.arena);
	dl_scope_close(&scope);
}

struct dl_last dl_last_find(struct dl_scope *scope, const char *common_dir, const char *branch,
			    const char *sha)
{
	const char *path = dl_arena_format(&scope->arena, "%s/devloop/last", common_dir);
	struct dl_last last = {0}, here = {0};
	struct key key;

	here.verdict = read_verdict(scope, path, &here.time);
	if (!here.verdict)
		return last;
	key = key_of(scope, here.verdict, branch, sha, common_dir);
	last.asked = here.asked = true;
	last.verdict = find_verdict(scope, "last", &key, &last.time);
	if (branch ? !last.verdict && dl_text_same(here.verdict->branch, branch)
		   : dl_text_same(here.verdict->sha, sha) && here.time >= last.time)
		return here;
	return last;
}

static bool is_under_way(const struct dl_verdict *verdict)
{
	return verdict->verdict == DL_VERDICT_PENDING || verdict->verdict == DL_VERDICT_UNREGISTERED;
}

int dl_last_news(struct dl_scope *scope, const struct dl_verdict *verdict, const char *branch,
		 const char *common_dir, bool keep)
{
	struct key key = key_of(scope, verdict, branch, verdict->sha, common_dir);
	const char *path = path_of(scope, "told", &key);
	const struct dl_verdict *told;
	int64_t time;

	if (!path) {
		dl_fail(scope, DL_CONFIG, "what was told last cannot be kept: there is no home folder");
		return dl_fail_hint(scope, "set HOME or XDG_STATE_HOME");
	}
	told = find_verdict(scope, "told", &key, &time);
	if (told && (told->verdict == verdict->verdict || is_under_way(verdict)))
		return 0;
	if (!keep)
		return 1;
	if (dl_file_mkdirs(scope, folder_of(scope, path), 0700))
		return -1;
	prune_before(scope, path);
	return write_line(scope, path, line_of(scope, verdict, branch)) ? -1 : 1;
}

const char *dl_last_lock_path(struct dl_scope *scope, const char *common_dir)
{
	struct key key = {.host = common_dir};
	const char *path = path_of(scope, "last", &key);
	struct dl_scope attempt;

	if (!path)
		return NULL;
	dl_scope_open(&attempt, NULL);
	if (dl_file_mkdirs(&attempt, folder_of(&attempt, path), 0700))
		path = NULL;
	dl_scope_close(&attempt);
	return path;
}
