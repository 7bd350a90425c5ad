/* release: how a release is made, so that the same steps taken again complete what a failure has left: a
 * draft, its assets, a look whether they are there, the end of the draft. */
#ifndef DL_RELEASE_H
#define DL_RELEASE_H

#include <stdbool.h>

#include "lib/base/fail.h"
#include "lib/data/opt.h"
#include "lib/provider/provider.h"

struct dl_call;
struct dl_release_plan;
struct dl_scope;

/* What becomes the latest release. */
enum dl_release_latest {
	DL_RELEASE_HIGHEST, /* this one, when no published stable version is higher */
	DL_RELEASE_MUST,    /* this one; when one is higher that is refused */
	DL_RELEASE_NEVER,
};

struct dl_release_wish {
	struct dl_edition
		edition; /* .version; .name and .body, if they are to be changed; .prerelease; .draft */
	const char *target;        /* the revision here that a new tag gets; NULL: HEAD */
	struct dl_opt_list files;  /* paths */
	bool checksums;            /* a file SHA256SUMS is made of them */
	bool clobber;              /* assets that are there and are others are replaced */
	enum dl_release_latest latest;

	/* Sets .body of EDITION, whose commit is known by now. NULL: it is set, or stays as it is there. */
	int (*notes)(struct dl_scope *scope, const struct dl_call *call, struct dl_edition *edition);

	const struct dl_release_plan *plan; /* it is done exactly, or nothing at all; NULL: there is none */
};

/* dl_release_make(scope, call, wish): makes the release, or completes it; a dl_asset record for each file and
 * the dl_release record go to CALL's sink, in a dry run as what is planned. Nothing is sent before all files
 * have been read and compared. It is the latest one when it has to be, and not otherwise, also where the
 * forge had another opinion or another release was published meanwhile. As dl_release_look_around;
 * DL_REFUSED: assets are there that are others, a release is published that should be a draft, the plan
 * cannot be carried out any more, or the forge insists on its opinion; DL_DATA: what is there afterwards is
 * not what was sent; DL_UNSUPPORTED. After any failure it is as far as it came, and unseen where there are
 * drafts. */
DL_MUST_CHECK int dl_release_make(struct dl_scope *scope, const struct dl_call *call,
				  struct dl_release_wish *wish);

/* dl_release_discard(scope, call, tag): takes the draft of TAG back. DL_MISSING: there is none; DL_REFUSED:
 * it is published. */
DL_MUST_CHECK int dl_release_discard(struct dl_scope *scope, const struct dl_call *call, const char *tag);

#endif
