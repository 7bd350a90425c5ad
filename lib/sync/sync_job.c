/* A clone is made beside its place, under a name that says so, and is moved there when it is whole. Its maker
 * holds a lock on it as long as it lives; whoever comes later and gets that lock knows that nobody will
 * finish it.
 *
 * `git pull` is never used: it overwrites ignored files. A fetch moves nothing but the tracking ref; a merge
 * that may only go forward and may overwrite nothing moves the rest, or refuses, and that is told. */
#include "lib/sync/sync_job.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/file.h"
#include "lib/base/place.h"
#include "lib/base/proc.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/data/record.h"
#include "lib/sync/repos.h"
#include "lib/sync/sync_adopt.h"
#include "lib/sync/sync_git.h"

#define TEMPORARY ".dl-sync-"

static const char heads[] = "refs/heads/", tags[] = "refs/tags/", tracking[] = "refs/remotes/origin/";

/* ------------------------------------------------------------------ how it ends */

static enum dl_sync_step finish(struct dl_sync_job *job, int action, const char *reason)
{
	job->action = action;
	job->reason = reason;
	return DL_SYNC_DONE;
}

enum dl_sync_step dl_sync_job_fail(struct dl_sync_job *job)
{
	return finish(job, DL_SYNC_FAILED, dl_fail_word(job->scope.error.class));
}

/* It stays as it is, for REASON, which the failure of the scope explains. */
static enum dl_sync_step skip(struct dl_sync_job *job, const char *reason, const char *hint)
{
	if (hint)
		dl_fail_hint(&job->scope, "%s", hint);
	job->new_sha = job->old_sha;
	return finish(job, DL_SYNC_SKIPPED, reason);
}

#define SKIP(job, reason, hint, ...) \
	(dl_fail(&(job)->scope, DL_REFUSED, __VA_ARGS__), skip(job, reason, hint))

static const char *quote(struct dl_sync_job *job, const char *text)
{
	return dl_text_quote(&job->scope.arena, text);
}

/* The short name of a ref. */
static const char *short_name(const char *ref)
{
	return dl_text_starts(ref, heads)  ? ref + strlen(heads)
	       : dl_text_starts(ref, tags) ? ref + strlen(tags)
					   : ref;
}

/* ------------------------------------------------------------------ what is here */

/* Looks at the folder, again if git has changed it. */
static int look(struct dl_sync_job *job)
{
	dl_clone_close(&job->clone);
	return dl_clone_look(&job->scope, job->root, job->entry->path, &job->clone);
}

/* The full name of the ref that the entry names: a short one is a branch, unless the clone has a tag of that
 * name and no branch. */
static const char *wanted_ref(struct dl_sync_job *job)
{
	const char *ref = job->entry->ref;
	struct dl_arena *arena = &job->scope.arena;
	const char *tag;

	if (!ref)
		return job->clone.bare || !job->clone.origin ? job->clone.head : job->clone.origin;
	if (dl_text_starts(ref, "refs/"))
		return ref;
	tag = dl_arena_format(arena, "%s%s", tags, ref);
	if (!job->clone.head && dl_clone_ref(&job->scope, &job->clone, tag))
		return tag;
	return dl_arena_format(arena, "%s%s", heads, ref);
}

static enum dl_sync_step look_branch(struct dl_sync_job *job)
{
	const struct dl_clone *clone = &job->clone;

