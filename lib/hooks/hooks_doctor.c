/* What git would do is first read off the list of hooks (lib/hooks/hooks_view.h): that names who is in the
 * way. Then git is made to do it, which has the last word.
 *
 * A hook of others is never run just to see: it may be a test suite. What stands in git's configuration is
 * tried alone, and a file of ours stops before it comes to others. A script of others that runs dl-gate
 * somewhere cannot be tried without running all of it, so that is left to the user's word. */
#include "lib/hooks/hooks_doctor.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/data/push.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/hooks/hooks.h"
#include "lib/hooks/hooks_config.h"
#include "lib/hooks/hooks_probe.h"
#include "lib/hooks/hooks_view.h"

enum { PROBE_TIMEOUT_MS = 10000, OTHERS_TIMEOUT_MS = 600000, WAIT_S = 120 };

struct doctor {
	struct dl_scope *scope;
	const struct dl_hooks *hooks; /* of the working tree that is looked at */
	struct dl_sink *sink;
	bool others;
	bool runs;                    /* everywhere, so far */
};

static const char *quote(const struct doctor *doctor, const char *text)
{
	return dl_text_quote(&doctor->scope->arena, text);
}

static int put(struct doctor *doctor, enum dl_check_word status, const char *name, const char *message,
	       const char *command)
{
	struct dl_check *check = dl_schema_new(doctor->scope, &dl_record_check);

	doctor->runs = doctor->runs && status != DL_CHECK_FAIL;
	check->name = name;
	check->status = status;
	check->message = message;
	check->command = command;
	return dl_sink_put(doctor->sink, doctor->scope, &dl_record_check, check);
}

/* ------------------------------------------------------------------ trying */

/* HOOK stands in the right place, and yet dl-gate is not reached. */
static struct dl_hooks_reason explain_unreached(const struct doctor *doctor, const struct dl_hook_line *hook,
						const char *errors)
{
	struct dl_hooks_file file = dl_hooks_look(doctor->scope, hook->path);
	const char *text = hook->command ? hook->command : file.text;
	const char *program = text ? dl_hooks_stub_program(doctor->scope, text) : NULL;
	struct dl_arena *arena = &doctor->scope->arena;

	if (program && access(program, X_OK) < 0)
		return (struct dl_hooks_reason){dl_arena_format(arena,
								"%s, which the hook runs, is not there",
								quote(doctor, program)),
						"dl-hooks install"};
	return (struct dl_hooks_reason){
		dl_arena_format(arena, "git does not come to dl-gate by %s%s%s", quote(doctor, hook->path),
				*errors ? ": " : "", *errors ? quote(doctor, errors) : ""),
		"git hook run pre-push -- origin x"};
}

/* The hooks of git's configuration that are not ours. */
static struct dl_hooks_entries others_in(const struct doctor *doctor)
{
	struct dl_hooks_entries all =
		dl_hooks_config_read(doctor->scope, &doctor->hooks->config, "pre-push");
	size_t i, kept = 0;

	for (i = 0; i < all.count; i++)
		if (strcmp(all.items[i].name, DL_HOOKS_NAME) != 0)
			all.items[kept++] = all.items[i];
	all.count = kept;
	return all;
}

/* Whether the file that git runs comes to nothing of others. One of ours may leave dl-gate to the hook in the
 * configuration, and go on to the hook that was there before. */
static bool is_harmless(const struct doctor *doctor, const struct dl_hooks_view *view)
{
	const char *text;

	if (!view->file || !view->configured)
		return view->file;
	text = dl_hooks_look(doctor->scope, view->file->path).text;
	return text && !dl_hooks_stub_is_chained(text);
}

/* Makes git run the hooks of the working tree in DIR. */
static int try_hooks(struct doctor *doctor, const struct dl_hooks_view *view, const char *dir)
{
	struct dl_hooks_entries others = others_in(doctor);
	struct dl_hooks_probe probe = {
		.dir = dir, .masked = doctor->others ? NULL : &others,
		.no_file = !doctor->others && !is_harmless(doctor, view),
		.timeout_ms = doctor->others ? OTHERS_TIMEOUT_MS : PROBE_TIMEOUT_MS,
	};
	const struct dl_hook_line *hook = view->configured ? view->configured
					  : view->file	   ? view->file
							   : view->script;
	struct dl_hooks_probe_result result;
	struct dl_arena *arena = &doctor->scope->arena;
	struct dl_hooks_reason reason;

	if (dl_hooks_probe_run(doctor->scope, &probe, &result))
		return -1;
	if (result.count == 0) {
		reason = explain_unreached(doctor, hook, result.errors);
		return put(doctor, DL_CHECK_FAIL, "pre-push", reason.message, reason.command);
	}
	if (result.count > 1)
		return put(doctor, DL_CHECK_WARN, "pre-push",
			   dl_arena_format(arena, "git runs dl-gate %zu times in %s", result.count,
					   quote(doctor, doctor->hooks->top)),
			   "dl-hooks install");
	return put(doctor, DL_CHECK_PASS, "pre-push",
		   dl_arena_format(arena, "git has run %s in %s, from %s", quote(doctor, result.program),
				   quote(doctor, doctor->hooks->top), quote(doctor, hook->path)),
		   NULL);
}

