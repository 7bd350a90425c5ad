/* A question goes through these states: it waits, since its server wants a pause; it is under way; it is
 * answered, and then judged, asked again (elsewhere, with a credential, later), or given to git.
 *
 * A POST of the protocol's version 2 is understood without the GET that git sends first. Who does not speak
 * it answers 4xx, or 200 with something else; after a few of these a server is not asked any more. */
#include "lib/sync/sync_ask.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/buf.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/base/url.h"
#include "lib/data/record.h"
#include "lib/git/lsrefs.h"
#include "lib/net/http_many.h"
#include "lib/net/quota.h"
#include "lib/provider/credential.h"
#include "lib/sync/repos.h"
#include "lib/sync/sync_git.h"
#include "lib/sync/sync_host.h"

enum {
	MOST_UNDER_WAY = 256,
	MOST_OF_ONE = 96, /* of one server: as many as one connection of HTTP/2 usually takes */
	MOST_REQUEST = 4 << 10,
	MOST_BRANCH = 64 << 10, /* of an answer about one branch, and those whose names begin so */
	HOPS = 5,
	TRIES = 4,              /* after failures that may pass */
	DOUBTS = 3,             /* answers from a server that seems to speak no version 2 */
	PAUSE_MS = 500, LIMITED_PAUSE_MS = 5000, MOST_PAUSE_MS = 120000,
};

static const char service[] = "/git-upload-pack";

struct question {
	struct dl_http_ask ask;
	struct question *next; /* that waits */
	struct dl_sync_job *job;
	struct dl_sync_host *host;
	const char *url;       /* of the repository, without a final '/' */
	const char *origin;    /* of .url */
	const char *headers[6];
	bool shown;            /* a credential has been sent with it */
	int hops, tries;
	enum dl_sync_step step; /* when it has been judged */
	int64_t until_ms;      /* it waits that long; 0: for its turn */
	struct dl_buf body;
};

struct dl_sync_ask {
	struct dl_http_many *many;
	struct question *waiting, *last;
	size_t under_way;
	bool odd; /* the user has told git more about http than is known here */
};

/* ------------------------------------------------------------------ what git has been told */

/* Settings that change nothing about a request, or that are heeded here. */
static const char known_settings[] =
	"http.sslcainfo,http.sslcapath,http.proxy,http.postbuffer,http.lowspeedlimit,http.lowspeedtime,"
	"http.maxrequests,http.minsessions,http.version,http.followredirects,http.useragent,http.receivepack,"
	"http.uploadpack,http.getanyfile,http.sslverify,http.sslbackend,http.keepaliveidle";

static bool is_odd(const struct dl_sync_settings *settings)
{
	const char *verify = dl_sync_git_setting(settings, "http.sslverify");
	size_t i;

	for (i = 0; i < settings->count; i++)
		if (dl_text_starts(settings->items[i].key, "http.") &&
		    !dl_text_in(settings->items[i].key, known_settings))
			return true;
	return getenv("GIT_SSL_NO_VERIFY") || (verify && strcmp(verify, "true") != 0);
}

struct dl_sync_ask *dl_sync_ask_open(struct dl_scope *scope, struct dl_http *http,
				     const struct dl_sync_settings *settings, long per_host)
{
	struct dl_sync_ask *ask = dl_arena_alloc(&scope->arena, sizeof *ask);
	const char *file = getenv("GIT_SSL_CAINFO"), *folder = getenv("GIT_SSL_CAPATH");
	struct dl_http_many_options options = {
		.http = http,
		.per_host = per_host,
		.ca_file = file ? file : dl_sync_git_setting(settings, "http.sslcainfo"),
		.ca_dir = folder ? folder : dl_sync_git_setting(settings, "http.sslcapath"),
		.proxy = dl_sync_git_setting(settings, "http.proxy"),
	};

	ask->odd = is_odd(settings);
	ask->many = dl_http_many_open(scope, &options);
	return ask->many ? ask : NULL;
}

