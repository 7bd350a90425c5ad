#include "lib/release/preflight_git.h"

#include <string.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/git/git.h"
#include "lib/git/repo.h"
#include "lib/release/preflight.h"

enum { SHORT_SHA = 10 };

static const char *quote(const struct dl_preflight *flight, const char *text)
{
	return dl_text_quote(&flight->scope->arena, text);
}

/* ------------------------------------------------------------------ what the remote has */

/* Asks the remote once for all that is looked up in it. */
static void list_remote(struct dl_preflight *flight)
{
	const char *head = flight->current ? dl_arena_format(&flight->scope->arena, "refs/heads/%s",
							     flight->current)
					   : "HEAD";
	const char *const argv[] = {"ls-remote", "--symref", flight->remote, "HEAD", head, "refs/tags/*",
				    NULL};
	struct dl_proc_result result;
	struct dl_error error;

	if (dl_git_ask(flight->scope, flight->dir, argv, &result)) {
		error = dl_fail_take(flight->scope, &flight->scope->arena);
		flight->unlisted = error.message;
	} else if (result.status != 0) {
		flight->unlisted = dl_git_reason(flight->scope, &result);
	} else {
		flight->listed = result.output;
	}
}

/* The object that the remote has under the full name REF; NULL: none. A name with "^{}" is that of what an
 * annotated tag stands for. */
static const char *find_listed(const struct dl_preflight *flight, const char *ref)
{
	const char *line = flight->listed, *end, *tab;

	for (; line && *line; line = *end ? end + 1 : end) {
		end = strchrnul(line, '\n');
		tab = memchr(line, '\t', (size_t)(end - line));
		if (tab && strlen(ref) == (size_t)(end - tab - 1) && memcmp(tab + 1, ref, strlen(ref)) == 0 &&
		    !dl_text_starts(line, "ref: "))
			return dl_arena_copy(&flight->scope->arena, line, (size_t)(tab - line));
	}
	return NULL;
}

/* The remote's default branch; NULL: it does not say. */
static const char *default_branch(const struct dl_preflight *flight)
{
	static const char begin[] = "ref: refs/heads/";
	const char *line = flight->listed;

	if (!dl_text_starts(line, begin))
		return NULL;
	line += strlen(begin);
	return dl_arena_copy(&flight->scope->arena, line, strcspn(line, "\t\n"));
}

int dl_preflight_git_look(struct dl_preflight *flight)
{
	flight->head = dl_repo_resolve(flight->scope, flight->repo, "HEAD");
	if (!flight->head)
		return -1;
	flight->current = dl_repo_branch(flight->scope, flight->repo);
	flight->remote = dl_repo_remote(flight->scope, flight->repo);
	if (flight->remote)
		list_remote(flight);
	return 0;
}

/* ------------------------------------------------------------------ the checks */

int dl_preflight_git_tree(struct dl_preflight *flight)
{
	static const char *const argv[] = {"status", "--porcelain", NULL};
	struct dl_proc_result result;
	const char *line;
	long count = 0;

	if (!dl_repo_root(flight->repo))
		return dl_preflight_put(flight, DL_CHECK_SKIP, "tree", NULL, "a bare repository has none");
	if (dl_git_ask(flight->scope, flight->dir, argv, &result))
		return -1;
	if (result.status != 0)
		return dl_preflight_put(flight, DL_CHECK_FAIL, "tree", NULL, "git cannot tell: %s",
					dl_git_reason(flight->scope, &result));
	for (line = result.output; *line; line++)
		count += *line == '\n';
	if (!count)
		return dl_preflight_put(flight, DL_CHECK_PASS, "tree", NULL,
					"nothing is left to be committed");
	return dl_preflight_command(flight, DL_CHECK_FAIL, "tree", "git status",
				    "%ld file%s changed or new, and not committed", count,
				    count == 1 ? " is" : "s are");
}

int dl_preflight_git_branch(struct dl_preflight *flight)
{
	const char *wanted = flight->wish->branch ? flight->wish->branch : default_branch(flight);
	struct dl_arena *arena = &flight->scope->arena;
	const char *to = wanted ? dl_text_shell(arena, wanted) : NULL;
	enum dl_check_word other = flight->wish->branch ? DL_CHECK_FAIL : DL_CHECK_WARN;

	to = to ? dl_arena_format(arena, "git switch %s", to) : NULL;
	if (!flight->current)
		return dl_preflight_command(flight, DL_CHECK_FAIL, "branch", to, "HEAD is on no branch");
	if (!wanted || strcmp(wanted, flight->current) == 0)
		return dl_preflight_put(flight, DL_CHECK_PASS, "branch", NULL, "%s",
					quote(flight, flight->current));
	return dl_preflight_command(flight, other, "branch", to, "%s, and not %s",
				    quote(flight, flight->current), quote(flight, wanted));
}

