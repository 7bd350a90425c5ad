/* Days are counted with Howard Hinnant's formulas (https://howardhinnant.github.io/date_algorithms.html):
 * years begin in March, so that the leap day is the last one. mktime, timegm and strptime know locales, zones
 * and years that fit a platform; this does not.
 *
 * Texts are read by a cursor that remembers that it failed: a parser names its parts in order and asks
 * once, at the end. */
#include "lib/base/time.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include "lib/base/arena.h"
#include "lib/base/text.h"

enum {
	MINUTE = 60,
	HOUR = 60 * MINUTE,
	DAY = 24 * HOUR,
	WEEK = 7 * DAY,
	ERA_YEARS = 400, /* after which the calendar repeats */
	ERA_DAYS = 146097,
	EPOCH_DAY = 719468, /* 1970-01-01 counted from 0000-03-01 */
	YEAR_MAX = 9999,
};

struct civil {
	int64_t year;
	int month, day, hour, minute, second;
};

/* What is left of a text; NULL: it was not what it should be. */
struct cursor {
	const char *at;
};

static const char *const months[] = {
	"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", NULL,
};
static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", NULL};
static const char *const long_days[] = {
	"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", NULL,
};

#ifdef CLOCK_BOOTTIME
static const clockid_t steady_clock = CLOCK_BOOTTIME;
#else
static const clockid_t steady_clock = CLOCK_MONOTONIC;
#endif

int64_t dl_time_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec;
}

