#include <stddef.h>

#include "providers/providers.h"

/* The order in which a tree that shows several is read; the first is also who `-R OWNER/NAME` speaks of. */
const struct dl_provider *const dl_provider_table[] = {
	&dl_github,
	&dl_gitlab,
	&dl_jenkins,
	&dl_circleci,
	&dl_gitea,
	&dl_local,
	&dl_pypi,
	&dl_artifactory,
	NULL,
};

const struct dl_provider *const dl_provider_plugin = &dl_exec;
