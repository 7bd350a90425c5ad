/* libgit2 and not the git command: one answer of git costs a process, and a program needs five before it
 * knows whom to ask.
 *
 * Where libgit2 1.5 and 1.9 differ, or differ from git, this file follows git: GIT_DIR, GIT_WORK_TREE and
 * GIT_CONFIG_* are read here, since 1.5 refuses the second and does not know the third. Remotes are read from
 * the configuration: what libgit2 has for that goes through regular expressions, which in 1.5 leak 20 kB for
 * each variable that does not match. */
#include "lib/git/repo.h"

#include <dlfcn.h>
#include <git2.h>
#include <git2/sys/repository.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"

enum { SHA_LEN = 40, SHORTEST_PREFIX = GIT_OID_MINPREFIXLEN };

struct dl_repo {
	git_repository *handle;
	git_config *config; /* a snapshot; NULL: nobody has asked yet */
};

static const char *quote(struct dl_scope *scope, const char *text)
{
	return dl_text_quote(&scope->arena, text);
}

/* What libgit2 says about its last failure, safe for a message. */
static const char *reason(struct dl_scope *scope)
{
	const git_error *error = git_error_last();

	return quote(scope, error && error->message ? error->message : "unknown error");
}

/* Starts libgit2, which costs 5 ms the first time, since it then reads every certificate of the system. So it
 * is only ended together with a repository; after a failure the next question is often one to the user's
 * files. An extension that only a writer must know is no reason to refuse a repository. */
static int begin(void)
{
	static const char *const harmless[] = {"noop", "worktreeconfig", "partialclone", "preciousobjects",
					       "relativeworktrees"};
	int count = git_libgit2_init();

	if (count == 1)
		git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, harmless, sizeof harmless / sizeof *harmless);
	return count < 0 ? -1 : 0;
}

/* User and system configuration */

static int add_file(git_config *config, const char *path, git_config_level_t level,
		    const git_repository *handle)
{
	int error = *path ? git_config_add_file_ondisk(config, path, level, handle, 0) : 0;

	return error == GIT_ENOTFOUND ? 0 : error;
}

static int add_found(git_config *config, int find(git_buf *), git_config_level_t level,
		     const git_repository *handle)
{
	git_buf path = {0};
	int error = 0;

	if (find(&path) == 0)
		error = add_file(config, path.ptr, level, handle);
	git_buf_dispose(&path);
	return error;
}

static bool is_true(const char *variable)
{
	const char *value = getenv(variable);
	int truth = 0;

	return value && git_config_parse_bool(&truth, value) == 0 && truth;
}

/* The files of the system and of the user, or those that the environment names in their place. */
static int add_user_files(git_config *config, const git_repository *handle)
{
	const char *system = getenv("GIT_CONFIG_SYSTEM"), *global = getenv("GIT_CONFIG_GLOBAL");
	int error = 0;

	if (!is_true("GIT_CONFIG_NOSYSTEM"))
		error = system ? add_file(config, system, GIT_CONFIG_LEVEL_SYSTEM, handle)
			       : add_found(config, git_config_find_system, GIT_CONFIG_LEVEL_SYSTEM, handle);
	if (error == 0 && global)
		return add_file(config, global, GIT_CONFIG_LEVEL_GLOBAL, handle);
	if (error == 0)
		error = add_found(config, git_config_find_xdg, GIT_CONFIG_LEVEL_XDG, handle);
	if (error == 0)
		error = add_found(config, git_config_find_global, GIT_CONFIG_LEVEL_GLOBAL, handle);
	return error;
}

static git_config *open_user_config(void)
{
	git_config *config = NULL;

	if (git_config_new(&config) < 0)
		return NULL;
	if (add_user_files(config, NULL) < 0) {
		git_config_free(config);
		return NULL;
	}
	return config;
}

/* Gives HANDLE the files that the environment names; what libgit2 has read by itself is right where it names
 * none. */
static int follow_environment(struct dl_scope *scope, git_repository *handle)
{
	git_config *config = NULL;
	const char *own;
	int error;

	if (!getenv("GIT_CONFIG_GLOBAL") && !getenv("GIT_CONFIG_SYSTEM") && !getenv("GIT_CONFIG_NOSYSTEM"))
		return 0;
	own = dl_arena_format(&scope->arena, "%sconfig", git_repository_commondir(handle));
	error = git_config_new(&config);
	if (error == 0)
		error = add_user_files(config, handle);
	if (error == 0)
		error = add_file(config, own, GIT_CONFIG_LEVEL_LOCAL, handle);
	if (error == 0)
		error = git_repository_set_config(handle, config);
	git_config_free(config);
	return error < 0 ? dl_fail(scope, DL_CONFIG, "cannot read git's configuration: %s", reason(scope))
			 : 0;
}

