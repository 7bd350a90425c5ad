#include "lib/changelog/layout.h"

#include <stdint.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/changelog/changelog.h"
#include "lib/changelog/changes.h"
#include "lib/data/json.h"

enum { SHORT_SHA = 7, LONGEST_SUBJECT = 400, DATE_LEN = 10 };

/* What a template can name: first of the group, then of the section, then of the change. */
enum value {
	TAG,
	VERSION,
	DATE,
	PREVIOUS,
	COMPARE,
	PAGE,
	SECTION,
	SHA,
	SHORT,
	KIND,
	SCOPE,
	BREAKING,
	BREAKING_TEXT,
	SUBJECT,
	BODY,
	AUTHOR,
	EMAIL,
	CO_AUTHORS,
	DAY,
	PR,
	PR_URL,
	REFS,
	URL,
	VALUES,
};

static const char *const names[VALUES + 1] = {
	"tag", "version", "date", "previous", "compare", "page", "section",
	"sha", "short", "kind", "scope", "breaking", "breaking_text", "subject", "body", "author", "email",
	"co_authors", "day", "pr", "pr_url", "refs", "url", NULL,
};

/* The texts of a layout; NULL: nothing. */
struct texts {
	const char *name, *release, *section, *change, *end;
};

#define LINKED(text, url) "{" url "?[" text "]({" url "})}{" url "!" text "}"
#define CHANGE                                                                                             \
	"{scope?**{scope:md}:** }{subject:md}{pr? (" LINKED("#{pr}", "pr_url") ")}{refs?, {refs:md}}"      \
	" (" LINKED("{short}", "url") ")\n{breaking_text?  {breaking_text:md}\n}"

static const struct texts built_in[] = {
	{
		"plain",
		"## {version?" LINKED("{version}",
				      "compare") "}{version!Unreleased}{version?{date? ({date})}}\n",
		"\n### {section:md}\n\n",
		"- " CHANGE,
		"",
	},
	{
		"keep",
		"## {version?{compare?[{version}]({compare})}{compare![{version}]}}{version![Unreleased]}"
		"{version?{date? - {date}}}\n",
		"\n### {section:md}\n\n",
		"- {breaking?**Breaking:** }" CHANGE,
		"",
	},
};

/* ------------------------------------------------------------------ which one */

static int compile(struct dl_scope *scope, const char *text, struct dl_template *template)
{
	return dl_template_compile(scope, text ? text : "", names, template);
}

static int compile_all(struct dl_scope *scope, const struct texts *texts, struct dl_layout *layout)
{
	return compile(scope, texts->release, &layout->release) ||
			       compile(scope, texts->section, &layout->section) ||
			       compile(scope, texts->change, &layout->change) ||
			       compile(scope, texts->end, &layout->end)
		       ? -1
		       : 0;
}

/* The member NAME of NODE; NULL: there is none. Names may have dots, which paths cannot. */
static const struct dl_json *find_member(const struct dl_json *node, const char *name)
{
	const struct dl_json *member = node && node->type == DL_JSON_OBJECT ? node->child : NULL;

	while (member && strcmp(member->key, name) != 0)
		member = member->next;
	return member;
}

static int unknown(struct dl_scope *scope, const struct dl_json *templates, const char *name)
{
	const struct dl_json *node;
	struct dl_buf all;

	dl_buf_init(&all, &scope->arena, DL_CAP_LINE);
	for (node = templates && templates->type == DL_JSON_OBJECT ? templates->child : NULL; node;
	     node = node->next)
		dl_buf_printf(&all, ", %s", dl_text_quote(&scope->arena, node->key));
	dl_fail(scope, DL_USAGE, "there is no template called '%s'", dl_text_quote(&scope->arena, name));
	return dl_fail_hint(scope, "there are: %s, %s%s; or give the template itself, '{subject}\\n'",
			    built_in[0].name, built_in[1].name, all.data);
}

/* A template of the configuration: the text of a change, or an object of up to four texts. */
static int read_configured(struct dl_scope *scope, const struct dl_json *node, struct dl_layout *layout)
{
	struct texts texts = {
		.release = dl_json_text(node, "release"),
		.section = dl_json_text(node, "section"),
		.change = node->type == DL_JSON_STRING ? node->text : dl_json_text(node, "change"),
		.end = dl_json_text(node, "end"),
	};

	if (compile_all(scope, &texts, layout) == 0)
		return 0;
	scope->error.class = DL_CONFIG;
	return dl_fail_prefix(scope, "agents.changelog.config.templates.%s",
			      dl_text_quote(&scope->arena, node->key));
}

int dl_layout_read(struct dl_scope *scope, const struct dl_changelog *log, const char *name,
		   struct dl_layout *layout)
{
	const struct dl_json *templates = dl_json_get(log->config, "templates"), *node;
	const struct texts own = {.change = name};
	size_t i;

	if (!name)
		name = log->kinds.style;
	if ((node = find_member(templates, name)))
		return read_configured(scope, node, layout);
	for (i = 0; i < sizeof built_in / sizeof *built_in; i++)
		if (strcmp(built_in[i].name, name) == 0)
			return compile_all(scope, &built_in[i], layout);
	return strchr(name, '{') ? compile_all(scope, &own, layout) : unknown(scope, templates, name);
}

/* ------------------------------------------------------------------ what is filled in */

static const char *day(struct dl_arena *arena, int64_t time)
{
	char *date = dl_time_format(arena, time);

	if (date)
		date[DATE_LEN] = '\0';
	return date;
}

