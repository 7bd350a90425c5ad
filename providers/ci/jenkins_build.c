/* A list has no filter and no pages, but windows, counted from the newest build: what is wanted is picked out
 * here, window after window, until there is enough of it, or no more, or only what is older than wanted.
 *
 * A project with a job for each branch is asked for the jobs it has and when each last built; then the jobs
 * in question are listed one after the other, the one that built last first. To ask for the builds of all
 * branches in one answer would be shorter here, and have the server read them all from its disk.
 *
 * No list is by commit. A commit is not built before it is made: what is older by more than a day, for clocks
 * differ, is not read. */
#include "providers/ci/jenkins_build.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/base/url.h"
#include "lib/data/json.h"
#include "lib/data/sink.h"
#include "lib/git/remote.h"
#include "lib/git/repo.h"
#include "lib/provider/query.h"
#include "lib/provider/rest.h"

enum {
	WINDOW = 100, /* builds; as many as the list `builds` has, the others are in `allBuilds` */
	DAY_S = 86400,
	PAST_S = 30 * DAY_S, /* how far back a commit is looked for that is not here to tell its date */
};

/* ------------------------------------------------------------------ vocabulary */

/* Of builds: whether they run, and their result, which counts only when they do not. */
static const struct dl_state states[] = {
	{"building", NULL, DL_IN_PROGRESS, DL_CONCLUSION_NULL, false},
	{"pending", NULL, DL_QUEUED, DL_CONCLUSION_NULL, false},
	{"built", "SUCCESS", DL_COMPLETED, DL_SUCCESS, false},
	{"built", "FAILURE", DL_COMPLETED, DL_FAILURE, false},
	{"built", "UNSTABLE", DL_COMPLETED, DL_FAILURE, false},
	{"built", "ABORTED", DL_COMPLETED, DL_CANCELLED, false},
	{"built", "NOT_BUILT", DL_COMPLETED, DL_SKIPPED, false},
	{NULL, NULL, DL_STATUS_NULL, DL_CONCLUSION_NULL, false},
};

/* What UNSTABLE, tests that failed, may be taken for. */
static const struct {
	const char *word;
	enum dl_conclusion conclusion;
} weights[] = {{"failure", DL_FAILURE}, {"neutral", DL_NEUTRAL}, {"success", DL_SUCCESS}};

/* What starts a build: known by its class where the answer has it, else by its English words. */
struct cause {
	const char *class; /* NULL: several things are of one class */
	const char *words;
	const char *event;
};

static const struct cause causes[] = {
	{"hudson.model.Cause$UserIdCause", "Started by user ", "manual"},
	{"hudson.triggers.TimerTrigger$TimerTriggerCause", "Started by timer", "schedule"},
	{"hudson.triggers.SCMTrigger$SCMTriggerCause", "Started by an SCM change", "push"},
	{"com.cloudbees.jenkins.GitHubPushCause", "Started by GitHub push", "push"},
	{NULL, "Push event ", "push"},
	{NULL, "Pull request #", "pull_request"},
};

/* ------------------------------------------------------------------ maps */

#define BUILD                                                                                             \
	"number,result,building,timestamp,duration,url,displayName,fullDisplayName,description,queueId,"  \
	"actions[lastBuiltRevision[SHA1,branch[name]],remoteUrls,causes[shortDescription,userId],"        \
	"waitingForInput]"

/* What else is asked for with the first window: what comes next, and the jobs where these are branches. */
#define AROUND ",queueItem[" DL_JENKINS_BUILD_ITEM "],jobs[name,lastBuild[timestamp]]"

static const struct dl_map build_map[] = {
	{"number", "number", DL_AS_IS},
	{"name", "displayName", DL_AS_IS},
	{"actor", "actions[].causes[].userId", DL_AS_IS},
	{"created_at", "timestamp", DL_FROM_MS},
	{"started_at", "timestamp", DL_FROM_MS},
	{"duration_s", "duration", DL_FROM_MS},
	{"url", "url", DL_AS_IS},
	{"metadata.title", "fullDisplayName", DL_AS_IS},
	{"metadata.description", "description", DL_AS_IS},
	{"metadata.queue_id", "queueId", DL_AS_IS},
	{NULL, NULL, DL_AS_IS},
};

static const struct dl_map item_map[] = {
	{"id", "id", DL_AS_IS},
	{"actor", "actions[].causes[].userId", DL_AS_IS},
	{"created_at", "inQueueSince", DL_FROM_MS},
	{"metadata.why", "why", DL_AS_IS},
	{NULL, NULL, DL_AS_IS},
};

