/* Stages are told by the plugin pipeline-rest-api. Where it is not, and for builds without stages, the build
 * is its only job; so it is, beside its stages, when it ended badly and none of them did: an error outside of
 * them would be nobody's.
 *
 * https://github.com/jenkinsci/pipeline-stage-view-plugin/tree/master/rest-api */
#include "providers/ci/jenkins_stage.h"

#include <string.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/provider/rest.h"
#include "providers/ci/jenkins_build.h"

static const struct dl_state states[] = {
	{"SUCCESS", NULL, DL_COMPLETED, DL_SUCCESS, false},
	{"FAILED", NULL, DL_COMPLETED, DL_FAILURE, false},
	{"UNSTABLE", NULL, DL_COMPLETED, DL_FAILURE, false},
	{"ABORTED", NULL, DL_COMPLETED, DL_CANCELLED, false},
	{"NOT_EXECUTED", NULL, DL_COMPLETED, DL_SKIPPED, false},
	{"SKIPPED", NULL, DL_COMPLETED, DL_SKIPPED, false},
	{"IN_PROGRESS", NULL, DL_IN_PROGRESS, DL_CONCLUSION_NULL, false},
	{"PAUSED_PENDING_INPUT", NULL, DL_IN_PROGRESS, DL_CONCLUSION_NULL, true},
	{NULL, NULL, DL_STATUS_NULL, DL_CONCLUSION_NULL, false},
};

static const struct dl_map stage_map[] = {
	{"name", "name", DL_AS_IS},
	{"runner", "execNode", DL_AS_IS},
	{"started_at", "startTimeMillis", DL_FROM_MS},
	{"duration_s", "durationMillis", DL_FROM_MS},
	{"metadata.error", "error.message", DL_AS_IS},
	{NULL, NULL, DL_AS_IS},
};

static const struct dl_map step_map[] = {
	{"name", "name", DL_AS_IS},
	{"duration_s", "durationMillis", DL_FROM_MS},
	{NULL, NULL, DL_AS_IS},
};

/* ------------------------------------------------------------------ finishing records */

bool dl_jenkins_stage_open(const struct dl_json *node)
{
	return dl_state_find(states, dl_json_text(node, "status"), NULL).status != DL_COMPLETED;
}

static int state_of(struct dl_scope *scope, const struct dl_json *node, struct dl_state_result *state)
{
	*state = dl_state_find(states, dl_json_text(node, "status"), NULL);
	return dl_jenkins_build_weigh(scope, state);
}

static int finish_step(struct dl_scope *scope, const struct dl_target *target, const struct dl_json *node,
		       void *record)
{
	struct dl_state_result state;
	struct dl_step *step = record;

	(void)target;
	if (state_of(scope, node, &state))
		return -1;
	step->status = state.status;
	step->conclusion = state.conclusion;
	return 0;
}

static const struct dl_route flow_nodes = {
	.schema = &dl_record_step, .map = step_map, .finish = finish_step,
};

/* The answer has them with each stage or not at all. */
static int read_steps(struct dl_scope *scope, const struct dl_target *target, const struct dl_json *list,
		      struct dl_list *result)
{
	struct dl_step *steps = dl_rest_records(scope, target, &flow_nodes, list, &result->count);
	size_t i;

	for (i = 0; steps && i < result->count; i++)
		steps[i].number = (int64_t)i + 1;
	result->items = steps;
	return steps ? 0 : -1;
}

static int finish_stage(struct dl_scope *scope, const struct dl_target *target, const struct dl_json *node,
			void *record)
{
	struct dl_state_result state;
	struct dl_job *job = record;

	if (state_of(scope, node, &state))
		return -1;
	job->state = state;
	job->runner = job->runner && *job->runner ? job->runner : NULL;
	if (job->started_at != DL_TIME_NONE && job->started_at <= 0)
		job->started_at = DL_TIME_NONE; /* it never began */
	if (state.status != DL_COMPLETED || job->duration_s < 0)
		job->duration_s = DL_INT_NONE;
	if (job->started_at != DL_TIME_NONE && job->duration_s != DL_INT_NONE)
		job->completed_at = job->started_at + job->duration_s;
	return read_steps(scope, target, dl_json_get(node, "stageFlowNodes"), &job->steps);
}

static const struct dl_route describe = {
	.path = "/job/{+job}/{id}/wfapi/describe",
	.schema = &dl_record_job, .map = stage_map, .finish = finish_stage,
};

/* ------------------------------------------------------------------ ids */

