#include "lib/release/packages.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/pool.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/program/tool.h"
#include "lib/provider/provider.h"
#include "lib/provider/target.h"
#include "lib/release/publish.h"

/* A version of a package, and how far it is. */
struct edition {
	struct edition *next;
	struct dl_edition is;
	struct dl_call call; /* the batch's, to the server that has the package */
	bool begun;  /* .begin has been called */
	size_t put;  /* files that have reached it */
	bool failed; /* one has not */
};

/* One file. Worked on by one thread at a time. */
struct item {
	struct dl_scope scope;
	struct batch *batch;
	struct edition *edition;
	struct dl_upload upload;
	enum dl_presence presence;
	enum dl_action action;
	struct dl_sink_list told; /* by the registry, a dl_package record at most */
	struct dl_error error;    /* .class is DL_OK: none */
};

struct batch {
	struct dl_scope *scope;
	const struct dl_call *call;
	const struct dl_packages *packages;
	const struct dl_registry *registry;
	struct dl_publish_steps steps;
	struct dl_publish_meter meter;
	struct edition *editions;
	struct item *items;
	size_t count;
	bool dry; /* nothing is sent */
};

static const char *quote(struct dl_scope *scope, const char *text)
{
	return dl_text_quote(&scope->arena, text);
}

/* ---- what the files are ---- */

/* The edition of that package and version, a new one if it is the first file of it. */
static struct edition *find_edition(struct batch *batch, const struct dl_edition *wanted)
{
	struct edition *edition = batch->editions;

	while (edition && !(dl_text_same(edition->is.package, wanted->package) &&
			    dl_text_same(edition->is.version, wanted->version)))
		edition = edition->next;
	if (!edition) {
		edition = dl_arena_alloc(&batch->scope->arena, sizeof *edition);
		edition->is = *wanted;
		edition->call = *batch->call;
		edition->next = batch->editions;
		batch->editions = edition;
	}
	return edition;
}

/* Two files that would be the same there. */
static int check_twin(struct dl_scope *scope, const struct batch *batch, const struct item *item)
{
	const struct item *other;

	for (other = batch->items; other < item; other++)
		if (other->edition == item->edition && dl_text_same(other->upload.name, item->upload.name))
			return dl_fail(scope, DL_USAGE, "%s: '%s' would have the same name there",
				       quote(scope, item->upload.path), quote(scope, other->upload.path));
	return 0;
}

static int inspect(struct dl_scope *scope, struct batch *batch, struct item *item, const char *path)
{
	const struct dl_packages *packages = batch->packages;
	struct dl_edition edition = {.package = packages->name,
				     .version = packages->version,
				     .tag = packages->tag,
				     .dir = batch->call->tool->finder.dir};

	if (dl_publish_open(scope, path, batch->registry->digests, &item->upload))
		return -1;
	item->upload.meter = &batch->meter.meter;
	if (batch->registry->inspect &&
	    batch->registry->inspect(scope, batch->call->target, &item->upload, &edition))
		return dl_fail_prefix(scope, "%s", quote(scope, path));
	if (!edition.package || !edition.version) {
		dl_fail(scope, DL_USAGE, "%s does not say what it is", quote(scope, path));
		return dl_fail_hint(scope, "name the package and its version: --name NAME --release VERSION");
	}
	item->edition = find_edition(batch, &edition);
	item->edition->call.target =
		dl_target_of_package(scope, &batch->call->tool->finder, batch->call->target, &edition);
	return item->edition->call.target ? check_twin(scope, batch, item) : -1;
}

/* All are read before anything is asked: one that is no good stops it all. */
static int inspect_all(struct batch *batch, const char *const *paths)
{
	size_t i;

	for (i = 0; i < batch->count; i++) {
		struct item *item = &batch->items[i];

		item->batch = batch;
		dl_scope_open(&item->scope, NULL);
		dl_sink_list(&item->told, &item->scope, 0);
		item->upload.fd = -1;
	}
	for (i = 0; i < batch->count; i++)
		if (inspect(batch->scope, batch, &batch->items[i],
			    paths[i]))
			return -1;
	return 0;
}

