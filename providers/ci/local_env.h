/* local_env: the environment of a workflow. */
#ifndef DL_LOCAL_ENV_H
#define DL_LOCAL_ENV_H

#include "lib/data/record.h"

struct dl_scope;

/* dl_local_env_set(scope, run, artifacts): makes this process's environment that of the workflow of RUN: what
 * speaks of the repository we come from is gone; CI=true, DEVLOOP_CI=local, DL_RUN_ID, DL_RUN_ATTEMPT,
 * DL_SHA, DL_BRANCH (empty: of no branch), DL_EVENT, DL_WORKFLOW, DL_ARTIFACTS (the path ARTIFACTS) and, for
 * each input, DL_INPUT_NAME in upper case with '_' for '-' are there. Only for the runner, which has one
 * thread. */
void dl_local_env_set(struct dl_scope *scope, const struct dl_run *run, const char *artifacts);

#endif
