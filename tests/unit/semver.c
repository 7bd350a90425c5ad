#include "lib/data/semver.h"

#include "lib/base/scope.h"
#include "tests/unit/check.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct dl_scope scope;

/* The examples of https://semver.org and the regular expression that it suggests. */
static void test_parse(void)
{
	static const char *const good[] = {
		"0.0.4",
		"1.2.3",
		"10.20.30",
		"1.1.2-prerelease+meta",
		"1.1.2+meta",
		"1.0.0-alpha",
		"1.0.0-alpha.1",
		"1.0.0-alpha0.valid",
		"1.0.0-rc.1+build.1",
		"1.2.3----RC-SNAPSHOT.12.9.1--.12+788",
		"1.0.0+0.build.1-rc",
		"99999999999999999999999.999999999999999999.99999999999999999",
		"1.0.0-0A.is.legal",
		"1.0.0--",
	};
	static const char *const bad[] = {
		"",
		"1",
		"1.2",
		"1.2.3-0123",
		"1.2.3-0123.0123",
		"1.1.2+.123",
		"+invalid",
		"-invalid",
		"alpha",
		"01.1.1",
		"1.01.1",
		"1.1.01",
		"1.2.3.DEV",
		"1.2-SNAPSHOT",
		"1.2.3-",
		"1.2.3+",
		"1.2.3-a..b",
		"1.2.3 ",
		" 1.2.3",
		"v1.2.3",
		"1.2.3.4",
		"1..3",
		"1.2.3-\xC3\xA4",
		"-1.0.3-gamma+b7718",
	};
	struct dl_semver version;
	size_t i;

	for (i = 0; i < COUNT(good); i++)
		check_true("parse", good[i], dl_semver_parse(good[i], &version));
	for (i = 0; i < COUNT(bad); i++)
		check_true("refuse", bad[i], !dl_semver_parse(bad[i], &version));
}

static void test_order(void)
{
	/* Section 11, and numbers that no integer holds. */
	static const char *const rising[] = {
		"0.0.0-0",
		"0.0.0",
		"0.9.0",
		"0.10.0",
		"1.0.0-1",
		"1.0.0-2",
		"1.0.0-10",
		"1.0.0-alpha",
		"1.0.0-alpha.1",
		"1.0.0-alpha.beta",
		"1.0.0-beta",
		"1.0.0-beta.2",
		"1.0.0-beta.11",
		"1.0.0-rc.1",
		"1.0.0",
		"2.0.0",
		"2.1.0",
		"2.1.1",
		"10.0.0",
		"18446744073709551616.0.0",
		"18446744073709551617.0.0",
	};
	struct dl_semver a, b;
	size_t i, j;
	int order;

	for (i = 0; i < COUNT(rising); i++)
		for (j = 0; j < COUNT(rising); j++) {
			check_true("order", rising[i],
				   dl_semver_parse(rising[i], &a) && dl_semver_parse(rising[j], &b));
			order = dl_semver_compare(&a, &b);
			check_int(rising[i], rising[j], (order > 0) - (order < 0), (i > j) - (i < j));
		}
	check_true("order", "build", dl_semver_parse("1.0.0+a", &a) && dl_semver_parse("1.0.0+b", &b));
	check_int("order", "build metadata does not count", dl_semver_compare(&a, &b), 0);
}

static void test_tags(void)
{
	static const struct {
		const char *tag, *prefix, *same; /* as strict version; NULL: no release */
	} rows[] = {
		{"v1.2.3", "", "1.2.3"},
		{"1.2.3", "", "1.2.3"},
		{"V1.2", "", "1.2.0"},
		{"v1", "", NULL},
		{"latest", "", NULL},
		{"v", "", NULL},
		{"", "", NULL},
		{"v1.2.3-rc.1", "", "1.2.3-rc.1"},
		{"v1.2.3rc1", "", "1.2.3-rc1"},
		{"1.2b2", "", "1.2.0-b2"},
		{"1.2.dev3", "", "1.2.0-dev3"},
		{"1.2.3foo", "", NULL},
		{"1.2.3-", "", NULL},
		{"1.2.3 ", "", NULL},
		{"01.002.3", "", "1.2.3"},
		{"curl-8_21_0", "curl-", "8.21.0"},
		{"curl-8_21_0", "", NULL},
		{"pkg@1.2.3", "pkg@", "1.2.3"},
		{"pkg/v1.2.3", "pkg/", "1.2.3"},
		{"v1.2.3", "pkg@", NULL},
		{"1.2.3.4.5", "", NULL},
	};
	struct dl_semver version, same;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		check_int("tag", rows[i].tag, dl_semver_parse_tag(rows[i].tag, rows[i].prefix, &version),
			  rows[i].same != NULL);
		if (rows[i].same && dl_semver_parse(rows[i].same, &same))
			check_int("tag is", rows[i].tag, dl_semver_compare(&version, &same), 0);
	}
	check_true("tag", "four",
		   dl_semver_parse_tag("1.2.3.4", "", &version) && dl_semver_parse("1.2.3", &same) &&
			   dl_semver_compare(&version, &same) > 0);
}

