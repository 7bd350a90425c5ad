/* A pipeline's list of jobs has neither its trigger jobs nor what they have started: each pipeline of the
 * tree is asked for them. The pipelines of one level are asked at once; GitLab allows two levels below the
 * first. */
#include "providers/ci/gitlab_tree.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "lib/data/ref.h"
#include "lib/data/sink.h"
#include "lib/provider/gather.h"
#include "lib/provider/provider.h"
#include "providers/ci/gitlab_api.h"

enum { DEEPEST = 4 };

/* A pipeline of the tree. */
struct branch {
	const char *id;
	const char *prefix; /* of the names in it: "" at the root */
};

/* Pipelines that are asked at once. */
struct level {
	const struct dl_target *target;
	struct branch *branches;
	size_t count;
	const struct dl_route *const *routes; /* each pipeline is asked for these lists */
	size_t route_count;
	bool retried; /* with jobs that another has replaced */
};

static int ask_level(struct dl_scope *scope, void *arg, size_t index, struct dl_sink *sink)
{
	const struct level *level = arg;
	const struct dl_var vars[] = {
		{"project", level->target->project},
		{"id", level->branches[index / level->route_count].id},
		{"include_retried", level->retried ? "true" : "false"},
		{"per_page", "100"},
		{NULL, NULL},
	};

	return dl_rest_list(scope, level->target, level->routes[index % level->route_count], vars, sink);
}

static int gather_level(struct dl_scope *scope, struct level *level, struct dl_sink_list *found)
{
	dl_sink_list(found, scope, 0);
	return dl_gather_lists(scope, level->count * level->route_count, ask_level, level, &found->sink);
}

static struct level root_level(struct dl_scope *scope, const struct dl_target *target, const char *id)
{
	struct level level = {.target = target, .count = 1};

	level.branches = dl_arena_array(&scope->arena, 1, sizeof *level.branches);
	level.branches[0] = (struct branch){.id = id, .prefix = ""};
	return level;
}

/* NAME as a job of pipeline ID is called in the tree. */
static const char *name_in_tree(struct dl_scope *scope, const struct level *level, const char *id,
				const char *name)
{
	size_t i;

	for (i = 0; i < level->count; i++)
		if (dl_text_same(level->branches[i].id, id))
			return dl_arena_format(&scope->arena, "%s%s", level->branches[i].prefix,
					       name ? name : "");
	return name;
}

/* The pipeline of this project that the trigger job JOB has started; NULL: none, or it is another project's.
 */
static const char *child_of(struct dl_scope *scope, const struct dl_target *target, const struct dl_job *job)
{
	char *text = dl_arena_string(&scope->arena, job->silent ? job->metadata : NULL);
	const char *child = text ? dl_json_text(dl_json_parse(scope, text, strlen(text)), "downstream")
				 : NULL;
	struct dl_ref ref;

	return child && dl_ref_parse(scope, child, &ref) == 0 && dl_text_same(ref.project, target->project)
		       ? ref.id
		       : NULL;
}

/* Makes LEVEL the one below it, by the trigger jobs among the jobs FOUND in it, which have their names in the
 * tree. */
static void descend(struct dl_scope *scope, const struct dl_sink_list *found, struct level *level)
{
	struct branch *branches = dl_arena_array(&scope->arena, found->count, sizeof *branches);
	const struct dl_job *job;
	size_t count = 0, i;

	for (i = 0; i < found->count; i++) {
		job = dl_sink_item(found, i);
		branches[count].id = child_of(scope, level->target, job);
		if (!branches[count].id)
			continue;
		branches[count++].prefix = dl_arena_format(&scope->arena, "%s/", job->name);
	}
	level->branches = branches;
	level->count = count;
}

/* ------------------------------------------------------------------ jobs */

static int oldest_first(const void *a, const void *b)
{
	int64_t one = dl_text_int(((const struct dl_job *)a)->id);
	int64_t other = dl_text_int(((const struct dl_job *)b)->id);

	return (one > other) - (one < other);
}

/* Which time it is that the job ran. The list is sorted by age. */
static int64_t attempt_of(const struct dl_job *jobs, size_t index)
{
	int64_t attempt = 1;
	size_t i;

	for (i = 0; i < index; i++)
		attempt += dl_text_same(jobs[i].name, jobs[index].name) &&
			   dl_text_same(jobs[i].run_id, jobs[index].run_id);
	return attempt;
}

int dl_gitlab_tree_jobs(struct dl_scope *scope, const struct dl_target *target, const char *id,
			int64_t attempt, struct dl_sink *sink)
{
	static const struct dl_route *const routes[] = {&dl_gitlab_api_jobs, &dl_gitlab_api_bridges};
	struct level level = root_level(scope, target, id);
	struct dl_sink_list found;
	int result = DL_MORE, depth;
	struct dl_job *jobs;
	size_t i;

	level.routes = routes;
	level.route_count = 2;
	level.retried = attempt > 0;
	for (depth = 0; result == DL_MORE && level.count && depth < DEEPEST; depth++) {
		if (gather_level(scope, &level, &found) < 0)
			return -1;
		jobs = (struct dl_job *)found.items;
		if (found.count)
			qsort(jobs, found.count, sizeof *jobs, oldest_first);
		for (i = 0; i < found.count; i++)
			jobs[i].name = name_in_tree(scope, &level, jobs[i].run_id, jobs[i].name);
		for (i = 0; i < found.count && result == DL_MORE; i++)
			if (!attempt || attempt_of(jobs, i) == attempt)
				result = dl_sink_put(sink, scope, &dl_record_job, &jobs[i]);
		descend(scope, &found, &level);
	}
	return result;
}

