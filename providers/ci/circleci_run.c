/* The record of a pipeline is filled first; those of its workflows take over what only the pipeline knows:
 * the commit, the branch, what started it. The workflows of several pipelines are asked for at once, since
 * the list of pipelines has none of them. */
#include "providers/ci/circleci_run.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/git/repo.h"
#include "lib/provider/gather.h"
#include "lib/provider/query.h"
#include "lib/provider/rest.h"
#include "providers/ci/circleci_v3.h"

enum {
	BATCH = 8,       /* pipelines whose workflows are asked for at once */
	NEAR = 60,       /* pipelines looked through before a commit is searched for */
	FAR = 500,       /* pipelines looked through at most */
	GRACE_S = 300,   /* how long after its last sign of life a pipeline may get workflows */
	SLACK_S = 86400, /* how far the clock of a commit may be ahead */
};

/* ------------------------------------------------------------------ vocabulary */

static const struct dl_state workflow_states[] = {
	{"success", NULL, DL_COMPLETED, DL_SUCCESS, false},
	{"failed", NULL, DL_COMPLETED, DL_FAILURE, false},
	{"error", NULL, DL_COMPLETED, DL_FAILURE, false},
	{"canceled", NULL, DL_COMPLETED, DL_CANCELLED, false},
	{"not_run", NULL, DL_COMPLETED, DL_SKIPPED, false},
	{"unauthorized", NULL, DL_COMPLETED, DL_ACTION_REQUIRED, true},
	{"running", NULL, DL_IN_PROGRESS, DL_CONCLUSION_NULL, false},
	{"failing", NULL, DL_IN_PROGRESS, DL_CONCLUSION_NULL, false},
	{"on_hold", NULL, DL_IN_PROGRESS, DL_CONCLUSION_NULL, true},
	{NULL, NULL, DL_STATUS_NULL, DL_CONCLUSION_NULL, false},
};

/* Of a pipeline, which is only the way to its workflows: "created" means that they are. */
static const struct dl_state pipeline_states[] = {
	{"errored", NULL, DL_COMPLETED, DL_FAILURE, false},
	{"created", NULL, DL_QUEUED, DL_CONCLUSION_NULL, false},
	{"pending", NULL, DL_QUEUED, DL_CONCLUSION_NULL, false},
	{"setup-pending", NULL, DL_QUEUED, DL_CONCLUSION_NULL, false},
	{"setup", NULL, DL_QUEUED, DL_CONCLUSION_NULL, false},
	{NULL, NULL, DL_STATUS_NULL, DL_CONCLUSION_NULL, false},
};

/* The worst first: what a pipeline has come to when all its workflows are over. */
static const int badness[] = {DL_FAILURE, DL_TIMED_OUT, DL_ACTION_REQUIRED, DL_CANCELLED,
			      DL_STALE,	  DL_SUCCESS,	DL_NEUTRAL,	    DL_SKIPPED};

/* What starts a pipeline, where the word for it is not everybody's. */
static const struct {
	const char *type, *event;
} events[] = {{"webhook", "push"}, {"scheduled_pipeline", "schedule"}};

/* ------------------------------------------------------------------ maps */

static const struct dl_map pipeline_map[] = {
	{"id", "id", DL_AS_IS},
	{"number", "number", DL_AS_IS},
	{"branch", "vcs.branch|vcs.tag|trigger_parameters.git.branch|trigger_parameters.git.tag", DL_AS_IS},
	{"sha", "vcs.revision|trigger_parameters.git.checkout_sha", DL_AS_IS},
	{"event", "trigger.type", DL_AS_IS},
	{"actor", "trigger.actor.login", DL_AS_IS},
	{"created_at", "created_at", DL_AS_IS},
	{"updated_at", "updated_at", DL_AS_IS},
	{"metadata.pipeline_id", "id", DL_AS_IS},
	{"metadata.title", "vcs.commit.subject", DL_AS_IS},
	{"metadata.error", "errors[].message", DL_AS_IS},
	{NULL, NULL, DL_AS_IS},
};