	job->branch = wanted_ref(job);
	job->fixed = dl_text_starts(job->branch, tags);
	if (job->fixed && !clone->bare) {
		job->old_sha = clone->commit;
		return clone->head ? SKIP(job, "other-branch", NULL,
					  "the branch '%s' is checked out, not the tag '%s'",
					  quote(job, short_name(clone->head)),
					  quote(job, short_name(job->branch)))
				   : DL_SYNC_ASK;
	}
	if (!clone->head)
		return SKIP(job, "detached", "git switch BRANCH", "no branch is checked out");
	if (!job->branch || !dl_text_starts(job->branch, "refs/"))
		return SKIP(job, "detached", NULL, "HEAD is no branch");
	if (!clone->bare && strcmp(clone->head, job->branch) != 0)
		return SKIP(job, "other-branch", "git switch to it, or name the other as its ref",
			    "the branch '%s' is checked out, not '%s'", quote(job, short_name(clone->head)),
			    quote(job, short_name(job->branch)));
	job->track = clone->bare
			     ? job->branch
			     : dl_arena_format(&job->scope.arena, "%s%s", tracking, short_name(job->branch));
	job->old_sha = dl_clone_ref(&job->scope, clone, job->branch);
	return DL_SYNC_ASK;
}

/* Whether the clone is one of what the entry names, be it by another name that git has for it. */
static bool is_clone_of(struct dl_sync_job *job)
{
	const char *here = job->clone.url, *there = job->entry->url;

	return here && (dl_clone_url_same(here, there) ||
			dl_clone_url_same(dl_sync_git_rewrite(&job->scope, job->git->settings, here),
					  dl_sync_git_rewrite(&job->scope, job->git->settings, there)));
}

enum dl_sync_step dl_sync_job_look(struct dl_sync_job *job)
{
	const struct dl_repos_entry *entry = job->entry;
	struct dl_clone *clone = &job->clone;

	job->commits = job->received_bytes = DL_INT_NONE;
	if (look(job))
		return dl_sync_job_fail(job);
	if (clone->kind == DL_CLONE_ABSENT)
		return DL_SYNC_WORK;
	if (clone->kind == DL_CLONE_FOREIGN)
		return SKIP(job, "not-a-repository", "move it away, or choose another path",
			    "%s is there, and is no repository", quote(job, clone->dir));
	if (!is_clone_of(job))
		return SKIP(job, "other-origin", "git remote set-url origin URL, or choose another path",
			    "it is a clone of %s",
			    clone->url ? quote(job, clone->url) : "nothing: there is no remote \"origin\"");
	if (entry->how.mirror)
		job->old_sha = clone->commit;
	if (clone->bare != (bool)entry->how.bare)
		return SKIP(job, "other-kind", "choose another path", "it is %s",
			    clone->bare ? "bare" : "a working tree, and should be bare");
	if (clone->busy)
		return SKIP(job, "unfinished", "finish or abort it", "%s has been begun in it", clone->busy);
	return entry->how.mirror ? DL_SYNC_ASK : look_branch(job);
}

const char *dl_sync_job_prefix(const struct dl_sync_job *job)
{
	return job->entry->how.mirror ? NULL : job->branch;
}

/* The file that is there from before a merge until the submodules have followed it. */
static const char *mark_of(struct dl_sync_job *job)
{
	return dl_arena_format(&job->scope.arena, "%s/dl-sync-submodules", job->clone.git_dir);
}

static bool is_marked(struct dl_sync_job *job)
{
	return job->entry->how.submodules && access(mark_of(job), F_OK) == 0;
}

/* ------------------------------------------------------------------ comparing */

static bool is_pseudo(const char *name)
{
	return !dl_text_starts(name, "refs/");
}

/* Whether a mirror has every ref of the server, at the same object. What it has besides is not missed there.
 */
static bool has_all(struct dl_sync_job *job, const struct dl_lsrefs *refs)
{
	struct dl_scope scratch;
	bool same = true;
	size_t i;

	dl_scope_open(&scratch, NULL);
	for (i = 0; i < refs->count && same; i++)
		same = is_pseudo(refs->items[i].name) ||
		       dl_text_same(dl_clone_ref(&scratch, &job->clone, refs->items[i].name),
				    refs->items[i].sha);
	dl_scope_close(&scratch);
	return same;
}

static enum dl_sync_step judge_tag(struct dl_sync_job *job, const struct dl_lsrefs_ref *ref)
{
	const char *here = dl_clone_ref(&job->scope, &job->clone, job->branch);
	const char *name = dl_text_word(&job->scope.arena, short_name(job->branch));

