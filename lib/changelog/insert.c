#include "lib/changelog/insert.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/data/semver.h"

static const char opening[] = "<!-- dl-changelog -->", closing[] = "<!-- /dl-changelog -->";

struct piece {
	const char *text;
	size_t len;
};

/* A section: from one heading to the next. */
struct section {
	struct section *next;
	struct piece head;
	const char *name;         /* in the heading: "1.2.0"; NULL: it has none */
	struct dl_semver version;
	bool is_version, is_unreleased;
	struct piece before, after; /* what people wrote, around what is generated */
	struct piece begin, end;  /* the lines of the two comments */
	bool generated;
	const char *body;         /* to be generated; NULL: .old stays */
	struct piece old;
	bool fresh;               /* not from the file */
	bool gap;                 /* an empty line is due behind it */
};

struct document {
	struct dl_scope *scope;
	struct piece preamble;
	struct section *first;
	bool crlf;
	bool released; /* nothing of what comes in is unreleased: what stands under that heading is now */
};

/* What is generated is written so that it can be found again: a comment of ours, a heading or a block of code
 * in it could end it early, or swallow what comes behind it. */

/* ------------------------------------------------------------------ reading */

/* The line that TEXT begins with, and its end. */
static struct piece take_line(struct piece *text)
{
	const char *newline = memchr(text->text, '\n', text->len);
	struct piece line = {text->text, newline ? (size_t)(newline - text->text) + 1 : text->len};

	text->text += line.len;
	text->len -= line.len;
	return line;
}

static bool begins(struct piece line, const char *with)
{
	size_t len = strlen(with);

	return line.len >= len && memcmp(line.text, with, len) == 0;
}

/* Whether LINE is WORDS, but for blanks at its ends. */
static bool is_line(struct piece line, const char *words)
{
	while (line.len && strchr(" \t\r\n", line.text[line.len - 1]))
		line.len--;
	while (line.len && (*line.text == ' ' || *line.text == '\t')) {
		line.text++;
		line.len--;
	}
	return line.len == strlen(words) && memcmp(line.text, words, line.len) == 0;
}

/* The length of the word that LINE has at FROM. */
static size_t span_word(struct piece line, size_t from)
{
	size_t to = from;

	while (to < line.len && !strchr(" \t\r\n]()", line.text[to]))
		to++;
	return to - from;
}

/* The first word of a heading, without brackets; of "Version 1.2.0" the second. */
static const char *name_of(struct dl_scope *scope, struct piece head)
{
	size_t from = 0, len;

	while (from < head.len && strchr("# \t[", head.text[from]))
		from++;
	len = span_word(head, from);
	if (len == 7 && (strncasecmp(head.text + from, "version", len) == 0 ||
			 strncasecmp(head.text + from, "release", len) == 0))
		for (from += len; from < head.len && strchr(" \t[", head.text[from]);)
			from++;
	len = span_word(head, from);
	return len ? dl_arena_copy(&scope->arena, head.text + from, len) : NULL;
}

/* Whether LINE makes a heading of the one before it. */
static bool is_underline(struct piece line)
{
	char mark = line.len ? *line.text : '\0';
	size_t len = 0;

	while (len < line.len && line.text[len] == mark)
		len++;
	return len > 2 && (mark == '=' || mark == '-') &&
	       is_line((struct piece){line.text + len, line.len - len}, "");
}

/* Whether LINE, which REST comes behind, begins a section: a heading of the second level, and of other kinds
 * one that begins with a version. There are tools that choose the level by which number is another one. */
static bool is_heading(struct dl_scope *scope, struct piece line, struct piece rest)
{
	struct dl_semver version;
	const char *name;
	size_t level = 0;

	while (level < line.len && line.text[level] == '#')
		level++;
	if (level > 3 || (level && (level == line.len || !strchr(" \t", line.text[level]))))
		return false;
	if (level == 2 || (!level && !is_underline(take_line(&rest))))
		return level == 2;
	name = name_of(scope, line);
	return name && dl_semver_parse_tag(name, "", &version) && version.count > 2;
}

/* What a heading cannot be in: a block of code between fences, or a comment over several lines. */
struct fence {
	char mark;  /* 0: there is none */
	size_t len; /* of the fence that began it: what ends it is no shorter */
	bool comment;
};