/* ------------------------------------------------------------------ finishing records */

int dl_jenkins_build_weigh(struct dl_scope *scope, struct dl_state_result *state)
{
	const char *word = getenv("DL_UNSTABLE");
	size_t i;

	if (!word || !*word || state->status != DL_COMPLETED || !dl_text_same(state->raw_status, "UNSTABLE"))
		return 0;
	for (i = 0; i < sizeof weights / sizeof *weights; i++)
		if (strcmp(word, weights[i].word) == 0) {
			state->conclusion = weights[i].conclusion;
			return 0;
		}
	return dl_fail(scope, DL_CONFIG, "DL_UNSTABLE: '%s' is none of failure, neutral, success",
		       dl_text_quote(&scope->arena, word));
}

static struct dl_state_result state_of(const struct dl_json *node)
{
	const char *result = dl_json_text(node, "result");

	if (dl_json_bool(dl_json_get(node, "building")) != 0)
		return dl_state_find(states, "building", NULL);
	return dl_state_find(states, result ? "built" : "pending", result);
}

static const char *event_of(const struct dl_json *node)
{
	const struct dl_json *list = dl_json_get(node, "actions[].causes"), *cause;
	const char *class, *words;
	size_t i;

	for (cause = list ? list->child : NULL; cause; cause = cause->next) {
		class = dl_json_text(cause, "_class");
		words = dl_json_text(cause, "shortDescription");
		for (i = 0; i < sizeof causes / sizeof *causes; i++)
			if ((class && dl_text_same(class, causes[i].class)) ||
			    dl_text_starts(words, causes[i].words))
				return causes[i].event;
	}
	return dl_json_text(node, "actions[].causes[].shortDescription");
}

/* NAME without the remote's. NULL: it is no branch, but a commit that was checked out by its hash. */
static const char *branch_of(const char *name)
{
	const char *slash;

	if (dl_text_starts(name, "refs/remotes/")) {
		slash = strchr(name + strlen("refs/remotes/"), '/');
		return slash ? slash + 1 : name;
	}
	if (dl_text_starts(name, "origin/"))
		return name + strlen("origin/");
	return dl_text_same(name, "detached") ? NULL : name;
}

/* The path of the repository at URL on its server; NULL: URL is none. */
static const char *path_of(struct dl_scope *scope, const char *url)
{
	const char *path = NULL;
	struct dl_remote remote;
	struct dl_scope attempt;

	dl_scope_open(&attempt, NULL);
	if (url && dl_remote_parse(&attempt, url, &remote) == 0)
		path = dl_arena_string(&scope->arena, remote.path);
	dl_scope_close(&attempt);
	return path;
}

/* The path of the repository that we stand in; NULL: not known. */
static const char *own_path(struct dl_scope *scope, const struct dl_target *target)
{
	const char *remote = target->repo ? dl_repo_remote(scope, target->repo) : NULL;

	return remote ? path_of(scope, dl_repo_remote_url(scope, target->repo, remote)) : NULL;
}

/* Whether the last name in PATH is one of the folders of PROJECT, or the job itself: so it is where jobs are
 * made for the repositories of a forge. */
static bool is_named_after(const char *project, const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL, *end;
	size_t len;

	path = slash ? slash + 1 : path;
	for (; path; project = end + 1) {
		end = strchrnul(project, '/');
		len = (size_t)(end - project);
		if (strncasecmp(project, path, len) == 0 && !path[len] && len)
			return true;
		if (!*end)
			break;
	}
	return false;
}

/* How surely ACTION, a checkout, is that of the job's own repository: 2 it is, 1 it seems so, 0 unknown. */
static int rank_checkout(struct dl_scope *scope, const struct dl_target *target, const char *own,
			 const struct dl_json *action)
{
	const struct dl_json *urls = dl_json_get(action, "remoteUrls"), *url;
	const char *path;
	int rank = 0;

	for (url = urls ? urls->child : NULL; url; url = url->next) {
		path = path_of(scope, dl_json_string(url));
		if (own && path && strcasecmp(own, path) == 0)
			return 2;
		rank |= is_named_after(target->project, path);
	}
	return rank;
}

