/* A place is filled in by one step after the other (the table `steps`), each adding only what no step before
 * it said. Which step named the provider is remembered for people, and whether it was the user. */
#include "lib/target.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/config.h"
#include "lib/json.h"
#include "lib/proc.h"
#include "lib/repo.h"
#include "lib/scope.h"
#include "lib/text.h"
#include "lib/url.h"

enum { CREDENTIAL_TIMEOUT_MS = 5000 };

/* What is known of the target so far. */
struct place {
	const struct dl_provider *provider;
	const char *host;
	const char *project;
	const char *base; /* that a committed file names */
	const char *why;
	bool asked;
	bool here; /* the project is the one of the repository that we stand in */
};

/* A host that has been looked up: its API and the user's credential for it. */
struct dl_target_known {
	struct dl_target_known *next;
	const struct dl_provider *provider;
	const char *named; /* the host as the place names it; NULL: it does not */
	const char *host;
	const char *base;
	struct dl_auth auth;
	const char *auth_from;
};

static const char *env(const char *name)
{
	const char *value = name ? getenv(name) : NULL;

	return value && *value ? value : NULL;
}

/* The first variable of NAMES that is set; NULL: none is. */
static const char *env_name(const char *const *names)
{
	for (; names && *names; names++)
		if (env(*names))
			return *names;
	return NULL;
}

/* The repository that we stand in, looked for once; NULL: none, and .no_repo says why. */
static struct dl_repo *repository(struct dl_finder *finder)
{
	if (!finder->looked && finder->scope->error.class == DL_OK) {
		finder->looked = true;
		finder->repo = dl_repo_open(finder->scope, finder->dir);
		finder->no_repo = dl_fail_take(finder->scope, &finder->scope->arena);
	}
	return finder->repo;
}

/* Fails as the look for the repository has failed. */
static int fail_no_repo(struct dl_finder *finder)
{
	finder->scope->error = finder->no_repo;
	return -1;
}

void dl_target_close(struct dl_finder *finder)
{
	dl_repo_close(finder->repo);
	finder->repo = NULL;
}

const char *dl_target_sha(struct dl_scope *scope, struct dl_finder *finder, const char *revision)
{
	struct dl_repo *repo;

	if (dl_text_is_sha(revision))
		return revision;
	repo = repository(finder);
	if (repo)
		return dl_repo_resolve(scope, repo, revision);
	dl_fail(scope, DL_USAGE,
		"'%s' is not a full commit hash, and there is no repository here to look it up in",
		dl_text_quote(&scope->arena, revision));
	dl_fail_hint(scope, "give all 40 digits, or run this inside the repository (-C DIR)");
	return NULL;
}

static size_t without_slashes(const char *path, size_t len)
{
	while (len && path[len - 1] == '/')
		len--;
	return len;
}

/* PATH without slashes at its ends and without ".git", be that the end of a name or the folder in a working
 * tree. */
static const char *project_of_path(struct dl_arena *arena, const char *path)
{
	size_t len;

	path += strspn(path, "/");
	len = without_slashes(path, strlen(path));
	if (len > 4 && strncmp(path + len - 4, ".git", 4) == 0)
		len = without_slashes(path, len - 4);
	return dl_arena_copy(arena, path, len);
}

/* `[user@]host:path`, where the part before the first ':' has no '/'. */
static int scp_remote(struct dl_scope *scope, const char *url, struct dl_remote *remote)
{
	const char *colon = strchr(url, ':'), *slash = strchr(url, '/'), *at, *host = url;
	char *copy, *byte;

	if (!colon || (slash && slash < colon) || colon[1] == '\0' || colon[1] == ':')
		return dl_fail(scope, DL_CONFIG, "the remote '%s' is not on a server",
			       dl_text_quote(&scope->arena, url));
	at = memrchr(url, '@', (size_t)(colon - url));
	if (at)
		host = at + 1;
	copy = dl_arena_copy(&scope->arena, host, (size_t)(colon - host));
	for (byte = copy; *byte; byte++)
		*byte = *byte >= 'A' && *byte <= 'Z' ? (char)(*byte + ('a' - 'A')) : *byte;
	remote->host = copy;
	remote->path = project_of_path(&scope->arena, colon + 1);
	remote->ssh = true;
	return dl_text_is_name(copy) ? 0
				     : dl_fail(scope, DL_CONFIG, "the remote '%s' has no host",
					       dl_text_quote(&scope->arena, url));
}

