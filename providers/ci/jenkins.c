/* Jenkins: any server, at any path ("https://ci.example.com/jenkins"). The project is a job, named with the
 * folders that it is in: `folder/job`. The branch feature/x of a multibranch project is the job
 * `project/feature%2Fx`, for that is its name on the server.
 *
 * What is particular here. A list has no filter and no pages, but windows, counted from the newest build:
 * what is wanted is picked out here, window after window, until there is enough of it, or no more, or only
 * what is older than wanted. A build may have its result while it still runs. It has one log and no jobs; the
 * log can be read while it grows, from offsets that only the server can count. A job that is not there, and
 * one that the user may not see, look the same.
 *
 * https://www.jenkins.io/doc/book/using/remote-access-api/ */
#include <stdlib.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/json.h"
#include "lib/provider.h"
#include "lib/query.h"
#include "lib/record.h"
#include "lib/rest.h"
#include "lib/scope.h"
#include "lib/sink.h"
#include "lib/text.h"
#include "lib/time.h"
#include "lib/url.h"
#include "providers/providers.h"

enum {
	WINDOW = 100,          /* builds; as many as the list `builds` has, the others are in `allBuilds` */
	LINES_AT_ONCE = 10000, /* of a log that grows, in one answer */
};

/* ------------------------------------------------------------------ vocabulary */

/* Of builds: whether they run, and their result, which counts only when they do not. Tests that failed
 * (UNSTABLE) are a failure. */
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
	"actions[lastBuiltRevision[SHA1,branch[name]],causes[shortDescription,userId]]"

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

/* ------------------------------------------------------------------ finishing records */

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

