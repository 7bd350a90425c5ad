#include "lib/data/json.h"

#include <stdlib.h>
#include <time.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "tests/unit/check.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Parses a copy of TEXT. */
static const struct dl_json *parse(struct dl_scope *scope, const char *text)
{
	return dl_json_parse(scope, dl_arena_string(&scope->arena, text), strlen(text));
}

static const char *write(struct dl_scope *scope, const struct dl_json *node)
{
	struct dl_buf buf;

	dl_buf_init(&buf, &scope->arena, DL_CAP_BODY);
	dl_json_write(&buf, node);
	return buf.data;
}

/* OPEN COUNT times, MIDDLE, and CLOSE COUNT times. */
static char *deep(struct dl_scope *scope, const char *open, const char *middle, const char *close, int count)
{
	struct dl_buf buf;
	int i;

	dl_buf_init(&buf, &scope->arena, DL_CAP_BODY);
	for (i = 0; i < count; i++)
		dl_buf_puts(&buf, open);
	dl_buf_puts(&buf, middle);
	for (i = 0; i < count; i++)
		dl_buf_puts(&buf, close);
	return buf.data;
}

/* FIRST, MORE COUNT times, and LAST. */
static char *wide(struct dl_scope *scope, const char *first, const char *more, const char *last, int count)
{
	struct dl_buf buf;

	dl_buf_init(&buf, &scope->arena, DL_CAP_BODY);
	dl_buf_puts(&buf, first);
	while (count-- > 0)
		dl_buf_puts(&buf, more);
	dl_buf_puts(&buf, last);
	return buf.data;
}

/* Scans a copy that ends where its memory ends, for the sanitizers and valgrind to see a step too far. */
static struct dl_json_fault scan(const char *text)
{
	size_t len = strlen(text);
	char *exact = malloc(len ? len : 1);
	struct dl_json_fault fault;

	memcpy(exact, text, len);
	fault = dl_json_scan(exact, len);
	free(exact);
	return fault;
}

/* What a strict jsmn lets pass comes first. */
static const struct {
	const char *text;
	int line, column;
} malformed[] = {
	{"[1 2]", 1, 4},
	{"[1,]", 1, 4},
	{"{\"a\" \"b\"}", 1, 6},
	{"{\"a\":1,}", 1, 8},
	{"{\"a\"}", 1, 5},
	{"tru", 1, 1},
	{"1e", 1, 3},
	{"{\"a\":,}", 1, 6},
	{"[,1]", 1, 2},
	{"{\"a\":1:2}", 1, 7},
	{"{\"a\":-}", 1, 7},
	{"{} {}", 1, 4},
	{"", 1, 1},
	{" \n\n ", 3, 2},
	{"01", 1, 2},
	{"-01", 1, 3},
	{"+1", 1, 1},
	{".5", 1, 1},
	{"1.", 1, 3},
	{"1.e5", 1, 3},
	{"1e+", 1, 4},
	{"-", 1, 2},
	{"--1", 1, 2},
	{"0x10", 1, 2},
	{"1_000", 1, 2},
	{"NaN", 1, 1},
	{"Infinity", 1, 1},
	{"nul", 1, 1},
	{"nullx", 1, 5},
	{"True", 1, 1},
	{"truefalse", 1, 5},
	{"[1,2", 1, 5},
	{"[", 1, 2},
	{"{", 1, 2},
	{"[1}", 1, 3},
	{"{\"a\":1]", 1, 7},
	{"]", 1, 1},
	{"[]]", 1, 3},
	{"{a:1}", 1, 2},
	{"{1:1}", 1, 2},
	{"{'a':1}", 1, 2},
	{"{\"a\":1 \"b\":2}", 1, 8},
	{"{,}", 1, 2},
	{"{\"a\":1,,\"b\":2}", 1, 8},
	{"{\"a\":\"b\":\"c\"}", 1, 9},
	{"[\"a\":1]", 1, 5},
	{"\"abc", 1, 1},
	{"[\n  \"abc]\n", 2, 8},
	{"\"abc\\", 1, 5},
	{"\"\\x\"", 1, 2},
	{"\"\\U0041\"", 1, 2},
	{"\"\\u12\"", 1, 2},
	{"\"\\u12G4\"", 1, 2},
	{"\"a\\u", 1, 3},
	{"\"\\ud800\"", 1, 2},
	{"\"\\ud800x\"", 1, 2},
	{"\"\\ud800\\n\"", 1, 2},
	{"\"\\ud800\\u0041\"", 1, 2},
	{"\"\\ud800\\ud800\"", 1, 2},
	{"\"\\udc00\"", 1, 2},
	{"\"\\ud83d\\ude0\"", 1, 2},
	{"\"\\u0000\"", 1, 2},
	{"{\"\\u0000\":1}", 1, 3},
	{"\"a\tb\"", 1, 3},
	{"\"a\nb\"", 1, 3},
	{"\"a\x01\"", 1, 3},
	{"\"\x1F\"", 1, 2},
	{"\"a\xFF\"", 1, 3},
	{"\"\xC0\x80\"", 1, 2},
	{"\"\xED\xA0\x80\"", 1, 2},
	{"\"\xE2\x82\"", 1, 2},
	{"{\"\xC3\":1}", 1, 3},
	{"\xEF\xBB\xBF{}", 1, 1},
	{"\xC2\xA0{}", 1, 1},
	{"[1]\xC2\xA0", 1, 4},
	{"{}x", 1, 3},
	{"{}\n\n  x", 3, 3},
	{"{}\f", 1, 3},
	{"// x\n{}", 1, 1},
	{"[1, /* x */ 2]", 1, 5},
	{"{\n\t\"a\": [\n\t\t1,\n\t\t2 3\n\t]\n}\n", 4, 5},
	{"{\r\n\"a\":\r\n}", 3, 1},
};

