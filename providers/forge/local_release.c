/* The record says what there is, digests and all, so that a list reads no asset. It is written after what it
 * tells of is there: a file that it does not name has never come whole, and is written over. */
#include "providers/forge/local_release.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/file.h"
#include "lib/base/path.h"
#include "lib/base/place.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/base/url.h"
#include "lib/base/writer.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/git/git.h"
#include "lib/git/repo.h"
#include "lib/net/body.h"
#include "lib/provider/provider.h"
#include "providers/forge/forge.h"

enum { CHUNK = 64 << 10, FOLDER_MODE = 0755, FILE_MODE = 0644 };

static const char *quote(struct dl_scope *scope, const char *text)
{
	return dl_text_quote(&scope->arena, text);
}

static const char *releases_folder(struct dl_scope *scope, const struct dl_target *target)
{
	return dl_arena_format(&scope->arena, "%sdevloop/releases", dl_repo_common_dir(target->repo));
}

/* The folder of the release of TAG, which need not exist. No tag begins with a dot, or has a NUL. */
static const char *folder_of(struct dl_scope *scope, const struct dl_target *target, const char *tag)
{
	struct dl_buf path;

	dl_buf_init(&path, &scope->arena, DL_CAP_LINE);
	dl_buf_printf(&path, "%s/", releases_folder(scope, target));
	dl_url_encode(&path, tag, "");
	return path.data;
}

/* The release in FOLDER. NULL: failed, or, without a failure, there is none. */
static struct dl_release *read_record(struct dl_scope *scope, const struct dl_target *target,
				      const char *folder)
{
	const char *path = dl_arena_format(&scope->arena, "%s/record", folder);
	struct dl_release *release = dl_schema_new(scope, &dl_record_release);
	const struct dl_json *root;
	size_t len;
	char *text = dl_file_read(scope, path, DL_CAP_LINE, &len);

	if (!text) {
		if (scope->error.class == DL_MISSING)
			dl_fail_take(scope, &scope->arena);
		return NULL;
	}
	root = dl_json_parse(scope, text, len);
	if (!root || dl_schema_decode(scope, &dl_record_release, root, release) || !release->tag) {
		dl_fail(scope, DL_DATA, "it is no release");
		dl_fail_prefix(scope, "%s", quote(scope, path));
		return NULL;
	}
	release->head = dl_provider_head(&scope->arena, target, "release", release->tag);
	return release;
}

static int newest_first(const void *a, const void *b)
{
	const struct dl_release *one = a, *other = b;

	if (one->created_at != other->created_at)
		return one->created_at < other->created_at ? 1 : -1;
	return strcmp(other->tag, one->tag);
}

int dl_local_release_list(struct dl_scope *scope, const struct dl_target *target, struct dl_sink *sink)
{
	const char *folder = releases_folder(scope, target);
	const struct dl_release *release;
	const struct dirent *entry;
	struct dl_sink_list list;
	DIR *stream = opendir(folder);
	int result = DL_MORE;

	if (!stream)
		return errno == ENOENT ? 0 : dl_fail_errno(scope, "cannot read %s", quote(scope, folder));
	dl_sink_list(&list, scope, 0);
	while (result == DL_MORE && (entry = readdir(stream))) {
		if (entry->d_name[0] == '.')
			continue;
		release = read_record(scope, target,
				      dl_arena_format(&scope->arena, "%s/%s", folder, entry->d_name));
		if (release)
			result = dl_sink_put(&list.sink, scope, &dl_record_release, release);
		else if (scope->error.class != DL_OK)
			result = -1;
	}
	closedir(stream);
	if (result == DL_MORE && list.count)
		qsort(list.items, list.count, sizeof *release, newest_first);
	return result == DL_MORE ? dl_sink_replay(scope, &list, sink) : result;
}

/* The latest release of all. NULL: failed, or, without a failure, there is none. */
static const struct dl_release *find_latest(struct dl_scope *scope, const struct dl_target *target)
{
	const struct dl_release *release;
	struct dl_sink_list list;
	size_t i;

	dl_sink_list(&list, scope, 0);
	if (dl_local_release_list(scope, target, &list.sink) < 0)
		return NULL;
	for (i = 0; i < list.count; i++) {
		release = dl_sink_item(&list, i);
		if (release->latest == 1)
			return release;
	}
	return NULL;
}

int dl_local_release_one(struct dl_scope *scope, const struct dl_target *target, const char *tag,
			 struct dl_sink *sink)
{
	const struct dl_release *release = tag ? read_record(scope, target, folder_of(scope, target, tag))
					       : find_latest(scope, target);

	if (release)
		return dl_sink_put(sink, scope, &dl_record_release, release);
	if (scope->error.class != DL_OK)
		return -1;
	return tag ? dl_fail(scope, DL_MISSING, "there is no release '%s'", quote(scope, tag))
		   : dl_fail(scope, DL_MISSING, "there is no release that is published");
}

