#include "lib/hooks/gate_probe.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/scope.h"

bool dl_gate_probe(struct dl_scope *scope)
{
	const char *path = getenv("DL_GATE_PROBE"), *line;
	char self[PATH_MAX];
	ssize_t len;

	if (!path || !*path)
		return false;
	len = readlink("/proc/self/exe", self, sizeof self);
	line = dl_arena_format(&scope->arena, "%.*s\n", len > 0 ? (int)len : 0, self);
	/* Who reads it misses the line. */
	if (dl_file_append(scope, path, 0600, line, strlen(line)))
		dl_fail_take(scope, &scope->arena);
	return true;
}
