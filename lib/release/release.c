/* What there is is asked for once, and each file compared with it; a file that could not be sent is asked
 * about again by lib/release/publish.c. An asset that never came whole is removed before its file is sent.
 * What has arrived is learned from the answer to each file; only where that tells no digest is the list read
 * again.
 *
 * Files that vouch for others, checksums and signatures, are sent when those have arrived: where they are,
 * all is. */
#include "lib/release/release.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>

#include "lib/base/digest.h"
#include "lib/base/pool.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/base/writer.h"
#include "lib/data/record.h"
#include "lib/data/semver.h"
#include "lib/data/sink.h"
#include "lib/program/tool.h"
#include "lib/release/assets.h"
#include "lib/release/publish.h"
#include "lib/release/release_look.h"
#include "lib/release/release_plan.h"

struct run {
	const struct dl_call *call;
	const struct dl_forge *forge;
	struct dl_release_wish *wish;
	struct dl_release_look look;
	struct dl_assets assets;
	bool last; /* those are sent that vouch for others */
	bool changed;
	struct dl_publish_meter meter;
	_Atomic int64_t minute_ms, hour_ms; /* up to when the forge's limits are used up */
};

static const char *quote(struct dl_scope *scope, const char *text)
{
	return dl_text_quote(&scope->arena, text);
}

static struct dl_assets_file *end_of(const struct run *run)
{
	return run->assets.files + run->assets.count;
}

/* ------------------------------------------------------------------ files there */

/* Hashes what comes. */
struct hasher {
	struct dl_writer writer;
	struct dl_digest digest;
};

static int hash_bytes(struct dl_writer *writer, struct dl_scope *scope, const char *data, size_t len)
{
	(void)scope;
	dl_digest_add(&((struct hasher *)writer)->digest, data, len);
	return 0;
}

/* Decides by the bytes of ASSET itself, of which the forge tells no hash. */
static int compare_bytes(struct dl_scope *scope, const struct run *run, struct dl_assets_file *file)
{
	struct hasher hasher = {.writer.write = hash_bytes};
	int64_t offset = 0;
	const char *hash;
	int result;

	if (!run->forge->download || dl_digest_begin(scope, &hasher.digest, DL_SHA256))
		return run->forge->download ? -1 : 0;
	result = run->forge->download(scope, run->call->target, &file->asset, &offset, &hasher.writer);
	hash = dl_digest_end(&hasher.digest, &scope->arena);
	if (result == 0)
		file->presence = strcmp(hash, file->upload.sha256) == 0 ? DL_PRESENCE_SAME
									: DL_PRESENCE_DIFFERENT;
	return result;
}

/* Compares all files with what there is, which is nothing in a draft that was just made. */
static int look(struct dl_scope *scope, struct run *run, bool by_bytes)
{
	const struct dl_edition *edition = &run->wish->edition;
	const struct dl_asset *asset;
	struct dl_sink_list list;
	struct dl_assets_file *file;

	dl_sink_list(&list, scope, 0);
	if (edition->id && !edition->fresh &&
	    run->forge->stat(scope, run->call->target, edition, &list.sink) < 0)
		return -1;
	for (file = run->assets.files; file < end_of(run); file++) {
		asset = dl_assets_find(scope, &list, &file->upload);
		file->there = asset != NULL;
		file->presence = dl_assets_compare(asset, &file->upload);
		if (asset)
			file->asset = *asset;
		if (file->presence == DL_PRESENCE_UNKNOWN && by_bytes && compare_bytes(scope, run, file))
			return -1;
	}
	return 0;
}

/* The step `stat` of lib/release/publish.c. What has not come whole is taken away: it would be in the way. */
static int stat_one(struct dl_scope *scope, const struct dl_target *target, const struct dl_edition *edition,
		    const struct dl_upload *upload)
{
	const struct dl_forge *forge = target->provider->forge;
	const struct dl_asset *asset;
	struct dl_sink_list list;
	enum dl_presence presence;

	dl_sink_list(&list, scope, 0);
	if (forge->stat(scope, target, edition, &list.sink) < 0)
		return -1;
	asset = dl_assets_find(scope, &list, upload);
	presence = dl_assets_compare(asset, upload);
	if (asset && presence == DL_PRESENCE_ABSENT && forge->remove &&
	    forge->remove(scope, target, edition, asset) < 0)
		return -1;
	return (int)presence;
}

/* ------------------------------------------------------------------ sending */

