/* What the three formats say, and where they are wrong. */
#include "lib/data/ini.h"

#include <stdlib.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/file.h"
#include "lib/base/scope.h"
#include "tests/unit/check.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct dl_scope scope; /* of the current test */

/* The entries as lines "SECTION#TABLE|KEY|VALUE|LINE", with '/' for a newline in a value. */
static const char *list(const struct dl_ini *ini)
{
	struct dl_buf text;
	size_t i, from;

	dl_buf_init(&text, &scope.arena, 1 << 20);
	for (i = 0; i < ini->count; i++) {
		dl_buf_printf(&text, "%s#%zu|%s|", ini->entries[i].section, ini->entries[i].table,
			      ini->entries[i].key);
		from = text.len;
		dl_buf_printf(&text, "%s|%d\n", ini->entries[i].value, ini->entries[i].line);
		for (; from + 1 < text.len; from++)
			if (text.data[from] == '\n')
				text.data[from] = '/';
	}
	return text.data;
}

struct row {
	const char *name, *text, *entries;
};

static const struct row python[] = {
	{"nothing", "", ""},
	{"blank lines and comments", "\n  \t\n# a = b\n ; c\r\n", ""},
	{"a file",
	 "[distutils]\nindex-servers =\n    pypi\n    testpypi\n\n[pypi]\nusername = __token__\npassword: "
	 "pypi-abc\n",
	 "distutils#1|index-servers|pypi/"
	 "testpypi|2\npypi#2|username|__token__|7\npypi#2|password|pypi-abc|8\n"},
	{"keys in lower case", "[A b]\nUserName=X", "A b#1|username|X|2\n"},
	{"a value with everything in it", "[s]\nk = a = b : c # d ; e  ", "s#1|k|a = b : c # d ; e|2\n"},
	{"the first of '=' and ':'", "a:b=c\nd=e:f\n", "#0|a|b=c|1\n#0|d|e:f|2\n"},
	{"empty values", "a=\nb =  \n", "#0|a||1\n#0|b||2\n"},
	{"only deeper lines go on", " a = 1\n b = 2\n  3\n c = 4\n", "#0|a|1|1\n#0|b|2/3|2\n#0|c|4|4\n"},
	{"comments inside a value", "a = 1\n  # not\n  2\n\n  3\n", "#0|a|1/2/3|1\n"},
	{"what looks like a section goes on, too", "a = 1\n  [b]\n", "#0|a|1/[b]|1\n"},
	{"the same section twice", "[a]\nk=1\n[a]\nk=2\n", "a#1|k|1|2\na#2|k|2|4\n"},
	{"carriage returns", "[a]\r\nk = 1\r\n  2\r\n", "a#1|k|1/2|2\n"},
	{"UTF-8", "k = \xc3\xa4\n", "#0|k|\xc3\xa4|1\n"},
};

static const struct row npm[] = {
	{"a file",
	 "; mine\nregistry=https://npm.example/\n//npm.example/:_authToken=${NPM_TOKEN}\n@o:registry = "
	 "https://o.example\n",
	 "#0|registry|https://npm.example/|2\n#0|//npm.example/"
	 ":_authToken|${NPM_TOKEN}|3\n#0|@o:registry|https:"
	 "//o.example|4\n"},
	{"a key alone", "always-auth\n", "#0|always-auth|true|1\n"},
	{"several of one", "ca[]=a\nca[] = b\n", "#0|ca|a|1\n#0|ca|b|2\n"},
	{"comments behind values", "a=b ; c\nd=e # f\ng=h\\;i\\#j\\\\k\\l\n",
	 "#0|a|b|1\n#0|d|e|2\n#0|g|h;i#j\\k\\l|3\n"},
	{"quotes", "a = \"b ; \\\"c\\\" \\u00e4\"\nd='e # f'\ng=''\n",
	 "#0|a|b ; \"c\" \xc3\xa4|1\n#0|d|e # f|2\n#0|g||3\n"},
	{"sections", "[a.b]\nk=v=w\n", "a.b#1|k|v=w|2\n"},
	{"case stays", "  Key = Value\n", "#0|Key|Value|1\n"},
};

