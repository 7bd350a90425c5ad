#include "lib/data/config.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/file.h"
#include "lib/base/scope.h"
#include "tests/unit/scratch.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { NOBODY = 65534, MANY = 40000 };

static void put(const char *name, const char *text, size_t len)
{
	if (dl_file_write(&scope, at(name), 0644, text, len) < 0)
		abort();
}

/* NODE as JSON; NULL stays NULL. */
static const char *spell(const struct dl_json *node)
{
	struct dl_buf buf;

	if (!node)
		return NULL;
	dl_buf_init(&buf, &scope.arena, DL_CAP_BODY);
	dl_json_write(&buf, node);
	return buf.data;
}

/* The message of the failure, which is forgotten; "" when there was none, or of another class than
 * DL_CONFIG. */
static const char *complaint(void)
{
	struct dl_error error = dl_fail_take(&scope, &scope.arena);

	return error.class == DL_CONFIG ? error.message : "";
}

static const struct dl_json *parse(const char *text)
{
	return dl_config_parse(&scope, "c.yaml", text, strlen(text));
}

static const struct dl_json *parse_aliased(const char *text)
{
	return dl_config_aliased(&scope, "c.yaml", text, strlen(text));
}

static void test_yaml(void)
{
	static const struct {
		const char *yaml, *json;
	} rows[] = {
		{"", "{}"},
		{"# nothing\n\n", "{}"},
		{"---\n", "{}"},
		{"--- # nothing\n...\n", "{}"},
		{"\xEF\xBB\xBF"
		 "a: b\n",
		 "{\"a\":\"b\"}"},
		{"%YAML 1.1\n---\na: b\n", "{\"a\":\"b\"}"},
		{"a: 1\nb:\n  - x\n  - y: z\n    w:\nc: {d: [1, 'two', \"th\\u0072ee\"]}\n",
		 "{\"a\":1,\"b\":[\"x\",{\"y\":\"z\",\"w\":null}],\"c\":{\"d\":[1,\"two\",\"three\"]}}"},
		{"[null, Null, NULL, ~, ]", "[null,null,null,null]"},
		{"[nULL, 'null', \"~\", '']", "[\"nULL\",\"null\",\"~\",\"\"]"},
		{"[true, True, TRUE, false, False, FALSE]", "[true,true,true,false,false,false]"},
		{"[yes, no, on, off, tRUE, 'true']", "[\"yes\",\"no\",\"on\",\"off\",\"tRUE\",\"true\"]"},
		{"[0, -1, +12, 007, -0, 0x1F, 0o17, 0xffffffffffffffff]",
		 "[0,-1,12,7,-0,31,15,18446744073709551615]"},
		{"[1.50, .5, -.5, 1., +1.e3, 1e-7, 1E+9, 00.10]", "[1.50,0.5,-0.5,1,1e3,1e-7,1E+9,0.10]"},
		{"[1.2.3, 1_000, 0b1, 0xg, 0x, 0o8, e5, 1e, ., -, +, '1', 12:30, 2026-01-14, 1 2]",
		 "[\"1.2.3\",\"1_000\",\"0b1\",\"0xg\",\"0x\",\"0o8\",\"e5\",\"1e\",\".\",\"-\",\"+\",\"1\","
		 "\"12:30\","
		 "\"2026-01-14\",\"1 2\"]"},
		{"[!!str 1, !!str , !!int 1, !!float 1.5, !!float 1, !!bool true, !!null ~, ! 1, !!int "
		 "\"7\"]",
		 "[\"1\",\"\",1,1.5,1,true,null,\"1\",7]"},
		{"!!map {a: !!seq [b]}", "{\"a\":[\"b\"]}"},
		{"1: a\n~: b\n'': c\n!!str d: e\n<<: f\n",
		 "{\"1\":\"a\",\"~\":\"b\",\"\":\"c\",\"d\":\"e\",\"<<\":\"f\"}"},
		{"a: |\n  one\n  two\nb: >-\n  one\n  two\n", "{\"a\":\"one\\ntwo\\n\",\"b\":\"one two\"}"},
		{"a: &unused 1\n", "{\"a\":1}"},
		{"just text", "\"just text\""},
		{"url: https://git.example.com:8443/x#y\n", "{\"url\":\"https://git.example.com:8443/x#y\"}"},
		{"a: {b: 1, c: {b: 2}}\nb: 3\n", "{\"a\":{\"b\":1,\"c\":{\"b\":2}},\"b\":3}"},
		{"{\"a\":1,\"b\":[true,null]}", "{\"a\":1,\"b\":[true,null]}"},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		check_text("yaml", rows[i].yaml, spell(parse(rows[i].yaml)), rows[i].json);
		check_int("yaml", rows[i].yaml, scope.error.class, DL_OK);
	}
}