static void close_all(struct batch *batch)
{
	size_t i;

	for (i = 0; i < batch->count; i++) {
		dl_publish_close(&batch->items[i].upload);
		dl_scope_close(&batch->items[i].scope);
	}
}

/* ---- what is there ---- */

static int by_name(const void *a, const void *b)
{
	const struct dl_upload *const *left = a, *const *right = b;

	return strcmp((*left)->name, (*right)->name);
}

/* Tells EDITION which files are its. */
static void set_files(const struct batch *batch, struct edition *edition)
{
	const struct dl_upload **files = dl_arena_array(&batch->scope->arena, batch->count, sizeof *files);
	size_t count = 0, i;

	for (i = 0; i < batch->count; i++)
		if (batch->items[i].edition == edition)
			files[count++] = &batch->items[i].upload;
	qsort(files, count, sizeof *files, by_name);
	edition->is.files = files;
	edition->is.file_count = count;
}

static int begin_all(struct batch *batch)
{
	struct edition *edition;
	int result;

	for (edition = batch->editions; edition; edition = edition->next)
		set_files(batch, edition);
	for (edition = batch->editions; edition && batch->registry->begin; edition = edition->next) {
		result = batch->registry->begin(batch->scope, edition->call.target, &edition->is);
		if (result < 0)
			return -1;
		edition->begun = result == 0;
	}
	return 0;
}

static void take_error(struct item *item)
{
	item->error = dl_fail_take(&item->scope, &item->scope.arena);
}

static void look(void *arg, size_t index)
{
	struct item *item = &((struct batch *)arg)->items[index];
	int presence;

	/* What .begin would have made in a dry run has no files. */
	if (item->batch->registry->begin && !item->edition->begun) {
		item->presence = DL_PRESENCE_ABSENT;
		return;
	}
	presence = item->batch->registry->stat(&item->scope, item->edition->call.target, &item->edition->is,
					       &item->upload);
	if (presence < 0)
		take_error(item);
	else
		item->presence = (enum dl_presence)presence;
}

/* What is to be done with a file, by what is there. */
static enum dl_action judge(const struct item *item)
{
	switch (item->presence) {
	case DL_PRESENCE_ABSENT:
		return DL_ACTION_PLANNED;
	case DL_PRESENCE_SAME:
		return DL_ACTION_SKIPPED;
	case DL_PRESENCE_DIFFERENT:
	case DL_PRESENCE_UNKNOWN:
		return item->batch->packages->skip_existing ? DL_ACTION_SKIPPED : DL_ACTION_CONFLICT;
	}
	return DL_ACTION_NULL;
}

/* Asks what is there of all files, several at a time. A question that fails stops it all. */
static int look_all(struct batch *batch)
{
	size_t i;

	dl_pool_map(batch->count, batch->registry->width ? (size_t)batch->registry->width : 1, look, batch);
	for (i = 0; i < batch->count; i++) {
		struct item *item = &batch->items[i];

		if (item->error.class != DL_OK) {
			dl_fail(batch->scope, item->error.class, "%s", item->error.message);
			if (item->error.hint)
				dl_fail_hint(batch->scope, "%s", item->error.hint);
			batch->scope->error.retry_after_s = item->error.retry_after_s;
			return dl_fail_prefix(batch->scope, "%s", quote(batch->scope, item->upload.name));
		}
		item->action = judge(item);
		if (item->action == DL_ACTION_SKIPPED && item->presence != DL_PRESENCE_SAME)
			dl_tool_note(batch->call->tool, "%s is there already, and may be another one",
				     quote(batch->scope, item->upload.name));
	}
	return 0;
}

/* ---- telling ---- */