/* An asset's id is its path. */
int dl_local_release_download(struct dl_scope *scope, const struct dl_target *target,
			      const struct dl_asset *asset, int64_t *offset, struct dl_writer *writer)
{
	int fd = open(asset->id, O_RDONLY | O_NOFOLLOW | O_CLOEXEC), result = DL_MORE;
	char *chunk = dl_arena_alloc(&scope->arena, CHUNK);
	int64_t at = *offset;
	ssize_t count = 1;

	(void)target;
	if (fd < 0)
		return dl_fail_errno(scope, "cannot read %s", quote(scope, asset->id));
	while (result == DL_MORE && count) {
		count = pread(fd, chunk, CHUNK, at);
		if (count < 0 && errno != EINTR)
			result = dl_fail_errno(scope, "cannot read %s", quote(scope, asset->id));
		if (count <= 0)
			continue;
		result = writer->write(writer, scope, chunk, (size_t)count);
		at += count;
	}
	close(fd);
	return result;
}

/* ------------------------------------------------------------------ making one */

static int write_record(struct dl_scope *scope, const struct dl_release *release, const char *folder)
{
	struct dl_buf line;

	dl_buf_init(&line, &scope->arena, DL_CAP_LINE);
	dl_schema_encode(&dl_record_release, release, &line);
	dl_buf_putc(&line, '\n');
	if (dl_buf_check(scope, &line, "the release"))
		return -1;
	return dl_file_write(scope, dl_arena_format(&scope->arena, "%s/record", folder), FILE_MODE, line.data,
			     line.len);
}

static int would(const char *what)
{
	fprintf(stderr, "would %s\n", what);
	return 1;
}

int dl_local_release_begin(struct dl_scope *scope, const struct dl_target *target, struct dl_edition *edition)
{
	const char *folder = folder_of(scope, target, edition->version);
	struct dl_release *release = read_record(scope, target, folder);

	if (!release && scope->error.class == DL_OK) {
		if (target->dry_run)
			return 1;
		release = dl_schema_new(scope, &dl_record_release);
		release->head = dl_provider_head(&scope->arena, target, "release", edition->version);
		release->id = release->tag = edition->version;
		release->draft = 1;
		release->prerelease = release->latest = 0;
		release->created_at = dl_time_now();
		if (dl_file_mkdirs(scope, dl_arena_format(&scope->arena, "%s/assets", folder), FOLDER_MODE) ||
		    write_record(scope, release, folder))
			return -1;
	}
	if (!release)
		return -1;
	edition->id = edition->version;
	edition->published = release->draft != 1;
	return 0;
}

/* The record of EDITION, which has begun, and in *FOLDER where it lies. NULL: failed. */
static struct dl_release *begun(struct dl_scope *scope, const struct dl_target *target,
				const struct dl_edition *edition, const char **folder)
{
	struct dl_release *release;

	*folder = folder_of(scope, target, edition->version);
	release = read_record(scope, target, *folder);
	if (!release)
		dl_fail(scope, DL_MISSING, "there is no release '%s'", quote(scope, edition->version));
	return release;
}

int dl_local_release_stat(struct dl_scope *scope, const struct dl_target *target,
			  const struct dl_edition *edition, struct dl_sink *sink)
{
	const char *folder;
	const struct dl_release *release = begun(scope, target, edition, &folder);
	const struct dl_asset *assets = release ? release->assets.items : NULL;
	int result = release ? DL_MORE : -1;
	size_t i;

	for (i = 0; result == DL_MORE && i < release->assets.count; i++)
		result = dl_sink_put(sink, scope, &dl_record_asset, &assets[i]);
	return result;
}

/* Writes the bytes of UPLOAD to the file NAME beside PLACE. */
static int copy_bytes(struct dl_scope *scope, const struct dl_place *place, const char *name,
		      const struct dl_upload *upload)
{
	const struct dl_body_piece piece = {.fd = upload->fd, .len = upload->size_bytes};
	const struct dl_body body = {.pieces = &piece, .count = 1};
	int fd = openat(place->parent, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
			FILE_MODE);
	char *chunk = dl_arena_alloc(&scope->arena, CHUNK);
	int64_t at = 0;
	ssize_t count = 1, done = 0;

	while (fd >= 0 && done >= 0 && (count = dl_body_read(scope, &body, at, chunk, CHUNK)) > 0)
		for (; count > 0 && done >= 0; count -= done, at += done)
			done = pwrite(fd, chunk, (size_t)count, at);
	if (fd < 0 || done < 0 || close(fd) < 0)
		return dl_fail_errno(scope, "cannot write %s", quote(scope, place->path));
	return count < 0 ? -1 : 0;
}

/* ASSETS without the one called NAME, and with room for one more. */
static struct dl_asset *without(struct dl_scope *scope, struct dl_list *assets, const char *name)
{
	const struct dl_asset *old = assets->items;
	struct dl_asset *new = dl_arena_array(&scope->arena, assets->count + 1, sizeof *new);
	size_t count = 0, i;

