#include "lib/program/select.h"

#include <string.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/data/record.h"
#include "lib/data/ref.h"
#include "lib/data/sink.h"
#include "lib/program/tool.h"

/* Whether a newer run of the same workflow and event stands before INDEX in the list, which is newest
 * first. */
static bool has_newer(const struct dl_sink_list *runs, size_t index)
{
	const struct dl_run *run = dl_sink_item(runs, index), *other;
	size_t i;

	for (i = 0; i < index; i++) {
		other = dl_sink_item(runs, i);
		if (dl_text_same(other->workflow, run->workflow) && dl_text_same(other->event, run->event))
			return true;
	}
	return false;
}

int dl_select_runs(struct dl_scope *scope, const struct dl_target *target, const struct dl_ref *ref,
		   struct dl_names *ids)
{
	struct dl_run_query query = {.sha = ref->id, .since = DL_TIME_NONE};
	struct dl_sink_list runs;
	const char **items;
	size_t i;

	if (strcmp(ref->kind, "run") == 0) {
		items = dl_arena_array(&scope->arena, 1, sizeof *items);
		items[0] = ref->id;
		*ids = (struct dl_names){.items = items, .count = 1};
		return 0;
	}
	if (strcmp(ref->kind, "commit") != 0)
		return dl_ref_refuse(scope, ref, "is no run", "dl-runs prints the refs of runs");
	if (!target->provider->ci->runs)
		return dl_provider_lacks(scope, target, "runs");
	dl_sink_list(&runs, scope, 0);
	if (target->provider->ci->runs(scope, target, &query, &runs.sink) < 0)
		return -1;
	items = dl_arena_array(&scope->arena, runs.count, sizeof *items);
	*ids = (struct dl_names){.items = items};
	for (i = 0; i < runs.count; i++)
		if (!has_newer(&runs, i))
			items[ids->count++] = ((const struct dl_run *)dl_sink_item(&runs, i))->id;
	return ids->count ? 0 : dl_fail(scope, DL_MISSING, "the commit has no runs");
}

/* Whether the other runs of a commit may do, where one has failed with ERROR. */
static bool may_lack(const struct dl_error *error)
{
	return error->class == DL_REFUSED || (error->class == DL_MISSING && !error->status);
}

int dl_select_each(struct dl_scope *scope, const struct dl_call *call,
		   int (*work)(struct dl_scope *scope, const struct dl_call *call, const char *id))
{
	struct dl_error first = {.class = DL_OK}, error;
	struct dl_names runs = {.count = 0};
	struct dl_scope one;
	size_t i, lacking = 0;
	int result = 0;

	if (dl_select_runs(scope, call->target, call->ref, &runs))
		return -1;
	for (i = 0; i < runs.count && result == 0; i++) {
		dl_scope_open(&one, scope);
		result = work(&one, call, runs.items[i]);
		if (result < 0 && runs.count > 1 && may_lack(&one.error)) {
			error = dl_fail_take(&one, &scope->arena);
			first = lacking++ ? first : error;
			dl_tool_note(call->tool, "run %s: %s", dl_text_quote(&scope->arena, runs.items[i]),
				     error.message);
			result = 0;
		}
		if (dl_scope_close(&one))
			result = -1;
	}
	if (result || !lacking || lacking < runs.count)
		return result;
	scope->error = first;
	return -1;
}

static int from_server(struct dl_scope *scope, const struct dl_target *target, struct dl_subject *subject)
{
	if (!target->provider->ci->tip)
		return dl_provider_lacks(scope, target, "tip");
	subject->sha = target->provider->ci->tip(scope, target, subject->branch);
	subject->tip_of = subject->branch ? subject->branch : "";
	return subject->sha ? 0 : -1;
}

/* The commit that a detached HEAD is at. */
static int from_head(struct dl_scope *scope, struct dl_repo *repo, struct dl_subject *subject)
{
	subject->sha = dl_repo_resolve(scope, repo, "HEAD");
	subject->checked_out = true;
	return subject->sha ? 0 : -1;
}

