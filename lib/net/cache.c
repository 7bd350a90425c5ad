/* An answer is one file, named by the key of its question:
 *
 *	devloop answer 1 CHECKSUM            the SHA-256 of all that follows
 *	KEY SENT_MS
 *	content-type: application/json       the lines of the head that are kept
 *	etag: W/"..."
 *
 *	the body, to the end of the file
 *
 * It is written beside and renamed, and not synced: when the machine stops meanwhile, the checksum tells. A
 * file is opened relative to the folder, which was looked at once, and never through a link.
 *
 * A turn is a lock on one byte of the file "lock", at a place that the key names: there are no files to
 *remove afterwards, and the system takes back what a process that has died held. The lock belongs to the open
 *file, so threads exclude each other, too. Who had to wait does not take the turn when it is free: either
 *there is an answer by then, or it was worth nothing, and all who waited ask at once.
 *
 * The time of the file "changed" is that of the last change, to whatever server: one for each would be more
 * exact, but a change at one address (an upload) may show at another, and asking once too often is cheap. */
#include "lib/net/cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/digest.h"
#include "lib/base/file.h"
#include "lib/base/folder.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"

#define MAGIC "devloop answer 1 "
#define FACT_SUFFIX ".fact"
#define UNFINISHED ".dl-answer-"

enum {
	KEY_LEN = 64,
	MOST_BODY = 4 << 20,
	MOST_FILE = MOST_BODY + DL_CAP_HEAD + 256,
	MOST_FACT = 256,
	MOST_FILES = 1 << 17,
	PRUNE_EVERY = 256, /* answers kept by one program */
	PRUNE_EVERY_S = 3600,
	KEEP_S = 14 * 86400,
	KEEP_BYTES = 64 << 20,
	UNFINISHED_S = 3600,
	BLOCK = 4096,
	LONGEST_PAUSE_MS = 16,
};

/* Opening must not follow a link, nor wait for the other end of a FIFO. */
enum { OPEN_FLAGS = O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK };

struct dl_cache {
	int folder;
	atomic_uint kept;   /* answers, by this process */
	atomic_uint serial; /* of the next unfinished file */
};

/* ------------------------------------------------------------------ the folder */

const char *dl_cache_folder(struct dl_scope *scope)
{
	const char *given = getenv("DL_CACHE"), *dir;

	if (given && strcmp(given, "0") == 0)
		return NULL;
	if (given && *given == '/')
		return dl_arena_string(&scope->arena, given);
	if (given && *given) {
		dl_fail(scope, DL_CONFIG, "DL_CACHE: '%s' is neither 0 nor an absolute path",
			dl_text_quote(&scope->arena, given));
		return NULL;
	}
	dir = dl_folder_cache(scope);
	return dir ? dl_arena_format(&scope->arena, "%s/answers", dir) : NULL;
}

/* Whether what ST is about is ours, and nobody else can write to it. */
static bool is_own(const struct stat *st)
{
	return st->st_uid == geteuid() && !(st->st_mode & (S_IWGRP | S_IWOTH));
}

struct dl_cache *dl_cache_open(struct dl_scope *scope, const char *path)
{
	const char *name = dl_text_quote(&scope->arena, path);
	struct dl_cache *cache;
	struct stat st;
	int fd;

	if (dl_file_mkdirs(scope, path, 0700))
		return NULL;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0 || !is_own(&st)) {
		if (fd < 0)
			dl_fail_errno(scope, "cannot open %s", name);
		else
			dl_fail(scope, DL_SYSTEM, "%s is not this user's alone", name);
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	cache = dl_arena_alloc(&scope->arena, sizeof *cache);
	cache->folder = fd;
	return cache;
}

void dl_cache_close(struct dl_cache *cache)
{
	if (cache)
		close(cache->folder);
}

/* ------------------------------------------------------------------ time */

static struct timespec wall_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now;
}

