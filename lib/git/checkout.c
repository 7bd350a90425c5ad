/* A prompt asks this before every command line: so it takes three calls of the system for each folder on the
 * way up, and never follows what a file in the tree says further than to a folder that looks like a
 * repository. */
#include "lib/git/checkout.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"

enum { MOST_BYTES = 8 << 10 };

/* The content of a small file without the white space at its end; NULL: it cannot be read. */
static char *read_line(struct dl_scope *scope, const char *folder, const char *name)
{
	struct dl_scope attempt;
	char *text, *copy = NULL;
	size_t len;

	dl_scope_open(&attempt, NULL);
	text = dl_file_read(&attempt, dl_arena_format(&attempt.arena, "%s/%s", folder, name), MOST_BYTES,
			    &len);
	if (text && strlen(text) == len) {
		while (len && strchr(" \t\r\n", text[len - 1]))
			len--;
		copy = dl_arena_copy(&scope->arena, text, len);
	}
	dl_scope_close(&attempt);
	return copy;
}

/* PATH, which is relative to FOLDER unless it is absolute, without links and dots; NULL: not there. */
static const char *resolve(struct dl_scope *scope, const char *folder, const char *path)
{
	char whole[PATH_MAX];

	if (*path != '/')
		path = dl_arena_format(&scope->arena, "%s/%s", folder, path);
	return realpath(path, whole) ? dl_arena_string(&scope->arena, whole) : NULL;
}

static bool is_folder(struct dl_scope *scope, const char *folder, const char *name)
{
	struct stat st;

	return stat(dl_arena_format(&scope->arena, "%s/%s", folder, name), &st) == 0 && S_ISDIR(st.st_mode);
}

/* The name in the line `ref: refs/heads/NAME`; NULL: there is none, or it is none that a branch can have. */
static const char *branch_of(const char *head)
{
	static const char begin[] = "refs/heads/";
	const char *name = head, *byte;

	if (!dl_text_starts(head, "ref:"))
		return NULL;
	name += strlen("ref:");
	name += strspn(name, " \t");
	if (!dl_text_starts(name, begin))
		return NULL;
	name += strlen(begin);
	for (byte = name; *byte; byte++)
		if ((unsigned char)*byte <= ' ' || *byte == 0x7f)
			return NULL;
	/* A reftable repository has `.invalid` here, and its HEAD elsewhere. */
	return *name && *name != '.' ? name : NULL;
}

static bool is_head(const char *head)
{
	return dl_text_starts(head, "ref:") || dl_text_is_sha(head);
}

/* Whether GIT_DIR is the folder of a repository, or of one of its working trees; then it is filled in. */
static bool take(struct dl_scope *scope, const char *git_dir, const char *common_dir,
		 struct dl_checkout *checkout)
{
	const char *head = read_line(scope, git_dir, "HEAD"), *common;

	if (!head || !is_head(head))
		return false;
	common = common_dir ? common_dir : read_line(scope, git_dir, "commondir");
	common = common ? resolve(scope, git_dir, common) : git_dir;
	if (!common || !is_folder(scope, common, "objects") || !is_folder(scope, common, "refs"))
		return false;
	*checkout = (struct dl_checkout){
		.git_dir = dl_arena_string(&scope->arena, git_dir),
		.common_dir = dl_arena_string(&scope->arena, common),
		.branch = branch_of(head),
		.commit = dl_text_is_sha(head) ? head : NULL,
	};
	return true;
}

/* Looks into FOLDER. 1: it has a repository; 0: it has none; -1: it has what should lead to one and does not,
 * where git stops, too. */
static int look(struct dl_scope *scope, const char *folder, struct dl_checkout *checkout)
{
	const char *path = dl_arena_format(&scope->arena, "%s/.git", folder), *to;
	struct stat st;

	if (stat(path, &st) < 0)
		return take(scope, folder, NULL, checkout);
	if (S_ISREG(st.st_mode)) {
		to = read_line(scope, folder, ".git");
		if (!to || !dl_text_starts(to, "gitdir:"))
			return -1;
		to += strlen("gitdir:");
		to = resolve(scope, folder, to + strspn(to, " \t"));
		return to && take(scope, to, NULL, checkout) ? 1 : -1;
	}
	if (S_ISDIR(st.st_mode) && (path = resolve(scope, folder, ".git")) &&
	    take(scope, path, NULL, checkout))
		return 1;
	return take(scope, folder, NULL, checkout);
}

/* Whether PATH is one of GIT_CEILING_DIRECTORIES, which have colons between them. */
static bool is_ceiling(const char *path)
{
	const char *list = getenv("GIT_CEILING_DIRECTORIES");
	size_t len, path_len = strlen(path);

	for (; list && *list; list += len + (list[len] == ':')) {
		len = strcspn(list, ":");
		if (len && strncmp(list, path, path_len) == 0 &&
		    (len == path_len || (len == path_len + 1 && list[path_len] == '/')))
			return true;
	}
	return false;
}

static bool crosses_file_systems(void)
{
	const char *value = getenv("GIT_DISCOVERY_ACROSS_FILESYSTEM");

	return value && (dl_text_int(value) > 0 || strcasecmp(value, "true") == 0 ||
			 strcasecmp(value, "yes") == 0 || strcasecmp(value, "on") == 0);
}

/* Makes PATH its parent folder, if git would look there, too, having begun at ORIGIN. */
static bool go_up(char *path, const struct stat *origin)
{
	char *slash = strrchr(path, '/');
	struct stat st;

	if (!slash || !path[1])
		return false;
	slash[slash == path] = '\0';
	return !is_ceiling(path) && stat(path, &st) == 0 &&
	       (st.st_dev == origin->st_dev || crosses_file_systems());
}

bool dl_checkout_find(struct dl_scope *scope, const char *dir, struct dl_checkout *checkout)
{
	const char *git_dir = dir ? NULL : getenv("GIT_DIR"), *common = getenv("GIT_COMMON_DIR");
	char path[PATH_MAX];
	struct stat origin;
	int found = 0;

	if (git_dir && *git_dir) {
		git_dir = realpath(git_dir, path) ? dl_arena_string(&scope->arena, path) : NULL;
		common = common && *common && realpath(common, path) ? path : NULL;
		return git_dir && take(scope, git_dir, common, checkout);
	}
	if (!realpath(dir ? dir : ".", path) || stat(path, &origin) < 0)
		return false;
	while ((found = look(scope, path, checkout)) == 0 && go_up(path, &origin))
		;
	return found > 0;
}
