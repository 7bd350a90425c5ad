#include "lib/data/scheme.h"

#include "tests/unit/check.h"

static const struct {
	enum dl_scheme scheme;
	const char *a, *b;
	int order;
	bool valid, pre; /* of .a */
} rows[] = {
	{DL_SCHEME_SEMVER, "1.10.0", "1.9.0", 1, true, false},
	{DL_SCHEME_SEMVER, "v1.0.0-rc.1", "1.0.0", -1, true, true},
	{DL_SCHEME_SEMVER, "1.0.0", "1.0", 0, true, false},
	{DL_SCHEME_SEMVER, "latest", "0.0.1-a", -1, false, false},
	{DL_SCHEME_SEMVER, "b", "a", 1, false, false},
	{DL_SCHEME_SEMVER, NULL, "1.0.0", -1, false, false},
	{DL_SCHEME_PEP440, "1.0.post1", "1.0", 1, true, false},
	{DL_SCHEME_PEP440, "1.0.dev1", "1.0a1", -1, true, true},
	{DL_SCHEME_PEP440, "french toast", "0", -1, false, false},
};

int main(void)
{
	size_t i;
	int order;

	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *name = rows[i].a ? rows[i].a : "NULL";

		order = dl_scheme_compare(rows[i].scheme, rows[i].a, rows[i].b);
		check_int(name, "order", (order > 0) - (order < 0), rows[i].order);
		order = dl_scheme_compare(rows[i].scheme, rows[i].b, rows[i].a);
		check_int(name, "the other way", (order > 0) - (order < 0), -rows[i].order);
		check_int(name, "valid", dl_scheme_valid(rows[i].scheme, rows[i].a), rows[i].valid);
		check_int(name, "pre-release", dl_scheme_is_pre(rows[i].scheme, rows[i].a), rows[i].pre);
	}
	return check_end("scheme");
}
