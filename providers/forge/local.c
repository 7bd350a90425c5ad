/* The repository that we stand in as its own forge: what a server would be asked is asked of git, and
 * releases lie in its git folder (local_release.c). So all that is done with a forge can be tried without
 * one.
 *
 * Files are read by git itself, which sends large ones piece by piece. */
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/path.h"
#include "lib/base/proc.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/git/git.h"
#include "lib/git/repo.h"
#include "lib/provider/provider.h"
#include "providers/forge/forge.h"
#include "providers/forge/local_release.h"
#include "providers/providers.h"

/* The commit that REVISION (NULL: HEAD) names, and that PATH may be looked for in it. NULL: failed. */
static const char *find_commit(struct dl_scope *scope, const struct dl_target *target, const char *revision,
			       const char *path)
{
	const char *commit = dl_repo_resolve(scope, target->repo, revision ? revision : "HEAD");

	if (!commit && scope->error.class == DL_USAGE)
		scope->error.class = DL_MISSING;
	return commit && (!*path || dl_path_check(scope, path) == 0) ? commit : NULL;
}

static int repo(struct dl_scope *scope, const struct dl_target *target, struct dl_sink *sink)
{
	const char *root = dl_repo_root(target->repo);
	const char *place = root ? root : dl_repo_common_dir(target->repo);
	struct dl_repo_line *line = dl_schema_new(scope, &dl_record_repo);

	line->head = dl_provider_head(&scope->arena, target, "repo", NULL);
	line->clone_url = dl_arena_copy(&scope->arena, place, strlen(place) - 1);
	line->path = line->clone_url;
	line->name = dl_path_last(line->clone_url);
	line->default_branch = dl_repo_branch(scope, target->repo);
	line->archived = line->fork = 0;
	return dl_sink_put(sink, scope, &dl_record_repo, line);
}

static int file(struct dl_scope *scope, const struct dl_target *target, const char *revision,
		const char *path, struct dl_writer *writer)
{
	const char *commit = find_commit(scope, target, revision, path);
	const char *const argv[] = {
		"git", "-C", dl_repo_common_dir(target->repo), "cat-file", "blob",
		dl_arena_format(&scope->arena, "%s:%s", commit, path), NULL};
	const struct dl_proc proc = {.argv = argv, .quiet = true};
	struct dl_proc_result git;
	int result = commit ? dl_proc_stream(scope, &proc, writer, &git) : -1;

	if (result == 0 && git.status != 0)
		return dl_fail(scope, DL_MISSING, "there is no file '%s' at %s",
			       dl_text_quote(&scope->arena, path),
			       dl_text_quote(&scope->arena, revision ? revision : "HEAD"));
	return result;
}

/* One entry as `git ls-tree -z -l` has it: "MODE TYPE HASH   SIZE\tPATH". */
static int put_entry(struct dl_scope *scope, const char *text, const char *folder, struct dl_sink_list *list)
{
	struct dl_entry *entry = dl_schema_new(scope, &dl_record_entry);
	const char *tab = strchr(text, '\t'), *size = tab;
	const char *type = strchr(text, ' '), *hash = type ? strchr(type + 1, ' ') : NULL;
	size_t len = strlen(folder);

	if (!tab || !hash || hash > tab)
		return dl_fail(scope, DL_DATA, "git prints a tree in another form");
	entry->path = tab + 1;
	/* With -t come the folders on the way, too. */
	if (len && (strncmp(entry->path, folder, len) != 0 || !entry->path[len]))
		return 0;
	while (size[-1] != ' ')
		size--;
	entry->mode = dl_arena_copy(&scope->arena, text, (size_t)(type - text));
	entry->sha = dl_arena_copy(&scope->arena, hash + 1, strcspn(hash + 1, " "));
	entry->size_bytes = dl_text_int(dl_arena_copy(&scope->arena, size, (size_t)(tab - size)));
	return dl_sink_put(&list->sink, scope, &dl_record_entry, entry);
}

/* What `git ls-tree` lists for PATH (NULL: the top) of COMMIT; of it, what stands below FOLDER ("": all). */
static int read_tree(struct dl_scope *scope, const struct dl_target *target, const char *commit,
		     const char *path, bool deep, const char *folder, struct dl_sink_list *list)
{
	const char *const argv[] = {"ls-tree", "-z", "-l", "--full-tree", deep ? "-rt" : "-z",
				    commit, "--", path, NULL};
	struct dl_proc_result git;
	const char *at;
	int result = dl_git_ask(scope, dl_repo_common_dir(target->repo), argv, &git);

	if (result == 0 && git.status != 0)
		return dl_fail(scope, DL_MISSING, "git cannot list %s: %s", commit,
			       dl_git_reason(scope, &git));
	for (at = git.output; result == 0 && at < git.output + git.len; at += strlen(at) + 1)
		result = put_entry(scope, at, folder, list);
	return result;
}

static int tree(struct dl_scope *scope, const struct dl_target *target, const char *revision,
		const char *path, bool deep, struct dl_sink *sink)
{
	const char *commit = find_commit(scope, target, revision, path), *folder = "";
	const struct dl_entry *entry;
	struct dl_sink_list list;

	dl_sink_list(&list, scope, 0);
	if (!commit || (*path && read_tree(scope, target, commit, path, false, "", &list)))
		return -1;
	if (*path && !list.count)
		return dl_fail(scope, DL_MISSING, "there is no '%s' at %s",
			       dl_text_quote(&scope->arena, path),
			       dl_text_quote(&scope->arena, revision ? revision : "HEAD"));
	entry = list.count ? dl_sink_item(&list, 0) : NULL;
	if (!entry || strcmp(entry->mode, "040000") == 0) {
		folder = *path ? dl_arena_format(&scope->arena, "%s/", path) : "";
		dl_sink_list(&list, scope, 0);
		if (read_tree(scope, target, commit, *path ? folder : NULL, deep, folder, &list))
			return -1;
	}
	return dl_forge_entries(scope, target, revision, &list, sink);
}

static const char *commit(struct dl_scope *scope, const struct dl_target *target, const char *revision)
{
	return find_commit(scope, target, revision, "");
}

const struct dl_forge dl_local_forge = {
	.repo = repo,
	.file = file,
	.tree = tree,
	.releases = dl_local_release_list,
	.release = dl_local_release_one,
	.download = dl_local_release_download,
	.commit = commit,
	.drafts = true,
	.has_latest = true,
	.begin = dl_local_release_begin,
	.stat = dl_local_release_stat,
	.put = dl_local_release_put,
	.remove = dl_local_release_remove,
	.finish = dl_local_release_finish,
	.abort = dl_local_release_abort,
};
