/* posthook: running the user's hook `post-push`, which git does not have: found and run as git does with the
 * hooks that it has. */
#ifndef DL_POSTHOOK_H
#define DL_POSTHOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dl_scope;

struct dl_posthook {
	const char *program;  /* that runs it, for the event log */
	const char *dir;      /* the top of the working tree, or the git dir */
	const char *remote, *url, *verdict; /* its arguments */
	const char *lines;    /* what it reads on standard input */
	size_t len;
	int64_t took_s;       /* since the push, for its environment */
	bool ours;            /* where the user has none, the one that comes with DevLoop is run */
	bool heard;           /* what it prints goes to stderr; else nowhere */
};

/* dl_posthook_run(scope, posthook): runs the commands of git's configuration whose event is post-push, in
 * their order, then the file post-push in the hooks dir, which must be executable; or ours. Each has its own
 * copy of the lines, and ten minutes. Nothing else of the repository is executed. One line of the event log
 * for each: how it ended. */
void dl_posthook_run(struct dl_scope *scope, const struct dl_posthook *posthook);

#endif
