/* Each check is a function that prints what it has found. That one could not be made is no failure of the
 * program: a question without an answer that matters is a check that has failed, or, where nobody is to be
 * asked at all, one that is skipped. */
#include "lib/release/preflight_run.h"

#include "lib/base/scope.h"
#include "lib/data/agents.h"
#include "lib/data/json.h"
#include "lib/git/repo.h"
#include "lib/program/tool.h"
#include "lib/release/preflight.h"
#include "lib/release/preflight_git.h"
#include "lib/release/preflight_server.h"
#include "lib/release/preflight_version.h"

static int (*const checks[])(struct dl_preflight *flight) = {
	dl_preflight_git_tree,
	dl_preflight_git_branch,
	dl_preflight_git_upstream,
	dl_preflight_version_form,
	dl_preflight_version_order,
	dl_preflight_version_files,
	dl_preflight_version_changelog,
	dl_preflight_git_tag,
	dl_preflight_server_release,
	dl_preflight_server_forge,
	dl_preflight_server_ci,
	dl_preflight_server_registry,
};

/* Sets what tags have before the version, as dl-changelog has it. */
static int find_prefix(struct dl_preflight *flight)
{
	const char *root = dl_repo_root(flight->repo);
	const struct dl_json *agents;

	flight->prefix = flight->wish->prefix;
	if (!flight->prefix && root) {
		agents = dl_agents_read(flight->scope, root);
		flight->prefix = dl_json_text(agents, "agents.changelog.config.tag_prefix");
	}
	if (!flight->prefix)
		flight->prefix = "";
	return flight->scope->error.class == DL_OK ? 0 : -1;
}

int dl_preflight_run(struct dl_scope *scope, struct dl_tool *tool, const struct dl_preflight_wish *wish,
		     bool *ready)
{
	struct dl_preflight flight = {
		.wish = wish, .tool = tool, .scope = scope, .dir = tool->common.dir,
		.repo = dl_repo_open(scope, tool->common.dir),
	};
	int result = -1;
	size_t i;

	if (flight.repo && find_prefix(&flight) == 0 && dl_preflight_git_look(&flight) == 0 &&
	    dl_project_read(scope, flight.repo, flight.head, &flight.project) == 0) {
		dl_preflight_version_name(&flight);
		for (i = 0, result = 0; i < sizeof checks / sizeof *checks && result == 0; i++)
			result = checks[i](&flight);
	}
	dl_repo_close(flight.repo);
	*ready = !flight.failed;
	return result;
}
