/* Three versions, a line each. */
#include "lib/data/pep440.h"

#include "tests/fuzz/fuzz.h"

static int sign(int order)
{
	return (order > 0) - (order < 0);
}

/* The normal form is the same version, and its own normal form. */
static void check_normal(struct dl_scope *scope, const struct dl_pep440 *version)
{
	char *normal = dl_pep440_normal(&scope->arena, version);
	struct dl_pep440 again;

	HOLDS(dl_pep440_parse(normal, &again));
	HOLDS(dl_pep440_compare(version, &again) == 0);
	HOLDS(dl_pep440_is_pre(version) == dl_pep440_is_pre(&again));
	HOLDS(strcmp(normal, dl_pep440_normal(&scope->arena, &again)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_rest rest = {(const char *)data, size};
	struct dl_pep440 versions[3];
	struct dl_scope scope;
	int i, good = 0, ab, bc;

	dl_scope_open(&scope, NULL);
	for (i = 0; i < 3; i++)
		if (dl_pep440_parse(fuzz_take(&scope.arena, &rest, '\n'), &versions[i])) {
			check_normal(&scope, &versions[i]);
			good++;
		}
	if (good == 3) {
		ab = sign(dl_pep440_compare(&versions[0], &versions[1]));
		bc = sign(dl_pep440_compare(&versions[1], &versions[2]));
		HOLDS(ab == -sign(dl_pep440_compare(&versions[1], &versions[0])));
		if (ab == bc)
			HOLDS(sign(dl_pep440_compare(&versions[0], &versions[2])) == ab);
	}
	dl_scope_close(&scope);
	return 0;
}
