#include "lib/sync/shard.h"

#include <string.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/sync/repos.h"

enum { MOST_PARTS = 1000000 };

/* FNV-1a: http://www.isthe.com/chongo/tech/comp/fnv/ */
static uint64_t add_hash(uint64_t hash, const char *text)
{
	do
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3;
	while (*text++);
	return hash;
}

/* Spreads the differences of FNV-1a, which are in the low bits, over all: the last step of MurmurHash3. */
static uint64_t mix(uint64_t hash)
{
	hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccd;
	hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53;
	return hash ^ (hash >> 33);
}

int64_t dl_shard_of(const char *host, const char *project, int64_t count)
{
	uint64_t key = mix(add_hash(add_hash(0xcbf29ce484222325, host), project));
	int64_t part = -1, next = 0;

	while (next < count) {
		part = next;
		key = key * 2862933555777941757 + 1;
		next = (int64_t)((double)(part + 1) * ((double)(1LL << 31) / (double)((key >> 33) + 1)));
	}
	return part;
}

int dl_shard_select(struct dl_scope *scope, struct dl_repos *repos, const char *shard)
{
	const char *slash = strchr(shard, '/');
	int64_t part = slash ? dl_text_int(dl_arena_copy(&scope->arena, shard, (size_t)(slash - shard))) : -1;
	int64_t count = slash ? dl_text_int(slash + 1) : -1;
	size_t i;

	if (part < 0 || count < 1 || part >= count || count > MOST_PARTS) {
		dl_fail(scope, DL_USAGE, "--shard: '%s' is no part", dl_text_quote(&scope->arena, shard));
		return dl_fail_hint(scope, "of four parts the first is 0/4 and the last is 3/4");
	}
	for (i = 0; i < repos->count; i++)
		if (dl_shard_of(repos->entries[i]->host, repos->entries[i]->project, count) != part)
			repos->entries[i]->selected = false;
	return 0;
}
