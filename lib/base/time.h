/* time: instants as seconds since 1970-01-01T00:00:00Z, durations as seconds. Proleptic Gregorian, no leap
 * seconds, no locale, no time zone database. Pure but for the three that ask or use the clock. Every
 * parser takes NULL for a text that is none. */
#ifndef DL_TIME_H
#define DL_TIME_H

#include <stdint.h>

struct dl_arena;

#define DL_TIME_NONE INT64_MIN

/* dl_time_now(): the wall clock, in seconds. */
int64_t dl_time_now(void);

/* dl_time_clock_ms(): milliseconds of a clock that never jumps and that counts while the machine sleeps,
 * for deadlines. */
int64_t dl_time_clock_ms(void);

/* dl_time_sleep_ms(ms): waits; less when a signal handler ran meanwhile; not at all when MS is not
 * positive. */
void dl_time_sleep_ms(int64_t ms);

/* dl_time_parse(text): an RFC 3339 time ("2026-01-14T10:30:00Z", any offset, any fraction, cut) in the
 * years 0000 to 9999 UTC; DL_TIME_NONE if it is not one. A second 60 is the second after 59. */
int64_t dl_time_parse(const char *text);

/* dl_time_parse_http(text): an HTTP date in any of the three forms of RFC 9110, section 5.6.7, in the same
 * years; DL_TIME_NONE if it is not one. The day of the week is not compared with the date; years of two
 * digits are 1970 to 2069. */
int64_t dl_time_parse_http(const char *text);

/* dl_time_parse_duration(text): "90", "90s", "15m", "2h", "1d", "1w", "1h30m" in seconds; -1 if it is not
 * one, or does not fit. Several units stand in falling order. */
int64_t dl_time_parse_duration(const char *text);

/* dl_time_parse_since(text, now): an RFC 3339 time, a date ("2026-01-14", its midnight UTC) or a duration
 * before NOW; DL_TIME_NONE if it is none of them. */
int64_t dl_time_parse_since(const char *text, int64_t now);

/* dl_time_format(arena, time): "2026-01-14T10:30:00Z"; NULL for DL_TIME_NONE and for all years but 0000 to
 * 9999. */
char *dl_time_format(struct dl_arena *arena, int64_t time);

/* dl_time_between(from, to): the seconds from one time to a later one; DL_INT_NONE: one of them is not known,
 * or they are in the wrong order. */
int64_t dl_time_between(int64_t from, int64_t to);

/* dl_time_span(arena, seconds): a duration for people, one or two units: "42s", "3m10s", "2h5m", "3d4h";
 * "0s" when negative. */
char *dl_time_span(struct dl_arena *arena, int64_t seconds);

#endif
