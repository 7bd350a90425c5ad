/* A request to build is answered with an item of the queue, whose number the address in the answer ends with;
 * the rest of that address is what the server believes its own to be, which behind a proxy it is not. The
 * item becomes a build when its time has come. Five minutes later it is forgotten, and the build alone
 * remembers it. A request that is the same as one that waits is merged with that: the answer then may name no
 * item.
 *
 * What changes something needs a crumb, a word bound to a session, where the credential is a password. An API
 * token needs none: so the crumb is fetched when the server asks for it, together with the session's cookie.
 *
 * https://www.jenkins.io/doc/book/security/csrf-protection/,
 * https://github.com/jenkinsci/jenkins, ParameterizedJobMixIn.java, Queue.java */
#include "providers/ci/jenkins_queue.h"

#include <string.h>
#include <strings.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/base/url.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/net/http.h"
#include "lib/provider/rest.h"
#include "providers/ci/jenkins_build.h"
#include "providers/ci/jenkins_job.h"

enum {
	PATIENCE_MS = 10000, /* how long an item is waited for; one that waits longer is a run, too */
	FIRST_PAUSE_MS = 250,
	LAST_PAUSE_MS = 5000,
	STOP_MS = 3000, /* how long a build that is to be stopped by force has for each way of it */
	MOST_VARS = 8,
};

/* Absent, both lines are left out. */
static const char *const crumb_headers[] = {"{crumb_field}: {crumb}", "Cookie: {cookie}", NULL};

static const struct dl_route get_crumb = {.path = "/crumbIssuer/api/json", .once = true};
static const struct dl_route get_item = {.path = "/queue/item/{id}/api/json{?tree}"};
static const struct dl_route get_job = {.path = "/job/{+job}/api/json{?tree}"};
/* They may be secrets, too, of which the server does not know it. */
static const struct dl_route get_parameters = {.path = "/job/{+job}/{id}/api/json{?tree}", .once = true};
static const struct dl_route post_build = {
	.method = "POST", .path = "/job/{+job}/build{?delay}", .headers = crumb_headers,
};
static const struct dl_route post_parameters = {
	.method = "POST", .path = "/job/{+job}/buildWithParameters{?delay}", .headers = crumb_headers,
	.content = "application/x-www-form-urlencoded",
};
static const struct dl_route post_stop = {
	.method = "POST", .path = "/job/{+job}/{id}/{way}", .headers = crumb_headers,
};
static const struct dl_route post_cancel = {
	.method = "POST", .path = "/queue/cancelItem{?id}", .headers = crumb_headers,
};

/* ------------------------------------------------------------------ requests that change something */

/* The cookies that RES sets, as a request gives them back; NULL: none. */
static const char *session_cookie(struct dl_scope *scope, const struct dl_res *res)
{
	static const char name[] = "set-cookie:";
	const char *line, *end, *value;
	struct dl_buf cookie;

	dl_buf_init(&cookie, &scope->arena, DL_CAP_HEAD);
	for (line = res->head; line && *line; line = *end ? end + 1 : end) {
		end = strchrnul(line, '\n');
		if (strncasecmp(line, name, strlen(name)) != 0)
			continue;
		value = line + strlen(name);
		value += strspn(value, " \t");
		dl_buf_puts(&cookie, cookie.len ? "; " : "");
		dl_buf_add(&cookie, value, strcspn(value, "; \t\r\n"));
	}
	return cookie.len ? cookie.data : NULL;
}

/* Fetches a crumb into VARS, whose last three are for it. */
static int fetch_crumb(struct dl_scope *scope, const struct dl_target *target, struct dl_var *vars)
{
	const struct dl_json *root;
	struct dl_res res;

	if (dl_rest_send(scope, target, &get_crumb, (const struct dl_var[]){{NULL, NULL}}, NULL, &res))
		return -1;
	vars[2].value = session_cookie(scope, &res);
	root = dl_json_parse(scope, res.body, res.len);
	vars[0].value = dl_json_text(root, "crumbRequestField");
	vars[1].value = dl_json_text(root, "crumb");
	if (dl_text_is_name(vars[0].value ? vars[0].value : "") && vars[1].value)
		return 0;
	return dl_fail(scope, DL_DATA, "%s sent a crumb that is none", target->host);
}

