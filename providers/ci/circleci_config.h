/* circleci_config: what .circleci/config.yml of a commit says, read from the repository.
 * https://circleci.com/docs/reference/configuration-reference/ */
#ifndef DL_CIRCLECI_CONFIG_H
#define DL_CIRCLECI_CONFIG_H

#include "lib/base/fail.h"

struct dl_buf;
struct dl_scope;
struct dl_sink;
struct dl_target;
struct dl_trigger;

/* dl_circleci_config_exists(scope, target, sha): for the slot `configured` of lib/provider/provider.h. */
DL_MUST_CHECK int dl_circleci_config_exists(struct dl_scope *scope, const struct dl_target *target,
					    const char *sha);

/* dl_circleci_config_workflows(scope, target, sink): for the slot `workflows`: those of the commit that is
 * checked out. DL_UNSUPPORTED outside of the repository; DL_CONFIG when the file cannot be read. */
DL_MUST_CHECK int dl_circleci_config_workflows(struct dl_scope *scope, const struct dl_target *target,
					       struct dl_sink *sink);

/* dl_circleci_config_inputs(scope, target, trigger, sink): for the slot `inputs`: the pipeline parameters. */
DL_MUST_CHECK int dl_circleci_config_inputs(struct dl_scope *scope, const struct dl_target *target,
					    const struct dl_trigger *trigger, struct dl_sink *sink);

/* dl_circleci_config_arguments(scope, target, trigger, body): appends the inputs of TRIGGER as a JSON object
 * of pipeline parameters with the types that they are declared with; where the declaration is not at hand,
 * true, false and whole numbers are what they look like. */
void dl_circleci_config_arguments(struct dl_scope *scope, const struct dl_target *target,
				  const struct dl_trigger *trigger, struct dl_buf *body);

#endif
