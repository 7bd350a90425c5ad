#include "lib/base/pool.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "lib/base/scope.h"

enum { WIDTH = 64, STACK_BYTES = 256 << 10 };

/* A list that is known. */
struct list {
	size_t count;
	atomic_size_t next;
	void (*work)(void *arg, size_t index);
	void *arg;
};

static void *serve(void *arg)
{
	struct list *list = arg;
	size_t index;

	while ((index = atomic_fetch_add(&list->next, 1)) < list->count)
		list->work(list->arg, index);
	return NULL;
}

void dl_pool_map(size_t count, size_t width, void (*work)(void *arg, size_t index), void *arg)
{
	struct list list = {.count = count, .work = work, .arg = arg};
	pthread_t threads[WIDTH];
	pthread_attr_t attributes;
	size_t started = 0;

	if (width > count)
		width = count;
	if (width > WIDTH)
		width = WIDTH;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	/* This thread is one of them. */
	while (started + 1 < width && pthread_create(&threads[started], &attributes, serve, &list) == 0)
		started++;
	pthread_attr_destroy(&attributes);
	serve(&list);
	while (started)
		pthread_join(threads[--started], NULL);
}

/* ------------------------------------------------------------------ what comes one after the other */

struct dl_pool {
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t some;  /* there may be something to do, or it is over */
	void (*work)(void *arg, struct dl_pool_item *item);
	void *arg;
	size_t width, threads, idle;
	pthread_t thread[WIDTH];
	struct dl_pool_lane *lanes;
	struct dl_pool_item *done, *done_last;
	bool over;
	int read, write; /* a byte goes through for each that is done */
};

static void append(struct dl_pool_item **first, struct dl_pool_item **last, struct dl_pool_item *item)
{
	item->next = NULL;
	if (*first)
		(*last)->next = item;
	else
		*first = item;
	*last = item;
}

/* The lane whose first item may be begun; NULL: none may. Every lane has its turn. */
static struct dl_pool_lane *next_lane(struct dl_pool *pool)
{
	struct dl_pool_lane *lane, **link;

	for (link = &pool->lanes; (lane = *link); link = &lane->next)
		if (lane->first && lane->active < lane->most)
			break;
	if (!lane)
		return NULL;
	*link = lane->next;
	for (; *link; link = &(*link)->next)
		;
	*link = lane;
	lane->next = NULL;
	return lane;
}

static void do_one(struct dl_pool *pool, struct dl_pool_lane *lane)
{
	struct dl_pool_item *item = lane->first;
	ssize_t told;

	lane->first = item->next;
	lane->active++;
	pthread_mutex_unlock(&pool->lock);
	pool->work(pool->arg, item);
	pthread_mutex_lock(&pool->lock);
	lane->active--;
	append(&pool->done, &pool->done_last, item);
	told = write(pool->write, "", 1); /* a full pipe says it as well */
	(void)told;
	pthread_cond_signal(&pool->some);
}

static void *attend(void *arg)
{
	struct dl_pool *pool = arg;
	struct dl_pool_lane *lane;

	pthread_mutex_lock(&pool->lock);
	while (!pool->over) {
		lane = next_lane(pool);
		if (lane) {
			do_one(pool, lane);
			continue;
		}
		pool->idle++;
		pthread_cond_wait(&pool->some, &pool->lock);
		pool->idle--;
	}
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

struct dl_pool *dl_pool_open(struct dl_scope *scope, size_t width,
			     void (*work)(void *arg, struct dl_pool_item *item), void *arg)
{
	struct dl_pool *pool = dl_arena_alloc(&scope->arena, sizeof *pool);
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0) {
		dl_fail_errno(scope, "cannot create a pipe");
		return NULL;
	}
	*pool = (struct dl_pool){.work = work, .arg = arg, .read = ends[0], .write = ends[1]};
	pool->width = width > WIDTH ? WIDTH : width;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->some, NULL);
	return pool;
}

/* One more thread, when none is idle. Where none can be had at all, the work is done right here. */
static void add_thread(struct dl_pool *pool)
{
	pthread_attr_t attributes;
	struct dl_pool_lane *lane;

	if (pool->idle || pool->threads == pool->width)
		return;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	if (pthread_create(&pool->thread[pool->threads], &attributes, attend, pool) == 0)
		pool->threads++;
	pthread_attr_destroy(&attributes);
	while (!pool->threads && (lane = next_lane(pool)))
		do_one(pool, lane);
}

void dl_pool_put(struct dl_pool *pool, struct dl_pool_lane *lane, struct dl_pool_item *item)
{
	pthread_mutex_lock(&pool->lock);
	if (!lane->known) {
		lane->known = true;
		lane->next = pool->lanes;
		pool->lanes = lane;
	}
	append(&lane->first, &lane->last, item);
	add_thread(pool);
	pthread_cond_signal(&pool->some);
	pthread_mutex_unlock(&pool->lock);
}

void dl_pool_widen(struct dl_pool *pool, struct dl_pool_lane *lane, size_t most)
{
	pthread_mutex_lock(&pool->lock);
	lane->most = most;
	pthread_cond_broadcast(&pool->some);
	pthread_mutex_unlock(&pool->lock);
}

struct dl_pool_item *dl_pool_take(struct dl_pool *pool)
{
	struct dl_pool_item *item;
	char bytes[64];

	pthread_mutex_lock(&pool->lock);
	item = pool->done;
	if (item)
		pool->done = item->next;
	/* The pipe is emptied together with the list, so that it is readable as long as there is one. */
	while (!pool->done && read(pool->read, bytes, sizeof bytes) > 0)
		;
	pthread_mutex_unlock(&pool->lock);
	return item;
}

int dl_pool_fd(const struct dl_pool *pool)
{
	return pool->read;
}

void dl_pool_close(struct dl_pool *pool)
{
	if (!pool)
		return;
	pthread_mutex_lock(&pool->lock);
	pool->over = true;
	pthread_cond_broadcast(&pool->some);
	pthread_mutex_unlock(&pool->lock);
	while (pool->threads)
		pthread_join(pool->thread[--pool->threads], NULL);
	pthread_cond_destroy(&pool->some);
	pthread_mutex_destroy(&pool->lock);
	close(pool->read);
	close(pool->write);
}
