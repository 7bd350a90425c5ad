/* Jenkins: any server, at any path ("https://ci.example.com/jenkins"). The project is a job, named with the
 * folders that it is in: `folder/job`. The branch feature/x of a multibranch project is the job
 * `project/feature%2Fx`, for that is its name on the server; the project itself stands for the jobs of all
 * its branches.
 *
 * What is particular here. Lists have no filter (jenkins_build.c). A build may have its result while it still
 * runs. It has one log, from which what a stage of a pipeline wrote can be had by itself (jenkins_log.c,
 * jenkins_stage.c). Before it is a build it is an item in a queue, with another number (jenkins_queue.c). A
 * job that is not there, and one that the user may not see, look the same.
 *
 * https://www.jenkins.io/doc/book/using/remote-access-api/ */
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/url.h"
#include "lib/provider/credential.h"
#include "lib/provider/provider.h"
#include "providers/ci/jenkins_artifact.h"
#include "providers/ci/jenkins_build.h"
#include "providers/ci/jenkins_job.h"
#include "providers/ci/jenkins_log.h"
#include "providers/ci/jenkins_queue.h"
#include "providers/ci/jenkins_stage.h"
#include "providers/providers.h"

/* ------------------------------------------------------------------ hosts, credentials, refusals */

static const char *jenkins_host_of(struct dl_scope *scope, const char *base)
{
	return dl_url_server(scope, base, "");
}

/* Put together anew, so that nothing but an authority and a path comes out of what a ref says. */
static const char *jenkins_base(struct dl_scope *scope, const char *host)
{
	const char *name = jenkins_host_of(scope, dl_arena_format(&scope->arena, "https://%s", host));

	return name ? dl_arena_format(&scope->arena, "https://%s", name) : NULL;
}

/* Where in PATH the server's own path ends: before the first `job`, or `view`. NULL: there is none. */
static const char *end_of_server(const char *path)
{
	const char *at;

	for (at = path; at; at = strchr(at, '/'), at = at ? at + 1 : NULL)
		if (dl_text_starts(at, "job/") || dl_text_starts(at, "view/"))
			return at;
	return NULL;
}

static const char *jenkins_host_of_page(struct dl_scope *scope, const char *host, const char *path)
{
	const char *end = end_of_server(path);

	return end && end > path
		       ? dl_arena_format(&scope->arena, "%s/%.*s", host, (int)(end - path - 1), path)
		       : NULL;
}

/* `view/NAME` may stand anywhere between jobs, and what comes after the last, the number of a build for one,
 * is about less than the job. */
static const char *jenkins_project_of(struct dl_scope *scope, const char *host, const char *path)
{
	char *rest = dl_arena_string(&scope->arena, end_of_server(path)), *word, *name;
	struct dl_buf project;

	(void)host;
	dl_buf_init(&project, &scope->arena, DL_CAP_HEAD);
	while ((word = strsep(&rest, "/"))) {
		name = strsep(&rest, "/");
		if ((strcmp(word, "job") != 0 && strcmp(word, "view") != 0) || !name || !*name)
			break;
		if (*word == 'j')
			dl_buf_printf(&project, "%s%s", project.len ? "/" : "", name);
	}
	return project.len && !project.overflow ? project.data : NULL;
}

static const char *jenkins_authorize(struct dl_arena *arena, const char *user, const char *token)
{
	return dl_credential_basic(arena, user ? user : "", token);
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

/* ------------------------------------------------------------------ identity */

static const struct dl_ci ci = {
	.log_grows = true,
	.log_whole = true,
	.lists_at_once = true,
	.runs = dl_jenkins_build_list,
	.run = dl_jenkins_queue_run,
	.jobs = dl_jenkins_stage_list,
	.job = dl_jenkins_stage_one,
	.log = dl_jenkins_log_read,
	.commit = dl_jenkins_build_commit,
	.configured = dl_jenkins_job_configured,
	.workflows = dl_jenkins_job_list,
	.inputs = dl_jenkins_job_inputs,
	.trigger = dl_jenkins_queue_trigger,
	.rerun = dl_jenkins_queue_rerun,
	.cancel = dl_jenkins_queue_cancel,
	.artifacts = dl_jenkins_artifact_list,
	.artifact = dl_jenkins_artifact_one,
	.download = dl_jenkins_artifact_download,
};

static const struct dl_sign signs[] = {{"/", "x-jenkins", NULL}, {NULL, NULL, NULL}};

static const struct dl_dialect dialect = {
	.headers = (const char *const[]){"Accept: application/json", NULL},
	.explain = jenkins_explain,
};

/* https://www.jenkins.io/doc/book/system-administration/authenticating-scripted-clients/ */
static const struct dl_vitals vitals = {
	.self = "/whoAmI/api/json",
	.login = "name",
	.server = "/api/json?tree=mode",
	.version_header = "x-jenkins",
	.help = "https://www.jenkins.io/doc/book/using/using-credentials/",
};

const struct dl_provider dl_jenkins = {
	.name = "jenkins",
	.title = "Jenkins",
	.tree = (const char *const[]){"Jenkinsfile", NULL},
	.token_env = (const char *const[]){"JENKINS_TOKEN", NULL},
	.user_env = (const char *const[]){"JENKINS_USER", NULL},
	.url_env = (const char *const[]){"JENKINS_URL", NULL},
	.project_env = (const char *const[]){"JENKINS_JOB", NULL},
	.run_env = "BUILD_NUMBER",
	.run_project_env = "JOB_NAME",
	.base = jenkins_base,
	.host_of = jenkins_host_of,
	.project_of = jenkins_project_of,
	.host_of_page = jenkins_host_of_page,
	.signs = signs,
	.authorize = jenkins_authorize,
	.dialect = &dialect,
	.vitals = &vitals,
	.ci = &ci,
};
