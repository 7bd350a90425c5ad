/* dl-providers: list the providers, what they can do, and which one is asked here and why. */
#include "lib/record.h"
#include "lib/tool.h"

static const struct dl_program program = {
	.name = "dl-providers",
	.summary = "list CI providers, and tell which one is asked here and why",
	.operands = "",
	.schema = &dl_record_provider,
	.takes = DL_TAKES_NOTHING,
	.example = "dl-providers",
};

static int put_provider(struct dl_tool *tool, const struct dl_provider *provider,
			const struct dl_target *here)
{
	struct dl_provider_line *line = dl_schema_new(&tool->scope, &dl_record_provider);
	bool detected = here && here->provider == provider;

	line->provider = line->name = provider->name;
	line->host = detected ? here->host : provider->host;
	line->project = detected ? here->project : NULL;
	line->ref = detected ? dl_provider_ref(&tool->scope.arena, here, "repo", NULL) : NULL;
	line->kind = "ci";
	line->title = provider->title;
	line->source = "built-in";
	line->ops = dl_provider_ops(&tool->scope.arena, provider->ci);
	line->detected = detected;
	if (detected && !provider->serverless)
		line->why = dl_arena_format(&tool->scope.arena, "%s; credential: %s", here->why,
					    here->auth_from ? here->auth_from : "none");
	else if (detected)
		line->why = here->why;
	return dl_sink_put(&tool->out.sink, &tool->scope, &dl_record_provider, line);
}

int main(int argc, char **argv)
{
	const struct dl_provider *const *provider;
	const struct dl_target *here;
	struct dl_error none;
	struct dl_tool tool;
	int result = 0;

	if (dl_tool_begin(&tool, &program, argc, argv, NULL) == 0) {
		here = dl_target_here(&tool.finder);
		/* That nobody is asked here is an answer, too. */
		if (tool.finder.nowhere) {
			none = dl_fail_take(&tool.scope, &tool.scope.arena);
			dl_tool_note(&tool, "nobody is asked here: %s", none.message);
		}
		for (provider = dl_provider_table;
		     *provider && result == 0 && tool.scope.error.class == DL_OK; provider++)
			result = put_provider(&tool, *provider, here);
	}
	return dl_tool_end(&tool);
}
