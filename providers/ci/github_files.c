#include "providers/ci/github_files.h"

#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "lib/git/repo.h"
#include "lib/provider/rest.h"
#include "providers/ci/actions.h"
#include "providers/ci/github_workflow.h"
#include "providers/providers.h"

static const char *const folders[] = {".github/workflows", NULL};

static const struct dl_route list_folder = {.path = "/repos/{+project}/contents/.github/workflows{?ref}"};
static const struct dl_route get_file = {.path = "/repos/{+project}/contents/.github/workflows/{file}{?ref}",
					 .accept = "application/vnd.github.raw+json"};

/* By the folder on the server. */
static int ask_configured(const struct dl_target *target, const char *sha)
{
	const struct dl_var vars[] = {{"project", target->project}, {"ref", sha}, {NULL, NULL}};
	const struct dl_json *list, *node;
	struct dl_scope attempt;
	int answer = -1;

	dl_scope_open(&attempt, NULL);
	list = dl_rest_get(&attempt, target, &list_folder, vars);
	if (list || attempt.error.status == 404)
		answer = 0;
	for (node = list ? list->child : NULL; node; node = node->next)
		answer |= dl_actions_is_file(dl_json_text(node, "name"));
	dl_scope_close(&attempt);
	return answer;
}

int dl_github_files_configured(struct dl_scope *scope, const struct dl_target *target, const char *sha)
{
	int answer = dl_actions_configured(scope, target->repo, sha, folders);

	return answer < 0 ? ask_configured(target, sha) : answer;
}

int dl_github_files_expected(struct dl_scope *scope, const struct dl_target *target, const char *sha,
			     const char *branch, struct dl_names *names)
{
	return dl_actions_expected(scope, target->repo, sha, branch, folders, names);
}

/* ------------------------------------------------------------------ inputs */

/* The root of FILE at COMMIT, a hash or branch (NULL: the default one), by the server; NULL (no failure): it
 * cannot be read. */
static const struct dl_json *ask_file(struct dl_scope *scope, const struct dl_target *target,
				      const char *file, const char *commit)
{
	const struct dl_var vars[] = {
		{"project", target->project}, {"file", file}, {"ref", commit}, {NULL, NULL}};
	const struct dl_json *root = NULL;
	struct dl_scope attempt;
	struct dl_res res;

	dl_scope_open(&attempt, NULL);
	if (dl_rest_send(&attempt, target, &get_file, vars, NULL, &res) == 0 && res.len <= DL_CAP_CONFIG)
		root = dl_actions_parse(scope, res.body, res.len);
	dl_scope_close(&attempt);
	return root;
}

/* What BRANCH stands at on the server; NULL (no failure): it does not say. */
static const char *ask_tip(struct dl_scope *scope, const struct dl_target *target, const char *branch)
{
	struct dl_scope attempt;
	const char *sha;

	dl_scope_open(&attempt, NULL);
	sha = dl_arena_string(&scope->arena, target->provider->ci->tip(&attempt, target, branch));
	dl_scope_close(&attempt);
	return sha;
}

int dl_github_files_inputs(struct dl_scope *scope, const struct dl_target *target,
			   const struct dl_trigger *trigger, struct dl_sink *sink)
{
	const char *file = dl_github_workflow_file(scope, target, trigger->workflow), *sha = trigger->sha;
	const char *branch = dl_github_workflow_branch(scope, target, trigger->branch);
	const struct dl_json *root = NULL;

	if (!file || !*file)
		return -1;
	if (!sha && target->repo)
		sha = ask_tip(scope, target, branch);
	if (target->repo)
		root = dl_actions_read(scope, target->repo, sha, folders, file);
	if (!root)
		root = ask_file(scope, target, file, sha ? sha : branch);
	return root ? dl_actions_inputs(scope, root, file, sink) : -1;
}

/* ------------------------------------------------------------------ triggers */

static int put_with_triggers(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
			     const void *record)
{
	struct dl_github_files_triggers *triggers = (struct dl_github_files_triggers *)sink;
	const struct dl_json *root = NULL;
	struct dl_workflow workflow;
	size_t len = strlen(folders[0]);

	memcpy(&workflow, record, sizeof workflow);
	if (dl_text_starts(workflow.path, folders[0]) && workflow.path[len] == '/')
		root = dl_actions_read(scope, triggers->target->repo, triggers->sha, folders,
				       workflow.path + len + 1);
	workflow.triggers = dl_actions_triggers(scope, root);
	return dl_sink_put(triggers->next, scope, schema, &workflow);
}

void dl_github_files_triggers(struct dl_github_files_triggers *triggers, struct dl_scope *scope,
			      const struct dl_target *target, struct dl_sink *next)
{
	*triggers = (struct dl_github_files_triggers){
		.sink.put = put_with_triggers,
		.next = next,
		.target = target,
		.sha = dl_actions_tip(scope, target->repo),
	};
}
