/* The program runs itself, with one argument, as the child that reports what it was given. */
#include "lib/base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/scope.h"
#include "lib/base/time.h"
#include "lib/base/writer.h"
#include "lib/data/sink.h"
#include "tests/unit/scratch.h"

enum { BIG = 4 << 20, THREADS = 8, ROUNDS = 10, SOON_MS = 5000, LONG_MS = 60000 };

static struct dl_proc_result result;
static const char *self;

static int run(struct dl_proc proc, const char *const *argv)
{
	proc.argv = argv;
	if (!proc.timeout_ms)
		proc.timeout_ms = LONG_MS;
	return dl_proc_run(&scope, &proc, &result);
}

/* Runs the shell script SCRIPT with PROC's other members. */
static int run_script(struct dl_proc proc, const char *script)
{
	return run(proc, (const char *const[]){"sh", "-c", script, NULL});
}

static void check_script(const char *suite, const char *name, struct dl_proc proc, const char *script,
			 const char *output)
{
	const char *message;

	if (check_begin(run_script(proc, script) == 0, suite, name)) {
		check_int(suite, name, result.status, 0);
		check_text(suite, name, result.output, output);
	} else {
		failure(&message);
		printf(": %s\n", message);
	}
}

static void test_result(void)
{
	check_script("result", "output", (struct dl_proc){0}, "echo one; echo two", "one\ntwo\n");
	check_int("result", "length", (int64_t)result.len, 8);
	check_script("result", "nothing", (struct dl_proc){0}, "exit 0", "");
	check_int("result", "exit 3", run_script((struct dl_proc){0}, "echo x; exit 3"), 0);
	check_int("result", "exit 3", result.status, 3);
	check_text("result", "output of a failed program", result.output, "x\n");
	check_int("result", "a signal", run_script((struct dl_proc){0}, "kill -9 $$"), 0);
	check_int("result", "a signal", result.status, 128 + SIGKILL);
	check_int("result", "bytes", run_script((struct dl_proc){0}, "printf 'a\\0b'"), 0);
	check_true("result", "bytes", result.len == 3 && memcmp(result.output, "a\0b", 4) == 0);
	check_int("result", "no shell reads arguments",
		  run((struct dl_proc){0},
		      (const char *const[]){"printf", "%s|", "$HOME; echo", "*", "", NULL}),
		  0);
	check_text("result", "no shell reads arguments", result.output, "$HOME; echo|*||");
}

static void test_input(void)
{
	char *big = dl_arena_alloc(&scope.arena, BIG + 1);
	struct dl_proc proc = {.input = big, .input_len = BIG, .cap = BIG};
	size_t i;

	for (i = 0; i < BIG; i++)
		big[i] = (char)('a' + i % 26);
	check_script("input", "none", (struct dl_proc){0}, "cat", "");
	check_script("input", "empty", (struct dl_proc){.input = "", .input_len = 0}, "cat", "");
	check_script("input", "line", (struct dl_proc){.input = "in\n", .input_len = 3},
		     "read x; echo \"<$x>\"", "<in>\n");
	check_script("input", "/dev/stdin", (struct dl_proc){.input = "in\n", .input_len = 3},
		     "cat /dev/stdin", "in\n");
	check_int("input", "more than a pipe holds, there and back", run_script(proc, "cat"), 0);
	check_true("input", "all of it", result.len == BIG && memcmp(result.output, big, BIG) == 0);
	check_script("input", "not wanted", proc, "exec <&-; echo ok", "ok\n");
	check_script("input", "wanted in part", proc, "head -c 3", "abc");
}

static void test_environment(void)
{
	static const char *const changes[] = {"DL_A=first", "DL_A=new",  "DL_C", "DL_D=x=y",
					      "DL_E",       "DL_E=back", NULL};
	const char *script = "echo ${DL_A-none} ${DL_B-none} ${DL_C-none} ${DL_D-none} ${DL_E-none}", *once;

	setenv("DL_A", "old", 1);
	setenv("DL_B", "stays", 1);
	setenv("DL_C", "goes", 1);
	setenv("DL_CC", "stays", 1);
	check_script("environment", "changed", (struct dl_proc){.env = changes}, script,
		     "new stays none x=y back\n");
	check_script("environment", "as it is", (struct dl_proc){0}, script, "old stays goes none none\n");
	check_script("environment", "a longer name", (struct dl_proc){.env = changes}, "echo $DL_CC",
		     "stays\n");
	check_int("environment", "printed",
		  run((struct dl_proc){.env = changes}, (const char *const[]){"env", NULL}), 0);
	once = strstr(result.output, "DL_A=");
	check_true("environment", "each once", once && !strstr(once + 1, "DL_A="));
	check_text("environment", "ours is the same", getenv("DL_A"), "old");
}