/* Opening */

static int note_star(const git_config_entry *entry, void *payload)
{
	bool *all = payload;

	if (!entry->value || !*entry->value)
		*all = false;
	else if (strcmp(entry->value, "*") == 0)
		*all = true;
	return 0;
}

/* Whether the user has said safe.directory=*, which libgit2 1.5 does not know. */
static bool trusts_all(void)
{
	git_config *config = open_user_config();
	bool all = false;

	if (config)
		git_config_get_multivar_foreach(config, "safe.directory", NULL, note_star, &all);
	git_config_free(config);
	return all;
}

/* Where to look for a repository. GIT_DIR is one, and nothing above it is. */
struct start {
	const char *path;
	bool exact;
};

static struct start find_start(const char *dir)
{
	const char *git_dir = getenv("GIT_DIR");

	if (!dir && git_dir && *git_dir)
		return (struct start){git_dir, true};
	return (struct start){dir ? dir : ".", false};
}

/* What git_repository_open_ext said, and of what kind that was. */
struct opened {
	git_repository *handle;
	int error;
	int kind; /* of enum git_error_t */
};

static struct opened open_handle(struct start start)
{
	struct opened opened = {.handle = NULL};
	unsigned flags = 0;

	if (start.exact)
		flags |= GIT_REPOSITORY_OPEN_NO_SEARCH | GIT_REPOSITORY_OPEN_NO_DOTGIT;
	if (is_true("GIT_DISCOVERY_ACROSS_FILESYSTEM"))
		flags |= GIT_REPOSITORY_OPEN_CROSS_FS;
	opened.error =
		git_repository_open_ext(&opened.handle, start.path, flags, getenv("GIT_CEILING_DIRECTORIES"));
	if (opened.error < 0)
		opened.kind = git_error_last() ? git_error_last()->klass : GIT_ERROR_NONE;
	return opened;
}

/* libgit2 1.5 reports the lack of any safe.directory in place of what that led to. */
static bool is_owner_refusal(const struct opened *opened)
{
	return opened->error == GIT_EOWNER ||
	       (opened->error == GIT_ENOTFOUND && opened->kind == GIT_ERROR_CONFIG);
}

static char *real_path(struct dl_scope *scope, const char *dir)
{
	char *start = realpath(dir, NULL), *path = dl_arena_string(&scope->arena, start ? start : dir);

	free(start);
	return path;
}

const char *dl_repo_top(struct dl_scope *scope, const char *dir)
{
	char *path = real_path(scope, dir), *slash;

	while (access(dl_arena_format(&scope->arena, "%s/.git", path), F_OK) < 0) {
		slash = strrchr(path, '/');
		if (!slash)
			return NULL;
		*slash = '\0';
	}
	return *path ? path : "/";
}

/* The folder that safe.directory has to name. */
static int explain_owner(struct dl_scope *scope, struct start start)
{
	const char *found = dl_repo_top(scope, start.path);
	const char *top = found ? found : real_path(scope, start.path);

	dl_fail(scope, DL_CONFIG, "git refuses the repository %s: another user owns it", quote(scope, top));
	return dl_fail_hint(scope, "if you trust it: git config --global --add safe.directory %s",
			    dl_text_word(&scope->arena, top));
}

static int explain_absence(struct dl_scope *scope, struct start start)
{
	const char *where = strcmp(start.path, ".") == 0 ? "this folder" : quote(scope, start.path);

	if (start.exact)
		dl_fail(scope, DL_CONFIG, "GIT_DIR names no git repository: %s", where);
	else
		dl_fail(scope, DL_CONFIG, "no git repository in %s or above", where);
	return dl_fail_hint(scope, "change to one, or name the project with -R");
}

