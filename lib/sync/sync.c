/* One thread begins repositories, in their order, and tells what became of them, in the order in which they
 * finish. What git has to do is done in threads of a pool, each waiting for its child. The number of those
 * that have been begun and are not over is limited, so that memory does not grow with their number. */
#include "lib/sync/sync.h"

#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/pool.h"
#include "lib/base/proc.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/data/event.h"
#include "lib/data/record.h"
#include "lib/git/repo.h"
#include "lib/program/tool.h"
#include "lib/sync/repos.h"
#include "lib/sync/sync_ask.h"
#include "lib/sync/sync_git.h"
#include "lib/sync/sync_host.h"
#include "lib/sync/sync_job.h"
#include "lib/sync/sync_status.h"

enum { MOST_BEGUN = 512, PROGRESS_MS = 100, LOOK_AGAIN_MS = 1000, SSH_SESSIONS = 8 };

/* A repository that has been begun. */
struct begun {
	struct dl_sync_job job; /* first: the pool's item is in it */
	struct dl_sync_host *host;
	struct begun *next; /* that is free */
	struct begun *other; /* of all */
	bool open;           /* its scope is */
};

struct run {
	struct dl_scope *scope;
	struct dl_tool *tool;
	const struct dl_repos *repos;
	const struct dl_sync *sync;
	struct dl_sync_git git;
	struct dl_sync_settings settings;
	struct dl_sync_host *hosts;
	struct dl_sync_ask *ask;
	struct dl_pool *pool;
	struct dl_sync_status status;
	struct dl_summary *summary;
	struct dl_buf failures; /* the lines for .on_failure */
	struct begun *free, *all;
	size_t next;     /* entry to be begun */
	size_t selected, active;
	const char *swept; /* the folder that was looked through last for what others have left */
	int64_t started_ms, told_ms;
	int result;      /* of the sink */
};

/* ------------------------------------------------------------------ telling */

static const char *seconds_since(struct dl_arena *arena, int64_t started_ms)
{
	return dl_event_seconds(arena, dl_time_clock_ms() - started_ms);
}

/* What the status file says of it to people. */
static const char *message_of(const struct dl_sync_job *job)
{
	static const char *const words[] = {NULL, "Cloned", "Updated", "Unchanged"};

	return job->action == DL_SYNC_SKIPPED || job->action == DL_SYNC_FAILED ? job->scope.error.message
										: words[job->action];
}

static void fill_line(struct begun *begun, struct dl_sync_line *line)
{
	const struct dl_sync_job *job = &begun->job;
	const struct dl_repos_entry *entry = job->entry;
	struct dl_arena *arena = &begun->job.scope.arena;

	line->head = dl_sync_host_head(arena, begun->host, entry->project);
	line->name = entry->name;
	line->path = entry->path;
	line->tier = entry->tier;
	line->action = job->action;
	line->reason = job->reason;
	line->old_sha = job->old_sha;
	line->new_sha = job->new_sha;
	line->commits = job->commits;
	line->received_bytes = job->received_bytes;
	line->duration_s = seconds_since(arena, job->started_ms);
	if (job->scope.error.class != DL_OK)
		line->error = dl_record_failure(arena, &job->scope.error);
}

static void show_progress(struct run *run)
{
	int64_t now = dl_time_clock_ms();

	if (now - run->told_ms < PROGRESS_MS || run->tool->common.trace)
		return;
	run->told_ms = now;
	dl_tool_progress(run->tool, "%lld of %zu, %zu under way", (long long)run->summary->total,
			 run->selected, run->active);
}

/* What is not in step is told to people as well, and makes the answer no; that of one alone is the program's.
 */
static void complain(struct run *run, struct begun *begun)
{
	const struct dl_error *error = &begun->job.scope.error;
	const char *name = dl_text_quote(&begun->job.scope.arena, begun->job.entry->name);

	if (error->class == DL_OK)
		return;
	dl_tool_progress(run->tool, NULL);
	dl_program_error(run->tool->program, name, error);
	run->tool->answer = run->sync->alone && begun->job.action == DL_SYNC_FAILED ? error->class : DL_NO;
}

static void count(struct run *run, const struct dl_sync_job *job)
{
	struct dl_summary *summary = run->summary;

	summary->total++;
	summary->failed += job->action == DL_SYNC_FAILED;
	summary->skipped += job->action == DL_SYNC_SKIPPED;
	summary->succeeded = summary->total - summary->failed - summary->skipped;
}

static void keep_failure(struct run *run, const struct dl_sync_line *line)
{
	if (!run->sync->on_failure || !line->error)
		return;
	dl_schema_encode(&dl_record_sync, line, &run->failures);
	dl_buf_putc(&run->failures, '\n');
}

