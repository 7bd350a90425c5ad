/* npm packages: tarballs of `npm pack`, and every server that takes them as npm sends them (the public
 * registry, Verdaccio, GitHub, GitLab, Gitea, Artifactory, Nexus, ...).
 *
 * What is particular here. No server is the default one: which it is and who may write there is told by npm's
 * configuration (npmrc.h), for each scope by itself. A version is sent in one document, with the tarball in
 * it in base64, which is made as it is sent. Who installs a package without naming a version gets the one
 * that the tag "latest" leads to: a pre-release and a version that is lower than others do not get it by
 * themselves.
 *
 * https://github.com/npm/registry/blob/main/docs/REGISTRY-API.md, and what `npm publish` sends
 * (https://github.com/npm/cli/tree/latest/workspaces/libnpmpublish) */
#include <inttypes.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/proc.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/base/url.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "lib/data/scheme.h"
#include "lib/data/semver.h"
#include "lib/data/sink.h"
#include "lib/net/body.h"
#include "lib/provider/credential.h"
#include "lib/provider/provider.h"
#include "lib/provider/rest.h"
#include "providers/providers.h"
#include "providers/registry/npm_manifest.h"
#include "providers/registry/npmrc.h"
#include "providers/registry/trusted.h"
#include "providers/registry/versions.h"

enum { ASK_TIMEOUT_MS = 10000 };

/* ------------------------------------------------------------------ routes */

/* The document of a package; its URL is the target's base (see `about`). */
static const struct dl_route route_package = {.path = ""};

/* The short form, without times and descriptions, as others see it now. */
static const struct dl_route route_now = {
	.path = "",
	.accept = "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*",
	.headers = (const char *const[]){"Cache-Control: no-cache", NULL},
	.once = true,
};

static const struct dl_route route_put = {
	.method = "PUT",
	.path = "",
	.content = "application/json",
	.headers = (const char *const[]){"npm-otp: {otp}", NULL},
};

static const struct dl_route route_whoami = {.path = "/-/whoami", .once = true};

/* A token for the identity of this job; see `mint` for the base. */
static const struct dl_route route_exchange = {.method = "POST", .path = "", .once = true};

/* The variable of GitLab CI/CD, and what others may use. */
static const char *const identities[] = {"NPM_ID_TOKEN", NULL};

static const struct dl_var no_vars[] = {{NULL, NULL}};

/* A second factor is asked for in a header. */
static int explain(struct dl_scope *scope, const struct dl_target *target, const struct dl_res *res,
		   const char *message)
{
	const char *wanted = dl_http_header(&scope->arena, res, "www-authenticate");

	(void)message;
	if (res->status != 401 || !wanted || !strcasestr(wanted, "otp"))
		return 0;
	dl_fail(scope, DL_AUTH, "%s wants a one-time password", target->host);
	return dl_fail_hint(scope, "set NPM_CONFIG_OTP, or use a token that needs none");
}

static const char *const headers[] = {"Accept: application/json", NULL};
static const struct dl_dialect dialect = {
	.headers = headers, .message = "error|message|reason", .explain = explain};

/* ------------------------------------------------------------------ where */

static const char *base(struct dl_scope *scope, const char *host)
{
	return dl_arena_format(&scope->arena, "https://%s", host);
}

static const char *host_of(struct dl_scope *scope, const char *url)
{
	return dl_url_server(scope, url, "");
}

/* Registries stand below the top of a server as often as not. */
static const char *host_of_page(struct dl_scope *scope, const char *host, const char *path)
{
	return *path ? dl_arena_format(&scope->arena, "%s/%s", host, path) : host;
}

static const char *project_of(struct dl_scope *scope, const char *host, const char *path)
{
	(void)scope;
	(void)host;
	(void)path;
	return "";
}

