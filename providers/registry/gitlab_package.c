#include "providers/registry/gitlab_package.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/url.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "lib/data/schema.h"
#include "lib/data/sink.h"
#include "lib/net/body.h"
#include "lib/provider/provider.h"
#include "lib/provider/rest.h"

#define PROJECT "/projects/{project}"
#define GENERIC PROJECT "/packages/generic/{package}/{version}/{file}"

/* ------------------------------------------------------------------ maps */

#define FIELD(name, type) {#name, type, offsetof(struct dl_gitlab_package, name), NULL, NULL, NULL}

static const struct dl_field package_fields[] = {
	FIELD(id, DL_TYPE_TEXT),
	FIELD(kind, DL_TYPE_TEXT),
	FIELD(name, DL_TYPE_TEXT),
	FIELD(version, DL_TYPE_TEXT),
	FIELD(status, DL_TYPE_TEXT),
	FIELD(page, DL_TYPE_TEXT),
	FIELD(created_at, DL_TYPE_TIME),
	{.name = NULL},
};

static const struct dl_schema package_schema = {
	.type = "package", .size = sizeof(struct dl_gitlab_package), .fields = package_fields,
};

static const struct dl_map package_map[] = {
	{"id", "id", DL_AS_IS},
	{"kind", "package_type", DL_AS_IS},
	{"name", "name", DL_AS_IS},
	{"version", "version", DL_AS_IS},
	{"status", "status", DL_AS_IS},
	{"page", "_links.web_path", DL_AS_IS},
	{"created_at", "created_at", DL_AS_IS},
	{NULL, NULL, DL_AS_IS},
};

static const struct dl_map file_map[] = {
	{"id", "id", DL_AS_IS},
	{"name", "file_name", DL_AS_IS},
	{"size_bytes", "size", DL_AS_IS},
	{"digest", "file_sha256", DL_AS_IS},
	{NULL, NULL, DL_AS_IS},
};

static int finish_package(struct dl_scope *scope, const struct dl_target *target, const struct dl_json *node,
			  void *record)
{
	const struct dl_gitlab_package *package = record;

	(void)node;
	return package->id && package->name
		       ? 0
		       : dl_fail(scope, DL_DATA, "%s: a package without an id or a name", target->host);
}

static int finish_file(struct dl_scope *scope, const struct dl_target *target, const struct dl_json *node,
		       void *record)
{
	const char *package = dl_json_text(node, "package_id");
	struct dl_asset *asset = record;

	if (!asset->id || !asset->name || !package)
		return dl_fail(scope, DL_DATA, "%s: a file without an id, a name or a package", target->host);
	asset->id = dl_arena_format(&scope->arena, "%s/package_files/%s", package, asset->id);
	if (asset->digest)
		asset->digest = dl_arena_format(&scope->arena, "sha256:%s", asset->digest);
	asset->state = "uploaded";
	return 0;
}

/* ------------------------------------------------------------------ routes */

#define ASSET .schema = &dl_record_asset, .map = file_map, .finish = finish_file

static const struct dl_route list_packages = {
	.path = PROJECT "/packages{?package_type,package_name,package_version,per_page}", .items = "",
	.schema = &package_schema, .map = package_map, .finish = finish_package,
};
static const struct dl_route list_files = {
	.path = PROJECT "/packages/{package}/package_files{?per_page}", .items = "", ASSET,
};
static const struct dl_route put_file = {.method = "PUT", .path = GENERIC "{?select}", ASSET};

/* ------------------------------------------------------------------ operations */

int dl_gitlab_package_list(struct dl_scope *scope, const struct dl_target *target, const char *kind,
			   const char *name, const char *version, struct dl_sink *sink)
{
	const struct dl_var vars[] = {{"project", target->project},
				      {"package_type", kind},
				      {"package_name", name},
				      {"package_version", version},
				      {"per_page", "100"},
				      {NULL, NULL}};

	return dl_rest_list(scope, target, &list_packages, vars, sink);
}

