#include "lib/git/revisions.h"

#include <stdint.h>
#include <string.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/git/git.h"

enum { MOST_NAMES = 4, FLAGS = 2 };

/* ------------------------------------------------------------------ the repository */

/* The lines of TEXT, of which each newline becomes a NUL; at most MOST. Returns how many. */
static size_t split(char *text, const char **lines, size_t most)
{
	size_t count = 0;
	char *end;

	for (; *text && count < most; text = end + 1) {
		end = strchr(text, '\n');
		if (!end)
			break;
		*end = '\0';
		lines[count++] = text;
	}
	return count;
}

static int explain(struct dl_scope *scope, const struct dl_revisions *revisions,
		   const struct dl_proc_result *result)
{
	if (!dl_text_starts(result->errors, "fatal: not a git repository"))
		return dl_fail(scope, DL_CONFIG, "git: %s", dl_git_reason(scope, result));
	dl_fail(scope, DL_CONFIG, "no git repository in %s or above",
		revisions->dir ? dl_text_quote(&scope->arena, revisions->dir) : "this folder");
	return dl_fail_hint(scope, "change to one, or name its folder with -C");
}

int dl_revisions_shallow(struct dl_scope *scope, const struct dl_revisions *revisions, const char *why)
{
	const char *where = revisions->dir ? dl_text_word(&scope->arena, revisions->dir) : NULL;

	dl_fail(scope, DL_CONFIG, "this clone is shallow: %s", why);
	return dl_fail_hint(scope, "git %s%s%sfetch --unshallow --tags", where ? "-C " : "",
			    where ? where : "", where ? " " : "");
}

static int explain_name(struct dl_scope *scope, const struct dl_revisions *revisions, const char *name,
			const struct dl_proc_result *result)
{
	if (strstr(result->errors, " is corrupt"))
		return dl_fail(scope, DL_DATA, "git: %s", dl_git_reason(scope, result));
	if (revisions->shallow)
		return dl_revisions_shallow(scope, revisions,
					    dl_arena_format(&scope->arena, "%s is not in it",
							    dl_text_quote(&scope->arena, name)));
	if (strcmp(name, "HEAD") == 0)
		return dl_fail(scope, DL_MISSING, "there are no commits yet");
	dl_fail(scope, DL_USAGE, "no such commit: %s", dl_text_quote(&scope->arena, name));
	return dl_fail_hint(scope, "a tag that was not fetched comes with: git fetch --tags");
}

/* Reads the lines that the options print; returns how many these are. */
static size_t read_options(struct dl_scope *scope, struct dl_revisions *revisions, const char *const *lines)
{
	const char *dir = revisions->dir;

	revisions->shallow = strcmp(lines[0], "true") == 0;
	/* Only in a working tree git says where its top is. */
	if (strcmp(lines[1], "true") != 0)
		return FLAGS;
	revisions->top = dl_arena_format(&scope->arena, "%s%s%s", dir ? dir : "", dir ? "/" : "",
					 lines[FLAGS]);
	return FLAGS + 1;
}

int dl_revisions_open(struct dl_scope *scope, const char *dir, const char *const *names, size_t count,
		      struct dl_revisions *revisions, struct dl_revision *found)
{
	static const char *const options[] = {"rev-parse", "--is-shallow-repository", "--is-inside-work-tree",
					      "--show-cdup"};
	/* A pattern: a name alone would be taken for a folder. */
	static const char notes[] = "--glob=refs/notes/change[l]og";
	const char *argv[sizeof options / sizeof *options + MOST_NAMES + 2], **arg = argv;
	const char *lines[FLAGS + 1 + MOST_NAMES + 1] = {NULL};
	struct dl_proc_result result;
	size_t i, printed, at;

	DL_BUG_IF(count > MOST_NAMES);
	*revisions = (struct dl_revisions){.dir = dir};
	for (i = 0; i < sizeof options / sizeof *options; i++)
		*arg++ = options[i];
	for (i = 0; i < count; i++)
		*arg++ = dl_arena_format(&scope->arena, "%s^{commit}", names[i]);
	*arg++ = notes;
	*arg = NULL;
	if (dl_git_ask(scope, dir, argv, &result))
		return -1;
	printed = split(dl_arena_copy(&scope->arena, result.output, result.len), lines,
			sizeof lines / sizeof *lines);
	if (printed < FLAGS || (printed == FLAGS && strcmp(lines[1], "true") == 0))
		return explain(scope, revisions, &result);
	at = read_options(scope, revisions, lines);
	for (i = 0; i < count; i++) {
		found[i].sha = lines[at + i];
		if (*names[i] == '-' || at + i >= printed || !dl_text_is_sha(found[i].sha))
			return explain_name(scope, revisions, names[i], &result);
	}
	revisions->noted = printed > at + count;
	return 0;
}