static int explain(struct dl_scope *scope, const struct opened *opened, struct start start)
{
	const char *path = quote(scope, start.path), *why = reason(scope);

	if (is_owner_refusal(opened))
		return explain_owner(scope, start);
	if (opened->error == GIT_ENOTFOUND)
		return explain_absence(scope, start);
	if (strstr(why, "objectformat") || strstr(why, "object format")) {
		dl_fail(scope, DL_UNSUPPORTED,
			"cannot read the git repository in %s: its object names are SHA-256", path);
		return dl_fail_hint(scope, "name the project with -R, and commits by their full object name");
	}
	if (dl_text_starts(why, "unsupported"))
		return dl_fail(scope, DL_UNSUPPORTED, "cannot read the git repository in %s: %s", path, why);
	return dl_fail(scope, opened->kind == GIT_ERROR_OS ? DL_SYSTEM : DL_CONFIG,
		       "cannot open the git repository in %s: %s", path, why);
}

/* A folder with the looks of a repository that lies in a working tree is made of files like any other there,
 * which whoever wrote them has committed: its configuration would be theirs, and no user's. */
static int check_place(struct dl_scope *scope, git_repository *handle, struct start start)
{
	const char *path = git_repository_path(handle);
	const char *here = dl_arena_format(&scope->arena, "%s/", real_path(scope, start.path));

	if (start.exact || !dl_text_starts(here, path) || strstr(path, "/.git/") ||
	    !dl_repo_top(scope, dl_arena_format(&scope->arena, "%s..", path)))
		return 0;
	dl_fail(scope, DL_CONFIG, "%s lies in a working tree, and is not trusted to be a repository",
		quote(scope, path));
	return dl_fail_hint(scope, "if it is yours: GIT_DIR=%s",
			    dl_text_word(&scope->arena, path));
}

static git_repository *open_repository(struct dl_scope *scope, const char *dir)
{
	const char *work_tree = dir ? NULL : getenv("GIT_WORK_TREE");
	struct start start = find_start(dir);
	struct opened opened = open_handle(start);

	if (is_owner_refusal(&opened) && trusts_all()) {
		git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
		opened = open_handle(start);
	}
	if (opened.error < 0) {
		explain(scope, &opened, start);
		return NULL;
	}
	if (work_tree && *work_tree && git_repository_set_workdir(opened.handle, work_tree, 0) < 0)
		dl_fail(scope, DL_CONFIG, "GIT_WORK_TREE names no folder: %s", quote(scope, work_tree));
	else if (check_place(scope, opened.handle, start) == 0 &&
		 follow_environment(scope, opened.handle) == 0)
		return opened.handle;
	git_repository_free(opened.handle);
	return NULL;
}

/* Two definitions stand before those of the libraries, for libgit2; for everybody else they are a detour. */

static bool is_libgit2(const void *address)
{
	Dl_info caller;

	return dladdr(address, &caller) && strstr(caller.dli_fname, "libgit2");
}

/* Starting libgit2 reads and decodes all certificates of the machine where it is built with Mbed TLS
 * (Debian): 10 ms, more than all the rest of a program's start, for connections that are never made here. */
int mbedtls_x509_crt_parse_file(void *chain, const char *path);

int mbedtls_x509_crt_parse_file(void *chain, const char *path)
{
	int (*library)(void *chain, const char *path);
	void *symbol = dlsym(RTLD_NEXT, "mbedtls_x509_crt_parse_file");

	if (is_libgit2(__builtin_return_address(0)))
		return 0;
	memcpy(&library, &symbol, sizeof library);
	return library ? library(chain, path) : -1;
}

/* libgit2 up to 1.9 asks for ever for the rest of a loose object whose file is cut off
 * (https://github.com/libgit2/libgit2/issues/7342). To it, what gets nowhere is broken. */
int inflate(z_stream *stream, int flush)
{
	int (*library)(z_stream *stream, int flush), code;
	void *symbol = dlsym(RTLD_NEXT, "inflate");
	uInt in, out;

	memcpy(&library, &symbol, sizeof library);
	if (!library || !stream)
		return Z_STREAM_ERROR;
	in = stream->avail_in;
	out = stream->avail_out;
	code = library(stream, flush);
	if (code == Z_BUF_ERROR && stream->avail_in == in && stream->avail_out == out &&
	    is_libgit2(__builtin_return_address(0)))
		return Z_STREAM_ERROR;
	return code;
}

int dl_repo_start(struct dl_scope *scope)
{
	return begin() < 0 ? dl_fail(scope, DL_SYSTEM, "cannot start libgit2: %s", reason(scope)) : 0;
}

