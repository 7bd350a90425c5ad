/* Only libgit2 and git read the files of a repository: what these look like changes with git's versions. */
#include "lib/sync/clone.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/path.h"
#include "lib/base/proc.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/git/git.h"
#include "lib/git/remote.h"
#include "lib/git/repo.h"

static const char heads[] = "refs/heads/", tracking[] = "refs/remotes/origin/";
static const char origin_head[] = "refs/remotes/origin/HEAD", origin_url[] = "remote.origin.url";

static bool exists(struct dl_scope *scope, const char *folder, const char *name)
{
	return access(dl_arena_format(&scope->arena, "%s/%s", folder, name), F_OK) == 0;
}

const char *dl_clone_ref(struct dl_scope *scope, const struct dl_clone *clone, const char *name)
{
	const struct dl_lsrefs_ref *ref;

	if (clone->repo)
		return dl_repo_ref(scope, clone->repo, name);
	ref = dl_lsrefs_find(&clone->refs, name);
	return ref ? ref->sha : NULL;
}

void dl_clone_close(struct dl_clone *clone)
{
	dl_repo_close(clone->repo);
	clone->repo = NULL;
}

/* ------------------------------------------------------------------ what is in a repository */

static const struct {
	const char *file, *what;
} begun[] = {
	{"MERGE_HEAD", "a merge"},
	{"rebase-merge", "a rebase"},
	{"rebase-apply", "a rebase"},
	{"CHERRY_PICK_HEAD", "a cherry-pick"},
	{"REVERT_HEAD", "a revert"},
	{"BISECT_LOG", "a bisection"},
};

/* What all repositories have in files of one name. */
static void look_for_work(struct dl_scope *scope, struct dl_clone *clone)
{
	size_t i;

	for (i = 0; i < sizeof begun / sizeof *begun && !clone->busy; i++)
		if (exists(scope, clone->git_dir, begun[i].file))
			clone->busy = begun[i].what;
}

static void note_origin(struct dl_scope *scope, struct dl_clone *clone, const char *target)
{
	if (dl_text_starts(target, tracking))
		clone->origin = dl_arena_format(&scope->arena, "%s%s", heads, target + strlen(tracking));
}

static void look_by_library(struct dl_scope *scope, struct dl_clone *clone)
{
	clone->bare = !dl_repo_root(clone->repo);
	clone->head = dl_repo_target(scope, clone->repo, "HEAD");
	clone->commit = dl_repo_ref(scope, clone->repo, "HEAD");
	clone->url = dl_repo_config_first(scope, clone->repo, origin_url);
	note_origin(scope, clone, dl_repo_target(scope, clone->repo, origin_head));
	clone->git_dir = dl_arena_string(&scope->arena, dl_repo_git_dir(clone->repo));
	look_for_work(scope, clone);
}

/* ------------------------------------------------------------------ asking git for the same */

/* What git answers, without the end of its last line; NULL: it says no, or could not be asked. */
static char *answer(struct dl_scope *scope, const struct dl_clone *clone, const char *const *argv)
{
	struct dl_proc_result result;
	char *text;

	if (dl_git_ask_of(scope, clone->dir, argv, &result) || result.status)
		return NULL;
	text = dl_arena_copy(&scope->arena, result.output, result.len);
	if (result.len && text[result.len - 1] == '\n')
		text[result.len - 1] = '\0';
	return text;
}

#define ANSWER(scope, clone, ...) answer(scope, clone, (const char *const[]){__VA_ARGS__, NULL})

/* The first of LINES, of which an empty one discards those before it; NULL: none. */
static const char *first_of(struct dl_scope *scope, const char *lines)
{
	const char *first = NULL, *end;

	for (; lines; lines = *end ? end + 1 : NULL) {
		end = strchrnul(lines, '\n');
		if (end == lines)
			first = NULL;
		else if (!first)
			first = dl_arena_copy(&scope->arena, lines, (size_t)(end - lines));
	}
	return first;
}

/* Whether git takes the folder for a repository: 1; 0: it does not. -1: it refuses to look, or cannot. */
static int recognise(struct dl_scope *scope, struct dl_clone *clone)
{
	const char *const argv[] = {"rev-parse", "--is-bare-repository", "--absolute-git-dir", NULL};
	struct dl_proc_result result;
	const char *newline, *advice;

	if (dl_git_ask_of(scope, clone->dir, argv, &result))
		return -1;
	newline = strchr(result.output, '\n');
	if (result.status == 0 && newline) {
		clone->bare = dl_text_starts(result.output, "true\n");
		clone->git_dir = dl_arena_copy(&scope->arena, newline + 1, strcspn(newline + 1, "\n"));
		look_for_work(scope, clone);
		return 1;
	}
	if (strstr(result.errors, "not a git repository"))
		return 0;
	dl_fail(scope, DL_CONFIG, "git: %s", dl_git_reason(scope, &result));
	advice = strstr(result.errors, "git config --global --add safe.directory ");
	return advice ? dl_fail_hint(scope, "if you trust it: %.*s", (int)strcspn(advice, "\n"), advice) : -1;
}