/* A dry run says what would be done. */
static void announce(struct run *run, struct dl_sync_job *job)
{
	bool absent = job->clone.kind == DL_CLONE_ABSENT;

	dl_tool_progress(run->tool, NULL);
	dl_tool_note(run->tool, "would %s %s %s %s", absent ? "clone" : "fetch",
		     dl_text_quote(&job->scope.arena, job->entry->url), absent ? "into" : "for",
		     dl_text_quote(&job->scope.arena, job->clone.dir));
}

/* That a server has it under another name is worth knowing, though nothing is wrong. */
static void tell_move(struct run *run, struct dl_sync_job *job)
{
	struct dl_arena *arena = &job->scope.arena;

	if (job->moved)
		dl_tool_note(run->tool, "%s: it has moved to %s", dl_text_quote(arena, job->entry->name),
			     dl_text_quote(arena, job->moved));
}

/* A row that is seen at once takes the place of the progress; the first ones wait for their widths. */
static void make_room(struct run *run)
{
	const struct dl_out *out = &run->tool->out;

	if (dl_out_rewrites(out->file) && (out->mode != DL_OUT_TABLE || out->widths))
		dl_tool_progress(run->tool, NULL);
}

/* BEGUN is over, one way or another. */
static void end(struct run *run, struct begun *begun)
{
	struct dl_sync_job *job = &begun->job;
	struct dl_sync_line *line;

	if (job->action) {
		line = dl_schema_new(&job->scope, &dl_record_sync);
		fill_line(begun, line);
		complain(run, begun);
		tell_move(run, job);
		count(run, job);
		if (job->action == DL_SYNC_CLONED || job->action == DL_SYNC_UPDATED)
			dl_http_changed(run->tool->http, dl_record_sync_words[job->action], line->path,
					DL_INT_NONE);
		keep_failure(run, line);
		dl_sync_status_add(&run->status, line, message_of(job));
		make_room(run);
		if (run->result == DL_MORE)
			run->result = dl_sink_put(&run->tool->out.sink, run->scope, &dl_record_sync, line);
	} else if (job->dry_run) {
		announce(run, job);
	}
	dl_sync_job_end(job);
	begun->open = false;
	begun->next = run->free;
	run->free = begun;
	run->active--;
	show_progress(run);
}

/* ------------------------------------------------------------------ beginning */

/* The server of ENTRY; NULL: failed. */
static struct dl_sync_host *host_of(struct run *run, const struct dl_repos_entry *entry)
{
	const char *url = dl_sync_git_rewrite(run->scope, &run->settings, entry->url);
	struct dl_sync_host *host = dl_sync_host_find(run->scope, run->hosts, url, entry->host,
						      run->sync->per_host);

	if (host && host->next == run->hosts)
		run->hosts = host;
	return host;
}

/* The credential for ENTRY: that of its own URL, else the server's. */
static const struct dl_sync_login *login_of(struct begun *begun)
{
	const char *text = begun->job.entry->login, *colon = text ? strchr(text, ':') : NULL;
	struct dl_arena *arena = &begun->job.scope.arena;
	struct dl_sync_login *login;

	if (!text)
		return begun->host->login;
	login = dl_arena_alloc(arena, sizeof *login);
	login->origin = dl_arena_format(arena, "%s://%s", begun->host->scheme, begun->host->name);
	login->user = colon ? dl_arena_copy(arena, text, (size_t)(colon - text)) : text;
	login->password = colon ? colon + 1 : "";
	return login;
}

static struct begun *take_free(struct run *run)
{
	struct begun *begun = run->free;

	if (begun) {
		run->free = begun->next;
	} else {
		begun = dl_arena_alloc(&run->scope->arena, sizeof *begun);
		begun->other = run->all;
		run->all = begun;
	}
	*begun = (struct begun){.other = begun->other, .open = true};
	run->active++;
	return begun;
}

/* Removes what runs that were killed have left in the folder that ENTRY stands in; once in a row. */
static void sweep(struct run *run, struct begun *begun)
{
	const char *path = begun->job.entry->path, *slash = strrchr(path, '/');
	const char *folder = dl_arena_format(&begun->job.scope.arena, "%s/%.*s", run->sync->root,
					     slash ? (int)(slash - path) : 0, path);

	if (dl_text_same(folder, run->swept))
		return;
	run->swept = dl_arena_string(&run->scope->arena, folder);
	if (!begun->job.dry_run)
		dl_sync_job_sweep(folder);
}