/* NULL: HANDLE is. */
static struct dl_repo *wrap(struct dl_scope *scope, git_repository *handle)
{
	struct dl_repo *repo = handle ? dl_arena_alloc(&scope->arena, sizeof *repo) : NULL;

	if (repo)
		repo->handle = handle;
	return repo;
}

struct dl_repo *dl_repo_open(struct dl_scope *scope, const char *dir)
{
	return dl_repo_start(scope) ? NULL : wrap(scope, open_repository(scope, dir));
}

/* Whether the configuration of the repository at DIR, in DIR/FOLDER, can name no extensions. To look for them
 * libgit2 1.5 leaks 20 kB for each variable at each opening, too much for a program that opens thousands. */
static bool is_plain(struct dl_scope *scope, const char *dir, const char *folder)
{
	const char *path = dl_arena_format(&scope->arena, "%s/%sconfig", dir, folder);
	git_config *config = NULL;
	int32_t version = 0;
	bool plain = access(path, F_OK) == 0 && git_config_open_ondisk(&config, path) == 0;

	if (plain && git_config_get_int32(&version, config, "core.repositoryformatversion") == 0)
		plain = version == 0;
	git_config_free(config);
	return plain;
}

struct dl_repo *dl_repo_open_at(struct dl_scope *scope, const char *dir)
{
	git_repository *handle = NULL;

	if (begin() < 0)
		return NULL;
	if ((!is_plain(scope, dir, ".git/") && !is_plain(scope, dir, "")) ||
	    git_repository_open_ext(&handle, dir, GIT_REPOSITORY_OPEN_NO_SEARCH, NULL) < 0)
		git_libgit2_shutdown();
	return wrap(scope, handle);
}

const char *dl_repo_version(struct dl_arena *arena)
{
	int major, minor, revision;

	git_libgit2_version(&major, &minor, &revision);
	return dl_arena_format(arena, "%d.%d.%d", major, minor, revision);
}

void dl_repo_close(struct dl_repo *repo)
{
	if (!repo)
		return;
	git_config_free(repo->config);
	git_repository_free(repo->handle);
	git_libgit2_shutdown();
}

const char *dl_repo_root(struct dl_repo *repo)
{
	return git_repository_workdir(repo->handle);
}

const char *dl_repo_git_dir(struct dl_repo *repo)
{
	return git_repository_path(repo->handle);
}

const char *dl_repo_common_dir(struct dl_repo *repo)
{
	return git_repository_commondir(repo->handle);
}

/* Configuration */

static const char *config_value(struct dl_scope *scope, git_config *config, const char *key)
{
	git_config_entry *entry = NULL;
	const char *value = NULL;

	if (git_config_get_entry(&entry, config, key) == 0)
		value = dl_arena_string(&scope->arena, entry->value ? entry->value : "true");
	git_config_entry_free(entry);
	return value;
}

static const char *user_config_value(struct dl_scope *scope, const char *key)
{
	const char *value = NULL;
	git_config *config;

	if (begin() < 0)
		return NULL;
	config = open_user_config();
	if (config)
		value = config_value(scope, config, key);
	git_config_free(config);
	return value;
}

static git_config *snapshot(struct dl_repo *repo)
{
	if (!repo->config)
		git_repository_config_snapshot(&repo->config, repo->handle);
	return repo->config;
}

const char *dl_repo_config(struct dl_scope *scope, struct dl_repo *repo, const char *key)
{
	if (!repo)
		return user_config_value(scope, key);
	return snapshot(repo) ? config_value(scope, snapshot(repo), key) : NULL;
}

/* The first of several values; an empty one discards those before it. */
struct first {
	struct dl_scope *scope;
	const char *value;
};

static int note_first(const git_config_entry *entry, void *payload)
{
	struct first *first = payload;

	if (!entry->value || !*entry->value)
		first->value = NULL;
	else if (!first->value)
		first->value = dl_arena_string(&first->scope->arena, entry->value);
	return 0;
}

const char *dl_repo_config_first(struct dl_scope *scope, struct dl_repo *repo, const char *key)
{
	struct first first = {.scope = scope};

	if (snapshot(repo))
		git_config_get_multivar_foreach(snapshot(repo), key, NULL, note_first, &first);
	return first.value;
}

/* Objects */

static const char *sha_of(struct dl_scope *scope, const git_oid *id)
{
	char *sha = dl_arena_alloc(&scope->arena, SHA_LEN + 1);

	return git_oid_tostr(sha, SHA_LEN + 1, id);
}

