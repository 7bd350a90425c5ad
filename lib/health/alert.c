#include "lib/health/alert.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/health/stats.h"

enum { MOST_SUBJECTS = 1024, MOST_DETAIL = 200 };

/* Who may fail. */
struct dl_alert_subject {
	struct dl_alert_subject *next;
	const char *provider, *host; /* both NULL: dl-sync */
	int64_t since;               /* of the first failure after the last success; DL_TIME_NONE: none */
	int64_t good;                /* of the last success; DL_TIME_NONE: none */
	int64_t failures;            /* since then */
	char class[16], detail[MOST_DETAIL]; /* of the last failure */
};

static struct dl_alert_subject *find_subject(struct dl_alert *alert, const char *provider, const char *host)
{
	struct dl_alert_subject **link = &alert->subjects, *subject;
	size_t count = 0;

	for (; *link; link = &(*link)->next, count++)
		if (dl_text_same((*link)->provider, provider) && dl_text_same((*link)->host, host))
			return *link;
	if (count == MOST_SUBJECTS)
		return NULL;
	subject = dl_arena_alloc(&alert->scope->arena, sizeof *subject);
	subject->provider = dl_arena_string(&alert->scope->arena, provider);
	subject->host = dl_arena_string(&alert->scope->arena, host);
	subject->since = subject->good = DL_TIME_NONE;
	*link = subject;
	return subject;
}

static void keep(char *room, size_t size, const char *text)
{
	size_t len = strnlen(text ? text : "", size - 1);

	while (len && text[len] && ((unsigned char)text[len] & 0xC0) == 0x80)
		len--;
	memcpy(room, text ? text : "", len);
	room[len] = '\0';
}

static void note(struct dl_alert_subject *subject, const struct dl_event *event, bool failed)
{
	if (!subject)
		return;
	if (!failed) {
		subject->since = DL_TIME_NONE;
		subject->good = event->time;
		subject->failures = 0;
		return;
	}
	if (subject->since == DL_TIME_NONE)
		subject->since = event->time;
	subject->failures++;
	keep(subject->class, sizeof subject->class, event->class);
	keep(subject->detail, sizeof subject->detail, event->detail);
}

/* What ends before anybody is asked says nothing of who would have been. */
void dl_alert_add(struct dl_alert *alert, const struct dl_event *event)
{
	if (dl_text_in(event->class, "usage,config,unsupported"))
		return;
	if (dl_text_same(event->operation, "sync")) {
		if (!dl_text_same(event->class, "pending"))
			note(find_subject(alert, NULL, NULL), event, !dl_text_same(event->class, "ok"));
	} else if (event->provider && (event->requests > 0 || dl_stats_failed(event->class))) {
		note(find_subject(alert, event->provider, event->host), event,
		     dl_stats_failed(event->class) && !dl_text_same(event->class, "refused"));
	}
}

static int state_of(const struct dl_alert_subject *subject, int64_t now, int64_t after_s)
{
	return subject->since == DL_TIME_NONE	 ? DL_CHECK_PASS
	       : now - subject->since >= after_s ? DL_CHECK_FAIL
						 : DL_CHECK_WARN;
}

static int put_subject(struct dl_scope *scope, const struct dl_alert_subject *subject, int state, int64_t now,
		       struct dl_sink *sink)
{
	struct dl_check *check = dl_schema_new(scope, &dl_record_check);
	struct dl_arena *arena = &scope->arena;

	check->provider = subject->provider;
	check->host = subject->host;
	check->name = subject->provider ? dl_arena_format(arena, "%s at %s", subject->provider,
							  subject->host ? subject->host : "this machine")
					: "sync";
	check->status = state;
	if (state == DL_CHECK_PASS)
		check->message = dl_arena_format(arena, "the last time, %s ago, it went well",
						 dl_time_span(arena, now - subject->good));
	else
		check->message = dl_arena_format(arena, "has failed for %s, since %s: %s, %lld time%s",
						 dl_time_span(arena, now - subject->since),
						 dl_time_format(arena, subject->since), subject->class,
						 (long long)subject->failures,
						 subject->failures == 1 ? "" : "s");
	if (state != DL_CHECK_PASS && *subject->detail)
		check->detail = subject->detail;
	if (state != DL_CHECK_PASS)
		check->command = subject->provider ? "dl-doctor" : "dl-sync --status";
	return dl_sink_put(sink, scope, &dl_record_check, check);
}

int dl_alert_put(struct dl_scope *scope, const struct dl_alert *alert, int64_t now, int64_t after_s,
		 struct dl_sink *sink)
{
	static const int order[] = {DL_CHECK_FAIL, DL_CHECK_WARN, DL_CHECK_PASS};
	const struct dl_alert_subject *subject;
	int result = DL_MORE, failures = 0;
	size_t i;

	for (i = 0; i < sizeof order / sizeof *order; i++)
		for (subject = alert->subjects; subject; subject = subject->next) {
			if (state_of(subject, now, after_s) != order[i])
				continue;
			failures += order[i] == DL_CHECK_FAIL;
			if (result == DL_MORE)
				result = put_subject(scope, subject, order[i], now, sink);
		}
	return result < 0 ? -1 : failures;
}