static const struct dl_map workflow_map[] = {
	{"id", "id", DL_AS_IS},
	{"number", "pipeline_number", DL_AS_IS},
	{"name", "name", DL_AS_IS},
	{"workflow", "name", DL_AS_IS},
	{"created_at", "created_at", DL_AS_IS},
	{"started_at", "created_at", DL_AS_IS},
	{"completed_at", "stopped_at", DL_AS_IS},
	{"metadata.tag", "tag", DL_AS_IS},
	{NULL, NULL, DL_AS_IS},
};

/* The metadata of a workflow that continues its pipeline, by the map alone. */
static const char setup[] = "{\"tag\":\"setup\"}";

/* ------------------------------------------------------------------ names of things */

bool dl_circleci_run_is_uuid(const char *text)
{
	return strlen(text) == 36 && text[8] == '-' && text[13] == '-' && text[18] == '-' &&
	       text[23] == '-' && strspn(text, "0123456789abcdefABCDEF-") == 36;
}

const char *dl_circleci_run_page(struct dl_arena *arena, const struct dl_target *target)
{
	return target->own_host ? dl_arena_format(arena, "https://app.%s", target->host) : target->base;
}

const char *dl_circleci_run_slug(struct dl_arena *arena, const char *project, bool brief)
{
	static const struct {
		const char *brief, *whole;
	} names[] = {{"gh", "github"}, {"bb", "bitbucket"}, {"circleci", "circleci"}};
	const char *first = strchr(project, '/'), *second = first ? strchr(first + 1, '/') : NULL, *vcs;
	size_t i;

	if (!second || strchr(second + 1, '/'))
		return NULL;
	vcs = dl_arena_copy(arena, project, (size_t)(first - project));
	for (i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(vcs, names[i].brief) == 0 || strcmp(vcs, names[i].whole) == 0)
			return dl_arena_format(arena, "%s%s", brief ? names[i].brief : names[i].whole, first);
	return NULL;
}

const char *dl_circleci_run_project(struct dl_scope *scope, const struct dl_target *target)
{
	const char *slug = dl_circleci_run_slug(&scope->arena, target->project, true);

	if (slug)
		return slug;
	dl_fail(scope, DL_USAGE, "'%s' is no project of CircleCI",
		dl_text_quote(&scope->arena, target->project));
	dl_fail_hint(scope,
		     "a project is gh/ORG/REPO, bb/ORG/REPO, or circleci/ORG-ID/PROJECT-ID as its settings "
		     "show it");
	return NULL;
}

/* ------------------------------------------------------------------ finishing records */

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* When RUN is over, how long it took. */
static void set_duration(struct dl_run *run)
{
	if (run->status != DL_COMPLETED)
		run->completed_at = DL_TIME_NONE;
	run->duration_s = dl_time_between(run->started_at, run->completed_at);
}

/* Who RUN is. The answer knows the project's name better than who asked: it may have been renamed. */
static int identify(struct dl_scope *scope, const struct dl_target *target, const struct dl_json *node,
		    struct dl_run *run)
{
	const char *slug = dl_json_text(node, "project_slug");
	struct dl_target named = *target;

	if (!run->id)
		return dl_fail(scope, DL_DATA, "%s: a pipeline or workflow without an id", target->host);
	if (slug && *slug)
		named.project = slug;
	run->head = dl_provider_head(&scope->arena, &named, "run", run->id);
	run->attempt = 1;
	slug = dl_circleci_run_slug(&scope->arena, named.project, false);
	if (slug && run->number > 0)
		run->url = dl_arena_format(&scope->arena, "%s/pipelines/%s/%lld",
					   dl_circleci_run_page(&scope->arena, target), slug,
					   (long long)run->number);
	return 0;
}

static const char *filled(const char *text)
{
	return text && *text ? text : NULL;
}

