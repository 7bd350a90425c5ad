/* spool: bytes that wait for their turn in a file without a name, so that what is fetched at once can be
 * printed in order. */
#ifndef DL_SPOOL_H
#define DL_SPOOL_H

#include <stdio.h>

#include "lib/base/fail.h"
#include "lib/base/writer.h"

struct dl_spool {
	struct dl_writer writer;
	FILE *file; /* NULL: nothing has been written */
};

/* dl_spool_open(spool): SPOOL is empty; close it. */
void dl_spool_open(struct dl_spool *spool);

/* dl_spool_replay(scope, spool, writer): writes all that came in to WRITER. Returns as a writer does. */
DL_MUST_CHECK int dl_spool_replay(struct dl_scope *scope, struct dl_spool *spool,
				  struct dl_writer *writer);

/* dl_spool_close(spool): the bytes are gone. */
void dl_spool_close(struct dl_spool *spool);

#endif
