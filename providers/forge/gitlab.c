/* GitLab as a forge.
 *
 * A release is known by its tag, and its assets are links: what a link leads to has neither size nor digest
 * here. There are no drafts and no pre-releases: the version in the tag says whether it is one. When a
 * repository was pushed to is not told; when anything last happened to the project is.
 *
 * https://docs.gitlab.com/api/projects/, https://docs.gitlab.com/api/repositories/,
 * https://docs.gitlab.com/api/releases/ */
#include <string.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "lib/data/semver.h"
#include "lib/data/sink.h"
#include "lib/provider/provider.h"
#include "lib/provider/rest.h"
#include "providers/forge/forge.h"
#include "providers/forge/gitlab_release.h"
#include "providers/providers.h"

/* ------------------------------------------------------------------ maps */

static const struct dl_map repo_map[] = {
	{"id", "id", DL_AS_IS},
	{"name", "path", DL_AS_IS},
	{"owner", "namespace.full_path", DL_AS_IS},
	{"default_branch", "default_branch", DL_AS_IS},
	{"archived", "archived", DL_AS_IS},
	{"description", "description", DL_AS_IS},
	{"size_bytes", "statistics.repository_size", DL_AS_IS},
	{"pushed_at", "last_activity_at", DL_AS_IS},
	{"clone_url", "http_url_to_repo", DL_AS_IS},
	{"ssh_url", "ssh_url_to_repo", DL_AS_IS},
	{"url", "web_url", DL_AS_IS},
	{NULL, NULL, DL_AS_IS},
};

static const struct dl_map release_map[] = {
	{"id", "tag_name", DL_AS_IS},
	{"tag", "tag_name", DL_AS_IS},
	{"name", "name", DL_AS_IS},
	{"sha", "commit.id", DL_AS_IS},
	{"created_at", "created_at", DL_AS_IS},
	{"published_at", "released_at", DL_AS_IS},
	{"url", "_links.self", DL_AS_IS},
	{"body", "description", DL_AS_IS},
	{NULL, NULL, DL_AS_IS},
};

static const struct dl_map link_map[] = {
	{"id", "id", DL_AS_IS},
	{"name", "name", DL_AS_IS},
	{"url", "direct_asset_url|url", DL_AS_IS},
	{NULL, NULL, DL_AS_IS},
};

static const struct dl_map entry_map[] = {
	{"path", "path", DL_AS_IS},
	{"mode", "mode", DL_AS_IS},
	{"sha", "id", DL_AS_IS},
	{NULL, NULL, DL_AS_IS},
};

static int finish_repo(struct dl_scope *scope, const struct dl_target *target, const struct dl_json *node,
		       void *record)
{
	const struct dl_json *forked = dl_json_get(node, "forked_from_project");
	const char *visibility = dl_json_text(node, "visibility");
	struct dl_target named = *target;
	struct dl_repo_line *repo = record;

	named.project = dl_json_text(node, "path_with_namespace");
	if (!repo->id || !named.project)
		return dl_fail(scope, DL_DATA, "%s: a project without an id or a path", target->host);
	repo->head = dl_provider_head(&scope->arena, &named, "repo", NULL);
	if (visibility)
		repo->private = strcmp(visibility, "public") != 0;
	repo->fork = forked && forked->type == DL_JSON_OBJECT;
	repo->topics = dl_forge_words(&scope->arena, dl_json_get(node, "topics|tag_list"));
	return 0;
}

static int finish_link(struct dl_scope *scope, const struct dl_target *target, const struct dl_json *node,
		       void *record)
{
	struct dl_asset *asset = record;

	(void)node;
	if (!asset->id || !asset->name)
		return dl_fail(scope, DL_DATA, "%s: a link without an id or a name", target->host);
	asset->state = "uploaded";
	return 0;
}

static const struct dl_route links = {
	.schema = &dl_record_asset, .map = link_map, .finish = finish_link,
};

static int finish_release(struct dl_scope *scope, const struct dl_target *target, const struct dl_json *node,
			  void *record)
{
	struct dl_release *release = record;
	struct dl_asset *list;
	size_t i;

	if (!release->tag)
		return dl_fail(scope, DL_DATA, "%s: a release without a tag", target->host);
	release->head = dl_provider_head(&scope->arena, target, "release", release->tag);
	release->draft = 0;
	release->prerelease = dl_semver_tag_is_pre(release->tag);
	list = dl_rest_records(scope, target, &links, dl_json_get(node, "assets.links"),
			       &release->assets.count);
	for (i = 0; list && i < release->assets.count; i++)
		dl_forge_asset(&scope->arena, target, release->tag, &list[i]);
	release->assets.items = list;
	return list ? 0 : -1;
}

