/* Everything that looks at text from outside walks it by `struct unit`: a character, or a stretch of bytes
 * that is none. So no loop below can step out of the text or into the middle of a character, and
 * dl_text_clean decides on code points, whichever of its three spellings (ESC and a letter, one byte, UTF-8)
 * a control character comes in.
 *
 * Columns come from the two tables here and not from wcwidth(), whose answers depend on the locale and
 * the C library. */
#include "lib/base/text.h"

#include <ctype.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"

enum {
	BELL = 0x07,
	CANCEL = 0x18,
	SUBSTITUTE = 0x1A,
	ESCAPE = 0x1B,
	DELETE = 0x7F,
	STRING_END = 0x9C,  /* ST */
	REPLACEMENT = 0xFFFD,
	QUOTE_MAX = 200,    /* bytes of a quoted text */
	SGR_MAX = 64,       /* bytes of a colour sequence; real ones have at most 40 */
};

static const char ellipsis[] = "\xE2\x80\xA6";
static const char replacement[] = "\xEF\xBF\xBD";

struct range {
	uint32_t first, last;
};

/* Unicode 14, UnicodeData.txt: categories Mn, Me and Cf (without U+00AD and U+0600 to U+0605, which are
 * drawn) and the medial and final Hangul letters; of the planes above the first only tags and variation
 * selectors. Gaps without a character are filled. */
