#include "lib/data/scheme.h"

#include <string.h>

#include "lib/data/pep440.h"
#include "lib/data/semver.h"

/* A version by either scheme. */
struct parsed {
	bool valid;
	struct dl_semver semver;
	struct dl_pep440 pep440;
};

static struct parsed parse(enum dl_scheme scheme, const char *version)
{
	struct parsed parsed = {.valid = false};

	if (version)
		parsed.valid = scheme == DL_SCHEME_PEP440 ? dl_pep440_parse(version, &parsed.pep440)
							  : dl_semver_parse_tag(version, "", &parsed.semver);
	return parsed;
}

bool dl_scheme_valid(enum dl_scheme scheme, const char *version)
{
	return parse(scheme, version).valid;
}

int dl_scheme_compare(enum dl_scheme scheme, const char *a, const char *b)
{
	struct parsed left = parse(scheme, a), right = parse(scheme, b);

	if (left.valid != right.valid)
		return left.valid ? 1 : -1;
	if (!left.valid)
		return strcmp(a ? a : "", b ? b : "");
	return scheme == DL_SCHEME_PEP440 ? dl_pep440_compare(&left.pep440, &right.pep440)
					  : dl_semver_compare(&left.semver, &right.semver);
}

bool dl_scheme_is_pre(enum dl_scheme scheme, const char *version)
{
	struct parsed parsed = parse(scheme, version);

	if (!parsed.valid)
		return false;
	return scheme == DL_SCHEME_PEP440 ? dl_pep440_is_pre(&parsed.pep440) : parsed.semver.pre.len > 0;
}