	for (i = 0; i < assets->count; i++)
		if (strcmp(old[i].name, name) != 0)
			new[count++] = old[i];
	*assets = (struct dl_list){new, count};
	return new;
}

int dl_local_release_put(struct dl_scope *scope, const struct dl_target *target,
			 const struct dl_edition *edition, const struct dl_upload *upload,
			 struct dl_sink *sink)
{
	const char *folder, *shelf;
	struct dl_release *release = begun(scope, target, edition, &folder);
	struct dl_asset *asset = dl_schema_new(scope, &dl_record_asset);
	struct dl_place place;
	int result = -1;

	if (!release || dl_path_check(scope, upload->name))
		return -1;
	shelf = dl_arena_format(&scope->arena, "%s/assets", folder);
	if (dl_place_open(scope, shelf, upload->name, &place))
		return -1;
	if (copy_bytes(scope, &place, ".part", upload) == 0)
		result = dl_place_settle(scope, &place, ".part", true);
	dl_place_close(&place);
	if (result < 0)
		return -1;
	asset->name = upload->name;
	asset->label = upload->label;
	asset->id = dl_arena_format(&scope->arena, "%s/%s", shelf, upload->name);
	asset->size_bytes = upload->size_bytes;
	asset->content_type = upload->content_type;
	asset->digest = dl_arena_format(&scope->arena, "sha256:%s", upload->sha256);
	asset->state = "uploaded";
	dl_forge_asset(&scope->arena, target, edition->version, asset);
	without(scope, &release->assets, asset->name)[release->assets.count++] = *asset;
	return write_record(scope, release, folder) ? -1 : dl_sink_put(sink, scope, &dl_record_asset, asset);
}

int dl_local_release_remove(struct dl_scope *scope, const struct dl_target *target,
			    const struct dl_edition *edition, const struct dl_asset *asset)
{
	const char *folder;
	struct dl_release *release = begun(scope, target, edition, &folder);

	if (!release)
		return -1;
	if (target->dry_run)
		return would(dl_arena_format(&scope->arena, "remove %s", quote(scope, asset->name)));
	without(scope, &release->assets, asset->name);
	return write_record(scope, release, folder);
}

/* The tag, where there is none. */
static int make_tag(struct dl_scope *scope, const struct dl_target *target, const struct dl_edition *edition)
{
	const char *const argv[] = {"tag", "--", edition->version, edition->sha, NULL};
	struct dl_proc_result git;

	const char *const old[] = {"rev-parse", "-q", "--verify",
				   dl_arena_format(&scope->arena, "refs/tags/%s", edition->version), NULL};

	if (dl_git_ask(scope, dl_repo_common_dir(target->repo), old, &git))
		return -1;
	if (git.status == 0 || !edition->sha)
		return 0;
	if (dl_git_ask(scope, dl_repo_common_dir(target->repo), argv, &git))
		return -1;
	return git.status == 0 ? 0
			       : dl_fail(scope, DL_REFUSED, "git does not make the tag: %s",
					 dl_git_reason(scope, &git));
}

/* The one that was the latest is it no more. */
static int take_latest(struct dl_scope *scope, const struct dl_target *target)
{
	const struct dl_release *latest = find_latest(scope, target);
	struct dl_release old;

	if (!latest)
		return scope->error.class == DL_OK ? 0 : -1;
	old = *latest;
	old.latest = 0;
	return write_record(scope, &old, folder_of(scope, target, old.tag));
}

int dl_local_release_finish(struct dl_scope *scope, const struct dl_target *target,
			    const struct dl_edition *edition, struct dl_sink *sink)
{
	const char *folder;
	struct dl_release *release = begun(scope, target, edition, &folder);

	if (!release)
		return -1;
	if (edition->name)
		release->name = edition->name;
	if (edition->body)
		release->body = edition->body;
	release->prerelease = edition->prerelease;
	if (!edition->draft) {
		if (make_tag(scope, target, edition) || (edition->latest && take_latest(scope, target)))
			return -1;
		release->latest = edition->latest;
		release->draft = 0;
		if (release->published_at == DL_TIME_NONE)
			release->published_at = dl_time_now();
		release->sha = dl_repo_resolve(scope, target->repo, edition->version);
	}
	if (scope->error.class != DL_OK || write_record(scope, release, folder))
		return -1;
	return dl_sink_put(sink, scope, &dl_record_release, release);
}

int dl_local_release_abort(struct dl_scope *scope, const struct dl_target *target,
			   const struct dl_edition *edition)
{
	if (target->dry_run)
		return would(dl_arena_format(&scope->arena, "remove the draft of %s",
					     quote(scope, edition->version)));
	return dl_file_remove_tree(scope, folder_of(scope, target, edition->version));
}
