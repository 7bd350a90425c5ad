/* A draft has no tag that it could be asked for by, so that it is looked for in the list: by
 * lib/release/release.c, and here where making one may have worked though the answer was lost. */
#include "providers/forge/hub_release.h"

#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/url.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/provider/provider.h"
#include "lib/provider/rest.h"
#include "providers/forge/forge.h"
#include "providers/forge/hub.h"

#define PROJECT "/repos/{+project}"

static const struct dl_route create = {.method = "POST", .path = PROJECT "/releases"};
static const struct dl_route change = {.method = "PATCH", .path = PROJECT "/releases/{id}"};
static const struct dl_route drop = {.method = "DELETE", .path = PROJECT "/releases/{id}"};
static const struct dl_route drop_asset = {
	/* Gitea knows an asset below its release, GitHub by itself. */
	.method = "DELETE", .path = PROJECT "/releases/{+asset}",
};

static void add_text(struct dl_buf *body, const char *name, const char *value)
{
	if (!value)
		return;
	dl_buf_printf(body, ",\"%s\":", name);
	dl_json_quote(body, value, strlen(value));
}

/* What EDITION is to be, as JSON; with DRAFT whether it is one. NULL: it is too large. */
static const char *describe(struct dl_scope *scope, const struct dl_edition *edition, bool draft)
{
	struct dl_buf body;

	dl_buf_init(&body, &scope->arena, DL_CAP_LINE);
	dl_buf_puts(&body, "{\"tag_name\":");
	dl_json_quote(&body, edition->version, strlen(edition->version));
	add_text(&body, "target_commitish", edition->sha);
	add_text(&body, "name", edition->name);
	add_text(&body, "body", edition->body);
	dl_buf_printf(&body, ",\"draft\":%s,\"prerelease\":%s", draft ? "true" : "false",
		      edition->prerelease ? "true" : "false");
	if (!draft)
		dl_buf_printf(&body, ",\"make_latest\":\"%s\"", edition->latest ? "true" : "false");
	dl_buf_putc(&body, '}');
	return dl_buf_check(scope, &body, "the release") ? NULL : body.data;
}

/* Sends BODY by ROUTE; the release in the answer, in *RELEASE. As dl_rest_send. */
static int send_release(struct dl_scope *scope, const struct dl_target *target, const struct dl_route *route,
			const char *id, const char *body, struct dl_release *release)
{
	const struct dl_var vars[] = {{"project", target->project}, {"id", id}, {NULL, NULL}};
	const struct dl_json *node;
	const struct dl_release *read;
	struct dl_res res;
	int result = body ? dl_rest_send(scope, target, route, vars, body, &res) : -1;

	if (result)
		return result;
	node = dl_json_parse(scope, res.body, res.len);
	read = node ? dl_hub_read_release(scope, target, node) : NULL;
	if (read)
		*release = *read;
	return read ? 0 : -1;
}

int dl_hub_release_begin(struct dl_scope *scope, const struct dl_target *target, const struct dl_hub *hub,
			 struct dl_edition *edition)
{
	const struct dl_release *found;
	struct dl_error error;
	struct dl_release made;
	int result;

	if (edition->id)
		return 0;
	result = send_release(scope, target, &create, NULL, describe(scope, edition, true), &made);
	edition->fresh = result == 0;
	found = &made;
	if (result < 0 && dl_fail_lost(&scope->error)) {
		error = dl_fail_take(scope, &scope->arena);
		found = dl_hub_find(scope, target, hub, edition->version);
		if (!found && scope->error.class == DL_OK)
			scope->error = error;
		result = found ? 0 : -1;
	}
	if (result)
		return result;
	edition->id = found->id;
	edition->published = found->draft != 1;
	return 0;
}

int dl_hub_release_stat(struct dl_scope *scope, const struct dl_target *target, const struct dl_hub *hub,
			const struct dl_edition *edition, struct dl_sink *sink)
{
	struct dl_sink_list list;
	struct dl_asset *asset;
	size_t i;

	dl_sink_list(&list, scope, 0);
	if (dl_hub_assets(scope, target, hub, edition->id, &list.sink) < 0)
		return -1;
	for (i = 0; i < list.count; i++) {
		asset = (struct dl_asset *)list.items + i;
		dl_forge_asset(&scope->arena, target, edition->version, asset);
	}
	return dl_sink_replay(scope, &list, sink);
}

int dl_hub_release_put(struct dl_scope *scope, const struct dl_target *target,
		       const struct dl_edition *edition, const struct dl_json *body, struct dl_sink *sink)
{
	const struct dl_asset *asset =
		body ? dl_hub_read_asset(scope, target, edition->version, body) : NULL;

	return asset ? dl_sink_put(sink, scope, &dl_record_asset, asset) : -1;
}

int dl_hub_release_remove(struct dl_scope *scope, const struct dl_target *target,
			  const struct dl_edition *edition, const struct dl_asset *asset)
{
	bool below = !target->provider->forge->has_latest;
	const struct dl_var vars[] = {
		{"project", target->project},
		{"asset", below ? dl_arena_format(&scope->arena, "%s/assets/%s", edition->id, asset->id)
				: dl_arena_format(&scope->arena, "assets/%s", asset->id)},
		{NULL, NULL},
	};
	struct dl_res res;

	return dl_rest_send(scope, target, &drop_asset, vars, NULL, &res);
}

int dl_hub_release_finish(struct dl_scope *scope, const struct dl_target *target,
			  const struct dl_edition *edition, struct dl_sink *sink)
{
	struct dl_release release;
	int result = send_release(scope, target, &change, edition->id,
				  describe(scope, edition, edition->draft), &release);

	if (result)
		return result;
	release.sha = edition->sha;
	if (target->provider->forge->has_latest)
		release.latest = edition->latest && !edition->draft;
	return dl_sink_put(sink, scope, &dl_record_release, &release);
}

int dl_hub_release_abort(struct dl_scope *scope, const struct dl_target *target,
			 const struct dl_edition *edition)
{
	const struct dl_var vars[] = {{"project", target->project}, {"id", edition->id}, {NULL, NULL}};
	struct dl_res res;

	return dl_rest_send(scope, target, &drop, vars, NULL, &res);
}
