/* Authors git itself maps where it reads a history. Co-authors are text to it, so it is asked about them: in
 * one run, each once, and not at all where there are none. */
#include "lib/changelog/mailmap.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/changelog/history.h"
#include "lib/changelog/message.h"
#include "lib/git/git.h"

struct dl_mailmap_row {
	struct dl_person from, to;
};

/* Rows that are being collected. */
struct rows {
	struct dl_mailmap_row *items;
	size_t count, room;
};

/* Whether git can be asked about PERSON: by an address, in one line that git takes apart as it was. */
static bool is_askable(const struct dl_person *person)
{
	return person->email && !strpbrk(person->email, "<>\r\n") &&
	       !(person->name && strpbrk(person->name, "\r\n"));
}

static void add_row(struct dl_arena *arena, struct rows *rows, const struct dl_person *person)
{
	size_t size = sizeof *rows->items, room = rows->room;

	if (rows->count == room) {
		rows->room = room ? room * 2 : 16;
		rows->items = dl_arena_grow(arena, rows->items, room * size, rows->room * size);
	}
	rows->items[rows->count++].from = (struct dl_person){dl_arena_string(arena, person->name),
							     dl_arena_string(arena, person->email)};
}

static void add_people(struct dl_scope *scope, struct rows *rows, const struct dl_commit *commit)
{
	struct dl_message message;
	struct dl_scope attempt;
	size_t i;

	dl_scope_open(&attempt, NULL);
	dl_message_parse(&attempt, commit->message, false, &message);
	for (i = 0; i < message.co_author_count; i++)
		if (is_askable(&message.co_authors[i]))
			add_row(&scope->arena, rows, &message.co_authors[i]);
	dl_scope_close(&attempt);
}

static int by_person(const void *left, const void *right)
{
	const struct dl_person *a = &((const struct dl_mailmap_row *)left)->from;
	const struct dl_person *b = &((const struct dl_mailmap_row *)right)->from;
	int order = strcmp(a->email, b->email);

	return order ? order : strcmp(a->name ? a->name : "", b->name ? b->name : "");
}

/* Sorts ROWS, and leaves each person once. */
static void sort(struct rows *rows)
{
	size_t i, kept = 0;

	if (rows->count)
		qsort(rows->items, rows->count, sizeof *rows->items, by_person);
	for (i = 0; i < rows->count; i++)
		if (!kept || by_person(&rows->items[kept - 1], &rows->items[i]) != 0)
			rows->items[kept++] = rows->items[i];
	rows->count = kept;
}

/* Sets .to of each row to a line of TEXT. */
static int take_answers(struct dl_scope *scope, const char *text, struct rows *rows)
{
	const char *end;
	size_t i;

	for (i = 0; i < rows->count; i++, text = end + 1) {
		if (!(end = strchr(text, '\n')))
			return dl_fail(scope, DL_DATA, "git check-mailmap left out a person");
		rows->items[i].to = dl_message_person(
			scope, dl_arena_copy(&scope->arena, text, (size_t)(end - text)));
	}
	return 0;
}

static int ask(struct dl_scope *scope, const char *dir, struct rows *rows)
{
	static const char *const argv[] = {"check-mailmap", "--stdin", NULL};
	struct dl_proc_result result;
	struct dl_buf people;
	size_t i;

	dl_buf_init(&people, &scope->arena, DL_CAP_HISTORY);
	for (i = 0; i < rows->count; i++) {
		const struct dl_person *person = &rows->items[i].from;

		dl_buf_printf(&people, "%s%s<%s>\n", person->name ? person->name : "",
			      person->name ? " " : "", person->email);
	}
	if (dl_buf_check(scope, &people, "the list of co-authors") ||
	    dl_git_ask_with(scope, dir, argv, &people, &result))
		return -1;
	if (result.status != 0)
		return dl_fail(scope, DL_DATA, "git check-mailmap: %s", dl_git_reason(scope, &result));
	return take_answers(scope, result.output, rows);
}

int dl_mailmap_read(struct dl_scope *scope, const char *dir, const struct dl_history *history,
		    struct dl_mailmap *map)
{
	struct rows rows = {.count = 0};
	size_t i;

	for (i = 0; i < history->count; i++)
		if (dl_message_has_co_author(history->commits[i].message))
			add_people(scope, &rows, &history->commits[i]);
	sort(&rows);
	if (rows.count && ask(scope, dir, &rows))
		return -1;
	*map = (struct dl_mailmap){rows.items, rows.count};
	return 0;
}

struct dl_person dl_mailmap_person(const struct dl_mailmap *map, const struct dl_person *person)
{
	const struct dl_mailmap_row key = {.from = *person}, *row = NULL;

	if (map->count && person->email)
		row = bsearch(&key, map->rows, map->count, sizeof *map->rows, by_person);
	return row ? row->to : *person;
}