	if (!ref)
		return SKIP(job, "gone", NULL, "the server has no tag '%s' any more",
			    quote(job, short_name(job->branch)));
	if (!dl_text_same(here, ref->sha))
		return SKIP(job, "rewritten",
			    dl_arena_format(&job->scope.arena,
					    "if that is right: git fetch --force origin tag %s && "
					    "git switch --detach %s",
					    name, name),
			    "the server has moved the tag '%s'", quote(job, short_name(job->branch)));
	job->new_sha = job->old_sha;
	return finish(job, DL_SYNC_UNCHANGED, NULL);
}

enum dl_sync_step dl_sync_job_judge(struct dl_sync_job *job, const struct dl_lsrefs *refs)
{
	const struct dl_lsrefs_ref *ref;

	job->answered = true;
	if (job->entry->how.mirror)
		return !job->force && has_all(job, refs) ? finish(job, DL_SYNC_UNCHANGED, NULL)
							 : DL_SYNC_WORK;
	ref = dl_lsrefs_find(refs, job->branch);
	if (job->fixed)
		return judge_tag(job, ref);
	job->remote = ref ? dl_arena_string(&job->scope.arena, ref->sha) : NULL;
	if (!job->remote || !dl_text_same(job->remote, job->old_sha) || is_marked(job) ||
	    !dl_text_same(job->remote, dl_clone_ref(&job->scope, &job->clone, job->track)))
		return DL_SYNC_WORK;
	job->new_sha = job->old_sha;
	return finish(job, DL_SYNC_UNCHANGED, job->moved ? "moved" : NULL);
}

/* ------------------------------------------------------------------ running git */

static int64_t sum(int64_t one, int64_t other)
{
	return one == DL_INT_NONE ? other : other == DL_INT_NONE ? one : one + other;
}

/* Runs git; what it received is counted. */
static int run(struct dl_sync_job *job, struct dl_sync_call *call, struct dl_sync_done *done)
{
	static const char *const pointers[] = {"GIT_LFS_SKIP_SMUDGE=1", NULL};
	int result;

	call->environment = job->entry->how.lfs == 0 ? pointers : NULL;
	result = dl_sync_git_run(&job->scope, job->git, job->login, call, done);
	job->received_bytes = sum(job->received_bytes, done->received_bytes);
	return result;
}

static int run_in(struct dl_sync_job *job, const char *dir, const char *const *argv,
		  struct dl_sync_done *done)
{
	return run(job, &(struct dl_sync_call){.dir = dir, .argv = argv}, done);
}

/* The same in the clone, for a question: a failure is an answer. */
static bool ask_git(struct dl_sync_job *job, const char *const *argv, struct dl_sync_done *done)
{
	if (run_in(job, job->clone.dir, argv, done) == 0)
		return true;
	dl_fail_take(&job->scope, &job->scope.arena);
	return false;
}

static bool is_ancestor(struct dl_sync_job *job, const char *old, const char *new)
{
	const char *const argv[] = {"merge-base", "--is-ancestor", old, new, NULL};
	struct dl_sync_done done;

	return old && new && ask_git(job, argv, &done);
}

static void count_commits(struct dl_sync_job *job)
{
	const char *range = dl_arena_format(&job->scope.arena, "%s..%s", job->old_sha, job->new_sha);
	const char *const argv[] = {"rev-list", "--count", range, "--", NULL};
	struct dl_sync_done done;

	if (!job->old_sha || !job->new_sha || !ask_git(job, argv, &done))
		return;
	job->commits = dl_text_int(dl_arena_copy(&job->scope.arena, done.output, strcspn(done.output, "\n")));
}

/* ------------------------------------------------------------------ cloning */