int dl_target_remote(struct dl_scope *scope, const char *url, struct dl_remote *remote)
{
	struct dl_url parsed;

	memset(remote, 0, sizeof *remote);
	if (!strstr(url, "://"))
		return scp_remote(scope, url, remote);
	if (dl_url_parse(scope, url, &parsed)) {
		scope->error.class = DL_CONFIG;
		return dl_fail_prefix(scope, "the remote");
	}
	remote->ssh = strcmp(parsed.scheme, "ssh") == 0;
	remote->host = remote->ssh || strcmp(parsed.scheme, "git") == 0
			       ? parsed.host
			       : dl_url_authority(&scope->arena, &parsed);
	remote->path = dl_url_decode(&scope->arena, parsed.path, strlen(parsed.path));
	if (!remote->path)
		return dl_fail(scope, DL_CONFIG, "the remote '%s' is escaped wrongly",
			       dl_url_redact(&scope->arena, url));
	remote->path = project_of_path(&scope->arena, remote->path);
	return 0;
}

/* The real name behind an alias of the user's ssh configuration. Only a name without a dot is looked up: it
 * can be nothing else. */
static const char *ssh_host(struct dl_scope *scope, const char *host)
{
	const char *const argv[] = {"ssh", "-G", "--", host, NULL};
	struct dl_proc proc = {.argv = argv, .timeout_ms = CREDENTIAL_TIMEOUT_MS, .quiet = true};
	struct dl_proc_result result;
	const char *line, *end, *found = host;
	struct dl_scope attempt;

	if (strchr(host, '.') || dl_url_loopback(host))
		return host;
	dl_scope_open(&attempt, NULL);
	if (dl_proc_run(&attempt, &proc, &result) == 0 && result.status == 0)
		for (line = result.output; *line; line = *end ? end + 1 : end) {
			end = strchrnul(line, '\n');
			if (dl_text_starts(line, "hostname "))
				found = dl_arena_copy(&scope->arena, line + 9, (size_t)(end - line - 9));
		}
	dl_scope_close(&attempt);
	return found;
}

/* The base URL that the environment names for PROVIDER, without a final '/'; NULL: none, or SCOPE has
 * failed. */
static const char *env_base(struct dl_scope *scope, const struct dl_provider *provider)
{
	const char *name = env_name(provider->url_env), *text = env(name);
	struct dl_url url;
	size_t len;

	if (!text)
		return NULL;
	if (dl_url_parse(scope, text, &url) || !dl_text_starts(url.scheme, "http")) {
		scope->error.class = DL_CONFIG;
		dl_fail(scope, DL_CONFIG, "'%s' is no http URL", dl_url_redact(&scope->arena, text));
		dl_fail_prefix(scope, "%s", name);
		return NULL;
	}
	if (url.user) {
		dl_fail(scope, DL_CONFIG, "%s has a user in it, which would show in traces", name);
		dl_fail_hint(scope, "leave it out: the credential has variables of its own");
		return NULL;
	}
	for (len = strlen(text); len && text[len - 1] == '/'; len--)
		;
	return dl_arena_copy(&scope->arena, text, len);
}

static const char *host_config(struct dl_finder *finder, const char *host, const char *key)
{
	return dl_repo_config(finder->scope, repository(finder),
			      dl_arena_format(&finder->scope->arena, "devloop.host.%s.%s", host, key));
}

/* The provider whose host HOST is known to be; NULL: nobody says. */
static const struct dl_provider *provider_of_host(struct dl_finder *finder, const char *host)
{
	const struct dl_provider *const *row,
		*named = dl_provider_find(host_config(finder, host, "provider"));
	const char *base;

	for (row = dl_provider_table; !named && *row; row++) {
		base = env_base(finder->scope, *row);
		if (dl_text_same((*row)->host, host) || dl_text_same((*row)->ssh_host, host) ||
		    ((*row)->host_suffix && dl_text_ends(host, (*row)->host_suffix)) ||
		    (base && dl_text_same((*row)->host_of(finder->scope, base), host)))
			named = *row;
	}
	return named;
}

