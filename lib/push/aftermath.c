/* Runs are looked for by commit, so that no newer push of the branch is taken for this one. Whoever is pushed
 * again to the same ref is watched by the newer watcher alone: each ref has a file, with the name of the
 * watch that pushed it last. The one before sees there that it is no longer wanted. */
#include "lib/push/aftermath.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/file.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/base/wait.h"
#include "lib/ci/last.h"
#include "lib/data/event.h"
#include "lib/data/push.h"
#include "lib/data/record.h"
#include "lib/data/schema.h"
#include "lib/git/git.h"
#include "lib/hooks/posthook.h"

enum {
	FIRST_LOOK_MS = 2000,
	REGISTER_MS = 90 * 1000, /* for a run to appear */
	ASK_TIMEOUT_S = 30,
	LIMITED_PAUSE_S = 60,
	CLAIM_CAP = 4096,
};

const char *dl_aftermath_place(struct dl_scope *scope, const struct dl_aftermath *aftermath)
{
	const char *dir = aftermath->dir, *common_dir = aftermath->common_dir;

	if (dir && access(dl_arena_format(&scope->arena, "%s/.git", dir), F_OK) == 0)
		return dir;
	return access(dl_arena_format(&scope->arena, "%s/HEAD", common_dir), F_OK) == 0 ? common_dir : NULL;
}

/* ------------------------------------------------------------------ who watches a ref */

static const char *claim_path(struct dl_scope *scope, const struct dl_aftermath *aftermath,
			      const struct dl_push *push)
{
	uint64_t hash = dl_text_hash(dl_text_hash(DL_TEXT_HASH, push->url), push->remote_ref);

	return dl_arena_format(&scope->arena, "%s/devloop/push/ref-%016" PRIx64, aftermath->common_dir, hash);
}

/* Whether that has been written. That it has not is no reason not to watch. */
static bool claim(struct dl_scope *scope, const struct dl_aftermath *aftermath, const struct dl_push *push)
{
	if (!aftermath->claim)
		return false;
	if (dl_file_write(scope, claim_path(scope, aftermath, push), 0600, aftermath->claim,
			  strlen(aftermath->claim)) == 0)
		return true;
	dl_fail_take(scope, &scope->arena);
	return false;
}

/* Whether another watch has claimed the ref since, and perhaps ended, which removes the file. */
static bool is_taken(const struct dl_aftermath *aftermath, size_t index)
{
	struct dl_scope attempt;
	const char *owner;
	bool taken;

	if (!aftermath->refs[index].claimed)
		return false;
	dl_scope_open(&attempt, NULL);
	owner = dl_file_read(&attempt, claim_path(&attempt, aftermath, &aftermath->pushes[index]), CLAIM_CAP,
			     NULL);
	taken = !dl_text_same(owner, aftermath->claim);
	dl_scope_close(&attempt);
	return taken;
}

static void release(struct dl_scope *scope, const struct dl_aftermath *aftermath, size_t index)
{
	if (aftermath->refs[index].claimed && !is_taken(aftermath, index))
		unlink(claim_path(scope, aftermath, &aftermath->pushes[index]));
}

/* ------------------------------------------------------------------ watching */

static bool has_arrived(const struct dl_push *push)
{
	return push->outcome == DL_PUSH_PUSHED || push->outcome == DL_PUSH_PUSHED_LATE;
}

static bool is_watched(const struct dl_push *push)
{
	return has_arrived(push) || push->outcome == DL_PUSH_UP_TO_DATE;
}

static bool is_any_open(const struct dl_aftermath *aftermath)
{
	size_t i;

	for (i = 0; i < aftermath->count; i++)
		if (aftermath->refs[i].open)
			return true;
	return false;
}

static void end_watch(struct dl_aftermath_ref *ref, enum dl_class class, const char *said)
{
	ref->open = false;
	ref->class = class;
	ref->said = said;
}