/* How long to wait until one more of COUNT things in PERIOD_MS is within a limit, of which three quarters may
 * be used up at once. */
static int64_t take_turn(_Atomic int64_t *used_ms, int count, int64_t period_ms)
{
	int64_t now = dl_time_clock_ms(), interval, old, new;

	if (!count)
		return 0;
	interval = period_ms / count;
	do {
		old = *used_ms;
		new = (old > now ? old : now) + interval;
	} while (!atomic_compare_exchange_weak(used_ms, &old, new));
	return new - now - period_ms * 3 / 4;
}

static int keep_pace(struct dl_scope *scope, struct run *run)
{
	int64_t minute = take_turn(&run->minute_ms, run->forge->per_minute, 60000);
	int64_t hour = take_turn(&run->hour_ms, run->forge->per_hour, 3600000);
	int64_t wait = minute > hour ? minute : hour;

	if (wait <= 0)
		return 0;
	if (dl_tool_expired(run->call->tool, wait)) {
		dl_fail(scope, DL_LIMITED, "%s takes no more files at the moment", run->call->target->host);
		scope->error.retry_after_s = wait / 1000 + 1;
		return dl_fail_hint(scope, "the same command goes on where this one stopped");
	}
	dl_tool_progress(run->call->tool, "%s takes so many files in a minute: waiting %" PRId64 " s",
			 run->call->target->host, wait / 1000 + 1);
	dl_time_sleep_ms(wait);
	return 0;
}

/* Sends FILE. What is in its place goes first. */
static int send_file(struct dl_scope *scope, struct run *run, struct dl_assets_file *file)
{
	const struct dl_publish_steps steps = {.stat = stat_one, .put = run->forge->put};
	const struct dl_target *target = run->call->target;
	const struct dl_edition *edition = &run->wish->edition;
	struct dl_sink_list answer;
	int action;

	if (file->there && !run->forge->remove)
		return dl_provider_lacks(scope, target, "release-remove");
	if (file->there && run->forge->remove(scope, target, edition, &file->asset) < 0)
		return -1;
	if (keep_pace(scope, run))
		return -1;
	dl_sink_list(&answer, scope, 0);
	action = dl_publish_put(scope, run->call, &steps, edition, &file->upload, &answer.sink);
	if (action < 0)
		return -1;
	if (answer.count)
		file->asset = *(const struct dl_asset *)dl_sink_item(&answer, 0);
	/* Without an answer it was looked for, and found. */
	file->arrived = !answer.count || dl_assets_compare(&file->asset, &file->upload) == DL_PRESENCE_SAME;
	file->asset.action = file->there ? DL_ACTION_UPDATED : action;
	return 0;
}

static void work(void *arg, size_t index)
{
	struct run *run = arg;
	struct dl_assets_file *file = &run->assets.files[index];

	if (file->last == run->last && file->presence != DL_PRESENCE_SAME)
		DL_BUG_IF(send_file(&file->scope, run, file) && file->scope.error.class == DL_OK);
}

/* Puts what became of FILE, or will. */
static int put_line(struct dl_scope *scope, struct run *run, struct dl_assets_file *file, int action)
{
	const struct dl_target *target = run->call->target;
	const char *id = dl_arena_format(&scope->arena, "%s/%s", run->wish->edition.version,
					 file->upload.name);
	struct dl_asset *asset = dl_schema_new(scope, &dl_record_asset);

	if (file->asset.name)
		*asset = file->asset;
	else
		asset->head = dl_provider_head(&scope->arena, target, "asset", id);
	if (!asset->name)
		asset->name = file->upload.name;
	if (!asset->label)
		asset->label = file->upload.label;
	asset->path = file->upload.path;
	asset->size_bytes = file->upload.size_bytes;
	asset->content_type = file->upload.content_type;
	asset->digest = dl_arena_format(&scope->arena, "sha256:%s", file->upload.sha256);
	asset->action = action;
	if (file->scope.error.class != DL_OK)
		asset->error = dl_record_failure(&scope->arena, &file->scope.error);
	return dl_sink_put(run->call->sink, scope, &dl_record_asset, asset);
}

/* The first file that has failed; NULL: none has. */
static const struct dl_assets_file *find_failed(const struct run *run)
{
	const struct dl_assets_file *file = run->assets.files;

	while (file < end_of(run) && file->scope.error.class == DL_OK)
		file++;
	return file < end_of(run) ? file : NULL;
}

