/* hooks_probe: whether git really runs dl-gate before a push: it is made to, in earnest, and dl-gate only
 * says that it was reached (lib/hooks/gate_probe.h). */
#ifndef DL_HOOKS_PROBE_H
#define DL_HOOKS_PROBE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/fail.h"

struct dl_hooks_entries;
struct dl_scope;

struct dl_hooks_probe {
	const char *dir; /* of a working tree, or a bare repository; NULL: here */
	const struct dl_hooks_entries
		*masked; /* hooks of git's configuration that are left out; NULL: none */
	bool no_file;    /* the file in the folder of the hooks is left out */
	int timeout_ms;
};

struct dl_hooks_probe_result {
	size_t count;        /* how often dl-gate was reached */
	const char *program; /* its path, the first time */
	const char *errors;  /* the last line on standard error; "": none */
};

/* dl_hooks_probe_run(scope, probe, result): `git hook run pre-push`, without any line about a ref. That it
 * ended badly, or not in time, is no failure. DL_SYSTEM: there is no folder for the file, or no git. */
DL_MUST_CHECK int dl_hooks_probe_run(struct dl_scope *scope, const struct dl_hooks_probe *probe,
				     struct dl_hooks_probe_result *result);

#endif