/* What npm itself goes to where nobody says anything, asked in a folder that is no project. */
static const char *ask_npm(struct dl_scope *scope)
{
	static const char *const argv[] = {"npm", "config", "get", "registry", NULL};
	struct dl_proc proc = {.argv = argv, .dir = "/", .timeout_ms = ASK_TIMEOUT_MS, .quiet = true};
	struct dl_proc_result result;
	struct dl_scope attempt;
	const char *url = NULL;
	size_t len = 0;

	dl_scope_open(&attempt, NULL);
	if (dl_proc_run(&attempt, &proc, &result) == 0 && result.status == 0)
		len = strcspn(result.output, " \r\n");
	while (len && result.output[len - 1] == '/')
		len--;
	if (len && dl_text_starts(result.output, "http"))
		url = dl_arena_copy(&scope->arena, result.output, len);
	dl_scope_close(&attempt);
	return url;
}

static const char *user_base(struct dl_scope *scope)
{
	struct dl_npmrc npmrc;
	const char *url;

	if (dl_npmrc_read(scope, NULL, &npmrc))
		return NULL;
	url = dl_npmrc_registry(scope, &npmrc, "registry", dl_npmrc_users);
	return url || scope->error.class != DL_OK ? url : ask_npm(scope);
}

static const char *project_base(struct dl_scope *scope, const char *dir)
{
	struct dl_npmrc npmrc;

	return dl_npmrc_read(scope, dir, &npmrc)
		       ? NULL
		       : dl_npmrc_registry(scope, &npmrc, "registry", dl_npmrc_get);
}

static struct dl_stored user_header(struct dl_scope *scope, const char *for_base)
{
	struct dl_stored stored = {NULL, "npm's configuration"};
	struct dl_npmrc npmrc;

	if (dl_npmrc_read(scope, NULL, &npmrc) == 0)
		stored.header = dl_npmrc_users_header(scope, &npmrc, for_base);
	return stored;
}

static struct dl_stored project_header(struct dl_scope *scope, const char *dir, const char *for_base)
{
	struct dl_stored stored = {NULL, "the project's .npmrc"};
	struct dl_npmrc npmrc;

	if (dl_npmrc_read(scope, dir, &npmrc) == 0)
		stored.header = dl_npmrc_project_header(scope, &npmrc, for_base);
	return stored;
}

/* A scope may have a registry of its own; else a package may want one. */
static const char *server(struct dl_scope *scope, const struct dl_target *target,
			  const struct dl_edition *edition)
{
	const char *name = edition->package, *url;
	struct dl_npmrc npmrc;
	size_t len;

	(void)target;
	if (dl_npmrc_read(scope, edition->dir, &npmrc))
		return NULL;
	url = *name == '@' ? dl_npmrc_registry(scope, &npmrc,
					       dl_arena_format(&scope->arena, "%.*s:registry",
							       (int)strcspn(name, "/"), name),
					       dl_npmrc_get)
			   : NULL;
	if (url || !edition->server)
		return url;
	for (len = strlen(edition->server); len && edition->server[len - 1] == '/'; len--)
		;
	return dl_arena_copy(&scope->arena, edition->server, len);
}

/* NAME in a path: the '@' of a scope stays, its '/' does not. */
static const char *path_of(struct dl_scope *scope, const char *name)
{
	struct dl_buf path;

	dl_buf_init(&path, &scope->arena, DL_CAP_LINE);
	dl_url_encode(&path, name, "@");
	return path.data;
}

/* TARGET as the one whose base is what it has of PACKAGE at PLACE, "" or a path with a '/' at its end. */
static int about(struct dl_scope *scope, const struct dl_target *target, const char *place,
		 const char *package, struct dl_target *there)
{
	*there = *target;
	there->base = dl_arena_format(&scope->arena, "%s/%s%s", target->base, place, path_of(scope, package));
	return dl_npm_manifest_is_name(package) ? 0
						: dl_fail(scope, DL_USAGE, "'%s' is no name of a package",
							  dl_text_quote(&scope->arena, package));
}

/* Registries have no page for people at a place of its own; this is what they have to say of the version. */
static const char *url(struct dl_scope *scope, const struct dl_target *target, const char *package,
		       const char *version)
{
	struct dl_target there;

	if (about(scope, target, "", package, &there))
		return NULL;
	return version ? dl_arena_format(&scope->arena, "%s/%s", there.base, path_of(scope, version))
		       : there.base;
}

