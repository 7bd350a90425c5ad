/* repo: what a program needs to know of the git repository it stands in. The only includer of libgit2.
 *
 * It only reads. Nothing of the repository is executed: no hook, no filter, no textconv, no credential helper
 * of its own. */
#ifndef DL_REPO_H
#define DL_REPO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/fail.h"

struct dl_arena;
struct dl_scope;
struct dl_repo;

/* A sequence of strings in a scope. */
struct dl_names {
	const char *const *items;
	size_t count;
};

/* dl_repo_open(scope, dir): the repository that DIR is in; close it. With DIR NULL the one that GIT_DIR and
 * GIT_WORK_TREE name, else that of the working directory. A repository belongs to one thread. NULL: DL_CONFIG
 * when there is none, or git refuses it as another user's; DL_UNSUPPORTED when it is of a kind that libgit2
 * cannot read (SHA-256, reftable); DL_SYSTEM otherwise; the hints say what to do. */
struct dl_repo *dl_repo_open(struct dl_scope *scope, const char *dir);

/* dl_repo_start(scope): for a program whose threads open repositories, each its own, before they begin.
 * DL_SYSTEM. */
DL_MUST_CHECK int dl_repo_start(struct dl_scope *scope);

/* dl_repo_open_at(scope, dir): the repository that DIR is the top of, or that it is, whatever the environment
 * says; close it. NULL (no failure): none is there that libgit2 can read and git would not refuse as another
 * user's, or it has extensions, or is a linked worktree. */
struct dl_repo *dl_repo_open_at(struct dl_scope *scope, const char *dir);

/* dl_repo_version(arena): of libgit2. */
const char *dl_repo_version(struct dl_arena *arena);

/* dl_repo_close(repo): NULL is fine. */
void dl_repo_close(struct dl_repo *repo);

/* dl_repo_top(scope, dir): the nearest folder from DIR upwards that has a ".git"; NULL (no failure): none
 * has. */
const char *dl_repo_top(struct dl_scope *scope, const char *dir);

/* dl_repo_git_dir(repo): the folder with HEAD and what else is of this worktree alone, with a final '/'.
 * Borrowed. */
const char *dl_repo_git_dir(struct dl_repo *repo);

/* dl_repo_root(repo): the top folder of the working tree, with a final '/'; NULL in a bare repository.
 * Borrowed. */
const char *dl_repo_root(struct dl_repo *repo);

/* dl_repo_common_dir(repo): the folder shared by all worktrees (".git"), with a final '/'. Borrowed. */
const char *dl_repo_common_dir(struct dl_repo *repo);

/* dl_repo_branch(scope, repo): the short name of the branch that HEAD is on, also before its first commit;
 * NULL: detached. */
const char *dl_repo_branch(struct dl_scope *scope, struct dl_repo *repo);

/* dl_repo_ref(scope, repo, name): the object that the ref of that full name, or HEAD, stands for at the end;
 * NULL (no failure): none. */
const char *dl_repo_ref(struct dl_scope *scope, struct dl_repo *repo, const char *name);

/* dl_repo_target(scope, repo, name): the full name of the ref that the ref NAME stands for, which need not be
 * there; NULL (no failure): it is no such ref. */
const char *dl_repo_target(struct dl_scope *scope, struct dl_repo *repo, const char *name);

/* dl_repo_is_ref_name(name): whether a ref may have that full name. */
bool dl_repo_is_ref_name(const char *name);

/* dl_repo_resolve(scope, repo, revision): the full object name of the commit that REVISION ("HEAD", "v1",
 * "1a2b3c", "main~2") names, tags peeled; any other full object name is returned in lower case, whether it is
 * here or not. NULL: DL_USAGE "no such commit", or "ambiguous" when several objects begin so; DL_DATA: it is
 * damaged; DL_MISSING: HEAD has no commits yet. */
