/* dl-publish: publish package files to a registry. */
#include <string.h>

#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/program/tool.h"
#include "lib/release/packages.h"

enum { PATIENCE_S = 120 };

struct options {
	struct dl_packages packages;
};

static const struct dl_opt options[] = {
	{0, "name", DL_OPT_TEXT, offsetof(struct options, packages.name), "NAME",
	 "the package, where the files do not say"},
	{0, "release", DL_OPT_TEXT, offsetof(struct options, packages.version), "VERSION",
	 "its version, where the files do not say"},
	{0, "tag", DL_OPT_TEXT, offsetof(struct options, packages.tag), "TAG",
	 "the name that leads to this version, where there are such (npm: dist-tag)"},
	{0, "skip-existing", DL_OPT_FLAG, offsetof(struct options, packages.skip_existing), NULL,
	 "leave what has the name of a file, even if it is another one"},
	{0, "no-verify", DL_OPT_FLAG, offsetof(struct options, packages.no_verify), NULL,
	 "do not wait until the files can be seen"},
	{0, "patience", DL_OPT_DURATION, offsetof(struct options, packages.patience_s), "SPAN",
	 "how long that may take, by default 2m"},
	{.name = NULL},
};

static const struct dl_program program = {
	.name = "dl-publish",
	.summary = "publish package files to a registry",
	.operands = "FILE... | -",
	.options = options,
	.schema = &dl_record_package,
	.takes = DL_TAKES_NOTHING,
	.kind = DL_PROVIDER_REGISTRY,
	.registries = dl_registries,
	.example = "dl-publish -p local --name core --release 1.2 dist/*",
};

static int publish(struct dl_scope *scope, const struct dl_call *call)
{
	const struct options *given = call->options;
	struct dl_opt_list paths = call->tool->operands;
	struct dl_sink_list plan;
	size_t last = paths.count - 1;

	/* A '-' among the files, at either end. */
	if (strcmp(paths.items[0], "-") == 0)
		paths = (struct dl_opt_list){paths.items + 1, last};
	else if (strcmp(paths.items[last], "-") == 0)
		paths.count = last;
	else
		return dl_packages_publish(scope, call, &given->packages, &paths, NULL);
	return dl_packages_plan(scope, &plan)
		       ? -1
		       : dl_packages_publish(scope, call, &given->packages, &paths, &plan);
}

int main(int argc, char **argv)
{
	struct options given = {.packages.patience_s = PATIENCE_S};
	struct dl_tool tool;

	if (dl_tool_begin(&tool, &program, argc, argv, &given) == 0) {
		if (tool.operands.count) {
			tool.finder.file = tool.operands.items[0];
			tool.finder.package = given.packages.name;
			dl_tool_here(&tool, publish);
		} else {
			dl_fail(&tool.scope, DL_USAGE, "which files?");
			dl_fail_hint(&tool.scope, "%s", program.example);
		}
	}
	return dl_tool_end(&tool);
}
