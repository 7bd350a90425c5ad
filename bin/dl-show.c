/* dl-show: turn lines into an aligned table, or into a page of HTML. */
#include <string.h>
#include <unistd.h>

#include "lib/base/text.h"
#include "lib/ci/report.h"
#include "lib/ci/trend.h"
#include "lib/data/line.h"
#include "lib/data/record.h"
#include "lib/program/tool.h"

struct options {
	bool fields, html, trends;
};

static const struct dl_opt options[] = {
	{0, "fields", DL_OPT_FLAG, offsetof(struct options, fields), NULL,
	 "print the types of records and their fields instead"},
	{0, "html", DL_OPT_FLAG, offsetof(struct options, html), NULL,
	 "print one page of HTML that needs nothing but itself"},
	{0, "trends", DL_OPT_FLAG, offsetof(struct options, trends), NULL,
	 "print what the runs of each workflow come to, instead of the runs"},
	{.name = NULL},
};

static const struct dl_program program = {
	.name = "dl-show",
	.summary = "show lines as a table, or as a page of HTML",
	.operands = "",
	.options = options,
	.takes = DL_TAKES_NOTHING,
	.example = "dl-runs -n 50 | dl-show",
};

static void print_fields(struct dl_tool *tool)
{
	static const char *const types[] = {"text", "number", "time", "flag", "word", "json", "list"};
	const struct dl_schema *const *schema;
	const struct dl_field *field;
	const char *line;

	for (schema = dl_record_all; *schema; schema++)
		for (field = (*schema)->fields; field->name; field++) {
			line = dl_arena_format(&tool->scope.arena, "%s\t%s\t%s\t%s\n", (*schema)->type,
					       field->name, types[field->type], field->doc);
			if (dl_out_text(&tool->scope, &tool->out, line, strlen(line)))
				return;
		}
}

/* Where records go. */
struct show {
	struct dl_sink sink;
	struct dl_tool *tool;
	const struct options *given;
	struct dl_trends trends;
	struct dl_report report;
};

/* On a terminal the trends follow what was shown. */
static int take(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
		const void *record)
{
	struct show *show = (struct show *)sink;
	bool run = schema == &dl_record_run;

	if (show->given->html)
		return dl_sink_put(&show->report.sink, scope, schema, record);
	if (run && (show->given->trends || show->tool->out.columns))
		dl_trend_add(&show->trends, record);
	return run && show->given->trends ? DL_MORE
					  : dl_sink_put(&show->tool->out.sink, scope, schema, record);
}

/* Prints what could not be printed before all had come. */
static int finish(struct show *show)
{
	struct dl_tool *tool = show->tool;

	if (show->given->html)
		return dl_report_print(&tool->scope, &show->report, &tool->out);
	if (show->given->trends || (tool->out.mode == DL_OUT_TABLE && tool->out.count > 1))
		return dl_trend_put(&tool->scope, &show->trends, &tool->out.sink);
	return 0;
}

static int show_line(struct dl_scope *scope, struct show *show, const struct dl_line *line)
{
	const struct dl_schema *schema = dl_record_find(line->type);
	void *record;

	if (!line->type)
		return dl_fail(scope, DL_DATA, "line %ld: a bare ref is no record", line->number);
	if (!schema)
		return dl_fail(scope, DL_DATA, "line %ld: unknown type '%s'", line->number,
			       dl_text_quote(&scope->arena, line->type));
	record = dl_schema_new(scope, schema);
	if (dl_schema_decode(scope, schema, line->node, record))
		return dl_fail_prefix(scope, "line %ld", line->number);
	if (schema == &dl_record_error)
		show->tool->answer = dl_fail_class(((const struct dl_error_line *)record)->class);
	return dl_sink_put(&show->sink, scope, schema, record);
}

/* Bad lines are told and left out; the good ones are shown. */
static int show_lines(struct dl_tool *tool, const struct options *given)
{
	struct show *show = dl_arena_alloc(&tool->scope.arena, sizeof *show);
	long limit = tool->common.limit > 0 ? tool->common.limit : -1;
	struct dl_lines lines;
	struct dl_line line;
	struct dl_scope scope;
	int result = DL_MORE, got = 1;
	long count, shown = 0;

	*show = (struct show){{take}, tool, given, .trends.scope = &tool->scope};
	dl_report_open(&show->report, &tool->scope);
	dl_line_open(&lines, &tool->scope.arena, STDIN_FILENO);
	for (count = 0; got != 0 && result != DL_ENOUGH && count != limit; count++) {
		dl_scope_open(&scope, NULL);
		got = dl_line_next(&scope, &lines, &line);
		result = got > 0 ? show_line(&scope, show, &line) : got;
		shown += got > 0 && result >= 0;
		if (result < 0) {
			dl_tool_note(tool, "%s", scope.error.message);
			tool->answer = scope.error.class;
			got = scope.error.class == DL_SYSTEM ? 0 : 1;
		}
		dl_scope_close(&scope);
	}
	if (!shown && tool->answer == DL_OK)
		return dl_fail(&tool->scope, DL_MISSING, "nothing came in on standard input");
	return finish(show);
}

int main(int argc, char **argv)
{
	struct options given = {0};
	struct dl_tool tool;

	if (dl_tool_begin(&tool, &program, argc, argv, &given) == 0) {
		if (tool.out.mode == DL_OUT_LINES && !tool.common.lines)
			tool.out.mode = DL_OUT_TABLE;
		if (given.fields)
			print_fields(&tool);
		else
			DL_BUG_IF(show_lines(&tool, &given) < 0 && tool.scope.error.class == DL_OK);
	}
	return dl_tool_end(&tool);
}