static void fill_group(struct dl_scope *scope, const struct dl_changelog *log,
		       const struct dl_changelog_group *group, const char **values)
{
	const char *end = group->tag ? group->tag : group->sha;

	values[TAG] = group->tag;
	values[VERSION] = group->version;
	values[DATE] = day(&scope->arena, group->date);
	values[PREVIOUS] = group->previous;
	values[COMPARE] = dl_links_compare(&scope->arena, &log->links, group->previous, end);
	values[PAGE] = dl_links_release(&scope->arena, &log->links, group->tag);
}

/* One that is as long as a book would bury the others. */
static const char *shorten(struct dl_arena *arena, const char *subject)
{
	size_t len = LONGEST_SUBJECT;

	if (strlen(subject) <= len)
		return subject;
	while (len && (subject[len] & 0xC0) == 0x80)
		len--;
	return dl_arena_format(arena, "%.*s\xE2\x80\xA6", (int)len, subject);
}

/* The issues in REFS that SUBJECT does not name. */
static const char *further_refs(struct dl_arena *arena, const char *refs, const char *subject)
{
	const char *ref, *end;
	struct dl_buf text;

	dl_buf_init(&text, arena, DL_CAP_LINE);
	for (; refs; refs = *end ? end + 1 : NULL) {
		end = strchrnul(refs, ',');
		ref = dl_arena_copy(arena, refs, (size_t)(end - refs));
		if (!strstr(subject, ref))
			dl_buf_printf(&text, "%s%s", text.len ? ", " : "", ref);
	}
	return text.data;
}

static const char *list_people(struct dl_arena *arena, const struct dl_list *people)
{
	const struct dl_person *person = people->items;
	struct dl_buf text;
	size_t i;

	dl_buf_init(&text, arena, DL_CAP_LINE);
	for (i = 0; i < people->count; i++)
		if (person[i].name)
			dl_buf_printf(&text, "%s%s", text.len ? ", " : "", person[i].name);
	return text.data;
}

static void fill_change(struct dl_arena *arena, const struct dl_changelog *log,
			const struct dl_change *change, const char **values)
{
	values[SHA] = change->sha;
	values[SHORT] = dl_arena_copy(arena, change->sha, SHORT_SHA);
	values[KIND] = change->kind;
	values[SCOPE] = change->scope;
	values[BREAKING] = change->breaking ? "true" : NULL;
	values[BREAKING_TEXT] = dl_text_same(change->breaking_text, change->subject) ? NULL
										     : change->breaking_text;
	values[SUBJECT] = shorten(arena, change->subject);
	values[BODY] = change->body;
	values[AUTHOR] = change->author;
	values[EMAIL] = change->email;
	values[CO_AUTHORS] = list_people(arena, &change->co_authors);
	values[DAY] = day(arena, change->date);
	values[PR] = change->pr;
	values[PR_URL] = dl_links_pr(arena, &log->links, change->pr);
	values[REFS] = further_refs(arena, change->refs, change->subject);
	values[URL] = dl_links_commit(arena, &log->links, change->sha);
}

/* ------------------------------------------------------------------ the text */

/* The indices of the changes that are told, by section and in their order; how many of each in COUNTS. */
static const uint32_t *sort(struct dl_scope *scope, const struct dl_changelog *log,
			    const struct dl_changes *changes, size_t *counts)
{
	uint32_t *sorted = dl_arena_array(&scope->arena, changes->count, sizeof *sorted);
	size_t *next = dl_arena_array(&scope->arena, log->kinds.heading_count + 1, sizeof *next), i;

	for (i = 0; i < changes->count; i++)
		if (changes->items[i].section)
			counts[changes->items[i].place]++;
	for (i = 0; i < log->kinds.heading_count; i++)
		next[i + 1] = next[i] + counts[i];
	for (i = 0; i < changes->count; i++)
		if (changes->items[i].section)
			sorted[next[changes->items[i].place]++] = (uint32_t)i;
	return sorted;
}

/* The heading at INDEX, below which COUNT of TOLD changes stand. */
static const char *heading_of(const struct dl_kinds *kinds, size_t index, size_t count, size_t told)
{
	const char *heading = kinds->headings[index];

	return kinds->alone && count == told && dl_text_same(heading, kinds->others) ? kinds->alone : heading;
}

void dl_layout_head(struct dl_scope *scope, const struct dl_layout *layout, const struct dl_changelog *log,
		    const struct dl_changelog_group *group, struct dl_buf *buf)
{
	const char *values[VALUES] = {NULL};

	fill_group(scope, log, group, values);
	dl_template_render(scope, &layout->release, values, &log->links, buf);
}

void dl_layout_body(struct dl_scope *scope, const struct dl_layout *layout, const struct dl_changelog *log,
		    const struct dl_changelog_group *group, const struct dl_changes *changes,
		    struct dl_buf *buf)
{
	size_t *counts = dl_arena_array(&scope->arena, log->kinds.heading_count, sizeof *counts);
	size_t told = 0, i, n;
	const uint32_t *sorted = sort(scope, log, changes, counts);
	const char *values[VALUES] = {NULL};
	struct dl_scope line;

	fill_group(scope, log, group, values);
	for (i = 0; i < log->kinds.heading_count; i++)
		told += counts[i];
	for (i = 0; i < log->kinds.heading_count; i++) {
		values[SECTION] = heading_of(&log->kinds, i, counts[i], told);
		if (counts[i])
			dl_template_render(scope, &layout->section, values, &log->links, buf);
		for (n = 0; n < counts[i]; n++, sorted++) {
			dl_scope_open(&line, NULL);
			fill_change(&line.arena, log, &changes->items[*sorted], values);
			dl_template_render(&line, &layout->change, values, &log->links, buf);
			dl_scope_close(&line);
		}
		memset(values + SHA, 0, (VALUES - SHA) * sizeof *values);
	}
	dl_template_render(scope, &layout->end, values, &log->links, buf);
}