static void test_folder(void)
{
	check_int("folder", "made", mkdir(at("sub"), 0755), 0);
	put_file("sub/own", "#!/bin/sh\necho own in \"${PWD##*/}\"\n", 0755);
	check_script("folder", "entered", (struct dl_proc){.dir = at("sub")}, "echo \"${PWD##*/}\"", "sub\n");
	check_int("folder", "a relative program",
		  run((struct dl_proc){.dir = at("sub")}, (const char *const[]){"./own", NULL}), 0);
	check_text("folder", "a relative program is found there", result.output, "own in sub\n");
	check_failure("failure", "no folder", run_script((struct dl_proc){.dir = at("none")}, "echo"),
		      DL_SYSTEM, "none: No such file or directory");
}

static void test_programs(void)
{
	put_file("text", "no program", 0644);
	put_file("orphan", "#!/no/such/interpreter\n", 0755);
	put_file("nonsense", "\x01\x02\x03", 0755);
	check_failure("failure", "absent",
		      run((struct dl_proc){0}, (const char *const[]){"dl-no-such", NULL}), DL_MISSING,
		      "no such program: dl-no-such");
	check_failure("failure", "absent path",
		      run((struct dl_proc){0}, (const char *const[]){at("gone"), NULL}), DL_MISSING,
		      "gone: No such file or directory");
	check_failure("failure", "interpreter",
		      run((struct dl_proc){0}, (const char *const[]){at("orphan"), NULL}), DL_MISSING,
		      "orphan: No such file or directory");
	check_failure("failure", "no rights",
		      run((struct dl_proc){0}, (const char *const[]){at("text"), NULL}), DL_SYSTEM,
		      "text: Permission denied");
	check_failure("failure", "nonsense",
		      run((struct dl_proc){0}, (const char *const[]){at("nonsense"), NULL}), DL_SYSTEM,
		      "nonsense: Exec format error");
	check_failure("failure", "empty name", run((struct dl_proc){0}, (const char *const[]){"", NULL}),
		      DL_MISSING, "no such program: ");
	check_failure("failure", "escaped", run((struct dl_proc){0}, (const char *const[]){"a\033b", NULL}),
		      DL_MISSING, "a\\x1bb");
}

static void test_find(void)
{
	const char *path = getenv("PATH");
	char *old = dl_arena_string(&scope.arena, path);

	check_int("find", "folders",
		  mkdir(at("one"), 0755) | mkdir(at("two"), 0755) | mkdir(at("two/tool"), 0755) |
			  mkdir(at("three"), 0755),
		  0);
	put_file("one/tool", "not executable", 0644);
	put_file("three/tool", "#!/bin/sh\n", 0755);
	put_file("tool", "#!/bin/sh\n", 0755);
	setenv("PATH", dl_arena_format(&scope.arena, "%s:%s:%s", at("one"), at("two"), at("three")), 1);
	check_text("find", "the first that can be run", dl_proc_find(&scope, "tool"), at("three/tool"));
	check_text("find", "no such", dl_proc_find(&scope, "tools"), NULL);
	check_text("find", "a path", dl_proc_find(&scope, "../tool"), NULL);
	check_text("find", "an empty name", dl_proc_find(&scope, ""), NULL);
	check_int("find", "here", chdir(folder), 0);
	setenv("PATH", ":.::three:", 1);
	check_text("find", "relative and empty members", dl_proc_find(&scope, "tool"), NULL);
	setenv("PATH", "", 1);
	check_text("find", "an empty PATH", dl_proc_find(&scope, "tool"), NULL);
	unsetenv("PATH");
	check_true("find", "no PATH", dl_proc_find(&scope, "sh") != NULL);
	setenv("PATH", old, 1);
	check_int("find", "back", chdir("/"), 0);
}

static void test_cap(void)
{
	struct dl_proc proc = {.cap = 6};

	check_script("cap", "exactly", proc, "echo 12345", "12345\n");
	check_failure("failure", "one over", run_script(proc, "echo 123456"), DL_DATA,
		      "the output of sh is larger than 6 bytes");
	check_failure("failure", "without end",
		      run_script((struct dl_proc){0},
				 "while :; do echo 0123456789012345678901234567890; done"),
		      DL_DATA, "larger than 1048576 bytes");
}

/* What a stream has brought, and when it has enough. */
struct taken {
	struct dl_writer writer;
	size_t len;
	size_t enough; /* 0: never */
	int pause_ms;  /* before a piece is taken */
	bool fails;
};

