/* beside: the other programs of DevLoop, as they were installed together with this one. */
#ifndef DL_BESIDE_H
#define DL_BESIDE_H

struct dl_scope;

/* dl_beside_find(scope, name): the absolute path of the program NAME: in the folder of the running program,
 * else on PATH, of which only absolute folders count: never one of the repository. NULL (no failure): there
 * is none. */
const char *dl_beside_find(struct dl_scope *scope, const char *name);

#endif
