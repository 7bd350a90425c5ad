/* doctor_look: all that dl-doctor looks at, one thing after the other. */
#ifndef DL_DOCTOR_LOOK_H
#define DL_DOCTOR_LOOK_H

#include "lib/base/fail.h"

struct dl_doctor;

/* dl_doctor_look(doctor): looks at git and the libraries, the configuration, who is asked here as CI system,
 * as forge and as registry, each of a chain, and why, by lib/health/doctor_server.h at their servers, at the
 * hooks, the plugins and the folders. DL_SYSTEM; else what the sink answers. */
DL_MUST_CHECK int dl_doctor_look(struct dl_doctor *doctor);

#endif
