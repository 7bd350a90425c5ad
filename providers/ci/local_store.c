/* Who is alive is asked of the kernel, not of a process id: the runner holds a lock on a file of its run,
 * which ends with it however it ends. Readers take that lock, shared, only where a record says that somebody
 * should be holding it; what the record says once the lock is theirs is the last word.
 *
 * The checkout is not in the run's folder: programs exist that find nothing to do below a folder named
 * ".git" (jest). It lies in the user's cache, under a name that the run's folder determines, so that one
 * left behind is found again. A path stored in the run's folder would be a path that somebody else may have
 * chosen for us to remove. */
#include "providers/ci/local_store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/file.h"
#include "lib/base/folder.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/base/url.h"
#include "lib/data/json.h"
#include "lib/git/repo.h"
#include "lib/provider/provider.h"

enum { ID_DIGITS = 15, LOCK_SLICE_MS = 10 };

/* What a run printed is for its user alone. */
enum { FOLDER_MODE = 0700, FILE_MODE = 0600 };

static const char *quote(struct dl_scope *scope, const char *text)
{
	return dl_text_quote(&scope->arena, text);
}

static const char *in(struct dl_scope *scope, const char *folder, const char *name)
{
	return dl_arena_format(&scope->arena, "%s/%s", folder, name);
}

/* Folders */

static bool is_id(const char *text)
{
	size_t len = strspn(text, "0123456789");

	return len >= 1 && len <= ID_DIGITS && !text[len] && text[0] != '0';
}

static const char *runs_folder(struct dl_scope *scope, const struct dl_target *target)
{
	return dl_arena_format(&scope->arena, "%sdevloop/runs", dl_repo_common_dir(target->repo));
}

const char *dl_local_store_folder(struct dl_scope *scope, const struct dl_target *target, const char *id)
{
	if (is_id(id))
		return in(scope, runs_folder(scope, target), id);
	dl_fail(scope, DL_USAGE, "'%s' is not the number of a run", quote(scope, id));
	return NULL;
}

const char *dl_local_store_id(const char *folder)
{
	return strrchr(folder, '/') + 1;
}

static int newest_first(const void *a, const void *b)
{
	int64_t one = *(const int64_t *)a, other = *(const int64_t *)b;

	return (one < other) - (one > other);
}

/* The numbers of all runs in the folder RUNS, newest first. */
struct numbers {
	int64_t *items;
	size_t count;
};

static void grow(struct dl_scope *scope, struct numbers *numbers, size_t *room)
{
	size_t more = *room ? *room * 2 : 256, size = sizeof *numbers->items;

	numbers->items = dl_arena_grow(&scope->arena, numbers->items, *room * size, more * size);
	*room = more;
}

static int read_numbers(struct dl_scope *scope, const char *runs, struct numbers *numbers)
{
	DIR *stream = opendir(runs);
	struct dirent *entry;
	size_t room = 0;

	memset(numbers, 0, sizeof *numbers);
	if (!stream)
		return errno == ENOENT ? 0 : dl_fail_errno(scope, "cannot read %s", quote(scope, runs));
	while ((entry = readdir(stream))) {
		if (!is_id(entry->d_name))
			continue;
		if (numbers->count == room)
			grow(scope, numbers, &room);
		numbers->items[numbers->count++] = dl_text_int(entry->d_name);
	}
	closedir(stream);
	if (numbers->count)
		qsort(numbers->items, numbers->count, sizeof *numbers->items, newest_first);
	return 0;
}

int dl_local_store_list(struct dl_scope *scope, const struct dl_target *target,
			struct dl_local_store_list *list)
{
	const char *runs = runs_folder(scope, target), **folders;
	struct numbers numbers;
	size_t i;

	memset(list, 0, sizeof *list);
	if (read_numbers(scope, runs, &numbers))
		return -1;
	folders = dl_arena_array(&scope->arena, numbers.count, sizeof *folders);
	for (i = 0; i < numbers.count; i++)
		folders[i] = dl_arena_format(&scope->arena, "%s/%" PRId64, runs, numbers.items[i]);
	list->folders = folders;
	list->count = numbers.count;
	return 0;
}

const char *dl_local_store_add(struct dl_scope *scope, const struct dl_target *target)
{
	const char *runs = runs_folder(scope, target), *folder;
	struct numbers numbers;
	int64_t number;

	if (dl_file_mkdirs(scope, runs, FOLDER_MODE) || read_numbers(scope, runs, &numbers))
		return NULL;
	for (number = numbers.count ? numbers.items[0] + 1 : 1;; number++) {
		folder = dl_arena_format(&scope->arena, "%s/%" PRId64, runs, number);
		if (mkdir(folder, FOLDER_MODE) == 0)
			return folder;
		if (errno != EEXIST)
			break;
	}
	dl_fail_errno(scope, "cannot create the folder %s", quote(scope, folder));
	return NULL;
}