/* `git VERB` with the remote and the branch in full: by itself git would want it to have an upstream, a short
 * name can be a tag's as well, and push.default and remote.*.push would lead it elsewhere. */
static const char *branch_command(const struct dl_preflight *flight, const char *verb)
{
	struct dl_arena *arena = &flight->scope->arena;
	const char *branch = dl_arena_format(arena, "refs/heads/%s", flight->current);

	if (dl_text_starts(verb, "push"))
		branch = dl_arena_format(arena, "%s:%s", branch, branch);
	return dl_arena_format(arena, "git %s %s %s", verb, dl_text_word(arena, flight->remote),
			       dl_text_word(arena, branch));
}

/* THERE, which the remote has, is another commit than HEAD. */
static int tell_apart(struct dl_preflight *flight, const char *there)
{
	int ahead = dl_repo_ahead(flight->scope, flight->repo, flight->head, there);
	int behind = dl_repo_ahead(flight->scope, flight->repo, there, flight->head);
	const char *remote = quote(flight, flight->remote);

	if (ahead < 0 || behind < 0)
		return dl_preflight_command(flight, DL_CHECK_FAIL, "upstream",
					    branch_command(flight, "fetch"), "%s has another commit, %.*s",
					    remote, SHORT_SHA, there);
	return dl_preflight_command(flight, DL_CHECK_FAIL, "upstream",
				    branch_command(flight, behind ? "pull" : "push"),
				    "%d to be pushed to %s, and %d to be pulled", ahead, remote, behind);
}

int dl_preflight_git_upstream(struct dl_preflight *flight)
{
	const char *remote = flight->remote ? quote(flight, flight->remote) : NULL, *there;

	if (!remote)
		return dl_preflight_put(flight, DL_CHECK_SKIP, "upstream", NULL, "there is no remote");
	if (!flight->listed)
		return dl_preflight_put(flight, DL_CHECK_FAIL, "upstream", NULL, "%s cannot be asked: %s",
					remote, flight->unlisted);
	if (!flight->current)
		return dl_preflight_put(flight, DL_CHECK_SKIP, "upstream", NULL, "HEAD is on no branch");
	there = find_listed(flight,
			    dl_arena_format(&flight->scope->arena, "refs/heads/%s", flight->current));
	if (!there)
		return dl_preflight_command(flight, DL_CHECK_FAIL, "upstream",
					    branch_command(flight, "push -u"), "%s has no branch %s", remote,
					    quote(flight, flight->current));
	if (strcmp(there, flight->head) == 0)
		return dl_preflight_put(flight, DL_CHECK_PASS, "upstream", NULL, "in step with %s", remote);
	return tell_apart(flight, there);
}

/* The commit that the remote has under the tag; NULL: it has no such tag. */
static const char *tag_there(const struct dl_preflight *flight)
{
	const char *ref = dl_arena_format(&flight->scope->arena, "refs/tags/%s", flight->tag);
	const char *commit = find_listed(flight, dl_arena_format(&flight->scope->arena, "%s^{}", ref));

	return commit ? commit : find_listed(flight, ref);
}

/* The same of this repository. */
static const char *tag_here(const struct dl_preflight *flight)
{
	const char *ref = dl_arena_format(&flight->scope->arena, "refs/tags/%s", flight->tag);

	return dl_repo_ref(flight->scope, flight->repo, ref)
		       ? dl_git_commit(flight->scope, flight->dir, ref)
		       : NULL;
}

int dl_preflight_git_tag(struct dl_preflight *flight)
{
	const char *here = tag_here(flight), *there = tag_there(flight), *tag = quote(flight, flight->tag);

	if (here && strcmp(here, flight->head) != 0)
		return dl_preflight_put(flight, DL_CHECK_FAIL, "tag", NULL, "%s is another commit here, %.*s",
					tag, SHORT_SHA, here);
	if (there && strcmp(there, flight->head) != 0)
		return dl_preflight_put(flight, DL_CHECK_FAIL, "tag", NULL,
					"%s is another commit at %s, %.*s", tag,
					quote(flight, flight->remote), SHORT_SHA, there);
	if (flight->remote && !flight->listed)
		return dl_preflight_put(flight, DL_CHECK_FAIL, "tag", NULL, "%s cannot be asked for %s: %s",
					quote(flight, flight->remote), tag, flight->unlisted);
	if (here || there)
		return dl_preflight_put(flight, DL_CHECK_PASS, "tag", NULL, "%s is this commit already", tag);
	return dl_preflight_put(flight, DL_CHECK_PASS, "tag", NULL, "%s is free", tag);
}
