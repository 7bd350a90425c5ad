/* Assets are downloaded as artifacts are, by lib/ci/download.c: each becomes a record of the one kind on its
 * way in, and one of its own again on its way out. */
#include "lib/release/releases.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/data/record.h"
#include "lib/data/semver_range.h"
#include "lib/data/sink.h"
#include "lib/program/tool.h"

/* ------------------------------------------------------------------ which releases */

/* Passes on the releases that are asked for. */
struct filter {
	struct dl_sink sink;
	struct dl_sink *next;
	const struct dl_releases_wish *wish;
	const struct dl_semver_range *range; /* NULL: any */
};

static bool is_kind(const struct dl_releases_wish *wish, const struct dl_release *release)
{
	bool draft = release->draft == 1, pre = release->prerelease == 1;

	if (wish->latest && draft)
		return false;
	if (!wish->stable && !wish->prerelease && !wish->draft)
		return !wish->latest || !pre;
	return (wish->draft && draft) || (wish->prerelease && pre && !draft) ||
	       (wish->stable && !pre && !draft);
}

static int put_wanted(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
		      const void *record)
{
	struct filter *filter = (struct filter *)sink;
	const struct dl_release *release = record;
	struct dl_semver version;

	if (!is_kind(filter->wish, release) ||
	    (filter->wish->tag && !dl_text_match(filter->wish->tag, release->tag)) ||
	    (filter->range &&
	     !(dl_semver_in_tag(release->tag, &version) && dl_semver_range_has(filter->range, &version))))
		return DL_MORE;
	return dl_sink_put(filter->next, scope, schema, record);
}

/* The highest version first, then what is no version, the newest first. */
static int highest_first(const void *a, const void *b)
{
	const struct dl_release *one = a, *other = b;
	struct dl_semver first, second;
	bool is_first = dl_semver_in_tag(one->tag, &first), is_second = dl_semver_in_tag(other->tag, &second);
	int order = is_first && is_second ? dl_semver_compare(&second, &first) : is_second - is_first;

	if (order)
		return order;
	if (one->published_at != other->published_at)
		return one->published_at < other->published_at ? 1 : -1;
	return strcmp(other->tag, one->tag);
}

static int newest_first(const void *a, const void *b)
{
	const struct dl_release *one = a, *other = b;

	return one->published_at == other->published_at ? strcmp(other->tag, one->tag)
	       : one->published_at < other->published_at ? 1
							 : -1;
}

static int check_wish(struct dl_scope *scope, const struct dl_releases_wish *wish)
{
	if (!wish->sort || strcmp(wish->sort, "date") == 0 || strcmp(wish->sort, "version") == 0)
		return 0;
	dl_fail(scope, DL_USAGE, "'%s' is no order", dl_text_quote(&scope->arena, wish->sort));
	return dl_fail_hint(scope, "--sort takes date or version");
}

/* What comes from the forge's list. */
static int from_list(struct dl_scope *scope, const struct dl_call *call, const struct dl_releases_wish *wish,
		     struct dl_sink_list *releases)
{
	const struct dl_forge *forge = call->target->provider->forge;
	bool sorted = wish->latest || dl_text_same(wish->sort, "version");
	long limit = call->tool->common.limit;
	struct filter filter = {.sink.put = put_wanted, .next = &releases->sink, .wish = wish};
	struct dl_semver_range range;

	if (!forge->releases)
		return dl_provider_lacks(scope, call->target, "releases");
	if (wish->range && dl_semver_range_parse(scope, wish->range, &range))
		return -1;
	filter.range = wish->range ? &range : NULL;
	releases->limit = limit > 0 && !sorted ? (size_t)limit : 0;
	if (forge->releases(scope, call->target, &filter.sink) < 0)
		return -1;
	if (sorted && releases->count)
		qsort(releases->items, releases->count, sizeof(struct dl_release),
		      wish->latest && dl_text_same(wish->sort, "date") ? newest_first : highest_first);
	if (wish->latest && releases->count)
		releases->count = 1;
	if (limit > 0 && releases->count > (size_t)limit)
		releases->count = (size_t)limit;
	return 0;
}

/* The tag that the ref names, of a release or of an asset (TAG/NAME). NULL: none. */
static const char *tag_of_ref(struct dl_scope *scope, const struct dl_ref *ref)
{
	if (ref && strcmp(ref->kind, "release") == 0)
		return ref->id;
	return ref && strcmp(ref->kind, "asset") == 0 && strrchr(ref->id, '/')
		       ? dl_arena_copy(&scope->arena, ref->id, (size_t)(strrchr(ref->id, '/') - ref->id))
		       : NULL;
}

int dl_releases_find(struct dl_scope *scope, const struct dl_call *call, const struct dl_releases_wish *wish,
		     struct dl_sink_list *releases)
{
	const struct dl_forge *forge = call->target->provider->forge;
	const char *tag = tag_of_ref(scope, call->ref);

