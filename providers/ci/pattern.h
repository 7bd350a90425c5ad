/* pattern: the filter patterns of workflow files. Pure.
 *
 * `*` any text without '/', `**` any text, `?` and `+` the character before once at most and once at least,
 * `[a-z0]` one of these letters or digits, `\` the character after as it is; `**` and a '/' after it also
 * stand for nothing.
 *
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax, its section "Filter
 * pattern cheat sheet" */
#ifndef DL_PATTERN_H
#define DL_PATTERN_H

struct dl_arena;

/* dl_pattern_match(arena, pattern, text): whether PATTERN, without a '!' before it, takes the whole of TEXT:
 * 1 or 0; -1 when it is malformed. Takes time in the product of their lengths, whatever they are. */
int dl_pattern_match(struct dl_arena *arena, const char *pattern, const char *text);

#endif