const char *dl_local_store_checkout(struct dl_scope *scope, const char *folder)
{
	const char *cache = dl_folder_cache(scope);
	struct stat st;

	if (!cache || stat(folder, &st) < 0)
		return in(scope, folder, "checkout");
	return dl_arena_format(&scope->arena, "%s/checkout/%jx-%jx", cache, (uintmax_t)st.st_dev,
			       (uintmax_t)st.st_ino);
}

/* The lock */

/* Network file systems lock for writing only what is open for writing; a reader may lack that right. */
static int open_lock(struct dl_scope *scope, const char *folder)
{
	enum { FLAGS = O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK };
	const char *path = in(scope, folder, "lock");
	int lock = open(path, O_RDWR | O_CREAT | FLAGS, FILE_MODE);

	return lock >= 0 || (errno != EACCES && errno != EROFS) ? lock : open(path, O_RDONLY | FLAGS);
}

int dl_local_store_lock(struct dl_scope *scope, const char *folder, int64_t wait_ms)
{
	int64_t deadline = dl_time_clock_ms() + wait_ms;
	int lock = open_lock(scope, folder);

	if (lock < 0)
		return dl_fail_errno(scope, "cannot open the lock of run %s", dl_local_store_id(folder));
	while (flock(lock, LOCK_EX | LOCK_NB) < 0) {
		if (errno == EWOULDBLOCK && dl_time_clock_ms() < deadline) {
			dl_time_sleep_ms(LOCK_SLICE_MS);
			continue;
		}
		if (errno == EWOULDBLOCK)
			dl_fail(scope, DL_REFUSED, "run %s is in progress", dl_local_store_id(folder));
		else
			dl_fail_errno(scope, "cannot lock run %s", dl_local_store_id(folder));
		close(lock);
		return -1;
	}
	return lock;
}

/* Removes the run with all it has, its record first: without that it is no run. */
static int remove_run(struct dl_scope *scope, const char *folder)
{
	int lock = dl_local_store_lock(scope, folder, 0), result;

	if (lock < 0)
		return -1;
	unlink(in(scope, folder, "record"));
	result = dl_file_remove_tree(scope, dl_local_store_checkout(scope, folder));
	if (result == 0)
		result = dl_file_remove_tree(scope, folder);
	close(lock);
	return result;
}

void dl_local_store_prune(const struct dl_target *target)
{
	struct dl_local_store_list list;
	struct dl_scope scope, attempt;
	size_t i;

	dl_scope_open(&scope, NULL);
	if (dl_local_store_list(&scope, target, &list) == 0) {
		for (i = DL_LOCAL_STORE_KEPT; i < list.count; i++) {
			dl_scope_open(&attempt, NULL);
			remove_run(&attempt, list.folders[i]);
			dl_scope_close(&attempt);
		}
	}
	dl_scope_close(&scope);
}

/* Inputs and metadata */

bool dl_local_store_is_input(const char *name)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
	static const char others[] = "0123456789-";
	size_t len = 0;

	while (name[len] && (strchr(letters, name[len]) || (len && strchr(others, name[len]))))
		len++;
	return len && !name[len];
}

static const struct dl_json *metadata_of(struct dl_scope *scope, const struct dl_run *run)
{
	char *text = dl_arena_string(&scope->arena, run->metadata);

	return text ? dl_json_parse(scope, text, strlen(text)) : NULL;
}

const struct dl_json *dl_local_store_inputs(struct dl_scope *scope, const struct dl_run *run)
{
	const struct dl_json *inputs = dl_json_get(metadata_of(scope, run), "inputs");

	return inputs && inputs->type == DL_JSON_OBJECT ? inputs : NULL;
}

void dl_local_store_explain(struct dl_scope *scope, struct dl_run *run, const char *details)
{
	const struct dl_json *inputs = dl_local_store_inputs(scope, run);
	const char *title = dl_json_text(metadata_of(scope, run), "title");
	struct dl_buf text;

	dl_buf_init(&text, &scope->arena, DL_CAP_LINE);
	dl_buf_puts(&text, "{\"title\":");
	dl_json_quote(&text, title ? title : "", title ? strlen(title) : 0);
	dl_buf_puts(&text, ",\"inputs\":");
	if (inputs)
		dl_json_write(&text, inputs);
	else
		dl_buf_puts(&text, "{}");
	dl_buf_printf(&text, "%s%s}", *details ? "," : "", details);
	run->metadata = text.data;
}