static int put_line(struct batch *batch, const struct item *item)
{
	const struct dl_edition *edition = &item->edition->is;
	const struct dl_target *target = item->edition->call.target;
	struct dl_package *line = dl_schema_new(batch->scope, &dl_record_package);
	const struct dl_package *told = item->told.count ? dl_sink_item(&item->told, 0) : NULL;
	const char *id = dl_arena_format(&batch->scope->arena, "%s@%s", edition->package, edition->version);

	line->head = dl_provider_head(&batch->scope->arena, target, "package", id);
	line->name = edition->package;
	line->version = edition->version;
	line->file = item->upload.name;
	line->size_bytes = item->upload.size_bytes;
	line->sha256 = item->upload.sha256;
	line->action = item->action;
	line->path = item->upload.path;
	if (told)
		line->released_at = told->released_at;
	line->url = told ? told->url : NULL;
	if (!line->url && batch->registry->url)
		line->url = batch->registry->url(batch->scope, target, edition->package, edition->version);
	if (item->error.class != DL_OK)
		line->error = dl_record_failure(&batch->scope->arena, &item->error);
	return dl_sink_put(batch->call->sink, batch->scope, &dl_record_package, line);
}

static int put_lines(struct batch *batch)
{
	size_t i;
	int result = DL_MORE;

	for (i = 0; i < batch->count && result == DL_MORE; i++)
		result = put_line(batch, &batch->items[i]);
	return result;
}

/* ---- a plan ---- */

/* Whether LINE is about ITEM as it is now; if not, why. NULL: it is. */
static const char *differs(const struct item *item, const struct dl_package *line)
{
	if (dl_publish_elsewhere(item->edition->call.target, &line->head))
		return "would go elsewhere now";
	if (!dl_text_same(line->sha256, item->upload.sha256) || line->size_bytes != item->upload.size_bytes)
		return "is another file by now";
	if (!dl_text_same(line->name, item->edition->is.package) ||
	    !dl_text_same(line->version, item->edition->is.version) ||
	    !dl_text_same(line->file, item->upload.name))
		return "would be called otherwise now";
	if (line->action != DL_ACTION_PLANNED && line->action != DL_ACTION_SKIPPED)
		return "is not planned";
	if (line->action == DL_ACTION_SKIPPED && item->action != DL_ACTION_SKIPPED)
		return "is not there any more";
	return item->action == DL_ACTION_CONFLICT ? "is there by now, another one" : NULL;
}

static const struct dl_package *find_line(const struct dl_sink_list *plan, const char *path)
{
	const struct dl_package *line;
	size_t i;

	for (i = 0; i < plan->count; i++) {
		line = dl_sink_item(plan, i);
		if (dl_text_same(line->path, path))
			return line;
	}
	return NULL;
}

/* The plan is carried out exactly, or not at all. */
static int check_plan(struct batch *batch, const struct dl_sink_list *plan)
{
	const struct dl_package *line;
	const char *why;
	size_t i;

	if (plan->count != batch->count)
		return dl_fail(batch->scope, DL_REFUSED, "the plan is about %zu files, and these are %zu",
			       plan->count, batch->count);
	for (i = 0; i < batch->count; i++) {
		line = find_line(plan, batch->items[i].upload.path);
		why = line ? differs(&batch->items[i], line) : "is not in the plan";
		if (why) {
			dl_fail(batch->scope, DL_REFUSED, "%s %s",
				quote(batch->scope, batch->items[i].upload.path), why);
			return dl_fail_hint(batch->scope, "nothing was sent; make a new plan: -N");
		}
	}
	return 0;
}

int dl_packages_plan(struct dl_scope *scope, struct dl_sink_list *plan)
{
	static const struct dl_schema *const schemas[] = {&dl_record_package};
	const struct dl_package *line;
	size_t i;

	if (dl_publish_plan(scope, schemas, plan, 1))
		return -1;
	for (i = 0; i < plan->count; i++) {
		line = dl_sink_item(plan, i);
		if (!line->path || !line->sha256)
			return dl_fail(scope, DL_DATA, "a package of the plan names no file");
	}
	return 0;
}

/* ---- sending ---- */

