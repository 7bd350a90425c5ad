/* The checks stand in the order of what they cost. What argv, the environment and standard input decide is
 * decided before git's configuration is read, which takes a process, and that before anybody is asked.
 * Standard input is read first of all: git waits for the hook to take it.
 *
 * Decided is on exit codes and on the words of a verdict, never on prose. Every doubt lets the push go. */
#include "lib/push/gate.h"

#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/ci/ask.h"
#include "lib/data/event.h"
#include "lib/data/push.h"
#include "lib/data/record.h"
#include "lib/git/git.h"
#include "lib/program/out.h"
#include "lib/push/ancestor.h"
#include "lib/push/arm.h"

enum {
	STDIN_PATIENCE_MS = 2000, /* some hook managers leave it open and write nothing */
	WAIT_S = 120,             /* devloop.prepush.wait */
	MAX_AGE_S = 60,           /* devloop.prepush.maxAge */
	FIRST_TIMEOUT_S = 5,      /* until the first answer */
	LATER_TIMEOUT_S = 10,
	FIRST_PAUSE_MS = 3000, LAST_PAUSE_MS = 10000,
	NEAR_PAUSE_MS = 300,      /* where looking costs nothing */
	PLAIN_PAUSE_MS = 30000,   /* between two lines where lines cannot be replaced */
	SHORT_SHA = 10,
	LEAST_SHA = 7,            /* digits that name a commit in CI-Fix */
	MOST_FIXES = 1000,        /* commits that are searched for it */
};

/* A decision in the making. */
struct gate {
	struct dl_scope *scope;
	const struct dl_gate *given;
	struct dl_push_list pushes;
	struct dl_ancestor git;       /* the push that we run for */
	struct dl_git_config config;
	struct dl_ask_whom whom;
	bool nobody;                  /* there is nobody to ask */
	bool local;                   /* it is about the commits that are pushed, not those that are there */
	bool warn;                    /* nothing is stopped */
	const struct dl_push *gated[DL_PUSH_MOST]; /* those that are asked about */
	struct dl_ask *asks;     /* one for each */
	size_t count;
	int64_t started_ms, waited_ms, patience_ms, told_ms;
	bool progress;                /* there is a line on the terminal to be replaced */
	bool said;                    /* people have been told something */
	bool watched;                 /* when it goes it is watched */
	const char *unwatched;        /* why it is not, for the event log; NULL: nobody wonders */
	const struct dl_verdict *verdict; /* that decided */
	const char *reason;           /* for the event log */
};

/* ------------------------------------------------------------------ telling */

static void clear_progress(struct gate *gate)
{
	if (gate->progress)
		fputs("\r\033[K", stderr);
	gate->progress = false;
}

