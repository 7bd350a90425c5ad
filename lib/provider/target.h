/* target: who is asked, about which project, with which credential.
 *
 * The provider is the first that one of these names: `-p` or `-R`; DL_CI; git config devloop.ci; git config
 * devloop.host.HOST.provider; the committed .devloop/agents.json or .yaml; what the working tree shows; the
 * remote's host; what that host says of itself. Who looks for a registry or a forge has DL_REGISTRY, DL_FORGE
 * and the like in place of DL_CI; for a registry the name of the file counts before the tree. Without a
 * remote on any server the forge is the repository itself. Where one of them names several, they are a chain:
 * the next is asked when one is unavailable.
 *
 * A credential is bound to a host, and only the user can bind it: lib/provider/host.h,
 * lib/provider/credential.h. Files of the repository, `-R`, refs, remotes and answers name hosts, too, but
 * those are only sent what the user has stored for that very host. */
#ifndef DL_TARGET_H
#define DL_TARGET_H

#include <stdbool.h>

#include "lib/base/fail.h"
#include "lib/provider/provider.h"

struct dl_repo;
struct dl_scope;
struct dl_target_known;

/* What one step of the search has seen. */
struct dl_target_step {
	const char *name;
	const char *seen; /* for people; NULL: nothing */
	bool decided;     /* for this one */
};

/* A plugin that has been found. */
struct dl_target_plugin {
	struct dl_target_plugin *next;
	const struct dl_provider *provider;
};

/* What a search starts from, and what it has found so far. Everything lives in .scope. Used by one thread. */
struct dl_finder {
	struct dl_scope *scope;
	struct dl_http *http;
	const char *dir;      /* -C; NULL: here */
	const char *project;  /* -R; NULL */
	const char *provider; /* -p; NULL */
	enum dl_provider_kind kind; /* what is looked for; refs lead to others, too, which then lack it */
	bool anywhere;        /* no project is meant, only a server */
	const char *file;     /* that is to be published: its name may tell where; NULL */
	const char *package;  /* that is meant, as the user writes it: it may name the host; NULL */
	bool dry_run;
	struct dl_repo *repo; /* where we stand; opened when first needed, closed by dl_target_close */
	bool looked;          /* for the repository */
	struct dl_error no_repo; /* why there is none */
	bool nowhere;         /* nothing at all says who to ask */
	bool trailing;        /* every step looks, also when the provider is known: for .trail */
	const struct dl_target_step *trail; /* of the last search */
	size_t trail_count;
	const char *chosen;   /* the provider of the last search, also when it is no target; NULL: none */
	const char *chain;    /* who is asked next, names separated by commas; NULL: nobody */
	const char *chain_why;
	struct dl_target_plugin *plugins; /* found so far */
	struct dl_target_known *known; /* targets' hosts and credentials */
};

/* dl_target_what(kind): what a provider of KIND is called: "CI system"; dl_target_key(kind): the key of git's
 * configuration that names it. */
const char *dl_target_what(enum dl_provider_kind kind);
const char *dl_target_key(enum dl_provider_kind kind);

/* dl_target_here(finder): the target for this place: what the user said, else what the repository shows.
 * NULL: .scope has failed with DL_CONFIG or DL_USAGE; the hint names what to give. */
const struct dl_target *dl_target_here(struct dl_finder *finder);

/* dl_target_next(finder): the same for the next of .chain, which has one. */
const struct dl_target *dl_target_next(struct dl_finder *finder);

/* dl_target_of(scope, finder, ref): the target of the thing that REF, which must live as long, names; in
 * SCOPE. NULL: failed, DL_USAGE for an unknown provider. */
const struct dl_target *dl_target_of(struct dl_scope *scope, struct dl_finder *finder,
				     const struct dl_ref *ref);

/* dl_target_of_package(scope, finder, target, edition): TARGET, a registry, or its like at another server,
 * which has the package of EDITION, with the user's credential for that one. NULL: failed. */
const struct dl_target *dl_target_of_package(struct dl_scope *scope, struct dl_finder *finder,
					     const struct dl_target *target,
					     const struct dl_edition *edition);

/* dl_target_sha(scope, finder, revision): the full hash of the commit that REVISION names: 40 hexadecimal
 * digits are taken as they are, unless they are a tag's that is here; everything else is looked up in the
 * repository, never sent. NULL: DL_USAGE. */
const char *dl_target_sha(struct dl_scope *scope, struct dl_finder *finder, const char *revision);

/* dl_target_armed(finder, agent): 0 when the committed configuration of this place says that AGENT is not
 * enabled, else 1. -1: it is malformed. */
DL_MUST_CHECK int dl_target_armed(struct dl_finder *finder, const char *agent);

/* dl_target_close(finder): closes the repository. */
void dl_target_close(struct dl_finder *finder);

#endif