static int set_provider(struct dl_finder *finder, struct place *place, const char *name, const char *why,
			bool asked)
{
	struct dl_scope *scope = finder->scope;

	if (place->provider || !name)
		return 0;
	place->provider = dl_provider_find(name);
	place->why = why;
	place->asked = asked;
	if (place->provider)
		return 0;
	dl_fail(scope, asked && strcmp(why, "-p") == 0 ? DL_USAGE : DL_CONFIG,
		"%s: there is no provider '%s'", why, dl_text_quote(&scope->arena, name));
	return dl_fail_hint(scope, "there are %s", dl_provider_names(&scope->arena));
}

static int set_remote(struct dl_finder *finder, struct place *place, const char *url)
{
	struct dl_remote remote;

	if (dl_target_remote(finder->scope, url, &remote))
		return -1;
	place->host = remote.ssh ? ssh_host(finder->scope, remote.host) : remote.host;
	place->project = remote.path;
	return 0;
}

/* `-R`: a ref, a URL, or OWNER/NAME. */
static int from_project_option(struct dl_finder *finder, struct place *place)
{
	const char *text = finder->project, *colon = text ? strchr(text, ':') : NULL;
	struct dl_scope *scope = finder->scope;
	struct dl_ref ref;
	const char *head;

	if (!text)
		return 0;
	head = colon ? dl_arena_copy(&scope->arena, text, strcspn(text, "@:")) : NULL;
	if (colon && strncmp(colon, "://", 3) != 0 && dl_provider_find(head)) {
		/* `gitlab:group/project` is short for `gitlab:group/project/repo`. */
		struct dl_scope attempt;

		dl_scope_open(&attempt, NULL);
		if (dl_ref_parse(&attempt, text, &ref))
			text = dl_arena_format(&scope->arena, "%s/repo", text);
		dl_scope_close(&attempt);
		if (dl_ref_parse(scope, text, &ref))
			return -1;
		place->host = ref.host;
		place->project = ref.project;
		return set_provider(finder, place, ref.provider, "-R", true);
	}
	if (colon) {
		if (set_remote(finder, place, text) == 0)
			return 0;
		scope->error.class = DL_USAGE;
		return dl_fail_prefix(scope, "-R");
	}
	place->project = project_of_path(&scope->arena, text);
	return 0;
}

static int from_option(struct dl_finder *finder, struct place *place)
{
	if (place->provider && finder->provider && dl_provider_find(finder->provider) != place->provider)
		return dl_fail(finder->scope, DL_USAGE, "-p and -R name different providers");
	return set_provider(finder, place, finder->provider, "-p", true);
}

static int from_environment(struct dl_finder *finder, struct place *place)
{
	return set_provider(finder, place, env("DL_CI"), "DL_CI", true);
}

/* The host of the remote; NULL: there is none. */
static const char *remote_host(struct dl_finder *finder)
{
	struct dl_repo *repo = repository(finder);
	const char *remote, *url, *host = NULL;
	struct dl_remote parsed;
	struct dl_scope attempt;

	if (!repo)
		return NULL;
	dl_scope_open(&attempt, NULL);
	remote = dl_repo_remote(&attempt, repo);
	url = remote ? dl_repo_remote_url(&attempt, repo, remote) : NULL;
	if (url && dl_target_remote(&attempt, url, &parsed) == 0)
		host = dl_arena_string(&finder->scope->arena,
				       parsed.ssh ? ssh_host(&attempt, parsed.host) : parsed.host);
	dl_scope_close(&attempt);
	return host;
}

static int from_git_config(struct dl_finder *finder, struct place *place)
{
	const char *name = "devloop.ci", *provider, *host;

	if (place->provider)
		return 0;
	provider = dl_repo_config(finder->scope, repository(finder), name);
	host = provider || finder->project ? NULL : remote_host(finder);
	if (host) {
		name = dl_arena_format(&finder->scope->arena, "devloop.host.%s.provider", host);
		provider = dl_repo_config(finder->scope, repository(finder), name);
	}
	return set_provider(finder, place, provider,
			    dl_arena_format(&finder->scope->arena, "git config %s", name), true);
}

