/* The parser goes through the text once: every separator and number that may follow a word is optional, so
 * what the specification's regular expression would find by going back is found by taking what is there. */
#include "lib/data/pep440.h"

#include <string.h>
#include <strings.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/text.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_separator(char c)
{
	return c == '.' || c == '-' || c == '_';
}

/* A letter or digit of a local version. */
static bool is_plain(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static size_t span_digits(const char *text)
{
	size_t len = 0;

	while (is_digit(text[len]))
		len++;
	return len;
}

/* ------------------------------------------------------------------ parsing */

static void take_number(const char **at, struct dl_pep440_part *number)
{
	*number = (struct dl_pep440_part){*at, span_digits(*at)};
	*at += number->len;
}

/* A word and its number, each after an optional separator, as in ".dev-3". */
static bool take_word(const char **at, const char *word, struct dl_pep440_part *number)
{
	const char *text = *at + is_separator(**at);
	size_t len = strlen(word);

	if (strncasecmp(text, word, len) != 0)
		return false;
	text += len;
	text += is_separator(*text);
	take_number(&text, number);
	*at = text;
	return true;
}

static void take_phase(const char **at, struct dl_pep440 *version)
{
	static const struct {
		const char *word;
		enum dl_pep440_phase phase;
	} words[] = {
		{"alpha", DL_PEP440_ALPHA},       {"a", DL_PEP440_ALPHA},
		{"beta", DL_PEP440_BETA},         {"b", DL_PEP440_BETA},
		{"preview", DL_PEP440_CANDIDATE}, {"pre", DL_PEP440_CANDIDATE},
		{"rc", DL_PEP440_CANDIDATE},      {"c", DL_PEP440_CANDIDATE},
	};
	size_t i;

	version->phase = DL_PEP440_FINAL;
	for (i = 0; i < sizeof words / sizeof *words; i++)
		if (take_word(at, words[i].word, &version->pre)) {
			version->phase = words[i].phase;
			return;
		}
}

/* "-N" without a word is a post-release, too. */
static void take_post(const char **at, struct dl_pep440 *version)
{
	if (**at == '-' && is_digit((*at)[1])) {
		++*at;
		take_number(at, &version->post);
		return;
	}
	if (!take_word(at, "post", &version->post) && !take_word(at, "rev", &version->post))
		take_word(at, "r", &version->post);
}

static void take_release(const char **at, struct dl_pep440 *version)
{
	const char *end = *at + span_digits(*at);

	if (*end == '!' && end > *at) {
		take_number(at, &version->epoch);
		++*at;
		end = *at + span_digits(*at);
	}
	while (end > *at && *end == '.' && is_digit(end[1]))
		end += 1 + span_digits(end + 1);
	version->release = (struct dl_pep440_part){*at, (size_t)(end - *at)};
	*at = end;
}

/* False: what follows the '+' is malformed. */
static bool take_local(const char **at, struct dl_pep440 *version)
{
	const char *end = *at;

	if (**at != '+')
		return true;
	do
		for (end++; is_plain(*end); end++)
			;
	while (is_separator(*end) && is_plain(end[-1]));
	version->local = (struct dl_pep440_part){*at + 1, (size_t)(end - *at - 1)};
	*at = end;
	return is_plain(end[-1]);
}

bool dl_pep440_parse(const char *text, struct dl_pep440 *version)
{
	static const char blanks[] = " \t\n\r\f\v";

	*version = (struct dl_pep440){.phase = DL_PEP440_FINAL};
	text += strspn(text, blanks);
	text += *text == 'v' || *text == 'V';
	take_release(&text, version);
	if (!version->release.len)
		return false;
	take_phase(&text, version);
	take_post(&text, version);
	take_word(&text, "dev", &version->dev);
	return take_local(&text, version) && !text[strspn(text, blanks)];
}

/* ------------------------------------------------------------------ order */

static int compare_numbers(struct dl_pep440_part a, struct dl_pep440_part b)
{
	return dl_text_compare_digits(a.text, a.len, b.text, b.len);
}

/* The identifier that PART begins with, which is taken off with its separator. */
static struct dl_pep440_part take_identifier(struct dl_pep440_part *part)
{
	struct dl_pep440_part taken = {part->text, 0};
	size_t used;

	while (taken.len < part->len && !is_separator(taken.text[taken.len]))
		taken.len++;
	used = taken.len + (taken.len < part->len);
	part->text += used;
	part->len -= used;
	return taken;
}

static int compare_releases(struct dl_pep440_part a, struct dl_pep440_part b)
{
	int order = 0;

	while ((a.len || b.len) && order == 0)
		order = compare_numbers(take_identifier(&a), take_identifier(&b));
	return order;
}

/* Numbers come after words, and words compare without case. */
static int compare_identifiers(struct dl_pep440_part a, struct dl_pep440_part b)
{
	bool a_number = span_digits(a.text) >= a.len, b_number = span_digits(b.text) >= b.len;
	size_t len = a.len < b.len ? a.len : b.len;
	int order;

	if (a_number && b_number)
		return compare_numbers(a, b);
	if (a_number != b_number)
		return a_number ? 1 : -1;
	order = strncasecmp(a.text, b.text, len);
	return order ? order : a.len < b.len ? -1 : a.len > b.len;
}

static int compare_locals(struct dl_pep440_part a, struct dl_pep440_part b)
{
	int order = 0;

	while (a.len && b.len && order == 0)
		order = compare_identifiers(take_identifier(&a), take_identifier(&b));
	return order ? order : a.len ? 1 : b.len ? -1 : 0;
}

/* The place of VERSION among those of one release: what is only under development comes before all. */
static int rank(const struct dl_pep440 *version)
{
	if (version->phase == DL_PEP440_FINAL && !version->post.text && version->dev.text)
		return -1;
	return (int)version->phase;
}

/* Of a part that not every version has: what lacks it comes first, or last. */
static int compare_optional(struct dl_pep440_part a, struct dl_pep440_part b, int lacking)
{
	if (!a.text != !b.text)
		return a.text ? -lacking : lacking;
	return a.text ? compare_numbers(a, b) : 0;
}

int dl_pep440_compare(const struct dl_pep440 *a, const struct dl_pep440 *b)
{
	int order = compare_numbers(a->epoch, b->epoch);

	if (order == 0)
		order = compare_releases(a->release, b->release);
	if (order == 0)
		order = rank(a) - rank(b);
	if (order == 0)
		order = compare_numbers(a->pre, b->pre);
	if (order == 0)
		order = compare_optional(a->post, b->post, -1);
	if (order == 0)
		order = compare_optional(a->dev, b->dev, 1);
	return order ? order : compare_locals(a->local, b->local);
}

bool dl_pep440_is_pre(const struct dl_pep440 *version)
{
	return version->phase != DL_PEP440_FINAL || version->dev.text;
}

/* ------------------------------------------------------------------ the normal form */

static void add_number(struct dl_buf *buf, const char *before, struct dl_pep440_part number)
{
	for (; number.len > 1 && *number.text == '0'; number.len--)
		number.text++;
	dl_buf_puts(buf, before);
	if (number.len)
		dl_buf_add(buf, number.text, number.len);
	else
		dl_buf_putc(buf, '0');
}

/* Identifiers joined by dots, in lower case, their numbers without leading zeros. */
static void add_identifiers(struct dl_buf *buf, const char *before, struct dl_pep440_part part)
{
	struct dl_pep440_part identifier;
	size_t i;

	for (; part.len; before = ".") {
		identifier = take_identifier(&part);
		if (span_digits(identifier.text) >= identifier.len) {
			add_number(buf, before, identifier);
			continue;
		}
		dl_buf_puts(buf, before);
		for (i = 0; i < identifier.len; i++)
			dl_buf_putc(buf, identifier.text[i] >= 'A' && identifier.text[i] <= 'Z'
						 ? (char)(identifier.text[i] | 0x20)
						 : identifier.text[i]);
	}
}

char *dl_pep440_normal(struct dl_arena *arena, const struct dl_pep440 *version)
{
	static const char *const phases[] = {"a", "b", "rc"};
	struct dl_buf buf;

	dl_buf_init(&buf, arena, DL_CAP_LINE);
	if (dl_text_compare_digits(version->epoch.text, version->epoch.len, "0", 1)) {
		add_number(&buf, "", version->epoch);
		dl_buf_putc(&buf, '!');
	}
	add_identifiers(&buf, "", version->release);
	if (version->phase != DL_PEP440_FINAL)
		add_number(&buf, phases[version->phase], version->pre);
	if (version->post.text)
		add_number(&buf, ".post", version->post);
	if (version->dev.text)
		add_number(&buf, ".dev", version->dev);
	if (version->local.text)
		add_identifiers(&buf, "+", version->local);
	return buf.data;
}
