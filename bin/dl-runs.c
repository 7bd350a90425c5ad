/* dl-runs: list CI runs, newest first. */
#include <string.h>

#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/data/record.h"
#include "lib/data/ref.h"
#include "lib/program/tool.h"
#include "lib/provider/query.h"

enum { LIMIT = 20 };

struct options {
	const char *branch, *commit, *workflow, *states, *event, *actor;
	int64_t since;
};

static const struct dl_opt options[] = {
	{'b', "branch", DL_OPT_TEXT, offsetof(struct options, branch), "BRANCH",
	 "only runs of BRANCH or tag, not of a fork's branch of that name"},
	{'c', "commit", DL_OPT_TEXT, offsetof(struct options, commit), "COMMIT",
	 "only runs of COMMIT: a hash, or a revision of this repository"},
	{'W', "workflow", DL_OPT_TEXT, offsetof(struct options, workflow), "NAME",
	 "only runs of the workflow NAME: its name, file or id"},
	{'s', "status", DL_OPT_TEXT, offsetof(struct options, states), "STATE",
	 "only runs that are STATE: failure, queued,in_progress, ..."},
	{'e', "event", DL_OPT_TEXT, offsetof(struct options, event), "EVENT",
	 "only runs started by EVENT: push, schedule, ..."},
	{'a', "actor", DL_OPT_TEXT, offsetof(struct options, actor), "USER", "only runs that USER started"},
	{0, "since", DL_OPT_SINCE, offsetof(struct options, since), "TIME",
	 "only runs created since TIME: 2026-01-14, or 3d for the last three days"},
	{.name = NULL},
};

static const struct dl_program program = {
	.name = "dl-runs",
	.summary = "list CI runs, newest first",
	.operands = "[REF...|-]",
	.options = options,
	.schema = &dl_record_run,
	.takes = DL_TAKES_DASH,
	.example = "dl-runs -b main -s failure -n 5",
};

/* What the options ask for; a ref of a commit, branch or workflow says one thing more. */
static int make_query(struct dl_scope *scope, const struct dl_call *call, struct dl_run_query *query)
{
	const struct options *given = call->options;
	const char *kind = call->ref ? call->ref->kind : "repo";

	*query = (struct dl_run_query){
		.branch = dl_text_starts(given->branch, "refs/heads/") ? given->branch + strlen("refs/heads/")
								       : given->branch,
		.workflow = given->workflow,
		.states = given->states,
		.event = given->event,
		.actor = given->actor,
		.since = given->since,
		.limit = call->tool->common.limit < 0 ? LIMIT : call->tool->common.limit,
	};
	if (given->states && dl_state_check(scope, given->states))
		return -1;
	if (given->commit && !(query->sha = dl_target_sha(scope, &call->tool->finder, given->commit)))
		return -1;
	if (strcmp(kind, "commit") == 0)
		query->sha = call->ref->id;
	else if (strcmp(kind, "branch") == 0)
		query->branch = call->ref->id;
	else if (strcmp(kind, "workflow") == 0)
		query->workflow = call->ref->id;
	else if (strcmp(kind, "repo") != 0)
		return dl_ref_refuse(scope, call->ref, "has no runs",
				     "a repository has some, a branch, a commit and a workflow");
	return 0;
}

static int list_runs(struct dl_scope *scope, const struct dl_call *call)
{
	const struct dl_ci *ci = call->target->provider->ci;
	struct dl_run_query query;
	struct dl_query_sink counted;

	if (call->ref && strcmp(call->ref->kind, "run") == 0)
		return ci->run ? ci->run(scope, call->target, call->ref->id, call->sink)
			       : dl_provider_lacks(scope, call->target, "run");
	if (!ci->runs)
		return dl_provider_lacks(scope, call->target, "runs");
	if (make_query(scope, call, &query))
		return -1;
	dl_query_sink(&counted, &(struct dl_run_query){.since = DL_TIME_NONE}, call->sink);
	if (ci->runs(scope, call->target, &query, &counted.sink) < 0)
		return -1;
	return counted.count ? 0 : dl_fail(scope, DL_MISSING, "no such runs");
}

int main(int argc, char **argv)
{
	struct options given = {.since = DL_TIME_NONE};
	struct dl_tool tool;

	if (dl_tool_begin(&tool, &program, argc, argv, &given) == 0)
		dl_tool_each(&tool, list_runs);
	return dl_tool_end(&tool);
}