/* The committed configuration; NULL: there is none, or SCOPE has failed. */
static const struct dl_json *committed(struct dl_finder *finder, const char *root)
{
	static const char *const names[] = {"agents.json", "agents.yaml", "agents.yml"};
	const struct dl_json *node;
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names; i++) {
		node = dl_config_read(finder->scope, dl_arena_format(&finder->scope->arena, "%s.devloop/%s",
								     root, names[i]));
		if (node || finder->scope->error.class != DL_OK)
			return node;
	}
	return NULL;
}

static int from_committed(struct dl_finder *finder, struct place *place)
{
	struct dl_repo *repo = repository(finder);
	const char *root = repo && !finder->project ? dl_repo_root(repo) : NULL, *why = ".devloop/agents",
		   *name, *url;
	const struct dl_json *node, *config;

	node = root ? committed(finder, root) : NULL;
	if (finder->scope->error.class != DL_OK)
		return -1;
	name = dl_json_text(node, "global.providers.ci.provider|agents.ci-monitor.config.ci_provider");
	config = dl_json_get(node, dl_json_text(node, "global.providers.ci.provider")
					   ? "global.providers.ci.config"
					   : "agents.ci-monitor.config.ci_config");
	if (!name || (place->provider && dl_provider_find(name) != place->provider))
		return 0;
	if (set_provider(finder, place, name, why, false))
		return -1;
	url = dl_json_text(config, "repo_url");
	if (url && !place->project && set_remote(finder, place, url))
		return dl_fail_prefix(finder->scope, "%s: repo_url", why);
	if (!place->project)
		place->project = dl_json_text(config, "project|job");
	place->here = true;
	if (!place->host)
		place->base = dl_json_text(config, "base_url");
	return 0;
}

/* Whether PATH is there, and holds something if it ends in '/'. */
static bool tree_shows(struct dl_finder *finder, const char *root, const char *path)
{
	const char *full = dl_arena_format(&finder->scope->arena, "%s%s", root, path);
	const struct dirent *entry;
	bool shows = false;
	DIR *folder;

	if (!dl_text_ends(path, "/"))
		return access(full, F_OK) == 0;
	folder = opendir(full);
	while (folder && !shows && (entry = readdir(folder)))
		shows = strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	if (folder)
		closedir(folder);
	return shows;
}

/* What the tree shows. Where it shows several, the remote's host settles it, then a token at hand, then the
 * order of the table. */
static int from_tree(struct dl_finder *finder, struct place *place)
{
	struct dl_repo *repo = repository(finder);
	const char *root = repo ? dl_repo_root(repo) : NULL, *const *path, *host, *seen = NULL;
	const struct dl_provider *const *row, *best = NULL, *hosted;

	if (place->provider || finder->project || !root)
		return 0;
	host = remote_host(finder);
	hosted = host ? provider_of_host(finder, host) : NULL;
	for (row = dl_provider_table; *row; row++)
		for (path = (*row)->tree; path && *path; path++)
			if (tree_shows(finder, root, *path) &&
			    (!best || *row == hosted ||
			     (best != hosted && !env_name(best->token_env) && !best->serverless &&
			      env_name((*row)->token_env)))) {
				best = *row;
				seen = *path;
			}
	return best ? set_provider(finder, place, best->name,
				   dl_arena_format(&finder->scope->arena, "%s in the tree", seen), false)
		    : 0;
}

/* The remote names host and project, if it can be one of the provider's; and the provider, if nobody did. */
static int from_remote(struct dl_finder *finder, struct place *place)
{
	struct dl_repo *repo = place->project ? NULL : repository(finder);
	const char *remote = repo ? dl_repo_remote(finder->scope, repo) : NULL;
	const char *url = remote ? dl_repo_remote_url(finder->scope, repo, remote) : NULL, *why;
	const struct dl_provider *owner;
	struct place found = *place;

	if (!url || (place->provider && !place->provider->remote))
		return 0;
	if (set_remote(finder, &found, url)) {
		/* A remote that is a path matters only to who needs a server. */
		if (!place->provider)
			dl_fail_take(finder->scope, &finder->scope->arena);
		return place->provider ? -1 : 0;
	}
	owner = provider_of_host(finder, found.host);
	if (place->provider && owner && owner != place->provider)
		return 0;
	place->host = owner && dl_text_same(found.host, owner->ssh_host) ? owner->host : found.host;
	place->project = found.project;
	place->here = true;
	why = dl_arena_format(&finder->scope->arena, "the remote's host %s", place->host);
	return owner ? set_provider(finder, place, owner->name, why, false) : 0;
}

