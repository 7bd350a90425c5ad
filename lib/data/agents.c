#include "lib/data/agents.h"

#include "lib/base/scope.h"
#include "lib/data/config.h"
#include "lib/data/json.h"

const struct dl_json *dl_agents_read(struct dl_scope *scope, const char *root)
{
	static const char *const names[] = {"agents.json", "agents.yaml", "agents.yml"};
	const struct dl_json *node;
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names; i++) {
		node = dl_config_read(scope,
				      dl_arena_format(&scope->arena, "%s.devloop/%s", root, names[i]));
		if (node || scope->error.class != DL_OK)
			return node;
	}
	return NULL;
}

int dl_agents_enabled(struct dl_scope *scope, const char *root, const char *agent)
{
	const struct dl_json *node = dl_agents_read(scope, root), *enabled;

	if (scope->error.class != DL_OK)
		return -1;
	enabled = dl_json_get(node, dl_arena_format(&scope->arena, "agents.%s.enabled", agent));
	return !enabled || enabled->type != DL_JSON_FALSE;
}
