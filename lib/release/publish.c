#include "lib/release/publish.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/path.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/data/line.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/program/tool.h"

enum {
	CHUNK = 256 << 10,
	PROGRESS_MS = 200,
	FIRST_PAUSE_MS = 500,
	LAST_PAUSE_MS = 8000,
	LONGEST_PAUSE_MS = 60000, /* without a deadline */
};

/* ---- progress ---- */

static void show_progress(struct dl_body_meter *base, int64_t bytes)
{
	struct dl_publish_meter *meter = (struct dl_publish_meter *)base;
	int64_t now = dl_time_clock_ms(), shown = meter->shown_ms, never = 0, sent, ms;
	struct dl_scope scratch;

	atomic_compare_exchange_strong(&meter->began_ms, &never, now);
	sent = atomic_fetch_add(&meter->sent, bytes) + bytes;
	if (now - shown < PROGRESS_MS || !atomic_compare_exchange_strong(&meter->shown_ms, &shown, now))
		return;
	dl_scope_open(&scratch, NULL);
	ms = now > meter->began_ms ? now - meter->began_ms : 1;
	dl_tool_progress(meter->tool, "%s of %s, %s/s", dl_text_size(&scratch.arena, sent),
			 dl_text_size(&scratch.arena, meter->expected),
			 dl_text_size(&scratch.arena, sent * 1000 / ms));
	dl_scope_close(&scratch);
}

void dl_publish_meter(struct dl_publish_meter *meter, struct dl_tool *tool)
{
	memset(meter, 0, sizeof *meter);
	meter->meter.move = show_progress;
	meter->tool = tool;
}

/* ---- the file here ---- */

/* Reads all of FD into the digests of the kinds in WANTED, which have begun. */
static int read_all(struct dl_scope *scope, int fd, unsigned int wanted,
		    struct dl_digest digests[DL_DIGEST_NONE])
{
	char *chunk = dl_arena_alloc(&scope->arena, CHUNK);
	int64_t at = 0;
	ssize_t count;
	int kind;

	while ((count = pread(fd, chunk, CHUNK, at)) != 0) {
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return dl_fail_errno(scope, "cannot read it");
		for (kind = 0; kind < DL_DIGEST_NONE; kind++)
			if (wanted & 1U << kind)
				dl_digest_add(&digests[kind], chunk, (size_t)count);
		at += count;
	}
	return 0;
}

/* One reading for all digests. */
static int digest_file(struct dl_scope *scope, unsigned int wanted, struct dl_upload *upload)
{
	struct dl_digest digests[DL_DIGEST_NONE];
	struct dl_scope scratch;
	unsigned int begun = 0;
	int kind, result = 0;

	for (kind = 0; kind < DL_DIGEST_NONE && result == 0; kind++)
		if (wanted & 1U << kind && (result = dl_digest_begin(scope, &digests[kind],
								     (enum dl_digest_kind)kind)) == 0)
			begun |= 1U << kind;
	dl_scope_open(&scratch, scope);
	if (result == 0)
		result = read_all(&scratch, upload->fd, begun, digests);
	if (dl_scope_close(&scratch))
		result = -1;
	for (kind = 0; kind < DL_DIGEST_NONE; kind++)
		if (begun & 1U << kind)
			upload->digests[kind] =
				dl_digest_end(&digests[kind], result == 0 ? &scope->arena : NULL);
	upload->sha256 = upload->digests[DL_SHA256];
	return result;
}

static int open_file(struct dl_scope *scope, const char *path, struct dl_upload *upload)
{
	struct stat st;

	upload->fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (upload->fd < 0 && errno == ENOENT)
		return dl_fail(scope, DL_MISSING, "there is no such file");
	if (upload->fd < 0 || fstat(upload->fd, &st) < 0)
		return dl_fail_errno(scope, "cannot open it");
	if (!S_ISREG(st.st_mode))
		return dl_fail(scope, DL_REFUSED, "it is no regular file");
	upload->size_bytes = st.st_size;
	upload->modified = st.st_mtim;
	return 0;
}

int dl_publish_open(struct dl_scope *scope, const char *path, unsigned int digests, struct dl_upload *upload)
{
	*upload = (struct dl_upload){.path = path, .name = dl_path_last(path), .fd = -1};
	if (open_file(scope, path, upload) == 0 && digest_file(scope, digests | 1U << DL_SHA256, upload) == 0)
		return 0;
	dl_publish_close(upload);
	return dl_fail_prefix(scope, "%s", dl_text_quote(&scope->arena, path));
}

