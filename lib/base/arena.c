/* A chain of blocks; the newest one is filled from its start. A piece larger than a quarter of the block size
 * gets a block of its own, so that growing it again and again is one realloc each time and never leaves more
 * than it copies. */
#include "lib/base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/fail.h"

enum { BLOCK_SIZE = 16 << 10, ALIGNMENT = _Alignof(max_align_t) };

struct dl_arena_block {
	struct dl_arena_block *next;
	size_t used;
	size_t size;
	_Alignas(max_align_t) char data[];
};

static _Noreturn void out_of_memory(void)
{
	fputs("dl: out of memory\n", stderr);
	_Exit(DL_SYSTEM);
}

static size_t align_up(size_t size)
{
	if (size > SIZE_MAX / 2)
		out_of_memory();
	return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static struct dl_arena_block *new_block(struct dl_arena_block *old, size_t size)
{
	struct dl_arena_block *block = realloc(old, sizeof *block + size);

	if (!block)
		out_of_memory();
	block->size = size;
	return block;
}

/* SIZE bytes with whatever is in them. */
static void *take(struct dl_arena *arena, size_t size)
{
	struct dl_arena_block *block = arena->blocks;
	void *piece;

	size = align_up(size ? size : 1);
	if (!block || block->size - block->used < size) {
		block = new_block(NULL, size > BLOCK_SIZE / 4 ? size : BLOCK_SIZE);
		block->used = 0;
		block->next = arena->blocks;
		arena->blocks = block;
	}
	piece = block->data + block->used;
	block->used += size;
	return piece;
}

void *dl_arena_alloc(struct dl_arena *arena, size_t size)
{
	return memset(take(arena, size), 0, size);
}

void *dl_arena_array(struct dl_arena *arena, size_t count, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(count, size, &total))
		out_of_memory();
	return dl_arena_alloc(arena, total);
}

void *dl_arena_grow(struct dl_arena *arena, void *old, size_t old_size, size_t new_size)
{
	struct dl_arena_block *block = arena->blocks;
	size_t had = align_up(old_size), want = align_up(new_size);
	void *piece;

	if (old_size && block && block->used == had && (char *)old == block->data && want > block->size) {
		block = new_block(block, want);
		memset(block->data + old_size, 0, want - old_size);
		block->used = want;
		arena->blocks = block;
		return block->data;
	}
	piece = dl_arena_alloc(arena, new_size);
	if (old_size)
		memcpy(piece, old, old_size);
	return piece;
}

char *dl_arena_copy(struct dl_arena *arena, const char *data, size_t len)
{
	char *copy = take(arena, len + 1);

	if (len)
		memcpy(copy, data, len);
	copy[len] = '\0';
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
	struct dl_arena_block *block, *next;

	for (block = arena->blocks; block; block = next) {
		next = block->next;
		free(block);
	}
	arena->blocks = NULL;
}
