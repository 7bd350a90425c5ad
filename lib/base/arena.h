/* arena: memory that is handed out piece by piece and given back all at once.
 *
 * Every piece is zeroed and aligned for any type. There is no failure to check: when the system has no memory
 * left the program says so and exits 12, the one place besides a broken invariant where the library exits. */
#ifndef DL_ARENA_H
#define DL_ARENA_H

#include <stddef.h>

struct dl_arena_block;

/* Zero-initialised is empty and ready. */
struct dl_arena {
	struct dl_arena_block *blocks; /* newest first */
};

/* dl_arena_alloc(arena, size): SIZE zeroed bytes (0 gives a valid pointer too). */
void *dl_arena_alloc(struct dl_arena *arena, size_t size);

/* dl_arena_array(arena, count, size): COUNT zeroed elements of SIZE bytes; the product is checked. */
void *dl_arena_array(struct dl_arena *arena, size_t count, size_t size);

/* dl_arena_grow(arena, old, old_size, new_size): a piece of NEW_SIZE bytes that begins with the OLD_SIZE
 * bytes of OLD (NULL when OLD_SIZE is 0). Extends in place where OLD was the newest piece; otherwise OLD
 * stays allocated. */
void *dl_arena_grow(struct dl_arena *arena, void *old, size_t old_size, size_t new_size);

/* dl_arena_copy(arena, data, len): the LEN bytes of DATA and a NUL. */
char *dl_arena_copy(struct dl_arena *arena, const char *data, size_t len);

/* dl_arena_string(arena, string): a copy of STRING; NULL gives NULL. */
char *dl_arena_string(struct dl_arena *arena, const char *string);

/* dl_arena_format(arena, format, ...): what printf would print. */
char *dl_arena_format(struct dl_arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* dl_arena_free(arena): gives everything back; ARENA is empty and usable again. */
void dl_arena_free(struct dl_arena *arena);

#endif
