/* The host of a remote is a host and nothing else: it is compared with others, given to ssh, and bound to
 * credentials. */
#include "lib/git/remote.h"

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_rest rest = {(const char *)data, size};
	struct dl_remote remote;
	struct dl_scope scope;
	const char *url, *byte;

	dl_scope_open(&scope, NULL);
	url = fuzz_take(&scope.arena, &rest, '\0');
	if (dl_remote_parse(&scope, url, &remote)) {
		HOLDS(fuzz_failed(&scope, DL_CONFIG));
	} else {
		HOLDS(*remote.host && *remote.host != '-' && !strpbrk(remote.host, "/@\\?# "));
		for (byte = remote.host; *byte; byte++)
			HOLDS(*byte > ' ' && *byte <= '~' && !(*byte >= 'A' && *byte <= 'Z'));
		HOLDS(*remote.path != '/' && !dl_text_ends(remote.path, "/"));
	}
	dl_scope_close(&scope);
	return 0;
}