static int action_of(const struct dl_assets_file *file, bool failed)
{
	if (file->scope.error.class != DL_OK)
		return DL_ACTION_FAILED;
	if (file->presence == DL_PRESENCE_SAME)
		return DL_ACTION_SKIPPED;
	return failed && file->last ? DL_ACTION_PLANNED : file->asset.action;
}

/* Sends what is missing, and says what became of each. */
static int send_files(struct dl_scope *scope, struct run *run)
{
	size_t width = run->forge->width ? (size_t)run->forge->width : 1;
	const struct dl_assets_file *failed;
	struct dl_assets_file *file;
	int result = DL_MORE;

	for (file = run->assets.files; file < end_of(run); file++)
		if (file->presence != DL_PRESENCE_SAME) {
			run->meter.expected += file->upload.size_bytes;
			run->changed = true;
		}
	dl_pool_map(run->assets.count, width, work, run);
	failed = find_failed(run);
	run->last = true;
	if (!failed)
		dl_pool_map(run->assets.count, width, work, run);
	dl_tool_progress(run->call->tool, NULL);
	for (file = run->assets.files; file < end_of(run) && result == DL_MORE; file++)
		result = put_line(scope, run, file, action_of(file, failed != NULL));
	failed = find_failed(run);
	if (!failed)
		return result;
	scope->error = failed->scope.error;
	dl_fail_prefix(scope, "%s", quote(scope, failed->upload.name));
	dl_fail_hint(scope, "the same command goes on where this one stopped");
	scope->error = dl_fail_take(scope, &scope->arena); /* what it says may lie in the file's scope */
	return -1;
}

/* ------------------------------------------------------------------ the release */

/* Whether RELEASE, which may be NULL, is of a higher version than this one. */
static bool is_above(const struct run *run, const struct dl_release *release)
{
	struct dl_semver version, other;

	return release && dl_semver_in_tag(run->wish->edition.version, &version) &&
	       dl_semver_in_tag(release->tag, &other) && dl_semver_compare(&other, &version) > 0;
}

static bool is_ours(const struct run *run, const struct dl_release *release)
{
	return release && strcmp(release->tag, run->wish->edition.version) == 0;
}

static int decide_latest(struct dl_scope *scope, struct run *run)
{
	struct dl_edition *edition = &run->wish->edition;
	bool must = run->wish->latest == DL_RELEASE_MUST;

	edition->latest = run->wish->latest != DL_RELEASE_NEVER && !edition->prerelease;
	if (must && edition->prerelease)
		return dl_fail(scope, DL_USAGE, "a pre-release is not the latest release");
	if (!edition->latest || !run->forge->has_latest || edition->draft ||
	    !is_above(run, run->look.highest))
		return 0;
	edition->latest = false;
	return must ? dl_fail(scope, DL_REFUSED, "%s is higher: this is not the latest release",
			      quote(scope, run->look.highest->tag))
		    : 0;
}

/* Makes the release of TAG, which is ID there and published, the latest. */
static int crown(struct dl_scope *scope, const struct run *run, const char *tag, const char *id)
{
	const struct dl_edition edition = {.version = tag, .id = id, .published = true, .latest = true};
	struct dl_sink_list list;

	dl_sink_list(&list, scope, 1);
	return run->forge->finish(scope, run->call->target, &edition, &list.sink) < 0 ? -1 : 0;
}

/* Sees to it, when all is published, that this is the latest release or not, as was decided: the forge may
 * go by dates, and another release may have been published meanwhile. *LATEST is what it is in the end. */
static int assert_latest(struct dl_scope *scope, struct run *run, int *latest)
{
	const struct dl_edition *edition = &run->wish->edition;
	const struct dl_release *before = is_ours(run, run->look.latest) ? NULL : run->look.latest, *heir;
	struct dl_release_look now;
	bool due;

	if (dl_release_look_again(scope, run->call, edition->version, &now))
		return -1;
	due = edition->latest && !is_above(run, now.highest);
	heir = now.highest ? now.highest : run->look.highest;
	if (!edition->latest && before)
		heir = before;
	*latest = is_ours(run, now.latest);
	if (*latest == due || (!due && !heir)) /* of one release alone it is the latest, whatever is wanted */
		return 0;
	if (due ? crown(scope, run, edition->version, edition->id) : crown(scope, run, heir->tag, heir->id))
		return -1;
	if (dl_release_look_again(scope, run->call, edition->version, &now))
		return -1;
	*latest = is_ours(run, now.latest);
	if (due && !*latest)
		dl_tool_note(run->call->tool, "%s does not tell yet that it is the latest release",
			     run->call->target->host);
	if (due || !*latest)
		return 0;
	dl_fail(scope, DL_REFUSED, "it is published, and %s made it the latest release",
		run->call->target->host);
	return dl_fail_hint(scope, "dl-release %s --latest", dl_text_word(&scope->arena, heir->tag));
}

