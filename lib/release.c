/* What there is is asked for once, and each file compared with it; a file that could not be sent is asked
 * about again by lib/publish.c. An asset that never came whole is removed before its file is sent.
 *
 * Files that vouch for others, checksums and signatures, are sent when those have arrived: where they are,
 * all is. */
#include "lib/release.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "lib/buf.h"
#include "lib/digest.h"
#include "lib/mime.h"
#include "lib/pool.h"
#include "lib/publish.h"
#include "lib/record.h"
#include "lib/repo.h"
#include "lib/scope.h"
#include "lib/semver.h"
#include "lib/sink.h"
#include "lib/text.h"
#include "lib/time.h"
#include "lib/tool.h"

static const char checksums_name[] = "SHA256SUMS";

/* A file on its way. */
struct file {
	struct dl_scope scope;
	struct dl_upload upload;
	struct dl_asset asset;  /* what is there under its name; then, what became of it */
	bool there, last;
	enum dl_presence presence;
};

struct run {
	const struct dl_call *call;
	const struct dl_forge *forge;
	struct dl_release_plan *plan;
	struct file *files;
	size_t count;
	FILE *checksums;
	bool last; /* those are sent that vouch for others */
	bool changed;
	struct dl_publish_meter meter;
	_Atomic int64_t minute_ms, hour_ms; /* up to when the forge's limits are used up */
};

static const char *quote(struct dl_scope *scope, const char *text)
{
	return dl_text_quote(&scope->arena, text);
}

/* ------------------------------------------------------------------ the tag */

/* What REVISION is at on the forge; NULL: failed, or, without a failure, it is not there. */
static const char *there(struct dl_scope *scope, const struct dl_call *call, const char *revision)
{
	const char *sha = call->target->provider->forge->commit(scope, call->target, revision);

	if (!sha && scope->error.class == DL_MISSING)
		dl_fail_take(scope, &scope->arena);
	return sha;
}

/* The commit that the tag has here; NULL: none. */
static const char *tag_here(struct dl_scope *scope, const struct dl_call *call, const char *tag)
{
	struct dl_repo *repo = call->target->repo;
	struct dl_scope attempt;
	const char *sha;

	dl_scope_open(&attempt, NULL);
	sha = repo ? dl_repo_resolve(&attempt, repo, dl_arena_format(&attempt.arena, "refs/tags/%s", tag))
		   : NULL;
	sha = dl_arena_string(&scope->arena, sha);
	dl_scope_close(&attempt);
	return sha;
}

int dl_release_tag(struct dl_scope *scope, const struct dl_call *call, struct dl_release_plan *plan)
{
	struct dl_finder *finder = &call->tool->finder;
	const char *tag = plan->edition.version, *found, *wanted = NULL;

	if (!call->target->provider->forge->commit)
		return dl_provider_lacks(scope, call->target, "commit");
	if (plan->target && !(wanted = dl_target_sha(scope, finder, plan->target)))
		return -1;
	found = there(scope, call, dl_arena_format(&scope->arena, "refs/tags/%s", tag));
	if (!found && scope->error.class == DL_OK)
		found = there(scope, call, tag);
	if (scope->error.class != DL_OK)
		return -1;
	plan->edition.sha = found;
	if (found && wanted && strcmp(found, wanted) != 0)
		return dl_fail(scope, DL_REFUSED, "the tag '%s' is at %s there", quote(scope, tag), found);
	if (found)
		return 0;
	if (!call->target->provider->serverless && tag_here(scope, call, tag)) {
		dl_fail(scope, DL_REFUSED, "the tag '%s' is only here", quote(scope, tag));
		return dl_fail_hint(scope, "git push origin %s", quote(scope, tag));
	}
	if (!wanted && !(wanted = dl_target_sha(scope, finder, "HEAD")))
		return -1;
	plan->edition.sha = there(scope, call, wanted);
	if (plan->edition.sha || scope->error.class != DL_OK)
		return scope->error.class == DL_OK ? 0 : -1;
	dl_fail(scope, DL_REFUSED, "%s does not have the commit %s", call->target->host, wanted);
	return dl_fail_hint(scope, "push it first");
}

/* ------------------------------------------------------------------ files here */

