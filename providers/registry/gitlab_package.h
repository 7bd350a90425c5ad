/* gitlab_package: the package registry of a GitLab project, by the API that all kinds of packages have in
 * common, and how a file becomes a generic package, which is also what a release's files are.
 *
 * https://docs.gitlab.com/api/packages/, https://docs.gitlab.com/user/packages/generic_packages/ */
#ifndef DL_GITLAB_PACKAGE_H
#define DL_GITLAB_PACKAGE_H

#include <stdint.h>

#include "lib/base/fail.h"

struct dl_scope;
struct dl_sink;
struct dl_target;
struct dl_upload;

/* One version of a package. */
struct dl_gitlab_package {
	const char *id;
	const char *kind; /* "generic", "pypi", ... */
	const char *name, *version;
	const char *status; /* "default", or why it is not to be seen; NULL: as "default" */
	const char *page;   /* the path of its page on the server; NULL */
	int64_t created_at;
};

/* dl_gitlab_package_list(scope, target, kind, name, version, sink): the packages of the project whose names
 * have NAME in them, as struct dl_gitlab_package; of KIND, and of VERSION where the server understands that;
 * NULL: of all. As dl_rest_list. */
DL_MUST_CHECK int dl_gitlab_package_list(struct dl_scope *scope, const struct dl_target *target,
					 const char *kind, const char *name, const char *version,
					 struct dl_sink *sink);

/* dl_gitlab_package_files(scope, target, name, version, sink): the files of the generic package, none when
 * there is no such package, as dl_asset records without a ref, whose id is what removes them: the end of
 * /projects/PROJECT/packages/ID. Of several with one name only the newest, which is what is downloaded. As
 * dl_sink_put. */
DL_MUST_CHECK int dl_gitlab_package_files(struct dl_scope *scope, const struct dl_target *target,
					  const char *name, const char *version, struct dl_sink *sink);

/* dl_gitlab_package_put(scope, target, name, version, upload, sink): UPLOAD becomes a file of the generic
 * package, also where it has one of that name; the dl_asset record goes to SINK. As dl_rest_upload. */
DL_MUST_CHECK int dl_gitlab_package_put(struct dl_scope *scope, const struct dl_target *target,
					const char *name, const char *version, const struct dl_upload *upload,
					struct dl_sink *sink);

/* dl_gitlab_package_url(scope, target, name, version, file): where everybody downloads that file of the
 * generic package. NULL: failed. */
const char *dl_gitlab_package_url(struct dl_scope *scope, const struct dl_target *target, const char *name,
				  const char *version, const char *file);

#endif
