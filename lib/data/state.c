#include "lib/data/state.h"

#include <string.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"

const char *const dl_state_status_words[] = {NULL, "queued", "in_progress", "completed", NULL};

const char *const dl_state_conclusion_words[] = {
	NULL,	   "success", "failure", "timed_out",	    "cancelled",
	"neutral", "skipped", "stale",	 "action_required", NULL,
};

static bool fits(const char *pattern, const char *word)
{
	return !pattern || dl_text_same(pattern, word);
}

struct dl_state_result dl_state_find(const struct dl_state *table, const char *raw_status,
				     const char *raw_conclusion)
{
	struct dl_state_result result = {.status = DL_IN_PROGRESS};
	const struct dl_state *row;

	result.raw_status = raw_conclusion ? raw_conclusion : raw_status;
	for (row = table; row->raw_status || row->raw_conclusion; row++) {
		if (!fits(row->raw_status, raw_status) || !fits(row->raw_conclusion, raw_conclusion))
			continue;
		result.status = row->status;
		result.conclusion = row->conclusion;
		result.needs_action = row->needs_action;
		break;
	}
	return result;
}

int dl_state_index(const char *const *words, const char *word)
{
	int i;

	for (i = 1; word && words[i]; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	return 0;
}

bool dl_state_wanted(int status, int conclusion, bool needs_action, const char *list)
{
	const char *word = dl_state_status_words[status], *end = dl_state_conclusion_words[conclusion];

	return !list || (word && dl_text_in(word, list)) || (end && dl_text_in(end, list)) ||
	       (needs_action && dl_text_in("action_required", list));
}

int dl_state_check(struct dl_scope *scope, const char *list)
{
	const char *word = list, *end;

	for (; word; word = *end ? end + 1 : NULL) {
		end = strchrnul(word, ',');
		const char *copy = dl_arena_copy(&scope->arena, word, (size_t)(end - word));
		if (dl_state_index(dl_state_status_words, copy) ||
		    dl_state_index(dl_state_conclusion_words, copy))
			continue;
		dl_fail(scope, DL_USAGE, "'%s' is not a state", dl_text_quote(&scope->arena, copy));
		return dl_fail_hint(scope,
				    "states are queued, in_progress, completed, success, failure, timed_out, "
				    "cancelled, neutral, skipped, stale, action_required");
	}
	return 0;
}
