#include "lib/event.h"

#include <stdlib.h>
#include <string.h>

#include "lib/arena.h"
#include "lib/buf.h"
#include "lib/file.h"
#include "lib/folder.h"
#include "lib/record.h"
#include "lib/schema.h"
#include "lib/scope.h"
#include "lib/time.h"

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

void dl_event_write(const struct dl_event *event)
{
	const char *off = getenv("DL_EVENTS"), *dir;
	struct dl_scope scope;
	struct dl_buf line;

	if (off && strcmp(off, "0") == 0)
		return;
	dl_scope_open(&scope, NULL);
	dl_buf_init(&line, &scope.arena, DL_CAP_LINE);
	dl_schema_encode(&dl_record_event, event, &line);
	dl_buf_putc(&line, '\n');
	dir = dl_folder_state(&scope);
	if (dir && !line.overflow && dl_file_mkdirs(&scope, dir, 0700) == 0 &&
	    dl_file_append(&scope, dl_arena_format(&scope.arena, "%s/events.jsonl", dir), 0600, line.data,
			   line.len) < 0)
		dl_fail_take(&scope, &scope.arena);
	dl_scope_close(&scope);
}
