/* dl-artifacts: list and download build artifacts. */
#include <string.h>

#include "lib/base/text.h"
#include "lib/ci/download.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/program/select.h"
#include "lib/program/tool.h"

struct options {
	struct dl_opt_list names;
	struct dl_download download;
};

static const struct dl_opt options[] = {
	{'d', "download", DL_OPT_TEXT, offsetof(struct options, download.dir), "DIR",
	 "download to the folder DIR instead of only listing"},
	{0, "name", DL_OPT_LIST, offsetof(struct options, names), "GLOB",
	 "only artifacts called GLOB; `*` and `?` match; may be repeated"},
	{0, "by-run", DL_OPT_FLAG, offsetof(struct options, download.by_run), NULL,
	 "to a folder in DIR for each run, called by its id"},
	{0, "zip", DL_OPT_FLAG, offsetof(struct options, download.keep_zip), NULL,
	 "keep archives as they are, instead of unpacking them"},
	{0, "overwrite", DL_OPT_FLAG, offsetof(struct options, download.overwrite), NULL,
	 "replace what is there: files, and folders with all that is in them"},
	{.name = NULL},
};

static const struct dl_program program = {
	.name = "dl-artifacts",
	.summary = "list and download build artifacts",
	.operands = "[REF...|-]",
	.options = options,
	.schema = &dl_record_artifact,
	.takes = DL_TAKES_REFS,
	.example = "dl-runs -n 1 | dl-artifacts -d out",
};

/* Passes on the artifacts that are asked for. */
struct wanted_artifacts {
	struct dl_sink sink;
	struct dl_sink *next;
	const struct dl_opt_list *names;
	long count; /* passed on so far */
};

static int put_wanted(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
		      const void *record)
{
	struct wanted_artifacts *wanted = (struct wanted_artifacts *)sink;
	const struct dl_opt_list *names = wanted->names;
	size_t i = 0;

	while (i < names->count &&
	       !dl_text_match(names->items[i], ((const struct dl_artifact *)record)->name))
		i++;
	if (names->count && i == names->count)
		return DL_MORE;
	wanted->count++;
	return dl_sink_put(wanted->next, scope, schema, record);
}

/* Lists what REF stands for. RUNS are filled in; an artifact has none. */
static int list(struct dl_scope *scope, const struct dl_call *call, struct dl_names *runs,
		struct dl_sink *sink)
{
	const struct dl_ci *ci = call->target->provider->ci;
	int result = DL_MORE;
	size_t i;

	if (!ci->artifacts || !ci->artifact || !ci->download)
		return dl_provider_lacks(scope, call->target, "artifacts");
	if (strcmp(call->ref->kind, "artifact") == 0)
		return ci->artifact(scope, call->target, call->ref->id, sink);
	if (dl_select_runs(scope, call->target, call->ref, runs))
		return -1;
	for (i = 0; i < runs->count && result == DL_MORE; i++)
		result = ci->artifacts(scope, call->target, runs->items[i], sink);
	return result;
}

/* There is none: is it too early? */
static int tell_none(struct dl_scope *scope, const struct dl_call *call, const struct dl_names *runs)
{
	const struct options *given = call->options;
	const struct dl_ci *ci = call->target->provider->ci;
	const struct dl_run *run;
	size_t i;

	for (i = 0; i < runs->count && ci->run; i++) {
		run = dl_provider_run(scope, call->target, runs->items[i]);
		if (!run)
			return -1;
		if (run->status == DL_COMPLETED)
			continue;
		dl_fail(scope, DL_PENDING, "there is no such artifact yet: run %s is not over",
			runs->items[i]);
		return dl_fail_hint(scope, "dl-watch waits for its end");
	}
	return dl_fail(scope, DL_MISSING, given->names.count ? "no artifact is called so" : "no artifacts");
}

static int work(struct dl_scope *scope, const struct dl_call *call)
{
	const struct options *given = call->options;
	struct wanted_artifacts wanted = {.sink.put = put_wanted, .names = &given->names};
	struct dl_names runs = {0};
	struct dl_sink_first first;
	struct dl_sink_list kept;
	int result;

	if (!given->download.dir &&
	    (given->download.by_run || given->download.keep_zip || given->download.overwrite))
		return dl_fail(scope, DL_USAGE, "--by-run, --zip and --overwrite need -d");
	dl_sink_list(&kept, scope, 0);
	dl_sink_first(&first, given->download.dir ? &kept.sink : call->sink, call->tool->common.limit);
	wanted.next = &first.sink;
	result = list(scope, call, &runs, &wanted.sink);
	if (result >= 0 && !wanted.count)
		return tell_none(scope, call, &runs);
	if (result < 0 || !given->download.dir)
		return result;
	return dl_download_all(scope, call, &given->download, &kept);
}

int main(int argc, char **argv)
{
	struct dl_download_meter meter = {0};
	struct options given = {.download = {.meter = &meter, .apart = "--by-run"}};
	struct dl_tool tool;

	if (dl_tool_begin(&tool, &program, argc, argv, &given) == 0)
		dl_tool_each(&tool, work);
	return dl_tool_end(&tool);
}
