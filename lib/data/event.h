/* event: the log of what the programs did: events.jsonl in dl_folder_state, and what it was before it became
 * too long: events.jsonl.1, events.jsonl.2, ... */
#ifndef DL_EVENT_H
#define DL_EVENT_H

#include <stdint.h>

#include "lib/base/fail.h"

struct dl_arena;
struct dl_event;
struct dl_opt_list;
struct dl_scope;

/* dl_event_new(scope, program, operation, class): an event of now that has changed nothing; all else of it is
 * null. */
struct dl_event *dl_event_new(struct dl_scope *scope, const char *program, const char *operation,
			      enum dl_class class);

/* dl_event_write(event): one more line in the log, by one write, so that programs that end at once do not mix
 * theirs. When the log would be longer than DL_EVENTS_SIZE bytes (4194304 where that is not set) it is put
 * aside, and a new one begins. Nothing happens with DL_EVENTS=0. That it cannot be written is no reason to
 * fail. */
void dl_event_write(const struct dl_event *event);

/* dl_event_end(scope, event, began_ms, answer): EVENT, which began at BEGAN_MS (of dl_time_clock_ms), ends
 * now, with the failure of SCOPE, or else with ANSWER. Then as dl_event_write. */
void dl_event_end(struct dl_scope *scope, struct dl_event *event, int64_t began_ms, enum dl_class answer);

/* dl_event_changed(scope, event, how, name): EVENT has changed NAME, too. HOW is one word. */
void dl_event_changed(struct dl_scope *scope, struct dl_event *event, const char *how, const char *name);

/* Takes the events of a log one by one. */
struct dl_event_reader {
	/* Answers as a sink. The event is gone when the next one comes: a log may be of any length. */
	int (*take)(struct dl_event_reader *reader, struct dl_scope *scope, const struct dl_event *event);
	int64_t since;     /* those before are left out; DL_TIME_NONE: none is */
	int64_t damaged;   /* out: lines that are no events, and were left out */
	const char *first; /* out: what is wrong with the first of them */
};

/* dl_event_read(scope, paths, reader): gives the events of the files PATHS, of which "-" is standard input,
 * to READER; of no paths those of the log, the oldest first: programs may write to it, and put it aside,
 * meanwhile; no line is missed, and none comes twice. 0, what .take answers when that is something else, or
 * -1: DL_SYSTEM: a file cannot be read; that there is no log is no failure. */
DL_MUST_CHECK int dl_event_read(struct dl_scope *scope, const struct dl_opt_list *paths,
				struct dl_event_reader *reader);

/* dl_event_seconds(arena, ms): so many milliseconds as the record's duration_s and waited_s have them. */
const char *dl_event_seconds(struct dl_arena *arena, int64_t ms);

#endif
