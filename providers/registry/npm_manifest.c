/* Registries have package.json as npm reads it, which is not always as people write it: what may be a text or
 * an object is an object there. Other members are passed on as they are written. What npm would look up about
 * the hosts of repositories ("github:ada/demo") stays as it is, too. */
#include "providers/registry/npm_manifest.h"

#include <string.h>
#include <strings.h>

#include "lib/base/archive.h"
#include "lib/base/buf.h"
#include "lib/base/path.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/data/json.h"
#include "lib/data/semver.h"
#include "lib/data/semver_range.h"

enum { MANIFEST_CAP = 1 << 20, README_CAP = 2 << 20, NAME_MOST = 214, VERSION_MOST = 256 };

/* ---- names ---- */

/* LEN bytes that may stand in a URL as they are. */
static bool is_plain(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!(text[i] >= 'a' && text[i] <= 'z') && !(text[i] >= 'A' && text[i] <= 'Z') &&
		    !(text[i] >= '0' && text[i] <= '9') && !(text[i] && strchr("-._~", text[i])))
			return false;
	return len > 0;
}

bool dl_npm_manifest_is_name(const char *name)
{
	const char *slash = *name == '@' ? strchr(name, '/') : NULL, *last = slash ? slash + 1 : name;

	if (slash && (!is_plain(name + 1, (size_t)(slash - name) - 1) || name[1] == '.'))
		return false;
	return is_plain(last, strlen(last)) && !strchr(slash ? "." : "._-", *last) &&
	       strlen(name) <= NAME_MOST && strcasecmp(last, "node_modules") != 0 &&
	       strcasecmp(last, "favicon.ico") != 0;
}

bool dl_npm_manifest_is_tag(struct dl_scope *scope, const char *tag)
{
	struct dl_semver_range range;
	struct dl_scope attempt;
	bool is_range;

	dl_scope_open(&attempt, NULL);
	is_range = dl_semver_range_parse(&attempt,
					 dl_arena_string(&scope->arena, *tag == 'v' ? tag + 1 : tag),
					 &range) == 0;
	dl_scope_close(&attempt);
	return !is_range && is_plain(tag, strlen(tag));
}

/* The version that TEXT is: without the 'v' that people write before it, and without build metadata. NULL: it
 * is none. */
static const char *clean_version(struct dl_scope *scope, const char *text)
{
	struct dl_semver version;

	if (!text || strlen(text) > VERSION_MOST)
		return NULL;
	text += strspn(text, "=v");
	return dl_semver_parse(text, &version) ? dl_arena_copy(&scope->arena, text, strcspn(text, "+"))
					       : NULL;
}

/* ---- members in the form that registries have ---- */

static void put_text(struct dl_buf *json, const char *text)
{
	dl_json_quote(json, text, strlen(text));
}

static void put_key(struct dl_buf *json, const char *key)
{
	put_text(json, key);
	dl_buf_putc(json, ':');
}

/* A member and a comma. */
static void put_member(struct dl_buf *json, const char *key, const char *value)
{
	put_key(json, key);
	put_text(json, value);
	dl_buf_putc(json, ',');
}

/* The part of TEXT between OPEN and CLOSE, trimmed, as a member KEY behind others. */
static void put_part(struct dl_buf *json, const char *key, const char *text, char open, char close)
{
	const char *from = strchr(text, open), *end = from ? strchr(from, close) : NULL;

	if (!end)
		return;
	dl_buf_putc(json, ',');
	put_key(json, key);
	dl_json_quote(json, from + 1, (size_t)(end - from) - 1);
}

