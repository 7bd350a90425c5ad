/* jsmn splits a text into tokens fast, but is no judge of it, so a recursive scanner of one function per rule
 * of RFC 8259 looks first. It also counts the values, which makes the nodes one exact block. jsmn then runs
 * twice, to count its tokens and to write them; with JSMN_PARENT_LINKS, since closing a bracket searches all
 * earlier tokens without.
 *
 * Tokens stand in the order of the text, so nodes are linked by a walk with a stack of open containers.
 * Only after that walk has passed a token may its text be changed: strings are decoded and NULs written
 * into the text, over quotes, commas and brackets. */
#include "lib/data/json.h"

#define JSMN_STATIC
#define JSMN_STRICT
#define JSMN_PARENT_LINKS
#include <ctype.h>
#include <jsmn.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"

enum { DEPTH_MAX = 128, VALUES_MAX = 4 << 20 };

struct scan {
	const char *text;
	size_t len;
	size_t pos;      /* of the fault, once there is one */
	const char *why; /* NULL: no fault so far */
	int values;
};

static bool scan_value(struct scan *scan, int depth);

static bool fault(struct scan *scan, size_t pos, const char *why)
{
	scan->pos = pos;
	scan->why = why;
	return false;
}

/* The byte at the scanner, or -1 at the end. */
static int peek(const struct scan *scan)
{
	return scan->pos < scan->len ? (unsigned char)scan->text[scan->pos] : -1;
}

static void skip_space(struct scan *scan)
{
	while (scan->pos < scan->len && memchr(" \t\n\r", scan->text[scan->pos], 4))
		scan->pos++;
}

static bool skip_byte(struct scan *scan, char byte)
{
	if (peek(scan) != byte)
		return false;
	scan->pos++;
	return true;
}

/* The value of four hexadecimal digits at POS; -1: there are none. */
static int hex4(const char *text, size_t len, size_t pos)
{
	int value = 0, i, digit;

	if (len - pos < 4)
		return -1;
	for (i = 0; i < 4; i++) {
		digit = (unsigned char)text[pos + (size_t)i];
		if (!isxdigit(digit))
			return -1;
		value = value << 4 | (isdigit(digit) ? digit - '0' : (digit | 0x20) - 'a' + 10);
	}
	return value;
}

static bool is_high_surrogate(int code)
{
	return code >= 0xD800 && code <= 0xDBFF;
}

static bool is_low_surrogate(int code)
{
	return code >= 0xDC00 && code <= 0xDFFF;
}

/* At the `u` of an escape. */
static bool scan_unicode(struct scan *scan)
{
	size_t start = scan->pos - 1;
	int code = hex4(scan->text, scan->len, scan->pos + 1), low;

	if (code < 0)
		return fault(scan, start, "\\u without four hexadecimal digits");
	if (code == 0)
		return fault(scan, start, "the character U+0000");
	scan->pos += 5;
	if (is_low_surrogate(code))
		return fault(scan, start, "a surrogate without its other half");
	if (!is_high_surrogate(code))
		return true;
	if (!skip_byte(scan, '\\') || peek(scan) != 'u')
		return fault(scan, start, "a surrogate without its other half");
	low = hex4(scan->text, scan->len, scan->pos + 1);
	if (!is_low_surrogate(low))
		return fault(scan, start, "a surrogate without its other half");
	scan->pos += 5;
	return true;
}

/* At the backslash of an escape. */
static bool scan_escape(struct scan *scan)
{
	int byte;

	scan->pos++;
	byte = peek(scan);
	if (byte == 'u')
		return scan_unicode(scan);
	if (byte < 0 || !memchr("\"\\/bfnrt", byte, 8))
		return fault(scan, scan->pos - 1, "an unknown escape");
	scan->pos++;
	return true;
}

