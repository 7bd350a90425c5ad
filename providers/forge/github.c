/* GitHub as a forge. What it shares with Gitea is in hub.c.
 *
 * A file is read as raw bytes, which the API sends up to 100 MB; a larger one, as a server of one's own may
 * allow, is where the list of its folder says. Whose repositories are wanted decides which list has the
 * private ones, too: an organisation's, one's own, or those that a user shows to all.
 *
 * https://docs.github.com/en/rest/repos, https://docs.github.com/en/rest/releases */
#include <string.h>
#include <strings.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/url.h"
#include "lib/base/writer.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "lib/net/body.h"
#include "lib/provider/provider.h"
#include "lib/provider/range.h"
#include "lib/provider/rest.h"
#include "providers/forge/forge.h"
#include "providers/forge/hub.h"
#include "providers/forge/hub_release.h"
#include "providers/providers.h"

static const struct dl_hub hub = {
	.page_size = "100",
	.page_var = "per_page",
	.commit = {.path = "/repos/{+project}/commits/{revision}"},
};

#define LIST .items = "", .schema = &dl_record_repo, .map = dl_hub_repo_map, .finish = dl_hub_finish_repo

static const struct dl_route list_of_organisation = {
	.path = "/orgs/{owner}/repos{?sort,per_page}", LIST,
};
static const struct dl_route list_of_user = {
	.path = "/users/{owner}/repos{?type,sort,per_page}", LIST,
};
static const struct dl_route list_of_mine = {
	.path = "/user/repos{?affiliation,sort,per_page}", LIST,
};
static const struct dl_route get_me = {.path = "/user"};
static const struct dl_route get_file = {
	.path = "/repos/{+project}/contents/{+path}{?ref}",
	.accept = "application/vnd.github.raw+json",
};
static const struct dl_route list_folder = {.path = "/repos/{+project}/contents/{+path}{?ref}"};
static const struct dl_route list_top = {.path = "/repos/{+project}/contents{?ref}"};
static const struct dl_route get_asset = {
	.path = "/repos/{+project}/releases/assets/{id}",
	.accept = "application/octet-stream",
	.headers = dl_range_headers,
	.page = true,
};

static const struct dl_route put_asset = {
	.method = "POST",
	.path = "/repos/{+project}/releases/{id}/assets{?name,label}",
	.content = "{type}",
};

/* ------------------------------------------------------------------ repositories */

/* Whether the credential is OWNER's. One that may not tell whose it is, like that of a workflow, is not. */
static int is_me(struct dl_scope *scope, const struct dl_target *target, const char *owner)
{
	static const struct dl_var none[] = {{NULL, NULL}};
	const struct dl_json *me;
	struct dl_scope attempt;
	const char *login;
	int mine;

	if (!target->auth.header)
		return 0;
	dl_scope_open(&attempt, scope);
	me = dl_rest_get(&attempt, target, &get_me, none);
	login = dl_json_text(me, "login");
	mine = login && strcasecmp(login, owner) == 0;
	if (attempt.error.status == 403)
		dl_fail_take(&attempt, &attempt.arena);
	return dl_scope_close(&attempt) ? -1 : mine;
}

static int github_repos(struct dl_scope *scope, const struct dl_target *target, const char *owner,
			struct dl_sink *sink)
{
	const struct dl_var vars[] = {
		{"owner", owner},
		{"type", "owner"},
		{"affiliation", "owner"},
		{"sort", "full_name"},
		{"per_page", "100"},
		{NULL, NULL},
	};
	int result = dl_rest_list(scope, target, &list_of_organisation, vars, sink), mine;

	if (result >= 0 || scope->error.status != 404)
		return result;
	dl_fail_take(scope, &scope->arena);
	mine = is_me(scope, target, owner);
	if (mine < 0)
		return -1;
	result = dl_rest_list(scope, target, mine ? &list_of_mine : &list_of_user, vars, sink);
	if (result < 0 && scope->error.status == 404) {
		dl_fail_take(scope, &scope->arena);
		return dl_fail(scope, DL_MISSING, "%s knows no user or organisation '%s'", target->host,
			       dl_text_quote(&scope->arena, owner));
	}
	return result;
}

/* ------------------------------------------------------------------ files */

/* Stands before a writer: a folder is answered as JSON, a file, be it JSON, is not. */
struct file_guard {
	struct dl_writer writer;
	struct dl_writer *next;
	const struct dl_res *res;
	const char *path;
};

static int write_file(struct dl_writer *writer, struct dl_scope *scope, const char *data, size_t len)
{
	struct file_guard *guard = (struct file_guard *)writer;
	const char *type = dl_http_header(&scope->arena, guard->res, "content-type");

	if (!guard->res->away && dl_text_starts(type, "application/json")) {
		dl_fail(scope, DL_USAGE, "'%s' is no file", dl_text_quote(&scope->arena, guard->path));
		return dl_fail_hint(scope, "dl-ls lists what is in a folder");
	}
	return guard->next->write(guard->next, scope, data, len);
}

