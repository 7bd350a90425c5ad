/* The tracking ref tells most, because git moves it only when the server has said yes; but not where it stood
 * at the commit before. When git was ended by a signal the server may still take what it has got: so it is
 * looked at again, 2 and 10 seconds later. Where nothing tells, that is what is said: no guess. */
#include "lib/push/arrival.h"

#include <string.h>
#include <unistd.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/ci/ask.h"
#include "lib/data/push.h"
#include "lib/git/git.h"

enum {
	SIGNALLED = 128,
	BROKEN_PIPE = 141,
	SLACK_S = 60,
	LONG_WAIT_S = 30,
	POLL_MS = 60 * 1000, SLICE_MS = 500, /* for the tracking refs, where git is nowhere to be seen */
};

/* Seconds after git's end at which CI and the server are asked. */
static const int looks[] = {0, 2, 10, 30, 60, 90};
enum { LOOKS = sizeof looks / sizeof *looks, FIRST_AGAIN = 1, LAST_AGAIN = 2 };

/* ------------------------------------------------------------------ what can be told from here */

static bool is_signalled(const struct dl_ancestor_end *end)
{
	return end->known && end->status > SIGNALLED;
}

enum dl_arrival_word dl_arrival_judge(const struct dl_arrival_facts *facts)
{
	if (facts->followed && facts->moved)
		return DL_ARRIVAL_YES;
	if (is_signalled(&facts->end))
		return DL_ARRIVAL_AGAIN;
	if (facts->followed)
		return facts->end.known ? DL_ARRIVAL_NO : DL_ARRIVAL_AGAIN;
	return facts->end.known && facts->end.status == 0 ? DL_ARRIVAL_YES : DL_ARRIVAL_ASK;
}

static bool is_followed(const struct dl_push *push)
{
	return push->tracking && !dl_text_same(push->before, push->local_sha);
}

static bool has_moved(const struct dl_arrival *arrival, const struct dl_push *push)
{
	const char *const argv[] = {"rev-parse", "-q", "--verify", push->tracking, NULL};
	struct dl_proc_result result;
	struct dl_scope attempt;
	bool moved;

	if (!is_followed(push))
		return false;
	dl_scope_open(&attempt, NULL);
	moved = dl_git_run(&attempt, arrival->dir, argv, &result) == 0 && result.status == 0 &&
		strncmp(result.output, push->local_sha, strlen(push->local_sha)) == 0;
	dl_scope_close(&attempt);
	return moved;
}

/* Whether a tracking ref shows that something has arrived. */
static bool has_any_moved(const struct dl_arrival *arrival)
{
	size_t i;

	for (i = 0; i < arrival->count; i++)
		if (has_moved(arrival, &arrival->pushes[i]))
			return true;
	return false;
}

void dl_arrival_wait(struct dl_scope *scope, struct dl_arrival *arrival, const struct dl_ancestor *git,
		     int timeout_ms)
{
	int64_t deadline = dl_time_clock_ms() + POLL_MS;

	if (!git->pid)
		while (!has_any_moved(arrival) && dl_time_clock_ms() < deadline)
			dl_time_sleep_ms(SLICE_MS);
	else if (dl_ancestor_wait(scope, git, timeout_ms, &arrival->end) < 0)
		dl_fail_take(scope, &scope->arena);
	if (git->end)
		close(git->end);
}

/* ------------------------------------------------------------------ what others know */

/* What the server has at a ref. */
enum seen { UNSEEN, SAME, ANOTHER };

/* Over ssh nobody is asked: a passphrase may be wanted for that, or a key to be touched. What is pushed for
 * review never shows under its name. */
static enum seen ask_server(const struct dl_arrival *arrival, const struct dl_push *push)
{
	enum dl_push_transport transport = dl_push_transport(push->url);
	bool named = arrival->whom && arrival->whom->remote && transport == DL_PUSH_HTTP;
	const char *const argv[] = {"-c", "credential.interactive=false", "ls-remote",
				    named ? push->remote : push->url, push->remote_ref, NULL};
	struct dl_proc_result result;
	enum seen seen = UNSEEN;
	struct dl_scope attempt;

	if ((transport != DL_PUSH_HTTP && transport != DL_PUSH_FOLDER) ||
	    dl_text_starts(push->remote_ref, "refs/for/"))
		return UNSEEN;
	dl_scope_open(&attempt, NULL);
	if (dl_git_run(&attempt, arrival->dir, argv, &result) == 0 && result.status == 0)
		seen = strncmp(result.output, push->local_sha, strlen(push->local_sha)) == 0 ? SAME : ANOTHER;
	dl_scope_close(&attempt);
	return seen;
}

static bool ci_knows(struct dl_scope *scope, const struct dl_arrival *arrival, const struct dl_push *push)
{
	const char *commit = dl_git_commit(scope, arrival->dir, push->local_sha);

	return arrival->whom && commit &&
	       dl_ask_has_run(scope, arrival->whom, commit, dl_push_name(push), arrival->since - SLACK_S);
}

