/* verdict: what the runs, checks and statuses of a commit amount to. */
#ifndef DL_VERDICT_H
#define DL_VERDICT_H

#include "lib/base/fail.h"
#include "lib/data/opt.h"
#include "lib/data/record.h"

struct dl_scope;
struct dl_sink_list;
struct dl_target;

/* What must be there, by the name of a workflow, a run or a check. */
struct dl_demand {
	struct dl_opt_list require; /* each must be a success */
	struct dl_opt_list expect;  /* each must have appeared; "auto": what the files of the commit start for
				       certain */
	const char *own; /* the run that asks, which does not count: its id; NULL: none does */
};

/* dl_verdict_demand(scope, target, given): GIVEN, what the command line demands; where it requires nothing,
 * that is the list `require` of TARGET's committed configuration. */
struct dl_demand dl_verdict_demand(struct dl_scope *scope, const struct dl_target *target,
				   const struct dl_demand *given);

/* dl_verdict_judge(scope, runs, demand, verdict): fills in what RUNS, a list of struct dl_run, say: verdict,
 * ref, status, conclusion, counts, name, url, metadata. Of each workflow and event only the newest attempt of
 * the newest run counts; the worst of these decides. What DEMAND names (NULL: nothing) and is not there makes
 * it DL_VERDICT_UNREGISTERED, as no runs at all do, which the caller may know better; where the run that asks
 * is the only one it is DL_VERDICT_NONE. Pure. */
void dl_verdict_judge(struct dl_scope *scope, const struct dl_sink_list *runs,
		      const struct dl_demand *demand, struct dl_verdict *verdict);

/* dl_verdict_ask(scope, target, sha, branch, demand): the verdict for commit SHA, from the provider: 1
 * request or what its `commit` slot needs, and more only where the answer hangs on it (was a cancelled run
 * overtaken? is CI configured at all?). BRANCH may be NULL. NULL: failed. */
struct dl_verdict *dl_verdict_ask(struct dl_scope *scope, const struct dl_target *target, const char *sha,
				  const char *branch, const struct dl_demand *demand);

/* dl_verdict_progress(scope, verdict, waited_s): how far things are, for a person who has waited for so many
 * seconds. */
const char *dl_verdict_progress(struct dl_scope *scope, const struct dl_verdict *verdict, int64_t waited_s);

/* dl_verdict_of_run(run): the verdict that RUN alone would be. */
enum dl_verdict_word dl_verdict_of_run(const struct dl_run *run);

/* dl_verdict_class(verdict): the exit code that goes with it. */
enum dl_class dl_verdict_class(int verdict);

#endif
