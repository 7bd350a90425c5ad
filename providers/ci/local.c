/* The embedded CI system: no server, no account. The executable files directly in .devloop/ci/ of a commit
 * are its workflows. A run is one of them executed in a clean checkout of the commit (local_run.h) and a
 * folder that tells of it (local_store.h). It has one job, the run itself: job 4 is run 4 as its newest
 * attempt has it, job 4.1 as its first attempt left it.
 *
 * A workflow is code of the repository, and `git clone` brings code of strangers. It is executed only when
 * the user has named this provider himself, never because a repository looks as if it had one.
 *
 * A record that is damaged is a failure, also where runs are listed: a run that is silently left out may be
 * the one that failed. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/base/writer.h"
#include "lib/data/json.h"
#include "lib/git/repo.h"
#include "lib/provider/inputs.h"
#include "lib/provider/query.h"
#include "providers/ci/local_artifact.h"
#include "providers/ci/local_commit.h"
#include "providers/ci/local_run.h"
#include "providers/ci/local_store.h"
#include "providers/providers.h"
#include "providers/registry/local.h"

enum {
	CHUNK = 64 << 10,
	INPUTS_CAP = 64 << 10, /* all inputs of a run, as JSON: so the record has room for the rest */
	CANCEL_WAIT_MS = 1000, /* a cancelled run is shown as cancelled when that takes no longer */
	CANCEL_SLICE_MS = 20,
};

static const char *const tree[] = {DL_LOCAL_COMMIT_FOLDER, NULL};

static const char *quote(struct dl_scope *scope, const char *text)
{
	return dl_text_quote(&scope->arena, text);
}

/* Workflows */

static int configured(struct dl_scope *scope, const struct dl_target *target, const char *sha)
{
	struct dl_scope attempt;
	struct dl_names names;
	int result = -1;

	(void)scope;
	dl_scope_open(&attempt, NULL);
	if (!sha)
		sha = dl_local_commit_tip(&attempt, target, NULL);
	if (sha && dl_local_commit_workflows(&attempt, target, sha, &names) == 0)
		result = names.count > 0;
	dl_scope_close(&attempt);
	return result;
}

static int put_workflow(struct dl_scope *scope, const struct dl_target *target, const char *name,
			struct dl_sink *sink)
{
	struct dl_workflow *workflow = dl_schema_new(scope, &dl_record_workflow);

	workflow->head = dl_provider_head(&scope->arena, target, "workflow", name);
	workflow->id = workflow->name = name;
	workflow->path = dl_arena_format(&scope->arena, "%s%s", DL_LOCAL_COMMIT_FOLDER, name);
	workflow->state = "active";
	workflow->triggers = "trigger";
	return dl_sink_put(sink, scope, &dl_record_workflow, workflow);
}

static int workflows(struct dl_scope *scope, const struct dl_target *target, struct dl_sink *sink)
{
	const char *sha = dl_local_commit_tip(scope, target, NULL);
	struct dl_names names;
	int result = DL_MORE;
	size_t i;

	if (!sha || dl_local_commit_workflows(scope, target, sha, &names))
		return -1;
	for (i = 0; result == DL_MORE && i < names.count; i++)
		result = put_workflow(scope, target, names.items[i], sink);
	return result;
}

/* Reading runs */

static int runs(struct dl_scope *scope, const struct dl_target *target, const struct dl_run_query *query,
		struct dl_sink *sink)
{
	struct dl_local_store_list list;
	struct dl_query_sink filter;
	struct dl_scope page;
	int result = DL_MORE;
	struct dl_run *run;
	size_t i;

	dl_query_sink(&filter, query, sink);
	if (dl_local_store_list(scope, target, &list))
		return -1;
	for (i = 0; result == DL_MORE && i < list.count; i++) {
		dl_scope_open(&page, scope);
		run = dl_local_store_read(&page, list.folders[i]);
		if (run)
			result = dl_sink_put(&filter.sink, &page, &dl_record_run, run);
		else if (page.error.class == DL_MISSING)
			dl_fail_take(&page, &page.arena);
		if (dl_scope_close(&page))
			result = -1;
	}
	return result;
}

static struct dl_run *read_run(struct dl_scope *scope, const struct dl_target *target, const char *id)
{
	const char *folder = dl_local_store_folder(scope, target, id);

	return folder ? dl_local_store_read(scope, folder) : NULL;
}

static int run(struct dl_scope *scope, const struct dl_target *target, const char *id, struct dl_sink *sink)
{
	const struct dl_run *found = read_run(scope, target, id);

	return found ? dl_sink_put(sink, scope, &dl_record_run, found) : -1;
}

/* What a job's id names. */
struct attempt {
	const char *folder;
	const struct dl_run *run; /* as the attempt has it */
	bool newest;
};

