#include "providers/ci/local_commit.h"

#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/provider/provider.h"

enum { SHORT_SHA = 10 };

/* Git forbids in names what would make expressions of them ("main~2", "main@{1}"). */
static bool is_branch_name(const char *text)
{
	return !strpbrk(text, "~^:?*[\\ ") && !strstr(text, "..") && !strstr(text, "@{");
}

/* The commit that the reference PREFIX and NAME stands at; NULL (no failure): there is none. */
static const char *find_reference(struct dl_scope *scope, const struct dl_target *target, const char *prefix,
				  const char *name)
{
	struct dl_scope attempt;
	const char *sha;

	if (!is_branch_name(name))
		return NULL;
	dl_scope_open(&attempt, NULL);
	sha = dl_repo_resolve(&attempt, target->repo, dl_arena_format(&attempt.arena, "%s%s", prefix, name));
	sha = dl_arena_string(&scope->arena, sha);
	dl_scope_close(&attempt);
	return sha;
}

const char *dl_local_commit_tip(struct dl_scope *scope, const struct dl_target *target, const char *branch)
{
	const char *sha;

	if (!branch) {
		sha = find_reference(scope, target, "", "HEAD");
		if (!sha)
			dl_fail(scope, DL_MISSING, "HEAD stands at no commit yet");
		return sha;
	}
	sha = find_reference(scope, target, "refs/heads/", branch);
	if (!sha)
		sha = find_reference(scope, target, "refs/tags/", branch);
	if (!sha)
		dl_fail(scope, DL_MISSING, "no such branch or tag: %s", dl_text_quote(&scope->arena, branch));
	return sha;
}

const char *dl_local_commit_branch(struct dl_scope *scope, const struct dl_target *target, const char *sha)
{
	const char *head = find_reference(scope, target, "", "HEAD");

	return dl_text_same(head, sha) ? dl_repo_branch(scope, target->repo) : NULL;
}

int dl_local_commit_workflows(struct dl_scope *scope, const struct dl_target *target, const char *sha,
			      struct dl_names *names)
{
	struct dl_repo_entries entries;
	const char **items;
	size_t i;

	memset(names, 0, sizeof *names);
	if (dl_repo_entries(scope, target->repo, sha, DL_LOCAL_COMMIT_FOLDER, &entries))
		return -1;
	items = dl_arena_array(&scope->arena, entries.count, sizeof *items);
	for (i = 0; i < entries.count; i++)
		if (entries.items[i].executable && dl_text_is_name(entries.items[i].name))
			items[names->count++] = entries.items[i].name;
	names->items = items;
	return 0;
}

static int explain_missing(struct dl_scope *scope, const struct dl_names *names, const char *sha,
			   const char *workflow)
{
	struct dl_buf known;
	size_t i;

	dl_fail(scope, DL_MISSING, "the commit %.*s has no workflow '%s'", SHORT_SHA, sha,
		dl_text_quote(&scope->arena, workflow));
	if (!names->count)
		return dl_fail_hint(scope, "commit an executable file in " DL_LOCAL_COMMIT_FOLDER);
	dl_buf_init(&known, &scope->arena, DL_CAP_LINE);
	for (i = 0; i < names->count; i++)
		dl_buf_printf(&known, "%s%s", i ? ", " : "", names->items[i]);
	return dl_fail_hint(scope, "it has %s; to add one, commit an executable file", known.data);
}

int dl_local_commit_check(struct dl_scope *scope, const struct dl_target *target, const char *sha,
			  const char *workflow)
{
	struct dl_names names;
	size_t i;

	if (dl_local_commit_workflows(scope, target, sha, &names))
		return -1;
	for (i = 0; i < names.count; i++)
		if (strcmp(names.items[i], workflow) == 0)
			return 0;
	return explain_missing(scope, &names, sha, workflow);
}
