#include "lib/sync/sync_status.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/file.h"
#include "lib/base/folder.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/data/json.h"
#include "lib/data/opt.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/program/tool.h"

enum { PAUSE_MS = 200, MOST_BYTES = 256 << 20 };

static const char *quote(struct dl_scope *scope, const char *text)
{
	return dl_text_quote(&scope->arena, text);
}

const char *dl_sync_status_path(struct dl_scope *scope, const char *shard)
{
	const char *folder = dl_folder_state(scope);
	char *part = dl_arena_format(&scope->arena, "%s%s", shard ? "." : "", shard ? shard : ""), *slash;

	if (!folder) {
		dl_fail(scope, DL_CONFIG, "the status cannot be kept: there is no home folder");
		dl_fail_hint(scope, "set HOME or XDG_STATE_HOME, or say --status-file");
		return NULL;
	}
	slash = strchr(part, '/');
	if (slash)
		*slash = '-';
	return dl_arena_format(&scope->arena, "%s/sync-status%s.json", folder, part);
}

/* The folder that PATH stands in. */
static const char *folder_of(struct dl_scope *scope, const char *path)
{
	const char *slash = strrchr(path, '/');

	return !slash	       ? "."
	       : slash == path ? "/"
			       : dl_arena_copy(&scope->arena, path, (size_t)(slash - path));
}

int dl_sync_status_lock(struct dl_scope *scope, const char *path, int64_t deadline_ms)
{
	const char *name = dl_arena_format(&scope->arena, "%s.lock", path);
	int fd;

	if (dl_file_mkdirs(scope, folder_of(scope, path), 0700))
		return -1;
	fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return dl_fail_errno(scope, "cannot open %s", quote(scope, name));
	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno == EWOULDBLOCK && dl_time_clock_ms() < deadline_ms) {
			dl_time_sleep_ms(PAUSE_MS);
			continue;
		}
		if (errno == EWOULDBLOCK)
			dl_fail(scope, DL_PENDING, "another dl-sync is at work, by the lock %s",
				quote(scope, name));
		else
			dl_fail_errno(scope, "cannot lock %s", quote(scope, name));
		dl_fail_hint(scope, "--wait waits for it");
		close(fd);
		return -1;
	}
	return fd;
}

/* ------------------------------------------------------------------ writing */

static void put_text(FILE *file, const char *text)
{
	struct dl_scope scope;
	struct dl_buf buf;

	dl_scope_open(&scope, NULL);
	dl_buf_init(&buf, &scope.arena, DL_CAP_LINE);
	if (text)
		dl_json_quote(&buf, text, strlen(text));
	fputs(text && !buf.overflow ? buf.data : "null", file);
	dl_scope_close(&scope);
}

static void put_member(FILE *file, const char *key, const char *text)
{
	if (!text)
		return;
	fprintf(file, ",\"%s\":", key);
	put_text(file, text);
}

int dl_sync_status_begin(struct dl_scope *scope, struct dl_sync_status *status, const char *path,
			 const char *action)
{
	*status = (struct dl_sync_status){.path = path};
	status->temporary = dl_arena_format(&scope->arena, "%s.new", path);
	unlink(status->temporary);
	status->file = fopen(status->temporary, "wxe");
	if (!status->file)
		return dl_fail_errno(scope, "cannot write %s", quote(scope, status->temporary));
	fprintf(status->file, "{\"timestamp\":\"%s\",\"action\":\"%s\",\"results\":{",
		dl_time_format(&scope->arena, dl_time_now()), action);
	return 0;
}

void dl_sync_status_add(struct dl_sync_status *status, const struct dl_sync_line *line, const char *message)
{
	FILE *file = status->file;

	if (!file)
		return;
	fputs(status->count++ ? ",\n" : "\n", file);
	put_text(file, line->name);
	fprintf(file, ":{\"success\":%s",
		line->action == DL_SYNC_SKIPPED || line->action == DL_SYNC_FAILED ? "false" : "true");
	put_member(file, "message", message);
	put_member(file, "action", dl_record_sync_words[line->action]);
	put_member(file, "reason", line->reason);
	put_member(file, "path", line->path);
	put_member(file, "tier", line->tier);
	put_member(file, "new_sha", line->new_sha);
	fputc('}', file);
}

int dl_sync_status_end(struct dl_scope *scope, struct dl_sync_status *status,
		       const struct dl_summary *summary)
{
	FILE *file = status->file;
	bool bad;

	if (!file)
		return 0;
	status->file = NULL;
	fprintf(file,
		"\n},\"summary\":{\"total\":%lld,\"succeeded\":%lld,\"failed\":%lld,\"skipped\":%lld}}\n",
		(long long)summary->total, (long long)summary->succeeded, (long long)summary->failed,
		(long long)summary->skipped);
	bad = fflush(file) != 0 || ferror(file) || fsync(fileno(file)) < 0;
	if (fclose(file) == 0 && !bad && rename(status->temporary, status->path) == 0)
		return 0;
	dl_fail_errno(scope, "cannot write %s", quote(scope, status->path));
	unlink(status->temporary);
	return -1;
}

/* ------------------------------------------------------------------ reading */

/* A result, and when it was. */
struct result {
	const struct dl_json *node;
	int64_t time;
	size_t index; /* in the order of the files */
};