/* Finds attempt NUMBER (0: the newest) of run ID. */
static int find_attempt(struct dl_scope *scope, const struct dl_target *target, const char *id,
			int64_t number, struct attempt *attempt)
{
	const struct dl_run *newest = read_run(scope, target, id);

	if (!newest)
		return -1;
	attempt->folder = dl_local_store_folder(scope, target, id);
	attempt->run = dl_local_store_read_attempt(scope, attempt->folder, newest, number);
	attempt->newest = attempt->run == newest;
	return attempt->run ? 0 : -1;
}

/* The same for job ID, "RUN" or "RUN.ATTEMPT". */
static int find_job(struct dl_scope *scope, const struct dl_target *target, const char *id,
		    struct attempt *attempt)
{
	const char *dot = strchrnul(id, '.'), *run_id = dl_arena_copy(&scope->arena, id, (size_t)(dot - id));
	int64_t number = *dot ? dl_text_int(dot + 1) : 0;

	if (*dot && number < 1) {
		dl_fail(scope, DL_USAGE, "'%s' is not the number of a job", quote(scope, id));
		return -1;
	}
	return find_attempt(scope, target, run_id, number, attempt);
}

static int put_job(struct dl_scope *scope, const struct dl_target *target, const struct attempt *attempt,
		   struct dl_sink *sink)
{
	const struct dl_run *run = attempt->run;
	struct dl_job *job = dl_record_job_of(scope, run);

	if (!attempt->newest)
		job->id = dl_arena_format(&scope->arena, "%s.%" PRId64, run->id, run->attempt);
	job->ref = dl_provider_ref(&scope->arena, target, "job", job->id);
	job->metadata = run->metadata;
	return dl_sink_put(sink, scope, &dl_record_job, job);
}

static int jobs(struct dl_scope *scope, const struct dl_target *target, const char *id, int64_t number,
		struct dl_sink *sink)
{
	struct attempt attempt;

	if (find_attempt(scope, target, id, number, &attempt))
		return -1;
	return put_job(scope, target, &attempt, sink);
}

static int job(struct dl_scope *scope, const struct dl_target *target, const char *id, struct dl_sink *sink)
{
	struct attempt attempt;

	if (find_job(scope, target, id, &attempt))
		return -1;
	return put_job(scope, target, &attempt, sink);
}

/* Logs */

/* Writes what FD has from the cursor on. A log that grows meanwhile has an end all the same: the one it had
 * at the beginning. */
static int copy_log(struct dl_scope *scope, int fd, struct dl_log_cursor *cursor,
		    struct dl_writer *writer)
{
	char chunk[CHUNK];
	struct stat st;
	ssize_t count;
	int result;

	if (fstat(fd, &st) < 0)
		return dl_fail_errno(scope, "cannot read the log");
	while (cursor->offset < st.st_size) {
		count = pread(fd, chunk, sizeof chunk, cursor->offset);
		if (count < 0 && errno != EINTR)
			return dl_fail_errno(scope, "cannot read the log");
		if (count == 0)
			break;
		if (count < 0)
			continue;
		result = writer->write(writer, scope, chunk, (size_t)count);
		if (result != DL_MORE)
			return result;
		cursor->offset += count;
	}
	return 0;
}

/* Whether the log is complete is asked before it is read: what is written between the two is not lost that
 * way. */
static int read_log(struct dl_scope *scope, const struct dl_target *target, const char *id,
		    struct dl_log_cursor *cursor, struct dl_writer *writer)
{
	struct attempt attempt;
	const char *path;
	int fd, result;

	if (find_job(scope, target, id, &attempt))
		return -1;
	cursor->more = attempt.run->status != DL_COMPLETED;
	path = dl_local_store_log(scope, attempt.folder, attempt.run->attempt);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 && errno == ENOENT && cursor->more)
		return 0;
	if (fd < 0 && errno == ENOENT)
		return dl_fail(scope, DL_MISSING, "the log of run %s is gone", attempt.run->id);
	if (fd < 0)
		return dl_fail_errno(scope, "cannot open the log of run %s", attempt.run->id);
	result = copy_log(scope, fd, cursor, writer);
	close(fd);
	return result;
}

/* Starting runs */

/* Says what would have been done. Returns 1. */
static int instead(const char *what)
{
	fprintf(stderr, "%s: would %s\n", program_invocation_short_name, what);
	return 1;
}

static int would_run(struct dl_scope *scope, const char *workflow, const char *sha)
{
	const char *path = dl_arena_format(&scope->arena, "%s%s", DL_LOCAL_COMMIT_FOLDER, workflow);

	return instead(dl_arena_format(&scope->arena, "run %s at %s", path, sha));
}

