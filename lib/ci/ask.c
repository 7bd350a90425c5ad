#include "lib/ci/ask.h"

#include <string.h>

#include "lib/base/beside.h"
#include "lib/base/pool.h"
#include "lib/base/proc.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/data/json.h"
#include "lib/data/push.h"
#include "lib/data/record.h"
#include "lib/data/schema.h"
#include "lib/git/git.h"

#define LOCAL "local"

enum {
	WIDTH = 8,
	MOST_ARGUMENTS = 20,
	MOST_CHANGES = 16,
	ERRORS_CAP = 2048,
	GRACE_MS = 2000, /* for a program to end by itself after its --timeout */
	FIND_TIMEOUT_S = 2,
	JOBS_TIMEOUT_S = 5,
	RUNS_TIMEOUT_S = 20,
	START_TIMEOUT_S = 10,
};

/* ------------------------------------------------------------------ who is asked */

static bool is_local(const struct dl_git_config *config)
{
	const struct dl_git_entry *entry = dl_git_find(config, "devloop.ci");

	return entry && strcmp(entry->value, LOCAL) == 0 &&
	       dl_text_in(entry->scope, "local,worktree,command");
}

const char *dl_ask_whom(struct dl_scope *scope, const struct dl_git_config *config, const char *remote,
			const char *url, struct dl_ask_whom *whom)
{
	struct dl_arena *arena = &scope->arena;
	const char *fetched = dl_git_get_first(config, dl_arena_format(arena, "remote.%s.url", remote));
	const char *plain = dl_push_url(arena, url);
	bool folder = dl_push_transport(url) == DL_PUSH_FOLDER;

	*whom = (struct dl_ask_whom){0};
	if (is_local(config))
		whom->provider = LOCAL;
	else if (fetched && (folder || strcmp(dl_push_url(arena, fetched), plain) == 0))
		whom->remote = remote;
	else if (folder)
		return "a folder without a name has no CI";
	else
		whom->url = plain;
	return NULL;
}

bool dl_ask_is_local(const struct dl_ask_whom *whom)
{
	return dl_text_same(whom->provider, LOCAL);
}

/* ------------------------------------------------------------------ our own programs */

/* A call of one. */
struct call {
	const char *program;
	const char *argv[MOST_ARGUMENTS]; /* from the first argument on; ends with NULL */
	size_t count;                     /* of those, where they are added one by one */
	const char *variable;             /* one more for its environment; NULL: none */
	int64_t timeout_s;
};

static void add_option(struct call *call, const char *option, const char *value)
{
	DL_BUG_IF(call->count + 2 >= MOST_ARGUMENTS);
	call->argv[call->count++] = option;
	call->argv[call->count++] = value;
}

static void add_whom(struct dl_scope *scope, const struct dl_ask_whom *whom, struct call *call)
{
	if (whom->dir)
		add_option(call, "-C", whom->dir);
	if (whom->provider)
		add_option(call, "-p", whom->provider);
	if (whom->url)
		add_option(call, "-R", whom->url);
	if (whom->remote)
		call->variable = dl_arena_format(&scope->arena, "DL_REMOTE=%s", whom->remote);
}

static int run(struct dl_scope *scope, const struct call *call, struct dl_proc_result *result)
{
	const char *argv[MOST_ARGUMENTS + 5] = {dl_beside_find(scope, call->program), "-q", "-j",
						"--timeout"};
	const char *env[MOST_CHANGES] = {NULL};
	const char *const *changes = dl_git_environment(scope);
	struct dl_proc proc = {
		.argv = argv, .env = env, .timeout_ms = (int)call->timeout_s * 1000 + GRACE_MS,
		.errors_cap = ERRORS_CAP,
	};
	size_t i;

	if (!argv[0])
		return dl_fail(scope, DL_MISSING, "%s is not installed", call->program);
	argv[4] = dl_arena_format(&scope->arena, "%lld", (long long)call->timeout_s);
	for (i = 0; call->argv[i]; i++)
		argv[5 + i] = call->argv[i];
	for (i = 0; changes[i]; i++) {
		DL_BUG_IF(i + 3 > MOST_CHANGES);
		env[i] = changes[i];
	}
	env[i] = call->variable;
	return dl_proc_run(scope, &proc, result);
}

/* The next record of the kind SCHEMA in *TEXT, which moves on; NULL: there is no more. What is no such record
 * is left out. */