void dl_sync_ask_close(struct dl_sync_ask *ask)
{
	if (ask)
		dl_http_many_close(ask->many);
}

/* ------------------------------------------------------------------ asking */

/* The line that shows who asks; NULL: nobody has been told to be shown to that server. */
static const char *credential_line(struct question *question)
{
	const struct dl_sync_login *login = question->job->login ? question->job->login
								 : question->host->found;

	if (!login || strcmp(login->origin, question->origin) != 0)
		return NULL;
	return dl_credential_basic(&question->job->scope.arena, login->user, login->password);
}

static void send(struct dl_sync_ask *ask, struct question *question)
{
	struct dl_http_ask *http = &question->ask;
	size_t count = 0;
	const char *line = credential_line(question);

	question->headers[count++] = "Content-Type: application/x-git-upload-pack-request";
	question->headers[count++] = "Accept: application/x-git-upload-pack-result";
	question->headers[count++] = "Git-Protocol: version=2";
	if (line)
		question->headers[count++] = line;
	question->headers[count] = NULL;
	question->shown = line != NULL;
	http->scope = &question->job->scope;
	http->url = dl_arena_format(&question->job->scope.arena, "%s%s", question->url, service);
	http->headers = question->headers;
	http->body = question->body.data;
	http->body_len = question->body.len;
	http->cap = question->job->entry->how.mirror ? DL_CAP_BODY : MOST_BRANCH;
	http->about = question;
	ask->under_way++;
	question->host->under_way++;
	dl_http_many_put(ask->many, http);
}

/* QUESTION is asked when its turn comes. */
static void line_up(struct dl_sync_ask *ask, struct question *question, int64_t until_ms)
{
	question->until_ms = until_ms;
	question->next = NULL;
	DL_BUG_IF(ask->waiting && !ask->last);
	if (ask->waiting)
		ask->last->next = question;
	else
		ask->waiting = question;
	ask->last = question;
}

/* Turns QUESTION to URL. False: it is none. */
static bool turn_to(struct question *question, const char *url)
{
	struct dl_arena *arena = &question->job->scope.arena;
	struct dl_scope attempt;
	struct dl_url parsed;
	size_t len = strlen(url);
	bool good;

	while (len && url[len - 1] == '/')
		len--;
	dl_scope_open(&attempt, NULL);
	good = dl_url_parse(&attempt, url, &parsed) == 0 && !parsed.user && !parsed.query;
	if (good) {
		question->origin = dl_url_origin(arena, &parsed);
		question->url = dl_arena_copy(arena, url, len);
	}
	dl_scope_close(&attempt);
	return good;
}

bool dl_sync_ask_put(struct dl_sync_ask *ask, struct dl_sync_job *job, struct dl_sync_host *host,
		     const char *url)
{
	struct question *question;

	if (ask->odd || host->mute || !dl_text_starts(host->scheme, "http"))
		return false;
	question = dl_arena_alloc(&job->scope.arena, sizeof *question);
	question->job = job;
	question->host = host;
	if (!turn_to(question, url))
		return false;
	dl_buf_init(&question->body, &job->scope.arena, MOST_REQUEST);
	dl_lsrefs_ask(&question->body, dl_sync_job_prefix(job),
		      job->clone.commit && strlen(job->clone.commit) > 40);
	if (question->body.overflow)
		return false;
	line_up(ask, question, 0);
	return true;
}

/* ------------------------------------------------------------------ answers */

/* What becomes of a question. */
enum fate { JUDGED, AGAIN, TO_GIT };

static enum fate fail(struct question *question)
{
	question->step = dl_sync_job_fail(question->job);
	return JUDGED;
}

/* Asks again after a pause that grows, or that the server has asked for (in ms; 0: it has not). */
static enum fate try_later(struct question *question, int64_t pause_ms)
{
	if (question->tries++ >= TRIES)
		return TO_GIT;
	if (!pause_ms)
		pause_ms = (int64_t)PAUSE_MS << (question->tries - 1);
	question->until_ms = dl_time_clock_ms() + pause_ms + random() % (pause_ms / 4 + 1);
	return AGAIN;
}

