/* CircleCI: circleci.com, and CircleCI Server.
 *
 * What is particular here. What a push starts is a pipeline, and what people wait for are its workflows:
 * those are the runs (circleci_run.h). The API v2 is everywhere; v3, of the cloud alone, searches for commits
 * and has output while it grows; v1.1 has output that is complete. Projects are not the repositories that
 * remotes name, but derive from them for GitHub and Bitbucket Cloud; others have ids that only the user
 * knows.
 *
 * https://circleci.com/docs/api/v2/, https://circleci.com/docs/api/v3/, https://circleci.com/docs/api/v1/ */
#include <string.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/url.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/provider/provider.h"
#include "lib/provider/rest.h"
#include "providers/ci/circleci_act.h"
#include "providers/ci/circleci_artifact.h"
#include "providers/ci/circleci_config.h"
#include "providers/ci/circleci_job.h"
#include "providers/ci/circleci_log.h"
#include "providers/ci/circleci_run.h"
#include "providers/providers.h"

/* ------------------------------------------------------------------ hosts and projects */

/* The root of all versions of the API. Web pages of the cloud have a host of their own. */
static const char *circleci_base(struct dl_scope *scope, const char *host)
{
	const char *name = dl_arena_copy(&scope->arena, host, strcspn(host, "/"));

	return dl_arena_format(&scope->arena, "https://%s",
			       strcmp(name, "app.circleci.com") == 0 ? "circleci.com" : name);
}

static const char *circleci_host_of(struct dl_scope *scope, const char *base)
{
	struct dl_url url;

	return dl_url_parse(scope, base, &url) ? NULL : dl_url_authority(&scope->arena, &url);
}

/* `pipelines/github/o/r/12/workflows/...`, `jobs/github/o/r/34` and `gh/o/r/34` are all about gh/o/r. */
static const char *circleci_project_of(struct dl_scope *scope, const char *host, const char *path)
{
	static const char *const pages[] = {"pipelines/", "jobs/"};
	const char *slug, *end;
	size_t i, slashes = 0;

	(void)host;
	for (i = 0; i < sizeof pages / sizeof *pages; i++)
		if (dl_text_starts(path, pages[i]))
			path += strlen(pages[i]);
	for (end = path; *end && (slashes += *end == '/') < 3; end++)
		;
	slug = dl_circleci_run_slug(&scope->arena, dl_arena_copy(&scope->arena, path, (size_t)(end - path)),
				    true);
	return slug ? slug : path;
}

static const char *circleci_project_of_remote(struct dl_scope *scope, const char *host, const char *path)
{
	static const struct {
		const char *host, *vcs;
	} hosts[] = {{"github.com", "gh"}, {"bitbucket.org", "bb"}};
	size_t i;

	for (i = 0; i < sizeof hosts / sizeof *hosts; i++)
		if (dl_text_same(host, hosts[i].host))
			return dl_circleci_run_slug(
				&scope->arena, dl_arena_format(&scope->arena, "%s/%s", hosts[i].vcs, path),
				true);
	return NULL;
}

/* ------------------------------------------------------------------ credentials and refusals */

static const char *circleci_authorize(struct dl_arena *arena, const char *user, const char *token)
{
	(void)user;
	return dl_arena_format(arena, "Circle-Token: %s", token);
}

static int circleci_explain(struct dl_scope *scope, const struct dl_target *target, const struct dl_res *res,
			    const char *message)
{
	if (res->status == 401 && target->auth.header) {
		dl_fail(scope, DL_AUTH, "%s does not accept the credential: %s", target->host,
			message ? message : "HTTP status 401");
		return dl_fail_hint(scope,
				    "it takes a personal API token, and no project's; this one came from %s",
				    target->auth_from);
	}
	if (res->status != 404)
		return 0;
	dl_fail(scope, DL_MISSING, "%s has no such thing in %s", target->host,
		dl_text_quote(&scope->arena, target->project));
	return target->auth.header
		       ? dl_fail_hint(scope, "or the token from %s may not see it", target->auth_from)
		       : dl_fail_hint(scope, "a private project needs a token: set CIRCLECI_TOKEN");
}

/* ------------------------------------------------------------------ operations */

static int circleci_run(struct dl_scope *scope, const struct dl_target *target, const char *id,
			struct dl_sink *sink)
{
	struct dl_circleci_run found;

	if (dl_circleci_run_find(scope, target, id, &found))
		return -1;
	return dl_sink_put(sink, scope, &dl_record_run, found.run);
}

/* ------------------------------------------------------------------ identity */

static const struct dl_ci ci = {
	.log_grows = true,
	.runs = dl_circleci_run_list,
	.run = circleci_run,
	.jobs = dl_circleci_job_list,
	.job = dl_circleci_job_put,
	.log = dl_circleci_log_read,
	.configured = dl_circleci_config_exists,
	.workflows = dl_circleci_config_workflows,
	.inputs = dl_circleci_config_inputs,
	.trigger = dl_circleci_act_trigger,
	.rerun = dl_circleci_act_rerun,
	.cancel = dl_circleci_act_cancel,
	.artifacts = dl_circleci_artifact_list,
	.artifact = dl_circleci_artifact_one,
	.download = dl_circleci_artifact_download,
};

static const struct dl_dialect dialect = {
	.headers = (const char *const[]){"Accept: application/json", NULL},
	.message = "message|error.detail|error.title",
	.explain = circleci_explain,
};

/* https://circleci.com/docs/api/v2/, "User" */
static const struct dl_vitals vitals = {
	.self = "/api/v2/me",
	.login = "login",
	.server = "/api/v2/me",
	.kinds = (const struct dl_token_kind[]){
		{"CCIPAT_", "a personal API token"},
		{"CCIPRJ_", "a project's API token, which is of no use here"},
		{NULL, NULL},
	},
	.help = "https://app.circleci.com/settings/user/tokens",
};

const struct dl_provider dl_circleci = {
	.name = "circleci",
	.title = "CircleCI",
	.aliases = (const char *const[]){"circle-ci", NULL},
	.host = "circleci.com",
	.host_suffix = ".circleci.com",
	.tree = (const char *const[]){".circleci/config.yml", NULL},
	.token_env = (const char *const[]){"CIRCLECI_TOKEN", "CIRCLE_TOKEN", NULL},
	.host_env = (const char *const[]){"CIRCLECI_HOST", NULL},
	.project_env = (const char *const[]){"CIRCLECI_PROJECT_SLUG", NULL},
	.run_env = "CIRCLE_WORKFLOW_ID",
	.base = circleci_base,
	.host_of = circleci_host_of,
	.project_of = circleci_project_of,
	.project_of_remote = circleci_project_of_remote,
	.authorize = circleci_authorize,
	.dialect = &dialect,
	.vitals = &vitals,
	.ci = &ci,
};
