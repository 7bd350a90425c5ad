/* The order of enum dl_verdict_word is the order of badness, so "worst first" is one comparison. */
#include "lib/ci/verdict.h"

#include <stdatomic.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/data/json.h"
#include "lib/data/opt.h"
#include "lib/data/ref.h"
#include "lib/data/sink.h"
#include "lib/git/repo.h"
#include "lib/provider/provider.h"

static const enum dl_class classes[] = {
	[DL_VERDICT_NULL] = DL_BUG,
	[DL_VERDICT_FAILURE] = DL_NO,
	[DL_VERDICT_ACTION_REQUIRED] = DL_NO,
	[DL_VERDICT_CANCELLED] = DL_NO,
	[DL_VERDICT_SUPERSEDED] = DL_NO,
	[DL_VERDICT_PENDING] = DL_PENDING,
	[DL_VERDICT_UNREGISTERED] = DL_PENDING,
	[DL_VERDICT_STALE] = DL_NO,
	[DL_VERDICT_NONE] = DL_MISSING,
	[DL_VERDICT_SUCCESS] = DL_OK,
	[DL_VERDICT_SKIPPED] = DL_OK,
};

enum dl_class dl_verdict_class(int verdict)
{
	return classes[verdict];
}

static const enum dl_verdict_word of_conclusion[] = {
	[DL_CONCLUSION_NULL] = DL_VERDICT_PENDING,
	[DL_SUCCESS] = DL_VERDICT_SUCCESS,
	[DL_FAILURE] = DL_VERDICT_FAILURE,
	[DL_TIMED_OUT] = DL_VERDICT_FAILURE,
	[DL_CANCELLED] = DL_VERDICT_CANCELLED,
	[DL_NEUTRAL] = DL_VERDICT_SUCCESS,
	[DL_SKIPPED] = DL_VERDICT_SKIPPED,
	[DL_STALE] = DL_VERDICT_STALE,
	[DL_ACTION_REQUIRED] = DL_VERDICT_ACTION_REQUIRED,
};

enum dl_verdict_word dl_verdict_of_run(const struct dl_run *run)
{
	if (run->needs_action == 1)
		return DL_VERDICT_ACTION_REQUIRED;
	return run->status == DL_COMPLETED ? of_conclusion[run->conclusion] : DL_VERDICT_PENDING;
}

/* Whether A and B are runs of the same thing, of which only one counts. */
static bool same_thing(const struct dl_run *a, const struct dl_run *b)
{
	return dl_text_same(a->workflow, b->workflow) && dl_text_same(a->event, b->event) &&
	       dl_text_same(a->provider, b->provider);
}

/* What has not begun may not say since when it is there. */
static int64_t since(const struct dl_run *run)
{
	return run->created_at == DL_TIME_NONE && run->status != DL_COMPLETED ? INT64_MAX : run->created_at;
}

static bool is_newer(const struct dl_run *a, const struct dl_run *b)
{
	if (a->number != b->number)
		return a->number > b->number;
	if (a->attempt != b->attempt)
		return a->attempt > b->attempt;
	return since(a) > since(b);
}

/* Whether another run in the list takes RUN's place. Of two that are equally new the first in the list
 * counts. */
static bool is_replaced(const struct dl_sink_list *runs, size_t index)
{
	const struct dl_run *run = dl_sink_item(runs, index), *other;
	size_t i;

	for (i = 0; i < runs->count; i++) {
		other = dl_sink_item(runs, i);
		if (i != index && same_thing(run, other) &&
		    (is_newer(other, run) || (i < index && !is_newer(run, other))))
			return true;
	}
	return false;
}

static void count_run(const struct dl_run *run, enum dl_verdict_word word, struct dl_verdict *verdict)
{
	verdict->total++;
	if (word == DL_VERDICT_SUCCESS || word == DL_VERDICT_SKIPPED)
		verdict->passed++;
	else if (run->status == DL_COMPLETED)
		verdict->failed++;
	else
		verdict->pending++;
}