static int finish_build(struct dl_scope *scope, const struct dl_target *target, const struct dl_json *node,
			void *record)
{
	/* There is one for each repository that was checked out; the first is the build's own, mostly. */
	const struct dl_json *revision = dl_json_get(node, "actions[].lastBuiltRevision");
	const char *sha = dl_json_text(revision, "SHA1");
	struct dl_state_result state = state_of(node);
	struct dl_run *run = record;

	if (run->number < 1)
		return dl_fail(scope, DL_DATA, "%s: a build without a number", target->host);
	run->id = dl_arena_format(&scope->arena, "%lld", (long long)run->number);
	run->ref = dl_provider_ref(&scope->arena, target, "run", run->id);
	run->provider = target->provider->name;
	run->host = target->host;
	run->project = target->project;
	run->workflow = target->project;
	run->attempt = 1;
	run->branch = branch_of(dl_json_text(revision, "branch[].name"));
	run->sha = sha && dl_text_is_sha(sha) ? sha : NULL;
	run->event = event_of(node);
	run->status = state.status;
	run->conclusion = state.conclusion;
	run->raw_status = state.raw_status;
	run->needs_action = state.needs_action;
	if (state.status == DL_QUEUED)
		run->started_at = DL_TIME_NONE;
	if (state.status != DL_COMPLETED || run->duration_s < 0)
		run->duration_s = DL_INT_NONE;
	if (run->duration_s != DL_INT_NONE && run->started_at != DL_TIME_NONE)
		run->completed_at = run->started_at + run->duration_s;
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
static const struct dl_route get_log = {
	.path = "/job/{+job}/{id}/logText/progressiveText{?start}", .accept = "text/plain",
};

/* `a/b/c` is at /job/a/job/b/job/c. */
static const char *job_path(struct dl_scope *scope, const struct dl_target *target)
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

/* ------------------------------------------------------------------ hosts, credentials, refusals */

static const char *jenkins_host_of(struct dl_scope *scope, const char *base)
{
	const char *authority;
	struct dl_url url;
	size_t len;

	if (dl_url_parse(scope, base, &url))
		return NULL;
	authority = dl_url_authority(&scope->arena, &url);
	for (len = strlen(url.path); len && url.path[len - 1] == '/'; len--)
		;
	return dl_arena_format(&scope->arena, "%s%.*s", authority, (int)len, url.path);
}

/* Put together anew, so that nothing but an authority and a path comes out of what a ref says. */
static const char *jenkins_base(struct dl_scope *scope, const char *host)
{
	const char *name = jenkins_host_of(scope, dl_arena_format(&scope->arena, "https://%s", host));

	return name ? dl_arena_format(&scope->arena, "https://%s", name) : NULL;
}

static const char *jenkins_authorize(struct dl_arena *arena, const char *user, const char *token)
{
	const char *pair = dl_arena_format(arena, "%s:%s", user ? user : "", token);
	struct dl_buf line;

	dl_buf_init(&line, arena, DL_CAP_HEAD);
	dl_buf_puts(&line, "Authorization: Basic ");
	dl_text_base64(&line, pair, strlen(pair));
	return line.data;
}

static int explain_missing(struct dl_scope *scope, const struct dl_target *target)
{
	const char *login = target->auth.header ? "" : ": set JENKINS_USER and JENKINS_TOKEN";

	dl_fail(scope, DL_MISSING, "%s has no such job or build: %s", target->host,
		dl_text_quote(&scope->arena, target->project));
	return dl_fail_hint(scope, "a job is named with its folders: folder/job; Job/Read is due to see it%s",
			    login);
}

/* A proxy, or another program's server. */
static int explain_stranger(struct dl_scope *scope, const struct dl_target *target, const struct dl_res *res,
			    const char *words)
{
	enum dl_class class = res->status == 404 ? DL_MISSING : DL_AUTH;

	dl_fail(scope, class, "%s does not look like a Jenkins server: %s", target->host, words);
	return dl_fail_hint(scope, "JENKINS_URL is the address of its front page; or a proxy answers");
}

/* Jenkins says no with a web page, whose title is MESSAGE; headers say more. */
static int jenkins_explain(struct dl_scope *scope, const struct dl_target *target, const struct dl_res *res,
			   const char *message)
{
	const char *user = dl_http_header(&scope->arena, res, "x-you-are-authenticated-as");
	const char *needed = dl_http_header(&scope->arena, res, "x-required-permission");
	bool refused = res->status == 401 || res->status == 403;

	if (!message)
		message = dl_arena_format(&scope->arena, "HTTP status %d", res->status);
	if ((refused || res->status == 404) && !dl_http_header(&scope->arena, res, "x-jenkins"))
		return explain_stranger(scope, target, res, message);
	if (refused && !target->auth.header)
		return dl_fail(scope, DL_AUTH, "%s wants to know who asks", target->host);
	if (res->status == 401) {
		dl_fail(scope, DL_AUTH, "%s does not accept the credential: %s", target->host, message);
		return dl_fail_hint(scope, "it takes a user, JENKINS_USER, and an API token of that user, "
					   "JENKINS_TOKEN; this one came from %s", target->auth_from);
	}
	if (res->status == 403 && user && needed) {
		dl_fail(scope, DL_AUTH, "%s forbids that to %s: the permission %s is missing", target->host,
			dl_text_quote(&scope->arena, user), dl_text_quote(&scope->arena, needed));
		return dl_fail_hint(scope, "who may change '%s' can grant it",
				    dl_text_quote(&scope->arena, target->project));
	}
	return res->status == 404 ? explain_missing(scope, target) : 0;
}

/* ------------------------------------------------------------------ operations */

static int check_id(struct dl_scope *scope, const char *id)
{
	if (dl_text_int(id) > 0)
		return 0;
	id = dl_text_quote(&scope->arena, id);
	return dl_fail(scope, DL_USAGE, "'%s' is not the number of a build", id);
}

/* A stretch of a job's builds, which the server counts from the newest on. */
struct window {
	long from, size;
	long count;     /* builds in it: fewer than .size at the end of the list */
	int64_t number; /* of the last build read; all that follow have smaller ones */
	int64_t time;   /* when that was created */
};

static int tell_folder(struct dl_scope *scope, const struct dl_target *target)
{
	const char *name = dl_text_quote(&scope->arena, target->project);

	dl_fail(scope, DL_MISSING, "%s: '%s' has no builds of its own: it is a folder, or has branches",
		target->host, name);
	return dl_fail_hint(scope, "name a job in it: %s/JOB; a branch is a job, with %%2F for '/'", name);
}

/* Builds that began meanwhile push others into the next window: these are not put twice. */
static int read_window(struct dl_scope *scope, const struct dl_target *target, struct window *window,
		       struct dl_sink *sink)
{
	const char *name = window->from ? "allBuilds" : "builds";
	const char *tree = dl_arena_format(&scope->arena, "%s[" BUILD "]{%ld,%ld}", name, window->from,
					   window->from + window->size);
	const struct dl_var vars[] = {{"job", job_path(scope, target)}, {"tree", tree}, {NULL, NULL}};
	const struct dl_json *root = dl_rest_get(scope, target, &list_builds, vars);
	const struct dl_json *list = dl_json_get(root, name), *node;
	const struct dl_run *run;
	int result = DL_MORE;

	window->count = 0;
	if (!root)
		return -1;
	if (!list && root->type == DL_JSON_OBJECT)
		return tell_folder(scope, target);
	if (!list || list->type != DL_JSON_ARRAY)
		return dl_fail(scope, DL_DATA, "%s: expected a list of builds", target->host);
	for (node = list->child; node && result == DL_MORE; node = node->next) {
		window->count++;
		run = dl_rest_record(scope, target, &list_builds, node);
		if (!run)
			return -1;
		if (run->number >= window->number)
			continue;
		window->number = run->number;
		window->time = run->created_at;
		result = dl_sink_put(sink, scope, &dl_record_run, run);
	}
	return result;
}

static bool is_filtered(const struct dl_run_query *query)
{
	return query->branch || query->sha || query->workflow || query->event || query->actor ||
	       query->states || query->since != DL_TIME_NONE;
}

static int jenkins_runs(struct dl_scope *scope, const struct dl_target *target,
			const struct dl_run_query *query, struct dl_sink *sink)
{
	struct window window = {.number = INT64_MAX, .size = WINDOW};
	struct dl_query_sink filter;
	struct dl_scope page;
	int result;

	if (!is_filtered(query) && query->limit && query->limit < WINDOW)
		window.size = query->limit;
	dl_query_sink(&filter, query, sink);
	do {
		dl_scope_open(&page, scope);
		result = read_window(&page, target, &window, &filter.sink);
		if (dl_scope_close(&page))
			result = -1;
		window.from += window.size;
	} while (result == DL_MORE && window.count >= window.size &&
		 (query->since == DL_TIME_NONE || window.time >= query->since));
	return result;
}

static int jenkins_run(struct dl_scope *scope, const struct dl_target *target, const char *id,
		       struct dl_sink *sink)
{
	const char *job = job_path(scope, target);
	const struct dl_var vars[] = {{"job", job}, {"id", id}, {"tree", BUILD}, {NULL, NULL}};

	return check_id(scope, id) ? -1 : dl_rest_one(scope, target, &get_build, vars, sink);
}

/* Reads on from CURSOR. Offsets are those of a file with annotations that the answer has not. */
static int read_log(struct dl_scope *scope, const struct dl_target *target, const char *id,
		    struct dl_log_cursor *cursor, struct dl_http_writer *writer)
{
	const char *start = dl_arena_format(&scope->arena, "%lld", (long long)cursor->offset);
	const char *job = job_path(scope, target);
	const struct dl_var vars[] = {{"job", job}, {"id", id}, {"start", start}, {NULL, NULL}};
	struct dl_res res;
	int result = dl_rest_stream(scope, target, &get_log, vars, writer, &res);
	int64_t size;

	if (result < 0)
		return -1;
	size = dl_text_int(dl_http_header(&scope->arena, &res, "x-text-size"));
	if (size < 0)
		return dl_fail(scope, DL_DATA, "%s sent a part of a log without X-Text-Size", target->host);
	cursor->offset = size;
	cursor->more = dl_text_same(dl_http_header(&scope->arena, &res, "x-more-data"), "true");
	return result;
}

/* The same, from the beginning when the log has become shorter than what was read of it. */
static int read_log_again(struct dl_scope *scope, const struct dl_target *target, const char *id,
			  struct dl_log_cursor *cursor, struct dl_http_writer *writer)
{
	struct dl_scope attempt;
	int result;

	dl_scope_open(&attempt, scope);
	result = read_log(&attempt, target, id, cursor, writer);
	if (result < 0 && attempt.error.status == 416 && cursor->offset) {
		dl_fail_take(&attempt, &attempt.arena);
		cursor->offset = 0;
		result = read_log(&attempt, target, id, cursor, writer);
	}
	return dl_scope_close(&attempt) ? -1 : result;
}

/* A log that is not there is promised for ever, also when the build is over and the log was removed. */
static int check_promise(struct dl_scope *scope, const struct dl_target *target, const char *id)
{
	struct dl_sink_list build;

	dl_sink_list(&build, scope, 1);
	if (jenkins_run(scope, target, id, &build.sink) < 0)
		return -1;
	if (((const struct dl_run *)dl_sink_item(&build, 0))->status != DL_COMPLETED)
		return 0;
	return dl_fail(scope, DL_MISSING, "%s has no log of build %s any more", target->host, id);
}

static int jenkins_log(struct dl_scope *scope, const struct dl_target *target, const char *id,
		       struct dl_log_cursor *cursor, struct dl_http_writer *writer)
{
	int64_t start;
	int result;

	if (check_id(scope, id))
		return -1;
	/* That many lines have at least as many bytes: less is all that there is. */
	do {
		start = cursor->offset;
		result = read_log_again(scope, target, id, cursor, writer);
	} while (result == 0 && cursor->more && cursor->offset - start >= LINES_AT_ONCE);
	if (result == 0 && cursor->more && !cursor->offset)
		result = check_promise(scope, target, id);
	return result;
}

/* ------------------------------------------------------------------ identity */

static const struct dl_ci ci = {
	.log_grows = true,
	.runs = jenkins_runs,
	.run = jenkins_run,
	.log = jenkins_log,
};

static const struct dl_dialect dialect = {
	.headers = (const char *const[]){"Accept: application/json", NULL},
	.explain = jenkins_explain,
};

const struct dl_provider dl_jenkins = {
	.name = "jenkins",
	.title = "Jenkins",
	.tree = (const char *const[]){"Jenkinsfile", NULL},
	.token_env = (const char *const[]){"JENKINS_TOKEN", NULL},
	.user_env = (const char *const[]){"JENKINS_USER", NULL},
	.url_env = (const char *const[]){"JENKINS_URL", NULL},
	.project_env = (const char *const[]){"JENKINS_JOB", NULL},
	.base = jenkins_base,
	.host_of = jenkins_host_of,
	.authorize = jenkins_authorize,
	.dialect = &dialect,
	.ci = &ci,
};
