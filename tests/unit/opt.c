#include "lib/data/opt.h"

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "tests/unit/check.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

struct values {
	bool flag, other;
	const char *text;
	long count;
	int64_t span, since;
	struct dl_opt_list list;
};

static const struct dl_opt table[] = {
	{'f', "flag", DL_OPT_FLAG, offsetof(struct values, flag), NULL, "a flag"},
	{'o', "other", DL_OPT_FLAG, offsetof(struct values, other), NULL,
	 "another flag with a long explanation that has to be broken into lines"},
	{'t', "text", DL_OPT_TEXT, offsetof(struct values, text), "TEXT", "a text"},
	{'n', "count", DL_OPT_COUNT, offsetof(struct values, count), "N", "a count"},
	{0, "span", DL_OPT_DURATION, offsetof(struct values, span), "TIME", "a duration"},
	{0, "period", DL_OPT_PERIOD, offsetof(struct values, span), "TIME", "one that is not 0"},
	{0, "since", DL_OPT_SINCE, offsetof(struct values, since), "TIME", "a time"},
	{'l', "list", DL_OPT_LIST, offsetof(struct values, list), "ITEM", "a list"},
	{.name = NULL},
};

static int parse(struct dl_scope *scope, const char *const *words, struct values *values,
		 struct dl_opt_list *operands)
{
	struct dl_opt_set set;
	char *argv[16] = {dl_arena_string(&scope->arena, "program")};
	int argc;

	memset(values, 0, sizeof *values);
	memset(operands, 0, sizeof *operands);
	set = (struct dl_opt_set){table, values};
	for (argc = 1; words[argc - 1]; argc++)
		argv[argc] = dl_arena_string(&scope->arena, words[argc - 1]);
	return dl_opt_parse(scope, &set, 1, argc, argv, operands);
}

static void test_good(void)
{
	static const struct {
		const char *words[8];
		bool flag, other;
		const char *text;
		long count;
		int64_t span;
		size_t items, operands;
	} rows[] = {
		{{NULL}, false, false, NULL, 0, 0, 0, 0},
		{{"-f"}, true, false, NULL, 0, 0, 0, 0},
		{{"-fo"}, true, true, NULL, 0, 0, 0, 0},
		{{"-fn5", "x"}, true, false, NULL, 5, 0, 0, 1},
		{{"-n", "5", "-tx"}, false, false, "x", 5, 0, 0, 0},
		{{"--text=a=b"}, false, false, "a=b", 0, 0, 0, 0},
		{{"--text", "--flag"}, false, false, "--flag", 0, 0, 0, 0},
		{{"a", "-f", "b", "--", "-o", "--"}, true, false, NULL, 0, 0, 0, 4},
		{{"-"}, false, false, NULL, 0, 0, 0, 1},
		{{"--span", "1h30m"}, false, false, NULL, 0, 5400, 0, 0},
		{{"--span=7", "--span=0"}, false, false, NULL, 0, 0, 0, 0},
		{{"--period", "1"}, false, false, NULL, 0, 1, 0, 0},
		{{"-l", "a", "-lb", "--list=c", "--list", "d"}, false, false, NULL, 0, 0, 4, 0},
	};
	struct dl_opt_list operands;
	struct dl_scope scope;
	struct values values;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		const char *name = rows[i].words[0] ? rows[i].words[0] : "(nothing)";

		dl_scope_open(&scope, NULL);
		check_int("parse", name, parse(&scope, rows[i].words, &values, &operands), 0);
		check_int("flag", name, values.flag, rows[i].flag);
		check_int("other", name, values.other, rows[i].other);
		check_text("text", name, values.text, rows[i].text);
		check_int("count", name, values.count, rows[i].count);
		check_int("span", name, values.span, rows[i].span);
		check_int("list", name, (int64_t)values.list.count, (int64_t)rows[i].items);
		check_int("operands", name, (int64_t)operands.count, (int64_t)rows[i].operands);
		dl_scope_close(&scope);
	}
}

static void test_bad(void)
{
	static const struct {
		const char *words[4], *hint;
	} rows[] = {
		{{"-x"}, "-h lists the options"},
		{{"--flga"}, "did you mean --flag?"},
		{{"--cont=3"}, "did you mean --count?"},
		{{"--fla"}, "did you mean --flag?"},
		{{"--flag=yes"}, NULL},
		{{"--text"}, NULL},
		{{"--text="}, NULL},
		{{"-t", ""}, NULL},
		{{"--list="}, NULL},
		{{"-n"}, NULL},
		{{"-n", "-1"}, NULL},
		{{"-n", "3x"}, NULL},
		{{"-n", "99999999999"}, NULL},
		{{"-n", ""}, NULL},
		{{"--span", "soon"}, NULL},
		{{"--period", "0"}, NULL},
		{{"--period", "0h0m"}, NULL},
		{{"--period", "soon"}, NULL},
		{{"--since", "2026-13-01"}, NULL},
		{{"--\x1b[2J"}, "-h lists the options"},
	};
	struct dl_opt_list operands;
	struct dl_scope scope;
	struct values values;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		dl_scope_open(&scope, NULL);
		check_int("refuse", rows[i].words[0], parse(&scope, rows[i].words, &values, &operands), -1);
		check_int("class", rows[i].words[0], scope.error.class, DL_USAGE);
		check_text("hint", rows[i].words[0], scope.error.hint, rows[i].hint);
		check_true("no escape in the message", rows[i].words[0],
			   !strchr(scope.error.message, '\x1b'));
		dl_scope_close(&scope);
	}
}

/* No line of the help is wider than the terminal. */
static void test_help(void)
{
	static const int widths[] = {40, 60, 80, 200};
	struct dl_scope scope;
	struct dl_buf help;
	char *line, *rest;
	size_t i;

	for (i = 0; i < COUNT(widths); i++) {
		dl_scope_open(&scope, NULL);
		dl_buf_init(&help, &scope.arena, DL_CAP_LINE);
		dl_opt_help(&help, table, widths[i]);
		for (line = strtok_r(help.data, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
			check_true("help fits", line, dl_text_width(line) <= widths[i]);
		dl_scope_close(&scope);
	}
}

int main(void)
{
	test_good();
	test_bad();
	test_help();
	return check_end("opt");
}
