/* An asset without a path is the file of checksums, which is made again of the same files. One with an id is
 * there, and stays, or is replaced. */
#include "lib/release/release_plan.h"

#include <string.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/data/record.h"
#include "lib/program/tool.h"
#include "lib/release/assets.h"
#include "lib/release/publish.h"
#include "lib/release/release.h"

static bool is_planned(int action)
{
	return action == DL_ACTION_PLANNED || action == DL_ACTION_SKIPPED;
}

int dl_release_plan_read(struct dl_scope *scope, struct dl_release_plan *plan)
{
	static const struct dl_schema *const schemas[] = {&dl_record_release, &dl_record_asset};
	const struct dl_asset *asset;
	struct dl_sink_list lists[2];
	size_t i;

	if (dl_publish_plan(scope, schemas, lists, 2))
		return -1;
	if (lists[0].count != 1)
		return dl_fail(scope, DL_DATA, "the plan is about %zu releases, and not one", lists[0].count);
	plan->release = dl_sink_item(&lists[0], 0);
	plan->assets = lists[1];
	if (!plan->release->tag || !plan->release->sha)
		return dl_fail(scope, DL_DATA, "the release of the plan has no tag, or no commit");
	if (plan->release->action != DL_ACTION_PLANNED)
		return dl_fail(scope, DL_REFUSED, "the release is not planned");
	for (i = 0; i < plan->assets.count; i++) {
		asset = dl_sink_item(&plan->assets, i);
		if (!asset->name || !asset->digest)
			return dl_fail(scope, DL_DATA, "an asset of the plan has no name, or no digest");
		if (!is_planned(asset->action))
			return dl_fail(scope, DL_REFUSED, "%s is not planned",
				       dl_text_quote(&scope->arena, asset->name));
	}
	return 0;
}

void dl_release_plan_wish(struct dl_scope *scope, const struct dl_release_plan *plan,
			  struct dl_release_wish *wish)
{
	const struct dl_release *release = plan->release;
	const char **paths = dl_arena_array(&scope->arena, plan->assets.count + 1, sizeof *paths);
	const struct dl_asset *asset;
	size_t count = 0, i;

	*wish = (struct dl_release_wish){
		.edition = {
			.version = release->tag,
			.name = release->name,
			.body = release->body,
			.draft = release->draft == 1,
			.prerelease = release->prerelease == 1,
		},
		.target = release->sha,
		.clobber = true, /* the check knows which ones */
		.latest = release->latest == 1 ? DL_RELEASE_MUST : DL_RELEASE_NEVER,
		.plan = plan,
	};
	for (i = 0; i < plan->assets.count; i++) {
		asset = dl_sink_item(&plan->assets, i);
		if (asset->path)
			paths[count++] = asset->path;
		else
			wish->checksums = true;
	}
	wish->files = (struct dl_opt_list){paths, count};
}

static int refuse(struct dl_scope *scope, const char *what, const char *why)
{
	dl_fail(scope, DL_REFUSED, "%s %s", dl_text_quote(&scope->arena, what), why);
	return dl_fail_hint(scope, "nothing was sent; make a new plan: -N");
}

/* The line of the plan about FILE, which was opened because there is one. */
static const struct dl_asset *line_of(const struct dl_release_plan *plan, const struct dl_assets_file *file)
{
	const struct dl_asset *line;
	size_t i = 0;

	do
		line = dl_sink_item(&plan->assets, i++);
	while (!dl_text_same(line->path, file->upload.path));
	return line;
}

int dl_release_plan_check(struct dl_scope *scope, const struct dl_call *call,
			  const struct dl_release_plan *plan, const struct dl_release *found,
			  const struct dl_assets *assets)
{
	static const char kind[] = "sha256:";
	const struct dl_release *release = plan->release;
	const struct dl_asset *line;
	size_t i;

	if (dl_publish_elsewhere(call->target, &release->head))
		return refuse(scope, release->tag, "would be somewhere else now");
	if (!dl_text_same(release->id, found ? found->id : NULL))
		return refuse(scope, release->tag,
			      release->id ? "is not the one that was there" : "is there by now");
	for (i = 0; i < assets->count; i++) {
		line = line_of(plan, &assets->files[i]);
		if (!dl_text_starts(line->digest, kind) ||
		    !dl_text_same(line->digest + strlen(kind), assets->files[i].upload.sha256) ||
		    line->size_bytes != assets->files[i].upload.size_bytes)
			return refuse(scope, assets->files[i].upload.name, "is another file by now");
	}
	return 0;
}

int dl_release_plan_check_there(struct dl_scope *scope, const struct dl_release_plan *plan,
				const struct dl_assets *assets)
{
	const struct dl_assets_file *file;
	const struct dl_asset *line;

	for (file = assets->files; file < assets->files + assets->count; file++) {
		line = line_of(plan, file);
		if (file->presence == DL_PRESENCE_SAME)
			continue;
		if (line->action == DL_ACTION_SKIPPED)
			return refuse(scope, file->upload.name, "is not there any more");
		if (!dl_text_same(line->id, file->there ? file->asset.id : NULL))
			return refuse(scope, file->upload.name, "would take the place of something else");
	}
	return 0;
}
