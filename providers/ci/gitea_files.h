/* gitea_files: what the workflow files of a project on Gitea or Forgejo say. */
#ifndef DL_GITEA_FILES_H
#define DL_GITEA_FILES_H

#include "lib/provider/provider.h"

struct dl_names;

/* dl_gitea_files_configured(scope, target, sha), dl_gitea_files_workflows(scope, target, sink),
 * dl_gitea_files_inputs(scope, target, trigger, sink), dl_gitea_files_expected(scope, target, sha, branch,
 * names): the slots of lib/provider/provider.h. They read offline where the commit is in the target's
 * repository. */
DL_MUST_CHECK int dl_gitea_files_configured(struct dl_scope *scope, const struct dl_target *target,
					    const char *sha);
DL_MUST_CHECK int dl_gitea_files_workflows(struct dl_scope *scope, const struct dl_target *target,
					   struct dl_sink *sink);
DL_MUST_CHECK int dl_gitea_files_inputs(struct dl_scope *scope, const struct dl_target *target,
					const struct dl_trigger *trigger, struct dl_sink *sink);
DL_MUST_CHECK int dl_gitea_files_expected(struct dl_scope *scope, const struct dl_target *target,
					  const char *sha, const char *branch, struct dl_names *names);

/* dl_gitea_files_name(scope, target, name): the name of the file of the workflow that people call NAME, which
 * costs requests only where it is none of a file; NAME itself where nobody knows it. */
const char *dl_gitea_files_name(struct dl_scope *scope, const struct dl_target *target, const char *name);

#endif
