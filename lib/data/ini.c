/* One reader with a place in the text, and three grammars on top of it. All grammars see the same lines: the
 * text is checked first, and ends with a newline. */
#include "lib/data/ini.h"

#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/file.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/data/json.h"

enum {
	MOST_LEVELS = 64,
	KEY_CAP = 256, /* of TOML's keys, which repeat those they stand below */
};

struct reader {
	struct dl_scope *scope;
	const char *name;
	const char *start, *at, *end; /* the text, and how far it has been read */
	const char *line_start;
	int line;
	const char *section;
	size_t table;
	struct dl_ini_entry *entries;
	size_t count, room;
};

static int fail_at(struct reader *reader, const char *why)
{
	return dl_fail(reader->scope, DL_CONFIG, "%s:%d:%d: %s",
		       dl_text_quote(&reader->scope->arena, reader->name), reader->line,
		       (int)(reader->at - reader->line_start) + 1, why);
}

static void add_entry(struct reader *reader, const char *key, const char *value, int line)
{
	size_t room = reader->room ? reader->room * 2 : 16;

	if (reader->count == reader->room) {
		reader->entries = dl_arena_grow(&reader->scope->arena, reader->entries,
						reader->room * sizeof *reader->entries,
						room * sizeof *reader->entries);
		reader->room = room;
	}
	reader->entries[reader->count++] =
		(struct dl_ini_entry){reader->section, reader->table, key, value, line};
}

/* The end of the line that the reader is on, without white space there. */
static const char *line_end(const struct reader *reader)
{
	const char *end = memchr(reader->at, '\n', (size_t)(reader->end - reader->at));

	for (end = end ? end : reader->end; end > reader->at && strchr(" \t\r", end[-1]); end--)
		;
	return end;
}

static void next_line(struct reader *reader)
{
	const char *end = memchr(reader->at, '\n', (size_t)(reader->end - reader->at));

	reader->at = end ? end + 1 : reader->end;
	reader->line_start = reader->at;
	reader->line++;
}

static const char *copy(struct reader *reader, const char *from, const char *end)
{
	for (; from < end && strchr(" \t", *from); from++)
		;
	for (; end > from && strchr(" \t", end[-1]); end--)
		;
	return dl_arena_copy(&reader->scope->arena, from, (size_t)(end - from));
}

/* All of the text must be UTF-8 that may be shown; the place is that of the first byte that is not. */
static int check_text(struct reader *reader)
{
	size_t size;

	if (dl_text_starts(reader->at, "\xef\xbb\xbf"))
		return fail_at(reader, "it begins with a byte order mark");
	while (reader->at < reader->end) {
		size = dl_text_utf8(reader->at, (size_t)(reader->end - reader->at));
		if (!size)
			return fail_at(reader, "it is not UTF-8");
		if (*reader->at == '\n') {
			next_line(reader);
			continue;
		}
		if (dl_text_unsafe(dl_text_code(reader->at, size)) && *reader->at != '\t' &&
		    !(*reader->at == '\r' && reader->at[1] == '\n'))
			return fail_at(reader, "a control character");
		reader->at += size;
	}
	reader->at = reader->line_start = reader->start;
	reader->line = 1;
	return 0;
}

/* INI */

/* [section], up to the line's END. */
static int read_header(struct reader *reader, const char *end)
{
	if (end[-1] != ']' || end - reader->at < 3)
		return fail_at(reader, "a section is written [NAME]");
	reader->section = copy(reader, reader->at + 1, end - 1);
	reader->table++;
	return *reader->section ? 0 : fail_at(reader, "a section without a name");
}

static bool is_comment(const char *at)
{
	return *at == '#' || *at == ';';
}

/* A key whose value may go on in the lines below. */
struct open_key {
	bool open;
	size_t indent;
	struct dl_buf value;
};

static void continue_value(struct reader *reader, struct open_key *key, const char *end)
{
	if (key->value.len)
		dl_buf_putc(&key->value, '\n');
	dl_buf_add(&key->value, reader->at, (size_t)(end - reader->at));
	reader->entries[reader->count - 1].value = key->value.data;
}

static int read_python_key(struct reader *reader, struct open_key *open, const char *end)
{
	size_t len = strcspn(reader->at, "=:\n");
	const char *value;
	char *key, *byte;

	if (reader->at + len >= end)
		return fail_at(reader, "neither '=' nor ':' is in this line");
	key = dl_arena_string(&reader->scope->arena, copy(reader, reader->at, reader->at + len));
	if (!*key)
		return fail_at(reader, "a value without a key");
	for (byte = key; *byte; byte++)
		*byte = (char)(*byte >= 'A' && *byte <= 'Z' ? *byte + ('a' - 'A') : *byte);
	value = copy(reader, reader->at + len + 1, end);
	add_entry(reader, key, value, reader->line);
	dl_buf_init(&open->value, &reader->scope->arena, DL_CAP_CONFIG);
	dl_buf_puts(&open->value, value);
	return 0;
}

