/* A shell counts the columns of its prompt, so it must be told what takes none: bash by the characters 1 and
 * 2, of which `\[` and `\]` are only the spelling in PS1 itself, and zsh by `%{` and `%}`. Fish knows
 * colours. */
#include "lib/ci/prompt.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/ci/last.h"
#include "lib/data/record.h"

enum { NAME_COLUMNS = 24, SOON_S = 60, MOST_BYTES = 4 << 10 };

/* How a verdict looks. */
enum look { NOTHING, GREEN, RED, UNDER_WAY, HUMAN, LOOKS = HUMAN };

static const enum look looks[] = {
	[DL_VERDICT_FAILURE] = RED,
	[DL_VERDICT_ACTION_REQUIRED] = HUMAN,
	[DL_VERDICT_CANCELLED] = RED,
	[DL_VERDICT_SUPERSEDED] = UNDER_WAY,
	[DL_VERDICT_PENDING] = UNDER_WAY,
	[DL_VERDICT_UNREGISTERED] = UNDER_WAY,
	[DL_VERDICT_STALE] = RED,
	[DL_VERDICT_NONE] = NOTHING,
	[DL_VERDICT_SUCCESS] = GREEN,
	[DL_VERDICT_SKIPPED] = GREEN,
};

static const struct {
	const char *symbol, *ascii, *colour;
} signs[] = {
	[GREEN] = {"\u2713", "ok", "\033[32m"},
	[RED] = {"\u2717", "x", "\033[31m"},
	[UNDER_WAY] = {"\u2026", "...", "\033[33m"},
	[HUMAN] = {"!", "!", "\033[35m"},
};

static const char plain[] = "\033[0m";

static const struct shell {
	const char *name;
	const char *begin, *end; /* of what takes no columns */
} shells[] = {
	{"bash", "\001", "\002"},
	{"zsh", "%{", "%}"},
	{"fish", "", ""},
	{.name = NULL},
};

/* NULL: there is none of that name, or none is wanted. */
static const struct shell *find_shell(const char *name)
{
	const struct shell *shell;

	for (shell = shells; name && shell->name; shell++)
		if (strcmp(shell->name, name) == 0)
			return shell;
	return NULL;
}

static int count_words(const char *list)
{
	int count = 1;

	for (; *list; list++)
		count += *list == ',';
	return count;
}

int dl_prompt_check(struct dl_scope *scope, const struct dl_prompt *prompt)
{
	if (prompt->shell && !find_shell(prompt->shell)) {
		dl_fail(scope, DL_USAGE, "--shell: '%s' is not a known shell",
			dl_text_quote(&scope->arena, prompt->shell));
		return dl_fail_hint(scope, "these are known: bash, zsh, fish");
	}
	if (prompt->symbols && count_words(prompt->symbols) != LOOKS) {
		dl_fail(scope, DL_USAGE, "--symbols: '%s' is not four words",
			dl_text_quote(&scope->arena, prompt->symbols));
		return dl_fail_hint(scope, "for green, red, under way and a human: --symbols +,-,~,?");
	}
	return 0;
}

/* Whether the locale's characters are not UTF-8, as far as the environment says. */
static bool is_ascii_locale(void)
{
	const char *name = getenv("LC_ALL");

	if (!name || !*name)
		name = getenv("LC_CTYPE");
	if (!name || !*name)
		name = getenv("LANG");
	return !name || (!strcasestr(name, "UTF-8") && !strcasestr(name, "UTF8"));
}

static bool wants_colour(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return !(no && *no) && term && strcmp(term, "dumb") != 0;
}

static const char *symbol_of(struct dl_scope *scope, const struct dl_prompt *prompt, enum look look,
			     bool ascii)
{
	const char *word = prompt->symbols;
	enum look i;

	if (!word)
		return ascii ? signs[look].ascii : signs[look].symbol;
	for (i = GREEN; i < look; i++)
		word = strchr(word, ',') + 1;
	return dl_arena_copy(&scope->arena, word, strcspn(word, ","));
}

/* NAME with a question mark for whatever could mean more than itself: to a terminal, or to a shell that looks
 * at its prompt once more. */
static const char *harmless(struct dl_scope *scope, const char *name, bool ascii)
{
	static const char others[] = " .,:;_+-/=@#()";
	size_t size, left = strlen(name);
	struct dl_buf text;

	dl_buf_init(&text, &scope->arena, MOST_BYTES);
	for (; left && !text.overflow; name += size, left -= size) {
		size = dl_text_utf8(name, left);
		if (size > 1 && !ascii && !dl_text_unsafe(dl_text_code(name, size)))
			dl_buf_add(&text, name, size);
		else if (size == 1 && (isalnum((unsigned char)*name) || strchr(others, *name)))
			dl_buf_putc(&text, *name);
		else
			dl_buf_putc(&text, '?');
		size += !size;
	}
	return dl_text_clip(&scope->arena, text.data, NAME_COLUMNS);
}

/* A duration in one unit: "3m". */
static const char *brief_span(struct dl_scope *scope, int64_t seconds)
{
	char *span = dl_time_span(&scope->arena, seconds);

	span[strspn(span, "0123456789") + 1] = '\0';
	return span;
}

static void put_colour(struct dl_buf *text, const struct shell *shell, const char *colour)
{
	if (shell && wants_colour())
		dl_buf_printf(text, "%s%s%s", shell->begin, colour, shell->end);
}

const char *dl_prompt_text(struct dl_scope *scope, const struct dl_prompt *prompt, const struct dl_last *last,
			   int64_t now)
{
	const struct shell *shell = find_shell(prompt->shell);
	bool ascii = prompt->ascii || is_ascii_locale();
	int64_t age_s = now - last->time;
	struct dl_buf text;
	enum look look;

	dl_buf_init(&text, &scope->arena, MOST_BYTES);
	look = last->verdict ? looks[last->verdict->verdict] : NOTHING;
	if (look == NOTHING)
		return "";
	dl_buf_puts(&text, shell ? " " : "");
	put_colour(&text, shell, signs[look].colour);
	dl_buf_puts(&text, symbol_of(scope, prompt, look, ascii));
	if ((look == RED || look == HUMAN) && last->verdict->name)
		dl_buf_printf(&text, " %s", harmless(scope, last->verdict->name, ascii));
	if (age_s > prompt->stale_s || (look == UNDER_WAY && age_s >= SOON_S))
		dl_buf_printf(&text, " %s", brief_span(scope, age_s));
	put_colour(&text, shell, plain);
	return text.data;
}