static int64_t to_ms(struct timespec moment)
{
	return (int64_t)moment.tv_sec * 1000 + moment.tv_nsec / 1000000;
}

int64_t dl_cache_clock_ms(void)
{
	return to_ms(wall_clock());
}

/* Creates the file NAME, when it is not there, and gives it the time of now. The system's own idea of now may
 * be some milliseconds old. */
static void touch(const struct dl_cache *cache, const char *name)
{
	int fd = openat(cache->folder, name, O_WRONLY | O_CREAT | OPEN_FLAGS, 0600);
	struct timespec times[2] = {wall_clock()};

	times[1] = times[0];
	if (fd < 0)
		return;
	(void)!futimens(fd, times);
	close(fd);
}

/* When NAME was written, in milliseconds since 1970; 0: it is not there. */
static int64_t touched_ms(const struct dl_cache *cache, const char *name)
{
	struct stat st;

	return fstatat(cache->folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 ? to_ms(st.st_mtim) : 0;
}

void dl_cache_change(const struct dl_cache *cache)
{
	if (cache)
		touch(cache, "changed");
}

bool dl_cache_stands(const struct dl_cache *cache, const struct dl_cache_answer *answer)
{
	return answer->sent_ms > touched_ms(cache, "changed");
}

/* ------------------------------------------------------------------ the form of an answer */

static bool has_word(const char *text, size_t len, const char *const *words)
{
	size_t i;

	for (; *words; words++)
		for (i = 0; i + strlen(*words) <= len; i++)
			if (strncasecmp(text + i, *words, strlen(*words)) == 0)
				return true;
	return false;
}

/* Whether a header of that name is kept. */
static bool is_kept(const char *name, size_t len)
{
	static const char *const plain[] = {"content-disposition", "content-type", "etag", "last-modified",
					    "link"};
	static const char *const doubtful[] = {"auth",	    "cookie", "cred", "crumb", "csrf",
					       "key",	    "nonce",  "pass", "rate",  "secret",
					       "session",   "sign",   "token", NULL};
	size_t i;

	for (i = 0; i < sizeof plain / sizeof *plain; i++)
		if (strlen(plain[i]) == len && strncasecmp(name, plain[i], len) == 0)
			return true;
	return len > 2 && strncasecmp(name, "x-", 2) == 0 && !has_word(name, len, doubtful);
}

/* How much of a header line of LEN bytes is kept: all but blanks at its end, or nothing. */
static size_t kept_len(const char *line, size_t len)
{
	const char *colon = memchr(line, ':', len);
	size_t i;

	if (!colon || !is_kept(line, (size_t)(colon - line)))
		return 0;
	while (len && strchr(" \t\r", line[len - 1]))
		len--;
	for (i = 0; i < len; i++)
		if ((unsigned char)line[i] < ' ' && line[i] != '\t')
			return 0;
	return len;
}

static void encode_head(struct dl_buf *buf, const char *head)
{
	const char *line, *end;
	size_t len;

	for (line = head; *line; line = *end ? end + 1 : end) {
		end = strchrnul(line, '\n');
		len = kept_len(line, (size_t)(end - line));
		dl_buf_add(buf, line, len);
		dl_buf_puts(buf, len ? "\n" : "");
	}
	dl_buf_putc(buf, '\n');
}

void dl_cache_encode(struct dl_scope *scope, struct dl_buf *buf, const char *key,
		     const struct dl_cache_answer *answer)
{
	size_t begin = buf->len + strlen(MAGIC), rest = begin + KEY_LEN + 1;
	const char *checksum;

	dl_buf_printf(buf, MAGIC "%*s\n", KEY_LEN, "");
	dl_buf_printf(buf, "%s %lld\n", key, (long long)answer->sent_ms);
	encode_head(buf, answer->head);
	dl_buf_add(buf, answer->body, answer->len);
	checksum = buf->overflow ? NULL : dl_digest_hex(scope, DL_SHA256, buf->data + rest, buf->len - rest);
	if (checksum)
		memcpy(buf->data + begin, checksum, KEY_LEN);
}

/* Moves *TEXT, which ends at END, over PREFIX, which it must begin with. */
static char *skip(char *text, const char *end, const char *prefix)
{
	size_t len = strlen(prefix);

	return text && (size_t)(end - text) >= len && memcmp(text, prefix, len) == 0 ? text + len : NULL;
}

/* Takes the head at TEXT off; returns what follows it, or NULL. */
static char *parse_head(char *text, const char *end, struct dl_cache_answer *answer)
{
	char *line = text, *stop;

	answer->head = text;
	while ((stop = memchr(line, '\n', (size_t)(end - line))) && stop > line) {
		if (kept_len(line, (size_t)(stop - line)) != (size_t)(stop - line))
			return NULL;
		line = stop + 1;
	}
	if (!stop)
		return NULL;
	*stop = '\0';
	return stop + 1;
}

bool dl_cache_parse(struct dl_scope *scope, char *data, size_t len, const char *key,
		    struct dl_cache_answer *answer)
{
	char *end = data + len, *text = skip(data, end, MAGIC), *stop;
	const char *checksum;

	if (!text || end - text <= KEY_LEN)
		return false;
	checksum = dl_digest_hex(scope, DL_SHA256, text + KEY_LEN + 1, (size_t)(end - text) - KEY_LEN - 1);
	text = checksum ? skip(text, end, checksum) : NULL;
	text = skip(skip(skip(text, end, "\n"), end, key), end, " ");
	stop = text ? memchr(text, '\n', (size_t)(end - text)) : NULL;
	if (!stop || *text == '0')
		return false;
	*stop = '\0';
	answer->sent_ms = strlen(text) == (size_t)(stop - text) ? dl_text_int(text) : 0;
	answer->body = answer->sent_ms > 0 ? parse_head(stop + 1, end, answer) : NULL;
	answer->len = answer->body ? (size_t)(end - answer->body) : 0;
	return answer->body;
}

/* ------------------------------------------------------------------ files */

static bool read_all(int fd, char *data, size_t len)
{
	ssize_t count;

	while (len) {
		count = read(fd, data, len);
		if (count == 0 || (count < 0 && errno != EINTR))
			return false;
		data += count > 0 ? count : 0;
		len -= count > 0 ? (size_t)count : 0;
	}
	return true;
}

/* The regular file NAME, of at most MOST bytes, and a NUL; NULL: it is not there, or not ours alone. */
static char *read_own(struct dl_scope *scope, const struct dl_cache *cache, const char *name, size_t most,
		      struct stat *st)
{
	int fd = openat(cache->folder, name, O_RDONLY | OPEN_FLAGS);
	char *data = NULL;

	if (fd < 0)
		return NULL;
	if (fstat(fd, st) == 0 && S_ISREG(st->st_mode) && is_own(st) && (uint64_t)st->st_size <= most) {
		data = dl_arena_alloc(&scope->arena, (size_t)st->st_size + 1);
		if (!read_all(fd, data, (size_t)st->st_size))
			data = NULL;
	}
	close(fd);
	return data;
}

static void write_own(struct dl_cache *cache, const char *name, const char *data, size_t len)
{
	struct dl_scope scratch;
	const char *beside;
	int fd;

	dl_scope_open(&scratch, NULL);
	beside = dl_arena_format(&scratch.arena, UNFINISHED "%ld-%u", (long)getpid(),
				 atomic_fetch_add(&cache->serial, 1));
	fd = openat(cache->folder, beside, O_WRONLY | O_CREAT | O_EXCL | OPEN_FLAGS, 0600);
	if (fd >= 0) {
		bool written = dl_file_put(fd, data, len) == 0;

		if (close(fd) < 0 || !written || renameat(cache->folder, beside, cache->folder, name) < 0)
			unlinkat(cache->folder, beside, 0);
	}
	dl_scope_close(&scratch);
}

static int64_t to_ns(struct timespec moment)
{
	return (int64_t)moment.tv_sec * 1000000000 + moment.tv_nsec;
}

bool dl_cache_read(struct dl_scope *scope, const struct dl_cache *cache, const char *key,
		   struct dl_cache_answer *answer)
{
	struct dl_scope attempt;
	struct stat st;
	char *data;
	bool found;

	memset(answer, 0, sizeof *answer);
	data = read_own(scope, cache, key, MOST_FILE, &st);
	if (!data)
		return false;
	dl_scope_open(&attempt, NULL);
	found = dl_cache_parse(&attempt, data, (size_t)st.st_size, key, answer);
	dl_scope_close(&attempt);
	answer->file = st.st_ino;
	answer->written_ns = to_ns(st.st_mtim);
	return found;
}

bool dl_cache_same(const struct dl_cache *cache, const char *key, const struct dl_cache_answer *answer)
{
	struct stat st;

	if (fstatat(cache->folder, key, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return !answer->file;
	return answer->file == st.st_ino && answer->written_ns == to_ns(st.st_mtim);
}

void dl_cache_forget(const struct dl_cache *cache, const char *key)
{
	unlinkat(cache->folder, key, 0);
}

/* A program that keeps little looks once whether it is time, one that keeps much counts. */
static bool is_prune_due(struct dl_cache *cache)
{
	unsigned int kept = atomic_fetch_add(&cache->kept, 1);
	int64_t idle_ms;

	if (kept)
		return kept % PRUNE_EVERY == 0;
	idle_ms = dl_cache_clock_ms() - touched_ms(cache, "pruned");
	return idle_ms < 0 || idle_ms > PRUNE_EVERY_S * 1000L;
}

void dl_cache_keep(struct dl_cache *cache, const char *key, const struct dl_cache_answer *answer)
{
	struct dl_scope scratch;
	struct dl_buf file;

	dl_scope_open(&scratch, NULL);
	dl_buf_init(&file, &scratch.arena, MOST_FILE);
	if (answer->len <= MOST_BODY)
		dl_cache_encode(&scratch, &file, key, answer);
	if (file.len && !file.overflow)
		write_own(cache, key, file.data, file.len);
	else
		dl_cache_forget(cache, key);
	dl_scope_close(&scratch);
	if (is_prune_due(cache))
		dl_cache_prune(cache);
}

void dl_cache_put(struct dl_cache *cache, const char *key, const char *fact)
{
	struct dl_scope scratch;

	dl_scope_open(&scratch, NULL);
	write_own(cache, dl_arena_format(&scratch.arena, "%s" FACT_SUFFIX, key), fact, strlen(fact));
	dl_scope_close(&scratch);
}

char *dl_cache_get(struct dl_scope *scope, const struct dl_cache *cache, const char *key)
{
	const char *name = dl_arena_format(&scope->arena, "%s" FACT_SUFFIX, key);
	struct stat st;

	return read_own(scope, cache, name, MOST_FACT, &st);
}

/* ------------------------------------------------------------------ turns */

#ifdef F_OFD_SETLK
/* Whether nobody else has the lock, so that FD has it now; -1: there are no locks here. */
static int try_lock(int fd, const char *key)
{
	char place[8] = "";
	struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};

	memcpy(place, key, sizeof place - 1);
	range.l_start = (off_t)strtol(place, NULL, 16);
	if (fcntl(fd, F_OFD_SETLK, &range) == 0)
		return 1;
	return errno == EAGAIN || errno == EACCES ? 0 : -1;
}
#else
static int try_lock(int fd, const char *key)
{
	(void)fd;
	(void)key;
	return -1;
}
#endif

int dl_cache_turn(const struct dl_cache *cache, const char *key, int64_t patience_ms)
{
	int fd = openat(cache->folder, "lock", O_RDWR | O_CREAT | OPEN_FLAGS, 0600);
	int64_t until_ms = dl_time_clock_ms() + patience_ms, pause_ms = 1;
	int locked = fd < 0 ? -1 : try_lock(fd, key);

	if (locked > 0)
		return fd;
	while (locked == 0 && dl_time_clock_ms() < until_ms) {
		dl_time_sleep_ms(pause_ms);
		pause_ms = pause_ms < LONGEST_PAUSE_MS ? 2 * pause_ms : LONGEST_PAUSE_MS;
		locked = try_lock(fd, key);
	}
	dl_cache_return(fd);
	return -1;
}

void dl_cache_return(int turn)
{
	if (turn >= 0)
		close(turn);
}

/* ------------------------------------------------------------------ pruning */

struct file {
	const char *name;
	int64_t written_ms, size;
};

struct files {
	struct file *items;
	size_t count, room;
};

static bool is_key(const char *text, size_t len)
{
	return len == KEY_LEN && strspn(text, "0123456789abcdef") >= KEY_LEN;
}

static bool is_ours(const char *name)
{
	size_t len = strlen(name);

	if (dl_text_ends(name, FACT_SUFFIX))
		len -= strlen(FACT_SUFFIX);
	return is_key(name, len) || dl_text_starts(name, UNFINISHED);
}

static bool is_old(const char *name, int64_t age_ms)
{
	return age_ms > (dl_text_starts(name, UNFINISHED) ? UNFINISHED_S : KEEP_S) * 1000LL;
}

static void add_file(struct dl_scope *scope, struct files *files, const char *name, const struct stat *st)
{
	size_t room = files->room ? 2 * files->room : 64;

	if (files->count == files->room) {
		files->items = dl_arena_grow(&scope->arena, files->items, files->room * sizeof *files->items,
					     room * sizeof *files->items);
		files->room = room;
	}
	files->items[files->count++] = (struct file){
		.name = dl_arena_string(&scope->arena, name),
		.written_ms = to_ms(st->st_mtim),
		.size = st->st_size + BLOCK,
	};
}

/* Removes what is old; the rest goes to FILES. */
static void sweep(struct dl_scope *scope, DIR *stream, struct files *files)
{
	int64_t now_ms = dl_cache_clock_ms();
	const struct dirent *entry;
	struct stat st;

	while (files->count < MOST_FILES && (entry = readdir(stream))) {
		if (!is_ours(entry->d_name) ||
		    fstatat(dirfd(stream), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (is_old(entry->d_name, now_ms - to_ms(st.st_mtim)))
			unlinkat(dirfd(stream), entry->d_name, 0);
		else
			add_file(scope, files, entry->d_name, &st);
	}
}

static int newest_first(const void *a, const void *b)
{
	const struct file *x = a, *y = b;

	return (x->written_ms < y->written_ms) - (x->written_ms > y->written_ms);
}

static DIR *list_folder(const struct dl_cache *cache)
{
	int fd = openat(cache->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);

	if (!stream && fd >= 0)
		close(fd);
	return stream;
}

void dl_cache_prune(const struct dl_cache *cache)
{
	DIR *stream = list_folder(cache);
	struct files files = {.items = NULL};
	struct dl_scope scope;
	int64_t total = 0;
	size_t i;

	if (!stream)
		return;
	touch(cache, "pruned");
	dl_scope_open(&scope, NULL);
	sweep(&scope, stream, &files);
	if (files.count)
		qsort(files.items, files.count, sizeof *files.items, newest_first);
	for (i = 0; i < files.count; i++) {
		total += files.items[i].size;
		if (total > KEEP_BYTES)
			unlinkat(cache->folder, files.items[i].name, 0);
	}
	dl_scope_close(&scope);
	closedir(stream);
}