static void decide(struct dl_verdict *verdict, const struct dl_run *run, enum dl_verdict_word word)
{
	verdict->verdict = (int)word;
	verdict->ref = run->ref;
	verdict->status = run->status;
	verdict->conclusion = run->conclusion;
	verdict->name = run->workflow && run->name ? run->name : run->workflow ? run->workflow : run->name;
	verdict->url = run->url;
}

static void add_reason(struct dl_scope *scope, struct dl_verdict *verdict, const char *key, const char *value)
{
	struct dl_buf text;

	dl_buf_init(&text, &scope->arena, DL_CAP_LINE);
	dl_buf_printf(&text, "{\"%s\":", key);
	dl_json_quote(&text, value, strlen(value));
	dl_buf_putc(&text, '}');
	verdict->metadata = text.data;
}

static bool is_called(const struct dl_run *run, const char *name)
{
	return dl_text_same(run->workflow, name) || dl_text_same(run->name, name);
}

/* A name that is not among the runs: it has not appeared yet. */
static void miss(struct dl_scope *scope, const char *name, const char *reason, struct dl_verdict *verdict)
{
	if (verdict->verdict <= DL_VERDICT_UNREGISTERED && verdict->total)
		return;
	verdict->verdict = DL_VERDICT_UNREGISTERED;
	verdict->status = DL_STATUS_NULL;
	verdict->conclusion = DL_CONCLUSION_NULL;
	verdict->name = name;
	verdict->url = NULL;
	verdict->ref = NULL;
	add_reason(scope, verdict, "reason", reason);
}

/* One name of --require: missing is "not registered yet", and anything that ended but as a success is a
 * failure. */
static void require_name(struct dl_scope *scope, const struct dl_sink_list *runs, const char *name,
			 struct dl_verdict *verdict)
{
	const struct dl_run *run;
	bool found = false;
	size_t i;

	for (i = 0; i < runs->count; i++) {
		run = dl_sink_item(runs, i);
		if (!is_called(run, name) || is_replaced(runs, i))
			continue;
		found = true;
		if (run->status == DL_COMPLETED && run->conclusion != DL_SUCCESS &&
		    verdict->verdict > DL_VERDICT_FAILURE &&
		    of_conclusion[run->conclusion] >= DL_VERDICT_SUCCESS) {
			decide(verdict, run, DL_VERDICT_FAILURE);
			add_reason(scope, verdict, "reason", "required to succeed");
		}
	}
	if (!found)
		miss(scope, name, "required, and not there yet", verdict);
}

/* One name of --expect. */
static void expect_name(struct dl_scope *scope, const struct dl_sink_list *runs, const char *name,
			struct dl_verdict *verdict)
{
	size_t i;

	for (i = 0; i < runs->count; i++)
		if (is_called(dl_sink_item(runs, i), name))
			return;
	miss(scope, name, "expected, and not there yet", verdict);
}

/* A check or a status may decide, but has no log: the commit, which stands for its runs, has. */
static bool is_run_ref(const char *text)
{
	struct dl_scope scratch;
	struct dl_ref ref;
	bool is_run;

	dl_scope_open(&scratch, NULL);
	is_run = text && dl_ref_parse(&scratch, text, &ref) == 0 && strcmp(ref.kind, "run") == 0;
	dl_scope_close(&scratch);
	return is_run;
}

/* Whether RUN is the one that asks, and not a check of that id. */
static bool is_own(const struct dl_run *run, const struct dl_demand *demand)
{
	return demand && demand->own && dl_text_same(run->id, demand->own) && is_run_ref(run->ref);
}

void dl_verdict_judge(struct dl_scope *scope, const struct dl_sink_list *runs, const struct dl_demand *demand,
		      struct dl_verdict *verdict)
{
	const struct dl_run *run;
	enum dl_verdict_word word, none = DL_VERDICT_UNREGISTERED;
	size_t i;

