/* dl-sync: keep clones of many repositories in step with their servers. */
#include <unistd.h>

#include "lib/base/text.h"
#include "lib/data/record.h"
#include "lib/program/tool.h"
#include "lib/sync/repos.h"
#include "lib/sync/sync.h"
#include "lib/sync/sync_every.h"
#include "lib/sync/sync_source.h"
#include "lib/sync/sync_status.h"

enum { WIDTH = 8, PER_HOST = 8 };

struct options {
	struct dl_sync_source source;
	struct dl_sync sync;
	const char *status_file;
	int64_t every_s;
	bool list, status, merge, wait;
};

static const struct dl_opt options[] = {
	{'f', "file", DL_OPT_TEXT, offsetof(struct options, source.file), "FILE",
	 "read FILE instead of .devloop/repos.yaml or repos.yaml"},
	{'d', "into", DL_OPT_TEXT, offsetof(struct options, source.folder), "DIR",
	 "the clones lie below DIR, not here"},
	{0, "tier", DL_OPT_TEXT, offsetof(struct options, source.tier), "TIER",
	 "only those of TIER; TIER,TIER: of both"},
	{0, "list", DL_OPT_FLAG, offsetof(struct options, list), NULL, "print them, and do nothing"},
	{0, "clone", DL_OPT_FLAG, offsetof(struct options, sync.clone), NULL, "only clone what is missing"},
	{0, "pull", DL_OPT_FLAG, offsetof(struct options, sync.pull), NULL, "only pull what is there"},
	{0, "ref", DL_OPT_TEXT, offsetof(struct options, source.ref), "REF",
	 "the branch or tag of OWNER/NAME"},
	{0, "depth", DL_OPT_COUNT, offsetof(struct options, source.depth), "N",
	 "clone N commits of history where the file does not say; 0: all; default 1"},
	{0, "filter", DL_OPT_TEXT, offsetof(struct options, source.filter), "SPEC",
	 "make partial clones: blob:none, blob:limit=1m, tree:0"},
	{0, "submodules", DL_OPT_FLAG, offsetof(struct options, source.submodules), NULL, "submodules, too"},
	{0, "lfs", DL_OPT_FLAG, offsetof(struct options, source.lfs), NULL, "large files, too, with git-lfs"},
	{0, "bare", DL_OPT_FLAG, offsetof(struct options, source.bare), NULL,
	 "clones without a working tree"},
	{0, "mirror", DL_OPT_FLAG, offsetof(struct options, source.mirror), NULL,
	 "bare clones with every ref"},
	{0, "force-mirror", DL_OPT_FLAG, offsetof(struct options, sync.force), NULL,
	 "mirrors follow what has been rewritten or deleted, and lose what was there"},
	{'P', "jobs", DL_OPT_COUNT, offsetof(struct options, sync.width), "N",
	 "run git for N at once; default 8"},
	{0, "per-host", DL_OPT_COUNT, offsetof(struct options, sync.per_host), "N",
	 "for N of one server at once; default 8"},
	{0, "allow", DL_OPT_LIST, offsetof(struct options, source.allowed), "SCHEME",
	 "use SCHEME, too: http, file, git; otherwise only https and ssh are used"},
	{0, "hooks", DL_OPT_FLAG, offsetof(struct options, sync.hooks), NULL, "let git run your hooks"},
	{0, "on-failure", DL_OPT_TEXT, offsetof(struct options, sync.on_failure), "COMMAND",
	 "give the lines of what was skipped or failed to the shell command COMMAND"},
	{0, "every", DL_OPT_PERIOD, offsetof(struct options, every_s), "TIME",
	 "go on for ever: again every TIME, and at SIGHUP"},
	{0, "shard", DL_OPT_TEXT, offsetof(struct options, source.shard), "PART",
	 "only PART: I/N is the part I, from 0, of N, one for each of N machines"},
	{0, "status", DL_OPT_FLAG, offsetof(struct options, status), NULL, "print how it went the last time"},
	{0, "status-file", DL_OPT_TEXT, offsetof(struct options, status_file), "FILE", "keep that in FILE"},
	{0, "merge", DL_OPT_FLAG, offsetof(struct options, merge), NULL,
	 "print how it went by the status files that are the operands, and join them in --status-file"},
	{0, "wait", DL_OPT_FLAG, offsetof(struct options, wait), NULL, "wait for another dl-sync to end"},
	{.name = NULL},
};

