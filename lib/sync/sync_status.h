/* sync_status: the file that says what became of all repositories the last time.
 *
 *	{"timestamp": "2026-01-14T10:30:00Z", "action": "pull_all",
 *	 "results": {"micro": {"success": true, "message": "Updated", ...}, ...},
 *	 "summary": {"total": 2, "succeeded": 1, "failed": 1, ...}}
 *
 * It is written beside as results come, and takes its name when the last one has. */
#ifndef DL_SYNC_STATUS_H
#define DL_SYNC_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "lib/base/fail.h"

struct dl_opt_list;
struct dl_scope;
struct dl_sync_line;
struct dl_tool;
struct dl_summary;

struct dl_sync_status {
	const char *path;
	const char *temporary;
	FILE *file;  /* NULL: nothing is written */
	size_t count;
};

/* dl_sync_status_path(scope, shard): the file of this user, of the part SHARD ("2/8") alone when that is not
 * NULL. NULL: DL_CONFIG: there is no home. */
const char *dl_sync_status_path(struct dl_scope *scope, const char *shard);

/* dl_sync_status_lock(scope, path, deadline_ms): the lock on the status file at PATH, for as long as the
 * descriptor is open that is returned; waits for it until DEADLINE_MS of dl_time_clock_ms; 0: not at all. -1:
 * DL_PENDING: another run has it; DL_SYSTEM. */
DL_MUST_CHECK int dl_sync_status_lock(struct dl_scope *scope, const char *path, int64_t deadline_ms);

/* dl_sync_status_begin(scope, status, path, action): a new file, for which the lock is held. DL_SYSTEM. */
DL_MUST_CHECK int dl_sync_status_begin(struct dl_scope *scope, struct dl_sync_status *status,
				       const char *path, const char *action);

/* dl_sync_status_add(status, line, message): one result; MESSAGE is for people. */
void dl_sync_status_add(struct dl_sync_status *status, const struct dl_sync_line *line, const char *message);

/* dl_sync_status_end(scope, status, summary): the file is complete, and takes its name. DL_SYSTEM: it could
 * not be written, and the old one stays. */
DL_MUST_CHECK int dl_sync_status_end(struct dl_scope *scope, struct dl_sync_status *status,
				     const struct dl_summary *summary);

/* dl_sync_status_tell(scope, tool, summary): prints SUMMARY as a line, or beside a table as a note. As
 * dl_sink_put. */
DL_MUST_CHECK int dl_sync_status_tell(struct dl_scope *scope, struct dl_tool *tool,
				      const struct dl_summary *summary);

/* dl_sync_status_show(scope, tool, paths, status, summary): prints what the files at PATHS say: a
 * dl_sync_line for each name, as the newest file has it, and a dl_summary of them all, which SUMMARY gets,
 * too. With STATUS, a file that has been begun, it all goes there as well; NULL: nowhere else. DL_MISSING:
 * there is no such file; DL_DATA: it is none. */
DL_MUST_CHECK int dl_sync_status_show(struct dl_scope *scope, struct dl_tool *tool,
				      const struct dl_opt_list *paths, struct dl_sync_status *status,
				      struct dl_summary *summary);

#endif
