/* project: what the files of a package say of its name and version, as they are in a commit. */
#ifndef DL_PROJECT_H
#define DL_PROJECT_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/fail.h"

struct dl_repo;
struct dl_scope;

/* What one file says. */
struct dl_project_file {
	const char *path;
	const char *name;    /* of the package; NULL: it does not say */
	const char *version; /* NULL: it does not say, and .why tells why, or is NULL as well */
	const char *why;
	bool malformed;      /* it cannot be read, as .why tells */
};

struct dl_project {
	const struct dl_project_file *files; /* those that say something */
	size_t count;
	bool python; /* its versions are those of PEP 440 */
	bool other;  /* it has a package of another kind, whose versions are semantic */
};

/* dl_project_read(scope, repo, commit, project): looks into the package files at the top of COMMIT:
 * pyproject.toml, setup.cfg, package.json, Cargo.toml, VERSION and their like. Nothing is executed. As
 * dl_repo_entries. */
DL_MUST_CHECK int dl_project_read(struct dl_scope *scope, struct dl_repo *repo, const char *commit,
				  struct dl_project *project);

/* dl_project_name(project): the first name that a file says; NULL: none does. */
const char *dl_project_name(const struct dl_project *project);

#endif
