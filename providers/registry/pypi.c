/* Python packages: the public index, its test index, and every server that takes uploads as they do and has a
 * simple index (devpi, pypiserver, Artifactory, GitLab, ...).
 *
 * What is particular here. Files are sent to one URL and read from another, which may be on another host: the
 * credential is for the first. What an index shows of a version for good is what the form says of its first
 * file, so the fields come from the metadata in the file (lib/data/dist.h), all of them. A version may be
 * taken back file by file. Without a credential, a CI job is given one for a quarter of an hour (trusted.h).
 *
 * https://docs.pypi.org/api/upload/,
 * https://packaging.python.org/en/latest/specifications/simple-repository-api/ */
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/url.h"
#include "lib/data/dist.h"
#include "lib/data/ini.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/provider/credential.h"
#include "lib/provider/provider.h"
#include "lib/provider/rest.h"
#include "providers/providers.h"
#include "providers/registry/pyproject.h"
#include "providers/registry/python.h"
#include "providers/registry/simple.h"
#include "providers/registry/trusted.h"

#define HOST "pypi.org"
#define TEST_HOST "test.pypi.org"
#define UPLOADS "https://upload.pypi.org/legacy"
#define TEST_UPLOADS "https://test.pypi.org/legacy"
#define TOKEN_USER "__token__"

static const struct dl_route route_audience = {.path = "/_/oidc/audience", .once = true};
static const struct dl_route route_mint = {.method = "POST", .path = "/_/oidc/mint-token", .once = true};

static const struct dl_var no_vars[] = {{NULL, NULL}};

/* The variables of GitLab CI/CD for the public indexes. */
static const char *const identities[] = {"PYPI_ID_TOKEN", "TESTPYPI_ID_TOKEN", NULL};

static const char *const headers[] = {"Accept: application/json", NULL};
static const struct dl_dialect dialect = {.headers = headers, .message = "message|title|code|detail"};

/* ------------------------------------------------------------------ where */

/* The two hosts of the public index are called by the one that people know. */
static const char *base(struct dl_scope *scope, const char *host)
{
	if (strcmp(host, HOST) == 0)
		return UPLOADS;
	return dl_arena_format(&scope->arena, "https://%s/legacy", host);
}

static const char *host_of(struct dl_scope *scope, const char *text)
{
	struct dl_url url;

	if (dl_url_parse(scope, text, &url))
		return NULL;
	return strcmp(url.host, "upload." HOST) == 0 ? HOST : dl_url_authority(&scope->arena, &url);
}

/* TEXT without END, if it ends so. */
static const char *without(struct dl_scope *scope, const char *text, const char *end)
{
	return dl_text_ends(text, end) ? dl_arena_copy(&scope->arena, text, strlen(text) - strlen(end))
				       : text;
}

/* Where files are sent that are for the server at URL. A configuration may name the index, whose uploads are
 * a step above. */
static const char *upload_url(struct dl_scope *scope, const char *url)
{
	url = without(scope, without(scope, url, "/"), "/simple");
	if (strcmp(url, "https://" HOST) == 0)
		url = UPLOADS;
	if (strcmp(url, "https://" TEST_HOST) == 0)
		url = TEST_UPLOADS;
	return dl_text_ends(url, "/legacy") ? dl_arena_format(&scope->arena, "%s/", url) : url;
}

/* TARGET as the one that files are sent to. The public index is one server with two hosts, and what the user
 * has for it is for both. */
static int uploader(struct dl_scope *scope, const struct dl_target *target, struct dl_target *uploads)
{
	struct dl_url url;

	*uploads = *target;
	uploads->base = upload_url(scope, target->base);
	if (dl_url_parse(scope, uploads->base, &url))
		return -1;
	if (target->own_host)
		uploads->auth.origin = dl_url_origin(&scope->arena, &url);
	return 0;
}

/* Whether the server of TARGET is the one that a committed configuration names. */
static bool is_configured(const struct dl_target *target)
{
	return dl_text_same(target->base, dl_json_text(target->config, "repository_url|base_url|index_url"));
}

