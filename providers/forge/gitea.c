/* Gitea and Forgejo as a forge. What they share with GitHub is in hub.c.
 *
 * Assets have no digest, and are fetched from where people fetch them.
 *
 * https://docs.gitea.com/api/ */
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "lib/net/body.h"
#include "lib/provider/provider.h"
#include "lib/provider/rest.h"
#include "providers/forge/forge.h"
#include "providers/forge/hub.h"
#include "providers/forge/hub_release.h"
#include "providers/providers.h"

static const struct dl_hub hub = {
	.page_size = "50",
	.page_var = "limit",
	.commit = {.path = "/repos/{+project}/git/commits/{revision}"},
};

static const struct dl_route list_repos = {
	.path = "/users/{owner}/repos{?limit}", .items = "",
	.schema = &dl_record_repo, .map = dl_hub_repo_map, .finish = dl_hub_finish_repo,
};
static const struct dl_route get_repo = {.path = "/repos/{+project}"};
static const struct dl_route get_file = {.path = "/repos/{+project}/raw/{+path}{?ref}", .page = true};

static const struct dl_route put_asset = {
	.method = "POST", .path = "/repos/{+project}/releases/{id}/assets{?name}",
};

/* The list of a user's is that of an organisation's, too. */
static int gitea_repos(struct dl_scope *scope, const struct dl_target *target, const char *owner,
		       struct dl_sink *sink)
{
	const struct dl_var vars[] = {{"owner", owner}, {"limit", hub.page_size}, {NULL, NULL}};
	int result = dl_rest_list(scope, target, &list_repos, vars, sink);

	if (result < 0 && scope->error.status == 404) {
		dl_fail_take(scope, &scope->arena);
		return dl_fail(scope, DL_MISSING, "%s knows no user or organisation '%s'", target->host,
			       dl_text_quote(&scope->arena, owner));
	}
	return result;
}

static int gitea_file(struct dl_scope *scope, const struct dl_target *target, const char *revision,
		      const char *path, struct dl_writer *writer)
{
	const struct dl_var vars[] = {
		{"project", target->project}, {"path", path}, {"ref", revision}, {NULL, NULL}};
	struct dl_res res;

	return dl_rest_stream(scope, target, &get_file, vars, writer, &res);
}

/* Older versions know no tree by the name HEAD. */
static int gitea_tree(struct dl_scope *scope, const struct dl_target *target, const char *revision,
		      const char *path, bool deep, struct dl_sink *sink)
{
	const struct dl_var vars[] = {{"project", target->project}, {NULL, NULL}};
	const struct dl_json *repo;

	if (!revision || dl_text_same(revision, "HEAD")) {
		repo = dl_rest_get(scope, target, &get_repo, vars);
		revision = dl_json_text(repo, "default_branch");
		if (!revision)
			return repo ? dl_fail(scope, DL_DATA, "%s does not name a default branch",
					      target->host)
				    : -1;
	}
	return dl_hub_tree(scope, target, revision, path, deep, sink);
}

static int gitea_releases(struct dl_scope *scope, const struct dl_target *target, struct dl_sink *sink)
{
	return dl_hub_releases(scope, target, &hub, sink);
}

static int gitea_release(struct dl_scope *scope, const struct dl_target *target, const char *tag,
			 struct dl_sink *sink)
{
	return dl_hub_release(scope, target, &hub, tag, sink);
}

static const char *gitea_commit(struct dl_scope *scope, const struct dl_target *target, const char *revision)
{
	return dl_hub_commit(scope, target, &hub, revision);
}

static int gitea_begin(struct dl_scope *scope, const struct dl_target *target, struct dl_edition *edition)
{
	return dl_hub_release_begin(scope, target, &hub, edition);
}

static int gitea_stat(struct dl_scope *scope, const struct dl_target *target,
		      const struct dl_edition *edition, struct dl_sink *sink)
{
	return dl_hub_release_stat(scope, target, &hub, edition, sink);
}

static int gitea_put(struct dl_scope *scope, const struct dl_target *target, const struct dl_edition *edition,
		     const struct dl_upload *upload, struct dl_sink *sink)
{
	const struct dl_body_piece piece = {.fd = upload->fd, .len = upload->size_bytes};
	const struct dl_body body = {.pieces = &piece, .count = 1, .meter = upload->meter};
	const struct dl_body_field form[] = {
		{.name = "attachment", .body = &body, .filename = upload->name, .type = upload->content_type},
		{.name = NULL},
	};
	const struct dl_var vars[] = {
		{"project", target->project}, {"id", edition->id}, {"name", upload->name}, {NULL, NULL}};
	struct dl_res res;
	int result = dl_rest_form(scope, target, &put_asset, vars, form, &res);

	return result ? result
		      : dl_hub_release_put(scope, target, edition, dl_json_parse(scope, res.body, res.len),
					   sink);
}

const struct dl_forge dl_gitea_forge = {
	.repo = dl_hub_repo,
	.repos = gitea_repos,
	.file = gitea_file,
	.tree = gitea_tree,
	.releases = gitea_releases,
	.release = gitea_release,
	.download = dl_forge_fetch,
	.commit = gitea_commit,
	.drafts = true,
	.width = 4,
	.begin = gitea_begin,
	.stat = gitea_stat,
	.put = gitea_put,
	.remove = dl_hub_release_remove,
	.finish = dl_hub_release_finish,
	.abort = dl_hub_release_abort,
};