/* NULL: SHA is NULL, no full object name, or no commit of this repository. */
static git_commit *find_commit(struct dl_repo *repo, const char *sha)
{
	git_commit *commit = NULL;
	git_oid id;

	if (!sha || strlen(sha) != SHA_LEN || git_oid_fromstr(&id, sha) < 0)
		return NULL;
	return git_commit_lookup(&commit, repo->handle, &id) == 0 ? commit : NULL;
}

/* REVISION in lower case when it is a full object name already, of either length; NULL: it is not. */
static const char *full_name(struct dl_scope *scope, const char *revision)
{
	char *name = dl_arena_string(&scope->arena, revision), *digit;

	for (digit = name; *digit; digit++)
		if (*digit >= 'A' && *digit <= 'F')
			*digit += 'a' - 'A';
	return dl_text_is_sha(name) ? name : NULL;
}

/* Why REVISION leads to no commit, by libgit2's ERROR. */
static int explain_revision(struct dl_scope *scope, const struct dl_repo *repo, const char *revision,
			    int error)
{
	const char *name = quote(scope, revision);

	if (error == GIT_EAMBIGUOUS && strspn(revision, "0123456789abcdefABCDEF") >= SHORTEST_PREFIX) {
		dl_fail(scope, DL_USAGE, "ambiguous commit: several objects begin with %s", name);
		return dl_fail_hint(scope, "give more digits");
	}
	if (error == GIT_ENOTFOUND && git_repository_head_unborn(repo->handle) == 1 &&
	    strcmp(revision, "HEAD") == 0)
		return dl_fail(scope, DL_MISSING, "there are no commits yet");
	if (error == GIT_EPEEL)
		return dl_fail(scope, DL_USAGE, "no commit: %s names something else", name);
	if (error == GIT_ENOTFOUND || error == GIT_EINVALIDSPEC || error == GIT_EAMBIGUOUS) {
		dl_fail(scope, DL_USAGE, "no such commit: %s", name);
		return dl_fail_hint(scope, "fetch it, or give all %d digits of its name", SHA_LEN);
	}
	dl_fail(scope, DL_DATA, "%s cannot be read: %s", name, reason(scope));
	return dl_fail_hint(scope, "git fsck says what is damaged");
}

static const char *peel(struct dl_scope *scope, const struct dl_repo *repo, const git_object *object,
			const char *revision)
{
	git_object *commit = NULL;
	const char *sha = NULL;
	int error = git_object_peel(&commit, object, GIT_OBJECT_COMMIT);

	if (error == 0)
		sha = sha_of(scope, git_object_id(commit));
	else /* what cannot lead to a commit at all is no valid question to libgit2 */
		explain_revision(scope, repo, revision, error == GIT_EINVALIDSPEC ? GIT_EPEEL : error);
	git_object_free(commit);
	return sha;
}

/* The commit that the full name SHA stands for where it is that of a tag that is here; else SHA. */
static const char *peel_tag(struct dl_scope *scope, struct dl_repo *repo, const char *sha)
{
	git_object *tag = NULL;
	git_oid id;

	if (strlen(sha) == SHA_LEN && git_oid_fromstr(&id, sha) == 0 &&
	    git_object_lookup(&tag, repo->handle, &id, GIT_OBJECT_TAG) == 0)
		sha = peel(scope, repo, tag, sha);
	git_object_free(tag);
	return sha;
}

const char *dl_repo_resolve(struct dl_scope *scope, struct dl_repo *repo, const char *revision)
{
	const char *sha = full_name(scope, revision);
	git_object *object = NULL;
	int error;

	if (sha)
		return peel_tag(scope, repo, sha);
	error = git_revparse_single(&object, repo->handle, revision);
	if (error == 0)
		sha = peel(scope, repo, object, revision);
	else
		explain_revision(scope, repo, revision, error);
	git_object_free(object);
	return sha;
}

const char *dl_repo_message(struct dl_scope *scope, struct dl_repo *repo, const char *commit)
{
	git_commit *found = find_commit(repo, commit);
	const char *message = found ? dl_arena_string(&scope->arena, git_commit_message(found)) : NULL;

	git_commit_free(found);
	return message;
}

const char *dl_repo_subject(struct dl_scope *scope, struct dl_repo *repo, const char *commit)
{
	const char *message = dl_repo_message(scope, repo, commit);

	return message ? dl_arena_copy(&scope->arena, message, strcspn(message, "\r\n")) : NULL;
}