static bool vouches(const char *name)
{
	static const char *const ends[] = {".asc", ".sig", ".sigstore", ".sha256", ".sha512", ".md5",
					   "SHA256SUMS", "SHA512SUMS", "checksums.txt"};
	size_t i;

	for (i = 0; i < sizeof ends / sizeof *ends; i++)
		if (dl_text_ends(name, ends[i]))
			return true;
	return false;
}

/* NAME as a forge may spell it that rewrites names: letters, digits, '-' and '_' stay, all else are single
 * dots, and none at the ends. */
static const char *rewrite(struct dl_scope *scope, const char *name)
{
	struct dl_buf text;

	dl_buf_init(&text, &scope->arena, DL_CAP_LINE);
	dl_buf_puts(&text, "");
	for (; *name; name++)
		if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", *name))
			dl_buf_putc(&text, *name);
		else if (text.len && text.data[text.len - 1] != '.')
			dl_buf_putc(&text, '.');
	if (text.len && text.data[text.len - 1] == '.')
		text.data[text.len - 1] = '\0';
	return text.data;
}

/* Two files of one name cannot both be there, be it in the forge's spelling. */
static int check_names(struct dl_scope *scope, const struct run *run)
{
	size_t i, k;

	for (i = 0; i < run->count; i++)
		for (k = 0; k < i; k++)
			if (strcmp(rewrite(scope, run->files[i].upload.name),
				   rewrite(scope, run->files[k].upload.name)) == 0)
				return dl_fail(scope, DL_USAGE, "%s and %s would have one name there",
					       quote(scope, run->files[k].upload.path),
					       quote(scope, run->files[i].upload.path));
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct file *)a)->upload.name, ((const struct file *)b)->upload.name);
}

/* Adds the file of checksums, as sha256sum writes it, behind the others. */
static int add_checksums(struct dl_scope *scope, struct run *run)
{
	struct dl_upload *upload = &run->files[run->count].upload;
	struct dl_buf text;
	struct stat st;
	size_t i;

	dl_buf_init(&text, &scope->arena, DL_CAP_BODY);
	for (i = 0; i < run->count; i++)
		dl_buf_printf(&text, "%s  %s\n", run->files[i].upload.sha256, run->files[i].upload.name);
	run->checksums = tmpfile();
	if (dl_buf_check(scope, &text, checksums_name))
		return -1;
	if (!run->checksums || fwrite(text.data, 1, text.len, run->checksums) < text.len ||
	    fflush(run->checksums) || fstat(fileno(run->checksums), &st) < 0)
		return dl_fail_errno(scope, "cannot write %s", checksums_name);
	*upload = (struct dl_upload){
		.name = checksums_name,
		.path = checksums_name,
		.fd = fileno(run->checksums),
		.size_bytes = (int64_t)text.len,
		.modified = st.st_mtim,
		.sha256 = dl_digest_hex(scope, DL_SHA256, text.data, text.len),
	};
	run->count++;
	return upload->sha256 ? 0 : -1;
}

static int open_files(struct dl_scope *scope, struct run *run)
{
	const struct dl_opt_list *paths = &run->plan->files;
	struct dl_upload *upload;
	size_t i;

	run->files = dl_arena_array(&scope->arena, paths->count + 1, sizeof *run->files);
	for (i = 0; i < paths->count; i++) {
		if (dl_publish_open(scope, paths->items[i], 0, &run->files[i].upload))
			return -1;
		run->count++;
	}
	if (run->count)
		qsort(run->files, run->count, sizeof *run->files, by_name);
	if (run->plan->checksums && run->count && add_checksums(scope, run))
		return -1;
	for (i = 0; i < run->count; i++) {
		upload = &run->files[i].upload;
		upload->content_type = dl_mime_type(upload->name);
		upload->meter = &run->meter.meter;
		if (strcmp(rewrite(scope, upload->name), upload->name) != 0 &&
		    strpbrk(upload->name, " ~()[]"))
			upload->label = upload->name;
		run->files[i].last = vouches(upload->name);
	}
	return check_names(scope, run);
}

static void close_files(struct run *run)
{
	size_t i;

	for (i = 0; i < run->count; i++)
		if (run->files[i].upload.path != checksums_name)
			dl_publish_close(&run->files[i].upload);
	if (run->checksums)
		fclose(run->checksums);
}

/* ------------------------------------------------------------------ files there */