/* The next checkout from ACTION on, it included; NULL: no more. */
static const struct dl_json *next_checkout(const struct dl_json *action)
{
	const struct dl_json *revision;

	for (; action; action = action->next) {
		revision = dl_json_get(action, "lastBuiltRevision");
		if (revision && revision->type == DL_JSON_OBJECT)
			break;
	}
	return action;
}

/* The revision that was built. There is one for each repository that was checked out; a library of the
 * pipeline is one, and comes first. */
static const struct dl_json *revision_of(struct dl_scope *scope, const struct dl_target *target,
					 const struct dl_json *node)
{
	const struct dl_json *actions = dl_json_get(node, "actions");
	const struct dl_json *best = next_checkout(actions ? actions->child : NULL), *action = best;
	const char *own;
	int highest, rank;

	if (best && next_checkout(best->next)) {
		own = own_path(scope, target);
		highest = rank_checkout(scope, target, own, best);
		while ((action = next_checkout(action->next))) {
			rank = rank_checkout(scope, target, own, action);
			if (rank > highest) {
				highest = rank;
				best = action;
			}
		}
	}
	return dl_json_get(best, "lastBuiltRevision");
}

static const struct dl_route list_input = {.path = "/job/{+job}/{id}/wfapi/pendingInputActions"};

/* Whether a build that runs waits for somebody. A plugin for pipelines says it with the build since 2021;
 * before, another one had to be asked, which may not be there. */
static bool waits_for_input(struct dl_scope *scope, const struct dl_target *target,
			    const struct dl_json *node, const char *id)
{
	const struct dl_json *told = dl_json_get(node, "actions[].waitingForInput"), *list;
	const struct dl_var vars[] = {
		{"job", dl_jenkins_build_job(scope, target)}, {"id", id}, {NULL, NULL}};
	struct dl_scope attempt;
	bool waits;

	if (told || !dl_text_ends(dl_json_text(node, "_class"), ".WorkflowRun"))
		return dl_json_bool(told) == 1;
	dl_scope_open(&attempt, NULL);
	list = dl_rest_get(&attempt, target, &list_input, vars);
	waits = list && list->type == DL_JSON_ARRAY && list->child;
	dl_scope_close(&attempt);
	return waits;
}

static void finish_run(struct dl_scope *scope, const struct dl_target *target, const struct dl_json *node,
		       struct dl_state_result state, struct dl_run *run)
{
	run->head = dl_provider_head(&scope->arena, target, "run", run->id);
	run->workflow = target->project;
	run->attempt = 1;
	run->event = event_of(node);
	run->state = state;
}

static int finish_build(struct dl_scope *scope, const struct dl_target *target, const struct dl_json *node,
			void *record)
{
	const struct dl_json *revision = revision_of(scope, target, node);
	const char *sha = dl_json_text(revision, "SHA1");
	struct dl_state_result state = state_of(node);
	struct dl_run *run = record;

	if (run->number < 1)
		return dl_fail(scope, DL_DATA, "%s: a build without a number", target->host);
	if (dl_jenkins_build_weigh(scope, &state))
		return -1;
	run->id = dl_arena_format(&scope->arena, "%lld", (long long)run->number);
	if (dl_text_same(state.raw_status, "building"))
		state.needs_action = waits_for_input(scope, target, node, run->id);
	finish_run(scope, target, node, state, run);
	run->branch = branch_of(dl_json_text(revision, "branch[].name"));
	run->sha = sha && dl_text_is_sha(sha) ? sha : NULL;
	if (state.status == DL_QUEUED)
		run->started_at = DL_TIME_NONE;
	if (state.status != DL_COMPLETED || run->duration_s < 0)
		run->duration_s = DL_INT_NONE;
	if (run->duration_s != DL_INT_NONE && run->started_at != DL_TIME_NONE)
		run->completed_at = run->started_at + run->duration_s;
	return 0;
}

/* An item that was cancelled is over, and will never be a build. */
static int finish_item(struct dl_scope *scope, const struct dl_target *target, const struct dl_json *node,
		       void *record)
{
	bool cancelled = dl_json_bool(dl_json_get(node, "cancelled")) == 1;
	const struct dl_state_result state = {
		.status = cancelled ? DL_COMPLETED : DL_QUEUED,
		.conclusion = cancelled ? DL_CANCELLED : DL_CONCLUSION_NULL,
		.raw_status = cancelled ? "cancelled" : "queued",
	};
	struct dl_run *run = record;

	if (dl_text_int(run->id) < 0)
		return dl_fail(scope, DL_DATA, "%s: an item of the queue without a number", target->host);
	run->id = dl_arena_format(&scope->arena, "q%s", run->id);
	finish_run(scope, target, node, state, run);
	return 0;
}

