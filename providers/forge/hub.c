#include "providers/forge/hub.h"

#include <semaphore.h>
#include <string.h>

#include "lib/base/pool.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/url.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/provider/provider.h"
#include "providers/forge/forge.h"

/* ------------------------------------------------------------------ maps */

const struct dl_map dl_hub_repo_map[] = {
	{"id", "id", DL_AS_IS},
	{"name", "name", DL_AS_IS},
	{"owner", "owner.login", DL_AS_IS},
	{"default_branch", "default_branch", DL_AS_IS},
	{"private", "private", DL_AS_IS},
	{"archived", "archived", DL_AS_IS},
	{"fork", "fork", DL_AS_IS},
	{"description", "description", DL_AS_IS},
	{"pushed_at", "pushed_at|updated_at", DL_AS_IS},
	{"clone_url", "clone_url", DL_AS_IS},
	{"ssh_url", "ssh_url", DL_AS_IS},
	{"url", "html_url", DL_AS_IS},
	{NULL, NULL, DL_AS_IS},
};

static const struct dl_map release_map[] = {
	{"id", "id", DL_AS_IS},
	{"tag", "tag_name", DL_AS_IS},
	{"name", "name", DL_AS_IS},
	{"draft", "draft", DL_AS_IS},
	{"prerelease", "prerelease", DL_AS_IS},
	{"created_at", "created_at", DL_AS_IS},
	{"published_at", "published_at", DL_AS_IS},
	{"url", "html_url", DL_AS_IS},
	{"body", "body", DL_AS_IS},
	{NULL, NULL, DL_AS_IS},
};

static const struct dl_map asset_map[] = {
	{"id", "id", DL_AS_IS},
	{"name", "name", DL_AS_IS},
	{"label", "label", DL_AS_IS},
	{"size_bytes", "size", DL_AS_IS},
	{"content_type", "content_type", DL_AS_IS},
	{"digest", "digest", DL_AS_IS},
	{"state", "state", DL_AS_IS},
	{"url", "browser_download_url", DL_AS_IS},
	{NULL, NULL, DL_AS_IS},
};

static const struct dl_map entry_map[] = {
	{"path", "path", DL_AS_IS},
	{"mode", "mode", DL_AS_IS},
	{"size_bytes", "size", DL_AS_IS},
	{"sha", "sha", DL_AS_IS},
	{NULL, NULL, DL_AS_IS},
};

/* A repository that was renamed answers under its new name. */
int dl_hub_finish_repo(struct dl_scope *scope, const struct dl_target *target, const struct dl_json *node,
		       void *record)
{
	struct dl_target named = *target;
	struct dl_repo_line *repo = record;
	int64_t kib = dl_json_int(dl_json_get(node, "size"));

	named.project = dl_json_text(node, "full_name");
	if (!repo->id || !named.project)
		return dl_fail(scope, DL_DATA, "%s: a repository without an id or a name", target->host);
	repo->head = dl_provider_head(&scope->arena, &named, "repo", NULL);
	repo->topics = dl_forge_words(&scope->arena, dl_json_get(node, "topics"));
	if (kib >= 0 && kib <= INT64_MAX / 1024)
		repo->size_bytes = kib * 1024;
	return 0;
}

/* Its head is that of the release. */
static int finish_asset(struct dl_scope *scope, const struct dl_target *target, const struct dl_json *node,
			void *record)
{
	struct dl_asset *asset = record;

	(void)node;
	if (!asset->id || !asset->name)
		return dl_fail(scope, DL_DATA, "%s: an asset without an id or a name", target->host);
	if (!asset->state)
		asset->state = "uploaded";
	return 0;
}

static const struct dl_route list_assets = {
	.path = "/repos/{+project}/releases/{id}/assets{?per_page,limit}", .items = "",
	.schema = &dl_record_asset, .map = asset_map, .finish = finish_asset,
};

static int finish_release(struct dl_scope *scope, const struct dl_target *target, const struct dl_json *node,
			  void *record)
{
	struct dl_release *release = record;
	struct dl_asset *list;
	size_t i;

	if (!release->id || !release->tag)
		return dl_fail(scope, DL_DATA, "%s: a release without an id or a tag", target->host);
	release->head = dl_provider_head(&scope->arena, target, "release", release->tag);
	list = dl_rest_records(scope, target, &list_assets, dl_json_get(node, "assets"),
			       &release->assets.count);
	for (i = 0; list && i < release->assets.count; i++)
		dl_forge_asset(&scope->arena, target, release->tag, &list[i]);
	release->assets.items = list;
	return list ? 0 : -1;
}

/* ------------------------------------------------------------------ routes */

#define PROJECT "/repos/{+project}"