/* Whether ASSET is what became of UPLOAD's name. */
static bool is_named(struct dl_scope *scope, const struct dl_asset *asset, const struct dl_upload *upload)
{
	return strcmp(asset->name, upload->name) == 0 ||
	       (asset->label && strcmp(asset->label, upload->name) == 0) ||
	       strcmp(asset->name, rewrite(scope, upload->name)) == 0;
}

static enum dl_presence compare(const struct dl_asset *asset, const struct dl_upload *upload)
{
	if (asset->state && strcmp(asset->state, "uploaded") != 0)
		return DL_PRESENCE_ABSENT;
	if (asset->size_bytes != DL_INT_NONE && asset->size_bytes != upload->size_bytes)
		return DL_PRESENCE_DIFFERENT;
	if (!dl_text_starts(asset->digest, "sha256:"))
		return DL_PRESENCE_UNKNOWN;
	return strcasecmp(asset->digest + strlen("sha256:"), upload->sha256) == 0 ? DL_PRESENCE_SAME
										  : DL_PRESENCE_DIFFERENT;
}

/* The asset in LIST that is of UPLOAD's name; NULL: none. */
static const struct dl_asset *find_asset(struct dl_scope *scope, const struct dl_sink_list *list,
					 const struct dl_upload *upload)
{
	const struct dl_asset *asset;
	size_t i;

	for (i = 0; i < list->count; i++) {
		asset = dl_sink_item(list, i);
		if (is_named(scope, asset, upload))
			return asset;
	}
	return NULL;
}

/* Hashes what comes. */
struct hasher {
	struct dl_http_writer writer;
	struct dl_digest digest;
};

static int hash_bytes(struct dl_http_writer *writer, struct dl_scope *scope, const char *data, size_t len)
{
	(void)scope;
	dl_digest_add(&((struct hasher *)writer)->digest, data, len);
	return 0;
}

/* Decides by the bytes of ASSET itself, of which the forge tells no hash. */
static int compare_bytes(struct dl_scope *scope, const struct run *run, struct file *file)
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

/* Compares all files with what there is. */
static int look(struct dl_scope *scope, struct run *run, bool by_bytes)
{
	const struct dl_asset *asset;
	struct dl_sink_list list;
	struct file *file;

	dl_sink_list(&list, scope, 0);
	if (run->plan->edition.id &&
	    run->forge->stat(scope, run->call->target, &run->plan->edition, &list.sink) < 0)
		return -1;
	for (file = run->files; file < run->files + run->count; file++) {
		asset = find_asset(scope, &list, &file->upload);
		file->there = asset != NULL;
		file->presence = asset ? compare(asset, &file->upload) : DL_PRESENCE_ABSENT;
		if (asset)
			file->asset = *asset;
		if (file->presence == DL_PRESENCE_UNKNOWN && by_bytes && compare_bytes(scope, run, file))
			return -1;
	}
	return 0;
}

/* The step `stat` of lib/publish.c. What has not come whole is taken away: it would be in the way. */
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
	asset = find_asset(scope, &list, upload);
	presence = asset ? compare(asset, upload) : DL_PRESENCE_ABSENT;
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

/* Sends one file, unless it is there. */
static int send_file(struct dl_scope *scope, struct run *run, struct file *file)
{
	const struct dl_publish_steps steps = {.stat = stat_one, .put = run->forge->put};
	const struct dl_edition *edition = &run->plan->edition;
	struct dl_sink_list answer;
	int action;

	if (file->there &&
	    run->forge->remove(scope, run->call->target, edition, &file->asset) < 0)
		return -1;
	if (keep_pace(scope, run))
		return -1;
	dl_sink_list(&answer, scope, 0);
	action = dl_publish_put(scope, run->call, &steps, edition, &file->upload, &answer.sink);
	if (action < 0)
		return -1;
	if (answer.count)
		file->asset = *(const struct dl_asset *)dl_sink_item(&answer, 0);
	file->asset.action = file->there ? DL_ACTION_UPDATED : action;
	return 0;
}

static void work(void *arg, size_t index)
{
	struct run *run = arg;
	struct file *file = &run->files[index];

	if (file->last == run->last && file->presence != DL_PRESENCE_SAME)
		DL_BUG_IF(send_file(&file->scope, run, file) && file->scope.error.class == DL_OK);
}