static void send_one(void *arg, size_t index)
{
	struct item *item = &((struct batch *)arg)->items[index];
	struct batch *batch = item->batch;
	int result;

	if (item->action != DL_ACTION_PLANNED)
		return;
	result = dl_publish_put(&item->scope, &item->edition->call, &batch->steps, &item->edition->is,
				&item->upload, &item->told.sink);
	if (result < 0) {
		take_error(item);
		item->action = DL_ACTION_FAILED;
	} else {
		item->action = (enum dl_action)result;
	}
}

static void expect(struct batch *batch)
{
	size_t i;

	for (i = 0; i < batch->count; i++)
		if (batch->items[i].action == DL_ACTION_PLANNED)
			batch->meter.expected += batch->items[i].upload.size_bytes;
}

/* Whether nobody sees the files of EDITION yet: they were put, or are all there in what a run had begun that
 * did not get to its end. */
static bool is_unfinished(const struct batch *batch, const struct edition *edition)
{
	struct dl_scope question;
	int presence;

	if (edition->put || !edition->is.id || !batch->registry->verify)
		return edition->put > 0;
	dl_scope_open(&question, NULL);
	presence = batch->registry->verify(&question, edition->call.target, &edition->is,
					   edition->is.files[0]);
	dl_scope_close(&question);
	return presence == DL_PRESENCE_ABSENT;
}

/* Takes EDITION back. Why its files have failed matters more than whether that can be done. */
static void take_back(struct batch *batch, const struct edition *edition)
{
	struct dl_error error;

	if (batch->registry->abort(batch->scope, edition->call.target, &edition->is) >= 0)
		return;
	error = dl_fail_take(batch->scope, &batch->scope->arena);
	dl_tool_note(batch->call->tool, "%s %s could not be taken back: %s",
		     quote(batch->scope, edition->is.package), quote(batch->scope, edition->is.version),
		     error.message);
}

/* Makes EDITION visible. Where that fails, what has been put into it is not published. */
static void finish(struct batch *batch, const struct edition *edition)
{
	struct dl_error error;
	size_t i;

	if (dl_publish_finish(batch->scope, &edition->call, &batch->steps, &edition->is,
			      edition->is.files[0]) >= 0)
		return;
	error = dl_fail_take(batch->scope, &batch->scope->arena);
	for (i = 0; i < batch->count; i++) {
		struct item *item = &batch->items[i];

		if (item->edition != edition || (edition->put && item->action != DL_ACTION_UPLOADED))
			continue;
		item->action = DL_ACTION_FAILED;
		item->error = error;
	}
}

/* Ends the editions: one that has all its files is made visible, one that has got none is taken back. Others
 * wait for the next run. */
static void finish_all(struct batch *batch)
{
	const struct dl_registry *registry = batch->registry;
	struct edition *edition;
	size_t i;

	for (i = 0; i < batch->count; i++) {
		edition = batch->items[i].edition;
		edition->put += batch->items[i].action == DL_ACTION_UPLOADED;
		edition->failed |= batch->items[i].action == DL_ACTION_FAILED;
	}
	for (edition = batch->editions; edition; edition = edition->next)
		if (edition->failed && !edition->put && registry->abort)
			take_back(batch, edition);
		else if (!edition->failed && registry->finish && is_unfinished(batch, edition))
			finish(batch, edition);
}

static void verify_one(void *arg, size_t index)
{
	struct item *item = &((struct batch *)arg)->items[index];
	struct batch *batch = item->batch;

	if (item->action == DL_ACTION_UPLOADED &&
	    dl_publish_verify(&item->scope, &item->edition->call, &batch->steps, &item->edition->is,
			      &item->upload, batch->packages->patience_s * 1000))
		take_error(item);
}

