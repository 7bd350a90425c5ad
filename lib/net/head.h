/* head: the lines before the body of an answer. */
#ifndef DL_HEAD_H
#define DL_HEAD_H

struct dl_arena;

/* dl_head_find(arena, head, name, prefix): the value of the first header NAME in HEAD (NULL: there is no
 * head) that begins with PREFIX, both in any case; without white space around it, in ARENA. NULL: there is
 * none. */
const char *dl_head_find(struct dl_arena *arena, const char *head, const char *name, const char *prefix);

#endif
