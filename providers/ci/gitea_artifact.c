/* The bytes come by a signed link, to which the API redirects: the server's own, or one of a storage host.
 * What was uploaded by an older action than version 4 is not in the API. */
#include "providers/ci/gitea_artifact.h"

#include <stdlib.h>
#include <string.h>

#include "lib/range.h"
#include "lib/record.h"
#include "lib/rest.h"
#include "lib/scope.h"
#include "lib/sink.h"
#include "lib/text.h"
#include "providers/ci/gitea.h"
#include "providers/ci/gitea_map.h"
#include "providers/ci/gitea_tasks.h"

static const struct dl_route get_archive = {
	.path = "/repos/{+project}/actions/artifacts/{id}/zip",
	.headers = dl_range_headers,
};

/* By name; of one name the newest first. */
static int by_name_newest_first(const void *a, const void *b)
{
	const struct dl_artifact *one = a, *other = b;
	int64_t id = dl_text_int(one->id), other_id = dl_text_int(other->id);
	int order = strcmp(one->name, other->name);

	return order ? order : (id < other_id) - (id > other_id);
}

int dl_gitea_artifact_list(struct dl_scope *scope, const struct dl_target *target, const char *id,
			   struct dl_sink *sink)
{
	const struct dl_var vars[] = {
		{"project", target->project}, {"id", id}, {"limit", "50"}, {NULL, NULL}};
	const struct dl_artifact *artifact, *last = NULL;
	struct dl_sink_list all;
	int result = DL_MORE;
	size_t i;

	if (dl_gitea_tasks_is_run(id))
		return dl_fail(scope, DL_UNSUPPORTED, "the artifacts of run %s cannot be listed: %s told its "
						      "number only, not its id",
			       id, target->host);
	dl_sink_list(&all, scope, 0);
	if (dl_rest_list(scope, target, &dl_gitea_map_artifacts, vars, &all.sink) < 0)
		return dl_gitea_judge(scope, target, DL_GITEA_ARTIFACTS, -1);
	if (all.count)
		qsort(all.items, all.count, sizeof *artifact, by_name_newest_first);
	for (i = 0; i < all.count && result == DL_MORE; i++) {
		artifact = dl_sink_item(&all, i);
		if (!last || strcmp(artifact->name, last->name) != 0)
			result = dl_sink_put(sink, scope, &dl_record_artifact, artifact);
		last = artifact;
	}
	return result;
}

int dl_gitea_artifact_one(struct dl_scope *scope, const struct dl_target *target, const char *id,
			  struct dl_sink *sink)
{
	const struct dl_var vars[] = {{"project", target->project}, {"id", id}, {NULL, NULL}};

	return dl_gitea_judge(scope, target, DL_GITEA_ARTIFACTS,
			      dl_rest_one(scope, target, &dl_gitea_map_artifact, vars, sink));
}

int dl_gitea_artifact_download(struct dl_scope *scope, const struct dl_target *target,
			       const struct dl_artifact *artifact, int64_t *offset,
			       struct dl_http_writer *writer)
{
	const struct dl_var vars[] = {{"project", target->project}, {"id", artifact->id}, {NULL, NULL}};
	struct dl_res res;

	return dl_gitea_judge(scope, target, DL_GITEA_ARTIFACTS,
			      dl_range_download(scope, target, &get_archive, vars, offset, writer, &res));
}