/* ------------------------------------------------------------------ what is there */

/* The document of PACKAGE. NULL: failed, DL_MISSING where there is none. A server that sends those who ask
 * for what it has not to the public registry would have us speak of a stranger's package. */
static const struct dl_json *read_package(struct dl_scope *scope, const struct dl_target *target,
					  const struct dl_route *route, const char *package)
{
	const struct dl_json *root;
	struct dl_target there;
	struct dl_res res;

	if (about(scope, target, "", package, &there))
		return NULL;
	if (dl_rest_send(scope, &there, route, no_vars, NULL, &res)) {
		if (scope->error.class == DL_MISSING) {
			dl_fail_take(scope, &scope->arena);
			dl_fail(scope, DL_MISSING, "%s has no package '%s'", target->host, package);
		}
		return NULL;
	}
	if (res.away) {
		dl_fail(scope, DL_MISSING, "%s has no package '%s', and sends who asks to another server",
			target->host, package);
		return NULL;
	}
	root = dl_json_parse(scope, res.body, res.len);
	if (!root)
		dl_fail_prefix(scope, "%s", target->host);
	return root;
}

/* The member KEY, which may have dots in it, from FROM on. */
static const struct dl_json *find_member(const struct dl_json *from, const char *key)
{
	while (from && !dl_text_same(from->key, key))
		from = from->next;
	return from;
}

static const struct dl_json *members_of(const struct dl_json *root, const char *name)
{
	const struct dl_json *node = dl_json_get(root, name);

	return node && node->type == DL_JSON_OBJECT ? node->child : NULL;
}

/* The record of VERSION, a member of "versions". TIMES are the members of "time". */
static const struct dl_package *make_record(struct dl_scope *scope, const struct dl_target *target,
					    const char *package, const struct dl_json *version,
					    const struct dl_json *times)
{
	struct dl_package *record = dl_versions_new(scope, target, package, version->key);
	const char *deprecated = dl_json_text(version, "deprecated");
	const struct dl_json *time = find_member(times, version->key);

	if (!record)
		return NULL;
	record->yanked = deprecated && *deprecated;
	if (dl_json_string(time))
		record->released_at = dl_time_parse(dl_json_string(time));
	return record;
}

static int versions(struct dl_scope *scope, const struct dl_target *target, const char *package,
		    struct dl_sink *sink)
{
	const struct dl_json *root = read_package(scope, target, &route_package, package), *version, *times;
	const struct dl_package *record;
	struct dl_sink_list list;

	if (!root)
		return -1;
	dl_sink_list(&list, scope, 0);
	times = members_of(root, "time");
	for (version = members_of(root, "versions"); version; version = version->next) {
		record = make_record(scope, target, package, version, times);
		if (!record || dl_sink_put(&list.sink, scope, &dl_record_package, record) < 0)
			return -1;
	}
	if (!list.count)
		return dl_fail(scope, DL_MISSING, "%s has no version of '%s'", target->host, package);
	return dl_versions_put(scope, target, &list, sink);
}

static int latest(struct dl_scope *scope, const struct dl_target *target, const char *package,
		  struct dl_sink *sink)
{
	const struct dl_json *root = read_package(scope, target, &route_package, package), *version;
	const char *tagged = dl_json_text(root, "dist-tags.latest");
	const struct dl_package *record;

	if (!root)
		return -1;
	version = tagged ? find_member(members_of(root, "versions"), tagged) : NULL;
	if (!version)
		return dl_fail(scope, DL_MISSING, "no version of '%s' is tagged latest", package);
	record = make_record(scope, target, package, version, members_of(root, "time"));
	return record ? dl_sink_put(sink, scope, &dl_record_package, record) : -1;
}

/* ------------------------------------------------------------------ publishing */

/* What .inspect has read, for .put. */
struct tarball {
	struct dl_npm_manifest manifest;
	const char *integrity; /* SHA-512, as https://www.w3.org/TR/SRI/ writes it */
	const char *access;    /* "public", "restricted"; NULL: as the registry has it */
	const char *otp;       /* NULL: none */
};

