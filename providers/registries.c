/* The linker takes in what has its address here. */
#include <stddef.h>

#include "providers/providers.h"
#include "providers/registry/local.h"

const void *const dl_registries[] = {
	&dl_pypi,
	&dl_npm,
	&dl_artifactory,
	&dl_gitlab_registry,
	&dl_oci,
	&dl_local_registry,
	NULL,
};