static void *next_record(struct dl_scope *scope, const struct dl_schema *schema, const char **text)
{
	const struct dl_json *node;
	struct dl_scope line;
	void *record = NULL;
	const char *end;

	while (!record && **text) {
		end = strchrnul(*text, '\n');
		dl_scope_open(&line, NULL);
		node = dl_json_parse(&line, dl_arena_copy(&line.arena, *text, (size_t)(end - *text)),
				     (size_t)(end - *text));
		if (dl_text_same(dl_json_text(node, "type"), schema->type)) {
			record = dl_schema_new(&line, schema);
			record = dl_schema_decode(&line, schema, node, record) == 0
					 ? dl_schema_copy(scope, schema, record)
					 : NULL;
		}
		dl_scope_close(&line);
		*text = *end ? end + 1 : end;
	}
	return record;
}

/* What a program has complained of: its first line, without its name. NULL: nothing. */
static const char *complaint(struct dl_scope *scope, const char *errors)
{
	const char *line = errors, *begin;

	if (!line || !*line)
		return NULL;
	begin = strstr(line, ": ");
	if (begin && begin < strchrnul(line, '\n'))
		line = begin + 2;
	return dl_text_quote(&scope->arena, dl_arena_copy(&scope->arena, line, strcspn(line, "\n")));
}

/* ------------------------------------------------------------------ verdicts */

struct batch {
	const struct dl_ask_whom *whom;
	struct dl_ask *asks;
	struct dl_scope *scopes;
	int64_t timeout_s, max_age_s;
};

static void ask_one(void *arg, size_t index)
{
	const struct batch *batch = arg;
	struct dl_ask *ask = &batch->asks[index];
	struct dl_scope *scope = &batch->scopes[index];
	struct call call = {.program = "dl-status", .timeout_s = batch->timeout_s};
	struct dl_proc_result result;
	const char *text;

	add_option(&call, "-c", ask->sha);
	add_whom(scope, batch->whom, &call);
	if (ask->pushed) {
		add_option(&call, "-b", ask->pushed);
		add_option(&call, "--expect", "auto");
	}
	if (batch->max_age_s > 0)
		add_option(&call, "--max-age",
			   dl_arena_format(&scope->arena, "%lld", (long long)batch->max_age_s));
	if (run(scope, &call, &result)) {
		ask->code = scope->error.class;
		ask->said = scope->error.message;
		return;
	}
	text = result.output;
	ask->code = (enum dl_class)result.status;
	ask->verdict = next_record(scope, &dl_record_verdict, &text);
	ask->said = complaint(scope, result.errors);
}

void dl_ask_all(struct dl_scope *scope, const struct dl_ask_whom *whom, struct dl_ask *asks,
		     size_t count, int64_t timeout_s, int64_t max_age_s)
{
	struct batch batch = {.whom = whom, .asks = asks, .timeout_s = timeout_s, .max_age_s = max_age_s};
	size_t i;

	batch.scopes = dl_arena_array(&scope->arena, count, sizeof *batch.scopes);
	for (i = 0; i < count; i++) {
		dl_scope_open(&batch.scopes[i], NULL);
		asks[i].verdict = NULL;
		asks[i].said = NULL;
	}
	dl_pool_map(count, WIDTH, ask_one, &batch);
	for (i = 0; i < count; i++) {
		if (asks[i].verdict)
			asks[i].verdict = dl_schema_copy(scope, &dl_record_verdict, asks[i].verdict);
		asks[i].said = dl_arena_string(&scope->arena, asks[i].said);
		dl_scope_close(&batch.scopes[i]);
	}
}

/* ------------------------------------------------------------------ what failed */

struct dl_ask_job dl_ask_job(struct dl_scope *scope, const char *run_ref)
{
	const struct call call = {
		.program = "dl-jobs", .argv = {"--", run_ref}, .timeout_s = JOBS_TIMEOUT_S};
	struct dl_ask_job found = {.completed_at = DL_TIME_NONE};
	struct dl_proc_result result;
	const struct dl_job *job;
	struct dl_scope attempt;
	const char *text;

	dl_scope_open(&attempt, NULL);
	if (run(&attempt, &call, &result) == 0)
		for (text = result.output;
		     !found.name && (job = next_record(&attempt, &dl_record_job, &text));)
			if (job->conclusion == DL_FAILURE || job->conclusion == DL_TIMED_OUT ||
			    job->conclusion == DL_CANCELLED) {
				found.name = dl_arena_string(&scope->arena, job->name);
				found.completed_at = job->completed_at;
			}
	dl_scope_close(&attempt);
	return found;
}

