/* lint: what is wrong with commit messages, by Conventional Commits 1.0.0 and the types that a project has.
 */
#ifndef DL_LINT_H
#define DL_LINT_H

#include "lib/base/fail.h"

struct dl_changelog_query;
struct dl_opt_list;
struct dl_out;
struct dl_scope;

/* dl_lint_run(scope, query, operands, out): prints a `check` record for each fault to OUT, or a line of text,
 * as compilers print theirs, where OUT does not print lines. When OPERANDS are one, the name of a file, which
 * counts from the folder of QUERY, it is looked at: one message, as git hands it to the hook commit-msg,
 * without comments, and what stands below the scissors. Otherwise it is the messages of what QUERY asks
 * about, the oldest first, merges excepted. A draft in a file may be one that `git rebase --autosquash` will
 * melt into another commit. Returns how many faults there are. -1: as dl_changelog_open; DL_DATA: the file
 * has a NUL in it, or is larger than DL_CAP_BODY; DL_SYSTEM. */
DL_MUST_CHECK int dl_lint_run(struct dl_scope *scope, const struct dl_changelog_query *query,
			      const struct dl_opt_list *operands, struct dl_out *out);

#endif
