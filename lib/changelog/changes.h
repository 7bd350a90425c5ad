/* changes: what the commits of a group say, as records: their types and sections, and which of them a
 * changelog does not tell. */
#ifndef DL_CHANGES_H
#define DL_CHANGES_H

#include <stddef.h>

#include "lib/data/record.h"
#include "lib/data/semver.h"

struct dl_changelog;
struct dl_changelog_group;
struct dl_scope;

struct dl_changes {
	struct dl_change *items; /* one for each commit of the group, in its order */
	size_t count;
};

/* dl_changes_read(scope, log, group, changes): reads the messages of GROUP. A change without a .section is
 * not told: a merge (unless only first parents are followed), a revert of a commit of the group and that
 * commit, one whose first line and author are those of a newer one, one whose type has no heading, an empty
 * message. The results live in SCOPE, and no longer than LOG. */
void dl_changes_read(struct dl_scope *scope, const struct dl_changelog *log,
		     const struct dl_changelog_group *group, struct dl_changes *changes);

/* dl_changes_complete(scope, log, change): sets what CHANGE has beside what its commit says: who and where it
 * is, and its page. */
void dl_changes_complete(struct dl_scope *scope, const struct dl_changelog *log, struct dl_change *change);

/* dl_changes_bump(changes): what the changes ask of the next version: something that breaks, a feature, any
 * commit at all. */
enum dl_semver_bump dl_changes_bump(const struct dl_changes *changes);

#endif
