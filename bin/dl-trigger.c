/* dl-trigger: start a workflow with inputs, and print the run it started. */
#include <string.h>

#include "lib/record.h"
#include "lib/text.h"
#include "lib/tool.h"

struct options {
	const char *branch, *commit;
	struct dl_opt_list inputs;
};

static const struct dl_opt options[] = {
	{'f', "input", DL_OPT_LIST, offsetof(struct options, inputs), "NAME=VALUE",
	 "an input of the workflow; may be given again and again"},
	{'b', "branch", DL_OPT_TEXT, offsetof(struct options, branch), "BRANCH",
	 "run it for BRANCH or tag instead of the current or default one"},
	{'c', "commit", DL_OPT_TEXT, offsetof(struct options, commit), "COMMIT",
	 "run it for COMMIT, where the provider can"},
	{.name = NULL},
};

static const struct dl_program program = {
	.name = "dl-trigger",
	.summary = "start a CI workflow",
	.operands = "WORKFLOW",
	.options = options,
	.schema = &dl_record_run,
	.takes = DL_TAKES_NOTHING,
	.example = "dl-trigger -p local release -f version=1.2.0",
};

static int read_inputs(struct dl_scope *scope, const struct dl_opt_list *list, struct dl_trigger *trigger)
{
	struct dl_input *inputs = dl_arena_array(&scope->arena, list->count, sizeof *inputs);
	const char *equals;
	size_t i;

	for (i = 0; i < list->count; i++) {
		equals = strchr(list->items[i], '=');
		if (!equals || equals == list->items[i])
			return dl_fail(scope, DL_USAGE, "-f: '%s' is not NAME=VALUE",
				       dl_text_quote(&scope->arena, list->items[i]));
		inputs[i].name = dl_arena_copy(&scope->arena, list->items[i],
					       (size_t)(equals - list->items[i]));
		inputs[i].value = equals + 1;
	}
	trigger->inputs = inputs;
	trigger->input_count = list->count;
	return 0;
}

static int start_workflow(struct dl_scope *scope, const struct dl_call *call)
{
	const struct options *given = call->options;
	const struct dl_ci *ci = call->target->provider->ci;
	struct dl_trigger trigger = {.workflow = call->tool->operands.items[0], .branch = given->branch};

	if (!ci->trigger)
		return dl_provider_lacks(scope, call->target, "trigger");
	if (given->commit && !(trigger.sha = dl_target_sha(scope, &call->tool->finder, given->commit)))
		return -1;
	if (read_inputs(scope, &given->inputs, &trigger))
		return -1;
	return ci->trigger(scope, call->target, &trigger, call->sink);
}

int main(int argc, char **argv)
{
	struct options given = {0};
	struct dl_tool tool;

	if (dl_tool_begin(&tool, &program, argc, argv, &given) == 0) {
		if (tool.operands.count == 1)
			dl_tool_here(&tool, start_workflow);
		else
			dl_fail(&tool.scope, DL_USAGE, "name one workflow");
	}
	return dl_tool_end(&tool);
}
