/* Both read the first folder that they find: Forgejo looks for one of its own before Gitea's, and both end
 * with GitHub's. A commit that has Forgejo's folder is read otherwise by the two, so that the version must
 * tell. */
#include "providers/ci/gitea_files.h"

#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/git/repo.h"
#include "lib/provider/rest.h"
#include "providers/ci/actions.h"
#include "providers/ci/gitea_map.h"
#include "providers/ci/gitea_project.h"

static const char *const folders[] = {".forgejo/workflows", ".gitea/workflows", ".github/workflows", NULL};

static const struct dl_route list_folder = {.path = "/repos/{+project}/contents/{+folder}{?ref}"};
static const struct dl_route get_file = {.path = "/repos/{+project}/raw/{+path}{?ref}"};

/* Those of the folders that TARGET's server looks for, which is asked when COMMIT (NULL: unknown) has the one
 * that only Forgejo knows, or is not here. */
static const char *const *folders_of(struct dl_scope *scope, const struct dl_target *target,
				     const char *commit)
{
	struct dl_gitea_server server = dl_gitea_server_recall(scope, target);
	struct dl_repo_entries entries = {0};
	struct dl_scope attempt;
	bool other = false;

	dl_scope_open(&attempt, NULL);
	if (target->repo && commit && server.software == DL_GITEA_UNKNOWN)
		other = dl_repo_entries(&attempt, target->repo, commit, folders[0], &entries) == 0 &&
			!entries.found;
	dl_scope_close(&attempt);
	if (server.software == DL_GITEA_UNKNOWN && !other)
		server = dl_gitea_server_find(scope, target);
	return server.software == DL_GITEA_GITEA ? folders + 1 : folders;
}

/* What stands in the workflow folder at REF on the server, and its path; a NULL .list: nothing, with
 * .answered whether that is sure. */
struct folder {
	const struct dl_json *list;
	const char *path;
	bool answered;
};

static struct folder ask_folder(struct dl_scope *scope, const struct dl_target *target, const char *ref)
{
	const char *const *path = folders_of(scope, target, NULL);
	struct folder folder = {.answered = true};

	for (; *path && folder.answered && !folder.list; path++) {
		const struct dl_var vars[] = {
			{"project", target->project}, {"folder", *path}, {"ref", ref}, {NULL, NULL}};
		folder.path = *path;
		folder.list = dl_rest_get(scope, target, &list_folder, vars);
		folder.answered = folder.list || scope->error.status == 404;
		if (!folder.list && folder.answered)
			dl_fail_take(scope, &scope->arena);
	}
	return folder;
}

int dl_gitea_files_configured(struct dl_scope *scope, const struct dl_target *target, const char *sha)
{
	const struct dl_json *node;
	struct dl_scope attempt;
	struct folder folder;
	int answer = -1;

	if (target->repo && sha)
		answer = dl_actions_configured(scope, target->repo, sha, folders_of(scope, target, sha));
	if (answer >= 0)
		return answer;
	dl_scope_open(&attempt, NULL);
	folder = ask_folder(&attempt, target, sha);
	if (folder.answered)
		answer = 0;
	for (node = folder.list ? folder.list->child : NULL; node; node = node->next)
		answer |= dl_actions_is_file(dl_json_text(node, "name"));
	dl_scope_close(&attempt);
	return answer;
}

int dl_gitea_files_expected(struct dl_scope *scope, const struct dl_target *target, const char *sha,
			    const char *branch, struct dl_names *names)
{
	return target->repo && sha ? dl_actions_expected(scope, target->repo, sha, branch,
							 folders_of(scope, target, sha), names)
				   : -1;
}

/* ------------------------------------------------------------------ workflows */

/* Passes on workflows, with their triggers where the repository here has the file. */
struct triggers {
	struct dl_sink sink;
	struct dl_sink *next;
	const struct dl_target *target;
	const char *sha; /* of the default branch as it was last fetched; NULL: not here */
};

static int put_with_triggers(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
			     const void *record)
{
	const struct triggers *triggers = (struct triggers *)sink;
	struct dl_workflow workflow;

	memcpy(&workflow, record, sizeof workflow);
	if (triggers->sha)
		workflow.triggers = dl_actions_triggers(
			scope, dl_actions_read(scope, triggers->target->repo, triggers->sha, folders,
					       workflow.id));
	return dl_sink_put(triggers->next, scope, schema, &workflow);
}

/* The files of the folder, for servers that do not list workflows. */
static int list_files(struct dl_scope *scope, const struct dl_target *target, struct dl_sink *sink)
{
	struct folder folder = ask_folder(scope, target, NULL);
	const struct dl_json *node;
	struct dl_workflow *workflow;
	const char *name;
	int result = folder.answered ? DL_MORE : -1;

	for (node = folder.list ? folder.list->child : NULL; node && result == DL_MORE; node = node->next) {
		name = dl_json_text(node, "name");
		if (!dl_actions_is_file(name))
			continue;
		workflow = dl_schema_new(scope, &dl_record_workflow);
		workflow->id = workflow->name = name;
		workflow->path = dl_arena_format(&scope->arena, "%s/%s", folder.path, name);
		workflow->head = dl_provider_head(&scope->arena, target, "workflow", name);
		workflow->url = dl_json_text(node, "html_url");
		result = dl_sink_put(sink, scope, &dl_record_workflow, workflow);
	}
	return result;
}

