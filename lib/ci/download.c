/* A part is continued only where it can be checked afterwards: by a digest, by its size, or, of an archive
 * that is unpacked, by the checksums in it. When a part that was continued fails that check, it may be the
 * part's fault, so it is fetched once more from its beginning.
 *
 * Whoever fetches holds a lock on the part: of two programs with the same aim, one is refused. */
#include "lib/ci/download.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/archive.h"
#include "lib/base/digest.h"
#include "lib/base/file.h"
#include "lib/base/path.h"
#include "lib/base/place.h"
#include "lib/base/pool.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/base/writer.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/program/tool.h"
#include "lib/provider/provider.h"

enum {
	WINDOW = 64,
	WIDTH = 6,           /* at the same time */
	CHUNK = 64 << 10,
	ATTEMPTS = 8,        /* of a transfer that is cut again and again */
	PAUSE_MS = 500,
	PROGRESS_MS = 200,
	HASH_DIGITS = 32,    /* of the names of hidden files */
};

/* One artifact on its way. */
struct job {
	struct dl_writer writer;
	const struct dl_call *call;
	const struct dl_download *download;
	const struct dl_artifact *artifact;
	struct dl_place place;
	const char *part_name; /* beside the place: what is being fetched */
	const char *new_name;  /* and the folder that it is unpacked to */
	int part;
	int64_t have;          /* bytes of the part */
	int64_t offset;        /* where the transfer begins */
	bool begun;            /* its first byte has come */
	bool resumed;          /* the part has bytes of an earlier program */
	bool unpack;
	bool moved;            /* the part has got its place */
	enum dl_digest_kind kind; /* of the digest; DL_DIGEST_NONE: there is none to compare with */
	const char *expected;     /* its digits */
	struct dl_digest digest;  /* of what the part has */
	bool digesting;           /* it has begun, and not ended */
};

static const char *quote(struct dl_scope *scope, const char *text)
{
	return dl_text_quote(&scope->arena, text);
}

/* ---- progress ---- */

static void show_progress(const struct job *job)
{
	struct dl_download_meter *meter = job->download->meter;
	int64_t now = dl_time_clock_ms(), shown = meter->shown_ms, received = meter->received, ms;
	struct dl_scope scratch;

	if (now - shown < PROGRESS_MS || !atomic_compare_exchange_strong(&meter->shown_ms, &shown, now))
		return;
	dl_scope_open(&scratch, NULL);
	ms = now > meter->began_ms ? now - meter->began_ms : 1;
	dl_tool_progress(job->call->tool, "%s%s%s, %s/s", dl_text_size(&scratch.arena, received),
			 meter->expected >= received ? " of " : "",
			 meter->expected >= received ? dl_text_size(&scratch.arena, meter->expected) : "",
			 dl_text_size(&scratch.arena, received * 1000 / ms));
	dl_scope_close(&scratch);
}

static void begin_meter(const struct job *job)
{
	int64_t never = 0;

	atomic_compare_exchange_strong(&job->download->meter->began_ms, &never, dl_time_clock_ms());
	if (job->artifact->size_bytes > job->have)
		job->download->meter->expected += job->artifact->size_bytes - job->have;
}

/* ---- what is known of an artifact ---- */

/* An archive is often made as it is sent, and its size then that of what is in it. */
static bool has_size(const struct dl_artifact *artifact)
{
	return !artifact->zipped && artifact->size_bytes >= 0;
}

static bool can_check(const struct job *job)
{
	return job->expected || job->unpack || has_size(job->artifact);
}

/* Where it goes below the folder that the user named. NULL: DL_DATA. */
static const char *name_place(struct dl_scope *scope, const struct dl_download *download,
			      const struct dl_artifact *artifact)
{
	bool add = artifact->zipped && download->keep_zip && !dl_text_ends(artifact->name, ".zip");
	const char *run = download->by_run && artifact->run_id ? artifact->run_id : NULL;
	const char *path = dl_arena_format(&scope->arena, "%s%s%s%s", run ? run : "", run ? "/" : "",
					   artifact->name, add ? ".zip" : "");
	const char *segment, *end;

	if (dl_path_check(scope, path))
		return NULL;
	for (segment = path; segment; segment = *end ? end + 1 : NULL) {
		end = strchrnul(segment, '/');
		if (end - segment == 4 && strncasecmp(segment, ".git", 4) == 0) {
			dl_fail(scope, DL_DATA, "'%s' would become a part of git", quote(scope, path));
			return NULL;
		}
	}
	return path;
}