	verdict->verdict = DL_VERDICT_NULL;
	verdict->total = verdict->passed = verdict->failed = verdict->pending = 0;
	for (i = 0; i < runs->count; i++) {
		run = dl_sink_item(runs, i);
		if (is_replaced(runs, i))
			continue;
		if (is_own(run, demand)) {
			none = DL_VERDICT_NONE;
			continue;
		}
		word = dl_verdict_of_run(run);
		count_run(run, word, verdict);
		if (verdict->verdict == DL_VERDICT_NULL || (int)word < verdict->verdict)
			decide(verdict, run, word);
	}
	if (verdict->verdict == DL_VERDICT_NULL)
		verdict->verdict = (int)none;
	for (i = 0; demand && i < demand->require.count; i++)
		require_name(scope, runs, demand->require.items[i], verdict);
	for (i = 0; demand && i < demand->expect.count; i++)
		if (strcmp(demand->expect.items[i], "auto") != 0)
			expect_name(scope, runs, demand->expect.items[i], verdict);
}

/* The newest run of RUN's workflow on its branch when that is a later one; NULL: there is none, or SCOPE has
 * failed. A workflow that has no list, since it was deleted or is another repository's, has no newer run. */
static const struct dl_run *overtaken_by(struct dl_scope *scope, const struct dl_target *target,
					 const struct dl_run *run)
{
	struct dl_run_query query = {
		.branch = run->branch, .workflow = run->workflow, .since = DL_TIME_NONE, .limit = 1};
	const struct dl_run *newest;
	struct dl_sink_list list;

	if (!run->branch || !run->workflow || !target->provider->ci->runs)
		return NULL;
	dl_sink_list(&list, scope, 1);
	if (target->provider->ci->runs(scope, target, &query, &list.sink) < 0 &&
	    scope->error.class == DL_MISSING)
		dl_fail_take(scope, &scope->arena);
	if (scope->error.class != DL_OK || !list.count)
		return NULL;
	newest = dl_sink_item(&list, 0);
	return dl_text_same(newest->id, run->id) || !is_newer(newest, run) ? NULL : newest;
}

/* A cancelled run that a newer one has overtaken is superseded; one that nothing has overtaken stays
 * cancelled and decides. */
static int tell_superseded(struct dl_scope *scope, const struct dl_target *target,
			   const struct dl_sink_list *runs, struct dl_verdict *verdict)
{
	const struct dl_run *run, *newer;
	size_t i;

	for (i = 0; i < runs->count; i++) {
		run = dl_sink_item(runs, i);
		if (is_replaced(runs, i) || dl_verdict_of_run(run) != DL_VERDICT_CANCELLED)
			continue;
		newer = overtaken_by(scope, target, run);
		if (scope->error.class != DL_OK)
			return -1;
		decide(verdict, run, newer ? DL_VERDICT_SUPERSEDED : DL_VERDICT_CANCELLED);
		if (!newer)
			return 0;
		add_reason(scope, verdict, "superseded_by", newer->ref);
	}
	return 0;
}

struct dl_demand dl_verdict_demand(struct dl_scope *scope, const struct dl_target *target,
				   const struct dl_demand *given)
{
	const struct dl_json *names = dl_json_get(target->config, "require"), *name;
	struct dl_demand demand = *given;
	const char **items;
	size_t count = 0;

	if (demand.require.count || !names || names->type != DL_JSON_ARRAY)
		return demand;
	for (name = names->child; name; name = name->next)
		count++;
	demand.require.items = items = dl_arena_array(&scope->arena, count, sizeof *items);
	for (name = names->child; name; name = name->next)
		if (dl_json_text(name, ""))
			items[demand.require.count++] = dl_json_text(name, "");
	return demand;
}

static bool expects_auto(const struct dl_demand *demand)
{
	size_t i;

	for (i = 0; demand && i < demand->expect.count; i++)
		if (strcmp(demand->expect.items[i], "auto") == 0)
			return true;
	return false;
}

const char *dl_verdict_progress(struct dl_scope *scope, const struct dl_verdict *verdict, int64_t waited_s)
{
	struct dl_arena *arena = &scope->arena;

	return dl_arena_format(arena, "%s: %.10s %s, %lld of %lld done, %s",
			       dl_text_quote(arena, verdict->project), verdict->sha,
			       dl_record_verdict_words[verdict->verdict],
			       (long long)verdict->passed + verdict->failed, (long long)verdict->total,
			       dl_time_span(arena, waited_s));
}

