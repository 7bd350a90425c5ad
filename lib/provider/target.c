/* A place is filled in by one step after the other (the table `steps`), each adding only what no step before
 * it said. Which step named the provider is remembered for people, and whether it was the user. What each
 * step has seen, also when it came too late, is the trail. */
#include "lib/provider/target.h"

#include <dirent.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/url.h"
#include "lib/data/agents.h"
#include "lib/data/json.h"
#include "lib/git/remote.h"
#include "lib/git/repo.h"
#include "lib/provider/credential.h"
#include "lib/provider/host.h"
#include "lib/provider/plugin.h"
#include "lib/provider/probe.h"

/* Where a committed configuration says which server it is about. */
#define SERVER_KEYS "repository_url|base_url|index_url"

/* What is known of the target so far. */
struct place {
	const struct dl_provider *provider;
	const char *chain;  /* who is asked when it is unavailable, names separated by commas; NULL: nobody */
	const char *scheme; /* of the URL that named the host; NULL: none did */
	const char *host;
	const char *project;
	const char *base;   /* that a committed file names */
	const struct dl_json *config; /* of a committed file */
	const char *why;
	bool asked;
	bool here; /* the project is the one of the repository that we stand in */
	const char *seen; /* by the step at work; NULL: nothing */
};

/* A host that has been looked up: its API and the user's credential for it. */
struct dl_target_known {
	struct dl_target_known *next;
	const struct dl_provider *provider;
	const char *named; /* the host as the place names it; NULL: it does not */
	const char *committed; /* the base URL that a committed file names; NULL */
	bool elsewhere;        /* .committed is not where the target is, but one package of it */
	const char *users;     /* the base URL that the user's own files name; NULL: none */
	bool asked;            /* .users is known */
	const char *host;
	const char *base;
	bool bound; /* a token in the environment is for it */
	struct dl_credential credential;
};

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
	struct dl_repo *repo = repository(finder);

	if (repo)
		return dl_repo_resolve(scope, repo, revision);
	if (dl_text_is_sha(revision))
		return revision;
	dl_fail(scope, DL_USAGE,
		"'%s' is not a full commit hash, and there is no repository here to look it up in",
		dl_text_quote(&scope->arena, revision));
	dl_fail_hint(scope, "give all 40 digits, or run this inside the repository (-C DIR)");
	return NULL;
}

/* ------------------------------------------------------------------ the steps */

/* The provider of that name, a plugin found once; NULL: none. */
static const struct dl_provider *find_provider(struct dl_finder *finder, const char *name)
{
	const struct dl_provider *provider = dl_provider_find(name);
	struct dl_target_plugin *row;

	if (provider || !name)
		return provider;
	for (row = finder->plugins; row; row = row->next)
		if (strcmp(row->provider->name, name) == 0)
			return row->provider;
	provider = dl_plugin_find(finder->scope, name);
	if (provider) {
		row = dl_arena_alloc(&finder->scope->arena, sizeof *row);
		*row = (struct dl_target_plugin){finder->plugins, provider};
		finder->plugins = row;
	}
	return provider;
}

static int fail_unknown(struct dl_finder *finder, const char *name)
{
	struct dl_scope *scope = finder->scope;

	if (scope->error.class != DL_OK) /* a plugin of that name is there, and broken */
		return -1;
	dl_fail(scope, DL_USAGE, "there is no provider '%s'", dl_text_quote(&scope->arena, name));
	return dl_fail_hint(scope, "there are %s; a plugin is a program dl-provider-%s",
			    dl_provider_names(&scope->arena, finder->kind),
			    dl_text_is_name(name) ? name : "NAME");
}

static bool is_known(struct dl_scope *scope, const char *name)
{
	const struct dl_names plugins = dl_plugin_names(scope);
	size_t i;

	for (i = 0; i < plugins.count; i++)
		if (strcmp(plugins.items[i], name) == 0)
			return true;
	return dl_provider_find(name) != NULL;
}

/* Whether all of NAMES, who may be asked later, are there: none of them is run yet. */
static int check_chain(struct dl_finder *finder, const char *names)
{
	const char *end, *name;

	for (; names; names = *end ? end + 1 : NULL) {
		end = strchrnul(names, ',');
		name = dl_arena_copy(&finder->scope->arena, names, (size_t)(end - names));
		if (!is_known(finder->scope, name))
			return fail_unknown(finder, name);
	}
	return 0;
}

