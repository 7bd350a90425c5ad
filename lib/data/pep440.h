/* pep440: versions of Python packages, and their order.
 * https://packaging.python.org/en/latest/specifications/version-specifiers/ */
#ifndef DL_PEP440_H
#define DL_PEP440_H

#include <stdbool.h>
#include <stddef.h>

struct dl_arena;

/* A piece of the text that was parsed; a number may have any length. */
struct dl_pep440_part {
	const char *text; /* NULL: there is none, not even a number left out */
	size_t len;       /* 0 of a number: it is left out, and counts as 0 */
};

enum dl_pep440_phase { DL_PEP440_ALPHA, DL_PEP440_BETA, DL_PEP440_CANDIDATE, DL_PEP440_FINAL };

/* A version. The text that it was parsed from must outlive it. */
struct dl_pep440 {
	struct dl_pep440_part epoch;
	struct dl_pep440_part release; /* numbers joined by dots */
	enum dl_pep440_phase phase;
	struct dl_pep440_part pre;     /* the number of the phase */
	struct dl_pep440_part post, dev;
	struct dl_pep440_part local;   /* identifiers joined by '.', '-' or '_' */
};

/* dl_pep440_parse(text, version): whether TEXT is a version, in any of the spellings that are accepted: in
 * any case, with a 'v' before it, blanks around it, and so on. */
bool dl_pep440_parse(const char *text, struct dl_pep440 *version);

/* dl_pep440_compare(a, b): below 0, 0 or above 0. Zeros at the end of a release do not count: 1.0 is 1.0.0.
 */
int dl_pep440_compare(const struct dl_pep440 *a, const struct dl_pep440 *b);

/* dl_pep440_is_pre(version): whether it is a pre-release or a development release, which are only installed
 * on request. */
bool dl_pep440_is_pre(const struct dl_pep440 *version);

/* dl_pep440_normal(arena, version): the normal spelling of it, in ARENA: "1.0rc1" for "v1.0-RC.1". */
char *dl_pep440_normal(struct dl_arena *arena, const struct dl_pep440 *version);

#endif
