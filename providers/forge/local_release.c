/* The record says what there is, digests and all, so that a list reads no asset. A folder without a record is
 * one that was never finished being made. */
#include "providers/forge/local_release.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/file.h"
#include "lib/http.h"
#include "lib/json.h"
#include "lib/provider.h"
#include "lib/record.h"
#include "lib/repo.h"
#include "lib/scope.h"
#include "lib/sink.h"
#include "lib/text.h"
#include "lib/url.h"

enum { CHUNK = 64 << 10 };

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
			      const struct dl_asset *asset, int64_t *offset, struct dl_http_writer *writer)
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
