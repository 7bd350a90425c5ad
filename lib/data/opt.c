#include "lib/data/opt.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"

enum { HELP_INDENT = 27, NEAR = 2 };

/* A row together with the struct that its value goes to. */
struct match {
	const struct dl_opt *opt;
	char *value;
};

struct parser {
	struct dl_scope *scope;
	const struct dl_opt_set *sets;
	size_t count;
};

static struct match find(const struct parser *parser, char letter, const char *name, size_t len)
{
	const struct dl_opt *opt;
	size_t i;

	for (i = 0; i < parser->count; i++)
		for (opt = parser->sets[i].table; opt && opt->name; opt++)
			if (letter ? opt->letter == letter
				   : strlen(opt->name) == len && strncmp(opt->name, name, len) == 0)
				return (struct match){opt, (char *)parser->sets[i].values + opt->offset};
	return (struct match){NULL, NULL};
}

static void add_item(struct dl_scope *scope, struct dl_opt_list *list, const char *item)
{
	/* Doubled whenever the count is a power of two. */
	if ((list->count & (list->count - 1)) == 0)
		list->items = dl_arena_grow(&scope->arena, list->items, list->count * sizeof *list->items,
					    (list->count ? list->count * 2 : 1) * sizeof *list->items);
	list->items[list->count++] = item;
}

static int bad_value(struct dl_scope *scope, const struct dl_opt *opt, const char *text, const char *expected)
{
	return dl_fail(scope, DL_USAGE, "--%s: '%s' is not %s", opt->name, dl_text_quote(&scope->arena, text),
		       expected);
}

static int set_value(struct dl_scope *scope, const struct match *match, const char *text)
{
	const struct dl_opt *opt = match->opt;
	int64_t number;

	/* A variable of a script that is not set is not the same as no option at all. */
	if ((opt->type == DL_OPT_TEXT || opt->type == DL_OPT_LIST) && text && !*text)
		return dl_fail(scope, DL_USAGE, "--%s needs a value: %s", opt->name, opt->arg);
	switch (opt->type) {
	case DL_OPT_FLAG:
		*(bool *)match->value = true;
		return 0;
	case DL_OPT_TEXT:
		*(const char **)match->value = text;
		return 0;
	case DL_OPT_LIST:
		add_item(scope, (struct dl_opt_list *)match->value, text);
		return 0;
	case DL_OPT_COUNT:
		number = dl_text_int(text);
		if (number < 0 || number > INT32_MAX)
			return bad_value(scope, opt, text, "a count");
		*(long *)match->value = (long)number;
		return 0;
	case DL_OPT_DURATION:
	case DL_OPT_PERIOD:
		number = dl_time_parse_duration(text);
		if (number == 0 && opt->type == DL_OPT_PERIOD)
			return bad_value(scope, opt, text, "a time to wait for: at least 1s");
		if (number < 0)
			return bad_value(scope, opt, text, "a duration such as 90s, 15m or 2h");
		*(int64_t *)match->value = number;
		return 0;
	case DL_OPT_SINCE:
		number = dl_time_parse_since(text, dl_time_now());
		if (number == DL_TIME_NONE)
			return bad_value(scope, opt, text,
					 "a date, a time or a duration such as 2026-01-14 or 3d");
		*(int64_t *)match->value = number;
		return 0;
	}
	return 0;
}

/* How many single-character edits lead from A to B, as far as that is below 20 characters. */
static int distance(const char *a, const char *b)
{
	int row[21], diagonal, above, i, j, len = (int)strlen(b);

	if (strlen(a) > 20 || len > 20)
		return NEAR + 1;
	for (j = 0; j <= len; j++)
		row[j] = j;
	for (i = 1; a[i - 1]; i++) {
		diagonal = row[0];
		row[0] = i;
		for (j = 1; j <= len; j++) {
			above = row[j];
			row[j] = a[i - 1] == b[j - 1] ? diagonal : 1 + (above < diagonal ? above : diagonal);
			if (row[j - 1] + 1 < row[j])
				row[j] = row[j - 1] + 1;
			diagonal = above;
		}
	}
	return row[len];
}

static int unknown(const struct parser *parser, const char *name)
{
	const struct dl_opt *opt, *nearest = NULL;
	int least = NEAR + 1;
	size_t i;

	dl_fail(parser->scope, DL_USAGE, "unknown option '%s'", dl_text_quote(&parser->scope->arena, name));
	for (i = 0; name[1] == '-' && i < parser->count; i++)
		for (opt = parser->sets[i].table; opt && opt->name; opt++)
			if (distance(name + 2, opt->name) < least) {
				nearest = opt;
				least = distance(name + 2, opt->name);
			}
	if (nearest)
		return dl_fail_hint(parser->scope, "did you mean --%s?", nearest->name);
	return dl_fail_hint(parser->scope, "-h lists the options");
}

