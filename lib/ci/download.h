/* download: artifacts, made into files and folders of ours.
 *
 * What is fetched goes to a hidden file beside its place, `.dl-HASH.part`, whose name is made from all that
 * is known of the artifact: so a transfer that was cut is continued by the next one of the very same
 * artifact, and by no other. It gets its name when it is complete, has been checked and is on the disk. */
#ifndef DL_DOWNLOAD_H
#define DL_DOWNLOAD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/base/fail.h"

struct dl_artifact;
struct dl_call;
struct dl_writer;
struct dl_scope;
struct dl_sink_list;
struct dl_target;

/* What all transfers of a program have done together. Begins as all zero. */
struct dl_download_meter {
	_Atomic int64_t received, expected; /* bytes of this run of the program */
	_Atomic int64_t began_ms, shown_ms; /* by dl_time_clock_ms */
};

struct dl_download {
	const char *dir; /* where to */
	bool by_run;     /* to a folder there that is called by the id of the run */
	const char *apart; /* the option that is .by_run, for a hint */
	bool keep_zip;   /* an archive stays one */
	bool overwrite;  /* what is there is replaced */
	struct dl_download_meter *meter;

	/* Fetches the bytes of ARTIFACT from *OFFSET on, as the slot `download` of struct dl_ci does, which
	 * is called where this is NULL. */
	int (*fetch)(struct dl_scope *scope, const struct dl_target *target,
		     const struct dl_artifact *artifact, int64_t *offset, struct dl_writer *writer);
};

/* dl_download_all(scope, call, download, artifacts): fetches ARTIFACTS, a list of struct dl_artifact, several
 * at a time, and puts those that succeeded into CALL's sink, with their path, in their order. One that comes
 * as an archive becomes a folder, any other a file. What is there already, the same byte for byte, is a
 * success. In a dry run nothing is fetched, and stderr says what would be. Returns as a sink does; when one
 * failed, -1 with its failure after the others have been put, and notes tell the failures of further ones.
 * DL_MISSING: it has expired. DL_REFUSED: something else is there. DL_DATA: its size or digest is not what
 * the provider said, its name leads elsewhere, or see dl_archive_extract. */
DL_MUST_CHECK int dl_download_all(struct dl_scope *scope, const struct dl_call *call,
				  const struct dl_download *download, const struct dl_sink_list *artifacts);

#endif