static int check_wishes(struct dl_scope *scope, const struct tarball *tarball,
			const struct dl_edition *edition)
{
	if (edition->tag && !dl_npm_manifest_is_tag(scope, edition->tag)) {
		dl_fail(scope, DL_USAGE, "'%s' is no tag", dl_text_quote(&scope->arena, edition->tag));
		return dl_fail_hint(scope, "a tag is a word that is no version and no range, such as next");
	}
	if (tarball->access && strcmp(tarball->access, "public") != 0 &&
	    strcmp(tarball->access, "restricted") != 0)
		return dl_fail(scope, DL_USAGE, "'%s' is no access: it is public, or restricted",
			       dl_text_quote(&scope->arena, tarball->access));
	if (*edition->package != '@' && dl_text_same(tarball->access, "restricted"))
		return dl_fail(scope, DL_USAGE, "access to a package without a scope cannot be restricted");
	return 0;
}

/* The word that a pre-release begins with: "beta" of 2.0.0-beta.1; "next" where it is a number. */
static const char *pre_tag(struct dl_scope *scope, const char *version)
{
	const char *pre = strchr(version, '-') + 1;
	const char *word = dl_arena_copy(&scope->arena, pre, strcspn(pre, ".0123456789"));

	return *word && dl_npm_manifest_is_tag(scope, word) ? word : "next";
}

static int inspect(struct dl_scope *scope, const struct dl_target *target, struct dl_upload *upload,
		   struct dl_edition *edition)
{
	struct tarball *tarball = dl_arena_alloc(&scope->arena, sizeof *tarball);
	const struct dl_npm_manifest *manifest = &tarball->manifest;
	struct dl_npmrc npmrc;

	(void)target;
	if (dl_npm_manifest_read(scope, upload->fd, &tarball->manifest) ||
	    dl_npmrc_read(scope, edition->dir, &npmrc))
		return -1;
	if (!dl_text_same(edition->package ? edition->package : manifest->name, manifest->name) ||
	    !dl_text_same(edition->version ? edition->version : manifest->version, manifest->version))
		return dl_fail(scope, DL_USAGE, "it is %s %s", manifest->name, manifest->version);
	edition->package = manifest->name;
	edition->version = manifest->version;
	edition->server = manifest->server;
	if (!edition->tag)
		edition->tag = manifest->tag ? manifest->tag : dl_npmrc_get(scope, &npmrc, "tag");
	if (!edition->tag && dl_scheme_is_pre(DL_SCHEME_SEMVER, edition->version))
		edition->tag = pre_tag(scope, edition->version);
	tarball->access = manifest->access ? manifest->access : dl_npmrc_get(scope, &npmrc, "access");
	tarball->otp = dl_npmrc_users(scope, &npmrc, "otp");
	tarball->integrity = dl_arena_format(&scope->arena, "sha512-%s",
					     dl_digest_base64(&scope->arena, upload->digests[DL_SHA512]));
	upload->name = dl_arena_format(&scope->arena, "%s-%s.tgz", strrchr(manifest->name, '/')
								   ? strrchr(manifest->name, '/') + 1
								   : manifest->name, manifest->version);
	upload->detail = tarball;
	return scope->error.class == DL_OK ? check_wishes(scope, tarball, edition) : -1;
}

/* The highest version of ROOT's that is no pre-release and not deprecated; NULL: there is none. */
static const char *highest(const struct dl_json *root)
{
	const struct dl_json *version;
	const char *best = NULL, *deprecated;

	for (version = members_of(root, "versions"); version; version = version->next) {
		deprecated = dl_json_text(version, "deprecated");
		if ((!deprecated || !*deprecated) && !dl_scheme_is_pre(DL_SCHEME_SEMVER, version->key) &&
		    (!best || dl_scheme_compare(DL_SCHEME_SEMVER, version->key, best) > 0))
			best = version->key;
	}
	return best;
}

