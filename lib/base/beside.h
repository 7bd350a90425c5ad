/* beside: the other files of DevLoop, as they were installed together with the running program. */
#ifndef DL_BESIDE_H
#define DL_BESIDE_H

struct dl_scope;

/* dl_beside_find(scope, name): the absolute path of the program NAME: in the folder of the running program,
 * else where install.sh puts what programs run and what people run: PREFIX/libexec/devloop and PREFIX/bin;
 * else on PATH, of which only absolute folders count: never one of the repository. NULL (no failure): there
 * is none. */
const char *dl_beside_find(struct dl_scope *scope, const char *name);

/* dl_beside_hook(scope, name): the absolute path of the hook NAME that comes with DevLoop, in
 * PREFIX/libexec/devloop/hooks. NULL (no failure): it is not there. */
const char *dl_beside_hook(struct dl_scope *scope, const char *name);

/* dl_beside_bin(scope): the folder with the programs that people run; NULL (no failure): it is not known. */
const char *dl_beside_bin(struct dl_scope *scope);

#endif