/* ------------------------------------------------------------------ routes */

#define PROJECT "/projects/{project}"
#define REPO .schema = &dl_record_repo, .map = repo_map, .finish = finish_repo
#define RELEASE .schema = &dl_record_release, .map = release_map, .finish = finish_release

static const struct dl_route get_repo = {.path = PROJECT "{?statistics}", REPO};
static const struct dl_route list_of_group = {
	.path = "/groups/{owner}/projects{?include_subgroups,with_shared,order_by,sort,per_page}",
	.items = "", REPO,
};
static const struct dl_route list_of_user = {
	.path = "/users/{owner}/projects{?order_by,sort,per_page}", .items = "", REPO,
};
static const struct dl_route get_file = {
	.path = PROJECT "/repository/files/{path}/raw{?ref}", .page = true,
};
static const struct dl_route list_tree = {
	.path = PROJECT "/repository/tree{?path,ref,recursive,pagination,per_page}", .items = "",
	.schema = &dl_record_entry, .map = entry_map,
};
static const struct dl_route get_commit = {.path = PROJECT "/repository/commits/{revision}"};
static const struct dl_route list_releases = {.path = PROJECT "/releases{?per_page}", .items = "", RELEASE};
static const struct dl_route get_release = {.path = PROJECT "/releases/{tag}", RELEASE};
static const struct dl_route get_latest = {.path = PROJECT "/releases/permalink/latest", RELEASE};

/* ------------------------------------------------------------------ operations */

/* The size is told to members alone, who are asked for with a credential. */
static int gitlab_repo(struct dl_scope *scope, const struct dl_target *target, struct dl_sink *sink)
{
	const struct dl_var vars[] = {{"project", target->project},
				      {"statistics", target->auth.header ? "true" : NULL},
				      {NULL, NULL}};

	return dl_rest_one(scope, target, &get_repo, vars, sink);
}

/* Those of a group are those of its subgroups, too. */
static int gitlab_repos(struct dl_scope *scope, const struct dl_target *target, const char *owner,
			struct dl_sink *sink)
{
	const struct dl_var vars[] = {
		{"owner", owner},
		{"include_subgroups", "true"},
		{"with_shared", "false"},
		{"order_by", "path"},
		{"sort", "asc"},
		{"per_page", "100"},
		{NULL, NULL},
	};
	int result = dl_rest_list(scope, target, &list_of_group, vars, sink);

	if (result >= 0 || scope->error.status != 404)
		return result;
	dl_fail_take(scope, &scope->arena);
	result = dl_rest_list(scope, target, &list_of_user, vars, sink);
	if (result < 0 && scope->error.status == 404) {
		dl_fail_take(scope, &scope->arena);
		return dl_fail(scope, DL_MISSING, "%s knows no user or group '%s'", target->host,
			       dl_text_quote(&scope->arena, owner));
	}
	return result;
}

static int gitlab_file(struct dl_scope *scope, const struct dl_target *target, const char *revision,
		       const char *path, struct dl_writer *writer)
{
	const struct dl_var vars[] = {{"project", target->project},
				      {"path", path},
				      {"ref", revision ? revision : "HEAD"},
				      {NULL, NULL}};
	struct dl_res res;

	return dl_rest_stream(scope, target, &get_file, vars, writer, &res);
}

/* What stands at PATH as an entry of the folder that it is in; for a path that is no folder. */
struct search {
	struct dl_sink sink;
	const char *path;
	struct dl_sink_list *list;
};

static int match_entry(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
		       const void *record)
{
	struct search *search = (struct search *)sink;

	if (!dl_text_same(((const struct dl_entry *)record)->path, search->path))
		return DL_MORE;
	if (dl_sink_put(&search->list->sink, scope, schema, record) < 0)
		return -1;
	return DL_ENOUGH;
}

static int read_folder(struct dl_scope *scope, const struct dl_target *target, const char *revision,
		       const char *path, bool deep, struct dl_sink *sink)
{
	const struct dl_var vars[] = {
		{"project", target->project},
		{"path", *path ? path : NULL},
		{"ref", revision ? revision : "HEAD"},
		{"recursive", deep ? "true" : NULL},
		{"pagination", "keyset"},
		{"per_page", "100"},
		{NULL, NULL},
	};

	return dl_rest_list(scope, target, &list_tree, vars, sink);
}

