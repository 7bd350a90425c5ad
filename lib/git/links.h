/* links: where the pages of commits, issues and pull requests are, from what is known of the remote without
 * asking anybody. Free of what asks servers, so that a program that only writes links starts in a
 * millisecond.
 */
#ifndef DL_LINKS_H
#define DL_LINKS_H

#include "lib/data/record.h"

struct dl_arena;
struct dl_git_config;
struct dl_scope;

/* How the servers of a forge spell the addresses of their pages, behind that of the project; `%s` stands for
 * the object name, the number or the tag. */
struct dl_links_style {
	const char *name; /* of the provider; NULL ends the table */
	const char *const *aliases; /* ends with NULL */
	const char *host;           /* its own, which a ref leaves out; NULL: it has none */
	const char *ssh_host;       /* another door to that, for ssh; NULL: none */
	const char *const *hosts;   /* that are known besides; ends with NULL; NULL: none */
	const char *host_suffix; /* NULL: none */
	const char *const *host_env; /* variables that name a host or a URL there; ends with NULL */
	const char *commit, *issue, *pr, *release;
	const char *compare; /* with two of them */
};

/* All of them; ends with a NULL name. */
extern const struct dl_links_style dl_links_table[];

struct dl_links {
	const struct dl_links_style *style; /* NULL: there are no pages, or nobody knows whose they are */
	const char *host, *project;         /* NULL: there is no remote, or it is a folder */
	const char *base;                   /* the address of the project's page; NULL with .host */
};

/* dl_links_find(scope, config, branch, links): the remote that counts (DL_REMOTE, that of BRANCH, which may
 * be NULL, "origin", the only one), after url.*.insteadOf, and whose host it is: by
 * devloop.host.HOST.provider in CONFIG, by a host that the environment names, by itself. A remote that is
 * malformed is none. */
void dl_links_find(struct dl_scope *scope, const struct dl_git_config *config, const char *branch,
		   struct dl_links *links);

/* dl_links_head(arena, links, kind, id): what the record of the thing ID of that KIND begins with; where
 * nobody knows whose the host is, it is the provider `local`. With ID NULL there is no ref. */
struct dl_record_head dl_links_head(struct dl_arena *arena, const struct dl_links *links, const char *kind,
				    const char *id);

/* dl_links_commit(arena, links, sha), dl_links_issue(arena, links, number), dl_links_pr(arena, links,
 * number), dl_links_release(arena, links, tag): the address of the page; NULL: none, or the argument is NULL.
 */
const char *dl_links_commit(struct dl_arena *arena, const struct dl_links *links, const char *sha);
const char *dl_links_issue(struct dl_arena *arena, const struct dl_links *links, const char *number);
const char *dl_links_pr(struct dl_arena *arena, const struct dl_links *links, const char *number);
const char *dl_links_release(struct dl_arena *arena, const struct dl_links *links, const char *tag);

/* dl_links_compare(arena, links, from, to): the same of what lies between two tags or commits. */
const char *dl_links_compare(struct dl_arena *arena, const struct dl_links *links, const char *from,
			     const char *to);

#endif
