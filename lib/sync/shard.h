/* shard: which of many machines is to keep a repository, so that each has about as many, and another machine
 * takes over its share and moves nothing else. */
#ifndef DL_SHARD_H
#define DL_SHARD_H

#include <stdint.h>

#include "lib/base/fail.h"

struct dl_repos;
struct dl_scope;

/* dl_shard_of(host, project, count): the part, from 0, of COUNT that a repository falls to; from COUNT to
 * COUNT + 1 it changes for one of COUNT + 1, which all fall to the new part. Jump consistent hash:
 * https://arxiv.org/abs/1406.2294 */
int64_t dl_shard_of(const char *host, const char *project, int64_t count);

/* dl_shard_select(scope, repos, shard): of the selected ones only those of the part SHARD: "I/N", the first
 * is 0/N. DL_USAGE: it is none. */
DL_MUST_CHECK int dl_shard_select(struct dl_scope *scope, struct dl_repos *repos, const char *shard);

#endif