static bool has(struct piece line, const char *words)
{
	return memmem(line.text, line.len, words, strlen(words)) != NULL;
}

/* Whether LINE belongs to such; FENCE is what was open before it, and then what is behind it. */
static bool is_code(struct fence *fence, struct piece line)
{
	size_t indent = 0, len = 0;
	struct piece rest;
	char mark;

	if (fence->comment) {
		fence->comment = !has(line, "-->");
		return true;
	}
	while (indent < line.len && line.text[indent] == ' ')
		indent++;
	if (indent > 3 || indent == line.len)
		return fence->mark != '\0';
	mark = line.text[indent];
	while (indent + len < line.len && line.text[indent + len] == mark)
		len++;
	rest = (struct piece){line.text + indent + len, line.len - indent - len};
	if (!fence->mark && len == 1 && mark == '<' && begins(rest, "!--"))
		return fence->comment = !has(rest, "-->");
	if (len < 3 || (mark != '`' && mark != '~'))
		return fence->mark != '\0';
	if (!fence->mark && !(mark == '`' && memchr(rest.text, '`', rest.len))) {
		*fence = (struct fence){.mark = mark, .len = len};
		return true;
	}
	if (fence->mark == mark && len >= fence->len && is_line(rest, "")) {
		fence->mark = '\0';
		return true;
	}
	return fence->mark != '\0';
}

static void name_section(struct dl_scope *scope, struct section *section)
{
	section->name = name_of(scope, section->head);
	section->is_unreleased = section->name && strcasecmp(section->name, "unreleased") == 0;
	section->is_version = section->name && dl_semver_parse_tag(section->name, "", &section->version);
}

/* Finds what is generated in the text of SECTION, which is all in .before. */
static void split_section(struct section *section)
{
	struct piece text = section->before, line;
	struct fence fence = {.mark = '\0'};
	bool code;

	while (text.len) {
		line = take_line(&text);
		code = is_code(&fence, line);
		if (!code && !section->generated && is_line(line, opening)) {
			section->generated = true;
			section->before.len = (size_t)(line.text - section->before.text);
			section->begin = line;
			section->after = text;
		} else if (!code && section->generated && is_line(line, opening)) {
			return; /* the one before stands alone */
		} else if (!code && section->generated && is_line(line, closing)) {
			section->old = (struct piece){section->after.text,
						      (size_t)(line.text - section->after.text)};
			section->end = line;
			section->after = text;
			return;
		}
	}
}

static int read_document(struct document *document, struct piece text)
{
	struct section **last = &document->first, *section = NULL;
	struct piece rest = text, line = take_line(&rest);
	struct fence fence = {.mark = '\0'};

	if (line.len && line.text[line.len - 1] == '\n')
		line.len--;
	document->crlf = line.len && line.text[line.len - 1] == '\r';
	document->preamble.text = text.text;
	while (text.len) {
		line = take_line(&text);
		if (!is_code(&fence, line) && is_heading(document->scope, line, text)) {
			section = dl_arena_alloc(&document->scope->arena, sizeof *section);
			section->head = line;
			section->before.text = text.text;
			name_section(document->scope, section);
			*last = section;
			last = &section->next;
		} else if (section) {
			section->before.len += line.len;
		} else {
			document->preamble.len += line.len;
		}
	}
	for (section = document->first; section; section = section->next)
		split_section(section);
	/* What is put behind it would be part of it. */
	return fence.mark || fence.comment
		       ? dl_fail(document->scope, DL_DATA, "the changelog has a %s that does not end",
				 fence.mark ? "block of code" : "comment")
		       : 0;
}

/* ------------------------------------------------------------------ changing */

static bool is_about(const struct section *section, const struct section *wanted)
{
	if (wanted->is_unreleased)
		return section->is_unreleased;
	return section->is_version && dl_semver_compare(&section->version, &wanted->version) == 0;
}

/* An empty line before what comes next, unless there is one, or nothing. */
static void add_gap(const struct document *document, struct dl_buf *buf)
{
	const char *newline = document->crlf ? "\r\n" : "\n";
	size_t len = strlen(newline);

	if (!buf->len)
		return;
	if (buf->len < len || memcmp(buf->data + buf->len - len, newline, len) != 0)
		dl_buf_puts(buf, newline);
	if (buf->len < 2 * len || memcmp(buf->data + buf->len - 2 * len, newline, len) != 0)
		dl_buf_puts(buf, newline);
}

