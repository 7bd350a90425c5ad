/* scheme: how the versions of an ecosystem are compared: Semantic Versioning, as tags spell it, or PEP 440.
 */
#ifndef DL_SCHEME_H
#define DL_SCHEME_H

#include <stdbool.h>

enum dl_scheme { DL_SCHEME_SEMVER, DL_SCHEME_PEP440 };

/* dl_scheme_valid(scheme, version): whether VERSION is one. NULL is none. */
bool dl_scheme_valid(enum dl_scheme scheme, const char *version);

/* dl_scheme_compare(scheme, a, b): below 0, 0 or above 0. What is no version comes before all that are, by
 * its bytes. */
int dl_scheme_compare(enum dl_scheme scheme, const char *a, const char *b);

/* dl_scheme_is_pre(scheme, version): whether VERSION is only installed on request. What is no version is not.
 */
bool dl_scheme_is_pre(enum dl_scheme scheme, const char *version);

#endif
