/* python: how an index of Python packages is read and written to; several servers have one.
 * https://packaging.python.org/en/latest/specifications/simple-repository-api/,
 * https://docs.pypi.org/api/upload/ */
#ifndef DL_PYTHON_H
#define DL_PYTHON_H

#include <stdbool.h>

#include "lib/base/fail.h"

struct dl_edition;
struct dl_json;
struct dl_scope;
struct dl_target;
struct dl_upload;

/* What they are told of a file besides its SHA-256, as .digests of struct dl_registry. */
#define DL_PYTHON_DIGESTS (1U << DL_MD5 | 1U << DL_BLAKE2B_256)

/* dl_python_index(scope, index, package, now): the index of PACKAGE, as simple.h has it, at INDEX, whose base
 * is the URL of them all; NOW: as others see it, not what is kept here or on the way. NULL: failed,
 * DL_MISSING where there is none, which is also so where the server sends who asks to another one: that one
 * would speak of a stranger's package. */
const struct dl_json *dl_python_index(struct dl_scope *scope, const struct dl_target *index,
				      const char *package, bool now);

/* dl_python_stat(scope, index, edition, upload): the slot .stat, by that index. */
DL_MUST_CHECK int dl_python_stat(struct dl_scope *scope, const struct dl_target *index,
				 const struct dl_edition *edition, const struct dl_upload *upload);

/* dl_python_put(scope, uploads, upload): sends UPLOAD, whose .detail is a struct dl_dist, with all its fields
 * to the base of UPLOADS. As the slot .put. */
DL_MUST_CHECK int dl_python_put(struct dl_scope *scope, const struct dl_target *uploads,
				const struct dl_upload *upload);

#endif
