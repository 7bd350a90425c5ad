/* OCI artifacts: files in a registry of containers, ghcr.io and Docker Hub as well as a `registry` of one's
 * own. A package is a repository there, its version a tag, and all files of a version are one artifact, as
 * oras makes them: an image manifest with a type of artifact, an empty configuration, and a layer for each
 * file with its name as a title.
 *
 * What is particular here. Nobody sees a file before the manifest is put, which is the last step. A tag can
 * be moved, silently; so it is never put where there is one that is not ours. The manifest is made of nothing
 * but the files, sorted by their names: the same files are the same artifact, for whoever makes it, and
 * whether they are there is told by its digest. A plus sign, as in 1.2.0+7, is in no tag.
 *
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md,
 * https://github.com/opencontainers/image-spec/blob/v1.1.0/manifest.md,
 * https://oras.land/docs/concepts/artifact/ */
#include <regex.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/digest.h"
#include "lib/base/mime.h"
#include "lib/base/path.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/url.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "lib/data/schema.h"
#include "lib/data/sink.h"
#include "lib/net/body.h"
#include "lib/net/http.h"
#include "lib/provider/credential.h"
#include "lib/provider/provider.h"
#include "lib/provider/rest.h"
#include "providers/providers.h"
#include "providers/registry/oci_auth.h"
#include "providers/registry/oci_blob.h"
#include "providers/registry/oci_login.h"
#include "providers/registry/versions.h"

#define MANIFEST_TYPE "application/vnd.oci.image.manifest.v1+json"
#define ARTIFACT_TYPE "application/vnd.unknown.artifact.v1"

/* The configuration of an artifact that has none. */
#define EMPTY "{}"
#define EMPTY_TYPE "application/vnd.oci.empty.v1+json"
#define EMPTY_SHA256 "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"

enum { MANIFEST_CAP = 4 << 20, MOST_NAME = 255, MOST_TAGS = 100000 };

/* ------------------------------------------------------------------ routes */

#define ANY_MANIFEST                                                                               \
	MANIFEST_TYPE ", application/vnd.oci.image.index.v1+json, "                                \
		      "application/vnd.docker.distribution.manifest.v2+json, "                     \
		      "application/vnd.docker.distribution.manifest.list.v2+json"

static const struct dl_route route_head = {
	.method = "HEAD", .path = "/v2/{+name}/manifests/{tag}", .accept = ANY_MANIFEST};
static const struct dl_route route_manifest = {
	.path = "/v2/{+name}/manifests/{tag}", .accept = ANY_MANIFEST, .cap = MANIFEST_CAP};
static const struct dl_route route_put = {
	.method = "PUT", .path = "/v2/{+name}/manifests/{tag}", .content = MANIFEST_TYPE};

static const struct dl_map map_tag[] = {{"version", "", DL_AS_IS}, {NULL, NULL, DL_AS_IS}};
static const struct dl_route route_tags = {.path = "/v2/{+name}/tags/list?n=1000",
					   .cap = MANIFEST_CAP,
					   .items = "tags",
					   .schema = &dl_record_package,
					   .map = map_tag};

static const char *const headers[] = {"Accept: application/json", NULL};
static const struct dl_dialect dialect = {.headers = headers, .message = "errors[].message|errors[].code"};

/* ------------------------------------------------------------------ where */

/* Docker Hub is called by the name that people know. A registry on this machine speaks http, as with docker.
 */
static const char *base(struct dl_scope *scope, const char *host)
{
	struct dl_url url;

	if (dl_oci_login_is_hub(host))
		return "https://registry-1.docker.io";
	if (dl_url_parse(scope, dl_arena_format(&scope->arena, "http://%s", host), &url))
		return NULL;
	return dl_arena_format(&scope->arena, "%s://%s", dl_url_loopback(url.host) ? "http" : "https", host);
}

static const char *host_of(struct dl_scope *scope, const char *text)
{
	struct dl_url url;

	if (dl_url_parse(scope, text, &url))
		return NULL;
	return dl_oci_login_is_hub(url.host) ? "docker.io" : dl_url_authority(&scope->arena, &url);
}

