/* The tasks come newest first, those of several runs mixed, since jobs run side by side and are run again.
 * Where a run's tasks end cannot be known; they are taken to be complete when much else has gone by. */
#include "providers/ci/gitea_tasks.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/provider/provider.h"
#include "lib/provider/query.h"
#include "lib/provider/rest.h"
#include "providers/ci/gitea_map.h"

enum { MUCH = 100 }; /* tasks of other runs */

bool dl_gitea_tasks_is_run(const char *id)
{
	return *id == 'n' && dl_text_int(id + 1) >= 0;
}

bool dl_gitea_tasks_is_job(const char *id)
{
	return *id == 't' && dl_text_int(id + 1) >= 0;
}

/* Keeps the tasks that are wanted, and knows when there will hardly be more of them. */
struct collector {
	struct dl_sink sink;
	struct dl_sink_list tasks;
	const struct dl_run_query *query; /* NULL: those of one run */
	int64_t number;                   /* of that run; DL_INT_NONE: one task */
	const char *task;                 /* its id */
	int64_t runs;                     /* different ones so far */
	int others;                       /* that went by since the last wanted one */
};

/* What a task tells of its run, and is the same for all of them. */
static bool fits(const struct dl_run_query *query, const struct dl_run *task)
{
	return (!query->branch || dl_text_same(query->branch, task->branch)) &&
	       (!query->sha || dl_text_same(query->sha, task->sha)) &&
	       (!query->event || dl_text_same(query->event, task->event)) &&
	       (!query->workflow || dl_text_same(query->workflow, task->workflow));
}

static bool is_known(const struct collector *collector, int64_t number)
{
	size_t i;

	for (i = collector->tasks.count; i-- > 0;)
		if (((const struct dl_run *)dl_sink_item(&collector->tasks, i))->number == number)
			return true;
	return false;
}

/* For a list of runs: enough when one more than wanted has shown up, and then much else. */
static int take_matching(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
			 const void *record)
{
	struct collector *collector = (struct collector *)sink;
	const struct dl_run_query *query = collector->query;
	const struct dl_run *task = record;
	bool full = query->limit && !query->states && collector->runs >= query->limit, known;

	if (query->since != DL_TIME_NONE && task->created_at < query->since)
		return ++collector->others > MUCH ? DL_ENOUGH : DL_MORE;
	known = is_known(collector, task->number);
	if (!fits(query, task) || (full && !known))
		return full && ++collector->others > MUCH ? DL_ENOUGH : DL_MORE;
	collector->runs += !known;
	collector->others = 0;
	return dl_sink_put(&collector->tasks.sink, scope, schema, record);
}

static int take_of_run(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
		       const void *record)
{
	struct collector *collector = (struct collector *)sink;
	const struct dl_run *task = record;

	if (task->number == collector->number) {
		collector->others = 0;
		return dl_sink_put(&collector->tasks.sink, scope, schema, record);
	}
	return collector->tasks.count && ++collector->others > MUCH ? DL_ENOUGH : DL_MORE;
}

static int take_one(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
		    const void *record)
{
	struct collector *collector = (struct collector *)sink;
	const struct dl_run *task = record;

	if (!dl_text_same(task->id, collector->task))
		return DL_MORE;
	return dl_sink_put(&collector->tasks.sink, scope, schema, record) < 0 ? -1 : DL_ENOUGH;
}

/* Newest run first; within it by job, its newest attempt first. */
static int by_run(const void *a, const void *b)
{
	const struct dl_run *one = a, *other = b;
	int64_t id = dl_text_int(one->id), other_id = dl_text_int(other->id);
	int order;

	if (one->number != other->number)
		return one->number > other->number ? -1 : 1;
	order = strcmp(one->name ? one->name : "", other->name ? other->name : "");
	return order ? order : (id < other_id) - (id > other_id);
}

