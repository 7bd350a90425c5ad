/* One run of git prints all that is asked about, commit by commit: it knows of grafts, replacements,
 * alternates, encodings, commit-graphs, .mailmap and clocks that went wrong. `git rev-list` and not `git
 * log`, whose output hangs on the user's configuration; named fields and not raw commits, which cost more to
 * pass on than git saves by not taking them apart; and in no order, since for one git would have to read all
 * before the first comes. It prints into a file without a name, and commits are made of what stands there:
 * where they stand in our output is known only at the end, and a pipe would take a seventh of a whole
 * history's time. A walk of our own over libgit2's git_odb_read would save a fifth, and was tried out:
 * libgit2 1.5 does not come back from a loose object that is cut off, reads on where git says that something
 * is damaged, and costs every other start 2 ms. */
#include "lib/changelog/history.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/changelog/tags.h"
#include "lib/git/git.h"
#include "lib/git/revisions.h"

enum { FIRST_ROOM = 1024, PENDING = -1 };

void dl_history_close(struct dl_history *history)
{
	dl_arena_free(&history->commit_arena);
	dl_arena_free(&history->arena);
	dl_proc_unmap(history->text, history->text_len);
	*history = (struct dl_history){.count = 0};
}

/* ------------------------------------------------------------------ what git prints */

/* The fields of a commit, each with a NUL behind it; behind the last one git ends the line. */
static const char format[] = "--format=%H%x00%P%x00%ct%x00%aN%x00%aE%x00%B%x00";

enum field { SHA, PARENTS, DATE, AUTHOR, EMAIL, MESSAGE, FIELDS };

static struct dl_commit *add_commit(struct dl_history *history)
{
	size_t size = sizeof *history->commits, room = history->room;

	if (history->count == room) {
		history->room = room ? room * 2 : FIRST_ROOM;
		history->commits = dl_arena_grow(&history->commit_arena, history->commits, room * size,
						 history->room * size);
	}
	history->commits[history->count].group = DL_HISTORY_NO_GROUP;
	return &history->commits[history->count++];
}

/* How much is read of a message of LEN bytes: no part of a character. */
static size_t readable(const char *text, size_t len)
{
	if (len > DL_HISTORY_MESSAGE)
		for (len = DL_HISTORY_MESSAGE; len && (text[len] & 0xC0) == 0x80;)
			len--;
	return len;
}

/* Takes the commit at TEXT, in the output of git that ends at END; returns what is behind it, or NULL. */
static char *take_commit(struct dl_scope *scope, struct dl_history *history, char *text, const char *end)
{
	char *fields[FIELDS + 1] = {text};
	struct dl_commit *commit;
	size_t i, len;

	for (i = 0; i < FIELDS; i++) {
		fields[i + 1] = memchr(fields[i], '\0', (size_t)(end - fields[i]));
		if (!fields[i + 1]++) {
			dl_fail(scope, DL_DATA, "git left out a part of a commit");
			return NULL;
		}
	}
	if (!dl_text_is_sha(fields[SHA])) {
		dl_fail(scope, DL_DATA, "git printed what is no commit: %s",
			dl_text_quote(&scope->arena, fields[SHA]));
		return NULL;
	}
	len = (size_t)(fields[FIELDS] - 1 - fields[MESSAGE]);
	if (readable(fields[MESSAGE], len) < len) /* a page that is not written to is not copied */
		fields[MESSAGE][readable(fields[MESSAGE], len)] = '\0';
	commit = add_commit(history);
	commit->sha = fields[SHA];
	commit->parent_shas = fields[PARENTS];
	commit->merge = strchr(fields[PARENTS], ' ') != NULL;
	commit->date = dl_text_int(fields[DATE]);
	commit->author = fields[AUTHOR];
	commit->email = fields[EMAIL];
	commit->message = fields[MESSAGE];
	return fields[FIELDS] + (*fields[FIELDS] == '\n');
}

/* Takes all that is in .text. */
static int take_commits(struct dl_scope *scope, struct dl_history *history)
{
	char *text = history->text, *end = text + history->text_len;

	while (text && text < end)
		text = take_commit(scope, history, text, end);
	return text ? 0 : -1;
}

/* ------------------------------------------------------------------ the table of commits */

/* Nearly always .check tells without a look at the commit, which is far away, that it is another one. */
struct dl_history_slot {
	uint32_t check;
	uint32_t place; /* index + 1; 0: the slot is free */
};

/* Of the first digits of SHA, behind which may be more. */
static uint64_t hash(const char *sha)
{
	uint64_t digits = 0;

	memcpy(&digits, sha, strnlen(sha, sizeof digits));
	return digits * UINT64_C(0x9E3779B97F4A7C15);
}

