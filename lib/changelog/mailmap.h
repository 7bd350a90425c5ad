/* mailmap: who the people are whom messages name, as .mailmap has them; see gitmailmap(5). */
#ifndef DL_MAILMAP_H
#define DL_MAILMAP_H

#include <stddef.h>

#include "lib/base/fail.h"
#include "lib/data/record.h"

struct dl_history;
struct dl_mailmap_row;
struct dl_scope;

struct dl_mailmap {
	const struct dl_mailmap_row *rows;
	size_t count;
};

/* dl_mailmap_read(scope, dir, history, map): asks the git of the folder DIR (NULL: this one) once about all
 * co-authors that the messages of HISTORY name. The result is in SCOPE. DL_DATA when git does not answer;
 * else as dl_git_ask. */
DL_MUST_CHECK int dl_mailmap_read(struct dl_scope *scope, const char *dir, const struct dl_history *history,
				  struct dl_mailmap *map);

/* dl_mailmap_person(map, person): who PERSON is; PERSON where MAP does not know. Borrowed from either. */
struct dl_person dl_mailmap_person(const struct dl_mailmap *map, const struct dl_person *person);

#endif
