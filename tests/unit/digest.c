#include "lib/base/digest.h"

#include "lib/base/scope.h"
#include "tests/unit/check.h"

/* The examples of FIPS 180-4 and RFC 1321: of "abc", and of nothing. */
static const struct {
	const char *word, *abc, *empty;
} known[] = {
	{"md5", "900150983cd24fb0d6963f7d28e17f72", "d41d8cd98f00b204e9800998ecf8427e"},
	{"sha1", "a9993e364706816aba3e25717850c26c9cd0d89d", "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
	{"sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
	 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	{"sha512",
	 "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
	 "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
	 "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
	 "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"},
	/* What b2sum -l 256 says. */
	{"blake2b-256", "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319",
	 "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8"},
};

static void check_kind(struct dl_scope *scope, size_t i)
{
	enum dl_digest_kind kind = dl_digest_find(known[i].word);
	struct dl_digest digest;

	check_text("whole", known[i].word, dl_digest_hex(scope, kind, "abc", 3), known[i].abc);
	check_text("whole", known[i].word, dl_digest_hex(scope, kind, "", 0), known[i].empty);
	check_int("pieces", known[i].word, dl_digest_begin(scope, &digest, kind), 0);
	dl_digest_add(&digest, "a", 1);
	dl_digest_add(&digest, "", 0);
	dl_digest_add(&digest, "bc", 2);
	check_text("pieces", known[i].word, dl_digest_end(&digest, &scope->arena), known[i].abc);
	check_int("given up", known[i].word, dl_digest_begin(scope, &digest, kind), 0);
	dl_digest_add(&digest, "abc", 3);
	check_true("given up", known[i].word, !dl_digest_end(&digest, NULL) && !digest.state);
}

int main(void)
{
	static const char *const others[] = {"", "sha", "SHA256", "sha256:", "sha384", NULL};
	struct dl_scope scope;
	size_t i;

	dl_scope_open(&scope, NULL);
	for (i = 0; i < sizeof known / sizeof *known; i++)
		check_kind(&scope, i);
	for (i = 0; others[i]; i++)
		check_int("find", others[i], dl_digest_find(others[i]), DL_DIGEST_NONE);
	check_int("find", "nothing", dl_digest_find(NULL), DL_DIGEST_NONE);
	check_text("base64", "abc", dl_digest_base64(&scope.arena, known[1].abc),
		   "qZk+NkcGgWq6PiVxeFDCbJzQ2J0=");
	dl_scope_close(&scope);
	return check_end("digest");
}