static void test_yaml_refused(void)
{
	static const struct {
		const char *yaml, *complaint;
	} rows[] = {
		{"a: 1\nb: *x\n", "c.yaml:2:4: an alias"},
		{"*x : 1\n", "c.yaml:1:1: an alias"},
		{"a: 1\nb: 2\na: 3\n", "c.yaml:3:1: a key that was there before"},
		{"x:\n  - {z: 1, a: 1, y: 2, a: 2, z: 3}\n", "c.yaml:2:24: a key that was there before"},
		{"a: 1\n\"a\": 2\n", "c.yaml:2:1: a key that was there before"},
		{"a: 1\n---\nb: 2\n", "c.yaml:2:1: a second document"},
		{"a: !ruby/object:X {}\n",
		 "c.yaml:1:4: a tag that is none of the core schema, or does not fit"},
		{"a: !!binary aGk=\n", "c.yaml:1:4: a tag that is none of the core schema, or does not fit"},
		{"a: !!int x\n", "c.yaml:1:4: a tag that is none of the core schema, or does not fit"},
		{"a: !!int 1.5\n", "c.yaml:1:4: a tag that is none of the core schema, or does not fit"},
		{"a: !!seq {}\n", "c.yaml:1:4: a tag that is none of the core schema, or does not fit"},
		{"a: !!str []\n", "c.yaml:1:4: a tag that is none of the core schema, or does not fit"},
		{"!x a: 1\n", "c.yaml:1:1: a tag that is none of the core schema, or does not fit"},
		{"a: [.inf]\n", "c.yaml:1:5: a number that JSON does not have"},
		{"a: -.INF\n", "c.yaml:1:4: a number that JSON does not have"},
		{"a: .NaN\n", "c.yaml:1:4: a number that JSON does not have"},
		{"a: 0x10000000000000000\n", "c.yaml:1:4: a number over 64 bits"},
		{"a: 0o7777777777777777777777\n", "c.yaml:1:4: a number over 64 bits"},
		{"a: \"x\\0y\"\n", "c.yaml:1:4: the character U+0000"},
		{"\"\\0\": 1\n", "c.yaml:1:1: the character U+0000"},
		{"? [a, b]\n: 1\n", "c.yaml:1:3: a key that is no scalar"},
		{"a:\n\tb: 1\n", "c.yaml:2:1: found character that cannot start any token"},
		{"a: [1, 2\nb: 3\n", "c.yaml:2:2: did not find expected ',' or ']'"},
		{"a: 'x\n", "c.yaml:2:1: found unexpected end of stream"},
		{"a: b: c\n", "c.yaml:1:5: mapping values are not allowed in this context"},
		{"a: \"\\q\"\n", "c.yaml:1:5: found unknown escape character"},
		{"a: \"\\ud800\"\n", "c.yaml:1:7: found invalid Unicode character escape code"},
		{"ok: 1\nbad: \xff\n", "c.yaml:2:6: invalid leading UTF-8 octet"},
		{"ok: 1\nbad: x\xc3(\n", "c.yaml:2:8: invalid trailing UTF-8 octet"},
		{"ok: \xed\xa0\x80\n", "c.yaml:1:5: invalid Unicode character"},
		{"a: \x01\n", "c.yaml:1:4: control characters are not allowed"},
		{"\xff\xfe"
		 "a\0",
		 "c.yaml:1:1: invalid leading UTF-8 octet"},
		{"%TAG ! tag:x,2000:\n---\n!y z\n",
		 "c.yaml:3:1: a tag that is none of the core schema, or does not fit"},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		check_true("refused", rows[i].yaml, !parse(rows[i].yaml));
		check_text("refused", rows[i].yaml, complaint(), rows[i].complaint);
	}
	check_true("refused", "a NUL byte", !dl_config_parse(&scope, "c.yaml", "a: \0b\n", 6));
	check_text("refused", "a NUL byte", complaint(), "c.yaml:1:4: control characters are not allowed");
	check_true("refused", "a name that is hostile", !dl_config_parse(&scope, "c\033.yaml", "*x", 2));
	check_text("refused", "a name that is hostile", complaint(), "c\\x1b.yaml:1:1: an alias");
}

