/* dl-release: create or complete a release on a forge, with notes and assets. */
#include <string.h>

#include "lib/data/record.h"
#include "lib/data/semver.h"
#include "lib/program/tool.h"
#include "lib/release/notes.h"
#include "lib/release/release.h"
#include "lib/release/release_plan.h"

struct options {
	const char *name, *notes, *from, *target;
	bool changelog, draft, prerelease, latest, no_latest, checksums, clobber, discard;
};

static const struct dl_opt options[] = {
	{0, "name", DL_OPT_TEXT, offsetof(struct options, name), "NAME", "what the release is called"},
	{0, "notes", DL_OPT_TEXT, offsetof(struct options, notes), "FILE",
	 "its notes are in FILE; `-`: on standard input, as text or as lines of dl-changelog"},
	{0, "changelog", DL_OPT_FLAG, offsetof(struct options, changelog), NULL,
	 "its notes are the changes since the release before"},
	{0, "from", DL_OPT_TEXT, offsetof(struct options, from), "REVISION",
	 "its notes are the changes since REVISION"},
	{0, "target", DL_OPT_TEXT, offsetof(struct options, target), "REVISION",
	 "a new tag is made at REVISION, by default at HEAD"},
	{0, "draft", DL_OPT_FLAG, offsetof(struct options, draft), NULL, "it stays a draft that nobody sees"},
	{0, "prerelease", DL_OPT_FLAG, offsetof(struct options, prerelease), NULL,
	 "it is a pre-release, also when its version is none"},
	{0, "latest", DL_OPT_FLAG, offsetof(struct options, latest), NULL,
	 "it must become the latest: else, when a higher version is there, it does not"},
	{0, "no-latest", DL_OPT_FLAG, offsetof(struct options, no_latest), NULL,
	 "it does not become the latest"},
	{0, "checksums", DL_OPT_FLAG, offsetof(struct options, checksums), NULL,
	 "add a file SHA256SUMS that is made of the others"},
	{0, "clobber", DL_OPT_FLAG, offsetof(struct options, clobber), NULL,
	 "replace assets that are there and are other files"},
	{0, "discard", DL_OPT_FLAG, offsetof(struct options, discard), NULL,
	 "take the draft of TAG back instead"},
	{.name = NULL},
};

static const struct dl_program program = {
	.name = "dl-release",
	.summary = "create or complete a release on a forge, with notes and assets",
	.operands = "TAG [FILE...] | -",
	.options = options,
	.kind = DL_PROVIDER_FORGE,
	.example = "dl-release v1.2.0 --changelog --checksums dist/*",
};

static int check_options(struct dl_scope *scope, const struct options *given, size_t operands)
{
	if (!operands) {
		dl_fail(scope, DL_USAGE, "which tag?");
		return dl_fail_hint(scope, "%s", program.example);
	}
	if ((given->notes != NULL) + (given->changelog || given->from) > 1)
		return dl_fail(scope, DL_USAGE, "--notes and --changelog exclude each other");
	if (given->latest && (given->no_latest || given->draft || given->prerelease))
		return dl_fail(scope, DL_USAGE,
			       "--latest does not go with --no-latest, --draft and --prerelease");
	if (given->discard && operands > 1)
		return dl_fail(scope, DL_USAGE, "--discard takes no files");
	return 0;
}

/* The notes that are asked for, into EDITION. */
static int find_notes(struct dl_scope *scope, const struct dl_call *call, struct dl_edition *edition)
{
	const struct options *given = call->options;
	const char *dir = call->tool->common.dir;

	if (given->notes)
		edition->body = dl_notes_read(scope, dl_tool_path(scope, call->tool, given->notes), dir,
					      edition->version);
	else if (given->changelog || given->from)
		edition->body = dl_notes_changelog(scope, dir, given->from, edition->sha, edition->version);
	return scope->error.class == DL_OK ? 0 : -1;
}

static int make(struct dl_scope *scope, const struct dl_call *call)
{
	const struct dl_opt_list *operands = &call->tool->operands;
	const struct options *given = call->options;
	const struct dl_opt_list files = {operands->items + 1, operands->count - 1};
	const char *tag = operands->items[0];
	struct dl_release_wish wish = {
		.edition = {
			.version = tag,
			.name = given->name,
			.draft = given->draft,
			.prerelease = given->prerelease || dl_semver_tag_is_pre(tag),
		},
		.target = given->target,
		.files = dl_tool_paths(scope, call->tool, &files),
		.checksums = given->checksums,
		.clobber = given->clobber,
		.latest = given->latest	     ? DL_RELEASE_MUST
			  : given->no_latest ? DL_RELEASE_NEVER
					     : DL_RELEASE_HIGHEST,
		.notes = find_notes,
	};

	return dl_release_make(scope, call, &wish);
}

static bool is_any(const struct options *given)
{
	return given->name || given->notes || given->from || given->target || given->changelog ||
	       given->draft || given->prerelease || given->latest || given->no_latest || given->checksums ||
	       given->clobber || given->discard;
}

/* What a plan on standard input says. */
static int carry_out(struct dl_scope *scope, const struct dl_call *call)
{
	struct dl_release_plan plan;
	struct dl_release_wish wish;

	if (call->tool->operands.count > 1 || is_any(call->options))
		return dl_fail(scope, DL_USAGE, "a plan says all that a release is about");
	if (dl_release_plan_read(scope, &plan))
		return -1;
	dl_release_plan_wish(scope, &plan, &wish);
	return dl_release_make(scope, call, &wish);
}

static int work(struct dl_scope *scope, const struct dl_call *call)
{
	const struct dl_opt_list *operands = &call->tool->operands;
	const struct options *given = call->options;

	if (check_options(scope, given, operands->count))
		return -1;
	if (strcmp(operands->items[0], "-") == 0)
		return carry_out(scope, call);
	return given->discard ? dl_release_discard(scope, call, operands->items[0]) : make(scope, call);
}

int main(int argc, char **argv)
{
	struct options given = {.draft = false};
	struct dl_tool tool;

	if (dl_tool_begin(&tool, &program, argc, argv, &given) == 0)
		dl_tool_here(&tool, work);
	return dl_tool_end(&tool);
}
