/* The rules are git's (lib/hooks/hooks_config.h), the file in the hooks dir comes last. git runs no hook of a
 * name that it does not know, so we do. */
#include "lib/hooks/posthook.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/beside.h"
#include "lib/base/proc.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/base/writer.h"
#include "lib/data/event.h"
#include "lib/data/record.h"
#include "lib/git/git.h"
#include "lib/hooks/hooks_config.h"

#define EVENT "post-push"

enum { TIMEOUT_MS = 10 * 60 * 1000 };

/* ------------------------------------------------------------------ one hook */

/* What it prints. */
struct voice {
	struct dl_writer writer;
	bool heard;
};

static int hear(struct dl_writer *writer, struct dl_scope *scope, const char *data, size_t len)
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

static void run_command(struct dl_scope *scope, const struct dl_posthook *posthook,
			const struct dl_hooks_entry *entry, size_t *count)
{
	const char *argv[8] = {"/bin/sh", "-c"};

	if (!entry->command || !*entry->command || !entry->enabled)
		return;
	argv[2] = dl_arena_format(&scope->arena, "%s \"$@\"", entry->command);
	argv[3] = entry->command;
	run(scope, posthook, dl_arena_format(&scope->arena, "hook.%s.command", entry->name), argv);
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
	struct dl_hooks_entries entries;
	size_t i, count = 0;
	const char *hooks;

	if (dl_git_config(scope, posthook->dir, &config))
		dl_fail_take(scope, &scope->arena);
	entries = dl_hooks_config_read(scope, &config, EVENT);
	for (i = 0; i < entries.count; i++)
		run_command(scope, posthook, &entries.items[i], &count);
	hooks = dl_git_hooks_dir(scope, posthook->dir);
	if (hooks)
		run_file(scope, posthook, dl_arena_format(&scope->arena, "%s/" EVENT, hooks), &count);
	else
		dl_fail_take(scope, &scope->arena);
	if (!count && posthook->ours)
		run_file(scope, posthook, dl_beside_hook(scope, EVENT), &count);
}
