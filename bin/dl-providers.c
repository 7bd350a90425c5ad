/* dl-providers: list the providers, built-in ones and plugins, what they can do, and which one is asked here
 * and why. */
#include "lib/base/text.h"
#include "lib/data/record.h"
#include "lib/program/tool.h"
#include "lib/provider/fallback.h"
#include "lib/provider/plugin.h"

struct options {
	bool why;
};

static const struct dl_opt options[] = {
	{0, "why", DL_OPT_FLAG, offsetof(struct options, why), NULL,
	 "tell what each step of the search has seen, a line of type check for each"},
	{.name = NULL},
};

static const struct dl_program program = {
	.name = "dl-providers",
	.summary = "list CI providers, and tell which one is asked here and why",
	.operands = "",
	.options = options,
	.takes = DL_TAKES_NOTHING,
	.example = "dl-providers",
	.registries = dl_registries,
};

/* HERE is who is asked here; NULL: nobody is. */
static int put_provider(struct dl_tool *tool, const struct dl_provider *provider,
			const struct dl_target *here)
{
	struct dl_provider_line *line = dl_schema_new(&tool->scope, &dl_record_provider);
	struct dl_arena *arena = &tool->scope.arena;
	bool detected = here && dl_text_same(here->provider->name, provider->name);

	line->provider = line->name = provider->name;
	line->host = detected ? here->host : provider->host;
	line->project = detected ? here->project : NULL;
	line->ref = detected ? dl_provider_ref(arena, here, "repo", NULL) : NULL;
	line->kind = dl_provider_kinds(arena, provider);
	line->title = provider->title;
	line->source = provider->program ? provider->program : "built-in";
	line->ops = dl_provider_ops(arena, provider);
	line->detected = detected;
	if (detected && !provider->serverless)
		line->why = dl_arena_format(arena, "%s; credential: %s", here->why,
					    here->auth_from ? here->auth_from : "none");
	else if (detected)
		line->why = here->why;
	return dl_sink_put(&tool->out.sink, &tool->scope, &dl_record_provider, line);
}

/* A plugin that does not say what it can do hides no other. */
static int put_plugin(struct dl_tool *tool, const char *name, const struct dl_target *here)
{
	const struct dl_provider *plugin = dl_plugin_find(&tool->scope, name);
	struct dl_error error = dl_fail_take(&tool->scope, &tool->scope.arena);

	if (plugin)
		return put_provider(tool, plugin, here);
	if (error.class != DL_OK)
		dl_tool_note(tool, "%s", error.message);
	tool->answer = error.class != DL_OK ? DL_NO : tool->answer;
	return 0;
}

static void put_all(struct dl_tool *tool, const struct dl_target *here)
{
	const struct dl_provider *const *provider;
	struct dl_names plugins = dl_plugin_names(&tool->scope);
	int result = 0;
	size_t i;

	for (provider = dl_provider_table; *provider && result == 0; provider++)
		result = put_provider(tool, *provider, here);
	for (i = 0; i < plugins.count && result == 0; i++)
		result = put_plugin(tool, plugins.items[i], here);
}

/* One step: it has decided, has seen something too late, or nothing. */
static int put_step(struct dl_tool *tool, const struct dl_target_step *step, const struct dl_target *here)
{
	struct dl_check *check = dl_schema_new(&tool->scope, &dl_record_check);

	check->name = step->name;
	check->status = step->decided ? DL_CHECK_PASS : step->seen ? DL_CHECK_WARN : DL_CHECK_SKIP;
	check->message = step->seen ? step->seen : "nothing";
	if (step->decided && here)
		check->head = dl_provider_head(&tool->scope.arena, here, NULL, NULL);
	if (step->decided)
		check->detail = dl_arena_format(&tool->scope.arena, "this decides; credential: %s",
						here && here->auth_from ? here->auth_from : "none");
	else if (step->seen)
		check->detail = "another step decides, or this says nothing about the provider";
	return dl_sink_put(&tool->out.sink, &tool->scope, &dl_record_check, check);
}

static void put_steps(struct dl_tool *tool, const struct dl_target *here)
{
	int result = 0;
	size_t i;

	for (i = 0; i < tool->finder.trail_count && result == 0; i++)
		result = put_step(tool, &tool->finder.trail[i], here);
}

/* Who would be asked: of a chain the first one that can be named at all. */
static const struct dl_target *find_here(struct dl_tool *tool)
{
	const struct dl_target *here = dl_target_here(&tool->finder);
	const struct dl_target_step *trail = tool->finder.trail;
	struct dl_error error;

	while (!here && tool->finder.chain && dl_fallback_due(NULL, &tool->scope.error)) {
		error = dl_fail_take(&tool->scope, &tool->scope.arena);
		dl_tool_note(tool, "%s is unavailable: %s", tool->finder.chosen, error.message);
		here = dl_target_next(&tool->finder);
	}
	tool->finder.trail = trail; /* what has named the chain */
	return here;
}

int main(int argc, char **argv)
{
	struct options given = {0};
	const struct dl_target *here;
	struct dl_error none;
	struct dl_tool tool;

	if (dl_tool_begin(&tool, &program, argc, argv, &given) == 0) {
		tool.finder.trailing = given.why;
		here = find_here(&tool);
		/* That nobody is asked here is an answer, too. */
		if (tool.finder.nowhere) {
			none = dl_fail_take(&tool.scope, &tool.scope.arena);
			dl_tool_note(&tool, "nobody is asked here: %s", none.message);
		}
		if (given.why)
			put_steps(&tool, here);
		else if (tool.scope.error.class == DL_OK)
			put_all(&tool, here);
	}
	return dl_tool_end(&tool);
}