static int compare_results(const void *left, const void *right)
{
	const struct result *a = left, *b = right;
	int order = strcmp(a->node->key, b->node->key);

	if (order == 0 && a->time != b->time)
		return a->time < b->time ? -1 : 1;
	return order ? order : (a->index > b->index) - (a->index < b->index);
}

struct results {
	struct result *items;
	size_t count;
};

static int read_file(struct dl_scope *scope, struct dl_tool *tool, const char *path, struct results *results)
{
	const struct dl_json *root, *node;
	size_t len, size = sizeof *results->items;
	char *text = dl_file_read(scope, path, MOST_BYTES, &len);
	int64_t time;

	if (!text)
		return -1;
	root = dl_json_parse(scope, text, len);
	if (!root)
		return dl_fail_prefix(scope, "%s", quote(scope, path));
	node = dl_json_get(root, "results");
	time = dl_time_parse(dl_json_text(root, "timestamp"));
	if (!node || node->type != DL_JSON_OBJECT)
		return dl_fail(scope, DL_DATA, "%s is no status file", quote(scope, path));
	if (tool->out.mode == DL_OUT_TABLE && time != DL_TIME_NONE)
		dl_tool_note(tool, "%s is of %s", quote(scope, path), dl_time_format(&scope->arena, time));
	for (node = node->child; node; node = node->next) {
		/* Doubled whenever the count is a power of two. */
		if ((results->count & (results->count - 1)) == 0)
			results->items = dl_arena_grow(&scope->arena, results->items, results->count * size,
						       (results->count ? results->count * 2 : 1) * size);
		results->items[results->count] = (struct result){node, time, results->count};
		results->count++;
	}
	return 0;
}

/* The action of a result; a file of another program may only say whether it was a success. */
static int action_of(const struct dl_json *node)
{
	const char *word = dl_json_text(node, "action");
	int i;

	for (i = 1; word && dl_record_sync_words[i]; i++)
		if (strcmp(dl_record_sync_words[i], word) == 0)
			return i;
	return dl_json_bool(dl_json_get(node, "success")) == 1 ? DL_SYNC_UNCHANGED : DL_SYNC_FAILED;
}

static int put_result(struct dl_scope *scope, const struct dl_json *node, struct dl_sink *sink,
		      struct dl_sync_status *status, struct dl_summary *summary)
{
	struct dl_sync_line *line = dl_schema_new(scope, &dl_record_sync);
	const char *message = dl_json_text(node, "message");
	struct dl_error error = {.message = message ? message : "it failed"};

	line->name = node->key;
	line->action = action_of(node);
	line->reason = dl_json_text(node, "reason");
	line->path = dl_json_text(node, "path");
	line->tier = dl_json_text(node, "tier");
	line->new_sha = dl_json_text(node, "new_sha");
	error.class = line->action == DL_SYNC_FAILED ? dl_fail_class(line->reason) : DL_REFUSED;
	if (error.class == DL_BUG)
		error.class = DL_REFUSED;
	if (line->action == DL_SYNC_SKIPPED || line->action == DL_SYNC_FAILED)
		line->error = dl_record_failure(&scope->arena, &error);
	summary->total++;
	summary->failed += line->action == DL_SYNC_FAILED;
	summary->skipped += line->action == DL_SYNC_SKIPPED;
	summary->succeeded = summary->total - summary->failed - summary->skipped;
	if (status)
		dl_sync_status_add(status, line, message);
	return dl_sink_put(sink, scope, &dl_record_sync, line);
}

int dl_sync_status_tell(struct dl_scope *scope, struct dl_tool *tool, const struct dl_summary *summary)
{
	const char *seconds = summary->duration_s;

	if (tool->out.mode == DL_OUT_LINES && !tool->common.dry_run)
		return dl_sink_put(&tool->out.sink, scope, &dl_record_summary, summary);
	if (tool->out.mode == DL_OUT_TABLE)
		dl_tool_note(tool, "%lld in step, %lld skipped, %lld failed%s%s%s",
			     (long long)summary->succeeded, (long long)summary->skipped,
			     (long long)summary->failed, seconds ? ", in " : "", seconds ? seconds : "",
			     seconds ? " s" : "");
	return DL_MORE;
}

int dl_sync_status_show(struct dl_scope *scope, struct dl_tool *tool, const struct dl_opt_list *paths,
			struct dl_sync_status *status, struct dl_summary *summary)
{
	struct results results = {.count = 0};
	struct dl_scope piece;
	int result = DL_MORE;
	size_t i;

	*summary = *(struct dl_summary *)dl_schema_new(scope, &dl_record_summary);
	summary->action = "status";
	summary->total = summary->succeeded = summary->failed = summary->skipped = 0;
	for (i = 0; i < paths->count; i++)
		if (read_file(scope, tool, paths->items[i], &results))
			return -1;
	if (results.count)
		qsort(results.items, results.count, sizeof *results.items, compare_results);
	for (i = 0; i < results.count && result == DL_MORE; i++) {
		if (i + 1 < results.count &&
		    strcmp(results.items[i].node->key, results.items[i + 1].node->key) == 0)
			continue;
		dl_scope_open(&piece, scope);
		result = put_result(&piece, results.items[i].node, &tool->out.sink, status, summary);
		if (dl_scope_close(&piece))
			return -1;
	}
	return result == DL_MORE ? dl_sync_status_tell(scope, tool, summary) : result;
}
