/* fallback: a chain of providers, of which the next is asked when one is unavailable. */
#ifndef DL_FALLBACK_H
#define DL_FALLBACK_H

#include <stdbool.h>

#include "lib/base/buf.h"
#include "lib/base/fail.h"
#include "lib/data/sink.h"

struct dl_arena;
struct dl_target;

/* Adds to the metadata of every record that goes by who was asked before, and why that was in vain:
 * "fallback_from":[{"provider":...,"class":...,"message":...}]. */
struct dl_fallback {
	struct dl_sink sink;
	struct dl_sink *next;
	struct dl_buf before; /* JSON, the members of the list */
};

/* dl_fallback_open(fallback, arena, next): nobody was asked before. NEXT is borrowed. */
void dl_fallback_open(struct dl_fallback *fallback, struct dl_arena *arena, struct dl_sink *next);

/* dl_fallback_due(target, error): whether ERROR says that TARGET (NULL: it could not even be named) is
 * unavailable at all: no credential, no network, no such operation, not configured. */
bool dl_fallback_due(const struct dl_target *target, const struct dl_error *error);

/* dl_fallback_add(fallback, name, error): the provider NAME was asked, and failed with ERROR. */
void dl_fallback_add(struct dl_fallback *fallback, const char *name, const struct dl_error *error);

#endif
