/* One request in the simplest case, and one more for each pipeline that counts, for what it has started.
 *
 * A pipeline for the result of a merge runs for a commit that exists nowhere else: it is found by the merge
 * request, which is looked for when the commit has no pipeline of its own. Statuses that another CI system
 * sets make up a pipeline without jobs, "external"; they stand in its place, since they have names. */
#include "providers/ci/gitlab_commit.h"

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/provider/provider.h"
#include "providers/ci/gitlab_api.h"
#include "providers/ci/gitlab_tree.h"

static const struct dl_route list_merge_requests = {
	.path = "/projects/{project}/repository/commits/{sha}/merge_requests{?per_page}"};
static const struct dl_route get_merge_request = {.path = "/projects/{project}/merge_requests/{iid}"};

static bool is_external(const struct dl_run *run)
{
	return dl_text_same(run->event, "external");
}

/* Of several pipelines for the same reason and ref, the newest, which is the first in the list, counts. */
static bool is_replaced(const struct dl_sink_list *runs, size_t index)
{
	const struct dl_run *run = dl_sink_item(runs, index), *other;
	size_t i;

	for (i = 0; i < index; i++) {
		other = dl_sink_item(runs, i);
		if (dl_text_same(other->event, run->event) && dl_text_same(other->branch, run->branch))
			return true;
	}
	return false;
}

/* Puts the newest pipeline of merge request IID, if it is one of this project. */
static int put_merged(struct dl_scope *scope, const struct dl_target *target, const char *iid,
		      struct dl_sink *sink)
{
	const struct dl_var vars[] = {{"project", target->project}, {"iid", iid}, {NULL, NULL}};
	const struct dl_json *request = dl_rest_get(scope, target, &get_merge_request, vars), *head;
	const char *mine = dl_json_text(request, "project_id");
	const void *run;

	if (!request)
		return -1;
	head = dl_json_get(request, "head_pipeline");
	if (!head || head->type != DL_JSON_OBJECT || !dl_text_same(dl_json_text(head, "project_id"), mine))
		return DL_MORE;
	run = dl_rest_record(scope, target, &dl_gitlab_api_pipeline, head);
	return run ? dl_sink_put(sink, scope, &dl_record_run, run) : -1;
}

/* The pipelines of the open merge requests whose head is SHA. That they cannot be seen is no failure: then
 * there are none. */
static int find_merged(struct dl_scope *scope, const struct dl_target *target, const char *sha,
		       struct dl_sink *sink)
{
	const struct dl_var vars[] = {
		{"project", target->project}, {"sha", sha}, {"per_page", "100"}, {NULL, NULL}};
	const struct dl_json *list, *node;
	struct dl_scope attempt;
	int result = DL_MORE;

	dl_scope_open(&attempt, scope);
	list = dl_rest_get(&attempt, target, &list_merge_requests, vars);
	for (node = list ? list->child : NULL; node && result == DL_MORE; node = node->next)
		if (dl_text_same(dl_json_text(node, "state"), "opened") &&
		    dl_text_same(dl_json_text(node, "sha"), sha) && dl_json_text(node, "iid"))
			result = put_merged(&attempt, target, dl_json_text(node, "iid"), sink);
	if (attempt.error.status == 403 || attempt.error.status == 404) {
		dl_fail_take(&attempt, &attempt.arena);
		result = DL_MORE;
	}
	return dl_scope_close(&attempt) ? -1 : result;
}

/* The statuses that make up the external pipeline ID, and itself where they cannot be told. A server that
 * does not know the filter answers with the jobs of all pipelines. */
struct statuses {
	struct dl_sink sink;
	struct dl_sink *next;
	const char *member; /* `"pipeline":ID` */
	size_t count;
};

static int put_status(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
		      const void *record)
{
	struct statuses *statuses = (struct statuses *)sink;
	const struct dl_run *run = record;

	if (!dl_text_ends(run->metadata, statuses->member))
		return DL_MORE;
	statuses->count++;
	return dl_sink_put(statuses->next, scope, schema, record);
}

static int put_external(struct dl_scope *scope, const struct dl_target *target, const char *sha,
			const struct dl_run *run, struct dl_sink *sink)
{
	const struct dl_var vars[] = {{"project", target->project},
				      {"sha", sha},
				      {"pipeline_id", run->id},
				      {"per_page", "100"},
				      {NULL, NULL}};
	struct statuses statuses = {.sink.put = put_status, .next = sink};
	int result;

	statuses.member = dl_arena_format(&scope->arena, "\"pipeline\":%s}", run->id);
	result = dl_rest_list(scope, target, &dl_gitlab_api_statuses, vars, &statuses.sink);
	return result == DL_MORE && !statuses.count ? dl_sink_put(sink, scope, &dl_record_run, run) : result;
}

int dl_gitlab_commit_runs(struct dl_scope *scope, const struct dl_target *target, const char *sha,
			  struct dl_sink *sink)
{
	const struct dl_var vars[] = {{"project", target->project}, {"sha", sha}, {"per_page", "100"},
				      {"ref", NULL}, {"status", NULL}, {"source", NULL}, {"username", NULL},
				      {"name", NULL}, {"updated_after", NULL}, {NULL, NULL}};
	struct dl_sink_list runs, counted;
	const struct dl_run *run;
	int result;
	size_t i;

	dl_sink_list(&runs, scope, 0);
	dl_sink_list(&counted, scope, 0);
	result = dl_rest_list(scope, target, &dl_gitlab_api_pipelines, vars, &runs.sink);
	for (i = 0; i < runs.count && is_external(dl_sink_item(&runs, i)); i++)
		;
	if (result == DL_MORE && i == runs.count)
		result = find_merged(scope, target, sha, &runs.sink);
	for (i = 0; i < runs.count && result == DL_MORE; i++)
		if (!is_replaced(&runs, i))
			result = dl_sink_put(&counted.sink, scope, &dl_record_run, dl_sink_item(&runs, i));
	if (result == DL_MORE)
		result = dl_gitlab_tree_children(scope, target, &counted, sink);
	for (i = 0; i < runs.count && result == DL_MORE; i++) {
		run = dl_sink_item(&runs, i);
		result = is_external(run) ? put_external(scope, target, sha, run, sink)
					  : dl_sink_put(sink, scope, &dl_record_run, run);
	}
	return result;
}