/* Reads the tasks that COLLECTOR wants, and drops the older attempts of their jobs. */
static int collect(struct dl_scope *scope, const struct dl_target *target, struct collector *collector)
{
	const struct dl_var vars[] = {{"project", target->project}, {"limit", "50"}, {NULL, NULL}};
	struct dl_run *tasks;
	size_t i, kept = 0;

	dl_sink_list(&collector->tasks, scope, 0);
	if (dl_rest_list(scope, target, &dl_gitea_map_tasks, vars, &collector->sink) < 0)
		return -1;
	tasks = (void *)collector->tasks.items;
	if (collector->tasks.count)
		qsort(tasks, collector->tasks.count, sizeof *tasks, by_run);
	for (i = 0; i < collector->tasks.count; i++)
		if (!kept || tasks[kept - 1].number != tasks[i].number ||
		    !dl_text_same(tasks[kept - 1].name, tasks[i].name))
			tasks[kept++] = tasks[i];
	collector->tasks.count = kept;
	return 0;
}

/* ------------------------------------------------------------------ runs */

/* The higher decides what a run is that has jobs in several states: it goes on while one of them does. */
static int weight(const struct dl_run *task)
{
	static const int of_conclusion[] = {
		[DL_SKIPPED] = 1, [DL_SUCCESS] = 2, [DL_CANCELLED] = 3, [DL_FAILURE] = 4};

	if (task->status == DL_COMPLETED)
		return of_conclusion[task->conclusion];
	return task->status == DL_QUEUED ? 5 : 6;
}

static int64_t earlier(int64_t a, int64_t b)
{
	if (a == DL_TIME_NONE || b == DL_TIME_NONE)
		return a == DL_TIME_NONE ? b : a;
	return a < b ? a : b;
}

static void add_task(struct dl_run *run, const struct dl_run *task)
{
	if (weight(task) > weight(run)) {
		run->status = task->status;
		run->conclusion = task->conclusion;
		run->raw_status = task->raw_status;
	}
	run->created_at = earlier(run->created_at, task->created_at);
	run->started_at = earlier(run->started_at, task->started_at);
	run->updated_at = run->updated_at > task->updated_at ? run->updated_at : task->updated_at;
}

/* Looks for a status that Actions posted for a job of .run that has not ended. */
struct doubt {
	struct dl_sink sink;
	struct dl_run *run;
};

static int doubt_run(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
		     const void *record)
{
	struct dl_run *run = ((struct doubt *)sink)->run;
	const struct dl_run *status = record;

	(void)scope;
	(void)schema;
	if (status->status == DL_COMPLETED || !dl_gitea_map_is_of(status, run))
		return DL_MORE;
	run->status = DL_IN_PROGRESS;
	run->conclusion = DL_CONCLUSION_NULL;
	run->raw_status = "pending";
	return DL_ENOUGH;
}

/* Actions posts statuses for runs of these events only. When they cannot be read, the tasks are what there
 * is. */
static void check_end(const struct dl_target *target, struct dl_run *run)
{
	const struct dl_var vars[] = {
		{"project", target->project}, {"sha", run->sha}, {"limit", "50"}, {NULL, NULL}};
	struct doubt doubt = {.sink.put = doubt_run, .run = run};
	struct dl_scope attempt;

	if (run->status != DL_COMPLETED || !run->sha ||
	    !(dl_text_same(run->event, "push") || dl_text_same(run->event, "release") ||
	      dl_text_starts(run->event, "pull_request")))
		return;
	dl_scope_open(&attempt, NULL);
	if (dl_rest_list(&attempt, target, &dl_gitea_map_statuses, vars, &doubt.sink) < 0)
		dl_fail_take(&attempt, &attempt.arena);
	dl_scope_close(&attempt);
}

