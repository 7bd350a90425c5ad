#include "providers/ci/gitea_project.h"

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/data/json.h"
#include "lib/git/repo.h"
#include "lib/provider/provider.h"
#include "lib/provider/rest.h"

static const struct dl_route get_project = {.path = "/repos/{+project}"};

/* What TARGET's repository says of a 404 below it. 0: nothing. */
static int tell_missing(struct dl_scope *scope, const struct dl_target *target)
{
	const struct dl_var vars[] = {{"project", target->project}, {NULL, NULL}};
	const struct dl_json *answer;
	struct dl_scope attempt;

	dl_scope_open(&attempt, NULL);
	answer = dl_rest_get(&attempt, target, &get_project, vars);
	if (!answer && attempt.error.status == 404) {
		dl_fail_take(scope, &scope->arena);
		dl_fail(scope, DL_MISSING, "%s has no repository '%s'", target->host,
			dl_text_quote(&scope->arena, target->project));
		dl_fail_hint(scope, target->auth.header ? "or the token from %s may not see it"
							: "or it is private, and %s wants a token",
			     target->auth.header ? target->auth_from : target->host);
	} else if (dl_json_bool(dl_json_get(answer, "has_actions")) == 0) {
		dl_fail_take(scope, &scope->arena);
		dl_fail(scope, DL_MISSING, "Actions are turned off for '%s'",
			dl_text_quote(&scope->arena, target->project));
		dl_fail_hint(scope, "they are turned on in the settings of the repository");
	}
	dl_scope_close(&attempt);
	return -1;
}

int dl_gitea_project_judge(struct dl_scope *scope, const struct dl_target *target,
			   enum dl_gitea_feature feature, int result)
{
	struct dl_gitea_server server;
	int status = scope->error.status;

	if (result >= 0 || (status != 404 && status != 405))
		return result;
	server = dl_gitea_server_find(scope, target);
	if (dl_gitea_server_has(&server, feature) == 0) {
		dl_fail_take(scope, &scope->arena);
		result = dl_gitea_server_refuse(scope, target, &server, feature);
	} else {
		tell_missing(scope, target);
	}
	scope->error.status = status;
	return result;
}

const char *dl_gitea_project_branch(struct dl_scope *scope, const struct dl_target *target,
				    const char *branch)
{
	const struct dl_var vars[] = {{"project", target->project}, {NULL, NULL}};
	const struct dl_json *answer;

	if (!branch && target->repo)
		branch = dl_repo_branch(scope, target->repo);
	if (branch)
		return branch;
	answer = dl_rest_get(scope, target, &get_project, vars);
	branch = dl_json_text(answer, "default_branch");
	if (answer && !branch)
		dl_fail(scope, DL_DATA, "%s does not say what the default branch is", target->host);
	return branch;
}