int dl_jenkins_stage_split(struct dl_scope *scope, const char *id, struct dl_jenkins_stage_id *parts)
{
	const char *dot = strchrnul(id, '.');

	parts->build = dl_arena_copy(&scope->arena, id, (size_t)(dot - id));
	parts->node = *dot ? dot + 1 : "";
	if (dl_text_int(parts->build) > 0 && dl_text_int(parts->node) > 0)
		return 0;
	return dl_fail(scope, DL_USAGE, "'%s' is not the number of a build and of a stage",
		       dl_text_quote(&scope->arena, id));
}

/* ------------------------------------------------------------------ jobs */

/* STAGE of build ID, of which ROOT tells. NULL: failed. */
static struct dl_job *stage_job(struct dl_scope *scope, const struct dl_target *target, const char *id,
				const struct dl_json *stage)
{
	struct dl_job *job = dl_rest_record(scope, target, &describe, stage);
	const char *node = dl_json_text(stage, "id");

	if (!job)
		return NULL;
	if (!node || dl_text_int(node) < 1) {
		dl_fail(scope, DL_DATA, "%s: a stage without a number", target->host);
		return NULL;
	}
	job->run_id = id;
	job->id = dl_arena_format(&scope->arena, "%s.%s", id, node);
	job->head = dl_provider_head(&scope->arena, target, "job", job->id);
	job->url = dl_arena_format(&scope->arena, "%s/job/%s/%s/execution/node/%s/", target->base,
				   dl_jenkins_build_job(scope, target), id, node);
	return job;
}

static int put_build(struct dl_scope *scope, const struct dl_target *target, const char *id,
		     struct dl_sink *sink)
{
	const struct dl_run *run = dl_jenkins_build_read(scope, target, id);
	struct dl_job *job;

	if (!run)
		return -1;
	job = dl_record_job_of(scope, run);
	job->ref = dl_provider_ref(&scope->arena, target, "job", run->id);
	return dl_sink_put(sink, scope, &dl_record_job, job);
}

/* What is told of the stages of build ID. NULL: nothing, or SCOPE has failed. */
static const struct dl_json *read_stages(struct dl_scope *scope, const struct dl_target *target,
					 const char *id)
{
	const struct dl_var vars[] = {
		{"job", dl_jenkins_build_job(scope, target)}, {"id", id}, {NULL, NULL}};
	const struct dl_json *root;

	if (dl_jenkins_build_check(scope, id))
		return NULL;
	root = dl_rest_get(scope, target, &describe, vars);
	if (!root && scope->error.status == 404)
		dl_fail_take(scope, &scope->arena);
	return root;
}

static bool is_bad(int conclusion)
{
	return conclusion == DL_FAILURE || conclusion == DL_CANCELLED;
}

int dl_jenkins_stage_list(struct dl_scope *scope, const struct dl_target *target, const char *id,
			  int64_t attempt, struct dl_sink *sink)
{
	const struct dl_json *root, *list, *stage;
	struct dl_state_result state;
	const struct dl_job *job;
	int result = DL_MORE;
	bool told = false;

	if (*id == 'q')
		return 0;
	if (attempt > 1)
		return dl_fail(scope, DL_MISSING,
			       "a build of Jenkins has one attempt: run again, it is a new build");
	root = read_stages(scope, target, id);
	if (scope->error.class != DL_OK || state_of(scope, root, &state))
		return -1;
	list = dl_json_get(root, "stages");
	for (stage = list ? list->child : NULL; stage && result == DL_MORE; stage = stage->next) {
		job = stage_job(scope, target, id, stage);
		if (!job)
			return -1;
		told |= is_bad(job->conclusion);
		result = dl_sink_put(sink, scope, &dl_record_job, job);
	}
	if (result == DL_MORE && (!list || !list->child || (is_bad(state.conclusion) && !told)))
		result = put_build(scope, target, id, sink);
	return result;
}

int dl_jenkins_stage_one(struct dl_scope *scope, const struct dl_target *target, const char *id,
			 struct dl_sink *sink)
{
	struct dl_jenkins_stage_id parts;
	const struct dl_json *list, *stage;
	const struct dl_job *job;

	if (!strchr(id, '.'))
		return put_build(scope, target, id, sink);
	if (dl_jenkins_stage_split(scope, id, &parts))
		return -1;
	list = dl_json_get(read_stages(scope, target, parts.build), "stages");
	for (stage = list ? list->child : NULL; stage; stage = stage->next)
		if (dl_text_same(dl_json_text(stage, "id"), parts.node)) {
			job = stage_job(scope, target, parts.build, stage);
			return job ? dl_sink_put(sink, scope, &dl_record_job, job) : -1;
		}
	return dl_fail(scope, DL_MISSING, "%s has no stage %s", target->host, id);
}