/* A path that is no folder is answered with an empty list, or with 404 by later versions. */
static int gitlab_tree(struct dl_scope *scope, const struct dl_target *target, const char *revision,
		       const char *path, bool deep, struct dl_sink *sink)
{
	const char *slash = strrchr(path, '/');
	struct dl_sink_list list;
	struct search search = {.sink.put = match_entry, .path = path, .list = &list};

	dl_sink_list(&list, scope, 0);
	if (read_folder(scope, target, revision, path, deep, &list.sink) < 0 &&
	    (!*path || scope->error.status != 404))
		return -1;
	if (*path && !list.count) {
		dl_fail_take(scope, &scope->arena);
		if (read_folder(scope, target, revision,
				slash ? dl_arena_copy(&scope->arena, path, (size_t)(slash - path)) : "",
				false, &search.sink) < 0)
			return -1;
	}
	if (*path && !list.count)
		return dl_fail(scope, DL_MISSING, "there is no '%s' at %s",
			       dl_text_quote(&scope->arena, path),
			       dl_text_quote(&scope->arena, revision ? revision : "HEAD"));
	return dl_forge_entries(scope, target, revision, &list, sink);
}

/* ------------------------------------------------------------------ releases */

/* The tag of the latest release. NULL: failed, or, without a failure, there is none. */
static const char *latest_tag(struct dl_scope *scope, const struct dl_target *target)
{
	const struct dl_var vars[] = {{"project", target->project}, {NULL, NULL}};
	const struct dl_json *latest = dl_rest_get(scope, target, &get_latest, vars);

	if (!latest && scope->error.status == 404)
		dl_fail_take(scope, &scope->arena);
	return dl_json_text(latest, "tag_name");
}

static int gitlab_releases(struct dl_scope *scope, const struct dl_target *target, struct dl_sink *sink)
{
	const struct dl_var vars[] = {{"project", target->project}, {"per_page", "100"}, {NULL, NULL}};
	struct dl_forge_marker marker;

	dl_forge_marker(&marker, latest_tag(scope, target), sink);
	return scope->error.class == DL_OK ? dl_rest_list(scope, target, &list_releases, vars, &marker.sink)
					   : -1;
}

static int gitlab_release(struct dl_scope *scope, const struct dl_target *target, const char *tag,
			  struct dl_sink *sink)
{
	const char *latest = latest_tag(scope, target);
	const struct dl_var vars[] = {
		{"project", target->project}, {"tag", tag ? tag : latest}, {NULL, NULL}};
	struct dl_forge_marker marker;
	int result;

	dl_forge_marker(&marker, latest, sink);
	if (scope->error.class != DL_OK)
		return -1;
	if (!vars[1].value)
		return dl_fail(scope, DL_MISSING, "%s has no release", dl_text_quote(&scope->arena,
										     target->project));
	result = dl_rest_one(scope, target, &get_release, vars, &marker.sink);
	if (result < 0 && scope->error.status == 404) {
		dl_fail_take(scope, &scope->arena);
		return dl_fail(scope, DL_MISSING, "%s has no release '%s'",
			       dl_text_quote(&scope->arena, target->project),
			       dl_text_quote(&scope->arena, tag));
	}
	return result;
}

static const char *gitlab_commit(struct dl_scope *scope, const struct dl_target *target, const char *revision)
{
	const struct dl_var vars[] = {{"project", target->project}, {"revision", revision}, {NULL, NULL}};
	const struct dl_json *answer = dl_rest_get(scope, target, &get_commit, vars);
	const char *sha = dl_json_text(answer, "id");

	if (answer && !(sha && dl_text_is_sha(sha)))
		dl_fail(scope, DL_DATA, "%s answered with something else than a commit", target->host);
	return scope->error.class == DL_OK ? sha : NULL;
}

const struct dl_forge dl_gitlab_forge = {
	.repo = gitlab_repo,
	.repos = gitlab_repos,
	.file = gitlab_file,
	.tree = gitlab_tree,
	.releases = gitlab_releases,
	.release = gitlab_release,
	.download = dl_forge_fetch,
	.commit = gitlab_commit,
	.width = 4,
	.begin = dl_gitlab_release_begin,
	.stat = dl_gitlab_release_stat,
	.put = dl_gitlab_release_put,
	.remove = dl_gitlab_release_remove,
	.finish = dl_gitlab_release_finish,
};