static int take(struct dl_writer *writer, struct dl_scope *of, const char *data, size_t len)
{
	struct taken *taken = (struct taken *)writer;

	(void)data;
	dl_time_sleep_ms(taken->pause_ms);
	taken->len += len;
	if (taken->fails)
		return dl_fail(of, DL_REFUSED, "not that");
	return taken->enough && taken->len >= taken->enough ? DL_ENOUGH : 0;
}

static int stream(struct dl_proc proc, const char *script, struct taken *taken)
{
	proc.argv = (const char *const[]){"sh", "-c", script, NULL};
	taken->writer.write = take;
	taken->len = 0;
	return dl_proc_stream(&scope, &proc, &taken->writer, &result);
}

static void test_map(void)
{
	const char *const large[] = {"sh", "-c", "head -c 4194304 /dev/zero; exit 3", NULL}; /* whole pages */
	struct dl_proc proc = {.argv = large};
	char *text;

	check_int("map", "outcome", dl_proc_map(&scope, &proc, &result), 0);
	check_int("map", "exit code", result.status, 3);
	check_int("map", "all of it", (int64_t)result.len, 4194304);
	check_int("map", "a NUL behind it", result.output[result.len], 0);
	dl_proc_unmap(result.output, result.len);
	proc.argv = (const char *const[]){"sh", "-c", "printf page; echo why >&2", NULL};
	proc.errors_cap = 10;
	check_int("map", "outcome", dl_proc_map(&scope, &proc, &result), 0);
	text = (char *)(uintptr_t)result.output;
	*text = 'c';
	check_text("map", "it can be changed", text, "cage");
	check_text("map", "standard error", result.errors, "why\n");
	dl_proc_unmap(result.output, result.len);
	proc.argv = (const char *const[]){"sh", "-c", ":", NULL};
	check_int("map", "outcome", dl_proc_map(&scope, &proc, &result), 0);
	check_text("map", "nothing", result.output, "");
	check_int("map", "nothing", (int64_t)result.len, 0);
	dl_proc_unmap(result.output, result.len);
	proc.argv = (const char *const[]){"no-such-program", NULL};
	check_failure("failure", "map, no program", dl_proc_map(&scope, &proc, &result), DL_MISSING,
		      "no such program: no-such-program");
	proc.argv = (const char *const[]){"sh", "-c", "echo some; sleep 60", NULL};
	proc.timeout_ms = 100;
	check_failure("failure", "map, time", dl_proc_map(&scope, &proc, &result), DL_NETWORK,
		      "sh took longer than 100 ms");
	dl_proc_unmap(NULL, 0);
}

#define FLOOD "while :; do echo 0123456789012345678901234567890; done"

static void test_stream(void)
{
	struct dl_proc proc = {.timeout_ms = LONG_MS};
	struct taken taken = {.enough = 0};

	check_int("stream", "outcome", stream(proc, "head -c 5000000 /dev/zero; exit 3", &taken), 0);
	check_int("stream", "more than is kept", (int64_t)taken.len, 5000000);
	check_int("stream", "exit code", result.status, 3);
	check_text("stream", "nothing is kept", result.output, NULL);
	proc.cap = 6;
	check_failure("failure", "stream, cap", stream(proc, "echo 123456", &taken), DL_DATA,
		      "the output of sh is larger than 6 bytes");
	proc.cap = 0;
	taken.enough = 100;
	check_int("stream", "enough", stream(proc, FLOOD, &taken), DL_ENOUGH);
	taken.fails = true;
	check_failure("failure", "stream, writer", stream(proc, FLOOD, &taken), DL_REFUSED, "not that");
	taken = (struct taken){.pause_ms = 0};
	check_int("stream", "what is left behind is not waited for",
		  stream(proc, "yes 0123456789 & exit 0", &taken), 0);
}

/* The time is the program's own; with .patient that of its silence. */
static void test_stream_timeout(void)
{
	struct dl_proc proc = {.timeout_ms = 600};
	struct taken taken = {.pause_ms = 0};

	check_failure("failure", "stream, late", stream(proc, "echo 1; sleep 60", &taken), DL_NETWORK,
		      "sh took longer than 600 ms");
	check_failure("failure", "stream, slow", stream(proc, "while :; do echo 1; sleep 0.1; done", &taken),
		      DL_NETWORK, "took longer");
	proc.patient = true;
	check_int("stream", "slow, and it has time",
		  stream(proc, "for i in 1 2 3 4 5 6 7 8 9; do echo $i; sleep 0.1; done", &taken), 0);
	check_failure("failure", "stream, silent", stream(proc, "echo 1; sleep 60", &taken), DL_NETWORK,
		      "took longer");
	proc.patient = false;
	taken.pause_ms = 900;
	check_int("stream", "a slow reader is not its fault", stream(proc, "echo 1; sleep 0.1", &taken), 0);
}

