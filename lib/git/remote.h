/* remote: the URLs of git remotes, and what they say about host and project. */
#ifndef DL_REMOTE_H
#define DL_REMOTE_H

#include <stdbool.h>

#include "lib/base/fail.h"

struct dl_arena;
struct dl_scope;

/* A remote taken apart. */
struct dl_remote {
	const char *scheme; /* "https", "http", "ssh" or "git" */
	const char *host; /* and ":port" of an http(s) URL; lower case */
	const char *path; /* without slashes at its ends and without ".git" */
	bool ssh;         /* the host may be an alias of the user's ssh configuration */
};

/* dl_remote_parse(scope, url, remote): takes apart a remote's URL: https, http, ssh, git, or
 * `[user@]host:path`. DL_CONFIG when it is none of them (a path). */
DL_MUST_CHECK int dl_remote_parse(struct dl_scope *scope, const char *url, struct dl_remote *remote);

/* dl_remote_project(arena, path): PATH without slashes at its ends and without ".git", be that the end of a
 * name or the folder in a working tree. */
const char *dl_remote_project(struct dl_arena *arena, const char *path);

/* dl_remote_ssh_host(scope, host): the real name behind an alias of the user's ssh configuration (`ssh -G`).
 * Only a name without a dot is looked up: another can be no alias of a host that is known. */
const char *dl_remote_ssh_host(struct dl_scope *scope, const char *host);

#endif
