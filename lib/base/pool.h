/* pool: the same work on many things at once, in threads: on a list that is known, or on things that come one
 * after the other. */
#ifndef DL_POOL_H
#define DL_POOL_H

#include <stdbool.h>
#include <stddef.h>

struct dl_scope;

/* dl_pool_map(count, width, work, arg): calls WORK(arg, 0) to WORK(arg, COUNT - 1), at most WIDTH at the same
 * time, and returns when all are done. With one thing to do, or where no thread can be had, it is done right
 * here. WORK shares nothing with its siblings but what guards itself; each has a scope of its own without a
 * parent. */
void dl_pool_map(size_t count, size_t width, void (*work)(void *arg, size_t index), void *arg);

/* What stands in line; the first member of a struct of the caller's. */
struct dl_pool_item {
	struct dl_pool_item *next;
};

/* Things of which only so many may be worked on at the same time. Zeroed but for .most, and then the
 * pool's. */
struct dl_pool_lane {
	size_t most;
	size_t active;
	struct dl_pool_item *first, *last; /* that wait */
	struct dl_pool_lane *next;
	bool known;
};

struct dl_pool;

/* dl_pool_open(scope, width, work, arg): a pool, in SCOPE, that calls WORK(arg, item) in at most WIDTH
 * threads, which begin when there is something to do. NULL: DL_SYSTEM. */
struct dl_pool *dl_pool_open(struct dl_scope *scope, size_t width,
			     void (*work)(void *arg, struct dl_pool_item *item), void *arg);

/* dl_pool_put(pool, lane, item): ITEM stands in line at the end of LANE; both must live until it is done. */
void dl_pool_put(struct dl_pool *pool, struct dl_pool_lane *lane, struct dl_pool_item *item);

/* dl_pool_widen(pool, lane, most): so many of LANE from now on. */
void dl_pool_widen(struct dl_pool *pool, struct dl_pool_lane *lane, size_t most);

/* dl_pool_take(pool): one that is done; NULL: none is at the moment. */
struct dl_pool_item *dl_pool_take(struct dl_pool *pool);

/* dl_pool_fd(pool): a descriptor that is readable when one is done. */
int dl_pool_fd(const struct dl_pool *pool);

/* dl_pool_close(pool): waits for what is under way; what waits is not begun. NULL is fine. */
void dl_pool_close(struct dl_pool *pool);

#endif
