#include "providers/ci/circleci_job.h"

#include <string.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/provider/rest.h"
#include "providers/ci/circleci_run.h"
#include "providers/ci/circleci_v3.h"

enum { MOST_EXECUTIONS = 4096 };

/* ------------------------------------------------------------------ vocabulary */

/* Of jobs in v2, and of the steps in v1.1. */
static const struct dl_state states[] = {
	{"success", NULL, DL_COMPLETED, DL_SUCCESS, false},
	{"fixed", NULL, DL_COMPLETED, DL_SUCCESS, false},
	{"failed", NULL, DL_COMPLETED, DL_FAILURE, false},
	{"infrastructure_fail", NULL, DL_COMPLETED, DL_FAILURE, false},
	{"terminated-unknown", NULL, DL_COMPLETED, DL_FAILURE, false},
	{"timedout", NULL, DL_COMPLETED, DL_TIMED_OUT, false},
	{"canceled", NULL, DL_COMPLETED, DL_CANCELLED, false},
	{"not_run", NULL, DL_COMPLETED, DL_SKIPPED, false},
	{"unauthorized", NULL, DL_COMPLETED, DL_ACTION_REQUIRED, true},
	{"retried", NULL, DL_COMPLETED, DL_NEUTRAL, false}, /* another took its place */
	{"running", NULL, DL_IN_PROGRESS, DL_CONCLUSION_NULL, false},
	{"on_hold", NULL, DL_IN_PROGRESS, DL_CONCLUSION_NULL, true},
	{"queued", NULL, DL_QUEUED, DL_CONCLUSION_NULL, false},
	{"not_running", NULL, DL_QUEUED, DL_CONCLUSION_NULL, false},
	{"blocked", NULL, DL_QUEUED, DL_CONCLUSION_NULL, false},
	{NULL, NULL, DL_STATUS_NULL, DL_CONCLUSION_NULL, false},
};

/* Of steps in v3: phase and outcome. */
static const struct dl_state phases[] = {
	{"ended", "succeeded", DL_COMPLETED, DL_SUCCESS, false},
	{"ended", "failed", DL_COMPLETED, DL_FAILURE, false},
	{"ended", "errored", DL_COMPLETED, DL_FAILURE, false},
	{"ended", "infrastructure_fail", DL_COMPLETED, DL_FAILURE, false},
	{"ended", "timedout", DL_COMPLETED, DL_TIMED_OUT, false},
	{"ended", "canceled", DL_COMPLETED, DL_CANCELLED, false},
	{"ended", "not_run", DL_COMPLETED, DL_SKIPPED, false},
	{"created", NULL, DL_QUEUED, DL_CONCLUSION_NULL, false},
	{"queued", NULL, DL_QUEUED, DL_CONCLUSION_NULL, false},
	{"started", NULL, DL_IN_PROGRESS, DL_CONCLUSION_NULL, false},
	{NULL, NULL, DL_STATUS_NULL, DL_CONCLUSION_NULL, false},
};

/* ------------------------------------------------------------------ records */

static const struct dl_map job_map[] = {
	{"id", "id", DL_AS_IS},
	{"name", "name", DL_AS_IS},
	{"started_at", "started_at", DL_AS_IS},
	{"completed_at", "stopped_at", DL_AS_IS},
	{"metadata.number", "job_number", DL_AS_IS},
	{"metadata.type", "type", DL_AS_IS},
	{"metadata.approval_request_id", "approval_request_id", DL_AS_IS},
	{NULL, NULL, DL_AS_IS},
};

static int finish_job(struct dl_scope *scope, const struct dl_target *target, const struct dl_json *node,
		      void *record)
{
	struct dl_state_result state = dl_state_find(states, dl_json_text(node, "status"), NULL);
	const char *slug = dl_circleci_run_slug(&scope->arena, target->project, false);
	const char *number = dl_json_text(node, "job_number");
	struct dl_job *job = record;

	if (!job->id || !dl_circleci_run_is_uuid(job->id))
		return dl_fail(scope, DL_DATA, "%s: a job without an id", target->host);
	job->state = state;
	job->silent = dl_text_same(dl_json_text(node, "type"), "approval");
	if (state.status != DL_COMPLETED)
		job->completed_at = DL_TIME_NONE;
	job->duration_s = dl_time_between(job->started_at, job->completed_at);
	if (slug && number)
		job->url = dl_arena_format(&scope->arena, "%s/jobs/%s/%s",
					   dl_circleci_run_page(&scope->arena, target), slug, number);
	return 0;
}

