/* sync_host: what is known of a server while many of its repositories are looked at. */
#ifndef DL_SYNC_HOST_H
#define DL_SYNC_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/pool.h"
#include "lib/data/record.h"
#include "lib/sync/sync_git.h"

struct dl_provider;
struct dl_scope;

struct dl_sync_host {
	struct dl_sync_host *next;
	const char *name;                   /* and port */
	const char *scheme;
	const struct dl_provider *provider; /* whose it is; NULL: nobody says */
	const struct dl_sync_login *login;  /* a token of the environment that is for it; NULL: none */
	struct dl_pool_lane lane;           /* its repositories that git works on */

	/* What has been learned by asking it over http. */
	struct dl_scope *scope;             /* where that lives */
	const struct dl_sync_login *found; /* that the user has stored for it; NULL: none, or not asked for */
	bool looked;                        /* for that */
	bool speaks;                        /* it has answered a question about refs */
	bool mute;                          /* it does not understand such questions */
	bool down;                          /* it cannot be reached */
	size_t under_way;                   /* questions that it has not answered yet */
	int doubts;                         /* answers that were none, before there was one */
	int64_t until_ms;                   /* it wants no requests until then */
};

/* dl_sync_host_find(scope, hosts, url, name, per_host): the server NAME that URL is on: one of HOSTS, or a
 * new one, in SCOPE, which is to be put in front of them. NULL: failed, DL_CONFIG. */
struct dl_sync_host *dl_sync_host_find(struct dl_scope *scope, struct dl_sync_host *hosts, const char *url,
				       const char *name, long per_host);

/* dl_sync_host_origin(host): what a credential for it is bound to. */
const char *dl_sync_host_origin(const struct dl_sync_host *host);

/* dl_sync_host_head(arena, host, project): the beginning of a line about a repository there; without a ref
 * where nobody knows the provider. */
struct dl_record_head dl_sync_host_head(struct dl_arena *arena, const struct dl_sync_host *host,
					const char *project);

#endif
