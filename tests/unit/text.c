#include "lib/base/text.h"

#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "tests/unit/check.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void test_compare(void)
{
	static const struct {
		const char *a, *b;
		bool same, starts, ends;
	} rows[] = {
		{"", "", true, true, true},
		{"abc", "abc", true, true, true},
		{"abc", "", false, true, true},
		{"abc", "ab", false, true, false},
		{"abc", "bc", false, false, true},
		{"abc", "abcd", false, false, false},
		{"", "a", false, false, false},
		{NULL, "", false, false, false},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		check_int("same", rows[i].b, dl_text_same(rows[i].a, rows[i].b), rows[i].same);
		check_int("starts", rows[i].b, dl_text_starts(rows[i].a, rows[i].b), rows[i].starts);
		check_int("ends", rows[i].b, dl_text_ends(rows[i].a, rows[i].b), rows[i].ends);
	}
	check_true("same", "both NULL", dl_text_same(NULL, NULL));
	check_true("same", "second NULL", !dl_text_same("", NULL));
}

static void test_in(void)
{
	static const struct {
		const char *word, *list;
		bool in;
	} rows[] = {
		{"failure", "failure,cancelled", true},
		{"cancelled", "failure,cancelled", true},
		{"b", "a,b,c", true},
		{"fail", "failure,cancelled", false},
		{"failure,cancelled", "failure,cancelled", false},
		{"ailure", "failure", false},
		{"failures", "failure", false},
		{"", "a,,b", false},
		{"", "", false},
		{"a", "", false},
		{"a", NULL, false},
		{NULL, "a", false},
		{"a", ",a,", true},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		check_int("in", rows[i].word, dl_text_in(rows[i].word, rows[i].list), rows[i].in);
}

static void test_match(void)
{
	static const struct {
		const char *pattern, *text;
		bool match;
	} rows[] = {
		{"", "", true},
		{"", "a", false},
		{"*", "", true},
		{"**", "", true},
		{"*", "anything", true},
		{"a*", "abc", true},
		{"a*c", "abc", true},
		{"a*c", "abcd", false},
		{"*c", "abcbc", true},
		{"a*b*c", "a-b-b-c", true},
		{"a*b*c", "a-c-b", false},
		{"?", "", false},
		{"?", "a", true},
		{"?", "\xC3\xA9", true},
		{"??", "\xC3\xA9", false},
		{"*?", "\xF0\x9F\x98\x80", true},
		{"*??", "\xF0\x9F\x98\x80", false},
		{"?x", "\xFFx", true},
		{"release/*", "release/1.2/x", true},
		{"[ab]", "a", false},
		{"[ab]", "[ab]", true},
		{"a\\*", "a\\b", true},
		{"*", NULL, false},
		{"a*a*a*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		check_int("match", rows[i].pattern, dl_text_match(rows[i].pattern, rows[i].text),
			  rows[i].match);
}

static void test_int(void)
{
	static const struct {
		const char *text;
		int64_t value;
	} rows[] = {
		{"0", 0},
		{"-0", 0},
		{"007", 7},
		{"-12", -12},
		{"9223372036854775807", INT64_MAX},
		{"-9223372036854775807", -INT64_MAX},
		{"9223372036854775808", DL_INT_NONE},
		{"-9223372036854775808", DL_INT_NONE},
		{"99999999999999999999999", DL_INT_NONE},
		{"", DL_INT_NONE},
		{"-", DL_INT_NONE},
		{"--1", DL_INT_NONE},
		{"+1", DL_INT_NONE},
		{" 1", DL_INT_NONE},
		{"1 ", DL_INT_NONE},
		{"1.0", DL_INT_NONE},
		{"0x10", DL_INT_NONE},
		{"\xD9\xA1", DL_INT_NONE},
		{NULL, DL_INT_NONE},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		check_int("int", rows[i].text, dl_text_int(rows[i].text), rows[i].value);
}

static void test_words(void)
{
	static const char sha[] = "0123456789abcdef0123456789abcdef01234567";
	static const struct {
		const char *text;
		bool name;
	} rows[] = {
		{"a", true},      {"A.b_c-9", true}, {"0", true},    {"_", true},     {"", false},
		{".", false},     {"..", false},     {"-x", false},  {".git", false}, {"a/b", false},
		{"a b", false},   {"a\n", false},    {NULL, false},  {"a$", false},   {"\xC3\xA9", false},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		check_int("is_name", rows[i].text, dl_text_is_name(rows[i].text), rows[i].name);
	check_true("is_sha", "40 digits", dl_text_is_sha(sha));
	check_true("is_sha", "39 digits", !dl_text_is_sha(sha + 1));
	check_true("is_sha", "64 digits",
		   dl_text_is_sha("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"));
	check_true("is_sha", "upper case", !dl_text_is_sha("0123456789ABCDEF0123456789abcdef01234567"));
	check_true("is_sha", "not hexadecimal", !dl_text_is_sha("g123456789abcdef0123456789abcdef01234567"));
	check_true("is_sha", "a newline", !dl_text_is_sha("0123456789abcdef0123456789abcdef0123456\n"));
	check_true("is_sha", "empty", !dl_text_is_sha(""));
	check_true("is_sha", "NULL", !dl_text_is_sha(NULL));
}

static void test_utf8(void)
{
	static const struct {
		const char *text;
		size_t size;
		uint32_t code;
	} rows[] = {
		{"a", 1, 'a'},
		{"\x7F", 1, 0x7F},
		{"\xC2\x80", 2, 0x80},
		{"\xDF\xBF", 2, 0x7FF},
		{"\xE0\xA0\x80", 3, 0x800},
		{"\xED\x9F\xBF", 3, 0xD7FF},
		{"\xEE\x80\x80", 3, 0xE000},
		{"\xEF\xBF\xBF", 3, 0xFFFF},
		{"\xF0\x90\x80\x80", 4, 0x10000},
		{"\xF4\x8F\xBF\xBF", 4, 0x10FFFF},
		{"\x80", 0, 0},
		{"\xBF", 0, 0},
		{"\xC0\x80", 0, 0},
		{"\xC1\xBF", 0, 0},
		{"\xC3", 0, 0},
		{"\xC3(", 0, 0},
		{"\xE0\x9F\xBF", 0, 0},
		{"\xED\xA0\x80", 0, 0},
		{"\xE2\x82", 0, 0},
		{"\xE2\x82(", 0, 0},
		{"\xF0\x8F\xBF\xBF", 0, 0},
		{"\xF4\x90\x80\x80", 0, 0},
		{"\xF0\x9F\x98", 0, 0},
		{"\xF5\x80\x80\x80", 0, 0},
		{"\xFF", 0, 0},
		{"", 0, 0},
	};
	size_t i, size;

	for (i = 0; i < COUNT(rows); i++) {
		size = dl_text_utf8(rows[i].text, strlen(rows[i].text));
		check_int("utf8", rows[i].text, (int64_t)size, (int64_t)rows[i].size);
		if (size)
			check_int("code", rows[i].text, dl_text_code(rows[i].text, size), rows[i].code);
	}
	check_int("utf8", "a NUL inside", (int64_t)dl_text_utf8("\0a", 2), 1);
	check_int("utf8", "cut by LEN", (int64_t)dl_text_utf8("\xC3\xA9", 1), 0);
}

static void test_unsafe(void)
{
	static const struct {
		uint32_t first, last; /* the range; its neighbours have the opposite answer */
	} rows[] = {{0x7F, 0x9F}, {0x61C, 0x61C}, {0x200E, 0x200F}, {0x2028, 0x2029 + 5}, {0x2066, 0x2069}};
	uint32_t code;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		check_true("unsafe", "before the range", !dl_text_unsafe(rows[i].first - 1));
		for (code = rows[i].first; code <= rows[i].last; code++)
			check_true("unsafe", "in the range", dl_text_unsafe(code));
		check_true("unsafe", "after the range", !dl_text_unsafe(rows[i].last + 1));
	}
	for (code = 0; code < ' '; code++)
		check_true("unsafe", "C0", dl_text_unsafe(code));
	check_true("unsafe", "space", !dl_text_unsafe(' '));
}

static void test_width(void)
{
	static const struct {
		const char *text;
		int columns;
	} rows[] = {
		{"", 0},
		{"abc", 3},
		{"\xC3\xA9", 1},
		{"e\xCC\x81", 1},
		{"\xE6\x97\xA5\xE6\x9C\xAC", 4},
		{"\xF0\x9F\x98\x80", 2},
		{"\xE2\x9D\x8C x", 4},
		{"\xE2\x9C\x93", 1},
		{"\xEF\xBC\xA1", 2},
		{"\xEF\xBD\xB1", 1},
		{"\xE3\x80\x80", 2},
		{"\xED\x95\x9C", 2},
		{"\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB", 2},
		{"a\xE2\x80\x8B" "b", 2},
		{"\xE2\x9D\xA4\xEF\xB8\x8F", 1},
		{"\xC2\xAD", 1},
		{"\xE0\xA4\x95\xE0\xA5\x8D", 1},
		{"\xF0\xA0\x80\x80", 2},
		{"\xE2\x80\xA6", 1},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		check_int("width", rows[i].text, dl_text_width(rows[i].text), rows[i].columns);
}

static void test_clip(struct dl_arena *arena)
{
	static const struct {
		const char *text;
		int columns;
		const char *clipped;
	} rows[] = {
		{"abc", 3, "abc"},
		{"abcd", 3, "ab\xE2\x80\xA6"},
		{"abcd", 1, "\xE2\x80\xA6"},
		{"abcd", 0, ""},
		{"abcd", -5, ""},
		{"", 0, ""},
		{"", 4, ""},
		{"\xE6\x97\xA5\xE6\x9C\xAC", 4, "\xE6\x97\xA5\xE6\x9C\xAC"},
		{"\xE6\x97\xA5\xE6\x9C\xAC", 3, "\xE6\x97\xA5\xE2\x80\xA6"},
		{"\xE6\x97\xA5\xE6\x9C\xAC", 2, "\xE2\x80\xA6"},
		{"e\xCC\x81" "e\xCC\x81", 2, "e\xCC\x81" "e\xCC\x81"},
		{"e\xCC\x81" "abc", 2, "e\xCC\x81\xE2\x80\xA6"},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		check_text("clip", rows[i].text, dl_text_clip(arena, rows[i].text, rows[i].columns),
			   rows[i].clipped);
}

static void test_size(struct dl_arena *arena)
{
	static const struct {
		int64_t bytes;
		const char *size;
	} rows[] = {
		{0, "0 B"},         {999, "999 B"},          {1000, "1.0 kB"},           {1549, "1.5 kB"},
		{1234567, "1.2 MB"}, {5000000000, "5.0 GB"}, {INT64_MAX, "9223372.0 TB"},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		check_text("size", rows[i].size, dl_text_size(arena, rows[i].bytes), rows[i].size);
}

static void test_quote(struct dl_arena *arena)
{
	static const struct {
		const char *text, *quoted;
	} rows[] = {
		{NULL, "(none)"},
		{"", ""},
		{"plain \xC3\xA9 text", "plain \xC3\xA9 text"},
		{"a\nb\tc\x1B[31m\x7F", "a\\x0ab\\x09c\\x1b[31m\\x7f"},
		{"\xC2\x9B" "31m", "\\xc2\\x9b31m"},
		{"\xFF\xE2\x82", "\\xff\\xe2\\x82"},
		{"a\xE2\x80\xAE" "b", "a\\xe2\\x80\\xaeb"},
		{"a\xE2\x80\xA8" "b", "a\\xe2\\x80\\xa8b"},
	};
	char text[301];
	const char *quoted;
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		check_text("quote", rows[i].text, dl_text_quote(arena, rows[i].text), rows[i].quoted);
	memset(text, 'x', sizeof text);
	text[200] = '\0';
	check_text("quote", "200 bytes stay", dl_text_quote(arena, text), text);
	text[200] = 'x';
	text[300] = '\0';
	quoted = dl_text_quote(arena, text);
	check_int("quote", "longer text is cut", (int64_t)strlen(quoted), 203);
	check_text("quote", "with an ellipsis", quoted + 200, "\xE2\x80\xA6");
	memset(text, '\x01', 300);
	check_int("quote", "escapes are counted", (int64_t)strlen(dl_text_quote(arena, text)), 203);
	memset(text, 'x', 199);
	memcpy(text + 199, "\xC3\xA9", sizeof "\xC3\xA9");
	check_text("quote", "no character is halved", dl_text_quote(arena, text) + 198, "x\xE2\x80\xA6");
}

#define FFFD "\xEF\xBF\xBD"
#define DIGITS_61 "1;11;11;11;11;11;11;11;11;11;11;11;11;11;11;11;11;11;11;11;11"

static const struct clean_row {
	const char *name, *text, *clean, *coloured; /* coloured NULL: the same as clean */
} clean_rows[] = {
	{"plain", "a\tb\nc", "a\tb\nc", NULL},
	{"UTF-8", "\xC3\xA9\xE6\x97\xA5\xF0\x9F\x98\x80", "\xC3\xA9\xE6\x97\xA5\xF0\x9F\x98\x80", NULL},
	{"CR and LF", "a\r\nb\r", "a\nb", NULL},
	{"C0 controls", "a\x01\x07\x08\x0B\x0C\x0E\x7F" "b", "ab", NULL},
	{"SGR", "\x1B[1;31mred\x1B[0m\x1B[m.", "red.", "\x1B[1;31mred\x1B[0m\x1B[m."},
	{"SGR with colons", "\x1B[38:2::1:2:3mx", "x", "\x1B[38:2::1:2:3mx"},
	{"private SGR", "\x1B[>4;2m\x1B[?25mx", "x", NULL},
	{"SGR with an intermediate", "\x1B[1 mx", "x", NULL},
	{"C1 SGR", "\x9B" "31mx\xC2\x9B" "31my", "xy", NULL},
	{"the longest SGR", "\x1B[" DIGITS_61 "mx", "x", "\x1B[" DIGITS_61 "mx"},
	{"an SGR too long to be one", "\x1B[" DIGITS_61 "1mx", "x", NULL},
	{"cursor", "a\x1B[2J\x1B[10;5Hb\x1B[?1049hc", "abc", NULL},
	{"CSI with a bad byte", "\x1B[12\xC3\xA9" "a", "\xC3\xA9" "a", NULL},
	{"CSI over a newline", "\x1B[12\nma", "\nma", NULL},
	{"CSI cut off", "a\x1B[12;", "a", NULL},
	{"CSI without parameters cut off", "a\x1B[", "a", NULL},
	{"CSI broken by CSI", "\x1B[12\x1B[1mx", "x", "\x1B[1mx"},
	{"OSC and BEL", "a\x1B]0;title\x07" "b", "ab", NULL},
	{"OSC and ST", "a\x1B]0;title\x1B\\b", "ab", NULL},
	{"OSC and C1 ST", "a\x1B]0;title\x9C" "b", "ab", NULL},
	{"OSC and UTF-8 ST", "a\x1B]0;title\xC2\x9C" "b", "ab", NULL},
	{"OSC with text that holds 0x9C", "a\x1B]0;\xE2\x9C\x9C title\x07" "b", "ab", NULL},
	{"C1 OSC", "a\x9D" "0;title\x07" "b", "ab", NULL},
	{"UTF-8 C1 OSC", "a\xC2\x9D" "0;title\x07" "b", "ab", NULL},
	{"a link", "\x1B]8;;https://evil/\x1B\\text\x1B]8;;\x1B\\", "text", NULL},
	{"the clipboard", "\x1B]52;c;ZXZpbA==\x07x", "x", NULL},
	{"OSC cut off", "a\x1B]0;title", "a", NULL},
	{"OSC cut off after ESC", "a\x1B]0;title\x1B", "a", NULL},
	{"OSC over a newline", "a\x1B]0;title\nb", "a\nb", NULL},
	{"OSC broken by CAN", "a\x1B]0;title\x18" "b", "ab", NULL},
	{"OSC broken by ESC", "a\x1B]0;title\x1B[1mb", "ab", "a\x1B[1mb"},
	{"DCS", "a\x1BP1$r\x07q\x1B\\b", "ab", NULL},
	{"C1 DCS", "a\x90q\x9C" "b", "ab", NULL},
	{"APC", "a\x1B_Gq\x1B\\b\x9Fq\x9C" "c", "abc", NULL},
	{"PM", "a\x1B^q\x1B\\b\x9Eq\x9C" "c", "abc", NULL},
	{"SOS", "a\x1BXq\x1B\\b\x98q\x9C" "c", "abc", NULL},
	{"DCS cut off", "a\x1BPq", "a", NULL},
	{"first and last final bytes", "a\x1B[@b\x1B[3~c\x1B" "0d\x1B~e", "abcde", NULL},
	{"reset", "a\x1B" "cb", "ab", NULL},
	{"charset", "a\x1B(0b\x1B#8c\x1B Fd", "abcd", NULL},
	{"charset cut off", "a\x1B(", "a", NULL},
	{"lone ESC", "a\x1B", "a", NULL},
	{"ESC and newline", "a\x1B\nb", "a\nb", NULL},
	{"ESC and ESC", "a\x1B\x1B[2Jb", "ab", NULL},
	{"ESC and UTF-8", "a\x1B\xC3\xA9", "a\xC3\xA9", NULL},
	{"sequences that hide a sequence", "\x1B[\x1B[2J2Jx", "2Jx", NULL},
	{"other C1", "a\x85\xC2\x85\x84\xC2\x8D" "b", "ab", NULL},
	{"bidirectional controls", "a\xE2\x80\xAE\xE2\x81\xA6\xD8\x9C\xE2\x80\x8F" "b", "ab", NULL},
	{"separators", "a\xE2\x80\xA8\xE2\x80\xA9" "b", "ab", NULL},
	{"invalid bytes", "a\xFF\xA9\xC0\xA9" "b", "a" FFFD FFFD FFFD FFFD "b", NULL},
	{"an overlong character", "\xE0\x80\xA9x", FFFD FFFD "x", NULL},
	{"a cut character", "a\xE2\x82", "a" FFFD, NULL},
	{"a cut character that holds C1", "a\xE2\x9D" "b\x07", "a" FFFD "b", NULL},
	{"a surrogate", "\xED\xA0\x80x", FFFD "x", NULL},
	{"empty", "", "", NULL},
};

static void test_clean(struct dl_arena *arena)
{
	const struct clean_row *row;
	struct dl_buf buf;
	size_t i;

	for (i = 0; i < COUNT(clean_rows); i++) {
		row = &clean_rows[i];
		dl_buf_init(&buf, arena, DL_CAP_LINE);
		dl_text_clean(&buf, row->text, strlen(row->text), false);
		check_text("clean", row->name, buf.data, row->clean);
		dl_buf_reset(&buf);
		dl_text_clean(&buf, row->text, strlen(row->text), true);
		check_text("clean with colour", row->name, buf.data,
			   row->coloured ? row->coloured : row->clean);
	}
	dl_buf_reset(&buf);
	dl_text_clean(&buf, "a\0b\x1B", 4, false);
	check_text("clean", "NUL", buf.data, "ab");
}

static void test_word(struct dl_arena *arena)
{
	check_text("word", "plain", dl_text_word(arena, "/a-b/c_d.e@1"), "/a-b/c_d.e@1");
	check_text("word", "a blank", dl_text_word(arena, "/a b"), "'/a b'");
	check_text("word", "a command", dl_text_word(arena, "v1;$(id)"), "'v1;$(id)'");
	check_text("word", "a quote", dl_text_word(arena, "it's"), "'it'\\''s'");
	check_text("word", "a home", dl_text_word(arena, "~/a"), "'~/a'");
	check_text("word", "nothing", dl_text_word(arena, ""), "''");
	check_text("word", "an escape", dl_text_word(arena, "\033[31m"), "'\\x1b[31m'");
}

/* What stands behind the text must not matter, however well it would go on. */
static void test_clean_ends(struct dl_arena *arena)
{
	static const char *const tails[] = {"m", "\\", "0", "\x80", "\x9C", "\x07"};
	const struct clean_row *row;
	struct dl_buf buf;
	const char *text;
	size_t i, j;

	for (i = 0; i < COUNT(clean_rows); i++) {
		row = &clean_rows[i];
		for (j = 0; j < COUNT(tails); j++) {
			dl_buf_init(&buf, arena, DL_CAP_LINE);
			text = dl_arena_format(arena, "%s%s", row->text, tails[j]);
			dl_text_clean(&buf, text, strlen(row->text), false);
			check_text("clean does not look behind", row->name, buf.data, row->clean);
		}
	}
}

/* Whatever comes in, nothing comes out that is not well-formed and safe. */
static void test_clean_random(struct dl_arena *arena)
{
	static const char likely[] = "\x1B\x1B\x1B[]P_^X;01m\x07\\\n\t \x80\x90\x9B\x9C\x9D\xC2\xE2\xF0\xA9z";
	char text[64];
	struct dl_buf buf;
	size_t i, pos, size;
	uint32_t code;
	int round;
	bool safe = true;

	srandom(1);
	for (round = 0; round < 100000 && safe; round++) {
		for (i = 0; i < sizeof text; i++)
			text[i] = random() % 4 ? likely[(size_t)random() % strlen(likely)] : (char)random();
		dl_buf_init(&buf, arena, DL_CAP_LINE);
		dl_text_clean(&buf, text, sizeof text, false);
		for (pos = 0; pos < buf.len && safe; pos += size) {
			size = dl_text_utf8(buf.data + pos, buf.len - pos);
			code = size ? dl_text_code(buf.data + pos, size) : 0;
			safe = size && (code == '\t' || code == '\n' || !dl_text_unsafe(code));
		}
		dl_arena_free(arena);
	}
	check_int("clean", "100000 random texts", round, 100000);
}

/* The examples of RFC 4648, section 10, and bytes that need the last two digits. */
static void test_base64(struct dl_arena *arena)
{
	static const char *const rows[][2] = {
		{"", ""},
		{"f", "Zg=="},
		{"fo", "Zm8="},
		{"foo", "Zm9v"},
		{"foob", "Zm9vYg=="},
		{"fooba", "Zm9vYmE="},
		{"foobar", "Zm9vYmFy"},
		{"\xFB\xEF\xBE\xFF\xFF\xFF", "++++////"},
	};
	static const char *const none[] = {"Z",	   "Zm9vY",  "Zg=",  "Zg===", "Zm8=x",
					   "Z g=", "Zm\n8=", "====", "AAAA"};
	struct dl_buf buf;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		dl_buf_init(&buf, arena, DL_CAP_LINE);
		dl_text_base64(&buf, rows[i][0], strlen(rows[i][0]));
		check_text("base64", rows[i][0], buf.data, rows[i][1]);
		check_text("unbase64", rows[i][1], dl_text_unbase64(arena, rows[i][1]), rows[i][0]);
	}
	check_text("unbase64", "without padding", dl_text_unbase64(arena, "Zm9vYg"), "foob");
	for (i = 0; i < COUNT(none); i++)
		check_text("unbase64", none[i], dl_text_unbase64(arena, none[i]), NULL);
}

int main(void)
{
	struct dl_arena arena = {0};

	test_compare();
	test_in();
	test_match();
	test_int();
	test_words();
	test_utf8();
	test_unsafe();
	test_width();
	test_clip(&arena);
	test_size(&arena);
	test_quote(&arena);
	test_base64(&arena);
	test_clean(&arena);
	test_word(&arena);
	test_clean_ends(&arena);
	dl_arena_free(&arena);
	test_clean_random(&arena);
	return check_end("text");
}