/* A version that nobody has given a tag becomes the latest one: no lower one does that. */
static int check_order(struct dl_scope *scope, const struct dl_json *root, const struct dl_edition *edition)
{
	const char *best = edition->tag ? NULL : highest(root);

	if (!best || dl_scheme_compare(DL_SCHEME_SEMVER, best, edition->version) <= 0)
		return 0;
	dl_fail(scope, DL_USAGE, "%s %s would become the latest one, and %s is higher", edition->package,
		edition->version, dl_text_quote(&scope->arena, best));
	return dl_fail_hint(scope, "give it a tag of its own, such as --tag release-%.*s (or --tag latest)",
			    (int)strcspn(edition->version, "."), edition->version);
}

/* Whether WORDS, hashes with spaces between them, has HASH. */
static bool has_hash(const char *words, const char *hash)
{
	size_t len = strlen(hash);

	for (; *words; words += strcspn(words, " "), words += strspn(words, " "))
		if (strncmp(words, hash, len) == 0 && (!words[len] || strchr(" ?", words[len])))
			return true;
	return false;
}

static int stat_file(struct dl_scope *scope, const struct dl_target *target, const struct dl_edition *edition,
		     const struct dl_upload *upload)
{
	const struct tarball *tarball = upload->detail;
	const struct dl_json *root = read_package(scope, target, &route_now, edition->package), *version;
	const char *integrity, *shasum;

	if (!root && scope->error.class != DL_MISSING)
		return -1;
	if (!root)
		dl_fail_take(scope, &scope->arena);
	version = find_member(members_of(root, "versions"), edition->version);
	if (!version)
		return check_order(scope, root, edition) ? -1 : DL_PRESENCE_ABSENT;
	integrity = dl_json_text(version, "dist.integrity");
	shasum = dl_json_text(version, "dist.shasum");
	if (integrity && strstr(integrity, "sha512-"))
		return has_hash(integrity, tarball->integrity) ? DL_PRESENCE_SAME : DL_PRESENCE_DIFFERENT;
	if (!shasum)
		return DL_PRESENCE_UNKNOWN;
	return strcmp(shasum, upload->digests[DL_SHA1]) == 0 ? DL_PRESENCE_SAME : DL_PRESENCE_DIFFERENT;
}

/* A token for PACKAGE, which the registry gives this job. NULL without a failure: this is no such job.
 * https://docs.npmjs.com/trusted-publishers */
static const char *mint(struct dl_scope *scope, const struct dl_target *target, const char *package)
{
	const struct dl_json *root;
	const char *identity, *token;
	struct dl_target there;
	struct dl_url url;
	struct dl_res res;

	if (!dl_trusted_offered(target, identities) || dl_url_parse(scope, target->base, &url) ||
	    about(scope, target, "-/npm/v1/oidc/token/exchange/package/", package, &there))
		return NULL;
	identity = dl_trusted_identity(scope, target, dl_arena_format(&scope->arena, "npm:%s", url.host),
				       identities[0]);
	if (!identity)
		return NULL;
	if (!dl_credential_fits(identity)) {
		dl_fail(scope, DL_CONFIG, "%s is no identity", identities[0]);
		return NULL;
	}
	there.auth.header = dl_credential_header(&scope->arena, NULL, identity);
	if (dl_rest_send(scope, &there, &route_exchange, no_vars, NULL, &res)) {
		dl_trusted_explain(scope, target);
		return NULL;
	}
	root = dl_json_parse(scope, res.body, res.len);
	token = dl_json_text(root, "token");
	if (root && (!token || !dl_credential_fits(token))) {
		dl_fail(scope, DL_DATA, "%s gives no token", target->host);
		return NULL;
	}
	return token;
}

/* As npm does: a token that there is may be good for reading alone, so it comes second. */
static int begin(struct dl_scope *scope, const struct dl_target *target, struct dl_edition *edition)
{
	const char *token = target->dry_run ? NULL : mint(scope, target, edition->package);

	if (!token && scope->error.class == DL_AUTH && target->auth.header)
		dl_fail_take(scope, &scope->arena);
	if (token)
		edition->auth = (struct dl_auth){dl_credential_header(&scope->arena, NULL, token),
						 target->auth.origin};
	return scope->error.class == DL_OK ? 0 : -1;
}