/* ---- the part ---- */

/* Names the hidden files after all that tells this artifact from others, of whatever server. */
static int name_parts(struct dl_scope *scope, struct job *job)
{
	const struct dl_artifact *artifact = job->artifact;
	const char *about = dl_arena_format(&scope->arena, "%s\n%" PRId64 "\n%s\n%" PRId64, artifact->ref,
					    artifact->size_bytes, artifact->digest ? artifact->digest : "",
					    artifact->created_at);
	const char *hash = dl_digest_hex(scope, DL_SHA256, about, strlen(about));

	if (!hash)
		return -1;
	job->part_name = dl_arena_format(&scope->arena, ".dl-%.*s.part", HASH_DIGITS, hash);
	job->new_name = dl_arena_format(&scope->arena, ".dl-%.*s.new", HASH_DIGITS, hash);
	return 0;
}

/* Takes the digest of the artifact apart. One of a kind that is unknown cannot be compared with. */
static void find_digest(struct dl_scope *scope, struct job *job)
{
	const char *text = job->artifact->digest ? job->artifact->digest : "", *colon = strchr(text, ':');

	job->kind = DL_DIGEST_NONE;
	if (colon)
		job->kind = dl_digest_find(dl_arena_copy(&scope->arena, text, (size_t)(colon - text)));
	if (job->kind != DL_DIGEST_NONE)
		job->expected = colon + 1;
}

/* Adds the first LEN bytes of FD. */
static int digest_file(struct dl_scope *scope, struct dl_digest *digest, int fd, int64_t len)
{
	char *chunk = dl_arena_alloc(&scope->arena, CHUNK);
	int64_t at = 0;
	ssize_t count;

	while (at < len) {
		count = pread(fd, chunk, len - at < CHUNK ? (size_t)(len - at) : CHUNK, at);
		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			return dl_fail_errno(scope, "cannot read what has been downloaded");
		dl_digest_add(digest, chunk, (size_t)count);
		at += count;
	}
	return 0;
}

static void drop_digest(struct job *job)
{
	if (job->digesting)
		dl_digest_end(&job->digest, NULL);
	job->digesting = false;
}

/* Begins the digest anew, with what the part has. */
static int digest_part(struct dl_scope *scope, struct job *job)
{
	drop_digest(job);
	if (!job->expected)
		return 0;
	if (dl_digest_begin(scope, &job->digest, job->kind))
		return -1;
	job->digesting = true;
	return digest_file(scope, &job->digest, job->part, job->have);
}

/* Forgets what the part has. */
static int empty_part(struct dl_scope *scope, struct job *job)
{
	job->have = 0;
	if (ftruncate(job->part, 0) < 0)
		return dl_fail_errno(scope, "cannot write beside %s", quote(scope, job->place.path));
	return digest_part(scope, job);
}

/* Opens the part and takes its lock. When its owner was just done, that file has another name by now: 1. */
static int lock_part(struct dl_scope *scope, struct job *job)
{
	const int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK | O_CLOEXEC;
	const mode_t mode = S_IRUSR | S_IWUSR | S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH;
	struct stat ours, theirs;

	job->part = openat(job->place.parent, job->part_name, flags, mode);
	if (job->part < 0)
		return dl_fail_errno(scope, "cannot create a file in %s", quote(scope, job->place.folder));
	if (flock(job->part, LOCK_EX | LOCK_NB) < 0) {
		close(job->part);
		if (errno != EWOULDBLOCK)
			return dl_fail_errno(scope, "cannot lock a file in %s",
					     quote(scope, job->place.folder));
		return dl_fail(scope, DL_REFUSED, "another program is downloading it");
	}
	if (fstat(job->part, &ours) == 0 && S_ISREG(ours.st_mode) &&
	    fstatat(job->place.parent, job->part_name, &theirs, AT_SYMLINK_NOFOLLOW) == 0 &&
	    ours.st_ino == theirs.st_ino && ours.st_dev == theirs.st_dev) {
		job->have = ours.st_size;
		return 0;
	}
	close(job->part);
	return 1;
}

