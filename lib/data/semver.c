/* Numbers stay digits: dates and build counters in versions do not fit any integer, and two of them compare
 * by length, then by their digits. */
#include "lib/data/semver.h"

#include <string.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static size_t count_digits(const char *text)
{
	size_t len = 0;

	while (is_digit(text[len]))
		len++;
	return len;
}

/* ------------------------------------------------------------------ parsing */

/* Identifiers joined by dots. Numbers in a pre-release have no leading zeros; build metadata may have. */
static size_t span_identifiers(const char *text, bool strict)
{
	const char *begin = text, *end;

	for (;;) {
		for (end = begin; is_digit(*end) || is_letter(*end) || *end == '-'; end++)
			;
		if (end == begin)
			return 0;
		if (strict && *begin == '0' && end - begin > 1 &&
		    (size_t)(end - begin) == count_digits(begin))
			return 0;
		if (*end != '.')
			return (size_t)(end - text);
		begin = end + 1;
	}
}

bool dl_semver_is_pre(const char *text)
{
	size_t len = span_identifiers(text, true);

	return len && !text[len];
}

static struct dl_semver_part trim_zeros(const char *digits, size_t len)
{
	for (; len > 1 && *digits == '0'; len--)
		digits++;
	return (struct dl_semver_part){digits, len};
}

/* Numbers between SEPARATORS; returns what follows them. */
static const char *parse_numbers(const char *text, const char *separators, struct dl_semver *version)
{
	size_t len;

	while ((len = count_digits(text)) && version->count < DL_SEMVER_NUMBERS) {
		version->numbers[version->count++] = trim_zeros(text, len);
		text += len;
		if (!*text || !strchr(separators, *text) || !is_digit(text[1]))
			break;
		text++;
	}
	return text;
}

/* "-PRE", "+BUILD" or both, up to the end of TEXT. */
static bool parse_rest(const char *text, bool strict, struct dl_semver *version)
{
	if (*text == '-') {
		version->pre = (struct dl_semver_part){text + 1, span_identifiers(text + 1, strict)};
		if (!version->pre.len)
			return false;
		text += 1 + version->pre.len;
	}
	if (*text == '+') {
		version->build = (struct dl_semver_part){text + 1, span_identifiers(text + 1, false)};
		if (!version->build.len)
			return false;
		text += 1 + version->build.len;
	}
	return !*text;
}

bool dl_semver_parse(const char *text, struct dl_semver *version)
{
	const char *rest;
	size_t i;

	*version = (struct dl_semver){.count = 0};
	rest = parse_numbers(text, ".", version);
	if (version->count != DL_SEMVER_CORE)
		return false;
	/* Leading zeros show in what lies between the numbers. */
	for (i = 0; i < DL_SEMVER_CORE; i++) {
		if (version->numbers[i].text != text)
			return false;
		text += version->numbers[i].len + 1;
	}
	return parse_rest(rest, true, version);
}

/* The length of a pre-release that follows a number without a hyphen, "rc1" or ".dev2"; 0: TEXT is none. */
static size_t span_suffix(const char *text)
{
	static const char *const words[] = {"alpha", "beta", "preview", "pre", "rc",
					    "dev",   "a",    "b",	"c",   NULL};
	const char *const *word;
	size_t len, digits;

	for (word = words; *word; word++) {
		len = strlen(*word);
		if (!dl_text_starts(text, *word))
			continue;
		if ((text[len] == '.' || text[len] == '_') && is_digit(text[len + 1]))
			len++;
		digits = count_digits(text + len);
		if (!text[len + digits] || text[len + digits] == '+')
			return len + digits;
	}
	return 0;
}

bool dl_semver_parse_tag(const char *tag, const char *prefix, struct dl_semver *version)
{
	const char *text;
	size_t len;

	*version = (struct dl_semver){.count = 0};
	if (!dl_text_starts(tag, prefix))
		return false;
	text = tag + strlen(prefix);
	text += *text == 'v' || *text == 'V';
	text = parse_numbers(text, "._", version);
	if (version->count < 2)
		return false;
	len = span_suffix(text + (*text == '.' || *text == '_'));
	if (len) {
		text += *text == '.' || *text == '_';
		version->pre = (struct dl_semver_part){text, len};
		text += len;
	}
	return (!len || *text != '-') && parse_rest(text, false, version);
}

bool dl_semver_in_tag(const char *tag, struct dl_semver *version)
{
	const char *slash = tag ? strrchr(tag, '/') : NULL;

	return tag && dl_semver_parse_tag(slash ? slash + 1 : tag, "", version);
}

