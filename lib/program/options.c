/* The common options stand in one table, of which a program may have a part: so none of them can mean one
 * thing here and another there. */
#include "lib/program/options.h"

#include "lib/base/scope.h"
#include "lib/base/text.h"

static const struct dl_opt common_options[] = {
	{'C', "directory", DL_OPT_TEXT, offsetof(struct dl_common, dir), "DIR", "work as if started in DIR"},
	{'R', "project", DL_OPT_TEXT, offsetof(struct dl_common, project), "PROJECT",
	 "ask about PROJECT: OWNER/NAME, a URL or a ref"},
	{'p', "provider", DL_OPT_TEXT, offsetof(struct dl_common, provider), "PROVIDER",
	 "ask PROVIDER: see dl-providers(1)"},
	{'n', "limit", DL_OPT_COUNT, offsetof(struct dl_common, limit), "LIMIT",
	 "at most LIMIT records; 0: all"},
	{'j', "lines", DL_OPT_FLAG, offsetof(struct dl_common, lines), NULL,
	 "print one JSON object per line (the default in a pipe)"},
	{'t', "table", DL_OPT_FLAG, offsetof(struct dl_common, table), NULL,
	 "print an aligned table (the default on a terminal)"},
	{'F', "field", DL_OPT_TEXT, offsetof(struct dl_common, fields), "FIELD",
	 "print only the raw value of FIELD; FIELD,FIELD with a tab between"},
	{'q', "quiet", DL_OPT_FLAG, offsetof(struct dl_common, quiet), NULL,
	 "no notes and no progress on stderr"},
	{'v', "verbose", DL_OPT_FLAG, offsetof(struct dl_common, trace), NULL,
	 "trace requests on stderr, without secrets"},
	{'N', "dry-run", DL_OPT_FLAG, offsetof(struct dl_common, dry_run), NULL,
	 "change nothing; say what would be sent"},
	{0, "timeout", DL_OPT_PERIOD, offsetof(struct dl_common, timeout_s), "TIME",
	 "give up after TIME: 90s, 15m, 2h"},
	{0, "max-age", DL_OPT_DURATION, offsetof(struct dl_common, max_age_s), "TIME",
	 "be content with answers from disk that are no older than TIME"},
	{0, "reserve", DL_OPT_COUNT, offsetof(struct dl_common, reserve), "N",
	 "leave N requests of the provider's quota for others"},
	{'h', "help", DL_OPT_FLAG, offsetof(struct dl_common, help), NULL, "print this"},
	{'V', "version", DL_OPT_FLAG, offsetof(struct dl_common, version), NULL, "print the version"},
	{0, "completion", DL_OPT_TEXT, offsetof(struct dl_common, completion), "SHELL", NULL},
	{.name = NULL},
};

/* What no program lacks. */
static const char always[] = "help,version,completion";

const struct dl_opt *dl_options_common(struct dl_scope *scope, const struct dl_program *program)
{
	size_t rows = sizeof common_options / sizeof *common_options, count = 0;
	const struct dl_opt *row;
	struct dl_opt *kept;

	if (!program->common)
		return common_options;
	kept = dl_arena_array(&scope->arena, rows, sizeof *kept);
	for (row = common_options; row->name; row++)
		if (dl_text_in(row->name, program->common) || dl_text_in(row->name, always))
			kept[count++] = *row;
	return kept;
}