/* `-R URL` has a host that may tell; `-R OWNER/NAME` alone is the way GitHub, the first of the table, is
 * spoken of. */
static int from_project_host(struct dl_finder *finder, struct place *place)
{
	const struct dl_provider *owner;

	if (place->provider || !finder->project)
		return 0;
	if (!place->host)
		return set_provider(finder, place, dl_provider_table[0]->name, "-R OWNER/NAME", false);
	owner = provider_of_host(finder, place->host);
	return owner ? set_provider(finder, place, owner->name, "the host in -R", false) : 0;
}

static int (*const steps[])(struct dl_finder *finder, struct place *place) = {
	from_project_option, from_option,    from_environment, from_git_config,
	from_project_host,   from_committed, from_tree,	       from_remote,
};

/* Whether the user, by environment or git config, says that HOST is PROVIDER's. */
static bool user_binds(struct dl_finder *finder, const struct dl_provider *provider, const char *host)
{
	const char *base = env_base(finder->scope, provider);

	if (dl_text_same(provider->host, host) ||
	    (base && dl_text_same(provider->host_of(finder->scope, base), host)))
		return true;
	return dl_provider_find(host_config(finder, host, "provider")) == provider ||
	       host_config(finder, host, "url");
}

/* The base URL of PROVIDER's API at HOST, which becomes *HOST_FOUND's name. NULL: failed. */
static const char *find_base(struct dl_finder *finder, const struct place *place)
{
	const struct dl_provider *provider = place->provider;
	const char *base = env_base(finder->scope, provider);

	if (finder->scope->error.class != DL_OK)
		return NULL;
	if (base && (!place->host || dl_text_same(place->host, provider->host) ||
		     dl_text_same(place->host, provider->host_of(finder->scope, base))))
		return base;
	base = place->host ? host_config(finder, place->host, "url") : NULL;
	if (base)
		return base;
	if (!place->host && place->base)
		return place->base;
	if (place->host || provider->host)
		return provider->base(finder->scope, place->host ? place->host : provider->host);
	dl_fail(finder->scope, DL_CONFIG, "%s: which server?", provider->name);
	dl_fail_hint(finder->scope, "set %s", provider->url_env ? provider->url_env[0] : "its URL");
	return NULL;
}

/* A header line must stay one line. */
static int check_token(struct dl_scope *scope, const char *token, const char *from)
{
	const char *byte;

	for (byte = token; *byte; byte++)
		if ((unsigned char)*byte <= ' ' || (unsigned char)*byte >= 0x7f)
			return dl_fail(scope, DL_CONFIG, "%s: the token has a space or a control character",
				       from);
	return 0;
}

static const char *line_value(struct dl_arena *arena, const char *text, const char *key)
{
	const char *line, *end;
	size_t len = strlen(key);

	for (line = text; *line; line = *end ? end + 1 : end) {
		end = strchrnul(line, '\n');
		if (strncmp(line, key, len) == 0 && line[len] == '=' && end > line + len + 1)
			return dl_arena_copy(arena, line + len + 1, (size_t)(end - line) - len - 1);
	}
	return NULL;
}

/* What `git credential fill` knows for the host, whose path counts if the user has set
 * credential.useHttpPath; asked so that nothing prompts. */
static const char *ask_git(struct dl_finder *finder, const struct dl_provider *provider,
			   const struct dl_url *base, const char *host)
{
	static const char *const argv[] = {"git",	 "-c",	 "credential.interactive=false",
					   "credential", "fill", NULL};
	static const char *const environment[] = {"GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=true", "SSH_ASKPASS",
						  "GCM_INTERACTIVE=never", NULL};
	struct dl_arena *arena = &finder->scope->arena;
	const char *path = strchrnul(host, '/'), *password;
	const char *input = dl_arena_format(arena, "protocol=%s\nhost=%.*s\n%s%s%s\n", base->scheme,
					    (int)(path - host), host, *path ? "path=" : "",
					    *path ? path + 1 : "", *path ? "\n" : "");
	struct dl_proc proc = {.argv = argv,
			       .env = environment,
			       .dir = finder->dir,
			       .input = input,
			       .input_len = strlen(input),
			       .timeout_ms = CREDENTIAL_TIMEOUT_MS,
			       .quiet = true};
	struct dl_proc_result result;
	struct dl_scope attempt;
	const char *header = NULL;

	dl_scope_open(&attempt, NULL);
	if (!strpbrk(host, "\r\n") && dl_proc_run(&attempt, &proc, &result) == 0 && result.status == 0) {
		password = line_value(&attempt.arena, result.output, "password");
		if (password && check_token(&attempt, password, "git credential") == 0)
			header = provider->authorize(
				arena, line_value(&attempt.arena, result.output, "username"), password);
	}
	dl_scope_close(&attempt);
	return header;
}

