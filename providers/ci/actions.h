/* actions: what workflow files in the syntax of GitHub Actions say, which Gitea and Forgejo share.
 *
 * The files are read as lib/data/config.h reads YAML. One that it cannot read may be malformed, or be fine
 * for a server that knows more of YAML (anchors): of such a file nothing is said, neither yes nor no.
 *
 * A provider says where its workflows are by FOLDERS: paths without a final '/', ending with NULL, of which
 * the first that the commit has is the one that counts (".forgejo/workflows", then ".gitea/workflows", ...).
 *
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax */
#ifndef DL_ACTIONS_H
#define DL_ACTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/fail.h"

struct dl_json;
struct dl_names;
struct dl_repo;
struct dl_scope;
struct dl_sink;

/* dl_actions_is_file(name): whether the file NAME of a workflow folder is a workflow. NULL is none. */
bool dl_actions_is_file(const char *name);

/* dl_actions_parse(scope, text, len): the root of a workflow file; NULL (no failure): it cannot be read. */
const struct dl_json *dl_actions_parse(struct dl_scope *scope, const char *text, size_t len);

/* dl_actions_tip(scope, repo): the commit that the remote's default branch stood at when we last heard of it;
 * NULL (no failure): that is not known here, or REPO is NULL. */
const char *dl_actions_tip(struct dl_scope *scope, struct dl_repo *repo);

/* dl_actions_read(scope, repo, sha, folders, file): the same for the workflow FILE, a name without a folder,
 * of commit SHA. NULL (no failure) also when the commit, or the file in it, is not in REPO, or REPO is
 * NULL. */
const struct dl_json *dl_actions_read(struct dl_scope *scope, struct dl_repo *repo, const char *sha,
				      const char *const *folders, const char *file);

/* dl_actions_triggers(scope, root): the events that start it, words separated by commas, in its order; NULL
 * (no failure): it names none, or ROOT is NULL. */
const char *dl_actions_triggers(struct dl_scope *scope, const struct dl_json *root);

/* dl_actions_inputs(scope, root, name, sink): puts what it takes when it is started by hand as dl_input_line
 * records into SINK, in its order: a boolean has the choices true,false; choices that contain a comma are
 * left out. 0, or 1 when SINK had enough; DL_REFUSED when NAME, as messages call it, cannot be started by
 * hand. */
DL_MUST_CHECK int dl_actions_inputs(struct dl_scope *scope, const struct dl_json *root, const char *name,
				    struct dl_sink *sink);

/* dl_actions_configured(scope, repo, sha, folders): whether commit SHA has a workflow file: 1, 0, or -1
 * without a failure when SHA is not in REPO, or one of them is NULL. */
DL_MUST_CHECK int dl_actions_configured(struct dl_scope *scope, struct dl_repo *repo, const char *sha,
			  const char *const *folders);

/* dl_actions_expected(scope, repo, sha, branch, folders, names): for the slot `expected` of
 * lib/provider/provider.h: the names of the files whose workflows a push of commit SHA to BRANCH (NULL:
 * unknown) starts for certain, sorted, into NAMES. 1: these are all. 0: there may be more: a filter on paths,
 * a pull request that the branch may have, an unknown branch, a file that cannot be read. -1 without a
 * failure: SHA is not in REPO, or one of them is NULL. A commit whose message asks to skip CI starts none. */
DL_MUST_CHECK int dl_actions_expected(struct dl_scope *scope, struct dl_repo *repo, const char *sha,
				      const char *branch, const char *const *folders, struct dl_names *names);

#endif