static int finish_pipeline(struct dl_scope *scope, const struct dl_target *target, const struct dl_json *node,
			   void *record)
{
	const char *origin = dl_json_text(node, "vcs.origin_repository_url");
	const char *home = dl_json_text(node, "vcs.target_repository_url");
	struct dl_run *run = record;
	size_t i;

	if (identify(scope, target, node, run))
		return -1;
	run->state = dl_state_find(pipeline_states, dl_json_text(node, "state"), NULL);
	run->name = "pipeline";
	run->branch = filled(run->branch);
	run->sha = run->sha && dl_text_is_sha(run->sha) ? run->sha : NULL;
	for (i = 0; i < sizeof events / sizeof *events; i++)
		if (dl_text_same(run->event, events[i].type))
			run->event = events[i].event;
	run->of_fork = filled(origin) && filled(home) && strcmp(origin, home) != 0;
	run->started_at = run->created_at;
	run->completed_at = run->updated_at;
	set_duration(run);
	return 0;
}

static int finish_workflow(struct dl_scope *scope, const struct dl_target *target, const struct dl_json *node,
			   void *record)
{
	struct dl_run *run = record;

	if (identify(scope, target, node, run))
		return -1;
	if (run->url)
		run->url = dl_arena_format(&scope->arena, "%s/workflows/%s", run->url, run->id);
	run->state = dl_state_find(workflow_states, dl_json_text(node, "status"), NULL);
	set_duration(run);
	return 0;
}

/* ------------------------------------------------------------------ routes */

static const struct dl_route list_pipelines = {
	.path = "/api/v2/project/{+slug}/pipeline{?branch,page-token}",
	.items = "items", .next = "next_page_token", .next_var = "page-token",
	.schema = &dl_record_run, .map = pipeline_map, .finish = finish_pipeline,
};
static const struct dl_route get_pipeline = {
	.path = "/api/v2/pipeline/{id}",
	.schema = &dl_record_run, .map = pipeline_map, .finish = finish_pipeline,
};
static const struct dl_route get_numbered_pipeline = {
	.path = "/api/v2/project/{+slug}/pipeline/{id}",
	.schema = &dl_record_run, .map = pipeline_map, .finish = finish_pipeline,
};
static const struct dl_route list_workflows = {
	.path = "/api/v2/pipeline/{id}/workflow{?page-token}",
	.items = "items", .next = "next_page_token", .next_var = "page-token",
	.schema = &dl_record_run, .map = workflow_map, .finish = finish_workflow,
};
static const struct dl_route get_workflow = {
	.path = "/api/v2/workflow/{id}",
	.schema = &dl_record_run, .map = workflow_map, .finish = finish_workflow,
};

/* ------------------------------------------------------------------ a pipeline and its workflows */

struct family {
	struct dl_run *pipeline;
	struct dl_run *workflows; /* newest first */
	size_t count;
	bool open;                /* more are to come */
};

static bool is_setup(const struct dl_run *workflow)
{
	return workflow->metadata && strstr(workflow->metadata, "\"tag\":\"setup\"");
}

/* Whether no newer workflow has taken the place of INDEX. */
static bool is_current(const struct family *family, size_t index)
{
	size_t i;

	for (i = 0; i < index; i++)
		if (dl_text_same(family->workflows[i].workflow, family->workflows[index].workflow))
			return false;
	return true;
}

/* Gives WORKFLOW what only its pipeline knows. */
static void join(struct dl_scope *scope, const struct dl_run *pipeline, struct dl_run *workflow)
{
	bool continues = dl_text_same(workflow->metadata, setup);

	workflow->branch = pipeline->branch;
	workflow->sha = pipeline->sha;
	workflow->event = pipeline->event;
	workflow->actor = pipeline->actor;
	workflow->of_fork = pipeline->of_fork;
	workflow->metadata = dl_arena_format(&scope->arena, "%.*s%s}", (int)strlen(pipeline->metadata) - 1,
					     pipeline->metadata, continues ? ",\"tag\":\"setup\"" : "");
}

/* Whether FAMILY gets more workflows. Between the end of a setup workflow and what it continues with there is
 * a gap, and so there is between the making of a pipeline and its first workflow; but a pipeline may also end
 * there, which only time tells. NOW is by the server's clock. */