/* Appends TEXT, which begins outside of code, without comments of ours that stand there alone. */
static void add_words(const struct document *document, struct dl_buf *buf, struct piece text)
{
	struct fence fence = {.mark = '\0'};
	struct piece line;

	while (text.len) {
		line = take_line(&text);
		/* What was apart stays apart: two lines that meet can be a heading. */
		if (!is_code(&fence, line) && (is_line(line, opening) || is_line(line, closing)))
			add_gap(document, buf);
		else
			dl_buf_add(buf, line.text, line.len);
	}
}

/* Takes the blank lines off both ends of TEXT. What its first line is indented by stays: a fence with four
 * blanks before it is none. */
static struct piece trim(struct piece text)
{
	struct piece rest = text;

	while (text.len && strchr(" \t\r\n", text.text[text.len - 1]))
		rest.len = --text.len;
	while (text.len && is_line(take_line(&rest), ""))
		text = rest;
	return text;
}

/* Moves what people wrote under FROM to TO. */
static void take_over(const struct document *document, struct section *from, struct section *to)
{
	struct dl_buf text;

	dl_buf_init(&text, &document->scope->arena, DL_CAP_BODY);
	add_words(document, &text, from->before);
	if (from->generated)
		add_gap(document, &text);
	add_words(document, &text, from->after);
	to->before = trim((struct piece){text.data, text.len});
	from->before = from->after = from->old = from->begin = from->end = (struct piece){"", 0};
	from->generated = false;
	from->gap = true;
}

/* Puts SECTION before the first of a lower version, what is not released before all. */
static void place(struct document *document, struct section *section)
{
	struct section **at = &document->first, **found = NULL, *unreleased = NULL;
	bool newest = true;

	for (; *at; at = &(*at)->next) {
		if ((*at)->is_unreleased)
			unreleased = *at;
		if ((*at)->is_version && dl_semver_compare(&(*at)->version, &section->version) > 0)
			newest = false;
		if (!found && (*at)->is_version &&
		    (section->is_unreleased || dl_semver_compare(&(*at)->version, &section->version) < 0))
			found = at;
	}
	if (unreleased && document->released && newest && (!found || found == &unreleased->next))
		take_over(document, unreleased, section);
	at = found ? found : at;
	section->next = *at;
	*at = section;
}

/* TEXT, whose line ends will be those of the file. */
static const char *drop_returns(struct dl_scope *scope, const char *text)
{
	char *copy = dl_arena_string(&scope->arena, text), *end = copy;

	for (; *text; text++)
		if (*text != '\r')
			*end++ = *text;
	*end = '\0';
	return copy;
}

static int apply(struct document *document, struct dl_insert_entry *entry)
{
	struct section *section = dl_arena_alloc(&document->scope->arena, sizeof *section), *found;

	section->head.text = drop_returns(document->scope, entry->head);
	section->head.len = strlen(section->head.text);
	name_section(document->scope, section);
	if (!begins(section->head, "## ") ||
	    (entry->version ? !section->is_version : !section->is_unreleased))
		return dl_fail(document->scope, DL_USAGE,
			       "a section of a changelog begins with '## ' and its version, not with '%s'",
			       dl_text_quote(&document->scope->arena, entry->head));
	for (found = document->first; found && !is_about(found, section); found = found->next)
		;
	if (found && !found->generated && found->is_version) {
		entry->left = true;
		return 0;
	}
	if (!found) {
		section->fresh = section->gap = true;
		place(document, section);
		found = section;
	}
	found->gap |= !found->end.len;
	found->generated = true;
	found->body = drop_returns(document->scope, entry->body);
	return 0;
}

/* ------------------------------------------------------------------ writing */

static void add_piece(struct dl_buf *buf, struct piece piece)
{
	dl_buf_add(buf, piece.text, piece.len);
}

