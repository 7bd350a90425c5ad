/* merges: the pull request that a commit came by, where only the merge names it. */
#ifndef DL_MERGES_H
#define DL_MERGES_H

struct dl_history;
struct dl_scope;

/* dl_merges_number(scope, history): sets .pr of each commit that a merge has brought, of several the first,
 * to the number of the pull request that the message of that merge names; NULL: it names none. */
void dl_merges_number(struct dl_scope *scope, struct dl_history *history);

#endif
