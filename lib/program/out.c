/* A table's widths must be known before its first row is printed, but a list may be long or never end. So the
 * first SAMPLE rows wait and decide; what comes later widens its column where there is room, and else is cut.
 * Everything that is printed for a terminal has gone through dl_text_clean. */
#include "lib/program/out.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/data/schema.h"

enum { SAMPLE = 100, GAP = 2, LEAST = 8, MOST_COLUMNS = 16, PLAIN_COLUMNS = 160 };

struct dl_out_row {
	struct dl_out_row *next;
	const char *cells[]; /* one per column of the schema */
};

int dl_out_columns(FILE *file)
{
	const char *text = getenv("COLUMNS");
	struct winsize size;

	if (!isatty(fileno(file)))
		return 0;
	if (text && dl_text_int(text) > 0 && dl_text_int(text) < 10000)
		return (int)dl_text_int(text);
	return ioctl(fileno(file), TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
}

bool dl_out_rewrites(FILE *file)
{
	const char *term = getenv("TERM");

	return isatty(fileno(file)) && term && *term && strcmp(term, "dumb") != 0;
}

static bool wants_colour(FILE *file)
{
	const char *no = getenv("NO_COLOR");

	return dl_out_rewrites(file) && !(no && *no);
}

/* A write that failed because nobody reads any more is the end, everything else a failure. */
static int check_file(struct dl_scope *scope, struct dl_out *out, bool failed)
{
	if (out->closed)
		return DL_ENOUGH;
	if (!failed)
		return DL_MORE;
	if (errno == EPIPE) {
		out->closed = true;
		return DL_ENOUGH;
	}
	return dl_fail_errno(scope, "standard output cannot be written");
}

int dl_out_text(struct dl_scope *scope, struct dl_out *out, const char *data, size_t len)
{
	if (out->closed)
		return DL_ENOUGH;
	return check_file(scope, out, fwrite(data, 1, len, out->file) != len);
}

static int print_line(struct dl_scope *scope, struct dl_out *out, const struct dl_schema *schema,
		      const void *record)
{
	dl_buf_reset(&out->line);
	dl_schema_encode(schema, record, &out->line);
	if (dl_buf_check(scope, &out->line, schema->type))
		return -1;
	dl_buf_putc(&out->line, '\n');
	return dl_out_text(scope, out, out->line.data, out->line.len);
}

/* One record is one line, whatever is in it. */
static void one_line(char *text)
{
	for (; *text; text++)
		if (*text == '\n' || *text == '\t' || *text == '\r')
			*text = ' ';
}

static int print_fields(struct dl_scope *scope, struct dl_out *out, const struct dl_schema *schema,
			const void *record)
{
	const char *name = out->fields, *end, *word;
	const struct dl_field *field;
	struct dl_buf value;

	dl_buf_reset(&out->line);
	for (; name; name = *end ? end + 1 : NULL) {
		end = strchrnul(name, ',');
		word = dl_arena_copy(&scope->arena, name, (size_t)(end - name));
		field = dl_schema_field(schema, word);
		dl_buf_init(&value, &scope->arena, DL_CAP_LINE);
		if (field)
			dl_schema_value(field, record, &value);
		else if (strcmp(word, "type") == 0)
			dl_buf_puts(&value, schema->type);
		one_line(value.data);
		if (name != out->fields)
			dl_buf_putc(&out->line, '\t');
		dl_text_clean(&out->line, value.data, value.len, false);
	}
	dl_buf_putc(&out->line, '\n');
	return dl_out_text(scope, out, out->line.data, out->line.len);
}

/* The field that a column shows: of `a|b` the first that is not null. */
static const struct dl_field *column_field(struct dl_scope *scope, const struct dl_schema *schema,
					   const struct dl_column *column, const void *record)
{
	const char *name = column->field, *end;
	const struct dl_field *field = NULL;

	for (; name; name = *end ? end + 1 : NULL) {
		end = strchrnul(name, '|');
		field = dl_schema_field(schema, dl_arena_copy(&scope->arena, name, (size_t)(end - name)));
		DL_BUG_IF(!field);
		if (!dl_schema_null(field, record))
			break;
	}
	return field;
}

/* The names of a list's items, in their order. */
static const char *names_cell(struct dl_scope *scope, const struct dl_field *field, const void *record)
{
	const struct dl_field *name = dl_schema_field(field->sub, "name");
	const struct dl_list *list = dl_schema_list(field, record);
	const char *item = list->items;
	struct dl_buf raw, clean;
	size_t i;

	DL_BUG_IF(!name);
	dl_buf_init(&raw, &scope->arena, DL_CAP_LINE);
	dl_buf_init(&clean, &scope->arena, DL_CAP_LINE);
	for (i = 0; i < list->count; i++, item += field->sub->size) {
		dl_buf_puts(&raw, i ? "," : "");
		dl_schema_value(name, item, &raw);
	}
	one_line(raw.data);
	dl_text_clean(&clean, raw.data, raw.len, false);
	return clean.len ? clean.data : "-";
}

const char *dl_out_cell(struct dl_scope *scope, const struct dl_schema *schema,
			const struct dl_column *column, const void *record)
{
	const struct dl_field *field = column_field(scope, schema, column, record);
	struct dl_buf raw, clean;

	if (dl_schema_null(field, record))
		return "-";
	if (column->show == DL_SHOW_AGE)
		return dl_time_span(&scope->arena, dl_time_now() - dl_schema_int(field, record));
	if (column->show == DL_SHOW_SPAN)
		return dl_time_span(&scope->arena, dl_schema_int(field, record));
	if (column->show == DL_SHOW_SIZE)
		return dl_text_size(&scope->arena, dl_schema_int(field, record));
	if (column->show == DL_SHOW_NAMES)
		return names_cell(scope, field, record);
	dl_buf_init(&raw, &scope->arena, DL_CAP_LINE);
	dl_buf_init(&clean, &scope->arena, DL_CAP_LINE);
	dl_schema_value(field, record, &raw);
	one_line(raw.data);
	dl_text_clean(&clean, raw.data, column->show == DL_SHOW_SHA && raw.len > 10 ? 10 : raw.len, false);
	return clean.len ? clean.data : "-";
}

static const char *state_colour(const char *word)
{
	static const struct {
		const char *word, *colour;
	} colours[] = {
		{"success", "\033[32m"},
		{"failure", "\033[31m"},
		{"timed_out", "\033[31m"},
		{"action_required", "\033[35m"},
		{"cancelled", "\033[33m"},
		{"superseded", "\033[33m"},
		{"stale", "\033[33m"},
		{"in_progress", "\033[34m"},
		{"queued", "\033[34m"},
		{"pending", "\033[34m"},
		{"unregistered", "\033[34m"},
		{"pass", "\033[32m"},
		{"warn", "\033[33m"},
		{"fail", "\033[31m"},
		{"cloned", "\033[32m"},
		{"updated", "\033[32m"},
		{"failed", "\033[31m"},
	};
	size_t i;

	for (i = 0; i < sizeof colours / sizeof *colours; i++)
		if (strcmp(colours[i].word, word) == 0)
			return colours[i].colour;
	return "\033[2m";
}

/* Only text is cut: of a state, a ref or an age the beginning says something else. */
static bool is_whole(const struct dl_column *column)
{
	return column->show != DL_SHOW_TEXT && column->show != DL_SHOW_NAMES;
}

/* The columns that TEXT wants in a column of the table. */
static int wanted(const struct dl_column *column, const char *text)
{
	int width = dl_text_width(text);

	return column->width && width > column->width ? column->width : width;
}

/* What the first rows have not foreseen widens its column from there on, as far as there is room. */
static const char *fit(struct dl_scope *scope, struct dl_out *out, int i, const char *text)
{
	const struct dl_column *column = &out->schema->columns[i];
	int more = wanted(column, text) - out->widths[i];

	if (!is_whole(column) && more > out->room)
		more = out->room;
	if (more > 0) {
		out->widths[i] += more;
		out->room -= more;
	}
	return is_whole(column) ? text : dl_text_clip(&scope->arena, text, out->widths[i]);
}

static int print_row(struct dl_scope *scope, struct dl_out *out, const char *const *cells, bool title)
{
	const struct dl_column *column;
	const char *text, *colour;
	int i, pad;

	dl_buf_reset(&out->line);
	for (i = 0, column = out->schema->columns; column->title; i++, column++) {
		text = fit(scope, out, i, cells[i]);
		pad = column[1].title ? out->widths[i] - dl_text_width(text) + GAP : 0;
		colour = !out->colour			 ? NULL
			 : title			 ? "\033[1m"
			 : column->show == DL_SHOW_STATE ? state_colour(text)
							 : NULL;
		dl_buf_printf(&out->line, "%s%s%s%*s", colour ? colour : "", text, colour ? "\033[0m" : "",
			      pad > 0 ? pad : 0, "");
	}
	dl_buf_putc(&out->line, '\n');
	return dl_out_text(scope, out, out->line.data, out->line.len);
}

/* The widest column that can be cut, of several the last; -1: there is none. */
static int widest_column(const struct dl_out *out)
{
	const struct dl_column *columns = out->schema->columns;
	int i, widest = -1;

	for (i = 0; columns[i].title; i++)
		if (!is_whole(&columns[i]) && out->widths[i] > LEAST &&
		    (widest < 0 || out->widths[i] >= out->widths[widest]))
			widest = i;
	return widest;
}

/* Every column gets what its widest cell wants, up to its own limit; when that is more than the terminal has,
 * the widest give way first. */
static void decide_widths(struct dl_out *out)
{
	const struct dl_column *columns = out->schema->columns;
	const struct dl_out_row *row;
	int count, i, widest;

	for (count = 0; columns[count].title; count++)
		;
	out->widths = dl_arena_array(&out->rows.arena, (size_t)count, sizeof *out->widths);
	out->room = (out->columns ? out->columns : PLAIN_COLUMNS) + GAP;
	for (i = 0; i < count; i++) {
		out->widths[i] = dl_text_width(columns[i].title);
		for (row = out->first; row; row = row->next)
			if (wanted(&columns[i], row->cells[i]) > out->widths[i])
				out->widths[i] = wanted(&columns[i], row->cells[i]);
		out->room -= out->widths[i] + GAP;
	}
	for (; out->room < 0 && (widest = widest_column(out)) >= 0; out->room++)
		out->widths[widest]--;
	if (out->room < 0)
		out->room = 0;
}

/* Prints the rows that wait. */
static int release_rows(struct dl_scope *scope, struct dl_out *out)
{
	const char *titles[MOST_COLUMNS] = {NULL};
	struct dl_out_row *row;
	int i, result;

	if (out->widths || !out->first)
		return DL_MORE;
	decide_widths(out);
	for (i = 0; out->schema->columns[i].title; i++)
		titles[i] = out->schema->columns[i].title;
	result = print_row(scope, out, titles, true);
	for (row = out->first; row && result == DL_MORE; row = row->next)
		result = print_row(scope, out, row->cells, false);
	out->first = out->last = NULL;
	return result;
}

static int add_row(struct dl_scope *scope, struct dl_out *out, const struct dl_schema *schema,
		   const void *record)
{
	struct dl_scope *home = out->widths ? scope : &out->rows;
	const struct dl_column *column;
	struct dl_out_row *row;
	size_t count = 0;

	for (column = schema->columns; column->title; column++)
		count++;
	DL_BUG_IF(count > MOST_COLUMNS);
	row = dl_arena_alloc(&home->arena, sizeof *row + count * sizeof *row->cells);
	for (count = 0, column = schema->columns; column->title; column++)
		row->cells[count++] = dl_out_cell(home, schema, column, record);
	if (out->widths)
		return print_row(scope, out, row->cells, false);
	if (out->last)
		out->last->next = row;
	else
		out->first = row;
	out->last = row;
	return ++out->waiting >= SAMPLE ? release_rows(scope, out) : DL_MORE;
}

/* A record of another kind begins a table of its own. */
static int print_row_of(struct dl_scope *scope, struct dl_out *out, const struct dl_schema *schema,
			const void *record)
{
	int result = DL_MORE;

	if (out->schema && out->schema != schema) {
		result = release_rows(scope, out);
		if (result == DL_MORE)
			result = dl_out_text(scope, out, "\n", 1);
		out->widths = NULL;
		out->waiting = 0;
	}
	out->schema = schema;
	return result == DL_MORE ? add_row(scope, out, schema, record) : result;
}

static int put_record(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
		      const void *record)
{
	struct dl_out *out = (struct dl_out *)sink;

	if (out->closed)
		return DL_ENOUGH;
	out->count++;
	switch (out->mode) {
	case DL_OUT_LINES:
		return print_line(scope, out, schema, record);
	case DL_OUT_FIELDS:
		return print_fields(scope, out, schema, record);
	case DL_OUT_TABLE:
		return print_row_of(scope, out, schema, record);
	}
	return DL_MORE;
}

void dl_out_open(struct dl_out *out, struct dl_scope *scope, FILE *file, enum dl_out_mode mode,
		 const char *fields)
{
	memset(out, 0, sizeof *out);
	out->sink.put = put_record;
	out->mode = mode;
	out->fields = fields;
	out->file = file;
	out->colour = wants_colour(file);
	out->columns = dl_out_columns(file);
	dl_scope_open(&out->rows, NULL);
	dl_buf_init(&out->line, &scope->arena, DL_CAP_LINE + 1);
}

int dl_out_flush(struct dl_scope *scope, struct dl_out *out)
{
	int result = release_rows(scope, out);

	return result == DL_MORE ? check_file(scope, out, fflush(out->file) != 0) : result;
}

void dl_out_close(struct dl_out *out)
{
	dl_scope_close(&out->rows);
}
