/* A plugin as a git forge. */
#include <stddef.h>
#include <string.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/data/record.h"
#include "providers/exec.h"

static int repo(struct dl_scope *scope, const struct dl_target *target, struct dl_sink *sink)
{
	struct dl_exec exec;

	dl_exec_begin(scope, &exec, target, "repo");
	return dl_exec_one(scope, &exec, &dl_record_repo, NULL, sink);
}

static int repos(struct dl_scope *scope, const struct dl_target *target, const char *owner,
		 struct dl_sink *sink)
{
	struct dl_exec exec;

	dl_exec_begin(scope, &exec, target, "repos");
	dl_exec_text(&exec, "owner", owner);
	return dl_exec_list(scope, &exec, &dl_record_repo, sink);
}

static int file(struct dl_scope *scope, const struct dl_target *target, const char *revision,
		const char *path, struct dl_writer *writer)
{
	struct dl_exec exec;

	dl_exec_begin(scope, &exec, target, "file");
	dl_exec_text(&exec, "revision", revision);
	dl_exec_text(&exec, "path", path);
	return dl_exec_bytes(scope, &exec, writer);
}

static int tree(struct dl_scope *scope, const struct dl_target *target, const char *revision,
		const char *path, bool deep, struct dl_sink *sink)
{
	struct dl_exec exec;

	dl_exec_begin(scope, &exec, target, "tree");
	dl_exec_text(&exec, "revision", revision);
	dl_exec_text(&exec, "path", path);
	dl_exec_flag(&exec, "deep", deep);
	return dl_exec_list(scope, &exec, &dl_record_entry, sink);
}

static int releases(struct dl_scope *scope, const struct dl_target *target, struct dl_sink *sink)
{
	struct dl_exec exec;

	dl_exec_begin(scope, &exec, target, "releases");
	return dl_exec_list(scope, &exec, &dl_record_release, sink);
}

static int release(struct dl_scope *scope, const struct dl_target *target, const char *tag,
		   struct dl_sink *sink)
{
	struct dl_exec exec;

	dl_exec_begin(scope, &exec, target, "release");
	dl_exec_text(&exec, "tag", tag);
	return dl_exec_one(scope, &exec, &dl_record_release, tag, sink);
}

static int download(struct dl_scope *scope, const struct dl_target *target, const struct dl_asset *asset,
		    int64_t *offset, struct dl_writer *writer)
{
	struct dl_exec exec;

	dl_exec_begin(scope, &exec, target, "release-download");
	dl_exec_text(&exec, "name", asset->name);
	dl_exec_text(&exec, "url", asset->url);
	dl_exec_text(&exec, "id", asset->id);
	dl_exec_number(&exec, "offset", *offset);
	return dl_exec_bytes(scope, &exec, writer);
}

static int begin(struct dl_scope *scope, const struct dl_target *target, struct dl_edition *edition)
{
	return dl_exec_open(scope, target, "release-begin", edition);
}

static const char *commit(struct dl_scope *scope, const struct dl_target *target, const char *revision)
{
	static const char tags[] = "refs/tags/";
	struct dl_exec exec;

	dl_exec_begin(scope, &exec, target, "commit");
	dl_exec_text(&exec, "revision",
		     dl_text_starts(revision, tags) ? revision + strlen(tags) : revision);
	return dl_exec_value(scope, &exec, "sha");
}

static int list_assets(struct dl_scope *scope, const struct dl_target *target,
		       const struct dl_edition *edition, struct dl_sink *sink)
{
	struct dl_exec exec;

	dl_exec_begin(scope, &exec, target, "release-stat");
	dl_exec_edition(&exec, edition);
	return dl_exec_list(scope, &exec, &dl_record_asset, sink);
}

static int remove_asset(struct dl_scope *scope, const struct dl_target *target,
			const struct dl_edition *edition, const struct dl_asset *asset)
{
	struct dl_exec exec;

	dl_exec_begin(scope, &exec, target, "release-remove");
	exec.acts = true;
	dl_exec_edition(&exec, edition);
	dl_exec_text(&exec, "asset", asset->id);
	return dl_exec_none(scope, &exec);
}

static int put(struct dl_scope *scope, const struct dl_target *target, const struct dl_edition *edition,
	       const struct dl_upload *upload, struct dl_sink *sink)
{
	return dl_exec_put(scope, target, "release-put", edition, upload, &dl_record_asset, sink);
}

static int finish(struct dl_scope *scope, const struct dl_target *target, const struct dl_edition *edition,
		  struct dl_sink *sink)
{
	struct dl_exec exec;

	dl_exec_begin(scope, &exec, target, "release-finish");
	exec.acts = true;
	dl_exec_edition(&exec, edition);
	return dl_exec_one(scope, &exec, &dl_record_release, edition->version, sink);
}

static int abort_it(struct dl_scope *scope, const struct dl_target *target, const struct dl_edition *edition)
{
	return dl_exec_end(scope, target, "release-abort", edition);
}

const struct dl_forge dl_exec_forge = {
	.repo = repo,
	.repos = repos,
	.file = file,
	.tree = tree,
	.releases = releases,
	.release = release,
	.download = download,
	.begin = begin,
	.drafts = true,
	.has_latest = true,
	.commit = commit,
	.stat = list_assets,
	.put = put,
	.remove = remove_asset,
	.finish = finish,
	.abort = abort_it,
};
