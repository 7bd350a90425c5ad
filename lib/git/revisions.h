/* revisions: what git knows of the names of commits: what they stand for, which tags there are, what lies
 * between two of them. Each answer is one run of git, however many tags there are. */
#ifndef DL_REVISIONS_H
#define DL_REVISIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/fail.h"

struct dl_scope;

/* The repository that is asked. */
struct dl_revisions {
	const char *dir; /* that it was found from; NULL: this one */
	const char *top; /* the way to the top of the working tree, "" or with a final '/'; NULL: none */
	bool shallow;    /* its history is cut off */
	bool noted;      /* there are notes for changelogs */
};

/* A line of a list. */
struct dl_revision {
	const char *sha;  /* in full */
	const char *rest; /* of the line, behind a space: the name of the reference, another object; "" */
};

struct dl_revision_list {
	const struct dl_revision *items;
	size_t count;
};

/* dl_revisions_open(scope, dir, names, count, revisions, found): finds the repository that DIR (NULL: this
 * folder) is in, and the commits that COUNT NAMES stand for, to .sha of FOUND. DL_CONFIG: there is none, or
 * git refuses it; DL_USAGE: a name stands for none, and the hint may say how to get it; DL_DATA: what it
 * stands for is damaged; else as dl_git_ask. */
DL_MUST_CHECK int dl_revisions_open(struct dl_scope *scope, const char *dir, const char *const *names,
				    size_t count, struct dl_revisions *revisions,
				    struct dl_revision *found);

/* dl_revisions_tags(scope, revisions, list): all tags, sorted by name, as .rest has it in full; behind an
 * annotated one comes what it is a tag of, whose .rest is that name and "^{}". */
DL_MUST_CHECK int dl_revisions_tags(struct dl_scope *scope, const struct dl_revisions *revisions,
				    struct dl_revision_list *list);

/* dl_revisions_merged(scope, revisions, sha, names, list): those of the references NAMES, which ends with
 * NULL and may be patterns, that the commit SHA contains, sorted by name; .rest is the full name. */
DL_MUST_CHECK int dl_revisions_merged(struct dl_scope *scope, const struct dl_revisions *revisions,
				      const char *sha, const char *const *names,
				      struct dl_revision_list *list);

/* dl_revisions_list(scope, revisions, argv, list): what `git rev-list` prints for ARGV, which ends with NULL.
 * Options and object names alone, no names from outside. */
DL_MUST_CHECK int dl_revisions_list(struct dl_scope *scope, const struct dl_revisions *revisions,
				    const char *const *argv, struct dl_revision_list *list);

/* dl_revisions_notes(scope, revisions, list): the notes for changelogs; .rest is the commit that one is
 * about. */
DL_MUST_CHECK int dl_revisions_notes(struct dl_scope *scope, const struct dl_revisions *revisions,
				     struct dl_revision_list *list);

/* dl_revisions_shallow(scope, revisions, why): a DL_CONFIG failure: the history here is cut off, and WHY is
 * the consequence; the hint has the command that gets the rest. Returns -1. */
DL_MUST_CHECK int dl_revisions_shallow(struct dl_scope *scope, const struct dl_revisions *revisions,
				       const char *why);

#endif
