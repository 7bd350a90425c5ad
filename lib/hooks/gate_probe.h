/* gate_probe: dl-gate tells that it was reached, to who wants to know whether git runs it. */
#ifndef DL_GATE_PROBE_H
#define DL_GATE_PROBE_H

#include <stdbool.h>

struct dl_scope;

/* dl_gate_probe(scope): where DL_GATE_PROBE names a file, adds a line to it, the path of this program. True:
 * dl-gate is to answer no: so what would come after it, a test suite perhaps, is not run. */
bool dl_gate_probe(struct dl_scope *scope);

#endif