static void test_malformed(void)
{
	struct dl_scope scope;
	struct dl_json_fault fault;
	const char *message, *text;
	size_t i;

	for (i = 0; i < COUNT(malformed); i++) {
		text = malformed[i].text;
		fault = scan(text);
		check_true("malformed", text, fault.why != NULL);
		check_int("line", text, fault.line, malformed[i].line);
		check_int("column", text, fault.column, malformed[i].column);
		dl_scope_open(&scope, NULL);
		check_true("parse malformed", text, !parse(&scope, text));
		check_int("class", text, scope.error.class, DL_DATA);
		message = dl_arena_format(&scope.arena, "malformed JSON at line %d, column %d: %s",
					  malformed[i].line, malformed[i].column, fault.why ? fault.why : "");
		check_text("message", text, scope.error.message, message);
		dl_scope_close(&scope);
	}
	fault = dl_json_scan("\"a\0b\"", 5);
	check_int("malformed", "a NUL in a string", fault.column, 3);
	fault = dl_json_scan("[1]\0", 4);
	check_int("malformed", "a NUL after the document", fault.column, 4);
	check_text("malformed", "a BOM", dl_json_scan("\xEF\xBB\xBF{}", 5).why, "a byte order mark");
	fault = dl_json_scan("[\n\n ]x", 6);
	check_int("malformed", "the offset counts from 0", (int64_t)fault.offset, 5);
}

static void test_limits(void)
{
	struct dl_json_fault fault;
	struct dl_scope scope;
	char *text;

	dl_scope_open(&scope, NULL);
	text = deep(&scope, "[", "", "]", 128);
	check_true("limits", "128 levels of arrays", dl_json_parse(&scope, text, strlen(text)) != NULL);
	text = deep(&scope, "{\"a\":", "1", "}", 128);
	check_true("limits", "128 levels of objects", dl_json_parse(&scope, text, strlen(text)) != NULL);
	text = deep(&scope, "[", "", "]", 129);
	fault = dl_json_scan(text, strlen(text));
	check_text("limits", "129 levels", fault.why, "too many levels");
	check_int("limits", "129 levels", fault.column, 129);
	text = deep(&scope, "{\"a\":", "1", "}", 129);
	check_int("limits", "129 levels of objects", dl_json_scan(text, strlen(text)).column, 128 * 5 + 1);
	text = deep(&scope, "[", "", "", 1000000);
	check_int("limits", "a million levels", dl_json_scan(text, strlen(text)).column, 129);
	text = wide(&scope, "[0", ",0", "]", (4 << 20) - 2);
	check_true("limits", "4194304 values", !dl_json_scan(text, strlen(text)).why);
	text = wide(&scope, "[0", ",0", "]", (4 << 20) - 1);
	check_text("limits", "one more", dl_json_scan(text, strlen(text)).why, "too many values");
	dl_scope_close(&scope);
}

