/* porcelain: `git push --porcelain`, run in the foreground: what git says of each ref. */
#ifndef DL_PORCELAIN_H
#define DL_PORCELAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/data/opt.h"
#include "lib/push/ancestor.h"

struct dl_git_config;
struct dl_push;
struct dl_scope;

/* The command line, taken apart. */
struct dl_porcelain_args {
	struct dl_opt_list ours; /* argv[0], then the options of the calling program, with their values */
	struct dl_opt_list git;  /* all else, for git push */
	const char *where;       /* of those the remote; NULL: git knows which */
	struct dl_ancestor flags; /* what git's options say; what is set here is passed on to it */
};

/* dl_porcelain_split(scope, sets, count, argc, argv, args): takes ARGV apart: the options of the tables in
 * SETS, as they stand there, letters joined or not, are ours, and everything else is git's, in order; all of
 * it behind `--`. Pure. */
void dl_porcelain_split(struct dl_scope *scope, const struct dl_opt_set *sets, size_t count, int argc,
			char **argv, struct dl_porcelain_args *args);

struct dl_porcelain {
	struct dl_push *pushes; /* as git tells them, those to one URL together */
	size_t count;
	int status;             /* git's exit code */
};

/* dl_porcelain_run(scope, args, watched, porcelain): runs git push with the arguments .git of ARGS: on the
 * terminal, if there is one, where it may ask and show its progress. With WATCHED the gate that it runs
 * leaves the rest to this program. What each ref is, here and there, is looked up afterwards. DL_REFUSED when
 * a signal has ended it, DL_MISSING, DL_SYSTEM; DL_DATA when it prints more than can be kept. */
DL_MUST_CHECK int dl_porcelain_run(struct dl_scope *scope, const struct dl_porcelain_args *args, bool watched,
				   struct dl_porcelain *porcelain);

#endif
