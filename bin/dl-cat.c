/* dl-cat: print files of a repository on a forge, without a clone. */
#include "lib/base/text.h"
#include "lib/program/revpath.h"
#include "lib/program/tool.h"

struct options {
	const char *revision, *path;
};

static const struct dl_opt options[] = {
	{'r', "revision", DL_OPT_TEXT, offsetof(struct options, revision), "REVISION",
	 "as it is at REVISION, a branch, tag or commit there; else on the default branch"},
	{0, "path", DL_OPT_TEXT, offsetof(struct options, path), "PATH",
	 "the file PATH of what the refs name"},
	{.name = NULL},
};

static const struct dl_program program = {
	.name = "dl-cat",
	.summary = "print files of a repository on a forge, without a clone",
	.operands = "PATH...|-",
	.options = options,
	.takes = DL_TAKES_DASH,
	.kind = DL_PROVIDER_FORGE,
	.example = "dl-cat -r v1.2.0 README.md",
	.text = true,
};

static int print_file(struct dl_scope *scope, const struct dl_call *call, const struct dl_revpath *where)
{
	const struct dl_forge *forge = call->target->provider->forge;

	if (!forge->file)
		return dl_provider_lacks(scope, call->target, "file");
	if (!*where->path) {
		dl_fail(scope, DL_USAGE, "which file?");
		return dl_fail_hint(scope, "--path names one for a ref that does not");
	}
	if (forge->file(scope, call->target, where->revision, where->path, call->text) < 0)
		return dl_fail_prefix(scope, "%s", dl_text_quote(&scope->arena, where->path));
	return 0;
}

static int work(struct dl_scope *scope, const struct dl_call *call)
{
	const struct options *given = call->options;

	return dl_revpath_visit(scope, call, given->revision, given->path, print_file);
}

int main(int argc, char **argv)
{
	struct options given = {.revision = NULL};
	struct dl_tool tool;

	if (dl_tool_begin(&tool, &program, argc, argv, &given) == 0)
		dl_revpath_each(&tool, work);
	return dl_tool_end(&tool);
}
