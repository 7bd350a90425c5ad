/* ask: what CI says of commits, for programs that ask no server themselves: they run those that do. */
#ifndef DL_ASK_H
#define DL_ASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/fail.h"

struct dl_git_config;
struct dl_scope;
struct dl_verdict;

/* Who is asked. */
struct dl_ask_whom {
	const char *provider; /* -p; NULL: as dl-status finds out */
	const char *url;      /* -R; NULL: the repository that we stand in */
	const char *remote;   /* DL_REMOTE, the remote of it that counts; NULL: as dl-status finds out */
	const char *dir;      /* -C; NULL: here */
};

/* dl_ask_whom(scope, config, remote, url, whom): fills in WHOM, but for .dir, about a push to URL by way of
 * the remote REMOTE, whose name is the URL where it has none. A remote that is pushed to where it is fetched
 * from is the repository that dl-status knows; any other URL is a project of its own. The local provider is
 * asked where the user has allowed this repository, and not all of them, to execute its workflows. NULL; or
 * why there is nobody to ask. */
const char *dl_ask_whom(struct dl_scope *scope, const struct dl_git_config *config, const char *remote,
			const char *url, struct dl_ask_whom *whom);

/* dl_ask_is_local(whom): whether that is the local provider. */
bool dl_ask_is_local(const struct dl_ask_whom *whom);

/* dl_ask_is_idle(whom): whether dl-status would find the local provider for a WHOM without .provider,
 * and so workflows that nothing may execute. No server is asked where the tree shows them. */
bool dl_ask_is_idle(const struct dl_ask_whom *whom);

/* A question, and its answer. */
struct dl_ask {
	const char *sha;    /* about this commit */
	const char *branch; /* where it stands there, for people */
	const char *pushed; /* runs that are certain to start for a push of it to the branch PUSHED must have
			     * appeared, too; NULL: what is there counts */
	enum dl_class code; /* the exit code of dl-status */
	const struct dl_verdict *verdict; /* its line; NULL: there was none */
	const char *said;   /* why not, for people; NULL: it said nothing */
};

/* dl_ask_all(scope, whom, asks, count, timeout_s, max_age_s): asks all of them at once, TIMEOUT_S
 * seconds long at most. Answers on disk that are no older than MAX_AGE_S will do. Whatever goes wrong is an
 * answer, too. */
void dl_ask_all(struct dl_scope *scope, const struct dl_ask_whom *whom, struct dl_ask *asks,
		     size_t count, int64_t timeout_s, int64_t max_age_s);

/* The job that failed. */
struct dl_ask_job {
	const char *name;     /* NULL: it is not known */
	int64_t completed_at; /* DL_TIME_NONE: it is not known */
};

/* dl_ask_job(scope, run): the first job of the run, whose ref RUN is, that failed. */
struct dl_ask_job dl_ask_job(struct dl_scope *scope, const char *run);

/* dl_ask_has_run(scope, whom, sha, branch, since): whether CI knows a run for SHA on BRANCH, or the tag of
 * that name, that was created since the time SINCE. */
bool dl_ask_has_run(struct dl_scope *scope, const struct dl_ask_whom *whom, const char *sha,
		    const char *branch, int64_t since);

/* dl_ask_start(scope, sha, branch): starts the workflows of the local provider that have not run for
 * SHA. The number of workflows that there are; -1: failed. */
DL_MUST_CHECK int dl_ask_start(struct dl_scope *scope, const char *sha, const char *branch);

#endif
