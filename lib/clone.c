/* libgit2 would tell the same at twenty times the cost: it reads every configuration file of the user for
 * each repository that it opens. What these files may look like is git's promise: gitrepository-layout(5). */
#include "lib/clone.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/path.h"
#include "lib/remote.h"
#include "lib/scope.h"
#include "lib/text.h"

enum { MOST_SMALL = 64 << 10, MOST_PACKED = 256 << 20, MOST_LINKS = 5 };

/* The content of the file NAME in the git folder; NULL: there is none, or none that can be read. */
static char *read_file(struct dl_scope *scope, const char *git_dir, const char *name, size_t cap)
{
	struct dl_scope attempt;
	char *text, *kept = NULL;
	size_t len;

	dl_scope_open(&attempt, NULL);
	text = dl_file_read(&attempt, dl_arena_format(&attempt.arena, "%s/%s", git_dir, name), cap, &len);
	if (text)
		kept = dl_arena_copy(&scope->arena, text, len);
	dl_scope_close(&attempt);
	return kept;
}

static bool exists(struct dl_scope *scope, const char *git_dir, const char *name)
{
	return access(dl_arena_format(&scope->arena, "%s/%s", git_dir, name), F_OK) == 0;
}

static char *without_end(char *text)
{
	text[strcspn(text, "\r\n")] = '\0';
	return text;
}

/* ------------------------------------------------------------------ refs */

/* The object of NAME in packed-refs: lines "SHA NAME", sorted, and others that begin with '#' and '^'. */
static const char *find_packed(struct dl_scope *scope, const char *packed, const char *name)
{
	size_t len = strlen(name);
	const char *at = packed, *line, *end;

	while ((at = strstr(at, name))) {
		end = at + len;
		line = memrchr(packed, '\n', (size_t)(at - packed));
		line = line ? line + 1 : packed;
		if (at > line && at[-1] == ' ' && (*end == '\n' || !*end)) {
			line = dl_arena_copy(&scope->arena, line, (size_t)(at - line) - 1);
			return dl_text_is_sha(line) ? line : NULL;
		}
		at = end;
	}
	return NULL;
}

/* What the ref NAME says: an object, or "ref: " and another name; NULL: nothing. */
static const char *read_ref(struct dl_scope *scope, const struct dl_clone *clone, const char *name)
{
	char *text = read_file(scope, clone->git_dir, name, MOST_SMALL);

	return text ? without_end(text) : find_packed(scope, clone->packed, name);
}

const char *dl_clone_ref(struct dl_scope *scope, const struct dl_clone *clone, const char *name)
{
	const char *value = NULL;
	int i;

	for (i = 0; i < MOST_LINKS; i++) {
		value = dl_text_starts(name, "refs/") || strcmp(name, "HEAD") == 0
				? read_ref(scope, clone, name)
				: NULL;
		if (!value || !dl_text_starts(value, "ref: ") || strstr(value, ".."))
			break;
		name = value + strlen("ref: ");
	}
	return value && dl_text_is_sha(value) ? value : NULL;
}

/* ------------------------------------------------------------------ the configuration */

/* The value of a line "KEY = VALUE" of git's configuration; NULL: it is another. What only git can read
 * (quotes, escapes, comments) gives "". */
static const char *value_of(struct dl_scope *scope, const char *line, const char *key)
{
	size_t len = strlen(key);
	const char *value, *end;

	line += strspn(line, " \t");
	if (strncasecmp(line, key, len) != 0)
		return NULL;
	value = line + len + strspn(line + len, " \t");
	if (*value++ != '=')
		return NULL;
	value += strspn(value, " \t");
	end = value + strcspn(value, "\r\n");
	for (; end > value && strchr(" \t", end[-1]); end--)
		;
	value = dl_arena_copy(&scope->arena, value, (size_t)(end - value));
	return strpbrk(value, "\"\\;#") ? "" : value;
}

/* Reads the URL of origin, and whether the repository is bare and its refs are files. */
static void read_config(struct dl_scope *scope, struct dl_clone *clone)
{
	const char *line = read_file(scope, clone->git_dir, "config", MOST_SMALL), *end, *value;
	bool origin = false, core = false, extensions = false;

	for (; line && *line; line = *end ? end + 1 : end) {
		end = strchrnul(line, '\n');
		if (*line == '[') {
			origin = dl_text_starts(line, "[remote \"origin\"]");
			core = strncasecmp(line, "[core]", 6) == 0;
			extensions = strncasecmp(line, "[extensions]", 12) == 0;
		}
		if (origin && !clone->url && (value = value_of(scope, line, "url")))
			clone->url = value;
		if (core && (value = value_of(scope, line, "bare")))
			clone->bare = strcmp(value, "true") == 0;
		if (extensions && (value = value_of(scope, line, "refstorage")) &&
		    strcmp(value, "files") != 0)
			clone->kind = DL_CLONE_OPAQUE;
	}
}

/* ------------------------------------------------------------------ looking */

