/* Writers wait for nobody, so that a program that was stopped while it wrote holds up no other: a line is one
 * write to whatever file they have opened. Only putting the log aside needs a lock, on the very file that is
 * put aside; who does not get it leaves that to who has it. A writer that had the file open before adds its
 * line there all the same. */
#include "lib/data/event.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/file.h"
#include "lib/base/folder.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/data/line.h"
#include "lib/data/opt.h"
#include "lib/data/record.h"
#include "lib/data/schema.h"

enum { SIZE = 4 << 20, LEAST_SIZE = 1024, FILES = 5 };

struct dl_event *dl_event_new(struct dl_scope *scope, const char *program, const char *operation,
			      enum dl_class class)
{
	struct dl_event *event = dl_schema_new(scope, &dl_record_event);

	event->time = dl_time_now();
	event->program = program;
	event->operation = operation;
	event->class = dl_fail_word(class);
	event->mutated = 0;
	return event;
}

const char *dl_event_seconds(struct dl_arena *arena, int64_t ms)
{
	return dl_arena_format(arena, "%lld.%03d", (long long)(ms / 1000), (int)(ms % 1000));
}

void dl_event_changed(struct dl_scope *scope, struct dl_event *event, const char *how, const char *name)
{
	size_t count = event->changed.count;
	struct dl_changed *all = dl_arena_array(&scope->arena, count + 1, sizeof *all);

	if (count)
		memcpy(all, event->changed.items, count * sizeof *all);
	all[count] = (struct dl_changed){.how = how, .name = name, .status = DL_INT_NONE};
	event->mutated = 1;
	event->changed = (struct dl_list){all, count + 1};
}

/* ------------------------------------------------------------------ the files */

/* The file of the log that was put aside NUMBER times, in DIR. */
static const char *log_path(struct dl_scope *scope, const char *dir, int number)
{
	return number ? dl_arena_format(&scope->arena, "%s/events.jsonl.%d", dir, number)
		      : dl_arena_format(&scope->arena, "%s/events.jsonl", dir);
}

