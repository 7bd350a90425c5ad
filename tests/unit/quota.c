#include "lib/net/quota.h"

#include "lib/base/scope.h"
#include "lib/base/time.h"
#include "tests/unit/check.h"

enum { DAY_S = 86400 };

static struct dl_scope scope;

/* What an answer with this HEAD says is left; -1: nothing. */
static int64_t left(const char *head)
{
	struct dl_quota quota;

	return dl_quota_read(&scope, head, &quota) ? quota.left : -1;
}

/* In how many seconds it says that there are more; -1: it does not. */
static int64_t reset(const char *head)
{
	struct dl_quota quota;

	return dl_quota_read(&scope, head, &quota) && quota.reset_s != DL_TIME_NONE
		       ? quota.reset_s - dl_time_now()
		       : -1;
}

static int64_t limited(int status, const char *head)
{
	return dl_quota_limited(&scope, status, head);
}

/* The clock may go on between the two sides. */
static void check_about(const char *name, int64_t got, int64_t want)
{
	check_true("about", name, got <= want && got >= want - 1);
}

static void test_read(void)
{
	static const char dated[] = "Date: Wed, 14 Jan 2026 10:30:00 GMT\nX-RateLimit-Remaining: 0\n"
				    "X-RateLimit-Reset: 1768386690\n"; /* 10:31:30 */

	check_int("left", "nothing is said", left("Content-Type: x\n"), -1);
	check_int("left", "with a prefix", left("HTTP/2 200\r\nx-ratelimit-remaining: 17\r\n"), 17);
	check_int("left", "without", left("RateLimit-Remaining: 3\n"), 3);
	check_int("left", "no number", left("RateLimit-Remaining: many\n"), -1);
	check_int("left", "negative", left("RateLimit-Remaining: -1\n"), -1);
	check_int("reset", "is not said", reset("RateLimit-Remaining: 3\n"), -1);
	check_about("seconds", reset("RateLimit-Remaining: 3\nRateLimit-Reset: 60\n"), 60);
	check_about("a moment, by the server's clock", reset(dated), 90);
	check_about("a moment that is over",
		    reset("RateLimit-Remaining: 3\nRateLimit-Reset: 1000000001\n"), 1);
	check_about("in milliseconds, by mistake",
		    reset("X-RateLimit-Remaining: 3\nX-RateLimit-Reset: 1768386690000\n"), DAY_S);
	check_about("more than a day", reset("RateLimit-Remaining: 3\nRateLimit-Reset: 999999999\n"), DAY_S);
}

static void test_limited(void)
{
	static const char used_up[] = "x-ratelimit-remaining: 0\nx-ratelimit-reset: 60\n";

	check_int("limited", "not a refusal", limited(200, used_up), -1);
	check_int("limited", "no quota is spoken of", limited(403, ""), -1);
	check_int("limited", "there is some left", limited(403, "x-ratelimit-remaining: 1\n"), -1);
	check_about("used up", limited(403, used_up), 60);
	check_int("limited", "used up, without a time", limited(403, "x-ratelimit-remaining: 0\n"), -1);
	check_int("limited", "429 alone", limited(429, ""), 0);
	check_int("limited", "seconds", limited(503, "Retry-After: 7\n"), 7);
	check_int("limited", "too many", limited(503, "Retry-After: 864000\n"), DAY_S);
	check_about("a date", limited(429, "Date: Wed, 14 Jan 2026 10:30:00 GMT\n"
					   "Retry-After: Wed, 14 Jan 2026 10:30:20 GMT\n"), 20);
	check_int("limited", "a full quota is filled at once", limited(403, "ratelimit-remaining: 0\n"
									    "ratelimit-reset: 0\n"), 1);
}

static bool parses(const char *text, struct dl_quota *quota)
{
	return dl_quota_parse(dl_arena_string(&scope.arena, text), quota);
}

static void test_text(void)
{
	static const char *const foreign[] = {"",
					      "devloop quota 1 ",
					      "devloop quota 1 5\n",
					      "devloop quota 1 5 9",
					      "devloop quota 1 -5 9\n",
					      "devloop quota 1 5 -9\n",
					      "devloop quota 1 5 9\n\n",
					      "devloop quota 2 5 9\n",
					      NULL};
	struct dl_quota quota = {.left = 5, .reset_s = 1768386690}, copy;
	size_t i;

	check_true("text", "what is written can be read",
		   parses(dl_quota_encode(&scope.arena, &quota), &copy));
	check_true("text", "and is the same", copy.left == 5 && copy.reset_s == 1768386690);
	for (i = 0; foreign[i]; i++)
		check_true("foreign", foreign[i], !parses(foreign[i], &copy));
}

int main(void)
{
	dl_scope_open(&scope, NULL);
	test_read();
	test_limited();
	test_text();
	dl_scope_close(&scope);
	return check_end("quota");
}