static const struct range zero_width[] = {
	{0x300, 0x36F}, {0x483, 0x489}, {0x591, 0x5BD}, {0x5BF, 0x5BF}, {0x5C1, 0x5C2}, {0x5C4, 0x5C5},
	{0x5C7, 0x5C7}, {0x610, 0x61A}, {0x61C, 0x61C}, {0x64B, 0x65F}, {0x670, 0x670}, {0x6D6, 0x6DD},
	{0x6DF, 0x6E4}, {0x6E7, 0x6E8}, {0x6EA, 0x6ED}, {0x70F, 0x70F}, {0x711, 0x711}, {0x730, 0x74A},
	{0x7A6, 0x7B0}, {0x7EB, 0x7F3}, {0x7FD, 0x7FD}, {0x816, 0x819}, {0x81B, 0x823}, {0x825, 0x827},
	{0x829, 0x82D}, {0x859, 0x85B}, {0x890, 0x89F}, {0x8CA, 0x902}, {0x93A, 0x93A}, {0x93C, 0x93C},
	{0x941, 0x948}, {0x94D, 0x94D}, {0x951, 0x957}, {0x962, 0x963}, {0x981, 0x981}, {0x9BC, 0x9BC},
	{0x9C1, 0x9C4}, {0x9CD, 0x9CD}, {0x9E2, 0x9E3}, {0x9FE, 0xA02}, {0xA3C, 0xA3C}, {0xA41, 0xA51},
	{0xA70, 0xA71}, {0xA75, 0xA75}, {0xA81, 0xA82}, {0xABC, 0xABC}, {0xAC1, 0xAC8}, {0xACD, 0xACD},
	{0xAE2, 0xAE3}, {0xAFA, 0xB01}, {0xB3C, 0xB3C}, {0xB3F, 0xB3F}, {0xB41, 0xB44}, {0xB4D, 0xB56},
	{0xB62, 0xB63}, {0xB82, 0xB82}, {0xBC0, 0xBC0}, {0xBCD, 0xBCD}, {0xC00, 0xC00}, {0xC04, 0xC04},
	{0xC3C, 0xC3C}, {0xC3E, 0xC40}, {0xC46, 0xC56}, {0xC62, 0xC63}, {0xC81, 0xC81}, {0xCBC, 0xCBC},
	{0xCBF, 0xCBF}, {0xCC6, 0xCC6}, {0xCCC, 0xCCD}, {0xCE2, 0xCE3}, {0xD00, 0xD01}, {0xD3B, 0xD3C},
	{0xD41, 0xD44}, {0xD4D, 0xD4D}, {0xD62, 0xD63}, {0xD81, 0xD81}, {0xDCA, 0xDCA}, {0xDD2, 0xDD6},
	{0xE31, 0xE31}, {0xE34, 0xE3A}, {0xE47, 0xE4E}, {0xEB1, 0xEB1}, {0xEB4, 0xEBC}, {0xEC8, 0xECD},
	{0xF18, 0xF19}, {0xF35, 0xF35}, {0xF37, 0xF37}, {0xF39, 0xF39}, {0xF71, 0xF7E}, {0xF80, 0xF84},
	{0xF86, 0xF87}, {0xF8D, 0xFBC}, {0xFC6, 0xFC6}, {0x102D, 0x1030}, {0x1032, 0x1037}, {0x1039, 0x103A},
	{0x103D, 0x103E}, {0x1058, 0x1059}, {0x105E, 0x1060}, {0x1071, 0x1074}, {0x1082, 0x1082},
	{0x1085, 0x1086}, {0x108D, 0x108D}, {0x109D, 0x109D}, {0x1160, 0x11FF}, {0x135D, 0x135F},
	{0x1712, 0x1714}, {0x1732, 0x1733}, {0x1752, 0x1753}, {0x1772, 0x1773}, {0x17B4, 0x17B5},
	{0x17B7, 0x17BD}, {0x17C6, 0x17C6}, {0x17C9, 0x17D3}, {0x17DD, 0x17DD}, {0x180B, 0x180F},
	{0x1885, 0x1886}, {0x18A9, 0x18A9}, {0x1920, 0x1922}, {0x1927, 0x1928}, {0x1932, 0x1932},
	{0x1939, 0x193B}, {0x1A17, 0x1A18}, {0x1A1B, 0x1A1B}, {0x1A56, 0x1A56}, {0x1A58, 0x1A60},
	{0x1A62, 0x1A62}, {0x1A65, 0x1A6C}, {0x1A73, 0x1A7F}, {0x1AB0, 0x1B03}, {0x1B34, 0x1B34},
	{0x1B36, 0x1B3A}, {0x1B3C, 0x1B3C}, {0x1B42, 0x1B42}, {0x1B6B, 0x1B73}, {0x1B80, 0x1B81},
	{0x1BA2, 0x1BA5}, {0x1BA8, 0x1BA9}, {0x1BAB, 0x1BAD}, {0x1BE6, 0x1BE6}, {0x1BE8, 0x1BE9},
	{0x1BED, 0x1BED}, {0x1BEF, 0x1BF1}, {0x1C2C, 0x1C33}, {0x1C36, 0x1C37}, {0x1CD0, 0x1CD2},
	{0x1CD4, 0x1CE0}, {0x1CE2, 0x1CE8}, {0x1CED, 0x1CED}, {0x1CF4, 0x1CF4}, {0x1CF8, 0x1CF9},
	{0x1DC0, 0x1DFF}, {0x200B, 0x200F}, {0x202A, 0x202E}, {0x2060, 0x206F}, {0x20D0, 0x20F0},
	{0x2CEF, 0x2CF1}, {0x2D7F, 0x2D7F}, {0x2DE0, 0x2DFF}, {0x302A, 0x302D}, {0x3099, 0x309A},
	{0xA66F, 0xA672}, {0xA674, 0xA67D}, {0xA69E, 0xA69F}, {0xA6F0, 0xA6F1}, {0xA802, 0xA802},
	{0xA806, 0xA806}, {0xA80B, 0xA80B}, {0xA825, 0xA826}, {0xA82C, 0xA82C}, {0xA8C4, 0xA8C5},
	{0xA8E0, 0xA8F1}, {0xA8FF, 0xA8FF}, {0xA926, 0xA92D}, {0xA947, 0xA951}, {0xA980, 0xA982},
	{0xA9B3, 0xA9B3}, {0xA9B6, 0xA9B9}, {0xA9BC, 0xA9BD}, {0xA9E5, 0xA9E5}, {0xAA29, 0xAA2E},
	{0xAA31, 0xAA32}, {0xAA35, 0xAA36}, {0xAA43, 0xAA43}, {0xAA4C, 0xAA4C}, {0xAA7C, 0xAA7C},
	{0xAAB0, 0xAAB0}, {0xAAB2, 0xAAB4}, {0xAAB7, 0xAAB8}, {0xAABE, 0xAABF}, {0xAAC1, 0xAAC1},
	{0xAAEC, 0xAAED}, {0xAAF6, 0xAAF6}, {0xABE5, 0xABE5}, {0xABE8, 0xABE8}, {0xABED, 0xABED},
	{0xFB1E, 0xFB1E}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB},
	{0xE0001, 0xE01EF},
};

/* Unicode 14, EastAsianWidth.txt: W and F. Gaps without a character are filled, planes 2 and 3 are wide as
 * a whole. */