static void test_errors(void)
{
	struct dl_proc proc = {.errors_cap = 6, .timeout_ms = LONG_MS};
	struct taken taken = {.pause_ms = 0};

	check_int("errors", "outcome", stream(proc, "echo one >&2; echo two >&2; exit 1", &taken), 0);
	check_text("errors", "their end", result.errors, "e\ntwo\n");
	check_int("errors", "are no output", (int64_t)taken.len, 0);
	check_int("errors", "flood", stream(proc, "head -c 5000000 /dev/zero >&2; echo 12345 >&2", &taken),
		  0);
	check_text("errors", "flood", result.errors, "12345\n");
	check_script("errors", "of a program whose output is kept", proc, "echo out; echo err >&2", "out\n");
	check_text("errors", "of a program whose output is kept", result.errors, "err\n");
	proc.errors_cap = 0;
	check_script("errors", "are ours", proc, "echo out", "out\n");
	check_text("errors", "are ours", result.errors, NULL);
}

/* A pipe that all descendants of a program hold: its end comes with the last of them. */
static void open_life(int *life)
{
	if (pipe(life) < 0 || fcntl(life[0], F_SETFD, FD_CLOEXEC) < 0)
		abort();
}

static bool all_gone(int *life)
{
	char byte;
	bool gone;

	close(life[1]);
	gone = read(life[0], &byte, 1) == 0;
	close(life[0]);
	return gone;
}

static void test_timeout(void)
{
	struct dl_proc proc = {.timeout_ms = 100};
	int64_t start = dl_time_clock_ms();
	int life[2];

	open_life(life);
	check_failure("failure", "timeout", run_script(proc, "sleep 60 & sleep 60 & wait"), DL_NETWORK,
		      "sh took longer than 100 ms");
	check_true("timeout", "the whole group ends", all_gone(life));
	open_life(life);
	check_failure("failure", "deaf", run_script(proc, "trap '' TERM; exec >&-; sleep 60; sleep 60"),
		      DL_NETWORK, "took longer");
	check_true("timeout", "one that ignores SIGTERM ends too", all_gone(life));
	check_failure("failure", "polite",
		      run_script(proc, dl_arena_format(&scope.arena,
						       "trap 'echo tidy >%s; exit' TERM; sleep 60 & wait",
						       at("tidied"))),
		      DL_NETWORK, "took longer");
	check_text("timeout", "time to tidy up", dl_file_read(&scope, at("tidied"), 99, NULL), "tidy\n");
	check_failure("failure", "stuffed",
		      run((struct dl_proc){.timeout_ms = 100, .input = folder, .input_len = sizeof folder},
			  (const char *const[]){"sleep", "60", NULL}),
		      DL_NETWORK, "sleep took longer");
	check_true("timeout", "soon", dl_time_clock_ms() - start < SOON_MS);
}

/* What a program leaves behind may live on; its output is not waited for. */
static void test_left_behind(void)
{
	int64_t start = dl_time_clock_ms();
	pid_t left;

	check_int("left behind", "runs", run_script((struct dl_proc){0}, "sleep 60 & echo $!"), 0);
	check_true("left behind", "not waited for", dl_time_clock_ms() - start < SOON_MS);
	left = (pid_t)strtol(result.output, NULL, 10);
	check_true("left behind", "still there", left > 0 && kill(left, SIGKILL) == 0);
}

static void test_state(void)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN}, old;
	sigset_t some, before, after;

	sigaction(SIGPIPE, &ignore, &old);
	sigemptyset(&some);
	sigaddset(&some, SIGUSR1);
	sigprocmask(SIG_BLOCK, &some, &before);
	check_int("state", "runs", run((struct dl_proc){0}, (const char *const[]){self, "--state", NULL}), 0);
	check_text("state", "of the program", result.output,
		   "descriptors 0 1 2\nsignals neither ignored nor blocked\nown group\n");
	sigprocmask(SIG_SETMASK, &before, &after);
	check_true("state", "our signal mask stays",
		   sigismember(&after, SIGUSR1) == 1 && !sigismember(&after, SIGPIPE));
	sigaction(SIGPIPE, &old, NULL);
}