	dl_sink_list(releases, scope, 0);
	if (check_wish(scope, wish))
		return -1;
	if (call->ref && !tag && strcmp(call->ref->kind, "repo") != 0)
		return dl_ref_refuse(scope, call->ref, "has no releases", "a repository has some");
	if (!tag && wish->tag && !strpbrk(wish->tag, "*?"))
		tag = wish->tag;
	if (!tag)
		return from_list(scope, call, wish, releases);
	if (!forge->release)
		return dl_provider_lacks(scope, call->target, "release");
	return forge->release(scope, call->target, tag, &releases->sink) < 0 ? -1 : 0;
}

/* ------------------------------------------------------------------ their assets */

static bool is_named(const struct dl_call *call, const struct dl_releases_wish *wish,
		     const struct dl_asset *asset)
{
	const char *of_ref = call->ref && strcmp(call->ref->kind, "asset") == 0
				     ? strrchr(call->ref->id, '/')
				     : NULL;
	size_t i = 0;

	if (of_ref && strcmp(of_ref + 1, asset->name) != 0)
		return false;
	while (i < wish->names.count && !dl_text_match(wish->names.items[i], asset->name))
		i++;
	return !wish->names.count || i < wish->names.count;
}

int dl_releases_assets(struct dl_scope *scope, const struct dl_call *call,
		       const struct dl_releases_wish *wish, const struct dl_sink_list *releases,
		       struct dl_sink *sink)
{
	const struct dl_release *release;
	const struct dl_asset *asset;
	int result = DL_MORE;
	size_t i, k;

	for (i = 0; i < releases->count && result == DL_MORE; i++) {
		release = dl_sink_item(releases, i);
		asset = release->assets.items;
		for (k = 0; k < release->assets.count && result == DL_MORE; k++)
			if (is_named(call, wish, &asset[k]))
				result = dl_sink_put(sink, scope, &dl_record_asset, &asset[k]);
	}
	return result;
}

/* ------------------------------------------------------------------ downloads */

/* The asset as an artifact; that of a release whose tag is the run's id. */
static struct dl_artifact to_artifact(struct dl_scope *scope, const struct dl_asset *asset)
{
	struct dl_artifact *artifact = dl_schema_new(scope, &dl_record_artifact);
	struct dl_ref ref;

	artifact->head = asset->head;
	artifact->id = asset->id;
	artifact->name = asset->name;
	artifact->size_bytes = asset->size_bytes;
	artifact->digest = asset->digest;
	artifact->url = asset->url;
	if (dl_ref_parse(scope, asset->ref, &ref) == 0)
		artifact->run_id = tag_of_ref(scope, &ref);
	return *artifact;
}

static int fetch_asset(struct dl_scope *scope, const struct dl_target *target,
		       const struct dl_artifact *artifact, int64_t *offset, struct dl_writer *writer)
{
	const struct dl_asset asset = {
		.head = artifact->head, .id = artifact->id, .name = artifact->name, .url = artifact->url,
	};

	return target->provider->forge->download(scope, target, &asset, offset, writer);
}

/* Passes on, for each artifact, the asset that it was. */
struct restorer {
	struct dl_sink sink;
	struct dl_sink *next;
	const struct dl_sink_list *assets;
};

static int put_asset(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
		     const void *record)
{
	struct restorer *restorer = (struct restorer *)sink;
	const struct dl_artifact *artifact = record;
	struct dl_asset asset;
	size_t i = 0;

	(void)schema;
	do
		asset = *(const struct dl_asset *)dl_sink_item(restorer->assets, i++);
	while (!dl_text_same(asset.ref, artifact->ref));
	asset.path = artifact->path;
	return dl_sink_put(restorer->next, scope, &dl_record_asset, &asset);
}

int dl_releases_download(struct dl_scope *scope, const struct dl_call *call,
			 const struct dl_releases_wish *wish, const struct dl_download *download,
			 const struct dl_sink_list *releases)
{
	struct dl_download by_asset = *download;
	struct dl_sink_list assets, artifacts;
	struct restorer restorer = {.sink.put = put_asset, .next = call->sink, .assets = &assets};
	struct dl_call inner = *call;
	struct dl_artifact artifact;
	const struct dl_asset *asset;
	size_t i;

	if (!call->target->provider->forge->download)
		return dl_provider_lacks(scope, call->target, "release-download");
	dl_sink_list(&assets, scope, 0);
	dl_sink_list(&artifacts, scope, 0);
	if (dl_releases_assets(scope, call, wish, releases, &assets.sink) < 0)
		return -1;
	for (i = 0; i < assets.count; i++) {
		asset = dl_sink_item(&assets, i);
		artifact = to_artifact(scope, asset);
		if (asset->state && strcmp(asset->state, "uploaded") != 0)
			dl_tool_note(call->tool, "%s is left out: it has never come whole",
				     dl_text_quote(&scope->arena, asset->name));
		else if (dl_sink_put(&artifacts.sink, scope, &dl_record_artifact, &artifact))
			return -1;
	}
	if (!artifacts.count)
		return dl_fail(scope, DL_MISSING, wish->names.count ? "no asset is called so" : "no assets");
	by_asset.fetch = fetch_asset;
	inner.sink = &restorer.sink;
	return dl_download_all(scope, &inner, &by_asset, &artifacts);
}
