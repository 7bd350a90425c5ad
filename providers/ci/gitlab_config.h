/* gitlab_config: what defines the pipelines of a project, and how one is asked for.
 *
 * The definition is .gitlab-ci.yml, unless the project's settings name another file, perhaps of another
 * project, or let GitLab make one up (Auto DevOps).
 *
 * https://docs.gitlab.com/ci/inputs/, https://docs.gitlab.com/api/repository_files/ */
#ifndef DL_GITLAB_CONFIG_H
#define DL_GITLAB_CONFIG_H

#include <stddef.h>

#include "lib/base/fail.h"

struct dl_json;
struct dl_scope;
struct dl_sink;
struct dl_target;
struct dl_trigger;

struct dl_gitlab_config {
	int found;        /* 1: there is a definition; 0: none; -1: that cannot be told */
	const char *path; /* of its file in this project; NULL: it has none here */
	char *text;       /* of the file; NULL: it was not read */
	size_t len;
	const struct dl_json *project; /* as the server describes it; NULL: nobody asked */
};

/* dl_gitlab_config_find(scope, target, ref): the definition at REF: a branch, a tag, a commit or "HEAD". 1
 * request where it is the usual file. Never fails. */
struct dl_gitlab_config dl_gitlab_config_find(struct dl_scope *scope, const struct dl_target *target,
					      const char *ref);

/* dl_gitlab_config_here(target, sha): whether commit SHA has the usual file, by the repository that we stand
 * in: 1, 0, or -1: there is none, or it has no such commit. */
int dl_gitlab_config_here(const struct dl_target *target, const char *sha);

/* dl_gitlab_config_inputs(scope, config, sink): the inputs that the definition declares, as dl_input_line
 * records. 0; 1 when SINK had enough; -1 without a failure: it declares none, so that variables are all it
 * can be given, or what it declares cannot be read. */
DL_MUST_CHECK int dl_gitlab_config_inputs(struct dl_scope *scope, const struct dl_gitlab_config *config,
			    struct dl_sink *sink);

/* dl_gitlab_config_request(scope, config, ref, trigger): the JSON that asks for a pipeline for REF with the
 * inputs of TRIGGER: as what the definition declares them to be, else as variables. NULL: DL_DATA. */
const char *dl_gitlab_config_request(struct dl_scope *scope, const struct dl_gitlab_config *config,
				     const char *ref, const struct dl_trigger *trigger);

#endif
