/* One pass: a commit is read once, when it is found, and its message stays, since its place in the output is
 * known only when all are read. What is found is appended and worked on in turn, so that no history is too
 * deep. Object names are looked up in a table of indices, hashed by their own first bytes.
 *
 * A history that git sees otherwise than its objects say (grafts, replacements, a shallow clone) is not
 * walked here: git lists it with its parents. */
#include "lib/history.h"

#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#include "lib/scope.h"
#include "lib/tags.h"
#include "lib/text.h"
#include "lib/time.h"

enum { FIRST_ROOM = 1024, LONGEST_CHARSET = 64, PENDING = -1 };

int dl_history_open(struct dl_scope *scope, const struct dl_revisions *revisions, struct dl_history *history)
{
	*history = (struct dl_history){.id_len = revisions->id_len};
	history->objects = dl_objects_open(scope, revisions->objects, revisions->id_len);
	return history->objects ? 0 : -1;
}

void dl_history_close(struct dl_history *history)
{
	dl_objects_close(history->objects);
	dl_arena_free(&history->commit_arena);
	dl_arena_free(&history->parent_arena);
	dl_arena_free(&history->slot_arena);
	dl_arena_free(&history->text_arena);
}

void dl_history_replace(struct dl_history *history, const struct dl_revision_list *list)
{
	history->replaced = list;
}

/* ------------------------------------------------------------------ the table of commits */

static uint32_t *slot_of(const struct dl_history *history, const unsigned char *id)
{
	size_t mask = history->slot_count - 1, at;

	memcpy(&at, id, sizeof at);
	for (at &= mask; history->slots[at]; at = (at + 1) & mask)
		if (memcmp(history->commits[history->slots[at] - 1].id, id, history->id_len) == 0)
			break;
	return &history->slots[at];
}

struct dl_commit *dl_history_find(const struct dl_history *history, const unsigned char *id)
{
	uint32_t index = history->slot_count ? *slot_of(history, id) : 0;

	return index ? &history->commits[index - 1] : NULL;
}

/* The table is at most half full. */
static void grow_slots(struct dl_history *history)
{
	size_t i, count = history->slot_count ? history->slot_count * 4 : FIRST_ROOM * 4;

	dl_arena_free(&history->slot_arena);
	history->slots = dl_arena_array(&history->slot_arena, count, sizeof *history->slots);
	history->slot_count = count;
	for (i = 0; i < history->count; i++)
		*slot_of(history, history->commits[i].id) = (uint32_t)i + 1;
}

static void grow_commits(struct dl_history *history)
{
	size_t size = sizeof *history->commits, room = history->room ? history->room * 2 : FIRST_ROOM;

	history->commits = dl_arena_grow(&history->commit_arena, history->commits, history->room * size,
					 room * size);
	history->room = room;
}

/* The index of the commit ID, which is added when it is not there. */
static uint32_t add_commit(struct dl_history *history, const unsigned char *id)
{
	struct dl_commit *commit;
	uint32_t *slot;

	if (history->count * 2 >= history->slot_count)
		grow_slots(history);
	slot = slot_of(history, id);
	if (*slot)
		return *slot - 1;
	if (history->count == history->room)
		grow_commits(history);
	commit = &history->commits[history->count++];
	memcpy(commit->id, id, history->id_len);
	commit->date = DL_TIME_NONE;
	commit->group = DL_HISTORY_NO_GROUP;
	*slot = (uint32_t)history->count;
	return *slot - 1;
}

static void add_parent(struct dl_history *history, struct dl_commit *commit, uint32_t parent)
{
	size_t size = sizeof *history->parents, room = history->parent_room;

	if (history->parent_count == room) {
		room = room ? room * 2 : FIRST_ROOM;
		history->parents = dl_arena_grow(&history->parent_arena, history->parents,
						 history->parent_room * size, room * size);
		history->parent_room = room;
	}
	history->parents[history->parent_count++] = parent;
	commit->parent_count++;
}

/* ------------------------------------------------------------------ reading a commit */

/* What the object of a commit says. Pieces of the object, which do not end with a NUL. */
struct raw {
	const char *parents; /* the first of the lines */
	size_t parent_count;
	const char *author, *committer, *encoding, *message; /* NULL: absent */
	size_t author_len, encoding_len, message_len;
};

/* What follows WORD and a blank at the start of LINE; NULL: it begins otherwise. */
static const char *value_of(const char *line, const char *word)
{
	size_t len = strlen(word);

	return strncmp(line, word, len) == 0 && line[len] == ' ' ? line + len + 1 : NULL;
}

