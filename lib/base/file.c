/* Symbolic links are followed where a user may have put one on purpose: in the folders above, and at the name
 * that is read or appended to. A written file replaces the link itself, as rename does.
 *
 * A tree is removed without recursion and without ".." or paths: whatever is no folder is unlinked by its
 * folder's descriptor, and a folder with something in it is first moved up to the top of the tree. Two
 * descriptors are open at most, however deep a hostile tree is; nothing is opened through a link, so swapping
 * a folder for one while this runs leads nowhere. */
#include "lib/base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"

enum { CHUNK = 32 << 10 };

/* Opening must not wait for the other end of a FIFO; regular files ignore O_NONBLOCK. */
enum { OPEN_FLAGS = O_CLOEXEC | O_NOCTTY | O_NONBLOCK };

static const char *quote(struct dl_scope *scope, const char *path)
{
	return dl_text_quote(&scope->arena, path);
}

/* Closes FD and leaves errno as it was. */
static void close_quietly(int fd)
{
	int number = errno;

	close(fd);
	errno = number;
}

static int read_all(struct dl_scope *scope, int fd, const char *path, struct dl_buf *content)
{
	char chunk[CHUNK];
	struct stat st;
	ssize_t count;

	if (fstat(fd, &st) < 0)
		return dl_fail_errno(scope, "cannot read %s", quote(scope, path));
	if (!S_ISREG(st.st_mode))
		return dl_fail(scope, DL_SYSTEM, "%s is no regular file", quote(scope, path));
	while (!content->overflow && (count = read(fd, chunk, sizeof chunk)) != 0) {
		if (count > 0)
			dl_buf_add(content, chunk, (size_t)count);
		else if (errno != EINTR)
			return dl_fail_errno(scope, "cannot read %s", quote(scope, path));
	}
	return dl_buf_check(scope, content, quote(scope, path));
}

char *dl_file_read(struct dl_scope *scope, const char *path, size_t cap, size_t *len)
{
	struct dl_buf content;
	int fd, result;

	fd = open(path, O_RDONLY | OPEN_FLAGS);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
		dl_fail(scope, DL_MISSING, "no such file: %s", quote(scope, path));
		return NULL;
	}
	if (fd < 0) {
		dl_fail_errno(scope, "cannot open %s", quote(scope, path));
		return NULL;
	}
	dl_buf_init(&content, &scope->arena, cap);
	result = read_all(scope, fd, path, &content);
	close(fd);
	if (result < 0)
		return NULL;
	if (len)
		*len = content.len;
	return content.data;
}

int dl_file_put(int fd, const void *data, size_t len)
{
	const char *at = data, *end = at + len;
	ssize_t count;

	while (at < end) {
		count = write(fd, at, (size_t)(end - at));
		if (count < 0 && errno != EINTR)
			return -1;
		at += count < 0 ? 0 : count;
	}
	return 0;
}

/* Fills FD and closes it, whatever happens. */
static int complete(int fd, mode_t mode, const void *data, size_t len)
{
	if (fchmod(fd, mode) < 0 || dl_file_put(fd, data, len) < 0 || fsync(fd) < 0) {
		close_quietly(fd);
		return -1;
	}
	return close(fd);
}

int dl_file_write(struct dl_scope *scope, const char *path, mode_t mode, const void *data, size_t len)
{
	const char *slash = strrchr(path, '/');
	int folder_len = slash ? (int)(slash + 1 - path) : 0;
	char *temporary = dl_arena_format(&scope->arena, "%.*s.dl-XXXXXX", folder_len, path);
	int fd = mkostemp(temporary, O_CLOEXEC);

	if (fd < 0)
		return dl_fail_errno(scope, "cannot create a file beside %s", quote(scope, path));
	if (complete(fd, mode, data, len) < 0 || rename(temporary, path) < 0) {
		dl_fail_errno(scope, "cannot write %s", quote(scope, path));
		unlink(temporary);
		return -1;
	}
	return 0;
}

int dl_file_create(struct dl_scope *scope, const char *path, mode_t mode, const void *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | OPEN_FLAGS, mode);

	if (fd < 0)
		return errno == EEXIST ? 1 : dl_fail_errno(scope, "cannot create %s", quote(scope, path));
	if (dl_file_put(fd, data, len) == 0 && close(fd) == 0)
		return 0;
	dl_fail_errno(scope, "cannot write %s", quote(scope, path));
	unlink(path);
	return -1;
}

int dl_file_append(struct dl_scope *scope, const char *path, mode_t mode, const void *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | OPEN_FLAGS, mode);
	ssize_t count;

	if (fd < 0)
		return dl_fail_errno(scope, "cannot open %s", quote(scope, path));
	do
		count = write(fd, data, len);
	while (count < 0 && errno == EINTR);
	if (count < 0)
		dl_fail_errno(scope, "cannot write %s", quote(scope, path));
	else if ((size_t)count < len)
		dl_fail(scope, DL_SYSTEM, "only %zd of %zu bytes went to %s", count, len, quote(scope, path));
	close(fd);
	return count == (ssize_t)len ? 0 : -1;
}

