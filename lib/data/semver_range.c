/* Every comparison becomes one bound or two. A version with fewer than three numbers is a set by itself:
 * `1.2` is from 1.2.0 to below 1.3.0. */
#include "lib/data/semver_range.h"

#include <string.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"

static const char blanks[] = " \t,";

/* The comparisons, longest first where one begins as another. */
enum comparison { AT_LEAST, AT_MOST, ABOVE, BELOW, CARET, TILDE, EQUAL, PLAIN };

static const char *const operators[] = {
	[AT_LEAST] = ">=", [AT_MOST] = "<=", [ABOVE] = ">", [BELOW] = "<",
	[CARET] = "^",	   [TILDE] = "~",    [EQUAL] = "=", [PLAIN] = "",
};

/* A version as it is written in a range. */
struct given {
	struct dl_semver version; /* with 0 for the numbers that are not given */
	int numbers;              /* how many are */
};

static int malformed(struct dl_scope *scope, const char *text)
{
	dl_fail(scope, DL_USAGE, "'%s' is no range of versions", dl_text_quote(&scope->arena, text));
	return dl_fail_hint(scope, "a range looks like '>=1.2 <2', '^1.4', '~1.4.2' or '1.x || 2.0.0'");
}

/* Reads TEXT, which has no operator. */
static int read_version(struct dl_scope *scope, const char *text, struct given *given)
{
	const char *at = text + (*text == 'v'), *numbers[DL_SEMVER_CORE] = {"0", "0", "0"}, *full;
	size_t len;

	memset(given, 0, sizeof *given);
	for (; given->numbers < DL_SEMVER_CORE; at++) {
		len = strspn(at, "0123456789");
		if (!len && (*at == 'x' || *at == 'X' || *at == '*')) {
			at += strspn(at, "xX*.");
			break;
		}
		if (!len)
			return malformed(scope, text);
		numbers[given->numbers++] = dl_arena_copy(&scope->arena, at, len);
		at += len;
		if (*at != '.' || given->numbers == DL_SEMVER_CORE)
			break;
	}
	if (*at && given->numbers < DL_SEMVER_CORE)
		return malformed(scope, text);
	full = dl_arena_format(&scope->arena, "%s.%s.%s%s", numbers[0], numbers[1], numbers[2], at);
	return dl_semver_parse(full, &given->version) ? 0 : malformed(scope, text);
}

/* How many of the first numbers of GIVEN may not become greater under the comparison HOW. */
static int fixed_numbers(const struct given *given, enum comparison how)
{
	int count = 1;

	if (how == TILDE)
		return given->numbers < 2 ? given->numbers : 2;
	if (how != CARET)
		return given->numbers;
	/* Of a version that begins with zeros, the first number that is none counts. */
	while (count < given->numbers && *given->version.numbers[count - 1].text == '0')
		count++;
	return given->numbers ? count : 0;
}

/* The first version after all that agree with GIVEN in its first COUNT numbers. */
static struct dl_semver behind(struct dl_scope *scope, const struct given *given, int count)
{
	static const enum dl_semver_bump bumps[] = {DL_BUMP_NONE, DL_BUMP_MAJOR, DL_BUMP_MINOR,
						    DL_BUMP_PATCH};
	struct dl_semver bare = given->version, next;

	bare.pre.len = bare.build.len = 0;
	DL_BUG_IF(!dl_semver_parse(dl_semver_next(scope, &bare, bumps[count]), &next));
	return next;
}

static void add(struct dl_semver_range *range, enum dl_semver_side side, struct dl_semver version)
{
	range->bounds[range->count++] = (struct dl_semver_bound){side, version, false};
}

static int add_comparison(struct dl_scope *scope, struct dl_semver_range *range, const char *text)
{
	enum comparison how = AT_LEAST;
	struct given given;
	bool whole;
	int fixed;

	while (!dl_text_starts(text, operators[how]))
		how++;
	text += strlen(operators[how]);
	text += strspn(text, blanks);
	if (read_version(scope, text, &given))
		return -1;
	whole = given.numbers == DL_SEMVER_CORE;
	fixed = fixed_numbers(&given, how);
	if (!given.numbers)
		add(range, DL_SEMVER_FROM, given.version);
	else if (how == AT_LEAST || how == BELOW)
		add(range, how == BELOW ? DL_SEMVER_BELOW : DL_SEMVER_FROM, given.version);
	else if (how == ABOVE)
		add(range, whole ? DL_SEMVER_ABOVE : DL_SEMVER_FROM,
		    whole ? given.version : behind(scope, &given, fixed));
	else if (how == AT_MOST)
		add(range, whole ? DL_SEMVER_TO : DL_SEMVER_BELOW,
		    whole ? given.version : behind(scope, &given, fixed));
	else {
		add(range, DL_SEMVER_FROM, given.version);
		if (whole && (how == EQUAL || how == PLAIN))
			add(range, DL_SEMVER_TO, given.version);
		else
			add(range, DL_SEMVER_BELOW, behind(scope, &given, fixed));
	}
	return 0;
}

int dl_semver_range_parse(struct dl_scope *scope, const char *text, struct dl_semver_range *range)
{
	const char *at = text + strspn(text, blanks);
	bool other = true;
	size_t len, first;

	/* A comparison takes a byte at least, and makes two bounds at most. */
	range->bounds = dl_arena_array(&scope->arena, strlen(text) * 2, sizeof *range->bounds);
	for (range->count = 0; *at; at += strspn(at, blanks)) {
		if (dl_text_starts(at, "||") && !other) {
			at += strlen("||");
			other = true;
			continue;
		}
		len = strspn(at, "<>=^~");
		len += strspn(at + len, blanks);
		len += strcspn(at + len, " \t,|");
		first = range->count;
		if (add_comparison(scope, range, dl_arena_copy(&scope->arena, at, len)))
			return -1;
		range->bounds[first].other = other;
		other = false;
		at += len;
	}
	return other ? malformed(scope, text) : 0;
}

static bool holds(const struct dl_semver_bound *bound, const struct dl_semver *version)
{
	int order = dl_semver_compare(version, &bound->version);

	switch (bound->side) {
	case DL_SEMVER_FROM:
		return order >= 0;
	case DL_SEMVER_ABOVE:
		return order > 0;
	case DL_SEMVER_TO:
		return order <= 0;
	case DL_SEMVER_BELOW:
		return order < 0 &&
		       (bound->version.pre.len || dl_semver_compare_core(version, &bound->version) != 0);
	}
	return false;
}

bool dl_semver_range_has(const struct dl_semver_range *range, const struct dl_semver *version)
{
	bool all = false;
	size_t i;

	for (i = 0; i < range->count; i++) {
		if (range->bounds[i].other && all)
			return true;
		all = (range->bounds[i].other || all) && holds(&range->bounds[i], version);
	}
	return all;
}
