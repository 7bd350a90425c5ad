/* A round looks at the jobs, fetches what is new of their logs, and prints it in the order of the jobs;
 * without .follow there is one round. Logs that are fetched at once wait for their turn in spools; where
 * there is only one, or records are wanted, they go straight through, so that memory and disk stay flat
 * however long a log is. */
#include "lib/ci/follow.h"

#include <string.h>

#include "lib/base/pool.h"
#include "lib/base/spool.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/program/tool.h"
#include "lib/provider/log.h"

enum {
	WINDOW = 32, /* logs at once; a host may take more than 100 requests at once for abuse */
	PATIENCE = 3,
	PAUSE_LOCAL_MS = 200,
	PAUSE_GROWING_MS = 2000,
	PAUSE_MS = 5000,
};

/* One job's log on its way. */
struct leg {
	struct leg *next;
	struct dl_scope scope;
	const struct dl_call *call;
	const char *id;
	bool due;       /* there may be something new of it */
	bool over;      /* all of it has been printed, or never will be */
	bool fresh;     /* its job was not over when the first round began */
	int misses;     /* how often it was looked for in vain since then */
	struct dl_job job;
	struct dl_log_cursor cursor;
	struct dl_log log;
	struct dl_spool spool;
};

struct legs {
	const struct dl_call *call;
	const struct dl_follow *follow;
	struct leg *first, *last;
	const struct leg *shown; /* whose text was printed last */
	bool stuck;              /* a job that is wanted waits for a human, and none runs */
	bool waited;             /* a round has gone by */
	size_t count;
};

static bool wants_records(const struct dl_common *common)
{
	return common->lines || common->fields || common->table;
}

static struct leg *find_leg(const struct legs *legs, const char *id)
{
	struct leg *leg;

	for (leg = legs->first; leg; leg = leg->next)
		if (strcmp(leg->id, id) == 0)
			return leg;
	return NULL;
}

/* The leg of JOB, which is made when it is new. SCOPE outlives the legs. */
static struct leg *add_leg(struct dl_scope *scope, struct legs *legs, const struct dl_job *job)
{
	const struct dl_tool *tool = legs->call->tool;
	struct leg *leg = find_leg(legs, job->id);

	if (leg)
		return leg;
	leg = dl_arena_alloc(&scope->arena, sizeof *leg);
	dl_scope_open(&leg->scope, NULL);
	dl_spool_open(&leg->spool);
	leg->call = legs->call;
	leg->job = *(struct dl_job *)dl_schema_copy(scope, &dl_record_job, job);
	leg->id = leg->job.id;
	leg->log = (struct dl_log){
		.format = &legs->call->target->provider->ci->log_format,
		.job = &leg->job,
		.text = &leg->spool.writer,
		.raw = legs->follow->raw,
		.colour = tool->out.colour,
		.tail = legs->follow->tail,
	};
	dl_log_open(&leg->log, &leg->scope);
	if (legs->last)
		legs->last->next = leg;
	else
		legs->first = leg;
	legs->last = leg;
	legs->count++;
	return leg;
}

static void close_legs(struct legs *legs)
{
	struct leg *leg;

	for (leg = legs->first; leg; leg = leg->next) {
		dl_spool_close(&leg->spool);
		dl_scope_close(&leg->scope);
	}
}

/* Whether LEG failed because its job has ended just now: the log appears a moment later. */
static bool is_early(const struct leg *leg)
{
	return leg->scope.error.status == 404 && leg->fresh && leg->misses < PATIENCE;
}

/* Fetches what is new, whatever becomes of it; a failure stays in the leg's scope. */
static void fetch(void *arg, size_t index)
{
	struct leg *leg = ((struct leg **)arg)[index];
	int result = leg->call->target->provider->ci->log(&leg->scope, leg->call->target, leg->id,
							  &leg->cursor, &leg->log.writer);

	leg->over = result != 0 || !leg->cursor.more;
	if (result < 0 && is_early(leg)) {
		dl_fail_take(&leg->scope, &leg->scope.arena);
		leg->misses++;
		leg->over = false;
	}
	if (result == 0 && leg->over && dl_log_close(&leg->scope, &leg->log) < 0)
		leg->over = true;
}

/* A line that says whose text follows, when that changes. */
static int print_head(struct dl_scope *scope, struct legs *legs, const struct leg *leg)
{
	const char *head;

	if (legs->shown == leg || (legs->count == 1 && !legs->shown) || !leg->spool.file)
		return 0;
	head = dl_arena_format(&scope->arena, "%s==> %s <==\n", legs->shown ? "\n" : "",
			       dl_text_quote(&scope->arena, leg->job.name));
	legs->shown = leg;
	return leg->call->text->write(leg->call->text, scope, head, strlen(head));
}

