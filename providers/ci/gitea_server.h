/* gitea_server: which of the two a server runs, Gitea or Forgejo, and what its version has.
 *
 * A version is only asked for when it explains something: an answer that says no may mean that the server is
 * too old. It is remembered per server below dl_folder_cache for a day. */
#ifndef DL_GITEA_SERVER_H
#define DL_GITEA_SERVER_H

#include "lib/base/fail.h"

struct dl_scope;
struct dl_target;

enum dl_gitea_software { DL_GITEA_UNKNOWN, DL_GITEA_GITEA, DL_GITEA_FORGEJO };

struct dl_gitea_server {
	enum dl_gitea_software software;
	int major, minor;
	const char *version; /* as it names it; NULL: it does not say */
};

/* What came to the API bit by bit; the table in gitea_server.c says when. */
enum dl_gitea_feature {
	DL_GITEA_TASKS,
	DL_GITEA_RUNS,
	DL_GITEA_JOBS,
	DL_GITEA_ATTEMPTS,
	DL_GITEA_STEPS,
	DL_GITEA_LOGS,
	DL_GITEA_WORKFLOWS,
	DL_GITEA_DISPATCH,
	DL_GITEA_RERUN,
	DL_GITEA_CANCEL,
	DL_GITEA_FORCE,
	DL_GITEA_ARTIFACTS,
};

/* dl_gitea_server_recall(scope, target): what is known of TARGET's server without asking it. */
struct dl_gitea_server dl_gitea_server_recall(struct dl_scope *scope, const struct dl_target *target);

/* dl_gitea_server_find(scope, target): the same, asking the server where nothing is remembered. Does not
 * fail: what cannot be had is unknown. https://docs.gitea.com/api/ (getVersion) */
struct dl_gitea_server dl_gitea_server_find(struct dl_scope *scope, const struct dl_target *target);

/* dl_gitea_server_has(server, feature): whether its version has FEATURE: 1, 0, or -1 when the version is
 * unknown. */
int dl_gitea_server_has(const struct dl_gitea_server *server, enum dl_gitea_feature feature);

/* dl_gitea_server_refuse(scope, target, server, feature): fails with DL_UNSUPPORTED, naming the version that
 * FEATURE needs and the one that SERVER has. Returns -1. */
DL_MUST_CHECK int dl_gitea_server_refuse(struct dl_scope *scope, const struct dl_target *target,
			   const struct dl_gitea_server *server, enum dl_gitea_feature feature);

#endif
