/* foreground: what comes after a push that somebody waits for, in the foreground. */
#ifndef DL_FOREGROUND_H
#define DL_FOREGROUND_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/fail.h"

struct dl_porcelain;
struct dl_scope;

struct dl_foreground {
	const char *program;   /* for messages and the event log */
	bool quiet;            /* nothing is told on stderr */
	bool hookless;         /* the user's hook post-push is not run */
	int64_t timeout_s;     /* for CI; 0: none */
	enum dl_class answer;  /* set by dl_foreground_watch: what CI says of all refs; DL_OK without any */
};

/* dl_foreground_tell(scope, foreground, porcelain): what git says of each ref, on stderr, for people. */
void dl_foreground_tell(struct dl_scope *scope, const struct dl_foreground *foreground,
			const struct dl_porcelain *porcelain);

/* dl_foreground_watch(scope, foreground, porcelain): what lib/push/aftermath.h does, for the refs to one URL
 * after the other, with a line that changes on a terminal. What the environment says of git's place counts no
 * longer after that. DL_CONFIG when there is no repository here, DL_SYSTEM. */
DL_MUST_CHECK int dl_foreground_watch(struct dl_scope *scope, struct dl_foreground *foreground,
				      const struct dl_porcelain *porcelain);

#endif
