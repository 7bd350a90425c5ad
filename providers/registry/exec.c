/* A plugin as a package registry. */
#include <stddef.h>

#include "lib/base/scope.h"
#include "lib/data/record.h"
#include "providers/exec.h"

static int versions(struct dl_scope *scope, const struct dl_target *target, const char *package,
		    struct dl_sink *sink)
{
	struct dl_exec exec;

	dl_exec_begin(scope, &exec, target, "versions");
	dl_exec_text(&exec, "package", package);
	return dl_exec_list(scope, &exec, &dl_record_package, sink);
}

static int latest(struct dl_scope *scope, const struct dl_target *target, const char *package,
		  struct dl_sink *sink)
{
	struct dl_exec exec;

	dl_exec_begin(scope, &exec, target, "latest");
	dl_exec_text(&exec, "package", package);
	return dl_exec_one(scope, &exec, &dl_record_package, NULL, sink);
}

static const char *url(struct dl_scope *scope, const struct dl_target *target, const char *package,
		       const char *version)
{
	struct dl_exec exec;

	dl_exec_begin(scope, &exec, target, "url");
	dl_exec_text(&exec, "package", package);
	dl_exec_text(&exec, "version", version);
	return dl_exec_value(scope, &exec, "url");
}

static int check(struct dl_scope *scope, const struct dl_target *target, const char *package,
		 struct dl_sink *sink)
{
	struct dl_exec exec;

	dl_exec_begin(scope, &exec, target, "check");
	dl_exec_text(&exec, "package", package);
	return dl_exec_list(scope, &exec, &dl_record_check, sink);
}

static int begin(struct dl_scope *scope, const struct dl_target *target, struct dl_edition *edition)
{
	return dl_exec_open(scope, target, "begin", edition);
}

static int stat_file(struct dl_scope *scope, const struct dl_target *target, const struct dl_edition *edition,
		     const struct dl_upload *upload)
{
	return dl_exec_compare(scope, target, "stat", edition, upload, &dl_record_package);
}

static int verify(struct dl_scope *scope, const struct dl_target *target, const struct dl_edition *edition,
		  const struct dl_upload *upload)
{
	return dl_exec_compare(scope, target, "verify", edition, upload, &dl_record_package);
}

static int put(struct dl_scope *scope, const struct dl_target *target, const struct dl_edition *edition,
	       const struct dl_upload *upload, struct dl_sink *sink)
{
	return dl_exec_put(scope, target, "put", edition, upload, &dl_record_package, sink);
}

static int finish(struct dl_scope *scope, const struct dl_target *target, const struct dl_edition *edition)
{
	return dl_exec_end(scope, target, "finish", edition);
}

static int abort_it(struct dl_scope *scope, const struct dl_target *target, const struct dl_edition *edition)
{
	return dl_exec_end(scope, target, "abort", edition);
}

const struct dl_registry dl_exec_registry = {
	.versions = versions,
	.latest = latest,
	.url = url,
	.check = check,
	.begin = begin,
	.stat = stat_file,
	.put = put,
	.finish = finish,
	.abort = abort_it,
	.verify = verify,
};