int64_t dl_repo_time(struct dl_repo *repo, const char *commit)
{
	git_commit *found = find_commit(repo, commit);
	int64_t time = found ? git_commit_time(found) : DL_TIME_NONE;

	git_commit_free(found);
	return time;
}

/* A shallow history ends where nothing ends: its numbers would be wrong. */
static bool is_shallow(struct dl_scope *scope, struct dl_repo *repo)
{
	struct stat st;

	return stat(dl_arena_format(&scope->arena, "%sshallow", dl_repo_common_dir(repo)), &st) == 0 &&
	       st.st_size > 0;
}

int dl_repo_ahead(struct dl_scope *scope, struct dl_repo *repo, const char *commit, const char *base)
{
	git_commit *tip = find_commit(repo, commit), *other = find_commit(repo, base);
	size_t ahead = 0, behind = 0;
	int result = -1;

	if (tip && other && git_oid_equal(git_commit_id(tip), git_commit_id(other)))
		result = 0;
	else if (tip && other && !is_shallow(scope, repo) &&
		 git_graph_ahead_behind(&ahead, &behind, repo->handle, git_commit_id(tip),
					git_commit_id(other)) == 0)
		result = ahead > INT_MAX ? INT_MAX : (int)ahead;
	git_commit_free(tip);
	git_commit_free(other);
	return result;
}

/* Branches and remotes */

const char *dl_repo_ref(struct dl_scope *scope, struct dl_repo *repo, const char *name)
{
	git_oid id;

	return git_reference_name_to_id(&id, repo->handle, name) == 0 ? sha_of(scope, &id) : NULL;
}

const char *dl_repo_target(struct dl_scope *scope, struct dl_repo *repo, const char *name)
{
	git_reference *ref = NULL;
	const char *target = NULL;

	if (git_reference_lookup(&ref, repo->handle, name) == 0)
		target = dl_arena_string(&scope->arena, git_reference_symbolic_target(ref));
	git_reference_free(ref);
	return target;
}

bool dl_repo_is_ref_name(const char *name)
{
	int valid = 0;

	return begin() >= 0 && git_reference_name_is_valid(&valid, name) == 0 && valid;
}

const char *dl_repo_branch(struct dl_scope *scope, struct dl_repo *repo)
{
	static const char heads[] = "refs/heads/";
	const char *target = dl_repo_target(scope, repo, "HEAD");

	return dl_text_starts(target, heads) ? target + strlen(heads) : NULL;
}

static const char *branch_config(struct dl_scope *scope, struct dl_repo *repo, const char *branch,
				 const char *name)
{
	return dl_repo_config(scope, repo, dl_arena_format(&scope->arena, "branch.%s.%s", branch, name));
}

/* "NAME" of the variable "SECTION.NAME.KEY"; NULL: VARIABLE is another. */
static const char *middle(struct dl_scope *scope, const char *variable, const char *section, const char *key)
{
	size_t len = strlen(variable), outer = strlen(section) + strlen(key);

	if (len <= outer || !dl_text_starts(variable, section) || !dl_text_ends(variable, key))
		return NULL;
	return dl_arena_copy(&scope->arena, variable + strlen(section), len - outer);
}

/* The remotes seen so far that have a URL. */
struct remotes {
	struct dl_scope *scope;
	const char *own; /* the one of the branch by configuration */
	const char *any; /* the first */
	bool has_own;
	bool has_origin;
	bool has_several;
};

static int note_remote(const git_config_entry *entry, void *payload)
{
	struct remotes *remotes = payload;
	const char *name = middle(remotes->scope, entry->name, "remote.", ".url");

	if (!name)
		return 0;
	remotes->has_own |= dl_text_same(name, remotes->own);
	remotes->has_origin |= strcmp(name, "origin") == 0;
	if (!remotes->any)
		remotes->any = name;
	else if (strcmp(name, remotes->any) != 0)
		remotes->has_several = true;
	return 0;
}

/* Whether REMOTE, which is no configured remote, is a URL or path: `git pull` takes these in its place. */
static bool is_url(const char *remote)
{
	return strpbrk(remote, ":/") != NULL;
}