static int read_python_line(struct reader *reader, struct open_key *key)
{
	size_t indent = strspn(reader->at, " \t");
	const char *end = line_end(reader);

	if (reader->at + indent >= end || is_comment(reader->at + indent))
		return 0;
	reader->at += indent;
	if (key->open && indent > key->indent) {
		continue_value(reader, key, end);
		return 0;
	}
	key->open = *reader->at != '[';
	key->indent = indent;
	return key->open ? read_python_key(reader, key, end) : read_header(reader, end);
}

/* A quoted value of npm; NULL: failed. */
static const char *unquote(struct reader *reader, const char *from, size_t len)
{
	struct dl_scope attempt;
	const struct dl_json *node;
	const char *value = NULL;

	if (*from == '\'')
		return dl_arena_copy(&reader->scope->arena, from + 1, len - 2);
	dl_scope_open(&attempt, NULL);
	node = dl_json_parse(&attempt, dl_arena_copy(&attempt.arena, from, len), len);
	if (node)
		value = dl_arena_string(&reader->scope->arena, node->text);
	else
		fail_at(reader, "a malformed string");
	dl_scope_close(&attempt);
	return value;
}

/* A value of npm from AT to END; NULL: failed. */
static const char *npm_value(struct reader *reader, const char *at, const char *end)
{
	struct dl_buf value;

	for (; at < end && strchr(" \t", *at); at++)
		;
	reader->at = at;
	if (end - at >= 2 && (*at == '"' || *at == '\'') && end[-1] == *at)
		return unquote(reader, at, (size_t)(end - at));
	dl_buf_init(&value, &reader->scope->arena, DL_CAP_CONFIG);
	for (; at < end && !is_comment(at); at++) {
		if (*at == '\\' && at + 1 < end && strchr("\\;#", at[1]))
			at++;
		dl_buf_putc(&value, *at);
	}
	return copy(reader, value.data, value.data + value.len);
}

static int read_npm_line(struct reader *reader)
{
	const char *end = line_end(reader), *equals, *key, *value;
	int line = reader->line;

	for (; reader->at < end && strchr(" \t", *reader->at); reader->at++)
		;
	if (reader->at == end || is_comment(reader->at))
		return 0;
	if (*reader->at == '[')
		return read_header(reader, end);
	equals = memchr(reader->at, '=', (size_t)(end - reader->at));
	key = copy(reader, reader->at, equals ? equals : end);
	if (dl_text_ends(key, "[]"))
		key = dl_arena_copy(&reader->scope->arena, key, strlen(key) - 2);
	if (!*key)
		return fail_at(reader, "a value without a key");
	value = equals ? npm_value(reader, equals + 1, end) : "true";
	if (value)
		add_entry(reader, key, value, line);
	return value ? 0 : -1;
}

/* TOML */

/* Skips white space, with LINES also comments and the ends of lines. */
static void skip_space(struct reader *reader, bool lines)
{
	while (reader->at < reader->end) {
		if (lines && *reader->at == '\n')
			next_line(reader);
		else if (lines && *reader->at == '#')
			reader->at = line_end(reader);
		else if (strchr(lines ? " \t\r" : " \t", *reader->at))
			reader->at++;
		else
			return;
	}
}

static bool begins(const struct reader *reader, const char *what)
{
	size_t len = strlen(what);

	return (size_t)(reader->end - reader->at) >= len && memcmp(reader->at, what, len) == 0;
}

static bool take(struct reader *reader, const char *what)
{
	if (!begins(reader, what))
		return false;
	reader->at += strlen(what);
	return true;
}

