#include "lib/data/event.h"

#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/data/opt.h"
#include "lib/data/record.h"
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

static char log_path[64], first_path[64], second_path[64]; /* the log, and what was put aside */
static bool rival; /* another writer puts the log aside just before the next lock, and begins a new one */

static void write_long(int number)
{
	static char detail[600];
	struct dl_scope scope;
	struct dl_event *event;

	memset(detail, '0', sizeof detail - 1);
	detail[sizeof detail - 2] += number;
	dl_scope_open(&scope, NULL);
	event = dl_event_new(&scope, "dl-x", "x", DL_OK);
	event->detail = detail;
	dl_event_write(event);
	dl_scope_close(&scope);
}

/* Stands in for that of the C library: a writer comes to it that has found the log too long, and has not
 * looked yet whether that is still the log. */
int flock(int fd, int operation)
{
	if (rival) {
		rival = false;
		if (rename(log_path, first_path) < 0)
			abort();
		write_long(1);
	}
	return (int)syscall(SYS_flock, fd, operation);
}

/* A log that another writer has put aside is not put aside again, nor is the new one in its place. */
static void check_late(void)
{
	struct stat st;

	if (setenv("DL_EVENTS_SIZE", "2500", 1))
		abort();
	write_long(0);
	write_long(3);
	rival = true;
	write_long(2);
	check_true("late", "the lock was come to", !rival);
	check_int("late", "the new log is kept", count_events(true), 4);
	check_true("late", "nothing else was put aside", stat(second_path, &st) < 0);
}

static void clear(const char *dir)
{
	struct dl_scope scope;

	dl_scope_open(&scope, NULL);
	check_int("clear", dir, dl_file_remove_tree(&scope, dir), 0);
	dl_scope_close(&scope);
}

int main(void)
{
	char dir[64];
	int round;

	if (!mkdtemp(folder) || setenv("XDG_STATE_HOME", folder, 1) || setenv("DL_EVENTS_SIZE", "45000", 1) ||
	    unsetenv("DL_EVENTS"))
		abort();
	snprintf(dir, sizeof dir, "%s/devloop", folder);
	snprintf(log_path, sizeof log_path, "%s/devloop/events.jsonl", folder);
	snprintf(first_path, sizeof first_path, "%s/devloop/events.jsonl.1", folder);
	snprintf(second_path, sizeof second_path, "%s/devloop/events.jsonl.2", folder);
	for (round = 0; round < ROUNDS; round++) {
		check_crowd();
		clear(dir);
	}
	check_late();
	clear(dir);
	rmdir(folder);
	return check_end("event");
}