/* The remote that BRANCH (NULL: none) belongs to by configuration, else "origin", else the only one. */
static const char *remote_of(struct dl_scope *scope, struct dl_repo *repo, const char *branch)
{
	struct remotes remotes = {.scope = scope};

	if (!snapshot(repo))
		return NULL;
	if (branch)
		remotes.own = branch_config(scope, repo, branch, "remote");
	git_config_foreach(snapshot(repo), note_remote, &remotes);
	if (remotes.own && (remotes.has_own || is_url(remotes.own)))
		return remotes.own;
	if (remotes.has_origin)
		return "origin";
	return remotes.has_several ? NULL : remotes.any;
}

const char *dl_repo_remote(struct dl_scope *scope, struct dl_repo *repo)
{
	const char *named = getenv("DL_REMOTE");

	return named && *named ? named : remote_of(scope, repo, dl_repo_branch(scope, repo));
}

/* Calls NOTE for every value of remote.REMOTE.KEY. */
static void for_each(struct dl_scope *scope, struct dl_repo *repo, const char *remote, const char *key,
		     git_config_foreach_cb note, void *payload)
{
	const char *variable = dl_arena_format(&scope->arena, "remote.%s.%s", remote, key);

	git_config_get_multivar_foreach(snapshot(repo), variable, NULL, note, payload);
}

/* The longest url.BASE.insteadOf that a URL begins with. */
struct rewrite {
	struct dl_scope *scope;
	const char *url;
	const char *base;
	size_t len;
};

static int note_rewrite(const git_config_entry *entry, void *payload)
{
	struct rewrite *rewrite = payload;
	const char *base = middle(rewrite->scope, entry->name, "url.", ".insteadof");

	if (base && entry->value && strlen(entry->value) > rewrite->len &&
	    dl_text_starts(rewrite->url, entry->value)) {
		rewrite->base = base;
		rewrite->len = strlen(entry->value);
	}
	return 0;
}

const char *dl_repo_remote_url(struct dl_scope *scope, struct dl_repo *repo, const char *remote)
{
	const char *key = dl_arena_format(&scope->arena, "remote.%s.url", remote);
	struct rewrite rewrite = {.scope = scope};

	if (!snapshot(repo))
		return NULL;
	rewrite.url = dl_repo_config_first(scope, repo, key);
	if (!rewrite.url && is_url(remote))
		rewrite.url = remote;
	if (!rewrite.url)
		return NULL;
	git_config_foreach(snapshot(repo), note_rewrite, &rewrite);
	if (!rewrite.base)
		return dl_arena_string(&scope->arena, rewrite.url);
	return dl_arena_format(&scope->arena, "%s%s", rewrite.base, rewrite.url + rewrite.len);
}

/* What a remote's refspecs make of REFERENCE, a name on the remote. */
struct tracking {
	struct dl_scope *scope;
	struct dl_repo *repo;
	const char *reference;
	const char *tip;
};

static int note_tip(const git_config_entry *entry, void *payload)
{
	struct tracking *tracking = payload;
	git_refspec *spec = NULL;
	git_buf local = {0};

	if (!tracking->tip && entry->value && git_refspec_parse(&spec, entry->value, 1) == 0 &&
	    git_refspec_src_matches(spec, tracking->reference) &&
	    git_refspec_transform(&local, spec, tracking->reference) == 0)
		tracking->tip = dl_repo_ref(tracking->scope, tracking->repo, local.ptr);
	git_buf_dispose(&local);
	git_refspec_free(spec);
	return 0;
}

static const char *tracking_tip(struct dl_scope *scope, struct dl_repo *repo, const char *remote,
				const char *reference)
{
	struct tracking tracking = {.scope = scope, .repo = repo, .reference = reference};

	for_each(scope, repo, remote, "fetch", note_tip, &tracking);
	return tracking.tip;
}

const char *dl_repo_tip(struct dl_scope *scope, struct dl_repo *repo, const char *branch)
{
	const char *remote = remote_of(scope, repo, branch), *merge, *tip;

	if (!remote)
		return NULL;
	tip = tracking_tip(scope, repo, remote, dl_arena_format(&scope->arena, "refs/heads/%s", branch));
	merge = branch_config(scope, repo, branch, "merge");
	if (!tip && merge && dl_text_same(remote, branch_config(scope, repo, branch, "remote")))
		tip = tracking_tip(scope, repo, remote, merge);
	return tip;
}

/* Trees */

static int compare_names(const void *left, const void *right)
{
	const struct dl_repo_entry *a = left, *b = right;

	return strcmp(a->name, b->name);
}