/* Looks at one working tree. */
static int check_tree(struct doctor *doctor, const char *dir)
{
	struct dl_arena *arena = &doctor->scope->arena;
	struct dl_hooks_reason reason;
	struct dl_hooks_view view;

	if (dl_hooks_view_open(doctor->scope, doctor->hooks, &view))
		return -1;
	if (!view.configured && !view.file && !view.script) {
		reason = dl_hooks_view_explain(doctor->scope, doctor->hooks, &view);
		return put(
			doctor, DL_CHECK_FAIL, "pre-push",
			dl_arena_format(arena, "%s: %s", quote(doctor, doctor->hooks->top), reason.message),
			reason.command);
	}
	if (doctor->hooks->version < DL_HOOKS_RUN)
		return put(doctor, DL_CHECK_WARN, "pre-push",
			   "the hook is in its place; this git cannot be made to try it, 2.36 can", NULL);
	if (!view.configured && !view.file && !doctor->others)
		return put(doctor, DL_CHECK_WARN, "pre-push",
			   dl_arena_format(arena,
					   "%s names dl-gate; it was not tried, as it is not ours to run",
					   quote(doctor, view.script->path)),
			   "dl-hooks doctor --run");
	return try_hooks(doctor, &view, dir);
}

/* The same for another working tree than the one here. */
static int check_other(struct doctor *doctor, const char *dir)
{
	struct dl_scope scope;
	struct dl_hooks hooks;
	struct doctor there = *doctor;
	struct dl_error error;
	int result = DL_MORE;

	dl_scope_open(&scope, NULL);
	there.scope = &scope;
	there.hooks = &hooks;
	if (dl_hooks_open(&scope, dir, &hooks) == 0) {
		/* The one here has been looked at. */
		if (strcmp(hooks.top, doctor->hooks->top) != 0)
			result = check_tree(&there, dir);
	} else {
		error = dl_fail_take(&scope, &scope.arena);
		result = put(&there, DL_CHECK_WARN, "worktree",
			     dl_arena_format(&scope.arena, "%s: %s", dl_text_quote(&scope.arena, dir),
					     error.message),
			     "git worktree prune");
	}
	doctor->runs = there.runs;
	if (scope.error.class != DL_OK)
		doctor->scope->error = dl_fail_take(&scope, &doctor->scope->arena);
	dl_scope_close(&scope);
	return result;
}

/* All other working trees of the repository. */
static int check_others(struct doctor *doctor)
{
	static const char *const argv[] = {"worktree", "list", "--porcelain", "-z", NULL};
	static const char key[] = "worktree ";
	struct dl_proc_result result;
	const char *line, *end;
	int status = DL_MORE;

	if (getenv("GIT_DIR"))
		return put(doctor, DL_CHECK_SKIP, "worktree",
			   "GIT_DIR is set: other working trees were not looked at", NULL);
	if (doctor->hooks->version < DL_HOOKS_RUN)
		return DL_MORE;
	if (dl_git_run(doctor->scope, NULL, argv, &result))
		return -1;
	end = result.output + result.len;
	for (line = result.output; line < end && status == DL_MORE; line += strlen(line) + 1)
		if (dl_text_starts(line, key))
			status = check_other(doctor, line + strlen(key));
	return status;
}

/* ------------------------------------------------------------------ what else is amiss */

/* Files that git or a user may stumble over. */
static int check_files(struct doctor *doctor)
{
	struct dl_arena *arena = &doctor->scope->arena;
	const struct dl_hook_line *hook;
	int result = DL_MORE;
	struct dl_hooks_view view;
	const char *path;
	size_t i;

	if (dl_hooks_view_open(doctor->scope, doctor->hooks, &view))
		return -1;
	for (i = 0; i < view.list.count && result == DL_MORE; i++) {
		hook = dl_hooks_view_at(&view, i);
		if (dl_text_same(hook->name, DL_HOOKS_NAME) || !dl_hooks_view_is_file(hook))
			continue;
		path = dl_text_shell(arena, hook->path);
		if (hook->state == DL_HOOK_BROKEN)
			result = put(doctor, DL_CHECK_FAIL, "hooks",
				     dl_arena_format(arena,
						     "%s %s: git cannot run it, and before 2.54 a push "
						     "may hang for ever",
						     quote(doctor, hook->path), hook->message),
				     dl_text_starts(hook->message, "has a carriage")
					     ? dl_arena_format(arena, "sed -i 's/\\r$//' %s", path)
					     : dl_arena_format(arena, "mv %s %s.off", path, path));
		else if (hook->state == DL_HOOK_DISPLACED)
			result = put(
				doctor, DL_CHECK_WARN, "hooks",
				dl_arena_format(arena, "%s: %s", quote(doctor, hook->path), hook->message),
				NULL);
	}
	return result;
}

