#include "lib/beside.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "lib/proc.h"
#include "lib/scope.h"

const char *dl_beside_find(struct dl_scope *scope, const char *name)
{
	char self[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
	const char *path = NULL;
	char *slash;

	if (len > 0) {
		self[len] = '\0';
		slash = strrchr(self, '/');
		if (slash)
			*slash = '\0';
		path = slash ? dl_proc_find_in(scope, self, name) : NULL;
	}
	return path ? path : dl_proc_find(scope, name);
}