/* What all files together have come to. */
static int conclude(struct batch *batch)
{
	const struct item *first = NULL;
	enum dl_class class = DL_OK;
	size_t failed = 0, i;

	for (i = 0; i < batch->count; i++) {
		const struct item *item = &batch->items[i];

		if (item->error.class == DL_OK)
			continue;
		first = failed++ ? first : item;
		class = class == DL_OK || class == item->error.class ? item->error.class : DL_NO;
	}
	if (!failed)
		return 0;
	dl_fail(batch->scope, class, "%s: %s", quote(batch->scope, first->upload.name), first->error.message);
	if (failed > 1)
		dl_fail_prefix(batch->scope, "%zu of %zu files failed", failed, batch->count);
	if (first->error.hint)
		dl_fail_hint(batch->scope, "%s", first->error.hint);
	batch->scope->error.retry_after_s = first->error.retry_after_s;
	batch->scope->error.status = first->error.status;
	return -1;
}

static int send_all(struct batch *batch)
{
	size_t width = batch->registry->width ? (size_t)batch->registry->width : 1;

	expect(batch);
	dl_pool_map(batch->count, width, send_one, batch);
	finish_all(batch);
	if (!batch->packages->no_verify)
		dl_pool_map(batch->count, width, verify_one, batch);
	dl_tool_progress(batch->call->tool, NULL);
	return put_lines(batch) < 0 ? -1 : conclude(batch);
}

static int fail_conflicts(struct batch *batch, size_t conflicts)
{
	if (put_lines(batch) < 0)
		return -1;
	dl_fail(batch->scope, DL_REFUSED, "%zu of %zu files %s there already with other content", conflicts,
		batch->count, conflicts == 1 ? "is" : "are");
	return dl_fail_hint(batch->scope, "nothing was sent; publish a new version, or leave them: "
					  "--skip-existing");
}

static int publish(struct batch *batch, const char *const *paths, const struct dl_sink_list *plan)
{
	size_t conflicts = 0, i;

	if (inspect_all(batch, paths) || begin_all(batch) || look_all(batch) ||
	    (plan && check_plan(batch, plan)))
		return -1;
	for (i = 0; i < batch->count; i++)
		conflicts += batch->items[i].action == DL_ACTION_CONFLICT;
	if (conflicts)
		return fail_conflicts(batch, conflicts);
	if (batch->dry)
		return put_lines(batch) < 0 ? -1 : 1;
	return send_all(batch);
}

/* The paths of PLAN. */
static const char *const *planned_paths(struct dl_scope *scope, const struct dl_sink_list *plan)
{
	const char **paths = dl_arena_array(&scope->arena, plan->count, sizeof *paths);
	size_t i;

	for (i = 0; i < plan->count; i++)
		paths[i] = ((const struct dl_package *)dl_sink_item(plan, i))->path;
	return paths;
}

int dl_packages_publish(struct dl_scope *scope, const struct dl_call *call,
			const struct dl_packages *packages, const struct dl_opt_list *paths,
			const struct dl_sink_list *plan)
{
	const struct dl_registry *registry = call->target->provider->registry;
	const char *const *names = paths->count ? dl_tool_paths(scope, call->tool, paths).items
						: planned_paths(scope, plan);
	struct batch *batch = dl_arena_alloc(&scope->arena, sizeof *batch);
	int result;

	if (!registry->put || !registry->stat)
		return dl_provider_lacks(scope, call->target, "put");
	if (packages->tag && !registry->tags)
		return dl_fail(scope, DL_UNSUPPORTED, "%s has no tags that lead to versions",
			       call->target->provider->name);
	batch->scope = scope;
	batch->call = call;
	batch->packages = packages;
	batch->registry = registry;
	batch->steps = (struct dl_publish_steps){
		.stat = registry->stat,
		.put = registry->put,
		.verify = registry->verify,
		.finish = registry->finish,
	};
	batch->dry = call->target->dry_run;
	batch->count = paths->count ? paths->count : plan->count;
	batch->items = dl_arena_array(&scope->arena, batch->count, sizeof *batch->items);
	dl_publish_meter(&batch->meter, call->tool);
	result = publish(batch, names, plan);
	close_all(batch);
	return result;
}
