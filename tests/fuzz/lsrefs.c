/* Whatever a server answers: what is taken for a ref is one. */
#include "lib/git/lsrefs.h"

#include "tests/fuzz/fuzz.h"

static void check(const struct dl_lsrefs *refs)
{
	size_t i;

	for (i = 0; i < refs->count; i++) {
		HOLDS(!refs->items[i].sha || dl_text_is_sha(refs->items[i].sha));
		HOLDS(!refs->items[i].peeled || dl_text_is_sha(refs->items[i].peeled));
		HOLDS(refs->items[i].name);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dl_scope scope;
	struct dl_lsrefs refs;
	struct dl_buf buf;
	int result;

	dl_scope_open(&scope, NULL);
	result = dl_lsrefs_read(&scope, (const char *)data, size, &refs);
	HOLDS(result != 0 || size == 0);
	if (result < 0)
		HOLDS(fuzz_failed(&scope, DL_DATA) || fuzz_failed(&scope, DL_REFUSED));
	else
		check(&refs);
	dl_scope_close(&scope);

	dl_scope_open(&scope, NULL);
	dl_buf_init(&buf, &scope.arena, FUZZ_CAP);
	dl_buf_add(&buf, data, size);
	dl_buf_putc(&buf, '\0');
	if (dl_lsrefs_read_text(&scope, buf.data, &refs) < 0)
		HOLDS(fuzz_failed(&scope, DL_DATA));
	else
		check(&refs);
	dl_scope_close(&scope);
	return 0;
}
