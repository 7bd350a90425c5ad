/* github_index: GitHub Actions: a list of runs with filters comes from an index, which ends it after a
 * thousand. */
#ifndef DL_GITHUB_INDEX_H
#define DL_GITHUB_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/data/sink.h"

/* Passes on runs, the newest first, and notes where their list stands. */
struct dl_github_index {
	struct dl_sink sink;
	struct dl_sink *next;
	size_t count;      /* the runs of this list */
	int64_t until;     /* the list has none that were created later; DL_TIME_NONE: the newest, too */
	int64_t oldest;    /* when the oldest so far was created; DL_TIME_NONE: there is none */
	struct dl_buf ids; /* of those that were created then, commas between */
};

/* dl_github_index(index, scope, next): INDEX is ready for a first list; it passes on to NEXT. What it notes
 * lives in SCOPE. */
void dl_github_index(struct dl_github_index *index, struct dl_scope *scope, struct dl_sink *next);

/* dl_github_index_created(scope, index, since): the filter "created" of the next list, for what was created
 * since SINCE, or at any time where that is DL_TIME_NONE; NULL: none. */
const char *dl_github_index_created(struct dl_scope *scope, const struct dl_github_index *index,
				    int64_t since);

/* dl_github_index_goes_on(index): whether the list was cut off. Then INDEX is ready for the one that goes on,
 * and passes nothing on twice.
 * https://docs.github.com/en/rest/actions/workflow-runs#list-workflow-runs-for-a-repository */
bool dl_github_index_goes_on(struct dl_github_index *index);

#endif