/* "Ada <ada@example.com> (https://example.com)" */
static void put_person(struct dl_buf *json, const struct dl_json *node)
{
	const char *text = node->type == DL_JSON_STRING ? node->text : NULL, *end;

	if (!text) {
		dl_json_write(json, node);
		return;
	}
	for (end = text + strcspn(text, "<("); end > text && end[-1] == ' '; end--)
		;
	dl_buf_puts(json, "{\"name\":");
	dl_json_quote(json, text, (size_t)(end - text));
	put_part(json, "email", text, '<', '>');
	put_part(json, "url", text, '(', ')');
	dl_buf_putc(json, '}');
}

static void put_people(struct dl_buf *json, const struct dl_json *node)
{
	const struct dl_json *person;

	if (node->type != DL_JSON_ARRAY) {
		put_person(json, node);
		return;
	}
	dl_buf_putc(json, '[');
	for (person = node->child; person; person = person->next) {
		put_person(json, person);
		if (person->next)
			dl_buf_putc(json, ',');
	}
	dl_buf_putc(json, ']');
}

static void put_repository(struct dl_buf *json, const struct dl_json *node)
{
	if (node->type != DL_JSON_STRING) {
		dl_json_write(json, node);
		return;
	}
	dl_buf_puts(json, "{\"type\":\"git\",\"url\":");
	put_text(json, node->text);
	dl_buf_putc(json, '}');
}

static void put_bugs(struct dl_buf *json, const struct dl_json *node)
{
	if (node->type != DL_JSON_STRING) {
		dl_json_write(json, node);
		return;
	}
	dl_buf_puts(json,
		    strchr(node->text, '@') && !strstr(node->text, "://") ? "{\"email\":" : "{\"url\":");
	put_text(json, node->text);
	dl_buf_putc(json, '}');
}

/* "one, two" */
static void put_keywords(struct dl_buf *json, const struct dl_json *node)
{
	const char *word = node->type == DL_JSON_STRING ? node->text : NULL, *end;

	if (!word) {
		dl_json_write(json, node);
		return;
	}
	dl_buf_putc(json, '[');
	for (;; word = end + 1 + strspn(end + 1, " ")) {
		end = strchrnul(word, ',');
		dl_json_quote(json, word, (size_t)(end - word));
		if (!*end)
			break;
		dl_buf_putc(json, ',');
	}
	dl_buf_putc(json, ']');
}

/* The path of a program in the package. */
static void put_program(struct dl_buf *json, const char *path)
{
	while (dl_text_starts(path, "./"))
		path += 2;
	put_text(json, path);
}

/* ---- package.json ---- */

/* What is being read. */
struct reading {
	struct dl_scope *scope;
	struct dl_npm_manifest *manifest;
	const struct dl_json *root;
	struct dl_buf json;
	bool builds; /* the package has something that node-gyp builds */
};

/* One program alone is called as the package is. */
static void put_bin(struct reading *reading, const struct dl_json *node)
{
	struct dl_buf *json = &reading->json;
	const struct dl_json *program;

	if (node->type != DL_JSON_STRING && node->type != DL_JSON_OBJECT) {
		dl_json_write(json, node);
		return;
	}
	dl_buf_putc(json, '{');
	if (node->type == DL_JSON_STRING) {
		put_key(json, dl_path_last(reading->manifest->name));
		put_program(json, node->text);
	}
	for (program = node->child; program; program = program->next) {
		put_key(json, program->key);
		if (program->type == DL_JSON_STRING)
			put_program(json, program->text);
		else
			dl_json_write(json, program);
		if (program->next)
			dl_buf_putc(json, ',');
	}
	dl_buf_putc(json, '}');
}

/* What there is to build is built when it is installed, unless the package says how. */
static void put_scripts(struct reading *reading, const struct dl_json *scripts)
{
	struct dl_buf *json = &reading->json;
	const struct dl_json *script;

	if (!reading->builds) {
		dl_json_write(json, scripts);
		return;
	}
	dl_buf_putc(json, '{');
	for (script = scripts ? scripts->child : NULL; script; script = script->next) {
		put_key(json, script->key);
		dl_json_write(json, script);
		dl_buf_putc(json, ',');
	}
	dl_buf_puts(json, "\"install\":\"node-gyp rebuild\"}");
}

