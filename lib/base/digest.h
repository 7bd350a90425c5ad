/* digest: checksums, whole or piece by piece. The only includer of libcrypto and of libb2. */
#ifndef DL_DIGEST_H
#define DL_DIGEST_H

#include <stddef.h>

#include "lib/base/fail.h"

struct dl_arena;
struct dl_scope;

enum dl_digest_kind { DL_MD5, DL_SHA1, DL_SHA256, DL_SHA512, DL_BLAKE2B_256, DL_DIGEST_NONE };

/* A checksum in the making, between dl_digest_begin and dl_digest_end. */
struct dl_digest {
	enum dl_digest_kind kind;
	void *state;
};

/* dl_digest_find(word): the kind that WORD names as checksums are written ("sha256:..."): md5, sha1, sha256,
 * sha512, blake2b-256. DL_DIGEST_NONE: it names none. */
enum dl_digest_kind dl_digest_find(const char *word);

/* dl_digest_hex(scope, kind, data, len): the checksum of DATA, in lower-case hexadecimal digits, in SCOPE.
 * NULL: DL_UNSUPPORTED, this machine's libcrypto is not allowed to compute that kind. */
const char *dl_digest_hex(struct dl_scope *scope, enum dl_digest_kind kind, const void *data, size_t len);

/* dl_digest_base64(arena, hex): what HEX, a checksum as above, is in base64, in ARENA. */
const char *dl_digest_base64(struct dl_arena *arena, const char *hex);

/* dl_digest_begin(scope, digest, kind): DIGEST, which lives no longer than SCOPE, has had no byte.
 * dl_digest_end is due when that was a success: 0. DL_UNSUPPORTED as above. */
DL_MUST_CHECK int dl_digest_begin(struct dl_scope *scope, struct dl_digest *digest, enum dl_digest_kind kind);

/* dl_digest_add(digest, data, len): the next bytes. */
void dl_digest_add(struct dl_digest *digest, const void *data, size_t len);

/* dl_digest_end(digest, arena): what dl_digest_hex would say of all bytes, in ARENA; NULL for a NULL ARENA:
 * nobody wants to know. DIGEST holds nothing any more. */
const char *dl_digest_end(struct dl_digest *digest, struct dl_arena *arena);

#endif
