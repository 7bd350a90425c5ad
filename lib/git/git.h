/* git: asking git, for programs that a hook starts and that must not pay for libgit2. */
#ifndef DL_GIT_H
#define DL_GIT_H

#include <stddef.h>

#include "lib/base/fail.h"
#include "lib/base/proc.h"

struct dl_buf;
struct dl_scope;

/* One value of git's configuration. */
struct dl_git_entry {
	const char *scope;  /* "system", "global", "local", "worktree" or "command" (git -c) */
	const char *origin; /* where it stands, as git has it: "file:.git/config", "command line:" */
	const char *key;    /* as git has it: section and name in lower case */
	const char *value;  /* "true" for a name that stands alone */
};

struct dl_git_config {
	const struct dl_git_entry *entries; /* in the order in which git reads them */
	size_t count;
};

/* An object of a repository. */
struct dl_git_object {
	const char *sha;  /* in full */
	const char *text; /* up to its first NUL; NULL: it is not here */
};

/* dl_git_run(scope, dir, argv, result): runs git with the arguments ARGV, which ends with NULL, in the folder
 * DIR (NULL: this one), without an editor, a pager, a prompt or a dialog; its standard error goes nowhere. 0
 * whatever its exit code. DL_MISSING, DL_NETWORK after 10 s, DL_DATA, DL_SYSTEM: as dl_proc_run. */
DL_MUST_CHECK int dl_git_run(struct dl_scope *scope, const char *dir, const char *const *argv,
			     struct dl_proc_result *result);

/* dl_git_ask(scope, dir, argv, result): the same for a question about history, whose answer may be long in
 * coming and in itself; .errors has what git says on standard error, in English. It fetches nothing. */
DL_MUST_CHECK int dl_git_ask(struct dl_scope *scope, const char *dir, const char *const *argv,
			     struct dl_proc_result *result);

/* dl_git_ask_with(scope, dir, argv, input, result): the same; git reads INPUT. */
DL_MUST_CHECK int dl_git_ask_with(struct dl_scope *scope, const char *dir, const char *const *argv,
				  const struct dl_buf *input, struct dl_proc_result *result);

/* dl_git_map(scope, dir, argv, result): the same for an answer of any length. As dl_proc_map. */
DL_MUST_CHECK int dl_git_map(struct dl_scope *scope, const char *dir, const char *const *argv,
			     struct dl_proc_result *result);

/* dl_git_objects(scope, dir, objects, count): sets .text of COUNT OBJECTS. As dl_git_ask; DL_DATA also when
 * that fails. */
DL_MUST_CHECK int dl_git_objects(struct dl_scope *scope, const char *dir, struct dl_git_object *objects,
				 size_t count);

/* dl_git_ask_of(scope, dir, argv, result): the same as dl_git_run about the repository that DIR is the top
 * of, or that it is, whatever the environment says and whatever is above it; .errors is kept as well. */
DL_MUST_CHECK int dl_git_ask_of(struct dl_scope *scope, const char *dir, const char *const *argv,
				struct dl_proc_result *result);

/* dl_git_reason(scope, result): the first line of .errors, safe for a message, without "fatal: ". */
const char *dl_git_reason(struct dl_scope *scope, const struct dl_proc_result *result);

/* dl_git_config(scope, dir, config): all that the programs of the hooks read of git's configuration, by one
 * call of git, so that `git -c` counts: devloop.*, remote.*, hook.*, core.hooksPath, core.commentChar,
 * core.commentString, user.email, branch.*.remote and url.*.insteadOf. DL_SYSTEM when git refuses to tell;
 * else as dl_git_run. */
DL_MUST_CHECK int dl_git_config(struct dl_scope *scope, const char *dir, struct dl_git_config *config);

/* dl_git_parse(scope, text, len, config): the same out of the LEN bytes of TEXT, which git has printed:
 * scope, NUL, origin, NUL, key, newline, value, NUL, and again. What is cut off at the end is left out. */
void dl_git_parse(struct dl_scope *scope, const char *text, size_t len, struct dl_git_config *config);

/* dl_git_find(config, key): the entry that counts, the last one of KEY; NULL: there is none. */
const struct dl_git_entry *dl_git_find(const struct dl_git_config *config, const char *key);

/* dl_git_get(config, key): its value; NULL: there is none. */
const char *dl_git_get(const struct dl_git_config *config, const char *key);

/* dl_git_get_first(config, key): the first of its values, where an empty one discards those before it: so git
 * reads the URL that a remote is fetched from. NULL: there is none. */
const char *dl_git_get_first(const struct dl_git_config *config, const char *key);

/* dl_git_get_in(config, scope, key): the value of the last entry of KEY in that scope alone; NULL: none. */
const char *dl_git_get_in(const struct dl_git_config *config, const char *scope, const char *key);

/* dl_git_common_dir(scope, dir): the absolute path of the git dir that all worktrees of the repository in DIR
 * (NULL: here) share. NULL: DL_CONFIG when there is no repository; else as dl_git_run. */
const char *dl_git_common_dir(struct dl_scope *scope, const char *dir);

/* dl_git_top(scope, dir): the same for the folder that git runs hooks in: the top of the working tree, or the
 * git dir of a bare repository. */
const char *dl_git_top(struct dl_scope *scope, const char *dir);

/* dl_git_hooks_dir(scope, dir): the same for the folder that git runs hooks from, which need not exist. */
const char *dl_git_hooks_dir(struct dl_scope *scope, const char *dir);

/* dl_git_commit(scope, dir, object): the full hash of the commit that OBJECT, a revision, is or, as an
 * annotated tag, stands for. NULL (no failure): none. */
const char *dl_git_commit(struct dl_scope *scope, const char *dir, const char *object);

/* dl_git_environment(scope): changes to the environment, as struct dl_proc has them, for a program that a
 * hook starts, in whatever folder: what says where this repository is has absolute paths. */
const char *const *dl_git_environment(struct dl_scope *scope);

/* dl_git_forget(scope): the same for a program that outlives the hook: nothing says where this repository is,
 * nor what else is only true of the command that git is running. `git -c` still counts. */
const char *const *dl_git_forget(struct dl_scope *scope);

#endif
