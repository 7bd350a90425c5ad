/* sync_ask: servers are asked over http for the refs of many repositories, one small request for each.
 *
 * What a server understands is learned as it is asked, and whatever is in doubt is left to git: it knows
 * every protocol, proxy and credential that this does not. */
#ifndef DL_SYNC_ASK_H
#define DL_SYNC_ASK_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/fail.h"
#include "lib/sync/sync_job.h"

struct dl_http;
struct dl_scope;
struct dl_sync_ask;
struct dl_sync_host;
struct dl_sync_settings;

/* dl_sync_ask_open(scope, http, settings, per_host): ready, in SCOPE; at most PER_HOST connections to one
 * server; HTTP is told what was sent. Close it. NULL: failed. */
struct dl_sync_ask *dl_sync_ask_open(struct dl_scope *scope, struct dl_http *http,
				     const struct dl_sync_settings *settings, long per_host);

/* dl_sync_ask_close(ask): NULL is fine. */
void dl_sync_ask_close(struct dl_sync_ask *ask);

/* dl_sync_ask_put(ask, job, host, url): asks HOST, where URL is, for the refs that JOB wants to know. False:
 * that is no question for this module. */
bool dl_sync_ask_put(struct dl_sync_ask *ask, struct dl_sync_job *job, struct dl_sync_host *host,
		     const char *url);

/* A job that has been asked for. */
struct dl_sync_told {
	struct dl_sync_job *job; /* NULL: there is none at the moment */
	enum dl_sync_step
		step; /* what comes next: DL_SYNC_DONE or DL_SYNC_WORK; unless .answered, git asks */
};

/* dl_sync_ask_next(ask, fd, timeout_ms): one that is answered; none when FD is readable or the time is over.
 */
struct dl_sync_told dl_sync_ask_next(struct dl_sync_ask *ask, int fd, int timeout_ms);

#endif