/* Looks for the one generic package of a name and version. */
struct search {
	struct dl_sink sink;
	struct dl_scope *keep;
	const char *name, *version;
	const char *id; /* NULL: not found */
};

static int match(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
		 const void *record)
{
	struct search *search = (struct search *)sink;
	const struct dl_gitlab_package *package = record;

	(void)scope;
	(void)schema;
	if (!dl_text_same(package->kind, "generic") || !dl_text_same(package->name, search->name) ||
	    !dl_text_same(package->version, search->version))
		return DL_MORE;
	search->id = dl_arena_string(&search->keep->arena, package->id);
	return DL_ENOUGH;
}

/* Whether a newer file of the name stands behind INDEX in LIST, which is in the order of the ids. */
static bool is_replaced(const struct dl_sink_list *list, size_t index)
{
	const struct dl_asset *asset = dl_sink_item(list, index);
	size_t i = index + 1;

	while (i < list->count &&
	       strcmp(((const struct dl_asset *)dl_sink_item(list, i))->name, asset->name) != 0)
		i++;
	return i < list->count;
}

int dl_gitlab_package_files(struct dl_scope *scope, const struct dl_target *target, const char *name,
			    const char *version, struct dl_sink *sink)
{
	struct search search = {.sink.put = match, .keep = scope, .name = name, .version = version};
	struct dl_var vars[] = {
		{"project", target->project}, {"package", NULL}, {"per_page", "100"}, {NULL, NULL}};
	struct dl_sink_list all;
	int result = DL_MORE;
	size_t i;

	if (dl_gitlab_package_list(scope, target, "generic", name, version, &search.sink) < 0)
		return -1;
	vars[1].value = search.id;
	dl_sink_list(&all, scope, 0);
	if (search.id && dl_rest_list(scope, target, &list_files, vars, &all.sink) < 0)
		return -1;
	for (i = 0; i < all.count && result == DL_MORE; i++)
		if (!is_replaced(&all, i))
			result = dl_sink_put(sink, scope, &dl_record_asset, dl_sink_item(&all, i));
	return result;
}

/* What names FILE of a generic package in routes. */
static const struct dl_var *vars_of(struct dl_scope *scope, const struct dl_target *target, const char *name,
				    const char *version, const char *file)
{
	const struct dl_var vars[] = {{"project", target->project}, {"package", name}, {"version", version},
				      {"file", file}, {"select", "package_file"}, {NULL, NULL}};
	struct dl_var *copy = dl_arena_alloc(&scope->arena, sizeof vars);

	memcpy(copy, vars, sizeof vars);
	return copy;
}

int dl_gitlab_package_put(struct dl_scope *scope, const struct dl_target *target, const char *name,
			  const char *version, const struct dl_upload *upload, struct dl_sink *sink)
{
	const struct dl_body_piece piece = {.fd = upload->fd, .len = upload->size_bytes};
	const struct dl_body body = {.pieces = &piece, .count = 1, .meter = upload->meter};
	const struct dl_var *vars = vars_of(scope, target, name, version, upload->name);
	const struct dl_json *node;
	const struct dl_asset *asset;
	struct dl_res res;
	int result = dl_rest_upload(scope, target, &put_file, vars, &body, &res);

	if (result)
		return result;
	node = dl_json_parse(scope, res.body, res.len);
	asset = node ? dl_rest_record(scope, target, &put_file, node) : NULL;
	return asset ? dl_sink_put(sink, scope, &dl_record_asset, asset) : -1;
}

const char *dl_gitlab_package_url(struct dl_scope *scope, const struct dl_target *target, const char *name,
				  const char *version, const char *file)
{
	const char *path = dl_url_expand(scope, GENERIC, vars_of(scope, target, name, version, file));

	return path ? dl_arena_format(&scope->arena, "%s%s", target->base, path) : NULL;
}
