/* sync: many repositories are brought into step with their servers, and what became of each is told as soon
 * as it is known. */
#ifndef DL_SYNC_H
#define DL_SYNC_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/fail.h"

struct dl_opt_list;
struct dl_repos;
struct dl_scope;
struct dl_tool;

struct dl_sync {
	const char *root;         /* the folder of all */
	const char *status_path;  /* NULL: what became of them is kept in no file */
	const char *on_failure; /* a shell command that gets the lines of what was skipped or failed; NULL */
	const struct dl_opt_list *allowed; /* schemes besides https and ssh */
	long width;               /* so many calls of git at once */
	long per_host;            /* and so many for one server, connections included */
	bool clone, pull;         /* only what is missing; only what is there. Both: neither */
	bool force;               /* mirrors follow what has been rewritten or deleted */
	bool hooks;               /* those of the user run */
	bool alone;               /* it is about one repository: its failure is the program's */
};

/* dl_sync_run(scope, tool, repos, sync): brings the selected ones of REPOS into step: prints a dl_sync_line
 * for each, in the order in which they finish, and a dl_summary. 0, also when some have failed: that is the
 * answer of TOOL. DL_SYSTEM: the status file, or standard output, cannot be written. */
DL_MUST_CHECK int dl_sync_run(struct dl_scope *scope, struct dl_tool *tool, const struct dl_repos *repos,
			      const struct dl_sync *sync);

/* dl_sync_list(scope, tool, repos): prints the selected ones as dl_repo_line records. */
DL_MUST_CHECK int dl_sync_list(struct dl_scope *scope, struct dl_tool *tool, const struct dl_repos *repos);

#endif