/* ------------------------------------------------------------------ routes */

static const struct dl_route list_builds = {
	.path = "/job/{+job}/api/json{?tree}",
	.schema = &dl_record_run, .map = build_map, .finish = finish_build,
};
static const struct dl_route get_build = {
	.path = "/job/{+job}/{id}/api/json{?tree}",
	.schema = &dl_record_run, .map = build_map, .finish = finish_build,
};
static const struct dl_route queued = {.schema = &dl_record_run, .map = item_map, .finish = finish_item};

const char *dl_jenkins_build_job(struct dl_scope *scope, const struct dl_target *target)
{
	struct dl_buf path;
	const char *byte;

	dl_buf_init(&path, &scope->arena, DL_CAP_HEAD);
	for (byte = target->project; *byte; byte++)
		if (*byte == '/')
			dl_buf_puts(&path, "/job/");
		else
			dl_buf_putc(&path, *byte);
	return dl_buf_check(scope, &path, "the job's name") ? NULL : path.data;
}

int dl_jenkins_build_check(struct dl_scope *scope, const char *id)
{
	if (dl_text_int(id) > 0)
		return 0;
	id = dl_text_quote(&scope->arena, id);
	return dl_fail(scope, DL_USAGE, "'%s' is not the number of a build", id);
}

const struct dl_run *dl_jenkins_build_read(struct dl_scope *scope, const struct dl_target *target,
					   const char *id)
{
	const char *job = dl_jenkins_build_job(scope, target);
	const struct dl_var vars[] = {{"job", job}, {"id", id}, {"tree", BUILD}, {NULL, NULL}};
	const struct dl_json *node;

	if (dl_jenkins_build_check(scope, id))
		return NULL;
	node = dl_rest_get(scope, target, &get_build, vars);
	return node ? dl_rest_record(scope, target, &get_build, node) : NULL;
}

const struct dl_run *dl_jenkins_build_queued(struct dl_scope *scope, const struct dl_target *target,
					     const struct dl_json *node)
{
	return dl_rest_record(scope, target, &queued, node);
}

/* ------------------------------------------------------------------ the builds of a job */

/* A stretch of a job's builds, which the server counts from the newest on. */
struct window {
	long from, size;
	long count;     /* builds in it: fewer than .size at the end of the list */
	int64_t number; /* of the last build read; all that follow have smaller ones */
	int64_t time;   /* when that was created */
};

/* What is asked of a job, or of several. */
struct listing {
	const struct dl_target *target;
	const struct dl_run_query *query;
	int64_t since;        /* what was created before is not wanted; DL_TIME_NONE: whenever */
	struct dl_sink *sink; /* picks out what QUERY asks for */
	bool branches;        /* the project may have jobs for its branches */
};

static int tell_folder(struct dl_scope *scope, const struct dl_target *target)
{
	const char *name = dl_text_quote(&scope->arena, target->project);

	dl_fail(scope, DL_MISSING, "%s: '%s' has no builds of its own: it is a folder, or has branches",
		target->host, name);
	return dl_fail_hint(scope, "name a job in it: %s/JOB; a branch is a job, with %%2F for '/'", name);
}

static const struct dl_json *get_window(struct dl_scope *scope, const struct listing *listing,
					const struct window *window)
{
	const char *tree = dl_arena_format(&scope->arena, "%s[" BUILD "]{%ld,%ld}%s",
					   window->from ? "allBuilds" : "builds", window->from,
					   window->from + window->size, window->from ? "" : AROUND);
	const struct dl_var vars[] = {
		{"job", dl_jenkins_build_job(scope, listing->target)}, {"tree", tree}, {NULL, NULL}};

	return dl_rest_get(scope, listing->target, &list_builds, vars);
}

/* Builds that began meanwhile push others into the next window: these are not put twice. */
static int put_window(struct dl_scope *scope, const struct listing *listing, const struct dl_json *root,
		      struct window *window)
{
	const struct dl_json *list = dl_json_get(root, window->from ? "allBuilds" : "builds"), *node;
	const struct dl_json *item = window->from ? NULL : dl_json_get(root, "queueItem");
	const struct dl_run *run;
	int result = DL_MORE;