/* Removes the folder PATH, whose name NAME in PARENT is ours, unless somebody who lives is filling it. */
static void remove_left(int parent, const char *name, const char *path)
{
	int left = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct dl_scope scope;

	dl_scope_open(&scope, NULL);
	if (left >= 0 && flock(left, LOCK_EX | LOCK_NB) == 0 && dl_file_remove_tree(&scope, path))
		dl_fail_take(&scope, &scope.arena);
	dl_scope_close(&scope);
	if (left >= 0)
		close(left);
}

void dl_sync_job_sweep(const char *folder)
{
	DIR *stream = opendir(folder);
	struct dirent *entry;
	struct dl_scope scope;

	dl_scope_open(&scope, NULL);
	while (stream && (entry = readdir(stream)))
		if (dl_text_starts(entry->d_name, TEMPORARY))
			remove_left(dirfd(stream), entry->d_name,
				    dl_arena_format(&scope.arena, "%s/%s", folder, entry->d_name));
	if (stream)
		closedir(stream);
	dl_scope_close(&scope);
}

/* Makes the folder that a clone is made in, beside PLACE, and locks it. -1: failed. */
static int make_temporary(struct dl_scope *scope, const struct dl_place *place, char *path)
{
	int fd;

	if (!mkdtemp(path))
		return dl_fail_errno(scope, "cannot make a folder beside %s",
				     dl_text_quote(&scope->arena, place->path));
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	dl_fail_errno(scope, "cannot lock a folder beside %s", dl_text_quote(&scope->arena, place->path));
	if (fd >= 0)
		close(fd);
	return -1;
}

/* What large files are kept as is the user's git's business, unless the entry says that their content is
 * wanted: then the clone itself says how to get it. */
static const char *const lfs_filters[] = {
	"-c", "filter.lfs.process=git-lfs filter-process", "-c", "filter.lfs.required=true",
	"-c", "filter.lfs.clean=git-lfs clean -- %f", "-c", "filter.lfs.smudge=git-lfs smudge -- %f",
};

static void clone_arguments(struct dl_sync_job *job, const char *new, const char **argv)
{
	const struct dl_repos_entry *entry = job->entry;
	const struct dl_repos_how *how = &entry->how;
	struct dl_arena *arena = &job->scope.arena;
	size_t count = 0, i;

	argv[count++] = "clone";
	argv[count++] = "--progress";
	if (how->mirror || how->bare)
		argv[count++] = how->mirror ? "--mirror" : "--bare";
	if (how->depth > 0)
		argv[count++] = dl_arena_format(arena, "--depth=%ld", how->depth);
	if (how->filter)
		argv[count++] = dl_arena_format(arena, "--filter=%s", how->filter);
	if (entry->ref)
		argv[count++] = dl_arena_format(arena, "--branch=%s", short_name(entry->ref));
	if (how->submodules) {
		argv[count++] = "--recurse-submodules";
		argv[count++] = how->depth > 0 ? "--shallow-submodules" : "--no-shallow-submodules";
	}
	for (i = 0; how->lfs == 1 && i < sizeof lfs_filters / sizeof *lfs_filters; i++)
		argv[count++] = lfs_filters[i];
	argv[count++] = "--";
	argv[count++] = entry->url;
	argv[count++] = new;
	argv[count] = NULL;
}

static int check_lfs(struct dl_sync_job *job)
{
	if (job->entry->how.lfs != 1 || dl_proc_find(&job->scope, "git-lfs"))
		return 0;
	dl_fail(&job->scope, DL_UNSUPPORTED, "large files are wanted, and there is no git-lfs");
	return dl_fail_hint(&job->scope, "install git-lfs, or say lfs: false");
}

/* Whether the clone has pointers in the place of large files that nobody has said anything about. */
static bool has_pointers(struct dl_sync_job *job)
{
	struct dl_scope attempt;
	const char *text;
	bool found;

	if (job->entry->how.lfs >= 0 || job->entry->how.bare || job->lfs)
		return false;
	dl_scope_open(&attempt, NULL);
	text = dl_file_read(&attempt, dl_arena_format(&attempt.arena, "%s/.gitattributes", job->clone.dir),
			    DL_CAP_CONFIG, NULL);
	found = text && strstr(text, "filter=lfs");
	dl_scope_close(&attempt);
	return found;
}