static bool scan_string(struct scan *scan)
{
	size_t start = scan->pos, size;
	unsigned char byte;

	scan->pos++;
	while (scan->pos < scan->len) {
		byte = (unsigned char)scan->text[scan->pos];
		if (byte == '"') {
			scan->pos++;
			return true;
		}
		if (byte < 0x20)
			return fault(scan, scan->pos, "a control character in a string");
		if (byte == '\\') {
			if (!scan_escape(scan))
				return false;
			continue;
		}
		size = byte < 0x80 ? 1 : dl_text_utf8(scan->text + scan->pos, scan->len - scan->pos);
		if (!size)
			return fault(scan, scan->pos, "invalid UTF-8");
		scan->pos += size;
	}
	return fault(scan, start, "a string that does not end");
}

static bool scan_digits(struct scan *scan)
{
	size_t start = scan->pos;

	while (isdigit(peek(scan)))
		scan->pos++;
	return scan->pos > start || fault(scan, scan->pos, "expected a digit");
}

static bool scan_number(struct scan *scan)
{
	skip_byte(scan, '-');
	if (skip_byte(scan, '0')) {
		if (isdigit(peek(scan)))
			return fault(scan, scan->pos, "a number with a leading zero");
	} else if (!scan_digits(scan)) {
		return false;
	}
	if (skip_byte(scan, '.') && !scan_digits(scan))
		return false;
	if (peek(scan) == 'e' || peek(scan) == 'E') {
		scan->pos++;
		if (!skip_byte(scan, '+'))
			skip_byte(scan, '-');
		return scan_digits(scan);
	}
	return true;
}

static bool scan_word(struct scan *scan, const char *word)
{
	size_t len = strlen(word);

	if (scan->len - scan->pos < len || memcmp(scan->text + scan->pos, word, len) != 0)
		return fault(scan, scan->pos, "expected a value");
	scan->pos += len;
	return true;
}

static bool scan_array(struct scan *scan, int depth)
{
	scan->pos++;
	skip_space(scan);
	if (skip_byte(scan, ']'))
		return true;
	for (;;) {
		if (!scan_value(scan, depth))
			return false;
		skip_space(scan);
		if (skip_byte(scan, ']'))
			return true;
		if (!skip_byte(scan, ','))
			return fault(scan, scan->pos, "expected ',' or ']'");
	}
}

static bool scan_member(struct scan *scan, int depth)
{
	skip_space(scan);
	if (peek(scan) != '"')
		return fault(scan, scan->pos, "expected a member name");
	if (!scan_string(scan))
		return false;
	skip_space(scan);
	if (!skip_byte(scan, ':'))
		return fault(scan, scan->pos, "expected ':'");
	return scan_value(scan, depth);
}

static bool scan_object(struct scan *scan, int depth)
{
	scan->pos++;
	skip_space(scan);
	if (skip_byte(scan, '}'))
		return true;
	for (;;) {
		if (!scan_member(scan, depth))
			return false;
		skip_space(scan);
		if (skip_byte(scan, '}'))
			return true;
		if (!skip_byte(scan, ','))
			return fault(scan, scan->pos, "expected ',' or '}'");
	}
}

/* A value DEPTH levels below the root, and white space before it. */
static bool scan_value(struct scan *scan, int depth)
{
	int byte;

	skip_space(scan);
	byte = peek(scan);
	if (scan->values++ == VALUES_MAX)
		return fault(scan, scan->pos, "too many values");
	if ((byte == '[' || byte == '{') && depth == DEPTH_MAX)
		return fault(scan, scan->pos, "too many levels");
	switch (byte) {
	case '{':
		return scan_object(scan, depth + 1);
	case '[':
		return scan_array(scan, depth + 1);
	case '"':
		return scan_string(scan);
	case 't':
		return scan_word(scan, "true");
	case 'f':
		return scan_word(scan, "false");
	case 'n':
		return scan_word(scan, "null");
	default:
		if (byte == '-' || isdigit(byte))
			return scan_number(scan);
		return fault(scan, scan->pos, "expected a value");
	}
}

static void scan_document(struct scan *scan)
{
	if (scan->len >= 3 && memcmp(scan->text, "\xEF\xBB\xBF", 3) == 0)
		fault(scan, 0, "a byte order mark");
	if (scan->why || !scan_value(scan, 0))
		return;
	skip_space(scan);
	if (scan->pos < scan->len)
		fault(scan, scan->pos, "something after the document");
}

