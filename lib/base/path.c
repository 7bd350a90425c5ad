/* A path is walked from descriptor to descriptor, one segment at a time. openat2(2) with RESOLVE_BENEATH
 * would do the same in one call, but only Linux has it, and it makes no folders. */
#include "lib/base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"

enum { LONGEST = 4095, LONGEST_SEGMENT = 255 };

static int refuse(struct dl_scope *scope, const char *path, const char *why)
{
	return dl_fail(scope, DL_DATA, "'%s' %s", dl_text_quote(&scope->arena, path), why);
}

static bool is_drive(const char *path)
{
	return ((*path >= 'A' && *path <= 'Z') || (*path >= 'a' && *path <= 'z')) && path[1] == ':';
}

/* What is wrong with the characters of PATH; NULL: nothing. */
static const char *judge_text(const char *path)
{
	size_t left = strlen(path), size;

	if (left > LONGEST)
		return "is longer than a path may be";
	for (; left; path += size, left -= size) {
		size = dl_text_utf8(path, left);
		if (!size)
			return "is not in UTF-8";
		if (dl_text_unsafe(dl_text_code(path, size)))
			return "has a control character in its name";
		if (*path == '\\')
			return "has a backslash in its name";
	}
	return NULL;
}

static const char *judge_segment(const char *segment, size_t len)
{
	if (!len)
		return "has a part without a name";
	if (len > LONGEST_SEGMENT)
		return "has a name of more than 255 bytes";
	if (len <= 2 && strncmp(segment, "..", len) == 0)
		return "leads elsewhere";
	return NULL;
}

int dl_path_check(struct dl_scope *scope, const char *path)
{
	const char *segment = path, *end, *why = judge_text(path);

	if (!why && (*path == '/' || is_drive(path)))
		why = "is an absolute path";
	while (!why) {
		end = strchrnul(segment, '/');
		why = judge_segment(segment, (size_t)(end - segment));
		if (!*end)
			break;
		segment = end + 1;
	}
	return why ? refuse(scope, path, why) : 0;
}

const char *dl_path_from(struct dl_arena *arena, const char *dir, const char *path)
{
	return dir && path && *path != '/' && strcmp(path, "-") != 0
		       ? dl_arena_format(arena, "%s/%s", dir, path)
		       : path;
}

const char *dl_path_last(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The folder NAME in FOLDER, made when it is missing and MAKE says so. -1 and errno. */
static int enter(int folder, const char *name, bool make)
{
	int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, fd = openat(folder, name, flags);

	if (fd >= 0 || errno != ENOENT || !make)
		return fd;
	if (mkdirat(folder, name, S_IRWXU | S_IRWXG | S_IRWXO) < 0 && errno != EEXIST)
		return -1;
	return openat(folder, name, flags);
}

static int explain(struct dl_scope *scope, const char *path)
{
	const char *text = dl_text_quote(&scope->arena, path);

	if (errno == ENOENT)
		return dl_fail(scope, DL_MISSING, "there is no folder %s", text);
	if (errno == ENOTDIR || errno == ELOOP)
		return dl_fail(scope, DL_REFUSED, "%s is no folder, or a symbolic link", text);
	return dl_fail_errno(scope, "cannot open the folder %s", text);
}

int dl_path_parent(struct dl_scope *scope, int folder, const char *path, bool make)
{
	int fd = fcntl(folder, F_DUPFD_CLOEXEC, 0), next;
	const char *segment = path, *slash;
	char name[LONGEST_SEGMENT + 1];

	while (fd >= 0 && (slash = strchr(segment, '/'))) {
		DL_BUG_IF((size_t)(slash - segment) >= sizeof name);
		memcpy(name, segment, (size_t)(slash - segment));
		name[slash - segment] = '\0';
		next = enter(fd, name, make);
		if (next < 0)
			explain(scope, dl_arena_copy(&scope->arena, path, (size_t)(slash - path)));
		close(fd);
		fd = next;
		segment = slash + 1;
	}
	return fd >= 0 ? fd : dl_fail_errno(scope, "cannot open the folder of %s",
					    dl_text_quote(&scope->arena, path));
}