static const struct row toml[] = {
	{"a file",
	 "[project]\nname = \"spam\" # the name\nversion='1.2.0'\n\n[[tool.uv.index]]\nname = \"a\"\nurl = "
	 "\"https://a.example\"\n[[tool.uv.index]]\nname = \"b\"\n",
	 "project#1|name|spam|2\nproject#1|version|1.2.0|3\ntool.uv.index#2|name|a|6\ntool.uv.index#2|url|"
	 "https:"
	 "//a.example|7\ntool.uv.index#3|name|b|9\n"},
	{"arrays", "a = [ \"x\", 'y', # z\n 1,\n]\nb = []\nc = [[1, 2], [3]]\n",
	 "#0|a|x|1\n#0|a|y|1\n#0|a|1|2\n#0|c|1|5\n#0|c|2|5\n#0|c|3|5\n"},
	{"inline tables", "license = {text = \"MIT\", a.b = 1, c = {d = [true]}}\ne = [{f = 1}, {f = 2}]\n",
	 "#0|license.text|MIT|1\n#0|license.a.b|1|1\n#0|license.c.d|true|1\n#0|e.f|1|2\n#0|e.f|2|2\n"},
	{"dotted and quoted keys", "a.b . c = 1\n\"x y\".'z' = 2\n[\"q.r\".s]\n1 = 3\n",
	 "#0|a.b.c|1|1\n#0|x y.z|2|2\nq.r.s#1|1|3|4\n"},
	{"escapes", "a = \"\\t\\\"\\\\\\u00e4\\U0001F600\\u20ac\\e[0m\"\nb = '\\t'\n",
	 "#0|a|\t\"\\\xc3\xa4\xf0\x9f\x98\x80\xe2\x82\xac\x1b[0m|1\n#0|b|\\t|2\n"},
	{"several lines",
	 "a = \"\"\"\none\n  two\\\n   three \"\" \"\"\"\"\"\nb = '''x\\\n'y''''\nc = \"\"\"\"\"\"\n",
	 "#0|a|one/  twothree \"\" \"\"|1\n#0|b|x\\/'y'|5\n#0|c||7\n"},
	{"words", "a = 0x1F\nb = -1_000.5e+3\nc = 1979-05-27 07:32:00Z\nd = 07:32:00\ne = nan\nf = +inf\n",
	 "#0|a|0x1F|1\n#0|b|-1_000.5e+3|2\n#0|c|1979-05-27 "
	 "07:32:00Z|3\n#0|d|07:32:00|4\n#0|e|nan|5\n#0|f|+inf|6\n"},
	{"carriage returns", "a = 1\r\n[b]\r\nc = [\r\n 1 ]\r\nd = \"\"\"\r\nx\"\"\"\r\n",
	 "#0|a|1|1\nb#1|c|1|4\nb#1|d|x|5\n"},
};

static void check_rows(const char *suite, enum dl_ini_dialect dialect, const struct row *rows, size_t count)
{
	struct dl_ini ini;
	size_t i;

	for (i = 0; i < count; i++) {
		check_int(suite, rows[i].name,
			  dl_ini_parse(&scope, "f", dialect, rows[i].text, strlen(rows[i].text), &ini), 0);
		check_text(suite, rows[i].name, list(&ini), rows[i].entries);
		dl_fail_take(&scope, &scope.arena);
	}
}

static const struct wrong {
	enum dl_ini_dialect dialect;
	const char *text, *message;
} wrong[] = {
	{DL_INI_PYTHON, "\xef\xbb\xbf[a]\n", "f:1:1: it begins with a byte order mark"},
	{DL_INI_PYTHON, "[a]\nk = \xff\n", "f:2:5: it is not UTF-8"},
	{DL_INI_PYTHON, "k = a\x1b[0m\n", "f:1:6: a control character"},
	{DL_INI_PYTHON, "k = a\rb\n", "f:1:6: a control character"},
	{DL_INI_PYTHON, "k = \xe2\x80\xae\n", "f:1:5: a control character"},
	{DL_INI_PYTHON, "a = 1\nword\n", "f:2:1: neither '=' nor ':' is in this line"},
	{DL_INI_PYTHON, "  = 1\n", "f:1:3: a value without a key"},
	{DL_INI_PYTHON, "[a\n", "f:1:1: a section is written [NAME]"},
	{DL_INI_PYTHON, "[a] b\n", "f:1:1: a section is written [NAME]"},
	{DL_INI_PYTHON, "[]", "f:1:1: a section is written [NAME]"},
	{DL_INI_PYTHON, "[ ]", "f:1:1: a section without a name"},
	{DL_INI_NPM, "=a\n", "f:1:1: a value without a key"},
	{DL_INI_NPM, "[]=a\n", "f:1:1: a section is written [NAME]"},
	{DL_INI_NPM, "x = \"\\q\"\n", "f:1:5: a malformed string"},
	{DL_INI_TOML, "a\n", "f:1:2: '=' was expected"},
	{DL_INI_TOML, "= 1\n", "f:1:1: a key was expected"},
	{DL_INI_TOML, "a. = 1\n", "f:1:4: a key was expected"},
	{DL_INI_TOML, "a =\n", "f:1:4: a value was expected"},
	{DL_INI_TOML, "a = word\n", "f:1:5: a value was expected"},
	{DL_INI_TOML, "a = 1 2\n", "f:1:7: the line should end here"},
	{DL_INI_TOML, "a = \"x\n", "f:1:7: a string without an end"},
	{DL_INI_TOML, "a = '''x\n", "f:2:1: a string without an end"},
	{DL_INI_TOML, "a = \"\\q\"\n", "f:1:7: an unknown escape"},
	{DL_INI_TOML, "a = \"\\u12g\"\n", "f:1:10: an escape lacks digits"},
	{DL_INI_TOML, "a = \"\\ud800\"\n", "f:1:12: an escape of no character"},
	{DL_INI_TOML, "a = \"\\u0000\"\n", "f:1:12: an escape of no character"},
	{DL_INI_TOML, "a = [1 2]\n", "f:1:8: a comma was expected"},
	{DL_INI_TOML, "a = [1", "f:1:7: a comma was expected"},
	{DL_INI_TOML, "a = {b 1}\n", "f:1:8: '=' was expected"},
	{DL_INI_TOML, "a = [,]\n", "f:1:6: a value was expected"},
	{DL_INI_TOML, "[a\n", "f:1:3: ']' was expected"},
	{DL_INI_TOML, "[[a]\n", "f:1:4: ']' was expected"},
	{DL_INI_TOML, "[a] b\n", "f:1:5: the line should end here"},
};

