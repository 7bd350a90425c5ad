#include "providers/registry/npmrc.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/proc.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/url.h"
#include "lib/provider/credential.h"

/* ---- files ---- */

/* The variable npm_config_KEY, which some spell in capital letters; a '-' of KEY is '_' there, but in a URL.
 */
static const char *environment(struct dl_scope *scope, const char *key)
{
	char *lower = dl_arena_format(&scope->arena, "npm_config_%s", key), *upper, *at;
	const char *value;

	for (at = lower; *at && *key != '/'; at++)
		if (*at == '-')
			*at = '_';
	upper = dl_arena_string(&scope->arena, lower);
	for (at = upper; *at && (*key != '/' || at < upper + strlen("npm_config_")); at++)
		if (*at >= 'a' && *at <= 'z')
			*at = (char)(*at - 'a' + 'A');
	value = getenv(lower);
	if (!value || !*value)
		value = getenv(upper);
	return value && *value ? value : NULL;
}

/* The nearest folder from DIR upwards that npm takes for the top of a project; where there is none, DIR. */
static const char *project_folder(struct dl_scope *scope, const char *dir)
{
	char here[PATH_MAX];
	const char *folder;
	size_t len;

	if (!realpath(dir ? dir : ".", here))
		return NULL;
	for (len = strlen(here); len; len = (size_t)((char *)memrchr(here, '/', len) - here)) {
		folder = dl_arena_copy(&scope->arena, here, len);
		if (access(dl_arena_format(&scope->arena, "%s/package.json", folder), F_OK) == 0 ||
		    access(dl_arena_format(&scope->arena, "%s/node_modules", folder), F_OK) == 0)
			return folder;
	}
	return dl_arena_string(&scope->arena, here);
}

static const char *user_path(struct dl_scope *scope)
{
	const char *path = environment(scope, "userconfig"), *home = getenv("HOME");

	if (path)
		return path;
	return home && *home == '/' ? dl_arena_format(&scope->arena, "%s/.npmrc", home) : NULL;
}

/* The file of the installation, which is where node is. */
static const char *global_path(struct dl_scope *scope)
{
	const char *path = environment(scope, "globalconfig"), *prefix = environment(scope, "prefix");
	const char *node = prefix || path ? NULL : dl_proc_find(scope, "node");
	char real[PATH_MAX], *slash;

	if (node && realpath(node, real) && (slash = strstr(real, "/bin/"))) {
		*slash = '\0';
		prefix = real;
	}
	if (path || !prefix)
		return path;
	return dl_arena_format(&scope->arena, "%s/etc/npmrc", prefix);
}

static bool is_same_file(const char *a, const char *b)
{
	struct stat one, other;

	return a && b && stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev &&
	       one.st_ino == other.st_ino;
}

static int read_file(struct dl_scope *scope, const char *path, struct dl_ini *ini)
{
	return path ? dl_ini_read(scope, path, DL_INI_NPM, ini) : 0;
}

int dl_npmrc_read(struct dl_scope *scope, const char *dir, struct dl_npmrc *npmrc)
{
	const char *folder = project_folder(scope, dir), *user = user_path(scope);

	memset(npmrc, 0, sizeof *npmrc);
	if (folder)
		npmrc->project_path = dl_arena_format(&scope->arena, "%s/.npmrc", folder);
	/* In the home folder it is the user's own. */
	if (!is_same_file(npmrc->project_path, user) &&
	    read_file(scope, npmrc->project_path, &npmrc->project))
		return -1;
	return read_file(scope, user, &npmrc->user) || read_file(scope, global_path(scope), &npmrc->global)
		       ? -1
		       : 0;
}

/* ---- values ---- */

/* VALUE with the variables of the environment that it names (${NAME}, ${NAME?}). NULL: one is not set. */
static const char *expand(struct dl_scope *scope, const char *value)
{
	const char *name, *end, *set;
	struct dl_buf text;
	bool optional;

	if (!value)
		return NULL;
	dl_buf_init(&text, &scope->arena, DL_CAP_CONFIG);
	while ((name = strstr(value, "${")) && (end = strchr(name, '}'))) {
		optional = end[-1] == '?';
		dl_buf_add(&text, value, (size_t)(name - value));
		set = getenv(dl_arena_copy(&scope->arena, name + 2, (size_t)(end - name) - 2 - optional));
		if (!set && !optional)
			return NULL;
		dl_buf_puts(&text, set ? set : "");
		value = end + 1;
	}
	dl_buf_puts(&text, value);
	return text.data;
}

const char *dl_npmrc_users(struct dl_scope *scope, const struct dl_npmrc *npmrc, const char *key)
{
	const char *value = environment(scope, key);

	if (!value)
		value = expand(scope, dl_ini_get(&npmrc->user, "", key));
	return value ? value : expand(scope, dl_ini_get(&npmrc->global, "", key));
}