/* TEXT repeated COUNT times. */
static const char *repeat(const char *text, size_t count)
{
	struct dl_buf buf;

	dl_buf_init(&buf, &scope.arena, DL_CAP_BODY);
	while (count--)
		dl_buf_puts(&buf, text);
	return buf.data;
}

static void test_depth(void)
{
	const char *flow = dl_arena_format(&scope.arena, "%s%s", repeat("[", 64), repeat("]", 64));

	check_text("depth", "64 levels", spell(parse(flow)), flow);
	check_text("depth", "64 levels, a scalar in them",
		   spell(parse(dl_arena_format(&scope.arena, "%s1%s", repeat("[", 64), repeat("]", 64)))),
		   dl_arena_format(&scope.arena, "%s1%s", repeat("[", 64), repeat("]", 64)));
	check_true("depth", "65 levels", !parse(dl_arena_format(&scope.arena, "[%s]", flow)));
	check_text("depth", "65 levels", complaint(), "c.yaml:1:65: more than 64 levels");
	check_true("depth", "65 levels of blocks",
		   !parse(dl_arena_format(&scope.arena, "%sx: 1\n", repeat("- ", 64))));
	check_text("depth", "65 levels of blocks", complaint(), "c.yaml:1:129: more than 64 levels");
	check_true("depth", "a million brackets", !parse(repeat("[", 1 << 20)));
	check_text("depth", "a million brackets", complaint(), "c.yaml:1:65: more than 64 levels");
	check_true("depth", "half a million braces", !parse(repeat("{a: ", 1 << 18)));
	check_text("depth", "half a million braces", complaint(), "c.yaml:1:257: more than 64 levels");
}