/* Clones into TEMPORARY, and moves what is whole to PLACE. */
static int clone_beside(struct dl_sync_job *job, const struct dl_place *place, const char *temporary)
{
	const char *new = dl_arena_format(&job->scope.arena, "%s/new", temporary), *argv[32];
	struct dl_sync_done done;

	clone_arguments(job, new, argv);
	if (run_in(job, NULL, argv, &done) == 0)
		return dl_place_claim(&job->scope, place, new + strlen(place->folder) + 1);
	if (strstr(done.errors, "Remote branch "))
		dl_fail_prefix(&job->scope, "there is no branch or tag '%s'", quote(job, job->entry->ref));
	return -1;
}

static int clone_to(struct dl_sync_job *job, const struct dl_place *place)
{
	char *temporary = dl_arena_format(&job->scope.arena, "%s/" TEMPORARY "XXXXXX", place->folder);
	int lock = make_temporary(&job->scope, place, temporary), result;
	struct dl_scope attempt;

	if (lock < 0)
		return -1;
	result = clone_beside(job, place, temporary);
	dl_scope_open(&attempt, NULL);
	if (dl_file_remove_tree(&attempt, temporary))
		dl_fail_take(&attempt, &attempt.arena);
	dl_scope_close(&attempt);
	close(lock);
	return result;
}

static enum dl_sync_step clone(struct dl_sync_job *job)
{
	struct dl_place place;
	int result;

	if (check_lfs(job) || dl_place_open(&job->scope, job->root, job->entry->path, &place))
		return dl_sync_job_fail(job);
	result = clone_to(job, &place);
	dl_place_close(&place);
	if (result || look(job))
		return dl_sync_job_fail(job);
	job->new_sha = job->clone.commit;
	return finish(job, DL_SYNC_CLONED,
		      !job->new_sha	  ? "empty"
		      : has_pointers(job) ? "lfs-pointers"
		      : job->moved	  ? "moved"
					  : NULL);
}

/* ------------------------------------------------------------------ fetching */

/* Asks the server by git, since nobody else has. */
static enum dl_sync_step ask_server(struct dl_sync_job *job)
{
	const char *argv[] = {"ls-remote", "--quiet", "origin", job->branch, NULL};
	struct dl_sync_done done;
	struct dl_lsrefs refs;

	if (run_in(job, job->clone.dir, argv, &done) ||
	    dl_lsrefs_read_text(&job->scope, done.output, &refs) < 0)
		return dl_sync_job_fail(job);
	return dl_sync_job_judge(job, &refs);
}

/* What brings the clone, which may know of no other branch, to BRANCH of the server. */
static const char *follow_hint(struct dl_sync_job *job, const char *branch)
{
	const char *word = dl_text_word(&job->scope.arena, branch);
	const char *first = job->entry->ref ? "name that one as its ref, then: " : "";

	if (job->clone.bare)
		return dl_arena_format(&job->scope.arena,
				       "%sgit fetch origin %s:%s && git symbolic-ref HEAD refs/heads/%s",
				       first, word, word, word);
	return dl_arena_format(&job->scope.arena,
			       "%sgit remote set-branches --add origin %s && git fetch origin %s && "
			       "git remote set-head origin %s && git switch %s",
			       first, word, word, word, word);
}

/* The server has no such branch: is it empty, or what has become of the branch? */
static enum dl_sync_step explain_absence(struct dl_sync_job *job)
{
	const char *const argv[] = {"ls-remote", "--symref", "origin", "HEAD", "refs/heads/*", NULL};
	const char *name = quote(job, short_name(job->branch));
	const struct dl_lsrefs_ref *head;
	struct dl_sync_done done;
	struct dl_lsrefs refs;