static const struct range wide[] = {
	{0x1100, 0x115F}, {0x231A, 0x231B}, {0x2329, 0x232A}, {0x23E9, 0x23EC}, {0x23F0, 0x23F0},
	{0x23F3, 0x23F3}, {0x25FD, 0x25FE}, {0x2614, 0x2615}, {0x2648, 0x2653}, {0x267F, 0x267F},
	{0x2693, 0x2693}, {0x26A1, 0x26A1}, {0x26AA, 0x26AB}, {0x26BD, 0x26BE}, {0x26C4, 0x26C5},
	{0x26CE, 0x26CE}, {0x26D4, 0x26D4}, {0x26EA, 0x26EA}, {0x26F2, 0x26F3}, {0x26F5, 0x26F5},
	{0x26FA, 0x26FA}, {0x26FD, 0x26FD}, {0x2705, 0x2705}, {0x270A, 0x270B}, {0x2728, 0x2728},
	{0x274C, 0x274C}, {0x274E, 0x274E}, {0x2753, 0x2755}, {0x2757, 0x2757}, {0x2795, 0x2797},
	{0x27B0, 0x27B0}, {0x27BF, 0x27BF}, {0x2B1B, 0x2B1C}, {0x2B50, 0x2B50}, {0x2B55, 0x2B55},
	{0x2E80, 0x303E}, {0x3041, 0x3247}, {0x3250, 0x4DBF}, {0x4E00, 0xA4C6}, {0xA960, 0xA97C},
	{0xAC00, 0xD7A3}, {0xF900, 0xFAD9}, {0xFE10, 0xFE6B}, {0xFF01, 0xFF60}, {0xFFE0, 0xFFE6},
	{0x16FE0, 0x1B2FB}, {0x1F004, 0x1F004}, {0x1F0CF, 0x1F0CF}, {0x1F18E, 0x1F18E}, {0x1F191, 0x1F19A},
	{0x1F200, 0x1F320}, {0x1F32D, 0x1F335}, {0x1F337, 0x1F37C}, {0x1F37E, 0x1F393}, {0x1F3A0, 0x1F3CA},
	{0x1F3CF, 0x1F3D3}, {0x1F3E0, 0x1F3F0}, {0x1F3F4, 0x1F3F4}, {0x1F3F8, 0x1F43E}, {0x1F440, 0x1F440},
	{0x1F442, 0x1F4FC}, {0x1F4FF, 0x1F53D}, {0x1F54B, 0x1F54E}, {0x1F550, 0x1F567}, {0x1F57A, 0x1F57A},
	{0x1F595, 0x1F596}, {0x1F5A4, 0x1F5A4}, {0x1F5FB, 0x1F64F}, {0x1F680, 0x1F6C5}, {0x1F6CC, 0x1F6CC},
	{0x1F6D0, 0x1F6D2}, {0x1F6D5, 0x1F6DF}, {0x1F6EB, 0x1F6EC}, {0x1F6F4, 0x1F6FC}, {0x1F7E0, 0x1F7F0},
	{0x1F90C, 0x1F93A}, {0x1F93C, 0x1F945}, {0x1F947, 0x1F9FF}, {0x1FA70, 0x1FAF6}, {0x20000, 0x3FFFD},
};

bool dl_text_same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

bool dl_text_starts(const char *text, const char *prefix)
{
	return text && strncmp(text, prefix, strlen(prefix)) == 0;
}

bool dl_text_ends(const char *text, const char *suffix)
{
	size_t len = text ? strlen(text) : 0, tail = strlen(suffix);

	return text && len >= tail && strcmp(text + len - tail, suffix) == 0;
}

bool dl_text_in(const char *word, const char *list)
{
	size_t len = word ? strlen(word) : 0, span;

	if (!len || !list)
		return false;
	for (;; list += span + 1) {
		span = strcspn(list, ",");
		if (span == len && memcmp(word, list, len) == 0)
			return true;
		if (!list[span])
			return false;
	}
}

/* The length of the character at TEXT; a byte that belongs to none counts as one. */
static size_t step(const char *text)
{
	size_t size = dl_text_utf8(text, strnlen(text, 4));

	return size ? size : 1;
}

/* Only the last `*` that was passed can be worth going back to, so there is one place to remember and no
 * recursion. */
bool dl_text_match(const char *pattern, const char *text)
{
	const char *star = NULL, *retry = NULL;

	while (text && *text) {
		if (*pattern == '*') {
			star = pattern++;
			retry = text;
		} else if (*pattern == '?') {
			pattern++;
			text += step(text);
		} else if (*pattern == *text) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star + 1;
			retry += step(retry);
			text = retry;
		} else {
			return false;
		}
	}
	return text && pattern[strspn(pattern, "*")] == '\0';
}

