/* The bytes come by a signed link, to which the API redirects: the server's own, or one of a storage host.
 * What was uploaded by an older action than version 4 is not in the API. */
#include "providers/ci/gitea_artifact.h"

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/provider/range.h"
#include "lib/provider/rest.h"
#include "providers/ci/actions_api.h"
#include "providers/ci/gitea_map.h"
#include "providers/ci/gitea_project.h"
#include "providers/ci/gitea_tasks.h"

static const struct dl_route get_archive = {
	.path = "/repos/{+project}/actions/artifacts/{id}/zip",
	.headers = dl_range_headers,
};

int dl_gitea_artifact_list(struct dl_scope *scope, const struct dl_target *target, const char *id,
			   struct dl_sink *sink)
{
	const struct dl_var vars[] = {
		{"project", target->project}, {"id", id}, {"limit", "50"}, {NULL, NULL}};
	struct dl_sink_list all;

	if (dl_gitea_tasks_is_run(id))
		return dl_fail(scope, DL_UNSUPPORTED, "the artifacts of run %s cannot be listed: %s told its "
						      "number only, not its id",
			       id, target->host);
	dl_sink_list(&all, scope, 0);
	if (dl_rest_list(scope, target, &dl_gitea_map_artifacts, vars, &all.sink) < 0)
		return dl_gitea_project_judge(scope, target, DL_GITEA_ARTIFACTS, -1);
	return dl_actions_api_newest(scope, &all, sink);
}

int dl_gitea_artifact_one(struct dl_scope *scope, const struct dl_target *target, const char *id,
			  struct dl_sink *sink)
{
	const struct dl_var vars[] = {{"project", target->project}, {"id", id}, {NULL, NULL}};

	return dl_gitea_project_judge(scope, target, DL_GITEA_ARTIFACTS,
				      dl_rest_one(scope, target, &dl_gitea_map_artifact, vars, sink));
}

int dl_gitea_artifact_download(struct dl_scope *scope, const struct dl_target *target,
			       const struct dl_artifact *artifact, int64_t *offset,
			       struct dl_writer *writer)
{
	const struct dl_var vars[] = {{"project", target->project}, {"id", artifact->id}, {NULL, NULL}};
	struct dl_res res;
	int result = dl_range_download(scope, target, &get_archive, vars, offset, writer, &res);

	return dl_gitea_project_judge(scope, target, DL_GITEA_ARTIFACTS, result);
}
