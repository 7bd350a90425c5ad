/* repos: which repositories are kept in step, from where and in which folders.
 *
 * They come from a configuration file, from `repo` lines, or from the command line, and none of these is
 * trusted: what would lead out of the folder, run a program, or hide in an option is a problem, and all
 * problems are known before anything is done. */
#ifndef DL_REPOS_H
#define DL_REPOS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/fail.h"
#include "lib/base/scope.h"
#include "lib/data/opt.h"

struct dl_lines;

/* What may be said of a repository. Numbers that were not given are below 0. */
struct dl_repos_how {
	const char *filter; /* of a partial clone; NULL: none */
	long depth;         /* commits of history; 0: all */
	int submodules;     /* theirs, too */
	int lfs; /* large files: 1 with their content, 0 as pointers; else as the user's git is set */
	int bare;           /* without a working tree */
	int mirror;         /* bare, with every ref */
};

struct dl_repos_entry {
	const char *name;    /* unique among all */
	const char *tier;    /* NULL: none */
	const char *path;    /* below the folder of all; dl_path_check has passed */
	const char *url;     /* what it is cloned from, without a credential */
	const char *login;   /* "user:password" of the URL that was given; NULL: it had none. Never printed */
	const char *host;    /* of .url, and its port; "" of a file */
	const char *project; /* the path of .url, without ".git" */
	const char *ref;     /* the branch or tag; NULL: what the server has as its default branch */
	struct dl_repos_how how;
	bool selected;       /* it is worked on */
	size_t line;         /* that it stands on; 0: none */
};

struct dl_repos {
	struct dl_scope *scope;            /* where all of it lives */
	const char *host;                  /* of those that name none */
	const struct dl_opt_list *allowed; /* schemes besides https and ssh */
	struct dl_repos_how how;           /* of those that do not say it themselves */
	struct dl_repos_how fallback;      /* of those that nobody says it of */
	const char *fallback_ref;
	const char *source;                /* the file, for messages */
	struct dl_repos_entry **entries;   /* in their order */
	size_t count;
	const char **problems;             /* messages, ends with NULL: the first hundred */
	size_t problem_count;              /* of all; 0: .problems is NULL */
	const char *owner;                 /* of the defaults of the file */
};

/* dl_repos_open(repos, scope, host, allowed): REPOS, which lives in SCOPE, is empty; the caller sets .how. */
void dl_repos_open(struct dl_repos *repos, struct dl_scope *scope, const char *host,
		   const struct dl_opt_list *allowed);

/* dl_repos_read(repos, path): adds those of the configuration file at PATH: lists of mappings, whose keys are
 * tiers, and `defaults`. 1; 0 (no failure): there is no such file; -1: DL_CONFIG: it cannot be read. What is
 * wrong in it becomes .problems. */
DL_MUST_CHECK int dl_repos_read(struct dl_repos *repos, const char *path);

/* dl_repos_read_lines(repos, lines): adds those of the `repo` lines that come in. Of a line with a path, as
 * dl-sync --list prints it, the default_branch is the ref, too. -1: DL_DATA, DL_SYSTEM. */
DL_MUST_CHECK int dl_repos_read_lines(struct dl_repos *repos, struct dl_lines *lines);

/* dl_repos_add(repos, what, path, ref): adds the repository WHAT, OWNER/NAME or a URL, to be cloned to
 * PATH. */
void dl_repos_add(struct dl_repos *repos, const char *what, const char *path, const char *ref);

/* dl_repos_finish(repos, root): all have been added: fills in defaults, and looks for names and folders that
 * are in each other's way in the folder ROOT, which may not be there yet. DL_CONFIG: there are .problems. */
DL_MUST_CHECK int dl_repos_finish(struct dl_repos *repos, const char *root);

/* dl_repos_select(scope, repos, tiers, names): marks those whose tier is one of TIERS, words separated by
 * commas (NULL: any), and whose name is one of NAMES (empty: any). DL_MISSING: there is no such tier or
 * name. */
DL_MUST_CHECK int dl_repos_select(struct dl_scope *scope, struct dl_repos *repos, const char *tiers,
				  const struct dl_opt_list *names);

/* dl_repos_is_named(what): whether WHAT can be the name of a repository of a file: it is no OWNER/NAME and no
 * URL. */
bool dl_repos_is_named(const char *what);

#endif
