/* Runs are watched in groups, one per project: a page of a project's list shows the state of most of its runs
 * by one request, and only those that are not on it are asked for singly. Every group has its own pace. A
 * round asks all groups that are due, at once; what they found is told afterwards, in order, by this thread
 * alone. */
#include "lib/ci/watch.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/pool.h"
#include "lib/base/proc.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/base/wait.h"
#include "lib/ci/verdict.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/program/out.h"
#include "lib/program/select.h"
#include "lib/program/tool.h"

enum { WIDTH = 16, SINGLY = 8, PAGE = 100, EARLY = 3, MOST_COMMAND_OUTPUT = 1 << 20 };

/* One run, and what was last seen of it. */
struct watched {
	struct watched *next; /* of its group */
	const struct dl_call *call;
	const char *id;
	struct dl_scope seen; /* where .run lives */
	const struct dl_run *run;
	struct dl_scope round;
	struct dl_sink_list found;
	int misses; /* looks in which it did not exist yet */
	bool over;
};

/* The runs of one project. */
struct group {
	struct group *next;
	const struct dl_target *target;
	struct watched *first, **last;
	size_t open; /* that are not over */
	struct dl_scope round;
	struct dl_sink_list page;
	struct dl_wait wait;
	int64_t next_ms; /* when it is looked at again, of dl_time_clock_ms */
};

struct session {
	const struct dl_watch *watch;
	struct dl_tool *tool;
	struct group *first, **last;
	size_t total, over;
	enum dl_class failure; /* of the last run that could not be watched to its end */
};

/* ------------------------------------------------------------------ who is watched */

static struct group *find_group(struct dl_scope *scope, struct session *session,
				const struct dl_target *target)
{
	struct group *group;

	for (group = session->first; group; group = group->next)
		if (group->target->provider == target->provider &&
		    dl_text_same(group->target->host, target->host) &&
		    strcmp(group->target->project, target->project) == 0)
			return group;
	group = dl_arena_alloc(&scope->arena, sizeof *group);
	group->target = target;
	group->last = &group->first;
	dl_wait_begin(&group->wait, target->provider->serverless);
	*session->last = group;
	session->last = &group->next;
	return group;
}

static bool is_watched(const struct group *group, const char *id)
{
	const struct watched *watched;

	for (watched = group->first; watched; watched = watched->next)
		if (strcmp(watched->id, id) == 0)
			return true;
	return false;
}

/* The runs that CALL is about. A failure is its own. */
static int add_runs(struct dl_scope *scope, struct session *session, const struct dl_call *call)
{
	struct watched *watched;
	struct dl_names ids;
	struct group *group;
	size_t i;

	if (!call->target->provider->ci->run)
		return dl_provider_lacks(scope, call->target, "run");
	if (dl_select_runs(scope, call->target, call->ref, &ids))
		return -1;
	group = find_group(scope, session, call->target);
	for (i = 0; i < ids.count; i++) {
		if (is_watched(group, ids.items[i]))
			continue;
		watched = dl_arena_alloc(&scope->arena, sizeof *watched);
		watched->call = call;
		watched->id = dl_arena_string(&scope->arena, ids.items[i]);
		dl_scope_open(&watched->seen, NULL);
		*group->last = watched;
		group->last = &watched->next;
		group->open++;
		session->total++;
	}
	return 0;
}

/* ------------------------------------------------------------------ looking */

static const struct dl_run *find_run(const struct dl_sink_list *list, const char *id)
{
	const struct dl_run *run;
	size_t i;

	for (i = 0; i < list->count; i++) {
		run = dl_sink_item(list, i);
		if (dl_text_same(run->id, id))
			return run;
	}
	return NULL;
}

/* What a page of the project's list says is new enough of a run that goes on. The end of one is asked for
 * itself where the list leaves out when that was. */
static bool is_whole(const struct dl_run *run)
{
	return run && (run->status != DL_COMPLETED || run->completed_at != DL_TIME_NONE);
}