/* A line on stderr. */
__attribute__((format(printf, 2, 3))) static void say(struct gate *gate, const char *format, ...)
{
	va_list args;

	clear_progress(gate);
	gate->said = true;
	fputs("dl-gate: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

static bool is_quiet(const struct gate *gate)
{
	return gate->given->quiet || gate->git.quiet;
}

static const char *quote(const struct gate *gate, const char *text)
{
	return dl_text_quote(&gate->scope->arena, text);
}

/* The push goes, for REASON, which people are told with TELL. */
static enum dl_class let_go(struct gate *gate, bool tell, const char *reason)
{
	clear_progress(gate);
	gate->reason = reason;
	if (tell && !is_quiet(gate))
		say(gate, "%s; the push goes on", reason);
	return DL_OK;
}

/* The same after something has failed, which is no reason to stop a push. */
static enum dl_class let_go_failed(struct gate *gate)
{
	const struct dl_error error = dl_fail_take(gate->scope, &gate->scope->arena);

	return let_go(gate, true, error.message);
}

/* ------------------------------------------------------------------ is there anything to ask? */

static bool is_off(const char *name)
{
	const char *value = getenv(name);

	return value && strcmp(value, "0") == 0;
}

/* What the environment decides; NULL: nothing. */
static const char *decide_by_environment(void)
{
	if (is_off("DL_HOOKS"))
		return "DL_HOOKS is 0";
	return dl_text_in("pre-push", getenv("DL_SKIP")) ? "DL_SKIP has pre-push" : NULL;
}

/* Which refs are asked about, and which are looked after when the push is over. What standard input decides;
 * NULL: it has to be asked. */
static const char *decide_by_refs(struct gate *gate)
{
	size_t i, armed = 0, gated = 0;

	for (i = 0; i < gate->pushes.count; i++) {
		armed += dl_push_is_armed(&gate->pushes.items[i]);
		if (!dl_push_is_gated(&gate->pushes.items[i]))
			continue;
		if (gated++ < DL_PUSH_MOST)
			gate->gated[gate->count++] = &gate->pushes.items[i];
	}
	gate->watched = armed && armed <= DL_PUSH_MOST && !gate->pushes.cut;
	gate->unwatched = armed && !gate->watched ? "more than eight refs" : NULL;
	if (gate->pushes.cut)
		return "more refs than can be read";
	if (gated > DL_PUSH_MOST)
		return "more than eight branches";
	return gated ? NULL : "no branch is updated";
}

/* git's words for yes. */
static bool is_true(const char *value)
{
	return value && (strcasecmp(value, "true") == 0 || strcasecmp(value, "yes") == 0 ||
			 strcasecmp(value, "on") == 0 || strcmp(value, "1") == 0);
}

/* The seconds under KEY; OTHERWISE where there are none, or it is no duration, which people are told. */
static int64_t seconds_of(struct gate *gate, const char *key, int64_t otherwise)
{
	const char *value = dl_git_get(&gate->config, key);
	int64_t seconds = value ? dl_time_parse_duration(value) : otherwise;

	if (seconds >= 0 && seconds <= INT32_MAX / 1000)
		return seconds;
	say(gate, "git config %s: '%s' is not a duration such as 90s, 15m or 2h", key, quote(gate, value));
	return otherwise;
}

/* Whether this is a CI job, where nobody waits for us. */
static bool is_in_ci(const struct gate *gate)
{
	const char *ci = getenv("CI");

	return ci && *ci && !is_true(dl_git_get(&gate->config, "devloop.ci.inci"));
}

/* What the configuration decides; NULL: it has to be asked. */
static const char *decide_by_configuration(struct gate *gate)
{
	const char *mode = dl_git_get(&gate->config, "devloop.prepush");

	if (mode && strcmp(mode, "off") == 0)
		return "devloop.prepush is off";
	gate->warn = mode && strcmp(mode, "warn") == 0;
	if (mode && !gate->warn && strcmp(mode, "block") != 0)
		say(gate, "git config devloop.prepush: '%s' is not block, warn or off", quote(gate, mode));
	return NULL;
}

/* ------------------------------------------------------------------ who is asked about what */

/* One question for each commit. About a branch that is new on the server there is none. */
static void make_asks(struct gate *gate)
{
	const struct dl_push *push;
	size_t i, j, kept = 0;

	gate->asks = dl_arena_array(&gate->scope->arena, gate->count, sizeof *gate->asks);
	for (i = 0; i < gate->count; i++) {
		push = gate->gated[i];
		if (!gate->local && dl_push_is_zero(push->remote_sha))
			continue;
		gate->gated[kept] = push;
		gate->asks[kept].sha = gate->local ? push->local_sha : push->remote_sha;
		gate->asks[kept].branch = quote(gate, dl_push_name(push));
		for (j = 0; j < kept && strcmp(gate->asks[j].sha, gate->asks[kept].sha) != 0;)
			j++;
		kept += j == kept;
	}
	gate->count = kept;
}

/* Starts what has not run for the commits; those that have no workflows are not asked about. */
static int start_workflows(struct gate *gate)
{
	size_t i, kept = 0;
	int workflows;

	for (i = 0; i < gate->count; i++) {
		workflows = dl_ask_start(gate->scope, gate->asks[i].sha, dl_push_name(gate->gated[i]));
		if (workflows < 0)
			return -1;
		gate->gated[kept] = gate->gated[i];
		gate->asks[kept] = gate->asks[i];
		kept += workflows > 0;
	}
	gate->count = kept;
	return 0;
}

/* ------------------------------------------------------------------ waiting */

static bool is_pending(const struct dl_ask *ask)
{
	return ask->code == DL_PENDING && ask->verdict && ask->verdict->verdict == DL_VERDICT_PENDING;
}

/* A run that failed, or was cancelled and not overtaken. What gave up or waits for a human stops nobody. */
static bool is_red(const struct dl_ask *ask)
{
	return ask->code == DL_NO && ask->verdict &&
	       (ask->verdict->verdict == DL_VERDICT_FAILURE || ask->verdict->verdict == DL_VERDICT_CANCELLED);
}

/* The first that is as WANTED says; NULL: none is. */
static const struct dl_ask *first_that(const struct gate *gate,
					    bool (*wanted)(const struct dl_ask *ask))
{
	size_t i;

	DL_BUG_IF(!gate->asks);
	for (i = 0; i < gate->count; i++)
		if (wanted(&gate->asks[i]))
			return &gate->asks[i];
	return NULL;
}

/* Whether git will refuse the push anyway: it does not have the commit that it would move the branch away
 * from. */
static bool is_hopeless(struct gate *gate, const struct dl_ask *ask)
{
	const char *const argv[] = {"cat-file", "-e", ask->sha, NULL};
	struct dl_proc_result result;
	struct dl_scope attempt;
	bool hopeless;

	if (gate->git.force || gate->local)
		return false;
	dl_scope_open(&attempt, NULL);
	hopeless = dl_git_run(&attempt, NULL, argv, &result) == 0 && result.status != 0;
	dl_scope_close(&attempt);
	return hopeless;
}

/* The terminal, when it is ours to read from; -1: it is not. */
static int open_terminal(void)
{
	int fd = isatty(STDERR_FILENO) ? open("/dev/tty", O_RDONLY | O_CLOEXEC | O_NOCTTY) : -1;

	if (fd >= 0 && tcgetpgrp(fd) != getpgrp()) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* How far ASK is: a line that is replaced each time, or one in half a minute. */
static void tell_progress(struct gate *gate, const struct dl_ask *ask, bool terminal)
{
	const struct dl_verdict *verdict = ask->verdict;
	int64_t now = dl_time_clock_ms();
	const char *line = dl_arena_format(
		&gate->scope->arena, "%s: waiting for CI of %.*s: %s, %" PRId64 " of %" PRId64 " done, %s",
		ask->branch, SHORT_SHA, ask->sha, verdict->name ? quote(gate, verdict->name) : "runs",
		verdict->passed + verdict->failed, verdict->total,
		dl_time_span(&gate->scope->arena, gate->waited_ms / 1000));

	if (is_quiet(gate))
		return;
	if (dl_out_rewrites(stderr)) {
		clear_progress(gate);
		fprintf(stderr, "dl-gate: %s%s", line, terminal ? " (Enter: push now)" : "");
		fflush(stderr);
		gate->progress = true;
	} else if (!gate->told_ms || now - gate->told_ms >= PLAIN_PAUSE_MS) {
		gate->told_ms = now;
		say(gate, "%s", line);
	}
}

/* Waits. True when the user has pressed Enter at TERMINAL meanwhile. */
static bool pause_for(int64_t ms, int terminal)
{
	struct pollfd key = {.fd = terminal, .events = POLLIN};
	char line[256];

	return poll(&key, terminal >= 0, (int)ms) > 0 && read(terminal, line, sizeof line) > 0;
}

/* Asks about all that are pending, again and again, until none is, one is red, the time is up, or the user
 * has had enough. NULL, or why the push does not wait any longer. */
static const char *wait_for_all(struct gate *gate)
{
	int64_t pause_ms = gate->local ? NEAR_PAUSE_MS : FIRST_PAUSE_MS, begun = dl_time_clock_ms();
	const struct dl_ask *pending;
	int terminal = open_terminal();
	const char *why = NULL;
	size_t i;

	while (!why && !first_that(gate, is_red) && (pending = first_that(gate, is_pending))) {
		gate->waited_ms = dl_time_clock_ms() - begun;
		if (gate->waited_ms + pause_ms > gate->patience_ms) {
			why = "is not finished";
			break;
		}
		tell_progress(gate, pending, terminal >= 0);
		if (pause_for(pause_ms, terminal)) {
			why = "was not waited for";
			break;
		}
		for (i = 0; i < gate->count; i++)
			if (is_pending(&gate->asks[i]))
				dl_ask_all(gate->scope, &gate->whom, &gate->asks[i], 1, LATER_TIMEOUT_S,
						0);
		if (!gate->local && pause_ms < LAST_PAUSE_MS)
			pause_ms += pause_ms / 2;
	}
	gate->waited_ms = dl_time_clock_ms() - begun;
	if (terminal >= 0)
		close(terminal);
	return why;
}

/* Asks. That something was green a minute ago will do; all else that was heard then is asked again. */
static void ask_all(struct gate *gate)
{
	int64_t max_age_s = gate->local ? 0 : seconds_of(gate, "devloop.prepush.maxage", MAX_AGE_S);
	size_t i;

	dl_ask_all(gate->scope, &gate->whom, gate->asks, gate->count, FIRST_TIMEOUT_S, max_age_s);
	for (i = 0; i < gate->count; i++)
		if (gate->asks[i].code != DL_OK && gate->asks[i].verdict &&
		    gate->asks[i].verdict->from_cache == 1)
			dl_ask_all(gate->scope, &gate->whom, &gate->asks[i], 1, FIRST_TIMEOUT_S, 0);
}

/* ------------------------------------------------------------------ the branch's own repair */

/* The id in the ref of a run; NULL: it is none. */
static const char *run_id(const struct dl_verdict *verdict)
{
	const char *run = verdict->ref ? strstr(verdict->ref, "/run/") : NULL;

	return run ? run + strlen("/run/") : NULL;
}

/* Whether VALUE, of a trailer, names what is red: the run, by its id, ref or page, or the commit. */
static bool names_it(const struct dl_verdict *verdict, const char *sha, const char *value)
{
	size_t len = strlen(value);

	return dl_text_same(value, run_id(verdict)) || dl_text_same(value, verdict->ref) ||
	       dl_text_same(value, verdict->url) ||
	       (len >= LEAST_SHA && len <= strlen(sha) && strncasecmp(value, sha, len) == 0);
}

/* Whether a commit that is pushed says that it repairs what is red. */
static bool has_fix(struct gate *gate, const struct dl_ask *ask, const struct dl_push *push)
{
	const char *most = dl_arena_format(&gate->scope->arena, "-%d", MOST_FIXES);
	const char *range = dl_arena_format(&gate->scope->arena, "%s..%s", ask->sha, push->local_sha);
	const char *const argv[] = {"log", most, "--format=%(trailers:key=CI-Fix,valueonly,unfold)", range,
				    "--", NULL};
	struct dl_proc_result result;
	const char *line, *end;

	if (dl_git_run(gate->scope, NULL, argv, &result) || result.status != 0) {
		dl_fail_take(gate->scope, &gate->scope->arena);
		return false;
	}
	for (line = result.output; *line; line = *end ? end + 1 : end) {
		end = strchrnul(line, '\n');
		if (names_it(ask->verdict, ask->sha,
			     dl_arena_copy(&gate->scope->arena, line, strcspn(line, " \t\n"))))
			return true;
	}
	return false;
}

/* Whether the user made the commit that is red. */
static bool is_own(struct gate *gate, const struct dl_ask *ask)
{
	const char *const argv[] = {"log", "-1", "--format=%ae", ask->sha, "--", NULL};
	const char *email = getenv("GIT_AUTHOR_EMAIL");
	struct dl_proc_result result;

	if (!email || !*email)
		email = dl_git_get(&gate->config, "user.email");
	if (!email || dl_git_run(gate->scope, NULL, argv, &result)) {
		dl_fail_take(gate->scope, &gate->scope->arena);
		return false;
	}
	return result.status == 0 && result.len == strlen(email) + 1 &&
	       strncasecmp(email, result.output, result.len - 1) == 0;
}

/* Why a push onto the red ASK may go all the same; NULL: it may not. */
static const char *find_pardon(struct gate *gate, const struct dl_ask *ask)
{
	const char *own = dl_git_get(&gate->config, "devloop.prepush.ownred");
	const struct dl_push *push = gate->gated[ask - gate->asks];

	if (gate->warn)
		return "devloop.prepush is warn";
	if (gate->local)
		return NULL;
	if (has_fix(gate, ask, push))
		return "a commit has the trailer CI-Fix";
	if (own && strcmp(own, "allow") == 0 && is_own(gate, ask))
		return "the red commit is your own";
	return NULL;
}

/* ------------------------------------------------------------------ the decision */

static void tell_red(struct gate *gate, const struct dl_ask *ask)
{
	const struct dl_verdict *verdict = ask->verdict;
	const char *word = dl_record_verdict_words[verdict->verdict];
	struct dl_ask_job job = {.completed_at = DL_TIME_NONE};

	if (verdict->ref)
		job = dl_ask_job(gate->scope, verdict->ref);
	if (gate->local)
		say(gate, "CI of %.*s, which is pushed to %s, says %s", SHORT_SHA, ask->sha, ask->branch,
		    word);
	else
		say(gate, "CI of %s, at %.*s on the server, says %s", ask->branch, SHORT_SHA, ask->sha, word);
	say(gate, "  run   %s%s%s%s%s%s", verdict->name ? quote(gate, verdict->name) : "?",
	    job.name ? ", job " : "", job.name ? quote(gate, job.name) : "",
	    job.completed_at != DL_TIME_NONE ? ", " : "",
	    job.completed_at != DL_TIME_NONE
		    ? dl_time_span(&gate->scope->arena, dl_time_now() - job.completed_at)
		    : "",
	    job.completed_at != DL_TIME_NONE ? " ago" : "");
	if (verdict->url)
		say(gate, "  page  %s", quote(gate, verdict->url));
	if (verdict->ref)
		say(gate, "  log   dl-logs --failed %s", quote(gate, verdict->ref));
}

static enum dl_class decide_red(struct gate *gate, const struct dl_ask *ask)
{
	const char *pardon = find_pardon(gate, ask);

	gate->verdict = ask->verdict;
	tell_red(gate, ask);
	if (gate->git.dry_run)
		return let_go(gate, true, pardon ? pardon : "without --dry-run this push would be stopped");
	if (pardon)
		return let_go(gate, true, pardon);
	say(gate, "push all the same: git -c devloop.prepush=warn push");
	gate->reason = "stopped";
	return DL_NO;
}

/* What is neither red nor green. */
static enum dl_class decide_unknown(struct gate *gate, const struct dl_ask *ask, const char *why)
{
	const char *word;

	gate->verdict = ask->verdict;
	if (is_pending(ask) && !why)
		why = gate->git.dry_run ? "is not finished"
					: "is not finished, and git would have to fetch first";
	word = ask->verdict ? dl_record_verdict_words[ask->verdict->verdict] : dl_fail_word(ask->code);
	if (ask->verdict && !why)
		why = dl_arena_format(&gate->scope->arena, "says %s", word);
	else if (!why)
		why = dl_arena_format(&gate->scope->arena, "could not be asked: %s",
				      ask->said ? ask->said : word);
	return let_go(gate, true, dl_arena_format(&gate->scope->arena, "%s: CI of %.*s %s", ask->branch,
						  SHORT_SHA, ask->sha, why));
}

static bool is_not_green(const struct dl_ask *ask)
{
	return ask->code != DL_OK;
}

/* There is something to ask. */
static enum dl_class ask_and_decide(struct gate *gate)
{
	const struct dl_ask *ask;
	const char *why = NULL;

	ask_all(gate);
	ask = first_that(gate, is_pending);
	if (ask && !gate->git.dry_run && !is_hopeless(gate, ask))
		why = wait_for_all(gate);
	if ((ask = first_that(gate, is_red)))
		return decide_red(gate, ask);
	if ((ask = first_that(gate, is_pending)))
		return decide_unknown(gate, ask, why);
	if ((ask = first_that(gate, is_not_green)))
		return decide_unknown(gate, ask, NULL);
	gate->verdict = gate->asks[0].verdict;
	return let_go(gate, false, "green");
}

/* There is a branch to ask about. */
static enum dl_class decide_about_branches(struct gate *gate, const char *nobody)
{
	const char *why = decide_by_configuration(gate);

	if (why)
		return let_go(gate, false, why);
	if (nobody)
		return let_go(gate, true, nobody);
	make_asks(gate);
	if (!gate->count)
		return let_go(gate, false, "the branch is new there");
	gate->patience_ms =
		dl_push_patience(gate->given->url, seconds_of(gate, "devloop.prepush.wait", WAIT_S)) * 1000;
	if (gate->local && !gate->git.dry_run && start_workflows(gate))
		return let_go_failed(gate);
	if (!gate->count)
		return let_go(gate, false, "the commit has no workflows");
	return ask_and_decide(gate);
}

static enum dl_class decide(struct gate *gate)
{
	const char *why, *nobody;

	if (dl_push_read(gate->scope, gate->given->input, STDIN_PATIENCE_MS, &gate->pushes))
		return let_go_failed(gate);
	if ((why = decide_by_environment()))
		return let_go(gate, false, why);
	why = decide_by_refs(gate);
	if (why && !gate->watched)
		return let_go(gate, false, why);
	dl_ancestor_find(gate->scope, &gate->git);
	if (dl_git_config(gate->scope, NULL, &gate->config)) {
		gate->watched = false;
		return let_go_failed(gate);
	}
	if (is_in_ci(gate)) {
		gate->watched = false;
		return let_go(gate, false, "CI is set, and devloop.ci.inCI is not");
	}
	nobody = dl_ask_whom(gate->scope, &gate->config, gate->given->remote, gate->given->url, &gate->whom);
	gate->nobody = nobody != NULL;
	gate->local = dl_ask_is_local(&gate->whom);
	return why ? let_go(gate, false, why) : decide_about_branches(gate, nobody);
}

/* ------------------------------------------------------------------ what comes after the push */

/* Whether dl-push runs git, and so looks after the push itself. */
static bool is_looked_after(const struct gate *gate)
{
	return gate->git.pid && dl_text_int(getenv("DL_PUSH_PID")) == gate->git.parent;
}

/* That the runs which the push has just waited for are watched, too, is no news. */
static void tell_watched(struct gate *gate)
{
	size_t i = 0;

	if (gate->said || gate->nobody || is_quiet(gate) || (gate->local && gate->verdict))
		return;
	if (!gate->local && access(".devloop/ci", F_OK) == 0 && dl_ask_is_idle(&gate->whom)) {
		say(gate, "nothing runs the workflows in .devloop/ci: git config devloop.ci local allows it");
		return;
	}
	while (!dl_push_is_armed(&gate->pushes.items[i]))
		i++;
	say(gate, "CI of %.*s will be watched", SHORT_SHA, gate->pushes.items[i].local_sha);
}

/* Has the push watched, which may go. */
static void watch(struct gate *gate)
{
	const char *mode = dl_git_get(&gate->config, "devloop.postpush");
	const struct dl_arm arm = {
		.remote = gate->given->remote, .url = gate->given->url, .pushes = &gate->pushes,
		.git = &gate->git, .config = &gate->config, .waited_s = gate->waited_ms / 1000,
	};

	if (!gate->watched || gate->git.dry_run || is_looked_after(gate))
		return;
	if (mode && strcmp(mode, "off") == 0) {
		gate->unwatched = "devloop.postpush is off";
		return;
	}
	switch (dl_arm_watch(gate->scope, &arm)) {
	case DL_ARMED_FAILED:
		gate->unwatched = dl_fail_take(gate->scope, &gate->scope->arena).message;
		if (!gate->said && !is_quiet(gate))
			say(gate, "CI will not be watched: %s", gate->unwatched);
		break;
	case DL_ARMED:
		tell_watched(gate);
		break;
	case DL_ARMED_BEFORE:
		gate->unwatched = "there is a watcher already";
		break;
	case DL_ARMED_NEVER:
		gate->unwatched = "the repository switches ci-monitor off";
		break;
	}
}

/* ------------------------------------------------------------------ the event */

static void write_event(const struct gate *gate, enum dl_class class)
{
	struct dl_event *event = dl_event_new(gate->scope, "dl-gate", "gate", class);
	const struct dl_push *push = gate->count ? gate->gated[0] : NULL;
	struct dl_arena *arena = &gate->scope->arena;

	if (gate->verdict) {
		event->provider = gate->verdict->provider;
		event->host = gate->verdict->host;
		event->project = gate->verdict->project;
	}
	event->duration_s = dl_event_seconds(arena, dl_time_clock_ms() - gate->started_ms);
	event->waited_s = dl_event_seconds(arena, gate->waited_ms);
	event->detail = dl_arena_format(
		arena, "%s%s%s%s%s: %s%s%s%s%s", quote(gate, dl_push_url(arena, gate->given->remote)),
		push ? " " : "", push ? quote(gate, push->remote_ref) : "", push ? " " : "",
		push ? push->remote_sha : "", gate->reason, gate->verdict ? ": " : "",
		gate->verdict ? dl_record_verdict_words[gate->verdict->verdict] : "",
		gate->unwatched ? "; not watched: " : "", gate->unwatched ? gate->unwatched : "");
	dl_event_write(event);
}

enum dl_class dl_gate_decide(struct dl_scope *scope, const struct dl_gate *given)
{
	struct gate gate = {.scope = scope, .given = given, .started_ms = dl_time_clock_ms()};
	enum dl_class class = decide(&gate);

	if (class == DL_OK)
		watch(&gate);
	write_event(&gate, class);
	return class;
}
