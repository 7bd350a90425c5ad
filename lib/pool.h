/* pool: the same work on many things at once, in threads. */
#ifndef DL_POOL_H
#define DL_POOL_H

#include <stddef.h>

/* dl_pool_map(count, width, work, arg): calls WORK(arg, 0) to WORK(arg, COUNT - 1), at most WIDTH at the same
 * time, and returns when all are done. With one thing to do, or where no thread can be had, it is done right
 * here. WORK shares nothing with its siblings but what guards itself; each has a scope of its own without a
 * parent. */
void dl_pool_map(size_t count, size_t width, void (*work)(void *arg, size_t index), void *arg);

#endif