static enum fate explain_silence(struct question *question)
{
	struct dl_sync_host *host = question->host;
	struct dl_scope *scope = &question->job->scope;

	/* Git may trust it all the same, and says it better where it does not. */
	if (question->ask.untrusted) {
		host->mute = true;
		return TO_GIT;
	}
	/* One that has never answered, and could not be reached again and again, is down for all of its own.
	 */
	if (question->ask.unreachable && !host->speaks && (host->down || question->tries + 1 >= TRIES)) {
		host->down = true;
		dl_fail(scope, DL_NETWORK, "%s cannot be reached: %s",
			dl_text_quote(&scope->arena, host->name), question->ask.failure);
		return fail(question);
	}
	return try_later(question, 0);
}

/* The server has moved the repository; git follows such a redirect as well. */
static enum fate follow(struct question *question)
{
	const struct dl_res *res = &question->ask.res;
	struct dl_scope *scope = &question->job->scope, attempt;
	const char *location = dl_http_header(&scope->arena, res, "location"), *url;
	bool secure = dl_text_starts(question->url, "https:");

	dl_scope_open(&attempt, NULL);
	url = location ? dl_url_join(&attempt, question->ask.url, location) : NULL;
	url = url ? dl_arena_string(&scope->arena, url) : NULL;
	dl_scope_close(&attempt);
	if (!url || question->hops++ == HOPS || !dl_text_ends(url, service) ||
	    (secure && !dl_text_starts(url, "https:")) ||
	    !turn_to(question, dl_arena_copy(&scope->arena, url, strlen(url) - strlen(service))))
		return TO_GIT;
	if (res->status == 301 || res->status == 308)
		question->job->moved = question->url;
	question->until_ms = 0;
	return AGAIN;
}

/* Looks for a credential that the user has stored, once for a server. */
static enum fate show_credential(struct question *question)
{
	struct dl_sync_host *host = question->host;
	struct dl_login login;
	struct dl_sync_login *found;

	if (question->shown || strcmp(question->origin, dl_sync_host_origin(host)) != 0)
		return TO_GIT;
	if (!host->looked && dl_credential_fill(host->scope, host->scheme, host->name, "/", &login) &&
	    login.user) {
		found = dl_arena_alloc(&host->scope->arena, sizeof *found);
		*found = (struct dl_sync_login){dl_sync_host_origin(host), login.user, login.password};
		host->found = found;
	}
	host->looked = true;
	question->until_ms = 0;
	return host->found ? AGAIN : TO_GIT;
}

static enum fate slow_down(struct question *question, long seconds)
{
	struct dl_scope *scope = &question->job->scope;
	int64_t pause_ms = seconds > 0 ? seconds * 1000 : LIMITED_PAUSE_MS;
	enum fate fate = pause_ms <= MOST_PAUSE_MS ? try_later(question, pause_ms) : TO_GIT;

	if (fate == AGAIN) {
		question->host->until_ms = question->until_ms;
		return AGAIN;
	}
	dl_fail(scope, DL_LIMITED, "%s wants fewer requests",
		dl_text_quote(&scope->arena, question->host->name));
	scope->error.retry_after_s = seconds;
	scope->error.status = question->ask.res.status;
	dl_fail_hint(scope, "try later, or with --per-host 2");
	return fail(question);
}

/* The server does not seem to understand. */
static enum fate doubt(struct question *question)
{
	if (!question->host->speaks && ++question->host->doubts >= DOUBTS)
		question->host->mute = true;
	return TO_GIT;
}

static enum fate read_refs(struct question *question)
{
	const struct dl_res *res = &question->ask.res;
	struct dl_scope *scope = &question->job->scope;
	const char *type = dl_http_header(&scope->arena, res, "content-type");
	struct dl_lsrefs refs;
	struct dl_scope attempt;
	int result;