/* As mkdir(2), where there may be such a folder already. */
static int make_folder(const char *path, mode_t mode)
{
	struct stat st;
	int number;

	if (mkdir(path, mode) == 0)
		return 0;
	number = errno;
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	errno = number;
	return -1;
}

int dl_file_mkdir(struct dl_scope *scope, const char *path, mode_t mode)
{
	if (make_folder(path, mode) < 0)
		return dl_fail_errno(scope, "cannot create the folder %s", quote(scope, path));
	return 0;
}

int dl_file_mkdirs(struct dl_scope *scope, const char *path, mode_t mode)
{
	char *part = dl_arena_string(&scope->arena, path);
	char *slash = part;

	if (make_folder(path, mode) == 0)
		return 0;
	while (errno == ENOENT && (slash = strchr(slash + 1, '/'))) {
		*slash = '\0';
		if (dl_file_mkdir(scope, part, mode | S_IWUSR | S_IXUSR))
			return -1;
		*slash = '/';
		errno = ENOENT;
	}
	return dl_file_mkdir(scope, path, mode);
}

/* Removes NAME in FOLDER. 0: gone; 1: it is a folder with something in it; -1 and errno. */
static int remove_name(int folder, const char *name)
{
	int number;

	if (unlinkat(folder, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -1;
	number = errno;
	if (unlinkat(folder, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	if (errno == ENOTEMPTY || errno == EEXIST)
		return 1;
	if (errno == ENOTDIR)
		errno = number;
	return -1;
}

/* A build may leave folders that even their owner may not change (a Go module cache). Where this fails, what
 * follows does too if it must, and says why. */
static void unlock(int folder, const char *name)
{
	(void)!fchmodat(folder, name, S_IRWXU, AT_SYMLINK_NOFOLLOW);
}

static DIR *open_folder(int parent, const char *name)
{
	DIR *stream;
	int fd;

	unlock(parent, name);
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	stream = fdopendir(fd);
	if (!stream)
		close_quietly(fd);
	return stream;
}

static void close_folder(DIR *stream)
{
	int number = errno;

	closedir(stream);
	errno = number;
}

/* The next name in STREAM but "." and ".."; NULL: the end (errno 0), or an error. */
static const char *next_name(DIR *stream)
{
	struct dirent *entry;

	do {
		errno = 0;
		entry = readdir(stream);
	} while (entry && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0));
	return entry ? entry->d_name : NULL;
}

/* Moves the folder NAME in FOLDER to TOP, under a number that no full folder and no file there has. */
static int move_up(int folder, const char *name, int top, unsigned long *serial)
{
	char number[24];
	int result;

	unlock(folder, name);
	do {
		snprintf(number, sizeof number, "%lu", (*serial)++);
		result = renameat(folder, name, top, number);
	} while (result < 0 && (errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR));
	return result;
}

/* Leaves nothing but empty folders in the folder NAME of PARENT. An overlay file system refuses to move
 * folders of its lower layer (EXDEV); only into those it descends. */
static int empty_folder(int parent, const char *name, int top, unsigned long *serial)
{
	DIR *stream = open_folder(parent, name);
	const char *entry;
	int kind;

	if (!stream)
		return -1;
	while ((entry = next_name(stream))) {
		kind = remove_name(dirfd(stream), entry);
		if (kind > 0)
			kind = move_up(dirfd(stream), entry, top, serial);
		if (kind < 0 && errno == EXDEV)
			kind = empty_folder(dirfd(stream), entry, top, serial);
		if (kind < 0)
			break;
	}
	close_folder(stream);
	return errno ? -1 : 0;
}

/* Goes over the folder TOP until a pass finds nothing in it: names that appear while it is read may be seen
 * or not. */
static int empty_top(DIR *top)
{
	unsigned long serial = 0;
	const char *name;
	bool found;
	int kind;

	do {
		found = false;
		rewinddir(top);
		while ((name = next_name(top))) {
			found = true;
			kind = remove_name(dirfd(top), name);
			if (kind > 0)
				kind = empty_folder(dirfd(top), name, dirfd(top), &serial);
			if (kind < 0)
				return -1;
		}
	} while (found);
	return errno ? -1 : 0;
}

int dl_file_remove_tree(struct dl_scope *scope, const char *path)
{
	char *name = dl_arena_string(&scope->arena, path);
	size_t len = strlen(name);
	DIR *top;
	int kind;

	while (len && name[len - 1] == '/')
		name[--len] = '\0';
	DL_BUG_IF(len == 0);
	kind = remove_name(AT_FDCWD, name);
	if (kind > 0) {
		top = open_folder(AT_FDCWD, name);
		kind = top ? empty_top(top) : -1;
		if (top)
			close_folder(top);
		if (kind == 0)
			kind = remove_name(AT_FDCWD, name);
	}
	return kind ? dl_fail_errno(scope, "cannot remove %s", quote(scope, path)) : 0;
}