/* Prints what LEG has fetched, and tells its failure, which is not the whole program's unless nothing more
 * can be written. */
static int print_leg(struct dl_scope *scope, struct legs *legs, struct leg *leg)
{
	int result = print_head(scope, legs, leg);

	if (result == 0)
		result = dl_spool_replay(scope, &leg->spool, leg->call->text);
	dl_spool_close(&leg->spool);
	if (leg->scope.error.class == DL_OK || scope->error.class != DL_OK)
		return result;
	if (legs->count == 1 || leg->scope.error.class == DL_SYSTEM) {
		scope->error = dl_fail_take(&leg->scope, &scope->arena);
		return -1;
	}
	dl_tool_note(legs->call->tool, "%s: %s", dl_text_quote(&scope->arena, leg->job.name),
		     leg->scope.error.message);
	dl_fail_take(&leg->scope, &leg->scope.arena);
	*leg->call->answer = DL_NO;
	return result;
}

/* The legs that are due, all at once or one after the other, and their text in order. */
static int print_due(struct dl_scope *scope, struct legs *legs)
{
	const struct dl_common *common = &legs->call->tool->common;
	bool records = wants_records(common), straight = records || legs->count == 1;
	struct leg *window[WINDOW], *leg = legs->first;
	size_t count, i;
	int result = 0;

	while (leg && result == 0) {
		for (count = 0; leg && count < (straight ? 1 : WINDOW); leg = leg->next)
			if (leg->due && !leg->over) {
				leg->log.text = straight ? legs->call->text : &leg->spool.writer;
				leg->log.lines = records ? legs->call->sink : NULL;
				leg->fresh = legs->waited;
				window[count++] = leg;
			}
		dl_pool_map(count, WINDOW, fetch, window);
		for (i = 0; i < count && result == 0; i++)
			result = print_leg(scope, legs, window[i]);
	}
	return result;
}

static bool is_wanted(const struct dl_follow *follow, const struct dl_job *job)
{
	if (follow->failed && (job->status != DL_COMPLETED ||
			       (job->conclusion != DL_FAILURE && job->conclusion != DL_TIMED_OUT)))
		return false;
	if (follow->job && !(job->name && dl_text_match(follow->job, job->name)) &&
	    !dl_text_same(follow->job, job->id))
		return false;
	return job->conclusion != DL_SKIPPED && !job->silent;
}

/* Brings the legs up to date with the jobs of run ID. 1 when all jobs are over, 0 when not. */
static int look_at_jobs(struct dl_scope *scope, struct legs *legs, const char *id)
{
	const struct dl_ci *ci = legs->call->target->provider->ci;
	const struct dl_job *job;
	bool running = false, waiting = false;
	struct dl_sink_list jobs;
	struct dl_scope round;
	struct leg *leg;
	int over = 1;
	size_t i;

	dl_scope_open(&round, scope);
	dl_sink_list(&jobs, &round, 0);
	if (ci->jobs(&round, legs->call->target, id, legs->follow->attempt, &jobs.sink) < 0)
		over = -1;
	for (i = 0; i < jobs.count && over >= 0; i++) {
		job = dl_sink_item(&jobs, i);
		over &= job->status == DL_COMPLETED;
		running |= job->status == DL_IN_PROGRESS && job->needs_action != 1;
		if (!is_wanted(legs->follow, job))
			continue;
		waiting |= job->needs_action == 1;
		if (job->needs_action == 1)
			continue;
		leg = add_leg(scope, legs, job);
		leg->job.status = job->status;
		leg->cursor.status = job->status;
		leg->due = ci->log_grows || job->status == DL_COMPLETED;
	}
	legs->stuck = waiting && !running;
	return dl_scope_close(&round) ? -1 : over;
}

/* Whether run ID is over: new jobs may yet appear while it is not. What waits for a human may wait forever.
 */
static int is_run_over(struct dl_scope *scope, const struct dl_call *call, const char *id)
{
	const struct dl_run *run;
	struct dl_scope round;
	int over = -1;

	dl_scope_open(&round, scope);
	run = dl_provider_run(&round, call->target, id);
	if (run)
		over = run->status == DL_COMPLETED || run->needs_action == 1;
	return dl_scope_close(&round) ? -1 : over;
}

static int64_t pause_ms(const struct dl_call *call)
{
	if (call->target->provider->serverless)
		return PAUSE_LOCAL_MS;
	return call->target->provider->ci->log_grows ? PAUSE_GROWING_MS : PAUSE_MS;
}

