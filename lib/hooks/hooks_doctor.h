/* hooks_doctor: whether git will run dl-gate before a push, and if not, who is in the way. */
#ifndef DL_HOOKS_DOCTOR_H
#define DL_HOOKS_DOCTOR_H

#include <stdbool.h>

#include "lib/base/fail.h"

struct dl_hooks;
struct dl_scope;
struct dl_sink;

/* dl_hooks_doctor(scope, hooks, others, sink): looks at the hooks of the repository here, HOOKS, and tries
 * them in each of its working trees: git is made to run them (lib/hooks/hooks_probe.h). Hooks of others are
 * left out, if they can be, unless OTHERS: then they are run, too. Puts a struct dl_check for each thing that
 * was looked at. 1: git will run dl-gate everywhere; 0: it will not. DL_SYSTEM; else what SINK answers. */
DL_MUST_CHECK int dl_hooks_doctor(struct dl_scope *scope, const struct dl_hooks *hooks, bool others,
				  struct dl_sink *sink);

#endif