static struct dl_json_fault locate(const struct scan *scan)
{
	struct dl_json_fault found = {.why = scan->why, .offset = scan->pos, .line = 1, .column = 1};
	size_t i;

	for (i = 0; i < scan->pos; i++) {
		found.column++;
		if (scan->text[i] == '\n') {
			found.line++;
			found.column = 1;
		}
	}
	return found;
}

struct dl_json_fault dl_json_scan(const char *text, size_t len)
{
	struct scan scan = {.text = text, .len = len};

	scan_document(&scan);
	return scan.why ? locate(&scan) : (struct dl_json_fault){0};
}

static char *put_utf8(char *out, int code)
{
	if (code < 0x80) {
		*out++ = (char)code;
		return out;
	}
	if (code < 0x800) {
		*out++ = (char)(0xC0 | code >> 6);
	} else {
		if (code < 0x10000) {
			*out++ = (char)(0xE0 | code >> 12);
		} else {
			*out++ = (char)(0xF0 | code >> 18);
			*out++ = (char)(0x80 | (code >> 12 & 0x3F));
		}
		*out++ = (char)(0x80 | (code >> 6 & 0x3F));
	}
	*out++ = (char)(0x80 | (code & 0x3F));
	return out;
}

/* Decodes the scanned string from START to before END in place, which never makes it longer, and ends it
 * with a NUL. */
static const char *decode_string(char *text, size_t start, size_t end)
{
	static const char letters[] = "bfnrt", meanings[] = "\b\f\n\r\t";
	char *in = memchr(text + start, '\\', end - start), *out = in;
	const char *letter, *stop = text + end;
	int code;

	text[end] = '\0';
	while (in && in < stop) {
		if (*in != '\\') {
			*out++ = *in++;
			continue;
		}
		if (in[1] != 'u') {
			letter = strchr(letters, in[1]);
			*out++ = letter ? meanings[letter - letters] : in[1];
			in += 2;
			continue;
		}
		code = hex4(in, 6, 2);
		in += 6;
		if (is_high_surrogate(code)) {
			code = 0x10000 + ((code - 0xD800) << 10) + (hex4(in, 6, 2) - 0xDC00);
			in += 6;
		}
		out = put_utf8(out, code);
	}
	if (out)
		*out = '\0';
	return text + start;
}

static enum dl_json_type type_of(const char *text, const jsmntok_t *token)
{
	switch (token->type) {
	case JSMN_OBJECT:
		return DL_JSON_OBJECT;
	case JSMN_ARRAY:
		return DL_JSON_ARRAY;
	case JSMN_STRING:
		return DL_JSON_STRING;
	case JSMN_UNDEFINED:
	case JSMN_PRIMITIVE:
		break;
	}
	switch (text[token->start]) {
	case 'n':
		return DL_JSON_NULL;
	case 'f':
		return DL_JSON_FALSE;
	case 't':
		return DL_JSON_TRUE;
	default:
		return DL_JSON_NUMBER;
	}
}

/* Gives NODE its type and text. A word or number has a separator behind it, or the end: there is always
 * room for the NUL. */
static void fill_node(struct dl_json *node, char *text, const jsmntok_t *token)
{
	node->type = type_of(text, token);
	if (token->type == JSMN_STRING) {
		node->text = decode_string(text, (size_t)token->start, (size_t)token->end);
	} else if (token->type == JSMN_PRIMITIVE) {
		text[token->end] = '\0';
		node->text = text + token->start;
	}
}

/* A container whose elements are being linked. */
struct open {
	struct dl_json *node;
	struct dl_json *last; /* NULL: no element so far */
	int end;
};

