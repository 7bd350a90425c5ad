/* The id of an artifact is the number of the build and the path of the file in it, "7/dist/app.tar.gz". Each
 * is a file as it is; the server's zip files of several are not used.
 *
 * A build can have fingerprints (MD5) of files, of which only the names without folders are told: of files
 * that were kept or that were merely used. A digest that may be another file's is worse than none. */
#include "providers/ci/jenkins_artifact.h"

#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/url.h"
#include "lib/base/writer.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/provider/range.h"
#include "lib/provider/rest.h"
#include "providers/ci/jenkins_build.h"

static const struct dl_map artifact_map[] = {
	{"name", "relativePath", DL_AS_IS},
	{NULL, NULL, DL_AS_IS},
};

static const struct dl_route list_artifacts = {
	.path = "/job/{+job}/{id}/api/json{?tree}", .schema = &dl_record_artifact, .map = artifact_map,
};

static const struct dl_route list_sizes = {.path = "/job/{+job}/{id}/wfapi/artifacts"};

#define FILE_PATH "/job/{+job}/{id}/artifact/{+file}"

static const struct dl_route get_file = {
	.path = FILE_PATH, .accept = "*/*", .headers = dl_range_headers,
};
static const struct dl_route get_page = {
	.path = FILE_PATH, .accept = "*/*", .headers = dl_range_headers, .page = true,
};

/* ------------------------------------------------------------------ listing */

/* What is said of a build and the files it has kept. */
struct kept {
	const char *id, *url;
	const struct dl_json *first;  /* file */
	const struct dl_json *sizes;  /* of the files, in the same order, mostly; NULL: not known */
};

/* The plugin that tells stages also tells sizes; of pipelines only, and it may not be there. */
static const struct dl_json *read_sizes(struct dl_scope *scope, const struct dl_target *target,
					const struct dl_json *build, const struct dl_var *vars)
{
	const struct dl_json *list;

	if (!dl_text_ends(dl_json_text(build, "_class"), ".WorkflowRun"))
		return NULL;
	list = dl_rest_get(scope, target, &list_sizes, vars);
	if (!list && scope->error.status == 404)
		dl_fail_take(scope, &scope->arena);
	return list ? list->child : NULL;
}

static int read_build(struct dl_scope *scope, const struct dl_target *target, const char *id,
		      struct kept *kept)
{
	const struct dl_var vars[] = {{"job", dl_jenkins_build_job(scope, target)},
				      {"id", id},
				      {"tree", "url,artifacts[relativePath]"},
				      {NULL, NULL}};
	const struct dl_json *root, *list;

	if (dl_jenkins_build_check(scope, id))
		return -1;
	root = dl_rest_get(scope, target, &list_artifacts, vars);
	list = dl_json_get(root, "artifacts");
	*kept = (struct kept){.id = id, .url = dl_json_text(root, "url"), .first = list ? list->child : NULL};
	if (kept->first)
		kept->sizes = read_sizes(scope, target, root, vars);
	return scope->error.class == DL_OK ? 0 : -1;
}

/* The size of the file at PATH. The search goes on behind the file that was found last. */
static int64_t size_of(struct kept *kept, const char *path)
{
	const struct dl_json *node = kept->sizes;

	while (node && !dl_text_same(dl_json_text(node, "path"), path))
		node = node->next;
	if (node)
		kept->sizes = node->next;
	return dl_json_int(dl_json_get(node, "size"));
}

/* NODE, a file that is kept. NULL: failed. */
static const struct dl_artifact *read_artifact(struct dl_scope *scope, const struct dl_target *target,
					       struct kept *kept, const struct dl_json *node)
{
	struct dl_artifact *artifact = dl_rest_record(scope, target, &list_artifacts, node);
	struct dl_buf place;