/* What is not over is for git. A dry run asks no more than whether there is something to do. */
static void go_on(struct run *run, struct begun *begun, enum dl_sync_step step)
{
	if (step == DL_SYNC_DONE || (begun->job.dry_run && begun->job.answered))
		end(run, begun);
	else
		dl_pool_put(run->pool, &begun->host->lane, &begun->job.item);
}

static void begin(struct run *run, const struct dl_repos_entry *entry, struct dl_sync_host *host)
{
	const struct dl_sync *sync = run->sync;
	struct begun *begun = take_free(run);
	struct dl_sync_job *job = &begun->job;
	enum dl_sync_step step;

	begun->host = host;
	dl_scope_open(&job->scope, NULL);
	job->entry = entry;
	job->root = sync->root;
	job->git = &run->git;
	job->login = login_of(begun);
	job->force = sync->force;
	job->dry_run = run->tool->common.dry_run;
	job->lfs = dl_sync_git_setting(&run->settings, "filter.lfs.smudge") != NULL;
	job->started_ms = dl_time_clock_ms();
	sweep(run, begun);
	step = dl_sync_job_look(job);
	if (job->clone.kind == DL_CLONE_ABSENT ? sync->pull : sync->clone) {
		job->action = DL_SYNC_NULL;
		job->dry_run = false;
		dl_fail_take(&job->scope, &job->scope.arena);
		step = DL_SYNC_DONE;
	}
	if (step == DL_SYNC_ASK &&
	    dl_sync_ask_put(run->ask, job, host,
			    dl_sync_git_rewrite(&job->scope, &run->settings, entry->url)))
		return;
	go_on(run, begun, step);
}

/* Begins the next one. False: there is none, or it failed as a whole. */
static bool begin_next(struct run *run)
{
	const struct dl_repos *repos = run->repos;
	struct dl_sync_host *host;

	while (run->next < repos->count && !repos->entries[run->next]->selected)
		run->next++;
	if (run->next == repos->count)
		return false;
	host = host_of(run, repos->entries[run->next]);
	if (!host)
		return false;
	begin(run, repos->entries[run->next++], host);
	return true;
}

/* ------------------------------------------------------------------ the run */

static void work(void *arg, struct dl_pool_item *item)
{
	(void)arg;
	dl_sync_job_work((struct dl_sync_job *)item);
}

/* Takes in what git has done. */
static void collect(struct run *run)
{
	struct dl_pool_item *item;
	struct begun *begun;

	while ((item = dl_pool_take(run->pool))) {
		begun = (struct begun *)item;
		/* There is a connection to be shared now. */
		if (begun->host->lane.most == 1 && run->sync->per_host > 1)
			dl_pool_widen(run->pool, &begun->host->lane,
				      (size_t)(run->sync->per_host < SSH_SESSIONS ? run->sync->per_host
										  : SSH_SESSIONS));
		end(run, begun);
	}
}

/* Waits until a server has answered, or git is done. */
static void wait_for_more(struct run *run)
{
	struct dl_sync_told told;

	/* A table waits for its widths; lines are for whoever reads them now. */
	if (run->tool->out.mode != DL_OUT_TABLE && run->result == DL_MORE)
		run->result = dl_out_flush(run->scope, &run->tool->out);
	show_progress(run);
	told = dl_sync_ask_next(run->ask, dl_pool_fd(run->pool), LOOK_AGAIN_MS);
	if (told.job)
		go_on(run, (struct begun *)told.job, told.step);
}

static void go(struct run *run)
{
	bool more = true;

	while (run->result == DL_MORE && run->scope->error.class == DL_OK && (more || run->active)) {
		while (more && run->active < MOST_BEGUN)
			more = begin_next(run);
		collect(run);
		if (run->active)
			wait_for_more(run);
		collect(run);
	}
}

/* Frees what has been begun and is not over: nobody reads any more. */
static void give_up(struct run *run)
{
	struct begun *begun;

	for (begun = run->all; begun; begun = begun->other)
		if (begun->open)
			dl_sync_job_end(&begun->job);
}

/* Gives what is not in step to the user's command. */
static void tell_failures(struct run *run)
{
	const char *const argv[] = {"sh", "-c", run->sync->on_failure, NULL};
	struct dl_proc proc = {.argv = argv, .input = run->failures.data, .input_len = run->failures.len};
	struct dl_proc_result result;
	struct dl_error error;
	struct dl_scope attempt;

	if (!run->failures.len)
		return;
	dl_scope_open(&attempt, NULL);
	if (dl_proc_run(&attempt, &proc, &result)) {
		error = dl_fail_take(&attempt, &attempt.arena);
		dl_tool_note(run->tool, "--on-failure: %s", error.message);
	} else {
		if (result.len)
			fwrite(result.output, 1, result.len, stderr);
		if (result.status)
			dl_tool_note(run->tool, "--on-failure: the command ended with %d", result.status);
	}
	dl_scope_close(&attempt);
}

