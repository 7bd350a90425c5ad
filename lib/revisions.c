#include "lib/revisions.h"

#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "lib/git.h"
#include "lib/scope.h"
#include "lib/text.h"

enum { MOST_NAMES = 4, PLACES = 6, SHA1_LEN = 20, SHA256_LEN = 32 };

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
	const char *where = revisions->dir ? dl_text_quote(&scope->arena, revisions->dir) : NULL;

	dl_fail(scope, DL_CONFIG, "this clone is shallow: %s", why);
	return dl_fail_hint(scope, "git %s%s%sfetch --unshallow --tags", where ? "-C " : "",
			    where ? where : "", where ? " " : "");
}

static int explain_name(struct dl_scope *scope, const struct dl_revisions *revisions, const char *name)
{
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
static size_t set_places(struct dl_scope *scope, struct dl_revisions *revisions, const char *const *lines)
{
	const char *dir = revisions->dir;

	revisions->objects = lines[0];
	revisions->shallow = strcmp(lines[4], "true") == 0 ? lines[1] : NULL;
	revisions->grafted = access(lines[2], F_OK) == 0;
	revisions->id_len = strcmp(lines[3], "sha256") == 0 ? SHA256_LEN : SHA1_LEN;
	/* Only in a working tree git says where its top is. */
	if (strcmp(lines[5], "true") != 0)
		return PLACES;
	revisions->top = dl_arena_format(&scope->arena, "%s%s%s", dir ? dir : "", dir ? "/" : "",
					 lines[PLACES]);
	return PLACES + 1;
}

int dl_revisions_open(struct dl_scope *scope, const char *dir, const char *const *names, size_t count,
		      struct dl_revisions *revisions, struct dl_revision *ids)
{
	static const char *const options[] = {
		"rev-parse",
		"--path-format=absolute",
		"--git-path",
		"objects",
		"--git-path",
		"shallow",
		"--git-path",
		"info/grafts",
		"--show-object-format",
		"--is-shallow-repository",
		"--is-inside-work-tree",
		"--show-cdup",
	};
	/* A pattern: a name alone would be taken for a folder. */
	static const char *const odd[] = {"--glob=refs/replace", "--glob=refs/notes/change[l]og"};
	const char *argv[sizeof options / sizeof *options + MOST_NAMES + 3], **arg = argv;
	const char *lines[PLACES + 1 + MOST_NAMES + 1] = {NULL};
	struct dl_proc_result result;
	size_t i, found, at;

	DL_BUG_IF(count > MOST_NAMES);
	*revisions = (struct dl_revisions){.dir = dir};
	for (i = 0; i < sizeof options / sizeof *options; i++)
		*arg++ = options[i];
	for (i = 0; i < count; i++)
		*arg++ = dl_arena_format(&scope->arena, "%s^{commit}", names[i]);
	*arg++ = odd[0];
	*arg++ = odd[1];
	*arg = NULL;
	if (dl_git_ask(scope, dir, argv, &result))
		return -1;
	found = split(dl_arena_copy(&scope->arena, result.output, result.len), lines,
		      sizeof lines / sizeof *lines);
	if (found < PLACES || (found == PLACES && strcmp(lines[5], "true") == 0))
		return explain(scope, revisions, &result);
	at = set_places(scope, revisions, lines);
	for (i = 0; i < count; i++)
		if (*names[i] == '-' || at + i >= found ||
		    !dl_objects_parse_id(lines[at + i], ids[i].id, revisions->id_len))
			return explain_name(scope, revisions, names[i]);
	revisions->odd = found > at + count;
	return 0;
}

/* ------------------------------------------------------------------ lists */

/* The lines of the LEN bytes of TEXT, each an object name, one character between, and the rest. */
static int parse_list(struct dl_scope *scope, const struct dl_revisions *revisions, char *text, size_t len,
		      struct dl_revision_list *list)
{
	const char *end = text + len;
	struct dl_revision *items;
	size_t count = 0, used = 0, digits = 2 * revisions->id_len;
	char *line, *newline;

	for (line = text; (line = memchr(line, '\n', (size_t)(end - line))); line++)
		count++;
	items = dl_arena_array(&scope->arena, count, sizeof *items);
	for (line = text; used < count; line = newline + 1) {
		newline = memchr(line, '\n', (size_t)(end - line));
		*newline = '\0';
		if ((size_t)(newline - line) < digits ||
		    !dl_objects_parse_id(line, items[used].id, revisions->id_len))
			return dl_fail(scope, DL_DATA, "git printed what is no object name: %s",
				       dl_text_quote(&scope->arena, line));
		items[used++].rest = line[digits] ? line + digits + 1 : "";
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
	return parse_list(scope, revisions, (char *)(uintptr_t)result.output, result.len, list);
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

int dl_revisions_refs(struct dl_scope *scope, const struct dl_revisions *revisions,
		      const char *const *patterns, struct dl_revision_list *list)
{
	static const char *const argv[] = {"for-each-ref", "--format=%(objectname) %(refname)"};

	return ask_list(scope, revisions, join(scope, argv, 2, patterns), list);
}

int dl_revisions_tags(struct dl_scope *scope, const struct dl_revisions *revisions,
		      struct dl_revision_list *list)
{
	static const char *const argv[] = {"show-ref", "-d", "--tags", NULL};
	struct dl_proc_result result;

	if (dl_git_ask(scope, revisions->dir, argv, &result))
		return -1;
	/* Without a tag it says no, and nothing else. */
	if (result.status > 1 || (result.status == 1 && *result.errors))
		return dl_fail(scope, DL_DATA, "git show-ref: %s", dl_git_reason(scope, &result));
	return parse_list(scope, revisions, (char *)(uintptr_t)result.output, result.len, list);
}

int dl_revisions_merged(struct dl_scope *scope, const struct dl_revisions *revisions, const unsigned char *id,
			const char *const *names, struct dl_revision_list *list)
{
	char hex[DL_OBJECTS_HEX_MAX + 1];
	const char *const argv[] = {
		"for-each-ref", "--format=%(objectname) %(refname)",
		dl_arena_format(&scope->arena, "--merged=%s",
				dl_objects_format_id(id, revisions->id_len, hex)),
	};

	return ask_list(scope, revisions, join(scope, argv, 3, names), list);
}

int dl_revisions_list(struct dl_scope *scope, const struct dl_revisions *revisions, const char *const *argv,
		      struct dl_revision_list *list)
{
	static const char *const command[] = {"rev-list"};

	return ask_list(scope, revisions, join(scope, command, 1, argv), list);
}

int dl_revisions_tree(struct dl_scope *scope, const struct dl_revisions *revisions, const char *reference,
		      struct dl_revision_list *list)
{
	const char *const argv[] = {"ls-tree", "-r", "--full-tree", "--format=%(objectname) %(path)",
				    reference, NULL};

	return ask_list(scope, revisions, argv, list);
}
