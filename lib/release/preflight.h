/* preflight: whether a commit is ready to be released under a version: questions to the working tree, its
 * history, its files, CI, the forge and the registry. All of them are asked, whatever the others say. */
#ifndef DL_PREFLIGHT_H
#define DL_PREFLIGHT_H

#include <stdbool.h>

#include "lib/base/fail.h"
#include "lib/ci/verdict.h"
#include "lib/data/record.h"
#include "lib/release/project.h"

struct dl_repo;
struct dl_scope;
struct dl_target;
struct dl_tool;

/* What is asked for. All but .given may be NULL or false. */
struct dl_preflight_wish {
	const char *given;     /* the version, or the tag of it */
	const char *prefix;    /* what tags have before the version; NULL: as the configuration has it */
	const char *branch;    /* that releases are made from; NULL: the remote's default branch */
	const char *changelog; /* the path in the commit; NULL: one of the usual names */
	const char *package;   /* its name in the registry; NULL: as its files say */
	struct dl_demand demand; /* of CI */
	bool wait;             /* for CI to be done */
};

/* What is known. Lives in .scope. */
struct dl_preflight {
	const struct dl_preflight_wish *wish;
	struct dl_tool *tool;
	struct dl_scope *scope;
	struct dl_repo *repo;
	const char *dir;       /* where git is run; NULL: here */
	const char *head;      /* the commit */
	const char *current;   /* the branch; NULL: HEAD is on none */
	const char *remote;    /* NULL: there is none */
	const char *listed;    /* what the remote has, as `git ls-remote` prints it; NULL: it was not told */
	const char *unlisted;  /* why not; NULL: there is no remote */
	const char *prefix;    /* that tags have; "": none */
	const char *version;   /* without prefix and 'v' */
	const char *tag;       /* "v1.2.0" */
	struct dl_project project;
	const struct dl_target *target; /* the check is about; NULL: about what is here */
	bool among;            /* it is one of several, and named */
	bool failed;           /* a check has */
};

/* dl_preflight_put(flight, status, name, hint, format, ...): prints what the check NAME has found; HINT may
 * be NULL. As dl_sink_put. */
DL_MUST_CHECK int dl_preflight_put(struct dl_preflight *flight, enum dl_check_word status, const char *name,
				   const char *hint, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* dl_preflight_command(flight, status, name, command, format, ...): the same of a check that COMMAND, for a
 * shell, mends or says more of; NULL: none does. */
DL_MUST_CHECK int dl_preflight_command(struct dl_preflight *flight, enum dl_check_word status,
				       const char *name, const char *command, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

#endif
