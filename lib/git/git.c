/* A hook answers within milliseconds, and starting git takes one or two: so the configuration is read at once
 * and whole, and everything else only where the answer hangs on it. */
#include "lib/git/git.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"

enum { GIT_TIMEOUT_MS = 10000, MOST_ARGUMENTS = 16, NO_SUCH_KEY = 1 };

static const char *const *with_git(struct dl_scope *scope, const char *const *argv)
{
	size_t count, room = 0;
	const char **all;

	while (argv[room])
		room++;
	all = dl_arena_array(&scope->arena, room + 2, sizeof *all);
	all[0] = "git";
	for (count = 0; argv[count]; count++)
		all[count + 1] = argv[count];
	return all;
}

static int run(struct dl_scope *scope, const char *const *argv, struct dl_proc *proc,
	       struct dl_proc_result *result)
{
	proc->argv = with_git(scope, argv);
	return dl_proc_run(scope, proc, result);
}

int dl_git_run(struct dl_scope *scope, const char *dir, const char *const *argv,
	       struct dl_proc_result *result)
{
	static const char *const env[] = {"GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0", "GIT_PAGER=cat",
					  "GIT_EDITOR=false", "GIT_ASKPASS=", NULL};
	struct dl_proc proc = {.env = env, .dir = dir, .timeout_ms = GIT_TIMEOUT_MS, .quiet = true};

	return run(scope, argv, &proc, result);
}

/* A question about history: nothing is fetched for it, and no variable changes how it is understood, or that
 * the answer comes in large pieces. */
static struct dl_proc question(const char *dir)
{
	static const char *const env[] = {"GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0",
					  "GIT_NO_LAZY_FETCH=1", "GIT_FLUSH=0", "LC_ALL=C",
					  "GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS",
					  "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS", NULL};

	return (struct dl_proc){.env = env, .dir = dir, .errors_cap = DL_CAP_ERROR};
}

int dl_git_ask_with(struct dl_scope *scope, const char *dir, const char *const *argv,
		    const struct dl_buf *input, struct dl_proc_result *result)
{
	struct dl_proc proc = question(dir);

	proc.cap = DL_CAP_HISTORY;
	if (input) {
		proc.input = input->data;
		proc.input_len = input->len;
	}
	return run(scope, argv, &proc, result);
}

int dl_git_ask(struct dl_scope *scope, const char *dir, const char *const *argv,
	       struct dl_proc_result *result)
{
	return dl_git_ask_with(scope, dir, argv, NULL, result);
}

int dl_git_map(struct dl_scope *scope, const char *dir, const char *const *argv,
	       struct dl_proc_result *result)
{
	struct dl_proc proc = question(dir);

	proc.argv = with_git(scope, argv);
	return dl_proc_map(scope, &proc, result);
}

/* Takes OBJECTS out of the LEN bytes at OUTPUT: a line with the size of each, or that it is missing; the
 * object; a newline. */
static int split_objects(struct dl_scope *scope, char *output, size_t len, struct dl_git_object *objects,
			 size_t count)
{
	char *end = output + len, *newline;
	int64_t size;
	size_t i;

	for (i = 0; i < count; i++) {
		newline = memchr(output, '\n', (size_t)(end - output));
		if (!newline)
			return dl_fail(scope, DL_DATA, "git cat-file left out an object");
		*newline = '\0';
		size = dl_text_int(output);
		output = newline + 1;
		if (size < 0)
			continue;
		if (size >= end - output)
			return dl_fail(scope, DL_DATA, "git cat-file cut off an object");
		output[size] = '\0';
		objects[i].text = output;
		output += size + 1;
	}
	return 0;
}

int dl_git_objects(struct dl_scope *scope, const char *dir, struct dl_git_object *objects, size_t count)
{
	static const char *const argv[] = {"cat-file", "--batch=%(objectsize)", "--buffer", NULL};
	struct dl_proc_result result;
	struct dl_buf input;
	size_t i;

	if (!count)
		return 0;
	dl_buf_init(&input, &scope->arena, DL_CAP_HISTORY);
	for (i = 0; i < count; i++)
		dl_buf_printf(&input, "%s\n", objects[i].sha);
	if (dl_git_ask_with(scope, dir, argv, &input, &result))
		return -1;
	if (result.status != 0)
		return dl_fail(scope, DL_DATA, "git cat-file: %s", dl_git_reason(scope, &result));
	/* What a run of git has printed is ours. */
	return split_objects(scope, (char *)(uintptr_t)result.output, result.len, objects, count);
}