/* Valid documents and what dl_json_write makes of them; NULL: the same. */
static const struct {
	const char *text, *written;
} valid[] = {
	{"null", NULL},
	{"true", NULL},
	{"false", NULL},
	{"0", NULL},
	{"-0", NULL},
	{" 12 ", "12"},
	{"12\n", "12"},
	{"-1.50E+03", NULL},
	{"1e5", NULL},
	{"123456789012345678901234567890", NULL},
	{"\"\"", NULL},
	{"\"abc\"", NULL},
	{"[]", NULL},
	{"{}", NULL},
	{"[[],{},[[]],[{}]]", NULL},
	{"\t[ 1 ,\r\n2 ] ", "[1,2]"},
	{"[null,true,false,0,\"\"]", NULL},
	{"[-1,-0.5,1.25e-7]", NULL},
	{"{\"a\":{\"b\":{\"c\":[1,{\"d\":2}]}},\"e\":3}", NULL},
	{"{ \"a\" : 1 , \"b\" : [ ] }", "{\"a\":1,\"b\":[]}"},
	{"{\"\":1}", NULL},
	{"{\"a\":1,\"a\":2}", NULL},
	{"{\"a\\nb\":\"c\\td\"}", NULL},
	{"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\\"\\\\/\\b\\f\\n\\r\\t\""},
	{"\"\\u0041\\u00e9\\u65E5\\ud83d\\uDE00z\"", "\"A\xC3\xA9\xE6\x97\xA5\xF0\x9F\x98\x80z\""},
	{"\"\\u0001\\u001f\\u007f\\u0080\"", NULL},
	{"\"\\u202e\\u2028\\u061c\"", NULL},
	{"\"\xE2\x80\xAE\xC2\x9B\x7F\"", "\"\\u202e\\u009b\\u007f\""},
	{"\"\\uFFFF\\udbff\\udfff\"", "\"\xEF\xBF\xBF\xF4\x8F\xBF\xBF\""},
	{"\"\\u00a0\\u07ff\\u0800\"", "\"\xC2\xA0\xDF\xBF\xE0\xA0\x80\""},
	{"\"a\\\\u0000\"", NULL},
	{"\"[1,{]}\\\"\"", NULL},
	{"[\"\xC3\xA9\",\"\xF0\x9F\x98\x80\"]", NULL},
};

static void test_valid(void)
{
	const struct dl_json *node;
	const char *want, *once;
	struct dl_scope scope;
	size_t i;

	for (i = 0; i < COUNT(valid); i++) {
		dl_scope_open(&scope, NULL);
		want = valid[i].written ? valid[i].written : valid[i].text;
		check_text("scan", valid[i].text, scan(valid[i].text).why, NULL);
		node = parse(&scope, valid[i].text);
		check_text("parse", valid[i].text, scope.error.message, NULL);
		if (node) {
			once = write(&scope, node);
			check_text("write", valid[i].text, once, want);
			check_text("write again", valid[i].text, write(&scope, parse(&scope, once)), want);
		}
		dl_scope_close(&scope);
	}
}

static void test_nodes(void)
{
	const struct dl_json *root, *node;
	struct dl_scope scope;
	char text[] = "{\"a\":[1,\"x\\u0041\"],\"b\":null}";

	dl_scope_open(&scope, NULL);
	root = dl_json_parse(&scope, text, strlen(text));
	check_int("nodes", "root", root->type, DL_JSON_OBJECT);
	check_true("nodes", "root is alone", !root->key && !root->next && !root->text);
	node = root->child;
	check_text("nodes", "the first name", node->key, "a");
	check_int("nodes", "the first type", node->type, DL_JSON_ARRAY);
	check_text("nodes", "the second name", node->next->key, "b");
	check_text("nodes", "the second text", node->next->text, "null");
	check_true("nodes", "the last", !node->next->next);
	node = node->child;
	check_true("nodes", "an element has no name", !node->key);
	check_text("nodes", "a number", node->text, "1");
	check_text("nodes", "a string", node->next->text, "xA");
	check_true("nodes", "text is decoded in place", node->text > text && node->text < text + sizeof text);
	dl_scope_close(&scope);
}

static const char document[] =
	"{\"id\":7,\"name\":\"n\",\"none\":null,\"empty\":[],\"yes\":true,"
	"\"a\":{\"b\":{\"c\":\"deep\"},\"\":\"blank\"},"
	"\"list\":[{\"x\":null},{\"y\":1},{\"x\":\"first\",\"in\":[[],[\"e\"]]},{\"x\":\"second\",\"y\":2}],"
	"\"nulls\":[{\"x\":null},{}],\"twice\":1,\"twice\":2}";