	if (run_in(job, job->clone.dir, argv, &done) ||
	    dl_lsrefs_read_text(&job->scope, done.output, &refs) < 0)
		return dl_sync_job_fail(job);
	head = dl_lsrefs_find(&refs, "HEAD");
	if (!refs.count && !job->old_sha)
		return finish(job, DL_SYNC_UNCHANGED, "empty");
	if (!refs.count)
		return SKIP(job, "gone", NULL, "the server's repository is empty now");
	if (head && head->target)
		return SKIP(job, "renamed", follow_hint(job, short_name(head->target)),
			    "the server has no branch '%s' any more; its default one is '%s'", name,
			    quote(job, short_name(head->target)));
	return SKIP(job, "gone", NULL, "the server has no branch '%s' any more", name);
}

/* The age of the lock that git has complained of, for its message. */
static void date_lock(struct dl_sync_job *job, const char *errors)
{
	const char *begin = strstr(errors, "Unable to create '"), *end;
	struct stat st;

	begin = begin ? strchr(begin, '\'') + 1 : NULL;
	end = begin ? strstr(begin, "': File exists") : NULL;
	if (!end || stat(dl_arena_copy(&job->scope.arena, begin, (size_t)(end - begin)), &st) < 0)
		return;
	dl_fail_prefix(&job->scope, "a lock that is %s old is in the way",
		       dl_time_span(&job->scope.arena, dl_time_now() - st.st_mtime));
}

static int fetch_refs(struct dl_sync_job *job, const char *option, const char *refspec,
		      struct dl_sync_done *done)
{
	const char *const argv[] = {"fetch", "--progress", option,
				    job->entry->how.submodules ? "--recurse-submodules=on-demand"
							       : "--no-recurse-submodules",
				    "origin", refspec, NULL};

	return run_in(job, job->clone.dir, argv, done);
}

/* Fetches the branch; a tracking ref that is in the way of another name is none of the server any more. */
static int fetch(struct dl_sync_job *job, struct dl_sync_done *done)
{
	const char *refspec = dl_arena_format(&job->scope.arena, "%s%s:%s", job->clone.bare ? "" : "+",
					      job->branch, job->track);
	const char *all = dl_arena_format(&job->scope.arena, "+%s*:%s*", heads, tracking);

	if (fetch_refs(job, "--no-prune", refspec, done) == 0)
		return 0;
	if (!job->clone.bare && strstr(done->errors, "exists; cannot create")) {
		dl_fail_take(&job->scope, &job->scope.arena);
		if (fetch_refs(job, "--prune", all, done) == 0)
			return 0;
	}
	date_lock(job, done->errors);
	return -1;
}

/* A bare repository, or a mirror, where a fetch is all. */
static enum dl_sync_step fetch_bare(struct dl_sync_job *job)
{
	struct dl_sync_done done;
	int result;

	if (!job->entry->how.mirror)
		result = fetch(job, &done);
	else if (job->force)
		result = fetch_refs(job, "--prune", "+refs/*:refs/*", &done);
	else
		result = fetch_refs(job, "--no-prune", "refs/*:refs/*", &done);
	if (result && strstr(done.errors, "[rejected]")) {
		dl_fail_take(&job->scope, &job->scope.arena);
		return SKIP(job, "rewritten",
			    job->entry->how.mirror ? "--force-mirror follows, and loses what was there"
						   : "look at it, then fetch by force",
			    "the server has rewritten what is here");
	}
	if (result || look(job))
		return dl_sync_job_fail(job);
	job->changed = strstr(done.errors, " -> ") != NULL;
	return DL_SYNC_WORK;
}

/* ------------------------------------------------------------------ moving the branch forward */

/* The first of the paths that git says are in the way, behind WHAT: indented lines; where there was no commit
 * yet it names one alone, between quotes. */
