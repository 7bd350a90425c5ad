#include "providers/forge/gitlab_release.h"

#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/path.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/url.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/provider/provider.h"
#include "lib/provider/rest.h"
#include "providers/forge/forge.h"
#include "providers/registry/gitlab_package.h"

#define PROJECT "/projects/{project}"

static const struct dl_route drop_file = {.method = "DELETE", .path = PROJECT "/packages/{+id}"};
static const struct dl_route get_release = {.path = PROJECT "/releases/{tag}"};
static const struct dl_route create = {.method = "POST", .path = PROJECT "/releases"};
static const struct dl_route change = {.method = "PUT", .path = PROJECT "/releases/{tag}"};

static const struct dl_map link_map[] = {
	{"id", "id", DL_AS_IS},
	{"name", "name", DL_AS_IS},
	{"url", "url", DL_AS_IS},
	{NULL, NULL, DL_AS_IS},
};

static const struct dl_route list_links = {
	.path = PROJECT "/releases/{tag}/assets/links{?per_page}", .items = "",
	.schema = &dl_record_asset, .map = link_map,
};
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

/* What the package of TARGET's releases is called. */
static const char *package_of(struct dl_scope *scope, const struct dl_target *target)
{
	return spell(scope, dl_path_last(target->project));
}

/* What names the release of EDITION in routes. */
static const struct dl_var *vars_of(struct dl_scope *scope, const struct dl_target *target,
				    const struct dl_edition *edition)
{
	const struct dl_var vars[] = {{"project", target->project}, {"tag", edition->version},
				      {"per_page", "100"}, {NULL, NULL}};
	struct dl_var *copy = dl_arena_alloc(&scope->arena, sizeof vars);

	memcpy(copy, vars, sizeof vars);
	return copy;
}

/* Completes the files of a package, which become assets of the release of EDITION. */
struct completion {
	struct dl_sink sink;
	struct dl_sink *next;
	const struct dl_target *target;
	const struct dl_edition *edition;
};

static int put_completed(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
			 const void *record)
{
	const struct completion *completion = (struct completion *)sink;
	const struct dl_target *target = completion->target;
	const char *version = completion->edition->version;
	struct dl_asset asset = *(const struct dl_asset *)record;

	asset.url = dl_gitlab_package_url(scope, target, package_of(scope, target), spell(scope, version),
					  asset.name);
	dl_forge_asset(&scope->arena, target, version, &asset);
	return asset.url ? dl_sink_put(completion->next, scope, schema, &asset) : -1;
}

int dl_gitlab_release_stat(struct dl_scope *scope, const struct dl_target *target,
			   const struct dl_edition *edition, struct dl_sink *sink)
{
	struct completion completion = {{put_completed}, sink, target, edition};

	return dl_gitlab_package_files(scope, target, package_of(scope, target),
				       spell(scope, edition->version), &completion.sink);
}

int dl_gitlab_release_put(struct dl_scope *scope, const struct dl_target *target,
			  const struct dl_edition *edition, const struct dl_upload *upload,
			  struct dl_sink *sink)
{
	struct completion completion = {{put_completed}, sink, target, edition};

	return dl_gitlab_package_put(scope, target, package_of(scope, target),
				     spell(scope, edition->version), upload, &completion.sink);
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

/* Whether one of the COUNT LINKS leads to FILE. */
static bool has_link(const struct dl_asset *links, size_t count, const struct dl_asset *file)
{
	size_t i = 0;

	while (i < count && !dl_text_same(links[i].name, file->name) &&
	       !dl_text_same(links[i].url, file->url))
		i++;
	return i < count;
}

/* Whether the release RELEASE lacks links to files that were put for it. -1: failed. */
static int lacks_links(struct dl_scope *scope, const struct dl_target *target,
		       const struct dl_edition *edition, const struct dl_json *release)
{
	const struct dl_asset *links;
	struct dl_sink_list files;
	size_t count, i;

	dl_sink_list(&files, scope, 0);
	links = dl_rest_records(scope, target, &list_links, dl_json_get(release, "assets.links"), &count);
	if (!links || dl_gitlab_release_stat(scope, target, edition, &files.sink) < 0)
		return -1;
	for (i = 0; i < files.count; i++)
		if (!has_link(links, count, dl_sink_item(&files, i)))
			return true;
	return false;
}

int dl_gitlab_release_begin(struct dl_scope *scope, const struct dl_target *target,
			    struct dl_edition *edition)
{
	const struct dl_var *vars = vars_of(scope, target, edition);
	const struct dl_json *found = dl_rest_get(scope, target, &get_release, vars);
	int lacking;

	if (!found && scope->error.status != 404)
		return -1;
	if (!found)
		dl_fail_take(scope, &scope->arena);
	edition->id = edition->version;
	edition->published = found != NULL;
	lacking = found ? lacks_links(scope, target, edition, found) : 0;
	edition->lacking = lacking > 0;
	return lacking < 0 ? -1 : 0;
}

/* Adds links to those of FILES that the release does not have yet. As dl_rest_send. */
static int add_links(struct dl_scope *scope, const struct dl_target *target, const struct dl_var *vars,
		     const struct dl_sink_list *files)
{
	const struct dl_asset *file;
	struct dl_sink_list links;
	struct dl_buf body;
	struct dl_res res;
	int result;
	size_t i;

	dl_sink_list(&links, scope, 0);
	result = dl_rest_list(scope, target, &list_links, vars, &links.sink) < 0 ? -1 : 0;
	for (i = 0; i < files->count && result == 0; i++) {
		file = dl_sink_item(files, i);
		if (has_link((const struct dl_asset *)links.items, links.count, file))
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
	const struct dl_var *vars = vars_of(scope, target, edition);
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
