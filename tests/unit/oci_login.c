/* Whose credential counts for a registry: files of docker and podman, then the variables of a CI job. What a
 * registry makes of it is in tests/oci.bats. */
#include "providers/registry/oci_login.h"

#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/scratch.h"

#define PAIR "YTpi" /* a:b */

static void check_stored(const char *name, const char *base, const char *header, const char *from)
{
	struct dl_stored stored;

	dl_scope_open(&scope, NULL);
	stored = dl_oci_login_stored(&scope, base);
	check_text("stored", name, stored.header, header);
	if (header)
		check_text("from", name, stored.from, from);
	check_int("failure", name, scope.error.class, DL_OK);
	dl_scope_close(&scope);
}

/* The file that is looked at has KEY among .auths. */
static void put_entry(const char *key, const char *entry)
{
	dl_scope_open(&scope, NULL);
	put_file("config.json", dl_arena_format(&scope.arena, "{\"auths\":{\"%s\":%s}}", key, entry), 0600);
	dl_scope_close(&scope);
}

/* What that makes for BASE. */
static void check_entry(const char *key, const char *entry, const char *base, const char *header)
{
	put_entry(key, entry);
	check_stored(key, base, header, getenv("FILE"));
}

static void check_files(void)
{
	const char *basic = "Authorization: Basic " PAIR, *auth = "{\"auth\":\"" PAIR "\"}";

	check_entry("example.com", auth, "https://example.com", basic);
	check_entry("https://example.com", auth, "https://example.com", basic);
	check_entry("https://example.com/v1/", auth, "https://example.com", basic);
	check_entry("example.com:5000", auth, "https://example.com:5000", basic);
	check_entry("example.com", auth, "https://example.com:5000", NULL);
	check_entry("example.com/part", auth, "https://example.com", NULL);
	check_entry("xample.com", auth, "https://example.com", NULL);
	check_entry("https://index.docker.io/v1/", auth, "https://registry-1.docker.io", basic);
	check_entry("docker.io", auth, "https://registry-1.docker.io", basic);
	check_entry("example.com", "{}", "https://example.com", NULL);
	check_entry("example.com", "{\"auth\":\"a\\r\\nb\"}", "https://example.com", NULL);
	check_entry("example.com", "{\"identitytoken\":\"a\\nb\"}", "https://example.com", NULL);
	check_entry("example.com", "{\"auth\":\"" PAIR "\",\"identitytoken\":\"t\"}", "https://example.com",
		    "Authorization: Bearer t");
	check_entry("example.com", "{\"username\":\"a\",\"password\":\"b\"}", "https://example.com", basic);
}

static void check_job(void)
{
	put_entry("other.example.com", "{}");
	setenv("GITHUB_TOKEN", "b", 1);
	setenv("GITHUB_ACTOR", "a", 1);
	check_stored("ghcr.io", "https://ghcr.io", "Authorization: Basic " PAIR, "GITHUB_TOKEN");
	check_stored("not ghcr.io", "https://ghcr.io.example.com", NULL, NULL);
	setenv("CI_REGISTRY", "registry.example.com", 1);
	setenv("CI_JOB_TOKEN", "b", 1);
	setenv("CI_REGISTRY_USER", "a", 1);
	check_stored("GitLab's job token", "https://registry.example.com",
		     "Authorization: Basic Z2l0bGFiLWNpLXRva2VuOmI=", "CI_JOB_TOKEN");
	setenv("CI_REGISTRY_PASSWORD", "b", 1);
	check_stored("GitLab's password", "https://registry.example.com", "Authorization: Basic " PAIR,
		     "CI_REGISTRY_PASSWORD");
	check_entry("ghcr.io", "{\"auth\":\"eDp5\"}", "https://ghcr.io", "Authorization: Basic eDp5");
}

int main(void)
{
	static const char *const variables[] = {"HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "GH_TOKEN",
						"REGISTRY_AUTH_FILE", NULL};
	const char *const *name;

	if (!mkdtemp(folder))
		return 1;
	for (name = variables; *name; name++)
		unsetenv(*name);
	setenv("DOCKER_CONFIG", folder, 1);
	dl_scope_open(&scope, NULL);
	setenv("FILE", at("config.json"), 1);
	dl_scope_close(&scope);
	check_files();
	check_job();
	if (dl_file_remove_tree(&scope, folder))
		return 1;
	return check_end("oci_login");
}