int64_t dl_text_int(const char *text)
{
	bool negative = text && *text == '-';
	int64_t value = 0;

	if (!text)
		return DL_INT_NONE;
	text += negative;
	if (!*text)
		return DL_INT_NONE;
	for (; *text; text++) {
		if (!isdigit((unsigned char)*text))
			return DL_INT_NONE;
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, *text - '0', &value))
			return DL_INT_NONE;
	}
	return negative ? -value : value;
}

int dl_text_compare_digits(const char *a, size_t a_len, const char *b, size_t b_len)
{
	for (; a_len && *a == '0'; a_len--)
		a++;
	for (; b_len && *b == '0'; b_len--)
		b++;
	if (a_len != b_len)
		return a_len < b_len ? -1 : 1;
	return a_len ? memcmp(a, b, a_len) : 0;
}

bool dl_text_is_sha(const char *text)
{
	size_t len = text ? strlen(text) : 0;

	return (len == 40 || len == 64) && strspn(text, "0123456789abcdef") == len;
}

bool dl_text_is_name(const char *text)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

	return text && *text && *text != '-' && *text != '.' && text[strspn(text, allowed)] == '\0';
}

/* Table 3-7 of the Unicode standard: only the second byte has bounds that depend on the first. */
size_t dl_text_utf8(const char *text, size_t len)
{
	const unsigned char *byte = (const unsigned char *)text;
	unsigned char low = 0x80, high = 0xBF;
	size_t size, i;

	if (!len)
		return 0;
	if (byte[0] < 0x80)
		return 1;
	if (byte[0] < 0xC2 || byte[0] > 0xF4)
		return 0;
	size = byte[0] < 0xE0 ? 2 : byte[0] < 0xF0 ? 3 : 4;
	if (byte[0] == 0xE0)
		low = 0xA0;
	else if (byte[0] == 0xED)
		high = 0x9F;
	else if (byte[0] == 0xF0)
		low = 0x90;
	else if (byte[0] == 0xF4)
		high = 0x8F;
	if (len < size || byte[1] < low || byte[1] > high)
		return 0;
	for (i = 2; i < size; i++)
		if (byte[i] < 0x80 || byte[i] > 0xBF)
			return 0;
	return size;
}