static int check_asked(struct dl_scope *scope, const struct dl_target *target)
{
	if (target->asked)
		return 0;
	dl_fail(scope, DL_REFUSED, "this executes code of this repository: only when you ask for it");
	return dl_fail_hint(scope, "if you trust it: -p local, or git config devloop.ci local");
}

/* Whether two inputs would be the same variable of the workflow's environment. */
static bool is_same_input(const char *one, const char *other)
{
	for (; *one && *other; one++, other++)
		if (strncasecmp(one, other, 1) != 0 && !(strchr("-_", *one) && strchr("-_", *other)))
			return false;
	return !*one && !*other;
}

static int check_inputs(struct dl_scope *scope, const struct dl_trigger *trigger)
{
	const struct dl_input *inputs = trigger->inputs;
	size_t i, j;

	for (i = 0; i < trigger->input_count; i++) {
		if (!dl_local_store_is_input(inputs[i].name)) {
			dl_fail(scope, DL_USAGE, "no input is called '%s'", quote(scope, inputs[i].name));
			return dl_fail_hint(scope,
					    "letters, digits, '_' and '-' make a name, no digit first");
		}
		for (j = 0; j < i; j++)
			if (is_same_input(inputs[i].name, inputs[j].name))
				return dl_fail(scope, DL_USAGE, "input %s is given twice", inputs[i].name);
	}
	return 0;
}

/* The commit's subject and the inputs, as the metadata of a run. */
static const char *encode_metadata(struct dl_scope *scope, const struct dl_trigger *trigger,
				   const char *subject)
{
	struct dl_buf text;

	dl_buf_init(&text, &scope->arena, INPUTS_CAP);
	dl_buf_puts(&text, "{\"title\":");
	dl_json_quote(&text, subject, strlen(subject));
	dl_buf_puts(&text, ",\"inputs\":");
	dl_inputs_encode(&text, trigger);
	dl_buf_putc(&text, '}');
	return dl_buf_check(scope, &text, "the list of inputs") ? NULL : text.data;
}

/* Who is at work here. */
static const char *find_actor(struct dl_scope *scope, const struct dl_target *target)
{
	const char *name = dl_repo_config(scope, target->repo, "user.name");
	struct passwd entry, *found = NULL;
	char text[4096];

	if (!name && getpwuid_r(geteuid(), &entry, text, sizeof text, &found) == 0 && found)
		name = dl_arena_string(&scope->arena, found->pw_name);
	return name;
}

static struct dl_run *new_run(struct dl_scope *scope, const struct dl_target *target,
			      const struct dl_trigger *trigger, const char *sha)
{
	struct dl_run *made = dl_schema_new(scope, &dl_record_run);
	const char *event = getenv("DL_EVENT"), *subject = dl_repo_subject(scope, target->repo, sha);

	made->head = dl_provider_head(&scope->arena, target, NULL, NULL);
	made->attempt = 1;
	made->name = made->workflow = trigger->workflow;
	made->branch = trigger->branch ? trigger->branch : dl_local_commit_branch(scope, target, sha);
	made->sha = sha;
	made->event = event && dl_text_is_name(event) ? event : "trigger";
	made->actor = find_actor(scope, target);
	made->status = DL_QUEUED;
	made->raw_status = "queued";
	made->needs_action = 0;
	made->created_at = dl_time_now();
	made->metadata = encode_metadata(scope, trigger,
					 subject ? dl_text_quote(&scope->arena, subject) : "");
	return made->metadata ? made : NULL;
}

static int start(struct dl_scope *scope, const struct dl_target *target, const char *folder, int lock,
		 const struct dl_run *queued, struct dl_sink *sink)
{
	if (dl_local_run_start(scope, dl_repo_common_dir(target->repo), folder, lock, queued))
		return -1;
	dl_http_changed(target->http, "start", queued->ref, DL_INT_NONE);
	return dl_sink_put(sink, scope, &dl_record_run, queued);
}

/* Nobody sees the new folder as a run before its lock is taken and its record written. */
static int add_run(struct dl_scope *scope, const struct dl_target *target, struct dl_run *made,
		   struct dl_sink *sink)
{
	const char *folder = dl_local_store_add(scope, target);
	int lock = folder ? dl_local_store_lock(scope, folder, DL_LOCAL_STORE_WAIT_MS) : -1;

	if (lock < 0)
		return -1;
	made->id = dl_local_store_id(folder);
	made->number = dl_text_int(made->id);
	made->ref = dl_provider_ref(&scope->arena, target, "run", made->id);
	if (dl_local_store_write(scope, folder, made)) {
		close(lock);
		return -1;
	}
	dl_local_store_prune(target);
	return start(scope, target, folder, lock, made, sink);
}

