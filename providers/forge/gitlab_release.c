/* A package takes several files of one name, of which the newest is the one that is downloaded. */
#include "providers/forge/gitlab_release.h"

#include <string.h>

#include "lib/body.h"
#include "lib/buf.h"
#include "lib/json.h"
#include "lib/path.h"
#include "lib/provider.h"
#include "lib/record.h"
#include "lib/rest.h"
#include "lib/scope.h"
#include "lib/sink.h"
#include "lib/text.h"
#include "lib/url.h"
#include "providers/forge/forge.h"

#define PROJECT "/projects/{project}"

static const struct dl_map file_map[] = {
	{"id", "id", DL_AS_IS},
	{"name", "file_name", DL_AS_IS},
	{"size_bytes", "size", DL_AS_IS},
	{"digest", "file_sha256", DL_AS_IS},
	{NULL, NULL, DL_AS_IS},
};

static int finish_file(struct dl_scope *scope, const struct dl_target *target, const struct dl_json *node,
		       void *record)
{
	struct dl_asset *asset = record;

	(void)node;
	if (!asset->id || !asset->name)
		return dl_fail(scope, DL_DATA, "%s: a file without an id or a name", target->host);
	if (asset->digest)
		asset->digest = dl_arena_format(&scope->arena, "sha256:%s", asset->digest);
	asset->state = "uploaded";
	return 0;
}

#define ASSET .schema = &dl_record_asset, .map = file_map, .finish = finish_file

static const char generic[] = PROJECT "/packages/generic/{package}/{version}/{file}";

static const struct dl_route list_packages = {
	.path = PROJECT "/packages{?package_type,package_name,package_version,per_page}",
};
static const struct dl_route list_files = {
	.path = PROJECT "/packages/{package}/package_files{?per_page}", .items = "", ASSET,
};
static const struct dl_route put_file = {
	.method = "PUT", .path = PROJECT "/packages/generic/{package}/{version}/{file}{?select}", ASSET,
};
static const struct dl_route drop_file = {.method = "DELETE", .path = PROJECT "/packages/{+id}"};
static const struct dl_route get_release = {.path = PROJECT "/releases/{tag}"};
static const struct dl_route create = {.method = "POST", .path = PROJECT "/releases"};
static const struct dl_route change = {.method = "PUT", .path = PROJECT "/releases/{tag}"};
static const struct dl_route list_links = {.path = PROJECT "/releases/{tag}/assets/links{?per_page}"};
static const struct dl_route add_link = {.method = "POST", .path = PROJECT "/releases/{tag}/assets/links"};

/* TEXT with a '-' in place of what no name and version of a package may have. */
static const char *spell(struct dl_scope *scope, const char *text)
{
	char *spelt = dl_arena_string(&scope->arena, text), *at;

	for (at = spelt; *at; at++)
		if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+-", *at))
			*at = '-';
	return spelt;
}

/* What names FILE (NULL: none) of the package of EDITION in routes. */
static const struct dl_var *vars_of(struct dl_scope *scope, const struct dl_target *target,
				    const struct dl_edition *edition, const char *file)
{
	const struct dl_var vars[] = {
		{"project", target->project},
		{"tag", edition->version},
		{"package", spell(scope, dl_path_last(target->project))},
		{"version", spell(scope, edition->version)},
		{"file", file},
		{"select", "package_file"},
		{"package_type", "generic"},
		{"per_page", "100"},
		{NULL, NULL},
	};
	struct dl_var *copy = dl_arena_alloc(&scope->arena, sizeof vars);

	memcpy(copy, vars, sizeof vars);
	return copy;
}

static const char *value_of(const struct dl_var *vars, const char *name)
{
	while (strcmp(vars->name, name) != 0)
		vars++;
	return vars->value;
}

int dl_gitlab_release_begin(struct dl_scope *scope, const struct dl_target *target,
			    struct dl_edition *edition)
{
	const struct dl_var *vars = vars_of(scope, target, edition, NULL);
	const struct dl_json *found = dl_rest_get(scope, target, &get_release, vars);

	if (!found && scope->error.status != 404)
		return -1;
	if (!found)
		dl_fail_take(scope, &scope->arena);
	edition->id = edition->version;
	edition->published = found != NULL;
	return 0;
}

/* The id of the package; NULL: failed, or, without a failure, there is none. The server's filter by name also
 * finds what only begins so. */