/* ------------------------------------------------------------------ one ref after the other */

static void settle(struct dl_push *push, enum dl_push_outcome outcome, const char *how)
{
	push->outcome = outcome;
	push->how = how;
}

/* Whether git lost its connection because the gate held it up, which git does not explain. Where the system
 * does not tell how git ended, that is likely after a long wait, unless another ref has arrived. */
static bool is_dropped(const struct dl_arrival *arrival, const struct dl_push *push)
{
	enum dl_push_transport transport = dl_push_transport(push->url);

	if (transport != DL_PUSH_SSH && transport != DL_PUSH_OTHER)
		return false;
	if (!arrival->end.known)
		return arrival->waited_s >= LONG_WAIT_S && !has_any_moved(arrival);
	return arrival->waited_s > 0 &&
	       (arrival->end.status == BROKEN_PIPE || arrival->end.status == SIGNALLED);
}

static void settle_negative(struct dl_scope *scope, const struct dl_arrival *arrival, struct dl_push *push,
			    enum dl_push_outcome outcome)
{
	const struct dl_ancestor_end *end = &arrival->end;

	if (is_dropped(arrival, push))
		settle(push, DL_PUSH_DROPPED,
		       "the server closed the connection while the push waited for CI: push again, or use an "
		       "https pushurl");
	else if (is_signalled(end))
		settle(push, outcome,
		       dl_arena_format(&scope->arena, "git was ended by signal %d", end->status - SIGNALLED));
	else if (end->known)
		settle(push, outcome,
		       dl_arena_format(&scope->arena, "git ended with exit code %d", end->status));
	else
		settle(push, outcome, outcome == DL_PUSH_REJECTED ? "the server has another commit"
								  : "nothing shows that it has arrived");
}

/* One look at a ref that nothing here tells about. True when it is settled. */
static bool look(struct dl_scope *scope, const struct dl_arrival *arrival, struct dl_push *push,
		 enum dl_arrival_word word, bool last)
{
	enum dl_push_outcome arrived = word == DL_ARRIVAL_AGAIN ? DL_PUSH_PUSHED_LATE : DL_PUSH_PUSHED;
	bool refused = arrival->count == 1 && arrival->end.known && !is_signalled(&arrival->end);
	enum seen seen;

	if (has_moved(arrival, push))
		return settle(push, arrived, "its tracking ref has moved"), true;
	seen = ask_server(arrival, push);
	if (seen == SAME)
		return settle(push, arrived, "the server has it"), true;
	if (ci_knows(scope, arrival, push))
		return settle(push, arrived, "CI has a run of it"), true;
	if (seen == ANOTHER && (last || word == DL_ARRIVAL_ASK))
		return settle_negative(scope, arrival, push, DL_PUSH_REJECTED), true;
	if (!last && (word == DL_ARRIVAL_AGAIN || (arrival->whom && !refused)))
		return false;
	return settle_negative(scope, arrival, push, refused ? DL_PUSH_REJECTED : DL_PUSH_UNKNOWN), true;
}

static void look_again(struct dl_scope *scope, const struct dl_arrival *arrival, struct dl_push *push,
		       enum dl_arrival_word word, int64_t ended_ms)
{
	int i = word == DL_ARRIVAL_AGAIN ? FIRST_AGAIN : 0;
	int end = word == DL_ARRIVAL_AGAIN ? LAST_AGAIN : LOOKS - 1;

	for (; i <= end; i++) {
		dl_time_sleep_ms(ended_ms + looks[i] * 1000 - dl_time_clock_ms());
		if (look(scope, arrival, push, word, i == end))
			return;
	}
}

void dl_arrival_find(struct dl_scope *scope, const struct dl_arrival *arrival)
{
	int64_t ended_ms = dl_time_clock_ms();
	enum dl_arrival_word word;
	struct dl_push *push;
	size_t i;

	for (i = 0; i < arrival->count; i++) {
		push = &arrival->pushes[i];
		if (!dl_push_is_armed(push)) {
			settle(push, DL_PUSH_DELETED, NULL);
			continue;
		}
		word = dl_arrival_judge(&(struct dl_arrival_facts){
			.followed = is_followed(push), .moved = has_moved(arrival, push),
			.end = arrival->end,
		});
		if (word == DL_ARRIVAL_YES)
			settle(push, DL_PUSH_PUSHED, is_followed(push) ? "its tracking ref has moved"
								       : "git ended with exit code 0");
		else if (word == DL_ARRIVAL_NO || (arrival->end.known && is_dropped(arrival, push)))
			settle_negative(scope, arrival, push, DL_PUSH_REJECTED);
		else
			look_again(scope, arrival, push, word, ended_ms);
	}
}
