/* A template is compiled once into steps, and rendered for each of a hundred thousand commits: a step is a
 * piece of text, a value, or a jump over the steps of a condition that does not hold. */
#include "lib/changelog/template.h"

#include <stdbool.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/data/json.h"
#include "lib/git/links.h"

enum { DEEPEST = 16 };

struct dl_template_step {
	enum { TEXT, VALUE, WHEN, UNLESS } kind;
	const char *text; /* of TEXT */
	size_t len;       /* of the text; of a condition: the step behind what hangs on it */
	size_t name;      /* index of the value */
	enum filter { AS_IS, LINE, MARKDOWN, HTML, JSON } filter;
};

/* ------------------------------------------------------------------ compiling */

struct compiler {
	struct dl_scope *scope;
	const char *const *names;
	const char *begin, *at;
	struct dl_template_step *steps;
	size_t count;
	struct dl_buf text; /* that has not become a step */
	size_t open[DEEPEST]; /* conditions that have not ended */
	int depth;
};

static int complain(struct compiler *compiler, const char *why)
{
	return dl_fail(compiler->scope, DL_USAGE, "the template '%s', at character %zu: %s",
		       dl_text_quote(&compiler->scope->arena, compiler->begin),
		       (size_t)(compiler->at - compiler->begin) + 1, why);
}

static void flush(struct compiler *compiler)
{
	struct dl_buf *text = &compiler->text;

	if (text->len)
		compiler->steps[compiler->count++] = (struct dl_template_step){
			.kind = TEXT,
			.text = dl_arena_copy(&compiler->scope->arena, text->data, text->len),
			.len = text->len,
		};
	dl_buf_reset(text);
}

/* The index of the first of WORDS, which end with NULL, that is the LEN bytes of TEXT; that of the end: it is
 * none. */
static size_t find_word(const char *const *words, const char *text, size_t len)
{
	size_t i;

	for (i = 0; words[i]; i++)
		if (strlen(words[i]) == len && memcmp(words[i], text, len) == 0)
			break;
	return i;
}

static int unknown_name(struct compiler *compiler)
{
	const char *const *name;
	struct dl_buf all;

	complain(compiler, "there is no such name");
	dl_buf_init(&all, &compiler->scope->arena, DL_CAP_LINE);
	for (name = compiler->names; *name; name++)
		dl_buf_printf(&all, "%s%s", all.len ? ", " : "", *name);
	return dl_fail_hint(compiler->scope, "there are: %s", all.data);
}

/* What a brace opens. */
static int open_brace(struct compiler *compiler)
{
	static const char *const filters[] = {"", "line", "md", "html", "json", NULL};
	struct dl_template_step step = {.kind = VALUE};
	const char *name = compiler->at + 1, *end = name + strcspn(name, ":?!{}"), *filter;

	step.name = find_word(compiler->names, name, (size_t)(end - name));
	if (!compiler->names[step.name])
		return unknown_name(compiler);
	if (*end == ':') {
		filter = end + 1;
		end = filter + strcspn(filter, "}");
		step.filter = (enum filter)find_word(filters, filter, (size_t)(end - filter));
		if (!filters[step.filter])
			return complain(compiler, "there is no such filter; there are: line, md, html, json");
	}
	if (*end == '?' || *end == '!') {
		step.kind = *end == '?' ? WHEN : UNLESS;
		if (compiler->depth == DEEPEST)
			return complain(compiler, "too many braces inside each other");
		compiler->open[compiler->depth++] = compiler->count;
	} else if (*end != '}') {
		return complain(compiler, "this brace is not closed");
	}
	compiler->steps[compiler->count++] = step;
	compiler->at = end + 1;
	return 0;
}

static void close_brace(struct compiler *compiler)
{
	compiler->steps[compiler->open[--compiler->depth]].len = compiler->count;
	compiler->at++;
}

/* A character of text, perhaps one that is escaped. */
static void take_character(struct compiler *compiler)
{
	static const char letters[] = "nt\\", meant[] = "\n\t\\";
	const char *at = compiler->at, *letter = *at == '\\' && at[1] ? strchr(letters, at[1]) : NULL;

	dl_buf_putc(&compiler->text, letter ? meant[letter - letters] : *at);
	compiler->at += 1 + (letter || ((*at == '{' || *at == '}') && at[1] == *at));
}

int dl_template_compile(struct dl_scope *scope, const char *text, const char *const *names,
			struct dl_template *template)
{
	struct compiler compiler = {.scope = scope, .names = names, .begin = text, .at = text};