/* Where the index is that TARGET's configuration names: a server's name alone stands for the usual place. */
static const char *configured_index(struct dl_scope *scope, const struct dl_target *target)
{
	const char *text = is_configured(target) ? dl_json_text(target->config, "index_url") : NULL;
	struct dl_url url;

	if (!text || dl_url_parse(scope, text, &url))
		return NULL;
	text = without(scope, text, "/");
	return *url.path && strcmp(url.path, "/") != 0 ? text
						       : dl_arena_format(&scope->arena, "%s/simple", text);
}

/* TARGET as the one that the index is read from, which sees the credential if it is the same origin. */
static int reader(struct dl_scope *scope, const struct dl_target *target, struct dl_target *index)
{
	const char *url = configured_index(scope, target), *root;

	if (scope->error.class != DL_OK)
		return -1;
	root = without(scope, without(scope, without(scope, target->base, "/"), "/legacy"), "/simple");
	if (strcmp(root, without(scope, UPLOADS, "/legacy")) == 0)
		root = "https://" HOST;
	if (!url)
		url = dl_arena_format(&scope->arena, "%s/simple", root);
	if (dl_rest_link(scope, target, url, index))
		return -1;
	index->host = target->host;
	return 0;
}

static const char *url(struct dl_scope *scope, const struct dl_target *target, const char *package,
		       const char *version)
{
	struct dl_var vars[] = {
		{"package", dl_dist_normal(&scope->arena, package)}, {"version", version}, {NULL, NULL}};
	const char *host = target->own_host ? HOST : target->host;
	struct dl_target index;

	if (strcmp(host, HOST) == 0 || strcmp(host, TEST_HOST) == 0)
		return dl_arena_format(&scope->arena, "https://%s%s", host,
				       dl_url_expand(scope, version ? "/project/{package}/{version}/"
								    : "/project/{package}/", vars));
	if (reader(scope, target, &index))
		return NULL;
	return dl_arena_format(&scope->arena, "%s%s", index.base, dl_url_expand(scope, "/{package}/", vars));
}

/* ------------------------------------------------------------------ what the user has */

/* ~/.pypirc; empty where there is none. */
static int read_pypirc(struct dl_scope *scope, struct dl_ini *ini)
{
	const char *home = getenv("HOME");

	*ini = (struct dl_ini){NULL, 0};
	return home && *home == '/' ? dl_ini_read(scope, dl_arena_format(&scope->arena, "%s/.pypirc", home),
						  DL_INI_PYTHON, ini)
				    : 0;
}

/* The URL of the repository that is called SECTION, without a final '/'; NULL: it has none. */
static const char *repository_of(struct dl_scope *scope, const struct dl_ini *ini, const char *section)
{
	const char *url = dl_ini_get(ini, section, "repository");

	if (!url && strcmp(section, "pypi") == 0)
		return UPLOADS;
	if (!url && strcmp(section, "testpypi") == 0)
		return TEST_UPLOADS;
	return url ? without(scope, url, "/") : NULL;
}

/* The repository that TWINE_REPOSITORY names, else the one called "pypi" if ~/.pypirc says where that is. */
static const char *user_base(struct dl_scope *scope)
{
	const char *name = getenv("TWINE_REPOSITORY"), *url;
	struct dl_ini ini;

	if (read_pypirc(scope, &ini))
		return NULL;
	if (!name || !*name)
		return dl_ini_get(&ini, "pypi", "repository") ? repository_of(scope, &ini, "pypi") : NULL;
	url = repository_of(scope, &ini, name);
	if (!url)
		dl_fail(scope, DL_CONFIG, "~/.pypirc has no repository called '%s', as TWINE_REPOSITORY says",
			dl_text_quote(&scope->arena, name));
	return url;
}

/* There is one user that goes with all tokens. */
static const char *authorize(struct dl_arena *arena, const char *user, const char *token)
{
	return dl_credential_basic(arena, user && !dl_text_starts(token, "pypi-") ? user : TOKEN_USER, token);
}

static struct dl_stored user_header(struct dl_scope *scope, const char *for_base)
{
	struct dl_stored stored = {NULL, "~/.pypirc"};
	const char *section, *url, *password;
	struct dl_ini ini;
	size_t i;

