/* versions: the versions of a package, put together from what a registry lists, which is often its files. */
#ifndef DL_VERSIONS_H
#define DL_VERSIONS_H

#include "lib/base/fail.h"

struct dl_package;
struct dl_scope;
struct dl_sink;
struct dl_sink_list;
struct dl_target;

/* dl_versions_new(scope, target, package, version): the record of a version, with its ref and its page; NULL:
 * failed. */
struct dl_package *dl_versions_new(struct dl_scope *scope, const struct dl_target *target,
				   const char *package, const char *version);

/* dl_versions_put(scope, target, list, sink): puts the versions of LIST, dl_package records in any order,
 * each as often as it was found, into SINK, newest first by the order of TARGET's registry: each once,
 * released when the first was, and yanked when all are. As dl_sink_put. */
DL_MUST_CHECK int dl_versions_put(struct dl_scope *scope, const struct dl_target *target,
				  struct dl_sink_list *list, struct dl_sink *sink);

#endif