static int look_by_git(struct dl_scope *scope, struct dl_clone *clone)
{
	const struct dl_lsrefs_ref *origin;
	int known = recognise(scope, clone);
	const char *refs;

	if (known <= 0)
		return known;
	clone->kind = DL_CLONE_THERE;
	clone->head = ANSWER(scope, clone, "symbolic-ref", "-q", "HEAD");
	clone->commit = ANSWER(scope, clone, "rev-parse", "-q", "--verify", "HEAD");
	clone->url = first_of(scope, ANSWER(scope, clone, "config", "--get-all", origin_url));
	/* In the form of ls-remote. */
	refs = ANSWER(scope, clone, "for-each-ref",
		      "--format=%(if)%(symref)%(then)ref: %(symref)%09%(refname)%0a%(end)"
		      "%(objectname)%09%(refname)");
	if (scope->error.class != DL_OK)
		return -1;
	if (!refs || dl_lsrefs_read_text(scope, refs, &clone->refs) < 0)
		return dl_fail(scope, DL_CONFIG, "git cannot list its refs");
	origin = dl_lsrefs_find(&clone->refs, origin_head);
	note_origin(scope, clone, origin ? origin->target : NULL);
	return 0;
}

/* ------------------------------------------------------------------ looking */

/* Whether the folder at PATH has nothing in it. */
static bool is_empty(const char *path)
{
	DIR *stream = opendir(path);
	struct dirent *entry = NULL;

	if (!stream)
		return false;
	while ((entry = readdir(stream)) &&
	       (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0))
		;
	closedir(stream);
	return !entry;
}

/* A folder with the looks of a repository that lies in a working tree can be made of files that were
 * committed there; git would do what its configuration says, which is theirs who wrote it. */
static int check_tracked(struct dl_scope *scope, const struct dl_clone *clone)
{
	const char *top = dl_repo_top(scope, clone->dir);
	char path[PATH_MAX];
	const char *const argv[] = {"--literal-pathspecs", "ls-files", "-z", "--", path, NULL};
	struct dl_proc_result result;

	if (!top)
		return 0;
	if (!realpath(clone->dir, path))
		return dl_fail_errno(scope, "cannot look at %s", dl_text_quote(&scope->arena, clone->dir));
	if (dl_git_ask_of(scope, top, argv, &result))
		return -1;
	if (result.status == 0 && !result.len)
		return 0;
	dl_fail(scope, DL_REFUSED, "it is kept by the repository %s, and not trusted to be one itself",
		dl_text_quote(&scope->arena, top));
	return dl_fail_hint(scope, "choose another path");
}

static int look_inside(struct dl_scope *scope, struct dl_clone *clone)
{
	clone->repo = dl_repo_open_at(scope, clone->dir);
	if (clone->repo)
		look_by_library(scope, clone);
	if (clone->head || clone->commit) {
		clone->kind = DL_CLONE_THERE;
		return 0;
	}
	dl_clone_close(clone);
	return look_by_git(scope, clone);
}

static int look_at(struct dl_scope *scope, int parent, const char *name, struct dl_clone *clone)
{
	struct stat st;

	if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0
				       : dl_fail_errno(scope, "cannot look at %s",
						       dl_text_quote(&scope->arena, clone->dir));
	if (S_ISLNK(st.st_mode))
		return dl_fail(scope, DL_REFUSED, "%s is a symbolic link",
			       dl_text_quote(&scope->arena, clone->dir));
	clone->kind = DL_CLONE_FOREIGN;
	if (!S_ISDIR(st.st_mode))
		return 0;
	if (exists(scope, clone->dir, ".git"))
		return look_inside(scope, clone);
	if (exists(scope, clone->dir, "HEAD") && exists(scope, clone->dir, "objects"))
		return check_tracked(scope, clone) ? -1 : look_inside(scope, clone);
	if (is_empty(clone->dir))
		clone->kind = DL_CLONE_ABSENT;
	return 0;
}

int dl_clone_look(struct dl_scope *scope, const char *root, const char *path, struct dl_clone *clone)
{
	int top = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC), parent, result;
	struct dl_scope attempt;

	*clone = (struct dl_clone){.kind = DL_CLONE_ABSENT};
	clone->dir = dl_arena_format(&scope->arena, "%s/%s", root, path);
	if (top < 0)
		return errno == ENOENT ? 0
				       : dl_fail_errno(scope, "cannot open the folder %s",
						       dl_text_quote(&scope->arena, root));
	dl_scope_open(&attempt, scope);
	parent = dl_path_parent(&attempt, top, path, false);
	close(top);
	if (attempt.error.class == DL_MISSING)
		dl_fail_take(&attempt, &attempt.arena);
	if (dl_scope_close(&attempt) || parent < 0)
		return scope->error.class == DL_OK ? 0 : -1;
	result = look_at(scope, parent, dl_path_last(path), clone);
	close(parent);
	return result;
}

/* ------------------------------------------------------------------ URLs */

bool dl_clone_url_same(const char *one, const char *other)
{
	struct dl_remote left, right;
	struct dl_scope attempt;
	bool same = dl_text_same(one, other);

	dl_scope_open(&attempt, NULL);
	if (!same && dl_remote_parse(&attempt, one, &left) == 0 &&
	    dl_remote_parse(&attempt, other, &right) == 0)
		same = strncmp(left.host, right.host, strcspn(left.host, ":")) == 0 &&
		       strcspn(left.host, ":") == strcspn(right.host, ":") &&
		       strcmp(left.path, right.path) == 0;
	dl_scope_close(&attempt);
	return same;
}
