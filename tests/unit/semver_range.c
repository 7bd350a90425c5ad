#include "lib/data/semver_range.h"

#include "lib/base/scope.h"
#include "tests/unit/check.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct dl_scope scope;

/* As npm has them (node-semver's README), but for pre-releases, which are in a range as any other version. */
static const struct {
	const char *range, *version;
	bool has;
} rows[] = {
	{"1.2.3", "1.2.3", true},
	{"1.2.3", "1.2.4", false},
	{"=1.2.3", "1.2.3", true},
	{"1.2.3", "1.2.3+build", true},
	{"1.2.3", "1.2.3-rc.1", false},
	{"1.2", "1.2.0", true},
	{"1.2", "1.2.99", true},
	{"1.2", "1.3.0", false},
	{"v1.x", "1.99.0", true},
	{"1.x", "2.0.0-rc.1", false},
	{"1.2.*", "1.2.7", true},
	{"*", "0.0.0", true},
	{">=1.2 <2", "1.2.0", true},
	{">=1.2 <2", "1.1.9", false},
	{">=1.2 <2", "2.0.0", false},
	{">=1.2 <2", "2.0.0-rc.1", false},
	{">=1.2 <2", "1.5.0-rc.1", true},
	{">=1.2,<2", "1.9.0", true},
	{"<2.0.0-rc.2", "2.0.0-rc.1", true},
	{">1.2", "1.2.9", false},
	{">1.2", "1.3.0", true},
	{">1.2.3", "1.2.3", false},
	{">1.2.3", "1.2.4", true},
	{"<=1.2", "1.2.9", true},
	{"<=1.2", "1.3.0", false},
	{"<=1.2.3", "1.2.3", true},
	{"<1.2.3", "1.2.2", true},
	{"> 1.2.3", "1.2.4", true},
	{"^1.2.3", "1.9.0", true},
	{"^1.2.3", "1.2.2", false},
	{"^1.2.3", "2.0.0", false},
	{"^0.2.3", "0.2.9", true},
	{"^0.2.3", "0.3.0", false},
	{"^0.0.3", "0.0.3", true},
	{"^0.0.3", "0.0.4", false},
	{"^0.0", "0.0.9", true},
	{"^0.0", "0.1.0", false},
	{"^0", "0.9.0", true},
	{"^0", "1.0.0", false},
	{"^1.2.3-rc.1", "1.2.3-rc.2", true},
	{"^1.2.3-rc.1", "1.9.0", true},
	{"~1.2.3", "1.2.9", true},
	{"~1.2.3", "1.3.0", false},
	{"~1.2", "1.2.0", true},
	{"~1", "1.9.0", true},
	{"~1", "2.0.0", false},
	{"1.x || 2.0.0", "1.4.0", true},
	{"1.x || 2.0.0", "2.0.0", true},
	{"1.x||2.0.0", "2.0.1", false},
	{"<1 || >=3 <4 || 5", "3.5.0", true},
	{"<1 || >=3 <4 || 5", "4.0.0", false},
	{"<1 || >=3 <4 || 5", "5.1.0", true},
	{">=99999999999999999999.0", "99999999999999999999.0.1", true},
};

static void test_has(void)
{
	struct dl_semver_range range;
	struct dl_semver version;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		check_true("parse", rows[i].range, dl_semver_range_parse(&scope, rows[i].range, &range) == 0);
		check_true("parse", rows[i].version, dl_semver_parse(rows[i].version, &version));
		check_true(rows[i].range, rows[i].version,
			   dl_semver_range_has(&range, &version) == rows[i].has);
	}
}

static void test_malformed(void)
{
	static const char *const bad[] = {
		"",	 " ",	 "||",	   "1 ||",     "|| 1",	 "abc",	    "1.2.3.4", "1.",  ">",   ">=",
		"1.2-rc", "01.2", "1.2.x-", "=>1.2", "1.2.3-", ">=1.2 and", "^",       "1|2", "-1",  "1.x.3a",
	};
	struct dl_semver_range range;
	size_t i;

	for (i = 0; i < COUNT(bad); i++) {
		check_true("malformed", bad[i],
			   dl_semver_range_parse(&scope, bad[i], &range) < 0 &&
				   scope.error.class == DL_USAGE);
		dl_fail_take(&scope, &scope.arena);
	}
}

int main(void)
{
	dl_scope_open(&scope, NULL);
	test_has();
	test_malformed();
	dl_scope_close(&scope);
	return check_end("semver_range");
}
