/* preflight_git: the checks before a release that git answers, and the remote through git. */
#ifndef DL_PREFLIGHT_GIT_H
#define DL_PREFLIGHT_GIT_H

#include "lib/base/fail.h"

struct dl_preflight;

/* dl_preflight_git_look(flight): sets .head, .current, .remote, .listed and .unlisted. DL_USAGE: HEAD is no
 * commit. */
DL_MUST_CHECK int dl_preflight_git_look(struct dl_preflight *flight);

/* dl_preflight_git_tree(flight): nothing is left to be committed. Each check returns as dl_preflight_put. */
DL_MUST_CHECK int dl_preflight_git_tree(struct dl_preflight *flight);

/* dl_preflight_git_branch(flight): HEAD is on the branch that releases are made from. */
DL_MUST_CHECK int dl_preflight_git_branch(struct dl_preflight *flight);

/* dl_preflight_git_upstream(flight): the remote has the same commit on that branch. */
DL_MUST_CHECK int dl_preflight_git_upstream(struct dl_preflight *flight);

/* dl_preflight_git_tag(flight): the tag is free here and there, or stands at this commit. */
DL_MUST_CHECK int dl_preflight_git_tag(struct dl_preflight *flight);

#endif