static const char *first_path(struct dl_sync_job *job, const char *what)
{
	const char *line = strstr(what, "\n\t"), *begin = strchr(what, '\'');
	const char *end = begin ? strstr(begin, "' would be") : NULL;

	if (!line && end)
		return quote(job, dl_arena_copy(&job->scope.arena, begin + 1, (size_t)(end - begin - 1)));
	return line ? quote(job, dl_arena_copy(&job->scope.arena, line + 2, strcspn(line + 2, "\n")))
		    : "a file";
}

/* Why the branch, at .old_sha, cannot go forward to NEW; BEFORE is where the server was before. */
static enum dl_sync_step explain_difference(struct dl_sync_job *job, const char *before, const char *new)
{
	if (is_ancestor(job, new, job->old_sha))
		return SKIP(job, "local-commits", "git push, or move them to a branch of their own",
			    "the branch '%s' has commits that the server has not",
			    quote(job, short_name(job->branch)));
	if (before && strcmp(before, new) != 0 && is_ancestor(job, job->old_sha, before))
		return SKIP(job, "rewritten", "git reset --keep '@{upstream}', if that is right",
			    "the server has rewritten the branch '%s'", quote(job, short_name(job->branch)));
	return SKIP(job, "diverged", "git rebase, or git merge",
		    "the branch '%s' and the server's have parted", quote(job, short_name(job->branch)));
}

static enum dl_sync_step explain_refusal(struct dl_sync_job *job, const char *errors)
{
	const char *untracked = strcasestr(errors, "untracked working tree file");

	if (!untracked)
		untracked = strstr(errors, "untracked files in");
	if (untracked) {
		dl_fail_take(&job->scope, &job->scope.arena);
		return SKIP(job, "untracked", "move it away",
			    "%s is not git's, and would be overwritten", first_path(job, untracked));
	}
	if (strstr(errors, "would be overwritten") || strstr(errors, "would be lost")) {
		dl_fail_take(&job->scope, &job->scope.arena);
		return SKIP(job, "dirty", "commit or stash it", "%s has been changed here and on the server",
			    first_path(job, errors));
	}
	date_lock(job, errors);
	return dl_sync_job_fail(job);
}

/* A submodule at a commit that is not the recorded one, and that no ref of it leads to: as its HEAD is mostly
 * detached, a commit made there would be lost when that moves. NULL: there is none. */
static const char *find_stray(struct dl_sync_job *job)
{
	static const char script[] =
		"head=$(git rev-parse -q --verify HEAD) || exit 0; [ \"$head\" = \"$sha1\" ] || "
		"[ \"$(git for-each-ref --count=1 --contains \"$head\")\" ] || "
		"printf '%s\\n' \"$displaypath\"";
	const char *const argv[] = {"submodule", "foreach", "--quiet", "--recursive", script, NULL};
	struct dl_sync_done done;

	if (!job->entry->how.submodules || !ask_git(job, argv, &done) || !done.len)
		return NULL;
	return dl_arena_copy(&job->scope.arena, done.output, strcspn(done.output, "\n"));
}

/* Updates the submodules that the commit names. */
static int update_submodules(struct dl_sync_job *job)
{
	const char *const argv[] = {"submodule", "update", "--init", "--recursive", "--progress",
				    job->entry->how.depth > 0 ? "--depth=1" : NULL, NULL};
	struct dl_sync_done done;

	if (!job->entry->how.submodules)
		return 0;
	if (run_in(job, job->clone.dir, argv, &done))
		return -1;
	unlink(mark_of(job));
	return 0;
}

