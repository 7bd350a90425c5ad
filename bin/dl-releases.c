/* dl-releases: list the releases of a project, and download their assets. */
#include "lib/base/text.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/program/tool.h"
#include "lib/release/releases.h"

enum { LIMIT = 20 };

struct options {
	struct dl_releases_wish wish;
	struct dl_download download;
	bool assets;
};

static const struct dl_opt options[] = {
	{0, "tag", DL_OPT_TEXT, offsetof(struct options, wish.tag), "TAG",
	 "only the release of TAG, in which `*` and `?` match"},
	{0, "latest", DL_OPT_FLAG, offsetof(struct options, wish.latest), NULL,
	 "only the latest: the highest stable version, or by --sort date the newest"},
	{0, "stable", DL_OPT_FLAG, offsetof(struct options, wish.stable), NULL,
	 "only what is for everybody: neither a draft nor a pre-release"},
	{0, "prerelease", DL_OPT_FLAG, offsetof(struct options, wish.prerelease), NULL,
	 "only pre-releases; of several such options one is enough"},
	{0, "draft", DL_OPT_FLAG, offsetof(struct options, wish.draft), NULL, "only drafts"},
	{0, "range", DL_OPT_TEXT, offsetof(struct options, wish.range), "RANGE",
	 "only versions in RANGE: '>=1.2 <2', '^1.4', '~1.4.2'"},
	{0, "sort", DL_OPT_TEXT, offsetof(struct options, wish.sort), "ORDER",
	 "the newest first (date), or the highest version (version)"},
	{0, "assets", DL_OPT_FLAG, offsetof(struct options, assets), NULL,
	 "list their assets instead of the releases"},
	{0, "name", DL_OPT_LIST, offsetof(struct options, wish.names), "GLOB",
	 "only assets called GLOB; `*` and `?` match; may be repeated"},
	{'d', "download", DL_OPT_TEXT, offsetof(struct options, download.dir), "DIR",
	 "download their assets to the folder DIR"},
	{0, "by-tag", DL_OPT_FLAG, offsetof(struct options, download.by_run), NULL,
	 "to a folder in DIR for each release, called by its tag"},
	{0, "overwrite", DL_OPT_FLAG, offsetof(struct options, download.overwrite), NULL,
	 "replace files that are there"},
	{.name = NULL},
};

static const struct dl_program program = {
	.name = "dl-releases",
	.summary = "list the releases of a project, and download their assets",
	.operands = "[REF...|-]",
	.options = options,
	.takes = DL_TAKES_DASH,
	.kind = DL_PROVIDER_FORGE,
	.example = "dl-releases --latest -d out --name '*.tar.gz'",
};

/* Assets, and whether there was any. */
struct counter {
	struct dl_sink sink;
	struct dl_sink *next;
	long count;
};

static int put_counted(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
		       const void *record)
{
	struct counter *counter = (struct counter *)sink;

	counter->count++;
	return dl_sink_put(counter->next, scope, schema, record);
}

static int list_assets(struct dl_scope *scope, const struct dl_call *call,
		       const struct dl_releases_wish *wish, const struct dl_sink_list *releases)
{
	struct counter counter = {.sink.put = put_counted, .next = call->sink};

	if (dl_releases_assets(scope, call, wish, releases, &counter.sink) < 0)
		return -1;
	return counter.count ? 0
			     : dl_fail(scope, DL_MISSING,
				       wish->names.count ? "no asset is called so" : "no assets");
}

static int work(struct dl_scope *scope, const struct dl_call *call)
{
	const struct options *given = call->options;
	bool of_asset = call->ref && dl_text_same(call->ref->kind, "asset");
	struct dl_sink_list releases;

	if (!given->download.dir && (given->download.by_run || given->download.overwrite))
		return dl_fail(scope, DL_USAGE, "--by-tag and --overwrite need -d");
	if (dl_releases_find(scope, call, &given->wish, &releases))
		return -1;
	if (!releases.count)
		return dl_fail(scope, DL_MISSING, "no such releases");
	if (given->download.dir)
		return dl_releases_download(scope, call, &given->wish, &given->download, &releases);
	return given->assets || of_asset || given->wish.names.count
		       ? list_assets(scope, call, &given->wish, &releases)
		       : dl_sink_replay(scope, &releases, call->sink);
}

int main(int argc, char **argv)
{
	struct dl_download_meter meter = {0};
	struct options given = {.download = {.meter = &meter, .apart = "--by-tag"}};
	struct dl_tool tool;

	if (dl_tool_begin(&tool, &program, argc, argv, &given) == 0) {
		if (tool.common.limit < 0)
			tool.common.limit = LIMIT;
		dl_tool_each(&tool, work);
	}
	return dl_tool_end(&tool);
}