static bool wants_crumb(const struct dl_error *error)
{
	return error->status == 403 && strstr(error->message, "No valid crumb");
}

/* As dl_rest_send, and once more with a crumb when the server wants one: it has done nothing then. */
static int post(struct dl_scope *scope, const struct dl_target *target, const struct dl_route *route,
		const struct dl_var *vars, const char *body, struct dl_res *res)
{
	struct dl_var all[MOST_VARS + 4] = {{NULL, NULL}};
	size_t count;
	int result;

	for (count = 0; vars[count].name; count++)
		all[count] = vars[count];
	DL_BUG_IF(count > MOST_VARS);
	all[count].name = "crumb_field";
	all[count + 1].name = "crumb";
	all[count + 2].name = "cookie";
	result = dl_rest_send(scope, target, route, all, body, res);
	if (result >= 0 || !wants_crumb(&scope->error))
		return result;
	dl_fail_take(scope, &scope->arena);
	if (fetch_crumb(scope, target, all + count))
		return dl_fail_prefix(scope, "a crumb is due, which an API token needs not");
	return dl_rest_send(scope, target, route, all, body, res);
}

/* ------------------------------------------------------------------ items */

/* The number of build ITEM has become; NULL: none yet. */
static const char *build_of(const struct dl_json *item)
{
	return dl_json_text(item, "executable.number");
}

/* The number of the build that came from item NUMBER, which is forgotten; NULL: failed. */
static const char *find_build(struct dl_scope *scope, const struct dl_target *target, const char *number)
{
	const struct dl_var vars[] = {{"job", dl_jenkins_build_job(scope, target)},
				      {"tree", "builds[number,queueId]{0,100}"},
				      {NULL, NULL}};
	const struct dl_json *list = dl_json_get(dl_rest_get(scope, target, &get_job, vars), "builds"), *node;

	for (node = list ? list->child : NULL; node; node = node->next)
		if (dl_text_same(dl_json_text(node, "queueId"), number) && dl_json_text(node, "number"))
			return dl_json_text(node, "number");
	dl_fail(scope, DL_MISSING, "%s has neither item %s in its queue nor a build of it", target->host,
		number);
	return NULL;
}

/* What is known of item NUMBER. NULL: it is forgotten, or SCOPE has failed. */
static const struct dl_json *read_item(struct dl_scope *scope, const struct dl_target *target,
				       const char *number)
{
	const struct dl_var vars[] = {{"id", number}, {"tree", DL_JENKINS_BUILD_ITEM}, {NULL, NULL}};
	const struct dl_json *item = dl_rest_get(scope, target, &get_item, vars);

	if (!item && scope->error.status == 404)
		dl_fail_take(scope, &scope->arena);
	return item;
}

/* The item's number in ID; NULL: there is none. */
static const char *item_number(struct dl_scope *scope, const char *id)
{
	if (*id == 'q' && dl_text_int(id + 1) >= 0)
		return id + 1;
	dl_fail(scope, DL_USAGE, "'%s' is not the number of an item in the queue",
		dl_text_quote(&scope->arena, id));
	return NULL;
}

/* How far an item has come. */
struct progress {
	const char *build; /* the number of the build it is now; NULL: it waits */
	const char *why;   /* it waits, in the server's words; NULL */
};

static int look_at_item(struct dl_scope *scope, const struct dl_target *target, const char *number,
			struct progress *progress)
{
	const struct dl_json *item = read_item(scope, target, number);

	if (scope->error.class != DL_OK)
		return -1;
	if (dl_json_bool(dl_json_get(item, "cancelled")) == 1)
		return dl_fail(scope, DL_MISSING, "item %s was cancelled while it was in the queue", number);
	progress->build = item ? build_of(item) : find_build(scope, target, number);
	progress->why = dl_json_text(item, "why");
	return scope->error.class == DL_OK ? 0 : -1;
}

