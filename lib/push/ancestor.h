/* ancestor: the `git push` that a hook runs for. It need not be the parent: hook managers and shells stand
 * between. */
#ifndef DL_ANCESTOR_H
#define DL_ANCESTOR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/base/fail.h"

struct dl_scope;

struct dl_ancestor {
	pid_t pid;          /* 0: there is none, or it cannot be told here */
	pid_t parent;       /* who started it */
	int64_t started;    /* in the system's own unit: with the pid it names the process for good */
	int end;            /* a descriptor from dl_ancestor_hold; 0: none */
	bool dry_run, quiet, no_verify, atomic, force;
};

/* dl_ancestor_find(scope, ancestor): the nearest process above this one that is `git ... push`, with what its
 * command line says; .pid is 0 when there is none. */
void dl_ancestor_find(struct dl_scope *scope, struct dl_ancestor *ancestor);

/* dl_ancestor_parse(argv, ancestor): whether ARGV, which ends with NULL, is that of `git push`; if so, sets
 * the flags that it has. */
bool dl_ancestor_parse(const char *const *argv, struct dl_ancestor *ancestor);

/* dl_ancestor_takes_value(option): whether OPTION of `git push`, one word, has its value in the next one. */
bool dl_ancestor_takes_value(const char *option);

/* dl_ancestor_hold(ancestor): a descriptor by which the end of ANCESTOR can be waited for, and which tells
 * how it ended although it may be over before; the caller closes it. -1: the system has no such thing. */
int dl_ancestor_hold(const struct dl_ancestor *ancestor);

/* How a process ended. */
struct dl_ancestor_end {
	bool known;  /* the system tells it to others than the parent; if not, the next is 0 */
	int status;  /* exit code; 128 + N when signal N ended it */
};

/* dl_ancestor_wait(scope, ancestor, timeout_ms, end): waits until ANCESTOR is over. 1: it is, also when it
 * had been before the call, and then how it ended is known only to who holds it; 0: not after TIMEOUT_MS.
 * DL_SYSTEM. */
DL_MUST_CHECK int dl_ancestor_wait(struct dl_scope *scope, const struct dl_ancestor *ancestor, int timeout_ms,
				   struct dl_ancestor_end *end);

#endif