static int from_branch(struct dl_scope *scope, const struct dl_target *target, struct dl_subject *subject)
{
	struct dl_repo *repo = target->repo;
	const char *current = repo ? dl_repo_branch(scope, repo) : NULL, *head;

	if (!subject->branch)
		subject->branch = current;
	if (target->provider->serverless && (!repo || subject->branch))
		return from_server(scope, target, subject);
	if (target->provider->serverless)
		return from_head(scope, repo, subject);
	if (repo && !subject->branch)
		return dl_fail(scope, DL_USAGE, "HEAD is on no branch: name what to judge with -b or -c");
	subject->sha = repo ? dl_repo_tip(scope, repo, subject->branch) : NULL;
	if (!subject->sha)
		return scope->error.class == DL_OK ? from_server(scope, target, subject) : -1;
	subject->tip_of = subject->branch;
	head = dl_text_same(subject->branch, current) ? dl_repo_resolve(scope, repo, "HEAD") : NULL;
	if (!head) /* what is here is not what is asked about */
		dl_fail_take(scope, &scope->arena);
	subject->ahead = head ? dl_repo_ahead(scope, repo, head, subject->sha) : 0;
	return 0;
}

/* The commit that a run ran for. */
static int from_run(struct dl_scope *scope, const struct dl_target *target, const char *id,
		    struct dl_subject *subject)
{
	const struct dl_run *run;

	if (!target->provider->ci->run)
		return dl_provider_lacks(scope, target, "run");
	run = dl_provider_run(scope, target, id);
	if (!run)
		return -1;
	subject->branch = run->branch;
	subject->sha = run->sha;
	return run->sha ? 0 : dl_fail(scope, DL_MISSING, "the run does not say for which commit it ran");
}

static int from_ref(struct dl_scope *scope, const struct dl_target *target, const struct dl_ref *ref,
		    struct dl_subject *subject)
{
	if (strcmp(ref->kind, "commit") == 0) {
		subject->sha = ref->id;
		return dl_text_is_sha(ref->id)
			       ? 0
			       : dl_fail(scope, DL_USAGE, "the ref of a commit needs its full hash");
	}
	if (strcmp(ref->kind, "run") == 0)
		return from_run(scope, target, ref->id, subject);
	if (strcmp(ref->kind, "branch") == 0)
		subject->branch = ref->id;
	else
		return dl_ref_refuse(scope, ref, "has no verdict",
				     "a commit has one, a run, a branch and a repository");
	return from_server(scope, target, subject);
}

/* The current branch, where SHA is its tip: on the remote, or here where there is none; else NULL. */
static const char *tipped_branch(struct dl_scope *scope, const struct dl_target *target, const char *sha)
{
	struct dl_repo *repo = target->repo;
	const char *branch = repo ? dl_repo_branch(scope, repo) : NULL, *tip = NULL;
	struct dl_scope attempt;

	dl_scope_open(&attempt, NULL);
	if (branch && target->provider->serverless)
		tip = dl_repo_resolve(&attempt, repo, "HEAD");
	else if (branch)
		tip = dl_repo_tip(&attempt, repo, branch);
	branch = dl_text_same(tip, sha) ? branch : NULL;
	dl_scope_close(&attempt);
	return branch;
}

/* Whether a detached HEAD is at SHA. */
static bool is_checked_out(struct dl_repo *repo, const char *sha)
{
	struct dl_scope attempt;
	bool same;

	dl_scope_open(&attempt, NULL);
	same = repo && !dl_repo_branch(&attempt, repo) &&
	       dl_text_same(dl_repo_resolve(&attempt, repo, "HEAD"), sha);
	dl_scope_close(&attempt);
	return same;
}

int dl_select_commit(struct dl_scope *scope, const struct dl_call *call, const char *branch,
		     const char *commit, struct dl_subject *subject)
{
	*subject = (struct dl_subject){.branch = branch};
	if (dl_text_starts(branch, "refs/heads/"))
		subject->branch = branch + strlen("refs/heads/");
	if (call->ref && strcmp(call->ref->kind, "repo") != 0)
		return from_ref(scope, call->target, call->ref, subject);
	if (!commit)
		return from_branch(scope, call->target, subject);
	subject->sha = dl_target_sha(scope, &call->tool->finder, commit);
	if (!subject->sha)
		return -1;
	subject->tip_of = tipped_branch(scope, call->target, subject->sha);
	subject->checked_out = is_checked_out(call->target->repo, subject->sha);
	return 0;
}
