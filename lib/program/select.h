/* select: from what the user named to the runs and commits that are meant. */
#ifndef DL_SELECT_H
#define DL_SELECT_H

#include "lib/base/fail.h"
#include "lib/git/repo.h"
#include "lib/provider/provider.h"

struct dl_call;
struct dl_scope;

/* dl_select_runs(scope, target, ref, ids): the ids of the runs that REF stands for: a run for itself, a
 * commit for its newest runs, one per workflow and event. DL_MISSING when a commit has none; DL_USAGE for
 * other kinds. */
DL_MUST_CHECK int dl_select_runs(struct dl_scope *scope, const struct dl_target *target,
				 const struct dl_ref *ref, struct dl_names *ids);

/* dl_select_each(scope, call, work): WORK for each run that CALL's ref stands for, until it answers something
 * else than 0, which is the answer then. Of the runs of a commit, one that WORK refuses (DL_REFUSED), or that
 * has nothing of what is asked for (DL_MISSING, not by the server), is noted and does not keep the others
 * from it: that is a failure only when it goes for all of them. */
DL_MUST_CHECK int dl_select_each(struct dl_scope *scope, const struct dl_call *call,
				 int (*work)(struct dl_scope *scope, const struct dl_call *call,
					     const char *id));

/* The commit that is judged. */
struct dl_subject {
	const char *branch; /* NULL: it was not named by one */
	const char *sha;    /* full */
	const char *tip_of; /* the branch that it is the tip of; "": the default one; NULL: any commit */
	bool checked_out; /* HEAD is at it, and on no branch */
	int ahead; /* commits that HEAD has and the remote has not; 0: none, or that is not the question */
};

/* dl_select_commit(scope, call, branch, commit, subject): the commit that CALL's ref, COMMIT, BRANCH or this
 * place stands for. A branch is its tip on the remote: the tracking ref where there is one, else as the
 * server says; for a serverless provider, HEAD. */
DL_MUST_CHECK int dl_select_commit(struct dl_scope *scope, const struct dl_call *call, const char *branch,
				   const char *commit, struct dl_subject *subject);

#endif