static const struct {
	const char *file, *what;
} begun[] = {
	{"MERGE_HEAD", "a merge"},
	{"rebase-merge", "a rebase"},
	{"rebase-apply", "a rebase"},
	{"CHERRY_PICK_HEAD", "a cherry-pick"},
	{"REVERT_HEAD", "a revert"},
	{"BISECT_LOG", "a bisection"},
};

static void look_inside(struct dl_scope *scope, struct dl_clone *clone)
{
	char *head = read_file(scope, clone->git_dir, "HEAD", MOST_SMALL);
	char *origin = read_file(scope, clone->git_dir, "refs/remotes/origin/HEAD", MOST_SMALL);
	static const char remote[] = "ref: refs/remotes/origin/";
	size_t i;

	clone->kind = head && exists(scope, clone->git_dir, "objects") ? DL_CLONE_THERE : DL_CLONE_FOREIGN;
	if (clone->kind == DL_CLONE_FOREIGN)
		return;
	read_config(scope, clone);
	clone->packed = read_file(scope, clone->git_dir, "packed-refs", MOST_PACKED);
	if (!clone->packed)
		clone->packed = "";
	head = without_end(head);
	if (dl_text_starts(head, "ref: "))
		clone->head = head + strlen("ref: ");
	clone->commit = clone->head	       ? dl_clone_ref(scope, clone, clone->head)
			: dl_text_is_sha(head) ? head
					       : NULL;
	if (origin && dl_text_starts(without_end(origin), remote))
		clone->origin = dl_arena_format(&scope->arena, "refs/heads/%s", origin + strlen(remote));
	for (i = 0; i < sizeof begun / sizeof *begun && !clone->busy; i++)
		if (exists(scope, clone->git_dir, begun[i].file))
			clone->busy = begun[i].what;
}

/* Whether the folder at PATH has nothing in it. */
static bool is_empty(const char *path)
{
	DIR *stream = opendir(path);
	struct dirent *entry = NULL;

	if (!stream)
		return false;
	while ((entry = readdir(stream)) &&
	       (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0))
		;
	closedir(stream);
	return !entry;
}

/* The folder without a ".git": a bare repository, empty, or somebody else's. */
static void look_bare(struct dl_scope *scope, struct dl_clone *clone)
{
	clone->git_dir = clone->dir;
	clone->bare = exists(scope, clone->dir, "HEAD") && exists(scope, clone->dir, "objects") &&
		      exists(scope, clone->dir, "refs");
	if (clone->bare)
		look_inside(scope, clone);
	else if (is_empty(clone->dir))
		clone->kind = DL_CLONE_ABSENT;
}

static int look_at(struct dl_scope *scope, int parent, const char *name, struct dl_clone *clone)
{
	struct stat st;

	if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0
				       : dl_fail_errno(scope, "cannot look at %s",
						       dl_text_quote(&scope->arena, clone->dir));
	if (S_ISLNK(st.st_mode))
		return dl_fail(scope, DL_REFUSED, "%s is a symbolic link",
			       dl_text_quote(&scope->arena, clone->dir));
	clone->git_dir = dl_arena_format(&scope->arena, "%s/.git", clone->dir);
	clone->kind = DL_CLONE_FOREIGN;
	if (!S_ISDIR(st.st_mode))
		return 0;
	if (lstat(clone->git_dir, &st) < 0)
		look_bare(scope, clone);
	else if (S_ISDIR(st.st_mode))
		look_inside(scope, clone);
	return 0;
}

int dl_clone_look(struct dl_scope *scope, const char *root, const char *path, struct dl_clone *clone)
{
	int top = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC), parent, result;
	struct dl_scope attempt;

	*clone = (struct dl_clone){.kind = DL_CLONE_ABSENT, .packed = ""};
	clone->dir = dl_arena_format(&scope->arena, "%s/%s", root, path);
	if (top < 0)
		return errno == ENOENT ? 0
				       : dl_fail_errno(scope, "cannot open the folder %s",
						       dl_text_quote(&scope->arena, root));
	dl_scope_open(&attempt, scope);
	parent = dl_path_parent(&attempt, top, path, false);
	close(top);
	if (attempt.error.class == DL_MISSING)
		dl_fail_take(&attempt, &attempt.arena);
	if (dl_scope_close(&attempt) || parent < 0)
		return scope->error.class == DL_OK ? 0 : -1;
	result = look_at(scope, parent, dl_path_last(path), clone);
	close(parent);
	return result;
}

/* ------------------------------------------------------------------ URLs */

bool dl_clone_url_same(const char *one, const char *other)
{
	struct dl_remote left, right;
	struct dl_scope attempt;
	bool same = dl_text_same(one, other);

	dl_scope_open(&attempt, NULL);
	if (!same && dl_remote_parse(&attempt, one, &left) == 0 &&
	    dl_remote_parse(&attempt, other, &right) == 0)
		same = strncmp(left.host, right.host, strcspn(left.host, ":")) == 0 &&
		       strcspn(left.host, ":") == strcspn(right.host, ":") &&
		       strcmp(left.path, right.path) == 0;
	dl_scope_close(&attempt);
	return same;
}