/* Puts what became of FILE, or will. */
static int put_line(struct dl_scope *scope, struct run *run, struct file *file, int action)
{
	const struct dl_target *target = run->call->target;
	const char *id = dl_arena_format(&scope->arena, "%s/%s", run->plan->edition.version,
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

/* Sends what is missing, and says what became of each. */
static int send_files(struct dl_scope *scope, struct run *run)
{
	size_t width = run->forge->width ? (size_t)run->forge->width : 1, i;
	const struct file *failed = NULL;
	struct file *file;
	int action, result = DL_MORE;

	for (i = 0; i < run->count; i++) {
		dl_scope_open(&run->files[i].scope, NULL);
		if (run->files[i].presence != DL_PRESENCE_SAME) {
			run->meter.expected += run->files[i].upload.size_bytes;
			run->changed = true;
		}
	}
	dl_pool_map(run->count, width, work, run);
	for (i = 0; i < run->count && !failed; i++)
		failed = run->files[i].scope.error.class != DL_OK ? &run->files[i] : NULL;
	run->last = true;
	if (!failed)
		dl_pool_map(run->count, width, work, run);
	dl_tool_progress(run->call->tool, NULL);
	for (file = run->files; file < run->files + run->count; file++) {
		if (!failed && file->scope.error.class != DL_OK)
			failed = file;
		action = file->scope.error.class != DL_OK	 ? DL_ACTION_FAILED
			 : file->presence == DL_PRESENCE_SAME ? DL_ACTION_SKIPPED
			 : failed && file->last		 ? DL_ACTION_PLANNED
								 : file->asset.action;
		if (result == DL_MORE)
			result = put_line(scope, run, file, action);
	}
	if (failed) {
		scope->error = failed->scope.error;
		dl_fail_prefix(scope, "%s", quote(scope, failed->upload.name));
		dl_fail_hint(scope, "the same command goes on where this one stopped");
	}
	return failed ? -1 : result;
}

static void close_scopes(struct dl_scope *scope, struct run *run)
{
	struct dl_error error = dl_fail_take(scope, &scope->arena);
	size_t i;

	for (i = 0; i < run->count; i++)
		dl_scope_close(&run->files[i].scope);
	scope->error = error;
}

/* ------------------------------------------------------------------ the release */

/* Looks for a published stable version that is higher. */
struct contest {
	struct dl_sink sink;
	const char *tag;
	struct dl_semver version;
	const char *higher; /* its tag */
	struct dl_scope *keep;
};

static const char *version_part(const char *tag)
{
	const char *slash = strrchr(tag, '/');

	return slash ? slash + 1 : tag;
}

static int match_higher(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
			const void *record)
{
	struct contest *contest = (struct contest *)sink;
	const struct dl_release *release = record;
	struct dl_semver version;

	(void)scope;
	(void)schema;
	if (release->draft == 1 || release->prerelease == 1 || strcmp(release->tag, contest->tag) == 0 ||
	    !dl_semver_parse_tag(version_part(release->tag), "", &version) || version.pre.len ||
	    dl_semver_compare(&version, &contest->version) <= 0)
		return DL_MORE;
	contest->higher = dl_arena_string(&contest->keep->arena, release->tag);
	return DL_ENOUGH;
}

static int decide_latest(struct dl_scope *scope, struct run *run)
{
	struct dl_edition *edition = &run->plan->edition;
	struct contest contest = {.sink.put = match_higher, .tag = edition->version, .keep = scope};
	bool is_version = dl_semver_parse_tag(version_part(edition->version), "", &contest.version);

	edition->latest = run->plan->latest != DL_RELEASE_NEVER && !edition->prerelease;
	if (run->plan->latest == DL_RELEASE_MUST && edition->prerelease)
		return dl_fail(scope, DL_USAGE, "a pre-release is not the latest release");
	if (!edition->latest || !run->forge->has_latest || !is_version || edition->draft)
		return 0;
	if (run->forge->releases(scope, run->call->target, &contest.sink) < 0)
		return -1;
	edition->latest = !contest.higher;
	if (contest.higher && run->plan->latest == DL_RELEASE_MUST)
		return dl_fail(scope, DL_REFUSED, "%s is higher: this is not the latest release",
			       quote(scope, contest.higher));
	return 0;
}

/* Names the assets that are there and are others, which nobody has allowed to replace. */
static int check_conflicts(struct dl_scope *scope, struct run *run)
{
	const char *first = NULL;
	struct file *file;
	size_t count = 0;

	for (file = run->files; file < run->files + run->count && !run->plan->clobber; file++) {
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
	const struct file *file;

	if (!run->changed)
		return 0;
	if (look(scope, run, false))
		return -1;
	for (file = run->files; file < run->files + run->count; file++)
		if (file->presence != DL_PRESENCE_SAME && file->presence != DL_PRESENCE_UNKNOWN) {
			dl_fail(scope, DL_DATA, "%s: what is there is not what was sent",
				quote(scope, file->upload.name));
			return dl_fail_hint(scope, "--clobber sends it again");
		}
	return 0;
}

/* Puts the release, with what became of it. */
static int put_release(struct dl_scope *scope, const struct run *run, const struct dl_sink_list *list,
		       int action)
{
	struct dl_release *release = dl_schema_new(scope, &dl_record_release);
	const struct dl_edition *edition = &run->plan->edition;

	if (list->count) {
		*release = *(const struct dl_release *)dl_sink_item(list, 0);
	} else {
		release->head = dl_provider_head(&scope->arena, run->call->target, "release",
						 edition->version);
		release->tag = edition->version;
		release->name = edition->name;
		release->body = edition->body;
		release->draft = edition->draft;
		release->prerelease = edition->prerelease;
		release->latest = edition->latest;
	}
	if (!release->sha)
		release->sha = edition->sha;
	release->action = action;
	return dl_sink_put(run->call->sink, scope, &dl_record_release, release);
}

/* Ends it: publishes a draft, changes what is published, or finds that nothing is to be done. */
static int end(struct dl_scope *scope, struct run *run)
{
	const struct dl_edition *edition = &run->plan->edition;
	const struct dl_target *target = run->call->target;
	bool idle = edition->published && !run->changed && !edition->name && !edition->body;
	struct dl_sink_list list;
	int result;

	dl_sink_list(&list, scope, 1);
	result = idle ? run->forge->release(scope, target, edition->version, &list.sink)
		      : run->forge->finish(scope, target, edition, &list.sink);
	if (result < 0)
		return -1;
	return put_release(scope, run, &list,
			   idle			 ? DL_ACTION_SKIPPED
			   : edition->published	 ? DL_ACTION_UPDATED
						 : DL_ACTION_CREATED);
}

static int plan_only(struct dl_scope *scope, struct run *run)
{
	const struct dl_sink_list none = {.count = 0};
	struct file *file;
	int result = DL_MORE;

	for (file = run->files; file < run->files + run->count && result == DL_MORE; file++)
		result = put_line(scope, run, file,
				  file->presence == DL_PRESENCE_SAME ? DL_ACTION_SKIPPED : DL_ACTION_PLANNED);
	return result == DL_MORE ? put_release(scope, run, &none, DL_ACTION_PLANNED) : result;
}

static int make(struct dl_scope *scope, struct run *run)
{
	const struct dl_target *target = run->call->target;
	struct dl_edition *edition = &run->plan->edition;
	int result;

	if (edition->draft && !run->forge->drafts)
		return dl_fail(scope, DL_UNSUPPORTED, "%s has no drafts", target->provider->name);
	if (open_files(scope, run) || decide_latest(scope, run))
		return -1;
	result = run->forge->begin(scope, target, edition);
	if (result < 0)
		return -1;
	if (edition->draft && edition->published)
		return dl_fail(scope, DL_REFUSED, "the release '%s' is published: it cannot be a draft again",
			       quote(scope, edition->version));
	if (look(scope, run, true) || check_conflicts(scope, run))
		return -1;
	if (target->dry_run)
		return plan_only(scope, run);
	result = send_files(scope, run);
	close_scopes(scope, run);
	if (result != DL_MORE)
		return result;
	return check_arrival(scope, run) ? -1 : end(scope, run);
}

int dl_release_make(struct dl_scope *scope, const struct dl_call *call, struct dl_release_plan *plan)
{
	struct run run = {.call = call, .forge = call->target->provider->forge, .plan = plan};
	int result;

	if (!run.forge->begin || !run.forge->stat || !run.forge->put || !run.forge->finish)
		return dl_provider_lacks(scope, call->target, "release-begin");
	dl_publish_meter(&run.meter, call->tool);
	result = make(scope, &run);
	close_files(&run);
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