/* Appends the character of a code point, which TOML writes with DIGITS hexadecimal digits. */
static int read_code(struct reader *reader, size_t digits, struct dl_buf *buf)
{
	static const char hex[] = "0123456789abcdef";
	const char *digit;
	uint32_t code = 0;
	char lower;

	for (; digits; digits--, reader->at++) {
		lower = (char)(*reader->at >= 'A' && *reader->at <= 'F' ? *reader->at + ('a' - 'A')
									: *reader->at);
		digit = lower ? strchr(hex, lower) : NULL;
		if (!digit)
			return fail_at(reader, "an escape lacks digits");
		code = code << 4 | (uint32_t)(digit - hex);
	}
	if (!code || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		return fail_at(reader, "an escape of no character");
	if (code < 0x80) {
		dl_buf_putc(buf, (char)code);
		return 0;
	}
	if (code >= 0x10000) {
		dl_buf_putc(buf, (char)(0xf0 | code >> 18));
		dl_buf_putc(buf, (char)(0x80 | (code >> 12 & 0x3f)));
	} else if (code >= 0x800) {
		dl_buf_putc(buf, (char)(0xe0 | code >> 12));
	}
	dl_buf_putc(buf, (char)(code >= 0x800 ? 0x80 | (code >> 6 & 0x3f) : 0xc0 | code >> 6));
	dl_buf_putc(buf, (char)(0x80 | (code & 0x3f)));
	return 0;
}

/* What follows a backslash. MULTI: the string may have several lines. */
static int read_escape(struct reader *reader, bool multi, struct dl_buf *buf)
{
	static const char letters[] = "btnfre\"\\", meanings[] = "\b\t\n\f\r\x1b\"\\";
	const char *letter = *reader->at ? strchr(letters, *reader->at) : NULL;

	if (letter) {
		dl_buf_putc(buf, meanings[letter - letters]);
		reader->at++;
		return 0;
	}
	if (take(reader, "u"))
		return read_code(reader, 4, buf);
	if (take(reader, "U"))
		return read_code(reader, 8, buf);
	/* A backslash at a line's end takes away all white space that follows. */
	if (!multi || reader->at + strspn(reader->at, " \t\r") >= reader->end ||
	    reader->at[strspn(reader->at, " \t\r")] != '\n')
		return fail_at(reader, "an unknown escape");
	while (reader->at < reader->end && strchr(" \t\r\n", *reader->at)) {
		if (*reader->at == '\n')
			next_line(reader);
		else
			reader->at++;
	}
	return 0;
}

/* The string that begins with QUOTE here; NULL: failed. */
static const char *read_string(struct reader *reader, const char *quote)
{
	bool multi = strlen(quote) == 3, escapes = *quote == '"';
	struct dl_buf text;

	dl_buf_init(&text, &reader->scope->arena, DL_CAP_CONFIG);
	if (multi) {
		take(reader, "\r");
		if (begins(reader, "\n"))
			next_line(reader);
	}
	/* Up to two quotes may stand before those that end it. */
	while (!begins(reader, quote) || (multi && reader->at[3] == *quote)) {
		if (reader->at == reader->end || (!multi && strchr("\r\n", *reader->at))) {
			fail_at(reader, "a string without an end");
			return NULL;
		}
		if (escapes && take(reader, "\\")) {
			if (read_escape(reader, multi, &text))
				return NULL;
			continue;
		}
		dl_buf_putc(&text, *reader->at);
		if (*reader->at == '\n')
			next_line(reader);
		else
			reader->at++;
	}
	take(reader, quote);
	return text.data;
}

/* The longer quotes come first: the shorter ones begin them. */
static const char *read_any_string(struct reader *reader)
{
	static const char *const quotes[] = {"\"\"\"", "'''", "\"", "'"};
	size_t i;

	for (i = 0; i < sizeof quotes / sizeof *quotes; i++)
		if (take(reader, quotes[i]))
			return read_string(reader, quotes[i]);
	return NULL;
}

static bool is_key_byte(char byte)
{
	return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') ||
	       byte == '_' || byte == '-';
}

/* A key with its dots, behind PREFIX and a dot unless that is NULL; NULL: failed. */
static const char *read_key(struct reader *reader, const char *prefix)
{
	const char *start, *part;
	struct dl_buf key;

	dl_buf_init(&key, &reader->scope->arena, KEY_CAP);
	if (prefix)
		dl_buf_printf(&key, "%s.", prefix);
	for (;;) {
		skip_space(reader, false);
		start = reader->at;
		if (*start == '"' || *start == '\'') {
			take(reader, *start == '"' ? "\"" : "'");
			part = read_string(reader, *start == '"' ? "\"" : "'");
			if (!part)
				return NULL;
		} else {
			while (is_key_byte(*reader->at))
				reader->at++;
			part = dl_arena_copy(&reader->scope->arena, start, (size_t)(reader->at - start));
			if (!*part) {
				fail_at(reader, "a key was expected");
				return NULL;
			}
		}
		dl_buf_puts(&key, part);
		if (key.overflow) {
			fail_at(reader, "a key is too long");
			return NULL;
		}
		skip_space(reader, false);
		if (!take(reader, "."))
			return key.data;
		dl_buf_putc(&key, '.');
	}
}

/* A number, a date with a time behind a space, or one of four words; NULL: failed. */
static const char *read_word(struct reader *reader)
{
	static const char ends[] = " \t\r\n,]}#";
	size_t len = strcspn(reader->at, ends);
	const char *word;

	if (len == 10 && reader->at[4] == '-' && reader->at[10] == ' ' && strchr("012", reader->at[11]))
		len += 1 + strcspn(reader->at + 11, ends);
	word = dl_arena_copy(&reader->scope->arena, reader->at, len);
	if (!*word || word[strspn(word, "0123456789abcdefxoABCDEFTZinrtulsz_.:+- ")] ||
	    (!strchr("+-0123456789", *word) && !dl_text_in(word, "true,false,inf,nan"))) {
		fail_at(reader, "a value was expected");
		return NULL;
	}
	reader->at += len;
	return word;
}

static int read_value(struct reader *reader, const char *key, int level);

/* What stands between brackets, up to CLOSE: values of KEY, or with TABLE its members. */
static int read_inside(struct reader *reader, const char *key, const char *close, bool table, int level)
{
	const char *member = key;

	if (level > MOST_LEVELS)
		return fail_at(reader, "it is nested too deep");
	for (skip_space(reader, true); !take(reader, close); skip_space(reader, true)) {
		if (table) {
			member = read_key(reader, key);
			if (!member)
				return -1;
			if (!take(reader, "="))
				return fail_at(reader, "'=' was expected");
			skip_space(reader, false);
		}
		if (read_value(reader, member, level))
			return -1;
		skip_space(reader, true);
		if (!take(reader, ",") && !begins(reader, close))
			return fail_at(reader, "a comma was expected");
	}
	return 0;
}

static int read_value(struct reader *reader, const char *key, int level)
{
	int line = reader->line;
	const char *value;

	if (take(reader, "["))
		return read_inside(reader, key, "]", false, level + 1);
	if (take(reader, "{"))
		return read_inside(reader, key, "}", true, level + 1);
	value = begins(reader, "\"") || begins(reader, "'") ? read_any_string(reader) : read_word(reader);
	if (!value)
		return -1;
	add_entry(reader, key, value, line);
	return 0;
}

/* [a.b] or [[a.b]] */
static int read_table(struct reader *reader)
{
	bool many = take(reader, "[[");

	if (!many)
		take(reader, "[");
	reader->section = read_key(reader, NULL);
	reader->table++;
	if (!reader->section)
		return -1;
	return take(reader, many ? "]]" : "]") ? 0 : fail_at(reader, "']' was expected");
}

static int read_toml_line(struct reader *reader)
{
	const char *key;

	skip_space(reader, true);
	if (reader->at == reader->end)
		return 0;
	if (begins(reader, "[")) {
		if (read_table(reader))
			return -1;
	} else {
		key = read_key(reader, NULL);
		if (!key)
			return -1;
		if (!take(reader, "="))
			return fail_at(reader, "'=' was expected");
		skip_space(reader, false);
		if (read_value(reader, key, 0))
			return -1;
	}
	skip_space(reader, false);
	if (begins(reader, "#"))
		reader->at = line_end(reader);
	take(reader, "\r");
	if (reader->at < reader->end && *reader->at != '\n')
		return fail_at(reader, "the line should end here");
	return 0;
}

int dl_ini_parse(struct dl_scope *scope, const char *name, enum dl_ini_dialect dialect, const char *text,
		 size_t len, struct dl_ini *ini)
{
	struct reader reader = {.scope = scope, .name = name, .line = 1, .section = ""};
	struct open_key key = {.open = false};
	int result;

	memset(ini, 0, sizeof *ini);
	reader.start = reader.at = reader.line_start = dl_arena_copy(&scope->arena, text, len);
	reader.end = reader.start + len;
	result = check_text(&reader);
	while (result == 0 && reader.at < reader.end) {
		if (dialect == DL_INI_PYTHON)
			result = read_python_line(&reader, &key);
		else
			result = dialect == DL_INI_NPM ? read_npm_line(&reader) : read_toml_line(&reader);
		if (result == 0 && reader.at < reader.end)
			next_line(&reader);
	}
	if (result == 0)
		*ini = (struct dl_ini){.entries = reader.entries, .count = reader.count};
	return result;
}

int dl_ini_read(struct dl_scope *scope, const char *path, enum dl_ini_dialect dialect, struct dl_ini *ini)
{
	struct dl_scope attempt;
	int result = 0;
	size_t len;
	char *text;

	memset(ini, 0, sizeof *ini);
	dl_scope_open(&attempt, NULL);
	text = dl_file_read(&attempt, path, DL_CAP_CONFIG, &len);
	if (text)
		result = dl_ini_parse(scope, path, dialect, text, len, ini);
	else if (attempt.error.class != DL_MISSING)
		result = dl_fail(scope, DL_CONFIG, "%s", attempt.error.message);
	dl_scope_close(&attempt);
	return result;
}

const char *dl_ini_get(const struct dl_ini *ini, const char *section, const char *key)
{
	size_t i;

	for (i = ini->count; i > 0; i--)
		if (strcmp(ini->entries[i - 1].section, section) == 0 &&
		    strcmp(ini->entries[i - 1].key, key) == 0)
			return ini->entries[i - 1].value;
	return NULL;
}
