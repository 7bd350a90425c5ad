/* verdict: what the runs, checks and statuses of a commit amount to. */
#ifndef DL_VERDICT_H
#define DL_VERDICT_H

#include "lib/fail.h"
#include "lib/record.h"

struct dl_opt_list;
struct dl_scope;
struct dl_sink_list;
struct dl_target;

/* dl_verdict_judge(scope, runs, require, verdict): fills in what RUNS, a list of struct dl_run, say: verdict,
 * ref, status, conclusion, counts, name, url, metadata. Of each workflow and event only the newest attempt of
 * the newest run counts; the worst of these decides. Each name in REQUIRE (NULL: none), a workflow's, a run's
 * or a check's, must be there and be a success. No runs at all is DL_VERDICT_UNREGISTERED, which the caller
 * may know better. Pure. */
void dl_verdict_judge(struct dl_scope *scope, const struct dl_sink_list *runs,
		      const struct dl_opt_list *require, struct dl_verdict *verdict);

/* dl_verdict_ask(scope, target, sha, branch, require): the verdict for commit SHA, from the provider: 1
 * request or what its `commit` slot needs, and more only where the answer hangs on it (was a cancelled run
 * overtaken? is CI configured at all?). BRANCH may be NULL. NULL: failed. */
struct dl_verdict *dl_verdict_ask(struct dl_scope *scope, const struct dl_target *target, const char *sha,
				  const char *branch, const struct dl_opt_list *require);

/* dl_verdict_class(verdict): the exit code that goes with it. */
enum dl_class dl_verdict_class(int verdict);

#endif
