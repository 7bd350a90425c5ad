/* Artifactory, as a folder of files: REPOSITORY/PACKAGE/VERSION/FILE. (Its indexes of Python and npm packages
 * are for the providers of that kind, whose URL they can be.)
 *
 * What is particular here. A file that the server has anywhere is not sent again: it is deployed by its
 * checksum. Who may not overwrite is told 403, or 404; so what is there is asked first, and compared by hash.
 *
 * https://jfrog.com/help/r/jfrog-rest-apis/artifactory-rest-apis */
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/base/url.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/net/body.h"
#include "lib/provider/credential.h"
#include "lib/provider/provider.h"
#include "lib/provider/rest.h"
#include "providers/providers.h"
#include "providers/registry/versions.h"

/* ------------------------------------------------------------------ routes */

static const struct dl_route route_info = {.path = "/api/storage/{+repo}/{+package}/{version}/{file}"};
static const struct dl_route route_repository = {.path = "/api/storage/{+repo}"};
static const struct dl_route route_search = {
	.method = "POST", .path = "/api/search/aql", .content = "text/plain", .reads = true};

/* The server copies what it has of these checksums; 404: it has none. */
static const struct dl_route route_by_checksum = {
	.method = "PUT",
	.path = "/{+repo}/{+package}/{version}/{file}",
	.headers = (const char *const[]){"X-Checksum-Deploy: true", "X-Checksum-Sha256: {sha256}",
					 "X-Checksum-Sha1: {sha1}", "X-Checksum-Md5: {md5}", NULL},
};

static const struct dl_route route_deploy = {
	.method = "PUT",
	.path = "/{+repo}/{+package}/{version}/{file}",
	.headers = (const char *const[]){"X-Checksum-Sha256: {sha256}", "X-Checksum-Sha1: {sha1}",
					 "X-Checksum-Md5: {md5}", NULL},
};

static const char *const headers[] = {"Accept: application/json", NULL};
static const struct dl_dialect dialect = {.headers = headers, .message = "errors[].message|message"};

/* ------------------------------------------------------------------ where */

static const char api[] = "/artifactory";

static const char *base(struct dl_scope *scope, const char *host)
{
	return dl_arena_format(&scope->arena, "https://%s%s", host, api);
}

static const char *host_of(struct dl_scope *scope, const char *url)
{
	return dl_url_server(scope, url, api);
}

static const char *url(struct dl_scope *scope, const struct dl_target *target, const char *package,
		       const char *version)
{
	struct dl_var vars[] = {
		{"repo", target->project}, {"package", package}, {"version", version}, {NULL, NULL}};
	const char *path = dl_url_expand(
		scope, version ? "/{+repo}/{+package}/{version}/" : "/{+repo}/{+package}/", vars);

	return path ? dl_arena_format(&scope->arena, "%s%s", target->base, path) : NULL;
}

/* ------------------------------------------------------------------ what is there */

/* The version that the file ITEM of PACKAGE is of; NULL: of none, it stands elsewhere. */
static const char *version_of(const struct dl_json *item, const char *package)
{
	const char *path = dl_json_text(item, "path");
	size_t len = strlen(package);

	if (!dl_text_starts(path, package) || path[len] != '/' || !path[len + 1] ||
	    strchr(path + len + 1, '/'))
		return NULL;
	return path + len + 1;
}

/* The question for all files below PACKAGE; NULL: DL_USAGE, it would be about others, too. */
static const char *write_question(struct dl_scope *scope, const struct dl_target *target, const char *package)
{
	const char *below = dl_arena_format(&scope->arena, "%s/*", package);
	struct dl_buf text;

	if (strpbrk(package, "*?")) {
		dl_fail(scope, DL_USAGE, "'%s' is no name of a package",
			dl_text_quote(&scope->arena, package));
		return NULL;
	}
	dl_buf_init(&text, &scope->arena, DL_CAP_LINE);
	dl_buf_puts(&text, "items.find({\"repo\":");
	dl_json_quote(&text, target->project, strlen(target->project));
	dl_buf_puts(&text, ",\"path\":{\"$match\":");
	dl_json_quote(&text, below, strlen(below));
	dl_buf_puts(&text, "}}).include(\"path\",\"name\",\"created\")");
	return text.data;
}

static int versions(struct dl_scope *scope, const struct dl_target *target, const char *package,
		    struct dl_sink *sink)
{
	static const struct dl_var none[] = {{NULL, NULL}};
	const char *question = write_question(scope, target, package), *version;
	const struct dl_json *root, *item;
	struct dl_package *record;
	struct dl_sink_list list;
	struct dl_res res;

