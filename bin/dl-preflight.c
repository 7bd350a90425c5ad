/* dl-preflight: the checks before a release. */
#include "lib/base/scope.h"
#include "lib/program/tool.h"
#include "lib/release/preflight.h"
#include "lib/release/preflight_run.h"

static const struct dl_opt options[] = {
	{'w', "wait", DL_OPT_FLAG, offsetof(struct dl_preflight_wish, wait), NULL,
	 "wait until CI is done with the commit; see --timeout"},
	{0, "branch", DL_OPT_TEXT, offsetof(struct dl_preflight_wish, branch), "BRANCH",
	 "releases are made from BRANCH; otherwise from the remote's default branch"},
	{0, "tag-prefix", DL_OPT_TEXT, offsetof(struct dl_preflight_wish, prefix), "PREFIX",
	 "releases are the tags PREFIX1.2.3"},
	{0, "require", DL_OPT_LIST, offsetof(struct dl_preflight_wish, demand.require), "NAME",
	 "the workflow or check NAME must be there and be a success; may be given again and again"},
	{0, "changelog", DL_OPT_TEXT, offsetof(struct dl_preflight_wish, changelog), "FILE",
	 "the changelog, from the top of the tree; otherwise CHANGELOG.md or the like"},
	{0, "package", DL_OPT_TEXT, offsetof(struct dl_preflight_wish, package), "NAME",
	 "what the registry calls the package; otherwise as its files say"},
	{.name = NULL},
};

static const struct dl_program program = {
	.name = "dl-preflight",
	.summary = "check whether this commit is ready to be released as VERSION",
	.operands = "VERSION",
	.options = options,
	.schema = &dl_record_check,
	.takes = DL_TAKES_NOTHING,
	.example = "dl-preflight 1.2.0 && git tag v1.2.0",
	.registries = dl_registries,
};

static int run(struct dl_tool *tool, struct dl_preflight_wish *wish)
{
	struct dl_scope *scope = &tool->scope;
	bool ready = false;

	if (tool->operands.count != 1) {
		dl_fail(scope, DL_USAGE, "one version is due");
		return dl_fail_hint(scope, "dl-changelog --next prints the one that the changes ask for");
	}
	wish->given = tool->operands.items[0];
	if (dl_preflight_run(scope, tool, wish, &ready))
		return -1;
	tool->answer = ready ? DL_OK : DL_NO;
	return 0;
}

int main(int argc, char **argv)
{
	struct dl_preflight_wish wish = {0};
	struct dl_tool tool;

	if (dl_tool_begin(&tool, &program, argc, argv, &wish) == 0)
		DL_BUG_IF(run(&tool, &wish) < 0 && tool.scope.error.class == DL_OK);
	return dl_tool_end(&tool);
}