	if (read_pypirc(scope, &ini))
		return stored;
	for (i = 0; i < ini.count && !stored.header; i++) {
		section = ini.entries[i].section;
		url = repository_of(scope, &ini, section);
		password = dl_ini_get(&ini, section, "password");
		if (password && url && strcmp(upload_url(scope, url), upload_url(scope, for_base)) == 0)
			stored.header =
				authorize(&scope->arena, dl_ini_get(&ini, section, "username"), password);
	}
	return stored;
}

/* ------------------------------------------------------------------ what is there */

static int versions(struct dl_scope *scope, const struct dl_target *target, const char *package,
		    struct dl_sink *sink)
{
	const struct dl_json *found = NULL;
	struct dl_target index;

	if (reader(scope, target, &index) == 0)
		found = dl_python_index(scope, &index, package, false);
	return found ? dl_simple_versions(scope, target, package, found, sink) : -1;
}

static int stat_file(struct dl_scope *scope, const struct dl_target *target, const struct dl_edition *edition,
		     const struct dl_upload *upload)
{
	struct dl_target index;

	return reader(scope, target, &index) ? -1 : dl_python_stat(scope, &index, edition, upload);
}

/* ------------------------------------------------------------------ publishing */

static int inspect(struct dl_scope *scope, const struct dl_target *target, struct dl_upload *upload,
		   struct dl_edition *edition)
{
	(void)target;
	/* What the user names need not be read; what is sent must be. */
	if (!dl_dist_is(upload->name)) {
		dl_fail(scope, DL_USAGE, "it is neither a wheel nor an sdist");
		return dl_fail_hint(scope, "a Python index takes *.whl and *.tar.gz");
	}
	return dl_simple_inspect(scope, upload, edition);
}

/* What GitLab has an identity for AUDIENCE in: "PYPI_ID_TOKEN" for "pypi". */
static const char *variable_of(struct dl_scope *scope, const char *audience)
{
	char *name = dl_arena_format(&scope->arena, "%s_ID_TOKEN", audience), *at;

	for (at = name; *at; at++)
		*at = (char)(*at >= 'a' && *at <= 'z' ? *at - 'a' + 'A'
			     : (*at >= 'A' && *at <= 'Z') || (*at >= '0' && *at <= '9') ? *at : '_');
	return name;
}

/* The server at TARGET, which knows jobs: not where uploads go, and without a credential. */
static int minter(struct dl_scope *scope, const struct dl_target *target, struct dl_target *server)
{
	struct dl_url url;

	if (dl_url_parse(scope, upload_url(scope, target->base), &url))
		return -1;
	*server = *target;
	server->base = dl_text_same(url.host, dl_arena_format(&scope->arena, "upload.%s", target->host))
			       ? dl_arena_format(&scope->arena, "https://%s", target->host)
			       : dl_url_origin(&scope->arena, &url);
	server->auth.header = NULL;
	return 0;
}

/* A token for the identity of this job. NULL without a failure: it has none, or the server knows nothing of
 * that. https://docs.pypi.org/trusted-publishers/internals/ */
static const char *mint(struct dl_scope *scope, const struct dl_target *target)
{
	const struct dl_json *root;
	const char *identity, *audience, *token;
	struct dl_target server;
	struct dl_buf body;
	struct dl_res res;

	if (!dl_trusted_offered(target, identities) || minter(scope, target, &server))
		return NULL;
	root = dl_rest_get(scope, &server, &route_audience, no_vars);
	if (!root && (scope->error.class == DL_MISSING || scope->error.class == DL_AUTH))
		dl_fail_take(scope, &scope->arena);
	audience = dl_json_text(root, "audience");
	identity = audience ? dl_trusted_identity(scope, target, audience, variable_of(scope, audience))
			    : NULL;
	if (!identity)
		return NULL;
	dl_buf_init(&body, &scope->arena, DL_CAP_LINE);
	dl_buf_puts(&body, "{\"token\":");
	dl_json_quote(&body, identity, strlen(identity));
	dl_buf_putc(&body, '}');
	if (dl_rest_send(scope, &server, &route_mint, no_vars, body.data, &res)) {
		dl_trusted_explain(scope, &server);
		return NULL;
	}
	root = dl_json_parse(scope, res.body, res.len);
	token = dl_json_text(root, "token");
	if (root && !token)
		dl_fail(scope, DL_DATA, "%s gives no token", server.host);
	return token;
}

