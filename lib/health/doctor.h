/* doctor: whether everything is there that the programs need, one `check` record for each thing that is
 * looked at. Nothing is changed: what is sent are reads, and what is looked at on disk stays as it is. */
#ifndef DL_DOCTOR_H
#define DL_DOCTOR_H

#include "lib/base/fail.h"
#include "lib/data/record.h"

struct dl_finder;
struct dl_http;
struct dl_scope;
struct dl_sink;
struct dl_target;

/* A server that has been looked at. */
struct dl_doctor_visit {
	const struct dl_doctor_visit *next;
	const struct dl_target *target;
};

struct dl_doctor {
	struct dl_scope *scope;
	struct dl_finder *finder;
	struct dl_sink *sink;
	const struct dl_target *target; /* whom the next checks are about; NULL: nobody */
	const struct dl_doctor_visit *visits;
	const char *complaint;          /* why the last provider was not found; NULL */
	int result;                     /* of the sink */
};

/* dl_doctor_tell(doctor, status, name, message): one thing that was looked at. Returns the check, which is
 * still to be put: its .command is for the exact one that mends it, .detail for what else was seen. */
struct dl_check *dl_doctor_tell(struct dl_doctor *doctor, enum dl_check_word status, const char *name,
				const char *message);

/* dl_doctor_put(doctor, check): puts it into the sink, until that has enough. */
void dl_doctor_put(struct dl_doctor *doctor, const struct dl_check *check);

#endif