/* ------------------------------------------------------------------ names */

static bool matches(const char *pattern, const char *text)
{
	regex_t regex;
	bool matched;

	DL_BUG_IF(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB) != 0);
	matched = regexec(&regex, text, 0, NULL, 0) == 0;
	regfree(&regex);
	return matched;
}

/* The first part of NAME is a host where it could be no repository's, as docker has it. */
static const char *host_of_package(struct dl_scope *scope, const char *name)
{
	const char *slash = strchr(name, '/');
	const char *host = slash ? dl_arena_copy(&scope->arena, name, (size_t)(slash - name)) : "";

	return matches("^(localhost|[a-zA-Z0-9-]+\\.[a-zA-Z0-9.-]+|"
		       "([a-zA-Z0-9.-]+|\\[[0-9a-f:]+\\]):[0-9]+)$",
		       host)
		       ? host
		       : NULL;
}

static bool is_tag(const char *text)
{
	return matches("^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$", text);
}

static bool is_name(const char *text)
{
	return strlen(text) <= MOST_NAME &&
	       matches("^[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*$", text);
}

/* PACKAGE without the registry's host, if it is written with it. NULL: DL_USAGE, it is another one's. */
static const char *package_of(struct dl_scope *scope, const struct dl_target *target, const char *package)
{
	const char *host = host_of_package(scope, package);

	if (!host)
		return package;
	if (dl_text_same(host, target->host) ||
	    (dl_oci_login_is_hub(host) && dl_oci_login_is_hub(target->host)))
		return package + strlen(host) + 1;
	dl_fail(scope, DL_USAGE, "'%s' is not at %s", dl_text_quote(&scope->arena, package), target->host);
	return NULL;
}

/* The repository of PACKAGE, which stands below the project, if one was named. NULL: DL_USAGE. */
static const char *repository_of(struct dl_scope *scope, const struct dl_target *target, const char *package)
{
	const char *name = package_of(scope, target, package);

	if (name && *target->project)
		name = dl_arena_format(&scope->arena, "%s/%s", target->project, name);
	if (!name || is_name(name))
		return name;
	dl_fail(scope, DL_USAGE, "'%s' is no name of a repository", dl_text_quote(&scope->arena, name));
	dl_fail_hint(scope, "it is of lower-case letters and digits, with '.', '_', '-' and '/' between");
	return NULL;
}

static int check_tag(struct dl_scope *scope, const char *version)
{
	if (is_tag(version))
		return 0;
	dl_fail(scope, DL_USAGE, "'%s' is no tag", dl_text_quote(&scope->arena, version));
	return dl_fail_hint(scope, strchr(version, '+')
					   ? "a tag has no '+': others write '_' in its place"
					   : "it is of letters, digits, '_', '.' and '-', at most 128");
}

/* The pages for people, where a registry has some. */
static const struct page {
	const char *host, *template;
} pages[] = {
	{"docker.io", "https://hub.docker.com/r/{+name}/tags"},
	{"ghcr.io", "https://ghcr.io/{+name}"},
	{"quay.io", "https://quay.io/repository/{+name}"},
};

static const char *url(struct dl_scope *scope, const struct dl_target *target, const char *package,
		       const char *version)
{
	const struct dl_var vars[] = {
		{"name", repository_of(scope, target, package)}, {"tag", version}, {NULL, NULL}};
	const struct page *page;
	const char *path;

	if (!vars->value)
		return NULL;
	for (page = pages; page < pages + sizeof pages / sizeof *pages; page++)
		if (dl_text_same(page->host, target->host))
			return dl_url_expand(scope, page->template, vars);
	path = dl_url_expand(scope, version ? "/v2/{+name}/manifests/{tag}" : "/v2/{+name}/tags/list", vars);
	return path ? dl_arena_format(&scope->arena, "%s%s", target->base, path) : NULL;
}

/* ------------------------------------------------------------------ versions */

/* Where registries without an index of what refers to a manifest keep that: it is no version.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#referrers-tag-schema */
static bool is_referrers(const char *tag)
{
	return matches("^sha256-[0-9a-f]{64}", tag);
}

