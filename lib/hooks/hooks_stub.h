/* hooks_stub: the text of the hooks that dl-hooks installs, and how it is known again.
 *
 * Its second line has a checksum of all that follows: what has it was written by DevLoop, in whatever
 * version, and by nobody else since. A push goes when the program is missing or breaks: only its exit code 1
 * stops. */
#ifndef DL_HOOKS_STUB_H
#define DL_HOOKS_STUB_H

#include <stdbool.h>
#include <stddef.h>

struct dl_scope;

/* A file that runs dl-gate. */
struct dl_hooks_stub {
	const char *program; /* the absolute path of dl-gate; where it is gone, the one on PATH is run */
	bool chained;        /* then runs the hook that was there before, DL_HOOKS_STUB_PREVIOUS, with the
			      * same arguments and lines */
	bool guarded;        /* leaves dl-gate to a git that runs it by its configuration */
};

#define DL_HOOKS_STUB_PREVIOUS "pre-push.dl-prev"

/* dl_hooks_stub_text(scope, stub): the file. NULL: DL_UNSUPPORTED, as dl_digest_hex. */
const char *dl_hooks_stub_text(struct dl_scope *scope, const struct dl_hooks_stub *stub);

/* dl_hooks_stub_copy(scope, event, script): SCRIPT, the hook EVENT that comes with DevLoop, with the line by
 * which it is known again. NULL: the same. */
const char *dl_hooks_stub_copy(struct dl_scope *scope, const char *event, const char *script);

enum dl_hooks_stub_kind {
	DL_HOOKS_STUB_NONE,   /* it is not DevLoop's */
	DL_HOOKS_STUB_INTACT, /* it is; at most its line ends are other ones */
	DL_HOOKS_STUB_EDITED, /* it was */
};

/* dl_hooks_stub_match(scope, text): what the file TEXT is. */
enum dl_hooks_stub_kind dl_hooks_stub_match(struct dl_scope *scope, const char *text);

/* dl_hooks_stub_is_chained(text): whether an intact TEXT runs the hook that was there before. */
bool dl_hooks_stub_is_chained(const char *text);

/* dl_hooks_stub_command(scope, program): the value of hook.NAME.command that runs PROGRAM, an absolute path:
 * git has a shell read it, and adds the arguments. */
const char *dl_hooks_stub_command(struct dl_scope *scope, const char *program);

/* dl_hooks_stub_is_command(scope, command): whether COMMAND is such a value, for whatever program. */
bool dl_hooks_stub_is_command(struct dl_scope *scope, const char *command);

/* dl_hooks_stub_program(scope, text): the program that an intact TEXT, or such a value, names; NULL: none. */
const char *dl_hooks_stub_program(struct dl_scope *scope, const char *text);

#endif
