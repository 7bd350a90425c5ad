/* history: commits with their messages and parents, in order, and which release each belongs to. */
#ifndef DL_HISTORY_H
#define DL_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/arena.h"
#include "lib/objects.h"
#include "lib/revisions.h"

struct dl_scope;
struct dl_tag;

enum {
	DL_HISTORY_MESSAGE = 64 << 10, /* so many bytes of a message are read */
	DL_HISTORY_NO_GROUP = -2,
};

struct dl_commit {
	unsigned char id[DL_OBJECTS_ID_MAX];
	const char *author;  /* "Name <email>" and when, UTF-8 unless its encoding is unknown */
	const char *message; /* the same; up to its first NUL */
	int64_t date;        /* of the committer, in seconds since 1970; DL_TIME_NONE: it has none */
	size_t parents;      /* where its parents begin in .parents of the history */
	uint32_t parent_count; /* that belong to the history */
	bool merge;          /* it has more than one parent */
	bool unwanted;       /* it does not touch the paths that are asked about */
	int group;           /* what dl_history_releases said; DL_HISTORY_NO_GROUP: none */
};

struct dl_history {
	struct dl_objects *objects;
	size_t id_len;
	bool first_parent;         /* only first parents belong to it */
	struct dl_commit *commits;
	size_t count;
	uint32_t *parents;         /* indices of commits */
	size_t parent_count;
	uint32_t *order;           /* of the commits: children before parents, the newest first */
	/* Not for others. */
	const struct dl_revision_list *replaced;
	size_t room, parent_room, slot_count;
	uint32_t *slots;           /* object name to index + 1 */
	struct dl_arena commit_arena, parent_arena, slot_arena, text_arena;
};

/* dl_history_open(scope, revisions, history): HISTORY is empty; close it. .first_parent may be set then.
 * DL_SYSTEM. */
DL_MUST_CHECK int dl_history_open(struct dl_scope *scope, const struct dl_revisions *revisions,
				  struct dl_history *history);

/* dl_history_close(history): frees all of it. */
void dl_history_close(struct dl_history *history);

/* dl_history_replace(history, list): in place of the objects that LIST, references below refs/replace/ with
 * that folder left out of .rest, names there, those that it leads to are read. */
void dl_history_replace(struct dl_history *history, const struct dl_revision_list *list);

/* dl_history_walk(scope, history, id): reads the commit ID and all its ancestors, as the commits say. Fails
 * as dl_objects_read; DL_DATA: something is no commit. */
DL_MUST_CHECK int dl_history_walk(struct dl_scope *scope, struct dl_history *history,
				  const unsigned char *id);

/* dl_history_load(scope, history, list): reads the commits of LIST, each with its parents in .rest, as `git
 * rev-list --parents` prints them. Parents that are not listed do not belong to the history. As
 * dl_history_walk. */
DL_MUST_CHECK int dl_history_load(struct dl_scope *scope, struct dl_history *history,
				  const struct dl_revision_list *list);

/* dl_history_sort(history): sets .order. */
void dl_history_sort(struct dl_history *history);

/* dl_history_find(history, id): the commit ID; NULL: it does not belong to the history. */
struct dl_commit *dl_history_find(const struct dl_history *history, const unsigned char *id);

/* dl_history_note(scope, history, id, note): the blob NOTE replaces the message of the commit ID. As
 * dl_objects_read. */
DL_MUST_CHECK int dl_history_note(struct dl_scope *scope, struct dl_history *history, const unsigned char *id,
				  const unsigned char *note);

/* dl_history_tagged(scope, history, id): when the annotated tag ID was made, in seconds since 1970;
 * DL_TIME_NONE: it does not say, or cannot be read. */
int64_t dl_history_tagged(struct dl_scope *scope, struct dl_history *history, const unsigned char *id);

/* dl_history_releases(scope, history, tags, count, groups): puts every commit that one of the COUNT TAGS,
 * sorted as dl_tags_parse has them, contains into the group of the first that does: first by ancestry, then
 * by precedence. A group's number is its tag's place in TAGS; GROUPS, of COUNT flags, says which have a
 * commit. */
void dl_history_releases(struct dl_scope *scope, struct dl_history *history, const struct dl_tag *tags,
			 size_t count, bool *groups);

#endif