/* The members that are not passed on as they are. Each counts, so it may stand there only once. */
static const struct member {
	const char *key;
	void (*put)(struct dl_buf *json, const struct dl_json *node);
	void (*put_with)(struct reading *reading, const struct dl_json *node); /* both NULL: it is added
										  otherwise, if at all */
} members[] = {
	{"name", NULL, NULL},
	{"version", NULL, NULL},
	{"_id", NULL, NULL},
	{"dist", NULL, NULL},
	{"readme", NULL, NULL},
	{"readmeFilename", NULL, NULL},
	{"description", dl_json_write, NULL},
	{"private", dl_json_write, NULL},
	{"publishConfig", dl_json_write, NULL},
	{"keywords", put_keywords, NULL},
	{"author", put_person, NULL},
	{"contributors", put_people, NULL},
	{"maintainers", put_people, NULL},
	{"repository", put_repository, NULL},
	{"bugs", put_bugs, NULL},
	{"bin", NULL, put_bin},
	{"scripts", NULL, put_scripts},
};

enum { MEMBERS = sizeof members / sizeof *members };

static size_t find_row(const char *key)
{
	size_t row = 0;

	while (row < MEMBERS && strcmp(members[row].key, key) != 0)
		row++;
	return row;
}

static int put_members(struct reading *reading)
{
	struct dl_buf *json = &reading->json;
	const struct dl_json *node;
	bool seen[MEMBERS] = {false};
	size_t row;

	for (node = reading->root->child; node; node = node->next) {
		row = find_row(node->key);
		if (row < MEMBERS && seen[row])
			return dl_fail(reading->scope, DL_DATA, "its package.json has several '%s'",
				       members[row].key);
		if (row < MEMBERS)
			seen[row] = true;
		if (row < MEMBERS && !members[row].put && !members[row].put_with)
			continue;
		put_key(json, node->key);
		if (row == MEMBERS)
			dl_json_write(json, node);
		else if (members[row].put)
			members[row].put(json, node);
		else
			members[row].put_with(reading, node);
		dl_buf_putc(json, ',');
	}
	if (reading->builds && !seen[find_row("scripts")]) {
		put_key(json, "scripts");
		put_scripts(reading, NULL);
		dl_buf_putc(json, ',');
	}
	return 0;
}

static int check_root(struct dl_scope *scope, const struct dl_json *root, struct dl_npm_manifest *manifest)
{
	const char *name = dl_json_text(root, "name"), *version = dl_json_text(root, "version");

	if (root->type != DL_JSON_OBJECT)
		return dl_fail(scope, DL_DATA, "its package.json is no object");
	if (!name || !dl_npm_manifest_is_name(name))
		return dl_fail(scope, DL_DATA, "'%s' is no name of a package",
			       dl_text_quote(&scope->arena, name));
	manifest->name = name;
	manifest->version = clean_version(scope, version);
	if (!manifest->version)
		return dl_fail(scope, DL_DATA, "'%s' is no version, by Semantic Versioning",
			       dl_text_quote(&scope->arena, version));
	if (dl_json_bool(dl_json_get(root, "private")) == 1) {
		dl_fail(scope, DL_REFUSED, "%s is marked as private", name);
		return dl_fail_hint(scope, "to publish it, take \"private\" out of its package.json");
	}
	manifest->description = dl_json_text(root, "description");
	manifest->tag = dl_json_text(root, "publishConfig.tag");
	manifest->access = dl_json_text(root, "publishConfig.access");
	return 0;
}