/* ------------------------------------------------------------------ lists */

/* The lines of the LEN bytes of TEXT, each an object name, one character between, and the rest. */
static int parse_list(struct dl_scope *scope, char *text, size_t len, struct dl_revision_list *list)
{
	const char *end = text + len;
	struct dl_revision *items;
	size_t count = 0, used = 0;
	char *line, *newline, *space;

	for (line = text; (line = memchr(line, '\n', (size_t)(end - line))); line++)
		count++;
	items = dl_arena_array(&scope->arena, count, sizeof *items);
	for (line = text; used < count; line = newline + 1) {
		newline = memchr(line, '\n', (size_t)(end - line));
		*newline = '\0';
		space = strchrnul(line, ' ');
		items[used].rest = *space ? space + 1 : space;
		*space = '\0';
		items[used].sha = line;
		if (!dl_text_is_sha(items[used++].sha))
			return dl_fail(scope, DL_DATA, "git printed what is no object name: %s",
				       dl_text_quote(&scope->arena, line));
	}
	*list = (struct dl_revision_list){items, count};
	return 0;
}

static int ask_list(struct dl_scope *scope, const struct dl_revisions *revisions, const char *const *argv,
		    struct dl_revision_list *list)
{
	struct dl_proc_result result;

	if (dl_git_ask(scope, revisions->dir, argv, &result))
		return -1;
	if (result.status != 0)
		return dl_fail(scope, DL_DATA, "git %s: %s", argv[0], dl_git_reason(scope, &result));
	/* What a run of git has printed is ours. */
	return parse_list(scope, (char *)(uintptr_t)result.output, result.len, list);
}

/* COUNT arguments of FIRST and all of REST. */
static const char *const *join(struct dl_scope *scope, const char *const *first, size_t count,
			       const char *const *rest)
{
	size_t more = 0, i;
	const char **all;

	while (rest[more])
		more++;
	all = dl_arena_array(&scope->arena, count + more + 1, sizeof *all);
	for (i = 0; i < count + more; i++)
		all[i] = i < count ? first[i] : rest[i - count];
	return all;
}

int dl_revisions_tags(struct dl_scope *scope, const struct dl_revisions *revisions,
		      struct dl_revision_list *list)
{
	static const char *const argv[] = {"show-ref", "-d", "--tags", NULL};
	struct dl_proc_result result;

	if (dl_git_ask(scope, revisions->dir, argv, &result))
		return -1;
	/* Without a tag it says no, and nothing else; what GIT_TRACE asks for is not from it. */
	if (result.status > 1 || (result.status == 1 && strstr(result.errors, "error: ")))
		return dl_fail(scope, DL_DATA, "git show-ref: %s", dl_git_reason(scope, &result));
	return parse_list(scope, (char *)(uintptr_t)result.output, result.len, list);
}

int dl_revisions_merged(struct dl_scope *scope, const struct dl_revisions *revisions, const char *sha,
			const char *const *names, struct dl_revision_list *list)
{
	const char *const argv[] = {
		"for-each-ref", "--format=%(objectname) %(refname)",
		dl_arena_format(&scope->arena, "--merged=%s", sha),
	};

	return ask_list(scope, revisions, join(scope, argv, sizeof argv / sizeof *argv, names), list);
}

int dl_revisions_list(struct dl_scope *scope, const struct dl_revisions *revisions, const char *const *argv,
		      struct dl_revision_list *list)
{
	static const char *const command[] = {"rev-list"};

	return ask_list(scope, revisions, join(scope, command, 1, argv), list);
}

int dl_revisions_notes(struct dl_scope *scope, const struct dl_revisions *revisions,
		       struct dl_revision_list *list)
{
	static const char *const argv[] = {"notes", "--ref=refs/notes/changelog", "list", NULL};

	return ask_list(scope, revisions, argv, list);
}
