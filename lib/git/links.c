#include "lib/git/links.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/url.h"
#include "lib/data/ref.h"
#include "lib/git/git.h"
#include "lib/git/remote.h"

/* ------------------------------------------------------------------ the remote */

/* NAME of "SECTION.NAME.VARIABLE"; NULL: KEY is another. */
static const char *middle(struct dl_scope *scope, const char *key, const char *section, const char *variable)
{
	size_t len = strlen(key), outer = strlen(section) + strlen(variable);

	if (len <= outer || !dl_text_starts(key, section) || !dl_text_ends(key, variable))
		return NULL;
	return dl_arena_copy(&scope->arena, key + strlen(section), len - outer);
}

/* The URL that the remote NAME is fetched from; NULL: it has none. */
static const char *url_of(struct dl_scope *scope, const struct dl_git_config *config, const char *name)
{
	return dl_git_get_first(config, dl_arena_format(&scope->arena, "remote.%s.url", name));
}

/* The name of the only remote; NULL: there is none, or several. */
static const char *only_remote(struct dl_scope *scope, const struct dl_git_config *config)
{
	const char *only = NULL, *name;
	size_t i;

	for (i = 0; i < config->count; i++) {
		name = middle(scope, config->entries[i].key, "remote.", ".url");
		if (name && only && strcmp(name, only) != 0)
			return NULL;
		only = name ? name : only;
	}
	return only;
}

/* URL with the longest url.BASE.insteadOf that it begins with changed to BASE. */
static const char *rewrite(struct dl_scope *scope, const struct dl_git_config *config, const char *url)
{
	const char *best = NULL, *base;
	size_t len = 0, i;

	for (i = 0; i < config->count; i++) {
		const struct dl_git_entry *entry = &config->entries[i];

		base = middle(scope, entry->key, "url.", ".insteadof");
		if (base && strlen(entry->value) > len && dl_text_starts(url, entry->value)) {
			best = base;
			len = strlen(entry->value);
		}
	}
	return best ? dl_arena_format(&scope->arena, "%s%s", best, url + len) : url;
}

static const char *find_url(struct dl_scope *scope, const struct dl_git_config *config, const char *branch)
{
	const char *named = getenv("DL_REMOTE"), *url = NULL, *name = NULL;

	if (named && *named)
		name = named;
	else if (branch)
		name = dl_git_get(config, dl_arena_format(&scope->arena, "branch.%s.remote", branch));
	if (name)
		url = url_of(scope, config, name);
	if (!url && name && strpbrk(name, ":/"))
		url = name;
	if (!url && !(named && *named))
		url = url_of(scope, config, "origin");
	if (!url && !(named && *named) && (name = only_remote(scope, config)))
		url = url_of(scope, config, name);
	return url ? rewrite(scope, config, url) : NULL;
}

/* ------------------------------------------------------------------ whose host it is */

