#include "lib/net/cache.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/file.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "tests/unit/check.h"

enum { NOBODY = 65534, DAY_S = 86400, MANY = 20, LARGE = 4 << 20 };

static const char key[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
static const char other[] = "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210";

static struct dl_scope scope;
static char base[] = "/tmp/dl-cache-XXXXXX";
static struct dl_cache *cache; /* in the folder "own" of BASE */

static const char *at(const char *name)
{
	return dl_arena_format(&scope.arena, "%s/%s", base, name);
}

/* The path of NAME in the cache. */
static const char *own(const char *name)
{
	return dl_arena_format(&scope.arena, "%s/own/%s", base, name);
}

static bool exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static unsigned mode_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_mode & 07777 : 0;
}

static void put(const char *path, const char *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, data, len) != (ssize_t)len || close(fd) < 0)
		abort();
}

static void set_age(const char *path, int64_t seconds)
{
	struct timespec times[2] = {{.tv_sec = dl_time_now() - seconds}, {.tv_sec = dl_time_now() - seconds}};

	if (utimensat(AT_FDCWD, path, times, 0) < 0)
		abort();
}

static void keep(const char *name, const char *head, const char *body, size_t len)
{
	struct dl_cache_answer answer = {.sent_ms = dl_cache_clock_ms(),
					 .head = head,
					 .body = dl_arena_copy(&scope.arena, body, len),
					 .len = len};

	dl_cache_keep(cache, name, &answer);
}

/* The body that is kept for NAME; NULL: none. */
static const char *kept(const char *name)
{
	struct dl_cache_answer answer;

	return dl_cache_read(&scope, cache, name, &answer) ? answer.body : NULL;
}

static const char *folder(const char *value)
{
	const char *path;

	value ? setenv("DL_CACHE", value, 1) : unsetenv("DL_CACHE");
	path = dl_cache_folder(&scope);
	return scope.error.class != DL_OK ? dl_fail_take(&scope, &scope.arena).message : path;
}

static void test_folder(void)
{
	setenv("XDG_CACHE_HOME", "/x", 1);
	check_text("folder", "by itself", folder(NULL), "/x/devloop/answers");
	check_text("folder", "empty is not set", folder(""), "/x/devloop/answers");
	check_text("folder", "another", folder("/y"), "/y");
	check_text("folder", "none", folder("0"), NULL);
	check_text("folder", "relative", folder("y"), "DL_CACHE: 'y' is neither 0 nor an absolute path");
	unsetenv("XDG_CACHE_HOME");
	unsetenv("HOME");
	check_text("folder", "no home", folder(NULL), NULL);
}

/* Whether the folder NAME of BASE is refused. */
static bool is_refused(const char *name)
{
	struct dl_cache *opened = dl_cache_open(&scope, at(name));

	dl_cache_close(opened);
	return !opened && dl_fail_take(&scope, &scope.arena).class == DL_SYSTEM;
}

static void test_open(void)
{
	umask(0);
	check_true("open", "makes folders", !is_refused("a/b"));
	check_int("open", "for this user alone", mode_of(at("a/b")), 0700);
	umask(022);
	if (symlink("a", at("link")) < 0 || mkdir(at("shared"), 0700) < 0 || chmod(at("shared"), 0770) < 0)
		abort();
	check_true("open", "a link", is_refused("link"));
	check_true("open", "others may write", is_refused("shared"));
	put(at("file"), "", 0);
	check_true("open", "a file", is_refused("file"));
	check_true("open", "below a file", is_refused("file/x"));
	if (geteuid() == 0) {
		if (mkdir(at("foreign"), 0700) < 0 || chown(at("foreign"), NOBODY, NOBODY) < 0)
			abort();
		check_true("open", "another user's", is_refused("foreign"));
	}
}

