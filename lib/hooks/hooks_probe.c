#include "lib/hooks/hooks_probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/file.h"
#include "lib/base/proc.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/hooks/hooks.h"
#include "lib/hooks/hooks_config.h"

enum { MOST_ERRORS = 4096 };

/* The environment of a repository that is found by its folder, where those hooks are off: as if by `git -c`,
 * after those that are there. */
static const char *const *environment(struct dl_scope *scope, const struct dl_hooks_probe *probe,
				      const char *file)
{
	static const char *const places[] = {"GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR"};
	size_t masked = probe->masked ? probe->masked->count : 0, count = 0, i;
	const char **env = dl_arena_array(&scope->arena, 2 * masked + 8, sizeof *env);
	struct dl_arena *arena = &scope->arena;
	int64_t keys = dl_text_int(getenv("GIT_CONFIG_COUNT"));

	keys = keys < 0 ? 0 : keys;
	for (i = 0; probe->dir && i < sizeof places / sizeof *places; i++)
		env[count++] = places[i];
	for (i = 0; i < masked; i++, keys++) {
		env[count++] = dl_arena_format(arena, "GIT_CONFIG_KEY_%d=hook.%s.enabled", (int)keys,
					       probe->masked->items[i].name);
		env[count++] = dl_arena_format(arena, "GIT_CONFIG_VALUE_%d=false", (int)keys);
	}
	if (probe->no_file) {
		env[count++] = dl_arena_format(arena, "GIT_CONFIG_KEY_%d=core.hooksPath", (int)keys);
		env[count++] = dl_arena_format(arena, "GIT_CONFIG_VALUE_%d=/dev/null", (int)keys++);
	}
	env[count++] = dl_arena_format(arena, "GIT_CONFIG_COUNT=%d", (int)keys);
	env[count++] = dl_arena_format(arena, "DL_GATE_PROBE=%s", file);
	return env;
}

static const char *last_line(struct dl_scope *scope, const char *text)
{
	size_t len = strlen(text), begin;

	while (len && text[len - 1] == '\n')
		len--;
	for (begin = len; begin && text[begin - 1] != '\n';)
		begin--;
	return dl_arena_copy(&scope->arena, text + begin, len - begin);
}

static int run_git(struct dl_scope *scope, const struct dl_hooks_probe *probe, const char *file,
		   struct dl_hooks_probe_result *result)
{
	static const char *const argv[] = {"git", "hook",   "run",	"pre-push",
					   "--",  "origin", "dl-hooks", NULL};
	struct dl_proc proc = {
		.argv = argv, .env = environment(scope, probe, file), .dir = probe->dir,
		.timeout_ms = probe->timeout_ms, .errors_cap = MOST_ERRORS,
	};
	struct dl_proc_result ended = {0};
	struct dl_scope attempt;

	dl_scope_open(&attempt, NULL);
	if (dl_proc_run(&attempt, &proc, &ended) == 0)
		result->errors = last_line(scope, ended.errors);
	else if (attempt.error.class == DL_NETWORK || attempt.error.class == DL_DATA)
		result->errors = dl_arena_string(&scope->arena, attempt.error.message);
	else
		return dl_scope_close(&attempt), dl_fail(scope, DL_SYSTEM, "git cannot be started");
	dl_scope_close(&attempt);
	return 0;
}

/* What dl-gate has written. */
static void read_answer(struct dl_scope *scope, const char *file, struct dl_hooks_probe_result *result)
{
	struct dl_scope attempt;
	const char *text;

	dl_scope_open(&attempt, NULL);
	text = dl_file_read(&attempt, file, DL_CAP_LINE, NULL);
	if (text && *text)
		result->program = dl_arena_copy(&scope->arena, text, strcspn(text, "\n"));
	for (; text && (text = strchr(text, '\n')); text++)
		result->count++;
	dl_scope_close(&attempt);
}

int dl_hooks_probe_run(struct dl_scope *scope, const struct dl_hooks_probe *probe,
		       struct dl_hooks_probe_result *result)
{
	const char *tmp = getenv("TMPDIR");
	char *folder = dl_arena_format(&scope->arena, "%s/devloop.XXXXXX", tmp && *tmp == '/' ? tmp : "/tmp");
	int status;

	*result = (struct dl_hooks_probe_result){.errors = ""};
	if (!mkdtemp(folder))
		return dl_fail_errno(scope, "cannot create a folder in %s", folder);
	status = run_git(scope, probe, dl_hooks_path(scope, folder, "reached"), result);
	read_answer(scope, dl_hooks_path(scope, folder, "reached"), result);
	return dl_file_remove_tree(scope, folder) ? -1 : status;
}