static const struct dl_route list_jobs = {
	.path = "/api/v2/workflow/{id}/job{?page-token}",
	.items = "items", .next = "next_page_token", .next_var = "page-token",
	.schema = &dl_record_job, .map = job_map, .finish = finish_job,
};
static const struct dl_route get_numbered_job = {.path = "/api/v2/project/{+slug}/job/{number}"};
static const struct dl_route get_job = {.path = "/api/v3/jobs/{uuid}"};
/* It has signed links. */
static const struct dl_route get_build = {.path = "/api/v1.1/project/{+slug}/{number}", .once = true};

/* Adds to a job what its own answer does not say: which workflow it is in. */
struct placing {
	struct dl_sink sink;
	struct dl_sink *next;
	const struct dl_target *target;
	const char *workflow;
	long count;
};

static int put_placed(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
		      const void *record)
{
	struct placing *placing = (struct placing *)sink;
	struct dl_job job = *(const struct dl_job *)record;

	job.run_id = placing->workflow;
	job.id = dl_arena_format(&scope->arena, "%s.%s", placing->workflow, job.id);
	job.head = dl_provider_head(&scope->arena, placing->target, "job", job.id);
	placing->count++;
	return dl_sink_put(placing->next, scope, schema, &job);
}

/* The jobs of one workflow; how many there were goes to *COUNT. */
static int list_workflow(struct dl_scope *scope, const struct dl_target *target, const char *id,
			 struct dl_sink *sink, long *count)
{
	const struct dl_var vars[] = {{"id", id}, {NULL, NULL}};
	struct placing placing = {.sink.put = put_placed, .next = sink, .target = target, .workflow = id};
	int result = dl_rest_list(scope, target, &list_jobs, vars, &placing.sink);

	*count = placing.count;
	return result;
}

/* The jobs of the workflows that count in pipeline ID. */
static int list_pipeline(struct dl_scope *scope, const struct dl_target *target, const char *id,
			 struct dl_sink *sink)
{
	struct dl_circleci_run found;
	int result = DL_MORE;
	long count;
	size_t i;

	if (dl_circleci_run_find(scope, target, id, &found))
		return -1;
	for (i = 0; found.pipeline && i < found.count && result == DL_MORE; i++)
		result = list_workflow(scope, target, found.workflows[i].id, sink, &count);
	return result;
}

int dl_circleci_job_list(struct dl_scope *scope, const struct dl_target *target, const char *id,
			 int64_t attempt, struct dl_sink *sink)
{
	long count = 0;
	int result;

	if (attempt > 1) {
		dl_fail(scope, DL_MISSING, "a workflow has one attempt");
		return dl_fail_hint(scope, "to run it again makes another one, in the same pipeline");
	}
	if (!dl_circleci_run_is_uuid(id))
		return list_pipeline(scope, target, id, sink);
	result = list_workflow(scope, target, id, sink, &count);
	/* It may be a pipeline, of which the API says that there is no such workflow, or no job in it. */
	if (result < 0 && scope->error.status == 404 && !count)
		dl_fail_take(scope, &scope->arena);
	else if (result != DL_MORE || count)
		return result;
	return list_pipeline(scope, target, id, sink);
}

/* ------------------------------------------------------------------ one job */

const char *dl_circleci_job_uuid(const char *id)
{
	const char *dot = strchr(id, '.');

	return dot ? dot + 1 : NULL;
}

const char *dl_circleci_job_number(struct dl_scope *scope, const struct dl_job *job)
{
	char *text = dl_arena_string(&scope->arena, job->metadata);
	const struct dl_json *root = text ? dl_json_parse(scope, text, strlen(text)) : NULL;

	return dl_json_text(root, "number");
}