/* git sorts a folder as if its name ended in '/'. */
static int list(struct dl_scope *scope, const git_tree *tree, struct dl_repo_entries *entries)
{
	size_t count = git_tree_entrycount(tree), i;
	struct dl_repo_entry *items = dl_arena_array(&scope->arena, count, sizeof *items);

	for (i = 0; i < count; i++) {
		const git_tree_entry *entry = git_tree_entry_byindex(tree, i);

		items[i].name = dl_arena_string(&scope->arena, git_tree_entry_name(entry));
		items[i].directory = git_tree_entry_filemode(entry) == GIT_FILEMODE_TREE;
		items[i].executable = git_tree_entry_filemode(entry) == GIT_FILEMODE_BLOB_EXECUTABLE;
	}
	qsort(items, count, sizeof *items, compare_names);
	entries->items = items;
	entries->count = count;
	entries->found = true;
	return 0;
}

/* Lists FOLDER, which may be absent. -1: an object on the way to it is, as in a partial clone. */
static int list_folder(struct dl_scope *scope, struct dl_repo *repo, const git_tree *top, const char *folder,
		       struct dl_repo_entries *entries)
{
	git_tree_entry *entry = NULL;
	git_tree *tree = NULL;
	int error = git_tree_entry_bypath(&entry, top, folder);
	bool absent = error == GIT_ENOTFOUND; /* a missing object on the way is another error */

	if (error == 0 && git_tree_entry_type(entry) != GIT_OBJECT_TREE)
		absent = true;
	else if (error == 0)
		git_tree_lookup(&tree, repo->handle, git_tree_entry_id(entry));
	if (tree)
		list(scope, tree, entries);
	git_tree_free(tree);
	git_tree_entry_free(entry);
	return tree || absent ? 0 : -1;
}

int dl_repo_entries(struct dl_scope *scope, struct dl_repo *repo, const char *commit, const char *folder,
		    struct dl_repo_entries *entries)
{
	git_commit *found = find_commit(repo, commit);
	char *path = dl_arena_string(&scope->arena, folder);
	size_t len = strlen(path);
	git_tree *top = NULL;
	int result = -1;

	memset(entries, 0, sizeof *entries);
	while (len && path[len - 1] == '/')
		path[--len] = '\0';
	if (found && git_commit_tree(&top, found) == 0)
		result = len ? list_folder(scope, repo, top, path, entries) : list(scope, top, entries);
	if (result < 0) {
		dl_fail(scope, DL_MISSING, "the commit %s is not in this repository, or not all of it",
			quote(scope, commit));
		dl_fail_hint(scope, "fetch it");
	}
	git_tree_free(top);
	git_commit_free(found);
	return result;
}

/* The content of the regular file that ENTRY is; NULL: it is none, or SCOPE has failed. */
static char *read_blob(struct dl_scope *scope, struct dl_repo *repo, const git_tree_entry *entry, size_t cap,
		       size_t *len)
{
	git_blob *blob = NULL;
	char *content = NULL;
	git_object_size_t size;

	if (git_tree_entry_type(entry) != GIT_OBJECT_BLOB ||
	    git_tree_entry_filemode(entry) == GIT_FILEMODE_LINK ||
	    git_blob_lookup(&blob, repo->handle, git_tree_entry_id(entry)))
		return NULL;
	size = git_blob_rawsize(blob);
	if (size > cap)
		dl_fail(scope, DL_DATA, "it is larger than %zu bytes", cap);
	else
		content = dl_arena_copy(&scope->arena, git_blob_rawcontent(blob), (size_t)size);
	if (len)
		*len = (size_t)size;
	git_blob_free(blob);
	return content;
}

char *dl_repo_file(struct dl_scope *scope, struct dl_repo *repo, const char *commit, const char *path,
		   size_t cap, size_t *len)
{
	git_commit *found = find_commit(repo, commit);
	git_tree_entry *entry = NULL;
	git_tree *top = NULL;
	char *content = NULL;

	if (found && git_commit_tree(&top, found) == 0 && git_tree_entry_bypath(&entry, top, path) == 0)
		content = read_blob(scope, repo, entry, cap, len);
	if (!content)
		dl_fail(scope, DL_MISSING, "there is no file %s in the commit %s here", quote(scope, path),
			quote(scope, commit));
	git_tree_entry_free(entry);
	git_tree_free(top);
	git_commit_free(found);
	return content;
}
