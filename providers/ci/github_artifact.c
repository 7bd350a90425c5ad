/* The list has the artifacts of all attempts of a run, so that a name may stand in it several times. The
 * bytes come from a storage host, to which the API redirects. */
#include "providers/ci/github_artifact.h"

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/provider/range.h"
#include "lib/provider/rest.h"
#include "providers/ci/actions_api.h"
#include "providers/providers.h"

static const struct dl_map artifact_map[] = {
	{"id", "id", DL_AS_IS},
	{"run_id", "workflow_run.id", DL_AS_IS},
	{"name", "name", DL_AS_IS},
	{"size_bytes", "size_in_bytes", DL_AS_IS},
	{"digest", "digest", DL_AS_IS},
	{"expired", "expired", DL_AS_IS},
	{"created_at", "created_at", DL_AS_IS},
	{"expires_at", "expires_at", DL_AS_IS},
	{NULL, NULL, DL_AS_IS},
};

static int finish_artifact(struct dl_scope *scope, const struct dl_target *target, const struct dl_json *node,
			   void *record)
{
	struct dl_artifact *artifact = record;

	(void)node;
	if (dl_actions_api_artifact(scope, target, artifact) < 0)
		return -1;
	if (artifact->run_id)
		artifact->url = dl_arena_format(&scope->arena, "https://%s/%s/actions/runs/%s/artifacts/%s",
						target->host, target->project, artifact->run_id,
						artifact->id);
	return 0;
}

static const struct dl_route list_artifacts = {
	.path = "/repos/{+project}/actions/runs/{id}/artifacts{?per_page}", .items = "artifacts",
	.schema = &dl_record_artifact, .map = artifact_map, .finish = finish_artifact,
};
static const struct dl_route get_artifact = {
	.path = "/repos/{+project}/actions/artifacts/{id}",
	.schema = &dl_record_artifact, .map = artifact_map, .finish = finish_artifact,
};
static const struct dl_route get_archive = {
	.path = "/repos/{+project}/actions/artifacts/{id}/zip",
	.headers = dl_range_headers,
};

int dl_github_artifact_list(struct dl_scope *scope, const struct dl_target *target, const char *id,
			    struct dl_sink *sink)
{
	const struct dl_var vars[] = {
		{"project", target->project}, {"id", id}, {"per_page", "100"}, {NULL, NULL}};
	struct dl_sink_list all;

	dl_sink_list(&all, scope, 0);
	if (dl_rest_list(scope, target, &list_artifacts, vars, &all.sink) < 0)
		return -1;
	return dl_actions_api_newest(scope, &all, sink);
}

int dl_github_artifact_one(struct dl_scope *scope, const struct dl_target *target, const char *id,
			   struct dl_sink *sink)
{
	const struct dl_var vars[] = {{"project", target->project}, {"id", id}, {NULL, NULL}};

	return dl_rest_one(scope, target, &get_artifact, vars, sink);
}

int dl_github_artifact_download(struct dl_scope *scope, const struct dl_target *target,
				const struct dl_artifact *artifact, int64_t *offset,
				struct dl_writer *writer)
{
	const struct dl_var vars[] = {{"project", target->project}, {"id", artifact->id}, {NULL, NULL}};
	struct dl_res res;

	return dl_range_download(scope, target, &get_archive, vars, offset, writer, &res);
}
