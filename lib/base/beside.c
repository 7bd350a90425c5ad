/* Programs that people run are in PREFIX/bin, those that programs run in PREFIX/libexec/devloop. A build has
 * all of them in its own bin, and the hooks as an installation has them. */
#include "lib/base/beside.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/proc.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"

#define LIBEXEC "/libexec/devloop"

/* The folder of the running program; NULL: the system does not tell. */
static char *own_folder(struct dl_scope *scope)
{
	char self[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
	char *slash = len > 0 ? memrchr(self, '/', (size_t)len) : NULL;

	return slash ? dl_arena_copy(&scope->arena, self, (size_t)(slash - self)) : NULL;
}

/* FOLDER without the last LEVELS folders of its path. */
static const char *above(struct dl_scope *scope, const char *folder, int levels)
{
	char *path = dl_arena_string(&scope->arena, folder), *slash;

	while (levels-- > 0 && (slash = strrchr(path, '/')))
		*slash = '\0';
	return path;
}

/* The folder that install.sh was told, as far as the place of the running program tells. */
static const char *prefix(struct dl_scope *scope)
{
	const char *folder = own_folder(scope);

	return folder ? above(scope, folder, dl_text_ends(folder, LIBEXEC) ? 2 : 1) : NULL;
}

const char *dl_beside_bin(struct dl_scope *scope)
{
	const char *folder = prefix(scope);

	return folder ? dl_arena_format(&scope->arena, "%s/bin", folder) : NULL;
}

/* The program NAME in the folder BELOW of FOLDER; NULL: it is not there. */
static const char *find_in(struct dl_scope *scope, const char *folder, const char *below, const char *name)
{
	const char *path = folder ? dl_arena_format(&scope->arena, "%s%s/%s", folder, below, name) : NULL;

	return path && dl_proc_is_program(path) ? path : NULL;
}

const char *dl_beside_find(struct dl_scope *scope, const char *name)
{
	const char *path = find_in(scope, own_folder(scope), "", name);

	if (!path)
		path = find_in(scope, prefix(scope), LIBEXEC, name);
	if (!path)
		path = find_in(scope, prefix(scope), "/bin", name);
	return path ? path : dl_proc_find(scope, name);
}

const char *dl_beside_hook(struct dl_scope *scope, const char *name)
{
	return find_in(scope, prefix(scope), LIBEXEC "/hooks", name);
}
