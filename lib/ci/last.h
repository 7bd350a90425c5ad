/* last: the last verdict on each branch of each project, and on commits that are checked out, on disk.
 *
 * A verdict is a file with its line in the folder "last" of dl_folder_state, whoever asked and from where;
 * when it was true is when the file was changed. The file "devloop/last" in a repository's git folder has
 * the line of the last verdict that was asked about it, and so says which project it is. Files are private,
 * and complete or not there. What is no line of a verdict on what was asked for counts as not there. */
#ifndef DL_LAST_H
#define DL_LAST_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/fail.h"

struct dl_scope;
struct dl_verdict;

/* dl_last_keep(verdict, branch, common_dir): VERDICT is the last one on BRANCH; "" is the default one,
 * whatever its name; NULL: on its commit, whichever branch has that. COMMON_DIR is the git folder that the
 * working trees share of the repository that was asked about; NULL: the project was named. That it cannot be
 * written is no reason to fail. */
void dl_last_keep(const struct dl_verdict *verdict, const char *branch, const char *common_dir);

/* What is known of a branch. */
struct dl_last {
	bool asked;                       /* there has been a verdict on some branch of the repository */
	const struct dl_verdict *verdict; /* NULL: there has been none on this one */
	int64_t time;                     /* when it was true */
};

/* dl_last_find(scope, common_dir, branch, sha): the last verdict on BRANCH of the repository with that
 * folder; with BRANCH NULL on the commit SHA: the last that was asked about anything there will do, when it
 * is of it. */
struct dl_last dl_last_find(struct dl_scope *scope, const char *common_dir, const char *branch,
			    const char *sha);

/* dl_last_news(scope, verdict, branch, common_dir, keep): 1 when the word of VERDICT is another one than at
 * the last news of BRANCH, or there has been none yet; with KEEP it is the last one then. That things are
 * under way is no news but the first time. 0: no news. -1: DL_CONFIG: no folder of this user is known;
 * DL_SYSTEM: it cannot be kept. BRANCH may be a commit, too. */
DL_MUST_CHECK int dl_last_news(struct dl_scope *scope, const struct dl_verdict *verdict, const char *branch,
			       const char *common_dir, bool keep);

/* dl_last_lock_path(scope, common_dir): the file that programs lock that ask about the repository by
 * themselves; NULL (no failure): no folder of this user is known, or it cannot be made. */
const char *dl_last_lock_path(struct dl_scope *scope, const char *common_dir);

#endif
