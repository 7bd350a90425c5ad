/* github: what the files of the GitHub provider share. */
#ifndef DL_GITHUB_H
#define DL_GITHUB_H

#include "lib/provider/rest.h"

/* dl_github_workflow_runs: the runs of {workflow}, newest first; takes {branch}, {head_sha}, {status},
 * {event}, {actor}, {created}, {exclude_pull_requests} and {per_page}. */
extern const struct dl_route dl_github_workflow_runs;

#endif