/* The file PATH by the URL that the list of its folder has for it. */
static int fetch_large(struct dl_scope *scope, const struct dl_target *target, const char *revision,
		       const char *path, struct dl_writer *writer)
{
	const char *slash = strrchr(path, '/');
	const struct dl_var vars[] = {
		{"project", target->project},
		{"path", slash ? dl_arena_copy(&scope->arena, path, (size_t)(slash - path)) : NULL},
		{"ref", revision},
		{NULL, NULL},
	};
	const struct dl_json *list, *node;
	int64_t offset = 0;

	list = dl_rest_get(scope, target, slash ? &list_folder : &list_top, vars);
	for (node = list ? list->child : NULL; node; node = node->next)
		if (dl_text_same(dl_json_text(node, "path"), path) && dl_json_text(node, "download_url"))
			return dl_forge_fetch(scope, target,
					      &(struct dl_asset){.url = dl_json_text(node, "download_url")},
					      &offset, writer);
	return list ? dl_fail(scope, DL_DATA, "%s does not say where '%s' is", target->host,
			      dl_text_quote(&scope->arena, path))
		    : -1;
}

static int github_file(struct dl_scope *scope, const struct dl_target *target, const char *revision,
		       const char *path, struct dl_writer *writer)
{
	const struct dl_var vars[] = {
		{"project", target->project}, {"path", path}, {"ref", revision}, {NULL, NULL}};
	struct dl_res res;
	struct file_guard guard = {
		.writer.write = write_file, .next = writer, .res = &res, .path = path,
	};
	int result = dl_rest_stream(scope, target, &get_file, vars, &guard.writer, &res);

	if (result < 0 && scope->error.status == 403 && strstr(scope->error.message, "too large")) {
		dl_fail_take(scope, &scope->arena);
		return fetch_large(scope, target, revision, path, writer);
	}
	return result;
}

static int github_tree(struct dl_scope *scope, const struct dl_target *target, const char *revision,
		       const char *path, bool deep, struct dl_sink *sink)
{
	return dl_hub_tree(scope, target, revision ? revision : "HEAD", path, deep, sink);
}

/* ------------------------------------------------------------------ releases */

static int github_releases(struct dl_scope *scope, const struct dl_target *target, struct dl_sink *sink)
{
	return dl_hub_releases(scope, target, &hub, sink);
}

static int github_release(struct dl_scope *scope, const struct dl_target *target, const char *tag,
			  struct dl_sink *sink)
{
	return dl_hub_release(scope, target, &hub, tag, sink);
}

/* By its id: the URL for people leads nobody to the asset of a draft, or of a private repository. */
static int github_download(struct dl_scope *scope, const struct dl_target *target,
			   const struct dl_asset *asset, int64_t *offset, struct dl_writer *writer)
{
	const struct dl_var vars[] = {{"project", target->project}, {"id", asset->id}, {NULL, NULL}};
	struct dl_res res;

	return dl_range_download(scope, target, &get_asset, vars, offset, writer, &res);
}

/* The names of refs are told without their common beginning. */
static const char *github_commit(struct dl_scope *scope, const struct dl_target *target, const char *revision)
{
	static const char refs[] = "refs/";

	return dl_hub_commit(scope, target, &hub,
			     dl_text_starts(revision, refs) ? revision + strlen(refs) : revision);
}

static int github_begin(struct dl_scope *scope, const struct dl_target *target, struct dl_edition *edition)
{
	return dl_hub_release_begin(scope, target, &hub, edition);
}

static int github_stat(struct dl_scope *scope, const struct dl_target *target,
		       const struct dl_edition *edition, struct dl_sink *sink)
{
	return dl_hub_release_stat(scope, target, &hub, edition, sink);
}

/* Assets are taken by a server of their own, which the token is for as well: that of the API names it in its
 * answers, but no answer decides who gets a token. */
static struct dl_target uploads_of(struct dl_scope *scope, const struct dl_target *target)
{
	static const char api[] = "https://api.", enterprise[] = "/api/v3";
	struct dl_target uploads = *target;
	struct dl_url url;

	if (dl_text_starts(target->base, api))
		uploads.base = dl_arena_format(&scope->arena, "https://uploads.%s",
					       target->base + strlen(api));
	else if (dl_text_ends(target->base, enterprise))
		uploads.base = dl_arena_format(&scope->arena, "%.*s/api/uploads",
					       (int)(strlen(target->base) - strlen(enterprise)),
					       target->base);
	if (target->auth.header && dl_url_parse(scope, uploads.base, &url) == 0)
		uploads.auth.origin = dl_url_origin(&scope->arena, &url);
	return uploads;
}

static int github_put(struct dl_scope *scope, const struct dl_target *target,
		      const struct dl_edition *edition, const struct dl_upload *upload, struct dl_sink *sink)
{
	const struct dl_body_piece piece = {.fd = upload->fd, .len = upload->size_bytes};
	const struct dl_body body = {.pieces = &piece, .count = 1, .meter = upload->meter};
	const struct dl_target uploads = uploads_of(scope, target);
	const struct dl_var vars[] = {
		{"project", target->project},	{"id", edition->id},	   {"name", upload->name},
		{"label", upload->label}, {"type", upload->content_type}, {NULL, NULL}};
	struct dl_res res;
	int result = dl_rest_upload(scope, &uploads, &put_asset, vars, &body, &res);

	return result ? result
		      : dl_hub_release_put(scope, target, edition, dl_json_parse(scope, res.body, res.len),
					   sink);
}

const struct dl_forge dl_github_forge = {
	.repo = dl_hub_repo,
	.repos = github_repos,
	.file = github_file,
	.tree = github_tree,
	.releases = github_releases,
	.release = github_release,
	.download = github_download,
	.commit = github_commit,
	.drafts = true,
	.has_latest = true,
	.width = 4,
	.per_minute = 80,
	.per_hour = 500,
	.begin = github_begin,
	.stat = github_stat,
	.put = github_put,
	.remove = dl_hub_release_remove,
	.finish = dl_hub_release_finish,
	.abort = dl_hub_release_abort,
};