static int open_part(struct dl_scope *scope, struct job *job)
{
	int result, tries = 3;

	do
		result = lock_part(scope, job);
	while (result == 1 && --tries);
	if (result)
		return result < 0 ? -1 : dl_fail(scope, DL_SYSTEM, "cannot keep a file in %s",
						 quote(scope, job->place.folder));
	job->resumed = job->have > 0 && can_check(job);
	if ((job->resumed ? digest_part(scope, job) : empty_part(scope, job)) == 0)
		return 0;
	close(job->part);
	return -1;
}

/* Keeps what a failure has left only when the next program can go on with it. */
static void close_part(const struct dl_scope *scope, const struct job *job)
{
	enum dl_class class = scope->error.class;

	if (!job->moved && (class == DL_OK || class == DL_DATA || class == DL_REFUSED || !job->have ||
			    !can_check(job)))
		unlinkat(job->place.parent, job->part_name, 0);
	close(job->part);
}

/* ---- the transfer ---- */

static int write_at(int fd, const char *data, size_t len, int64_t offset)
{
	ssize_t count;

	for (; len; data += count, len -= (size_t)count, offset += count) {
		count = pwrite(fd, data, len, offset);
		if (count < 0 && errno != EINTR)
			return -1;
		if (count < 0)
			count = 0;
	}
	return 0;
}

/* The provider says by .offset where the first byte belongs: where we are, or at the beginning. */
static int take_bytes(struct dl_writer *writer, struct dl_scope *scope, const char *data, size_t len)
{
	struct job *job = (struct job *)writer;

	if (!job->begun && job->offset == 0 && job->have && empty_part(scope, job))
		return -1;
	if (!job->begun && job->offset != job->have)
		return dl_fail(scope, DL_DATA, "another part came than the one that was asked for");
	job->begun = true;
	if (has_size(job->artifact) && (int64_t)len > job->artifact->size_bytes - job->have)
		return dl_fail(scope, DL_DATA, "it is larger than %" PRId64 " bytes",
			       job->artifact->size_bytes);
	if (dl_tool_expired(job->call->tool, 0)) {
		dl_fail(scope, DL_PENDING, "the time is up");
		return dl_fail_hint(scope, "the same command goes on where this one stopped");
	}
	if (write_at(job->part, data, len, job->have) < 0)
		return dl_fail_errno(scope, "cannot write beside %s", quote(scope, job->place.path));
	if (job->digesting)
		dl_digest_add(&job->digest, data, len);
	job->have += (int64_t)len;
	job->download->meter->received += (int64_t)len;
	show_progress(job);
	return 0;
}

/* Whether a transfer that failed is tried again: it was cut, or the server has no byte after those that are
 * here, which cannot be right. A transfer without a byte has been tried again already (lib/net/http.h). */
static bool may_go_on(const struct job *job, const struct dl_error *error, int attempt)
{
	if (attempt >= ATTEMPTS || dl_tool_expired(job->call->tool, PAUSE_MS))
		return false;
	return error->class == DL_NETWORK ? job->begun : error->status == 416 && job->have > 0;
}

/* Fetches what is missing of the part. */
static int fetch(struct dl_scope *scope, struct job *job)
{
	int (*fetch_from)(struct dl_scope *, const struct dl_target *, const struct dl_artifact *, int64_t *,
			  struct dl_writer *) = job->download->fetch;
	struct dl_scope step;
	struct dl_error error;
	int attempt;

	if (!fetch_from)
		fetch_from = job->call->target->provider->ci->download;
	for (attempt = 1; !job->have || !has_size(job->artifact) || job->have != job->artifact->size_bytes;
	     attempt++) {
		job->offset = job->have;
		job->begun = false;
		dl_scope_open(&step, scope);
		if (fetch_from(&step, job->call->target, job->artifact, &job->offset, &job->writer) >= 0 ||
		    !may_go_on(job, &step.error, attempt))
			return dl_scope_close(&step);
		error = dl_fail_take(&step, &scope->arena);
		dl_scope_close(&step);
		if ((error.class != DL_NETWORK || !can_check(job)) && empty_part(scope, job))
			return -1;
		dl_tool_note(job->call->tool, "%s: %s; going on at byte %" PRId64,
			     quote(scope, job->artifact->name), error.message, job->have);
		dl_time_sleep_ms(PAUSE_MS);
	}
	return 0;
}

