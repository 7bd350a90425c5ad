#include "lib/net/quota.h"

#include <string.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/net/head.h"

#define MAGIC "devloop quota 1 "

enum { DAY_S = 86400, SMALLEST_MOMENT = 1000000000 };

/* Seconds until the moment that an answer names by its own clock, which may differ from ours. */
static long seconds_until(struct dl_scope *scope, const char *head, int64_t moment)
{
	const char *date = dl_head_find(&scope->arena, head, "date", "");
	int64_t now = date ? dl_time_parse_http(date) : DL_TIME_NONE;

	if (now == DL_TIME_NONE)
		now = dl_time_now();
	return moment <= now ? 1 : moment - now > DAY_S ? DAY_S : (long)(moment - now);
}

/* The number in the header NAME with one of its prefixes; -1: there is none. */
static int64_t number(struct dl_scope *scope, const char *head, const char *prefix, const char *name)
{
	const char *header = dl_arena_format(&scope->arena, "%s-%s", prefix, name);
	int64_t value = dl_text_int(dl_head_find(&scope->arena, head, header, ""));

	return value < 0 ? -1 : value;
}

/* A reset is in seconds, or since 1970 when that large. */
bool dl_quota_read(struct dl_scope *scope, const char *head, struct dl_quota *quota)
{
	static const char *const prefixes[] = {"x-ratelimit", "ratelimit"};
	int64_t reset;
	size_t i;

	for (i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
		quota->left = number(scope, head, prefixes[i], "remaining");
		if (quota->left < 0)
			continue;
		reset = number(scope, head, prefixes[i], "reset");
		if (reset >= SMALLEST_MOMENT)
			reset = seconds_until(scope, head, reset);
		quota->reset_s = reset < 0 ? DL_TIME_NONE : dl_time_now() + (reset > DAY_S ? DAY_S : reset);
		return true;
	}
	return false;
}

long dl_quota_limited(struct dl_scope *scope, int status, const char *head)
{
	const char *after = dl_head_find(&scope->arena, head, "retry-after", "");
	struct dl_quota quota;
	int64_t seconds;

	if (status != 403 && status != 429 && status != 503)
		return -1;
	if (after && dl_text_int(after) >= 0)
		return dl_text_int(after) > DAY_S ? DAY_S : (long)dl_text_int(after);
	if (after && dl_time_parse_http(after) != DL_TIME_NONE)
		return seconds_until(scope, head, dl_time_parse_http(after));
	if (!dl_quota_read(scope, head, &quota) || quota.left != 0 || quota.reset_s == DL_TIME_NONE)
		return status == 429 ? 0 : -1;
	seconds = quota.reset_s - dl_time_now();
	return seconds > 1 ? (long)seconds : 1;
}

const char *dl_quota_encode(struct dl_arena *arena, const struct dl_quota *quota)
{
	return dl_arena_format(arena, MAGIC "%lld %lld\n", (long long)quota->left, (long long)quota->reset_s);
}

bool dl_quota_parse(char *text, struct dl_quota *quota)
{
	char *reset, *end;

	if (!dl_text_starts(text, MAGIC))
		return false;
	text += strlen(MAGIC);
	reset = strchr(text, ' ');
	end = reset ? strchr(reset, '\n') : NULL;
	if (!end || end[1])
		return false;
	*reset++ = *end = '\0';
	quota->left = dl_text_int(text);
	quota->reset_s = dl_text_int(reset);
	return quota->left >= 0 && quota->reset_s > 0;
}