bool dl_ask_is_idle(const struct dl_ask_whom *whom)
{
	struct call call = {.program = "dl-providers", .timeout_s = FIND_TIMEOUT_S};
	const struct dl_provider_line *line;
	struct dl_proc_result result;
	struct dl_scope attempt;
	bool idle = false;
	const char *text;

	dl_scope_open(&attempt, NULL);
	add_whom(&attempt, whom, &call);
	text = run(&attempt, &call, &result) == 0 ? result.output : "";
	while (!idle && (line = next_record(&attempt, &dl_record_provider, &text)))
		idle = line->detected == 1 && dl_text_same(line->name, LOCAL);
	dl_scope_close(&attempt);
	return idle;
}

bool dl_ask_has_run(struct dl_scope *scope, const struct dl_ask_whom *whom, const char *sha,
		    const char *branch, int64_t since)
{
	struct call call = {.program = "dl-runs", .timeout_s = RUNS_TIMEOUT_S};
	struct dl_proc_result result;
	struct dl_scope attempt;
	const char *text;
	bool has = false;

	dl_scope_open(&attempt, NULL);
	add_option(&call, "-n", "1");
	add_option(&call, "-c", sha);
	add_option(&call, "-b", branch);
	add_option(&call, "--since", dl_time_format(&scope->arena, since));
	add_whom(&attempt, whom, &call);
	if (run(&attempt, &call, &result) == 0) {
		text = result.output;
		has = next_record(&attempt, &dl_record_run, &text) != NULL;
	}
	dl_scope_close(&attempt);
	return has;
}

/* ------------------------------------------------------------------ the workflows of the commit itself */

/* One that git lists as "MODE TYPE OBJECT<tab>PATH" in ENTRY: its name, when it is an executable file that
 * may be a workflow; else NULL. */
static const char *workflow_of(const char *entry)
{
	const char *slash = strrchr(entry, '/'), *name = slash ? slash + 1 : "";

	return dl_text_starts(entry, "100755 ") && dl_text_is_name(name) ? name : NULL;
}

/* Whether one of the lines of TEXT is a run of the workflow NAME. */
static bool has_run(struct dl_scope *scope, const char *text, const char *name)
{
	const struct dl_run *one;

	while ((one = next_record(scope, &dl_record_run, &text)))
		if (dl_text_same(one->workflow, name))
			return true;
	return false;
}

static int start(struct dl_scope *scope, const char *name, const char *sha, const char *branch)
{
	const struct call call = {
		.program = "dl-trigger", .argv = {"-p", LOCAL, "-c", sha, "-b", branch, "--", name},
		.variable = "DL_EVENT=push", .timeout_s = START_TIMEOUT_S,
	};
	struct dl_proc_result result;
	const char *said;

	if (run(scope, &call, &result))
		return -1;
	said = complaint(scope, result.errors);
	if (result.status != 0)
		return dl_fail(scope, (enum dl_class)result.status, "%s cannot be started: %s", name,
			       said ? said : dl_fail_word((enum dl_class)result.status));
	return 0;
}

int dl_ask_start(struct dl_scope *scope, const char *sha, const char *branch)
{
	const char *const list[] = {"ls-tree", "-z", "--full-tree", sha, ".devloop/ci/", NULL};
	const struct call call = {
		.program = "dl-runs", .argv = {"-p", LOCAL, "-n", "0", "-c", sha},
		.timeout_s = START_TIMEOUT_S,
	};
	struct dl_proc_result entries, runs;
	const char *entry, *name;
	int count = 0;

	if (dl_git_run(scope, NULL, list, &entries))
		return -1;
	if (entries.status != 0)
		return dl_fail(scope, DL_SYSTEM, "git ls-tree ended with exit code %d", entries.status);
	if (!entries.len)
		return 0;
	if (run(scope, &call, &runs))
		return -1;
	if (runs.status != DL_OK && runs.status != DL_MISSING)
		return dl_fail(scope, (enum dl_class)runs.status, "dl-runs ended with exit code %d",
			       runs.status);
	for (entry = entries.output; entry < entries.output + entries.len; entry += strlen(entry) + 1) {
		name = workflow_of(entry);
		if (!name)
			continue;
		count++;
		if (!has_run(scope, runs.output, name) && start(scope, name, sha, branch))
			return -1;
	}
	return count;
}
