#include "lib/program/program.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/data/schema.h"
#include "lib/program/complete.h"
#include "lib/program/out.h"

enum { HELP_COLUMNS = 80 };

static int print_help(struct dl_scope *scope, const struct dl_program *program)
{
	struct dl_buf text;
	int columns = dl_out_columns(stdout);

	dl_buf_init(&text, &scope->arena, DL_CAP_LINE);
	if (!columns)
		columns = HELP_COLUMNS;
	dl_buf_printf(&text, "usage: %s [options]%s%s\n%s\n\n", program->name, *program->operands ? " " : "",
		      program->operands, program->summary);
	dl_opt_help(&text, program->options, columns);
	dl_buf_puts(&text, program->options ? "\n" : "");
	dl_opt_help(&text, dl_options_common(scope, program), columns);
	if (program->example)
		dl_buf_printf(&text, "\nexample: %s\n", program->example);
	dl_buf_printf(&text, "\nman %s has it all: examples, exit codes, files\n", program->name);
	fputs(text.data, stdout);
	return 1;
}

static int check_fields(struct dl_scope *scope, const struct dl_program *program, const char *fields)
{
	const struct dl_field *field;
	const char *word, *end;
	struct dl_buf names;

	for (; fields && program->schema; fields = *end ? end + 1 : NULL) {
		end = strchrnul(fields, ',');
		word = dl_arena_copy(&scope->arena, fields, (size_t)(end - fields));
		if (strcmp(word, "type") == 0 || dl_schema_field(program->schema, word))
			continue;
		dl_buf_init(&names, &scope->arena, DL_CAP_LINE);
		for (field = program->schema->fields; field->name; field++)
			dl_buf_printf(&names, "%s%s", names.len ? ", " : "", field->name);
		dl_fail(scope, DL_USAGE, "-F: %s records have no field '%s'", program->schema->type,
			dl_text_quote(&scope->arena, word));
		return dl_fail_hint(scope, "they have %s", names.data);
	}
	return 0;
}

static int check_operands(struct dl_scope *scope, const struct dl_program *program,
			  const struct dl_opt_list *operands)
{
	if (program->takes != DL_TAKES_NOTHING || !operands->count || *program->operands)
		return 0;
	return dl_fail(scope, DL_USAGE, "'%s' is superfluous",
		       dl_text_quote(&scope->arena, operands->items[0]));
}

int dl_program_parse(struct dl_scope *scope, const struct dl_program *program, int argc, char **argv,
		     struct dl_common *common, void *options, struct dl_opt_list *operands)
{
	struct dl_opt_set sets[] = {{dl_options_common(scope, program), common},
				    {program->options, options}};

	*common = (struct dl_common){.limit = -1, .reserve = -1};
	*operands = (struct dl_opt_list){0};
	if (dl_opt_parse(scope, sets, 2, argc, argv, operands))
		return -1;
	if (common->help)
		return print_help(scope, program);
	if (common->version)
		return printf("%s (DevLoop) %s\n", program->name, DL_VERSION), 1;
	if (common->completion)
		return 0;
	return check_fields(scope, program, common->fields) || check_operands(scope, program, operands) ? -1
													: 0;
}

int dl_program_begin(struct dl_scope *scope, const struct dl_program *program, int argc, char **argv,
		     struct dl_common *common, void *options, struct dl_opt_list *operands)
{
	const char *script;
	int result;

	dl_scope_open(scope, NULL);
	/* A reader that goes away shows as a failed write. */
	signal(SIGPIPE, SIG_IGN);
	result = dl_program_parse(scope, program, argc, argv, common, options, operands);
	if (result == 0 && common->completion) {
		script = dl_complete_script(scope, program, NULL, common->completion);
		result = script ? 1 : -1;
		fputs(script ? script : "", stdout);
	}
	/* A reader that has gone away is no failure. */
	if (result == 1 && (fflush(stdout) || ferror(stdout)) && errno != EPIPE)
		return dl_fail_errno(scope, "standard output cannot be written");
	return result;
}

static enum dl_out_mode out_mode(const struct dl_common *common)
{
	if (common->fields)
		return DL_OUT_FIELDS;
	if (common->table || (!common->lines && isatty(STDOUT_FILENO)))
		return DL_OUT_TABLE;
	return DL_OUT_LINES;
}

int dl_program_out(struct dl_scope *scope, const struct dl_common *common, struct dl_out *out)
{
	if (common->lines + common->table + (common->fields != NULL) > 1)
		return dl_fail(scope, DL_USAGE, "-j, -t and -F exclude each other");
	dl_out_open(out, scope, stdout, out_mode(common), common->fields);
	return 0;
}

void dl_program_error(const struct dl_program *program, const char *about, const struct dl_error *error)
{
	fprintf(stderr, "%s: %s%s%s\n", program->name, about ? about : "", about ? ": " : "", error->message);
	if (error->hint)
		fprintf(stderr, "%s: hint: %s\n", program->name, error->hint);
}

int dl_program_end(struct dl_scope *scope, const struct dl_program *program, enum dl_class answer)
{
	if (scope->error.class != DL_OK) {
		answer = scope->error.class;
		dl_program_error(program, NULL, &scope->error);
	}
	dl_scope_close(scope);
	return (int)answer;
}
