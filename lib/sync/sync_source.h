/* sync_source: which repositories a program run is about, from its command line, a file or standard input. */
#ifndef DL_SYNC_SOURCE_H
#define DL_SYNC_SOURCE_H

#include <stdbool.h>

#include "lib/base/fail.h"
#include "lib/data/opt.h"

struct dl_repos;
struct dl_scope;
struct dl_sync;
struct dl_tool;

/* What the command line says of them. */
struct dl_sync_source {
	const char *file;   /* NULL: where it is looked for */
	const char *folder; /* of all clones; NULL: the working directory */
	const char *tier, *ref, *filter, *shard; /* NULL: not given */
	long depth;         /* below 0: not given */
	bool submodules, lfs, bare, mirror;
	struct dl_opt_list allowed; /* schemes */
};

/* dl_sync_source_read(scope, tool, source, repos, sync): the operands of TOOL and SOURCE as REPOS, those
 * selected that are meant, and the folder of all in SYNC. DL_CONFIG: there is no file, or something is wrong
 * in it, which has been told on stderr; DL_USAGE; DL_MISSING: nothing came in, or there is no such name. */
DL_MUST_CHECK int dl_sync_source_read(struct dl_scope *scope, struct dl_tool *tool,
				      const struct dl_sync_source *source, struct dl_repos *repos,
				      struct dl_sync *sync);

#endif