static int64_t most_bytes(void)
{
	int64_t size = dl_text_int(getenv("DL_EVENTS_SIZE"));

	return size >= LEAST_SIZE ? size : SIZE;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* What is no regular file is no log: a FIFO would wait for a reader. */
static int open_log(const char *path, struct stat *st)
{
	int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);

	if (fd >= 0 && (fstat(fd, st) < 0 || !S_ISREG(st->st_mode))) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Puts the log aside that FD is, unless another does or has done so. */
static void put_aside(struct dl_scope *scope, const char *dir, int fd, const struct stat *st)
{
	struct stat now;
	int i;

	if (flock(fd, LOCK_EX | LOCK_NB) < 0 || stat(log_path(scope, dir, 0), &now) < 0 || !is_same(st, &now))
		return;
	for (i = FILES - 1; i > 0; i--)
		if (rename(log_path(scope, dir, i - 1), log_path(scope, dir, i)) < 0 && errno != ENOENT)
			return;
}

/* Whether the last line has no end, since the disk was full. */
static bool is_cut(int fd, const struct stat *st)
{
	char last;

	return st->st_size && pread(fd, &last, 1, st->st_size - 1) == 1 && last != '\n';
}

/* Adds LINE, which begins with a newline that is only due after half a line. */
static void append(struct dl_scope *scope, const char *dir, const char *line, size_t len)
{
	struct stat st;
	int fd = open_log(log_path(scope, dir, 0), &st);
	ssize_t skipped;

	if (fd >= 0 && st.st_size && st.st_size + (int64_t)len > most_bytes()) {
		put_aside(scope, dir, fd, &st);
		close(fd);
		fd = open_log(log_path(scope, dir, 0), &st);
	}
	if (fd < 0)
		return;
	skipped = is_cut(fd, &st) ? 0 : 1;
	while (write(fd, line + skipped, len - (size_t)skipped) < 0 && errno == EINTR)
		;
	close(fd);
}

void dl_event_write(const struct dl_event *event)
{
	/* A limit on the size of files would end the program. */
	struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
	const char *off = getenv("DL_EVENTS"), *dir;
	struct dl_scope scope;
	struct dl_buf line;

	if (off && strcmp(off, "0") == 0)
		return;
	dl_scope_open(&scope, NULL);
	dl_buf_init(&line, &scope.arena, DL_CAP_LINE);
	dl_buf_putc(&line, '\n');
	dl_schema_encode(&dl_record_event, event, &line);
	dl_buf_putc(&line, '\n');
	dir = dl_folder_state(&scope);
	if (dir && !line.overflow && dl_file_mkdirs(&scope, dir, 0700) == 0) {
		sigaction(SIGXFSZ, &ignore, &before);
		append(&scope, dir, line.data, line.len);
		sigaction(SIGXFSZ, &before, NULL);
	}
	dl_scope_close(&scope);
}

void dl_event_end(struct dl_scope *scope, struct dl_event *event, int64_t began_ms, enum dl_class answer)
{
	event->time = dl_time_now();
	event->duration_s = dl_event_seconds(&scope->arena, dl_time_clock_ms() - began_ms);
	event->class = dl_fail_word(scope->error.class != DL_OK ? scope->error.class : answer);
	if (scope->error.class != DL_OK)
		event->detail = scope->error.message;
	dl_event_write(event);
}

/* ------------------------------------------------------------------ reading */

static int take_line(struct dl_scope *scope, const struct dl_line *line, struct dl_event_reader *reader)
{
	struct dl_event *event = dl_schema_new(scope, &dl_record_event);

	if (!line->type || strcmp(line->type, dl_record_event.type) != 0)
		return dl_fail(scope, DL_DATA, "line %ld is no event", line->number);
	if (dl_schema_decode(scope, &dl_record_event, line->node, event))
		return dl_fail_prefix(scope, "line %ld", line->number);
	if (event->time == DL_TIME_NONE || !event->program || !event->operation || !event->class)
		return dl_fail(scope, DL_DATA,
			       "line %ld is an event without time, program, operation or class",
			       line->number);
	if (reader->since != DL_TIME_NONE && event->time < reader->since)
		return 0;
	return reader->take(reader, scope, event);
}

/* Of the lines that are damaged only the first is told, so only its words are kept. */
static void count_damage(struct dl_scope *scope, struct dl_scope *one, struct dl_event_reader *reader)
{
	const struct dl_error error = dl_fail_take(one, reader->damaged ? &one->arena : &scope->arena);

	if (!reader->damaged++)
		reader->first = error.message;
}

static int read_events(struct dl_scope *scope, int fd, struct dl_event_reader *reader)
{
	int got = 1, result = 0;
	struct dl_lines lines;
	struct dl_line line;
	struct dl_scope one;

	dl_line_open(&lines, &scope->arena, fd);
	while (got && result == 0) {
		dl_scope_open(&one, scope);
		got = dl_line_next(&one, &lines, &line);
		if (got > 0)
			result = take_line(&one, &line, reader);
		if (one.error.class == DL_DATA) {
			count_damage(scope, &one, reader);
			result = 0;
		}
		if (dl_scope_close(&one))
			return -1;
	}
	return result;
}

static int read_path(struct dl_scope *scope, const char *path, struct dl_event_reader *reader)
{
	int fd, result;

	if (strcmp(path, "-") == 0)
		return read_events(scope, STDIN_FILENO, reader);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return dl_fail_errno(scope, "cannot read %s", dl_text_quote(&scope->arena, path));
	result = read_events(scope, fd, reader);
	close(fd);
	return result;
}

/* Opens the files of the log for reading, the oldest first; how many. -1: DL_SYSTEM.
 *
 * They are opened from the newest to the oldest: a file that is put aside meanwhile shows up again under its
 * next name, and is known by then. The other way round it could be missed. */
static int open_files(struct dl_scope *scope, int *files)
{
	const char *dir = dl_folder_state(scope), *path;
	struct stat seen[FILES];
	int count = 0, number, fd, i;

	for (number = 0; dir && number < FILES; number++) {
		path = log_path(scope, dir, number);
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
		if (fd < 0 && errno == ENOENT)
			continue;
		if (fd < 0 || fstat(fd, &seen[count]) < 0) {
			dl_fail_errno(scope, "cannot read %s", dl_text_quote(&scope->arena, path));
			break;
		}
		for (i = 0; i < count && !is_same(&seen[i], &seen[count]); i++)
			;
		if (i < count || !S_ISREG(seen[count].st_mode))
			close(fd);
		else
			files[count++] = fd;
	}
	for (i = 0; i < count / 2; i++) {
		fd = files[i];
		files[i] = files[count - 1 - i];
		files[count - 1 - i] = fd;
	}
	if (scope->error.class == DL_OK)
		return count;
	while (count)
		close(files[--count]);
	return -1;
}

int dl_event_read(struct dl_scope *scope, const struct dl_opt_list *paths, struct dl_event_reader *reader)
{
	int files[FILES], count = 0, result = 0, i;
	size_t path;

	for (path = 0; path < paths->count && result == 0; path++)
		result = read_path(scope, paths->items[path], reader);
	if (!paths->count)
		count = open_files(scope, files);
	for (i = 0; i < count; i++) {
		if (result == 0)
			result = read_events(scope, files[i], reader);
		close(files[i]);
	}
	return count < 0 ? -1 : result;
}