	window->count = 0;
	if (!list && root->type == DL_JSON_OBJECT)
		return tell_folder(scope, listing->target);
	if (!list || list->type != DL_JSON_ARRAY)
		return dl_fail(scope, DL_DATA, "%s: expected a list of builds", listing->target->host);
	if (item && item->type == DL_JSON_OBJECT) {
		run = dl_jenkins_build_queued(scope, listing->target, item);
		result = run ? dl_sink_put(listing->sink, scope, &dl_record_run, run) : -1;
	}
	for (node = list->child; node && result == DL_MORE; node = node->next) {
		run = dl_rest_record(scope, listing->target, &list_builds, node);
		if (!run)
			return -1;
		window->count++;
		if (run->number >= window->number)
			continue;
		window->number = run->number;
		window->time = run->created_at;
		result = dl_sink_put(listing->sink, scope, &dl_record_run, run);
	}
	return result;
}

static bool is_filtered(const struct dl_run_query *query)
{
	return query->branch || query->sha || query->workflow || query->event || query->actor ||
	       query->states || query->since != DL_TIME_NONE;
}

static int list_branches(struct dl_scope *scope, const struct listing *listing, const struct dl_json *root);

static int list_job(struct dl_scope *scope, const struct listing *listing)
{
	const struct dl_run_query *query = listing->query;
	struct window window = {.number = INT64_MAX, .size = WINDOW};
	const struct dl_json *root;
	struct dl_scope page;
	int result;

	if (!is_filtered(query) && query->limit && query->limit < WINDOW)
		window.size = query->limit;
	do {
		dl_scope_open(&page, scope);
		root = get_window(&page, listing, &window);
		if (root && listing->branches && dl_jenkins_build_branched(root))
			result = list_branches(&page, listing, root);
		else
			result = root ? put_window(&page, listing, root, &window) : -1;
		if (dl_scope_close(&page))
			result = -1;
		window.from += window.size;
	} while (result == DL_MORE && window.count >= window.size &&
		 (listing->since == DL_TIME_NONE || window.time >= listing->since));
	return result;
}

/* ------------------------------------------------------------------ branches */

/* The job of a branch. */
struct branch {
	const char *job, *name;
	int64_t built; /* when last; DL_TIME_NONE: never */
};

static int built_last_first(const void *a, const void *b)
{
	const struct branch *one = a, *other = b;

	return (one->built < other->built) - (one->built > other->built);
}

bool dl_jenkins_build_branched(const struct dl_json *node)
{
	return dl_text_ends(dl_json_text(node, "_class"), "MultiBranchProject") &&
	       dl_json_get(node, "jobs");
}

const char *dl_jenkins_build_branch(struct dl_scope *scope, const struct dl_json *node)
{
	const char *name = dl_json_text(node, "name");
	const char *branch = name ? dl_url_decode(&scope->arena, name, strlen(name)) : NULL;

	return branch ? branch : name;
}

/* The jobs in ROOT that QUERY is about, into BRANCHES, which has room for all; how many. */
static size_t find_branches(struct dl_scope *scope, const struct dl_json *root,
			    const struct listing *listing, struct branch *branches)
{
	const struct dl_json *list = dl_json_get(root, "jobs"), *node;
	struct branch *branch = branches;
	int64_t ms;

	for (node = list ? list->child : NULL; node; node = node->next) {
		branch->job = dl_json_text(node, "name");
		branch->name = dl_jenkins_build_branch(scope, node);
		ms = dl_json_int(dl_json_get(node, "lastBuild.timestamp"));
		branch->built = ms == DL_INT_NONE ? DL_TIME_NONE : ms / 1000;
		if (branch->job && branch->built != DL_TIME_NONE && branch->built >= listing->since &&
		    (!listing->query->branch || dl_text_same(branch->name, listing->query->branch)))
			branch++;
	}
	qsort(branches, (size_t)(branch - branches), sizeof *branches, built_last_first);
	return (size_t)(branch - branches);
}

/* Says of runs whose branch they are for, also where nothing was checked out. */
struct branch_sink {
	struct dl_sink sink;
	struct dl_sink *next;
	const char *branch;
};

static int put_branch(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
		      const void *record)
{
	const struct branch_sink *branch = (const struct branch_sink *)sink;
	struct dl_run run = *(const struct dl_run *)record;

	run.branch = branch->branch;
	return dl_sink_put(branch->next, scope, schema, &run);
}

