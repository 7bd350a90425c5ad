/* Folders are looked into one after the other, as they are found; so one descriptor is open at a time,
 * however deep they go. */
#include "lib/base/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/path.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"

enum { CHUNK = 64 << 10 };

struct list {
	struct dl_tree_item *items;
	size_t count, room;
};

/* ---- listing ---- */

static void add(struct dl_scope *scope, struct list *list, const char *path, const struct stat *st)
{
	size_t room = list->room ? list->room * 2 : 64, size = sizeof *list->items;

	if (list->count == list->room) {
		list->items = dl_arena_grow(&scope->arena, list->items, list->room * size, room * size);
		list->room = room;
	}
	list->items[list->count++] = (struct dl_tree_item){path, st->st_mode, st->st_size, st->st_mtime};
}

static int look_at(struct dl_scope *scope, struct list *list, int folder, const char *prefix,
		   const char *name)
{
	const char *path;
	struct stat st;

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return 0;
	path = dl_arena_format(&scope->arena, "%s%s", prefix, name);
	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : dl_fail_errno(scope, "%s", dl_text_quote(&scope->arena, path));
	if (S_ISDIR(st.st_mode))
		path = dl_arena_format(&scope->arena, "%s/", path);
	add(scope, list, path, &st);
	return 0;
}

/* Adds what stands directly in the folder PREFIX ("" or with a final '/'). */
static int look_into(struct dl_scope *scope, struct list *list, int top, const char *prefix)
{
	int fd = dl_path_parent(scope, top, dl_arena_format(&scope->arena, "%s.", prefix), false), result = 0;
	DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *entry;

	if (fd < 0)
		return -1;
	if (!stream) {
		dl_fail_errno(scope, "cannot read the folder %s", dl_text_quote(&scope->arena, prefix));
		close(fd);
		return -1;
	}
	rewinddir(stream);
	while (result == 0 && (entry = readdir(stream)))
		result = look_at(scope, list, fd, prefix, entry->d_name);
	closedir(stream);
	return result;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct dl_tree_item *)a)->path, ((const struct dl_tree_item *)b)->path);
}

int dl_tree_list(struct dl_scope *scope, int folder, struct dl_tree *tree)
{
	struct list list = {0};
	size_t i;

	if (look_into(scope, &list, folder, ""))
		return -1;
	for (i = 0; i < list.count; i++)
		if (S_ISDIR(list.items[i].mode) && look_into(scope, &list, folder, list.items[i].path))
			return -1;
	if (list.count)
		qsort(list.items, list.count, sizeof *list.items, by_path);
	*tree = (struct dl_tree){.items = list.items, .count = list.count};
	return 0;
}

/* ---- comparing ---- */

/* Reads until CHUNK bytes or the end. */
static ssize_t read_chunk(int fd, char *chunk)
{
	ssize_t count = 0, got;

	while (count < CHUNK) {
		got = read(fd, chunk + count, (size_t)(CHUNK - count));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		count += got;
	}
	return count;
}

int dl_tree_same_file(struct dl_scope *scope, int one, int other)
{
	struct dl_scope work;
	ssize_t a, b;
	char *left, *right;
	bool same;

	dl_scope_open(&work, scope);
	left = dl_arena_alloc(&work.arena, CHUNK);
	right = dl_arena_alloc(&work.arena, CHUNK);
	do {
		a = read_chunk(one, left);
		b = a < 0 ? a : read_chunk(other, right);
		if (a < 0 || b < 0)
			dl_fail_errno(&work, "cannot compare two files");
		same = a == b && a >= 0 && memcmp(left, right, (size_t)a) == 0;
	} while (same && a > 0);
	return dl_scope_close(&work) ? -1 : same;
}

/* Opens the file at PATH below FOLDER for reading. */
static int open_file(struct dl_scope *scope, int folder, const char *path)
{
	int parent = dl_path_parent(scope, folder, path, false), fd;

	if (parent < 0)
		return -1;
	fd = openat(parent, dl_path_last(path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	close(parent);
	return fd >= 0 ? fd : dl_fail_errno(scope, "%s", dl_text_quote(&scope->arena, path));
}

/* The target of the link at PATH below FOLDER; NULL: failed. */
static const char *read_link(struct dl_scope *scope, int folder, const char *path)
{
	char *target = dl_arena_alloc(&scope->arena, PATH_MAX + 1);
	int parent = dl_path_parent(scope, folder, path, false);
	ssize_t len;

	if (parent < 0)
		return NULL;
	len = readlinkat(parent, dl_path_last(path), target, PATH_MAX);
	close(parent);
	if (len < 0)
		dl_fail_errno(scope, "%s", dl_text_quote(&scope->arena, path));
	return len < 0 ? NULL : target;
}

static int is_same_content(struct dl_scope *scope, int one, int other, const char *path)
{
	int a = open_file(scope, one, path), b = a < 0 ? -1 : open_file(scope, other, path);
	int same = b < 0 ? -1 : dl_tree_same_file(scope, a, b);

	if (a >= 0)
		close(a);
	if (b >= 0)
		close(b);
	return same;
}

static int is_same_link(struct dl_scope *scope, int one, int other, const char *path)
{
	const char *a = read_link(scope, one, path), *b = a ? read_link(scope, other, path) : NULL;

	return b ? strcmp(a, b) == 0 : -1;
}

static int is_same(struct dl_scope *scope, int one, int other, const struct dl_tree_item *a,
		   const struct dl_tree_item *b)
{
	struct dl_scope work;
	int same = 0;

	if (strcmp(a->path, b->path) != 0 || (a->mode & S_IFMT) != (b->mode & S_IFMT))
		return 0;
	dl_scope_open(&work, scope);
	if (S_ISDIR(a->mode))
		same = 1;
	else if (S_ISREG(a->mode) && a->size == b->size && !((a->mode ^ b->mode) & S_IXUSR))
		same = is_same_content(&work, one, other, a->path);
	else if (S_ISLNK(a->mode))
		same = is_same_link(&work, one, other, a->path);
	return dl_scope_close(&work) ? -1 : same;
}

int dl_tree_same(struct dl_scope *scope, int one, int other)
{
	struct dl_tree a, b;
	struct dl_scope work;
	int same = 0;
	size_t i;

	dl_scope_open(&work, scope);
	if (dl_tree_list(&work, one, &a) == 0 && dl_tree_list(&work, other, &b) == 0)
		same = a.count == b.count;
	for (i = 0; same == 1 && i < a.count; i++)
		same = is_same(&work, one, other, &a.items[i], &b.items[i]);
	return dl_scope_close(&work) ? -1 : same;
}
