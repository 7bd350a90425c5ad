#include "lib/base/time.h"

#include <signal.h>
#include <time.h>

#include "lib/base/arena.h"
#include "lib/base/text.h"
#include "tests/unit/check.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { T1994 = 784111777 };

struct row {
	const char *text;
	int64_t want;
};

static void test_parse(void)
{
	static const struct row rows[] = {
		{"1970-01-01T00:00:00Z", 0},
		{"1970-01-01t00:00:00z", 0},
		{"1969-12-31T23:59:59Z", -1},
		{"1969-12-31T23:59:59.999Z", -1},
		{"2026-01-14T10:30:00Z", 1768386600},
		{"2026-01-14T10:30:00.123456789Z", 1768386600},
		{"2026-01-14T10:30:00.9Z", 1768386600},
		{"2026-01-14T12:30:00+02:00", 1768386600},
		{"2026-01-14T05:00:00-05:30", 1768386600},
		{"2026-01-14T10:30:00-00:00", 1768386600},
		{"2026-01-15T10:29:00+23:59", 1768386600},
		{"2000-02-29T00:00:00Z", 951782400},
		{"2024-02-29T23:59:59Z", 1709251199},
		{"2024-12-31T23:59:60Z", 1735689600},
		{"0000-01-01T00:00:00Z", -62167219200},
		{"9999-12-31T23:59:59Z", 253402300799},
		{"2038-01-19T03:14:08Z", 2147483648},
		{"0000-01-01T00:00:00+00:01", DL_TIME_NONE},
		{"9999-12-31T23:59:59-00:01", DL_TIME_NONE},
		{"9999-12-31T23:59:60Z", DL_TIME_NONE},
		{"1900-02-29T00:00:00Z", DL_TIME_NONE},
		{"2023-02-29T00:00:00Z", DL_TIME_NONE},
		{"2024-02-30T00:00:00Z", DL_TIME_NONE},
		{"2024-04-31T00:00:00Z", DL_TIME_NONE},
		{"2024-00-01T00:00:00Z", DL_TIME_NONE},
		{"2024-13-01T00:00:00Z", DL_TIME_NONE},
		{"2024-01-00T00:00:00Z", DL_TIME_NONE},
		{"2024-01-32T00:00:00Z", DL_TIME_NONE},
		{"2024-01-01T24:00:00Z", DL_TIME_NONE},
		{"2024-01-01T00:60:00Z", DL_TIME_NONE},
		{"2024-01-01T00:00:61Z", DL_TIME_NONE},
		{"2024-01-01T00:00:00", DL_TIME_NONE},
		{"2024-01-01T00:00:00.Z", DL_TIME_NONE},
		{"2024-01-01T00:00:00,5Z", DL_TIME_NONE},
		{"2024-01-01 00:00:00Z", DL_TIME_NONE},
		{"2024-01-01T00:00:00Z ", DL_TIME_NONE},
		{" 2024-01-01T00:00:00Z", DL_TIME_NONE},
		{"2024-01-01T00:00:00ZZ", DL_TIME_NONE},
		{"2024-01-01T00:00:00+0100", DL_TIME_NONE},
		{"2024-01-01T00:00:00+24:00", DL_TIME_NONE},
		{"2024-01-01T00:00:00+01:60", DL_TIME_NONE},
		{"2024-01-01T00:00:00+1:00", DL_TIME_NONE},
		{"2024-1-01T00:00:00Z", DL_TIME_NONE},
		{"24-01-01T00:00:00Z", DL_TIME_NONE},
		{"02024-01-01T00:00:00Z", DL_TIME_NONE},
		{"-024-01-01T00:00:00Z", DL_TIME_NONE},
		{"2024-01-01T00:00Z", DL_TIME_NONE},
		{"2024-01-01", DL_TIME_NONE},
		{"now", DL_TIME_NONE},
		{"", DL_TIME_NONE},
		{NULL, DL_TIME_NONE},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		check_int("parse", rows[i].text, dl_time_parse(rows[i].text), rows[i].want);
}

static void test_parse_http(void)
{
	static const struct row rows[] = {
		{"Sun, 06 Nov 1994 08:49:37 GMT", T1994},
		{"Sunday, 06-Nov-94 08:49:37 GMT", T1994},
		{"Sun Nov  6 08:49:37 1994", T1994},
		{"Sun Nov 16 08:49:37 1994", T1994 + 10 * 86400},
		{"Sun Nov 06 08:49:37 1994", T1994},
		{"Thu, 01 Jan 1970 00:00:00 GMT", 0},
		{"Thursday, 01-Jan-70 00:00:00 GMT", 0},
		{"Tuesday, 31-Dec-69 23:59:59 GMT", 3155759999},
		{"Thu, 29 Feb 2024 23:59:60 GMT", 1709251200},
		{"Thu, 29 Feb 2023 00:00:00 GMT", DL_TIME_NONE},
		{"Sun, 6 Nov 1994 08:49:37 GMT", DL_TIME_NONE},
		{"Sun, 06 Nov 94 08:49:37 GMT", DL_TIME_NONE},
		{"Sun, 06 nov 1994 08:49:37 GMT", DL_TIME_NONE},
		{"Sun, 06 Nov 1994 08:49:37 UTC", DL_TIME_NONE},
		{"Sun, 06 Nov 1994 08:49:37 +0000", DL_TIME_NONE},
		{"Sun, 06 Nov 1994 08:49:37", DL_TIME_NONE},
		{"Sun, 06 Nov 1994 08:49:37 GMT ", DL_TIME_NONE},
		{"Foo, 06 Nov 1994 08:49:37 GMT", DL_TIME_NONE},
		{"Sun, 00 Nov 1994 08:49:37 GMT", DL_TIME_NONE},
		{"Sun, 06 Nov 1994 24:49:37 GMT", DL_TIME_NONE},
		{"Fri, 31 Dec 9999 23:59:60 GMT", DL_TIME_NONE},
		{"Sunday, 06-Nov-1994 08:49:37 GMT", DL_TIME_NONE},
		{"Sun, 06-Nov-94 08:49:37 GMT", DL_TIME_NONE},
		{"Sun Nov 6 08:49:37 1994", DL_TIME_NONE},
		{"Sun Nov  6 08:49:37 1994 GMT", DL_TIME_NONE},
		{"1994-11-06T08:49:37Z", DL_TIME_NONE},
		{"120", DL_TIME_NONE},
		{"", DL_TIME_NONE},
		{NULL, DL_TIME_NONE},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		check_int("parse_http", rows[i].text, dl_time_parse_http(rows[i].text), rows[i].want);
}

static void test_parse_duration(void)
{
	static const struct row rows[] = {
		{"0", 0},
		{"90", 90},
		{"90s", 90},
		{"15m", 900},
		{"2h", 7200},
		{"1d", 86400},
		{"1w", 604800},
		{"1h30m", 5400},
		{"1w2d3h4m5s", 788645},
		{"0h5s", 5},
		{"9223372036854775807", INT64_MAX},
		{"9223372036854775808", -1},
		{"99999999999999999w", -1},
		{"15250284452471w9223372036854775807s", -1},
		{"", -1},
		{"h", -1},
		{"-5", -1},
		{"+5", -1},
		{"5x", -1},
		{"1.5h", -1},
		{"1h30", -1},
		{"30m1h", -1},
		{"1h1h", -1},
		{"1h 30m", -1},
		{" 1h", -1},
		{"1h ", -1},
		{"1H", -1},
		{NULL, -1},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		check_int("parse_duration", rows[i].text, dl_time_parse_duration(rows[i].text), rows[i].want);
}

static void test_parse_since(void)
{
	static const struct row rows[] = {
		{"2026-01-14T10:30:00Z", 1768386600},
		{"2026-01-14", 1768348800},
		{"0", 1768386600},
		{"1h", 1768383000},
		{"1d12h", 1768257000},
		{"2026-02-30", DL_TIME_NONE},
		{"2026-01-14T", DL_TIME_NONE},
		{"2026-01", DL_TIME_NONE},
		{"yesterday", DL_TIME_NONE},
		{"9223372036854775807", DL_TIME_NONE},
		{"15000000000000w", DL_TIME_NONE},
		{"", DL_TIME_NONE},
		{NULL, DL_TIME_NONE},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		check_int("parse_since", rows[i].text, dl_time_parse_since(rows[i].text, 1768386600),
			  rows[i].want);
}

static void test_format(struct dl_arena *arena)
{
	static const struct {
		int64_t time;
		const char *want;
	} rows[] = {
		{0, "1970-01-01T00:00:00Z"},
		{-1, "1969-12-31T23:59:59Z"},
		{1768386600, "2026-01-14T10:30:00Z"},
		{951782400, "2000-02-29T00:00:00Z"},
		{951868800, "2000-03-01T00:00:00Z"},
		{-2203891201, "1900-02-28T23:59:59Z"},
		{-2203891200, "1900-03-01T00:00:00Z"},
		{-62167219200, "0000-01-01T00:00:00Z"},
		{253402300799, "9999-12-31T23:59:59Z"},
		{-62167219201, NULL},
		{253402300800, NULL},
		{DL_TIME_NONE, NULL},
		{INT64_MAX, NULL},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		check_text("format", rows[i].want, dl_time_format(arena, rows[i].time), rows[i].want);
}

/* Every day of 800 years, against the C library, and back through the parser. */
static void test_every_day(struct dl_arena *arena)
{
	const int64_t first = -11676096000, days = 292194; /* 1600-01-01, two eras */
	int64_t day, time;
	char want[32];
	struct tm tm;
	time_t at;
	bool same = true;

	for (day = 0; day < days && same; day++) {
		time = first + day * 86400 + day % 86400;
		at = (time_t)time;
		gmtime_r(&at, &tm);
		strftime(want, sizeof want, "%Y-%m-%dT%H:%M:%SZ", &tm);
		same = strcmp(dl_time_format(arena, time), want) == 0 && dl_time_parse(want) == time;
		dl_arena_free(arena);
	}
	check_int("every day", "1600 to 2399", day, days);
}

static void test_span(struct dl_arena *arena)
{
	static const struct {
		int64_t seconds;
		const char *want;
	} rows[] = {
		{0, "0s"},        {42, "42s"},       {59, "59s"},      {60, "1m"},         {190, "3m10s"},
		{3599, "59m59s"}, {3600, "1h"},      {3659, "1h"},     {7500, "2h5m"},     {86399, "23h59m"},
		{86400, "1d"},    {273600, "3d4h"},  {90000, "1d1h"},  {89999, "1d"},      {34560000, "400d"},
		{-1, "0s"},       {INT64_MIN, "0s"}, {INT64_MAX, "106751991167300d15h"},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		check_text("span", rows[i].want, dl_time_span(arena, rows[i].seconds), rows[i].want);
}

static void test_between(void)
{
	static const struct {
		const char *name;
		int64_t from, to, want;
	} rows[] = {
		{"a while", 100, 142, 42},
		{"no time", 100, 100, 0},
		{"before 1970", -50, 50, 100},
		{"backwards", 100, 99, DL_INT_NONE},
		{"no begin", DL_TIME_NONE, 100, DL_INT_NONE},
		{"no end", 100, DL_TIME_NONE, DL_INT_NONE},
		{"neither", DL_TIME_NONE, DL_TIME_NONE, DL_INT_NONE},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		check_int("between", rows[i].name, dl_time_between(rows[i].from, rows[i].to), rows[i].want);
}

static void ignore(int signal)
{
	(void)signal;
}

static void test_clocks(void)
{
	struct sigaction action = {.sa_handler = ignore};
	const struct timespec soon = {.tv_nsec = 50 * 1000000};
	struct itimerspec alarm = {.it_value = soon, .it_interval = soon};
	int64_t start = dl_time_clock_ms();
	timer_t timer;

	dl_time_sleep_ms(0);
	dl_time_sleep_ms(-1000);
	check_true("sleep_ms", "no time for no time", dl_time_clock_ms() - start < 500);
	dl_time_sleep_ms(30);
	check_true("sleep_ms", "30 ms are 30 ms", dl_time_clock_ms() - start >= 29);
	start = time(NULL);
	check_true("now", "is the system's time", dl_time_now() >= start && dl_time_now() <= start + 60);
	sigaction(SIGALRM, &action, NULL);
	check_int("sleep_ms", "a timer", timer_create(CLOCK_MONOTONIC, NULL, &timer), 0);
	timer_settime(timer, 0, &alarm, NULL);
	start = dl_time_clock_ms();
	dl_time_sleep_ms(20000);
	check_true("sleep_ms", "a signal ends it", dl_time_clock_ms() - start < 10000);
	timer_delete(timer);
}

int main(void)
{
	struct dl_arena arena = {0};

	test_parse();
	test_parse_http();
	test_parse_duration();
	test_parse_since();
	test_format(&arena);
	test_every_day(&arena);
	test_between();
	test_span(&arena);
	test_clocks();
	dl_arena_free(&arena);
	return check_end("time");
}