/* What the program got with "--state". */
static int print_state(void)
{
	struct sigaction action;
	sigset_t mask;
	int i, odd = 0;

	printf("descriptors");
	for (i = 0; i < 256; i++)
		if (fcntl(i, F_GETFD) >= 0)
			printf(" %d", i);
	sigprocmask(SIG_BLOCK, NULL, &mask);
	for (i = 1; i < NSIG; i++)
		odd += sigismember(&mask, i) == 1 ||
		       (sigaction(i, NULL, &action) == 0 && action.sa_handler == SIG_IGN);
	printf("\nsignals %s\n%s group\n", odd ? "odd" : "neither ignored nor blocked",
	       getpgrp() == getpid() ? "own" : "foreign");
	return 0;
}

static void test_quiet(void)
{
	int saved = dup(2), ends[2];
	char got[64] = "";

	if (pipe(ends) < 0 || dup2(ends[1], 2) < 0)
		abort();
	check_int("quiet", "quiet", run_script((struct dl_proc){.quiet = true}, "echo hidden >&2"), 0);
	check_int("quiet", "not quiet", run_script((struct dl_proc){0}, "echo shown >&2"), 0);
	dup2(saved, 2);
	close(saved);
	close(ends[1]);
	check_int("quiet", "read", read(ends[0], got, sizeof got - 1), 6);
	check_text("quiet", "standard error", got, "shown\n");
	close(ends[0]);
}

/* In a program whose standard descriptors are closed, pipes get their numbers. */
static void test_closed(void)
{
	struct dl_proc proc = {.input = "in", .input_len = 2, .quiet = true};
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		close(0);
		close(1);
		close(2);
		_exit(run_script(proc, "cat; echo hidden >&2") < 0 || strcmp(result.output, "in") != 0);
	}
	waitpid(pid, &status, 0);
	check_int("closed", "standard descriptors", status, 0);
}

static void *run_many(void *tag)
{
	struct dl_proc proc = {.argv = (const char *const[]){"cat", NULL},
			       .input = tag,
			       .input_len = strlen(tag)};
	struct dl_proc_result own;
	struct dl_scope inner;
	int i, wrong = 0;

	for (i = 0; i < ROUNDS; i++) {
		dl_scope_open(&inner, NULL);
		wrong += dl_proc_run(&inner, &proc, &own) < 0 || strcmp(own.output, tag) != 0;
		dl_scope_close(&inner);
	}
	return wrong ? tag : NULL;
}

static void test_threads(void)
{
	static char tags[THREADS][2];
	pthread_t threads[THREADS];
	void *wrong;
	int i;

	for (i = 0; i < THREADS; i++) {
		tags[i][0] = (char)('a' + i);
		if (pthread_create(&threads[i], NULL, run_many, tags[i]))
			abort();
	}
	for (i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &wrong);
		check_text("threads", "own output", wrong, NULL);
	}
}

/* When DevLoop is killed, so is what it runs. */
static void test_orphans(void)
{
#ifdef __linux__
	const char *script = dl_arena_format(&scope.arena, "echo >%s; exec sleep 60", at("started"));
	int64_t deadline = dl_time_clock_ms() + SOON_MS;
	int life[2];
	pid_t pid;

	open_life(life);
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		_exit(run_script((struct dl_proc){0}, script));
	if (pid < 0)
		abort();
	while (access(at("started"), F_OK) < 0 && dl_time_clock_ms() < deadline)
		dl_time_sleep_ms(5);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	check_true("orphans", "none", all_gone(life));
#endif
}

static int count_descriptors(void)
{
	int fd, count = 0;

	for (fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void run_tests(void)
{
	static void (*const tests[])(void) = {
		test_result, test_input,  test_environment,    test_folder,      test_programs,
		test_find,   test_cap,    test_timeout,        test_left_behind, test_state,
		test_map,    test_stream, test_stream_timeout, test_errors,      test_quiet,
		test_closed, test_threads, test_orphans,
	};
	size_t i;

	for (i = 0; i < sizeof tests / sizeof *tests; i++) {
		dl_scope_open(&scope, NULL);
		tests[i]();
		dl_scope_close(&scope);
	}
}

int main(int argc, char **argv)
{
	int descriptors, fd;

	if (argc > 1 && strcmp(argv[1], "--state") == 0)
		return print_state();
	self = realpath(argv[0], NULL);
	if (!self || !mkdtemp(folder))
		abort();
	for (fd = 3; fd < 256; fd++)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	descriptors = count_descriptors();
	run_tests();
	check_int("proc", "no descriptor is left open", count_descriptors(), descriptors);
	check_true("proc", "no zombie", waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
	dl_scope_open(&scope, NULL);
	check_int("proc", "the folder goes", dl_file_remove_tree(&scope, folder), 0);
	dl_scope_close(&scope);
	return check_end("proc");
}
