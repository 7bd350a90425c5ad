#include "lib/digest.h"

#include <openssl/evp.h>

#include "lib/scope.h"
#include "lib/text.h"

static const struct {
	const char *word;
	const EVP_MD *(*method)(void);
} kinds[] = {
	[DL_MD5] = {"md5", EVP_md5},
	[DL_SHA1] = {"sha1", EVP_sha1},
	[DL_SHA256] = {"sha256", EVP_sha256},
	[DL_SHA512] = {"sha512", EVP_sha512},
};

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
	unsigned char bytes[EVP_MAX_MD_SIZE];
	unsigned int count;

	if (EVP_Digest(data, len, bytes, &count, kinds[kind].method(), NULL) == 1)
		return to_hex(&scope->arena, bytes, count);
	fail_kind(scope, kind);
	return NULL;
}

int dl_digest_begin(struct dl_scope *scope, struct dl_digest *digest, enum dl_digest_kind kind)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();

	DL_BUG_IF(!context);
	digest->state = context;
	if (EVP_DigestInit_ex(context, kinds[kind].method(), NULL) == 1)
		return 0;
	dl_digest_end(digest, NULL);
	return fail_kind(scope, kind);
}

void dl_digest_add(struct dl_digest *digest, const void *data, size_t len)
{
	DL_BUG_IF(EVP_DigestUpdate(digest->state, data, len) != 1);
}

const char *dl_digest_end(struct dl_digest *digest, struct dl_arena *arena)
{
	unsigned char bytes[EVP_MAX_MD_SIZE];
	unsigned int count = 0;

	DL_BUG_IF(arena && EVP_DigestFinal_ex(digest->state, bytes, &count) != 1);
	EVP_MD_CTX_free(digest->state);
	digest->state = NULL;
	return arena ? to_hex(arena, bytes, count) : NULL;
}