int64_t dl_time_clock_ms(void)
{
	struct timespec now;

	clock_gettime(steady_clock, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void dl_time_sleep_ms(int64_t ms)
{
	struct timespec span = {.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000};

	if (ms > 0)
		nanosleep(&span, NULL);
}

static int64_t floor_div(int64_t value, int64_t by)
{
	return value / by - (value % by < 0);
}

static int64_t days_from_civil(int64_t year, int month, int day)
{
	int64_t era, year_of_era, day_of_year;

	year -= month <= 2;
	era = floor_div(year, ERA_YEARS);
	year_of_era = year - era * ERA_YEARS;
	day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	return era * ERA_DAYS + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
	       EPOCH_DAY;
}

static struct civil civil_from_time(int64_t time)
{
	int64_t day = floor_div(time, DAY), era, day_of_era, year_of_era, day_of_year, month;
	int second = (int)(time - day * DAY);
	struct civil civil = {0};

	civil.hour = second / HOUR;
	civil.minute = second / MINUTE % 60;
	civil.second = second % MINUTE;
	day += EPOCH_DAY;
	era = floor_div(day, ERA_DAYS);
	day_of_era = day - era * ERA_DAYS;
	year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	month = (5 * day_of_year + 2) / 153;
	civil.day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
	civil.month = (int)(month < 10 ? month + 3 : month - 9);
	civil.year = era * ERA_YEARS + year_of_era + (civil.month <= 2);
	return civil;
}

static int month_length(int64_t year, int month)
{
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return lengths[month - 1] + (month == 2 && leap);
}

static int64_t time_from_civil(const struct civil *civil)
{
	if (civil->month < 1 || civil->month > 12 || civil->day < 1 ||
	    civil->day > month_length(civil->year, civil->month))
		return DL_TIME_NONE;
	if (civil->hour > 23 || civil->minute > 59 || civil->second > 60)
		return DL_TIME_NONE;
	return days_from_civil(civil->year, civil->month, civil->day) * DAY + civil->hour * HOUR +
	       civil->minute * MINUTE + civil->second;
}

/* Takes one of the characters of SET and returns it. */
static char take(struct cursor *cursor, const char *set)
{
	char taken = cursor->at ? *cursor->at : '\0';

	if (taken && strchr(set, taken)) {
		cursor->at++;
		return taken;
	}
	cursor->at = NULL;
	return '\0';
}

/* Takes exactly COUNT digits and returns their number. */
static int digits(struct cursor *cursor, int count)
{
	int value = 0;

	while (count-- > 0)
		value = value * 10 + take(cursor, "0123456789") - '0';
	return cursor->at ? value : 0;
}

static void literal(struct cursor *cursor, const char *text)
{
	size_t len = strlen(text);

	if (cursor->at)
		cursor->at = strncmp(cursor->at, text, len) == 0 ? cursor->at + len : NULL;
}

/* Takes one of WORDS and returns its place in the list. */
static int word(struct cursor *cursor, const char *const *words)
{
	int i;

	for (i = 0; cursor->at && words[i]; i++) {
		if (strncmp(cursor->at, words[i], strlen(words[i])) == 0) {
			cursor->at += strlen(words[i]);
			return i;
		}
	}
	cursor->at = NULL;
	return 0;
}

static bool at_end(const struct cursor *cursor)
{
	return cursor->at && !*cursor->at;
}

static void take_date(struct cursor *cursor, struct civil *civil)
{
	civil->year = digits(cursor, 4);
	take(cursor, "-");
	civil->month = digits(cursor, 2);
	take(cursor, "-");
	civil->day = digits(cursor, 2);
}

static void take_clock(struct cursor *cursor, struct civil *civil)
{
	civil->hour = digits(cursor, 2);
	take(cursor, ":");
	civil->minute = digits(cursor, 2);
	take(cursor, ":");
	civil->second = digits(cursor, 2);
}

static void skip_fraction(struct cursor *cursor)
{
	if (!cursor->at || *cursor->at != '.')
		return;
	cursor->at++;
	digits(cursor, 1);
	while (cursor->at && isdigit((unsigned char)*cursor->at))
		cursor->at++;
}

/* Takes `Z` or an offset and returns its seconds east of UTC. */
static int64_t take_offset(struct cursor *cursor)
{
	char sign = take(cursor, "Zz+-");
	int hours, minutes;

	if (sign != '+' && sign != '-')
		return 0;
	hours = digits(cursor, 2);
	take(cursor, ":");
	minutes = digits(cursor, 2);
	if (hours > 23 || minutes > 59)
		cursor->at = NULL;
	return (sign == '-' ? -1 : 1) * (hours * HOUR + minutes * MINUTE);
}

/* Whether TIME is in the years 0000 to 9999, the only ones that RFC 3339 can write. */
static bool in_range(int64_t time)
{
	return time >= days_from_civil(0, 1, 1) * DAY && time < days_from_civil(YEAR_MAX + 1, 1, 1) * DAY;
}

int64_t dl_time_parse(const char *text)
{
	struct cursor cursor = {text};
	struct civil civil = {0};
	int64_t offset, time;

	take_date(&cursor, &civil);
	take(&cursor, "Tt");
	take_clock(&cursor, &civil);
	skip_fraction(&cursor);
	offset = take_offset(&cursor);
	if (!at_end(&cursor))
		return DL_TIME_NONE;
	time = time_from_civil(&civil);
	return time != DL_TIME_NONE && in_range(time - offset) ? time - offset : DL_TIME_NONE;
}

/* "Sun, 06 Nov 1994 08:49:37 GMT" */
static void take_imf(struct cursor *cursor, struct civil *civil)
{
	word(cursor, days);
	literal(cursor, ", ");
	civil->day = digits(cursor, 2);
	literal(cursor, " ");
	civil->month = word(cursor, months) + 1;
	literal(cursor, " ");
	civil->year = digits(cursor, 4);
	literal(cursor, " ");
	take_clock(cursor, civil);
	literal(cursor, " GMT");
}

/* "Sunday, 06-Nov-94 08:49:37 GMT" */
static void take_rfc850(struct cursor *cursor, struct civil *civil)
{
	int year;

	word(cursor, long_days);
	literal(cursor, ", ");
	civil->day = digits(cursor, 2);
	literal(cursor, "-");
	civil->month = word(cursor, months) + 1;
	literal(cursor, "-");
	year = digits(cursor, 2);
	civil->year = year + (year < 70 ? 2000 : 1900);
	literal(cursor, " ");
	take_clock(cursor, civil);
	literal(cursor, " GMT");
}

/* "Sun Nov  6 08:49:37 1994" */
static void take_asctime(struct cursor *cursor, struct civil *civil)
{
	word(cursor, days);
	literal(cursor, " ");
	civil->month = word(cursor, months) + 1;
	literal(cursor, " ");
	if (cursor->at && *cursor->at == ' ') {
		literal(cursor, " ");
		civil->day = digits(cursor, 1);
	} else {
		civil->day = digits(cursor, 2);
	}
	literal(cursor, " ");
	take_clock(cursor, civil);
	literal(cursor, " ");
	civil->year = digits(cursor, 4);
}

int64_t dl_time_parse_http(const char *text)
{
	static void (*const forms[])(struct cursor *, struct civil *) = {take_imf, take_rfc850, take_asctime};
	struct cursor cursor;
	struct civil civil;
	int64_t time;
	size_t i;

	for (i = 0; i < sizeof forms / sizeof *forms; i++) {
		cursor = (struct cursor){text};
		civil = (struct civil){0};
		forms[i](&cursor, &civil);
		if (!at_end(&cursor))
			continue;
		time = time_from_civil(&civil);
		return in_range(time) ? time : DL_TIME_NONE;
	}
	return DL_TIME_NONE;
}

static int64_t unit_seconds(char unit)
{
	switch (unit) {
	case 's':
		return 1;
	case 'm':
		return MINUTE;
	case 'h':
		return HOUR;
	case 'd':
		return DAY;
	case 'w':
		return WEEK;
	default:
		return 0;
	}
}

/* Takes digits and returns their number, or -1. */
static int64_t take_number(struct cursor *cursor)
{
	int64_t value = digits(cursor, 1);

	while (cursor->at && isdigit((unsigned char)*cursor->at))
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, *cursor->at++ - '0', &value))
			return -1;
	return cursor->at ? value : -1;
}