static const struct dl_route get_repo = {
	.path = PROJECT, .schema = &dl_record_repo, .map = dl_hub_repo_map, .finish = dl_hub_finish_repo,
};
static const struct dl_route list_releases = {
	.path = PROJECT "/releases{?per_page,limit}", .items = "",
	.schema = &dl_record_release, .map = release_map, .finish = finish_release,
};
static const struct dl_route get_latest = {
	.path = PROJECT "/releases/latest",
	.schema = &dl_record_release, .map = release_map, .finish = finish_release,
};
static const struct dl_route get_tagged = {
	.path = PROJECT "/releases/tags/{tag}",
	.schema = &dl_record_release, .map = release_map, .finish = finish_release,
};
static const struct dl_route get_tree = {.path = PROJECT "/git/trees/{sha}{?recursive}"};
static const struct dl_route list_tree = {
	.path = PROJECT "/git/trees/{sha}{?recursive,page}", .items = "tree", .next_var = "page",
	.total = "total_count", .schema = &dl_record_entry, .map = entry_map,
};

/* ------------------------------------------------------------------ repositories and releases */

int dl_hub_repo(struct dl_scope *scope, const struct dl_target *target, struct dl_sink *sink)
{
	const struct dl_var vars[] = {{"project", target->project}, {NULL, NULL}};

	return dl_rest_one(scope, target, &get_repo, vars, sink);
}

/* The latest release, finished, in SCOPE. NULL: failed, or, without a failure, there is none. */
static struct dl_release *find_latest(struct dl_scope *scope, const struct dl_target *target)
{
	const struct dl_var vars[] = {{"project", target->project}, {NULL, NULL}};
	const struct dl_json *node = dl_rest_get(scope, target, &get_latest, vars);

	if (!node && scope->error.status == 404)
		dl_fail_take(scope, &scope->arena);
	return node ? dl_rest_record(scope, target, &get_latest, node) : NULL;
}

/* One of the lists of the project, all pages of it; of release ID, if that is not NULL. */
static int list_pages(struct dl_scope *scope, const struct dl_target *target, const struct dl_hub *hub,
		      const struct dl_route *route, const char *id, struct dl_sink *sink)
{
	bool is_limit = strcmp(hub->page_var, "limit") == 0;
	const struct dl_var vars[] = {
		{"project", target->project},
		{"id", id},
		{"per_page", is_limit ? NULL : hub->page_size},
		{"limit", is_limit ? hub->page_size : NULL},
		{NULL, NULL},
	};

	return dl_rest_list(scope, target, route, vars, sink);
}

int dl_hub_assets(struct dl_scope *scope, const struct dl_target *target, const struct dl_hub *hub,
		  const char *id, struct dl_sink *sink)
{
	return list_pages(scope, target, hub, &list_assets, id, sink);
}

/* A list of releases, whose first page is asked for at the same time as the latest one. */
struct listing {
	struct dl_sink sink;
	struct dl_forge_marker marker;
	struct dl_scope *scope, aside; /* of the list, and of the other question */
	const struct dl_target *target;
	const struct dl_hub *hub;
	sem_t told; /* which one is the latest */
	bool marked;
	int result;
};

/* The first one has to wait for the mark. */
static int put_listed(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
		      const void *record)
{
	struct listing *listing = (struct listing *)sink;

	while (!listing->marked)
		listing->marked = sem_wait(&listing->told) == 0;
	return listing->aside.error.class == DL_OK ? dl_sink_put(&listing->marker.sink, scope, schema, record)
						    : DL_ENOUGH;
}

static void ask_part(void *arg, size_t index)
{
	struct listing *listing = arg;
	const struct dl_release *latest;

	if (index == 0) {
		latest = find_latest(&listing->aside, listing->target);
		listing->marker.latest = latest ? latest->tag : NULL;
		sem_post(&listing->told);
	} else {
		listing->result = list_pages(listing->scope, listing->target, listing->hub, &list_releases,
					     NULL, &listing->sink);
	}
}

int dl_hub_releases(struct dl_scope *scope, const struct dl_target *target, const struct dl_hub *hub,
		    struct dl_sink *sink)
{
	struct listing listing = {
		.sink.put = put_listed, .scope = scope, .target = target, .hub = hub,
	};

	dl_forge_marker(&listing.marker, NULL, sink);
	dl_scope_open(&listing.aside, scope);
	sem_init(&listing.told, 0, 0);
	dl_pool_map(2, 2, ask_part, &listing);
	sem_destroy(&listing.told);
	return dl_scope_close(&listing.aside) ? -1 : listing.result;
}

/* Looks for the release of a tag among all: a published one before a draft, of several drafts the oldest. */
struct search {
	struct dl_sink sink;
	struct dl_scope *keep;
	const char *tag;
	struct dl_release *found; /* NULL: none so far */
};

