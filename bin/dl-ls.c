/* dl-ls: list files of a repository on a forge, without a clone. */
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/program/revpath.h"
#include "lib/program/tool.h"

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

static int list_tree(struct dl_scope *scope, const struct dl_call *call, const struct dl_revpath *where)
{
	const struct dl_forge *forge = call->target->provider->forge;
	const struct options *given = call->options;

	return forge->tree ? forge->tree(scope, call->target, where->revision, where->path, given->deep,
					 call->sink)
			   : dl_provider_lacks(scope, call->target, "tree");
}

static int work(struct dl_scope *scope, const struct dl_call *call)
{
	const struct options *given = call->options;
	struct dl_call limited = *call;
	struct dl_sink_first first;

	dl_sink_first(&first, call->sink, call->tool->common.limit);
	limited.sink = &first.sink;
	return dl_revpath_visit(scope, &limited, given->revision, given->path, list_tree);
}

int main(int argc, char **argv)
{
	struct options given = {.revision = NULL};
	struct dl_tool tool;

	if (dl_tool_begin(&tool, &program, argc, argv, &given) == 0)
		dl_revpath_each(&tool, work);
	return dl_tool_end(&tool);
}
