#include "lib/release/project.h"

#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/data/ini.h"
#include "lib/data/json.h"
#include "lib/git/repo.h"

enum format { TOML, INI, JSON, LINE, SCRIPT };
enum kind { PLAIN, PYTHON, OTHER };

/* Where a version stands. A file may have several places for it. */
static const struct place {
	const char *path;
	enum format format;
	enum kind kind;
	const char *section;
} places[] = {
	{"pyproject.toml", TOML, PYTHON, "project"},
	{"pyproject.toml", TOML, PYTHON, "tool.poetry"},
	{"setup.cfg", INI, PYTHON, "metadata"},
	{"setup.py", SCRIPT, PYTHON, NULL},
	{"package.json", JSON, OTHER, NULL},
	{"package-lock.json", JSON, OTHER, NULL},
	{"deno.json", JSON, OTHER, NULL},
	{"jsr.json", JSON, OTHER, NULL},
	{"composer.json", JSON, OTHER, NULL},
	{"Cargo.toml", TOML, OTHER, "package"},
	{"Cargo.toml", TOML, OTHER, "workspace.package"},
	{"VERSION", LINE, PLAIN, NULL},
	{"VERSION.txt", LINE, PLAIN, NULL},
	{"version.txt", LINE, PLAIN, NULL},
};

enum { PLACES = sizeof places / sizeof *places };

/* Whether the package is given its version only when it is built: PEP 621 lists it, setuptools names a file
 * or an attribute to be read. */
static bool is_dynamic(const struct dl_ini *ini, const char *section, const char *version)
{
	size_t i;

	if (dl_text_starts(version, "attr:") || dl_text_starts(version, "file:"))
		return true;
	for (i = 0; i < ini->count; i++)
		if (strcmp(ini->entries[i].section, section) == 0 &&
		    strcmp(ini->entries[i].key, "dynamic") == 0 &&
		    strcmp(ini->entries[i].value, "version") == 0)
			return true;
	return false;
}

static int read_table(struct dl_scope *scope, const struct place *place, const char *text, size_t len,
		      struct dl_project_file *file)
{
	enum dl_ini_dialect dialect = place->format == TOML ? DL_INI_TOML : DL_INI_PYTHON;
	struct dl_ini ini;

	if (dl_ini_parse(scope, place->path, dialect, text, len, &ini))
		return -1;
	file->name = dl_ini_get(&ini, place->section, "name");
	file->version = dl_ini_get(&ini, place->section, "version");
	if (is_dynamic(&ini, place->section, file->version)) {
		file->version = NULL;
		file->why = "the version is made when the package is built";
	}
	return 0;
}

/* What TEXT, the file of PLACE, says. */
static int read_text(struct dl_scope *scope, const struct place *place, char *text, size_t len,
		     struct dl_project_file *file)
{
	const struct dl_json *node;

	switch (place->format) {
	case TOML:
	case INI:
		return read_table(scope, place, text, len, file);
	case JSON:
		node = dl_json_parse(scope, text, len);
		file->name = dl_json_text(node, "name");
		file->version = dl_json_text(node, "version");
		return node ? 0 : dl_fail_prefix(scope, "%s", place->path);
	case LINE:
		text[strcspn(text, "\r\n")] = '\0';
		file->version = text;
		return 0;
	case SCRIPT:
		file->why = "what a script says is known only when it runs";
		return 0;
	}
	return 0;
}

static void read_place(struct dl_scope *scope, struct dl_repo *repo, const char *commit,
		       const struct place *place, struct dl_project_file *file)
{
	struct dl_scope attempt;
	char *text;
	size_t len;

	*file = (struct dl_project_file){.path = place->path};
	dl_scope_open(&attempt, NULL);
	text = dl_repo_file(&attempt, repo, commit, place->path, DL_CAP_CONFIG, &len);
	if (!text || read_text(&attempt, place, text, len, file)) {
		file->malformed = true;
		file->why = attempt.error.message;
	}
	file->name = dl_arena_string(&scope->arena, file->name);
	file->version = dl_arena_string(&scope->arena, file->version);
	file->why = dl_arena_string(&scope->arena, file->why);
	dl_scope_close(&attempt);
}

static bool has_entry(const struct dl_repo_entries *entries, const char *name)
{
	size_t i;

	for (i = 0; i < entries->count; i++)
		if (!entries->items[i].directory && strcmp(entries->items[i].name, name) == 0)
			return true;
	return false;
}

int dl_project_read(struct dl_scope *scope, struct dl_repo *repo, const char *commit,
		    struct dl_project *project)
{
	struct dl_project_file *files = dl_arena_array(&scope->arena, PLACES, sizeof *files), *file = files;
	struct dl_repo_entries entries;
	const struct place *place;

	*project = (struct dl_project){.files = files};
	if (dl_repo_entries(scope, repo, commit, "", &entries))
		return -1;
	for (place = places; place < places + PLACES; place++) {
		if (!has_entry(&entries, place->path))
			continue;
		project->python |= place->kind == PYTHON;
		project->other |= place->kind == OTHER;
		read_place(scope, repo, commit, place, file);
		file += file->version || file->why || file->name;
	}
	project->count = (size_t)(file - files);
	return 0;
}

const char *dl_project_name(const struct dl_project *project)
{
	size_t i;

	for (i = 0; i < project->count; i++)
		if (project->files[i].name)
			return project->files[i].name;
	return NULL;
}