static bool is_listed(const char *const *names, const char *name)
{
	for (; names && *names; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

/* Whether a variable in NAMES names HOST. */
static bool is_in_environment(struct dl_scope *scope, const char *const *names, const char *host)
{
	struct dl_scope attempt;
	struct dl_url url;
	const char *value;
	bool found = false;

	dl_scope_open(&attempt, NULL);
	for (; *names && !found; names++) {
		value = getenv(*names);
		if (!value || !*value)
			continue;
		if (!strstr(value, "://"))
			value = dl_arena_format(&scope->arena, "https://%s", value);
		found = dl_url_parse(&attempt, value, &url) == 0 &&
			strcmp(dl_url_authority(&attempt.arena, &url), host) == 0;
	}
	dl_scope_close(&attempt);
	return found;
}

static const struct dl_links_style *find_style(struct dl_scope *scope, const struct dl_git_config *config,
					       const char *host)
{
	const char *name = dl_git_get(config,
				      dl_arena_format(&scope->arena, "devloop.host.%s.provider", host));
	const struct dl_links_style *style;

	for (style = dl_links_table; style->name; style++)
		if (name ? strcmp(style->name, name) == 0 || is_listed(style->aliases, name)
			 : dl_text_same(style->host, host) || dl_text_same(style->ssh_host, host) ||
				   is_listed(style->hosts, host) ||
				   (style->host_suffix && dl_text_ends(host, style->host_suffix)) ||
				   is_in_environment(scope, style->host_env, host))
			return style;
	return NULL;
}

void dl_links_find(struct dl_scope *scope, const struct dl_git_config *config, const char *branch,
		   struct dl_links *links)
{
	const char *url = find_url(scope, config, branch), *scheme;
	struct dl_remote remote;
	struct dl_scope attempt;
	struct dl_buf base;

	*links = (struct dl_links){.style = NULL};
	dl_scope_open(&attempt, NULL);
	if (url && dl_remote_parse(&attempt, url, &remote) == 0 && *remote.path) {
		if (remote.ssh)
			remote.host = dl_remote_ssh_host(&attempt, remote.host);
		links->style = find_style(scope, config, remote.host);
		if (links->style && dl_text_same(links->style->ssh_host, remote.host))
			remote.host = links->style->host;
		links->host = dl_arena_string(&scope->arena, remote.host);
		links->project = dl_arena_string(&scope->arena, remote.path);
		scheme = strcmp(remote.scheme, "http") == 0 ? "http" : "https";
		dl_buf_init(&base, &scope->arena, DL_CAP_LINE);
		dl_buf_printf(&base, "%s://%s/", scheme, links->host);
		dl_url_encode(&base, links->project, "/");
		links->base = base.data;
	}
	dl_scope_close(&attempt);
}

struct dl_record_head dl_links_head(struct dl_arena *arena, const struct dl_links *links, const char *kind,
				    const char *id)
{
	const struct dl_links_style *style = links->style;
	const struct dl_ref ref = {
		.provider = style ? style->name : "local",
		.host = style && !dl_text_same(links->host, style->host) ? links->host : NULL,
		.project = style ? links->project : "",
		.kind = kind,
		.id = id,
	};

	return (struct dl_record_head){
		.ref = id ? dl_ref_format(arena, &ref) : NULL,
		.provider = style ? style->name : NULL,
		.host = links->host,
		.project = links->project,
	};
}

/* ------------------------------------------------------------------ pages */

/* The base, and PATTERN with each of its `%s` filled in. */
static const char *page(struct dl_arena *arena, const struct dl_links *links, const char *pattern,
			const char *first, const char *second)
{
	const char *mark;
	struct dl_buf url;

	if (!first || !second)
		return NULL;
	dl_buf_init(&url, arena, DL_CAP_LINE);
	dl_buf_puts(&url, links->base);
	for (; (mark = strstr(pattern, "%s")); pattern = mark + strlen("%s")) {
		dl_buf_add(&url, pattern, (size_t)(mark - pattern));
		dl_url_encode(&url, first, "/");
		first = second;
	}
	dl_buf_puts(&url, pattern);
	return url.overflow ? NULL : url.data;
}

const char *dl_links_commit(struct dl_arena *arena, const struct dl_links *links, const char *sha)
{
	return links->style ? page(arena, links, links->style->commit, sha, "") : NULL;
}

const char *dl_links_issue(struct dl_arena *arena, const struct dl_links *links, const char *number)
{
	return links->style ? page(arena, links, links->style->issue, number, "") : NULL;
}

const char *dl_links_pr(struct dl_arena *arena, const struct dl_links *links, const char *number)
{
	return links->style ? page(arena, links, links->style->pr, number, "") : NULL;
}

const char *dl_links_release(struct dl_arena *arena, const struct dl_links *links, const char *tag)
{
	return links->style ? page(arena, links, links->style->release, tag, "") : NULL;
}

const char *dl_links_compare(struct dl_arena *arena, const struct dl_links *links, const char *from,
			     const char *to)
{
	return links->style ? page(arena, links, links->style->compare, from, to) : NULL;
}
