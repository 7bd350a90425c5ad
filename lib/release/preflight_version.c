/* Compared are releases that this commit comes after: while 2.0 is out, 1.4.3 may follow on a branch. */
#include "lib/release/preflight_version.h"

#include <ctype.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/changelog/insert.h"
#include "lib/data/pep440.h"
#include "lib/data/scheme.h"
#include "lib/data/semver.h"
#include "lib/git/git.h"
#include "lib/git/repo.h"
#include "lib/release/preflight.h"

static const char *const changelogs[] = {
	"CHANGELOG.md", "CHANGES.md", "HISTORY.md", "NEWS.md", "docs/CHANGELOG.md", NULL,
};

static const char *quote(const struct dl_preflight *flight, const char *text)
{
	return dl_text_quote(&flight->scope->arena, text);
}

/* ------------------------------------------------------------------ versions */

/* TAG without prefix and 'v'; NULL: it is no release. */
static const char *version_in(const struct dl_preflight *flight, const char *tag)
{
	if (!dl_text_starts(tag, flight->prefix))
		return NULL;
	tag += strlen(flight->prefix);
	tag += (*tag == 'v' || *tag == 'V') && isdigit((unsigned char)tag[1]);
	return isdigit((unsigned char)*tag) ? tag : NULL;
}

static enum dl_scheme scheme_of(const struct dl_preflight *flight)
{
	return flight->project.python ? DL_SCHEME_PEP440 : DL_SCHEME_SEMVER;
}

/* The command of dl-changelog with OPTION and, where it would not know it by itself, the prefix. */
static const char *changelog_command(const struct dl_preflight *flight, const char *option)
{
	struct dl_arena *arena = &flight->scope->arena;
	const char *prefix = flight->wish->prefix;

	return dl_arena_format(arena, "dl-changelog %s%s%s", option, prefix ? " --tag-prefix " : "",
			       prefix ? dl_text_shell(arena, prefix) : "");
}

bool dl_preflight_version_same(const char *version, const char *other)
{
	return dl_text_same(version, other) ||
	       (dl_scheme_valid(DL_SCHEME_PEP440, version) && dl_scheme_valid(DL_SCHEME_PEP440, other) &&
		dl_scheme_compare(DL_SCHEME_PEP440, version, other) == 0);
}

/* ------------------------------------------------------------------ the releases before */

/* The tags that HEAD contains, a line for each; "" where git cannot tell. */
static const char *list_tags(struct dl_preflight *flight)
{
	static const char *const argv[] = {"for-each-ref", "--merged=HEAD", "--format=%(refname:strip=2)",
					   "refs/tags", NULL};
	struct dl_proc_result result;

	if (dl_git_ask(flight->scope, flight->dir, argv, &result)) {
		dl_fail_take(flight->scope, &flight->scope->arena);
		return "";
	}
	return result.status == 0 ? result.output : "";
}

/* The highest release among them, without the one that is to be made; NULL: there is none. *STRANGE is one
 * whose version cannot be compared, such as "v2024_03"; NULL: there is none. */
static const char *last_release(struct dl_preflight *flight, const char **strange)
{
	const char *line = list_tags(flight), *last = NULL, *tag, *version;
	enum dl_scheme scheme = scheme_of(flight);

	*strange = NULL;
	for (; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		tag = dl_arena_copy(&flight->scope->arena, line, strcspn(line, "\n"));
		version = version_in(flight, tag);
		if (!version || dl_text_same(tag, flight->tag))
			continue;
		if (!dl_scheme_valid(scheme, version))
			*strange = tag;
		else if (!last || dl_scheme_compare(scheme, version, version_in(flight, last)) > 0)
			last = tag;
	}
	return last;
}

void dl_preflight_version_name(struct dl_preflight *flight)
{
	const char *prefix = flight->prefix, *given = flight->wish->given;
	const char *found = version_in(flight, given), *last, *strange;

	flight->version = found ? found : dl_text_starts(given, prefix) ? given + strlen(prefix) : given;
	if (isdigit((unsigned char)*given)) /* and so without any prefix */
		flight->version = given;
	flight->tag = given;
	if (flight->version != given)
		return;
	last = last_release(flight, &strange);
	flight->tag = dl_arena_format(&flight->scope->arena, "%s%s%s", prefix,
				      last && isdigit((unsigned char)last[strlen(prefix)]) ? "" : "v", given);
}

static bool is_shallow(struct dl_preflight *flight)
{
	static const char *const argv[] = {"rev-parse", "--is-shallow-repository", NULL};
	struct dl_proc_result result;

	if (dl_git_run(flight->scope, flight->dir, argv, &result) == 0)
		return dl_text_starts(result.output, "true");
	dl_fail_take(flight->scope, &flight->scope->arena);
	return false;
}

/* ------------------------------------------------------------------ the checks */

