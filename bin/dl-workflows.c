/* dl-workflows: list the workflows that a project defines. */
#include <string.h>

#include "lib/base/pool.h"
#include "lib/base/text.h"
#include "lib/data/record.h"
#include "lib/program/tool.h"

enum { WIDTH = 8 };

struct options {
	bool inputs;
};

static const struct dl_opt options[] = {
	{'i', "inputs", DL_OPT_FLAG, offsetof(struct options, inputs), NULL,
	 "also read what each takes when it is started by hand"},
	{.name = NULL},
};

static const struct dl_program program = {
	.name = "dl-workflows",
	.summary = "list the CI workflows that a project defines",
	.operands = "[REF...|-]",
	.options = options,
	.schema = &dl_record_workflow,
	.takes = DL_TAKES_DASH,
	.example = "dl-workflows --inputs",
};

/* A workflow whose inputs are read beside those of others. */
struct reading {
	struct dl_scope scope;
	const struct dl_target *target;
	const char *sha;
	struct dl_workflow workflow;
	struct dl_sink_list inputs;
};

/* What dl-trigger calls WORKFLOW. */
static const char *name_of(struct dl_scope *scope, const struct dl_workflow *workflow)
{
	struct dl_ref ref;

	return dl_ref_parse(scope, workflow->ref, &ref) == 0 ? ref.id : workflow->id;
}

/* A workflow that cannot be started by hand, or whose file is gone, takes nothing. */
static void read_inputs(void *arg, size_t index)
{
	struct reading *reading = (struct reading *)arg + index;
	struct dl_scope *scope = &reading->scope;
	struct dl_trigger trigger = {.sha = reading->sha, .workflow = name_of(scope, &reading->workflow)};
	const struct dl_ci *ci = reading->target->provider->ci;

	dl_sink_list(&reading->inputs, scope, 0);
	if (ci->inputs(scope, reading->target, &trigger, &reading->inputs.sink) >= 0)
		reading->workflow.inputs = (struct dl_list){reading->inputs.items, reading->inputs.count};
	else if (scope->error.class == DL_REFUSED || scope->error.class == DL_MISSING)
		dl_fail_take(scope, &scope->arena);
}

/* Puts the workflows of LIST with their inputs, by the files of one commit, where the provider has such. */
static int put_with_inputs(struct dl_scope *scope, const struct dl_call *call,
			   const struct dl_sink_list *list)
{
	struct reading *readings = dl_arena_array(&scope->arena, list->count, sizeof *readings);
	const struct dl_ci *ci = call->target->provider->ci;
	const char *sha = ci->tip ? ci->tip(scope, call->target, NULL) : NULL;
	int result = ci->tip && !sha ? -1 : DL_MORE;
	size_t i;

	if (result < 0)
		return -1;
	for (i = 0; i < list->count; i++) {
		dl_scope_open(&readings[i].scope, NULL);
		readings[i].target = call->target;
		readings[i].sha = sha;
		memcpy(&readings[i].workflow, dl_sink_item(list, i), sizeof readings[i].workflow);
	}
	/* A repository is read by one thread. */
	dl_pool_map(list->count, call->target->repo ? 1 : WIDTH, read_inputs, readings);
	for (i = 0; i < list->count; i++) {
		readings[i].scope.parent = scope;
		if (result == DL_MORE && readings[i].scope.error.class == DL_OK)
			result = dl_sink_put(call->sink, scope, &dl_record_workflow, &readings[i].workflow);
		if (dl_scope_close(&readings[i].scope))
			result = -1;
	}
	return result;
}

/* Keeps the workflows that are asked for. */
struct wanted {
	struct dl_sink sink;
	struct dl_sink *next;
	const char *name; /* of the only one; NULL: all */
};

static int put_wanted(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
		      const void *record)
{
	const struct wanted *wanted = (struct wanted *)sink;
	const struct dl_workflow *workflow = record;

	if (wanted->name && !dl_text_same(name_of(scope, workflow), wanted->name) &&
	    !dl_text_same(workflow->id, wanted->name))
		return DL_MORE;
	return dl_sink_put(wanted->next, scope, schema, record);
}

static int list_workflows(struct dl_scope *scope, const struct dl_call *call)
{
	const struct dl_ci *ci = call->target->provider->ci;
	const struct options *given = call->options;
	struct wanted wanted = {.sink.put = put_wanted};
	const char *kind = call->ref ? call->ref->kind : "repo";
	struct dl_sink_list list;
	long limit = call->tool->common.limit;

	if (!ci->workflows)
		return dl_provider_lacks(scope, call->target, "workflows");
	if (strcmp(kind, "workflow") == 0)
		wanted.name = call->ref->id;
	else if (strcmp(kind, "repo") != 0)
		return dl_ref_refuse(scope, call->ref, "has no workflows", "a repository has some");
	dl_sink_list(&list, scope, limit > 0 ? (size_t)limit : 0);
	wanted.next = &list.sink;
	if (ci->workflows(scope, call->target, &wanted.sink) < 0)
		return -1;
	if (!list.count)
		return dl_fail(scope, DL_MISSING, wanted.name ? "no such workflow" : "no workflows");
	if (given->inputs && ci->inputs)
		return put_with_inputs(scope, call, &list);
	return dl_sink_replay(scope, &list, call->sink);
}

int main(int argc, char **argv)
{
	struct options given = {0};
	struct dl_tool tool;

	if (dl_tool_begin(&tool, &program, argc, argv, &given) == 0)
		dl_tool_each(&tool, list_workflows);
	return dl_tool_end(&tool);
}