static void begin(struct dl_scope *scope, struct dl_aftermath *aftermath, const char *nobody)
{
	const char *place = dl_aftermath_place(scope, aftermath);
	struct dl_aftermath_ref *ref;
	struct dl_push *push;
	size_t i;

	for (i = 0; i < aftermath->count; i++) {
		push = &aftermath->pushes[i];
		ref = &aftermath->refs[i];
		if (!is_watched(push))
			continue;
		ref->commit = place ? dl_git_commit(scope, place, push->local_sha) : NULL;
		ref->open = ref->commit && !nobody;
		ref->claimed = has_arrived(push) && claim(scope, aftermath, push);
		if (!ref->open) {
			push->verdict = DL_VERDICT_NONE;
			end_watch(ref, DL_MISSING, nobody ? nobody : "what was pushed is no commit");
		}
	}
}

/* Whether a run may still appear. */
static bool is_early(const struct dl_aftermath *aftermath, const struct dl_push *push)
{
	return has_arrived(push) && dl_time_clock_ms() - aftermath->begun_ms < REGISTER_MS;
}

static bool is_change(const struct dl_verdict *before, const struct dl_verdict *now)
{
	return !before || before->verdict != now->verdict || before->passed != now->passed ||
	       before->failed != now->failed || before->total != now->total;
}

/* Keeps VERDICT where dl-prompt finds it. */
static void keep(const struct dl_aftermath *aftermath, const struct dl_ask_whom *whom,
		 const struct dl_push *push, const struct dl_verdict *verdict)
{
	bool branch = dl_text_starts(push->remote_ref, "refs/heads/");

	dl_last_keep(verdict, branch ? dl_push_name(push) : NULL, whom->url ? NULL : aftermath->common_dir);
}

/* Takes what CI says of a ref. True when that is new. */
static bool take_verdict(struct dl_scope *scope, const struct dl_aftermath *aftermath, size_t index,
			 const struct dl_verdict *verdict)
{
	struct dl_aftermath_ref *ref = &aftermath->refs[index];
	struct dl_push *push = &aftermath->pushes[index];
	struct dl_verdict *copy;

	if (!is_change(ref->verdict, verdict))
		return false;
	copy = dl_schema_copy(scope, &dl_record_verdict, verdict);
	if (!copy->branch)
		copy->branch = dl_push_name(push);
	ref->verdict = copy;
	push->verdict = copy->verdict;
	push->ref = copy->ref;
	push->provider = copy->provider;
	push->host = copy->host;
	push->project = copy->project;
	return true;
}

/* That no run has appeared in time. */
static void take_none(struct dl_scope *scope, const struct dl_aftermath *aftermath, size_t index)
{
	struct dl_verdict none = *aftermath->refs[index].verdict;

	none.verdict = DL_VERDICT_NONE;
	take_verdict(scope, aftermath, index, &none);
	end_watch(&aftermath->refs[index], DL_MISSING, "no run has started");
}

/* Takes the answer ASK about a ref. True when there is something new. */
static bool take(struct dl_scope *scope, const struct dl_aftermath *aftermath, size_t index,
		 const struct dl_ask_whom *whom, const struct dl_ask *ask)
{
	struct dl_aftermath_ref *ref = &aftermath->refs[index];
	const struct dl_push *push = &aftermath->pushes[index];
	const char *reason;
	bool fresh = ask->verdict && take_verdict(scope, aftermath, index, ask->verdict);

	ref->class = ask->code;
	if (!ask->verdict) {
		if (ask->code == DL_CONFIG) /* no CI is known here */
			aftermath->pushes[index].verdict = DL_VERDICT_NONE;
		ref->said = dl_arena_string(&scope->arena, ask->said ? ask->said : dl_fail_word(ask->code));
		ref->open = ask->code == DL_NETWORK || ask->code == DL_LIMITED ||
			    ((ask->code == DL_MISSING || ask->code == DL_REFUSED) &&
			     is_early(aftermath, push));
		return !ref->open;
	}
	ref->said = NULL;
	reason = dl_record_reason(scope, ask->verdict);
	if (ask->verdict->verdict == DL_VERDICT_UNREGISTERED && !is_early(aftermath, push))
		take_none(scope, aftermath, index);
	else if (ask->verdict->verdict == DL_VERDICT_NONE)
		end_watch(ref, ask->code, reason ? reason : "nothing here starts a run of it");
	else
		ref->open = ask->code == DL_PENDING;
	if (fresh || !ref->open)
		keep(aftermath, whom, push, ref->verdict);
	return fresh;
}