const char *dl_local_store_reason(struct dl_scope *scope, const char *text)
{
	struct dl_buf reason;

	dl_buf_init(&reason, &scope->arena, DL_CAP_LINE);
	dl_buf_puts(&reason, "\"reason\":");
	dl_json_quote(&reason, text, strlen(text));
	return reason.data;
}

/* Records */

const char *dl_local_store_url(struct dl_scope *scope, const char *path)
{
	struct dl_buf url;

	dl_buf_init(&url, &scope->arena, DL_CAP_LINE);
	dl_buf_puts(&url, "file://");
	dl_url_encode(&url, path, "/");
	return url.data;
}

static bool are_inputs(struct dl_scope *scope, const struct dl_run *run)
{
	const struct dl_json *input = dl_local_store_inputs(scope, run);

	for (input = input ? input->child : NULL; input; input = input->next)
		if (input->type != DL_JSON_STRING || !dl_local_store_is_input(input->key))
			return false;
	return true;
}

/* Whether RUN is what this program would have written for run ID: the workflow that it names may be executed
 * again. */
static bool is_sound(struct dl_scope *scope, const struct dl_run *run, const char *id)
{
	const char *ref = dl_arena_format(&scope->arena, "local:/run/%s", id);
	bool named = dl_text_same(run->ref, ref) && dl_text_same(run->provider, "local") && !run->host &&
		     dl_text_same(run->project, "") && dl_text_same(run->id, id);
	bool decided = run->status == DL_COMPLETED;

	return named && run->attempt >= 1 && run->attempt < INT32_MAX &&
	       run->workflow && dl_text_is_name(run->workflow) && run->sha && dl_text_is_sha(run->sha) &&
	       run->status != DL_STATUS_NULL && decided == (run->conclusion != DL_CONCLUSION_NULL) &&
	       are_inputs(scope, run);
}

static struct dl_run *decode(struct dl_scope *scope, const char *folder, char *text, size_t len)
{
	struct dl_run *run = dl_schema_new(scope, &dl_record_run);
	const struct dl_json *node = dl_json_parse(scope, text, len);
	const char *id = dl_local_store_id(folder);

	if (!node || dl_schema_decode(scope, &dl_record_run, node, run))
		return NULL;
	if (!dl_text_same(dl_json_text(node, "type"), dl_record_run.type) || !is_sound(scope, run, id)) {
		dl_fail(scope, DL_DATA, "this is not the record of run %s", id);
		return NULL;
	}
	run->url = dl_local_store_url(scope, dl_local_store_log(scope, folder, run->attempt));
	return run;
}

/* Reads the record NAME of the run. */
static struct dl_run *load(struct dl_scope *scope, const char *folder, const char *name)
{
	const char *path = in(scope, folder, name);
	struct dl_run *run = NULL;
	size_t len;
	char *text = dl_file_read(scope, path, DL_CAP_LINE, &len);

	if (text)
		run = decode(scope, folder, text, len);
	if (run)
		return run;
	if (scope->error.class == DL_MISSING) {
		dl_fail_take(scope, &scope->arena);
		dl_fail(scope, DL_MISSING, "there is no run %s", dl_local_store_id(folder));
	} else if (scope->error.class == DL_DATA) {
		dl_fail_prefix(scope, "%s", quote(scope, path));
		dl_fail_hint(scope, "remove the run: rm -r %s", dl_text_word(&scope->arena, folder));
	}
	return NULL;
}

static void set_lost(struct dl_scope *scope, struct dl_run *run)
{
	static const char lost[] = "the runner is gone: it was killed, or the machine went down";

	run->status = DL_COMPLETED;
	run->conclusion = DL_CANCELLED;
	run->raw_status = "lost";
	dl_local_store_explain(scope, run, dl_local_store_reason(scope, lost));
}

/* Records what is known of a run whose runner is gone, and removes what that left behind. The lock is
 * held. */
static int mend(struct dl_scope *scope, const char *folder)
{
	struct dl_run *run = load(scope, folder, "record");

	if (!run || run->status == DL_COMPLETED)
		return run ? 0 : -1;
	set_lost(scope, run);
	if (dl_local_store_write(scope, folder, run))
		return -1;
	return dl_file_remove_tree(scope, dl_local_store_checkout(scope, folder));
}