int dl_preflight_version_form(struct dl_preflight *flight)
{
	const char *version = quote(flight, flight->version), *normal;
	struct dl_pep440 python;
	struct dl_semver other;

	if ((flight->project.other || !flight->project.python) && !dl_semver_parse(flight->version, &other))
		return dl_preflight_put(flight, DL_CHECK_FAIL, "version", "https://semver.org",
					"'%s' is no version by Semantic Versioning", version);
	if (!flight->project.python)
		return dl_preflight_put(flight, DL_CHECK_PASS, "version", NULL, "%s", version);
	if (!dl_pep440_parse(flight->version, &python))
		return dl_preflight_put(flight, DL_CHECK_FAIL, "version", "https://peps.python.org/pep-0440",
					"'%s' is no version of a Python package", version);
	normal = dl_pep440_normal(&flight->scope->arena, &python);
	if (strcmp(normal, flight->version) == 0 || flight->project.other)
		return dl_preflight_put(flight, DL_CHECK_PASS, "version", NULL, "%s", version);
	return dl_preflight_put(flight, DL_CHECK_WARN, "version", NULL, "%s will be %s in an index", version,
				normal);
}

int dl_preflight_version_order(struct dl_preflight *flight)
{
	const char *version = quote(flight, flight->version), *strange;
	const char *last = last_release(flight, &strange);
	enum dl_scheme scheme = scheme_of(flight);

	if (is_shallow(flight))
		return dl_preflight_command(flight, DL_CHECK_FAIL, "order", "git fetch --unshallow --tags",
					    "the history is cut off here, and with it the releases before");
	if (!last && strange)
		return dl_preflight_put(flight, DL_CHECK_WARN, "order", NULL,
					"%s cannot be compared with the releases before it, such as %s",
					version, quote(flight, strange));
	if (!last)
		return dl_preflight_put(flight, DL_CHECK_PASS, "order", NULL, "it is the first release");
	if (!dl_scheme_valid(scheme, flight->version))
		return dl_preflight_put(flight, DL_CHECK_FAIL, "order", NULL, "%s cannot be compared with %s",
					version, quote(flight, last));
	if (dl_scheme_compare(scheme, flight->version, version_in(flight, last)) > 0)
		return dl_preflight_put(flight, DL_CHECK_PASS, "order", NULL, "%s comes after %s", version,
					quote(flight, last));
	return dl_preflight_command(flight, DL_CHECK_FAIL, "order", changelog_command(flight, "--next"),
				    "%s does not come after %s", version, quote(flight, last));
}

static int check_file(struct dl_preflight *flight, const struct dl_project_file *file)
{
	if (!file->version)
		return dl_preflight_put(flight, file->malformed ? DL_CHECK_FAIL : DL_CHECK_SKIP, "files",
					NULL, "%s: %s", file->path, file->why);
	if (dl_preflight_version_same(flight->version, file->version))
		return dl_preflight_put(flight, DL_CHECK_PASS, "files", NULL, "%s says %s", file->path,
					quote(flight, file->version));
	return dl_preflight_put(flight, DL_CHECK_FAIL, "files", NULL, "%s says %s, and not %s", file->path,
				quote(flight, file->version), quote(flight, flight->version));
}

int dl_preflight_version_files(struct dl_preflight *flight)
{
	const struct dl_project_file *file = flight->project.files, *end = file + flight->project.count;
	bool any = false;

	for (; file < end; file++) {
		if (!file->version && !file->why)
			continue;
		any = true;
		if (check_file(flight, file))
			return -1;
	}
	return any ? 0
		   : dl_preflight_put(flight, DL_CHECK_SKIP, "files", NULL, "no file says the version");
}

/* The changelog at PATH. */
static int check_changelog(struct dl_preflight *flight, const char *path, const char *text, size_t len)
{
	struct dl_arena *arena = &flight->scope->arena;
	const char *options = dl_arena_format(arena, "--as %s --prepend %s",
					      dl_text_shell(arena, flight->tag), dl_text_shell(arena, path));
	int found = dl_insert_find(flight->scope, text, len, flight->version);
	struct dl_pep440 python;
	struct dl_error error;

	if (found == 0 && flight->project.python && dl_pep440_parse(flight->version, &python))
		found = dl_insert_find(flight->scope, text, len, dl_pep440_normal(arena, &python));
	path = quote(flight, path);
	if (found > 0)
		return dl_preflight_put(flight, DL_CHECK_PASS, "changelog", NULL, "%s tells of %s", path,
					quote(flight, flight->version));
	if (found == 0)
		return dl_preflight_command(flight, DL_CHECK_FAIL, "changelog",
					    changelog_command(flight, options), "%s tells nothing of %s",
					    path, quote(flight, flight->version));
	error = dl_fail_take(flight->scope, arena);
	return dl_preflight_put(flight, DL_CHECK_FAIL, "changelog", NULL, "%s: %s", path, error.message);
}

int dl_preflight_version_changelog(struct dl_preflight *flight)
{
	const char *const named[] = {flight->wish->changelog, NULL};
	const char *const *path = flight->wish->changelog ? named : changelogs;
	struct dl_error error = {.class = DL_OK};
	char *text = NULL;
	size_t len;

	for (; *path && !text && (error.class == DL_OK || error.class == DL_MISSING); path++) {
		text = dl_repo_file(flight->scope, flight->repo, flight->head, *path, DL_CAP_BODY, &len);
		if (text)
			return check_changelog(flight, *path, text, len);
		error = dl_fail_take(flight->scope, &flight->scope->arena);
	}
	if (error.class == DL_MISSING && !flight->wish->changelog)
		return dl_preflight_put(flight, DL_CHECK_SKIP, "changelog", NULL, "there is none");
	return dl_preflight_put(flight, DL_CHECK_FAIL, "changelog", NULL, "%s", error.message);
}