struct singles {
	const struct group *group;
	struct watched *items[PAGE];
	size_t count;
};

static void ask_single(void *arg, size_t index)
{
	struct singles *singles = arg;
	struct watched *watched = singles->items[index];
	const struct dl_target *target = singles->group->target;

	if (target->provider->ci->run(&watched->round, target, watched->id, &watched->found.sink) < 0)
		return;
}

/* Asks for the run of those whose state is still unknown, up to PAGE at a time. */
static void ask_singles(struct group *group)
{
	struct singles singles = {.group = group};
	struct watched *watched = group->first;

	while (watched) {
		for (singles.count = 0; watched && singles.count < PAGE; watched = watched->next)
			if (!watched->over && !is_whole(find_run(&group->page, watched->id)))
				singles.items[singles.count++] = watched;
		dl_pool_map(singles.count, group->target->provider->serverless ? 1 : SINGLY, ask_single,
			    &singles);
	}
}

/* One look at a group. Failures stay in the scopes. */
static void look(void *arg, size_t index)
{
	struct group *group = ((struct group **)arg)[index];
	const struct dl_ci *ci = group->target->provider->ci;
	const struct dl_run_query query = {.since = DL_TIME_NONE, .limit = PAGE};
	struct watched *watched;

	dl_scope_open(&group->round, NULL);
	dl_sink_list(&group->page, &group->round, PAGE);
	for (watched = group->first; watched; watched = watched->next)
		if (!watched->over) {
			dl_scope_open(&watched->round, NULL);
			dl_sink_list(&watched->found, &watched->round, 1);
		}
	if (group->open == 1 || !ci->lists_at_once || !ci->runs ||
	    ci->runs(&group->round, group->target, &query, &group->page.sink) >= 0)
		ask_singles(group);
}

/* ------------------------------------------------------------------ telling */

/* Gives a line to the user's command. What that prints goes to stderr: stdout is ours. */
static void run_command(struct dl_scope *scope, struct session *session, const struct dl_run *run)
{
	const char *const argv[] = {"sh", "-c", session->watch->command, NULL};
	struct dl_proc proc = {.argv = argv, .cap = MOST_COMMAND_OUTPUT};
	struct dl_proc_result result;
	struct dl_scope attempt;
	struct dl_buf line;

	dl_scope_open(&attempt, NULL);
	dl_buf_init(&line, &attempt.arena, DL_CAP_LINE);
	dl_schema_encode(&dl_record_run, run, &line);
	dl_buf_putc(&line, '\n');
	proc.input = line.data;
	proc.input_len = line.len;
	dl_tool_progress(session->tool, NULL);
	if (dl_proc_run(&attempt, &proc, &result))
		dl_tool_note(session->tool, "--exec: %s", attempt.error.message);
	else if (fwrite(result.output, 1, result.len, stderr), result.status)
		dl_tool_note(session->tool, "--exec: the command ended with status %d for %s", result.status,
			     dl_text_quote(&scope->arena, run->ref));
	dl_scope_close(&attempt);
}

static int put(struct dl_scope *scope, struct session *session, const struct watched *watched)
{
	struct dl_tool *tool = session->tool;
	int result;

	dl_tool_progress(tool, NULL);
	result = dl_sink_put(watched->call->sink, scope, &dl_record_run, watched->run);
	if (result == DL_MORE)
		result = dl_out_flush(scope, &tool->out);
	if (session->watch->command && result >= 0)
		run_command(scope, session, watched->run);
	return result;
}

static void end_watch(struct session *session, struct group *group, struct watched *watched,
		      enum dl_class answer)
{
	enum dl_class *sum = watched->call->answer;

	watched->over = true;
	group->open--;
	session->over++;
	if (answer == DL_NO || *sum == DL_OK)
		*sum = answer;
}