static void take_header(struct raw *raw, const char *line, size_t len)
{
	const char *value;

	if ((value = value_of(line, "parent"))) {
		raw->parents = raw->parent_count++ ? raw->parents : value;
	} else if ((value = value_of(line, "author")) && !raw->author) {
		raw->author = value;
		raw->author_len = len - (size_t)(value - line);
	} else if ((value = value_of(line, "committer")) && !raw->committer) {
		raw->committer = value;
	} else if ((value = value_of(line, "encoding")) && !raw->encoding) {
		raw->encoding = value;
		raw->encoding_len = len - (size_t)(value - line);
	}
}

/* Headers, an empty line, the message: of that what stands before a NUL, and at most DL_HISTORY_MESSAGE. */
static void parse_raw(const struct dl_object *object, struct raw *raw)
{
	const char *line = object->data, *end = object->data + object->len, *newline;

	*raw = (struct raw){.parents = NULL};
	while (line < end && *line != '\n') {
		newline = memchr(line, '\n', (size_t)(end - line));
		if (!newline)
			return;
		take_header(raw, line, (size_t)(newline - line));
		line = newline + 1;
	}
	if (line >= end)
		return;
	raw->message = line + 1;
	raw->message_len = strnlen(raw->message, (size_t)(end - raw->message));
	if (raw->message_len <= DL_HISTORY_MESSAGE)
		return;
	/* Not within a character of UTF-8. */
	for (raw->message_len = DL_HISTORY_MESSAGE; (raw->message[raw->message_len] & 0xC0) == 0x80;)
		raw->message_len--;
}

static bool is_utf8(const char *charset, size_t len)
{
	return (len == 5 && strncasecmp(charset, "UTF-8", len) == 0) ||
	       (len == 4 && strncasecmp(charset, "UTF8", len) == 0);
}

/* A converter from the CHARSET of LEN bytes; (iconv_t)-1: it is unknown. */
static iconv_t open_converter(const char *charset, size_t len)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:";
	char name[LONGEST_CHARSET + 1];

	if (!len || len > LONGEST_CHARSET)
		return (iconv_t)-1;
	memcpy(name, charset, len);
	name[len] = '\0';
	return name[strspn(name, allowed)] ? (iconv_t)-1 : iconv_open("UTF-8", name);
}

/* The LEN bytes of TEXT in UTF-8. What cannot be converted stays as it is. */
static const char *convert(struct dl_arena *arena, iconv_t converter, const char *text, size_t len)
{
	size_t in_left = len, out_left = len * 4;
	char *in = (char *)(uintptr_t)text, *out = dl_arena_alloc(arena, len * 4 + 1), *at = out;

	iconv(converter, NULL, NULL, NULL, NULL);
	if (iconv(converter, &in, &in_left, &at, &out_left) == (size_t)-1)
		return dl_arena_copy(arena, text, len);
	return out;
}

static void keep_text(struct dl_history *history, struct dl_commit *commit, const struct raw *raw)
{
	struct dl_arena *arena = &history->text_arena;
	iconv_t converter = (iconv_t)-1;

	if (raw->encoding && !is_utf8(raw->encoding, raw->encoding_len))
		converter = open_converter(raw->encoding, raw->encoding_len);
	if (converter != (iconv_t)-1) {
		commit->author = convert(arena, converter, raw->author, raw->author_len);
		commit->message = convert(arena, converter, raw->message, raw->message_len);
		iconv_close(converter);
	} else {
		commit->author = dl_arena_copy(arena, raw->author, raw->author_len);
		commit->message = dl_arena_copy(arena, raw->message, raw->message_len);
	}
}

/* The seconds behind the address in "Name <email> SECONDS ZONE"; a name may have a '>' in it. */
static int64_t parse_date(const char *person)
{
	const char *end = strchrnul(person, '\n'), *at = memrchr(person, '>', (size_t)(end - person));
	int64_t date = 0;
	bool negative;

	if (!at)
		return DL_TIME_NONE;
	at += 1 + strspn(at + 1, " ");
	negative = *at == '-';
	at += negative;
	if (*at < '0' || *at > '9')
		return DL_TIME_NONE;
	for (; *at >= '0' && *at <= '9'; at++)
		if (date < INT64_MAX / 100)
			date = date * 10 + *at - '0';
	return negative ? -date : date;
}

