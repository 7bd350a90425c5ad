/* push: one ref of a push: as git tells it to the pre-push hook and reports it afterwards, and as the record
 * that waits on disk until the push is over. */
#ifndef DL_PUSH_H
#define DL_PUSH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/fail.h"
#include "lib/data/schema.h"

struct dl_arena;
struct dl_scope;

enum {
	DL_PUSH_INPUT_CAP = 1 << 20, /* of what git tells the hook */
	DL_PUSH_MOST = 8,            /* branches of one push that are asked about: a mirror has thousands */
};

/* What became of a ref. */
enum dl_push_outcome {
	DL_PUSH_NULL,
	DL_PUSH_PUSHED,
	DL_PUSH_PUSHED_LATE, /* the server took it after git was gone */
	DL_PUSH_UP_TO_DATE,
	DL_PUSH_DELETED,
	DL_PUSH_REJECTED,
	DL_PUSH_DROPPED, /* the server closed the connection while the gate held the push up */
	DL_PUSH_UNKNOWN,
};

struct dl_push {
	const char *ref, *provider, *host, *project; /* of the run that decides its verdict */
	const char *remote;     /* its name, or its URL when it has none; without user information */
	const char *url;        /* without user information */
	const char *local_ref;  /* as the user wrote it: HEAD~1, or "(delete)" */
	const char *local_sha;  /* full; zeros: the ref is deleted */
	const char *remote_ref; /* full */
	const char *remote_sha; /* full, what the server has; zeros: no such ref there */
	const char *tracking;   /* the ref here that follows REMOTE_REF; NULL: there is none */
	const char *before;     /* what it stood at before the push; NULL: it was not there */
	int outcome;            /* enum dl_push_outcome */
	const char *how;        /* how that is known, or git's words */
	int verdict;            /* enum dl_verdict_word */
};

extern const struct dl_schema dl_push_schema;

/* All refs of a push. */
struct dl_push_list {
	struct dl_push *items;
	size_t count;
	bool cut; /* there was more than DL_PUSH_INPUT_CAP; what is listed is whole */
};

/* dl_push_parse(scope, line, push): takes apart a line that git gives the pre-push hook: local ref, local
 * object, remote ref, remote object, with a space between. From the right, because the local ref is what the
 * user wrote and may have spaces. .remote and .url stay as they are. DL_DATA. */
DL_MUST_CHECK int dl_push_parse(struct dl_scope *scope, const char *line, struct dl_push *push);

/* dl_push_read(scope, fd, patience_ms, list): reads such lines from FD to their end, also when there are more
 * than can be kept; PATIENCE_MS without a byte count as the end. DL_DATA naming the line that is none,
 * DL_SYSTEM. */
DL_MUST_CHECK int dl_push_read(struct dl_scope *scope, int fd, int patience_ms, struct dl_push_list *list);

/* dl_push_porcelain(scope, line, push): takes apart a line that `git push --porcelain` prints about a ref:
 * flag, tab, from:to, tab, summary. Sets .local_ref, .remote_ref, .outcome and .how. 1; 0: LINE is about
 * something else. */
DL_MUST_CHECK int dl_push_porcelain(struct dl_scope *scope, const char *line, struct dl_push *push);

/* dl_push_is_zero(sha): whether SHA names nothing: zeros, 40 or 64 of them. */
bool dl_push_is_zero(const char *sha);

/* dl_push_is_gated(push): whether the gate asks about it: a branch that is not deleted. */
bool dl_push_is_gated(const struct dl_push *push);

/* dl_push_is_armed(push): whether it is looked after when the push is over: all but what is deleted. */
bool dl_push_is_armed(const struct dl_push *push);

/* dl_push_name(push): the name of the branch or tag that it goes to; of other refs the whole. */
const char *dl_push_name(const struct dl_push *push);

/* dl_push_url(arena, url): URL, or the path of a repository, without user name and password. */
const char *dl_push_url(struct dl_arena *arena, const char *url);

/* How git speaks with a server. */
enum dl_push_transport { DL_PUSH_FOLDER, DL_PUSH_HTTP, DL_PUSH_SSH, DL_PUSH_OTHER };

/* dl_push_transport(url): what git uses for URL. */
enum dl_push_transport dl_push_transport(const char *url);

/* dl_push_patience(url, wait_s): how long a push to URL may be held up when the user grants WAIT_S seconds.
 * git opens the connection before it runs the hook, and a server closes one that is silent: seen after a
 * minute with ssh. */
int64_t dl_push_patience(const char *url, int64_t wait_s);

#endif
