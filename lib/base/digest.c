/* BLAKE2b with 256 bits is libb2's: before OpenSSL 3.2 libcrypto has only 512. */
#include "lib/base/digest.h"

#include <blake2.h>
#include <openssl/evp.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"

static const struct {
	const char *word;
	const EVP_MD *(*method)(void); /* NULL: it is libb2's */
} kinds[] = {
	[DL_MD5] = {"md5", EVP_md5},
	[DL_SHA1] = {"sha1", EVP_sha1},
	[DL_SHA256] = {"sha256", EVP_sha256},
	[DL_SHA512] = {"sha512", EVP_sha512},
	[DL_BLAKE2B_256] = {"blake2b-256", NULL},
};

enum { BLAKE2B_BYTES = 32 };

enum dl_digest_kind dl_digest_find(const char *word)
{
	unsigned int kind = 0;

	while (kind < DL_DIGEST_NONE && !dl_text_same(word, kinds[kind].word))
		kind++;
	return (enum dl_digest_kind)kind;
}

static const char *to_hex(struct dl_arena *arena, const unsigned char *bytes, unsigned int len)
{
	static const char digits[] = "0123456789abcdef";
	char *text = dl_arena_alloc(arena, 2 * (size_t)len + 1);
	unsigned int i;

	for (i = 0; i < len; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	return text;
}

static int fail_kind(struct dl_scope *scope, enum dl_digest_kind kind)
{
	return dl_fail(scope, DL_UNSUPPORTED, "this machine does not compute %s checksums", kinds[kind].word);
}

const char *dl_digest_hex(struct dl_scope *scope, enum dl_digest_kind kind, const void *data, size_t len)
{
	struct dl_digest digest;

	if (dl_digest_begin(scope, &digest, kind))
		return NULL;
	dl_digest_add(&digest, data, len);
	return dl_digest_end(&digest, &scope->arena);
}

static int begin_blake(struct dl_scope *scope, struct dl_digest *digest)
{
	digest->state = dl_arena_alloc(&scope->arena, sizeof(blake2b_state));
	DL_BUG_IF(blake2b_init(digest->state, BLAKE2B_BYTES));
	return 0;
}

int dl_digest_begin(struct dl_scope *scope, struct dl_digest *digest, enum dl_digest_kind kind)
{
	EVP_MD_CTX *context;

	digest->kind = kind;
	if (!kinds[kind].method)
		return begin_blake(scope, digest);
	context = EVP_MD_CTX_new();
	DL_BUG_IF(!context);
	digest->state = context;
	if (EVP_DigestInit_ex(context, kinds[kind].method(), NULL) == 1)
		return 0;
	dl_digest_end(digest, NULL);
	return fail_kind(scope, kind);
}

void dl_digest_add(struct dl_digest *digest, const void *data, size_t len)
{
	if (kinds[digest->kind].method)
		DL_BUG_IF(EVP_DigestUpdate(digest->state, data, len) != 1);
	else
		DL_BUG_IF(blake2b_update(digest->state, data, len));
}

const char *dl_digest_end(struct dl_digest *digest, struct dl_arena *arena)
{
	unsigned char bytes[EVP_MAX_MD_SIZE];
	unsigned int count = BLAKE2B_BYTES;

	if (kinds[digest->kind].method) {
		DL_BUG_IF(arena && EVP_DigestFinal_ex(digest->state, bytes, &count) != 1);
		EVP_MD_CTX_free(digest->state);
	} else {
		DL_BUG_IF(blake2b_final(digest->state, bytes, BLAKE2B_BYTES));
	}
	digest->state = NULL;
	return arena ? to_hex(arena, bytes, count) : NULL;
}

static int digit(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

const char *dl_digest_base64(struct dl_arena *arena, const char *hex)
{
	unsigned char bytes[EVP_MAX_MD_SIZE];
	struct dl_buf buf;
	size_t len;

	for (len = 0; hex[2 * len] && len < sizeof bytes; len++)
		bytes[len] = (unsigned char)(digit(hex[2 * len]) << 4 | digit(hex[2 * len + 1]));
	dl_buf_init(&buf, arena, 2 * sizeof bytes);
	dl_text_base64(&buf, bytes, len);
	return buf.data;
}
