/* The software is known by the version it names: Forgejo adds the Gitea that it is compatible with
 * ("16.0.1+gitea-1.22.0"), and counted from 7 on while Gitea was at 1.x; Gitea has counted whole numbers
 * since
 * 28. The version explains an answer that says no, it does not forbid to ask: what an administrator built
 * from source may call itself what it likes. */
#include "providers/ci/gitea_server.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "lib/base/buf.h"
#include "lib/base/file.h"
#include "lib/base/folder.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/base/url.h"
#include "lib/provider/provider.h"
#include "lib/provider/rest.h"

enum { REMEMBERED_S = 86400, MOST_BYTES = 100, MOST_MAJOR = 9999, FORGEJO_FROM = 7, GITEA_FROM = 28 };

/* The first version with a feature; a major version of 0: none has it. */
struct row {
	const char *words; /* what it is, for people */
	int gitea_major, gitea_minor, forgejo_major;
};

static const struct row features[] = {
	[DL_GITEA_TASKS] = {"listing what Actions did", 1, 23, 8},
	[DL_GITEA_RUNS] = {"listing runs", 1, 25, 12},
	[DL_GITEA_JOBS] = {"listing the jobs of a run", 1, 25, 16},
	[DL_GITEA_ATTEMPTS] = {"listing the jobs of an older attempt", 1, 27, 0},
	[DL_GITEA_STEPS] = {"telling the state of each step", 1, 27, 0},
	[DL_GITEA_LOGS] = {"reading the log of a job", 1, 24, 16},
	[DL_GITEA_WORKFLOWS] = {"listing workflows", 1, 24, 0},
	[DL_GITEA_DISPATCH] = {"starting a workflow", 1, 24, 8},
	[DL_GITEA_RERUN] = {"running again", 1, 26, 0},
	[DL_GITEA_CANCEL] = {"stopping a run", 28, 0, 16},
	[DL_GITEA_FORCE] = {"stopping a run by force", 28, 0, 0},
	[DL_GITEA_ARTIFACTS] = {"listing artifacts", 1, 24, 16},
};

static const struct dl_route get_version = {.path = "/version"};

/* Whether TEXT could be a version: few, printable, harmless characters. */
static bool is_version(const char *text)
{
	return text && strlen(text) < MOST_BYTES &&
	       text[strspn(text, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.+~_-")] ==
		       '\0' &&
	       *text;
}

static struct dl_gitea_server read_version(struct dl_scope *scope, const char *text)
{
	struct dl_gitea_server server = {.version = dl_arena_string(&scope->arena, text)};
	long major, minor;
	char *end;

	text += *text == 'v';
	major = strtol(text, &end, 10);
	minor = *end == '.' ? strtol(end + 1, NULL, 10) : 0;
	if (end == text || major < 0 || major > MOST_MAJOR || minor < 0 || minor > MOST_MAJOR)
		return server;
	server.major = (int)major;
	server.minor = (int)minor;
	if (strcasestr(text, "gitea-") || strcasestr(text, "forgejo") ||
	    (server.major >= FORGEJO_FROM && server.major < GITEA_FROM))
		server.software = DL_GITEA_FORGEJO;
	else
		server.software = DL_GITEA_GITEA;
	return server;
}

/* Where the version of TARGET's server is remembered; NULL: nowhere. */
static const char *memory_path(struct dl_scope *scope, const struct dl_target *target)
{
	const char *dir = dl_folder_cache(scope);
	struct dl_buf path;

	if (!dir)
		return NULL;
	dl_buf_init(&path, &scope->arena, DL_CAP_HEAD);
	dl_buf_printf(&path, "%s/gitea/", dir);
	dl_url_encode(&path, target->base, NULL);
	return path.overflow ? NULL : path.data;
}

struct dl_gitea_server dl_gitea_server_recall(struct dl_scope *scope, const struct dl_target *target)
{
	const char *path = memory_path(scope, target);
	struct dl_gitea_server server = {0};
	struct dl_scope attempt;
	struct stat st;
	int64_t age_s;
	char *text;

	dl_scope_open(&attempt, NULL);
	text = path ? dl_file_read(&attempt, path, MOST_BYTES, NULL) : NULL;
	age_s = text && stat(path, &st) == 0 ? dl_time_now() - (int64_t)st.st_mtime : -1;
	if (age_s >= 0 && age_s < REMEMBERED_S && is_version(text))
		server = read_version(scope, text);
	dl_scope_close(&attempt);
	return server;
}

/* That it cannot be written matters to nobody. */
static void remember(struct dl_scope *scope, const struct dl_target *target, const char *version)
{
	const char *path = memory_path(scope, target);
	struct dl_scope attempt;

	dl_scope_open(&attempt, NULL);
	if (path &&
	    dl_file_mkdirs(&attempt, dl_arena_copy(&attempt.arena, path, (size_t)(strrchr(path, '/') - path)),
			   0700) == 0 &&
	    dl_file_write(&attempt, path, 0600, version, strlen(version)) < 0)
		dl_fail_take(&attempt, &attempt.arena);
	dl_scope_close(&attempt);
}

struct dl_gitea_server dl_gitea_server_find(struct dl_scope *scope, const struct dl_target *target)
{
	static const struct dl_var none[] = {{NULL, NULL}};
	struct dl_gitea_server server = dl_gitea_server_recall(scope, target);
	const struct dl_json *answer;
	struct dl_scope attempt;
	const char *version;

	if (server.version)
		return server;
	dl_scope_open(&attempt, NULL);
	answer = dl_rest_get(&attempt, target, &get_version, none);
	version = dl_json_text(answer, "version");
	if (is_version(version)) {
		server = read_version(scope, version);
		remember(scope, target, version);
	}
	dl_scope_close(&attempt);
	return server;
}

int dl_gitea_server_has(const struct dl_gitea_server *server, enum dl_gitea_feature feature)
{
	const struct row *row = &features[feature];

	if (server->software == DL_GITEA_UNKNOWN)
		return -1;
	if (server->software == DL_GITEA_FORGEJO)
		return row->forgejo_major && server->major >= row->forgejo_major;
	return row->gitea_major && (server->major > row->gitea_major ||
				    (server->major == row->gitea_major && server->minor >= row->gitea_minor));
}

int dl_gitea_server_refuse(struct dl_scope *scope, const struct dl_target *target,
			   const struct dl_gitea_server *server, enum dl_gitea_feature feature)
{
	const struct row *row = &features[feature];
	const char *forgejo = row->forgejo_major ? dl_arena_format(&scope->arena, " or Forgejo %d",
								    row->forgejo_major)
						 : ", and no Forgejo has it";

	return dl_fail(scope, DL_UNSUPPORTED, "%s needs Gitea %d.%d%s: %s runs %s %s", row->words,
		       row->gitea_major, row->gitea_minor, forgejo, target->host,
		       server->software == DL_GITEA_FORGEJO ? "Forgejo" : "Gitea",
		       server->version ? server->version : "of an unknown version");
}
