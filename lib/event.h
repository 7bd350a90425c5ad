/* event: the log of what the programs did, events.jsonl in dl_folder_state. */
#ifndef DL_EVENT_H
#define DL_EVENT_H

#include <stdint.h>

#include "lib/fail.h"

struct dl_arena;
struct dl_event;
struct dl_scope;

/* dl_event_new(scope, program, operation, class): an event of now that has changed nothing; all else of it is
 * null. */
struct dl_event *dl_event_new(struct dl_scope *scope, const char *program, const char *operation,
			      enum dl_class class);

/* dl_event_write(event): one more line in the log, by one write, so that programs that end at once do not mix
 * theirs. Nothing happens with DL_EVENTS=0. That it cannot be written is no reason to fail. */
void dl_event_write(const struct dl_event *event);

/* dl_event_seconds(arena, ms): so many milliseconds as the record's duration_s and waited_s have them. */
const char *dl_event_seconds(struct dl_arena *arena, int64_t ms);

#endif
