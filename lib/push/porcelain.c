/* What git prints: https://git-scm.com/docs/git-push#_output. A line "To URL" comes before the refs that are
 * pushed there. Objects are named by their first digits only, so they are looked up, the new one by those:
 * the branch may have moved on by then. With --quiet git does not print them: what it says otherwise is kept
 * back instead, unless it fails. */
#include "lib/push/porcelain.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/data/push.h"
#include "lib/data/schema.h"
#include "lib/git/git.h"
#include "lib/push/tracking.h"

enum { ERRORS_CAP = 64 << 10, SIGNALLED = 128 };

static const char zeros[] = "0000000000000000000000000000000000000000";

/* ------------------------------------------------------------------ the command line */

static void add(struct dl_opt_list *list, const char *argument)
{
	list->items[list->count++] = argument;
}

static const struct dl_opt *find_letter(const struct dl_opt_set *sets, size_t count, char letter)
{
	const struct dl_opt *opt;
	size_t i;

	for (i = 0; i < count; i++)
		for (opt = sets[i].table; opt->name; opt++)
			if (opt->letter == letter)
				return opt;
	return NULL;
}

static const struct dl_opt *find_name(const struct dl_opt_set *sets, size_t count, const char *name)
{
	size_t len = strcspn(name, "="), i;
	const struct dl_opt *opt;

	for (i = 0; i < count; i++)
		for (opt = sets[i].table; opt->name; opt++)
			if (strlen(opt->name) == len && strncmp(opt->name, name, len) == 0)
				return opt;
	return NULL;
}

/* Whether ARGUMENT is ours; *NEXT, whether its value is the next one. */
static bool is_ours(const struct dl_opt_set *sets, size_t count, const char *argument, bool *next)
{
	const struct dl_opt *opt = NULL;

	*next = false;
	if (dl_text_starts(argument, "--")) {
		opt = find_name(sets, count, argument + 2);
		*next = opt && opt->type != DL_OPT_FLAG && !strchr(argument, '=');
		return opt != NULL;
	}
	if (*argument != '-' || !argument[1])
		return false;
	for (argument++; *argument; argument++) {
		opt = find_letter(sets, count, *argument);
		if (!opt)
			return false;
		if (opt->type == DL_OPT_FLAG)
			continue;
		*next = !argument[1];
		return true;
	}
	return true;
}

/* The first of git's arguments that is no option, or what --repo says. */
static const char *find_where(const struct dl_opt_list *git)
{
	size_t i;

	for (i = 0; i < git->count; i++) {
		if (strcmp(git->items[i], "--") == 0)
			return i + 1 < git->count ? git->items[i + 1] : NULL;
		if (dl_text_starts(git->items[i], "--repo="))
			return git->items[i] + strlen("--repo=");
		if (strcmp(git->items[i], "--repo") == 0)
			return i + 1 < git->count ? git->items[i + 1] : NULL;
		if (*git->items[i] != '-')
			return git->items[i];
		i += dl_ancestor_takes_value(git->items[i]);
	}
	return NULL;
}

void dl_porcelain_split(struct dl_scope *scope, const struct dl_opt_set *sets, size_t count, int argc,
			char **argv, struct dl_porcelain_args *args)
{
	size_t room = (size_t)argc + 4;
	const char **line;
	bool next, git = false;
	int i;

	*args = (struct dl_porcelain_args){0};
	args->ours.items = dl_arena_array(&scope->arena, room, sizeof *args->ours.items);
	line = dl_arena_array(&scope->arena, room, sizeof *line);
	memcpy(line, (const char *const[]){"git", "push"}, 2 * sizeof *line);
	args->git.items = line + 2;
	add(&args->ours, argv[0]);
	for (i = 1; i < argc; i++) {
		git = git || strcmp(argv[i], "--") == 0;
		if (!git && is_ours(sets, count, argv[i], &next)) {
			add(&args->ours, argv[i]);
			if (next && i + 1 < argc)
				add(&args->ours, argv[++i]);
			continue;
		}
		add(&args->git, argv[i]);
		if (!git && dl_ancestor_takes_value(argv[i]) && i + 1 < argc)
			add(&args->git, argv[++i]);
	}
	args->where = find_where(&args->git);
	(void)dl_ancestor_parse(line, &args->flags);
}

/* ------------------------------------------------------------------ what git says */

/* The object that is named, by DIGITS or anything else, in TEXT's first LEN bytes; NULL: there is none. */
static const char *look_up(struct dl_scope *scope, const char *text, size_t len)
{
	const char *const argv[] = {"rev-parse", "-q", "--verify", "--end-of-options",
				    dl_arena_copy(&scope->arena, text, len), NULL};
	struct dl_proc_result result;
	struct dl_scope attempt;
	const char *found = NULL;

	dl_scope_open(&attempt, NULL);
	if (len && dl_git_run(&attempt, NULL, argv, &result) == 0 && result.status == 0 && result.len)
		found = dl_arena_copy(&scope->arena, result.output, result.len - 1);
	dl_scope_close(&attempt);
	return found && dl_text_is_sha(found) ? found : NULL;
}