/* NAMES, separated by commas: who is asked, and who else when that one is unavailable. */
static int set_provider(struct dl_finder *finder, struct place *place, const char *names, const char *why,
			bool asked)
{
	struct dl_scope *scope = finder->scope;
	const char *end, *name;

	if (names)
		place->seen = names;
	if (!names || place->provider)
		return 0;
	end = strchrnul(names, ',');
	name = dl_arena_copy(&scope->arena, names, (size_t)(end - names));
	place->provider = find_provider(finder, name);
	place->chain = *end ? end + 1 : NULL;
	place->why = why;
	place->asked = asked;
	if ((place->provider ? check_chain(finder, place->chain) : fail_unknown(finder, name)) == 0)
		return 0;
	if (scope->error.class == DL_USAGE && strcmp(why, "-p") != 0)
		scope->error.class = DL_CONFIG;
	return dl_fail_prefix(scope, "%s", why);
}

/* Whether PROVIDER is the first, or any, of NAMES. */
static bool is_among(struct dl_finder *finder, const struct dl_provider *provider, const char *names)
{
	const char *end;

	for (; names && *names; names = *end ? end + 1 : end) {
		end = strchrnul(names, ',');
		if (find_provider(finder, dl_arena_copy(&finder->scope->arena, names,
							(size_t)(end - names))) == provider)
			return true;
	}
	return false;
}

/* The provider whose host HOST is known to be; NULL: nobody says. */
static const struct dl_provider *owner_of(struct dl_finder *finder, const char *host)
{
	const char *name = dl_host_config(finder->scope, repository(finder), host, "provider");
	const struct dl_provider *named = name ? find_provider(finder, name) : NULL;

	return named ? named : dl_host_owner(finder->scope, host);
}

/* The server of PROVIDER's that the page at PATH of HOST is on; HOST where nothing more is known. */
static const char *host_of_page(struct dl_scope *scope, const struct dl_provider *provider, const char *host,
				const char *path)
{
	const char *name = provider->host_of_page ? provider->host_of_page(scope, host, path) : NULL;

	return name ? name : host;
}

/* The provider that the page at PATH of the place's host belongs to, whose server becomes the place's host;
 * NULL: nobody says. */
static const struct dl_provider *owner_of_page(struct dl_finder *finder, struct place *place,
					       const char *path)
{
	const struct dl_provider *owner = place->provider ? place->provider : owner_of(finder, place->host);
	const struct dl_provider *const *row;
	const char *host;

	for (row = dl_provider_table; !owner && *row; row++) {
		host = host_of_page(finder->scope, *row, place->host, path);
		if (strcmp(host, place->host) != 0 && owner_of(finder, host) == *row)
			owner = *row;
	}
	if (owner)
		place->host = host_of_page(finder->scope, owner, place->host, path);
	return owner;
}

static int set_remote(struct dl_finder *finder, struct place *place, const char *url)
{
	struct dl_scope *scope = finder->scope;
	const struct dl_provider *owner;
	struct dl_remote remote;
	const char *project;

	if (dl_remote_parse(scope, url, &remote))
		return -1;
	place->scheme = remote.ssh || strcmp(remote.scheme, "git") == 0 ? "https" : remote.scheme;
	place->host = remote.ssh ? dl_remote_ssh_host(scope, remote.host) : remote.host;
	place->project = remote.path;
	owner = owner_of_page(finder, place, remote.path);
	project = owner && owner->project_of ? owner->project_of(scope, place->host, remote.path) : NULL;
	if (project)
		place->project = project;
	return scope->error.class == DL_OK ? 0 : -1;
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
	place->seen = dl_text_quote(&scope->arena, text);
	head = colon ? dl_arena_copy(&scope->arena, text, strcspn(text, "@:")) : NULL;
	if (colon && strncmp(colon, "://", 3) != 0 && find_provider(finder, head)) {
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
		if (finder->provider)
			place->provider = find_provider(finder,
							dl_arena_copy(&scope->arena, finder->provider,
								      strcspn(finder->provider, ",")));
		if (set_remote(finder, place, text) == 0) {
			place->provider = NULL;
			return 0;
		}
		scope->error.class = DL_USAGE;
		return dl_fail_prefix(scope, "-R");
	}
	place->project = dl_remote_project(&scope->arena, text);
	return 0;
}