/* ------------------------------------------------------------------ archives */

/* Every pipeline of the tree. */
static int climb(struct dl_scope *scope, const struct dl_target *target, const char *id, struct level *tree)
{
	static const struct dl_route *const routes[] = {&dl_gitlab_api_bridges};
	struct level level = root_level(scope, target, id);
	struct dl_sink_list found;
	struct dl_job *jobs;
	int depth;
	size_t i;

	level.routes = routes;
	level.route_count = 1;
	*tree = level;
	for (depth = 0; level.count && depth < DEEPEST; depth++) {
		if (gather_level(scope, &level, &found) < 0)
			return -1;
		jobs = (struct dl_job *)found.items;
		for (i = 0; i < found.count; i++)
			jobs[i].name = name_in_tree(scope, &level, jobs[i].run_id, jobs[i].name);
		descend(scope, &found, &level);
		if (!level.count)
			break;
		tree->branches = dl_arena_grow(&scope->arena, tree->branches,
					       tree->count * sizeof *tree->branches,
					       (tree->count + level.count) * sizeof *tree->branches);
		memcpy(tree->branches + tree->count, level.branches, level.count * sizeof *level.branches);
		tree->count += level.count;
	}
	return 0;
}

int dl_gitlab_tree_archives(struct dl_scope *scope, const struct dl_target *target, const char *id,
			    struct dl_sink *sink)
{
	static const struct dl_route *const routes[] = {&dl_gitlab_api_archives};
	struct dl_artifact *archives;
	struct dl_sink_list found;
	int result = DL_MORE;
	struct level tree;
	size_t i;

	if (climb(scope, target, id, &tree))
		return -1;
	tree.routes = routes;
	if (gather_level(scope, &tree, &found) < 0)
		return -1;
	archives = (struct dl_artifact *)found.items;
	for (i = 0; i < found.count && result == DL_MORE; i++) {
		if (!archives[i].id)
			continue;
		archives[i].name = name_in_tree(scope, &tree, archives[i].run_id, archives[i].name);
		result = dl_sink_put(sink, scope, &dl_record_artifact, &archives[i]);
	}
	return result;
}

/* ------------------------------------------------------------------ pipelines */

/* Names what a pipeline has started after it, and leaves out what has not started yet. */
struct children {
	struct dl_sink sink;
	struct dl_sink *next;
	const char *parent;
};

static int put_child(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
		     const void *record)
{
	const struct children *children = (const struct children *)sink;
	struct dl_run child = *(const struct dl_run *)record;

	if (!child.id)
		return DL_MORE;
	child.workflow = dl_arena_format(&scope->arena, "%s/%s", children->parent,
					 child.workflow ? child.workflow : child.id);
	return dl_sink_put(children->next, scope, schema, &child);
}

struct parents {
	const struct dl_target *target;
	struct dl_run *runs;
	size_t count;
};

static int ask_parent(struct dl_scope *scope, void *arg, size_t index, struct dl_sink *sink)
{
	const struct parents *parents = arg;
	const struct dl_run *run = &parents->runs[index];
	const struct dl_var vars[] = {
		{"project", run->project}, {"id", run->id}, {"per_page", "100"}, {NULL, NULL}};
	struct children children = {.sink.put = put_child, .next = sink};

	children.parent = dl_text_same(run->workflow, DL_GITLAB_DEFINITION) ? run->event : run->workflow;
	return dl_rest_list(scope, parents->target, &dl_gitlab_api_children, vars, &children.sink);
}

/* A pipeline that has not begun has started nothing, and neither has one of which no job ran. */
static bool may_have_children(const struct dl_target *target, const struct dl_run *run)
{
	return dl_text_same(run->project, target->project) && run->status != DL_QUEUED &&
	       run->conclusion != DL_SKIPPED && !dl_text_same(run->event, "external");
}

static int put_children(struct dl_scope *scope, const struct dl_target *target,
			const struct dl_sink_list *list, int depth, struct dl_sink *sink)
{
	struct parents parents = {.target = target};
	const struct dl_run *run;
	struct dl_sink_list found;
	int result;
	size_t i;

	parents.runs = dl_arena_array(&scope->arena, list->count, sizeof *parents.runs);
	for (i = 0; i < list->count; i++) {
		run = dl_sink_item(list, i);
		if (may_have_children(target, run))
			parents.runs[parents.count++] = *run;
	}
	if (!parents.count || depth == DEEPEST)
		return DL_MORE;
	dl_sink_list(&found, scope, 0);
	if (dl_gather_lists(scope, parents.count, ask_parent, &parents, &found.sink) < 0)
		return -1;
	result = put_children(scope, target, &found, depth + 1, sink);
	return result == DL_MORE ? dl_sink_replay(scope, &found, sink) : result;
}

int dl_gitlab_tree_children(struct dl_scope *scope, const struct dl_target *target,
			    const struct dl_sink_list *parents, struct dl_sink *sink)
{
	return put_children(scope, target, parents, 1, sink);
}