static int versions(struct dl_scope *scope, const struct dl_target *target, const char *package,
		    struct dl_sink *sink)
{
	const char *repository = repository_of(scope, target, package), *tag;
	const struct dl_var vars[] = {{"name", repository}, {NULL, NULL}};
	struct dl_sink_list tags, list;
	struct dl_package *record;
	struct dl_oci oci;
	int result;
	size_t i;

	if (!repository || dl_oci_auth_open(scope, target, repository, DL_OCI_PULL, &oci))
		return -1;
	package = package_of(scope, target, package);
	dl_sink_list(&tags, scope, MOST_TAGS);
	dl_sink_list(&list, scope, 0);
	result = dl_rest_list(scope, &oci.as, &route_tags, vars, &tags.sink);
	if (result < 0 && scope->error.class == DL_MISSING) {
		dl_fail_take(scope, &scope->arena);
		return dl_fail(scope, DL_MISSING, "%s has no package '%s'", target->host, package);
	}
	if (result > 0)
		return dl_fail(scope, DL_DATA, "%s has more than %d tags", target->host, MOST_TAGS - 1);
	for (i = 0; i < tags.count && result == DL_MORE; i++) {
		tag = ((const struct dl_package *)dl_sink_item(&tags, i))->version;
		if (!tag || !is_tag(tag))
			return dl_fail(scope, DL_DATA, "%s has a tag '%s', which is none", target->host,
				       dl_text_quote(&scope->arena, tag));
		if (is_referrers(tag))
			continue;
		record = dl_versions_new(scope, target, package, tag);
		result = record ? dl_sink_put(&list.sink, scope, &dl_record_package, record) : -1;
	}
	return result == DL_MORE ? dl_versions_put(scope, target, &list, sink) : -1;
}

/* ------------------------------------------------------------------ the artifact */

static void add_layer(struct dl_buf *text, const struct dl_upload *file)
{
	dl_buf_puts(text, "{\"mediaType\":");
	dl_json_quote(text, dl_mime_type(file->name), strlen(dl_mime_type(file->name)));
	dl_buf_printf(text, ",\"digest\":\"sha256:%s\",\"size\":%lld", file->sha256,
		      (long long)file->size_bytes);
	dl_buf_puts(text, ",\"annotations\":{\"org.opencontainers.image.title\":");
	dl_json_quote(text, file->name, strlen(file->name));
	dl_buf_puts(text, "}}");
}

/* The manifest of EDITION. NULL: DL_DATA, it has too many files for one. */
static const char *write_manifest(struct dl_scope *scope, const struct dl_edition *edition)
{
	struct dl_buf text;
	size_t i;

	dl_buf_init(&text, &scope->arena, MANIFEST_CAP);
	dl_buf_puts(&text, "{\"schemaVersion\":2,\"mediaType\":\"" MANIFEST_TYPE "\","
			   "\"artifactType\":\"" ARTIFACT_TYPE "\","
			   "\"config\":{\"mediaType\":\"" EMPTY_TYPE "\","
			   "\"digest\":\"sha256:" EMPTY_SHA256 "\",\"size\":2,\"data\":\"e30=\"},"
			   "\"layers\":[");
	for (i = 0; i < edition->file_count; i++) {
		if (i)
			dl_buf_putc(&text, ',');
		add_layer(&text, edition->files[i]);
	}
	dl_buf_puts(&text, "]}");
	return dl_buf_check(scope, &text, "the manifest") ? NULL : text.data;
}

/* The digest of TEXT as registries write it. NULL: failed. */
static const char *digest_of(struct dl_scope *scope, const char *text, size_t len)
{
	const char *hash = dl_digest_hex(scope, DL_SHA256, text, len);

	return hash ? dl_arena_format(&scope->arena, "sha256:%s", hash) : NULL;
}

/* The digest in the head of RES; NULL: there is none of this kind. */
static const char *told_digest(struct dl_scope *scope, const struct dl_res *res)
{
	const char *digest = dl_http_header(&scope->arena, res, "docker-content-digest");

	return dl_text_starts(digest, "sha256:") ? digest : NULL;
}

