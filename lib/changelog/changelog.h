/* changelog: which commits a changelog is about, in groups: one for what is not released, one for each
 * release. */
#ifndef DL_CHANGELOG_H
#define DL_CHANGELOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/fail.h"
#include "lib/changelog/history.h"
#include "lib/changelog/mailmap.h"
#include "lib/changelog/tags.h"
#include "lib/data/kinds.h"
#include "lib/data/opt.h"
#include "lib/git/links.h"
#include "lib/git/revisions.h"

struct dl_json;
struct dl_scope;

/* What is asked for. Everything may be NULL, false or empty. */
struct dl_changelog_query {
	const char *dir;        /* the folder whose repository it is; NULL: this one */
	const char *from;       /* what lies behind it counts; NULL: the release before .to */
	const char *to;         /* NULL: HEAD */
	bool all;               /* the whole history up to .to, by release */
	bool unreleased;        /* .to is no release, also when a tag says so */
	bool pre; /* what is not released will be a pre-release: it begins at the last of any kind */
	bool finals;            /* pre-releases are no releases */
	bool first_parent;      /* only first parents are followed */
	struct dl_opt_list paths,
		excluded;	/* only commits that touch .paths (none: any) outside of .excluded */
	const char *prefix;     /* of the tags that are releases; NULL: as the configuration says, else "" */
	const char *headings;   /* as in dl_kinds_read */
	bool no_others;         /* commits without a type are not told */
	const char *as;         /* the tag that what is not released will get; NULL: unknown */
};

struct dl_changelog_group {
	const char *tag;      /* NULL: it is not released */
	const char *tag_sha;  /* of an annotated tag itself; NULL: it is none */
	const char *version;  /* NULL: it is not released */
	bool pre;             /* it is a pre-release */
	const char *sha;      /* of its newest commit, in full; NULL: it has none */
	const char *previous; /* the tag or commit that it begins behind; NULL: it begins with the history */
	int64_t date;         /* of the tag, else of the newest commit; DL_TIME_NONE: unknown */
	const struct dl_commit **commits; /* the newest first */
	size_t count;
};

struct dl_changelog {
	const struct dl_changelog_query *query;
	struct dl_revisions revisions;
	const struct dl_json *config; /* agents.changelog.config; NULL: there is none */
	struct dl_kinds kinds;
	const char *comment; /* what git takes for a comment in messages that are being written: "#" */
	struct dl_links links;
	const char *prefix;
	struct dl_tags tags;  /* every release there is */
	struct dl_history history;
	struct dl_mailmap mailmap; /* of the co-authors */
	struct dl_changelog_group *groups; /* the newest first */
	size_t group_count;
};

/* dl_changelog_range(scope, operands, query): reads .from and .to of QUERY from the command line: `FROM..TO`,
 * `FROM TO`, `FROM`, or nothing. An empty FROM is the release before TO, and never an empty range, as a
 * script makes it whose `git describe` has failed. DL_USAGE. */
DL_MUST_CHECK int dl_changelog_range(struct dl_scope *scope, const struct dl_opt_list *operands,
				     struct dl_changelog_query *query);

/* dl_changelog_open(scope, query, log): reads the history that QUERY, which must live as long, asks about;
 * close it. DL_CONFIG: there is no repository, it is shallow or has no tags where these are needed, or
 * .devloop/agents.json is malformed; DL_USAGE: a name is none of a commit; DL_MISSING: there are no commits;
 * DL_DATA: what is stored is damaged. */
DL_MUST_CHECK int dl_changelog_open(struct dl_scope *scope, const struct dl_changelog_query *query,
				    struct dl_changelog *log);

/* dl_changelog_configure(scope, query, log): the same without any history: only what is configured. */
DL_MUST_CHECK int dl_changelog_configure(struct dl_scope *scope, const struct dl_changelog_query *query,
					 struct dl_changelog *log);

/* dl_changelog_close(log): frees what is not in the scope. */
void dl_changelog_close(struct dl_changelog *log);

#endif