static const char *find_package(struct dl_scope *scope, const struct dl_target *target,
				const struct dl_var *vars)
{
	const char *name = value_of(vars, "package"), *version = value_of(vars, "version");
	const struct dl_var *query = dl_url_add(&scope->arena, vars, "package_name", name);
	const struct dl_json *list, *node;

	query = dl_url_add(&scope->arena, query, "package_version", version);
	list = dl_rest_get(scope, target, &list_packages, query);
	for (node = list ? list->child : NULL; node; node = node->next)
		if (dl_text_same(dl_json_text(node, "name"), name) &&
		    dl_text_same(dl_json_text(node, "version"), version))
			return dl_json_text(node, "id");
	return NULL;
}

/* Where everybody downloads the file that VARS name. */
static const char *url_of(struct dl_scope *scope, const struct dl_target *target, const struct dl_var *vars)
{
	const char *path = dl_url_expand(scope, generic, vars);

	return path ? dl_arena_format(&scope->arena, "%s%s", target->base, path) : NULL;
}

/* ASSET as the file of package ID that it is. */
static int complete(struct dl_scope *scope, const struct dl_target *target, const struct dl_edition *edition,
		    const char *id, struct dl_asset *asset)
{
	asset->id = dl_arena_format(&scope->arena, "%s/package_files/%s", id, asset->id);
	asset->url = url_of(scope, target, vars_of(scope, target, edition, asset->name));
	dl_forge_asset(&scope->arena, target, edition->version, asset);
	return asset->url ? 0 : -1;
}

/* Whether a newer file of the name stands behind INDEX in the list, which is in the order of the ids. */
static bool is_replaced(const struct dl_sink_list *list, size_t index)
{
	const struct dl_asset *asset = dl_sink_item(list, index);
	size_t i = index + 1;

	while (i < list->count &&
	       strcmp(((const struct dl_asset *)dl_sink_item(list, i))->name, asset->name) != 0)
		i++;
	return i < list->count;
}

int dl_gitlab_release_stat(struct dl_scope *scope, const struct dl_target *target,
			   const struct dl_edition *edition, struct dl_sink *sink)
{
	const struct dl_var *vars = vars_of(scope, target, edition, NULL);
	const char *id = find_package(scope, target, vars);
	const struct dl_var of_package[] = {
		{"project", target->project}, {"package", id}, {"per_page", "100"}, {NULL, NULL}};
	struct dl_sink_list list;
	struct dl_asset asset;
	int result = DL_MORE;
	size_t i;

	if (!id)
		return scope->error.class == DL_OK ? DL_MORE : -1;
	dl_sink_list(&list, scope, 0);
	if (dl_rest_list(scope, target, &list_files, of_package, &list.sink) < 0)
		return -1;
	for (i = 0; i < list.count && result == DL_MORE; i++) {
		asset = *(const struct dl_asset *)dl_sink_item(&list, i);
		if (is_replaced(&list, i))
			continue;
		result = complete(scope, target, edition, id, &asset);
		if (result == 0)
			result = dl_sink_put(sink, scope, &dl_record_asset, &asset);
	}
	return result;
}

int dl_gitlab_release_put(struct dl_scope *scope, const struct dl_target *target,
			  const struct dl_edition *edition, const struct dl_upload *upload,
			  struct dl_sink *sink)
{
	const struct dl_body_piece piece = {.fd = upload->fd, .len = upload->size_bytes};
	const struct dl_body body = {.pieces = &piece, .count = 1, .meter = upload->meter};
	const struct dl_var *vars = vars_of(scope, target, edition, upload->name);
	const struct dl_json *node;
	struct dl_asset *asset;
	struct dl_res res;
	int result = dl_rest_upload(scope, target, &put_file, vars, &body, &res);

	if (result)
		return result;
	node = dl_json_parse(scope, res.body, res.len);
	asset = node ? dl_rest_record(scope, target, &put_file, node) : NULL;
	if (!asset || complete(scope, target, edition, dl_json_text(node, "package_id"), asset))
		return -1;
	return dl_sink_put(sink, scope, &dl_record_asset, asset);
}

int dl_gitlab_release_remove(struct dl_scope *scope, const struct dl_target *target,
			     const struct dl_edition *edition, const struct dl_asset *asset)
{
	const struct dl_var vars[] = {{"project", target->project}, {"id", asset->id}, {NULL, NULL}};
	struct dl_res res;

	(void)edition;
	return dl_rest_send(scope, target, &drop_file, vars, NULL, &res);
}

/* ------------------------------------------------------------------ the release itself */

