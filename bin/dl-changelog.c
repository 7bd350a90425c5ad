/* dl-changelog: the changes between two points of history, and the version they ask for. */
#include <unistd.h>

#include "lib/base/path.h"
#include "lib/base/scope.h"
#include "lib/base/time.h"
#include "lib/changelog/changelog.h"
#include "lib/changelog/layout.h"
#include "lib/changelog/lint.h"
#include "lib/changelog/next.h"
#include "lib/changelog/tell.h"
#include "lib/data/event.h"
#include "lib/data/record.h"
#include "lib/program/out.h"
#include "lib/program/program.h"

struct options {
	struct dl_changelog_query query;
	struct dl_next_query wanted;
	const char *format, *prepend;
	bool markdown, next, check;
};

#define OWN(member) offsetof(struct options, member)
#define QUERY(member) OWN(query.member)

static const struct dl_opt options[] = {
	{'a', "all", DL_OPT_FLAG, QUERY(all), NULL, "the whole history, by release"},
	{'u', "unreleased", DL_OPT_FLAG, QUERY(unreleased), NULL, "what has come since the last release"},
	{0, "as", DL_OPT_TEXT, QUERY(as), "TAG", "what is not released yet will be TAG"},
	{0, "path", DL_OPT_LIST, QUERY(paths), "PATH", "only commits that touch PATH, from the tree's top"},
	{0, "exclude-path", DL_OPT_LIST, QUERY(excluded), "PATH", "none that touch nothing but PATH"},
	{0, "tag-prefix", DL_OPT_TEXT, QUERY(prefix), "PREFIX", "releases are the tags PREFIX1.2.3"},
	{0, "final", DL_OPT_FLAG, QUERY(finals), NULL, "pre-releases are no releases"},
	{0, "first-parent", DL_OPT_FLAG, QUERY(first_parent), NULL, "tell merges, not what they have merged"},
	{0, "headings", DL_OPT_TEXT, QUERY(headings), "STYLE", "keep: those of Keep a Changelog; or plain"},
	{0, "no-others", DL_OPT_FLAG, QUERY(no_others), NULL, "do not tell commits that have no type"},
	{'m', "markdown", DL_OPT_FLAG, OWN(markdown), NULL, "print Markdown (the default on a terminal)"},
	{0, "format", DL_OPT_TEXT, OWN(format), "TEMPLATE", "print what TEMPLATE makes: '{subject}\\n'"},
	{0, "prepend", DL_OPT_TEXT, OWN(prepend), "FILE", "put it into FILE; what people wrote there stays"},
	{0, "next", DL_OPT_FLAG, OWN(next), NULL, "print the next version instead"},
	{0, "bump", DL_OPT_TEXT, OWN(wanted.bump), "PART", "--next is by PART: major, minor or patch"},
	{0, "pre", DL_OPT_TEXT, OWN(wanted.pre), "NAME", "--next is a pre-release: rc, beta, ..."},
	{0, "check", DL_OPT_FLAG, OWN(check), NULL, "say what is wrong with messages of a range or FILE"},
	{.name = NULL},
};

static const struct dl_program program = {
	.name = "dl-changelog",
	.summary = "print the changes between two points of history",
	.operands = "[FROM..TO|FROM [TO]]",
	.options = options,
	.schema = &dl_record_change,
	.takes = DL_TAKES_NOTHING,
	.example = "dl-changelog --as \"$next\" --prepend CHANGELOG.md",
	.common = "directory,lines,field,dry-run",
};

static int check_options(struct dl_scope *scope, const struct options *given)
{
	if (given->query.all && (given->query.from || given->query.unreleased))
		return dl_fail(scope, DL_USAGE, "--all begins with the first commit: leave out %s",
			       given->query.from ? "FROM" : "--unreleased and --next");
	if (given->markdown + (given->format != NULL) + given->next + given->check > 1 ||
	    ((given->next || given->check) && given->prepend))
		return dl_fail(scope, DL_USAGE, "--next, --check and what prints changes exclude each other");
	if (given->wanted.bump && !given->next)
		return dl_fail(scope, DL_USAGE, "--bump is about the next version: add --next");
	return 0;
}

/* Prints what is asked for. */
static int tell(struct dl_scope *scope, const struct dl_common *common, const struct options *given,
		struct dl_out *out, enum dl_class *answer)
{
	bool records = common->lines || common->fields || !isatty(STDOUT_FILENO);
	struct dl_changelog log;
	struct dl_layout layout;
	struct dl_next next;
	int result = dl_changelog_open(scope, &given->query, &log);

	if (result == 0 && given->next) {
		result = dl_next_version(scope, &log, &given->wanted, &next);
		*answer = next.tag ? DL_OK : DL_NO;
		if (result == 0 && next.tag)
			result = dl_tell_next(scope, &next, out);
	} else if (result == 0 && records && !given->markdown && !given->format && !given->prepend) {
		result = dl_tell_records(scope, &log, out);
	} else if (result == 0 && (result = dl_layout_read(scope, &log, given->format, &layout)) == 0) {
		result = given->prepend ? dl_tell_file(scope, &log, &layout, given->prepend,
						       common->dry_run ? out : NULL)
					: dl_tell_text(scope, &log, &layout, out);
	}
	dl_changelog_close(&log);
	return result;
}

static int run(struct dl_scope *scope, const struct dl_common *common, const struct dl_opt_list *operands,
	       struct options *given, enum dl_class *answer)
{
	struct dl_out out;
	int result;

	given->query.dir = common->dir;
	given->prepend = dl_path_from(&scope->arena, common->dir, given->prepend);
	given->query.pre = given->wanted.pre != NULL;
	given->query.unreleased |= given->next;
	if (dl_changelog_range(scope, operands, &given->query) || check_options(scope, given) ||
	    dl_program_out(scope, common, &out))
		return -1;
	if ((given->next || given->check) && !common->lines)
		out.mode = DL_OUT_TABLE;
	if (given->check) {
		result = dl_lint_run(scope, &given->query, operands, &out);
		*answer = result > 0 ? DL_NO : DL_OK;
	} else {
		result = tell(scope, common, given, &out, answer);
	}
	if (result >= 0)
		result = dl_out_flush(scope, &out);
	dl_out_close(&out);
	return result;
}

static void log_event(struct dl_scope *scope, const struct dl_common *common, const struct options *given,
		      int64_t begun_ms, enum dl_class answer)
{
	const char *operation = given->check ? "check" : given->next ? "next" : "changelog";
	struct dl_event *event = dl_event_new(scope, program.name, operation, answer);

	if (given->prepend && !common->dry_run && scope->error.class == DL_OK && answer == DL_OK)
		dl_event_changed(scope, event, "write", given->prepend);
	dl_event_end(scope, event, begun_ms, answer);
}

int main(int argc, char **argv)
{
	int64_t begun_ms = dl_time_clock_ms();
	enum dl_class answer = DL_OK;
	struct dl_opt_list operands;
	struct options given = {0};
	struct dl_common common;
	struct dl_scope scope;

	if (dl_program_begin(&scope, &program, argc, argv, &common, &given, &operands) == 0) {
		DL_BUG_IF(run(&scope, &common, &operands, &given, &answer) < 0 && scope.error.class == DL_OK);
		log_event(&scope, &common, &given, begun_ms, answer);
	}
	return dl_program_end(&scope, &program, answer);
}
