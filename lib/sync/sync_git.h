/* sync_git: the user's own git, run for repositories that nobody has vouched for.
 *
 * Transfers and checkouts are its business: its ssh configuration, credential helpers, proxies, large files
 * and partial clones are what users rely on. What it is told here is what it must not do: prompt, run hooks,
 * use other protocols, or wait for ever for a server that says nothing. */
#ifndef DL_SYNC_GIT_H
#define DL_SYNC_GIT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/fail.h"
#include "lib/data/opt.h"

struct dl_scope;

/* A user's name and password for one server. */
struct dl_sync_login {
	const char *origin; /* "https://git.example.com": the only one that may see it */
	const char *user, *password; /* one line each */
};

/* What git's configuration, the user's and the system's, says; values of several variables of one name in
 * their order. */
struct dl_sync_setting {
	const char *key, *value;
};

struct dl_sync_settings {
	const struct dl_sync_setting *items;
	size_t count;
};

/* What all calls of git in a run have in common. */
struct dl_sync_git {
	const struct dl_sync_settings *settings;
	const char *ssh;     /* the shell command that takes the place of ssh; NULL: git's own choice */
	const char *schemes; /* that may be used, separated by ':' */
	int64_t deadline_ms; /* of dl_time_clock_ms; 0: none */
	int silence_s;       /* how long a server may say nothing */
	bool hooks;          /* those of the user run */
};

/* One call of git. */
struct dl_sync_call {
	const char *dir;                /* where; NULL: here */
	const char *const *argv;        /* its arguments; ends with NULL */
	const char *const *environment; /* further changes to it, as struct dl_proc has them; NULL: none */
	const char *input;              /* what it reads; NULL: nothing */
	size_t input_len;
	bool steady;                    /* as struct dl_proc has it; then there is no deadline */
};

struct dl_sync_done {
	const char *output;     /* what git printed */
	size_t len;
	const char *errors;     /* the end of what it printed on stderr */
	int64_t received_bytes; /* of objects, about; DL_INT_NONE: it did not say */
};

/* dl_sync_git_settings(scope, settings): what of git's configuration counts here, by one call of git. */
DL_MUST_CHECK int dl_sync_git_settings(struct dl_scope *scope, struct dl_sync_settings *settings);

/* dl_sync_git_setting(settings, key): the value that counts, the last one; NULL: there is none. */
const char *dl_sync_git_setting(const struct dl_sync_settings *settings, const char *key);

/* dl_sync_git_rewrite(scope, settings, url): URL as url.*.insteadOf turns it. */
const char *dl_sync_git_rewrite(struct dl_scope *scope, const struct dl_sync_settings *settings,
				const char *url);

/* dl_sync_git_open(scope, git, settings, allowed): GIT for a run in which ALLOWED schemes may be used,
 * besides https and ssh. Connections of ssh to the same server are shared, where the user's ssh can. The
 * caller sets the other members but .settings. */
void dl_sync_git_open(struct dl_scope *scope, struct dl_sync_git *git,
		      const struct dl_sync_settings *settings, const struct dl_opt_list *allowed);

/* dl_sync_git_run(scope, git, login, call, done): runs git. LOGIN is given to nobody but its server; NULL:
 * git looks for one itself. -1: what git said, as a failure of its class; DONE is filled in then, too. */
DL_MUST_CHECK int dl_sync_git_run(struct dl_scope *scope, const struct dl_sync_git *git,
				  const struct dl_sync_login *login, const struct dl_sync_call *call,
				  struct dl_sync_done *done);

/* dl_sync_git_explain(scope, errors): fails SCOPE as what git has said on stderr deserves. Returns -1. Pure.
 */
DL_MUST_CHECK int dl_sync_git_explain(struct dl_scope *scope, const char *errors);

#endif
