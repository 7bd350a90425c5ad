/* oci_blob: bytes on their way to a registry of OCI artifacts, which knows them by their SHA-256.
 *
 * What the registry has in the repository is not sent. What is no larger than a chunk is sent whole; more in
 * chunks, so that after a cut the registry is asked how much it has, and the rest is sent.
 *
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#push */
#ifndef DL_OCI_BLOB_H
#define DL_OCI_BLOB_H

#include "lib/base/fail.h"

struct dl_body_meter;
struct dl_body_piece;
struct dl_oci;
struct dl_scope;

/* dl_oci_blob_put(scope, oci, piece, sha256, meter): PIECE, whose SHA-256 is given in hexadecimal, is in the
 * repository. METER is told of what is sent; NULL. DL_NETWORK: it may or may not be there; DL_DATA: the
 * registry contradicts itself; DL_CONFIG: DL_OCI_CHUNK is no number of bytes; else as dl_rest_upload. 1: a
 * dry run. */
DL_MUST_CHECK int dl_oci_blob_put(struct dl_scope *scope, struct dl_oci *oci,
				  const struct dl_body_piece *piece, const char *sha256,
				  struct dl_body_meter *meter);

#endif