/* The slot of SHA, whose hash is DIGITS, or a free one. */
static struct dl_history_slot *slot_of(const struct dl_history *history, const char *sha, uint64_t digits)
{
	size_t mask = history->slot_count - 1, at = (size_t)(digits >> 32) & mask;
	struct dl_history_slot *slot;

	for (; (slot = &history->slots[at])->place; at = (at + 1) & mask)
		if (slot->check == (uint32_t)digits &&
		    strncmp(history->commits[slot->place - 1].sha, sha, history->sha_len) == 0)
			break;
	return slot;
}

struct dl_commit *dl_history_find(const struct dl_history *history, const char *sha)
{
	uint32_t place = history->slot_count ? slot_of(history, sha, hash(sha))->place : 0;

	return place ? &history->commits[place - 1] : NULL;
}

/* The table is at most half full. */
static void fill_slots(struct dl_history *history)
{
	struct dl_history_slot *slot;
	size_t i, count = FIRST_ROOM;
	uint64_t digits;

	while (count < history->count * 2)
		count *= 2;
	history->slots = dl_arena_array(&history->arena, count, sizeof *history->slots);
	history->slot_count = count;
	history->sha_len = strlen(history->commits[0].sha);
	for (i = 0; i < history->count; i++) {
		digits = hash(history->commits[i].sha);
		slot = slot_of(history, history->commits[i].sha, digits);
		*slot = (struct dl_history_slot){.check = (uint32_t)digits, .place = (uint32_t)i + 1};
	}
}

/* The parent behind SHA, one of .parent_shas; NULL: SHA is the last. */
static const char *next_parent(const char *sha)
{
	const char *space = strchr(sha, ' ');

	return space ? space + 1 : NULL;
}

static void find_parents(struct dl_history *history, bool first_parent)
{
	const struct dl_commit *parent;
	struct dl_commit *commit;
	size_t count = 0, i;
	const char *sha;

	for (i = 0; i < history->count; i++)
		for (sha = history->commits[i].parent_shas; sha; sha = next_parent(sha))
			count++;
	history->parents = dl_arena_array(&history->arena, count, sizeof *history->parents);
	for (i = 0; i < history->count; i++) {
		commit = &history->commits[i];
		commit->parents = history->parent_count;
		for (sha = commit->parent_shas; sha; sha = first_parent ? NULL : next_parent(sha))
			if ((parent = dl_history_find(history, sha)))
				history->parents[history->parent_count++] =
					(uint32_t)(parent - history->commits);
		commit->parent_count = (uint32_t)(history->parent_count - commit->parents);
	}
}

bool dl_history_follows(const struct dl_history *history, const char *sha)
{
	size_t i;

	for (i = 0; i < history->count; i++)
		if (strstr(history->commits[i].parent_shas, sha))
			return true;
	return false;
}

void dl_history_note(struct dl_history *history, struct dl_commit *commit, const char *note)
{
	commit->message = dl_arena_copy(&history->arena, note, readable(note, strlen(note)));
}

/* ------------------------------------------------------------------ order */

/* Commits all of whose children are out, the newest on top; of equally old ones that which was found
 * first. */
struct heap {
	const struct dl_commit *commits;
	uint32_t *items;
	size_t count;
};

static bool is_before(const struct heap *heap, uint32_t a, uint32_t b)
{
	int64_t left = heap->commits[a].date, right = heap->commits[b].date;

	return left != right ? left > right : a < b;
}

static void push(struct heap *heap, uint32_t item)
{
	size_t at = heap->count++, up;

	for (; at > 0; at = up) {
		up = (at - 1) / 2;
		if (!is_before(heap, item, heap->items[up]))
			break;
		heap->items[at] = heap->items[up];
	}
	heap->items[at] = item;
}

static uint32_t pop(struct heap *heap)
{
	uint32_t top = heap->items[0], item = heap->items[--heap->count];
	size_t at = 0, down;

	for (; (down = at * 2 + 1) < heap->count; at = down) {
		if (down + 1 < heap->count && is_before(heap, heap->items[down + 1], heap->items[down]))
			down++;
		if (is_before(heap, item, heap->items[down]))
			break;
		heap->items[at] = heap->items[down];
	}
	heap->items[at] = item;
	return top;
}

/* Sets .order. */
static void sort(struct dl_history *history)
{
	struct dl_arena *arena = &history->arena;
	uint32_t *children = dl_arena_array(arena, history->count, sizeof *children);
	struct heap heap = {.commits = history->commits};
	size_t i, n, done = 0;

	history->order = dl_arena_array(arena, history->count, sizeof *history->order);
	heap.items = dl_arena_array(arena, history->count + 1, sizeof *heap.items);
	for (i = 0; i < history->parent_count; i++)
		children[history->parents[i]]++;
	for (i = 0; i < history->count; i++)
		if (!children[i])
			push(&heap, (uint32_t)i);
	while (heap.count) {
		uint32_t index = pop(&heap);
		const struct dl_commit *commit = &history->commits[index];

		history->order[done++] = index;
		for (n = 0; n < commit->parent_count; n++)
			if (--children[history->parents[commit->parents + n]] == 0)
				push(&heap, history->parents[commit->parents + n]);
	}
	/* What is left goes round in circles, which grafts can make. */
	for (i = 0; i < history->count; i++)
		if (children[i])
			history->order[done++] = (uint32_t)i;
}