static void test_keep(void)
{
	struct dl_cache_answer answer;

	check_text("keep", "nothing, to begin with", kept(key), NULL);
	keep(key, "HTTP/1.1 200 OK\r\n\r\n", "", 0);
	check_text("keep", "an empty answer", kept(key), "");
	keep(key, "", "a\0b\n", 4);
	check_true("keep", "any bytes", dl_cache_read(&scope, cache, key, &answer) && answer.len == 4 &&
						memcmp(answer.body, "a\0b\n", 5) == 0);
	check_true("keep", "when it was asked", dl_cache_clock_ms() - answer.sent_ms < 60000);
	check_int("keep", "for this user's eyes", mode_of(own(key)), 0600);
	check_text("keep", "nothing for others", kept(other), NULL);
	dl_cache_forget(cache, key);
	check_text("keep", "forgotten", kept(key), NULL);
}

static void test_head(void)
{
	struct dl_cache_answer answer;

	keep(key,
	     "HTTP/1.1 200 OK\r\nDate: x\r\nContent-Type: application/json \t\r\nETAG: \"1\"\r\n"
	     "Link: <u>; rel=\"next\"\r\nSet-Cookie: a=b\r\nX-Total: 5\r\nX-RateLimit-Remaining: 3\r\n"
	     "X-Auth-Token: s\r\nX-CSRF: s\r\nX-Session-Id: s\r\nX-Amz-Signature: s\r\nWWW-Authenticate: "
	     "s\r\n"
	     "Location: s\r\nX-Bell: \a\r\n folded: s\r\nnothing\r\nAuthorization: s\r\n\r\n",
	     "", 0);
	check_true("head", "is kept", dl_cache_read(&scope, cache, key, &answer));
	check_text("head", "what is useful", answer.head,
		   "Content-Type: application/json\nETAG: \"1\"\nLink: <u>; rel=\"next\"\nX-Total: 5\n");
}

static void test_form(void)
{
	struct dl_cache_answer answer = {.sent_ms = 5, .head = "ETag: x\r\n", .len = 1};
	struct dl_buf file;

	answer.body = dl_arena_string(&scope.arena, "b");
	dl_buf_init(&file, &scope.arena, DL_CAP_LINE);
	dl_cache_encode(&scope, &file, key, &answer);
	check_text("form", "is text", dl_arena_string(&scope.arena, strchr(file.data, '\n')),
		   dl_arena_format(&scope.arena, "\n%s 5\nETag: x\n\nb", key));
	check_true("form", "can be read", dl_cache_parse(&scope, file.data, file.len, key, &answer));
	check_true("form", "and is the same", answer.sent_ms == 5 && strcmp(answer.head, "ETag: x\n") == 0 &&
						      strcmp(answer.body, "b") == 0);
}

static void test_same(void)
{
	struct dl_cache_answer before, after;

	dl_cache_forget(cache, key);
	dl_cache_read(&scope, cache, key, &before);
	check_true("same", "still nothing", dl_cache_same(cache, key, &before));
	keep(key, "", "1", 1);
	check_true("same", "something now", !dl_cache_same(cache, key, &before));
	dl_cache_read(&scope, cache, key, &after);
	check_true("same", "still that", dl_cache_same(cache, key, &after));
	dl_time_sleep_ms(20);
	keep(key, "", "1", 1);
	check_true("same", "the same once more", !dl_cache_same(cache, key, &after));
	dl_cache_forget(cache, key);
	check_true("same", "gone", !dl_cache_same(cache, key, &after));
}

static void test_large(void)
{
	char *body = calloc(LARGE + 1, 1);

	if (!body)
		abort();
	memset(body, 'x', LARGE + 1);
	keep(key, "", body, LARGE);
	check_true("large", "just small enough", kept(key) && strlen(kept(key)) == LARGE);
	keep(key, "", body, LARGE + 1);
	check_true("large", "too large takes the old one away", !kept(key) && !exists(own(key)));
	free(body);
}

