/* assets: files that become the assets of a release, compared with those that are there. */
#ifndef DL_ASSETS_H
#define DL_ASSETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "lib/base/fail.h"
#include "lib/base/scope.h"
#include "lib/data/record.h"
#include "lib/provider/provider.h"

struct dl_body_meter;
struct dl_opt_list;
struct dl_sink_list;

/* A file on its way. */
struct dl_assets_file {
	struct dl_scope scope;      /* of whoever works on it, and its failure; open until dl_assets_close */
	struct dl_upload upload;    /* without a path it was made here, of the others */
	struct dl_asset asset;      /* what is there under its name; then, what became of it */
	bool there;                 /* there is something under its name, whole or not */
	enum dl_presence presence;  /* of the file, as it was found */
	bool arrived;               /* it was sent, and by the forge's answer is what was sent */
	bool last;                  /* it vouches for others, and is sent when those have arrived */
};

struct dl_assets {
	struct dl_assets_file *files; /* by name */
	size_t count;
	FILE *checksums;              /* that were made of them; NULL */
};

/* dl_assets_open(scope, paths, checksums, meter, assets): opens and reads the files at PATHS, into ASSETS,
 * zeroed; METER is told of what is sent of them. With CHECKSUMS a file SHA256SUMS is made of them, if there
 * are any. Close it, also after a failure: that of the first file that cannot be read, as dl_publish_open;
 * DL_USAGE: two files would have one name. */
DL_MUST_CHECK int dl_assets_open(struct dl_scope *scope, const struct dl_opt_list *paths, bool checksums,
				 struct dl_body_meter *meter, struct dl_assets *assets);

/* dl_assets_close(assets): the files are closed. */
void dl_assets_close(struct dl_assets *assets);

/* dl_assets_find(scope, list, upload): the dl_asset in LIST that is of UPLOAD's name, as the forge may have
 * rewritten that; NULL: none. */
const struct dl_asset *dl_assets_find(struct dl_scope *scope, const struct dl_sink_list *list,
				      const struct dl_upload *upload);

/* dl_assets_compare(asset, upload): how they compare, by size and digest; an ASSET that never came whole is
 * absent, as is NULL. */
enum dl_presence dl_assets_compare(const struct dl_asset *asset, const struct dl_upload *upload);

#endif
