/* tool: the frame of every program: options, where to ask, records in, records out, signals, the event line,
 *the exit code.
 *
 *	int main(int argc, char **argv)
 *	{
 *		struct options options = {0};
 *		struct dl_tool tool;
 *
 *		if (dl_tool_begin(&tool, &program, argc, argv, &options) == 0)
 *			dl_tool_each(&tool, list_jobs);
 *		return dl_tool_end(&tool);
 *	}
 */
#ifndef DL_TOOL_H
#define DL_TOOL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/fail.h"
#include "lib/base/scope.h"
#include "lib/data/opt.h"
#include "lib/net/http.h"
#include "lib/program/out.h"
#include "lib/program/program.h"
#include "lib/provider/target.h"

struct dl_tool {
	const struct dl_program *program;
	void *options;            /* the program's own */
	struct dl_common common;
	struct dl_opt_list operands;
	struct dl_scope scope;    /* lives as long as the program */
	struct dl_out out;
	struct dl_http *http;
	struct dl_finder finder;
	int64_t started_ms;
	int64_t deadline_ms;      /* of dl_time_clock_ms; 0: none */
	enum dl_class answer;     /* what a program without a failure exits with */
	bool done;                /* there is nothing to do: help was printed, or the command line is wrong */
	size_t answered;          /* items that were handled */
	const struct dl_target *about; /* who is asked, for the event log: of several what they have in
					* common, the rest is NULL; NULL: nobody */
	const char *detail;       /* the error's message, for the event log */
	bool discreet; /* set before the work: a failure is no answer. It makes no line, with -q no message
			* either, and is the exit code only where no item has an answer but DL_OK */
	enum dl_class failure;    /* of the item that failed last, when .discreet */
	atomic_bool progress;     /* the changing line is on the terminal */
};

/* One call of a program's function: what it is about, and where the results go. */
struct dl_call {
	struct dl_tool *tool;
	const void *options;             /* the program's own */
	const struct dl_target *target;
	const struct dl_ref *ref;        /* NULL: this place, without a ref */
	const char *about;               /* what came in, for people; NULL: this place */
	struct dl_sink *sink;
	struct dl_writer *text;     /* for bytes that are no records */
	enum dl_class
		*answer; /* what this one item is answered with: DL_OK, DL_NO, DL_PENDING or DL_MISSING */
};

/* dl_tool_begin(tool, program, argc, argv, options): reads the command line into the common options and into
 * OPTIONS, which holds the defaults, and prepares the rest. 0: go on; 1: help or version was printed; -1:
 * failed. dl_tool_end is due in every case. */
DL_MUST_CHECK int dl_tool_begin(struct dl_tool *tool, const struct dl_program *program, int argc, char **argv,
				void *options);

/* dl_tool_each(tool, work): calls WORK for every ref that comes in, or once for this place when none is due.
 * Refs are worked on several at a time; what they print keeps their order. When there is but one, its failure
 * is the program's. Of several, each failure becomes a line of type `error` in its place, is told on stderr,
 * and the program goes on and answers "no". WORK returns 0, 1 (the sink has enough, or a dry run) or -1. */
void dl_tool_each(struct dl_tool *tool, int (*work)(struct dl_scope *scope, const struct dl_call *call));

/* dl_tool_here(tool, work): calls WORK once for this place; the operands are WORK's own. */
void dl_tool_here(struct dl_tool *tool, int (*work)(struct dl_scope *scope, const struct dl_call *call));

/* dl_tool_all(tool, work): calls WORK once, with a call for each ref that comes in, when all have come. Refs
 * that lead nowhere are told as dl_tool_each tells them. */
void dl_tool_all(struct dl_tool *tool,
		 int (*work)(struct dl_scope *scope, const struct dl_call *calls, size_t count));

/* dl_tool_tell(scope, call, error): tells the failure of one thing among several: on stderr, and as a line of
 * type `error`. As dl_sink_put. */
DL_MUST_CHECK int dl_tool_tell(struct dl_scope *scope, const struct dl_call *call,
			       const struct dl_error *error);

/* dl_tool_note(tool, format, ...): a line on stderr for people, unless -q. */
void dl_tool_note(struct dl_tool *tool, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* dl_tool_progress(tool, format, ...): replaces the one changing line on stderr, when that is a terminal and
 * not -q; NULL removes it. */
void dl_tool_progress(struct dl_tool *tool, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* dl_tool_path(scope, tool, path): PATH as the user means it: -C moves what is relative. */
const char *dl_tool_path(struct dl_scope *scope, const struct dl_tool *tool, const char *path);

/* dl_tool_paths(scope, tool, paths): the same of all of them. */
struct dl_opt_list dl_tool_paths(struct dl_scope *scope, const struct dl_tool *tool,
				 const struct dl_opt_list *paths);

/* dl_tool_expired(tool, pause_ms): whether the deadline comes before a pause of that length would be over. */
bool dl_tool_expired(const struct dl_tool *tool, int64_t pause_ms);

/* dl_tool_end(tool): prints what waits, reports a failure, writes the event line, frees everything. Returns
 * the exit code. */
int dl_tool_end(struct dl_tool *tool);

#endif