/* The workflow of the job that ID names. NULL: failed. */
static const char *workflow_of(struct dl_scope *scope, const struct dl_target *target, const char *id)
{
	const char *uuid = dl_circleci_job_uuid(id), *slug, *workflow;
	const struct dl_json *root;

	if (uuid) {
		workflow = dl_arena_copy(&scope->arena, id, (size_t)(uuid - 1 - id));
		if (dl_circleci_run_is_uuid(workflow) && dl_circleci_run_is_uuid(uuid))
			return workflow;
	}
	if (dl_text_int(id) < 1) {
		dl_fail(scope, DL_USAGE, "'%s' is not the id or number of a job",
			dl_text_quote(&scope->arena, id));
		return NULL;
	}
	slug = dl_circleci_run_project(scope, target);
	root = slug ? dl_rest_get(scope, target, &get_numbered_job,
				  (const struct dl_var[]){{"slug", slug}, {"number", id}, {NULL, NULL}})
		    : NULL;
	workflow = dl_json_text(root, "latest_workflow.id");
	if (root && !workflow)
		dl_fail(scope, DL_MISSING, "%s: job %s is in no workflow", target->host, id);
	return workflow;
}

int dl_circleci_job_find(struct dl_scope *scope, const struct dl_target *target, const char *id,
			 struct dl_circleci_job *found)
{
	const char *workflow = workflow_of(scope, target, id);
	struct dl_sink_list jobs;
	struct dl_job *items;
	long count;
	size_t i;

	dl_sink_list(&jobs, scope, 0);
	if (!workflow || list_workflow(scope, target, workflow, &jobs.sink, &count) < 0)
		return -1;
	items = (void *)jobs.items;
	for (i = 0; i < jobs.count; i++) {
		found->record = &items[i];
		found->uuid = dl_circleci_job_uuid(items[i].id);
		found->number = dl_circleci_job_number(scope, &items[i]);
		if (dl_text_same(items[i].id, id) || dl_text_same(found->number, id))
			return 0;
	}
	return dl_fail(scope, DL_MISSING, "%s has no such job", target->host);
}

/* ------------------------------------------------------------------ steps */

static size_t length(const struct dl_json *list)
{
	const struct dl_json *node;
	size_t count = 0;

	for (node = list ? list->child : NULL; node; node = node->next)
		count++;
	return count;
}

static void set_step(struct dl_circleci_step *step, struct dl_state_result state, const struct dl_json *node,
		     const char *from, const char *to)
{
	step->name = dl_json_text(node, "name");
	step->status = state.status;
	step->conclusion = state.conclusion;
	step->duration_s = dl_time_between(dl_time_parse(dl_json_text(node, from)),
					   dl_time_parse(dl_json_text(node, to)));
}

/* https://circleci.com/docs/api/v3/ */
static int read_steps(struct dl_scope *scope, const struct dl_target *target, const char *uuid,
		      struct dl_circleci_steps *steps)
{
	const struct dl_target v3 = dl_circleci_v3_target(scope, target);
	const struct dl_var vars[] = {{"uuid", uuid}, {NULL, NULL}};
	const struct dl_json *root = dl_rest_get(scope, &v3, &get_job, vars), *list, *machine, *node;
	struct dl_circleci_step *step;
	int64_t execution = 0;
	size_t count = 0;

	if (!root)
		return -1;
	if (!dl_json_text(root, "data.attributes.phase"))
		return dl_fail(scope, DL_DATA, "%s: a job without a phase", target->host);
	list = dl_json_get(root, "data.attributes.parallel_executions");
	for (machine = list ? list->child : NULL; machine; machine = machine->next)
		count += length(dl_json_get(machine, "steps"));
	steps->items = step = dl_arena_array(&scope->arena, count, sizeof *steps->items);
	steps->count = count;
	steps->over = dl_text_same(dl_json_text(root, "data.attributes.phase"), "ended");
	for (machine = list ? list->child : NULL; machine; machine = machine->next, execution++) {
		node = dl_json_get(machine, "steps");
		for (node = node ? node->child : NULL; node; node = node->next, step++) {
			set_step(step,
				 dl_state_find(phases, dl_json_text(node, "phase"),
					       dl_json_text(node, "outcome")),
				 node, "started_at", "ended_at");
			step->execution = execution;
			step->number = dl_json_int(dl_json_get(node, "num"));
		}
	}
	return 0;
}