/* No file that differs in one bit, or ends early, is believed. */
static void test_corrupt(void)
{
	bool believed = false;
	char *file, *bad;
	size_t len, i;

	keep(key, "ETag: x\n", "body", 4);
	file = dl_file_read(&scope, own(key), 4096, &len);
	if (!file)
		abort();
	for (i = 0; i < 8 * len; i++) {
		bad = dl_arena_copy(&scope.arena, file, len);
		bad[i / 8] = (char)(bad[i / 8] ^ 1 << i % 8);
		put(own(key), bad, len);
		believed |= kept(key) != NULL;
	}
	for (i = 0; i < len; i++) {
		put(own(key), file, i);
		believed |= kept(key) != NULL;
	}
	check_true("corrupt", "is not believed", !believed);
	put(own(other), file, len);
	check_text("corrupt", "nor what belongs to another question", kept(other), NULL);
	put(own(key), file, len);
	check_text("corrupt", "but the very same", kept(key), "body");
}

static void test_foreign(void)
{
	keep(key, "", "body", 4);
	if (rename(own(key), own("moved")) < 0 || symlink("moved", own(key)) < 0)
		abort();
	check_text("foreign", "a link", kept(key), NULL);
	unlink(own(key));
	if (mkfifo(own(key), 0600) < 0)
		abort();
	check_text("foreign", "a FIFO", kept(key), NULL);
	unlink(own(key));
	if (mkdir(own(key), 0700) < 0)
		abort();
	check_text("foreign", "a folder", kept(key), NULL);
	keep(key, "", "new", 3);
	check_text("foreign", "a folder in the way", kept(key), NULL);
	rmdir(own(key));
	if (rename(own("moved"), own(key)) < 0 || chmod(own(key), 0620) < 0)
		abort();
	check_text("foreign", "others may write to it", kept(key), NULL);
	if (chmod(own(key), 0600) < 0 || (geteuid() == 0 && chown(own(key), NOBODY, NOBODY) < 0))
		abort();
	check_text("foreign", "another user's", kept(key), geteuid() == 0 ? NULL : "body");
	keep(key, "", "new", 3);
	check_text("foreign", "is replaced", kept(key), "new");
}

static void test_change(void)
{
	struct dl_cache_answer old, new;

	keep(key, "", "old", 3);
	dl_cache_read(&scope, cache, key, &old);
	check_true("change", "nothing was changed", dl_cache_stands(cache, &old));
	dl_cache_change(cache);
	check_true("change", "now it was", !dl_cache_stands(cache, &old));
	dl_time_sleep_ms(2);
	keep(key, "", "new", 3);
	dl_cache_read(&scope, cache, key, &new);
	check_true("change", "what was asked since is fine", dl_cache_stands(cache, &new));
	check_true("change", "what was asked before is not", !dl_cache_stands(cache, &old));
	dl_cache_change(NULL);
}

/* A process that takes its turn and never gives it back. */
static pid_t take_and_stop(void)
{
	int ready[2];
	pid_t child;
	char byte;

	if (pipe(ready) < 0 || (child = fork()) < 0)
		abort();
	if (child == 0) {
		byte = dl_cache_turn(cache, key, 0) >= 0;
		if (write(ready[1], &byte, 1) == 1)
			pause();
		_exit(0);
	}
	if (read(ready[0], &byte, 1) != 1 || !byte)
		abort();
	return child;
}

static void test_turn(void)
{
	int first = dl_cache_turn(cache, key, 0), second = dl_cache_turn(cache, other, 0), third;
	int64_t began_ms = dl_time_clock_ms();
	pid_t child;

	check_true("turn", "the first has it", first >= 0);
	check_true("turn", "and with another question, too", second >= 0);
	check_int("turn", "who waits in vain does not", dl_cache_turn(cache, key, 50), -1);
	check_true("turn", "and waits as long as told", dl_time_clock_ms() - began_ms >= 50);
	dl_cache_return(first);
	dl_cache_return(second);
	third = dl_cache_turn(cache, key, 0);
	check_true("turn", "it was given back", third >= 0);
	dl_cache_return(third);
	child = take_and_stop();
	check_int("turn", "another process has it", dl_cache_turn(cache, key, 10), -1);
	kill(child, SIGKILL);
	began_ms = dl_time_clock_ms();
	dl_cache_return(dl_cache_turn(cache, key, 5000));
	check_true("turn", "the dead have none", dl_time_clock_ms() - began_ms < 4000);
	waitpid(child, NULL, 0);
	dl_cache_return(-1);
}