/* A reader who may not mend a run, or is not the first, leaves it to others: what it has read is right all
 * the same. */
static void try_to_mend(const char *folder, int lock)
{
	struct dl_scope attempt;

	dl_scope_open(&attempt, NULL);
	if (flock(lock, LOCK_EX | LOCK_NB) == 0)
		mend(&attempt, folder);
	dl_scope_close(&attempt);
}

struct dl_run *dl_local_store_read(struct dl_scope *scope, const char *folder)
{
	struct dl_run *run = load(scope, folder, "record");
	int lock;

	if (!run || run->status == DL_COMPLETED)
		return run;
	lock = open_lock(scope, folder);
	if (lock < 0)
		return run;
	if (flock(lock, LOCK_SH | LOCK_NB) == 0) {
		run = load(scope, folder, "record");
		if (run && run->status != DL_COMPLETED) {
			set_lost(scope, run);
			try_to_mend(folder, lock);
		}
	}
	close(lock);
	return run;
}

static const char *record_name(struct dl_scope *scope, int64_t attempt)
{
	return dl_arena_format(&scope->arena, "record.%" PRId64, attempt);
}

const struct dl_run *dl_local_store_read_attempt(struct dl_scope *scope, const char *folder,
						 const struct dl_run *run, int64_t attempt)
{
	const struct dl_run *old;

	if (!attempt || attempt == run->attempt)
		return run;
	if (attempt < 1 || attempt > run->attempt) {
		dl_fail(scope, DL_MISSING, "run %s has no attempt %" PRId64, run->id, attempt);
		return NULL;
	}
	old = load(scope, folder, record_name(scope, attempt));
	if (!old && scope->error.class == DL_MISSING) {
		dl_fail_take(scope, &scope->arena);
		dl_fail(scope, DL_MISSING, "attempt %" PRId64 " of run %s is gone", attempt, run->id);
	}
	return old;
}

static int write_record(struct dl_scope *scope, const char *folder, const char *name,
			const struct dl_run *run)
{
	struct dl_buf line;

	dl_buf_init(&line, &scope->arena, DL_CAP_LINE);
	dl_schema_encode(&dl_record_run, run, &line);
	dl_buf_putc(&line, '\n');
	if (dl_buf_check(scope, &line, "the record of the run"))
		return -1;
	return dl_file_write(scope, in(scope, folder, name), FILE_MODE, line.data, line.len);
}

int dl_local_store_write(struct dl_scope *scope, const char *folder, struct dl_run *run)
{
	run->updated_at = dl_time_now();
	run->url = dl_local_store_url(scope, dl_local_store_log(scope, folder, run->attempt));
	return write_record(scope, folder, "record", run);
}

int dl_local_store_next(struct dl_scope *scope, const char *folder, struct dl_run *run)
{
	if (write_record(scope, folder, record_name(scope, run->attempt), run))
		return -1;
	unlink(in(scope, folder, "cancel"));
	unlink(in(scope, folder, "kill"));
	run->attempt++;
	run->status = DL_QUEUED;
	run->conclusion = DL_CONCLUSION_NULL;
	run->raw_status = "queued";
	run->started_at = run->completed_at = DL_TIME_NONE;
	run->duration_s = DL_INT_NONE;
	dl_local_store_explain(scope, run, "");
	return dl_local_store_write(scope, folder, run);
}

const char *dl_local_store_log(struct dl_scope *scope, const char *folder, int64_t attempt)
{
	return dl_arena_format(&scope->arena, "%s/log.%" PRId64, folder, attempt);
}

const char *dl_local_store_artifacts(struct dl_scope *scope, const char *folder)
{
	return in(scope, folder, "artifacts");
}

/* Requests */

int dl_local_store_ask(struct dl_scope *scope, const char *folder, enum dl_local_store_request request)
{
	const char *name = request == DL_LOCAL_STORE_KILL ? "kill" : "cancel";

	return dl_file_write(scope, in(scope, folder, name), FILE_MODE, "", 0);
}

enum dl_local_store_request dl_local_store_asked(const char *folder)
{
	enum dl_local_store_request request = DL_LOCAL_STORE_GO_ON;
	struct dl_scope scope;

	dl_scope_open(&scope, NULL);
	if (access(in(&scope, folder, "kill"), F_OK) == 0)
		request = DL_LOCAL_STORE_KILL;
	else if (access(in(&scope, folder, "cancel"), F_OK) == 0)
		request = DL_LOCAL_STORE_CANCEL;
	dl_scope_close(&scope);
	return request;
}
