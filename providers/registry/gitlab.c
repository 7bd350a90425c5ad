/* GitLab as a package registry, which every project has. A wheel or an sdist that is not called otherwise
 * becomes a Python package, which pip installs from the project's index; anything else a file of a generic
 * package.
 *
 * What is particular here. Whoever puts a file of a name that a generic package has adds it, and hides the
 * other; so what is there is asked first. The index sends those who ask for a package that it has not to the
 * public one, whose answer would be about a stranger's (python.h). It takes the token of a CI job as a
 * password only.
 *
 * https://docs.gitlab.com/user/packages/generic_packages/,
 * https://docs.gitlab.com/user/packages/pypi_repository/ */
#include <string.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/url.h"
#include "lib/data/dist.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/provider/credential.h"
#include "lib/provider/provider.h"
#include "providers/providers.h"
#include "providers/registry/gitlab_package.h"
#include "providers/registry/python.h"
#include "providers/registry/simple.h"
#include "providers/registry/versions.h"

/* ------------------------------------------------------------------ where */

/* The root of the server, where people are. */
static const char *site_of(struct dl_scope *scope, const struct dl_target *target)
{
	const char *end = strstr(target->base, "/api/v4");

	return end ? dl_arena_copy(&scope->arena, target->base, (size_t)(end - target->base)) : target->base;
}

static const char *url(struct dl_scope *scope, const struct dl_target *target, const char *package,
		       const char *version)
{
	const struct dl_var vars[] = {{"project", target->project}, {"package", package}, {NULL, NULL}};
	const char *path = dl_url_expand(scope, "/{+project}/-/packages?search%5B%5D={package}", vars);

	(void)version;
	return path ? dl_arena_format(&scope->arena, "%s%s", site_of(scope, target), path) : NULL;
}

/* TARGET as what takes the project's Python packages, or, BELOW it, as their index. */
static int as_index(struct dl_scope *scope, const struct dl_target *target, const char *below,
		    struct dl_target *index)
{
	static const char header[] = "JOB-TOKEN: ";
	const struct dl_var vars[] = {{"project", target->project}, {NULL, NULL}};
	const char *path = dl_url_expand(scope, "/projects/{project}/packages/pypi", vars);

	*index = *target;
	if (path)
		index->base = dl_arena_format(&scope->arena, "%s%s%s", target->base, path, below);
	if (dl_text_starts(target->auth.header, header))
		index->auth.header = dl_credential_basic(&scope->arena, "gitlab-ci-token",
							 target->auth.header + strlen(header));
	return path ? 0 : -1;
}

/* ------------------------------------------------------------------ what is there */

/* Gathers the versions of a package: the names that the server finds only have its name in them. */
struct gathering {
	struct dl_sink sink;
	const struct dl_target *target;
	const char *package, *normal;
	struct dl_sink_list list;
};

/* Whether FOUND can be seen, and is the package that GATHERING is about. Names of Python packages are spelt
 * in many ways. */
static bool is_wanted(struct dl_scope *scope, const struct gathering *gathering,
		      const struct dl_gitlab_package *found)
{
	if (!found->version || (found->status && strcmp(found->status, "default") != 0))
		return false;
	if (dl_text_same(found->kind, "generic"))
		return strcmp(found->name, gathering->package) == 0;
	return dl_text_same(found->kind, "pypi") &&
	       strcmp(dl_dist_normal(&scope->arena, found->name), gathering->normal) == 0;
}

static int gather(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
		  const void *record)
{
	struct gathering *gathering = (struct gathering *)sink;
	const struct dl_gitlab_package *found = record;
	struct dl_package *package;

	(void)schema;
	if (!is_wanted(scope, gathering, found))
		return DL_MORE;
	package = dl_versions_new(scope, gathering->target, gathering->package, found->version);
	if (!package)
		return -1;
	if (found->page && *found->page == '/')
		package->url = dl_arena_format(&scope->arena, "%s%s", site_of(scope, gathering->target),
					       found->page);
	package->released_at = found->created_at;
	return dl_sink_put(&gathering->list.sink, scope, &dl_record_package, package);
}

static int versions(struct dl_scope *scope, const struct dl_target *target, const char *package,
		    struct dl_sink *sink)
{
	struct gathering gathering = {.sink.put = gather,
				      .target = target,
				      .package = package,
				      .normal = dl_dist_normal(&scope->arena, package)};