/* What the provider's own command prints for the host. */
static const char *ask_command(struct dl_finder *finder, const struct dl_provider *provider, const char *host)
{
	const char *argv[8] = {0}, *header = NULL, *token;
	struct dl_proc proc = {.argv = argv, .timeout_ms = CREDENTIAL_TIMEOUT_MS, .quiet = true};
	struct dl_proc_result result;
	struct dl_scope attempt;
	size_t count;

	if (!provider->token_command || host[0] == '-')
		return NULL;
	for (count = 0; provider->token_command[count]; count++)
		argv[count] = provider->token_command[count];
	argv[count] = host;
	dl_scope_open(&attempt, NULL);
	if (dl_proc_run(&attempt, &proc, &result) == 0 && result.status == 0 && result.len) {
		token = dl_arena_copy(&attempt.arena, result.output, strcspn(result.output, "\r\n"));
		if (*token && check_token(&attempt, token, argv[0]) == 0)
			header = provider->authorize(&finder->scope->arena, NULL, token);
	}
	dl_scope_close(&attempt);
	return header;
}

static int find_credential(struct dl_finder *finder, struct dl_target_known *known)
{
	const struct dl_provider *provider = known->provider;
	const char *name = user_binds(finder, provider, known->host) ? env_name(provider->token_env) : NULL;
	struct dl_scope *scope = finder->scope;
	struct dl_url url;

	if (dl_url_parse(scope, known->base, &url)) {
		scope->error.class = DL_CONFIG;
		return -1;
	}
	if (!dl_text_starts(url.scheme, "http"))
		return dl_fail(scope, DL_CONFIG, "%s is not reached by http",
			       dl_text_quote(&scope->arena, known->host));
	if (url.user)
		return dl_fail(scope, DL_CONFIG, "the URL of %s has a user in it, which would show in traces",
			       known->host);
	known->auth.origin = dl_url_origin(&scope->arena, &url);
	if (name) {
		if (check_token(scope, env(name), name))
			return -1;
		known->auth.header = provider->authorize(&scope->arena, env(env_name(provider->user_env)),
							 env(name));
		known->auth_from = name;
		return 0;
	}
	known->auth.header = ask_git(finder, provider, &url, known->host);
	known->auth_from = known->auth.header ? "git credential fill" : NULL;
	if (!known->auth.header) {
		known->auth.header = ask_command(finder, provider, known->host);
		known->auth_from = known->auth.header ? provider->token_command[0] : NULL;
	}
	return 0;
}

/* Clear text to another machine only where the user wrote it: a committed file may name a host that the token
 * is for, but not how to speak to it. */
static int check_scheme(struct dl_finder *finder, const struct dl_target_known *known)
{
	const char *configured = known->named ? host_config(finder, known->named, "url") : NULL;
	struct dl_url url;

	if (dl_url_parse(finder->scope, known->base, &url))
		return -1;
	if (strcmp(url.scheme, "http") != 0 || dl_url_loopback(url.host) ||
	    dl_text_same(known->base, configured) ||
	    dl_text_same(known->base, env_base(finder->scope, known->provider)))
		return 0;
	return dl_fail(finder->scope, DL_CONFIG, "%s would be asked by http, which anybody can read",
		       dl_text_quote(&finder->scope->arena, known->host));
}

