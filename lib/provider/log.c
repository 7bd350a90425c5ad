/* Bytes come in pieces of any size; a line is handled when its end has come. With .tail the last lines are
 * kept in a ring, each in memory of its own scope, so that memory is bounded by the tail and not by the
 * log. */
#include "lib/provider/log.h"

#include <string.h>

#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"

struct dl_log_kept {
	struct dl_arena arena;
	const char *line;
	size_t len;
};

static const char bom[] = "\xef\xbb\xbf";

/* The length of the time stamp that LINE begins with, its space included; 0: none. Its time goes to *TIME. */
static size_t stamp_length(struct dl_scope *scope, const char *line, size_t len, int64_t *time)
{
	const char *space = memchr(line, ' ', len < 40 ? len : 40);

	*time = DL_TIME_NONE;
	if (!space || line[0] < '0' || line[0] > '9')
		return 0;
	*time = dl_time_parse(dl_arena_copy(&scope->arena, line, (size_t)(space - line)));
	return *time == DL_TIME_NONE ? 0 : (size_t)(space - line) + 1;
}

/* The length of the stream that LINE, after its time stamp, names; 0: none. */
static size_t stream_length(const char *line, size_t len)
{
	static const char hex[] = "0123456789abcdef";

	return len >= 4 && line[0] && strchr(hex, line[0]) && line[1] && strchr(hex, line[1]) &&
			       (line[2] == 'O' || line[2] == 'E') && (line[3] == ' ' || line[3] == '+')
		       ? 4
		       : 0;
}

/* What LINE begins with and a reader does not want: its time, which goes to *TIME, its stream, and what it
 * has taken back. */
static size_t head_length(struct dl_scope *scope, const struct dl_log_format *format, const char *line,
			  size_t len, int64_t *time)
{
	size_t skip = format->stamped ? stamp_length(scope, line, len, time) : 0;
	const char *back;

	if (skip && format->streams)
		skip += stream_length(line + skip, len - skip);
	back = format->returns ? memrchr(line + skip, '\r', len - skip) : NULL;
	return back ? (size_t)(back + 1 - line) : skip;
}

static const struct dl_log_mark *find_mark(const struct dl_log_format *format, const char *line)
{
	const struct dl_log_mark *mark;

	for (mark = format->marks; mark && mark->text; mark++)
		if (dl_text_starts(line, mark->text))
			return mark;
	return NULL;
}

static int put_line(struct dl_scope *scope, struct dl_log *log, struct dl_buf *line, int64_t time)
{
	struct dl_log_line *record;

	if (!log->lines) {
		dl_buf_putc(line, '\n');
		return log->text->write(log->text, scope, line->data, line->len);
	}
	record = dl_schema_new(scope, &dl_record_log);
	record->head = log->job->head;
	record->job = log->job->name;
	record->number = log->number;
	record->time = time;
	record->text = line->data;
	return dl_sink_put(log->lines, scope, &dl_record_log, record);
}

/* A line without its end. */
static int cook(struct dl_scope *scope, struct dl_log *log, const char *line, size_t len)
{
	const struct dl_log_mark *mark;
	int64_t time = DL_TIME_NONE;
	struct dl_buf out;
	bool took_back;
	size_t skip;

	log->number++;
	if (log->number == 1 && len >= 3 && memcmp(line, bom, 3) == 0) {
		line += 3;
		len -= 3;
	}
	for (; len && line[len - 1] == '\r'; len--)
		;
	skip = head_length(scope, log->format, line, len, &time);
	took_back = skip && line[skip - 1] == '\r';
	line = dl_arena_copy(&scope->arena, line + skip, len - skip);
	len -= skip;
	mark = find_mark(log->format, line);
	if (mark && !mark->shown)
		return 0;
	dl_buf_init(&out, &scope->arena, 2 * DL_CAP_LINE);
	if (mark) {
		dl_buf_puts(&out, mark->shown);
		line += strlen(mark->text);
		len -= strlen(mark->text);
	}
	dl_text_clean(&out, line, len, log->colour && !log->lines);
	if (took_back && !out.len)
		return 0;
	return put_line(scope, log, &out, time);
}

static int pass_line(struct dl_scope *scope, struct dl_log *log, const char *line, size_t len)
{
	struct dl_scope one;
	int result;

	dl_scope_open(&one, scope);
	if (log->raw && !log->lines) {
		char *whole = dl_arena_copy(&one.arena, line, len + 1);

		whole[len] = '\n';
		result = log->text->write(log->text, &one, whole, len + 1);
	} else {
		result = cook(&one, log, line, len);
	}
	return dl_scope_close(&one) ? -1 : result;
}

static int end_line(struct dl_scope *scope, struct dl_log *log)
{
	struct dl_log_kept *slot;
	int result = 0;

	if (!log->tail) {
		result = pass_line(scope, log, log->part.data, log->part.len);
	} else {
		slot = &log->kept[log->kept_count++ % log->tail];
		dl_arena_free(&slot->arena);
		slot->line = dl_arena_copy(&slot->arena, log->part.data, log->part.len);
		slot->len = log->part.len;
	}
	dl_buf_reset(&log->part);
	log->overlong = false;
	return result;
}

static int take(struct dl_writer *writer, struct dl_scope *scope, const char *data, size_t len)
{
	struct dl_log *log = (struct dl_log *)writer;
	const char *end;
	size_t part;
	int result = 0;

	/* Without a tail and raw, nothing needs lines. */
	if (log->raw && !log->tail && !log->lines)
		return log->text->write(log->text, scope, data, len);
	while (len && result == 0) {
		end = memchr(data, '\n', len);
		part = end ? (size_t)(end - data) : len;
		if (!log->overlong)
			dl_buf_add(&log->part, data,
				   part < log->part.cap - log->part.len ? part
									: log->part.cap - log->part.len);
		log->overlong = log->overlong || log->part.len == log->part.cap;
		if (end)
			result = end_line(scope, log);
		part += end != NULL;
		data += part;
		len -= part;
	}
	return result;
}

void dl_log_open(struct dl_log *log, struct dl_scope *scope)
{
	log->writer.write = take;
	log->number = 0;
	log->kept_count = 0;
	log->overlong = false;
	dl_buf_init(&log->part, &scope->arena, DL_CAP_LINE);
	if (log->tail)
		log->kept = dl_arena_array(&scope->arena, (size_t)log->tail, sizeof *log->kept);
}

int dl_log_close(struct dl_scope *scope, struct dl_log *log)
{
	int result = log->part.len ? end_line(scope, log) : 0;
	struct dl_log_kept *slot;
	int64_t i;

	if (!log->tail)
		return result;
	log->number = log->kept_count > log->tail ? log->kept_count - log->tail : 0;
	for (i = log->number; i < log->kept_count; i++) {
		slot = &log->kept[i % log->tail];
		if (result == 0)
			result = pass_line(scope, log, slot->line, slot->len);
		dl_arena_free(&slot->arena);
	}
	log->kept_count = 0;
	return result;
}
