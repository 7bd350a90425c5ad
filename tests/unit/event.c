#include "lib/event.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/opt.h"
#include "lib/record.h"
#include "lib/scope.h"
#include "lib/text.h"
#include "lib/time.h"
#include "tests/unit/check.h"

enum { WRITERS = 8, EVENTS = 60, ROUNDS = 6, ALL = WRITERS * EVENTS };

static char folder[] = "/tmp/dl-event-XXXXXX";

/* A child that writes so many events, as fast as it can; in .detail stands which. */
static pid_t start_writer(int writer)
{
	struct dl_scope scope;
	struct dl_event *event;
	pid_t child = fork();
	int i;

	if (child)
		return child;
	for (i = 0; i < EVENTS; i++) {
		dl_scope_open(&scope, NULL);
		event = dl_event_new(&scope, "dl-x", "x", DL_OK);
		event->detail = dl_arena_format(&scope.arena, "%d", writer * EVENTS + i);
		dl_event_write(event);
		dl_scope_close(&scope);
	}
	_exit(0);
}

/* Which events have been read, how often. */
struct seen {
	struct dl_event_reader reader;
	int times[ALL];
};

static int take(struct dl_event_reader *reader, struct dl_scope *scope, const struct dl_event *event)
{
	int64_t number = dl_text_int(event->detail);

	(void)scope;
	if (number < 0 || number >= ALL)
		return -1;
	((struct seen *)reader)->times[number]++;
	return 0;
}

/* Reads the log: how many events stand there; -1: one stands there twice, or something else does. What is
 * just being written may be seen in part, so that damage counts only when all is OVER. */
static int count_events(bool over)
{
	struct seen seen = {.reader = {.take = take, .since = DL_TIME_NONE}};
	struct dl_opt_list none = {NULL, 0};
	struct dl_scope scope;
	int count = 0, i;
	bool sound;

	dl_scope_open(&scope, NULL);
	sound = dl_event_read(&scope, &none, &seen.reader) == 0 && !(over && seen.reader.damaged);
	dl_scope_close(&scope);
	for (i = 0; i < ALL; i++) {
		sound &= seen.times[i] <= 1;
		count += seen.times[i];
	}
	return sound ? count : -1;
}

/* Writers at once, and a reader beside them. All that they write has room in the files that are kept, unless
 * the log is put aside more often than it must be. */
static void check_crowd(void)
{
	pid_t writers[WRITERS];
	int i, status, count, before = 0, going = WRITERS;
	bool sound = true, rising = true;

	for (i = 0; i < WRITERS; i++)
		writers[i] = start_writer(i);
	while (going) {
		count = count_events(false);
		sound &= count >= 0;
		rising &= count < 0 || count >= before;
		before = count;
		for (going = 0, i = 0; i < WRITERS; i++)
			going += writers[i] > 0 && waitpid(writers[i], &status, WNOHANG) == 0;
	}
	check_true("crowd", "what is read meanwhile comes once", sound);
	check_true("crowd", "nothing that was there is missed", rising);
	check_int("crowd", "all of it is there in the end", count_events(true), ALL);
}

int main(void)
{
	char log[64];
	int round;

	if (!mkdtemp(folder) || setenv("XDG_STATE_HOME", folder, 1) || setenv("DL_EVENTS_SIZE", "45000", 1) ||
	    unsetenv("DL_EVENTS"))
		abort();
	snprintf(log, sizeof log, "%s/devloop", folder);
	for (round = 0; round < ROUNDS; round++) {
		struct dl_scope scope;

		check_crowd();
		dl_scope_open(&scope, NULL);
		check_int("crowd", "cleared", dl_file_remove_tree(&scope, log), 0);
		dl_scope_close(&scope);
	}
	rmdir(folder);
	return check_end("event");
}
