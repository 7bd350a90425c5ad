#include "lib/data/pep440.h"

#include "lib/base/scope.h"
#include "tests/unit/check.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct dl_scope scope;

/* The table of cases that the reference implementation is tested with, rising, and numbers that no integer
 * holds. */
static const char *const ordered[] = {
	/* Epoch 0. */
	"1.0.dev456", "1.0a1", "1.0a2.dev456", "1.0a12.dev456", "1.0a12", "1.0b1.dev456", "1.0b2",
	"1.0b2.post345.dev456", "1.0b2.post345", "1.0b2-346", "1.0c1.dev456", "1.0c1", "1.0rc2", "1.0c3",
	"1.0", "1.0.post456.dev34", "1.0.post456", "1.1.dev1", "1.2+123abc", "1.2+123abc456", "1.2+abc",
	"1.2+abc123", "1.2+abc123def", "1.2+1234.abc", "1.2+123456", "1.2.r32+123456", "1.2.rev33+123456",
	"20201231235959999999999", "20201231235959999999999.1", "100000000000000000000000000000",
	/* Epoch 1. */
	"1!1.0.dev456", "1!1.0a1", "1!1.0a2.dev456", "1!1.0a12.dev456", "1!1.0a12", "1!1.0b1.dev456",
	"1!1.0b2", "1!1.0b2.post345.dev456", "1!1.0b2.post345", "1!1.0b2-346", "1!1.0c1.dev456", "1!1.0c1",
	"1!1.0rc2", "1!1.0c3", "1!1.0", "1!1.0.post456.dev34", "1!1.0.post456", "1!1.1.dev1",
	"1!1.2+123abc", "1!1.2+123abc456", "1!1.2+abc", "1!1.2+abc123", "1!1.2+abc123def",
	"1!1.2+1234.abc", "1!1.2+123456", "1!1.2.r32+123456", "1!1.2.rev33+123456",
	"18446744073709551617!0",
};

static void test_order(void)
{
	struct dl_pep440 a, b;
	size_t i, j;
	int order;

	for (i = 0; i < COUNT(ordered); i++)
		for (j = 0; j < COUNT(ordered); j++) {
			check_true("parse", ordered[i],
				   dl_pep440_parse(ordered[i], &a) && dl_pep440_parse(ordered[j], &b));
			order = dl_pep440_compare(&a, &b);
			check_int(ordered[i], ordered[j], (order > 0) - (order < 0), (i > j) - (i < j));
		}
}

/* What is written differently, and the same. */
static const struct {
	const char *text, *normal;
} spellings[] = {
	{"1.0dev", "1.0.dev0"},
	{"1.0.dev", "1.0.dev0"},
	{"1.0dev1", "1.0.dev1"},
	{"1.0-dev", "1.0.dev0"},
	{"1.0-dev1", "1.0.dev1"},
	{"1.0DEV", "1.0.dev0"},
	{"1.0.DEV1", "1.0.dev1"},
	{"1.0a", "1.0a0"},
	{"1.0.a", "1.0a0"},
	{"1.0.a1", "1.0a1"},
	{"1.0-a", "1.0a0"},
	{"1.0-a1", "1.0a1"},
	{"1.0alpha", "1.0a0"},
	{"1.0.alpha1", "1.0a1"},
	{"1.0-ALPHA-1", "1.0a1"},
	{"1.0b", "1.0b0"},
	{"1.0.beta1", "1.0b1"},
	{"1.0-BETA", "1.0b0"},
	{"1.0c", "1.0rc0"},
	{"1.0.c1", "1.0rc1"},
	{"1.0-RC1", "1.0rc1"},
	{"1.0preview2", "1.0rc2"},
	{"1.0pre", "1.0rc0"},
	{"1.0post", "1.0.post0"},
	{"1.0.post", "1.0.post0"},
	{"1.0-post1", "1.0.post1"},
	{"1.0POST-1", "1.0.post1"},
	{"1.0-5", "1.0.post5"},
	{"1.0r4", "1.0.post4"},
	{"1.0.rev4", "1.0.post4"},
	{"1.0a.post1", "1.0a0.post1"},
	{"1.0a-.post1", "1.0a0.post1"},
	{"1.0+AbC", "1.0+abc"},
	{"1.01", "1.1"},
	{"1.0a05", "1.0a5"},
	{"1.0.post000", "1.0.post0"},
	{"1.0.dev05", "1.0.dev5"},
	{"1.0+a-b_c.007", "1.0+a.b.c.7"},
	{"  v1.0\t\n", "1.0"},
	{"V1.0", "1.0"},
	{"00!1.2", "1.2"},
	{"07!1.2", "7!1.2"},
	{"2012.04", "2012.4"},
	{"1.0a1.post2.dev3+local.4", "1.0a1.post2.dev3+local.4"},
	{"0.0.0", "0.0.0"},
	{"1", "1"},
};

