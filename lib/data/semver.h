/* semver: versions by Semantic Versioning 2.0.0 (https://semver.org), and the tags that spell them. */
#ifndef DL_SEMVER_H
#define DL_SEMVER_H

#include <stdbool.h>
#include <stddef.h>

struct dl_scope;

enum { DL_SEMVER_CORE = 3, DL_SEMVER_NUMBERS = 4 };

/* A piece of the text that was parsed; a number is without leading zeros and may have any length. */
struct dl_semver_part {
	const char *text;
	size_t len; /* 0: there is none */
};

/* A version. The text that it was parsed from must outlive it. */
struct dl_semver {
	struct dl_semver_part numbers[DL_SEMVER_NUMBERS];
	size_t count;               /* of the numbers; those that are not there count as 0 */
	struct dl_semver_part pre;  /* "rc.1" of 1.0.0-rc.1 */
	struct dl_semver_part build;
};

/* What a change asks of the next version, the least first. */
enum dl_semver_bump { DL_BUMP_NONE, DL_BUMP_PATCH, DL_BUMP_MINOR, DL_BUMP_MAJOR };

/* dl_semver_parse(text, version): whether TEXT is a version, by the letter of Semantic Versioning 2.0.0. */
bool dl_semver_parse(const char *text, struct dl_semver *version);

/* dl_semver_parse_tag(tag, prefix, version): whether TAG is PREFIX ("": none), an optional 'v', and a version
 * as people spell it in tags: two to four numbers between '.' or '_', then nothing, a pre-release ("-rc.1",
 * "rc1", "b2"), or build metadata. */
bool dl_semver_parse_tag(const char *tag, const char *prefix, struct dl_semver *version);

/* dl_semver_in_tag(tag, version): the same, without a prefix, of the last part of TAG: "pkg/v1.2.0". NULL is
 * no tag. */
bool dl_semver_in_tag(const char *tag, struct dl_semver *version);

/* dl_semver_tag_is_pre(tag): whether that is a pre-release. */
bool dl_semver_tag_is_pre(const char *tag);

/* dl_semver_compare(a, b): below 0, 0 or above 0: by precedence, as section 11 has it: build metadata does
 * not count. */
int dl_semver_compare(const struct dl_semver *a, const struct dl_semver *b);

/* dl_semver_compare_core(a, b): the same of the numbers alone: a pre-release equals its release. */
int dl_semver_compare_core(const struct dl_semver *a, const struct dl_semver *b);

/* dl_semver_next(scope, version, bump): the three numbers of the version after VERSION, "1.3.0". Without a
 * bump, or where VERSION is a pre-release of what the bump asks for, it is VERSION without its pre-release.
 */
const char *dl_semver_next(struct dl_scope *scope, const struct dl_semver *version, enum dl_semver_bump bump);

/* dl_semver_pre_number(version, word, number): whether VERSION is a pre-release "WORD.N" or, unless WORD ends
 * with a digit, "WORDN"; N to *NUMBER. */
bool dl_semver_pre_number(const struct dl_semver *version, const char *word, struct dl_semver_part *number);

/* dl_semver_raise(scope, number): NUMBER, of digits, and one. */
const char *dl_semver_raise(struct dl_scope *scope, struct dl_semver_part number);

/* dl_semver_is_pre(text): whether TEXT may stand as a pre-release: identifiers of letters, digits and
 * hyphens, joined by dots. */
bool dl_semver_is_pre(const char *text);

#endif
