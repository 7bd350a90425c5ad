/* release: how a release is made, so that the same steps taken again complete what a failure has left: a
 * draft, its assets, a look whether they are there, the end of the draft. */
#ifndef DL_RELEASE_H
#define DL_RELEASE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/fail.h"
#include "lib/opt.h"
#include "lib/provider.h"

struct dl_call;
struct dl_scope;

/* What becomes the latest release. */
enum dl_release_latest {
	DL_RELEASE_HIGHEST, /* this one, when no published stable version is higher */
	DL_RELEASE_MUST,    /* this one; when one is higher that is refused */
	DL_RELEASE_NEVER,
};

struct dl_release_plan {
	struct dl_edition
		edition; /* .version; .name and .body, if they are to be changed; .prerelease; .draft */
	const char *target;        /* the revision here that a new tag gets; NULL: HEAD */
	struct dl_opt_list files;  /* paths */
	bool checksums;            /* a file SHA256SUMS is made of them */
	bool clobber;              /* assets that are there and are others are replaced */
	enum dl_release_latest latest;
};

/* dl_release_tag(scope, call, plan): sets .sha of the edition: of the commit that the tag is at on the forge,
 * or gets there. DL_REFUSED: the tag is at another commit than .target, or only here; the forge does not have
 * the commit. DL_USAGE, DL_CONFIG: .target, or HEAD, is none. */
DL_MUST_CHECK int dl_release_tag(struct dl_scope *scope, const struct dl_call *call,
				 struct dl_release_plan *plan);

/* dl_release_make(scope, call, plan): makes the release, or completes it; a dl_asset record for each file and
 * the dl_release record go to CALL's sink, in a dry run as what is planned. Nothing is sent before all files
 * have been read and compared. DL_REFUSED: assets are there that are others, a release is published that
 * should be a draft; DL_DATA: what is there afterwards is not what was sent; DL_UNSUPPORTED. After any
 * failure it is as far as it came, and unseen where there are drafts. */
DL_MUST_CHECK int dl_release_make(struct dl_scope *scope, const struct dl_call *call,
				  struct dl_release_plan *plan);

/* dl_release_discard(scope, call, tag): takes the draft of TAG back. DL_MISSING: there is none; DL_REFUSED:
 * it is published. */
DL_MUST_CHECK int dl_release_discard(struct dl_scope *scope, const struct dl_call *call, const char *tag);

#endif