/* One question for each commit; SLOTS says which is about which ref. At first a run that is certain to start
 * is waited for: another one may be over before. */
static size_t make_asks(const struct dl_aftermath *aftermath, struct dl_ask *asks, size_t *slots)
{
	const struct dl_push *push;
	size_t i, j, count = 0;

	for (i = 0; i < aftermath->count; i++) {
		push = &aftermath->pushes[i];
		if (!aftermath->refs[i].open)
			continue;
		for (j = 0; j < count && strcmp(asks[j].sha, aftermath->refs[i].commit) != 0;)
			j++;
		if (j == count)
			asks[count++] = (struct dl_ask){.sha = aftermath->refs[i].commit};
		if (dl_push_is_gated(push) && is_early(aftermath, push))
			asks[j].pushed = dl_push_name(push);
		slots[i] = j;
	}
	return count;
}

static void end_gone(struct dl_aftermath_ref *ref)
{
	end_watch(ref, DL_MISSING, "the repository is gone");
}

/* What has become of the refs themselves since the last look. */
static void leave_taken(struct dl_scope *scope, const struct dl_aftermath *aftermath)
{
	bool taken;
	size_t i;

	for (i = 0; i < aftermath->count; i++) {
		if (!aftermath->refs[i].open)
			continue;
		taken = is_taken(aftermath, i);
		if (!dl_aftermath_place(scope, aftermath)) { /* which explains that a claim is gone */
			end_gone(&aftermath->refs[i]);
		} else if (taken) {
			aftermath->refs[i].left = true;
			end_watch(&aftermath->refs[i], DL_NO, "a newer push is watched in its place");
		}
	}
}

/* One look at everything that is open. How long to wait for the next is in WAIT. */
static void look(struct dl_scope *scope, struct dl_aftermath *aftermath, struct dl_ask_whom *whom,
		 struct dl_wait *wait)
{
	struct dl_ask *asks = dl_arena_array(&scope->arena, aftermath->count, sizeof *asks);
	size_t *slots = dl_arena_array(&scope->arena, aftermath->count, sizeof *slots), i;
	struct dl_error limit = {.class = DL_OK};
	struct dl_scope round;
	bool gone;

	dl_scope_open(&round, NULL);
	leave_taken(&round, aftermath);
	whom->dir = dl_aftermath_place(&round, aftermath);
	dl_ask_all(&round, whom, asks, make_asks(aftermath, asks, slots), ASK_TIMEOUT_S, 0);
	gone = !dl_aftermath_place(&round, aftermath); /* which explains whatever has failed */
	for (i = 0; i < aftermath->count; i++) {
		if (!aftermath->refs[i].open)
			continue;
		if (gone && !asks[slots[i]].verdict)
			end_gone(&aftermath->refs[i]);
		else if (take(scope, aftermath, i, whom, &asks[slots[i]]))
			wait->pause_ms = 0;
		if (aftermath->refs[i].class == DL_LIMITED)
			limit.retry_after_s = LIMITED_PAUSE_S;
	}
	dl_scope_close(&round);
	(void)dl_wait_next(wait, &limit);
	if (aftermath->tell)
		aftermath->tell(aftermath);
}