/* Appends lines of our own, with the line ends of the file. */
static void add_lines(const struct document *document, struct dl_buf *buf, struct piece text)
{
	struct piece line;
	bool ends;

	while (text.len) {
		line = take_line(&text);
		ends = line.text[line.len - 1] == '\n';
		dl_buf_add(buf, line.text, line.len - ends);
		if (ends)
			dl_buf_puts(buf, document->crlf ? "\r\n" : "\n");
	}
}

static void add_text(const struct document *document, struct dl_buf *buf, const char *text)
{
	add_lines(document, buf, (struct piece){text, strlen(text)});
}

/* Appends what is generated: in it no line is a heading or a comment of ours, and a block of code or another
 * comment ends. */
static void add_body(const struct document *document, struct dl_buf *buf, const char *body)
{
	struct piece text = {body, strlen(body)}, line = {"\n", 1};
	struct fence fence = {.mark = '\0'};

	while (text.len) {
		line = take_line(&text);
		if (!is_code(&fence, line) &&
		    (is_heading(document->scope, line, text) || is_line(line, opening) ||
		     is_line(line, closing)))
			dl_buf_putc(buf, '\\');
		add_lines(document, buf, line);
	}
	if (line.text[line.len - 1] != '\n')
		add_text(document, buf, "\n");
	if (fence.comment)
		add_text(document, buf, "-->\n");
	if (!fence.mark)
		return;
	for (; fence.len; fence.len--)
		dl_buf_putc(buf, fence.mark);
	add_text(document, buf, "\n");
}

static void write_generated(const struct document *document, const struct section *section,
			    struct dl_buf *buf)
{
	if (section->begin.len) {
		add_piece(buf, section->begin);
		if (buf->data[buf->len - 1] != '\n')
			add_text(document, buf, "\n");
	} else {
		add_gap(document, buf);
		add_text(document, buf, opening);
		add_text(document, buf, "\n");
	}
	if (section->body)
		add_body(document, buf, section->body);
	else
		add_piece(buf, section->old);
	if (section->end.len) {
		add_piece(buf, section->end);
	} else {
		add_text(document, buf, closing);
		add_text(document, buf, "\n");
	}
}

static void write_document(const struct document *document, struct dl_buf *buf)
{
	const struct section *section;
	bool gap = false;

	add_piece(buf, document->preamble);
	for (section = document->first; section; section = section->next) {
		if (section->fresh || gap)
			add_gap(document, buf);
		gap = section->gap;
		if (section->fresh)
			add_lines(document, buf, section->head);
		else
			add_piece(buf, section->head);
		if (section->fresh && section->before.len)
			add_gap(document, buf);
		add_piece(buf, section->before);
		if (section->generated)
			write_generated(document, section, buf);
		add_piece(buf, section->after);
	}
}

const char *dl_insert_text(struct dl_scope *scope, const char *text, struct dl_insert_entry *entries,
			   size_t count, size_t *len)
{
	static const char title[] = "# Changelog\n";
	struct document document = {.scope = scope};
	struct piece all = {text ? text : title, text ? *len : strlen(title)};
	struct dl_buf buf;
	size_t i;

	if (read_document(&document, all))
		return NULL;
	document.released = true;
	for (i = 0; i < count; i++)
		document.released &= entries[i].version != NULL;
	for (i = 0; i < count; i++)
		if (apply(&document, &entries[i]))
			return NULL;
	dl_buf_init(&buf, &scope->arena, DL_CAP_BODY);
	write_document(&document, &buf);
	if (dl_buf_check(scope, &buf, "the changelog"))
		return NULL;
	*len = buf.len;
	return buf.data;
}

static bool is_blank(struct piece text)
{
	while (text.len)
		if (!is_line(take_line(&text), ""))
			return false;
	return true;
}

int dl_insert_find(struct dl_scope *scope, const char *text, size_t len, const char *version)
{
	struct document document = {.scope = scope};
	struct section wanted = {.name = version};
	const struct section *section;

	wanted.is_version = dl_semver_parse_tag(version, "", &wanted.version);
	if (read_document(&document, (struct piece){text, len}))
		return -1;
	for (section = document.first; section; section = section->next)
		if (wanted.is_version ? is_about(section, &wanted) : dl_text_same(section->name, version))
			return !is_blank(section->before) || !is_blank(section->old) ||
			       !is_blank(section->after);
	return 0;
}
