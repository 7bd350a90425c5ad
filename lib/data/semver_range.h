/* semver_range: sets of versions, as people name them: `>=1.2 <2`, `^1.4`, `~1.4.2`, `1.x || 2.0.0`. */
#ifndef DL_SEMVER_RANGE_H
#define DL_SEMVER_RANGE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/fail.h"
#include "lib/data/semver.h"

struct dl_scope;

enum dl_semver_side { DL_SEMVER_FROM, DL_SEMVER_ABOVE, DL_SEMVER_TO, DL_SEMVER_BELOW };

/* One end of a set, or a new beginning. */
struct dl_semver_bound {
	enum dl_semver_side side;
	struct dl_semver version;
	bool other; /* with this one begins an alternative to those before it */
};

struct dl_semver_range {
	struct dl_semver_bound *bounds;
	size_t count;
};

/* dl_semver_range_parse(scope, text, range): the set that TEXT names. Comparisons (<, <=, >, >=, =, ^, ~, or
 * none) with versions of one to three numbers, of which `x` and `*` are any, all hold when they stand side by
 * side; `||` separates alternatives. ^ goes up to the next version that may break something, ~ to the next
 * minor one. DL_USAGE. */
DL_MUST_CHECK int dl_semver_range_parse(struct dl_scope *scope, const char *text,
					struct dl_semver_range *range);

/* dl_semver_range_has(range, version): whether VERSION is in it: by precedence, but that a pre-release of a
 * version that the set ends below is not in it, as that version is not. */
bool dl_semver_range_has(const struct dl_semver_range *range, const struct dl_semver *version);

#endif