/* https://en.wikipedia.org/wiki/Billion_laughs_attack */
static void test_laughs(void)
{
	struct dl_buf buf;
	int letter, i;

	dl_buf_init(&buf, &scope.arena, DL_CAP_CONFIG);
	dl_buf_puts(&buf, "a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
	for (letter = 'b'; letter <= 'i'; letter++) {
		dl_buf_printf(&buf, "%c: &%c [", letter, letter);
		for (i = 0; i < 9; i++)
			dl_buf_printf(&buf, "%s*%c", i ? "," : "", letter - 1);
		dl_buf_puts(&buf, "]\n");
	}
	check_true("laughs", "a billion", !parse(buf.data));
	check_text("laughs", "a billion", complaint(), "c.yaml:2:8: an alias");
	check_true("laughs", "a billion, aliased", !parse_aliased(buf.data));
	check_text("laughs", "a billion, aliased", complaint(),
		   "c.yaml:7:8: more than 4 MiB with its aliases written out");
}

static void test_aliases(void)
{
	static const struct {
		const char *yaml, *json, *complaint;
	} rows[] = {
		{"a: &x 1\nb: *x\nc: [*x, *x]\n", "{\"a\":1,\"b\":1,\"c\":[1,1]}", ""},
		{"a: &x {k: [v]}\nb: *x\nc: last\n",
		 "{\"a\":{\"k\":[\"v\"]},\"b\":{\"k\":[\"v\"]},\"c\":\"last\"}", ""},
		{"a: &x [1]\nb: &y [*x, 2]\nc: *y\n", "{\"a\":[1],\"b\":[[1],2],\"c\":[[1],2]}", ""},
		{"a: &x\nb: *x\n", "{\"a\":null,\"b\":null}", ""},
		{"a: &x 1\nb: &x 2\nc: *x\n", "{\"a\":1,\"b\":2,\"c\":2}", ""},
		{"a: &x {k: v}\nb: {<<: *x}\n", "{\"a\":{\"k\":\"v\"},\"b\":{\"<<\":{\"k\":\"v\"}}}", ""},
		{"a: &x\n  b: *x\n", NULL, "c.yaml:2:6: an alias of nothing that is before it"},
		{"a: *x\n", NULL, "c.yaml:1:4: an alias of nothing that is before it"},
		{"a: &x b\n*x : c\n", NULL, "c.yaml:2:1: an alias"},
		{"a: 1\na: 2\n", NULL, "c.yaml:2:1: a key that was there before"},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		check_text("aliases", rows[i].yaml, spell(parse_aliased(rows[i].yaml)), rows[i].json);
		check_text("aliases", rows[i].yaml, complaint(), rows[i].complaint);
	}
}

/* What aliases add up to. */
static void test_alias_bounds(void)
{
	const char *forty = dl_arena_format(&scope.arena, "- &x %s%s\n", repeat("[", 40), repeat("]", 40));
	struct dl_buf many;
	int i;

	check_true("aliases", "63 levels",
		   parse_aliased(dl_arena_format(&scope.arena, "%s- %s*x%s\n", forty, repeat("[", 23),
						 repeat("]", 23))) != NULL);
	check_true("aliases", "65 levels",
		   !parse_aliased(dl_arena_format(&scope.arena, "%s- &y %s*x%s\n- [*y]\n", forty,
						  repeat("[", 23), repeat("]", 23))));
	check_text("aliases", "65 levels", complaint(), "c.yaml:3:4: more than 64 levels");
	check_true("aliases", "of a long text",
		   !parse_aliased(dl_arena_format(&scope.arena, "- &x %s\n- [%s]\n", repeat("x", 20000),
						  repeat("*x , ", 1000))));
	check_text("aliases", "of a long text", complaint(),
		   "c.yaml:2:1044: more than 4 MiB with its aliases written out");
	dl_buf_init(&many, &scope.arena, DL_CAP_BODY);
	for (i = 0; i < 1000; i++)
		dl_buf_printf(&many, "- &x%d 1\n", i);
	check_true("aliases", "1000 anchors", parse_aliased(many.data) != NULL);
	dl_buf_puts(&many, "- &y 1\n");
	check_true("aliases", "1001 anchors", !parse_aliased(many.data));
	check_text("aliases", "1001 anchors", complaint(), "c.yaml:1001:3: more than 1000 anchors");
}

/* Time and memory stay proportional to the file. */
static void test_many(void)
{
	struct dl_buf buf;
	const struct dl_json *root;
	int i;

	dl_buf_init(&buf, &scope.arena, DL_CAP_CONFIG);
	for (i = 0; i < MANY; i++)
		dl_buf_printf(&buf, "key%d: %d\n", i, i);
	root = parse(buf.data);
	check_int("many", "keys", dl_json_int(dl_json_get(root, "key39999")), MANY - 1);
	dl_buf_puts(&buf, "key20000: again\n");
	check_true("many", "one key twice", !parse(buf.data));
	check_text("many", "one key twice", complaint(), "c.yaml:40001:1: a key that was there before");
	check_true("many", "scalars", parse(repeat("- \n", 300000)) != NULL);
}

static void test_json(void)
{
	static const struct {
		const char *text, *json, *complaint;
	} rows[] = {
		{"{\"a\": [1, \"\\u0041\\n\"], \"b\": {\"a\": null}}",
		 "{\"a\":[1,\"A\\n\"],\"b\":{\"a\":null}}", ""},
		{"", "{}", ""},
		{" \n", "{}", ""},
		{"{\n  \"a\": 1,\n}", NULL, ":3:1: expected a member name"},
		{"{a: 1}", NULL, ":1:2: expected a member name"},
		{"{\"a\": 1}\n x", NULL, ":2:2: something after the document"},
		{"{\"a\": \"\xff\"}", NULL, ":1:8: invalid UTF-8"},
		{"{\"a\": \"x\\n\",\n \"b\": 1, \"\\u0061\": 2}", NULL, ":2:10: a key that was there before"},
		{"[{\"\": 1, \"b\": {\"c\": 1, \"d\": 2, \"c\": 3}}]", NULL,
		 ":1:32: a key that was there before"},
		{"[{\"[\\\"{\": 1, \"[\\\"{\": 1}]", NULL, ":1:14: a key that was there before"},
		{"[1, 2", NULL, ":1:6: expected ',' or ']'"},
	};
	const char *path = at("c.json"),
		   *deep = dl_arena_format(&scope.arena, "%s%s", repeat("[", 64), repeat("]", 64));
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		put("c.json", rows[i].text, strlen(rows[i].text));
		check_text("json", rows[i].text, spell(dl_config_read(&scope, path)), rows[i].json);
		check_text("json", rows[i].text, complaint(),
			   rows[i].json ? ""
					: dl_arena_format(&scope.arena, "%s%s", path, rows[i].complaint));
	}
	put("c.json", deep, strlen(deep));
	check_text("json", "64 levels", spell(dl_config_read(&scope, path)), deep);
	deep = dl_arena_format(&scope.arena, "{\"[\\\"[\":\n%s}", deep);
	put("c.json", deep, strlen(deep));
	check_text("json", "65 levels", spell(dl_config_read(&scope, path)), NULL);
	check_text("json", "65 levels", complaint(),
		   dl_arena_format(&scope.arena, "%s:2:64: more than 64 levels", path));
}

