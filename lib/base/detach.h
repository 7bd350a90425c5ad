/* detach: starting a program that lives on by itself, and holds nothing of its caller. */
#ifndef DL_DETACH_H
#define DL_DETACH_H

#include "lib/base/fail.h"

struct dl_scope;

struct dl_detach {
	const char *path;        /* absolute */
	const char *const *argv; /* ends with NULL */
	const char *const *env;  /* changes to this program's environment, as struct dl_proc has them; NULL:
				  * none */
	const char *dir;         /* its working directory; NULL: this one */
	int fd;                  /* becomes its descriptor DL_DETACH_FD; -1: none does */
};

enum { DL_DETACH_FD = 3 };

/* dl_detach_start(scope, detach): starts it, and waits for nothing. It leads a session without a terminal,
 * has /dev/null for the descriptors 0 to 2 and none but .fd beyond, ignores SIGHUP, and has every other
 * signal as by default: nobody who waits for the end of a pipe, or of this program, waits for it. DL_SYSTEM.
 * */
DL_MUST_CHECK int dl_detach_start(struct dl_scope *scope, const struct dl_detach *detach);

#endif
