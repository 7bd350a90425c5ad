/* cache: the answers to questions, kept in a folder of this user's alone; with them, turns (of several that
 * ask the same thing at once one does, and the others get its answer), the moment when something was last
 * changed, and small facts.
 *
 * Everything here can be asked again. So nothing fails for want of the cache: what cannot be written is not
 * kept, and what is not exactly as it was written was never there. */
#ifndef DL_CACHE_H
#define DL_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dl_buf;
struct dl_cache;
struct dl_scope;

/* An answer that is kept, or to be. */
struct dl_cache_answer {
	int64_t sent_ms;  /* when its question was sent, or sent once more and answered "not modified" */
	const char *head; /* header lines */
	char *body;       /* NUL-terminated, writable */
	size_t len;
	uint64_t file;    /* of dl_cache_read: which file it was, and when that was written */
	int64_t written_ns;
};

/* dl_cache_folder(scope): where this user's answers are kept: DL_CACHE, or the folder "answers" in
 * dl_folder_cache; in SCOPE. NULL: nowhere (DL_CACHE=0, no home), or DL_CONFIG, DL_CACHE is no absolute
 * path. */
const char *dl_cache_folder(struct dl_scope *scope);

/* dl_cache_open(scope, path): the folder PATH, made when it is not there; in SCOPE. NULL: it cannot be had,
 * or is not trusted: it is another user's, or others may write to it, or it is a symbolic link; DL_SYSTEM.
 * Close it. Used by several threads at once. */
struct dl_cache *dl_cache_open(struct dl_scope *scope, const char *path);

/* dl_cache_close(cache): NULL is fine. */
void dl_cache_close(struct dl_cache *cache);

/* dl_cache_clock_ms(): the wall clock, in milliseconds since 1970: what .sent_ms is of. */
int64_t dl_cache_clock_ms(void);

/* dl_cache_read(scope, cache, key, answer): the answer that is kept for KEY, a SHA-256 in hexadecimal digits;
 * in SCOPE. False: there is none. */
bool dl_cache_read(struct dl_scope *scope, const struct dl_cache *cache, const char *key,
		   struct dl_cache_answer *answer);

/* dl_cache_same(cache, key, answer): whether what is kept for KEY is still what ANSWER was read from (all
 * zero: whether there is still nothing). */
bool dl_cache_same(const struct dl_cache *cache, const char *key, const struct dl_cache_answer *answer);

/* dl_cache_keep(cache, key, answer): keeps ANSWER, of its head only what is useful and no secret: the media
 * type, the ETag, links, and lines "X-..." that do not sound like a credential. What is larger than 4 MiB is
 * not kept, and then nothing is. Now and then it also prunes. */
void dl_cache_keep(struct dl_cache *cache, const char *key, const struct dl_cache_answer *answer);

/* dl_cache_forget(cache, key): nothing is kept for KEY. */
void dl_cache_forget(const struct dl_cache *cache, const char *key);

/* dl_cache_turn(cache, key, patience_ms): whose turn it is to ask the question KEY. A number to give back
 * with dl_cache_return: it is ours. -1: it was another's, a thread's or a process's, who has given it back by
 * now or has ended, or PATIENCE_MS are over; or there are no turns on this system. */
int dl_cache_turn(const struct dl_cache *cache, const char *key, int64_t patience_ms);

/* dl_cache_return(turn): also for -1. */
void dl_cache_return(int turn);

/* dl_cache_change(cache): something was changed just now, somewhere: no answer to an older question can be
 * used without asking. NULL is fine. */
void dl_cache_change(const struct dl_cache *cache);

/* dl_cache_stands(cache, answer): whether nothing was changed since ANSWER's question was sent. */
bool dl_cache_stands(const struct dl_cache *cache, const struct dl_cache_answer *answer);

/* dl_cache_put(cache, key, fact), dl_cache_get(scope, cache, key): a short text that is kept for KEY, apart
 * from answers; in SCOPE. NULL: there is none. */
void dl_cache_put(struct dl_cache *cache, const char *key, const char *fact);
char *dl_cache_get(struct dl_scope *scope, const struct dl_cache *cache, const char *key);

/* dl_cache_prune(cache): removes what was written more than 14 days ago, and then the oldest until 64 MiB are
 * left. Other files than its own are left alone. */
void dl_cache_prune(const struct dl_cache *cache);

/* dl_cache_encode(scope, buf, key, answer): appends the file of ANSWER. */
void dl_cache_encode(struct dl_scope *scope, struct dl_buf *buf, const char *key,
		     const struct dl_cache_answer *answer);

/* dl_cache_parse(scope, data, len, key, answer): the answer for KEY that a file of LEN bytes, NUL-terminated
 * and writable, holds; its head and body stay in DATA. False: it is not exactly what dl_cache_encode would
 * write. */
bool dl_cache_parse(struct dl_scope *scope, char *data, size_t len, const char *key,
		    struct dl_cache_answer *answer);

#endif