static bool is_open(const struct family *family, int64_t now)
{
	const struct dl_run *pipeline = family->pipeline, *workflow;
	int64_t last = later(pipeline->created_at, pipeline->updated_at);
	bool created = dl_text_same(pipeline->raw_status, "created"), only_setup = true, over = true;
	size_t i;

	for (i = 0; i < family->count; i++) {
		workflow = &family->workflows[i];
		only_setup &= is_setup(workflow);
		over &= workflow->status == DL_COMPLETED;
		last = later(last, workflow->completed_at);
		if (is_setup(workflow) && is_current(family, i) && workflow->status == DL_COMPLETED &&
		    workflow->conclusion != DL_SUCCESS)
			return false;
	}
	if (pipeline->status == DL_COMPLETED || (created && !only_setup))
		return false;
	return !over || (!created && !family->count) || last > now - GRACE_S;
}

static size_t rank(int conclusion)
{
	size_t i = 0;

	while (i < sizeof badness / sizeof *badness && badness[i] != conclusion)
		i++;
	return i;
}

/* What the workflows say of their pipeline. */
static void settle(struct family *family)
{
	struct dl_run *pipeline = family->pipeline;
	const struct dl_run *workflow, *worst = NULL;
	bool started = family->count > 0, waits = !family->open;
	size_t i, unfinished = family->open;

	for (i = 0; i < family->count; i++) {
		workflow = &family->workflows[i];
		if (!is_current(family, i))
			continue;
		pipeline->completed_at = later(pipeline->completed_at, workflow->completed_at);
		unfinished += workflow->status != DL_COMPLETED;
		waits &= workflow->status == DL_COMPLETED || workflow->needs_action == 1;
		if (workflow->status == DL_COMPLETED &&
		    (!worst || rank(workflow->conclusion) < rank(worst->conclusion)))
			worst = workflow;
		if (workflow->status != DL_COMPLETED)
			pipeline->raw_status = workflow->raw_status;
	}
	if (pipeline->status == DL_COMPLETED)
		return;
	if (unfinished) {
		pipeline->status = started ? DL_IN_PROGRESS : DL_QUEUED;
		pipeline->needs_action = started && waits;
	} else if (worst) {
		pipeline->state = worst->state;
	} else if (dl_text_same(pipeline->raw_status, "created")) {
		/* Its filters let nothing run. */
		pipeline->status = DL_COMPLETED;
		pipeline->conclusion = DL_SKIPPED;
		pipeline->completed_at = pipeline->updated_at;
	}
	set_duration(pipeline);
}

/* Completes FAMILY, of which the pipeline is known. */
static int read_family(struct dl_scope *scope, const struct dl_target *target, struct family *family)
{
	const struct dl_var vars[] = {{"id", family->pipeline->id}, {NULL, NULL}};
	struct dl_sink_list list;
	size_t i;

	dl_sink_list(&list, scope, 0);
	if (dl_rest_list(scope, target, &list_workflows, vars, &list.sink) < 0)
		return -1;
	family->workflows = (void *)list.items;
	family->count = list.count;
	if (list.count)
		qsort(list.items, list.count, sizeof(struct dl_run), dl_query_newest_first);
	for (i = 0; i < list.count; i++)
		join(scope, family->pipeline, &family->workflows[i]);
	family->open = is_open(family, dl_http_now(target->http));
	settle(family);
	return 0;
}

static int put_family(struct dl_scope *scope, const struct family *family, struct dl_sink *sink)
{
	bool ended_early = dl_text_same(family->pipeline->raw_status, "errored");
	int result = DL_MORE;
	size_t i;

	for (i = 0; i < family->count && result == DL_MORE; i++)
		result = dl_sink_put(sink, scope, &dl_record_run, &family->workflows[i]);
	if (result == DL_MORE && (!family->count || family->open || ended_early))
		result = dl_sink_put(sink, scope, &dl_record_run, family->pipeline);
	return result;
}

/* ------------------------------------------------------------------ one run */

