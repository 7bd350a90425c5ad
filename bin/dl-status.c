/* dl-status: one verdict for a branch or commit, as a line and an exit code. */
#include <stdlib.h>
#include <string.h>

#include "lib/record.h"
#include "lib/select.h"
#include "lib/text.h"
#include "lib/time.h"
#include "lib/tool.h"
#include "lib/verdict.h"

enum { REGISTER_TIMEOUT_S = 120, FIRST_PAUSE_MS = 2000, LAST_PAUSE_MS = 30000, LOCAL_PAUSE_MS = 200, PATIENCE = 5 };

struct options {
	const char *branch, *commit;
	bool wait;
	int64_t register_timeout_s;
	struct dl_opt_list require;
};

static const struct dl_opt options[] = {
	{'b', "branch", DL_OPT_TEXT, offsetof(struct options, branch), "BRANCH", "judge the tip of BRANCH on the remote"},
	{'c', "commit", DL_OPT_TEXT, offsetof(struct options, commit), "COMMIT", "judge COMMIT: a hash, or a revision of this repository"},
	{'w', "wait", DL_OPT_FLAG, offsetof(struct options, wait), NULL, "wait until there is a verdict; see --timeout"},
	{0, "register-timeout", DL_OPT_DURATION, offsetof(struct options, register_timeout_s), "TIME",
	 "with -w: how long the first run may take to appear (2m)"},
	{0, "require", DL_OPT_LIST, offsetof(struct options, require), "NAME",
	 "the workflow or check NAME must be there and be a success; may be given again and again"},
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

/* Whether it is too early to believe VERDICT, asked for WAITED_S ago for the first time. That no run has appeared becomes "none" in time. */
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

/* How the waiting goes. */
struct wait {
	int64_t started_ms, pause_ms;
	int failures; /* in a row */
};

/* Longer and longer, and never shorter than LEAST_MS, which the server may have asked for. */
static int64_t next_pause(const struct dl_call *call, int64_t pause, int64_t least_ms)
{
	if (call->target->provider->serverless)
		return LOCAL_PAUSE_MS;
	pause = pause ? pause + pause / 2 : FIRST_PAUSE_MS;
	pause = pause > LAST_PAUSE_MS ? LAST_PAUSE_MS : pause;
	pause += random() % (pause / 8 + 1);
	return pause > least_ms ? pause : least_ms;
}

static void tell_progress(const struct dl_call *call, const struct dl_verdict *verdict, int64_t waited_s)
{
	struct dl_scope scratch;

	dl_scope_open(&scratch, NULL);
	dl_tool_progress(call->tool, "%s: %.10s %s, %lld of %lld done, %s", dl_text_quote(&scratch.arena, verdict->project), verdict->sha,
			 dl_record_verdict_words[verdict->verdict], (long long)verdict->passed + verdict->failed, (long long)verdict->total,
			 dl_time_span(&scratch.arena, waited_s));
	dl_scope_close(&scratch);
}

/* Whether a failed look may be followed by another: a network that may come back, a quota that is filled again in time. */
static bool may_ask_again(const struct dl_call *call, const struct dl_error *error, int failures)
{
	const struct options *given = call->options;

	return given->wait && failures <= PATIENCE && (error->class == DL_NETWORK || error->class == DL_LIMITED);
}

/* One look. 1: ask again after the pause; 0: the verdict has been put; -1: failed. */
static int look(struct dl_scope *scope, const struct dl_call *call, const struct dl_subject *subject, struct wait *wait)
{
	const struct options *given = call->options;
	struct dl_verdict *verdict = dl_verdict_ask(scope, call->target, subject->sha, subject->branch, &given->require);
	int64_t waited_s = (dl_time_clock_ms() - wait->started_ms) / 1000;
	bool again;

	wait->failures = verdict ? 0 : wait->failures + 1;
	wait->pause_ms = next_pause(call, wait->pause_ms, scope->error.retry_after_s * 1000);
	again = verdict ? is_open(call, verdict, waited_s) : may_ask_again(call, &scope->error, wait->failures);
	if (again && !dl_tool_expired(call->tool, wait->pause_ms)) {
		if (verdict)
			tell_progress(call, verdict, waited_s);
		else
			dl_tool_note(call->tool, "%s; asking again", dl_fail_take(scope, &scope->arena).message);
		return 1;
	}
	if (!verdict)
		return -1;
	*call->answer = dl_verdict_class(verdict->verdict);
	return dl_sink_put(call->sink, scope, &dl_record_verdict, verdict) < 0 ? -1 : 0;
}

static int judge(struct dl_scope *scope, const struct dl_call *call)
{
	const struct options *given = call->options;
	struct wait wait = {.started_ms = dl_time_clock_ms()};
	struct dl_subject subject;
	struct dl_scope one;
	int again = 1;

	if (dl_select_commit(scope, call, given->branch, given->commit, &subject))
		return -1;
	if (subject.ahead > 0)
		dl_tool_note(call->tool, "hint: HEAD is %d commit%s ahead of what the remote has; judging %.10s", subject.ahead,
			     subject.ahead == 1 ? "" : "s", subject.sha);
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

	if (dl_tool_begin(&tool, &program, argc, argv, &given) == 0)
		dl_tool_each(&tool, judge);
	return dl_tool_end(&tool);
}