/* The runs of BRANCH, into RUNS. A job that is gone meanwhile, since its branch is, has none. */
static int list_branch(struct dl_scope *scope, const struct listing *listing, const struct branch *branch,
		       struct dl_sink *runs)
{
	struct dl_target job = *listing->target;
	struct dl_query_sink filter;
	struct branch_sink named = {.sink.put = put_branch, .next = &filter.sink, .branch = branch->name};
	const struct listing part = {
		.target = &job, .query = listing->query, .since = listing->since, .sink = &named.sink};
	struct dl_scope attempt;
	int result;

	job.project = dl_arena_format(&scope->arena, "%s/%s", job.project, branch->job);
	dl_query_sink(&filter, listing->query, runs);
	dl_scope_open(&attempt, scope);
	result = list_job(&attempt, &part);
	if (result < 0 && attempt.error.status == 404) {
		dl_fail_take(&attempt, &attempt.arena);
		result = 0;
	}
	return dl_scope_close(&attempt) ? -1 : result;
}

/* The runs of all branches, merged by age. Of N runs without any condition none is of the job that is not
 * among the N that built last. */
static int list_branches(struct dl_scope *scope, const struct listing *listing, const struct dl_json *root)
{
	const struct dl_run_query *query = listing->query;
	const struct dl_json *list = dl_json_get(root, "jobs"), *node;
	struct branch *branches;
	struct dl_sink_list runs;
	size_t count = 0, i;

	for (node = list->child; node; node = node->next)
		count++;
	branches = dl_arena_array(&scope->arena, count + 1, sizeof *branches);
	count = find_branches(scope, root, listing, branches);
	if (!is_filtered(query) && query->limit && count > (size_t)query->limit)
		count = (size_t)query->limit;
	dl_sink_list(&runs, scope, 0);
	for (i = 0; i < count; i++)
		if (list_branch(scope, listing, &branches[i], &runs.sink) < 0)
			return -1;
	if (runs.count)
		qsort(runs.items, runs.count, sizeof(struct dl_run), dl_query_newest_first);
	return dl_sink_replay(scope, &runs, listing->sink);
}

/* ------------------------------------------------------------------ slots */

/* The time before which SHA cannot have been built; DL_TIME_NONE: not known. */
static int64_t earliest(const struct dl_target *target, const char *sha)
{
	int64_t time = sha && target->repo ? dl_repo_time(target->repo, sha) : DL_TIME_NONE;

	return time == DL_TIME_NONE ? DL_TIME_NONE : time - DAY_S;
}

int dl_jenkins_build_list(struct dl_scope *scope, const struct dl_target *target,
			  const struct dl_run_query *query, struct dl_sink *sink)
{
	struct dl_query_sink filter;
	struct listing listing = {.target = target,
				  .query = query,
				  .since = query->since,
				  .sink = &filter.sink,
				  .branches = true};
	int64_t time = earliest(target, query->sha);

	if (time > listing.since)
		listing.since = time;
	dl_query_sink(&filter, query, sink);
	return list_job(scope, &listing);
}

/* Whether an earlier run in the list, which is newest first, is of the same job. */
static bool is_overtaken(const struct dl_sink_list *runs, size_t index)
{
	const struct dl_run *run = dl_sink_item(runs, index), *other;

	while (index-- > 0) {
		other = dl_sink_item(runs, index);
		if (dl_text_same(other->project, run->project))
			return true;
	}
	return false;
}

/* A build that is run again is a new one: of each job the newest one of the commit counts. */
int dl_jenkins_build_commit(struct dl_scope *scope, const struct dl_target *target, const char *sha,
			    struct dl_sink *sink)
{
	struct dl_run_query query = {.sha = sha, .since = DL_TIME_NONE};
	struct dl_query_sink filter;
	struct dl_sink_list runs;
	struct listing listing = {.target = target, .query = &query, .since = earliest(target, sha),
				  .sink = &filter.sink, .branches = true};
	int result = DL_MORE;
	size_t i;

	if (listing.since == DL_TIME_NONE)
		listing.since = dl_time_now() - PAST_S;
	dl_sink_list(&runs, scope, 0);
	dl_query_sink(&filter, &query, &runs.sink);
	if (list_job(scope, &listing) < 0)
		return -1;
	for (i = 0; i < runs.count && result == DL_MORE; i++)
		if (!is_overtaken(&runs, i))
			result = dl_sink_put(sink, scope, &dl_record_run, dl_sink_item(&runs, i));
	return result;
}