static void check_wrong(const char *name, enum dl_ini_dialect dialect, const char *text, const char *message)
{
	struct dl_ini ini;

	check_int("wrong", name, dl_ini_parse(&scope, "f", dialect, text, strlen(text), &ini), -1);
	check_int("wrong", name, scope.error.class, DL_CONFIG);
	check_text("wrong", name, scope.error.message, message);
	check_int("wrong", name, (int64_t)ini.count, 0);
	dl_fail_take(&scope, &scope.arena);
}

static void test_wrong(void)
{
	struct dl_buf text;
	size_t i;

	for (i = 0; i < COUNT(wrong); i++)
		check_wrong(wrong[i].text, wrong[i].dialect, wrong[i].text, wrong[i].message);
	dl_buf_init(&text, &scope.arena, 1 << 20);
	dl_buf_puts(&text, "a = ");
	for (i = 0; i < 65; i++)
		dl_buf_putc(&text, '[');
	check_wrong("nested", DL_INI_TOML, text.data, "f:1:70: it is nested too deep");
	dl_buf_reset(&text);
	for (i = 0; i < 257; i++)
		dl_buf_putc(&text, 'k');
	check_wrong("a long key", DL_INI_TOML, text.data, "f:1:258: a key is too long");
}

static void test_nul(void)
{
	struct dl_ini ini;

	check_int("wrong", "a NUL", dl_ini_parse(&scope, "f", DL_INI_NPM, "a=b\0c\n", 6, &ini), -1);
	check_text("wrong", "a NUL", scope.error.message, "f:1:4: a control character");
	dl_fail_take(&scope, &scope.arena);
}

static void test_get(void)
{
	static const char text[] = "[a]\nk = 1\n[b]\nk = 2\n[a]\nk = 3\n";
	struct dl_ini ini;

	check_int("get", "parse", dl_ini_parse(&scope, "f", DL_INI_PYTHON, text, strlen(text), &ini), 0);
	check_text("get", "the last one counts", dl_ini_get(&ini, "a", "k"), "3");
	check_text("get", "another section", dl_ini_get(&ini, "b", "k"), "2");
	check_text("get", "no such section", dl_ini_get(&ini, "c", "k"), NULL);
	check_text("get", "no such key", dl_ini_get(&ini, "a", "K"), NULL);
}

static void test_read(void)
{
	char folder[] = "/tmp/dl-ini-XXXXXX";
	struct dl_ini ini;
	const char *path;

	if (!mkdtemp(folder))
		abort();
	path = dl_arena_format(&scope.arena, "%s/.npmrc", folder);
	check_int("read", "no such file", dl_ini_read(&scope, path, DL_INI_NPM, &ini), 0);
	check_int("read", "no such file", (int64_t)ini.count, 0);
	check_int("read", "write", dl_file_write(&scope, path, 0600, "a=b\n", 4), 0);
	check_int("read", "a file", dl_ini_read(&scope, path, DL_INI_NPM, &ini), 0);
	check_text("read", "a file", dl_ini_get(&ini, "", "a"), "b");
	check_int("read", "a folder", dl_ini_read(&scope, folder, DL_INI_NPM, &ini), -1);
	check_int("read", "a folder", scope.error.class, DL_CONFIG);
	dl_fail_take(&scope, &scope.arena);
	if (dl_file_remove_tree(&scope, folder))
		abort();
}

/* A value of many lines takes time and memory in its length, not in its square. */
static void test_long(void)
{
	struct dl_buf text;
	struct dl_ini ini;
	int i;

	dl_buf_init(&text, &scope.arena, 1 << 20);
	dl_buf_puts(&text, "k =\n");
	for (i = 0; i < 300000; i++)
		dl_buf_puts(&text, " x\n");
	check_int("long", "parse", dl_ini_parse(&scope, "f", DL_INI_PYTHON, text.data, text.len, &ini), 0);
	check_int("long", "value", (int64_t)strlen(ini.entries[0].value), 2 * 300000 - 1);
}

static void test_rows(void)
{
	check_rows("python", DL_INI_PYTHON, python, COUNT(python));
	check_rows("npm", DL_INI_NPM, npm, COUNT(npm));
	check_rows("toml", DL_INI_TOML, toml, COUNT(toml));
}

int main(void)
{
	static void (*const tests[])(void) = {test_rows, test_wrong, test_nul,
					      test_get,	 test_read,  test_long};
	size_t i;

	for (i = 0; i < COUNT(tests); i++) {
		dl_scope_open(&scope, NULL);
		tests[i]();
		dl_scope_close(&scope);
	}
	return check_end("ini");
}
