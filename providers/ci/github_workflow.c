#include "providers/ci/github_workflow.h"

#include <string.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/git/repo.h"
#include "lib/provider/provider.h"
#include "lib/provider/rest.h"
#include "providers/ci/actions.h"

static const struct dl_map workflow_map[] = {
	{"id", "id", DL_AS_IS},
	{"name", "name", DL_AS_IS},
	{"path", "path", DL_AS_IS},
	{"state", "state", DL_AS_IS},
	{"url", "html_url", DL_AS_IS},
	{NULL, NULL, DL_AS_IS},
};

const char *dl_github_workflow_name(const char *path)
{
	static const char folder[] = ".github/workflows/";

	return dl_text_starts(path, folder) ? path + strlen(folder) : path;
}

static int finish_workflow(struct dl_scope *scope, const struct dl_target *target, const struct dl_json *node,
			   void *record)
{
	struct dl_workflow *workflow = record;

	(void)node;
	if (!workflow->id || !workflow->path)
		return dl_fail(scope, DL_DATA, "%s: a workflow without an id or path", target->host);
	workflow->head = dl_provider_head(&scope->arena, target, "workflow",
					  dl_github_workflow_name(workflow->path));
	return 0;
}

const struct dl_route dl_github_workflow_list = {
	.path = "/repos/{+project}/actions/workflows{?per_page}", .items = "workflows",
	.schema = &dl_record_workflow, .map = workflow_map, .finish = finish_workflow,
};

/* Looks for the workflow that people call by this name. */
struct workflow_search {
	struct dl_sink sink;
	struct dl_scope *keep;
	const char *name;
	const struct dl_workflow *found;
};

static int match_workflow(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
			  const void *record)
{
	struct workflow_search *search = (struct workflow_search *)sink;
	const struct dl_workflow *workflow = record;

	(void)scope;
	if (!dl_text_same(workflow->name, search->name) && !dl_text_same(workflow->path, search->name) &&
	    !dl_text_same(workflow->id, search->name))
		return DL_MORE;
	search->found = dl_schema_copy(search->keep, schema, record);
	return DL_ENOUGH;
}

/* By the list of workflows. NULL: failed, DL_MISSING when there is none. */
static const struct dl_workflow *find_workflow(struct dl_scope *scope, const struct dl_target *target,
					       const char *name)
{
	const struct dl_var vars[] = {{"project", target->project}, {"per_page", "100"}, {NULL, NULL}};
	struct workflow_search search = {.sink.put = match_workflow, .keep = scope, .name = name};

	if (dl_rest_list(scope, target, &dl_github_workflow_list, vars, &search.sink) < 0)
		return NULL;
	if (!search.found)
		dl_fail(scope, DL_MISSING, "%s has no workflow '%s'",
			dl_text_quote(&scope->arena, target->project), dl_text_quote(&scope->arena, name));
	return search.found;
}

static bool is_file_name(const char *name)
{
	return dl_actions_is_file(name) && !strchr(name, '/');
}

const char *dl_github_workflow_id(struct dl_scope *scope, const struct dl_target *target, const char *name)
{
	const struct dl_workflow *workflow;

	if (dl_text_int(name) >= 0 || is_file_name(name))
		return name;
	workflow = find_workflow(scope, target, name);
	return workflow ? workflow->id : NULL;
}

const char *dl_github_workflow_file(struct dl_scope *scope, const struct dl_target *target, const char *name)
{
	const struct dl_workflow *workflow;
	const char *file = dl_github_workflow_name(name);

	if (is_file_name(file))
		return file;
	/* What GitHub runs by itself, for Pages and the like. */
	if (dl_text_starts(name, "dynamic/"))
		return "";
	workflow = find_workflow(scope, target, name);
	file = workflow ? dl_github_workflow_name(workflow->path) : NULL;
	return file && !is_file_name(file) ? "" : file;
}

const char *dl_github_workflow_branch(struct dl_scope *scope, const struct dl_target *target,
				      const char *branch)
{
	return branch || !target->repo ? branch : dl_repo_branch(scope, target->repo);
}