static bool is_change(const struct dl_run *before, const struct dl_run *now)
{
	return !before || before->status != now->status || before->conclusion != now->conclusion ||
	       before->needs_action != now->needs_action || before->attempt != now->attempt;
}

/* Keeps what was seen, and tells it if that is due. */
static int take_run(struct dl_scope *scope, struct session *session, struct group *group,
		    struct watched *watched, const struct dl_run *run)
{
	bool change = is_change(watched->run, run);
	enum dl_class answer = DL_OK;
	bool over = run->status == DL_COMPLETED || run->needs_action == 1;

	if (!change)
		return DL_MORE;
	dl_scope_close(&watched->seen);
	dl_scope_open(&watched->seen, NULL);
	watched->run = dl_schema_copy(&watched->seen, &dl_record_run, run);
	group->wait.pause_ms = 0;
	if (over) {
		answer = dl_verdict_class(dl_verdict_of_run(run));
		end_watch(session, group, watched, answer);
	}
	return over || session->watch->events ? put(scope, session, watched) : DL_MORE;
}

/* A run that cannot be watched any more. */
static int take_failure(struct dl_scope *scope, struct session *session, struct group *group,
			struct watched *watched, const struct dl_error *error)
{
	session->failure = error->class;
	end_watch(session, group, watched, DL_OK);
	if (session->total > 1)
		return dl_tool_tell(scope, watched->call, error);
	scope->error = *error;
	scope->error.message = dl_arena_string(&scope->arena, error->message);
	scope->error.hint = dl_arena_string(&scope->arena, error->hint);
	return -1;
}

/* What the round has brought for one run: its state, or why there is none. FAILED is what went wrong for the
 * whole group, and whether it may pass. */
static int take_one(struct dl_scope *scope, struct session *session, struct group *group,
		    struct watched *watched, bool again)
{
	const struct dl_run *run = watched->found.count ? dl_sink_item(&watched->found, 0)
							: find_run(&group->page, watched->id);
	struct dl_error error = watched->round.error.class != DL_OK ? watched->round.error
								    : group->round.error;

	if (run && error.class == DL_OK)
		return take_run(scope, session, group, watched, run);
	/* One that was triggered just now may need a moment to be known everywhere. */
	if (error.class == DL_MISSING && !watched->run && ++watched->misses <= EARLY)
		return DL_MORE;
	if (again && (error.class == DL_NETWORK || error.class == DL_LIMITED))
		return DL_MORE;
	if (error.class == DL_OK)
		error = (struct dl_error){.class = DL_MISSING, .message = "the run does not exist any more"};
	return take_failure(scope, session, group, watched, &error);
}

/* The failure of the round that says how long to wait: the group's, else that of the last run that failed in
 * a way that may pass. */
static const struct dl_error *worst(const struct group *group)
{
	const struct dl_error *error = &group->round.error;
	const struct watched *watched;

	for (watched = group->first; watched; watched = watched->next)
		if (!watched->over && error->class == DL_OK &&
		    (watched->round.error.class == DL_NETWORK || watched->round.error.class == DL_LIMITED))
			error = &watched->round.error;
	return error;
}

/* Everything that the look at GROUP has brought; and when the next one is due. */
static int take_round(struct dl_scope *scope, struct session *session, struct group *group)
{
	struct dl_wait *wait = &group->wait;
	const struct dl_error *error = worst(group);
	bool again = dl_wait_next(wait, error);
	struct watched *watched, *next;
	int result = DL_MORE;

	if (again && error->class != DL_OK)
		dl_tool_note(session->tool, "%s; asking again", error->message);
	for (watched = group->first; watched; watched = next) {
		bool was_open = !watched->over;

		next = watched->next;
		if (was_open && result == DL_MORE)
			result = take_one(scope, session, group, watched, again);
		if (was_open)
			dl_scope_close(&watched->round);
	}
	dl_scope_close(&group->round);
	dl_wait_spare(wait, dl_http_stats(session->tool->http).rate_remaining);
	if (session->watch->interval_s)
		wait->pause_ms = session->watch->interval_s * 1000;
	group->next_ms = dl_time_clock_ms() + wait->pause_ms;
	return result;
}

