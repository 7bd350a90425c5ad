#include "providers/ci/local_env.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/data/json.h"
#include "providers/ci/local_store.h"

extern char **environ;

/* Of git's variables only those stay that a user sets for every repository. The others speak of the
 * repository, the commit or the hook that this program was started from. */
static bool stays(const char *variable)
{
	static const char *const kept[] = {
		"GIT_CONFIG_GLOBAL=", "GIT_CONFIG_NOSYSTEM=", "GIT_CONFIG_SYSTEM=", "GIT_LFS_SKIP_SMUDGE=",
		"GIT_SSH=", "GIT_SSH_COMMAND=", "GIT_TERMINAL_PROMPT=",
	};
	size_t i;

	for (i = 0; i < sizeof kept / sizeof *kept; i++)
		if (dl_text_starts(variable, kept[i]))
			return true;
	if (!strchr(variable, '='))
		return true;
	return !dl_text_starts(variable, "GIT_") && !dl_text_starts(variable, "DL_INPUT_");
}

static void drop_variables(struct dl_scope *scope)
{
	char **variable = environ;

	while (*variable) {
		if (stays(*variable))
			variable++;
		else
			unsetenv(dl_arena_copy(&scope->arena, *variable, strcspn(*variable, "=")));
	}
}

static void set_input(struct dl_scope *scope, const struct dl_json *input)
{
	char *name = dl_arena_format(&scope->arena, "DL_INPUT_%s", input->key), *letter;

	for (letter = name; *letter; letter++) {
		if (*letter >= 'a' && *letter <= 'z')
			*letter = (char)(*letter - 'a' + 'A');
		else if (*letter == '-')
			*letter = '_';
	}
	setenv(name, input->text, 1);
}

void dl_local_env_set(struct dl_scope *scope, const struct dl_run *run, const char *artifacts)
{
	const struct dl_json *inputs = dl_local_store_inputs(scope, run), *input;

	drop_variables(scope);
	setenv("CI", "true", 1);
	setenv("DEVLOOP_CI", "local", 1);
	setenv("DL_RUN_ID", run->id, 1);
	setenv("DL_RUN_ATTEMPT", dl_arena_format(&scope->arena, "%lld", (long long)run->attempt), 1);
	setenv("DL_SHA", run->sha, 1);
	setenv("DL_BRANCH", run->branch ? run->branch : "", 1);
	setenv("DL_EVENT", run->event ? run->event : "", 1);
	setenv("DL_WORKFLOW", run->workflow, 1);
	setenv("DL_ARTIFACTS", artifacts, 1);
	for (input = inputs ? inputs->child : NULL; input; input = input->next)
		set_input(scope, input);
}
