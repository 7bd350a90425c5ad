/* doctor_server: the part of lib/health/doctor.h that asks the server: name, connection, certificate, clock,
 * credential, quota and version. */
#ifndef DL_DOCTOR_SERVER_H
#define DL_DOCTOR_SERVER_H

struct dl_doctor;

/* dl_doctor_server_look(doctor): looks at the server of DOCTOR's target, by a few reads, each sent once. What
 * cannot be seen, since what comes before has failed, is told as skipped. */
void dl_doctor_server_look(struct dl_doctor *doctor);

#endif
