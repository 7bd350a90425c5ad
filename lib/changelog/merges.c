/* The oldest commits come first here. So what a merge has brought is what its other parents have, its first
 * parent has not, and no merge before it has brought. The line of first parents from the newest commit back
 * was brought by none; most merges stand on it, so what their first parents have is seldom looked for. */
#include "lib/changelog/merges.h"

#include <stdbool.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/changelog/history.h"
#include "lib/changelog/message.h"

struct search {
	struct dl_history *history;
	bool *settled;   /* of each commit: it is of that line, or was brought */
	uint32_t *kept;  /* of each commit: the merge, + 1, whose first parent has it */
	uint32_t *stack; /* room for every commit */
};

/* Whether the first parent of COMMIT belongs to the history: it is the first of its parents then. */
static bool has_first(const struct dl_history *history, const struct dl_commit *commit)
{
	return commit->parent_count &&
	       dl_text_starts(commit->parent_shas, history->commits[history->parents[commit->parents]].sha);
}

static void settle_line(struct search *search)
{
	const struct dl_history *history = search->history;
	const struct dl_commit *commit;
	uint32_t index;

	if (!history->count)
		return;
	index = history->order[0];
	search->settled[index] = true;
	while (has_first(history, commit = &history->commits[index])) {
		index = history->parents[commit->parents];
		if (search->settled[index])
			return; /* grafts can lead round in circles */
		search->settled[index] = true;
	}
}

/* Takes the commit INDEX for one that MERGE has BROUGHT, or that its first parent has; false: it is taken. */
static bool take(struct search *search, uint32_t merge, uint32_t index, bool brought)
{
	struct dl_commit *commits = search->history->commits;

	if (search->settled[index] || search->kept[index] == merge + 1)
		return false;
	if (!brought) {
		search->kept[index] = merge + 1;
		return true;
	}
	search->settled[index] = true;
	if (!commits[index].pr)
		commits[index].pr = commits[merge].pr;
	return true;
}

/* Takes the commit INDEX and its ancestors. */
static void take_all(struct search *search, uint32_t merge, uint32_t index, bool brought)
{
	const struct dl_history *history = search->history;
	size_t depth = 0, n;

	if (take(search, merge, index, brought))
		search->stack[depth++] = index;
	while (depth) {
		const struct dl_commit *commit = &history->commits[search->stack[--depth]];

		for (n = 0; n < commit->parent_count; n++) {
			index = history->parents[commit->parents + n];
			if (take(search, merge, index, brought))
				search->stack[depth++] = index;
		}
	}
}

void dl_merges_number(struct dl_scope *scope, struct dl_history *history)
{
	struct dl_arena *arena = &scope->arena;
	struct search search = {
		.history = history,
		.settled = dl_arena_array(arena, history->count, sizeof *search.settled),
		.kept = dl_arena_array(arena, history->count, sizeof *search.kept),
		.stack = dl_arena_array(arena, history->count, sizeof *search.stack),
	};
	struct dl_commit *commit;
	size_t i, n;

	settle_line(&search);
	for (i = history->count; i > 0; i--) {
		uint32_t merge = history->order[i - 1];

		commit = &history->commits[merge];
		if (!commit->merge)
			continue;
		commit->pr = dl_message_merged(scope, commit->message);
		n = has_first(history, commit);
		if (n)
			take_all(&search, merge, history->parents[commit->parents], false);
		for (; n < commit->parent_count; n++)
			take_all(&search, merge, history->parents[commit->parents + n], true);
	}
}
