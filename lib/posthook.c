/* The rules are git's: https://git-scm.com/docs/git-hook. hook.NAME.event has the event, several times for
 * several, and nothing to forget those before it; of several hook.NAME.command the last counts, which a shell
 * runs with the arguments behind it; hook.NAME.enabled=false switches it off. The file in the hooks dir comes
 * last. git runs no hook of a name that it does not know, so we do. */
#include "lib/posthook.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "lib/beside.h"
#include "lib/event.h"
#include "lib/git.h"
#include "lib/http.h"
#include "lib/proc.h"
#include "lib/record.h"
#include "lib/scope.h"
#include "lib/text.h"
#include "lib/time.h"

#define EVENT "post-push"

enum { TIMEOUT_MS = 10 * 60 * 1000 };

/* ------------------------------------------------------------------ one hook */

/* What it prints. */
struct voice {
	struct dl_http_writer writer;
	bool heard;
};

static int hear(struct dl_http_writer *writer, struct dl_scope *scope, const char *data, size_t len)
{
	(void)scope;
	if (((struct voice *)writer)->heard)
		fwrite(data, 1, len, stderr);
	return 0;
}

/* Our programs can be called by their names, whatever PATH the push came from. */
static const char *const *environment(struct dl_scope *scope, const struct dl_posthook *posthook)
{
	const char **env = dl_arena_array(&scope->arena, 3, sizeof *env);
	const char *bin = dl_beside_bin(scope), *path = dl_proc_path();

	env[0] = dl_arena_format(&scope->arena, "DL_PUSH_SECONDS=%lld", (long long)posthook->took_s);
	if (bin)
		env[1] = dl_arena_format(&scope->arena, "PATH=%s:%s", *path ? path : "/usr/bin:/bin", bin);
	return env;
}

static void write_event(struct dl_scope *scope, const struct dl_posthook *posthook, const char *name,
			enum dl_class class, const char *detail)
{
	struct dl_event *event = dl_event_new(scope, posthook->program, EVENT, class);

	event->detail = dl_arena_format(&scope->arena, "%s: %s", dl_text_quote(&scope->arena, name), detail);
	dl_event_write(event);
}

/* Runs ARGV, which has room for the arguments behind it. NAME is for people. */
static void run(struct dl_scope *scope, const struct dl_posthook *posthook, const char *name,
		const char **argv)
{
	struct voice voice = {.writer.write = hear, .heard = posthook->heard};
	struct dl_proc proc = {
		.argv = argv, .env = environment(scope, posthook), .dir = posthook->dir,
		.input = posthook->lines, .input_len = posthook->len, .timeout_ms = TIMEOUT_MS,
		.quiet = !posthook->heard,
	};
	struct dl_proc_result result;
	struct dl_error error;

	while (*argv)
		argv++;
	argv[0] = posthook->remote;
	argv[1] = posthook->url;
	argv[2] = posthook->verdict;
	if (dl_proc_stream(scope, &proc, &voice.writer, &result)) {
		error = dl_fail_take(scope, &scope->arena);
		write_event(scope, posthook, name, error.class, error.message);
		return;
	}
	write_event(scope, posthook, name, result.status ? DL_NO : DL_OK,
		    dl_arena_format(&scope->arena, "exit code %d", result.status));
}

/* ------------------------------------------------------------------ which ones */

/* The NAME in "hook.NAME.event"; NULL: KEY is another one. */
static const char *name_in(struct dl_scope *scope, const char *key)
{
	size_t begin = strlen("hook."), end = strlen(".event"), len = strlen(key);

	if (!dl_text_starts(key, "hook.") || !dl_text_ends(key, ".event") || len <= begin + end)
		return NULL;
	return dl_arena_copy(&scope->arena, key + begin, len - begin - end);
}

/* Whether the entry at INDEX is what makes the hook NAME one for our event: no later one says the same, or
 * takes it back. */
static bool is_last_word(const struct dl_git_config *config, size_t index)
{
	const struct dl_git_entry *entry = &config->entries[index], *other;
	size_t i;

	for (i = index + 1; i < config->count; i++) {
		other = &config->entries[i];
		if (strcmp(other->key, entry->key) == 0 &&
		    (!*other->value || strcmp(other->value, EVENT) == 0))
			return false;
	}
	return strcmp(entry->value, EVENT) == 0;
}

static bool is_disabled(const char *value)
{
	return value && (strcasecmp(value, "false") == 0 || strcasecmp(value, "no") == 0 ||
			 strcasecmp(value, "off") == 0 || strcmp(value, "0") == 0 || !*value);
}

static void run_command(struct dl_scope *scope, const struct dl_posthook *posthook,
			const struct dl_git_config *config, const char *name, size_t *count)
{
	struct dl_arena *arena = &scope->arena;
	const char *command = dl_git_get(config, dl_arena_format(arena, "hook.%s.command", name));
	const char *enabled = dl_git_get(config, dl_arena_format(arena, "hook.%s.enabled", name));
	const char *argv[8] = {"/bin/sh", "-c"};

	if (!command || !*command || is_disabled(enabled))
		return;
	argv[2] = dl_arena_format(arena, "%s \"$@\"", command);
	argv[3] = command;
	run(scope, posthook, dl_arena_format(arena, "hook.%s.command", name), argv);
	++*count;
}

static void run_file(struct dl_scope *scope, const struct dl_posthook *posthook, const char *path,
		     size_t *count)
{
	const char *argv[5] = {path};

	if (!path || !dl_proc_is_program(path))
		return;
	run(scope, posthook, path, argv);
	++*count;
}

void dl_posthook_run(struct dl_scope *scope, const struct dl_posthook *posthook)
{
	struct dl_git_config config;
	const char *hooks, *name;
	size_t i, count = 0;

	if (dl_git_config(scope, posthook->dir, &config))
		dl_fail_take(scope, &scope->arena);
	for (i = 0; i < config.count; i++) {
		name = name_in(scope, config.entries[i].key);
		if (name && is_last_word(&config, i))
			run_command(scope, posthook, &config, name, &count);
	}
	hooks = dl_git_hooks_dir(scope, posthook->dir);
	if (hooks)
		run_file(scope, posthook, dl_arena_format(&scope->arena, "%s/" EVENT, hooks), &count);
	else
		dl_fail_take(scope, &scope->arena);
	if (!count && posthook->ours)
		run_file(scope, posthook, dl_beside_hook(scope, EVENT), &count);
}