static void link_nodes(struct dl_json *nodes, char *text, const jsmntok_t *tokens, int count)
{
	struct open open[DEPTH_MAX + 1] = {{0}}, *top = open; /* open[0] stands for no container */
	const jsmntok_t *token = tokens, *end = tokens + count;
	struct dl_json *node = nodes;

	for (; token < end; token++, node++) {
		while (top > open && token->start >= top->end)
			top--;
		if (top > open && top->node->type == DL_JSON_OBJECT) {
			node->key = decode_string(text, (size_t)token->start, (size_t)token->end);
			token++;
		}
		fill_node(node, text, token);
		if (top->last)
			top->last->next = node;
		else if (top->node)
			top->node->child = node;
		top->last = node;
		if (node->type == DL_JSON_ARRAY || node->type == DL_JSON_OBJECT)
			*++top = (struct open){.node = node, .end = token->end};
	}
}

/* Splits the LEN bytes of TEXT; the tokens live in ARENA. A strict jsmn wants a separator after a number,
 * which at the root nobody has to write: the NUL that follows the text is one while it runs. */
static const jsmntok_t *split(struct dl_arena *arena, char *text, size_t len, int *count)
{
	jsmn_parser parser;
	jsmntok_t *tokens;
	int wrote;

	text[len] = ' ';
	jsmn_init(&parser);
	*count = jsmn_parse(&parser, text, len + 1, NULL, 0);
	DL_BUG_IF(*count < 1);
	tokens = dl_arena_array(arena, (size_t)*count, sizeof *tokens);
	jsmn_init(&parser);
	wrote = jsmn_parse(&parser, text, len + 1, tokens, (unsigned int)*count);
	DL_BUG_IF(wrote != *count);
	text[len] = '\0';
	return tokens;
}

const struct dl_json *dl_json_parse(struct dl_scope *scope, char *text, size_t len)
{
	struct scan scan = {.text = text, .len = len};
	struct dl_arena temporary = {0};
	struct dl_json_fault found;
	const jsmntok_t *tokens;
	struct dl_json *nodes;
	int count;

	if (len >= INT_MAX) {
		dl_fail(scope, DL_DATA, "a JSON document of %zu bytes", len);
		return NULL;
	}
	scan_document(&scan);
	if (scan.why) {
		found = locate(&scan);
		dl_fail(scope, DL_DATA, "malformed JSON at line %d, column %d: %s", found.line, found.column,
			found.why);
		return NULL;
	}
	tokens = split(&temporary, text, len, &count);
	nodes = dl_arena_array(&scope->arena, (size_t)scan.values, sizeof *nodes);
	link_nodes(nodes, text, tokens, count);
	dl_arena_free(&temporary);
	return nodes;
}

static bool settled(const struct dl_json *node)
{
	return node && node->type != DL_JSON_NULL;
}

/* A first find that is null gives way to a second one that is not. */
static const struct dl_json *better(const struct dl_json *first, const struct dl_json *second)
{
	return first && !settled(second) ? first : second;
}

static const struct dl_json *member(const struct dl_json *node, const char *name, size_t len)
{
	const struct dl_json *child = node->type == DL_JSON_OBJECT ? node->child : NULL;

	while (child && (strncmp(child->key, name, len) != 0 || child->key[len]))
		child = child->next;
	return child;
}

/* Follows the one alternative from PATH to before END. */
static const struct dl_json *follow(const struct dl_json *node, const char *path, const char *end)
{
	const struct dl_json *element, *found = NULL;
	size_t len;

	while (node && path < end && strncmp(path, "[]", 2) != 0) {
		path += *path == '.';
		if (*path == '[')
			return NULL;
		len = strcspn(path, ".[|");
		node = member(node, path, len);
		path += len;
	}
	if (!node || path == end)
		return node;
	if (node->type != DL_JSON_ARRAY)
		return NULL;
	for (element = node->child; element && !settled(found); element = element->next)
		found = better(found, follow(element, path + 2, end));
	return found;
}

const struct dl_json *dl_json_get(const struct dl_json *node, const char *path)
{
	const struct dl_json *found = NULL;
	size_t len;

	for (;; path += len + 1) {
		len = strcspn(path, "|");
		found = better(found, follow(node, path, path + len));
		if (settled(found) || !path[len])
			return found;
	}
}

