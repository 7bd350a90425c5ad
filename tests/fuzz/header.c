/* A name and, behind a newline, a raw head: what is found is the value of the first line of that name. */
#include "lib/net/http.h"

#include <strings.h>

#include "tests/fuzz/fuzz.h"

/* The line of HEAD that begins with NAME and a colon; NULL: none. */
static const char *find_line(struct dl_arena *arena, struct fuzz_rest head, const char *name)
{
	const char *line;

	while (head.len) {
		line = fuzz_take(arena, &head, '\n');
		if (strncasecmp(line, name, strlen(name)) == 0 && line[strlen(name)] == ':')
			return line + strlen(name) + 1;
	}
	return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_rest rest = {(const char *)data, size};
	const char *name, *line, *value;
	struct dl_res res = {.head = NULL};
	struct dl_scope scope;
	size_t len;

	dl_scope_open(&scope, NULL);
	name = fuzz_take(&scope.arena, &rest, '\n');
	HOLDS(!dl_http_header(&scope.arena, &res, name));
	res.head = fuzz_take(&scope.arena, &rest, '\0');
	line = find_line(&scope.arena, (struct fuzz_rest){res.head, strlen(res.head)}, name);
	value = dl_http_header(&scope.arena, &res, name);
	HOLDS(!line == !value);
	if (value) {
		len = strlen(value);
		HOLDS(strncmp(line + strspn(line, " \t"), value, len) == 0 && !strchr(value, '\n'));
		HOLDS(!len || (!strchr(" \t", value[0]) && !strchr(" \t\r", value[len - 1])));
		res.head = dl_arena_format(&scope.arena, "%s:\t%s \r\n%s", name, value, res.head);
		HOLDS(strcmp(dl_http_header(&scope.arena, &res, name), value) == 0);
	}
	dl_scope_close(&scope);
	return 0;
}