static void test_normal(void)
{
	struct dl_pep440 version, again;
	size_t i;
	bool good;

	for (i = 0; i < COUNT(spellings); i++) {
		good = dl_pep440_parse(spellings[i].text, &version);
		check_true("valid", spellings[i].text, good);
		if (!good)
			continue;
		check_text("normal", spellings[i].text, dl_pep440_normal(&scope.arena, &version),
			   spellings[i].normal);
		check_int("the same", spellings[i].text,
			  dl_pep440_parse(spellings[i].normal, &again) &&
				  !dl_pep440_compare(&version, &again),
			  1);
	}
}

static void test_refuse(void)
{
	static const char *const bad[] = {
		"",
		"french toast",
		"v",
		"1.0+a+",
		"1.0++",
		"1.0+_foobar",
		"1.0+foo&asd",
		"1.0+1+1",
		"1.",
		".1",
		"1..0",
		"1.0-",
		"1.0.",
		"!1.0",
		"1!",
		"1.0 a",
		"1.0-1-1",
		"1.0-rc.1.2",
		"1.0+",
		"1.0+a.",
		"1.0+.a",
		"1.0.3-SNAPSHOT",
		"1.0\xC3\xA4",
		"latest",
		"1.0devpost",
		"=1.0",
		"1.0.dev1.post2",
		"vv1.0",
	};
	struct dl_pep440 version;
	size_t i;

	for (i = 0; i < COUNT(bad); i++)
		check_true("refuse", bad[i], !dl_pep440_parse(bad[i], &version));
}

static void test_equal(void)
{
	static const struct {
		const char *one, *other;
		int order;
	} rows[] = {
		{"1.0", "1", 0},	{"1.0.0", "1", 0},	   {"1.0a1", "1a1", 0},
		{"1!0", "1!0.0", 0},	{"1.0+a.b", "1.0+A-B", 0}, {"1.0+a", "1.0", 1},
		{"1.0+1", "1.0+a", 1},	{"1.0+a.1", "1.0+a", 1},   {"0", "0.0.1.dev1", -1},
		{"1.0.10", "1.0.9", 1}, {"1.0.post1", "1.0", 1},   {"1.0", "1.0.post1.dev1", -1},
	};
	struct dl_pep440 a, b;
	size_t i;
	int order;

	for (i = 0; i < COUNT(rows); i++) {
		check_true("parse", rows[i].one,
			   dl_pep440_parse(rows[i].one, &a) && dl_pep440_parse(rows[i].other, &b));
		order = dl_pep440_compare(&a, &b);
		check_int(rows[i].one, rows[i].other, (order > 0) - (order < 0), rows[i].order);
		order = dl_pep440_compare(&b, &a);
		check_int(rows[i].other, rows[i].one, (order > 0) - (order < 0), -rows[i].order);
	}
}

static void test_pre(void)
{
	static const struct {
		const char *text;
		bool pre;
	} rows[] = {
		{"1.0", false},      {"1.0.post1", false}, {"1.0+a", false},         {"1.0a1", true},
		{"1.0.dev1", true},  {"1.0rc1.post1", true}, {"1.0.post1.dev1", true}, {"1!2", false},
	};
	struct dl_pep440 version;
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		check_int("pre-release", rows[i].text,
			  dl_pep440_parse(rows[i].text, &version) && dl_pep440_is_pre(&version), rows[i].pre);
}

int main(void)
{
	dl_scope_open(&scope, NULL);
	test_order();
	test_normal();
	test_refuse();
	test_equal();
	test_pre();
	dl_scope_close(&scope);
	return check_end("pep440");
}
