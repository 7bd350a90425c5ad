#include "lib/net/head.h"

#include <string.h>
#include <strings.h>

#include "lib/base/arena.h"

const char *dl_head_find(struct dl_arena *arena, const char *head, const char *name, const char *prefix)
{
	size_t len = strlen(name);
	const char *line, *end, *value;

	for (line = head; line && *line; line = *end ? end + 1 : end) {
		end = strchrnul(line, '\n');
		if (strncasecmp(line, name, len) != 0 || line[len] != ':')
			continue;
		for (value = line + len + 1; *value == ' ' || *value == '\t'; value++)
			;
		if (strncasecmp(value, prefix, strlen(prefix)) != 0)
			continue;
		for (; end > value && strchr(" \t\r\n", end[-1]); end--)
			;
		return dl_arena_copy(arena, value, (size_t)(end - value));
	}
	return NULL;
}