	if (!type || strcasecmp(type, "application/x-git-upload-pack-result") != 0)
		return doubt(question);
	dl_scope_open(&attempt, NULL);
	result = dl_lsrefs_read(&attempt, res->body, res->len, &refs);
	if (result == 1) {
		question->host->speaks = true;
		question->step = dl_sync_job_judge(question->job, &refs);
	}
	dl_scope_close(&attempt);
	return result == 1 ? JUDGED : doubt(question);
}

static enum fate judge(struct question *question)
{
	const struct dl_res *res = &question->ask.res;
	long seconds;

	if (question->ask.failure)
		return explain_silence(question);
	switch (res->status) {
	case 200:
		return read_refs(question);
	case 301:
	case 302:
	case 307:
	case 308:
		return follow(question);
	case 401:
		return show_credential(question);
	default:
		break;
	}
	seconds = dl_quota_limited(&question->job->scope, res->status, res->head);
	if (seconds >= 0)
		return slow_down(question, seconds);
	return res->status >= 500 ? try_later(question, 0) : doubt(question);
}

/* ------------------------------------------------------------------ the round */

/* Takes out of line what may be asked now, and asks it; what its server does not understand, or cannot be
 * asked, is returned instead. NULL: none. */
static struct question *send_waiting(struct dl_sync_ask *ask)
{
	struct question **link = &ask->waiting, *question, *before = NULL;
	int64_t now = dl_time_clock_ms();

	while ((question = *link) && ask->under_way < MOST_UNDER_WAY) {
		if (question->until_ms > now || question->host->until_ms > now ||
		    question->host->under_way >= MOST_OF_ONE) {
			before = question;
			link = &question->next;
			continue;
		}
		*link = question->next;
		if (ask->last == question)
			ask->last = before;
		if (question->host->mute || question->host->down)
			return question;
		send(ask, question);
	}
	return NULL;
}

/* How long until the first of those that wait may be asked. */
static int pause_ms(const struct dl_sync_ask *ask, int timeout_ms)
{
	int64_t now = dl_time_clock_ms(), pause = timeout_ms, until;
	const struct question *question;

	if (ask->under_way >= MOST_UNDER_WAY)
		return timeout_ms;
	for (question = ask->waiting; question; question = question->next) {
		if (question->host->under_way >= MOST_OF_ONE)
			continue;
		until = question->until_ms > question->host->until_ms ? question->until_ms
								      : question->host->until_ms;
		if (until - now < pause)
			pause = until - now;
	}
	return pause < 1 ? 1 : (int)pause;
}

/* What comes after QUESTION has met FATE. */
static struct dl_sync_told told(struct dl_sync_ask *ask, struct question *question, enum fate fate)
{
	struct dl_sync_job *job = question->job;

	if (fate == AGAIN) {
		line_up(ask, question, question->until_ms);
		return (struct dl_sync_told){.job = NULL};
	}
	if (fate == TO_GIT)
		return (struct dl_sync_told){job, DL_SYNC_WORK};
	return (struct dl_sync_told){job, job->action ? DL_SYNC_DONE : question->step};
}

struct dl_sync_told dl_sync_ask_next(struct dl_sync_ask *ask, int fd, int timeout_ms)
{
	struct question *question = send_waiting(ask);
	struct dl_http_ask *http;

	if (question && question->host->down) {
		question->ask.unreachable = true;
		question->ask.failure = "it could not be reached before";
		return told(ask, question, explain_silence(question));
	}
	if (question)
		return told(ask, question, TO_GIT);
	http = dl_http_many_next(ask->many, fd, pause_ms(ask, timeout_ms));
	if (!http)
		return (struct dl_sync_told){.job = NULL};
	question = http->about;
	ask->under_way--;
	question->host->under_way--;
	return told(ask, question, judge(question));
}