void dl_aftermath_watch(struct dl_scope *scope, struct dl_aftermath *aftermath,
			const struct dl_git_config *config)
{
	struct dl_ask_whom whom = {0};
	struct dl_wait wait;
	const char *nobody;

	aftermath->begun_ms = dl_time_clock_ms();
	aftermath->refs = dl_arena_array(&scope->arena, aftermath->count + 1, sizeof *aftermath->refs);
	if (!aftermath->count)
		return;
	nobody = dl_ask_whom(scope, config, aftermath->pushes[0].remote, aftermath->pushes[0].url, &whom);
	begin(scope, aftermath, nobody);
	dl_wait_begin(&wait, dl_ask_is_local(&whom));
	wait.pause_ms = wait.near ? 0 : FIRST_LOOK_MS;
	while (is_any_open(aftermath)) {
		if (aftermath->deadline_ms && dl_time_clock_ms() + wait.pause_ms > aftermath->deadline_ms)
			break;
		dl_time_sleep_ms(wait.pause_ms);
		look(scope, aftermath, &whom, &wait);
	}
}

/* ------------------------------------------------------------------ what it amounts to */

int dl_aftermath_word(int word, int other)
{
	static const int ranks[] = {
		[DL_VERDICT_NONE] = 1,	       [DL_VERDICT_SKIPPED] = 2,
		[DL_VERDICT_SUCCESS] = 3,      [DL_VERDICT_NULL] = 4,
		[DL_VERDICT_UNREGISTERED] = 5, [DL_VERDICT_PENDING] = 6,
		[DL_VERDICT_SUPERSEDED] = 7,   [DL_VERDICT_STALE] = 8,
		[DL_VERDICT_CANCELLED] = 9,    [DL_VERDICT_ACTION_REQUIRED] = 10,
		[DL_VERDICT_FAILURE] = 11,
	};

	return ranks[word] >= ranks[other] ? word : other;
}

/* The rank of a class among those of several refs. */
static int rank_of(enum dl_class class)
{
	switch ((int)class) {
	case DL_MISSING:
		return 1;
	case DL_OK:
		return 2;
	case DL_PENDING:
		return 3;
	case DL_NO:
		return 5;
	default:
		return 4;
	}
}

enum dl_class dl_aftermath_worse(enum dl_class class, enum dl_class other)
{
	return rank_of(other) > rank_of(class) ? other : class;
}

enum dl_class dl_aftermath_class(const struct dl_aftermath *aftermath)
{
	enum dl_class class = DL_OK;
	bool any = false;
	size_t i;

	for (i = 0; i < aftermath->count; i++) {
		if (!is_watched(&aftermath->pushes[i]))
			continue;
		class = any ? dl_aftermath_worse(class, aftermath->refs[i].class) : aftermath->refs[i].class;
		any = true;
	}
	return class;
}

/* ------------------------------------------------------------------ telling */

static int64_t took_ms(const struct dl_aftermath *aftermath)
{
	return dl_time_clock_ms() - aftermath->begun_ms;
}

static const char *word_of(const struct dl_schema *schema, const char *field, int value)
{
	return value ? dl_schema_field(schema, field)->words[value] : "unknown";
}

/* "origin refs/heads/main SHA: pushed (its tracking ref has moved): success: Tests" */
static const char *describe(struct dl_scope *scope, const struct dl_push *push,
			    const struct dl_aftermath_ref *ref)
{
	const char *about = ref->said ? ref->said : ref->verdict ? ref->verdict->name : NULL;
	struct dl_buf text;

	dl_buf_init(&text, &scope->arena, DL_CAP_LINE);
	dl_buf_printf(&text, "%s ", dl_text_quote(&scope->arena, push->remote));
	dl_buf_printf(&text, "%s ", dl_text_quote(&scope->arena, push->remote_ref));
	dl_buf_printf(&text, "%s: %s", push->local_sha, word_of(&dl_push_schema, "outcome", push->outcome));
	if (push->how)
		dl_buf_printf(&text, " (%s)", dl_text_quote(&scope->arena, push->how));
	if (is_watched(push))
		dl_buf_printf(&text, ": %s%s", word_of(&dl_push_schema, "verdict", push->verdict),
			      ref->open ? ": gave up" : "");
	if (about)
		dl_buf_printf(&text, ": %s", dl_text_quote(&scope->arena, about));
	return text.data;
}