/* Names the assets that are there and are others, which nobody has allowed to replace. */
static int check_conflicts(struct dl_scope *scope, struct run *run)
{
	const char *first = NULL;
	struct dl_assets_file *file;
	size_t count = 0;

	for (file = run->assets.files; file < end_of(run) && !run->wish->clobber; file++) {
		if (file->presence != DL_PRESENCE_DIFFERENT && file->presence != DL_PRESENCE_UNKNOWN)
			continue;
		first = first ? first : file->upload.name;
		count++;
		if (put_line(scope, run, file, DL_ACTION_CONFLICT) < 0)
			return -1;
	}
	if (!count)
		return 0;
	dl_fail(scope, DL_REFUSED, "%s is there, and is another file", quote(scope, first));
	if (count > 1)
		dl_fail_prefix(scope, "%zu files", count);
	return dl_fail_hint(scope, "--clobber replaces it");
}

/* Whether all is there that was sent. */
static int check_arrival(struct dl_scope *scope, struct run *run)
{
	const struct dl_assets_file *file = run->assets.files;

	while (file < end_of(run) && (file->arrived || file->presence == DL_PRESENCE_SAME))
		file++;
	if (file == end_of(run))
		return 0;
	if (look(scope, run, false))
		return -1;
	for (file = run->assets.files; file < end_of(run); file++)
		if (file->presence != DL_PRESENCE_SAME && file->presence != DL_PRESENCE_UNKNOWN) {
			dl_fail(scope, DL_DATA, "%s: what is there is not what was sent",
				quote(scope, file->upload.name));
			return dl_fail_hint(scope, "--clobber sends it again");
		}
	return 0;
}

/* Whether nothing is to be done but to say what there is. */
static bool is_idle(const struct run *run)
{
	const struct dl_edition *edition = &run->wish->edition;
	bool latest = is_ours(run, run->look.latest);

	if (!edition->published || edition->lacking || run->changed || edition->name || edition->body)
		return false;
	return !run->forge->has_latest || run->wish->latest == DL_RELEASE_HIGHEST ||
	       latest == (run->wish->latest == DL_RELEASE_MUST);
}

/* Puts the release, with what became of it: as the forge has told it in LIST, else as it is to be. */
static int put_release(struct dl_scope *scope, const struct run *run, const struct dl_sink_list *list,
		       int action)
{
	struct dl_release *release = dl_schema_new(scope, &dl_record_release);
	const struct dl_edition *edition = &run->wish->edition;

	if (list->count) {
		*release = *(const struct dl_release *)dl_sink_item(list, 0);
	} else {
		release->head = dl_provider_head(&scope->arena, run->call->target, "release",
						 edition->version);
		release->id = run->look.release ? run->look.release->id : NULL;
		release->tag = edition->version;
		release->name = edition->name;
		release->body = edition->body;
		release->draft = edition->draft;
		release->prerelease = edition->prerelease;
		release->latest = is_idle(run) ? is_ours(run, run->look.latest) : edition->latest;
	}
	if (!release->sha)
		release->sha = edition->sha;
	release->action = action;
	return dl_sink_put(run->call->sink, scope, &dl_record_release, release);
}

/* Ends it: publishes a draft, changes what is published, or finds that nothing is to be done. */
static int end(struct dl_scope *scope, struct run *run)
{
	const struct dl_edition *edition = &run->wish->edition;
	const struct dl_target *target = run->call->target;
	bool idle = is_idle(run), stable = !edition->draft && !edition->prerelease;
	struct dl_error error = {.class = DL_OK};
	struct dl_sink_list list;
	int result;

	dl_sink_list(&list, scope, 1);
	result = idle ? run->forge->release(scope, target, edition->version, &list.sink)
		      : run->forge->finish(scope, target, edition, &list.sink);
	if (result < 0)
		return -1;
	if (!idle && stable && list.count && run->forge->has_latest && run->forge->releases &&
	    assert_latest(scope, run, &((struct dl_release *)list.items)->latest))
		error = dl_fail_take(scope, &scope->arena);
	result = put_release(scope, run, &list,
			     idle		  ? DL_ACTION_SKIPPED
			     : edition->published ? DL_ACTION_UPDATED
						  : DL_ACTION_CREATED);
	if (scope->error.class == DL_OK)
		scope->error = error;
	return scope->error.class == DL_OK ? result : -1;
}