static int find_pipeline(struct dl_scope *scope, const struct dl_target *target, const char *id,
			 struct dl_circleci_run *found)
{
	bool numbered = dl_text_int(id) > 0;
	const char *slug = numbered ? dl_circleci_run_project(scope, target) : "";
	const struct dl_var vars[] = {{"slug", slug}, {"id", id}, {NULL, NULL}};
	const struct dl_route *route = numbered ? &get_numbered_pipeline : &get_pipeline;
	const struct dl_json *root = slug ? dl_rest_get(scope, target, route, vars) : NULL;
	struct family family = {.pipeline = root ? dl_rest_record(scope, target, route, root) : NULL};
	size_t i;

	if (!family.pipeline || read_family(scope, target, &family))
		return -1;
	*found = (struct dl_circleci_run){.run = family.pipeline, .pipeline = true, .open = family.open};
	found->workflows = dl_arena_array(&scope->arena, family.count, sizeof *found->workflows);
	for (i = 0; i < family.count; i++)
		if (is_current(&family, i))
			found->workflows[found->count++] = family.workflows[i];
	return 0;
}

static int find_workflow(struct dl_scope *scope, const struct dl_target *target, const char *id,
			 struct dl_circleci_run *found)
{
	const struct dl_var vars[] = {{"id", id}, {NULL, NULL}};
	const struct dl_json *root = dl_rest_get(scope, target, &get_workflow, vars);
	struct dl_run *run = root ? dl_rest_record(scope, target, &get_workflow, root) : NULL, *pipeline;
	const struct dl_var parent[] = {{"id", dl_json_text(root, "pipeline_id")}, {NULL, NULL}};

	root = run ? dl_rest_get(scope, target, &get_pipeline, parent) : NULL;
	pipeline = root ? dl_rest_record(scope, target, &get_pipeline, root) : NULL;
	if (!pipeline)
		return -1;
	join(scope, pipeline, run);
	*found = (struct dl_circleci_run){.run = run, .workflows = run, .count = 1};
	return 0;
}

int dl_circleci_run_find(struct dl_scope *scope, const struct dl_target *target, const char *id,
			 struct dl_circleci_run *found)
{
	if (dl_text_int(id) > 0)
		return find_pipeline(scope, target, id, found);
	if (!dl_circleci_run_is_uuid(id))
		return dl_fail(scope, DL_USAGE, "'%s' is not the id of a workflow or pipeline",
			       dl_text_quote(&scope->arena, id));
	if (find_workflow(scope, target, id, found) == 0)
		return 0;
	if (scope->error.status != 404)
		return -1;
	dl_fail_take(scope, &scope->arena);
	return find_pipeline(scope, target, id, found);
}

/* ------------------------------------------------------------------ lists */

/* Collects pipelines and asks for the workflows of several at once. */
struct batch {
	struct dl_sink sink;
	struct dl_sink *next;
	const struct dl_target *target;
	struct dl_scope keep; /* the pipelines */
	struct dl_run *pipelines[BATCH];
	size_t size, count;
};

static int ask_family(struct dl_scope *scope, void *arg, size_t index, struct dl_sink *sink)
{
	const struct batch *batch = arg;
	struct family family = {.pipeline = batch->pipelines[index]};

	return read_family(scope, batch->target, &family) ? -1 : put_family(scope, &family, sink);
}

/* Passes on the runs of the pipelines collected so far, newest first. */
static int flush(struct dl_scope *scope, struct batch *batch)
{
	int result = dl_gather_runs(scope, batch->count, ask_family, batch, batch->next);

	batch->count = 0;
	dl_arena_free(&batch->keep.arena);
	return result;
}

static int put_in_batch(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
			const void *record)
{
	struct batch *batch = (struct batch *)sink;

	batch->pipelines[batch->count++] = dl_schema_copy(&batch->keep, schema, record);
	return batch->count == batch->size ? flush(scope, batch) : DL_MORE;
}

/* Passes on pipelines, newest first, as far as it is worth looking. */
struct scan {
	struct dl_sink sink;
	struct dl_sink *next;
	long left;      /* so many */
	int64_t oldest; /* created then or later */
	int64_t below;  /* only those with smaller numbers: the others have been here before */
	int64_t lowest; /* number so far */
	bool cut;       /* .left was reached */
};