int64_t dl_time_parse_duration(const char *text)
{
	struct cursor cursor = {text};
	int64_t total = 0, part, unit, last = INT64_MAX;

	do {
		part = take_number(&cursor);
		if (part < 0)
			return -1;
		if (!*cursor.at && last == INT64_MAX)
			return part;
		unit = unit_seconds(*cursor.at++);
		if (!unit || unit >= last)
			return -1;
		last = unit;
		if (__builtin_mul_overflow(part, unit, &part) || __builtin_add_overflow(total, part, &total))
			return -1;
	} while (*cursor.at);
	return total;
}

static int64_t parse_date(const char *text)
{
	struct cursor cursor = {text};
	struct civil civil = {0};

	take_date(&cursor, &civil);
	return at_end(&cursor) ? time_from_civil(&civil) : DL_TIME_NONE;
}

int64_t dl_time_parse_since(const char *text, int64_t now)
{
	int64_t time = dl_time_parse(text), span;

	if (time == DL_TIME_NONE)
		time = parse_date(text);
	if (time != DL_TIME_NONE)
		return time;
	span = dl_time_parse_duration(text);
	if (span < 0 || __builtin_sub_overflow(now, span, &time) || !in_range(time))
		return DL_TIME_NONE;
	return time;
}

static void put_number(char *at, int number, int digits)
{
	for (; digits > 0; number /= 10)
		at[--digits] = (char)('0' + number % 10);
}

char *dl_time_format(struct dl_arena *arena, int64_t time)
{
	struct civil civil;
	char *text;

	if (!in_range(time))
		return NULL;
	civil = civil_from_time(time);
	text = dl_arena_string(arena, "0000-00-00T00:00:00Z");
	put_number(text, (int)civil.year, 4);
	put_number(text + 5, civil.month, 2);
	put_number(text + 8, civil.day, 2);
	put_number(text + 11, civil.hour, 2);
	put_number(text + 14, civil.minute, 2);
	put_number(text + 17, civil.second, 2);
	return text;
}

int64_t dl_time_between(int64_t from, int64_t to)
{
	return from == DL_TIME_NONE || to < from ? DL_INT_NONE : to - from;
}

char *dl_time_span(struct dl_arena *arena, int64_t seconds)
{
	static const struct {
		int64_t unit, below;
		char letter, minor;
	} steps[] = {{DAY, HOUR, 'd', 'h'}, {HOUR, MINUTE, 'h', 'm'}, {MINUTE, 1, 'm', 's'}};
	int64_t major, minor;
	size_t i;

	for (i = 0; i < sizeof steps / sizeof *steps; i++) {
		if (seconds < steps[i].unit)
			continue;
		major = seconds / steps[i].unit;
		minor = seconds % steps[i].unit / steps[i].below;
		if (minor)
			return dl_arena_format(arena, "%lld%c%lld%c", (long long)major, steps[i].letter,
					       (long long)minor, steps[i].minor);
		return dl_arena_format(arena, "%lld%c", (long long)major, steps[i].letter);
	}
	return dl_arena_format(arena, "%llds", seconds > 0 ? (long long)seconds : 0LL);
}
