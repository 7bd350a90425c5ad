#include "lib/sync/sync_source.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/path.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/data/line.h"
#include "lib/git/remote.h"
#include "lib/program/tool.h"
#include "lib/provider/host.h"
#include "lib/provider/provider.h"
#include "lib/sync/repos.h"
#include "lib/sync/shard.h"
#include "lib/sync/sync.h"

static const char *const files[] = {".devloop/repos.yaml", "repos.yaml", ".devloop/repos.json", "repos.json",
				    NULL};

/* The server of OWNER/NAME: that of the first provider whose projects are repositories, or the one that the
 * environment names for it. NULL: failed. */
static const char *default_host(struct dl_scope *scope)
{
	const struct dl_provider *const *row = dl_provider_table;
	const char *base;

	while (!(*row)->remote)
		row++;
	base = dl_host_env_base(scope, *row);
	if (scope->error.class != DL_OK)
		return NULL;
	return base ? (*row)->host_of(scope, base) : (*row)->host;
}

static int read_stdin(struct dl_scope *scope, struct dl_repos *repos)
{
	struct dl_lines lines;

	dl_line_open(&lines, &scope->arena, STDIN_FILENO);
	if (dl_repos_read_lines(repos, &lines))
		return -1;
	if (repos->count || repos->problem_count)
		return 0;
	dl_fail(scope, DL_MISSING, "nothing came in on standard input");
	return dl_fail_hint(scope, "the program before this one in the pipe found nothing, or failed");
}

static int read_files(struct dl_scope *scope, const struct dl_sync_source *source, struct dl_repos *repos)
{
	const char *const *file;
	int result = 0;

	if (source->file) {
		result = dl_repos_read(repos, source->file);
		return result ? result
			      : dl_fail(scope, DL_CONFIG, "there is no file %s",
					dl_text_quote(&scope->arena, source->file));
	}
	for (file = files; *file && result == 0; file++)
		result = dl_repos_read(repos, *file);
	if (result)
		return result;
	dl_fail(scope, DL_CONFIG, "there is no %s and no %s here", files[0], files[1]);
	return dl_fail_hint(scope,
			    "write one (man dl-sync), name a repository as OWNER/NAME, or read lines with -");
}

/* OWNER/NAME [DIR]: DIR is the user's own word, and may be anywhere. */
static int take_one(struct dl_scope *scope, const struct dl_opt_list *operands,
		    const struct dl_sync_source *source, struct dl_repos *repos, struct dl_sync *sync)
{
	const char *what = operands->items[0], *dir = operands->count > 1 ? operands->items[1] : NULL, *last;
	size_t len = dir ? strlen(dir) : 0;

	if (operands->count > 2)
		return dl_fail(scope, DL_USAGE, "'%s' is superfluous: one repository, one folder",
			       dl_text_quote(&scope->arena, operands->items[2]));
	for (; len > 1 && dir[len - 1] == '/'; len--)
		;
	dir = dir ? dl_arena_copy(&scope->arena, dir, len) : NULL;
	last = dir ? dl_path_last(dir) : NULL;
	if (last && (!*last || strcmp(last, ".") == 0 || strcmp(last, "..") == 0))
		return dl_fail(scope, DL_USAGE, "'%s' does not name a folder to be made",
			       dl_text_quote(&scope->arena, dir));
	if (last > dir)
		sync->root = dl_arena_format(&scope->arena, "%s%s%.*s", *dir == '/' ? "" : sync->root,
					     *dir == '/' ? "" : "/", (int)(last - dir), dir);
	dl_repos_add(repos, what, last ? last : dl_path_last(dl_remote_project(&scope->arena, what)),
		     source->ref);
	return 0;
}

/* Reads what is meant. 1: it is in a file, of which the operands may name some. */
static int read_any(struct dl_scope *scope, struct dl_tool *tool, const struct dl_sync_source *source,
		    struct dl_repos *repos, struct dl_sync *sync)
{
	const struct dl_opt_list *operands = &tool->operands;
	const char *first = operands->count ? operands->items[0] : NULL;

	if (first && !dl_repos_is_named(first))
		return take_one(scope, operands, source, repos, sync);
	if (source->ref)
		return dl_fail(scope, DL_USAGE,
			       "--ref goes with OWNER/NAME alone: in a file each says its own");
	if (first && strcmp(first, "-") == 0 && operands->count == 1)
		return read_stdin(scope, repos);
	return read_files(scope, source, repos) < 0 ? -1 : 1;
}

static struct dl_repos_how how_of(const struct dl_sync_source *source)
{
	return (struct dl_repos_how){
		.filter = source->filter,
		.depth = source->depth,
		.submodules = source->submodules ? 1 : -1,
		.lfs = source->lfs ? 1 : -1,
		.bare = source->bare ? 1 : -1,
		.mirror = source->mirror ? 1 : -1,
	};
}

static int check_problems(struct dl_tool *tool, struct dl_repos *repos, const char *root)
{
	struct dl_error problem = {.class = DL_CONFIG};
	size_t i;

	if (dl_repos_finish(repos, root) == 0)
		return 0;
	for (i = 0; repos->problems && repos->problems[i]; i++) {
		problem.message = repos->problems[i];
		dl_program_error(tool->program, NULL, &problem);
	}
	return -1;
}

int dl_sync_source_read(struct dl_scope *scope, struct dl_tool *tool, const struct dl_sync_source *source,
			struct dl_repos *repos, struct dl_sync *sync)
{
	const struct dl_opt_list none = {.count = 0};
	const char *host = default_host(scope);
	int result;

	if (!host)
		return -1;
	dl_repos_open(repos, scope, host, &source->allowed);
	repos->how = how_of(source);
	sync->root = source->folder ? source->folder : ".";
	sync->allowed = &source->allowed;
	result = read_any(scope, tool, source, repos, sync);
	if (result < 0 || check_problems(tool, repos, sync->root) ||
	    dl_repos_select(scope, repos, source->tier, result ? &tool->operands : &none))
		return -1;
	return source->shard ? dl_shard_select(scope, repos, source->shard) : 0;
}
