/* dl-trigger: start a workflow with inputs, and print the run it started. */
#include <string.h>

#include "lib/base/text.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "lib/data/ref.h"
#include "lib/program/tool.h"
#include "lib/provider/inputs.h"

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
	.operands = "[WORKFLOW]",
	.options = options,
	.schema = &dl_record_run,
	.takes = DL_TAKES_NOTHING,
	.example = "dl-trigger -p local release -f version=1.2.0",
};

/* The workflow's name, out of its ref where that is given; where nothing is, the one that the configuration
 * names. NULL: failed. */
static const char *choose_workflow(struct dl_scope *scope, const struct dl_call *call)
{
	const struct dl_opt_list *operands = &call->tool->operands;
	const char *name = operands->count ? operands->items[0] : NULL;
	struct dl_ref ref;

	if (name && call->tool->finder.project == name)
		return dl_ref_parse(scope, name, &ref) ? NULL : ref.id;
	if (!name)
		name = dl_json_text(call->target->config, "workflow");
	if (!name) {
		dl_fail(scope, DL_USAGE, "name one workflow");
		dl_fail_hint(scope, "dl-workflows lists those that there are");
	}
	return name;
}

static int start_workflow(struct dl_scope *scope, const struct dl_call *call)
{
	const struct options *given = call->options;
	const struct dl_ci *ci = call->target->provider->ci;
	struct dl_trigger trigger = {.branch = given->branch};

	if (!ci->trigger)
		return dl_provider_lacks(scope, call->target, "trigger");
	trigger.workflow = choose_workflow(scope, call);
	if (!trigger.workflow)
		return -1;
	if (given->commit && !(trigger.sha = dl_target_sha(scope, &call->tool->finder, given->commit)))
		return -1;
	if (dl_inputs_read(scope, &given->inputs, &trigger) ||
	    dl_inputs_check(scope, call->target, &trigger))
		return -1;
	return ci->trigger(scope, call->target, &trigger, call->sink);
}

/* The operand, if there is one: a name, or a workflow's ref, which says who is asked, as -R would. */
static int take_operand(struct dl_tool *tool)
{
	const struct dl_opt_list *operands = &tool->operands;
	struct dl_ref ref;

	if (operands->count > 1)
		return dl_fail(&tool->scope, DL_USAGE, "name one workflow");
	if (!operands->count)
		return 0;
	if (dl_ref_parse(&tool->scope, operands->items[0], &ref)) {
		dl_fail_take(&tool->scope, &tool->scope.arena);
		return 0;
	}
	if (strcmp(ref.kind, "workflow") != 0)
		return dl_ref_refuse(&tool->scope, &ref, "is no workflow",
				     "dl-workflows prints the refs of workflows");
	if (tool->common.project)
		return dl_fail(&tool->scope, DL_USAGE, "both -R and the workflow's ref name the project");
	tool->finder.project = operands->items[0];
	return 0;
}

int main(int argc, char **argv)
{
	struct options given = {0};
	struct dl_tool tool;

	if (dl_tool_begin(&tool, &program, argc, argv, &given) == 0 && take_operand(&tool) == 0)
		dl_tool_here(&tool, start_workflow);
	return dl_tool_end(&tool);
}
