/* hooks: where git runs the hooks of a repository from, and what stands there.
 *
 * https://git-scm.com/docs/githooks, https://git-scm.com/docs/git-hook */
#ifndef DL_HOOKS_H
#define DL_HOOKS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/fail.h"
#include "lib/git/git.h"
#include "lib/hooks/hooks_stub.h"

struct dl_scope;

#define DL_HOOKS_NAME "dl-gate" /* of the hook in git's configuration */

/* Where the folder lies that git runs hooks from. */
enum dl_hooks_place {
	DL_HOOKS_OWN,     /* in the git dir */
	DL_HOOKS_TREE,    /* in the working tree, where nobody else sees it */
	DL_HOOKS_TRACKED, /* in the working tree, in commits */
	DL_HOOKS_HUSKY,   /* husky's */
	DL_HOOKS_OUTSIDE, /* elsewhere: other repositories may use it, too */
};

/* A repository. All paths are absolute. */
struct dl_hooks {
	struct dl_git_config config;
	const char *top;        /* where git runs hooks: the top of the working tree, or a bare git dir */
	const char *common_dir; /* the git dir that all its working trees share */
	const char *folder;     /* that git runs hooks from; it need not exist */
	enum dl_hooks_place place;
	int version;            /* of git, as dl_hooks_version has it */
	const char *set_by; /* where core.hooksPath stands, as struct dl_git_entry has it; NULL: nowhere */
};

/* A file that is, or was, a hook. */
struct dl_hooks_file {
	const char *path;
	bool exists;      /* as whatever */
	enum dl_hooks_stub_kind ours;
	const char *tool; /* the tool that wrote it; NULL: ours, or unknown */
	const char *text; /* NULL: it cannot be read, or is too long for a script */
	const char *fault; /* why git cannot run it: "is a folder"; NULL: it can */
	bool hangs;       /* with that, git before 2.54 waits for ever on a push */
};

/* Versions of git, as dl_hooks_version has them. */
enum {
	DL_HOOKS_RUN = 2036,        /* has `git hook run` */
	DL_HOOKS_CONFIGURED = 2054, /* runs the hooks of its configuration */
};

/* dl_hooks_version(git): that of the program GIT, 2054 for 2.54; 0: it does not tell. */
int dl_hooks_version(const char *git);

/* dl_hooks_older_git(scope): the first git on PATH that takes no hooks from its configuration, as clients
 * with windows may bring along; NULL (no failure): there is none. */
const char *dl_hooks_older_git(struct dl_scope *scope);

/* dl_hooks_open(scope, dir, hooks): the repository in DIR (NULL: here). DL_CONFIG: there is none; else as
 * dl_git_run. */
DL_MUST_CHECK int dl_hooks_open(struct dl_scope *scope, const char *dir, struct dl_hooks *hooks);

/* dl_hooks_path(scope, folder, name): the path of the hook NAME in FOLDER. */
const char *dl_hooks_path(struct dl_scope *scope, const char *folder, const char *name);

/* dl_hooks_folders(scope, hooks): the folders in which a hook may stand: the one that git looks in, then the
 * one in the git dir, if that is another; ends with NULL. */
const char *const *dl_hooks_folders(struct dl_scope *scope, const struct dl_hooks *hooks);

/* dl_hooks_look(scope, path): what stands at PATH. */
struct dl_hooks_file dl_hooks_look(struct dl_scope *scope, const char *path);

/* dl_hooks_calls_gate(scope, path): whether the file at PATH, which is not of ours, names dl-gate outside of
 * comments. */
bool dl_hooks_calls_gate(struct dl_scope *scope, const char *path);

/* dl_hooks_script(scope, hooks): the script that people write, and commit, for git to run before a push; it
 * need not exist. NULL: hooks are none of the working tree's business. */
const char *dl_hooks_script(struct dl_scope *scope, const struct dl_hooks *hooks);

/* dl_hooks_lefthook(scope, hooks): the file of lefthook's configuration that names dl-gate; NULL: none. */
const char *dl_hooks_lefthook(struct dl_scope *scope, const struct dl_hooks *hooks);

#endif