static void add_text(struct dl_buf *body, const char *name, const char *value)
{
	if (!value)
		return;
	dl_buf_printf(body, "%s\"%s\":", body->data[body->len - 1] == '{' ? "" : ",", name);
	dl_json_quote(body, value, strlen(value));
}

static void add_file(struct dl_scope *scope, struct dl_buf *body, const struct dl_asset *asset)
{
	struct dl_buf path;

	/* A '+' in the path is refused unless it is encoded. */
	dl_buf_init(&path, &scope->arena, DL_CAP_LINE);
	dl_buf_putc(&path, '/');
	dl_url_encode(&path, asset->name, "");
	dl_buf_putc(body, '{');
	add_text(body, "name", asset->name);
	add_text(body, "url", asset->url);
	add_text(body, "direct_asset_path", path.data);
	add_text(body, "link_type", "package");
	dl_buf_putc(body, '}');
}

/* What EDITION is to be, as JSON; with its FILES, unless that is NULL. */
static const char *describe(struct dl_scope *scope, const struct dl_edition *edition,
			    const struct dl_sink_list *files)
{
	struct dl_buf body;
	size_t i;

	dl_buf_init(&body, &scope->arena, DL_CAP_BODY);
	dl_buf_putc(&body, '{');
	add_text(&body, "name", edition->name);
	add_text(&body, "description", edition->body);
	if (files) {
		add_text(&body, "tag_name", edition->version);
		add_text(&body, "ref", edition->sha);
		dl_buf_puts(&body, ",\"assets\":{\"links\":[");
		for (i = 0; i < files->count; i++) {
			if (i)
				dl_buf_putc(&body, ',');
			add_file(scope, &body, dl_sink_item(files, i));
		}
		dl_buf_puts(&body, "]}");
	}
	dl_buf_putc(&body, '}');
	return dl_buf_check(scope, &body, "the release") ? NULL : body.data;
}

static bool has_link(const struct dl_json *links, const char *name)
{
	const struct dl_json *node;

	for (node = links->child; node; node = node->next)
		if (dl_text_same(dl_json_text(node, "name"), name))
			return true;
	return false;
}

/* Adds links to those of FILES that the release does not have yet. As dl_rest_send. */
static int add_links(struct dl_scope *scope, const struct dl_target *target, const struct dl_var *vars,
		     const struct dl_sink_list *files)
{
	const struct dl_json *links = dl_rest_get(scope, target, &list_links, vars);
	const struct dl_asset *file;
	struct dl_buf body;
	struct dl_res res;
	int result = links ? 0 : -1;
	size_t i;

	for (i = 0; i < files->count && result == 0; i++) {
		file = dl_sink_item(files, i);
		if (has_link(links, file->name))
			continue;
		dl_buf_init(&body, &scope->arena, DL_CAP_LINE);
		add_file(scope, &body, file);
		result = dl_rest_send(scope, target, &add_link, vars, body.data, &res);
	}
	return result;
}

/* Whether the release exists by now: another one has made it, or its answer was lost. */
static bool exists(struct dl_scope *scope, const struct dl_target *target, const struct dl_var *vars)
{
	struct dl_scope attempt;
	bool found;

	dl_scope_open(&attempt, NULL);
	found = dl_rest_get(&attempt, target, &get_release, vars) != NULL;
	dl_scope_close(&attempt);
	if (found)
		dl_fail_take(scope, &scope->arena);
	return found;
}

int dl_gitlab_release_finish(struct dl_scope *scope, const struct dl_target *target,
			     const struct dl_edition *edition, struct dl_sink *sink)
{
	const struct dl_var *vars = vars_of(scope, target, edition, NULL);
	bool made = edition->published;
	struct dl_sink_list files;
	const char *body;
	struct dl_res res;
	int result;

	dl_sink_list(&files, scope, 0);
	result = dl_gitlab_release_stat(scope, target, edition, &files.sink);
	if (result == 0 && !made) {
		body = describe(scope, edition, &files);
		result = body ? dl_rest_send(scope, target, &create, vars, body, &res) : -1;
		made = result < 0 && exists(scope, target, vars);
	}
	if (made) {
		body = describe(scope, edition, NULL);
		result = !body			    ? -1
			 : strcmp(body, "{}") == 0 ? 0
						    : dl_rest_send(scope, target, &change, vars, body, &res);
		if (result == 0)
			result = add_links(scope, target, vars, &files);
	}
	return result ? result : target->provider->forge->release(scope, target, edition->version, sink);
}
