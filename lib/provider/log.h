/* log: from the bytes that a provider keeps to lines that people and programs read.
 *
 * A cooked log has no byte order mark, no time stamps, no terminal escapes, and the provider's own marks are
 * replaced by words; a raw one is left as it is. Hostile bytes never reach a terminal unless asked for with
 * `--raw`. */
#ifndef DL_LOG_H
#define DL_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/writer.h"

struct dl_job;
struct dl_sink;

/* Text at the beginning of a line that has a meaning to the provider, and what is shown in its place. */
struct dl_log_mark {
	const char *text;  /* NULL ends the table */
	const char *shown; /* NULL: the line is left out */
};

/* How a provider writes its logs. */
struct dl_log_format {
	bool stamped; /* each line begins with an RFC 3339 time and a space */
	bool streams; /* after the time stand the number and kind of the stream, "00O " or "01E+" */
	bool returns; /* a carriage return takes back what stands before it in the line */
	const struct dl_log_mark *marks; /* NULL: none */
};

struct dl_log_kept;

/* What becomes of a log on its way. */
struct dl_log {
	struct dl_writer writer; /* give this to the provider */
	const struct dl_log_format *format;
	const struct dl_job *job;     /* whose log it is */
	struct dl_writer *text;  /* takes the result as text */
	struct dl_sink *lines;        /* takes it as `log` records instead, when not NULL */
	bool raw;
	bool colour;                  /* colours stay */
	long tail;                    /* only so many lines at the end; 0: all */
	struct dl_buf part;           /* a line whose end has not come yet */
	int64_t number;               /* of the lines so far */
	struct dl_log_kept *kept;     /* with .tail: the last lines, a ring */
	int64_t kept_count;           /* lines that ever went through it */
	bool overlong;                /* the line went over its cap: its rest is dropped */
};

/* dl_log_open(log, scope): prepares LOG, whose settings the caller has made and whose memory is SCOPE's. */
void dl_log_open(struct dl_log *log, struct dl_scope *scope);

/* dl_log_close(scope, log): passes on the last line, if it has no end, and what .tail kept. As a writer. */
DL_MUST_CHECK int dl_log_close(struct dl_scope *scope, struct dl_log *log);

#endif