bool dl_semver_tag_is_pre(const char *tag)
{
	struct dl_semver version;

	return dl_semver_in_tag(tag, &version) && version.pre.len > 0;
}

/* ------------------------------------------------------------------ precedence */

static int compare_numbers(struct dl_semver_part a, struct dl_semver_part b)
{
	return dl_text_compare_digits(a.text, a.len, b.text, b.len);
}

int dl_semver_compare_core(const struct dl_semver *a, const struct dl_semver *b)
{
	size_t i;
	int order = 0;

	for (i = 0; i < DL_SEMVER_NUMBERS && order == 0; i++)
		order = compare_numbers(a->numbers[i], b->numbers[i]);
	return order;
}

/* The identifier that PART begins with, which is taken off with its dot. */
static struct dl_semver_part take_identifier(struct dl_semver_part *part)
{
	const char *dot = memchr(part->text, '.', part->len);
	struct dl_semver_part taken = {part->text, dot ? (size_t)(dot - part->text) : part->len};
	size_t used = taken.len + (dot != NULL);

	part->text += used;
	part->len -= used;
	return taken;
}

static int compare_identifiers(struct dl_semver_part a, struct dl_semver_part b)
{
	bool a_number = count_digits(a.text) >= a.len, b_number = count_digits(b.text) >= b.len;
	size_t len = a.len < b.len ? a.len : b.len;
	int order;

	if (a_number && b_number)
		return compare_numbers(a, b);
	if (a_number != b_number)
		return a_number ? -1 : 1;
	order = memcmp(a.text, b.text, len);
	return order ? order : a.len < b.len ? -1 : a.len > b.len;
}

int dl_semver_compare(const struct dl_semver *a, const struct dl_semver *b)
{
	struct dl_semver_part left = a->pre, right = b->pre;
	int order = dl_semver_compare_core(a, b);

	if (order || (!left.len && !right.len))
		return order;
	if (!left.len || !right.len)
		return left.len ? -1 : 1;
	while (left.len && right.len && order == 0)
		order = compare_identifiers(take_identifier(&left), take_identifier(&right));
	return order ? order : left.len ? 1 : right.len ? -1 : 0;
}

/* ------------------------------------------------------------------ the next one */

const char *dl_semver_raise(struct dl_scope *scope, struct dl_semver_part number)
{
	char *digits = dl_arena_format(&scope->arena, "0%.*s", (int)number.len, number.text);
	char *last = digits + strlen(digits) - 1;

	for (; *last == '9'; last--)
		*last = '0';
	++*last;
	return *digits == '0' && digits[1] ? digits + 1 : digits;
}

static bool is_zero(const struct dl_semver *version, size_t from)
{
	for (; from < DL_SEMVER_CORE; from++)
		if (from < version->count &&
		    compare_numbers(version->numbers[from], (struct dl_semver_part){0}))
			return false;
	return true;
}

const char *dl_semver_next(struct dl_scope *scope, const struct dl_semver *version, enum dl_semver_bump bump)
{
	static const struct dl_semver_part zero = {"0", 1};
	size_t at = bump == DL_BUMP_MAJOR ? 0 : bump == DL_BUMP_MINOR ? 1 : 2, i;
	const char *numbers[DL_SEMVER_CORE];
	bool raise = bump != DL_BUMP_NONE && !(version->pre.len && is_zero(version, at + 1));

	for (i = 0; i < DL_SEMVER_CORE; i++) {
		struct dl_semver_part number = version->numbers[i];

		if (i >= version->count || (raise && i > at))
			numbers[i] = "0";
		else
			numbers[i] = dl_arena_copy(&scope->arena, number.text, number.len);
		if (raise && i == at)
			numbers[i] = dl_semver_raise(scope, i < version->count ? number : zero);
	}
	return dl_arena_format(&scope->arena, "%s.%s.%s", numbers[0], numbers[1], numbers[2]);
}

bool dl_semver_pre_number(const struct dl_semver *version, const char *word, struct dl_semver_part *number)
{
	size_t len = strlen(word), digits;
	const char *text;

	if (version->pre.len <= len || strncmp(version->pre.text, word, len) != 0)
		return false;
	text = version->pre.text + len;
	if (*text == '.' || *text == '_')
		text++;
	else if (len && count_digits(word + len - 1))
		return false;
	digits = count_digits(text);
	*number = trim_zeros(text, digits);
	return digits && text + digits == version->pre.text + version->pre.len;
}
