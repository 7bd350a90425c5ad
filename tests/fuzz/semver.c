/* Two versions or tags, a line each, and the prefix of tags on a third. */
#include "lib/data/semver.h"

#include "tests/fuzz/fuzz.h"

static int sign(int order)
{
	return (order > 0) - (order < 0);
}

static void check_next(struct dl_scope *scope, const struct dl_semver *version)
{
	struct dl_semver_part number;
	struct dl_semver next;
	int bump;

	for (bump = DL_BUMP_NONE; bump <= DL_BUMP_MAJOR; bump++) {
		HOLDS(dl_semver_parse(dl_semver_next(scope, version, (enum dl_semver_bump)bump), &next));
		HOLDS(next.count == DL_SEMVER_CORE && !next.pre.len);
		if (version->count <= DL_SEMVER_CORE && bump != DL_BUMP_NONE)
			HOLDS(dl_semver_compare(&next, version) > 0);
	}
	if (dl_semver_pre_number(version, "rc", &number))
		HOLDS(number.len && dl_text_compare_digits(number.text, number.len, "0", 1) >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_rest rest = {(const char *)data, size};
	const char *one, *other, *prefix;
	struct dl_semver a, b, strict;
	struct dl_scope scope;
	bool both;

	dl_scope_open(&scope, NULL);
	one = fuzz_take(&scope.arena, &rest, '\n');
	other = fuzz_take(&scope.arena, &rest, '\n');
	prefix = fuzz_take(&scope.arena, &rest, '\n');
	both = dl_semver_parse_tag(one, prefix, &a) && dl_semver_parse_tag(other, prefix, &b);
	if (both) {
		HOLDS(dl_semver_compare(&a, &a) == 0 && dl_semver_compare(&b, &b) == 0);
		HOLDS(sign(dl_semver_compare(&a, &b)) == -sign(dl_semver_compare(&b, &a)));
		check_next(&scope, &a);
	}
	/* A version is also a tag, and the same one. */
	if (dl_semver_parse(one, &strict)) {
		HOLDS(dl_semver_parse_tag(one, "", &a) && dl_semver_compare(&a, &strict) == 0);
		check_next(&scope, &strict);
	}
	HOLDS(!dl_semver_is_pre(one) ||
	      dl_semver_parse(dl_arena_format(&scope.arena, "1.0.0-%s", one), &strict));
	dl_scope_close(&scope);
	return 0;
}