/* ------------------------------------------------------------------ round after round */

static void tell_progress(struct session *session)
{
	const struct group *group;
	const struct watched *watched;
	const struct dl_run *run = NULL;
	struct dl_scope scratch;

	for (group = session->first; group && !run; group = group->next)
		for (watched = group->first; watched && !run; watched = watched->next)
			run = watched->over ? NULL : watched->run;
	if (!run)
		return;
	dl_scope_open(&scratch, NULL);
	dl_tool_progress(session->tool, "%zu of %zu over; %s %s %s", session->over, session->total,
			 dl_text_quote(&scratch.arena, run->name ? run->name : run->ref),
			 dl_state_status_words[run->status],
			 dl_time_span(&scratch.arena,
				      run->created_at == DL_TIME_NONE ? 0 : dl_time_now() - run->created_at));
	dl_scope_close(&scratch);
}

/* Looks at the groups that are due. */
static int round_of(struct dl_scope *scope, struct session *session)
{
	struct group *due[WIDTH], *group = session->first;
	bool serverless = false;
	int result = DL_MORE;
	size_t count, i;

	while (group && result == DL_MORE) {
		for (count = 0; group && count < WIDTH; group = group->next)
			if (group->open && group->next_ms <= dl_time_clock_ms()) {
				serverless |= group->target->provider->serverless;
				due[count++] = group;
			}
		dl_pool_map(count, serverless ? 1 : WIDTH, look, due);
		for (i = 0; i < count && result == DL_MORE; i++)
			result = take_round(scope, session, due[i]);
	}
	return result;
}

/* Waits until a group is due. False when the deadline comes first. */
static bool wait_for_next(struct session *session)
{
	const struct group *group;
	int64_t next = INT64_MAX, pause;

	for (group = session->first; group; group = group->next)
		if (group->open && group->next_ms < next)
			next = group->next_ms;
	pause = next - dl_time_clock_ms();
	if (dl_tool_expired(session->tool, pause))
		return false;
	dl_time_sleep_ms(pause);
	return true;
}

static void close_groups(struct session *session)
{
	struct watched *watched;
	struct group *group;

	for (group = session->first; group; group = group->next)
		for (watched = group->first; watched; watched = watched->next) {
			if (!watched->over)
				end_watch(session, group, watched, DL_PENDING);
			dl_scope_close(&watched->seen);
		}
}

/* Takes in what CALLS are about. Of several, those that lead nowhere are told, and the others go on. */
static int begin(struct dl_scope *scope, struct session *session, const struct dl_call *calls, size_t count)
{
	struct dl_error error;
	size_t i;

	for (i = 0; i < count; i++) {
		if (add_runs(scope, session, &calls[i]) == 0)
			continue;
		if (count == 1)
			return -1;
		error = dl_fail_take(scope, &scope->arena);
		session->failure = error.class;
		if (dl_tool_tell(scope, &calls[i], &error) < 0)
			return -1;
	}
	return 0;
}

int dl_watch_runs(struct dl_scope *scope, const struct dl_watch *watch, const struct dl_call *calls,
		  size_t count)
{
	struct session session = {.watch = watch, .tool = calls[0].tool};
	int result;

	session.last = &session.first;
	result = begin(scope, &session, calls, count);
	while (result == 0 && session.over < session.total) {
		result = round_of(scope, &session);
		tell_progress(&session);
		if (result == 0 && session.over < session.total && !wait_for_next(&session)) {
			dl_tool_note(session.tool, "the time is up: %zu of %zu over", session.over,
				     session.total);
			break;
		}
	}
	dl_tool_progress(session.tool, NULL);
	close_groups(&session);
	if (result == 0 && session.failure && *calls[0].answer == DL_OK)
		*calls[0].answer = session.failure;
	return result;
}