static void put_text(struct dl_buf *json, const char *text)
{
	dl_json_quote(json, text, strlen(text));
}

static void put_member(struct dl_buf *json, const char *before, const char *text)
{
	dl_buf_puts(json, before);
	if (text)
		put_text(json, text);
	else
		dl_buf_puts(json, "null");
}

/* The document up to the tarball. */
static void put_head(struct dl_scope *scope, const struct dl_target *target, const struct dl_edition *edition,
		     const struct dl_upload *upload, struct dl_buf *json)
{
	const struct tarball *tarball = upload->detail;
	const struct dl_npm_manifest *manifest = &tarball->manifest;
	const char *id = dl_arena_format(&scope->arena, "%s@%s", manifest->name, manifest->version);
	const char *file = dl_arena_format(&scope->arena, "%s-%s.tgz", manifest->name, manifest->version);
	const char *plain = dl_text_starts(target->base, "https://") ? target->base + strlen("https://")
								     : target->base + strlen("http://");

	put_member(json, "{\"_id\":", manifest->name);
	put_member(json, ",\"name\":", manifest->name);
	if (manifest->description)
		put_member(json, ",\"description\":", manifest->description);
	dl_buf_puts(json, ",\"dist-tags\":{");
	put_text(json, edition->tag ? edition->tag : "latest");
	put_member(json, ":", manifest->version);
	put_member(json, "},\"versions\":{", manifest->version);
	dl_buf_printf(json, ":{%s", manifest->members);
	put_member(json, "\"_id\":", id);
	put_member(json, ",\"dist\":{\"integrity\":", tarball->integrity);
	put_member(json, ",\"shasum\":", upload->digests[DL_SHA1]);
	/* As npm has it: by http, which everybody replaces by how the registry is asked. */
	put_member(json, ",\"tarball\":",
		   dl_arena_format(&scope->arena, "http://%s/%s/-/%s", plain, manifest->name, file));
	put_member(json, "}}},\"access\":", tarball->access);
	put_member(json, ",\"_attachments\":{", file);
	dl_buf_puts(json, ":{\"content_type\":\"application/octet-stream\",\"data\":\"");
}

static int put(struct dl_scope *scope, const struct dl_target *target, const struct dl_edition *edition,
	       const struct dl_upload *upload, struct dl_sink *sink)
{
	const struct tarball *tarball = upload->detail;
	const char *tail = dl_arena_format(&scope->arena, "\",\"length\":%" PRId64 "}}}", upload->size_bytes);
	struct dl_var vars[] = {{"otp", tarball->otp}, {NULL, NULL}};
	struct dl_body_piece pieces[] = {{.text = ""},
					 {.fd = upload->fd, .len = upload->size_bytes, .base64 = true},
					 {.text = tail, .len = (int64_t)strlen(tail)}};
	struct dl_body body = {pieces, sizeof pieces / sizeof *pieces, upload->meter};
	struct dl_target there;
	struct dl_res res;
	struct dl_buf head;
	int result;

	(void)sink;
	dl_buf_init(&head, &scope->arena, DL_CAP_BODY);
	put_head(scope, target, edition, upload, &head);
	if (dl_buf_check(scope, &head, "the manifest") ||
	    about(scope, target, "", edition->package, &there))
		return -1;
	if (edition->auth.header)
		there.auth = edition->auth;
	pieces[0] = (struct dl_body_piece){.text = head.data, .len = (int64_t)head.len};
	result = dl_rest_upload(scope, &there, &route_put, vars, &body, &res);
	if (result < 0 && scope->error.status == 404)
		dl_fail_hint(scope, "registries say so, too, when the credential may not publish there");
	return result;
}

/* ------------------------------------------------------------------ could it be published? */