static int from_option(struct dl_finder *finder, struct place *place)
{
	if (place->provider && finder->provider && !is_among(finder, place->provider, finder->provider))
		return dl_fail(finder->scope, DL_USAGE, "-p and -R name different providers");
	return set_provider(finder, place, finder->provider, "-p", true);
}

/* Where a committed file may name the provider: for the whole project, or for the agent that watches CI. */
struct level {
	const char *provider, *config, *enabled;
};

enum { LEVELS = 3 };

/* What the three kinds of providers are named by. */
static const struct naming {
	const char *what;
	const char *variable;
	const char *key; /* of git's configuration */
	struct level levels[LEVELS]; /* ends with a NULL provider, if it has fewer */
} namings[] = {
	[DL_PROVIDER_CI] = {"CI system", "DL_CI", "devloop.ci",
			    {{"global.providers.ci.provider", "global.providers.ci.config", NULL},
			     {"global.providers.ci", NULL, NULL},
			     {"agents.ci-monitor.config.ci_provider", "agents.ci-monitor.config.ci_config",
			      "agents.ci-monitor.enabled"}}},
	[DL_PROVIDER_REGISTRY] = {"package registry", "DL_REGISTRY", "devloop.registry",
				  {{"global.providers.registry.provider", "global.providers.registry.config",
				    NULL},
				   {"global.providers.registry", NULL, NULL}}},
	[DL_PROVIDER_FORGE] = {"forge", "DL_FORGE", "devloop.forge",
			       {{"global.providers.forge.provider", "global.providers.forge.config", NULL},
				{"global.providers.forge", NULL, NULL}}},
};

const char *dl_target_what(enum dl_provider_kind kind)
{
	return namings[kind].what;
}

const char *dl_target_key(enum dl_provider_kind kind)
{
	return namings[kind].key;
}

static int from_environment(struct dl_finder *finder, struct place *place)
{
	const char *name = namings[finder->kind].variable;
	const char *const names[] = {name, NULL};

	return set_provider(finder, place, dl_host_env(names).value, name, true);
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
	if (url && dl_remote_parse(&attempt, url, &parsed) == 0)
		host = dl_arena_string(&finder->scope->arena,
				       parsed.ssh ? dl_remote_ssh_host(&attempt, parsed.host) : parsed.host);
	dl_scope_close(&attempt);
	return host;
}

static int from_git_config(struct dl_finder *finder, struct place *place)
{
	const char *name = namings[finder->kind].key, *names, *host;

	if (place->provider && !finder->trailing)
		return 0;
	names = dl_repo_config(finder->scope, repository(finder), name);
	host = names || finder->project ? NULL : remote_host(finder);
	if (host) {
		name = dl_arena_format(&finder->scope->arena, "devloop.host.%s.provider", host);
		names = dl_repo_config(finder->scope, repository(finder), name);
	}
	return set_provider(finder, place, names,
			    dl_arena_format(&finder->scope->arena, "git config %s", name), true);
}

/* `-R URL` has a host that may tell; `-R OWNER/NAME` alone is the way GitHub, the first of the table, is
 * spoken of. */
static int from_project_host(struct dl_finder *finder, struct place *place)
{
	const struct dl_provider *owner;

	if (!finder->project)
		return 0;
	if (!place->host)
		return set_provider(finder, place, dl_provider_table[0]->name, "-R OWNER/NAME", false);
	owner = owner_of(finder, place->host);
	return owner ? set_provider(finder, place, owner->name, "the host in -R", false) : 0;
}

/* A name, or a list of names, which are joined by commas; NULL: NODE is neither. */
static const char *joined(struct dl_scope *scope, const struct dl_json *node)
{
	const struct dl_json *item;
	struct dl_buf names;

	if (!node || node->type != DL_JSON_ARRAY)
		return dl_json_text(node, "");
	dl_buf_init(&names, &scope->arena, DL_CAP_LINE);
	for (item = node->child; item; item = item->next)
		if (dl_json_text(item, ""))
			dl_buf_printf(&names, "%s%s", names.len ? "," : "", dl_json_text(item, ""));
	return names.len ? names.data : NULL;
}