static int contradict(struct dl_scope *scope, const struct dl_target *target, const char *tag)
{
	return dl_fail(scope, DL_DATA, "%s says that '%s' is something else than what it has sent",
		       target->host, tag);
}

/* Who works on EDITION. */
static struct dl_oci speaker(struct dl_scope *scope, const struct dl_target *target,
			     const struct dl_edition *edition)
{
	struct dl_oci oci = {target, *target, repository_of(scope, target, edition->package), DL_OCI_PUSH};

	if (edition->auth.header)
		oci.as.auth = edition->auth;
	return oci;
}

/* ------------------------------------------------------------------ what is there */

/* The digest of what the tag of EDITION names, in ROUTE's answer; "": there is no such tag; NULL: failed, or,
 * without a failure, the answer does not tell. */
static const char *find_digest(struct dl_scope *scope, const struct dl_target *target,
			       const struct dl_edition *edition, const struct dl_route *route)
{
	struct dl_oci oci = speaker(scope, target, edition);
	const struct dl_var vars[] = {{"name", oci.repository}, {"tag", edition->version}, {NULL, NULL}};
	const struct dl_oci_ask ask = {.route = route, .vars = vars};
	const char *told, *digest;
	struct dl_res res;

	if (dl_oci_auth_send(scope, &oci, &ask, &res)) {
		if (scope->error.class != DL_MISSING)
			return NULL;
		dl_fail_take(scope, &scope->arena);
		return "";
	}
	told = told_digest(scope, &res);
	if (route->method)
		return told;
	digest = digest_of(scope, res.body, res.len);
	if (digest && told && strcmp(digest, told) != 0) {
		contradict(scope, target, edition->version);
		return NULL;
	}
	return digest;
}

/* All files of an edition are there when its manifest is. */
static int compare(struct dl_scope *scope, const struct dl_edition *edition, const char *digest)
{
	const char *text = write_manifest(scope, edition);
	const char *ours = text ? digest_of(scope, text, strlen(text)) : NULL;

	if (!ours || !digest)
		return -1;
	if (!*digest)
		return DL_PRESENCE_ABSENT;
	return strcmp(digest, ours) == 0 ? DL_PRESENCE_SAME : DL_PRESENCE_DIFFERENT;
}

/* The manifest itself counts, not what the registry says of it. */
static int verify(struct dl_scope *scope, const struct dl_target *target, const struct dl_edition *edition,
		  const struct dl_upload *upload)
{
	(void)upload;
	return compare(scope, edition, find_digest(scope, target, edition, &route_manifest));
}

static int stat_file(struct dl_scope *scope, const struct dl_target *target, const struct dl_edition *edition,
		     const struct dl_upload *upload)
{
	const char *digest = find_digest(scope, target, edition, &route_head);

	return digest || scope->error.class != DL_OK ? compare(scope, edition, digest)
						     : verify(scope, target, edition, upload);
}

/* ------------------------------------------------------------------ publishing */

static int inspect(struct dl_scope *scope, const struct dl_target *target, struct dl_upload *upload,
		   struct dl_edition *edition)
{
	if (dl_path_check(scope, upload->name))
		return -1;
	if (edition->package) {
		if (!repository_of(scope, target, edition->package))
			return -1;
		edition->package = package_of(scope, target, edition->package);
	}
	return edition->version ? check_tag(scope, edition->version) : 0;
}

/* One token is enough for all files. */
static int begin(struct dl_scope *scope, const struct dl_target *target, struct dl_edition *edition)
{
	const char *repository = repository_of(scope, target, edition->package);
	struct dl_oci oci;

	if (!repository || dl_oci_auth_open(scope, target, repository, DL_OCI_PUSH, &oci))
		return -1;
	edition->auth = oci.as.auth;
	return 0;
}