static int check_part(struct dl_scope *scope, struct job *job)
{
	const struct dl_artifact *artifact = job->artifact;
	const char *digits = job->digesting ? dl_digest_end(&job->digest, &scope->arena) : NULL;

	job->digesting = false;
	if (has_size(artifact) && job->have != artifact->size_bytes)
		return dl_fail(scope, DL_DATA, "it has %" PRId64 " bytes instead of %" PRId64, job->have,
			       artifact->size_bytes);
	if (digits && strcasecmp(digits, job->expected) != 0)
		return dl_fail(scope, DL_DATA, "its content is not what its digest says");
	return 0;
}

/* ---- unpacking ---- */

/* With a digest that is right, what is no archive is meant to be none. */
static bool is_plain(const struct job *job)
{
	char begin[2] = "";

	return job->expected && (pread(job->part, begin, sizeof begin, 0) != sizeof begin ||
			       memcmp(begin, "PK", sizeof begin) != 0);
}

/* Unpacks the part to a hidden folder beside its place. */
static int unpack(struct dl_scope *scope, const struct job *job)
{
	const char *path = dl_arena_format(&scope->arena, "%s/%s", job->place.folder, job->new_name);
	int folder = -1, result = -1;

	if (dl_file_remove_tree(scope, path))
		return -1;
	if (mkdirat(job->place.parent, job->new_name, S_IRWXU | S_IRWXG | S_IRWXO) == 0)
		folder = openat(job->place.parent, job->new_name,
				O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (folder < 0)
		return dl_fail_errno(scope, "cannot create a folder in %s",
				     quote(scope, job->place.folder));
	result = dl_archive_extract(scope, job->part, folder);
	close(folder);
	if (result == 0)
		return 0;
	if (scope->error.class == DL_DATA)
		dl_fail_hint(scope, "--zip keeps the archive as it is");
	if (dl_file_remove_tree(scope, path))
		return -1;
	return -1;
}

/* Checks the part and gives it its place. As dl_place_settle. */
static int deliver(struct dl_scope *scope, struct job *job)
{
	bool overwrite = job->download->overwrite;
	int result;

	if (check_part(scope, job))
		return -1;
	if (job->unpack && !is_plain(job))
		return unpack(scope, job) ? -1
					  : dl_place_settle(scope, &job->place, job->new_name, overwrite);
	result = dl_place_settle(scope, &job->place, job->part_name, overwrite);
	job->moved = result >= 0;
	return result;
}

/* ---- one artifact ---- */

/* Whether the file at the place, of SIZE bytes, has the digest that the artifact should have. */
static int has_digest(struct dl_scope *scope, const struct job *job, int64_t size)
{
	int fd = openat(job->place.parent, job->place.name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct dl_digest digest;
	const char *digits;
	int result;

	if (fd < 0)
		return 0;
	result = dl_digest_begin(scope, &digest, job->kind);
	if (result == 0) {
		result = digest_file(scope, &digest, fd, size);
		digits = dl_digest_end(&digest, &scope->arena);
		if (result == 0)
			result = strcasecmp(digits, job->expected) == 0;
	}
	close(fd);
	return result;
}

/* Whether what is at the place decides before anything is fetched. 1: it is the same; 0: no; -1: it is
 * something else, DL_REFUSED. */
static int look_there(struct dl_scope *scope, const struct job *job)
{
	const struct dl_artifact *artifact = job->artifact;
	bool overwrite = job->download->overwrite;
	struct stat st;
	int same;

	if (fstatat(job->place.parent, job->place.name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    (S_ISDIR(st.st_mode) && job->unpack))
		return 0;
	if (!S_ISREG(st.st_mode) || (has_size(artifact) && st.st_size != artifact->size_bytes))
		return overwrite ? 0 : dl_place_taken(scope, &job->place);
	if (!job->expected)
		return 0;
	same = has_digest(scope, job, st.st_size);
	return same || overwrite || job->unpack ? same : dl_place_taken(scope, &job->place);
}

/* Fetches the artifact and gives it its place. When a part of an earlier program is the reason that it cannot
 * be used, once more without that. */
static int obtain(struct dl_scope *scope, struct job *job)
{
	struct dl_scope attempt;
	int result = -1;
	bool again = true;

	if (open_part(scope, job))
		return -1;
	begin_meter(job);
	while (again) {
		dl_scope_open(&attempt, scope);
		result = fetch(&attempt, job);
		if (result == 0)
			result = deliver(&attempt, job);
		again = result < 0 && attempt.error.class == DL_DATA && job->resumed;
		if (again) {
			dl_fail_take(&attempt, &attempt.arena);
			job->resumed = false;
			again = empty_part(&attempt, job) == 0;
		}
		dl_scope_close(&attempt);
	}
	close_part(scope, job);
	return result;
}

static int expired(struct dl_scope *scope, const struct dl_target *target, const struct dl_artifact *artifact)
{
	const char *when = artifact->expires_at == DL_TIME_NONE
				   ? NULL
				   : dl_time_format(&scope->arena, artifact->expires_at);

	dl_fail(scope, DL_MISSING, "it %s%s", when ? "expired at " : "has expired", when ? when : "");
	if (artifact->run_id)
		dl_fail_hint(scope, "dl-rerun %s makes it anew",
			     dl_provider_ref(&scope->arena, target, "run", artifact->run_id));
	return -1;
}

static int would_download(struct dl_scope *scope, const struct dl_call *call, const char *name,
			  const char *dir, const char *path)
{
	fprintf(stderr, "%s: would download %s to %s/%s\n", call->tool->program->name, quote(scope, name),
		quote(scope, dir), quote(scope, path));
	return 0;
}

/* Downloads ARTIFACT, and sets its path. */
static int download_one(struct dl_scope *scope, const struct dl_call *call,
			const struct dl_download *download, struct dl_artifact *artifact)
{
	struct job job = {
		.writer.write = take_bytes,
		.call = call,
		.download = download,
		.artifact = artifact,
		.unpack = artifact->zipped && !download->keep_zip,
	};
	const char *dir = dl_tool_path(scope, call->tool, download->dir), *path;
	int result;

	if (artifact->expired == 1)
		return expired(scope, call->target, artifact);
	path = name_place(scope, download, artifact);
	if (!path)
		return -1;
	if (call->target->dry_run)
		return would_download(scope, call, artifact->name, dir, path);
	if (dl_place_open(scope, dir, path, &job.place))
		return -1;
	find_digest(scope, &job);
	result = name_parts(scope, &job);
	if (result == 0)
		result = look_there(scope, &job);
	if (result == 0)
		result = obtain(scope, &job);
	drop_digest(&job);
	dl_place_close(&job.place);
	if (result == 1)
		dl_tool_note(call->tool, "%s is there already", quote(scope, job.place.path));
	if (result >= 0)
		artifact->path = job.place.path;
	return result < 0 ? -1 : 0;
}

/* ---- many ---- */

struct leg {
	struct dl_scope scope;
	struct dl_artifact artifact;
	bool twin; /* another one of the list would go to the same place */
};

struct batch {
	const struct dl_call *call;
	const struct dl_download *download;
	struct leg legs[WINDOW];
	size_t count;
	struct dl_error failure; /* the first */
	const char *failed;      /* whose it is */
	size_t failures;
};

static void work(void *arg, size_t index)
{
	struct batch *batch = arg;
	struct leg *leg = &batch->legs[index];

	if (leg->twin) {
		dl_fail(&leg->scope, DL_REFUSED, "another one has this name, too");
		dl_fail_hint(&leg->scope, "%s keeps them apart; a ref names one alone",
			     batch->download->apart);
	} else if (download_one(&leg->scope, batch->call, batch->download, &leg->artifact))
		DL_BUG_IF(leg->scope.error.class == DL_OK);
}

/* Puts what LEG has become, and closes it. */
static int finish(struct dl_scope *scope, struct batch *batch, struct leg *leg, bool wanted)
{
	struct dl_error error;
	int result = DL_MORE;

	if (leg->scope.error.class == DL_OK && wanted) {
		result = dl_sink_put(batch->call->sink, &leg->scope, &dl_record_artifact, &leg->artifact);
	} else if (leg->scope.error.class != DL_OK) {
		error = dl_fail_take(&leg->scope, &scope->arena);
		if (batch->failures++) {
			dl_tool_note(batch->call->tool, "%s: %s", quote(&leg->scope, leg->artifact.name),
				     error.message);
			if (error.hint)
				dl_tool_note(batch->call->tool, "hint: %s", error.hint);
		} else {
			batch->failure = error;
			batch->failed = dl_arena_string(&scope->arena, quote(scope, leg->artifact.name));
		}
	}
	dl_scope_close(&leg->scope);
	return result;
}

static int run_window(struct dl_scope *scope, struct batch *batch)
{
	size_t width = batch->call->target->provider->serverless ? 1 : WIDTH, i;
	int result = DL_MORE;

	dl_pool_map(batch->count, width, work, batch);
	dl_tool_progress(batch->call->tool, NULL);
	for (i = 0; i < batch->count; i++)
		if (result == DL_MORE)
			result = finish(scope, batch, &batch->legs[i], true);
		else
			finish(scope, batch, &batch->legs[i], false);
	batch->count = 0;
	return result;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* What ARTIFACT is told from the others of the list by. */
static const char *name_of(struct dl_scope *scope, const struct dl_download *download,
			   const struct dl_artifact *artifact)
{
	if (!download->by_run || !artifact->run_id)
		return artifact->name;
	return dl_arena_format(&scope->arena, "%s/%s", artifact->run_id, artifact->name);
}

/* The names of ARTIFACTS, sorted. */
static const char **sort_names(struct dl_scope *scope, const struct dl_download *download,
			       const struct dl_sink_list *artifacts)
{
	const char **names = dl_arena_array(&scope->arena, artifacts->count, sizeof *names);
	size_t i;

	for (i = 0; i < artifacts->count; i++)
		names[i] = name_of(scope, download, dl_sink_item(artifacts, i));
	if (artifacts->count)
		qsort(names, artifacts->count, sizeof *names, by_text);
	return names;
}

static bool has_twin(const char *const *names, size_t count, const char *name)
{
	const char *const *found = bsearch(&name, names, count, sizeof *names, by_text);

	DL_BUG_IF(!found);
	return (found > names && strcmp(found[-1], name) == 0) ||
	       (found + 1 < names + count && strcmp(found[1], name) == 0);
}

int dl_download_all(struct dl_scope *scope, const struct dl_call *call, const struct dl_download *download,
		    const struct dl_sink_list *artifacts)
{
	struct batch *batch = dl_arena_alloc(&scope->arena, sizeof *batch);
	const char **names = sort_names(scope, download, artifacts);
	int result = DL_MORE;
	struct leg *leg;
	size_t i;

	batch->call = call;
	batch->download = download;
	for (i = 0; i < artifacts->count && result == DL_MORE; i++) {
		leg = &batch->legs[batch->count++];
		leg->artifact = *(const struct dl_artifact *)dl_sink_item(artifacts, i);
		leg->twin = has_twin(names, artifacts->count, name_of(scope, download, &leg->artifact));
		dl_scope_open(&leg->scope, NULL);
		if (batch->count == WINDOW || i + 1 == artifacts->count)
			result = run_window(scope, batch);
	}
	if (result < 0 || !batch->failures)
		return result;
	scope->error = batch->failure;
	if (batch->failures > 1)
		scope->error.message = dl_arena_format(&scope->arena, "%s; %zu more failed",
						       batch->failure.message, batch->failures - 1);
	return dl_fail_prefix(scope, "%s", batch->failed);
}