const char *dl_repo_resolve(struct dl_scope *scope, struct dl_repo *repo, const char *revision);

/* dl_repo_tip(scope, repo, branch): the commit that the remote's BRANCH stood at when we last heard of it:
 * the tracking ref of that name at its remote, else the branch's upstream of another name; NULL (no failure):
 * not known here. */
const char *dl_repo_tip(struct dl_scope *scope, struct dl_repo *repo, const char *branch);

/* dl_repo_ahead(scope, repo, commit, base): how many commits COMMIT has that BASE has not; -1 (no failure):
 * unknown, since one is NULL or not here, or the history is shallow. */
int dl_repo_ahead(struct dl_scope *scope, struct dl_repo *repo, const char *commit, const char *base);

/* dl_repo_remote(scope, repo): the name of the remote that counts: that of the current branch, which may be a
 * URL, else "origin", else the only one; NULL (no failure): none. DL_REMOTE names another one. */
const char *dl_repo_remote(struct dl_scope *scope, struct dl_repo *repo);

/* dl_repo_remote_url(scope, repo, remote): the URL that REMOTE, a name or itself a URL, is fetched from,
 * after url.*.insteadOf; NULL (no failure): none. */
const char *dl_repo_remote_url(struct dl_scope *scope, struct dl_repo *repo, const char *remote);

/* dl_repo_config(scope, repo, key): the value of a git configuration variable, the last one of several,
 * "true" where it has none; NULL (no failure): not set. REPO may be NULL: then only the user's and the
 * system's files are read. GIT_CONFIG_GLOBAL, GIT_CONFIG_SYSTEM and GIT_CONFIG_NOSYSTEM are honoured, `git
 * -c` is not. */
const char *dl_repo_config(struct dl_scope *scope, struct dl_repo *repo, const char *key);

/* dl_repo_config_first(scope, repo, key): the same, but the first one of several, where an empty one discards
 * those before it: so git reads the URL that a remote is fetched from. NULL (no failure): not set. */
const char *dl_repo_config_first(struct dl_scope *scope, struct dl_repo *repo, const char *key);

/* What dl_repo_entries lists. */
struct dl_repo_entry {
	const char *name;
	bool directory;
	bool executable;
};

struct dl_repo_entries {
	const struct dl_repo_entry *items;
	size_t count;
	bool found; /* whether the folder exists in the commit */
};

/* dl_repo_entries(scope, repo, commit, folder, entries): what stands directly in FOLDER ("" is the top) of
 * COMMIT, sorted by name, links and submodules as plain files. 0 with .found false when the folder is not
 * there; DL_MISSING when the commit is not in this repository, or not that part of it. */
DL_MUST_CHECK int dl_repo_entries(struct dl_scope *scope, struct dl_repo *repo, const char *commit,
				  const char *folder, struct dl_repo_entries *entries);

/* dl_repo_file(scope, repo, commit, path, cap, len): the content of the regular file PATH of COMMIT and a
 * NUL, writable, in SCOPE; its length in *LEN (NULL: not wanted). NULL: DL_MISSING when the commit is not
 * here or has no such file, DL_DATA over CAP bytes. */
char *dl_repo_file(struct dl_scope *scope, struct dl_repo *repo, const char *commit, const char *path,
		   size_t cap, size_t *len);

/* dl_repo_time(repo, commit): when it was committed, in seconds since 1970; DL_TIME_NONE: it is not here. */
int64_t dl_repo_time(struct dl_repo *repo, const char *commit);

/* dl_repo_message(scope, repo, commit): its whole message; NULL (no failure): no such commit here. */
const char *dl_repo_message(struct dl_scope *scope, struct dl_repo *repo, const char *commit);

/* dl_repo_subject(scope, repo, commit): the first line of its message; NULL (no failure): no such commit
 * here. */
const char *dl_repo_subject(struct dl_scope *scope, struct dl_repo *repo, const char *commit);

#endif