/* Nothing starts by itself where there is no server: what has not been started by now will not appear. */
static void tell_unstarted(struct dl_scope *scope, struct dl_verdict *verdict)
{
	verdict->verdict = DL_VERDICT_NONE;
	add_reason(scope, verdict, "reason",
		   "its workflows have not been started: dl-trigger starts one, the hook of dl-hooks all");
}

/* What the files of the commit say: which runs are still to appear, and whether any will when there are none.
 * What cannot be decided by them stays unregistered. */
static void consult_files(struct dl_scope *scope, const struct dl_target *target,
			  const struct dl_sink_list *runs, const struct dl_demand *demand,
			  struct dl_verdict *verdict)
{
	const struct dl_ci *ci = target->provider->ci;
	struct dl_names names = {0};
	int known = -1;
	size_t i;

	if (ci->expected && (!runs->count || expects_auto(demand)))
		known = ci->expected(scope, target, verdict->sha, verdict->branch, &names);
	for (i = 0; expects_auto(demand) && i < names.count; i++)
		expect_name(scope, runs, names.items[i], verdict);
	if (runs->count || (demand && demand->require.count + demand->expect.count > expects_auto(demand)))
		return;
	if ((known == 1 && !names.count) ||
	    (known < 0 && ci->configured && ci->configured(scope, target, verdict->sha) == 0))
		verdict->verdict = DL_VERDICT_NONE;
	else if (target->provider->serverless)
		tell_unstarted(scope, verdict);
}

/* A copy of TARGET whose answers' age is told. */
static struct dl_target *watch_age(struct dl_scope *scope, const struct dl_target *target)
{
	struct dl_target *watched = dl_arena_alloc(&scope->arena, sizeof *watched);

	*watched = *target;
	watched->age = dl_arena_alloc(&scope->arena, sizeof *watched->age);
	atomic_init(&watched->age->oldest_s, -1);
	return watched;
}

/* As far as known: a provider that asks nobody by HTTP answers now, and not from disk. */
static void tell_age(const struct dl_age *age, struct dl_verdict *verdict)
{
	int64_t oldest_s = atomic_load(&age->oldest_s);

	verdict->age_s = oldest_s > 0 ? oldest_s : 0;
	verdict->from_cache = oldest_s >= 0 && !atomic_load(&age->asked);
}

struct dl_verdict *dl_verdict_ask(struct dl_scope *scope, const struct dl_target *target, const char *sha,
				  const char *branch, const struct dl_demand *demand)
{
	struct dl_verdict *verdict = dl_schema_new(scope, &dl_record_verdict);
	struct dl_run_query query = {.sha = sha, .since = DL_TIME_NONE};
	const struct dl_ci *ci = target->provider->ci;
	struct dl_sink_list runs;
	int result;

	verdict->head = dl_provider_head(&scope->arena, target, NULL, NULL);
	verdict->branch = branch;
	verdict->sha = sha;
	target = watch_age(scope, target);
	dl_sink_list(&runs, scope, 0);
	if (!ci->commit && !ci->runs)
		result = dl_provider_lacks(scope, target, "runs");
	else
		result = ci->commit ? ci->commit(scope, target, sha, &runs.sink)
				    : ci->runs(scope, target, &query, &runs.sink);
	if (result < 0)
		return NULL;
	dl_verdict_judge(scope, &runs, demand, verdict);
	if (verdict->verdict == DL_VERDICT_CANCELLED && tell_superseded(scope, target, &runs, verdict))
		return NULL;
	consult_files(scope, target, &runs, demand, verdict);
	if (scope->error.class != DL_OK)
		return NULL;
	tell_age(target->age, verdict);
	if (!is_run_ref(verdict->ref))
		verdict->ref = dl_provider_ref(&scope->arena, target, "commit", sha);
	return verdict;
}
