/* Git alone compares: an index of its own gets what the commit has at the paths in question, and loses again
 * what differs from the working tree, or what somebody has staged. What is left in it goes into the real
 * one. */
#include "lib/sync/sync_adopt.h"

#include <string.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/sync/clone.h"
#include "lib/sync/sync_git.h"

enum { MOST_LIST = 64 << 20 };

struct adoption {
	struct dl_scope *scope;
	const struct dl_sync_git *git;
	const char *dir;
	const char *index;     /* the path of the other index */
	const char *aside[2];  /* the environment that makes git use that */
};

/* Runs git, on the other index if ASIDE, with INPUT (NULL: none); what it printed, NULL: it has failed. */
static const struct dl_buf *ask(struct adoption *adoption, bool aside, const struct dl_buf *input,
				const char *const *argv)
{
	struct dl_sync_call call = {.dir = adoption->dir, .argv = argv,
				    .environment = aside ? adoption->aside : NULL};
	struct dl_buf *output = dl_arena_alloc(&adoption->scope->arena, sizeof *output);
	struct dl_sync_done done;

	if (input) {
		call.input = input->data;
		call.input_len = input->len;
	}
	if (dl_sync_git_run(adoption->scope, adoption->git, NULL, &call, &done)) {
		dl_fail_take(adoption->scope, &adoption->scope->arena);
		return NULL;
	}
	dl_buf_init(output, &adoption->scope->arena, MOST_LIST);
	dl_buf_add(output, done.output, done.len);
	return output->overflow ? NULL : output;
}

#define ASK(adoption, aside, input, ...) \
	ask(adoption, aside, input, (const char *const[]){__VA_ARGS__, NULL})

/* What `git diff-tree -z` prints, ":OLD-MODE MODE OLD-SHA SHA STATUS", NUL, path, NUL, as
 * `git update-index --index-info -z` reads it: "MODE SHA", tab, path, NUL. False: it is something else. */
static bool convert(const struct dl_buf *raw, struct dl_buf *info)
{
	const char *at = raw->data, *end = raw->data + raw->len, *fields[5], *path;
	int i;

	while (at < end) {
		path = at + strlen(at) + 1;
		for (i = 0; i < 5 && at; i++) {
			fields[i] = at;
			at = strchr(at, ' ');
			at = at ? at + 1 : NULL;
		}
		if (i < 5 || path >= end)
			return false;
		dl_buf_add(info, fields[1], (size_t)(fields[2] - fields[1]));
		dl_buf_add(info, fields[3], (size_t)(fields[4] - fields[3]) - 1);
		dl_buf_putc(info, '\t');
		dl_buf_add(info, path, strlen(path) + 1);
		at = path + strlen(path) + 1;
	}
	return !info->overflow;
}

/* The other index loses PATHS. */
static bool drop(struct adoption *adoption, const struct dl_buf *paths)
{
	return paths && (!paths->len ||
			 ASK(adoption, true, paths, "update-index", "-z", "--force-remove", "--stdin"));
}

/* What of NEW is in the working tree already, and staged by nobody, in the form of convert; NULL: nothing. */
static const struct dl_buf *find_same(struct adoption *adoption, const char *old, const char *new)
{
	const struct dl_buf *raw = ASK(adoption, false, NULL, "diff-tree", "-r", "-z", "--no-renames",
				       "--diff-filter=AMT", old, new);
	const struct dl_buf *same;
	struct dl_buf info;

	dl_buf_init(&info, &adoption->scope->arena, MOST_LIST);
	if (!raw || !raw->len || !convert(raw, &info) ||
	    !ASK(adoption, true, &info, "update-index", "-z", "--index-info"))
		return NULL;
	/* It fails where something differs; what that is comes next. */
	(void)ASK(adoption, true, NULL, "update-index", "-q", "--refresh");
	if (!drop(adoption, ASK(adoption, true, NULL, "diff-files", "-z", "--name-only")) ||
	    !drop(adoption, ASK(adoption, false, NULL, "diff-index", "--cached", "-z", "--name-only", old)))
		return NULL;
	same = ASK(adoption, true, NULL, "ls-files", "-s", "-z");
	return same && same->len ? same : NULL;
}

bool dl_sync_adopt(struct dl_scope *scope, const struct dl_sync_git *git, const struct dl_clone *clone,
		   const char *old, const char *new, struct dl_buf *paths)
{
	struct adoption adoption = {.git = git, .dir = clone->dir};
	const struct dl_buf *same, *list = NULL;
	struct dl_scope own;

	dl_scope_open(&own, NULL);
	adoption.scope = &own;
	adoption.index = dl_arena_format(&own.arena, "%s/dl-sync.index", clone->git_dir);
	adoption.aside[0] = dl_arena_format(&own.arena, "GIT_INDEX_FILE=%s", adoption.index);
	unlink(adoption.index);
	same = find_same(&adoption, old, new);
	if (same && ASK(&adoption, false, same, "update-index", "-z", "--index-info"))
		list = ASK(&adoption, true, NULL, "ls-files", "-z");
	unlink(adoption.index);
	dl_buf_init(paths, &scope->arena, MOST_LIST);
	if (list)
		dl_buf_add(paths, list->data, list->len);
	dl_scope_close(&own);
	return paths->len > 0;
}

void dl_sync_adopt_undo(const struct dl_sync_git *git, const struct dl_clone *clone,
			const struct dl_buf *paths)
{
	struct adoption adoption = {.git = git, .dir = clone->dir};
	struct dl_scope own;

	dl_scope_open(&own, NULL);
	adoption.scope = &own;
	(void)ASK(&adoption, false, paths, "reset", "-q", "--pathspec-from-file=-", "--pathspec-file-nul");
	dl_scope_close(&own);
}