static int match_release(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
			 const void *record)
{
	struct search *search = (struct search *)sink;
	const struct dl_release *release = record;

	(void)scope;
	if (dl_text_same(release->tag, search->tag))
		search->found = dl_schema_copy(search->keep, schema, record);
	return search->found && search->found->draft != 1 ? DL_ENOUGH : DL_MORE;
}

const char *dl_hub_commit(struct dl_scope *scope, const struct dl_target *target, const struct dl_hub *hub,
			  const char *revision)
{
	const struct dl_var vars[] = {{"project", target->project}, {"revision", revision}, {NULL, NULL}};
	const struct dl_json *answer = dl_rest_get(scope, target, &hub->commit, vars);
	const char *sha = dl_json_text(answer, "sha");

	if (answer && !(sha && dl_text_is_sha(sha)))
		dl_fail(scope, DL_DATA, "%s answered with something else than a commit", target->host);
	/* GitHub refuses a name that is none as it does a question that makes no sense. */
	if (!answer && scope->error.status == 422)
		scope->error.class = DL_MISSING;
	return scope->error.class == DL_OK ? sha : NULL;
}

/* Sets the commit of the tag, which may be gone. */
static int set_commit(struct dl_scope *scope, const struct dl_target *target, const struct dl_hub *hub,
		      struct dl_release *release)
{
	release->sha = dl_hub_commit(scope, target, hub, release->tag);
	if (!release->sha && scope->error.class == DL_MISSING)
		dl_fail_take(scope, &scope->arena);
	return scope->error.class == DL_OK ? 0 : -1;
}

struct dl_release *dl_hub_read_release(struct dl_scope *scope, const struct dl_target *target,
				       const struct dl_json *node)
{
	return dl_rest_record(scope, target, &get_tagged, node);
}

struct dl_asset *dl_hub_read_asset(struct dl_scope *scope, const struct dl_target *target, const char *tag,
				   const struct dl_json *node)
{
	struct dl_asset *asset = dl_rest_record(scope, target, &list_assets, node);

	if (asset)
		dl_forge_asset(&scope->arena, target, tag, asset);
	return asset;
}

static int no_release(struct dl_scope *scope, const struct dl_target *target, const char *tag)
{
	if (!tag)
		return dl_fail(scope, DL_MISSING, "%s has no release that is published",
			       dl_text_quote(&scope->arena, target->project));
	dl_fail(scope, DL_MISSING, "%s has no release '%s'", dl_text_quote(&scope->arena, target->project),
		dl_text_quote(&scope->arena, tag));
	return target->auth.header ? -1
				   : dl_fail_hint(scope, "a draft is only shown to whom may change it: that "
							 "needs a token");
}

struct dl_release *dl_hub_find(struct dl_scope *scope, const struct dl_target *target,
			       const struct dl_hub *hub, const char *tag)
{
	const struct dl_var vars[] = {{"project", target->project}, {"tag", tag}, {NULL, NULL}};
	const struct dl_json *node = dl_rest_get(scope, target, &get_tagged, vars);
	struct search search = {.sink.put = match_release, .keep = scope, .tag = tag};

	if (node || scope->error.status != 404)
		return node ? dl_rest_record(scope, target, &get_tagged, node) : NULL;
	dl_fail_take(scope, &scope->arena);
	if (target->auth.header &&
	    list_pages(scope, target, hub, &list_releases, NULL, &search.sink) < 0)
		return NULL;
	return search.found;
}

int dl_hub_release(struct dl_scope *scope, const struct dl_target *target, const struct dl_hub *hub,
		   const char *tag, struct dl_sink *sink)
{
	struct dl_release *latest = find_latest(scope, target), *release = latest;
	struct dl_forge_marker marker;

	if (scope->error.class == DL_OK && tag && !(latest && dl_text_same(latest->tag, tag)))
		release = dl_hub_find(scope, target, hub, tag);
	if (!release)
		return scope->error.class == DL_OK ? no_release(scope, target, tag) : -1;
	if (release->draft != 1 && set_commit(scope, target, hub, release))
		return -1;
	dl_forge_marker(&marker, latest ? latest->tag : NULL, sink);
	return dl_sink_put(&marker.sink, scope, &dl_record_release, release);
}

/* ------------------------------------------------------------------ trees */

enum { CUT = 2, DEEPEST = 256 };

/* A walk through trees. What it finds is kept until all of it is there. */
struct walk {
	struct dl_sink sink;
	const struct dl_target *target;
	const char *prefix; /* of the tree at work: "" or "a/b/" */
	const char *name;   /* of the only entry that is wanted; NULL: all are */
	struct dl_sink_list list;
};