/* ------------------------------------------------------------------ all of it */

int dl_history_read(struct dl_scope *scope, struct dl_history *history, const struct dl_revisions *revisions,
		    const struct dl_history_range *range)
{
	const char *argv[] = {"rev-list", "--no-commit-header", "--encoding=UTF-8", format, range->to,
			      NULL, NULL, NULL};
	struct dl_proc_result result;
	size_t count = 5;

	if (range->from)
		argv[count++] = dl_arena_format(&scope->arena, "^%s", range->from);
	if (range->first_parent)
		argv[count++] = "--first-parent";
	if (dl_git_map(scope, revisions->dir, argv, &result))
		return -1;
	history->text = (char *)(uintptr_t)result.output;
	history->text_len = result.len;
	if (result.status != 0)
		return dl_fail(scope, DL_DATA, "git rev-list: %s", dl_git_reason(scope, &result));
	if (take_commits(scope, history))
		return -1;
	if (history->count)
		fill_slots(history);
	find_parents(history, range->first_parent);
	sort(history);
	return 0;
}

/* ------------------------------------------------------------------ releases */

/* The search for the releases' commits. */
struct search {
	struct dl_history *history;
	bool *groups;
	uint32_t *stack;    /* room for every commit */
	uint32_t *tag_of;   /* of a commit: its release's place among them + 1; 0: it has none */
	uint32_t *position; /* of a commit in the order */
	uint32_t *found;    /* tagged commits in the walk that was made last */
	size_t found_count;
};

/* Puts the commit INDEX and its ancestors into GROUP, those that are in none; with PENDING as the group,
 * those that no walk has reached. */
static void mark(struct search *search, uint32_t index, int group)
{
	struct dl_commit *commits = search->history->commits, *commit;
	int below = group < 0 ? group : 0;
	size_t depth = 0, n;

	if (commits[index].group >= below)
		return;
	commits[index].group = group;
	search->stack[depth++] = index;
	while (depth) {
		index = search->stack[--depth];
		commit = &commits[index];
		if (group == PENDING && search->tag_of[index])
			search->found[search->found_count++] = index;
		for (n = 0; n < commit->parent_count; n++) {
			uint32_t parent = search->history->parents[commit->parents + n];

			if (commits[parent].group >= below)
				continue;
			commits[parent].group = group;
			search->stack[depth++] = parent;
		}
	}
}

static int oldest_first(const void *left, const void *right, void *arg)
{
	const uint32_t *position = arg;
	uint32_t a = position[*(const uint32_t *)left], b = position[*(const uint32_t *)right];

	return a > b ? -1 : a < b;
}

/* Makes a group of the release at the commit INDEX. Those among its ancestors that are in none yet were made
 * before it, whatever their versions say: what they contain is theirs. */
static void add_release(struct search *search, uint32_t index)
{
	size_t i;
	int group;

	search->found_count = 0;
	mark(search, index, PENDING);
	qsort_r(search->found, search->found_count, sizeof *search->found, oldest_first, search->position);
	for (i = 0; i < search->found_count; i++) {
		group = (int)search->tag_of[search->found[i]] - 1;
		search->groups[group] = true;
		mark(search, search->found[i], group);
	}
}

void dl_history_releases(struct dl_scope *scope, struct dl_history *history, const struct dl_tag *tags,
			 size_t count, bool *groups)
{
	struct dl_arena *arena = &scope->arena;
	struct search search = {
		.history = history,
		.groups = groups,
		.stack = dl_arena_array(arena, history->count, sizeof *search.stack),
		.tag_of = dl_arena_array(arena, history->count, sizeof *search.tag_of),
		.position = dl_arena_array(arena, history->count, sizeof *search.position),
		.found = dl_arena_array(arena, history->count, sizeof *search.found),
	};
	const struct dl_commit *commit;
	size_t i;

	for (i = 0; i < history->count; i++)
		search.position[history->order[i]] = (uint32_t)i;
	/* From the lowest up, so that of several at one commit the highest stays. */
	for (i = count; i > 0; i--)
		if ((commit = dl_history_find(history, tags[i - 1].sha)))
			search.tag_of[commit - history->commits] = (uint32_t)i;
	for (i = count; i > 0; i--)
		if ((commit = dl_history_find(history, tags[i - 1].sha)) && commit->group < 0)
			add_release(&search, (uint32_t)(commit - history->commits));
}