/* `--name`, `--name=value`, `--name value`. Returns how many further arguments were used; -1: failed. */
static int parse_long(const struct parser *parser, const char *arg, const char *next)
{
	const char *equals = strchr(arg, '=');
	struct match match = find(parser, 0, arg + 2, equals ? (size_t)(equals - arg - 2) : strlen(arg + 2));

	if (!match.opt)
		return unknown(parser,
			       equals ? dl_arena_copy(&parser->scope->arena, arg, (size_t)(equals - arg))
				      : arg);
	if (match.opt->type == DL_OPT_FLAG)
		return equals ? dl_fail(parser->scope, DL_USAGE, "--%s takes no value", match.opt->name)
			      : set_value(parser->scope, &match, NULL);
	if (equals)
		return set_value(parser->scope, &match, equals + 1);
	if (!next)
		return dl_fail(parser->scope, DL_USAGE, "--%s needs a value: %s", match.opt->name,
			       match.opt->arg);
	return set_value(parser->scope, &match, next) ? -1 : 1;
}

/* `-x`, `-xy`, `-xvalue`, `-x value`. Returns as parse_long does. */
static int parse_letters(const struct parser *parser, const char *arg, const char *next)
{
	struct match match;

	while (*++arg) {
		match = find(parser, *arg, NULL, 0);
		if (!match.opt)
			return unknown(parser, dl_arena_format(&parser->scope->arena, "-%c", *arg));
		if (match.opt->type == DL_OPT_FLAG) {
			set_value(parser->scope, &match, NULL);
			continue;
		}
		if (arg[1])
			return set_value(parser->scope, &match, arg + 1);
		if (!next)
			return dl_fail(parser->scope, DL_USAGE, "-%c needs a value: %s", *arg,
				       match.opt->arg);
		return set_value(parser->scope, &match, next) ? -1 : 1;
	}
	return 0;
}

int dl_opt_parse(struct dl_scope *scope, const struct dl_opt_set *sets, size_t count, int argc, char **argv,
		 struct dl_opt_list *operands)
{
	struct parser parser = {scope, sets, count};
	bool options = true;
	int i, used;

	for (i = 1; i < argc; i++) {
		used = 0;
		if (options && strcmp(argv[i], "--") == 0)
			options = false;
		else if (options && strncmp(argv[i], "--", 2) == 0)
			used = parse_long(&parser, argv[i], argv[i + 1]);
		else if (options && argv[i][0] == '-' && argv[i][1])
			used = parse_letters(&parser, argv[i], argv[i + 1]);
		else
			add_item(scope, operands, argv[i]);
		if (used < 0)
			return -1;
		i += used;
	}
	return 0;
}

/* Appends TEXT broken into lines that fit between INDENT and COLUMNS; the first one stands at INDENT already.
 */
static void wrap(struct dl_buf *buf, const char *text, int indent, int columns)
{
	int column = indent, len;

	while (*text) {
		len = (int)strcspn(text, " ");
		if (column > indent && column + 1 + len > columns) {
			dl_buf_printf(buf, "\n%*s", indent, "");
			column = indent;
		} else if (column > indent) {
			dl_buf_putc(buf, ' ');
			column++;
		}
		dl_buf_add(buf, text, (size_t)len);
		column += len;
		text += len + (text[len] == ' ');
	}
	dl_buf_putc(buf, '\n');
}

void dl_opt_help(struct dl_buf *buf, const struct dl_opt *table, int columns)
{
	const struct dl_opt *opt;
	char head[80];
	int len;

	for (opt = table; opt && opt->name; opt++) {
		if (!opt->help)
			continue;
		len = snprintf(head, sizeof head, "  %c%c%s --%s%s%s", opt->letter ? '-' : ' ',
			       opt->letter ? opt->letter : ' ', opt->letter ? "," : " ", opt->name,
			       opt->arg ? " " : "", opt->arg ? opt->arg : "");
		dl_buf_puts(buf, head);
		dl_buf_printf(buf, len < HELP_INDENT - 1 ? "%*s" : "\n%*s",
			      len < HELP_INDENT - 1 ? HELP_INDENT - len : HELP_INDENT, "");
		wrap(buf, opt->help, HELP_INDENT, columns);
	}
}
