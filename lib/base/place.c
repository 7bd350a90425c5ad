/* Whether a name is free is not asked but tried: rename with RENAME_NOREPLACE is the claim, so of several
 * programs that want the same place one gets it. Where a file system cannot do that, there is a moment
 * between the question and the move. */
#include "lib/base/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/syscall.h>
#endif

#include "lib/base/file.h"
#include "lib/base/path.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/tree.h"

/* As in linux/fs.h. */
enum { NO_REPLACE = 1, EXCHANGE = 2 };

enum { FOLDER_FLAGS = O_RDONLY | O_DIRECTORY | O_CLOEXEC };

static const char *quote(struct dl_scope *scope, const char *path)
{
	return dl_text_quote(&scope->arena, path);
}

static const char *beside(struct dl_scope *scope, const struct dl_place *place, const char *name)
{
	return dl_arena_format(&scope->arena, "%s/%s", place->folder, name);
}

int dl_place_open(struct dl_scope *scope, const char *dir, const char *path, struct dl_place *place)
{
	size_t above = (size_t)(dl_path_last(path) - path);
	int top;

	*place = (struct dl_place){.parent = -1, .name = dl_path_last(path)};
	place->path = dl_arena_format(&scope->arena, "%s%s%s", dir, dl_text_ends(dir, "/") ? "" : "/", path);
	place->folder = above ? dl_arena_format(&scope->arena, "%s/%.*s", dir, (int)above - 1, path) : dir;
	if (dl_file_mkdirs(scope, dir, S_IRWXU | S_IRWXG | S_IRWXO))
		return -1;
	top = open(dir, FOLDER_FLAGS);
	if (top < 0)
		return dl_fail_errno(scope, "cannot open the folder %s", quote(scope, dir));
	place->parent = dl_path_parent(scope, top, path, true);
	close(top);
	return place->parent < 0 ? -1 : 0;
}

void dl_place_close(struct dl_place *place)
{
	if (place->parent >= 0)
		close(place->parent);
	place->parent = -1;
}

int dl_place_taken(struct dl_scope *scope, const struct dl_place *place)
{
	dl_fail(scope, DL_REFUSED, "%s exists, and differs", quote(scope, place->path));
	return dl_fail_hint(scope, "--overwrite replaces it");
}

/* ---- moving ---- */

static int rename_with(int folder, const char *from, const char *to, unsigned int flags)
{
#ifdef SYS_renameat2
	return (int)syscall(SYS_renameat2, folder, from, folder, to, flags);
#else
	(void)folder, (void)from, (void)to, (void)flags;
	errno = ENOSYS;
	return -1;
#endif
}

static bool exists(const struct dl_place *place)
{
	struct stat st;

	return fstatat(place->parent, place->name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool is_unable(void)
{
	return errno == ENOSYS || errno == EINVAL || errno == EOPNOTSUPP;
}

/* Moves NAME to where nothing is, or an empty folder. -1 and errno, EEXIST when there is more. */
static int claim(const struct dl_place *place, const char *name)
{
	unlinkat(place->parent, place->name, AT_REMOVEDIR);
	if (rename_with(place->parent, name, place->name, NO_REPLACE) == 0)
		return 0;
	if (!is_unable())
		return -1;
	if (exists(place)) {
		errno = EEXIST;
		return -1;
	}
	return renameat(place->parent, name, place->parent, place->name);
}

/* Moves NAME to where something is, and that to NAME. */
static int exchange(const struct dl_place *place, const char *name, const char *aside)
{
	if (rename_with(place->parent, name, place->name, EXCHANGE) == 0)
		return 0;
	if (!is_unable() || renameat(place->parent, place->name, place->parent, aside) < 0)
		return -1;
	if (renameat(place->parent, name, place->parent, place->name) == 0)
		return renameat(place->parent, aside, place->parent, name);
	renameat(place->parent, aside, place->parent, place->name);
	return -1;
}

/* ---- comparing ---- */

/* Opens NAME for reading when it is a file or a folder, which ST says. */
static int open_thing(const struct dl_place *place, const char *name, struct stat *st)
{
	int fd = openat(place->parent, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd >= 0 && (fstat(fd, st) < 0 || (!S_ISREG(st->st_mode) && !S_ISDIR(st->st_mode)))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* Whether NAME and what is at the place are the same. What cannot be opened is something else. */
static int is_same(struct dl_scope *scope, const struct dl_place *place, const char *name)
{
	struct stat new, old;
	int ours = open_thing(place, name, &new), theirs = open_thing(place, place->name, &old), same = 0;

	if (ours >= 0 && theirs >= 0 && S_ISDIR(new.st_mode) && S_ISDIR(old.st_mode))
		same = dl_tree_same(scope, ours, theirs);
	else if (ours >= 0 && theirs >= 0 && S_ISREG(new.st_mode) && S_ISREG(old.st_mode))
		same = new.st_size == old.st_size ? dl_tree_same_file(scope, ours, theirs) : 0;
	if (ours >= 0)
		close(ours);
	if (theirs >= 0)
		close(theirs);
	return same;
}

/* ---- settling ---- */

int dl_place_claim(struct dl_scope *scope, const struct dl_place *place, const char *name)
{
	if (claim(place, name) == 0)
		return 0;
	if (errno == EEXIST || errno == ENOTEMPTY)
		return dl_fail(scope, DL_REFUSED, "%s has appeared meanwhile", quote(scope, place->path));
	return dl_fail_errno(scope, "cannot write %s", quote(scope, place->path));
}

/* Of a folder, all that is in it: the whole file system, since one call for each of many small files would
 * take longer. */
static int sync_thing(const struct dl_place *place, const char *name)
{
	struct stat st;
	int fd = open_thing(place, name, &st), result;

	if (fd < 0)
		return -1;
#ifdef __linux__
	result = S_ISDIR(st.st_mode) ? syncfs(fd) : fsync(fd);
#else
	if (S_ISDIR(st.st_mode))
		sync();
	result = fsync(fd);
#endif
	close(fd);
	return result;
}

/* The name is on the disk, too, where folders can be synced. */
static int settled(const struct dl_place *place)
{
	(void)fsync(place->parent);
	return 0;
}

int dl_place_settle(struct dl_scope *scope, const struct dl_place *place, const char *name, bool overwrite)
{
	const char *aside = dl_arena_format(&scope->arena, "%s.old", name), *ours;
	int same;

	ours = beside(scope, place, name);
	if (sync_thing(place, name) < 0)
		return dl_fail_errno(scope, "cannot write %s", quote(scope, place->path));
	if (claim(place, name) == 0)
		return settled(place);
	if (errno != EEXIST)
		return dl_fail_errno(scope, "cannot write %s", quote(scope, place->path));
	same = is_same(scope, place, name);
	if (same == 0 && overwrite && exchange(place, name, aside) < 0)
		return dl_fail_errno(scope, "cannot replace %s", quote(scope, place->path));
	if (dl_file_remove_tree(scope, ours) || same < 0)
		return -1;
	if (same || overwrite)
		return same ? 1 : settled(place);
	return dl_place_taken(scope, place);
}