static const struct dl_program program = {
	.name = "dl-sync",
	.summary = "keep clones of many repositories in step with their servers",
	.operands = "[NAME...|OWNER/NAME [DIR]|-]",
	.options = options,
	.takes = DL_TAKES_DASH,
	.common = "directory,lines,table,field,quiet,verbose,dry-run,timeout",
	.example = "dl-sync --tier wizard",
};

/* How it went the last time, by one file or by those of many machines, which are joined. */
static int show_status(struct dl_tool *tool, const struct options *given)
{
	struct dl_scope *scope = &tool->scope;
	const char *path = given->status_file ? given->status_file
					      : dl_sync_status_path(scope, given->source.shard);
	const struct dl_opt_list paths = {&path, 1};
	struct dl_sync_status joined = {.file = NULL};
	struct dl_summary summary;

	if (!path || (given->merge && given->status_file &&
		      dl_sync_status_begin(scope, &joined, given->status_file, "sync_all")))
		return -1;
	if (dl_sync_status_show(scope, tool, given->merge ? &tool->operands : &paths, &joined, &summary) < 0)
		return -1;
	tool->answer = summary.succeeded == summary.total ? DL_OK : DL_NO;
	return dl_sync_status_end(scope, &joined, &summary);
}

/* The lock that keeps a second run away; 0: none is due. */
static int lock(struct dl_tool *tool, struct options *given)
{
	int64_t deadline_ms = given->wait ? (tool->deadline_ms ? tool->deadline_ms : INT64_MAX) : 0;

	if (tool->common.dry_run || (given->sync.alone && !given->status_file))
		return 0;
	given->sync.status_path = given->status_file ? given->status_file
						     : dl_sync_status_path(&tool->scope, given->source.shard);
	return given->sync.status_path
		       ? dl_sync_status_lock(&tool->scope, given->sync.status_path, deadline_ms)
		       : -1;
}

/* Reads the file, which may have changed since the last round, and works on what it says. */
static int sync_once(struct dl_scope *scope, struct dl_tool *tool)
{
	struct options *given = tool->options;
	struct dl_repos repos;

	if (dl_sync_source_read(scope, tool, &given->source, &repos, &given->sync))
		return -1;
	return given->list ? dl_sync_list(scope, tool, &repos)
			   : dl_sync_run(scope, tool, &repos, &given->sync);
}

static int work(struct dl_tool *tool, struct options *given)
{
	struct dl_scope *scope = &tool->scope;
	const char *first = tool->operands.count ? tool->operands.items[0] : NULL;

	if (tool->common.dir && chdir(tool->common.dir) < 0)
		return dl_fail_errno(scope, "-C %s", tool->common.dir);
	if (given->status || given->merge)
		return show_status(tool, given);
	if (given->every_s && dl_text_same(first, "-"))
		return dl_fail(scope, DL_USAGE, "--every: standard input can be read but once");
	given->sync.alone = first && !dl_repos_is_named(first);
	if (!given->list && lock(tool, given) < 0)
		return -1;
	return given->every_s ? dl_sync_every(scope, tool, given->every_s, sync_once)
			      : sync_once(scope, tool);
}

int main(int argc, char **argv)
{
	struct options given = {.source.depth = -1, .sync.width = WIDTH, .sync.per_host = PER_HOST};
	struct dl_tool tool;

	if (dl_tool_begin(&tool, &program, argc, argv, &given) == 0)
		DL_BUG_IF(work(&tool, &given) < 0 && tool.scope.error.class == DL_OK);
	return dl_tool_end(&tool);
}