static void test_facts(void)
{
	char long_text[400];

	memset(long_text, 'x', sizeof long_text - 1);
	long_text[sizeof long_text - 1] = '\0';
	check_text("facts", "none", dl_cache_get(&scope, cache, other), NULL);
	dl_cache_put(cache, key, "fact");
	check_text("facts", "one", dl_cache_get(&scope, cache, key), "fact");
	check_true("facts", "is no answer", !kept(key) || strcmp(kept(key), "fact") != 0);
	dl_cache_put(cache, key, long_text);
	check_text("facts", "too long", dl_cache_get(&scope, cache, key), NULL);
}

/* A file as large as an answer can be, written SECONDS ago. */
static void put_large(const char *path, int64_t seconds)
{
	put(path, "", 0);
	if (truncate(path, LARGE) < 0)
		abort();
	set_age(path, seconds);
}

static const char *numbered(int number)
{
	return own(dl_arena_format(&scope.arena, "%064x", (unsigned)number));
}

static void test_prune(void)
{
	int i, left = 0;

	for (i = 0; i < MANY; i++)
		put_large(numbered(i), 100 * i + 100);
	keep(key, "", "old", 3);
	set_age(own(key), 15 * DAY_S);
	keep(other, "", "new", 3);
	put_large(own(".dl-answer-1-1"), 7200);
	put_large(own(".dl-answer-1-2"), 60);
	put_large(own("precious"), 99 * DAY_S);
	put_large(own("0123"), 99 * DAY_S);
	dl_cache_prune(cache);
	check_true("prune", "what is old goes", !exists(own(key)) && !exists(own(".dl-answer-1-1")));
	check_true("prune", "what is new stays", kept(other) && exists(own(".dl-answer-1-2")));
	check_true("prune", "what is not its own stays", exists(own("precious")) && exists(own("0123")));
	for (i = 0; i < MANY; i++)
		left += exists(numbered(i));
	check_int("prune", "64 MiB stay", left, 14);
	check_true("prune", "the newest of them", exists(numbered(13)) && !exists(numbered(14)));
}

/* Keeps COUNT answers by a client that begins now; whether that has pruned. */
static bool prunes(int count)
{
	struct dl_cache_answer answer = {.sent_ms = 1, .head = "", .body = dl_arena_string(&scope.arena, "")};
	struct dl_cache *client = dl_cache_open(&scope, at("own"));
	bool pruned;

	put_large(own(key), 15 * DAY_S);
	while (client && count--)
		dl_cache_keep(client, other, &answer);
	dl_cache_close(client);
	pruned = !exists(own(key));
	unlink(own(key));
	return pruned;
}

static void test_now_and_then(void)
{
	set_age(own("pruned"), 7200);
	check_true("now and then", "after an hour", prunes(1));
	check_true("now and then", "not at each start", !prunes(1));
	check_true("now and then", "nor after a few answers", !prunes(200));
	check_true("now and then", "but after many", prunes(300));
	set_age(own("pruned"), -7200);
	check_true("now and then", "when the clock was wrong", prunes(1));
}

int main(void)
{
	dl_scope_open(&scope, NULL);
	if (!mkdtemp(base))
		abort();
	test_folder();
	test_open();
	cache = dl_cache_open(&scope, at("own"));
	if (!cache)
		abort();
	test_keep();
	test_head();
	test_form();
	test_same();
	test_large();
	test_corrupt();
	test_foreign();
	test_change();
	test_turn();
	test_facts();
	test_prune();
	test_now_and_then();
	dl_cache_close(cache);
	check_int("end", "the folder can be removed", dl_file_remove_tree(&scope, base), 0);
	dl_scope_close(&scope);
	return check_end("cache");
}