/* The API and the credential of the place's host, looked up once. */
static const struct dl_target_known *know_host(struct dl_finder *finder, const struct place *place)
{
	struct dl_target_known *known;

	for (known = finder->known; known; known = known->next)
		if (known->provider == place->provider && dl_text_same(known->named, place->host))
			return known;
	known = dl_arena_alloc(&finder->scope->arena, sizeof *known);
	known->provider = place->provider;
	known->named = dl_arena_string(&finder->scope->arena, place->host);
	known->base = find_base(finder, place);
	known->host = known->base ? place->provider->host_of(finder->scope, known->base) : NULL;
	if (!known->host || find_credential(finder, known) || check_scheme(finder, known))
		return NULL;
	known->next = finder->known;
	finder->known = known;
	return known;
}

/* Of a project that -R names. A repository has an owner; a job, for one, may stand alone. */
static int check_project(struct dl_scope *scope, const struct place *place)
{
	if (*place->project && (!place->provider->remote || strchr(place->project, '/')))
		return 0;
	dl_fail(scope, DL_USAGE, "-R: '%s' names no project", dl_text_quote(&scope->arena, place->project));
	return dl_fail_hint(scope, "give OWNER/NAME, a URL, or a ref such as github:owner/name/repo");
}

static int need_project(struct dl_finder *finder, struct place *place)
{
	struct dl_scope *scope = finder->scope;
	const char *name = env_name(place->provider->project_env);

	if (!place->project && name)
		place->project = project_of_path(&scope->arena, env(name));
	if (place->project && finder->project)
		return check_project(scope, place);
	if (place->project && *place->project)
		return 0;
	if (!repository(finder))
		return fail_no_repo(finder);
	dl_fail(scope, DL_CONFIG, "%s: which project? no remote of this repository says it",
		place->provider->name);
	if (place->provider->project_env)
		return dl_fail_hint(scope, "name it: -R PROJECT, or set %s", place->provider->project_env[0]);
	return dl_fail_hint(scope, "name it: -R PROJECT");
}

/* The target at PLACE, in SCOPE; a failure is the finder's. */
static const struct dl_target *build(struct dl_scope *scope, struct dl_finder *finder, struct place *place)
{
	struct dl_target *target = dl_arena_alloc(&scope->arena, sizeof *target);
	const struct dl_target_known *known;

	target->provider = place->provider;
	target->why = place->why;
	target->asked = place->asked;
	target->http = finder->http;
	target->dry_run = finder->dry_run;
	target->project = "";
	if (place->provider->serverless) {
		target->repo = repository(finder);
		target->own_host = true;
		if (!target->repo)
			fail_no_repo(finder);
		return target->repo ? target : NULL;
	}
	if (need_project(finder, place))
		return NULL;
	known = know_host(finder, place);
	if (!known)
		return NULL;
	target->repo = place->here ? finder->repo : NULL;
	target->project = place->project;
	target->host = known->host;
	target->own_host = dl_text_same(known->host, place->provider->host);
	target->base = known->base;
	target->auth = known->auth;
	target->auth_from = known->auth_from;
	return target;
}

const struct dl_target *dl_target_here(struct dl_finder *finder)
{
	struct place place = {0};
	size_t i;

	for (i = 0; i < sizeof steps / sizeof *steps; i++)
		if (steps[i](finder, &place))
			return NULL;
	if (place.provider)
		return build(finder->scope, finder, &place);
	finder->nowhere = true;
	if (!repository(finder)) {
		fail_no_repo(finder);
		return NULL;
	}
	dl_fail(finder->scope, DL_CONFIG,
		"no CI system is known here: neither the tree nor the remote shows one");
	dl_fail_hint(finder->scope, "name it: -p PROVIDER, or git config devloop.ci PROVIDER (%s)",
		     dl_provider_names(&finder->scope->arena));
	return NULL;
}

const struct dl_target *dl_target_of(struct dl_scope *scope, struct dl_finder *finder,
				     const struct dl_ref *ref)
{
	struct place place = {.host = ref->host, .project = ref->project, .why = "the ref", .asked = true};
	const struct dl_target *target = NULL;

	place.provider = dl_provider_find(ref->provider);
	if (place.provider) {
		target = build(scope, finder, &place);
	} else {
		dl_fail(finder->scope, DL_USAGE, "there is no provider '%s'",
			dl_text_quote(&scope->arena, ref->provider));
		dl_fail_hint(finder->scope, "there are %s", dl_provider_names(&scope->arena));
	}
	if (!target)
		scope->error = dl_fail_take(finder->scope, &scope->arena);
	return target;
}