uint32_t dl_text_code(const char *text, size_t size)
{
	static const unsigned char lead[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
	uint32_t code = (unsigned char)text[0] & lead[size];
	size_t i;

	for (i = 1; i < size; i++)
		code = code << 6 | ((unsigned char)text[i] & 0x3F);
	return code;
}

static bool is_c1(uint32_t code)
{
	return code >= 0x80 && code <= 0x9F;
}

static bool turns_direction(uint32_t code)
{
	return code == 0x061C || code == 0x200E || code == 0x200F || (code >= 0x202A && code <= 0x202E) ||
	       (code >= 0x2066 && code <= 0x2069);
}

bool dl_text_unsafe(uint32_t code)
{
	return code < ' ' || code == DELETE || is_c1(code) || turns_direction(code) || code == 0x2028 ||
	       code == 0x2029;
}

/* A step through bytes from outside: a character; or a byte 0x80 to 0x9F by itself, read as the control
 * character that it is to a terminal in 8-bit mode; or the start of a character that does not go on, which
 * reads as REPLACEMENT. */
struct unit {
	uint32_t code;
	size_t size;
	bool valid;
};

static struct unit unit_at(const char *text, size_t len)
{
	unsigned char first = (unsigned char)*text;
	struct unit unit = {.size = dl_text_utf8(text, len)};
	size_t most = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;

	unit.valid = unit.size > 0;
	if (unit.valid) {
		unit.code = dl_text_code(text, unit.size);
		return unit;
	}
	unit.code = is_c1(first) ? first : REPLACEMENT;
	unit.size = 1;
	if (first >= 0xC2 && first <= 0xF4)
		while (unit.size < len && unit.size < most && ((unsigned char)text[unit.size] & 0xC0) == 0x80)
			unit.size++;
	return unit;
}

static bool in_ranges(uint32_t code, const struct range *ranges, size_t count)
{
	size_t low = 0, middle;

	while (count > low) {
		middle = low + (count - low) / 2;
		if (code < ranges[middle].first)
			count = middle;
		else if (code > ranges[middle].last)
			low = middle + 1;
		else
			return true;
	}
	return false;
}

static int columns_of(uint32_t code)
{
	if (code < zero_width[0].first)
		return 1;
	if (in_ranges(code, zero_width, sizeof zero_width / sizeof *zero_width))
		return 0;
	return in_ranges(code, wide, sizeof wide / sizeof *wide) ? 2 : 1;
}

/* The length of the longest start of TEXT that takes at most COLUMNS columns. */
static size_t fitting(const char *text, int columns)
{
	size_t len = strlen(text), pos = 0;
	struct unit unit;

	while (pos < len) {
		unit = unit_at(text + pos, len - pos);
		columns -= columns_of(unit.code);
		if (columns < 0)
			break;
		pos += unit.size;
	}
	return pos;
}

int dl_text_width(const char *text)
{
	size_t len = strlen(text), pos = 0;
	struct unit unit;
	int columns = 0;

	for (; pos < len; pos += unit.size) {
		unit = unit_at(text + pos, len - pos);
		columns += columns_of(unit.code);
	}
	return columns;
}

const char *dl_text_clip(struct dl_arena *arena, const char *text, int columns)
{
	if (columns <= 0)
		return "";
	if (!text[fitting(text, columns)])
		return text;
	return dl_arena_format(arena, "%.*s%s", (int)fitting(text, columns - 1), text, ellipsis);
}

const char *dl_text_size(struct dl_arena *arena, int64_t bytes)
{
	static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
	double number = (double)bytes;
	size_t unit = 0;

	for (; number >= 1000 && unit < sizeof units / sizeof *units - 1; unit++)
		number /= 1000;
	return dl_arena_format(arena, unit ? "%.1f %s" : "%.0f %s", number, units[unit]);
}

const char *dl_text_quote(struct dl_arena *arena, const char *text)
{
	size_t len = text ? strlen(text) : 0, i;
	struct dl_buf quoted;
	struct unit unit;
	bool plain;

	if (!text)
		return "(none)";
	dl_buf_init(&quoted, arena, QUOTE_MAX + strlen(ellipsis));
	for (; len; text += unit.size, len -= unit.size) {
		unit = unit_at(text, len);
		plain = unit.valid && !dl_text_unsafe(unit.code);
		if (quoted.len + unit.size * (plain ? 1 : strlen("\\xHH")) > QUOTE_MAX) {
			dl_buf_puts(&quoted, ellipsis);
			break;
		}
		if (plain)
			dl_buf_add(&quoted, text, unit.size);
		else
			for (i = 0; i < unit.size; i++)
				dl_buf_printf(&quoted, "\\x%02x", (unsigned char)text[i]);
	}
	return quoted.data;
}

/* The length of the CSI sequence whose parameters begin at POS: up to its final byte, or to what cannot
 * belong to it. */
static size_t csi_end(const char *text, size_t len, size_t pos)
{
	while (pos < len && text[pos] >= 0x20 && text[pos] <= 0x3F)
		pos++;
	return pos < len && text[pos] >= 0x40 && text[pos] <= 0x7E ? pos + 1 : pos;
}

/* The same for the command strings OSC, DCS, APC, PM and SOS, which swallow text up to ST (OSC up to BEL,
 * too). A line's end breaks them off, so that one that never ends cannot hide the rest of a log. */
static size_t string_end(const char *text, size_t len, size_t pos, bool bell_ends)
{
	struct unit unit;

	for (; pos < len; pos += unit.size) {
		unit = unit_at(text + pos, len - pos);
		if (unit.code == STRING_END || (unit.code == BELL && bell_ends))
			return pos + unit.size;
		if (unit.code == ESCAPE)
			return pos + 1 < len && text[pos + 1] == '\\' ? pos + 2 : pos;
		if (unit.code == '\n' || unit.code == CANCEL || unit.code == SUBSTITUTE)
			return pos;
	}
	return len;
}

/* The length of the escape sequence that the ESC or C1 character at TEXT begins. */
static size_t sequence(const char *text, size_t len)
{
	struct unit unit = unit_at(text, len);
	size_t pos = unit.size;
	uint32_t kind = unit.code - 0x40; /* C1 characters are short for ESC and this */

	if (unit.code == ESCAPE) {
		while (pos < len && text[pos] >= 0x20 && text[pos] <= 0x2F)
			pos++;
		if (pos == len || text[pos] < 0x30 || text[pos] > 0x7E)
			return pos;
		kind = pos == 1 ? (unsigned char)text[pos] : 0;
		pos++;
	}
	switch (kind) {
	case '[':
		return csi_end(text, len, pos);
	case ']':
		return string_end(text, len, pos, true);
	case 'P':
	case 'X':
	case '^':
	case '_':
		return string_end(text, len, pos, false);
	default:
		return pos;
	}
}

/* Whether the sequence at TEXT only sets colours and the like: ESC [ digits m. */
static bool is_sgr(const char *text, size_t len)
{
	size_t i;

	if (len < 3 || len > SGR_MAX || text[0] != ESCAPE || text[1] != '[' || text[len - 1] != 'm')
		return false;
	for (i = 2; i < len - 1; i++)
		if (!isdigit((unsigned char)text[i]) && text[i] != ';' && text[i] != ':')
			return false;
	return true;
}

static bool is_plain(char byte)
{
	return (byte >= ' ' && byte < DELETE) || byte == '\t' || byte == '\n';
}

/* The length of the plain start of TEXT: nearly all of a log, and worth a short cut. */
static size_t plain_span(const char *text, size_t len)
{
	size_t span = 0;

	while (span < len && is_plain(text[span]))
		span++;
	return span;
}

void dl_text_clean(struct dl_buf *buf, const char *text, size_t len, bool colour)
{
	struct unit unit;

	for (; len; text += unit.size, len -= unit.size) {
		unit.size = plain_span(text, len);
		if (unit.size) {
			dl_buf_add(buf, text, unit.size);
			continue;
		}
		unit = unit_at(text, len);
		if (unit.code == ESCAPE || is_c1(unit.code)) {
			unit.size = sequence(text, len);
			if (colour && is_sgr(text, unit.size))
				dl_buf_add(buf, text, unit.size);
		} else if (!unit.valid) {
			dl_buf_puts(buf, replacement);
		} else if (unit.code == '\t' || unit.code == '\n' || !dl_text_unsafe(unit.code)) {
			dl_buf_add(buf, text, unit.size);
		}
	}
}

uint64_t dl_text_hash(uint64_t hash, const char *text)
{
	do
		hash = (hash ^ (unsigned char)(text ? *text : 0)) * 0x100000001b3;
	while (text && *text++);
	return hash;
}

const char *dl_text_shell(struct dl_arena *arena, const char *text)
{
	struct dl_buf word;

	dl_buf_init(&word, arena, DL_CAP_LINE);
	dl_buf_putc(&word, '\'');
	for (; *text; text++)
		if (*text == '\'')
			dl_buf_puts(&word, "'\\''");
		else
			dl_buf_putc(&word, *text);
	dl_buf_putc(&word, '\'');
	return word.data;
}

const char *dl_text_word(struct dl_arena *arena, const char *text)
{
	static const char plain[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789%+,-./:=@_";

	return dl_text_quote(arena, *text && !text[strspn(text, plain)] ? text : dl_text_shell(arena, text));
}

static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void dl_text_base64(struct dl_buf *buf, const void *data, size_t len)
{
	const unsigned char *byte = data;
	uint32_t bits;
	size_t i, have;

	for (; len; byte += have, len -= have) {
		have = len < 3 ? len : 3;
		bits = (uint32_t)byte[0] << 16 | (have > 1 ? (uint32_t)byte[1] << 8 : 0) |
		       (have > 2 ? byte[2] : 0);
		for (i = 0; i < 4; i++)
			dl_buf_putc(buf, i <= have ? base64_digits[bits >> (18 - 6 * i) & 0x3F] : '=');
	}
}

char *dl_text_unbase64(struct dl_arena *arena, const char *text)
{
	size_t len = strspn(text, base64_digits), padding = strspn(text + len, "="), i;
	char *plain = dl_arena_alloc(arena, len / 4 * 3 + 3), *to = plain;
	uint32_t bits = 0;

	if (text[len + padding] || padding > 2 || len % 4 == 1 || (padding && (len + padding) % 4))
		return NULL;
	for (i = 0; i < len; i++) {
		bits = bits << 6 | (uint32_t)(strchr(base64_digits, text[i]) - base64_digits);
		if (i % 4)
			*to++ = (char)(bits >> (6 - 2 * (i % 4)) & 0xFF);
	}
	return memchr(plain, '\0', (size_t)(to - plain)) ? NULL : plain;
}