/* The registry that publishConfig names, for all or for the scope of NAME. */
static const char *wanted_server(struct dl_scope *scope, const struct dl_json *root, const char *name)
{
	const struct dl_json *config = dl_json_get(root, "publishConfig"), *member;
	const char *key = dl_arena_format(&scope->arena, "%.*s:registry", (int)strcspn(name, "/"), name);

	for (member = config && *name == '@' ? config->child : NULL; member; member = member->next)
		if (strcmp(member->key, key) == 0)
			return dl_json_string(member);
	return dl_json_text(config, "registry");
}

/* ---- the tarball ---- */

/* What stands in a folder at the top; NULL: it stands elsewhere. */
static const char *in_folder(const char *path)
{
	const char *slash = strchr(path, '/');

	return slash && !strchr(slash + 1, '/') ? slash + 1 : NULL;
}

static int rank_manifest(const char *path)
{
	return dl_text_same(in_folder(path), "package.json");
}

/* Of several the one that people see. */
static int rank_readme(const char *path)
{
	static const char *const names[] = {"readme.rst", "readme.txt", "readme", "readme.markdown",
					    "readme.md"};
	const char *name = in_folder(path);
	int rank;

	for (rank = sizeof names / sizeof *names; name && rank > 0; rank--)
		if (strcasecmp(name, names[rank - 1]) == 0)
			return rank;
	return 0;
}

static int rank_gyp(const char *path)
{
	return dl_text_same(in_folder(path), "binding.gyp");
}

static void put_readme(struct reading *reading, const struct dl_archive_member *file)
{
	const char *written = dl_json_text(reading->root, "readme");

	if (written) {
		put_member(&reading->json, "readme", written);
	} else if (file->path && !memchr(file->data, '\0', file->len)) {
		put_member(&reading->json, "readme", file->data);
		put_member(&reading->json, "readmeFilename", in_folder(file->path));
	}
}

/* Whether there is something to build, and nobody says that it is not, or how. */
static bool needs_building(const struct dl_json *root, const struct dl_archive_member *gyp)
{
	return gyp->path && dl_json_bool(dl_json_get(root, "gypfile")) != 0 &&
	       !dl_json_text(root, "scripts.install|scripts.preinstall");
}

int dl_npm_manifest_read(struct dl_scope *scope, int fd, struct dl_npm_manifest *manifest)
{
	enum { MANIFEST, README, GYP, FILES };
	struct dl_archive_member files[FILES] = {[MANIFEST] = {.rank = rank_manifest, .cap = MANIFEST_CAP},
						 [README] = {.rank = rank_readme, .cap = README_CAP},
						 [GYP] = {.rank = rank_gyp, .cap = MANIFEST_CAP}};
	struct reading reading = {.scope = scope, .manifest = manifest};
	size_t skip;

	memset(manifest, 0, sizeof *manifest);
	if (dl_archive_read(scope, fd, DL_ARCHIVE_TAR_GZIP, files, FILES))
		return -1;
	if (!files[MANIFEST].path)
		return dl_fail(scope, DL_DATA, "it has no package.json in a folder at its top");
	skip = dl_text_starts(files[MANIFEST].data, "\xef\xbb\xbf") ? 3 : 0;
	reading.root = dl_json_parse(scope, files[MANIFEST].data + skip, files[MANIFEST].len - skip);
	if (!reading.root)
		return dl_fail_prefix(scope, "its package.json");
	if (check_root(scope, reading.root, manifest))
		return -1;
	manifest->server = wanted_server(scope, reading.root, manifest->name);
	reading.builds = needs_building(reading.root, &files[GYP]);
	dl_buf_init(&reading.json, &scope->arena, DL_CAP_BODY);
	put_member(&reading.json, "name", manifest->name);
	put_member(&reading.json, "version", manifest->version);
	if (put_members(&reading))
		return -1;
	put_readme(&reading, &files[README]);
	if (reading.builds && !dl_json_get(reading.root, "gypfile"))
		dl_buf_puts(&reading.json, "\"gypfile\":true,");
	manifest->members = reading.json.data;
	return dl_buf_check(scope, &reading.json, "its manifest");
}