static void test_get(void)
{
	static const struct {
		const char *path, *found; /* as JSON; NULL: nothing */
	} rows[] = {
		{"id", "7"},
		{"name", "\"n\""},
		{"none", "null"},
		{"missing", NULL},
		{"nam", NULL},
		{"names", NULL},
		{"a.b.c", "\"deep\""},
		{"a.b", "{\"c\":\"deep\"}"},
		{"a.c", NULL},
		{"a.b.c.d", NULL},
		{"a.", "\"blank\""},
		{"id.x", NULL},
		{"list.x", NULL},
		{"list[].x", "\"first\""},
		{"list[].y", "1"},
		{"list[].z", NULL},
		{"list[]", "{\"x\":null}"},
		{"list[].in[][]", "\"e\""},
		{"empty[]", NULL},
		{"id[]", NULL},
		{"a[]", NULL},
		{"nulls[].x", "null"},
		{"nulls[].y", NULL},
		{"missing|id", "7"},
		{"none|id", "7"},
		{"none|missing", "null"},
		{"missing|none", "null"},
		{"missing|absent", NULL},
		{"id|name", "7"},
		{"nulls[].x|list[].x|id", "\"first\""},
		{"a.x|a.b.c", "\"deep\""},
		{"twice", "1"},
		{"a[b", NULL},
		{"list[0]", NULL},
	};
	const struct dl_json *root, *found;
	struct dl_scope scope;
	size_t i;

	dl_scope_open(&scope, NULL);
	root = parse(&scope, document);
	for (i = 0; i < COUNT(rows); i++) {
		found = dl_json_get(root, rows[i].path);
		check_text("get", rows[i].path, found ? write(&scope, found) : NULL, rows[i].found);
		check_true("get below NULL", rows[i].path, !dl_json_get(NULL, rows[i].path));
	}
	check_true("get", "empty is the node", dl_json_get(root, "") == root);
	check_true("get", "empty alternative", dl_json_get(root, "missing|") == root);
	check_text("text", "a string", dl_json_text(root, "name"), "n");
	check_text("text", "nothing", dl_json_text(root, "missing"), NULL);
	check_text("text", "a null", dl_json_text(root, "none"), NULL);
	dl_scope_close(&scope);
}

static void test_scalars(void)
{
	static const struct {
		const char *json, *string;
		int64_t number;
		int boolean;
	} rows[] = {
		{"12", "12", 12, -1},
		{"-12", "-12", -12, -1},
		{"9223372036854775807", "9223372036854775807", INT64_MAX, -1},
		{"9223372036854775808", "9223372036854775808", DL_INT_NONE, -1},
		{"65.98", "65.98", 65, -1},
		{"-0.5", "-0.5", 0, -1},
		{"0.12345678901234567890123456789", "0.12345678901234567890123456789", 0, -1},
		{"1e3", "1e3", DL_INT_NONE, -1},
		{"1.5E3", "1.5E3", DL_INT_NONE, -1},
		{"123456789012345678901234", "123456789012345678901234", DL_INT_NONE, -1},
		{"\"34\"", "34", 34, -1},
		{"\"3.4\"", "3.4", DL_INT_NONE, -1},
		{"\"x\"", "x", DL_INT_NONE, -1},
		{"\"\"", "", DL_INT_NONE, -1},
		{"\"true\"", "true", DL_INT_NONE, -1},
		{"true", NULL, DL_INT_NONE, 1},
		{"false", NULL, DL_INT_NONE, 0},
		{"null", NULL, DL_INT_NONE, -1},
		{"[1]", NULL, DL_INT_NONE, -1},
		{"{\"a\":1}", NULL, DL_INT_NONE, -1},
	};
	const struct dl_json *node;
	struct dl_scope scope;
	size_t i;

	dl_scope_open(&scope, NULL);
	for (i = 0; i < COUNT(rows); i++) {
		node = parse(&scope, rows[i].json);
		check_text("string", rows[i].json, dl_json_string(node), rows[i].string);
		check_int("int", rows[i].json, dl_json_int(node), rows[i].number);
		check_int("bool", rows[i].json, dl_json_bool(node), rows[i].boolean);
	}
	check_text("string", "NULL", dl_json_string(NULL), NULL);
	check_int("int", "NULL", dl_json_int(NULL), DL_INT_NONE);
	check_int("bool", "NULL", dl_json_bool(NULL), -1);
	check_text("write", "NULL", write(&scope, NULL), "null");
	dl_scope_close(&scope);
}

