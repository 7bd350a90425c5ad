/* history: commits with their messages and parents, in order, and which release each belongs to. */
#ifndef DL_HISTORY_H
#define DL_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/fail.h"

struct dl_history_slot;
struct dl_revisions;
struct dl_scope;
struct dl_tag;

enum {
	DL_HISTORY_MESSAGE = 64 << 10, /* so many bytes of a message are read */
	DL_HISTORY_NO_GROUP = -2,
};

struct dl_commit {
	const char *sha;
	const char *parent_shas; /* spaces between; also those that do not belong to the history */
	const char *author, *email; /* as .mailmap has them; UTF-8 unless their encoding is unknown */
	const char *message; /* the same; up to its first NUL */
	const char *pr;      /* what dl_merges_number said; NULL: nothing */
	int64_t date;        /* of the committer, in seconds since 1970; DL_TIME_NONE: it has none */
	size_t parents;      /* where its parents begin in .parents of the history */
	uint32_t parent_count; /* that belong to the history */
	bool merge;          /* it has more than one parent */
	bool unwanted;       /* it does not touch the paths that are asked about */
	int group;           /* what dl_history_releases said; DL_HISTORY_NO_GROUP: none */
};

/* Which commits: .to and all its ancestors, but .from and all its. */
struct dl_history_range {
	const char *to, *from; /* in full; NULL for .from: nothing is left out */
	bool first_parent;     /* only first parents are followed, and belong to a commit */
};

/* Zero-initialised is empty and ready. */
struct dl_history {
	struct dl_commit *commits; /* in git's order */
	size_t count;
	uint32_t *parents;         /* indices of commits */
	uint32_t *order;           /* of the commits: children before parents, the newest first */
	/* Not for others. */
	size_t room, parent_count, slot_count, sha_len;
	struct dl_history_slot *slots; /* by object name */
	char *text;                    /* what git has printed, which the commits are made of */
	size_t text_len;
	struct dl_arena commit_arena, arena;
};

/* dl_history_read(scope, history, revisions, range): reads RANGE into HISTORY, which is empty. Close it, also
 * after a failure. DL_DATA: something is damaged; else as dl_git_map. */
DL_MUST_CHECK int dl_history_read(struct dl_scope *scope, struct dl_history *history,
				  const struct dl_revisions *revisions,
				  const struct dl_history_range *range);

/* dl_history_close(history): frees all of it; HISTORY is empty. */
void dl_history_close(struct dl_history *history);

/* dl_history_find(history, sha): the commit SHA; NULL: it does not belong to the history. */
struct dl_commit *dl_history_find(const struct dl_history *history, const char *sha);

/* dl_history_follows(history, sha): whether SHA is a parent of a commit of the history. */
bool dl_history_follows(const struct dl_history *history, const char *sha);

/* dl_history_note(history, commit, note): NOTE, of which as much is read as of a message, replaces the
 * message of COMMIT, which belongs to the history. */
void dl_history_note(struct dl_history *history, struct dl_commit *commit, const char *note);

/* dl_history_releases(scope, history, tags, count, groups): puts every commit that one of the COUNT TAGS,
 * sorted as dl_tags_parse has them, contains into the group of the first that does: first by ancestry, then
 * by precedence. A group's number is its tag's place in TAGS; GROUPS, of COUNT flags, says which have a
 * commit. */
void dl_history_releases(struct dl_scope *scope, struct dl_history *history, const struct dl_tag *tags,
			 size_t count, bool *groups);

#endif
