#include "lib/changelog/changes.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/changelog/changelog.h"
#include "lib/changelog/message.h"

/* A commit of the group, beside its record. */
struct item {
	const struct dl_commit *commit;
	struct dl_message message;
	bool untold;
};

struct reading {
	struct dl_scope *scope;
	const struct dl_changelog *log;
	const struct dl_changelog_group *group;
	struct item *items;
	size_t count;
	uint32_t *by_sha; /* indices of the items, by object name */
};

/* ------------------------------------------------------------------ looking up commits */

static int by_sha(const void *left, const void *right, void *arg)
{
	const struct item *items = arg;

	return strcmp(items[*(const uint32_t *)left].commit->sha,
		      items[*(const uint32_t *)right].commit->sha);
}

static void sort_by_sha(struct reading *reading)
{
	size_t i;

	if (reading->by_sha)
		return;
	reading->by_sha = dl_arena_array(&reading->scope->arena, reading->count, sizeof *reading->by_sha);
	for (i = 0; i < reading->count; i++)
		reading->by_sha[i] = (uint32_t)i;
	qsort_r(reading->by_sha, reading->count, sizeof *reading->by_sha, by_sha,
		reading->items);
}

/* The item whose object name begins with the digits SHA; NULL: there is none, or several. */
static struct item *find_item(struct reading *reading, const char *sha)
{
	size_t low = 0, high = reading->count, middle, len = strlen(sha);
	struct item *found = NULL;