static void test_quote(void)
{
	static const struct {
		const char *text, *quoted;
	} rows[] = {
		{"", "\"\""},
		{"plain", "\"plain\""},
		{"\"\\/", "\"\\\"\\\\/\""},
		{"\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\""},
		{"\x01\x1B\x7F", "\"\\u0001\\u001b\\u007f\""},
		{"\xC2\x80\xC2\x9F\xC2\xA0", "\"\\u0080\\u009f\xC2\xA0\""},
		{"\xE2\x80\xA8\xE2\x80\xAE", "\"\\u2028\\u202e\""},
		{"\xF0\x9F\x98\x80", "\"\xF0\x9F\x98\x80\""},
		{"a\xFF" "b", "\"a\xEF\xBF\xBD" "b\""},
		{"\xE2\x82", "\"\xEF\xBF\xBD\xEF\xBF\xBD\""},
		{"\xC0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\""},
	};
	struct dl_scope scope;
	struct dl_buf buf;
	size_t i;

	dl_scope_open(&scope, NULL);
	for (i = 0; i < COUNT(rows); i++) {
		dl_buf_init(&buf, &scope.arena, DL_CAP_LINE);
		dl_json_quote(&buf, rows[i].text, strlen(rows[i].text));
		check_text("quote", rows[i].text, buf.data, rows[i].quoted);
	}
	dl_buf_reset(&buf);
	dl_json_quote(&buf, "a\0b", 3);
	check_text("quote", "NUL", buf.data, "\"a\\u0000b\"");
	dl_scope_close(&scope);
}

/* TEXT with one or two bytes changed. */
static void damage(char *text, size_t len)
{
	static const char likely[] = "[]{}:,\"\\u0019dDeE+-.tfn \n\xC3\xA9";
	long changes = 1 + random() % 2;

	while (changes-- > 0)
		text[(size_t)random() % len] = likely[(size_t)random() % (sizeof likely - 1)];
}

/* A damaged document, quoted, is a document; and where it still is one itself, it survives a round trip. */
static void test_random(void)
{
	int round, accepted = 0;
	const struct dl_json *node;
	struct dl_scope scope;
	struct dl_buf buf;
	const char *once;
	bool good = true;
	char *text;

	srandom(1);
	for (round = 0; round < 50000 && good; round++) {
		dl_scope_open(&scope, NULL);
		text = dl_arena_string(&scope.arena, document);
		damage(text, strlen(text));
		dl_buf_init(&buf, &scope.arena, DL_CAP_LINE);
		dl_json_quote(&buf, text, strlen(text));
		good = !dl_json_scan(buf.data, buf.len).why;
		node = dl_json_parse(&scope, text, strlen(text));
		if (node) {
			accepted++;
			once = write(&scope, node);
			good = good && dl_text_same(write(&scope, parse(&scope, once)), once);
		}
		dl_scope_close(&scope);
	}
	check_int("random", "50000 damaged documents", round, 50000);
	check_true("random", "some were accepted, some were not", accepted > 1000 && accepted < 49000);
}

static double parse_seconds(const char *name, const char *first, const char *more, const char *last,
			    int count)
{
	struct timespec start, end;
	struct dl_scope scope;
	char *text;

	dl_scope_open(&scope, NULL);
	text = wide(&scope, first, more, last, count);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
	check_true("parse", name, dl_json_parse(&scope, text, strlen(text)) != NULL);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	dl_scope_close(&scope);
	return (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9;
}

/* Sixteen times the text may take eighty times as long, and not 256 times, as a quadratic parser would. */
static void test_linear(void)
{
	static const struct wide_row {
		const char *name, *first, *more, *last;
		int count;
	} rows[] = {
		{"a wide array", "[0", ",0", "]", 20000},
		{"a wide object", "{\"k\":\"v\"", ",\"k\":\"v\"", "}", 10000},
		{"many deep objects", "[0", ",{\"a\":{\"b\":[[[[[[1,\"\\u0041\"]]]]]]}}", "]", 3000},
		{"many empty arrays", "[0", ",[],[[]]", "]", 10000},
		{"a long string", "\"", "\\n\\ud83d\\ude00", "\"", 20000},
	};
	const struct wide_row *row;
	double once, more;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		row = &rows[i];
		once = parse_seconds(row->name, row->first, row->more, row->last, row->count);
		more = parse_seconds(row->name, row->first, row->more, row->last, row->count * 16);
		check_true("linear", row->name, more < 80 * once + 0.05);
	}
}

int main(void)
{
	test_malformed();
	test_limits();
	test_valid();
	test_nodes();
	test_get();
	test_scalars();
	test_quote();
	test_random();
	test_linear();
	return check_end("json");
}
