/* A pattern is taken apart into steps, and all steps that a text can have come to are followed at once, so
 * that no pattern can make a match slow. */
#include "providers/ci/pattern.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/text.h"

enum what {
	ONE,     /* the character .code */
	ONE_OF,  /* a character of .set */
	SOME,    /* any characters but '/' */
	ANY,     /* any characters */
	FOLDERS, /* nothing, or any characters and a '/': two steps */
	INSIDE,  /* the second of them: there was a character */
};

struct step {
	enum what what;
	uint32_t code;
	const char *set;  /* within the pattern: "a-z0]" */
	bool may_miss;    /* of ONE and ONE_OF: `?` follows */
	bool may_repeat;  /* `+` follows */
};

/* What is left of a text. */
struct rest {
	const char *text;
};

/* The next character; a byte that is no UTF-8 stands for itself. */
static uint32_t take(struct rest *rest)
{
	size_t size = dl_text_utf8(rest->text, strnlen(rest->text, 4));
	uint32_t code = size ? dl_text_code(rest->text, size) : (unsigned char)*rest->text;

	rest->text += size ? size : 1;
	return code;
}

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

/* Servers take 'A' to 'z' for the letters. */
static bool is_letter(char byte)
{
	return byte >= 'A' && byte <= 'z' && byte != ']';
}

/* The length of the range or character that the set TEXT begins with; 0: it is none. */
static size_t member(const char *text)
{
	bool digit = is_digit(text[0]);

	if (!digit && !is_letter(text[0]))
		return 0;
	if (text[1] != '-')
		return 1;
	return (digit ? is_digit(text[2]) : is_letter(text[2])) && text[0] <= text[2] ? 3 : 0;
}

static bool is_in_set(const char *set, uint32_t code)
{
	bool found = false;
	size_t len;

	for (; *set != ']' && !found; set += len) {
		len = member(set);
		found = code >= (unsigned char)set[0] && code <= (unsigned char)set[len - 1];
	}
	return found;
}

/* Takes the set after a '['. */
static bool read_set(struct rest *rest, struct step *step)
{
	size_t len;

	*step = (struct step){.what = ONE_OF, .set = rest->text};
	while ((len = member(rest->text)))
		rest->text += len;
	return rest->text > step->set && *rest->text++ == ']';
}

/* Takes one part of a pattern. False: it is malformed. */
static bool read_step(struct rest *rest, struct step *step)
{
	const char *text = rest->text;

	if (text[0] == '[') {
		rest->text++;
		return read_set(rest, step);
	}
	if (text[0] == '*') {
		step->what = text[1] != '*' ? SOME : text[2] != '/' ? ANY : FOLDERS;
		rest->text += step->what == SOME ? 1 : step->what == ANY ? 2 : 3;
		return true;
	}
	if (text[0] == '\\' && !*++rest->text)
		return false;
	*step = (struct step){.what = ONE, .code = take(rest)};
	return true;
}

/* Takes PATTERN apart into STEPS, of which there is room for as many as it has bytes. How many there are; -1:
 * it is malformed. */
static long compile(const char *pattern, struct step *steps)
{
	struct rest rest = {pattern};
	long count = 0;

	while (*rest.text) {
		struct step *step = &steps[count++];

		if (!read_step(&rest, step))
			return -1;
		if (step->what == FOLDERS)
			steps[count++].what = INSIDE;
		if (*rest.text != '?' && *rest.text != '+')
			continue;
		if (step->what != ONE && step->what != ONE_OF)
			return -1;
		step->may_miss = *rest.text == '?';
		step->may_repeat = *rest.text == '+';
		if (*++rest.text == '?' || *rest.text == '+')
			return -1;
	}
	return count;
}

/* Follows the steps that need no character. */
static void skip(const struct step *steps, long count, bool *at)
{
	long i;

	for (i = 0; i < count; i++) {
		if (at[i] && (steps[i].may_miss || steps[i].what == SOME || steps[i].what == ANY))
			at[i + 1] = true;
		if (at[i] && steps[i].what == FOLDERS)
			at[i + 2] = true;
	}
}

/* Where step I leads with the character CODE, into NEXT. */
static void follow(const struct step *steps, long i, uint32_t code, bool *next)
{
	const struct step *step = &steps[i];
	bool takes;

	switch (step->what) {
	case ONE:
	case ONE_OF:
		takes = step->what == ONE ? code == step->code : is_in_set(step->set, code);
		next[i + 1] |= takes;
		next[i] |= takes && step->may_repeat;
		break;
	case SOME:
		next[i] |= code != '/';
		break;
	case ANY:
		next[i] = true;
		break;
	case FOLDERS:
		next[i + 1] = true;
		break;
	case INSIDE:
		next[i] = true;
		next[i + 1] |= code == '/';
		break;
	}
}

int dl_pattern_match(struct dl_arena *arena, const char *pattern, const char *text)
{
	size_t room = strlen(pattern) + 2;
	struct step *steps = dl_arena_array(arena, room, sizeof *steps);
	bool *at = dl_arena_array(arena, room, sizeof *at), *next = dl_arena_array(arena, room, sizeof *next);
	bool *spare;
	struct rest rest = {text};
	long count = compile(pattern, steps), i;
	uint32_t code;

	if (count < 0)
		return -1;
	at[0] = true;
	skip(steps, count, at);
	while (*rest.text) {
		code = take(&rest);
		memset(next, 0, room * sizeof *next);
		for (i = 0; i < count; i++)
			if (at[i])
				follow(steps, i, code, next);
		skip(steps, count, next);
		spare = at;
		at = next;
		next = spare;
	}
	return at[count];
}