static int put(struct dl_scope *scope, const struct dl_target *target, const struct dl_edition *edition,
	       const struct dl_upload *upload, struct dl_sink *sink)
{
	struct dl_body_piece file = {.fd = upload->fd, .len = upload->size_bytes};
	struct dl_oci oci = speaker(scope, target, edition);

	(void)sink;
	return dl_oci_blob_put(scope, &oci, &file, upload->sha256, upload->meter);
}

static int put_manifest(struct dl_scope *scope, struct dl_oci *oci, const struct dl_edition *edition)
{
	const struct dl_var vars[] = {{"name", oci->repository}, {"tag", edition->version}, {NULL, NULL}};
	struct dl_oci_ask ask = {
		.route = &route_put, .vars = vars, .text = write_manifest(scope, edition)};
	const char *told, *digest;
	struct dl_res res;

	if (!ask.text || dl_oci_auth_send(scope, oci, &ask, &res))
		return -1;
	told = told_digest(scope, &res);
	digest = digest_of(scope, ask.text, strlen(ask.text));
	if (digest && told && strcmp(digest, told) != 0)
		return contradict(scope, oci->target, edition->version);
	return digest ? 0 : -1;
}

/* Between the look before the first file and now somebody else may have made the tag. */
static int finish(struct dl_scope *scope, const struct dl_target *target, const struct dl_edition *edition)
{
	const struct dl_body_piece empty = {.text = EMPTY, .len = strlen(EMPTY)};
	struct dl_oci oci = speaker(scope, target, edition);
	int presence = stat_file(scope, target, edition, NULL);

	if (presence < 0)
		return -1;
	if (presence == DL_PRESENCE_DIFFERENT)
		return dl_fail(scope, DL_REFUSED, "'%s' is another artifact by now", edition->version);
	if (presence == DL_PRESENCE_SAME)
		return 0;
	return dl_oci_blob_put(scope, &oci, &empty, EMPTY_SHA256, NULL)
		       ? -1
		       : put_manifest(scope, &oci, edition);
}

/* ------------------------------------------------------------------ could it be published? */

/* Whether who publishes is let in. Registries of tokens give one to anybody, for what anybody may do. */
static int check(struct dl_scope *scope, const struct dl_target *target, const char *package,
		 struct dl_sink *sink)
{
	const char *repository = repository_of(scope, target, package), *message, *hint = NULL;
	enum dl_check_word status = DL_CHECK_PASS;
	struct dl_error error;
	struct dl_oci oci;

	if (!repository)
		return -1;
	if (dl_oci_auth_open(scope, target, repository, DL_OCI_PUSH, &oci)) {
		error = dl_fail_take(scope, &scope->arena);
		status = DL_CHECK_FAIL;
		message = error.message;
		hint = error.hint;
	} else if (target->auth.header) {
		message = dl_arena_format(&scope->arena, "%s takes the one from %s", target->host,
					  target->auth_from);
	} else if (oci.as.auth.header) {
		status = DL_CHECK_WARN;
		message = "there is none; what nobody in particular may do shows when it is tried";
		hint = dl_arena_format(&scope->arena, "docker login %s", target->host);
	} else {
		message = dl_arena_format(&scope->arena, "%s asks for none", target->host);
	}
	return dl_provider_check(scope, target, "credential", (int)status, message, hint, sink);
}

/* ------------------------------------------------------------------ identity */

static const struct dl_registry registry = {
	.scheme = DL_SCHEME_SEMVER,
	.width = 4,
	.inspect = inspect,
	.versions = versions,
	.url = url,
	.check = check,
	.begin = begin,
	.stat = stat_file,
	.put = put,
	.finish = finish,
	.verify = verify,
};

const struct dl_provider dl_oci = {
	.name = "oci",
	.title = "OCI registry",
	.token_env = (const char *const[]){"OCI_TOKEN", NULL},
	.user_env = (const char *const[]){"OCI_USER", NULL},
	.host_env = (const char *const[]){"OCI_REGISTRY", "CI_REGISTRY", NULL},
	.base = base,
	.host_of = host_of,
	.host_of_package = host_of_package,
	.user_header = dl_oci_login_stored,
	.authorize = dl_credential_header,
	.dialect = &dialect,
	.registry = &registry,
};
