/* proc: running other programs. Always an argument vector, never a shell. */
#ifndef DL_PROC_H
#define DL_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "lib/base/fail.h"

struct dl_writer;
struct dl_scope;

struct dl_proc {
	const char *const *argv; /* argv[0] is looked up on PATH, unless it has a slash; ends with NULL */
	const char *const *env;  /* "NAME=value" added to this program's environment, "NAME" removed from it;
				  * of several for one NAME the last counts; ends with NULL; NULL: as it is */
	const char *dir;   /* working directory, and what a relative argv[0] is relative to; NULL: this one */
	const char *input; /* what it reads on standard input; NULL: nothing */
	size_t input_len;
	const char *secret; /* a text that it, and what it starts, can read from /dev/fd/3, again and again;
			     * no argument, no variable and no file has it. NULL: none */
	size_t cap;     /* bytes of standard output; 0: DL_CAP_PROC of what is kept, any number of a stream */
	int timeout_ms; /* then it is killed, with its process group; 0: none */
	bool patient;   /* the time begins again with each piece of output */
	bool quiet;     /* its standard error goes nowhere; else to ours */
	bool foreground;   /* it is as near the terminal as this program: in its process group, and without
			    * .input   it reads our standard input */
	bool steady; /* no signal but SIGKILL ends it, and it goes on when this program dies: for what must
		      * not be left half done, and is done soon */
	size_t errors_cap; /* so many bytes of the end of its standard error are kept instead; 0: none */
};

struct dl_proc_result {
	int status;         /* exit code; 128 + N when signal N ended it */
	const char *output; /* standard output, NUL-terminated, in the scope or mapped; NULL: a stream */
	size_t len;
	const char *errors; /* the end of standard error, NUL-terminated, in the scope; NULL: not kept */
};

/* dl_proc_run(scope, proc, result): runs a program to its end, in a process group of its own unless
 * told otherwise, with every signal as by default and no descriptor but 0 to 2, and 3 for a secret. What it
 * leaves running is not waited for. One that does not read its input has not failed. On Linux it gets SIGTERM
 * when this program dies, unless it is steady. Threads may call this at once. 0 whatever its exit code;
 * DL_MISSING when there is no such program, or not the one that its "#!" names; DL_NETWORK when the time is
 * over, DL_DATA when it printed more than the cap (both end its group), DL_SYSTEM otherwise. */
DL_MUST_CHECK int dl_proc_run(struct dl_scope *scope, const struct dl_proc *proc,
			      struct dl_proc_result *result);

/* dl_proc_stream(scope, proc, writer, result): the same for a program whose standard output goes to WRITER
 * piece by piece, as it comes; the time that WRITER takes is not the program's. DL_ENOUGH when WRITER had
 * enough, whose failure is this one's; both end the program and its group. */
DL_MUST_CHECK int dl_proc_stream(struct dl_scope *scope, const struct dl_proc *proc,
				 struct dl_writer *writer, struct dl_proc_result *result);

/* dl_proc_map(scope, proc, result): the same for a program whose standard output is a file without a name,
 * however long: no piece of it wakes this program. .output is that file mapped, NUL-terminated, which may be
 * changed and is not in the scope: dl_proc_unmap it, unless this has failed. */
DL_MUST_CHECK int dl_proc_map(struct dl_scope *scope, const struct dl_proc *proc,
			      struct dl_proc_result *result);

/* dl_proc_unmap(output, len): the LEN bytes of OUTPUT that dl_proc_map has mapped are gone; NULL: nothing. */
void dl_proc_unmap(const char *output, size_t len);

/* dl_proc_environment(scope, changes): this program's environment after CHANGES, as .env of struct dl_proc
 * has them, for execve(2). */
char *const *dl_proc_environment(struct dl_scope *scope, const char *const *changes);

/* dl_proc_arguments(scope, argv): a copy of ARGV, which ends with NULL, for execve(2). */
char *const *dl_proc_arguments(struct dl_scope *scope, const char *const *argv);

/* dl_proc_find(scope, name): the path of the executable NAME on PATH; NULL (no failure): there is none, or
 * NAME has a slash. Relative and empty members of PATH are skipped: they could name a folder of the
 * repository. */
const char *dl_proc_find(struct dl_scope *scope, const char *name);

/* dl_proc_find_in(scope, path, name): the same on PATH, folders separated by ':'. */
const char *dl_proc_find_in(struct dl_scope *scope, const char *path, const char *name);

/* dl_proc_is_program(path): whether PATH is a file that may be executed. */
bool dl_proc_is_program(const char *path);

/* dl_proc_path(): the value of PATH, or the system's default. */
const char *dl_proc_path(void);

/* dl_proc_reset_signals(): in a child, before another program takes over: every signal does what it does by
 * default, and none is held back. Safe after fork. */
void dl_proc_reset_signals(void);

/* dl_proc_close_from(first): in a child: descriptor FIRST and all above are closed. Safe after fork. */
void dl_proc_close_from(int first);

#endif