/* Runs git merge, which no signal leaves half done; once more when all that hinders it is there already. */
static int run_merge(struct dl_sync_job *job, const char *new, struct dl_sync_done *done)
{
	const char *const argv[] = {
		"merge", "--ff-only", "--no-overwrite-ignore", "--no-autostash", "--quiet", job->track, NULL};
	struct dl_sync_call call = {.dir = job->clone.dir, .argv = argv, .steady = true};
	struct dl_buf paths;

	if (run(job, &call, done) == 0)
		return 0;
	if (!strstr(done->errors, "would be overwritten") || !job->old_sha ||
	    !dl_sync_adopt(&job->scope, job->git, &job->clone, job->old_sha, new, &paths))
		return -1;
	dl_fail_take(&job->scope, &job->scope.arena);
	if (run(job, &call, done) == 0)
		return 0;
	dl_sync_adopt_undo(job->git, &job->clone, &paths);
	return -1;
}

/* Moves the branch to NEW, where its tracking ref is. */
static enum dl_sync_step merge(struct dl_sync_job *job, const char *before, const char *new)
{
	const char *stray = find_stray(job);
	struct dl_sync_done done;

	if (stray)
		return SKIP(job, "dirty",
			    dl_arena_format(&job->scope.arena, "in the clone: git -C %s branch NAME",
					    dl_text_word(&job->scope.arena, stray)),
			    "the submodule %s has a commit that is on no branch", quote(job, stray));
	if (job->entry->how.submodules && dl_file_create(&job->scope, mark_of(job), 0600, "", 0) < 0)
		return dl_sync_job_fail(job);
	if (run_merge(job, new, &done)) {
		if (!strstr(done.errors, "ot possible to fast-forward") &&
		    !strstr(done.errors, "unrelated histories"))
			return explain_refusal(job, done.errors);
		dl_fail_take(&job->scope, &job->scope.arena);
		return explain_difference(job, before, new);
	}
	if (update_submodules(job) || look(job))
		return dl_sync_job_fail(job);
	/* Git calls it up to date when everything of the server is in it, whatever else is. */
	return dl_text_same(new, dl_clone_ref(&job->scope, &job->clone, job->branch))
		       ? DL_SYNC_WORK
		       : explain_difference(job, before, new);
}

/* Fetches, unless that has been done, and moves the branch. */
static enum dl_sync_step advance(struct dl_sync_job *job)
{
	const char *before = dl_clone_ref(&job->scope, &job->clone, job->track), *new = before;
	struct dl_sync_done done;

	if (!dl_text_same(before, job->remote)) {
		if (fetch(job, &done) || look(job))
			return dl_sync_job_fail(job);
		new = dl_clone_ref(&job->scope, &job->clone, job->track);
	}
	if (!dl_text_same(new, job->old_sha))
		return merge(job, before, new);
	job->changed = is_marked(job);
	return job->changed && update_submodules(job) ? dl_sync_job_fail(job) : DL_SYNC_WORK;
}

static enum dl_sync_step pull(struct dl_sync_job *job)
{
	if (!job->entry->how.mirror && !job->remote)
		return explain_absence(job);
	if (check_lfs(job))
		return dl_sync_job_fail(job);
	if ((job->clone.bare ? fetch_bare(job) : advance(job)) == DL_SYNC_DONE)
		return DL_SYNC_DONE;
	job->new_sha = job->entry->how.mirror ? job->clone.commit
					      : dl_clone_ref(&job->scope, &job->clone, job->branch);
	if (!dl_text_same(job->old_sha, job->new_sha)) {
		job->changed = true;
		count_commits(job);
	}
	return finish(job, job->changed ? DL_SYNC_UPDATED : DL_SYNC_UNCHANGED, job->moved ? "moved" : NULL);
}

void dl_sync_job_end(struct dl_sync_job *job)
{
	dl_clone_close(&job->clone);
	dl_scope_close(&job->scope);
}

void dl_sync_job_work(struct dl_sync_job *job)
{
	enum dl_sync_step step = DL_SYNC_WORK;

	if (job->clone.kind != DL_CLONE_ABSENT && !job->answered)
		step = ask_server(job);
	if (step == DL_SYNC_DONE || job->dry_run)
		return;
	if (job->clone.kind == DL_CLONE_ABSENT)
		clone(job);
	else
		pull(job);
}