static int plan_only(struct dl_scope *scope, struct run *run)
{
	const struct dl_sink_list none = {.count = 0};
	struct dl_assets_file *file;
	int result = DL_MORE;

	for (file = run->assets.files; file < end_of(run) && result == DL_MORE; file++)
		result = put_line(scope, run, file,
				  file->presence == DL_PRESENCE_SAME ? DL_ACTION_SKIPPED : DL_ACTION_PLANNED);
	return result == DL_MORE ? put_release(scope, run, &none, DL_ACTION_PLANNED) : result;
}

/* Learns what there is and what is wanted; nothing is sent. */
static int prepare(struct dl_scope *scope, struct run *run)
{
	struct dl_release_wish *wish = run->wish;
	struct dl_edition *edition = &wish->edition;
	const struct dl_release *found;

	if (edition->draft && !run->forge->drafts)
		return dl_fail(scope, DL_UNSUPPORTED, "%s has no drafts", run->call->target->provider->name);
	if (dl_release_look_around(scope, run->call, edition->version, wish->target, &run->look))
		return -1;
	found = run->look.release;
	edition->sha = run->look.sha;
	edition->id = found ? found->id : NULL;
	edition->published = found && found->draft != 1;
	/* What somebody has called so is no stable release because a file is added to it. */
	if (found && found->prerelease == 1 && wish->latest != DL_RELEASE_MUST)
		edition->prerelease = true;
	if ((wish->notes && wish->notes(scope, run->call, edition)) ||
	    dl_assets_open(scope, &wish->files, wish->checksums, &run->meter.meter, &run->assets))
		return -1;
	if (wish->plan && dl_release_plan_check(scope, run->call, wish->plan, found, &run->assets))
		return -1;
	return decide_latest(scope, run);
}

static int make(struct dl_scope *scope, struct run *run)
{
	const struct dl_target *target = run->call->target;
	struct dl_edition *edition = &run->wish->edition;
	int result;

	if (prepare(scope, run) || run->forge->begin(scope, target, edition) < 0)
		return -1;
	if (edition->draft && edition->published)
		return dl_fail(scope, DL_REFUSED, "the release '%s' is published: it cannot be a draft again",
			       quote(scope, edition->version));
	if (look(scope, run, true) ||
	    (run->wish->plan && dl_release_plan_check_there(scope, run->wish->plan, &run->assets)) ||
	    check_conflicts(scope, run))
		return -1;
	if (target->dry_run)
		return plan_only(scope, run);
	result = send_files(scope, run);
	if (result != DL_MORE)
		return result;
	return check_arrival(scope, run) ? -1 : end(scope, run);
}

int dl_release_make(struct dl_scope *scope, const struct dl_call *call, struct dl_release_wish *wish)
{
	struct run run = {.call = call, .forge = call->target->provider->forge, .wish = wish};
	int result;

	if (!run.forge->begin || !run.forge->stat || !run.forge->put || !run.forge->finish)
		return dl_provider_lacks(scope, call->target, "release-begin");
	dl_publish_meter(&run.meter, call->tool);
	result = make(scope, &run);
	dl_assets_close(&run.assets);
	return result;
}

int dl_release_discard(struct dl_scope *scope, const struct dl_call *call, const char *tag)
{
	const struct dl_forge *forge = call->target->provider->forge;
	struct dl_edition edition = {.version = tag};
	const struct dl_release *release;
	struct dl_sink_list list;

	if (!forge->abort)
		return dl_provider_lacks(scope, call->target, "release-abort");
	dl_sink_list(&list, scope, 1);
	if (forge->release(scope, call->target, tag, &list.sink) < 0)
		return -1;
	release = dl_sink_item(&list, 0);
	if (release->draft != 1)
		return dl_fail(scope, DL_REFUSED, "the release '%s' is published", quote(scope, tag));
	edition.id = release->id;
	return forge->abort(scope, call->target, &edition) < 0 ? -1 : 0;
}
