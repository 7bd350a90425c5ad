/* dl-versions: a package's versions, newest first; the latest; its page for people. */
#include <string.h>

#include "lib/base/text.h"
#include "lib/data/record.h"
#include "lib/data/scheme.h"
#include "lib/data/sink.h"
#include "lib/program/tool.h"
#include "lib/provider/target.h"

struct options {
	bool latest, pre, url;
};

static const struct dl_opt options[] = {
	{'1', "latest", DL_OPT_FLAG, offsetof(struct options, latest), NULL,
	 "only the one that is installed when none is named"},
	{0, "pre", DL_OPT_FLAG, offsetof(struct options, pre), NULL, "pre-releases, too"},
	{0, "url", DL_OPT_FLAG, offsetof(struct options, url), NULL,
	 "ask nobody, and print only the page for people, of NAME or NAME@VERSION"},
	{.name = NULL},
};

static const struct dl_program program = {
	.name = "dl-versions",
	.summary = "list the versions of a package, newest first",
	.operands = "NAME[@VERSION]...",
	.options = options,
	.schema = &dl_record_package,
	.takes = DL_TAKES_NOTHING,
	.kind = DL_PROVIDER_REGISTRY,
	.registries = dl_registries,
	.example = "dl-versions -1 -F version core",
};

/* Passes on the versions that are asked for. */
struct wanted {
	struct dl_sink sink;
	struct dl_sink *next;
	enum dl_scheme scheme;
	const struct options *given;
	const char *version; /* the only one; NULL: all */
	long count;
};

static int put_wanted(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
		      const void *record)
{
	struct wanted *wanted = (struct wanted *)sink;
	const struct dl_package *package = record;
	int result;

	if (wanted->version && dl_scheme_compare(wanted->scheme, package->version, wanted->version) != 0)
		return DL_MORE;
	if (!wanted->version && !wanted->given->pre && dl_scheme_is_pre(wanted->scheme, package->version))
		return DL_MORE;
	if (wanted->given->latest && package->yanked == 1)
		return DL_MORE;
	wanted->count++;
	result = dl_sink_put(wanted->next, scope, schema, record);
	return wanted->given->latest && result == DL_MORE ? DL_ENOUGH : result;
}

/* The page for people; no request is made. */
static int show_url(struct dl_scope *scope, const struct dl_call *call, const struct dl_target *target,
		    const char *name, const char *version)
{
	const struct dl_registry *registry = target->provider->registry;
	struct dl_package *page = dl_schema_new(scope, &dl_record_package);

	if (!registry->url)
		return dl_provider_lacks(scope, target, "url");
	page->head = dl_provider_head(&scope->arena, target, "package",
				      version ? dl_arena_format(&scope->arena, "%s@%s", name, version)
					      : name);
	page->name = name;
	page->version = version;
	page->url = registry->url(scope, target, name, version);
	return page->url ? dl_sink_put(call->sink, scope, &dl_record_package, page) : -1;
}

static int list_one(struct dl_scope *scope, const struct dl_call *call, const char *operand)
{
	const struct dl_registry *registry = call->target->provider->registry;
	const struct options *given = call->options;
	const char *at = strrchr(operand, '@');
	const char *version = at && at > operand ? at + 1 : NULL;
	const char *name = version ? dl_arena_copy(&scope->arena, operand, (size_t)(at - operand)) : operand;
	struct wanted wanted = {.sink.put = put_wanted, .scheme = registry->scheme, .given = given,
				.version = version};
	const struct dl_edition edition = {
		.package = name, .version = version, .dir = call->tool->finder.dir};
	const struct dl_target *target =
		dl_target_of_package(scope, &call->tool->finder, call->target, &edition);
	struct dl_sink_first first;
	int result;

	if (!target)
		return -1;
	if (given->url)
		return show_url(scope, call, target, name, version);
	if (!registry->versions)
		return dl_provider_lacks(scope, target, "versions");
	dl_sink_first(&first, call->sink, call->tool->common.limit);
	wanted.next = &first.sink;
	if (given->latest && !given->pre && !version && registry->latest)
		return registry->latest(scope, target, name, call->sink);
	result = registry->versions(scope, target, name, &wanted.sink);
	if (result < 0 || wanted.count)
		return result;
	dl_fail(scope, DL_MISSING, "%s has no such version", dl_text_quote(&scope->arena, operand));
	return given->pre ? -1 : dl_fail_hint(scope, "pre-releases are shown with --pre");
}

static int list_versions(struct dl_scope *scope, const struct dl_call *call)
{
	const struct dl_opt_list *names = &call->tool->operands;
	int result = 0;
	size_t i;

	for (i = 0; i < names->count && result >= 0; i++)
		result = list_one(scope, call, names->items[i]);
	return result;
}

int main(int argc, char **argv)
{
	struct options given = {0};
	struct dl_tool tool;

	if (dl_tool_begin(&tool, &program, argc, argv, &given) == 0) {
		if (tool.operands.count) {
			tool.finder.package = tool.operands.items[0];
			dl_tool_here(&tool, list_versions);
		} else {
			dl_fail(&tool.scope, DL_USAGE, "of which package?");
			dl_fail_hint(&tool.scope, "%s", program.example);
		}
	}
	return dl_tool_end(&tool);
}
