#include "lib/health/doctor.h"

#include "lib/base/scope.h"
#include "lib/data/schema.h"
#include "lib/data/sink.h"
#include "lib/provider/provider.h"
#include "lib/provider/target.h"

struct dl_check *dl_doctor_tell(struct dl_doctor *doctor, enum dl_check_word status, const char *name,
				const char *message)
{
	struct dl_check *check = dl_schema_new(doctor->scope, &dl_record_check);

	if (doctor->target) {
		check->provider = doctor->target->provider->name;
		check->host = doctor->target->host;
		check->project = doctor->target->project;
	}
	check->name = name;
	check->status = status;
	check->message = message;
	return check;
}

void dl_doctor_put(struct dl_doctor *doctor, const struct dl_check *check)
{
	if (doctor->result == DL_MORE)
		doctor->result = dl_sink_put(doctor->sink, doctor->scope, &dl_record_check, check);
}
