/* github_files: what the workflow files of a project on GitHub say. */
#ifndef DL_GITHUB_FILES_H
#define DL_GITHUB_FILES_H

#include "lib/data/sink.h"
#include "lib/provider/provider.h"

struct dl_names;

/* dl_github_files_configured(scope, target, sha), dl_github_files_inputs(scope, target, trigger, sink),
 * dl_github_files_expected(scope, target, sha, branch, names): the slots of lib/provider/provider.h. They
 * read offline where the commit is in the target's repository. What a branch stands at is always asked: a
 * workflow may take other inputs since the last fetch. */
DL_MUST_CHECK int dl_github_files_configured(struct dl_scope *scope, const struct dl_target *target,
					     const char *sha);
DL_MUST_CHECK int dl_github_files_inputs(struct dl_scope *scope, const struct dl_target *target,
					 const struct dl_trigger *trigger, struct dl_sink *sink);
DL_MUST_CHECK int dl_github_files_expected(struct dl_scope *scope, const struct dl_target *target,
					   const char *sha, const char *branch, struct dl_names *names);

/* Passes on workflows, with their triggers where the repository here has the file. */
struct dl_github_files_triggers {
	struct dl_sink sink;
	struct dl_sink *next;
	const struct dl_target *target;
	const char *sha; /* of the default branch as it was last fetched; NULL: not here */
};

/* dl_github_files_triggers(triggers, scope, target, next): TRIGGERS is ready; the arguments must outlive it.
 */
void dl_github_files_triggers(struct dl_github_files_triggers *triggers, struct dl_scope *scope,
			      const struct dl_target *target, struct dl_sink *next);

#endif