void dl_publish_close(struct dl_upload *upload)
{
	if (upload->fd >= 0)
		close(upload->fd);
	upload->fd = -1;
}

/* What the digests were made of is what has been sent only if nobody wrote to it meanwhile. */
static int check_unchanged(struct dl_scope *scope, const struct dl_upload *upload)
{
	struct stat st;

	if (fstat(upload->fd, &st) < 0)
		return dl_fail_errno(scope, "cannot look at it");
	if (st.st_size == upload->size_bytes && st.st_mtim.tv_sec == upload->modified.tv_sec &&
	    st.st_mtim.tv_nsec == upload->modified.tv_nsec)
		return 0;
	dl_fail(scope, DL_DATA, "the file has changed while it was published");
	return dl_fail_hint(scope, "what has arrived may be neither the old nor the new one");
}

/* ---- a plan ---- */

/* Puts LINE into the list that is for it. */
static int take_line(struct dl_scope *scope, const struct dl_schema *const *schemas,
		     struct dl_sink_list *lists, size_t count, const struct dl_line *line)
{
	void *record;
	size_t i = 0;

	while (i < count && !dl_text_same(line->type, schemas[i]->type))
		i++;
	if (i == count)
		return dl_fail(scope, DL_DATA, "it is no part of a plan");
	record = dl_schema_new(scope, schemas[i]);
	if (dl_schema_decode(scope, schemas[i], line->node, record))
		return -1;
	return dl_sink_put(&lists[i].sink, scope, schemas[i], record) < 0 ? -1 : 0;
}

int dl_publish_plan(struct dl_scope *scope, const struct dl_schema *const *schemas,
		    struct dl_sink_list *lists, size_t count)
{
	struct dl_lines lines;
	struct dl_line line;
	size_t i;
	int result;

	for (i = 0; i < count; i++)
		dl_sink_list(&lists[i], scope, 0);
	dl_line_open(&lines, &scope->arena, STDIN_FILENO);
	while ((result = dl_line_next(scope, &lines, &line)) > 0)
		if (take_line(scope, schemas, lists, count, &line))
			return dl_fail_prefix(scope, "line %ld", line.number);
	if (result == 0 && !lines.number)
		return dl_fail(scope, DL_MISSING, "nothing came in on standard input");
	return result;
}

bool dl_publish_elsewhere(const struct dl_target *target, const struct dl_record_head *head)
{
	return !dl_text_same(head->provider, target->provider->name) ||
	       !dl_text_same(head->host, target->host) || !dl_text_same(head->project, target->project);
}

/* ---- sending ---- */

static int64_t pause_of(int attempt)
{
	int64_t pause_ms = (int64_t)FIRST_PAUSE_MS << attempt;

	return pause_ms < LAST_PAUSE_MS ? pause_ms : LAST_PAUSE_MS;
}

/* How long to wait after ERROR: at least as long as the server says. */
static int64_t pause_after(const struct dl_error *error, int attempt)
{
	int64_t pause_ms = pause_of(attempt), told_ms = error->retry_after_s * 1000;

	return told_ms > pause_ms ? told_ms : pause_ms;
}

/* What a step that failed with ERROR has left, by the server's word, which QUESTION asks for: one of enum
 * dl_presence, or -1 where that cannot be learned either. A server that wants no requests has taken nothing,
 * and is not asked whether. */
static int look_again(struct dl_scope *scope, const struct dl_call *call, const struct dl_error *error,
		      int (*question)(struct dl_scope *scope, const struct dl_target *target,
				      const struct dl_edition *edition, const struct dl_upload *upload),
		      const struct dl_edition *edition, const struct dl_upload *upload)
{
	struct dl_scope scratch;
	int presence;

	if (error->class == DL_LIMITED)
		return DL_PRESENCE_ABSENT;
	dl_scope_open(&scratch, NULL);
	presence = question(&scratch, call->target, edition, upload);
	if (presence < 0)
		dl_tool_note(call->tool, "%s: whether it has arrived is unknown: %s",
			     dl_text_quote(&scope->arena, upload->name), scratch.error.message);
	dl_scope_close(&scratch);
	return presence;
}

/* Whether ERROR may be gone the next time. */
static bool may_pass(const struct dl_error *error)
{
	return error->class == DL_NETWORK || error->class == DL_LIMITED;
}

/* Whether the file may be there after ERROR: it may have arrived, or be there already, which many a server
 * tells as if a right were missing. */