static void check_file(const char *name, const char *file, const char *want)
{
	check_text("file", name, spell(dl_config_read(&scope, at(file))), NULL);
	check_text("file", name, complaint(), want);
}

static void test_files(void)
{
	char *big = dl_arena_alloc(&scope.arena, DL_CAP_CONFIG + 2);

	memset(big, '#', DL_CAP_CONFIG + 1);
	put("c.yaml", "a: [1]\n", 7);
	check_text("file", "YAML", spell(dl_config_read(&scope, at("c.yaml"))), "{\"a\":[1]}");
	put("config", "a: [1]\n", 7);
	check_text("file", "no suffix", spell(dl_config_read(&scope, at("config"))), "{\"a\":[1]}");
	put("bad.yml", "a: 1\n\tb: 2\n", 11);
	check_file("place", "bad.yml",
		   dl_arena_format(&scope.arena, "%s:2:1: found a tab character that violates indentation",
				   at("bad.yml")));
	check_file("absent", "absent.yaml", "");
	check_file("below a file", "c.yaml/x", "");
	check_file("a folder", "", dl_arena_format(&scope.arena, "%s is no regular file", at("")));
	put("big.yaml", big, DL_CAP_CONFIG);
	check_text("file", "1 MiB", spell(dl_config_read(&scope, at("big.yaml"))), "{}");
	put("big.yaml", big, DL_CAP_CONFIG + 1);
	check_file("1 MiB and 1", "big.yaml",
		   dl_arena_format(&scope.arena, "%s is larger than 1048576 bytes", at("big.yaml")));
	if (chmod(at("c.yaml"), 0) < 0 || (geteuid() == 0 && seteuid(NOBODY) < 0))
		abort();
	check_file("unreadable", "c.yaml",
		   dl_arena_format(&scope.arena, "cannot open %s: Permission denied", at("c.yaml")));
	if (getuid() == 0 && seteuid(0) < 0)
		abort();
}

/* A failure that was there before stays. */
static void test_first_failure(void)
{
	dl_fail(&scope, DL_USAGE, "first");
	check_true("first failure", "nothing", !dl_config_read(&scope, at("")));
	check_int("first failure", "class", scope.error.class, DL_USAGE);
	check_text("first failure", "message", dl_fail_take(&scope, &scope.arena).message, "first");
}

int main(void)
{
	static void (*const tests[])(void) = {test_yaml,    test_yaml_refused, test_depth, test_laughs,
					      test_aliases, test_alias_bounds, test_many,  test_json,
					      test_files,   test_first_failure};
	size_t i;

	if (!mkdtemp(folder) || chmod(folder, 0755) < 0)
		return 1;
	for (i = 0; i < COUNT(tests); i++) {
		dl_scope_open(&scope, NULL);
		tests[i]();
		dl_scope_close(&scope);
	}
	dl_scope_open(&scope, NULL);
	check_int("config", "the folder goes", dl_file_remove_tree(&scope, folder), 0);
	dl_scope_close(&scope);
	return check_end("config");
}
