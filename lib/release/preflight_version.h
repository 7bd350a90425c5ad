/* preflight_version: the checks before a release that are about its version, and what the commit's files say
 * of it. */
#ifndef DL_PREFLIGHT_VERSION_H
#define DL_PREFLIGHT_VERSION_H

#include <stdbool.h>

#include "lib/base/fail.h"

struct dl_preflight;

/* dl_preflight_version_name(flight): sets .version and .tag: a tag that is not given is spelled as the last
 * one. */
void dl_preflight_version_name(struct dl_preflight *flight);

/* dl_preflight_version_form(flight): it is a version, by PEP 440 for a Python package, else by Semantic
 * Versioning. Each check returns as dl_preflight_put. */
DL_MUST_CHECK int dl_preflight_version_form(struct dl_preflight *flight);

/* dl_preflight_version_order(flight): it is greater than every release that this commit comes after. */
DL_MUST_CHECK int dl_preflight_version_order(struct dl_preflight *flight);

/* dl_preflight_version_files(flight): each package file says the same; a line for each. */
DL_MUST_CHECK int dl_preflight_version_files(struct dl_preflight *flight);

/* dl_preflight_version_changelog(flight): the changelog tells of it. */
DL_MUST_CHECK int dl_preflight_version_changelog(struct dl_preflight *flight);

/* dl_preflight_version_same(version, other): whether the two texts name one release: 1.2.0-rc.1 of a tag is
 * 1.2.0rc1 of a wheel. NULL is none. */
bool dl_preflight_version_same(const char *version, const char *other);

#endif
