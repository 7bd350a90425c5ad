/* prompt: a verdict as a few characters in a shell's prompt. */
#ifndef DL_PROMPT_H
#define DL_PROMPT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/fail.h"

struct dl_last;
struct dl_scope;

struct dl_prompt {
	const char *shell;   /* "bash", "zsh" or "fish": in colour, as its prompt wants it; NULL: plain */
	const char *symbols; /* for green, red, under way, a human; commas between; NULL: ours */
	bool ascii;          /* ours are no others, and names show no others */
	int64_t stale_s;     /* an older verdict shows its age */
};

/* dl_prompt_check(scope, prompt): 0, or DL_USAGE: there is no such shell, or not as many symbols. */
DL_MUST_CHECK int dl_prompt_check(struct dl_scope *scope, const struct dl_prompt *prompt);

/* dl_prompt_text(scope, prompt, last, now): LAST's verdict as it looks at NOW; with .shell it begins with a
 * space. Names come from a server: of them nothing is shown that a shell could take for more than a
 * character. "": there is nothing to show. */
const char *dl_prompt_text(struct dl_scope *scope, const struct dl_prompt *prompt, const struct dl_last *last,
			   int64_t now);

#endif