/* Many a registry does not say who is asking. */
static int check_user(struct dl_scope *scope, const struct dl_target *target, struct dl_sink *sink)
{
	struct dl_arena *arena = &scope->arena;
	const struct dl_json *root;
	struct dl_error error;
	const char *text, *user;

	root = dl_rest_get(scope, target, &route_whoami, no_vars);
	user = dl_json_text(root, "username");
	if (user) {
		text = dl_arena_format(arena, "it is %s's, from %s", dl_text_quote(arena, user),
				       target->auth_from);
		return dl_provider_check(scope, target, "credential", DL_CHECK_PASS, text, NULL, sink);
	}
	if (root) {
		text = dl_arena_format(arena, "%s does not know whose the one from %s is", target->host,
				       target->auth_from);
		return dl_provider_check(scope, target, "credential", DL_CHECK_FAIL, text, NULL, sink);
	}
	error = dl_fail_take(scope, arena);
	if (error.class == DL_AUTH)
		return dl_provider_check(scope, target, "credential", DL_CHECK_FAIL, error.message,
					 error.hint, sink);
	text = dl_arena_format(arena, "there is one from %s; what it may do shows when it is used",
			       target->auth_from);
	return dl_provider_check(scope, target, "credential", DL_CHECK_SKIP, text, NULL, sink);
}

/* A job that the registry trusts is given a token, which is not used. */
static int check_credential(struct dl_scope *scope, const struct dl_target *target, const char *package,
			    struct dl_sink *sink)
{
	const char *token = mint(scope, target, package);
	struct dl_error error;

	if (token)
		return dl_provider_check(scope, target, "credential", DL_CHECK_PASS,
					 "this CI job is given one (trusted publishing)", NULL, sink);
	error = dl_fail_take(scope, &scope->arena);
	if (target->auth.header)
		return check_user(scope, target, sink);
	if (error.class != DL_OK)
		return dl_provider_check(scope, target, "credential", DL_CHECK_FAIL, error.message,
					 error.hint, sink);
	return dl_provider_check(scope, target, "credential", DL_CHECK_FAIL, "there is none",
				 "set NPM_TOKEN, or `npm login`", sink);
}

static int check(struct dl_scope *scope, const struct dl_target *target, const char *package,
		 struct dl_sink *sink)
{
	const struct dl_json *root = read_package(scope, target, &route_now, package);
	int result;

	if (!root && scope->error.class != DL_MISSING)
		return -1;
	if (!root)
		dl_fail_take(scope, &scope->arena);
	result = dl_provider_check(scope, target, "package", DL_CHECK_PASS,
				   root ? "it is there; whether it is yours shows when something is sent"
					: "it is not there yet: the first version makes it",
				   NULL, sink);
	return result == DL_MORE ? check_credential(scope, target, package, sink) : result;
}

/* ------------------------------------------------------------------ identity */

static const struct dl_vitals vitals = {
	.self = "/-/whoami",
	.login = "username",
	.server = "/-/ping",
};

static const struct dl_registry registry = {
	.scheme = DL_SCHEME_SEMVER,
	.digests = 1U << DL_SHA1 | 1U << DL_SHA512,
	.width = 4,
	.files = (const char *const[]){".tgz", NULL},
	.tree = (const char *const[]){"package.json", ".npmrc", NULL},
	.tags = true,
	.server = server,
	.inspect = inspect,
	.versions = versions,
	.latest = latest,
	.url = url,
	.check = check,
	.begin = begin,
	.stat = stat_file,
	.put = put,
};

const struct dl_provider dl_npm = {
	.name = "npm",
	.title = "npm registry",
	.token_env = (const char *const[]){"NPM_TOKEN", "NODE_AUTH_TOKEN", NULL},
	.url_env = (const char *const[]){"NPM_CONFIG_REGISTRY", "npm_config_registry", NULL},
	.base = base,
	.host_of = host_of,
	.project_of = project_of,
	.host_of_page = host_of_page,
	.user_base = user_base,
	.user_header = user_header,
	.project_base = project_base,
	.project_header = project_header,
	.authorize = dl_npmrc_header,
	.dialect = &dialect,
	.vitals = &vitals,
	.registry = &registry,
};