	dl_sink_list(&gathering.list, scope, 0);
	if (dl_gitlab_package_list(scope, target, NULL, package, NULL, &gathering.sink) < 0)
		return -1;
	if (!gathering.list.count)
		return dl_fail(scope, DL_MISSING, "%s has no package '%s'",
			       dl_text_quote(&scope->arena, target->project),
			       dl_text_quote(&scope->arena, package));
	return dl_versions_put(scope, target, &gathering.list, sink);
}

static int stat_generic(struct dl_scope *scope, const struct dl_target *target,
			const struct dl_edition *edition, const struct dl_upload *upload)
{
	const struct dl_asset *file = NULL;
	struct dl_sink_list files;
	size_t i;

	dl_sink_list(&files, scope, 0);
	if (dl_gitlab_package_files(scope, target, edition->package, edition->version, &files.sink) < 0)
		return -1;
	for (i = 0; i < files.count && !file; i++)
		if (dl_text_same(((const struct dl_asset *)dl_sink_item(&files, i))->name, upload->name))
			file = dl_sink_item(&files, i);
	if (!file)
		return DL_PRESENCE_ABSENT;
	if (!file->digest)
		return DL_PRESENCE_UNKNOWN;
	return strcmp(file->digest + strlen("sha256:"), upload->sha256) == 0 ? DL_PRESENCE_SAME
									      : DL_PRESENCE_DIFFERENT;
}

static int stat_file(struct dl_scope *scope, const struct dl_target *target, const struct dl_edition *edition,
		     const struct dl_upload *upload)
{
	struct dl_target index;

	if (!upload->detail)
		return stat_generic(scope, target, edition, upload);
	return as_index(scope, target, "/simple", &index) ? -1
							   : dl_python_stat(scope, &index, edition, upload);
}

/* ------------------------------------------------------------------ publishing */

/* What a generic package and its files may be called; other names are refused only when all has been sent.
 * https://docs.gitlab.com/user/packages/generic_packages/#publish-a-package */
static int check_generic(struct dl_scope *scope, const struct dl_upload *upload,
			 const struct dl_edition *edition)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-+~@";
	const char *name = upload->name, *last = name + strlen(name) - 1;

	if (name[strspn(name, letters)] || strchr("~@", *name) || strchr("~@", *last))
		return dl_fail(scope, DL_USAGE,
			       "GitLab takes no file of that name, but letters, digits and . _ - + ~ @, the "
			       "last two not at the ends");
	if (edition->package && edition->package[strspn(edition->package, letters)])
		return dl_fail(scope, DL_USAGE, "'%s' is no name of a generic package",
			       dl_text_quote(&scope->arena, edition->package));
	return 0;
}

static int inspect(struct dl_scope *scope, const struct dl_target *target, struct dl_upload *upload,
		   struct dl_edition *edition)
{
	(void)target;
	if (dl_simple_inspect(scope, upload, edition))
		return -1;
	return upload->detail ? 0 : check_generic(scope, upload, edition);
}

static int put(struct dl_scope *scope, const struct dl_target *target, const struct dl_edition *edition,
	       const struct dl_upload *upload, struct dl_sink *sink)
{
	struct dl_sink_list files;
	struct dl_target index;

	(void)sink;
	dl_sink_list(&files, scope, 0);
	if (!upload->detail)
		return dl_gitlab_package_put(scope, target, edition->package, edition->version, upload,
					     &files.sink);
	return as_index(scope, target, "", &index) ? -1 : dl_python_put(scope, &index, upload);
}

static int check(struct dl_scope *scope, const struct dl_target *target, const char *package,
		 struct dl_sink *sink)
{
	struct dl_sink_list found;
	struct dl_error error;

	dl_sink_list(&found, scope, 1);
	if (dl_gitlab_package_list(scope, target, NULL, package, NULL, &found.sink) < 0) {
		error = dl_fail_take(scope, &scope->arena);
		return dl_provider_check(scope, target, "packages", DL_CHECK_FAIL, error.message, error.hint,
					 sink);
	}
	return dl_provider_check(scope, target, "packages", DL_CHECK_PASS,
				 "they can be read; whether one may be sent shows when it is", NULL, sink);
}

const struct dl_registry dl_gitlab_registry = {
	.scheme = DL_SCHEME_PEP440,
	.digests = DL_PYTHON_DIGESTS,
	.width = 4,
	.inspect = inspect,
	.versions = versions,
	.url = url,
	.check = check,
	.stat = stat_file,
	.put = put,
};