const char *dl_jenkins_queue_build(struct dl_scope *scope, const struct dl_target *target, const char *id)
{
	const char *number = item_number(scope, id);
	struct progress progress;

	if (!number || look_at_item(scope, target, number, &progress))
		return NULL;
	return progress.build ? progress.build : "";
}

static int put_build(struct dl_scope *scope, const struct dl_target *target, const char *id,
		     struct dl_sink *sink)
{
	const struct dl_run *run = dl_jenkins_build_read(scope, target, id);

	return run ? dl_sink_put(sink, scope, &dl_record_run, run) : -1;
}

int dl_jenkins_queue_run(struct dl_scope *scope, const struct dl_target *target, const char *id,
			 struct dl_sink *sink)
{
	const char *number, *build;
	const struct dl_json *item;
	const struct dl_run *run;

	if (*id != 'q')
		return put_build(scope, target, id, sink);
	number = item_number(scope, id);
	item = number ? read_item(scope, target, number) : NULL;
	if (scope->error.class != DL_OK)
		return -1;
	build = item ? build_of(item) : find_build(scope, target, number);
	if (build)
		return put_build(scope, target, build, sink);
	run = item ? dl_jenkins_build_queued(scope, target, item) : NULL;
	return run ? dl_sink_put(sink, scope, &dl_record_run, run) : -1;
}

/* ------------------------------------------------------------------ starting */

/* The number of the item that RES, the answer to a request to build, is about; NULL: it names none. */
static const char *item_of_answer(struct dl_scope *scope, const struct dl_res *res)
{
	static const char place[] = "/queue/item/";
	const char *location = dl_http_header(&scope->arena, res, "location");
	const char *number = location ? strstr(location, place) : NULL;

	if (!number)
		return NULL;
	number += strlen(place);
	number = dl_arena_copy(&scope->arena, number, strcspn(number, "/?#"));
	return dl_text_int(number) >= 0 ? number : NULL;
}

/* The item of the job that is in the queue, with which the request was merged; NULL: failed. */
static const char *item_of_job(struct dl_scope *scope, const struct dl_target *job)
{
	const struct dl_var vars[] = {
		{"job", dl_jenkins_build_job(scope, job)}, {"tree", "queueItem[id]"}, {NULL, NULL}};
	const struct dl_json *root = dl_rest_get(scope, job, &get_job, vars);
	const char *number = dl_json_text(root, "queueItem.id");

	if (!root || number)
		return number;
	dl_fail(scope, DL_REFUSED, "%s has taken the request, but '%s' is not in its queue", job->host,
		dl_text_quote(&scope->arena, job->project));
	dl_fail_hint(scope, "it may have begun already, as one with another: dl-runs lists its builds");
	return NULL;
}

/* The number of the build that item NUMBER becomes; "" while it has not. NULL: failed. */
static const char *await_build(struct dl_scope *scope, const struct dl_target *job, const char *number)
{
	int64_t end = dl_time_clock_ms() + PATIENCE_MS, pause = FIRST_PAUSE_MS;
	struct progress progress;
	struct dl_scope look;
	const char *build;

	for (;; pause = 2 * pause < LAST_PAUSE_MS ? 2 * pause : LAST_PAUSE_MS) {
		progress = (struct progress){NULL, NULL};
		dl_scope_open(&look, scope);
		if (look_at_item(&look, job, number, &progress) == 0 && progress.build &&
		    dl_jenkins_build_check(&look, progress.build))
			progress.build = NULL;
		build = dl_arena_string(&scope->arena, progress.build);
		if (dl_scope_close(&look))
			return NULL;
		if (build)
			return build;
		if (dl_http_left_ms(job->http) <= pause || dl_time_clock_ms() + pause > end)
			return "";
		dl_time_sleep_ms(pause);
	}
}

/* Adds `NAME=VALUE` to a form. */
static void add_to_form(struct dl_buf *form, const char *name, const char *value)
{
	dl_buf_puts(form, form->len ? "&" : "");
	dl_url_encode(form, name, NULL);
	dl_buf_putc(form, '=');
	dl_url_encode(form, value, NULL);
}