	if (!question || dl_rest_send(scope, target, &route_search, none, question, &res))
		return -1;
	root = dl_json_parse(scope, res.body, res.len);
	item = dl_json_get(root, "results");
	if (!item)
		return dl_fail(scope, DL_DATA, "%s: expected a list in results", target->host);
	dl_sink_list(&list, scope, 0);
	for (item = item->child; item; item = item->next) {
		version = version_of(item, package);
		record = version ? dl_versions_new(scope, target, package, version) : NULL;
		if (!record)
			continue;
		if (dl_json_text(item, "created"))
			record->released_at = dl_time_parse(dl_json_text(item, "created"));
		if (dl_sink_put(&list.sink, scope, &dl_record_package, record) < 0)
			return -1;
	}
	if (!list.count)
		return dl_fail(scope, DL_MISSING, "%s has no package '%s'", target->project,
			       dl_text_quote(&scope->arena, package));
	return dl_versions_put(scope, target, &list, sink);
}

/* What routes about one file are filled in with. */
static const struct dl_var *file_vars(struct dl_scope *scope, const struct dl_target *target,
				      const struct dl_edition *edition, const struct dl_upload *upload)
{
	const struct dl_var vars[] = {
		{"repo", target->project},        {"package", edition->package},
		{"version", edition->version},    {"file", upload->name},
		{"sha256", upload->sha256},       {"sha1", upload->digests[DL_SHA1]},
		{"md5", upload->digests[DL_MD5]}, {NULL, NULL},
	};
	struct dl_var *copy = dl_arena_alloc(&scope->arena, sizeof vars);

	memcpy(copy, vars, sizeof vars);
	return copy;
}

static int stat_file(struct dl_scope *scope, const struct dl_target *target, const struct dl_edition *edition,
		     const struct dl_upload *upload)
{
	const struct dl_var *vars = file_vars(scope, target, edition, upload);
	const struct dl_json *root = dl_rest_get(scope, target, &route_info, vars);
	const char *hash = dl_json_text(root, "checksums.sha256");

	if (root && !hash)
		return DL_PRESENCE_UNKNOWN;
	if (root)
		return strcmp(hash, upload->sha256) == 0 ? DL_PRESENCE_SAME : DL_PRESENCE_DIFFERENT;
	if (scope->error.class != DL_MISSING)
		return -1;
	dl_fail_take(scope, &scope->arena);
	return DL_PRESENCE_ABSENT;
}

/* ------------------------------------------------------------------ publishing */

static int put(struct dl_scope *scope, const struct dl_target *target, const struct dl_edition *edition,
	       const struct dl_upload *upload, struct dl_sink *sink)
{
	const struct dl_var *vars = file_vars(scope, target, edition, upload);
	struct dl_body_piece file = {.fd = upload->fd, .len = upload->size_bytes};
	struct dl_body body = {&file, 1, upload->meter};
	struct dl_res res;
	int result;

	(void)sink;
	result = dl_rest_send(scope, target, &route_by_checksum, vars, NULL, &res);
	if (result >= 0 || scope->error.class != DL_MISSING)
		return result;
	dl_fail_take(scope, &scope->arena);
	return dl_rest_upload(scope, target, &route_deploy, vars, &body, &res);
}

static int check(struct dl_scope *scope, const struct dl_target *target, const char *package,
		 struct dl_sink *sink)
{
	struct dl_var vars[] = {{"repo", target->project}, {NULL, NULL}};
	struct dl_error error;

	(void)package;
	if (!dl_rest_get(scope, target, &route_repository, vars)) {
		error = dl_fail_take(scope, &scope->arena);
		return dl_provider_check(scope, target, "repository", DL_CHECK_FAIL, error.message,
					 error.hint, sink);
	}
	return dl_provider_check(scope, target, "repository", DL_CHECK_PASS,
				 dl_arena_format(&scope->arena,
						 "%s can be read; whether it can be written shows when "
						 "something is sent",
						 target->project),
				 NULL, sink);
}

/* ------------------------------------------------------------------ identity */

static const struct dl_registry registry = {
	.scheme = DL_SCHEME_SEMVER,
	.digests = 1U << DL_MD5 | 1U << DL_SHA1,
	.width = 4,
	.versions = versions,
	.url = url,
	.check = check,
	.stat = stat_file,
	.put = put,
};

/* https://jfrog.com/help/r/jfrog-rest-apis/version-and-add-ons-information */
static const struct dl_vitals vitals = {
	.self = "/api/system/version",
	.server = "/api/system/version",
	.version = "version",
	.kinds = (const struct dl_token_kind[]){
		{"Authorization: Basic ", "a user's password, API key or token"},
		{"Authorization: Bearer ", "an access token"},
		{NULL, NULL},
	},
	.help = "https://jfrog.com/help/r/jfrog-platform-administration-documentation/access-tokens",
};

const struct dl_provider dl_artifactory = {
	.name = "artifactory",
	.title = "Artifactory",
	.token_env = (const char *const[]){"ARTIFACTORY_TOKEN", "ARTIFACTORY_PASSWORD", NULL},
	.user_env = (const char *const[]){"ARTIFACTORY_USER", NULL},
	.url_env = (const char *const[]){"ARTIFACTORY_URL", NULL},
	.project_env = (const char *const[]){"ARTIFACTORY_REPO", NULL},
	.base = base,
	.host_of = host_of,
	.authorize = dl_credential_header,
	.dialect = &dialect,
	.vitals = &vitals,
	.registry = &registry,
};
