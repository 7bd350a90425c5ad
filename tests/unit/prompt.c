#include "lib/ci/prompt.h"

#include <stdlib.h>

#include "lib/base/scope.h"
#include "lib/ci/last.h"
#include "lib/data/record.h"
#include "lib/data/schema.h"
#include "tests/unit/check.h"

#define NOW 1000000

static struct dl_scope scope;

static const char *text_of(const struct dl_prompt *prompt, enum dl_verdict_word word, const char *name,
			   int64_t age_s)
{
	struct dl_verdict *verdict = dl_schema_new(&scope, &dl_record_verdict);
	struct dl_last last = {.asked = true, .verdict = verdict, .time = NOW - age_s};

	verdict->verdict = (int)word;
	verdict->name = name;
	return dl_prompt_text(&scope, prompt, &last, NOW);
}

static void test_words(void)
{
	static const struct {
		enum dl_verdict_word word;
		const char *text;
	} rows[] = {
		{DL_VERDICT_FAILURE, "x build"},      {DL_VERDICT_ACTION_REQUIRED, "! build"},
		{DL_VERDICT_CANCELLED, "x build"},    {DL_VERDICT_SUPERSEDED, "..."},
		{DL_VERDICT_PENDING, "..."},          {DL_VERDICT_UNREGISTERED, "..."},
		{DL_VERDICT_STALE, "x build"},        {DL_VERDICT_NONE, ""},
		{DL_VERDICT_SUCCESS, "ok"},           {DL_VERDICT_SKIPPED, "ok"},
	};
	struct dl_prompt prompt = {.ascii = true, .stale_s = 900};
	size_t i;

	for (i = 0; i < sizeof rows / sizeof *rows; i++)
		check_text("words", dl_record_verdict_words[rows[i].word],
			   text_of(&prompt, rows[i].word, "build", 0), rows[i].text);
	check_text("words", "nothing known", dl_prompt_text(&scope, &prompt, &(struct dl_last){0}, NOW), "");
	check_text("words", "no name", text_of(&prompt, DL_VERDICT_FAILURE, NULL, 0), "x");
}

static void test_age(void)
{
	struct dl_prompt prompt = {.ascii = true, .stale_s = 900};

	check_text("age", "young", text_of(&prompt, DL_VERDICT_SUCCESS, NULL, 900), "ok");
	check_text("age", "old", text_of(&prompt, DL_VERDICT_SUCCESS, NULL, 901), "ok 15m");
	check_text("age", "older", text_of(&prompt, DL_VERDICT_FAILURE, "b", 3 * 86400 + 5000), "x b 3d");
	check_text("age", "under way", text_of(&prompt, DL_VERDICT_PENDING, NULL, 59), "...");
	check_text("age", "under way, for long", text_of(&prompt, DL_VERDICT_PENDING, NULL, 190), "... 3m");
	check_text("age", "of the future", text_of(&prompt, DL_VERDICT_SUCCESS, NULL, -5000), "ok");
}

static void test_shells(void)
{
	struct dl_prompt prompt = {.stale_s = 900};

	setenv("LC_ALL", "C.UTF-8", 1);
	setenv("TERM", "xterm", 1);
	check_text("shells", "none", text_of(&prompt, DL_VERDICT_SUCCESS, NULL, 0), "\u2713");
	prompt.shell = "bash";
	check_text("shells", "bash", text_of(&prompt, DL_VERDICT_SUCCESS, NULL, 0),
		   " \001\033[32m\002\u2713\001\033[0m\002");
	prompt.shell = "zsh";
	check_text("shells", "zsh", text_of(&prompt, DL_VERDICT_FAILURE, "b", 0),
		   " %{\033[31m%}\u2717 b%{\033[0m%}");
	prompt.shell = "fish";
	check_text("shells", "fish", text_of(&prompt, DL_VERDICT_PENDING, NULL, 0),
		   " \033[33m\u2026\033[0m");
	setenv("NO_COLOR", "1", 1);
	check_text("shells", "NO_COLOR", text_of(&prompt, DL_VERDICT_SUCCESS, NULL, 0), " \u2713");
	setenv("NO_COLOR", "", 1);
	setenv("TERM", "dumb", 1);
	check_text("shells", "a dumb terminal", text_of(&prompt, DL_VERDICT_SUCCESS, NULL, 0), " \u2713");
	setenv("LC_ALL", "", 1);
	setenv("LC_CTYPE", "C", 1);
	setenv("LANG", "de_DE.UTF-8", 1);
	check_text("shells", "no UTF-8", text_of(&prompt, DL_VERDICT_SUCCESS, NULL, 0), " ok");
	setenv("LC_CTYPE", "", 1);
	check_text("shells", "UTF-8", text_of(&prompt, DL_VERDICT_SUCCESS, NULL, 0), " \u2713");
	check_int("shells", "known", dl_prompt_check(&scope, &prompt), 0);
	prompt.shell = "tcsh";
	check_int("shells", "unknown", dl_prompt_check(&scope, &prompt), -1);
	check_int("shells", "its class", dl_fail_take(&scope, &scope.arena).class, DL_USAGE);
}

static void test_symbols(void)
{
	struct dl_prompt prompt = {.symbols = "G,R,,H", .stale_s = 900};

	check_int("symbols", "four", dl_prompt_check(&scope, &prompt), 0);
	check_text("symbols", "green", text_of(&prompt, DL_VERDICT_SUCCESS, NULL, 0), "G");
	check_text("symbols", "red", text_of(&prompt, DL_VERDICT_FAILURE, NULL, 0), "R");
	check_text("symbols", "none", text_of(&prompt, DL_VERDICT_PENDING, NULL, 0), "");
	check_text("symbols", "human", text_of(&prompt, DL_VERDICT_ACTION_REQUIRED, NULL, 0), "H");
	prompt.symbols = "G,R,H";
	check_int("symbols", "three", dl_prompt_check(&scope, &prompt), -1);
	check_int("symbols", "its class", dl_fail_take(&scope, &scope.arena).class, DL_USAGE);
}

/* What a server calls a job is no command, whoever looks at it again. */
static void test_hostile(void)
{
	static const struct {
		const char *name, *text;
	} rows[] = {
		{"$(touch x)", "x ?(touch x)"},
		{"`touch x`", "x ?touch x?"},
		{"a\\$b\\n", "x a??b?n"},
		{"%{%n%}!1", "x ???n???1"},
		{"\033[2J\001\002", "x ??2J??"},
		{"a\nb\tc", "x a?b?c"},
		{"\u202eb\u00fcild", "x ?b\u00fcild"},
		{"\xff\xfe", "x ??"},
		{"lint / test (3.11), e2e", "x lint / test (3.11), e2e"},
		{"a name that is rather long for a prompt", "x a name that is rather l\u2026"},
	};
	struct dl_prompt prompt = {.symbols = "ok,x,...,!", .stale_s = 900};
	size_t i;

	for (i = 0; i < sizeof rows / sizeof *rows; i++)
		check_text("hostile", rows[i].name, text_of(&prompt, DL_VERDICT_FAILURE, rows[i].name, 0),
			   rows[i].text);
	prompt.ascii = true;
	check_text("hostile", "ASCII", text_of(&prompt, DL_VERDICT_FAILURE, "b\u00fcild", 0), "x b?ild");
}

int main(void)
{
	dl_scope_open(&scope, NULL);
	test_words();
	test_age();
	unsetenv("NO_COLOR");
	test_shells();
	test_symbols();
	test_hostile();
	check_int("prompt", "no failure", scope.error.class, DL_OK);
	dl_scope_close(&scope);
	return check_end("prompt");
}