/* The run whose tasks are the COUNT first of TASKS. */
static struct dl_run make_run(struct dl_scope *scope, const struct dl_target *target,
			      const struct dl_run *tasks, size_t count)
{
	struct dl_run run = tasks[0];
	size_t i;

	for (i = 1; i < count; i++)
		add_task(&run, &tasks[i]);
	run.id = dl_arena_format(&scope->arena, "n%lld", (long long)run.number);
	run.ref = dl_provider_ref(&scope->arena, target, "run", run.id);
	run.name = NULL;
	check_end(target, &run);
	run.completed_at = run.status == DL_COMPLETED ? run.updated_at : DL_TIME_NONE;
	run.duration_s = dl_time_between(run.started_at, run.completed_at);
	return run;
}

/* The runs of the sorted tasks, newest first. */
static int put_runs(struct dl_scope *scope, const struct dl_target *target, const struct dl_sink_list *list,
		    struct dl_sink *sink)
{
	const struct dl_run *tasks = (const void *)list->items;
	size_t first, next;
	struct dl_run run;
	int result = DL_MORE;

	for (first = 0; first < list->count && result == DL_MORE; first = next) {
		for (next = first + 1; next < list->count && tasks[next].number == tasks[first].number;)
			next++;
		run = make_run(scope, target, tasks + first, next - first);
		result = dl_sink_put(sink, scope, &dl_record_run, &run);
	}
	return result;
}

int dl_gitea_tasks_runs(struct dl_scope *scope, const struct dl_target *target,
			const struct dl_run_query *query, struct dl_sink *sink)
{
	struct collector collector = {.sink.put = take_matching, .query = query};
	struct dl_query_sink filter;

	dl_query_sink(&filter, query, sink);
	if (collect(scope, target, &collector))
		return -1;
	return put_runs(scope, target, &collector.tasks, &filter.sink);
}

/* The tasks of run ID, which is there. */
static int collect_run(struct dl_scope *scope, const struct dl_target *target, const char *id,
		       struct collector *collector)
{
	*collector = (struct collector){.sink.put = take_of_run, .number = dl_text_int(id + 1)};
	if (collect(scope, target, collector))
		return -1;
	return collector->tasks.count
		       ? 0
		       : dl_fail(scope, DL_MISSING, "%s has no run number %s", target->host, id + 1);
}

int dl_gitea_tasks_run(struct dl_scope *scope, const struct dl_target *target, const char *id,
		       struct dl_sink *sink)
{
	struct collector collector;

	return collect_run(scope, target, id, &collector) ? -1
							  : put_runs(scope, target, &collector.tasks, sink);
}

/* ------------------------------------------------------------------ jobs */

static int put_job(struct dl_scope *scope, const struct dl_target *target, const struct dl_run *task,
		   struct dl_sink *sink)
{
	struct dl_job *job = dl_record_job_of(scope, task);

	job->id = dl_arena_format(&scope->arena, "t%s", task->id);
	job->run_id = dl_arena_format(&scope->arena, "n%lld", (long long)task->number);
	job->ref = dl_provider_ref(&scope->arena, target, "job", job->id);
	job->name = task->name;
	return dl_sink_put(sink, scope, &dl_record_job, job);
}

int dl_gitea_tasks_jobs(struct dl_scope *scope, const struct dl_target *target, const char *id,
			struct dl_sink *sink)
{
	struct collector collector;
	int result = DL_MORE;
	size_t i;

	if (collect_run(scope, target, id, &collector))
		return -1;
	for (i = 0; i < collector.tasks.count && result == DL_MORE; i++)
		result = put_job(scope, target, dl_sink_item(&collector.tasks, i), sink);
	return result;
}

int dl_gitea_tasks_job(struct dl_scope *scope, const struct dl_target *target, const char *id,
		       struct dl_sink *sink)
{
	struct collector collector = {.sink.put = take_one, .number = DL_INT_NONE, .task = id + 1};

	if (collect(scope, target, &collector))
		return -1;
	if (!collector.tasks.count)
		return dl_fail(scope, DL_MISSING, "%s has no task %s", target->host, id + 1);
	return put_job(scope, target, dl_sink_item(&collector.tasks, 0), sink);
}
