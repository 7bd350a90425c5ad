/* dl-doctor: look whether everything is there that the programs need; one line for each thing. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/text.h"
#include "lib/data/record.h"
#include "lib/health/doctor.h"
#include "lib/health/doctor_look.h"
#include "lib/program/tool.h"

struct options {
	bool fix;
};

static const struct dl_opt options[] = {
	{0, "fix", DL_OPT_FLAG, offsetof(struct options, fix), NULL,
	 "print the commands that mend what is wrong, for a shell; none is run"},
	{.name = NULL},
};

static const struct dl_program program = {
	.name = "dl-doctor",
	.summary = "look whether everything is there that the programs need",
	.operands = "",
	.options = options,
	.takes = DL_TAKES_NOTHING,
	.traceless = true,
	.example = "dl-doctor -t",
	.registries = dl_registries,
};

/* Where checks go: printed as they come, kept for a table, or turned into commands. */
struct ward {
	struct dl_sink sink;
	struct dl_tool *tool;
	const struct options *given;
	struct dl_sink_list kept;
};

/* What is said is a remark to the shell, which ends at the line's end. */
static int print_command(struct dl_scope *scope, struct dl_tool *tool, const struct dl_check *check)
{
	const char *text;

	if (check->status != DL_CHECK_WARN && check->status != DL_CHECK_FAIL)
		return DL_MORE;
	text = dl_arena_format(&scope->arena, "# %s: %s\n%s%s%s%s\n", check->name, check->message,
			       check->hint ? "# " : "", check->hint ? check->hint : "",
			       check->hint ? "\n" : "",
			       check->command ? check->command : "# there is no command for that");
	return dl_out_text(scope, &tool->out, text, strlen(text));
}

static int take(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
		const void *record)
{
	struct ward *ward = (struct ward *)sink;
	const struct dl_check *check = record;

	if (check->status == DL_CHECK_FAIL)
		ward->tool->answer = DL_NO;
	if (ward->given->fix)
		return print_command(scope, ward->tool, check);
	if (ward->tool->out.mode == DL_OUT_TABLE)
		return dl_sink_put(&ward->kept.sink, scope, schema, record);
	return dl_sink_put(&ward->tool->out.sink, scope, schema, record);
}

/* The worst come first where people look. */
static int print_kept(struct ward *ward)
{
	static const int order[] = {DL_CHECK_FAIL, DL_CHECK_WARN, DL_CHECK_PASS, DL_CHECK_SKIP};
	int result = DL_MORE;
	size_t i, j;

	for (i = 0; i < sizeof order / sizeof *order; i++)
		for (j = 0; j < ward->kept.count && result == DL_MORE; j++) {
			const struct dl_check *check = dl_sink_item(&ward->kept, j);

			if (check->status == order[i])
				result = dl_sink_put(&ward->tool->out.sink, &ward->tool->scope,
						     &dl_record_check, check);
		}
	return result;
}

static int examine(struct dl_tool *tool, const struct options *given)
{
	struct ward ward = {.sink.put = take, .tool = tool, .given = given};
	struct dl_doctor doctor = {.scope = &tool->scope, .finder = &tool->finder, .sink = &ward.sink};

	if (tool->common.dir && chdir(tool->common.dir) < 0)
		return dl_fail_errno(&tool->scope, "-C %s",
				     dl_text_quote(&tool->scope.arena, tool->common.dir));
	tool->finder.dir = NULL;
	dl_sink_list(&ward.kept, &tool->scope, 0);
	return dl_doctor_look(&doctor) < 0 ? -1 : print_kept(&ward);
}

int main(int argc, char **argv)
{
	struct options given = {0};
	struct dl_tool tool;

	if (dl_tool_begin(&tool, &program, argc, argv, &given) == 0)
		DL_BUG_IF(examine(&tool, &given) < 0 && tool.scope.error.class == DL_OK);
	return dl_tool_end(&tool);
}
