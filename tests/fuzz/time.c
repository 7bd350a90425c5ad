/* Whatever a parser takes for a time can be written, and is read as the same time. */
#include "lib/base/time.h"

#include <strings.h>

#include "tests/fuzz/fuzz.h"

enum { NOW = 1768384200 };

static void check_time(struct dl_arena *arena, int64_t time)
{
	char *text = dl_time_format(arena, time);

	HOLDS(!text == (time == DL_TIME_NONE));
	HOLDS(!text || (strlen(text) == strlen("2026-01-14T10:30:00Z") && dl_time_parse(text) == time));
	HOLDS(!text || dl_time_parse_since(text, NOW) == time);
}

/* A span names at most what it is the span of, and is read as what it names. */
static void check_span(struct dl_arena *arena, int64_t seconds)
{
	const char *text = dl_time_span(arena, seconds);
	int64_t named = dl_time_parse_duration(text);

	HOLDS(named >= 0 && named <= seconds && strcmp(dl_time_span(arena, named), text) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_rest rest = {(const char *)data, size};
	struct dl_scope scope;
	const char *text;
	int64_t seconds;

	dl_scope_open(&scope, NULL);
	text = fuzz_take(&scope.arena, &rest, '\0');
	seconds = dl_time_parse(text);
	check_time(&scope.arena, seconds);
	if (seconds != DL_TIME_NONE && strlen(text) == strlen("2026-01-14T10:30:00Z") && text[17] < '6')
		HOLDS(strcasecmp(dl_time_format(&scope.arena, seconds), text) == 0);
	check_time(&scope.arena, dl_time_parse_http(text));
	check_time(&scope.arena, dl_time_parse_since(text, NOW));
	seconds = dl_time_parse_duration(text);
	HOLDS(seconds >= -1);
	if (seconds >= 0)
		check_span(&scope.arena, seconds);
	dl_scope_close(&scope);
	return 0;
}