	if (artifact && !artifact->name)
		dl_fail(scope, DL_DATA, "%s: an artifact without a path", target->host);
	if (!artifact || !artifact->name)
		return NULL;
	artifact->id = dl_arena_format(&scope->arena, "%s/%s", kept->id, artifact->name);
	artifact->run_id = kept->id;
	artifact->head = dl_provider_head(&scope->arena, target, "artifact", artifact->id);
	artifact->expired = 0;
	artifact->size_bytes = size_of(kept, artifact->name);
	dl_buf_init(&place, &scope->arena, DL_CAP_HEAD);
	dl_buf_printf(&place, "%sartifact/", kept->url ? kept->url : "");
	dl_url_encode(&place, artifact->name, "/");
	artifact->url = kept->url && !place.overflow ? place.data : NULL;
	return artifact;
}

int dl_jenkins_artifact_list(struct dl_scope *scope, const struct dl_target *target, const char *id,
			     struct dl_sink *sink)
{
	const struct dl_artifact *artifact;
	const struct dl_json *node;
	int result = DL_MORE;
	struct kept kept;

	if (read_build(scope, target, id, &kept))
		return -1;
	for (node = kept.first; node && result == DL_MORE; node = node->next) {
		artifact = read_artifact(scope, target, &kept, node);
		result = artifact ? dl_sink_put(sink, scope, &dl_record_artifact, artifact) : -1;
	}
	return result;
}

int dl_jenkins_artifact_one(struct dl_scope *scope, const struct dl_target *target, const char *id,
			    struct dl_sink *sink)
{
	const char *slash = strchrnul(id, '/'), *path = *slash ? slash + 1 : slash;
	const struct dl_artifact *artifact;
	const struct dl_json *node;
	struct kept kept;

	if (read_build(scope, target, dl_arena_copy(&scope->arena, id, (size_t)(slash - id)), &kept))
		return -1;
	for (node = kept.first; node; node = node->next)
		if (dl_text_same(dl_json_text(node, "relativePath"), path)) {
			artifact = read_artifact(scope, target, &kept, node);
			return artifact ? dl_sink_put(sink, scope, &dl_record_artifact, artifact) : -1;
		}
	return dl_fail(scope, DL_MISSING, "build %s has kept no file '%s'", kept.id,
		       dl_text_quote(&scope->arena, path));
}

/* ------------------------------------------------------------------ downloading */

/* Looks at the answer before the first byte of it goes on. */
struct guard {
	struct dl_writer writer;
	struct dl_writer *next;
	const struct dl_target *target;
	const struct dl_res *res;
	bool passed;
};

/* A web page from where no artifact is was shown in its place. The server may send files from another host.
 */
static bool is_login(struct dl_scope *scope, const struct dl_res *res)
{
	return dl_text_starts(dl_http_header(&scope->arena, res, "content-type"), "text/html") &&
	       !strstr(res->url, "/artifact/") && !strstr(res->url, "/static-files/");
}

static int write_unless_login(struct dl_writer *writer, struct dl_scope *scope, const char *data,
			      size_t len)
{
	struct guard *guard = (struct guard *)writer;

	if (!guard->passed && is_login(scope, guard->res))
		return dl_fail(scope, DL_AUTH, "%s answered with a web page instead of the file: a login is "
					       "in front of it", guard->target->host);
	guard->passed = true;
	return guard->next->write(guard->next, scope, data, len);
}

static bool is_page(const char *name)
{
	return dl_text_ends(name, ".html") || dl_text_ends(name, ".htm");
}

int dl_jenkins_artifact_download(struct dl_scope *scope, const struct dl_target *target,
				 const struct dl_artifact *artifact, int64_t *offset,
				 struct dl_writer *writer)
{
	const struct dl_route *route = is_page(artifact->name) ? &get_page : &get_file;
	struct dl_res res;
	struct guard guard = {
		.writer.write = write_unless_login, .next = writer, .target = target, .res = &res};
	const struct dl_var vars[] = {{"job", dl_jenkins_build_job(scope, target)},
				      {"id", artifact->run_id},
				      {"file", artifact->name},
				      {NULL, NULL}};

	if (dl_jenkins_build_check(scope, artifact->run_id))
		return -1;
	return dl_range_download(scope, target, route, vars, offset, &guard.writer, &res);
}
