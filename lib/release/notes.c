#include "lib/release/notes.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/changelog/changelog.h"
#include "lib/changelog/changes.h"
#include "lib/changelog/layout.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"

/* All of FD, which is called NAME. */
static const char *read_all(struct dl_scope *scope, int fd, const char *name)
{
	char chunk[4096];
	struct dl_buf text;
	ssize_t count;

	dl_buf_init(&text, &scope->arena, DL_CAP_CONFIG);
	while ((count = read(fd, chunk, sizeof chunk)) > 0)
		dl_buf_add(&text, chunk, (size_t)count);
	if (count < 0)
		dl_fail_errno(scope, "cannot read %s", name);
	else if (!text.len)
		dl_fail(scope, DL_MISSING, "there is nothing in %s", name);
	return scope->error.class == DL_OK && dl_buf_check(scope, &text, name) == 0 ? text.data : NULL;
}

/* What is in the file PATH, which may be a pipe. */
static const char *read_file(struct dl_scope *scope, const char *path)
{
	const char *name = dl_text_quote(&scope->arena, path), *text;
	int fd;

	if (strcmp(path, "-") == 0)
		return read_all(scope, STDIN_FILENO, "standard input");
	fd = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		dl_fail(scope, DL_MISSING, "there is no file %s", name);
	else if (fd < 0)
		dl_fail_errno(scope, "cannot read %s", name);
	text = fd < 0 ? NULL : read_all(scope, fd, name);
	if (fd >= 0)
		close(fd);
	return text;
}

/* Whether TEXT is what dl-changelog prints, lines of type `change` below one of type `release`, and no text
 * of its own. */
static bool is_changes(const char *text)
{
	const struct dl_json *first;
	struct dl_scope attempt;
	bool is;

	if (*text != '{')
		return false;
	dl_scope_open(&attempt, NULL);
	first = dl_json_parse(&attempt, dl_arena_copy(&attempt.arena, text, strcspn(text, "\n")),
			      strcspn(text, "\n"));
	is = dl_text_in(dl_json_text(first, "type"), "change,release");
	dl_scope_close(&attempt);
	return is;
}

/* The lines of TEXT into LIST, as struct dl_change. */
static int read_changes(struct dl_scope *scope, const char *text, struct dl_sink_list *list)
{
	const struct dl_json *node;
	struct dl_change *change;
	long number = 0;
	size_t len;

	for (; *text; text += len + (text[len] == '\n')) {
		len = strcspn(text, "\n");
		number++;
		if (!len)
			continue;
		node = dl_json_parse(scope, dl_arena_copy(&scope->arena, text, len), len);
		if (dl_text_same(dl_json_text(node, "type"), "release"))
			continue;
		if (node && !dl_text_same(dl_json_text(node, "type"), "change"))
			dl_fail(scope, DL_DATA, "it is no change");
		change = dl_schema_new(scope, &dl_record_change);
		if (scope->error.class != DL_OK || dl_schema_decode(scope, &dl_record_change, node, change) ||
		    dl_sink_put(&list->sink, scope, &dl_record_change, change))
			return dl_fail_prefix(scope, "line %ld", number);
	}
	return 0;
}

/* CHANGES of the release GROUP as Markdown. */
static const char *render(struct dl_scope *scope, const struct dl_changelog *log,
			  const struct dl_changelog_group *group, const struct dl_changes *changes)
{
	struct dl_layout layout;
	struct dl_buf text;
	size_t begin;

	dl_buf_init(&text, &scope->arena, DL_CAP_BODY);
	dl_buf_puts(&text, "");
	if (dl_layout_read(scope, log, NULL, &layout))
		return NULL;
	dl_layout_body(scope, &layout, log, group, changes, &text);
	if (dl_buf_check(scope, &text, "the changelog"))
		return NULL;
	begin = strspn(text.data, "\n");
	while (text.len > begin && text.data[text.len - 1] == '\n')
		text.data[--text.len] = '\0';
	return text.data + begin;
}

/* Where a section stands is not in the lines. One that is none of this repository's is not told. */
static void find_places(const struct dl_changelog *log, struct dl_sink_list *list)
{
	struct dl_change *change;
	size_t i;

	for (i = 0; i < list->count; i++) {
		change = (struct dl_change *)list->items + i;
		change->place = change->section ? dl_kinds_place(&log->kinds, change->section) : 0;
		if (change->place == log->kinds.heading_count)
			change->section = NULL;
	}
}

const char *dl_notes_read(struct dl_scope *scope, const char *path, const char *dir, const char *tag)
{
	const struct dl_changelog_query query = {.dir = dir, .as = tag};
	const struct dl_changelog_group group = {.tag = tag};
	const char *text = read_file(scope, path), *notes = NULL;
	struct dl_changelog log;
	struct dl_sink_list list;
	struct dl_changes changes;

	if (!text || !is_changes(text))
		return text;
	dl_sink_list(&list, scope, 0);
	if (read_changes(scope, text, &list))
		return NULL;
	if (dl_changelog_configure(scope, &query, &log) == 0) {
		find_places(&log, &list);
		changes = (struct dl_changes){(struct dl_change *)list.items, list.count};
		notes = render(scope, &log, &group, &changes);
	}
	dl_changelog_close(&log);
	return notes;
}

const char *dl_notes_changelog(struct dl_scope *scope, const char *dir, const char *from, const char *to,
			       const char *tag)
{
	const struct dl_changelog_query query = {.dir = dir, .from = from, .to = to, .as = tag};
	const char *notes = NULL;
	struct dl_changelog log;
	struct dl_changes changes;

	if (dl_changelog_open(scope, &query, &log) == 0 && log.group_count) {
		dl_changes_read(scope, &log, &log.groups[0], &changes);
		notes = render(scope, &log, &log.groups[0], &changes);
	} else if (scope->error.class == DL_OK) {
		notes = "";
	}
	dl_changelog_close(&log);
	return notes;
}