/* Of a summary "OLD..NEW" or "OLD...NEW (forced update)" the two; else what is here. */
static void fill_in_objects(struct dl_scope *scope, struct dl_push *push)
{
	const char *summary = push->how ? push->how : "";
	size_t old = strspn(summary, "0123456789abcdef"), dots = strspn(summary + old, ".");
	const char *new = summary + old + dots;

	if (push->outcome == DL_PUSH_PUSHED && old && dots) {
		push->remote_sha = look_up(scope, summary, old);
		push->local_sha = look_up(scope, new, strspn(new, "0123456789abcdef"));
	}
	if (!push->local_sha)
		push->local_sha = look_up(scope, push->local_ref, strlen(push->local_ref));
	if (!push->local_sha)
		push->local_sha = zeros;
}

static bool is_remote(struct dl_scope *scope, const struct dl_git_config *config, const char *name)
{
	return dl_git_get(config, dl_arena_format(&scope->arena, "remote.%s.url", name)) ||
	       dl_git_get(config, dl_arena_format(&scope->arena, "remote.%s.pushurl", name));
}

/* The name in "remote.NAME.url" or "remote.NAME.pushurl"; NULL: KEY is another one. */
static const char *name_in(struct dl_scope *scope, const char *key)
{
	size_t begin = strlen("remote."), end;

	end = dl_text_ends(key, ".pushurl") ? strlen(".pushurl")
	      : dl_text_ends(key, ".url")   ? strlen(".url")
					    : 0;
	if (!end || !dl_text_starts(key, "remote.") || strlen(key) <= begin + end)
		return NULL;
	return dl_arena_copy(&scope->arena, key + begin, strlen(key) - begin - end);
}

/* The remote that is pushed to at URL, where git was not told which: the one with that URL, or the only one;
 * else the URL. */
static const char *remote_at(struct dl_scope *scope, const struct dl_git_config *config, const char *url)
{
	const char *only = NULL, *name;
	bool several = false;
	size_t i;

	for (i = 0; i < config->count; i++) {
		name = name_in(scope, config->entries[i].key);
		if (!name)
			continue;
		if (dl_text_same(dl_push_url(&scope->arena, config->entries[i].value), url))
			return name;
		several |= only && strcmp(only, name) != 0;
		only = name;
	}
	return only && !several ? only : url;
}

/* What git has printed of itself, or of a hook, is for people. */
static void pass_on(const char *line, bool quiet)
{
	if (*line && strcmp(line, "Done") != 0 && !quiet)
		fprintf(stderr, "%s\n", line);
}

static int read_output(struct dl_scope *scope, const struct dl_porcelain_args *args, const char *text,
		       struct dl_porcelain *porcelain)
{
	const char *line, *end, *url = NULL;
	struct dl_git_config config;
	struct dl_push *push;
	size_t room = 0;

	if (dl_git_config(scope, NULL, &config))
		return -1;
	for (line = text; *line; line++)
		room += *line == '\n';
	porcelain->pushes = dl_arena_array(&scope->arena, room + 1, sizeof *porcelain->pushes);
	for (line = text; *line; line = *end ? end + 1 : end) {
		end = strchrnul(line, '\n');
		push = dl_schema_new(scope, &dl_push_schema);
		if (dl_text_starts(line, "To ")) {
			url = dl_push_url(&scope->arena,
					  dl_arena_copy(&scope->arena, line + 3, (size_t)(end - line - 3)));
		} else if (url &&
			   dl_push_porcelain(scope, dl_arena_copy(&scope->arena, line, (size_t)(end - line)),
					     push) > 0) {
			push->url = url;
			push->remote = args->where && is_remote(scope, &config, args->where)
					       ? args->where
					       : args->where ? url : remote_at(scope, &config, url);
			push->tracking = dl_tracking_find(scope, &config, push->remote, push->remote_ref);
			fill_in_objects(scope, push);
			if (push->outcome == DL_PUSH_DELETED)
				push->local_ref = "(delete)";
			porcelain->pushes[porcelain->count++] = *push;
		} else {
			pass_on(dl_arena_copy(&scope->arena, line, (size_t)(end - line)), args->flags.quiet);
		}
	}
	return 0;
}

int dl_porcelain_run(struct dl_scope *scope, const struct dl_porcelain_args *args, bool watched,
		     struct dl_porcelain *porcelain)
{
	const char **argv = dl_arena_array(&scope->arena, args->git.count + 6, sizeof *argv);
	const char *const env[] = {dl_arena_format(&scope->arena, "DL_PUSH_PID=%d", (int)getpid()), NULL};
	const struct dl_proc proc = {
		.argv = argv, .env = watched ? env : NULL, .foreground = true,
		.errors_cap = args->flags.quiet ? ERRORS_CAP : 0,
	};
	struct dl_proc_result result;
	size_t i, count = 0;

	*porcelain = (struct dl_porcelain){0};
	argv[count++] = "git";
	argv[count++] = "push";
	argv[count++] = "--porcelain";
	if (args->flags.dry_run)
		argv[count++] = "--dry-run";
	for (i = 0; i < args->git.count && strcmp(args->git.items[i], "--") != 0; i++)
		argv[count++] = args->git.items[i];
	if (args->flags.quiet)
		argv[count++] = "--no-quiet";
	for (; i < args->git.count; i++)
		argv[count++] = args->git.items[i];
	if (dl_proc_run(scope, &proc, &result))
		return -1;
	if (result.errors && result.status)
		fputs(result.errors, stderr);
	if (result.status > SIGNALLED)
		return dl_fail(scope, DL_REFUSED,
			       "git was ended by signal %d; what has become of the refs is not known",
			       result.status - SIGNALLED);
	porcelain->status = result.status;
	return read_output(scope, args, result.output, porcelain);
}
