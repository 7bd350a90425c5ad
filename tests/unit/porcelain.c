#include "lib/push/porcelain.h"

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/push/aftermath.h"
#include "tests/unit/check.h"

static struct dl_scope scope;

struct values {
	bool quiet, dry_run;
	const char *dir, *field;
};

static const struct dl_opt table[] = {
	{'q', "quiet", DL_OPT_FLAG, offsetof(struct values, quiet), NULL, ""},
	{'N', "dry-run", DL_OPT_FLAG, offsetof(struct values, dry_run), NULL, ""},
	{'C', "directory", DL_OPT_TEXT, offsetof(struct values, dir), "DIR", ""},
	{.name = NULL},
};

static const struct dl_opt own[] = {
	{0, "field", DL_OPT_TEXT, offsetof(struct values, field), "FIELD", ""},
	{.name = NULL},
};

static const char *joined(const struct dl_opt_list *list)
{
	struct dl_buf text;
	size_t i;

	dl_buf_init(&text, &scope.arena, DL_CAP_LINE);
	dl_buf_puts(&text, "");
	for (i = 0; i < list->count; i++)
		dl_buf_printf(&text, "%s%s", i ? " " : "", list->items[i]);
	return list->count ? text.data : "";
}

static void test_split(void)
{
	static const struct {
		const char *argv[8], *ours, *git, *where;
		bool dry_run, quiet;
	} rows[] = {
		{{"x"}, "x", "", NULL, false, false},
		{{"x", "origin", "main"}, "x", "origin main", "origin", false, false},
		{{"x", "-q", "-f", "origin", "-N"}, "x -q -N", "-f origin", "origin", false, false},
		{{"x", "-qN"}, "x -qN", "", NULL, false, false},
		{{"x", "-fq", "origin"}, "x", "-fq origin", "origin", false, true},
		{{"x", "-n", "origin"}, "x", "-n origin", "origin", true, false},
		{{"x", "-C", "dir", "-Cdir", "origin"}, "x -C dir -Cdir", "origin", "origin", false, false},
		{{"x", "-qC", "-o"}, "x -qC -o", "", NULL, false, false},
		{{"x", "--field", "a", "--field=b", "--fields"},
		 "x --field a --field=b",
		 "--fields",
		 NULL,
		 false,
		 false},
		{{"x", "-o", "-q", "origin"}, "x", "-o -q origin", "origin", false, false},
		{{"x", "-fo", "-q", "origin"}, "x", "-fo -q origin", "origin", false, false},
		{{"x", "--push-option", "-N", "origin"},
		 "x",
		 "--push-option -N origin",
		 "origin",
		 false,
		 false},
		{{"x", "--repo", "up", "--tags"}, "x", "--repo up --tags", "up", false, false},
		{{"x", "--repo=up"}, "x", "--repo=up", "up", false, false},
		{{"x", "--", "-q", "main"}, "x", "-- -q main", "-q", false, false},
		{{"x", "-u", "--", "origin", "-N"}, "x", "-u -- origin -N", "origin", false, false},
		{{"x", "--field"}, "x --field", "", NULL, false, false},
		{{"x", "-", "origin"}, "x", "- origin", "origin", false, false},
	};
	const struct dl_opt_set sets[] = {{table, NULL}, {own, NULL}};
	struct dl_porcelain_args args;
	size_t i;
	int argc;

	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		for (argc = 0; rows[i].argv[argc];)
			argc++;
		dl_porcelain_split(&scope, sets, 2, argc, (char **)(uintptr_t)rows[i].argv, &args);
		check_text("ours", rows[i].git, joined(&args.ours), rows[i].ours);
		check_text("git", rows[i].git, joined(&args.git), rows[i].git);
		check_text("where", rows[i].git, args.where, rows[i].where);
		check_int("dry run", rows[i].git, args.flags.dry_run, rows[i].dry_run);
		check_int("quiet", rows[i].git, args.flags.quiet, rows[i].quiet);
	}
}

/* From what counts least to what counts most. */
static void test_worse(void)
{
	static const enum dl_class order[] = {DL_MISSING, DL_OK, DL_PENDING, DL_NETWORK, DL_NO};
	size_t i, j;

	for (i = 0; i < sizeof order / sizeof *order; i++)
		for (j = 0; j <= i; j++) {
			check_int("worse", "more", dl_aftermath_worse(order[i], order[j]), order[i]);
			check_int("worse", "less", dl_aftermath_worse(order[j], order[i]), order[i]);
		}
}

int main(void)
{
	dl_scope_open(&scope, NULL);
	test_split();
	test_worse();
	dl_scope_close(&scope);
	return check_end("porcelain");
}
