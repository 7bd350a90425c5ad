#include "lib/changelog/tell.h"

#include <string.h>
#include <sys/stat.h>

#include "lib/base/buf.h"
#include "lib/base/file.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/changelog/changelog.h"
#include "lib/changelog/changes.h"
#include "lib/changelog/insert.h"
#include "lib/changelog/layout.h"
#include "lib/changelog/next.h"
#include "lib/data/record.h"
#include "lib/program/out.h"

enum { NEW_MODE = 0644 };

/* ------------------------------------------------------------------ records */

static void fill_release(struct dl_scope *scope, const struct dl_changelog *log,
			 const struct dl_changelog_group *group, struct dl_release *release)
{
	const struct dl_links *links = &log->links;

	release->head = dl_links_head(&scope->arena, links, "release", group->tag);
	release->tag = group->tag;
	release->name = group->version ? group->version : "Unreleased";
	release->sha = group->sha;
	release->prerelease = group->tag ? group->pre : -1;
	release->created_at = group->date;
	release->url = dl_links_release(&scope->arena, links, group->tag);
}

static int tell_group(struct dl_scope *scope, const struct dl_changelog *log,
		      const struct dl_changelog_group *group, struct dl_out *out)
{
	struct dl_release *release = dl_schema_new(scope, &dl_record_release);
	struct dl_changes changes;
	int result = DL_MORE;
	size_t i;

	fill_release(scope, log, group, release);
	dl_changes_read(scope, log, group, &changes);
	if (out->mode == DL_OUT_LINES)
		result = dl_sink_put(&out->sink, scope, &dl_record_release, release);
	for (i = 0; i < changes.count && result == DL_MORE; i++) {
		dl_changes_complete(scope, log, &changes.items[i]);
		result = dl_sink_put(&out->sink, scope, &dl_record_change, &changes.items[i]);
	}
	return result;
}

int dl_tell_records(struct dl_scope *scope, const struct dl_changelog *log, struct dl_out *out)
{
	struct dl_scope group;
	int result = DL_MORE;
	size_t i;

	for (i = 0; i < log->group_count && result == DL_MORE; i++) {
		dl_scope_open(&group, scope);
		result = tell_group(&group, log, &log->groups[i], out);
		if (dl_scope_close(&group))
			return -1;
	}
	return result;
}

int dl_tell_next(struct dl_scope *scope, const struct dl_next *next, struct dl_out *out)
{
	struct dl_release *release = dl_schema_new(scope, &dl_record_release);
	const char *line = dl_arena_format(&scope->arena, "%s\n", next->tag);

	release->tag = next->tag;
	release->name = next->version;
	release->prerelease = strchr(next->version, '-') != NULL;
	release->action = DL_ACTION_PLANNED;
	return out->mode == DL_OUT_LINES ? dl_sink_put(&out->sink, scope, &dl_record_release, release)
					 : dl_out_text(scope, out, line, strlen(line));
}

/* ------------------------------------------------------------------ text */

static void add_body(struct dl_scope *scope, const struct dl_changelog *log, const struct dl_layout *layout,
		     const struct dl_changelog_group *group, struct dl_buf *buf)
{
	struct dl_changes changes;

	dl_changes_read(scope, log, group, &changes);
	dl_layout_body(scope, layout, log, group, &changes, buf);
}

int dl_tell_text(struct dl_scope *scope, const struct dl_changelog *log, const struct dl_layout *layout,
		 struct dl_out *out)
{
	struct dl_scope group;
	struct dl_buf buf;
	int result = DL_MORE;
	size_t i;

	for (i = 0; i < log->group_count && result == DL_MORE; i++) {
		dl_scope_open(&group, scope);
		dl_buf_init(&buf, &group.arena, DL_CAP_HISTORY);
		if (i && layout->release.count)
			dl_buf_putc(&buf, '\n');
		dl_layout_head(&group, layout, log, &log->groups[i], &buf);
		add_body(&group, log, layout, &log->groups[i], &buf);
		result = dl_buf_check(&group, &buf, "the changelog");
		if (result == 0)
			result = dl_out_text(&group, out, buf.data, buf.len);
		if (dl_scope_close(&group))
			return -1;
	}
	return result;
}

/* ------------------------------------------------------------------ a file */

/* NULL: failed, DL_DATA: there is more than a file may hold. */
static struct dl_insert_entry *make_entries(struct dl_scope *scope, const struct dl_changelog *log,
					    const struct dl_layout *layout)
{
	struct dl_insert_entry *entries = dl_arena_array(&scope->arena, log->group_count, sizeof *entries);
	struct dl_scope group;
	struct dl_buf head, body;
	size_t i;

	for (i = 0; i < log->group_count; i++) {
		dl_scope_open(&group, scope);
		dl_buf_init(&head, &scope->arena, DL_CAP_LINE);
		dl_buf_init(&body, &group.arena, DL_CAP_BODY);
		dl_layout_head(&group, layout, log, &log->groups[i], &head);
		add_body(&group, log, layout, &log->groups[i], &body);
		if (dl_buf_check(&group, &head, "a heading") == 0 &&
		    dl_buf_check(&group, &body, "the changelog") == 0)
			entries[i] = (struct dl_insert_entry){
				.version = log->groups[i].version,
				.head = head.data,
				.body = dl_arena_copy(&scope->arena, body.data, body.len),
			};
		if (dl_scope_close(&group))
			return NULL;
	}
	return entries;
}

static int refuse_left(struct dl_scope *scope, const char *path, const struct dl_insert_entry *entries,
		       size_t count)
{
	size_t i;

	for (i = 0; i < count && !entries[i].left; i++)
		;
	if (i == count)
		return 0;
	dl_fail(scope, DL_REFUSED, "%s has a section %s that was written by hand: it is left as it is",
		dl_text_quote(&scope->arena, path), dl_text_quote(&scope->arena, entries[i].version));
	return dl_fail_hint(scope, "put a line <!-- dl-changelog --> where the changes are to stand in it");
}

int dl_tell_file(struct dl_scope *scope, const struct dl_changelog *log, const struct dl_layout *layout,
		 const char *path, struct dl_out *out)
{
	struct dl_insert_entry *entries = make_entries(scope, log, layout);
	const char *name = dl_text_quote(&scope->arena, path), *old = NULL, *text;
	size_t old_len = 0, len;
	struct stat st;
	bool exists = lstat(path, &st) == 0;

	if (!entries)
		return -1;
	if (exists && S_ISLNK(st.st_mode))
		return dl_fail(scope, DL_REFUSED, "%s is a symbolic link, which could lead anywhere", name);
	if (exists && !(old = dl_file_read(scope, path, DL_CAP_BODY, &old_len)))
		return -1;
	len = old_len;
	text = dl_insert_text(scope, old, entries, log->group_count, &len);
	if (!text)
		return -1;
	if (out)
		return dl_out_text(scope, out, text, len) < 0 ? -1 : 0;
	if ((!old || len != old_len || memcmp(text, old, len) != 0) &&
	    dl_file_write(scope, path, exists ? st.st_mode & 07777 : NEW_MODE, text, len))
		return -1;
	return refuse_left(scope, path, entries, log->group_count);
}
