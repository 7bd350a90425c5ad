/* Metadata is read as e-mail headers, without anything that e-mail has besides: what indexes show of a
 * package for good comes from here, so what is malformed is refused and not guessed at. */
#include "lib/data/dist.h"

#include <string.h>
#include <strings.h>

#include "lib/base/archive.h"
#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/data/pep440.h"

enum { METADATA_CAP = 2 << 20, INDENT = 8 };

/* The headers, and what upload forms call them. */
static const struct header {
	const char *name;
	const char *field;
	bool many; /* it may stand there again and again */
} headers[] = {
	{"Metadata-Version", "metadata_version", false},
	{"Name", "name", false},
	{"Version", "version", false},
	{"Dynamic", "dynamic", true},
	{"Platform", "platform", true},
	{"Supported-Platform", "supported_platform", true},
	{"Summary", "summary", false},
	{"Description", "description", false},
	{"Description-Content-Type", "description_content_type", false},
	{"Keywords", "keywords", false},
	{"Home-Page", "home_page", false},
	{"Download-URL", "download_url", false},
	{"Author", "author", false},
	{"Author-email", "author_email", false},
	{"Maintainer", "maintainer", false},
	{"Maintainer-email", "maintainer_email", false},
	{"License", "license", false},
	{"License-Expression", "license_expression", false},
	{"License-File", "license_file", true},
	{"Classifier", "classifiers", true},
	{"Requires-Dist", "requires_dist", true},
	{"Requires-Python", "requires_python", false},
	{"Requires-External", "requires_external", true},
	{"Project-URL", "project_urls", true},
	{"Provides-Extra", "provides_extra", true},
	{"Provides-Dist", "provides_dist", true},
	{"Obsoletes-Dist", "obsoletes_dist", true},
	{"Requires", "requires", true},
	{"Provides", "provides", true},
	{"Obsoletes", "obsoletes", true},
	{"Import-Name", "import_name", true},
	{"Import-Namespace", "import_namespace", true},
};

enum { HEADERS = sizeof headers / sizeof *headers };

static const char *const metadata_versions[] = {"1.0", "1.1", "1.2", "2.0", "2.1",
						"2.2", "2.3", "2.4", "2.5", NULL};

/* ---- names ---- */

static bool is_separator(char c)
{
	return c == '-' || c == '_' || c == '.';
}

char *dl_dist_normal(struct dl_arena *arena, const char *name)
{
	char *normal = dl_arena_string(arena, name), *to = normal;

	for (; *name; name++) {
		if (is_separator(*name) && is_separator(name[1]))
			continue;
		*to++ = (char)(is_separator(*name)                ? '-'
			       : *name >= 'A' && *name <= 'Z' ? *name | 0x20
							      : *name);
	}
	*to = '\0';
	return normal;
}

bool dl_dist_is(const char *file)
{
	return dl_text_ends(file, ".whl") || dl_text_ends(file, ".tar.gz");
}

