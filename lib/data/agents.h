/* agents: the configuration that is committed with a repository, in .devloop/agents.json or its YAML kin. */
#ifndef DL_AGENTS_H
#define DL_AGENTS_H

#include "lib/base/fail.h"

struct dl_json;
struct dl_scope;

/* dl_agents_read(scope, root): what the working tree at ROOT, a path that ends in '/', has: the first of
 * agents.json, agents.yaml and agents.yml. NULL (no failure): none; NULL: as dl_config_read. */
const struct dl_json *dl_agents_read(struct dl_scope *scope, const char *root);

/* dl_agents_enabled(scope, root, agent): whether AGENT may work on the working tree at ROOT: 0 only where it
 * says no; 1; -1: as dl_config_read. */
DL_MUST_CHECK int dl_agents_enabled(struct dl_scope *scope, const char *root, const char *agent);

#endif