static bool may_be_there(const struct dl_error *error)
{
	return may_pass(error) || error->class == DL_REFUSED || error->status == 403 || error->status == 404;
}

/* Whether a pause is over before the deadline, or short where there is none. */
static bool can_wait(const struct dl_call *call, int64_t pause_ms)
{
	return call->tool->deadline_ms ? !dl_tool_expired(call->tool, pause_ms)
				       : pause_ms <= LONGEST_PAUSE_MS;
}

/* After a step about UPLOAD that failed with ERROR and left PRESENCE: 0 when it may be tried again, which is
 * told and waited for; -1: failed. */
static int try_again(struct dl_scope *scope, const struct dl_call *call, const struct dl_upload *upload,
		     const struct dl_error *error, int presence, int attempt)
{
	if (presence == DL_PRESENCE_DIFFERENT)
		return dl_fail(scope, DL_REFUSED, "another file of that name is there: %s", error->message);
	if (presence < 0 || !may_pass(error) || attempt >= dl_http_options(call->target->http)->retries ||
	    !can_wait(call, pause_after(error, attempt))) {
		scope->error = *error;
		return -1;
	}
	dl_tool_note(call->tool, "%s: %s; it has not arrived, trying again",
		     dl_text_quote(&scope->arena, upload->name), error->message);
	dl_time_sleep_ms(pause_after(error, attempt));
	return 0;
}

int dl_publish_put(struct dl_scope *scope, const struct dl_call *call, const struct dl_publish_steps *steps,
		   const struct dl_edition *edition, const struct dl_upload *upload, struct dl_sink *sink)
{
	struct dl_error error;
	int attempt, result, presence;

	for (attempt = 0;; attempt++) {
		if (check_unchanged(scope, upload))
			return -1;
		result = steps->put(scope, call->target, edition, upload, sink);
		if (result == 0 && check_unchanged(scope, upload))
			return -1;
		if (result >= 0)
			return result == 0 ? DL_ACTION_UPLOADED : DL_ACTION_PLANNED;
		if (!may_be_there(&scope->error))
			return -1;
		error = dl_fail_take(scope, &scope->arena);
		presence = look_again(scope, call, &error, steps->stat, edition, upload);
		if (presence == DL_PRESENCE_SAME)
			return may_pass(&error) ? DL_ACTION_UPLOADED : DL_ACTION_SKIPPED;
		if (try_again(scope, call, upload, &error, presence, attempt))
			return -1;
	}
}

int dl_publish_finish(struct dl_scope *scope, const struct dl_call *call,
		      const struct dl_publish_steps *steps, const struct dl_edition *edition,
		      const struct dl_upload *upload)
{
	struct dl_error error;
	int attempt, result, presence;

	for (attempt = 0;; attempt++) {
		result = steps->finish(scope, call->target, edition);
		if (result >= 0 || !may_pass(&scope->error))
			return result;
		error = dl_fail_take(scope, &scope->arena);
		presence = look_again(scope, call, &error, steps->verify ? steps->verify : steps->stat,
				      edition, upload);
		if (presence == DL_PRESENCE_SAME)
			return 0;
		if (try_again(scope, call, upload, &error, presence, attempt))
			return -1;
	}
}

/* ---- reading back ---- */

int dl_publish_verify(struct dl_scope *scope, const struct dl_call *call,
		      const struct dl_publish_steps *steps, const struct dl_edition *edition,
		      const struct dl_upload *upload, int64_t patience_ms)
{
	int64_t until = dl_time_clock_ms() + patience_ms;
	struct dl_scope question;
	int attempt, presence;

	for (attempt = 0;; attempt++) {
		dl_scope_open(&question, scope);
		presence = (steps->verify ? steps->verify : steps->stat)(&question, call->target, edition,
									 upload);
		if (dl_scope_close(&question))
			return -1;
		if (presence == DL_PRESENCE_SAME || presence == DL_PRESENCE_UNKNOWN)
			return 0;
		if (presence == DL_PRESENCE_DIFFERENT)
			return dl_fail(scope, DL_REFUSED, "what is there now is another file");
		if (dl_time_clock_ms() + pause_of(attempt) > until ||
		    dl_tool_expired(call->tool, pause_of(attempt))) {
			dl_fail(scope, DL_PENDING, "it was taken, and cannot be seen yet");
			return dl_fail_hint(scope, "the same command asks again, and sends nothing twice");
		}
		dl_tool_progress(call->tool, "waiting until %s is seen", upload->name);
		dl_time_sleep_ms(pause_of(attempt));
	}
}