	/* Each step takes at least one character. */
	compiler.steps = dl_arena_array(&scope->arena, strlen(text) + 1, sizeof *compiler.steps);
	dl_buf_init(&compiler.text, &scope->arena, DL_CAP_CONFIG);
	while (*compiler.at) {
		char byte = *compiler.at;
		bool twice = compiler.at[1] == byte;

		if (byte == '{' && !twice) {
			flush(&compiler);
			if (open_brace(&compiler))
				return -1;
		} else if (byte == '}' && compiler.depth) {
			flush(&compiler);
			close_brace(&compiler);
		} else if (byte == '}' && !twice) {
			return complain(&compiler, "this brace closes nothing");
		} else {
			take_character(&compiler);
		}
	}
	flush(&compiler);
	if (compiler.depth)
		return complain(&compiler, "a brace is not closed");
	*template = (struct dl_template){compiler.steps, compiler.count};
	return dl_buf_check(scope, &compiler.text, "the template");
}

/* ------------------------------------------------------------------ filters */

/* Appends TEXT on one line: what is blank becomes one space. */
static void add_line(struct dl_buf *buf, const char *text)
{
	static const char blank[] = " \t\r\n";
	size_t len;

	for (text += strspn(text, blank); *text; text += len + strspn(text + len, blank)) {
		len = strcspn(text, blank);
		dl_buf_add(buf, text, len);
		if (text[len + strspn(text + len, blank)])
			dl_buf_putc(buf, ' ');
	}
}

static void add_html(struct dl_buf *buf, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '<':
			dl_buf_puts(buf, "&lt;");
			break;
		case '>':
			dl_buf_puts(buf, "&gt;");
			break;
		case '&':
			dl_buf_puts(buf, "&amp;");
			break;
		case '"':
			dl_buf_puts(buf, "&quot;");
			break;
		default:
			dl_buf_putc(buf, *text);
		}
	}
}

static bool is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* The length of "#12" at TEXT; 0: it is none, or is a link already. */
static size_t span_issue(const char *begin, const char *text)
{
	size_t len = *text == '#' ? 1 + strspn(text + 1, "0123456789") : 0;

	if (len < 2 || len > 20 || is_word(text[len]) || strncmp(text + len, "](", 2) == 0)
		return 0;
	return text > begin && (is_word(text[-1]) || strchr("&/", text[-1])) ? 0 : len;
}

/* The length of the code span at TEXT, from backtick to backtick; 0: there is none. */
static size_t span_code(const char *text)
{
	size_t ticks = strspn(text, "`"), len;
	const char *end = text + ticks;

	while (ticks && (end = strchr(end, '`'))) {
		len = strspn(end, "`");
		end += len;
		if (len == ticks)
			return (size_t)(end - text);
	}
	return 0;
}

/* Appends one line of Markdown. People mean it when they write `code`; a '<' they mean as it is. */
static void add_markdown(struct dl_scope *scope, struct dl_buf *buf, const char *text,
			 const struct dl_links *links)
{
	const char *begin = text, *number, *page;
	size_t len;

	while (*text) {
		if ((len = span_code(text))) {
			dl_buf_add(buf, text, len);
		} else if ((len = span_issue(begin, text))) {
			number = dl_arena_copy(&scope->arena, text + 1, len - 1);
			page = dl_links_issue(&scope->arena, links, number);
			if (page)
				dl_buf_printf(buf, "[#%s](%s)", number, page);
			else
				dl_buf_add(buf, text, len);
		} else if (*text == '<') {
			dl_buf_puts(buf, "&lt;");
			len = 1;
		} else {
			len = 1 + strcspn(text + 1, "`#<");
			dl_buf_add(buf, text, len);
		}
		text += len;
	}
}

static void add_value(struct dl_scope *scope, struct dl_buf *buf, const char *value, enum filter filter,
		      const struct dl_links *links)
{
	struct dl_buf clean, line;

	dl_buf_init(&clean, &scope->arena, DL_CAP_LINE);
	dl_buf_init(&line, &scope->arena, DL_CAP_LINE);
	dl_text_clean(&clean, value, strlen(value), false);
	switch (filter) {
	case AS_IS:
		dl_buf_add(buf, clean.data, clean.len);
		break;
	case LINE:
		add_line(buf, clean.data);
		break;
	case MARKDOWN:
		add_line(&line, clean.data);
		add_markdown(scope, buf, line.data, links);
		break;
	case HTML:
		add_html(buf, clean.data);
		break;
	case JSON:
		dl_json_quote(&line, clean.data, clean.len);
		dl_buf_add(buf, line.data + 1, line.len - 2);
		break;
	}
}

void dl_template_render(struct dl_scope *scope, const struct dl_template *template, const char *const *values,
			const struct dl_links *links, struct dl_buf *buf)
{
	const struct dl_template_step *step;
	const char *value;
	size_t i;

	for (i = 0; i < template->count; i++) {
		step = &template->steps[i];
		if (step->kind == TEXT) {
			dl_buf_add(buf, step->text, step->len);
			continue;
		}
		value = values[step->name];
		if (value && !*value)
			value = NULL;
		if (step->kind == VALUE && value)
			add_value(scope, buf, value, step->filter, links);
		else if (step->kind != VALUE && (step->kind == WHEN) != (value != NULL))
			i = step->len - 1;
	}
}
