#include "providers/registry/oci_login.h"

#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/proc.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/url.h"
#include "lib/data/config.h"
#include "lib/data/json.h"
#include "lib/provider/credential.h"
#include "lib/provider/host.h"

enum { HELPER_TIMEOUT_MS = 15000, FILES = 5 };

static const struct dl_stored nothing = {NULL, NULL};

bool dl_oci_login_is_hub(const char *host)
{
	return dl_text_in(host, "docker.io,index.docker.io,registry-1.docker.io");
}

/* ------------------------------------------------------------------ what a file says */

/* Whether KEY, of one of these files, stands for the registry HOST: older ones are the URL of its API. One
 * with another path is for a part of it. */
static bool is_key(struct dl_scope *scope, const char *key, const char *host)
{
	const char *begin = strstr(key, "://"), *end;

	begin = begin ? begin + 3 : key;
	end = strchrnul(begin, '/');
	if (*end && strcmp(end, "/") != 0 && strcmp(end, "/v1/") != 0 && strcmp(end, "/v2/") != 0)
		return false;
	begin = dl_arena_copy(&scope->arena, begin, (size_t)(end - begin));
	return strcmp(begin, host) == 0 || (dl_oci_login_is_hub(begin) && dl_oci_login_is_hub(host));
}

/* The member of LIST that is for HOST; NULL: there is none. */
static const struct dl_json *find(struct dl_scope *scope, const struct dl_json *list, const char *host)
{
	const struct dl_json *member = list && list->type == DL_JSON_OBJECT ? list->child : NULL;

	while (member && !is_key(scope, member->key, host))
		member = member->next;
	return member;
}

/* The header line of USER and SECRET. Where there is no user, the secret is one that tokens are got for. */
static const char *header_of(struct dl_scope *scope, const char *user, const char *secret)
{
	if (!secret || !*secret)
		return NULL;
	if (!user || strcmp(user, "<token>") == 0)
		return dl_credential_fits(secret) ? dl_credential_header(&scope->arena, NULL, secret) : NULL;
	return dl_credential_header(&scope->arena, user, secret);
}

/* What the program docker-credential-NAME has for HOST. That it has nothing, or cannot be run, is no failure:
 * other places may have something.
 * https://github.com/docker/docker-credential-helpers#development */
static struct dl_stored ask_helper(struct dl_scope *scope, const char *name, const char *host)
{
	const char *program = dl_arena_format(&scope->arena, "docker-credential-%s", name);
	const char *const argv[] = {program, "get", NULL};
	const char *server = dl_oci_login_is_hub(host) ? "https://index.docker.io/v1/" : host;
	struct dl_proc proc = {.argv = argv,
			       .input = server,
			       .input_len = strlen(server),
			       .timeout_ms = HELPER_TIMEOUT_MS,
			       .quiet = true};
	struct dl_stored stored = nothing;
	struct dl_proc_result result;
	const struct dl_json *root;
	struct dl_scope attempt;

	dl_scope_open(&attempt, NULL);
	if (dl_text_is_name(name) && dl_proc_run(&attempt, &proc, &result) == 0 && result.status == 0) {
		root = dl_json_parse(&attempt, dl_arena_copy(&attempt.arena, result.output, result.len),
				     result.len);
		stored.header =
			header_of(scope, dl_json_text(root, "Username"), dl_json_text(root, "Secret"));
		stored.from = program;
	}
	dl_scope_close(&attempt);
	return stored;
}

/* What ENTRY of a file says itself. */
static const char *entry_header(struct dl_scope *scope, const struct dl_json *entry)
{
	const char *pair = dl_json_text(entry, "auth"), *token = dl_json_text(entry, "identitytoken");

	if (token && *token)
		return header_of(scope, NULL, token);
	if (pair && *pair && dl_credential_fits(pair))
		return dl_arena_format(&scope->arena, "Authorization: Basic %s", pair);
	return header_of(scope, dl_json_text(entry, "username"), dl_json_text(entry, "password"));
}

static struct dl_stored read_file(struct dl_scope *scope, const char *path, const char *host)
{
	const struct dl_json *root = dl_config_read(scope, path);
	const char *helper = dl_json_string(find(scope, dl_json_get(root, "credHelpers"), host));
	struct dl_stored stored = nothing;

	if (!helper)
		helper = dl_json_text(root, "credsStore");
	if (helper && *helper)
		stored = ask_helper(scope, helper, host);
	if (!stored.header)
		stored = (struct dl_stored){
			entry_header(scope, find(scope, dl_json_get(root, "auths"), host)),
			dl_text_quote(&scope->arena, path),
		};
	return stored;
}

/* ------------------------------------------------------------------ where it is */

/* PATH in the folder that VARIABLE names; NULL: it names none. */
static const char *below(struct dl_scope *scope, const char *variable, const char *path)
{
	const char *folder = dl_host_set(variable);

	return folder ? dl_arena_format(&scope->arena, "%s/%s", folder, path) : NULL;
}

/* What the job that this is a part of was given for HOST. */
static struct dl_stored read_job(struct dl_scope *scope, const char *host)
{
	static const char *const github[] = {"GITHUB_TOKEN", "GH_TOKEN", NULL};
	static const char *const gitlab[] = {"CI_REGISTRY_PASSWORD", "CI_JOB_TOKEN", NULL};
	struct dl_variable token = {NULL, NULL};
	const char *user = NULL;

	if (strcmp(host, "ghcr.io") == 0) {
		token = dl_host_env(github);
		user = dl_host_set("GITHUB_ACTOR") ? dl_host_set("GITHUB_ACTOR") : "token";
	} else if (dl_text_same(host, dl_host_set("CI_REGISTRY"))) {
		token = dl_host_env(gitlab);
		user = dl_host_set("CI_REGISTRY_PASSWORD") ? dl_host_set("CI_REGISTRY_USER") : NULL;
		user = user ? user : "gitlab-ci-token";
	}
	return (struct dl_stored){header_of(scope, user, token.value), token.name};
}

struct dl_stored dl_oci_login_stored(struct dl_scope *scope, const char *base)
{
	const char *const files[FILES] = {
		below(scope, "DOCKER_CONFIG", "config.json"),
		dl_host_set("REGISTRY_AUTH_FILE"),
		below(scope, "XDG_RUNTIME_DIR", "containers/auth.json"),
		dl_host_set("XDG_CONFIG_HOME") ? below(scope, "XDG_CONFIG_HOME", "containers/auth.json")
					       : below(scope, "HOME", ".config/containers/auth.json"),
		below(scope, "HOME", ".docker/config.json"),
	};
	struct dl_stored stored = nothing;
	struct dl_url url;
	const char *host;
	size_t i;

	if (dl_url_parse(scope, base, &url))
		return nothing;
	host = dl_url_authority(&scope->arena, &url);
	for (i = 0; i < FILES && !stored.header && scope->error.class == DL_OK; i++)
		if (files[i])
			stored = read_file(scope, files[i], host);
	return stored.header || scope->error.class != DL_OK ? stored : read_job(scope, host);
}
