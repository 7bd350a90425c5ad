/* Whatever is unpacked stays in its folder, and has names that are safe. */
#include "lib/base/archive.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/path.h"
#include "lib/base/tree.h"
#include "tests/fuzz/fuzz.h"

static char top[] = "/tmp/dl-fuzz-XXXXXX";

static void leave(void)
{
	rmdir(top);
}

/* A new folder in TOP, which all inputs of this process share. */
static const char *make_folder(struct dl_scope *scope)
{
	static bool made;
	const char *path;

	if (!made && (!mkdtemp(top) || atexit(leave)))
		abort();
	made = true;
	path = dl_arena_format(&scope->arena, "%s/out", top);
	if (mkdir(path, S_IRWXU) < 0)
		abort();
	return path;
}

/* The archive as a file without a name. */
static int make_file(const uint8_t *data, size_t size)
{
	int fd = open(top, O_RDWR | O_TMPFILE | O_CLOEXEC, S_IRUSR | S_IWUSR);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	return fd;
}

/* Where a link leads to, if to anything, is in the folder. */
static void check_link(struct dl_scope *scope, const char *folder, const char *path)
{
	char found[PATH_MAX + 1];
	size_t len = strlen(folder);

	if (realpath(dl_arena_format(&scope->arena, "%s/%s", folder, path), found))
		HOLDS(strncmp(found, folder, len) == 0 && (!found[len] || found[len] == '/'));
}

static void check_item(struct dl_scope *scope, const char *folder, const struct dl_tree_item *item)
{
	size_t len = strlen(item->path) - (S_ISDIR(item->mode) ? 1 : 0);

	HOLDS(S_ISDIR(item->mode) || S_ISREG(item->mode) || S_ISLNK(item->mode));
	HOLDS(!(item->mode & (S_ISUID | S_ISGID | S_ISVTX)) || S_ISLNK(item->mode));
	HOLDS(dl_path_check(scope, dl_arena_copy(&scope->arena, item->path, len)) == 0);
	if (S_ISLNK(item->mode))
		check_link(scope, folder, item->path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dl_scope scope, attempt;
	struct dl_tree tree;
	const char *path;
	int file, folder;
	size_t i;

	dl_scope_open(&scope, NULL);
	dl_scope_open(&attempt, NULL);
	path = make_folder(&scope);
	file = make_file(data, size);
	folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	HOLDS(dl_archive_extract(&attempt, file, folder) == 0 || fuzz_failed(&attempt, DL_DATA));
	HOLDS(dl_tree_list(&scope, folder, &tree) == 0);
	for (i = 0; i < tree.count; i++)
		check_item(&scope, path, &tree.items[i]);
	close(file);
	close(folder);
	HOLDS(dl_file_remove_tree(&scope, path) == 0);
	dl_scope_close(&attempt);
	dl_scope_close(&scope);
	return 0;
}
