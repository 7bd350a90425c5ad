/* quota: what a server says of how many requests it will still answer, and when more. Its headers are
 * `Retry-After` (RFC 9110, section 10.2.3), `X-RateLimit-*` and `RateLimit-*`. */
#ifndef DL_QUOTA_H
#define DL_QUOTA_H

#include <stdbool.h>
#include <stdint.h>

struct dl_arena;
struct dl_scope;

struct dl_quota {
	int64_t left;    /* requests until .reset_s */
	int64_t reset_s; /* when the quota is filled again, by our clock; DL_TIME_NONE: the answer does not
			    say */
};

/* dl_quota_read(scope, head, quota): what HEAD, of an answer, says of the quota. False: nothing. */
bool dl_quota_read(struct dl_scope *scope, const char *head, struct dl_quota *quota);

/* dl_quota_limited(scope, status, head): for how many seconds an answer with STATUS, 403, 429 or 503, and
 * HEAD wants no more requests; 0: it does not say; -1: it does not limit us. A day at most. */
long dl_quota_limited(struct dl_scope *scope, int status, const char *head);

/* dl_quota_encode(arena, quota): QUOTA as a short text, in ARENA. */
const char *dl_quota_encode(struct dl_arena *arena, const struct dl_quota *quota);

/* dl_quota_parse(text, quota): what dl_quota_encode wrote, cutting TEXT. False: TEXT is not that. */
bool dl_quota_parse(char *text, struct dl_quota *quota);

#endif
