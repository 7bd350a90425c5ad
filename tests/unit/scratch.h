/* scratch: for unit programs that work in a folder of their own; and how what has failed is checked. */
#ifndef DL_TESTS_SCRATCH_H
#define DL_TESTS_SCRATCH_H

#include <stdlib.h>
#include <sys/stat.h>

#include "lib/base/file.h"
#include "lib/base/scope.h"
#include "tests/unit/check.h"

static struct dl_scope scope; /* of the current test */
static char folder[] = "/tmp/dl-unit-XXXXXX";

/* The path of NAME in the folder, in the scope. */
static inline const char *at(const char *name)
{
	return dl_arena_format(&scope.arena, "%s/%s", folder, name);
}

static inline void put_file(const char *name, const char *text, mode_t mode)
{
	if (dl_file_write(&scope, at(name), mode, text, strlen(text)) < 0) {
		fprintf(stderr, "%s: %s\n", name, scope.error.message);
		abort();
	}
}

/* Takes the failure of the scope; its words are in MESSAGE. */
static inline enum dl_class failure(const char **message)
{
	struct dl_error error = dl_fail_take(&scope, &scope.arena);

	*message = error.message ? error.message : "";
	return error.class;
}

/* OUTCOME is a failure of CLASS whose message has PART in it. */
static inline void check_failure(const char *suite, const char *name, int outcome, enum dl_class class,
				 const char *part)
{
	const char *message;

	check_int(suite, name, outcome, -1);
	check_int(suite, name, failure(&message), class);
	if (!check_begin(strstr(message, part), suite, name))
		printf(": message \"%s\" lacks \"%s\"\n", message, part);
}

#endif