const char *dl_json_string(const struct dl_json *node)
{
	return node && (node->type == DL_JSON_STRING || node->type == DL_JSON_NUMBER) ? node->text : NULL;
}

int64_t dl_json_int(const struct dl_json *node)
{
	const char *text = dl_json_string(node);
	char whole[24];
	size_t len;

	if (!text || node->type == DL_JSON_STRING)
		return dl_text_int(text);
	len = strcspn(text, ".");
	if (len >= sizeof whole || strpbrk(text, "eE"))
		return DL_INT_NONE;
	memcpy(whole, text, len);
	whole[len] = '\0';
	return dl_text_int(whole);
}

int dl_json_bool(const struct dl_json *node)
{
	if (!node || (node->type != DL_JSON_TRUE && node->type != DL_JSON_FALSE))
		return -1;
	return node->type == DL_JSON_TRUE;
}

const char *dl_json_text(const struct dl_json *node, const char *path)
{
	return dl_json_string(dl_json_get(node, path));
}

static void escape(struct dl_buf *buf, char byte)
{
	dl_buf_putc(buf, '\\');
	dl_buf_putc(buf, byte);
}

static void quote_unsafe(struct dl_buf *buf, uint32_t code)
{
	static const char meanings[] = "\b\f\n\r\t", letters[] = "bfnrt";
	const char *meaning = code && code < ' ' ? strchr(meanings, (int)code) : NULL;

	if (meaning)
		escape(buf, letters[meaning - meanings]);
	else
		dl_buf_printf(buf, "\\u%04x", (unsigned int)code);
}

static bool is_plain(char byte)
{
	return byte >= ' ' && byte < 0x7F && byte != '"' && byte != '\\';
}

/* The length of the start of TEXT that is ASCII and stands in a JSON string as it is. */
static size_t plain_span(const char *text, size_t len)
{
	size_t span = 0;

	while (span < len && is_plain(text[span]))
		span++;
	return span;
}

void dl_json_quote(struct dl_buf *buf, const char *text, size_t len)
{
	uint32_t code;
	size_t size;

	dl_buf_putc(buf, '"');
	for (; len; text += size, len -= size) {
		size = plain_span(text, len);
		if (size) {
			dl_buf_add(buf, text, size);
			continue;
		}
		size = dl_text_utf8(text, len);
		code = size ? dl_text_code(text, size) : 0xFFFD;
		if (dl_text_unsafe(code))
			quote_unsafe(buf, code);
		else if (code == '"' || code == '\\')
			escape(buf, (char)code);
		else if (size)
			dl_buf_add(buf, text, size);
		else
			dl_buf_puts(buf, "\xEF\xBF\xBD");
		size = size ? size : 1;
	}
	dl_buf_putc(buf, '"');
}

static void write_children(struct dl_buf *buf, const struct dl_json *child)
{
	const struct dl_json *first = child;

	for (; child; child = child->next) {
		if (child != first)
			dl_buf_putc(buf, ',');
		if (child->key) {
			dl_json_quote(buf, child->key, strlen(child->key));
			dl_buf_putc(buf, ':');
		}
		dl_json_write(buf, child);
	}
}

void dl_json_write(struct dl_buf *buf, const struct dl_json *node)
{
	switch (node ? node->type : DL_JSON_NULL) {
	case DL_JSON_OBJECT:
		dl_buf_putc(buf, '{');
		write_children(buf, node->child);
		dl_buf_putc(buf, '}');
		break;
	case DL_JSON_ARRAY:
		dl_buf_putc(buf, '[');
		write_children(buf, node->child);
		dl_buf_putc(buf, ']');
		break;
	case DL_JSON_STRING:
		dl_json_quote(buf, node->text, strlen(node->text));
		break;
	case DL_JSON_NULL:
		dl_buf_puts(buf, "null");
		break;
	case DL_JSON_FALSE:
	case DL_JSON_TRUE:
	case DL_JSON_NUMBER:
		dl_buf_puts(buf, node->text);
		break;
	}
}
