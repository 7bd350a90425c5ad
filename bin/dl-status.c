/* dl-status: one verdict for a branch or commit, as a line and an exit code. */
#include <string.h>

#include "lib/base/time.h"
#include "lib/base/wait.h"
#include "lib/ci/last.h"
#include "lib/ci/verdict.h"
#include "lib/data/record.h"
#include "lib/hooks/hooks_remind.h"
#include "lib/program/select.h"
#include "lib/program/tool.h"

enum { REGISTER_TIMEOUT_S = 120 };

struct options {
	const char *branch, *commit;
	bool wait, changed;
	int64_t register_timeout_s;
	struct dl_demand demand;
};

static const struct dl_opt options[] = {
	{'b', "branch", DL_OPT_TEXT, offsetof(struct options, branch), "BRANCH",
	 "judge the tip of BRANCH on the remote"},
	{'c', "commit", DL_OPT_TEXT, offsetof(struct options, commit), "COMMIT",
	 "judge COMMIT: a hash, or a revision of this repository"},
	{'w', "wait", DL_OPT_FLAG, offsetof(struct options, wait), NULL,
	 "wait until there is a verdict; see --timeout"},
	{0, "register-timeout", DL_OPT_DURATION, offsetof(struct options, register_timeout_s), "TIME",
	 "with -w: how long the first run may take to appear (2m)"},
	{0, "require", DL_OPT_LIST, offsetof(struct options, demand.require), "NAME",
	 "the workflow or check NAME must be there and be a success; may be given again and again"},
	{0, "expect", DL_OPT_LIST, offsetof(struct options, demand.expect), "NAME",
	 "no verdict before NAME has appeared; auto: what the commit's files start for certain"},
	{0, "changed", DL_OPT_FLAG, offsetof(struct options, changed), NULL,
	 "print nothing, and exit with 0, unless the verdict is another one than at the last news"},
	{.name = NULL},
};

static const struct dl_program program = {
	.name = "dl-status",
	.summary = "tell by one line and the exit code whether CI is green",
	.operands = "[REF...|-]",
	.options = options,
	.schema = &dl_record_verdict,
	.takes = DL_TAKES_DASH,
	.example = "git push && dl-status -w -c HEAD",
};

/* Whether it is too early to believe VERDICT, asked for WAITED_S ago for the first time. That no run has
 * appeared becomes "none" in time. */
static bool is_open(const struct dl_call *call, struct dl_verdict *verdict, int64_t waited_s)
{
	const struct options *given = call->options;

	if (!given->wait)
		return false;
	if (verdict->verdict == DL_VERDICT_UNREGISTERED && waited_s >= given->register_timeout_s) {
		verdict->verdict = DL_VERDICT_NONE;
		return false;
	}
	return dl_verdict_class(verdict->verdict) == DL_PENDING;
}

/* Keeps the verdict and prints it; with --changed it is printed if it is news. */
static int answer(struct dl_scope *scope, const struct dl_call *call, const struct dl_subject *subject,
		  const struct dl_verdict *verdict)
{
	bool changed = ((const struct options *)call->options)->changed, dry_run = call->target->dry_run;
	struct dl_repo *repo = call->target->repo;
	const char *common_dir = repo ? dl_repo_common_dir(repo) : NULL;
	int news = 1;

	if ((subject->tip_of || subject->checked_out) && !dry_run)
		dl_last_keep(verdict, subject->tip_of, common_dir);
	if (changed)
		news = dl_last_news(scope, verdict, subject->tip_of ? subject->tip_of : subject->sha,
				    common_dir, !dry_run);
	if (news <= 0)
		return news;
	*call->answer = changed ? DL_NO : dl_verdict_class(verdict->verdict);
	return dl_sink_put(call->sink, scope, &dl_record_verdict, verdict) < 0 ? -1 : 0;
}

/* One look. 1: another one after the pause; 0: the verdict has been put; -1: failed. */
static int look(struct dl_scope *scope, const struct dl_call *call, const struct dl_subject *subject,
		struct dl_wait *wait)
{
	const struct options *given = call->options;
	const struct dl_demand demand = dl_verdict_demand(scope, call->target, &given->demand);
	struct dl_verdict *verdict =
		dl_verdict_ask(scope, call->target, subject->sha, subject->branch, &demand);
	bool again = dl_wait_next(wait, &scope->error) && given->wait;

	if (verdict)
		again = is_open(call, verdict, dl_wait_seconds(wait));
	if (again && !dl_tool_expired(call->tool, wait->pause_ms)) {
		if (verdict)
			dl_tool_progress(call->tool, "%s",
					 dl_verdict_progress(scope, verdict, dl_wait_seconds(wait)));
		else
			dl_tool_note(call->tool, "%s; asking again",
				     dl_fail_take(scope, &scope->arena).message);
		return 1;
	}
	if (!verdict)
		return -1;
	dl_tool_progress(call->tool, NULL);
	return answer(scope, call, subject, verdict);
}

static int judge(struct dl_scope *scope, const struct dl_call *call)
{
	const struct options *given = call->options;
	struct dl_subject subject;
	struct dl_wait wait;
	struct dl_scope one;
	int again = 1;

	if (dl_select_commit(scope, call, given->branch, given->commit, &subject))
		return -1;
	if (subject.ahead > 0)
		dl_tool_note(call->tool,
			     "hint: HEAD is %d commit%s ahead of what the remote has; judging %.10s",
			     subject.ahead, subject.ahead == 1 ? "" : "s", subject.sha);
	dl_wait_begin(&wait, call->target->provider->serverless);
	while (again > 0) {
		dl_scope_open(&one, scope);
		again = look(&one, call, &subject, &wait);
		if (dl_scope_close(&one))
			return -1;
		if (again > 0)
			dl_time_sleep_ms(wait.pause_ms);
	}
	return again;
}

int main(int argc, char **argv)
{
	struct options given = {.register_timeout_s = REGISTER_TIMEOUT_S};
	struct dl_tool tool;

	if (dl_tool_begin(&tool, &program, argc, argv, &given) == 0) {
		tool.discreet = given.changed;
		if (!given.changed || tool.operands.count || dl_target_armed(&tool.finder, "ci-monitor") > 0)
			dl_tool_each(&tool, judge);
		dl_hooks_remind(&tool);
	}
	return dl_tool_end(&tool);
}