static int trigger_run(struct dl_scope *scope, const struct dl_target *target,
		       const struct dl_trigger *trigger, struct dl_sink *sink)
{
	struct dl_trigger named = *trigger;
	struct dl_run *made;
	const char *sha;

	/* A workflow may also be called by its file. */
	if (dl_text_starts(named.workflow, DL_LOCAL_COMMIT_FOLDER))
		named.workflow += strlen(DL_LOCAL_COMMIT_FOLDER);
	if (check_asked(scope, target) || check_inputs(scope, &named))
		return -1;
	if (named.sha)
		sha = dl_repo_resolve(scope, target->repo, named.sha);
	else
		sha = dl_local_commit_tip(scope, target, named.branch);
	if (!sha || dl_local_commit_check(scope, target, sha, named.workflow))
		return -1;
	if (target->dry_run)
		return would_run(scope, named.workflow, sha);
	made = new_run(scope, target, &named, sha);
	return made ? add_run(scope, target, made, sink) : -1;
}

/* Acting on runs */

/* The run in FOLDER, when it is over. */
static struct dl_run *read_completed(struct dl_scope *scope, const char *folder)
{
	struct dl_run *found = dl_local_store_read(scope, folder);

	if (!found || found->status == DL_COMPLETED)
		return found;
	dl_fail(scope, DL_REFUSED, "run %s is in progress", found->id);
	dl_fail_hint(scope, "wait for it, or cancel it");
	return NULL;
}

static int check_failed(struct dl_scope *scope, const struct dl_run *over)
{
	if (over->conclusion != DL_SUCCESS && over->conclusion != DL_SKIPPED)
		return 0;
	dl_fail(scope, DL_REFUSED, "nothing failed in run %s", over->id);
	return dl_fail_hint(scope, "it can be run again as a whole");
}

/* Between the two readings somebody else may have run it again: only the one that is made under the lock
 * counts. */
static int rerun(struct dl_scope *scope, const struct dl_target *target, const char *id, bool failed,
		 struct dl_sink *sink)
{
	const char *folder = dl_local_store_folder(scope, target, id);
	struct dl_run *again = folder ? read_completed(scope, folder) : NULL;
	int lock;

	if (!again || check_asked(scope, target) || (failed && check_failed(scope, again)))
		return -1;
	if (target->dry_run)
		return would_run(scope, again->workflow, again->sha);
	lock = dl_local_store_lock(scope, folder, DL_LOCAL_STORE_WAIT_MS);
	if (lock < 0)
		return -1;
	again = read_completed(scope, folder);
	if (!again || (failed && check_failed(scope, again)) || dl_local_store_next(scope, folder, again)) {
		close(lock);
		return -1;
	}
	return start(scope, target, folder, lock, again, sink);
}

static int cancel(struct dl_scope *scope, const struct dl_target *target, const char *id, bool force,
		  struct dl_sink *sink)
{
	const char *what = force ? "kill" : "cancel";
	const char *folder = dl_local_store_folder(scope, target, id);
	struct dl_run *found = folder ? dl_local_store_read(scope, folder) : NULL;
	int64_t deadline = dl_time_clock_ms() + CANCEL_WAIT_MS;

	if (!found)
		return -1;
	if (found->status == DL_COMPLETED)
		return dl_fail(scope, DL_REFUSED, "run %s is over", found->id);
	if (target->dry_run)
		return instead(dl_arena_format(&scope->arena, "%s run %s", what, found->id));
	if (dl_local_store_ask(scope, folder, force ? DL_LOCAL_STORE_KILL : DL_LOCAL_STORE_CANCEL))
		return -1;
	dl_http_changed(target->http, what, found->ref, DL_INT_NONE);
	while (found && found->status != DL_COMPLETED && dl_time_clock_ms() < deadline) {
		dl_time_sleep_ms(CANCEL_SLICE_MS);
		found = dl_local_store_read(scope, folder);
	}
	return found ? dl_sink_put(sink, scope, &dl_record_run, found) : -1;
}

static const struct dl_ci ci = {
	.runs = runs,
	.run = run,
	.jobs = jobs,
	.job = job,
	.log_grows = true,
	.log = read_log,
	.configured = configured,
	.tip = dl_local_commit_tip,
	.workflows = workflows,
	.trigger = trigger_run,
	.rerun = rerun,
	.cancel = cancel,
	.artifacts = dl_local_artifact_list,
	.artifact = dl_local_artifact_one,
	.download = dl_local_artifact_download,
};

/* As in providers/table.c. */
#pragma weak dl_local_registry

const struct dl_provider dl_local = {
	.name = "local",
	.title = "this machine",
	.tree = tree,
	.serverless = true,
	.run_env = "DL_RUN_ID",
	.ci = &ci,
	.forge = &dl_local_forge,
	.registry = &dl_local_registry,
};
