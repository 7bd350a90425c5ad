#include "providers/ci/local_artifact.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/path.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/tree.h"
#include "lib/base/writer.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/provider/provider.h"
#include "providers/ci/local_store.h"

enum { CHUNK = 64 << 10 };

/* One run's artifacts. */
struct shelf {
	const char *run_id;
	const char *folder; /* its path */
	int fd;             /* of the folder; -1: there is none */
};

static int fail_errno(struct dl_scope *scope, const struct shelf *shelf)
{
	return dl_fail_errno(scope, "cannot read the artifacts of run %s", shelf->run_id);
}

/* Opens the shelf of run ID, whose .fd is to be closed. */
static int open_shelf(struct dl_scope *scope, const struct dl_target *target, const char *id,
		      struct shelf *shelf)
{
	const char *folder = dl_local_store_folder(scope, target, id);
	const struct dl_run *run = folder ? dl_local_store_read(scope, folder) : NULL;

	if (!run)
		return -1;
	*shelf = (struct shelf){.run_id = run->id, .fd = -1};
	shelf->folder = dl_local_store_artifacts(scope, folder);
	if (run->status != DL_COMPLETED)
		return 0;
	shelf->fd = open(shelf->folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return shelf->fd >= 0 || errno == ENOENT ? 0 : fail_errno(scope, shelf);
}

static void close_shelf(const struct shelf *shelf)
{
	if (shelf->fd >= 0)
		close(shelf->fd);
}

static int put_file(struct dl_scope *scope, const struct dl_target *target, const struct shelf *shelf,
		    const struct dl_tree_item *file, struct dl_sink *sink)
{
	struct dl_artifact *artifact = dl_schema_new(scope, &dl_record_artifact);
	const char *path = dl_arena_format(&scope->arena, "%s/%s", shelf->folder, file->path);

	artifact->id = dl_arena_format(&scope->arena, "%s/%s", shelf->run_id, file->path);
	artifact->head = dl_provider_head(&scope->arena, target, "artifact", artifact->id);
	artifact->run_id = shelf->run_id;
	artifact->name = file->path;
	artifact->size_bytes = file->size;
	artifact->expired = 0;
	artifact->created_at = file->time;
	artifact->url = dl_local_store_url(scope, path);
	return dl_sink_put(sink, scope, &dl_record_artifact, artifact);
}

static int list_files(struct dl_scope *scope, const struct dl_target *target, const struct shelf *shelf,
		      struct dl_sink *sink)
{
	const struct dl_tree_item *file;
	struct dl_tree tree;
	int result = DL_MORE;
	size_t i;

	if (dl_tree_list(scope, shelf->fd, &tree))
		return dl_fail_prefix(scope, "what run %s has left", shelf->run_id);
	for (i = 0; i < tree.count && result == DL_MORE; i++) {
		file = &tree.items[i];
		if (!S_ISREG(file->mode))
			continue;
		if (dl_path_check(scope, file->path))
			return dl_fail_prefix(scope, "what run %s has left", shelf->run_id);
		result = put_file(scope, target, shelf, file, sink);
	}
	return result;
}

int dl_local_artifact_list(struct dl_scope *scope, const struct dl_target *target, const char *id,
			   struct dl_sink *sink)
{
	struct shelf shelf;
	int result = 0;

	if (open_shelf(scope, target, id, &shelf))
		return -1;
	if (shelf.fd >= 0)
		result = list_files(scope, target, &shelf, sink);
	close_shelf(&shelf);
	return result;
}

/* Opens the file NAME on SHELF for reading. -1: there is none. */
static int open_file(const struct shelf *shelf, const char *name, struct stat *st)
{
	struct dl_scope attempt;
	int parent = -1, fd;

	dl_scope_open(&attempt, NULL);
	if (shelf->fd >= 0 && dl_path_check(&attempt, name) == 0)
		parent = dl_path_parent(&attempt, shelf->fd, name, false);
	dl_scope_close(&attempt);
	if (parent < 0)
		return -1;
	fd = openat(parent, dl_path_last(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	close(parent);
	if (fd >= 0 && (fstat(fd, st) < 0 || !S_ISREG(st->st_mode))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* Opens artifact ID: a descriptor to close, with what SHELF and FILE say of it. DL_MISSING. */
static int open_artifact(struct dl_scope *scope, const struct dl_target *target, const char *id,
			 struct shelf *shelf, struct dl_tree_item *file)
{
	const char *slash = strchrnul(id, '/'), *name = *slash ? slash + 1 : "";
	struct stat st;
	int fd;

	if (open_shelf(scope, target, dl_arena_copy(&scope->arena, id, (size_t)(slash - id)), shelf))
		return -1;
	fd = open_file(shelf, name, &st);
	close_shelf(shelf);
	if (fd < 0)
		return dl_fail(scope, DL_MISSING, "run %s has left no artifact '%s'", shelf->run_id,
			       dl_text_quote(&scope->arena, name));
	*file = (struct dl_tree_item){name, st.st_mode, st.st_size, st.st_mtime};
	return fd;
}

int dl_local_artifact_one(struct dl_scope *scope, const struct dl_target *target, const char *id,
			  struct dl_sink *sink)
{
	struct shelf shelf;
	struct dl_tree_item file;
	int fd = open_artifact(scope, target, id, &shelf, &file);

	if (fd < 0)
		return -1;
	close(fd);
	return put_file(scope, target, &shelf, &file, sink);
}

static int copy_file(struct dl_scope *scope, const struct shelf *shelf, int fd, int64_t offset,
		     struct dl_writer *writer)
{
	char *chunk = dl_arena_alloc(&scope->arena, CHUNK);
	ssize_t count;
	int result = 0;

	while (result == 0 && (count = pread(fd, chunk, CHUNK, offset)) != 0) {
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return fail_errno(scope, shelf);
		offset += count;
		result = writer->write(writer, scope, chunk, (size_t)count);
	}
	return result;
}

int dl_local_artifact_download(struct dl_scope *scope, const struct dl_target *target,
			       const struct dl_artifact *artifact, int64_t *offset,
			       struct dl_writer *writer)
{
	struct shelf shelf;
	struct dl_tree_item file;
	int fd = open_artifact(scope, target, artifact->id, &shelf, &file), result;

	if (fd < 0)
		return -1;
	if (*offset > file.size)
		*offset = 0;
	result = copy_file(scope, &shelf, fd, *offset, writer);
	close(fd);
	return result;
}
