/* packages: files are published to a package registry, all or, where something is wrong with one of them,
 * none.
 *
 * Every file is read and checked before anything is sent. Those that are there already, by their hash, are
 * skipped, so that the same command run again completes what a failure has left. */
#ifndef DL_PACKAGES_H
#define DL_PACKAGES_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/fail.h"

struct dl_call;
struct dl_opt_list;
struct dl_scope;
struct dl_sink_list;

struct dl_packages {
	const char *name;    /* of the package, and its version, where the files do not say; NULL */
	const char *version;
	const char *tag;     /* the name that leads to it; NULL: as the registry has it */
	bool skip_existing;  /* a name that is taken is skipped, whatever is there */
	bool no_verify;      /* what was sent is not looked for */
	int64_t patience_s;  /* how long it may take to be seen */
};

/* dl_packages_publish(scope, call, packages, paths, plan): publishes the files at PATHS to the registry of
 * CALL; a `package` record of each goes to its sink, in their order, also where some have failed. With PLAN,
 * records as a dry run has put them, exactly what they say is done: PATHS, when there are any, must be
 * theirs, and every file, its digest and its place must be as they were. 0; 1: a dry run; -1: DL_REFUSED:
 * there are other files of these names, and nothing was sent, or PLAN cannot be carried out any more; the
 * class that all failed files have in common, else DL_NO. */
DL_MUST_CHECK int dl_packages_publish(struct dl_scope *scope, const struct dl_call *call,
				      const struct dl_packages *packages, const struct dl_opt_list *paths,
				      const struct dl_sink_list *plan);

/* dl_packages_plan(scope, plan): reads the `package` records of a dry run from standard input. DL_MISSING:
 * there is none; DL_DATA: a line is no such record. */
DL_MUST_CHECK int dl_packages_plan(struct dl_scope *scope, struct dl_sink_list *plan);

#endif