static enum dl_class class_of(const struct dl_push *push, const struct dl_aftermath_ref *ref)
{
	if (is_watched(push))
		return ref->class;
	if (push->outcome == DL_PUSH_UNKNOWN)
		return DL_PENDING;
	return push->outcome == DL_PUSH_DELETED ? DL_OK : DL_NO;
}

static void write_event(struct dl_scope *scope, const struct dl_aftermath *aftermath, size_t index)
{
	const struct dl_push *push = &aftermath->pushes[index];
	const struct dl_aftermath_ref *ref = &aftermath->refs[index];
	struct dl_event *event = dl_event_new(scope, aftermath->program, "push", class_of(push, ref));

	event->ref = push->ref;
	event->provider = push->provider;
	event->host = push->host;
	event->project = push->project;
	event->duration_s = dl_event_seconds(&scope->arena, took_ms(aftermath));
	event->detail = describe(scope, push, ref);
	if (push->outcome == DL_PUSH_PUSHED || push->outcome == DL_PUSH_PUSHED_LATE ||
	    push->outcome == DL_PUSH_DELETED)
		dl_event_changed(scope, event, push->outcome == DL_PUSH_DELETED ? "delete" : "push",
				 dl_arena_format(&scope->arena, "%s %s", push->url, push->remote_ref));
	dl_event_write(event);
}

/* The line of a ref for the hook: what CI says, or why nothing has arrived. */
static void add_line(struct dl_scope *scope, struct dl_buf *lines, const struct dl_push *push,
		     const struct dl_aftermath_ref *ref)
{
	struct dl_verdict *verdict;

	if (ref->verdict) {
		dl_schema_encode(&dl_record_verdict, ref->verdict, lines);
	} else if (has_arrived(push)) {
		verdict = dl_schema_new(scope, &dl_record_verdict);
		verdict->branch = dl_push_name(push);
		verdict->sha = ref->commit ? ref->commit : push->local_sha;
		verdict->verdict = push->verdict;
		dl_schema_encode(&dl_record_verdict, verdict, lines);
	} else {
		dl_schema_encode(&dl_push_schema, push, lines);
	}
	dl_buf_putc(lines, '\n');
}

static void run_hook(struct dl_scope *scope, const struct dl_aftermath *aftermath)
{
	const struct dl_push *push, *first = NULL;
	int word = DL_VERDICT_NONE;
	struct dl_buf lines;
	bool arrived = false;
	size_t i;

	dl_buf_init(&lines, &scope->arena, DL_CAP_LINE);
	for (i = 0; i < aftermath->count; i++) {
		push = &aftermath->pushes[i];
		if (aftermath->refs[i].left || (!has_arrived(push) && push->outcome != DL_PUSH_DROPPED))
			continue;
		first = first ? first : push;
		arrived |= has_arrived(push);
		if (has_arrived(push))
			word = dl_aftermath_word(word, push->verdict);
		add_line(scope, &lines, push, &aftermath->refs[i]);
	}
	if (first)
		dl_posthook_run(scope, &(struct dl_posthook){
			.program = aftermath->program, .dir = dl_aftermath_place(scope, aftermath),
			.remote = first->remote, .url = first->url,
			.verdict = arrived ? word_of(&dl_push_schema, "verdict", word)
					   : word_of(&dl_push_schema, "outcome", first->outcome),
			.lines = lines.data, .len = lines.len, .took_s = took_ms(aftermath) / 1000,
			.ours = !aftermath->foreground, .heard = aftermath->foreground,
		});
}

void dl_aftermath_report(struct dl_scope *scope, const struct dl_aftermath *aftermath)
{
	size_t i;

	for (i = 0; i < aftermath->count; i++)
		if (aftermath->pushes[i].outcome != DL_PUSH_DELETED)
			write_event(scope, aftermath, i);
	if (!aftermath->hookless && dl_aftermath_place(scope, aftermath))
		run_hook(scope, aftermath);
	for (i = 0; i < aftermath->count; i++)
		release(scope, aftermath, i);
}