static bool is_alphanumeric(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Letters, digits, and separators between them. */
static bool is_name(const char *name)
{
	size_t len = strlen(name), i;

	for (i = 0; i < len; i++)
		if (!is_alphanumeric(name[i]) && !(is_separator(name[i]) && i > 0 && i + 1 < len))
			return false;
	return len > 0;
}

/* The parts of a wheel's name, NAME-VERSION[-BUILD]-PYTHON-ABI-PLATFORM.whl. False: it is none. */
static bool split_wheel(struct dl_arena *arena, const char *file, const char **name, const char **version,
			const char **python)
{
	const char *parts[7], *at = file, *end = strchr(file, '\0') - strlen(".whl"), *dash;
	size_t count = 0;

	for (; count < 7 && at <= end; at = dash + 1) {
		dash = memchr(at, '-', (size_t)(end - at));
		dash = dash ? dash : end;
		parts[count++] = dl_arena_copy(arena, at, (size_t)(dash - at));
	}
	if (count != 5 && count != 6)
		return false;
	*name = parts[0];
	*version = parts[1];
	*python = parts[count - 3];
	return true;
}

/* Whether two spellings stand for the same version. */
static bool same_version(const char *a, const char *b)
{
	struct dl_pep440 left, right;

	return dl_pep440_parse(a, &left) && dl_pep440_parse(b, &right) &&
	       dl_pep440_compare(&left, &right) == 0;
}

const char *dl_dist_version(struct dl_arena *arena, const char *file, const char *name)
{
	const char *found, *version, *python, *dash, *end = strchr(file, '\0') - strlen(".tar.gz");

	if (dl_text_ends(file, ".whl"))
		return split_wheel(arena, file, &found, &version, &python) ? version : NULL;
	if (!dl_text_ends(file, ".tar.gz"))
		return NULL;
	/* Old names have dashes of their own, before and behind the one that counts. */
	for (dash = strchr(file, '-'); dash; dash = strchr(dash + 1, '-')) {
		found = dl_arena_copy(arena, file, (size_t)(dash - file));
		if (strcmp(dl_dist_normal(arena, found), dl_dist_normal(arena, name)) == 0)
			return dl_arena_copy(arena, dash + 1, (size_t)(end - dash - 1));
	}
	return NULL;
}

/* ---- metadata ---- */

/* The next line of *TEXT without its end; NULL: there is none. */
static char *take_line(char **text)
{
	char *line = *text, *end;

	if (!line || !*line)
		return NULL;
	end = strchr(line, '\n');
	*text = end ? end + 1 : strchr(line, '\0');
	if (end)
		*end = '\0';
	end = strchr(line, '\0');
	if (end > line && end[-1] == '\r')
		end[-1] = '\0';
	return line;
}

static void add_trimmed(struct dl_buf *value, const char *line)
{
	size_t len;

	line += strspn(line, " \t");
	len = strlen(line);
	while (len && strchr(" \t\r", line[len - 1]))
		len--;
	dl_buf_add(value, line, len);
}

/* The lines that go on with a header are joined by a space, those of a description keep their ends. */
static void add_continuation(struct dl_buf *value, const struct header *header, const char *line)
{
	static const char indent[] = "        ";

	if (strcmp(header->field, "description") != 0) {
		dl_buf_putc(value, ' ');
		add_trimmed(value, line);
		return;
	}
	dl_buf_putc(value, '\n');
	dl_buf_puts(value, dl_text_starts(line, indent) ? line + INDENT : line);
}

/* The header of LINE, "Name: value"; NULL: it is none that counts. */
static const struct header *find_header(const char *line)
{
	size_t len = strcspn(line, ":"), i;

	for (i = 0; i < HEADERS; i++)
		if (strlen(headers[i].name) == len && strncasecmp(headers[i].name, line, len) == 0)
			return &headers[i];
	return NULL;
}

/* Metadata on its way to fields. */
struct parsing {
	struct dl_scope *scope;
	struct dl_dist_field *fields;
	size_t count, room;
};

static const char *field_value(const struct parsing *parsing, const char *name)
{
	size_t i;

	for (i = 0; i < parsing->count; i++)
		if (strcmp(parsing->fields[i].name, name) == 0)
			return parsing->fields[i].value;
	return NULL;
}

static int add_field(struct parsing *parsing, const struct header *header, const char *value)
{
	size_t room = parsing->room ? 2 * parsing->room : 64, size = sizeof *parsing->fields;

	if (!header->many && field_value(parsing, header->field))
		return dl_fail(parsing->scope, DL_DATA, "its metadata has several %s", header->name);
	if (!*value || strcmp(value, "UNKNOWN") == 0)
		return 0;
	if (parsing->count == parsing->room) {
		parsing->fields = dl_arena_grow(&parsing->scope->arena, parsing->fields, parsing->room * size,
						room * size);
		parsing->room = room;
	}
	parsing->fields[parsing->count++] = (struct dl_dist_field){header->field, value};
	return 0;
}

/* Keywords as forms have them: with a comma and a space between two. */
static const char *spread_words(struct dl_arena *arena, const char *words)
{
	struct dl_buf spread;
	const char *end;

	dl_buf_init(&spread, arena, 2 * METADATA_CAP);
	for (;; words = end + 1) {
		end = strchrnul(words, ',');
		add_trimmed(&spread, dl_arena_copy(arena, words, (size_t)(end - words)));
		if (!*end)
			return spread.data;
		dl_buf_puts(&spread, ", ");
	}
}

/* One header, which begins with LINE and goes on as long as lines are indented. */
static int take_header(struct parsing *parsing, const char *line, char **text)
{
	const struct header *header = find_header(line);
	struct dl_buf value;

	if (line[strcspn(line, ": \t")] != ':' || *line == ':')
		return dl_fail(parsing->scope, DL_DATA, "its metadata has a line that is no header: '%s'",
			       dl_text_quote(&parsing->scope->arena, line));
	dl_buf_init(&value, &parsing->scope->arena, METADATA_CAP);
	add_trimmed(&value, strchr(line, ':') + 1);
	while (**text == ' ' || **text == '\t') {
		line = take_line(text);
		if (header)
			add_continuation(&value, header, line);
	}
	if (header && strcmp(header->field, "keywords") == 0)
		return add_field(parsing, header, spread_words(&parsing->scope->arena, value.data));
	return header ? add_field(parsing, header, value.data) : 0;
}

static bool is_utf8(const char *text, size_t len)
{
	size_t size;

	for (; len; text += size, len -= size) {
		size = dl_text_utf8(text, len);
		if (!size || !*text)
			return false;
	}
	return true;
}

/* What follows the headers after an empty line is the description. */
static int parse(struct parsing *parsing, char *text, size_t len)
{
	static const struct header body = {"Description", "description", true};
	char *line;

	if (!is_utf8(text, len))
		return dl_fail(parsing->scope, DL_DATA, "its metadata has a NUL, or is not in UTF-8");
	while ((line = take_line(&text)) && *line)
		if (take_header(parsing, line, &text))
			return -1;
	if (!line || !*text)
		return 0;
	if (field_value(parsing, body.field))
		return dl_fail(parsing->scope, DL_DATA, "its metadata has two descriptions");
	return add_field(parsing, &body, text);
}

/* License files were told of before there was a place for them. */
static void drop_early(struct parsing *parsing, const char *version)
{
	size_t i, kept = 0;

	for (i = 0; i < parsing->count; i++)
		if (strcmp(version, "2.4") >= 0 || strcmp(parsing->fields[i].name, "license_file") != 0)
			parsing->fields[kept++] = parsing->fields[i];
	parsing->count = kept;
}

static int check_metadata(struct parsing *parsing, struct dl_dist *dist)
{
	const char *const *known = metadata_versions, *version = field_value(parsing, "metadata_version");
	struct dl_scope *scope = parsing->scope;
	struct dl_pep440 parsed;

	while (*known && !dl_text_same(*known, version))
		known++;
	if (!*known)
		return dl_fail(scope, DL_DATA, "its metadata is of the version '%s', which is unknown",
			       dl_text_quote(&scope->arena, version));
	dist->name = field_value(parsing, "name");
	dist->version = field_value(parsing, "version");
	if (!dist->name || !is_name(dist->name))
		return dl_fail(scope, DL_DATA, "'%s' is no name of a package",
			       dl_text_quote(&scope->arena, dist->name));
	if (!dist->version || !dl_pep440_parse(dist->version, &parsed))
		return dl_fail(scope, DL_DATA, "'%s' is no version, by PEP 440",
			       dl_text_quote(&scope->arena, dist->version));
	drop_early(parsing, version);
	return 0;
}

/* ---- distributions ---- */

static int is_wheel_metadata(const char *path)
{
	const char *slash = strchr(path, '/');

	return slash && strcmp(slash, "/METADATA") == 0 && slash - path > 10 &&
	       memcmp(slash - 10, ".dist-info", 10) == 0;
}

static int is_sdist_metadata(const char *path)
{
	const char *slash = strchr(path, '/');

	return slash && strcmp(slash, "/PKG-INFO") == 0;
}

/* The name of the file says the same as its metadata. */
static int check_file(struct dl_scope *scope, const char *file, struct dl_dist *dist)
{
	const char *name = dist->name, *version = dl_dist_version(&scope->arena, file, dist->name);

	if (dl_text_ends(file, ".whl") &&
	    !split_wheel(&scope->arena, file, &name, &version, &dist->pyversion))
		return dl_fail(scope, DL_DATA,
			       "it is not called as wheels are: NAME-VERSION-PYTHON-ABI-PLATFORM.whl");
	if (version && same_version(version, dist->version) &&
	    strcmp(dl_dist_normal(&scope->arena, name), dl_dist_normal(&scope->arena, dist->name)) == 0)
		return 0;
	return dl_fail(scope, DL_DATA, "it is %s %s by its metadata, and another one by its name",
		       dl_text_quote(&scope->arena, dist->name), dl_text_quote(&scope->arena, dist->version));
}

int dl_dist_read(struct dl_scope *scope, int fd, const char *file, struct dl_dist *dist)
{
	bool wheel = dl_text_ends(file, ".whl");
	struct parsing parsing = {.scope = scope};
	struct dl_archive_member member = {.rank = wheel ? is_wheel_metadata : is_sdist_metadata,
					   .cap = METADATA_CAP};

	*dist = (struct dl_dist){.filetype = wheel ? "bdist_wheel" : "sdist", .pyversion = "source"};
	if (dl_archive_read(scope, fd, wheel ? DL_ARCHIVE_ZIP : DL_ARCHIVE_TAR_GZIP, &member, 1))
		return -1;
	if (!member.path)
		return dl_fail(scope, DL_DATA, "it has no %s",
			       wheel ? "*.dist-info/METADATA" : "PKG-INFO in a folder at its top");
	if (parse(&parsing, member.data, member.len) || check_metadata(&parsing, dist) ||
	    check_file(scope, file, dist))
		return -1;
	dist->fields = parsing.fields;
	dist->count = parsing.count;
	return 0;
}