/* What is to be read in place of the object ID. */
static const unsigned char *replacement(const struct dl_history *history, const unsigned char *id)
{
	const struct dl_revision_list *list = history->replaced;
	unsigned char original[DL_OBJECTS_ID_MAX];
	size_t i;

	for (i = 0; list && i < list->count; i++)
		if (dl_objects_parse_id(list->items[i].rest, original, history->id_len) &&
		    memcmp(original, id, history->id_len) == 0)
			return list->items[i].id;
	return id;
}

/* Reads the commit at INDEX; what RAW points to is valid until the next is read. */
static int read_commit(struct dl_scope *scope, struct dl_history *history, size_t index, struct raw *raw)
{
	struct dl_commit *commit = &history->commits[index];
	char hex[DL_OBJECTS_HEX_MAX + 1];
	struct dl_object object;

	if (dl_objects_read(scope, history->objects, replacement(history, commit->id), &object))
		return -1;
	if (object.kind != DL_OBJECT_COMMIT)
		return dl_fail(scope, DL_DATA, "%s is no commit",
			       dl_objects_format_id(commit->id, history->id_len, hex));
	parse_raw(&object, raw);
	commit->merge = raw->parent_count > 1;
	commit->date = raw->committer ? parse_date(raw->committer) : DL_TIME_NONE;
	keep_text(history, commit, raw);
	return 0;
}

int dl_history_walk(struct dl_scope *scope, struct dl_history *history, const unsigned char *id)
{
	unsigned char parent[DL_OBJECTS_ID_MAX];
	const char *line;
	struct raw raw;
	size_t i, n;
	uint32_t index;

	add_commit(history, id);
	for (i = 0; i < history->count; i++) {
		if (read_commit(scope, history, i, &raw))
			return -1;
		history->commits[i].parents = history->parent_count;
		if (history->first_parent && raw.parent_count > 1)
			raw.parent_count = 1;
		for (n = 0, line = raw.parents; n < raw.parent_count; n++) {
			if (!dl_objects_parse_id(line, parent, history->id_len))
				return dl_fail(scope, DL_DATA, "a commit has a malformed parent");
			index = add_commit(history, parent);
			add_parent(history, &history->commits[i], index);
			line += 2 * history->id_len + strlen("\nparent ");
		}
	}
	return 0;
}

int dl_history_load(struct dl_scope *scope, struct dl_history *history, const struct dl_revision_list *list)
{
	unsigned char parent[DL_OBJECTS_ID_MAX];
	const struct dl_commit *found;
	const char *line;
	struct raw raw;
	size_t i;

	for (i = 0; i < list->count; i++)
		add_commit(history, list->items[i].id);
	for (i = 0; i < list->count; i++) {
		if (read_commit(scope, history, i, &raw))
			return -1;
		history->commits[i].parents = history->parent_count;
		for (line = list->items[i].rest; dl_objects_parse_id(line, parent, history->id_len);) {
			found = dl_history_find(history, parent);
			if (found)
				add_parent(history, &history->commits[i],
					   (uint32_t)(found - history->commits));
			line += 2 * history->id_len;
			if (history->first_parent || *line++ != ' ')
				break;
		}
	}
	return 0;
}

int dl_history_note(struct dl_scope *scope, struct dl_history *history, const unsigned char *id,
		    const unsigned char *note)
{
	struct dl_commit *commit = dl_history_find(history, id);
	struct dl_object object;

	if (!commit)
		return 0;
	if (dl_objects_read(scope, history->objects, note, &object))
		return -1;
	commit->message = dl_arena_copy(&history->text_arena, object.data,
					strnlen(object.data, object.len < DL_HISTORY_MESSAGE
								     ? object.len
								     : DL_HISTORY_MESSAGE));
	return 0;
}

int64_t dl_history_tagged(struct dl_scope *scope, struct dl_history *history, const unsigned char *id)
{
	struct dl_object object;
	const char *line;

	if (dl_objects_read(scope, history->objects, id, &object)) {
		dl_fail_take(scope, &scope->arena);
		return DL_TIME_NONE;
	}
	for (line = object.data; *line && *line != '\n'; line = strchrnul(line, '\n') + 1)
		if (value_of(line, "tagger"))
			return parse_date(line);
	return DL_TIME_NONE;
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

void dl_history_sort(struct dl_history *history)
{
	struct dl_arena *arena = &history->text_arena;
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
		if ((commit = dl_history_find(history, tags[i - 1].id)))
			search.tag_of[commit - history->commits] = (uint32_t)i;
	for (i = count; i > 0; i--)
		if ((commit = dl_history_find(history, tags[i - 1].id)) && commit->group < 0)
			add_release(&search, (uint32_t)(commit - history->commits));
}