int dl_gitea_files_workflows(struct dl_scope *scope, const struct dl_target *target, struct dl_sink *sink)
{
	const struct dl_var vars[] = {{"project", target->project}, {NULL, NULL}};
	struct dl_gitea_server server = dl_gitea_server_recall(scope, target);
	struct triggers triggers = {.sink.put = put_with_triggers,
				    .next = sink,
				    .target = target,
				    .sha = dl_actions_tip(scope, target->repo)};
	int result = -1, status;

	if (dl_gitea_server_has(&server, DL_GITEA_WORKFLOWS) != 0) {
		result = dl_rest_list(scope, target, &dl_gitea_map_workflows, vars, &triggers.sink);
		status = scope->error.status;
		if (result >= 0 ||
		    (status != 404 && status != 405 && (status != 401 || target->auth.header)))
			return result;
		dl_fail_take(scope, &scope->arena);
	}
	return dl_gitea_project_judge(scope, target, DL_GITEA_DISPATCH,
				      list_files(scope, target, &triggers.sink));
}

/* Looks for the workflow that is called so. */
struct search {
	struct dl_sink sink;
	struct dl_scope *keep;
	const char *name, *file;
};

static int match_workflow(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
			  const void *record)
{
	struct search *search = (struct search *)sink;
	const struct dl_workflow *workflow = record;

	(void)scope;
	(void)schema;
	if (!dl_text_same(workflow->name, search->name) && !dl_text_same(workflow->path, search->name))
		return DL_MORE;
	search->file = dl_arena_string(&search->keep->arena, workflow->id);
	return DL_ENOUGH;
}

const char *dl_gitea_files_name(struct dl_scope *scope, const struct dl_target *target, const char *name)
{
	const struct dl_var vars[] = {{"project", target->project}, {NULL, NULL}};
	struct search search = {.sink.put = match_workflow, .keep = scope, .name = name};
	struct dl_scope attempt;

	if (dl_actions_is_file(name))
		return strrchr(name, '/') ? strrchr(name, '/') + 1 : name;
	dl_scope_open(&attempt, NULL);
	if (dl_rest_list(&attempt, target, &dl_gitea_map_workflows, vars, &search.sink) < 0)
		dl_fail_take(&attempt, &attempt.arena);
	dl_scope_close(&attempt);
	return search.file ? search.file : name;
}

/* ------------------------------------------------------------------ inputs */

/* The root of FILE at REF (NULL: of the default branch), by the server; NULL (no failure): it cannot be read.
 */
static const struct dl_json *ask_file(struct dl_scope *scope, const struct dl_target *target,
				      const char *file, const char *ref)
{
	const char *const *folder = folders_of(scope, target, NULL);
	const struct dl_json *root = NULL;
	struct dl_scope attempt;
	struct dl_res res;
	bool answered = true;

	for (; *folder && answered && !root; folder++) {
		dl_scope_open(&attempt, NULL);
		const struct dl_var vars[] = {
			{"project", target->project},
			{"path", dl_arena_format(&attempt.arena, "%s/%s", *folder, file)},
			{"ref", ref},
			{NULL, NULL},
		};
		if (dl_rest_send(&attempt, target, &get_file, vars, NULL, &res) == 0 &&
		    res.len <= DL_CAP_CONFIG)
			root = dl_actions_parse(scope, res.body, res.len);
		answered = attempt.error.status == 404;
		dl_scope_close(&attempt);
	}
	return root;
}

int dl_gitea_files_inputs(struct dl_scope *scope, const struct dl_target *target,
			  const struct dl_trigger *trigger, struct dl_sink *sink)
{
	const char *file = dl_gitea_files_name(scope, target, trigger->workflow), *sha = trigger->sha;
	const char *branch =
		trigger->branch || sha ? trigger->branch : dl_gitea_project_branch(scope, target, NULL);
	const struct dl_json *root = NULL;
	struct dl_scope attempt;

	if (!sha && !branch)
		return -1;
	dl_scope_open(&attempt, NULL);
	if (!sha && target->repo)
		sha = dl_arena_string(&scope->arena, target->provider->ci->tip(&attempt, target, branch));
	dl_scope_close(&attempt);
	if (sha && target->repo)
		root = dl_actions_read(scope, target->repo, sha, folders_of(scope, target, sha), file);
	if (!root)
		root = ask_file(scope, target, file, sha ? sha : branch);
	return root ? dl_actions_inputs(scope, root, file, sink) : -1;
}
