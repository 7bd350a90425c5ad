/* scope: where the results of a call live, and where its failure goes.
 *
 * The first parameter of everything that can fail or returns memory. A result lives until the scope that was
 * passed in is closed. A sub-scope per page and per item keeps memory flat however long a list is. A scope
 * belongs to one thread. */
#ifndef DL_SCOPE_H
#define DL_SCOPE_H

#include "lib/base/arena.h"
#include "lib/base/fail.h"

struct dl_scope {
	struct dl_arena arena;
	struct dl_error error; /* .class is DL_OK until something failed */
	struct dl_scope *parent;
};

/* dl_scope_open(scope, parent): makes SCOPE empty. PARENT, which must outlive it, gets its failure; NULL:
 * nobody does. */
void dl_scope_open(struct dl_scope *scope, struct dl_scope *parent);

/* dl_scope_close(scope): frees every result. A failure moves to the parent, unless the parent has failed
 * already. Returns 0, or -1 when SCOPE had failed, so that `return dl_scope_close(&page);` ends a
 * function. */
int dl_scope_close(struct dl_scope *scope);

#endif