	sort_by_sha(reading);
	while (low < high) {
		middle = low + (high - low) / 2;
		if (strncmp(reading->items[reading->by_sha[middle]].commit->sha, sha, len) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < reading->count; low++) {
		struct item *item = &reading->items[reading->by_sha[low]];

		if (strncmp(item->commit->sha, sha, len) != 0)
			break;
		if (found)
			return NULL;
		found = item;
	}
	return found;
}

/* ------------------------------------------------------------------ reverts */

/* Marks in SEEN the commit at INDEX of the history and its ancestors in the same group. */
static void mark_ancestors(const struct dl_history *history, uint32_t index, unsigned char *seen,
			   uint32_t *stack)
{
	const struct dl_commit *commit;
	int group = history->commits[index].group;
	size_t depth = 0, n;

	for (seen[index] = 1, stack[depth++] = index; depth;) {
		commit = &history->commits[stack[--depth]];
		for (n = 0; n < commit->parent_count; n++) {
			index = history->parents[commit->parents + n];
			if (seen[index] || history->commits[index].group != group)
				continue;
			seen[index] = 1;
			stack[depth++] = index;
		}
	}
}

/* A merge that is undone takes with it what came by it: what it has, and the commit ONTO has not. */
static void undo_merge(struct reading *reading, const struct item *merge, const char *onto)
{
	const struct dl_history *history = &reading->log->history;
	struct dl_arena *arena = &reading->scope->arena;
	unsigned char *kept = dl_arena_alloc(arena, history->count),
		      *gone = dl_arena_alloc(arena, history->count);
	uint32_t *stack = dl_arena_array(arena, history->count, sizeof *stack);
	const struct item *base = find_item(reading, onto);
	size_t i;

	if (base)
		mark_ancestors(history, (uint32_t)(base->commit - history->commits), kept, stack);
	mark_ancestors(history, (uint32_t)(merge->commit - history->commits), gone, stack);
	for (i = 0; i < reading->count; i++)
		if (gone[reading->items[i].commit - history->commits] &&
		    !kept[reading->items[i].commit - history->commits])
			reading->items[i].untold = true;
}

static const char *pr_of(const struct item *item)
{
	return item->message.pr ? item->message.pr : item->commit->pr;
}

/* Cancels all that came by the pull request that the item INDEX reverts. */
static void cancel_request(struct reading *reading, size_t index)
{
	struct item *revert = &reading->items[index], *item;

	for (item = revert + 1; item < reading->items + reading->count; item++)
		if (!item->untold && dl_text_same(pr_of(item), revert->message.reverted_pr))
			item->untold = revert->untold = true;
}

/* A revert cancels a commit of the same group, and itself. The newest comes first, so that a revert that was
 * reverted cancels nothing. */
static void cancel_reverts(struct reading *reading)
{
	struct dl_message *message;
	struct item *target;
	size_t i, n;

	for (i = 0; i < reading->count; i++) {
		message = &reading->items[i].message;
		if (reading->items[i].untold)
			continue;
		for (n = 0; n < message->revert_count; n++) {
			target = find_item(reading, message->reverts[n].sha);
			if (!target || target == &reading->items[i])
				continue;
			target->untold = true;
			reading->items[i].untold = true;
			if (target->commit->merge && message->reverts[n].onto)
				undo_merge(reading, target, message->reverts[n].onto);
		}
		if (message->reverted_pr && !reading->items[i].untold)
			cancel_request(reading, i);
	}
}

/* ------------------------------------------------------------------ duplicates */

/* Of what was picked from one branch to another, or squashed and then merged, the newest is told. */
static size_t hash(const char *text, size_t value)
{
	for (; *text; text++)
		value = (value ^ (unsigned char)*text) * UINT64_C(0x100000001B3);
	return value;
}

static bool is_same(const struct item *a, const struct item *b)
{
	return strcmp(a->message.whole, b->message.whole) == 0 &&
	       strcmp(a->commit->author, b->commit->author) == 0 &&
	       strcmp(a->commit->email, b->commit->email) == 0;
}

static void drop_duplicates(struct reading *reading)
{
	size_t slots = 16, at, i;
	uint32_t *table;

	while (slots < reading->count * 2)
		slots *= 2;
	table = dl_arena_array(&reading->scope->arena, slots, sizeof *table);
	for (i = 0; i < reading->count; i++) {
		struct item *item = &reading->items[i];

		if (item->untold)
			continue;
		for (at = hash(item->message.whole, 0) & (slots - 1); table[at]; at = (at + 1) & (slots - 1))
			if (is_same(item, &reading->items[table[at] - 1]))
				break;
		if (table[at])
			item->untold = true;
		else
			table[at] = (uint32_t)i + 1;
	}
}

/* ------------------------------------------------------------------ records */

/* The heading that CHANGE stands under; NULL: none. */
static const char *find_heading(const struct dl_kinds *kinds, const struct dl_change *change)
{
	const struct dl_kind *kind = dl_kinds_find(kinds, change->kind), *security;
	const char *heading = kind ? kind->heading : kinds->others;

	if (change->breaking && kinds->breaking)
		return kinds->breaking;
	if (change->breaking && !heading)
		return kinds->changed;
	if (heading && kind && dl_text_same(change->scope, "security") &&
	    (security = dl_kinds_find(kinds, "security")) && security->heading)
		return security->heading;
	return heading;
}

/* Co-authors are who .mailmap says, as authors are. */
static void map_co_authors(const struct dl_mailmap *mailmap, struct dl_message *message)
{
	size_t i;

	for (i = 0; i < message->co_author_count; i++)
		message->co_authors[i] = dl_mailmap_person(mailmap, &message->co_authors[i]);
}

static void fill_message(const struct reading *reading, const struct item *item, struct dl_change *change)
{
	const struct dl_message *message = &item->message;
	const struct dl_kind *kind = dl_kinds_find(&reading->log->kinds, message->kind);

	change->kind = kind ? kind->name : NULL;
	change->scope = kind ? message->scope : NULL;
	change->breaking = message->breaking && (kind || message->breaking_text);
	change->breaking_text = message->breaking_text;
	change->subject = kind ? message->subject : message->whole;
	change->body = message->body;
	change->footers = (struct dl_list){message->footers, message->footer_count};
	change->author = item->commit->author;
	change->email = item->commit->email;
	change->co_authors = (struct dl_list){message->co_authors, message->co_author_count};
	change->refs = message->refs;
	change->pr = pr_of(item);
}

void dl_changes_complete(struct dl_scope *scope, const struct dl_changelog *log, struct dl_change *change)
{
	change->head = dl_links_head(&scope->arena, &log->links, "commit", change->sha);
	change->url = dl_links_commit(&scope->arena, &log->links, change->sha);
}

static void fill(const struct reading *reading, const struct item *item, struct dl_change *change)
{
	const struct dl_kinds *kinds = &reading->log->kinds;

	change->sha = item->commit->sha;
	change->date = item->commit->date;
	change->tag = reading->group->tag;
	fill_message(reading, item, change);
	if (!item->untold)
		change->section = find_heading(kinds, change);
	if (change->section)
		change->place = dl_kinds_place(kinds, change->section);
}

/* Whether nobody wants to read of it: a merge that has no type of its own, or no text at all. */
static bool is_silent(const struct reading *reading, const struct item *item)
{
	bool merge = item->commit->merge && !reading->log->query->first_parent;

	return !*item->message.whole ||
	       (merge && !dl_kinds_find(&reading->log->kinds, item->message.kind));
}

void dl_changes_read(struct dl_scope *scope, const struct dl_changelog *log,
		     const struct dl_changelog_group *group, struct dl_changes *changes)
{
	struct reading reading = {.scope = scope, .log = log, .group = group, .count = group->count};
	size_t i;

	reading.items = dl_arena_array(&scope->arena, group->count, sizeof *reading.items);
	changes->items = dl_arena_array(&scope->arena, group->count, sizeof *changes->items);
	changes->count = group->count;
	for (i = 0; i < group->count; i++) {
		struct item *item = &reading.items[i];

		item->commit = group->commits[i];
		dl_message_parse(scope, item->commit->message,
				 item->commit->merge && log->query->first_parent, &item->message);
		map_co_authors(&log->mailmap, &item->message);
		item->untold = is_silent(&reading, item);
	}
	cancel_reverts(&reading);
	drop_duplicates(&reading);
	for (i = 0; i < group->count; i++)
		fill(&reading, &reading.items[i], &changes->items[i]);
}

enum dl_semver_bump dl_changes_bump(const struct dl_changes *changes)
{
	enum dl_semver_bump bump = DL_BUMP_NONE, one;
	size_t i;

	for (i = 0; i < changes->count; i++) {
		const struct dl_change *change = &changes->items[i];

		one = change->section && change->breaking	       ? DL_BUMP_MAJOR
		      : change->section && dl_text_same(change->kind, "feat") ? DL_BUMP_MINOR
								      : DL_BUMP_PATCH;
		if (one > bump)
			bump = one;
	}
	return bump;
}