/* The environment for a question about the repository at DIR and no other; NULL: DIR is gone. */
static const char *const *look_no_further(struct dl_scope *scope, const char *dir)
{
	const char **changes = dl_arena_array(&scope->arena, MOST_ARGUMENTS * 2, sizeof *changes);
	const char *const *forget = dl_git_forget(scope);
	char above[PATH_MAX];
	size_t count;

	if (!realpath(dl_arena_format(&scope->arena, "%s/..", dir), above))
		return NULL;
	for (count = 0; forget[count]; count++)
		changes[count] = forget[count];
	changes[count++] = dl_arena_format(&scope->arena, "GIT_CEILING_DIRECTORIES=%s", above);
	changes[count++] = "GIT_OPTIONAL_LOCKS=0";
	changes[count++] = "LC_ALL=C";
	return changes;
}

int dl_git_ask_of(struct dl_scope *scope, const char *dir, const char *const *argv,
		  struct dl_proc_result *result)
{
	struct dl_proc proc = {.dir = dir, .timeout_ms = GIT_TIMEOUT_MS, .cap = DL_CAP_HISTORY,
			       .errors_cap = DL_CAP_ERROR};

	proc.env = look_no_further(scope, dir);
	return proc.env ? run(scope, argv, &proc, result)
			: dl_fail_errno(scope, "cannot look above %s", dl_text_quote(&scope->arena, dir));
}

const char *dl_git_reason(struct dl_scope *scope, const struct dl_proc_result *result)
{
	const char *text = result->errors;

	if (dl_text_starts(text, "fatal: "))
		text += strlen("fatal: ");
	return dl_text_quote(&scope->arena, dl_arena_copy(&scope->arena, text, strcspn(text, "\n")));
}

/* Takes a string with its NUL from the LEN bytes at *TEXT; NULL: there is no whole one. */
static const char *take(const char **text, const char *end)
{
	const char *begin = *text, *nul = begin < end ? memchr(begin, '\0', (size_t)(end - begin)) : NULL;

	if (nul)
		*text = nul + 1;
	return nul ? begin : NULL;
}

void dl_git_parse(struct dl_scope *scope, const char *text, size_t len, struct dl_git_config *config)
{
	const char *data = dl_arena_copy(&scope->arena, text, len), *end = data + len, *byte;
	const char *where, *origin, *what;
	struct dl_git_entry *entries;
	size_t count = 0, newline;

	for (byte = data; byte < end; byte++)
		count += *byte == '\0';
	entries = dl_arena_array(&scope->arena, count / 3, sizeof *entries);
	*config = (struct dl_git_config){.entries = entries};
	while ((where = take(&data, end)) && (origin = take(&data, end)) && (what = take(&data, end))) {
		newline = strcspn(what, "\n");
		entries[config->count++] = (struct dl_git_entry){
			.scope = where,
			.origin = origin,
			.key = dl_arena_copy(&scope->arena, what, newline),
			.value = what[newline] ? what + newline + 1 : "true",
		};
	}
}

int dl_git_config(struct dl_scope *scope, const char *dir, struct dl_git_config *config)
{
	static const char keys[] =
		"^(devloop\\.|remote\\.|hook\\.|core\\.(hookspath|commentchar|commentstring)$|user\\.email$|"
		"branch\\..*\\.remote$|url\\..*\\.insteadof$)";
	static const char *const argv[] = {
		"config", "-z", "--show-scope", "--show-origin", "--get-regexp", keys, NULL,
	};
	struct dl_proc_result result;

	*config = (struct dl_git_config){0};
	if (dl_git_run(scope, dir, argv, &result))
		return -1;
	if (result.status != 0 && result.status != NO_SUCH_KEY)
		return dl_fail(scope, DL_SYSTEM, "git config ended with exit code %d", result.status);
	dl_git_parse(scope, result.output, result.len, config);
	return 0;
}

const struct dl_git_entry *dl_git_find(const struct dl_git_config *config, const char *key)
{
	size_t i;

	for (i = config->count; i > 0; i--)
		if (strcmp(config->entries[i - 1].key, key) == 0)
			return &config->entries[i - 1];
	return NULL;
}

const char *dl_git_get(const struct dl_git_config *config, const char *key)
{
	const struct dl_git_entry *entry = dl_git_find(config, key);

	return entry ? entry->value : NULL;
}

const char *dl_git_get_first(const struct dl_git_config *config, const char *key)
{
	const char *first = NULL;
	size_t i;

	for (i = 0; i < config->count; i++) {
		if (strcmp(config->entries[i].key, key) != 0)
			continue;
		if (!*config->entries[i].value)
			first = NULL;
		else if (!first)
			first = config->entries[i].value;
	}
	return first;
}

