#include "lib/pool.h"

#include <pthread.h>
#include <stdatomic.h>

enum { WIDTH = 64, STACK_BYTES = 256 << 10 };

struct pool {
	size_t count;
	atomic_size_t next;
	void (*work)(void *arg, size_t index);
	void *arg;
};

static void *serve(void *arg)
{
	struct pool *pool = arg;
	size_t index;

	while ((index = atomic_fetch_add(&pool->next, 1)) < pool->count)
		pool->work(pool->arg, index);
	return NULL;
}

void dl_pool_map(size_t count, size_t width, void (*work)(void *arg, size_t index), void *arg)
{
	struct pool pool = {.count = count, .work = work, .arg = arg};
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
	while (started + 1 < width && pthread_create(&threads[started], &attributes, serve, &pool) == 0)
		started++;
	pthread_attr_destroy(&attributes);
	serve(&pool);
	while (started)
		pthread_join(threads[--started], NULL);
}
