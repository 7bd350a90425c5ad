/* releases: which releases are wanted, and how their assets become files here. */
#ifndef DL_RELEASES_H
#define DL_RELEASES_H

#include <stdbool.h>

#include "lib/base/fail.h"
#include "lib/ci/download.h"
#include "lib/data/opt.h"

struct dl_call;
struct dl_scope;
struct dl_sink;
struct dl_sink_list;

/* What is asked for. Zero asks for all. */
struct dl_releases_wish {
	const char *tag;   /* only those whose tag matches (dl_text_match) */
	const char *range; /* only versions in it (lib/data/semver_range.h) */
	bool stable, prerelease, draft; /* only these kinds; none of them: all kinds */
	const char *sort;  /* "date" or NULL: as the forge has them, newest first; "version": highest first */
	bool latest;       /* only the one that is highest, or with .sort "date" the newest; without a kind a
			    * stable one, and never a draft */
	struct dl_opt_list names; /* of assets: only those that match one of them; none: all */
};

/* dl_releases_find(scope, call, wish, releases): the releases of CALL's target that WISH asks for, or those
 * that its ref names, up to the limit of -n, into RELEASES, a list in SCOPE. Versions are what is in the last
 * part of a tag ("pkg/v1.2.0"); what is none comes after them, and is in no range. 0, also for none.
 * DL_USAGE: a range or an order that is none, a ref of another kind. */
DL_MUST_CHECK int dl_releases_find(struct dl_scope *scope, const struct dl_call *call,
				   const struct dl_releases_wish *wish, struct dl_sink_list *releases);

/* dl_releases_assets(scope, call, wish, releases, sink): the assets of RELEASES that WISH, or the ref of
 * CALL, asks for, to SINK, as dl_asset records. As dl_sink_put. */
DL_MUST_CHECK int dl_releases_assets(struct dl_scope *scope, const struct dl_call *call,
				     const struct dl_releases_wish *wish,
				     const struct dl_sink_list *releases, struct dl_sink *sink);

/* dl_releases_download(scope, call, wish, download, releases): fetches the same assets as dl_download_all
 * does, and puts them into CALL's sink with their paths. .by_run of DOWNLOAD means folders called by the
 * tags. DL_MISSING: there are none. */
DL_MUST_CHECK int dl_releases_download(struct dl_scope *scope, const struct dl_call *call,
				       const struct dl_releases_wish *wish,
				       const struct dl_download *download,
				       const struct dl_sink_list *releases);

#endif