/* Asks for a build of JOB with the parameters in FORM; without any when FORM is NULL. */
static int start(struct dl_scope *scope, const struct dl_target *job, const struct dl_buf *form,
		 struct dl_sink *sink)
{
	const struct dl_var vars[] = {
		{"job", dl_jenkins_build_job(scope, job)}, {"delay", "0sec"}, {NULL, NULL}};
	const char *number, *build;
	struct dl_res res;
	int result;

	if (form && dl_buf_check(scope, form, "all inputs together"))
		return -1;
	result = post(scope, job, form ? &post_parameters : &post_build, vars, form ? form->data : NULL,
		      &res);
	if (result < 0 && dl_fail_lost(&scope->error))
		dl_fail_hint(scope, "look with dl-runs whether it has begun all the same");
	if (result)
		return result;
	number = item_of_answer(scope, &res);
	if (!number)
		number = item_of_job(scope, job);
	build = number ? await_build(scope, job, number) : NULL;
	if (build && !*build)
		return dl_jenkins_queue_run(scope, job, dl_arena_format(&scope->arena, "q%s", number), sink);
	return build ? put_build(scope, job, build, sink) : -1;
}

int dl_jenkins_queue_trigger(struct dl_scope *scope, const struct dl_target *target,
			     const struct dl_trigger *trigger, struct dl_sink *sink)
{
	const struct dl_json *root;
	struct dl_target job;
	struct dl_buf form;
	size_t i;

	if (trigger->sha)
		return dl_fail(scope, DL_UNSUPPORTED,
			       "%s builds the newest commit of a branch, none of one's choice", target->host);
	root = dl_jenkins_job_find(scope, target, trigger, &job);
	if (!root)
		return -1;
	if (!dl_json_get(root, "property[].parameterDefinitions"))
		return start(scope, &job, NULL, sink);
	dl_buf_init(&form, &scope->arena, DL_CAP_LINE);
	for (i = 0; i < trigger->input_count; i++)
		add_to_form(&form, trigger->inputs[i].name, trigger->inputs[i].value);
	return start(scope, &job, &form, sink);
}

/* ------------------------------------------------------------------ again */

/* The value of PARAMETER in a build; NULL: SCOPE has failed, since the server does not tell it. */
static const char *read_parameter(struct dl_scope *scope, const struct dl_json *parameter)
{
	const struct dl_json *value = dl_json_get(parameter, "value");
	const char *name = dl_text_quote(&scope->arena, dl_json_text(parameter, "name"));
	bool secret = dl_text_ends(dl_json_text(parameter, "_class"), ".PasswordParameterValue");

	if (value && value->type == DL_JSON_NULL && !secret)
		return "";
	if (value && value->text && !secret)
		return value->text;
	dl_fail(scope, DL_REFUSED, "the build cannot be repeated: the server does not tell what its "
				   "parameter '%s' was, which may be a secret", name);
	dl_fail_hint(scope, "start a new one: dl-trigger with -f %s=VALUE and the others", name);
	return NULL;
}

/* The parameters of the build that ROOT tells of, into FORM. */
static int read_parameters(struct dl_scope *scope, const struct dl_json *list, struct dl_buf *form)
{
	const struct dl_json *node;
	const char *name, *value;

	for (node = list->child; node; node = node->next) {
		name = dl_json_text(node, "name");
		if (!name)
			return dl_fail(scope, DL_DATA, "a parameter without a name");
		value = read_parameter(scope, node);
		if (!value)
			return -1;
		add_to_form(form, name, value);
	}
	return 0;
}

int dl_jenkins_queue_rerun(struct dl_scope *scope, const struct dl_target *target, const char *id,
			   bool failed, struct dl_sink *sink)
{
	const struct dl_var vars[] = {{"job", dl_jenkins_build_job(scope, target)},
				      {"id", id},
				      {"tree", "building,actions[parameters[name,value]]"},
				      {NULL, NULL}};
	const struct dl_json *root, *list;
	struct dl_buf form;

	if (failed) {
		dl_fail(scope, DL_UNSUPPORTED, "jenkins cannot run again only what failed");
		return dl_fail_hint(scope, "without --failed the whole build is run again");
	}
	if (dl_jenkins_build_check(scope, id) || !(root = dl_rest_get(scope, target, &get_parameters, vars)))
		return -1;
	if (dl_json_bool(dl_json_get(root, "building")) == 1)
		return dl_fail(scope, DL_REFUSED, "build %s is not over yet", id);
	list = dl_json_get(root, "actions[].parameters");
	if (!list)
		return start(scope, target, NULL, sink);
	dl_buf_init(&form, &scope->arena, DL_CAP_LINE);
	return read_parameters(scope, list, &form) ? -1 : start(scope, target, &form, sink);
}

