/* dl-ls: list files of a repository on a forge, without a clone. */
#include "lib/record.h"
#include "lib/revpath.h"
#include "lib/sink.h"
#include "lib/text.h"
#include "lib/tool.h"

struct options {
	const char *revision, *path;
	bool deep;
};

static const struct dl_opt options[] = {
	{'r', "revision", DL_OPT_TEXT, offsetof(struct options, revision), "REVISION",
	 "as they are at REVISION, a branch, tag or commit there; else on the default branch"},
	{0, "deep", DL_OPT_FLAG, offsetof(struct options, deep), NULL, "also what is in folders below"},
	{0, "path", DL_OPT_TEXT, offsetof(struct options, path), "PATH",
	 "the file or folder PATH of what the refs name"},
	{.name = NULL},
};

static const struct dl_program program = {
	.name = "dl-ls",
	.summary = "list files of a repository on a forge, without a clone",
	.operands = "[PATH...|-]",
	.options = options,
	.schema = &dl_record_entry,
	.takes = DL_TAKES_DASH,
	.kind = DL_PROVIDER_FORGE,
	.example = "dl-ls -r main --deep src",
};

static int list_tree(struct dl_scope *scope, const struct dl_call *call, const struct dl_revpath *where,
		     struct dl_sink *sink)
{
	const struct dl_forge *forge = call->target->provider->forge;
	const struct options *given = call->options;

	return forge->tree ? forge->tree(scope, call->target, where->revision, where->path, given->deep, sink)
			   : dl_provider_lacks(scope, call->target, "tree");
}

static int work(struct dl_scope *scope, const struct dl_call *call)
{
	const struct dl_opt_list *operands = &call->tool->operands;
	const struct options *given = call->options;
	struct dl_revpath where = {.revision = given->revision, .path = given->path ? given->path : ""};
	struct dl_sink_first first;
	int result = DL_MORE;
	size_t i;

	dl_sink_first(&first, call->sink, call->tool->common.limit);
	if (call->ref)
		return dl_revpath_read(scope, call, given->revision, given->path, &where)
			       ? -1
			       : list_tree(scope, call, &where, &first.sink);
	for (i = 0; i < (operands->count ? operands->count : 1) && result == DL_MORE; i++) {
		where.path = dl_revpath_clean(scope, operands->count ? operands->items[i] : where.path);
		result = where.path ? list_tree(scope, call, &where, &first.sink) : -1;
	}
	return result;
}

int main(int argc, char **argv)
{
	struct options given = {.revision = NULL};
	struct dl_tool tool;

	if (dl_tool_begin(&tool, &program, argc, argv, &given) == 0)
		dl_revpath_each(&tool, work);
	return dl_tool_end(&tool);
}