static int begin(struct dl_scope *scope, const struct dl_target *target, struct dl_edition *edition)
{
	struct dl_target uploads;
	const char *token;

	if (target->auth.header || target->dry_run)
		return 0;
	token = mint(scope, target);
	if (!token)
		return scope->error.class == DL_OK ? 0 : -1;
	if (uploader(scope, target, &uploads))
		return -1;
	edition->auth = (struct dl_auth){authorize(&scope->arena, TOKEN_USER, token), uploads.auth.origin};
	return 0;
}

static int put(struct dl_scope *scope, const struct dl_target *target, const struct dl_edition *edition,
	       const struct dl_upload *upload, struct dl_sink *sink)
{
	struct dl_target uploads;

	(void)sink;
	if (uploader(scope, target, &uploads))
		return -1;
	if (edition->auth.header)
		uploads.auth = edition->auth;
	return dl_python_put(scope, &uploads, upload);
}

/* ------------------------------------------------------------------ could it be published? */

/* An index does not say what a token may do before something is sent with it. */
static int check_credential(struct dl_scope *scope, const struct dl_target *target, struct dl_sink *sink)
{
	const char *text;

	if (target->auth.header) {
		text = dl_arena_format(&scope->arena,
				       "there is one from %s; what it may do shows when it is used",
				       target->auth_from);
		return dl_provider_check(scope, target, "credential", DL_CHECK_SKIP, text, NULL, sink);
	}
	if (dl_trusted_offered(target, identities))
		return dl_provider_check(scope, target, "credential", DL_CHECK_PASS,
					 "this CI job can be given one (trusted publishing)", NULL, sink);
	return dl_provider_check(scope, target, "credential", DL_CHECK_FAIL, "there is none",
				 "set PYPI_TOKEN", sink);
}

static int check(struct dl_scope *scope, const struct dl_target *target, const char *package,
		 struct dl_sink *sink)
{
	const struct dl_json *found = NULL;
	struct dl_target index;
	int result;

	if (reader(scope, target, &index) == 0)
		found = dl_python_index(scope, &index, package, true);
	if (!found && scope->error.class != DL_MISSING)
		return -1;
	if (!found)
		dl_fail_take(scope, &scope->arena);
	result = dl_provider_check(scope, target, "package", DL_CHECK_PASS,
				   found ? "it is there; whether it is yours shows when something is sent"
					 : "it is not there yet: the first file makes it",
				   NULL, sink);
	return result == DL_MORE ? check_credential(scope, target, sink) : result;
}

/* ------------------------------------------------------------------ identity */

static const struct dl_registry registry = {
	.scheme = DL_SCHEME_PEP440,
	.digests = DL_PYTHON_DIGESTS,
	.width = 4,
	.files = (const char *const[]){".whl", ".tar.gz", NULL},
	.tree = (const char *const[]){"pyproject.toml", "setup.py", NULL},
	.tree_config = dl_pyproject_config,
	.inspect = inspect,
	.versions = versions,
	.url = url,
	.check = check,
	.begin = begin,
	.stat = stat_file,
	.put = put,
};

/* An index tells nothing of a credential, nor of itself. */
static const struct dl_vitals vitals = {.help = "https://pypi.org/manage/account/token/"};

const struct dl_provider dl_pypi = {
	.name = "pypi",
	.title = "Python package index",
	.aliases = (const char *const[]){"python", NULL},
	.host = HOST,
	.hosts = (const char *const[]){TEST_HOST, NULL},
	.token_env = (const char *const[]){"PYPI_TOKEN", "TWINE_PASSWORD", "UV_PUBLISH_TOKEN", NULL},
	.user_env = (const char *const[]){"TWINE_USERNAME", NULL},
	.url_env = (const char *const[]){"TWINE_REPOSITORY_URL", "UV_PUBLISH_URL", NULL},
	.base = base,
	.host_of = host_of,
	.user_base = user_base,
	.user_header = user_header,
	.authorize = authorize,
	.dialect = &dialect,
	.vitals = &vitals,
	.registry = &registry,
};