static void test_next(void)
{
	static const struct {
		const char *from;
		enum dl_semver_bump bump;
		const char *next;
	} rows[] = {
		{"1.2.3", DL_BUMP_PATCH, "1.2.4"},
		{"1.2.3", DL_BUMP_MINOR, "1.3.0"},
		{"1.2.3", DL_BUMP_MAJOR, "2.0.0"},
		{"1.2.3", DL_BUMP_NONE, "1.2.3"},
		{"9.99.999", DL_BUMP_PATCH, "9.99.1000"},
		{"99999999999999999999.0.0", DL_BUMP_MAJOR, "100000000000000000000.0.0"},
		{"1.3.0-rc.1", DL_BUMP_NONE, "1.3.0"},
		{"1.3.0-rc.1", DL_BUMP_PATCH, "1.3.0"},
		{"1.3.0-rc.1", DL_BUMP_MINOR, "1.3.0"},
		{"1.3.0-rc.1", DL_BUMP_MAJOR, "2.0.0"},
		{"1.3.1-rc.1", DL_BUMP_MINOR, "1.4.0"},
		{"2.0.0-rc.1", DL_BUMP_MAJOR, "2.0.0"},
		{"1.2", DL_BUMP_PATCH, "1.2.1"},
		{"1.2.3.4", DL_BUMP_PATCH, "1.2.4"},
	};
	struct dl_semver version;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		check_true("next", rows[i].from, dl_semver_parse_tag(rows[i].from, "", &version));
		check_text("next", rows[i].from, dl_semver_next(&scope, &version, rows[i].bump),
			   rows[i].next);
	}
}

static void test_pre(void)
{
	static const struct {
		const char *from, *word, *next;
	} rows[] = {
		{"1.0.0-rc.1", "rc", "2"},      {"1.0.0-rc9", "rc", "10"},   {"1.0.0-rc.0", "rc", "1"},
		{"1.0.0-rc.1.9", "rc.1", "10"}, {"1.0.0-7.1", "7", "2"},     {"1.0.0-beta.3", "rc", NULL},
		{"1.0.0-rc", "rc", NULL},       {"1.0.0", "rc", NULL},       {"1.0.0-rc.x", "rc", NULL},
		{"1.0.0-rc.2", "r", NULL},      {"1.0.0-rc.12", "rc.1", NULL}, {"1.0.0-rc.1.x", "rc", NULL},
	};
	struct dl_semver_part number;
	struct dl_semver version;
	const char *next;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		check_true("pre", rows[i].from, dl_semver_parse(rows[i].from, &version));
		next = dl_semver_pre_number(&version, rows[i].word, &number) ? dl_semver_raise(&scope, number)
									      : NULL;
		check_text("pre", rows[i].from, next, rows[i].next);
	}
	check_true("pre", "rc", dl_semver_is_pre("rc") && dl_semver_is_pre("rc.1") && dl_semver_is_pre("0"));
	check_true("pre", "not",
		   !dl_semver_is_pre("") && !dl_semver_is_pre("r c") && !dl_semver_is_pre("01") &&
			   !dl_semver_is_pre("a..b") && !dl_semver_is_pre("a+b"));
}

int main(void)
{
	dl_scope_open(&scope, NULL);
	test_parse();
	test_order();
	test_tags();
	test_next();
	test_pre();
	dl_scope_close(&scope);
	return check_end("semver");
}