static int put_entry(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
		     const void *record)
{
	struct walk *walk = (struct walk *)sink;
	struct dl_entry entry = *(const struct dl_entry *)record;

	if (!entry.path || !entry.mode || !entry.sha)
		return dl_fail(scope, DL_DATA, "%s: an entry without a path, mode or hash",
			       walk->target->host);
	if (walk->name && strcmp(entry.path, walk->name) != 0)
		return DL_MORE;
	entry.path = dl_arena_format(&scope->arena, "%s%s", walk->prefix, entry.path);
	return dl_sink_put(&walk->list.sink, scope, schema, &entry);
}

/* Takes in the tree SHA. CUT: the server gives no more than a part of it, and does not count pages, either;
 * nothing was taken in. */
static int read_tree(struct dl_scope *scope, struct walk *walk, const char *sha, bool deep)
{
	const struct dl_var vars[] = {{"project", walk->target->project},
				      {"sha", sha},
				      {"recursive", deep ? "1" : NULL},
				      {NULL, NULL}};
	const struct dl_json *node = dl_rest_get(scope, walk->target, &get_tree, vars);
	const struct dl_entry *entries;
	size_t count, i;
	int result = 0;

	if (!node)
		return -1;
	if (dl_json_bool(dl_json_get(node, "truncated")) == 1)
		return dl_json_get(node, "total_count")
			       ? dl_rest_list(scope, walk->target, &list_tree, vars, &walk->sink)
			       : CUT;
	entries = dl_rest_records(scope, walk->target, &list_tree, dl_json_get(node, "tree"), &count);
	for (i = 0; entries && i < count && result == 0; i++)
		result = put_entry(&walk->sink, scope, &dl_record_entry, &entries[i]);
	return entries ? result : -1;
}

/* Takes in the tree SHA and, with DEEP, those below it; folder by folder where they do not come at once. */
static int read_trees(struct dl_scope *scope, struct walk *walk, const char *sha, bool deep, int depth)
{
	size_t begin = walk->list.count, end, i;
	int result = read_tree(scope, walk, sha, deep);

	if (result != CUT)
		return result;
	if (!deep || depth == DEEPEST)
		return dl_fail(scope, DL_DATA, "%s does not list all of the folder '%s'", walk->target->host,
			       dl_text_quote(&scope->arena, walk->prefix));
	result = read_trees(scope, walk, sha, false, depth);
	end = walk->list.count;
	for (i = begin; i < end && result == 0; i++) {
		const struct dl_entry entry = *(const struct dl_entry *)dl_sink_item(&walk->list, i);

		walk->prefix = dl_arena_format(&scope->arena, "%s/", entry.path);
		if (strcmp(entry.mode, "040000") == 0)
			result = read_trees(scope, walk, entry.sha, true, depth + 1);
	}
	return result;
}

/* Goes down to PATH, which is not "": the entry that stands there becomes the only one of the walk. NULL:
 * failed. */
static const struct dl_entry *descend(struct dl_scope *scope, struct walk *walk, const char *revision,
				      const char *path)
{
	const char *end, *at = path, *sha = revision;
	const struct dl_entry *entry = NULL;

	for (;; at = end + 1) {
		end = strchrnul(at, '/');
		walk->prefix = dl_arena_copy(&scope->arena, path, (size_t)(at - path));
		walk->name = dl_arena_copy(&scope->arena, at, (size_t)(end - at));
		dl_sink_list(&walk->list, scope, 0);
		if (read_trees(scope, walk, sha, false, 0))
			return NULL;
		entry = walk->list.count ? dl_sink_item(&walk->list, 0) : NULL;
		if (!entry || (*end && strcmp(entry->mode, "040000") != 0)) {
			dl_fail(scope, DL_MISSING, "there is no '%s' at %s",
				dl_text_quote(&scope->arena, path), dl_text_quote(&scope->arena, revision));
			return NULL;
		}
		if (!*end)
			return entry;
		sha = entry->sha;
	}
}

int dl_hub_tree(struct dl_scope *scope, const struct dl_target *target, const char *revision,
		const char *path, bool deep, struct dl_sink *sink)
{
	struct walk walk = {.sink.put = put_entry, .target = target, .prefix = ""};
	const struct dl_entry *entry;
	const char *sha = revision;

	dl_sink_list(&walk.list, scope, 0);
	if (*path) {
		entry = descend(scope, &walk, revision, path);
		if (!entry)
			return -1;
		sha = strcmp(entry->mode, "040000") == 0 ? entry->sha : NULL;
		walk.prefix = dl_arena_format(&scope->arena, "%s/", path);
		walk.name = NULL;
	}
	if (sha && *path)
		dl_sink_list(&walk.list, scope, 0);
	if (sha && read_trees(scope, &walk, sha, deep, 0))
		return -1;
	return dl_forge_entries(scope, target, revision, &walk.list, sink);
}