/* Of a list of steps in which each lists what it was on every machine, the part of machine EXECUTION, added
 * to STEPS. */
static void add_actions(struct dl_circleci_steps *steps, const struct dl_json *list, int64_t execution)
{
	const struct dl_json *node, *action;
	struct dl_circleci_step *step;

	for (node = list->child; node; node = node->next) {
		action = dl_json_get(node, "actions");
		for (action = action ? action->child : NULL; action; action = action->next) {
			if (dl_json_int(dl_json_get(action, "index")) != execution)
				continue;
			step = &steps->items[steps->count++];
			set_step(step, dl_state_find(states, dl_json_text(action, "status"), NULL), action,
				 "start_time", "end_time");
			step->execution = execution;
			step->number = dl_json_int(dl_json_get(action, "step"));
			step->output = dl_json_text(action, "output_url");
		}
	}
}

/* https://circleci.com/docs/api/v1/ */
static int read_legacy_steps(struct dl_scope *scope, const struct dl_target *target, const char *number,
			     struct dl_circleci_steps *steps)
{
	const char *slug = dl_circleci_run_slug(&scope->arena, target->project, false);
	const struct dl_var vars[] = {{"slug", slug}, {"number", number}, {NULL, NULL}};
	const struct dl_json *root, *list, *node, *action;
	int64_t last = 0, index;
	size_t count = 0;

	root = dl_circleci_run_project(scope, target) ? dl_rest_get(scope, target, &get_build, vars) : NULL;
	if (!root)
		return -1;
	list = dl_json_get(root, "steps");
	if (!list || list->type != DL_JSON_ARRAY)
		return dl_fail(scope, DL_DATA, "%s: a build without a list of steps", target->host);
	for (node = list->child; node; node = node->next) {
		action = dl_json_get(node, "actions");
		for (action = action ? action->child : NULL; action; action = action->next, count++) {
			index = dl_json_int(dl_json_get(action, "index"));
			last = index > last ? index : last;
		}
	}
	if (last >= MOST_EXECUTIONS)
		return dl_fail(scope, DL_DATA, "%s: a build on %lld machines", target->host, (long long)last);
	steps->items = dl_arena_array(&scope->arena, count, sizeof *steps->items);
	steps->over = dl_text_same(dl_json_text(root, "lifecycle"), "finished");
	steps->legacy = true;
	for (index = 0; index <= last; index++)
		add_actions(steps, list, index);
	return 0;
}

int dl_circleci_job_steps(struct dl_scope *scope, const struct dl_target *target, const char *uuid,
			  const char *number, bool legacy, struct dl_circleci_steps *steps)
{
	int attempt;

	for (attempt = 0; attempt < 2; attempt++, legacy = !legacy) {
		if (legacy ? !number : !uuid)
			continue;
		dl_fail_take(scope, &scope->arena);
		*steps = (struct dl_circleci_steps){0};
		if ((legacy ? read_legacy_steps(scope, target, number, steps)
			    : read_steps(scope, target, uuid, steps)) == 0)
			return 0;
	}
	return scope->error.class == DL_OK
		       ? dl_fail(scope, DL_MISSING, "%s has no steps of that job", target->host)
		       : -1;
}

int dl_circleci_job_put(struct dl_scope *scope, const struct dl_target *target, const char *id,
			struct dl_sink *sink)
{
	struct dl_circleci_steps steps = {0};
	struct dl_circleci_job job;
	struct dl_step *list;
	size_t i;

	if (dl_circleci_job_find(scope, target, id, &job))
		return -1;
	if (job.number && dl_circleci_job_steps(scope, target, job.uuid, job.number, false, &steps))
		return -1;
	list = dl_arena_array(&scope->arena, steps.count, sizeof *list);
	for (i = 0; i < steps.count; i++)
		list[i] = (struct dl_step){.number = (int64_t)i + 1,
					   .name = steps.items[i].name,
					   .status = steps.items[i].status,
					   .conclusion = steps.items[i].conclusion,
					   .duration_s = steps.items[i].duration_s};
	job.record->steps = (struct dl_list){.items = list, .count = steps.count};
	return dl_sink_put(sink, scope, &dl_record_job, job.record);
}