/* ------------------------------------------------------------------ stopping */

/* 0 when the build has ended, 1 when it goes on, -1: failed. Looks for a while when it MAY_WAIT. */
static int goes_on(struct dl_scope *scope, const struct dl_target *target, const char *id, bool may_wait)
{
	int64_t end = dl_time_clock_ms() + (may_wait ? STOP_MS : 0);
	const struct dl_run *run;
	struct dl_scope look;
	int result;

	for (;;) {
		dl_scope_open(&look, scope);
		run = dl_jenkins_build_read(&look, target, id);
		result = run ? run->status != DL_COMPLETED : -1;
		if (dl_scope_close(&look))
			return -1;
		if (result != 1 || dl_time_clock_ms() >= end ||
		    dl_http_left_ms(target->http) <= FIRST_PAUSE_MS)
			return result;
		dl_time_sleep_ms(FIRST_PAUSE_MS);
	}
}

static int post_way(struct dl_scope *scope, const struct dl_target *target, const char *id, const char *way)
{
	const struct dl_var vars[] = {
		{"job", dl_jenkins_build_job(scope, target)}, {"id", id}, {"way", way}, {NULL, NULL}};
	struct dl_res res;

	return post(scope, target, &post_stop, vars, NULL, &res);
}

/* Ways to stop that only pipelines have, the second for what withstands the first. */
static int stop_by_force(struct dl_scope *scope, const struct dl_target *target, const char *id)
{
	static const char *const ways[] = {"term", "kill"};
	struct dl_scope attempt;
	int result = 1;
	size_t i;

	for (i = 0; i < sizeof ways / sizeof *ways; i++) {
		result = goes_on(scope, target, id, true);
		if (result != 1)
			return result;
		dl_scope_open(&attempt, scope);
		result = post_way(&attempt, target, id, ways[i]);
		if (result < 0 && attempt.error.status == 404) {
			dl_fail_take(&attempt, &attempt.arena);
			result = 0;
		}
		if (dl_scope_close(&attempt) || result)
			return result;
	}
	return goes_on(scope, target, id, true) < 0 ? -1 : 0;
}

static int cancel_item(struct dl_scope *scope, const struct dl_target *target, const char *id)
{
	const char *number = item_number(scope, id);
	const struct dl_var vars[] = {{"id", number}, {NULL, NULL}};
	struct dl_scope attempt;
	struct dl_res res;
	int result;

	if (!number)
		return -1;
	dl_scope_open(&attempt, scope);
	result = post(&attempt, target, &post_cancel, vars, NULL, &res);
	/* Some versions do it, and then have no page to show. */
	if (result < 0 && attempt.error.status == 404) {
		dl_fail_take(&attempt, &attempt.arena);
		result = 0;
	}
	return dl_scope_close(&attempt) ? -1 : result;
}

int dl_jenkins_queue_cancel(struct dl_scope *scope, const struct dl_target *target, const char *id,
			    bool force, struct dl_sink *sink)
{
	const char *build = id;
	int result;

	if (*id == 'q') {
		build = dl_jenkins_queue_build(scope, target, id);
		if (build && !*build) {
			result = cancel_item(scope, target, id);
			return result ? result : dl_jenkins_queue_run(scope, target, id, sink);
		}
	}
	result = build ? goes_on(scope, target, build, false) : -1;
	if (result == 0)
		return dl_fail(scope, DL_REFUSED, "build %s is over", build);
	if (result == 1)
		result = post_way(scope, target, build, "stop");
	if (result == 0 && force)
		result = stop_by_force(scope, target, build);
	return result ? result : put_build(scope, target, build, sink);
}