static int conclude(struct run *run)
{
	dl_tool_progress(run->tool, NULL);
	run->summary->duration_s = seconds_since(&run->scope->arena, run->started_ms);
	if (dl_sync_status_end(run->scope, &run->status, run->summary))
		return -1;
	tell_failures(run);
	if (run->result == DL_MORE)
		run->result = dl_sync_status_tell(run->scope, run->tool, run->summary);
	return run->result < 0 ? -1 : 0;
}

static size_t count_selected(const struct dl_repos *repos)
{
	size_t count = 0, i;

	for (i = 0; i < repos->count; i++)
		count += repos->entries[i]->selected;
	return count;
}

static int prepare(struct run *run)
{
	struct dl_tool *tool = run->tool;
	const struct dl_sync *sync = run->sync;

	if (sync->width < 1 || sync->per_host < 1)
		return dl_fail(run->scope, DL_USAGE, "-P and --per-host: at least 1");
	run->summary = dl_schema_new(run->scope, &dl_record_summary);
	run->summary->action = sync->clone ? "clone_all" : sync->pull ? "pull_all" : "sync_all";
	run->summary->total = run->summary->succeeded = run->summary->failed = run->summary->skipped = 0;
	run->selected = count_selected(run->repos);
	dl_buf_init(&run->failures, &run->scope->arena, DL_CAP_BODY);
	if (dl_repo_start(run->scope) || dl_sync_git_settings(run->scope, &run->settings))
		return -1;
	dl_sync_git_open(run->scope, &run->git, &run->settings, sync->allowed);
	run->git.deadline_ms = tool->deadline_ms;
	run->git.silence_s = dl_http_options(tool->http)->timeout_s;
	run->git.hooks = sync->hooks;
	if (sync->status_path && !tool->common.dry_run &&
	    dl_sync_status_begin(run->scope, &run->status, sync->status_path, run->summary->action))
		return -1;
	run->ask = dl_sync_ask_open(run->scope, tool->http, &run->settings, sync->per_host);
	if (!run->ask)
		return -1;
	run->pool = dl_pool_open(run->scope, (size_t)sync->width, work, run);
	return run->pool ? 0 : -1;
}

int dl_sync_run(struct dl_scope *scope, struct dl_tool *tool, const struct dl_repos *repos,
		const struct dl_sync *sync)
{
	struct run run = {.scope = scope, .tool = tool, .repos = repos, .sync = sync,
			  .started_ms = dl_time_clock_ms()};

	if (prepare(&run)) {
		dl_sync_ask_close(run.ask);
		return -1;
	}
	go(&run);
	dl_pool_close(run.pool);
	dl_sync_ask_close(run.ask);
	give_up(&run);
	return scope->error.class != DL_OK ? -1 : conclude(&run);
}

/* ------------------------------------------------------------------ listing */

static int put_entry(struct dl_scope *scope, struct dl_tool *tool, struct dl_sync_host *host,
		     const struct dl_repos_entry *entry)
{
	struct dl_repo_line *line = dl_schema_new(scope, &dl_record_repo);

	line->head = dl_sync_host_head(&scope->arena, host, entry->project);
	line->name = entry->name;
	line->default_branch = entry->ref;
	if (strcmp(host->scheme, "ssh") == 0)
		line->ssh_url = entry->url;
	else
		line->clone_url = entry->url;
	line->path = entry->path;
	line->tier = entry->tier;
	return dl_sink_put(&tool->out.sink, scope, &dl_record_repo_here, line);
}

int dl_sync_list(struct dl_scope *scope, struct dl_tool *tool, const struct dl_repos *repos)
{
	struct dl_sync_host *hosts = NULL, *host;
	struct dl_scope piece;
	int result = DL_MORE;
	size_t i;

	for (i = 0; i < repos->count && result == DL_MORE; i++) {
		if (!repos->entries[i]->selected)
			continue;
		host = dl_sync_host_find(scope, hosts, repos->entries[i]->url, repos->entries[i]->host, 1);
		if (!host)
			return -1;
		if (host->next == hosts)
			hosts = host;
		dl_scope_open(&piece, scope);
		result = put_entry(&piece, tool, host, repos->entries[i]);
		if (dl_scope_close(&piece))
			return -1;
	}
	return result < 0 ? -1 : 0;
}