static int check_environment(struct doctor *doctor)
{
	const char *off = getenv("DL_HOOKS"), *mode = dl_git_get(&doctor->hooks->config, "devloop.prepush");
	const char *older = dl_hooks_older_git(doctor->scope);
	int result = DL_MORE;
	struct dl_hooks_view view;

	if (dl_hooks_view_open(doctor->scope, doctor->hooks, &view))
		return -1;
	if (off && strcmp(off, "0") == 0)
		result = put(doctor, DL_CHECK_WARN, "DL_HOOKS", "it is 0: every push goes", "unset DL_HOOKS");
	if (result == DL_MORE && dl_text_same(mode, "off"))
		result = put(doctor, DL_CHECK_WARN, "devloop.prepush", "it is off: every push goes",
			     "git config --unset devloop.prepush");
	if (result == DL_MORE && older && view.configured && !view.file)
		result = put(doctor, DL_CHECK_WARN, "git",
			     dl_arena_format(&doctor->scope->arena,
					     "%s is older than 2.54 and does not run the hook",
					     quote(doctor, older)),
			     "dl-hooks install");
	return result;
}

/* ------------------------------------------------------------------ remotes */

/* URL, of ssh, as one of https; NULL: it cannot be told. */
static const char *https_of(struct dl_arena *arena, const char *url)
{
	const char *host = strstr(url, "://"), *path, *end;

	host = host ? host + strlen("://") : url;
	path = host + strcspn(host, host == url ? ":" : "/");
	if (!*path || memchr(host, '[', (size_t)(path - host)))
		return NULL;
	end = memchr(host, '@', (size_t)(path - host));
	host = end ? end + 1 : host;
	end = memchr(host, ':', (size_t)(path - host));
	return dl_arena_format(arena, "https://%.*s/%s", (int)((end ? end : path) - host), host,
			       path + 1 + (path[1] == '/'));
}

/* Where a push over ssh cannot wait as long as it is allowed to. */
static int check_remote(struct doctor *doctor, const char *name, const char *url)
{
	const char *wait = dl_git_get(&doctor->hooks->config, "devloop.prepush.wait"), *https;
	int64_t wait_s = wait ? dl_time_parse_duration(wait) : WAIT_S;
	struct dl_arena *arena = &doctor->scope->arena;
	int64_t patience_s = dl_push_patience(url, wait_s);

	if (dl_push_transport(url) != DL_PUSH_SSH || patience_s >= wait_s)
		return DL_MORE;
	https = https_of(arena, url);
	return put(doctor, DL_CHECK_WARN, "remote",
		   dl_arena_format(arena, "%s is pushed to over ssh, and a push over ssh waits for CI for no "
					  "longer than %s, not %s: the server closes the connection",
				   quote(doctor, name), dl_time_span(arena, patience_s),
				   dl_time_span(arena, wait_s)),
		   https ? dl_arena_format(arena, "git config %s %s",
					   dl_text_shell(arena,
							 dl_arena_format(arena, "remote.%s.pushurl", name)),
					   dl_text_shell(arena, https))
			 : NULL);
}

static int check_remotes(struct doctor *doctor)
{
	const struct dl_git_config *config = &doctor->hooks->config;
	struct dl_arena *arena = &doctor->scope->arena;
	const char *key, *name, *pushed;
	int result = DL_MORE;
	size_t i;

	for (i = 0; i < config->count && result == DL_MORE; i++) {
		key = config->entries[i].key;
		if (!dl_text_starts(key, "remote.") || !dl_text_ends(key, ".url"))
			continue;
		name = dl_arena_copy(arena, key + strlen("remote."),
				     strlen(key) - strlen("remote.") - strlen(".url"));
		pushed = dl_git_get(config, dl_arena_format(arena, "remote.%s.pushurl", name));
		result = check_remote(doctor, name, pushed ? pushed : config->entries[i].value);
	}
	return result;
}

int dl_hooks_doctor(struct dl_scope *scope, const struct dl_hooks *hooks, bool others, struct dl_sink *sink)
{
	static int (*const checks[])(struct doctor *doctor) = {
		check_others, check_files, check_environment, check_remotes,
	};
	struct doctor doctor = {
		.scope = scope, .hooks = hooks, .sink = sink, .others = others, .runs = true,
	};
	int result = check_tree(&doctor, NULL);
	size_t i;

	for (i = 0; i < sizeof checks / sizeof *checks && result == DL_MORE; i++)
		result = checks[i](&doctor);
	return result == DL_MORE ? doctor.runs : result < 0 ? -1 : doctor.runs;
}
