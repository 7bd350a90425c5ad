#include <stddef.h>

#include "providers/providers.h"

/* What is a registry and nothing else stands last, and by a weak name, which takes nothing out of a static
 * library: it is there in the programs that name dl_registries. In the others the table ends before
 * it, and the libraries for archives and HTML, which take half as long to load as all others, are not
 * loaded. */
#pragma weak dl_pypi
#pragma weak dl_npm
#pragma weak dl_artifactory
#pragma weak dl_oci

/* The order in which a tree that shows several is read; the first is also who `-R OWNER/NAME` speaks of. */
const struct dl_provider *const dl_provider_table[] = {
	&dl_github,
	&dl_gitlab,
	&dl_jenkins,
	&dl_circleci,
	&dl_gitea,
	&dl_local,
	&dl_pypi,
	&dl_npm,
	&dl_artifactory,
	&dl_oci,
	NULL,
};

const struct dl_provider *const dl_provider_plugin = &dl_exec;