static int put_scanned(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
		       const void *record)
{
	struct scan *scan = (struct scan *)sink;
	const struct dl_run *pipeline = record;
	int result = DL_MORE;

	if (pipeline->created_at != DL_TIME_NONE && pipeline->created_at < scan->oldest)
		return DL_ENOUGH;
	if (pipeline->number < scan->below) {
		scan->lowest = pipeline->number;
		result = dl_sink_put(scan->next, scope, schema, record);
	}
	scan->cut = result == DL_MORE && --scan->left == 0;
	return scan->cut ? DL_ENOUGH : result;
}

static int scan_pipelines(struct dl_scope *scope, const struct dl_target *target, const char *branch,
			  struct scan *scan)
{
	const char *slug = dl_circleci_run_project(scope, target);
	const struct dl_var vars[] = {{"slug", slug}, {"branch", branch}, {NULL, NULL}};

	scan->sink.put = put_scanned;
	scan->cut = false;
	return slug ? dl_rest_list(scope, target, &list_pipelines, vars, &scan->sink) : -1;
}

/* The pipelines of a commit that are older than those that SCAN has seen: by search, or where there is none
 * by looking further. */
static int find_older(struct dl_scope *scope, const struct dl_target *target,
		      const struct dl_run_query *query, struct scan *scan)
{
	const struct dl_json *root;
	struct dl_run *pipeline;
	struct dl_names ids;
	int result = DL_MORE;
	size_t i;

	scan->below = scan->lowest;
	scan->left = FAR;
	if (dl_circleci_v3_search(scope, target, query->sha, scan->oldest, &ids))
		return scan_pipelines(scope, target, query->branch, scan);
	for (i = 0; i < ids.count && result == DL_MORE; i++) {
		const struct dl_var vars[] = {{"id", ids.items[i]}, {NULL, NULL}};

		root = dl_rest_get(scope, target, &get_pipeline, vars);
		pipeline = root ? dl_rest_record(scope, target, &get_pipeline, root) : NULL;
		result = pipeline ? put_scanned(&scan->sink, scope, &dl_record_run, pipeline) : -1;
	}
	return result;
}

/* Nothing of a commit is older than the commit. */
static int64_t oldest_of(const struct dl_target *target, const struct dl_run_query *query)
{
	int64_t made = query->sha && target->repo ? dl_repo_time(target->repo, query->sha) : DL_TIME_NONE;

	return later(query->since, made == DL_TIME_NONE ? made : made - SLACK_S);
}

static bool is_thinned(const struct dl_run_query *query)
{
	return query->workflow || query->event || query->actor || query->states;
}

int dl_circleci_run_list(struct dl_scope *scope, const struct dl_target *target,
			 const struct dl_run_query *query, struct dl_sink *sink)
{
	/* What a pipeline says already: the workflows of others need not be asked for. */
	const struct dl_run_query shared = {.branch = query->branch,
					    .sha = query->sha,
					    .event = query->event,
					    .actor = query->actor,
					    .since = DL_TIME_NONE};
	struct dl_query_sink wanted, fitting;
	struct batch batch = {
		.sink.put = put_in_batch, .next = &wanted.sink, .target = target, .size = BATCH};
	struct scan scan = {.next = &fitting.sink, .oldest = oldest_of(target, query), .below = INT64_MAX};
	int result;

	if (query->limit > 0 && query->limit < BATCH)
		batch.size = (size_t)query->limit;
	dl_scope_open(&batch.keep, NULL);
	dl_query_sink(&wanted, query, sink);
	dl_query_sink(&fitting, &shared, &batch.sink);
	scan.left = query->sha ? NEAR : is_thinned(query) ? FAR : LONG_MAX;
	result = scan_pipelines(scope, target, query->branch, &scan);
	if (result >= 0 && scan.cut && query->sha)
		result = find_older(scope, target, query, &scan);
	if (result >= 0 && query->branch && !fitting.count) {
		/* The API's filter knows no tags. */
		scan.left = NEAR;
		scan.below = INT64_MAX;
		result = scan_pipelines(scope, target, NULL, &scan);
	}
	if (result >= 0)
		result = flush(scope, &batch);
	dl_scope_close(&batch.keep);
	return result;
}