const char *dl_git_get_in(const struct dl_git_config *config, const char *scope, const char *key)
{
	size_t i;

	for (i = config->count; i > 0; i--)
		if (strcmp(config->entries[i - 1].scope, scope) == 0 &&
		    strcmp(config->entries[i - 1].key, key) == 0)
			return config->entries[i - 1].value;
	return NULL;
}

/* PATH, which counts from DIR, counted from the root. */
static const char *absolute(struct dl_scope *scope, const char *dir, const char *path)
{
	char here[PATH_MAX];

	if (*path == '/')
		return path;
	if (dir && *dir == '/')
		return dl_arena_format(&scope->arena, "%s/%s", dir, path);
	if (!getcwd(here, sizeof here)) {
		dl_fail_errno(scope, "cannot tell the current folder");
		return NULL;
	}
	return dl_arena_format(&scope->arena, "%s%s%s/%s", here, dir ? "/" : "", dir ? dir : "", path);
}

/* What `git rev-parse ONE OTHER` prints, a path. */
static const char *ask_path(struct dl_scope *scope, const char *dir, const char *one, const char *other)
{
	const char *const argv[] = {"rev-parse", one, other, NULL};
	struct dl_proc_result result;

	if (dl_git_run(scope, dir, argv, &result))
		return NULL;
	if (result.status != 0 || !result.len) {
		dl_fail(scope, DL_CONFIG, "no git repository here");
		return NULL;
	}
	return absolute(scope, dir, dl_arena_copy(&scope->arena, result.output, result.len - 1));
}

const char *dl_git_common_dir(struct dl_scope *scope, const char *dir)
{
	return ask_path(scope, dir, "--git-common-dir", NULL);
}

const char *dl_git_top(struct dl_scope *scope, const char *dir)
{
	struct dl_scope attempt;
	const char *top;

	dl_scope_open(&attempt, NULL);
	top = dl_arena_string(&scope->arena, ask_path(&attempt, dir, "--show-toplevel", NULL));
	dl_scope_close(&attempt);
	return top ? top : ask_path(scope, dir, "--absolute-git-dir", NULL);
}

const char *dl_git_hooks_dir(struct dl_scope *scope, const char *dir)
{
	return ask_path(scope, dir, "--git-path", "hooks");
}

const char *dl_git_commit(struct dl_scope *scope, const char *dir, const char *object)
{
	const char *const argv[] = {"rev-parse", "-q", "--verify", "--end-of-options",
				    dl_arena_format(&scope->arena, "%s^{commit}", object), NULL};
	struct dl_proc_result result;
	struct dl_scope attempt;
	const char *commit = NULL;

	dl_scope_open(&attempt, NULL);
	if (dl_git_run(&attempt, dir, argv, &result) == 0 && result.status == 0 && result.len)
		commit = dl_arena_copy(&scope->arena, result.output, result.len - 1);
	dl_scope_close(&attempt);
	return commit && dl_text_is_sha(commit) ? commit : NULL;
}

const char *const *dl_git_environment(struct dl_scope *scope)
{
	static const char *const places[] = {"GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", NULL};
	const char **changes = dl_arena_array(&scope->arena, sizeof places / sizeof *places, sizeof *changes);
	const char *const *name, *value;
	size_t count = 0;

	for (name = places; *name; name++) {
		value = getenv(*name);
		if (value && *value && *value != '/' && (value = absolute(scope, NULL, value)))
			changes[count++] = dl_arena_format(&scope->arena, "%s=%s", *name, value);
	}
	return changes;
}

const char *const *dl_git_forget(struct dl_scope *scope)
{
	/* What `git rev-parse --local-env-vars` lists, less the configuration. */
	static const char names[] =
		"GIT_ALTERNATE_OBJECT_DIRECTORIES GIT_OBJECT_DIRECTORY GIT_DIR GIT_WORK_TREE "
		"GIT_IMPLICIT_WORK_TREE GIT_GRAFT_FILE GIT_INDEX_FILE GIT_NO_REPLACE_OBJECTS "
		"GIT_REPLACE_REF_BASE GIT_PREFIX GIT_SHALLOW_FILE GIT_COMMON_DIR GIT_INTERNAL_SUPER_PREFIX";
	const char **changes = dl_arena_array(&scope->arena, MOST_ARGUMENTS, sizeof *changes), *name = names;
	size_t count, len;

	for (count = 0; *name; name += len + strspn(name + len, " ")) {
		DL_BUG_IF(count + 1 == MOST_ARGUMENTS);
		len = strcspn(name, " ");
		changes[count++] = dl_arena_copy(&scope->arena, name, len);
	}
	return changes;
}