const char *dl_npmrc_get(struct dl_scope *scope, const struct dl_npmrc *npmrc, const char *key)
{
	const char *value = environment(scope, key), *project = dl_ini_get(&npmrc->project, "", key);

	if (value)
		return value;
	if (!project)
		return dl_npmrc_users(scope, npmrc, key);
	if (!strstr(project, "${"))
		return project;
	dl_fail(scope, DL_CONFIG, "%s: %s has a variable of the environment in it",
		dl_text_quote(&scope->arena, npmrc->project_path), dl_text_quote(&scope->arena, key));
	dl_fail_hint(scope,
		     "a file of the project is given none: write the value out, or write it into ~/.npmrc");
	return NULL;
}

const char *dl_npmrc_registry(struct dl_scope *scope, const struct dl_npmrc *npmrc, const char *key,
			      dl_npmrc_value *found)
{
	const char *text = found(scope, npmrc, key);
	struct dl_url url;
	size_t len;

	if (!text || !*text)
		return NULL;
	if (dl_url_parse(scope, text, &url) || !dl_text_starts(url.scheme, "http")) {
		scope->error.class = DL_CONFIG;
		dl_fail(scope, DL_CONFIG, "it is no http URL");
		dl_fail_prefix(scope, "npm's %s", dl_text_quote(&scope->arena, key));
		return NULL;
	}
	for (len = strlen(text); len && text[len - 1] == '/'; len--)
		;
	return dl_arena_copy(&scope->arena, text, len);
}

/* ---- credentials ---- */

const char *dl_npmrc_header(struct dl_arena *arena, const char *user, const char *token)
{
	return strcmp(token, "XXXXX-XXXXX-XXXXX-XXXXX") == 0 ? NULL
							     : dl_credential_header(arena, user, token);
}

/* The project's own words, which are complete without the environment. */
static const char *projects(struct dl_scope *scope, const struct dl_npmrc *npmrc, const char *key)
{
	const char *value = dl_ini_get(&npmrc->project, "", key);

	(void)scope;
	return value && !strstr(value, "${") ? value : NULL;
}

/* The header line that KEY's credential makes, where KEY is a beginning of a URL without its scheme. */
static const char *header_at(struct dl_scope *scope, const struct dl_npmrc *npmrc, dl_npmrc_value *value,
			     const char *key)
{
	struct dl_arena *arena = &scope->arena;
	const char *token = value(scope, npmrc, dl_arena_format(arena, "%s:_authToken", key)), *password;

	if (token && *token)
		return dl_npmrc_header(arena, NULL, token);
	token = value(scope, npmrc, dl_arena_format(arena, "%s:_auth", key));
	if (token && *token)
		return dl_arena_format(arena, "Authorization: Basic %s", token);
	token = value(scope, npmrc, dl_arena_format(arena, "%s:username", key));
	password = value(scope, npmrc, dl_arena_format(arena, "%s:_password", key));
	password = password ? dl_text_unbase64(arena, password) : NULL;
	return token && *token && password ? dl_credential_header(arena, token, password) : NULL;
}

static const char *find_header(struct dl_scope *scope, const struct dl_npmrc *npmrc, dl_npmrc_value *value,
			       const char *base)
{
	const char *line = NULL, *byte;
	struct dl_url url;
	char *key;
	size_t len;

	if (dl_url_parse(scope, base, &url))
		return NULL;
	key = dl_arena_format(&scope->arena, "//%s%s/", dl_url_authority(&scope->arena, &url), url.path);
	/* "//host/a/", "//host/a", "//host/", "//host" */
	for (len = strlen(key); len > 2 && !line; len = strlen(key)) {
		line = header_at(scope, npmrc, value, key);
		if (key[len - 1] == '/')
			key[len - 1] = '\0';
		else
			strrchr(key, '/')[1] = '\0';
	}
	for (byte = line; byte && *byte; byte++)
		if ((unsigned char)*byte < ' ' || (unsigned char)*byte >= 0x7f) {
			dl_fail(scope, DL_CONFIG, "the credential for %s in npm's configuration has a "
						  "control character",
				dl_url_redact(&scope->arena, base));
			return NULL;
		}
	return line;
}

const char *dl_npmrc_users_header(struct dl_scope *scope, const struct dl_npmrc *npmrc, const char *base)
{
	return find_header(scope, npmrc, dl_npmrc_users, base);
}

const char *dl_npmrc_project_header(struct dl_scope *scope, const struct dl_npmrc *npmrc, const char *base)
{
	return find_header(scope, npmrc, projects, base);
}
