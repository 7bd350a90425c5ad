/* Takes the place of lib/base/arena.c in the targets: each piece has memory of its own, of exactly its size,
 * so that AddressSanitizer sees the first byte beyond it, which in a shared block is a neighbour's. */
#include "lib/base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/fail.h"

struct dl_arena_block {
	struct dl_arena_block *next;
	char *data;
};

void *dl_arena_alloc(struct dl_arena *arena, size_t size)
{
	struct dl_arena_block *block = malloc(sizeof *block);

	DL_BUG_IF(!block);
	block->data = calloc(size ? size : 1, 1);
	DL_BUG_IF(!block->data);
	block->next = arena->blocks;
	arena->blocks = block;
	return block->data;
}

void *dl_arena_array(struct dl_arena *arena, size_t count, size_t size)
{
	size_t total;

	DL_BUG_IF(__builtin_mul_overflow(count, size, &total));
	return dl_arena_alloc(arena, total);
}

void *dl_arena_grow(struct dl_arena *arena, void *old, size_t old_size, size_t new_size)
{
	void *piece = dl_arena_alloc(arena, new_size);

	if (old_size)
		memcpy(piece, old, old_size);
	return piece;
}

char *dl_arena_copy(struct dl_arena *arena, const char *data, size_t len)
{
	char *copy = dl_arena_alloc(arena, len + 1);

	if (len)
		memcpy(copy, data, len);
	return copy;
}

char *dl_arena_string(struct dl_arena *arena, const char *string)
{
	return string ? dl_arena_copy(arena, string, strlen(string)) : NULL;
}

char *dl_arena_format(struct dl_arena *arena, const char *format, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	DL_BUG_IF(len < 0);
	text = dl_arena_alloc(arena, (size_t)len + 1);
	va_start(args, format);
	vsnprintf(text, (size_t)len + 1, format, args);
	va_end(args);
	return text;
}

void dl_arena_free(struct dl_arena *arena)
{
	struct dl_arena_block *block;

	while ((block = arena->blocks)) {
		arena->blocks = block->next;
		free(block->data);
		free(block);
	}
}
