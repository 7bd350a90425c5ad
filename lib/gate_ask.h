/* gate_ask: what CI says of commits, for the gate, which asks no server itself: it runs dl-status. */
#ifndef DL_GATE_ASK_H
#define DL_GATE_ASK_H

#include <stddef.h>
#include <stdint.h>

#include "lib/fail.h"

struct dl_scope;
struct dl_verdict;

/* Who is asked. */
struct dl_gate_whom {
	const char *provider; /* -p; NULL: as dl-status finds out */
	const char *url;      /* -R; NULL: the repository that we stand in */
	const char *remote;   /* DL_REMOTE, the remote of it that counts; NULL: as dl-status finds out */
};

/* A question, and its answer. */
struct dl_gate_ask {
	const char *sha;    /* about this commit */
	const char *branch; /* where it stands there, for people */
	enum dl_class code; /* the exit code of dl-status */
	const struct dl_verdict *verdict; /* its line; NULL: there was none */
	const char *said;   /* why not, for people; NULL: it said nothing */
};

/* dl_gate_ask_all(scope, whom, asks, count, timeout_s, max_age_s): asks all of them at once, TIMEOUT_S
 * seconds long at most. Answers on disk that are no older than MAX_AGE_S will do. Whatever goes wrong is an
 * answer, too. */
void dl_gate_ask_all(struct dl_scope *scope, const struct dl_gate_whom *whom, struct dl_gate_ask *asks,
		     size_t count, int64_t timeout_s, int64_t max_age_s);

/* The job that failed. */
struct dl_gate_job {
	const char *name;     /* NULL: it is not known */
	int64_t completed_at; /* DL_TIME_NONE: it is not known */
};

/* dl_gate_ask_job(scope, run): the first job of the run, whose ref RUN is, that failed. */
struct dl_gate_job dl_gate_ask_job(struct dl_scope *scope, const char *run);

/* dl_gate_ask_start(scope, sha, branch): starts the workflows of the local provider that have not run for
 * SHA. The number of workflows that there are; -1: failed. */
DL_MUST_CHECK int dl_gate_ask_start(struct dl_scope *scope, const char *sha, const char *branch);

#endif