/* The names in ROOT at one of LEVELS, and in *LEVEL where they stood; NULL: it names nobody. */
static const char *committed_names(struct dl_scope *scope, const struct dl_json *root,
				   const struct level *levels, const struct level **level)
{
	const struct dl_json *enabled;
	const char *names = NULL;
	size_t i;

	for (i = 0; i < LEVELS && levels[i].provider && !names; i++) {
		enabled = levels[i].enabled ? dl_json_get(root, levels[i].enabled) : NULL;
		if (enabled && enabled->type == DL_JSON_FALSE)
			continue;
		names = joined(scope, dl_json_get(root, levels[i].provider));
		*level = &levels[i];
	}
	return names;
}

static int from_committed(struct dl_finder *finder, struct place *place)
{
	struct dl_repo *repo = finder->project ? NULL : repository(finder);
	const char *root = repo ? dl_repo_root(repo) : NULL, *why = ".devloop/agents", *names, *url;
	const struct dl_json *node = root ? dl_agents_read(finder->scope, root) : NULL;
	const struct level *level = NULL;

	if (finder->scope->error.class != DL_OK)
		return -1;
	names = node ? committed_names(finder->scope, node, namings[finder->kind].levels, &level) : NULL;
	if (!names || set_provider(finder, place, names, why, false))
		return names ? -1 : 0;
	if (!is_among(finder, place->provider, names))
		return 0;
	place->config = level->config ? dl_json_get(node, level->config) : NULL;
	url = dl_json_text(place->config, "repo_url");
	if (url && !place->project && set_remote(finder, place, url))
		return dl_fail_prefix(finder->scope, "%s: repo_url", why);
	if (!place->project)
		place->project = dl_json_text(place->config, "project|job");
	place->here = true;
	if (!place->host)
		place->base = dl_json_text(place->config, SERVER_KEYS);
	return 0;
}