/* Waits for the next round. 0; 1 when the deadline comes first, which is the answer then. */
static int wait_round(struct legs *legs)
{
	const struct dl_call *call = legs->call;

	legs->waited = true;
	if (dl_tool_expired(call->tool, pause_ms(call))) {
		dl_tool_note(call->tool, "the time is up, and the log may go on");
		*call->answer = DL_PENDING;
		return 1;
	}
	dl_time_sleep_ms(pause_ms(call));
	return 0;
}

static bool all_over(const struct legs *legs)
{
	const struct leg *leg = legs->first;

	while (leg && leg->over)
		leg = leg->next;
	return !leg;
}

/* Without .follow: what had no log to show yet. */
static void tell_missing(struct dl_scope *scope, const struct legs *legs)
{
	const struct leg *leg;

	for (leg = legs->first; leg; leg = leg->next)
		if (!leg->over) {
			dl_tool_note(legs->call->tool, "%s is not over yet: -f waits for it",
				     dl_text_quote(&scope->arena, leg->job.name));
			*legs->call->answer = DL_PENDING;
		}
}

/* The end of a log whose job goes on: the last line may have no end yet. */
static int flush_growing(struct dl_scope *scope, struct legs *legs)
{
	struct leg *leg;
	int result = 0;

	for (leg = legs->first; leg && result == 0; leg = leg->next)
		if (!leg->over && leg->due && leg->scope.error.class == DL_OK) {
			result = dl_log_close(&leg->scope, &leg->log);
			if (result == 0)
				result = print_leg(scope, legs, leg);
		}
	return result;
}

/* A job that waits for a human has no log, and may never have one. */
static void tell_stuck(const struct legs *legs)
{
	if (!legs->stuck)
		return;
	dl_tool_note(legs->call->tool, "the run waits for somebody to act");
	*legs->call->answer = DL_PENDING;
}

static int follow_jobs(struct dl_scope *scope, struct legs *legs, const char *id)
{
	int over = 0, result = 0;

	while (result == 0) {
		over = look_at_jobs(scope, legs, id);
		if (over < 0)
			return -1;
		result = print_due(scope, legs);
		if (result || !legs->follow->follow)
			break;
		over = legs->stuck || (over == 1 && all_over(legs)) ? is_run_over(scope, legs->call, id) : 0;
		if (over)
			break;
		result = wait_round(legs);
	}
	if (over < 0)
		return -1;
	if (result == 0 && !legs->follow->follow)
		result = flush_growing(scope, legs);
	if (result == 0 && !legs->follow->follow)
		tell_missing(scope, legs);
	if (result == 0)
		tell_stuck(legs);
	return result;
}

int dl_follow_run(struct dl_scope *scope, const struct dl_call *call, const struct dl_follow *follow,
		  const char *id)
{
	const struct dl_ci *ci = call->target->provider->ci;
	struct legs legs = {.call = call, .follow = follow};
	int result;

	if (!ci->jobs || (ci->log_whole && !follow->job && !follow->failed))
		return dl_follow_job(scope, call, follow, id);
	result = follow_jobs(scope, &legs, id);
	close_legs(&legs);
	if (result < 0 || legs.count || legs.stuck)
		return result;
	return dl_fail(scope, DL_MISSING, follow->failed ? "no such job failed" : "no such job");
}

/* What is known of job ID: all of it where records or a round will need it, else just its name. */
static int describe_job(struct dl_scope *scope, const struct dl_call *call, const char *id,
			struct dl_job *job)
{
	const struct dl_ci *ci = call->target->provider->ci;
	const struct dl_job *known;

	*job = *(struct dl_job *)dl_schema_new(scope, &dl_record_job);
	job->id = job->name = id;
	job->head = dl_provider_head(&scope->arena, call->target, ci->jobs ? "job" : "run", id);
	if (!ci->job || !wants_records(&call->tool->common))
		return 0;
	known = dl_provider_job(scope, call->target, id);
	if (!known)
		return -1;
	*job = *known;
	return 0;
}

int dl_follow_job(struct dl_scope *scope, const struct dl_call *call, const struct dl_follow *follow,
		  const char *id)
{
	struct legs legs = {.call = call, .follow = follow};
	struct dl_job job;
	int result = 0;

	if (describe_job(scope, call, id, &job))
		return -1;
	add_leg(scope, &legs, &job)->due = true;
	while (result == 0) {
		result = print_due(scope, &legs);
		if (result || legs.first->over || !follow->follow)
			break;
		result = wait_round(&legs);
	}
	if (result == 0)
		result = flush_growing(scope, &legs);
	if (result == 0)
		tell_missing(scope, &legs);
	close_legs(&legs);
	return result;
}