int dl_target_armed(struct dl_finder *finder, const char *agent)
{
	struct dl_repo *repo = finder->project ? NULL : repository(finder);
	const char *root = repo ? dl_repo_root(repo) : NULL;

	if (finder->scope->error.class != DL_OK)
		return -1;
	return root ? dl_agents_enabled(finder->scope, root, agent) : 1;
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

/* Whether ROW goes before BEST, both of which the tree shows. */
static bool goes_before(const struct dl_provider *row, const struct dl_provider *best,
			const struct dl_provider *hosted)
{
	if (!best || row == hosted)
		return true;
	return best != hosted && !best->serverless && !dl_credential_at_hand(best) &&
	       dl_credential_at_hand(row);
}

/* What in a tree shows that PROVIDER is meant where one of KIND is looked for; NULL: nothing. */
static const char *const *signs_of(const struct dl_provider *provider, enum dl_provider_kind kind)
{
	if (kind == DL_PROVIDER_REGISTRY)
		return provider->registry ? provider->registry->tree : NULL;
	return kind == DL_PROVIDER_CI ? provider->tree : NULL;
}

/* Whether files of the name of the finder's are published at REGISTRY. */
static bool is_for(const struct dl_registry *registry, const char *file)
{
	const char *const *end = registry->files;

	while (end && *end && !dl_text_ends(file, *end))
		end++;
	return end && *end;
}

/* What is to be published shows by its name where. */
static int from_file(struct dl_finder *finder, struct place *place)
{
	const struct dl_provider *const *row = dl_provider_table;

	if (place->provider || !finder->file)
		return 0;
	while (*row && !((*row)->registry && is_for((*row)->registry, finder->file)))
		row++;
	return *row ? set_provider(finder, place, (*row)->name, "the file's name", false) : 0;
}

/* What the tree that we stand in says to the place's registry, where nobody else has named a server. */
static int read_tree_config(struct dl_finder *finder, struct place *place)
{
	const struct dl_registry *registry = place->provider ? place->provider->registry : NULL;
	struct dl_repo *repo = finder->project ? NULL : repository(finder);
	const char *root = repo ? dl_repo_root(repo) : NULL;

	if (finder->kind != DL_PROVIDER_REGISTRY || !registry || !registry->tree_config || !root ||
	    place->host || place->config)
		return 0;
	place->config = registry->tree_config(finder->scope, root);
	place->base = dl_json_text(place->config, SERVER_KEYS);
	return finder->scope->error.class == DL_OK ? 0 : -1;
}

/* What the tree shows. Where it shows several, the remote's host settles it, then a token at hand, then the
 * order of the table. */
static int from_tree(struct dl_finder *finder, struct place *place)
{
	struct dl_repo *repo = finder->project ? NULL : repository(finder);
	const char *root = repo ? dl_repo_root(repo) : NULL, *const *path, *host, *shown = NULL;
	const struct dl_provider *const *row, *best = NULL, *hosted;
	struct dl_buf seen;

	if (from_file(finder, place))
		return -1;
	if ((place->provider && !finder->trailing) || !root)
		return 0;
	host = remote_host(finder);
	hosted = host ? owner_of(finder, host) : NULL;
	dl_buf_init(&seen, &finder->scope->arena, DL_CAP_LINE);
	for (row = dl_provider_table; *row; row++)
		for (path = signs_of(*row, finder->kind); path && *path; path++) {
			if (!tree_shows(finder, root, *path))
				continue;
			dl_buf_printf(&seen, "%s%s", seen.len ? ", " : "", *path);
			if (goes_before(*row, best, hosted)) {
				best = *row;
				shown = *path;
			}
		}
	if (best && set_provider(finder, place, best->name,
				 dl_arena_format(&finder->scope->arena, "%s in the tree", shown), false))
		return -1;
	place->seen = best ? seen.data : NULL;
	return 0;
}

/* A plugin may tell of no host: then any project may be its. */
static bool is_hostless(const struct dl_provider *provider)
{
	return provider && provider->program && !provider->host;
}

/* What PROVIDER, whose server is not the one of the remote FOUND, builds of it. */
static void take_foreign(struct dl_finder *finder, struct place *place, const struct place *found)
{
	const struct dl_provider *provider = place->provider;

	if (!provider->project_of_remote || dl_host_env(provider->project_env).name)
		return;
	place->project = provider->project_of_remote(finder->scope, found->host, found->project);
	place->here = place->project != NULL;
}

/* The remote names host and project, if it can be one of the provider's; and the provider, if nobody did. */
static int from_remote(struct dl_finder *finder, struct place *place)
{
	struct dl_repo *repo = place->project ? NULL : repository(finder);
	const char *remote = repo ? dl_repo_remote(finder->scope, repo) : NULL;
	const char *url = remote ? dl_repo_remote_url(finder->scope, repo, remote) : NULL, *seen;
	const struct dl_provider *owner;
	struct place found = *place;

	if (!url)
		return 0;
	if (set_remote(finder, &found, url)) {
		/* A remote that is a path matters only to who needs a server. */
		if (!place->provider || !place->provider->remote)
			dl_fail_take(finder->scope, &finder->scope->arena);
		return finder->scope->error.class != DL_OK ? -1 : 0;
	}
	place->seen = dl_arena_format(&finder->scope->arena, "%s %s", remote, found.host);
	owner = owner_of(finder, found.host);
	if (finder->kind == DL_PROVIDER_REGISTRY && !place->provider &&
	    !(owner && dl_provider_is(owner, finder->kind)))
		return 0;
	if (is_hostless(place->provider)) {
		place->project = found.project;
		place->here = true;
		return 0;
	}
	if (place->provider && (!place->provider->remote || (owner && owner != place->provider))) {
		take_foreign(finder, place, &found);
		return 0;
	}
	found.here = true;
	found.host = owner && dl_text_same(found.host, owner->ssh_host) ? owner->host : found.host;
	seen = place->seen;
	*place = found;
	if (owner && set_provider(finder, place, owner->name,
				  dl_arena_format(&finder->scope->arena, "the remote's host %s", place->host),
				  false))
		return -1;
	place->seen = seen;
	return 0;
}

/* Nobody knows the host: it is asked what it is, without a credential. */
static int from_probe(struct dl_finder *finder, struct place *place)
{
	const struct dl_provider *owner;

	if (place->provider || !place->host || finder->kind == DL_PROVIDER_REGISTRY)
		return 0;
	owner = dl_probe_host(finder->scope, finder->http, place->scheme, place->host);
	if (owner && finder->project && owner->project_of)
		place->project = owner->project_of(finder->scope, place->host, place->project);
	return owner ? set_provider(finder, place, owner->name,
				    dl_arena_format(&finder->scope->arena, "what %s says of itself",
						    place->host),
				    false)
		     : 0;
}

struct step {
	const char *name; /* NULL: the variable's */
	int (*look)(struct dl_finder *finder, struct place *place);
};

static const struct step steps[] = {
	{"-R", from_project_option},
	{"-p", from_option},
	{NULL, from_environment},
	{"git config", from_git_config},
	{"host in -R", from_project_host},
	{".devloop/agents", from_committed},
	{"tree", from_tree},
	{"remote", from_remote},
	{"probe", from_probe},
};

enum { STEPS = sizeof steps / sizeof *steps };

/* Takes every step; the trail says what they saw. */
static int look_around(struct dl_finder *finder, struct place *place)
{
	struct dl_scope *scope = finder->scope;
	struct dl_target_step *trail = dl_arena_array(&scope->arena, STEPS, sizeof *trail);
	const struct dl_provider *before;
	size_t i;

	finder->trail = trail;
	for (i = 0; i < STEPS; i++) {
		before = place->provider;
		place->seen = NULL;
		if (steps[i].look(finder, place))
			return -1;
		trail[i].name = steps[i].name ? steps[i].name : namings[finder->kind].variable;
		trail[i].seen = place->seen;
		trail[i].decided = !before && place->provider;
		finder->trail_count = i + 1;
	}
	finder->chosen = place->provider ? place->provider->name : NULL;
	return read_tree_config(finder, place);
}

/* ------------------------------------------------------------------ hosts and credentials */

/* The base URL that the user's own files name, looked up once: that may run a program. */
static const char *users_base(struct dl_finder *finder, struct dl_target_known *known)
{
	if (!known->asked && known->provider->user_base)
		known->users = known->provider->user_base(finder->scope);
	known->asked = true;
	return known->users;
}

/* The base URL of the API at the place's host. NULL: failed. */
static const char *find_base(struct dl_finder *finder, const struct place *place,
			     struct dl_target_known *known)
{
	const struct dl_provider *provider = place->provider;
	struct dl_scope *scope = finder->scope;
	const char *base = dl_host_env_base(scope, provider);

	if (scope->error.class != DL_OK)
		return NULL;
	if (base && (!place->host || dl_text_same(place->host, provider->host) ||
		     dl_text_same(place->host, provider->host_of(scope, base))))
		return base;
	base = place->host ? dl_host_config(scope, repository(finder), place->host, "url") : NULL;
	if (base)
		return base;
	if (!place->host && place->base)
		return place->base;
	if (!place->host && provider->project_base)
		base = provider->project_base(scope, finder->dir);
	if (!place->host && !base && scope->error.class == DL_OK)
		base = users_base(finder, known);
	if (base || scope->error.class != DL_OK)
		return base;
	if (place->host || provider->host)
		return provider->base(scope, place->host ? place->host : provider->host);
	dl_fail(scope, DL_CONFIG, "%s: which server?", provider->name);
	dl_fail_hint(scope, "set %s",
		     provider->url_env	  ? provider->url_env[0]
		     : provider->host_env ? provider->host_env[0]
					  : "its URL");
	return NULL;
}

/* Whether the user's own files name the API. */
static bool is_users(struct dl_finder *finder, struct dl_target_known *known)
{
	return dl_text_same(known->base, users_base(finder, known));
}

/* Clear text to another machine only where the user wrote it: a committed file may name a host that the token
 * is for, but not how to speak to it. */
static int check_scheme(struct dl_finder *finder, struct dl_target_known *known)
{
	const char *configured =
		known->named ? dl_host_config(finder->scope, repository(finder), known->named, "url") : NULL;
	struct dl_url url;

	if (dl_url_parse(finder->scope, known->base, &url))
		return -1;
	if (strcmp(url.scheme, "http") != 0 || dl_url_loopback(url.host) ||
	    dl_text_same(known->base, configured) ||
	    dl_text_same(known->base, dl_host_env_base(finder->scope, known->provider)) ||
	    is_users(finder, known))
		return 0;
	return dl_fail(finder->scope, DL_CONFIG, "%s would be asked by http, which anybody can read",
		       dl_text_quote(&finder->scope->arena, known->host));
}

/* The host of KNOWN's API, and the user's credential for it. */
static int learn_host(struct dl_finder *finder, struct dl_target_known *known)
{
	const struct dl_provider *provider = known->provider;
	struct dl_scope *scope = finder->scope;

	known->host = provider->host_of(scope, known->base);
	if (!known->host)
		return -1;
	known->bound =
		dl_host_bound(scope, repository(finder), provider, known->host) ||
		(known->named && dl_host_bound(scope, repository(finder), provider, known->named) &&
		 dl_text_same(known->base, dl_host_config(scope, repository(finder), known->named, "url"))) ||
		is_users(finder, known);
	if (scope->error.class != DL_OK ||
	    dl_credential_find(scope, provider, known->base, known->host, known->bound, finder->dir,
			       &known->credential))
		return -1;
	return check_scheme(finder, known);
}

/* The API and the credential of the place's host, looked up once. ELSEWHERE: the place's base is the API,
 * whatever the user and the environment name. */
static const struct dl_target_known *know_host(struct dl_finder *finder, const struct place *place,
					       bool elsewhere)
{
	struct dl_scope *scope = finder->scope;
	struct dl_target_known *known;

	for (known = finder->known; known; known = known->next)
		if (known->provider == place->provider && dl_text_same(known->named, place->host) &&
		    dl_text_same(known->committed, place->base) && known->elsewhere == elsewhere)
			return known;
	known = dl_arena_alloc(&scope->arena, sizeof *known);
	known->provider = place->provider;
	known->named = dl_arena_string(&scope->arena, place->host);
	known->committed = place->base;
	known->elsewhere = elsewhere;
	if (is_hostless(place->provider) && !place->host) {
		if (dl_credential_env(scope, place->provider, &known->credential))
			return NULL;
	} else {
		known->base = elsewhere ? place->base : find_base(finder, place, known);
		if (!known->base || learn_host(finder, known))
			return NULL;
	}
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
	const char *name = dl_host_env(place->provider->project_env).value;

	if (!place->project && name)
		place->project = dl_remote_project(&scope->arena, name);
	if (place->project && finder->project)
		return check_project(scope, place);
	if (place->project && *place->project)
		return 0;
	if (finder->kind == DL_PROVIDER_REGISTRY && !place->provider->remote) {
		dl_fail(scope, DL_CONFIG, "%s: which repository of the server's?", place->provider->name);
		return dl_fail_hint(scope, "name it: -R REPOSITORY, or set %s",
				    place->provider->project_env[0]);
	}
	if (!repository(finder))
		return fail_no_repo(finder);
	dl_fail(scope, DL_CONFIG, "%s: which project? no remote of this repository says it",
		place->provider->name);
	if (place->provider->project_env)
		return dl_fail_hint(scope, "name it: -R PROJECT, or set %s", place->provider->project_env[0]);
	return dl_fail_hint(scope, "name it: -R PROJECT");
}

/* Whether what PROVIDER has is a project's: many a registry has packages alone. */
static bool has_projects(const struct dl_provider *provider)
{
	return provider->remote || provider->project_env || !provider->registry;
}

/* It is no provider of the kind that is looked for. */
static void fail_other_kind(struct dl_finder *finder, const struct dl_provider *provider)
{
	const struct dl_provider *const *row;
	struct dl_buf names;

	dl_buf_init(&names, &finder->scope->arena, DL_CAP_LINE);
	for (row = dl_provider_table; *row; row++)
		if (dl_provider_is(*row, finder->kind))
			dl_buf_printf(&names, "%s%s", names.len ? ", " : "", (*row)->name);
	dl_fail(finder->scope, DL_UNSUPPORTED, "%s is no %s", provider->name, namings[finder->kind].what);
	dl_fail_hint(finder->scope, "these are: %s", names.len ? names.data : "none");
}

static void set_host(struct dl_target *target, const struct dl_target_known *known)
{
	target->host = known->host;
	target->own_host = dl_text_same(known->host, known->provider->host);
	target->base = known->base;
	target->bound = known->bound;
	target->auth = known->credential.auth;
	target->auth_from = known->credential.from;
}

/* The target at PLACE, in SCOPE; a failure is the finder's. */
static const struct dl_target *build(struct dl_scope *scope, struct dl_finder *finder, struct place *place)
{
	struct dl_target *target = dl_arena_alloc(&scope->arena, sizeof *target);
	const struct dl_target_known *known;

	if (!dl_provider_is(place->provider, finder->kind)) {
		fail_other_kind(finder, place->provider);
		return NULL;
	}
	target->provider = place->provider;
	target->why = place->why;
	target->asked = place->asked;
	target->config = place->config;
	target->http = finder->http;
	target->age = dl_arena_alloc(&scope->arena, sizeof *target->age);
	target->dry_run = finder->dry_run;
	target->project = "";
	if (place->provider->serverless) {
		target->repo = repository(finder);
		target->own_host = true;
		if (!target->repo)
			fail_no_repo(finder);
		return target->repo ? target : NULL;
	}
	if (!place->host && finder->package && place->provider->host_of_package)
		place->host = place->provider->host_of_package(scope, finder->package);
	if (!finder->anywhere && has_projects(place->provider) && need_project(finder, place))
		return NULL;
	known = know_host(finder, place, false);
	if (!known)
		return NULL;
	target->repo = place->here ? finder->repo : NULL;
	if (place->project)
		target->project = place->project;
	set_host(target, known);
	return target;
}

const struct dl_target *dl_target_of_package(struct dl_scope *scope, struct dl_finder *finder,
					     const struct dl_target *target,
					     const struct dl_edition *edition)
{
	const struct dl_registry *registry = target->provider->registry;
	struct place place = {.provider = target->provider};
	const struct dl_target_known *known;
	struct dl_target *there;

	/* Whom -R names it is asked of. */
	if (registry->server && !finder->project)
		place.base = registry->server(finder->scope, target, edition);
	if (!place.base && finder->scope->error.class == DL_OK)
		return target;
	known = place.base ? know_host(finder, &place, true) : NULL;
	if (!known) {
		scope->error = dl_fail_take(finder->scope, &scope->arena);
		return NULL;
	}
	there = dl_arena_alloc(&scope->arena, sizeof *there);
	*there = *target;
	set_host(there, known);
	return there;
}

/* A repository that no server has is its own forge. */
static int from_nowhere(struct dl_finder *finder, struct place *place)
{
	const struct dl_provider *const *row = dl_provider_table;

	if (place->provider || finder->kind != DL_PROVIDER_FORGE || place->host)
		return 0;
	if (finder->anywhere)
		return set_provider(finder, place, (*row)->name, "nothing else", false);
	while (*row && !((*row)->serverless && dl_provider_is(*row, finder->kind)))
		row++;
	return *row && repository(finder)
		       ? set_provider(finder, place, (*row)->name, "no remote is on a server", false)
		       : 0;
}

const struct dl_target *dl_target_here(struct dl_finder *finder)
{
	struct place place = {0};

	finder->nowhere = false;
	finder->chain = NULL;
	if (look_around(finder, &place) || from_nowhere(finder, &place))
		return NULL;
	finder->chain = place.chain;
	finder->chain_why = place.why;
	if (place.provider)
		return build(finder->scope, finder, &place);
	finder->nowhere = true;
	if (!repository(finder)) {
		fail_no_repo(finder);
		return NULL;
	}
	dl_fail(finder->scope, DL_CONFIG,
		"no %s is known here: neither the tree nor the remote shows one", namings[finder->kind].what);
	dl_fail_hint(finder->scope, "name it: -p PROVIDER, or git config %s PROVIDER (%s)",
		     namings[finder->kind].key, dl_provider_names(&finder->scope->arena, finder->kind));
	return NULL;
}

const struct dl_target *dl_target_next(struct dl_finder *finder)
{
	struct place place = {0};

	DL_BUG_IF(!finder->chain);
	if (set_provider(finder, &place, finder->chain, finder->chain_why, true))
		return NULL;
	finder->chain = place.chain;
	return look_around(finder, &place) ? NULL : build(finder->scope, finder, &place);
}

const struct dl_target *dl_target_of(struct dl_scope *scope, struct dl_finder *finder,
				     const struct dl_ref *ref)
{
	struct place place = {.host = ref->host, .project = ref->project, .why = "the ref", .asked = true};
	const struct dl_target *target = NULL;

	place.provider = find_provider(finder, ref->provider);
	if (place.provider)
		target = build(scope, finder, &place);
	else
		fail_unknown(finder, ref->provider);
	if (!target)
		scope->error = dl_fail_take(finder->scope, &scope->arena);
	return target;
}
