/* A command line, one argument a line: what is no option is an operand, in order; what is wrong is said. */
#include "lib/data/opt.h"

#include "tests/fuzz/fuzz.h"

enum { ARGUMENTS = 32 };

struct values {
	bool flag;
	const char *text;
	long count;
	int64_t duration, since;
	struct dl_opt_list list;
};

static const struct dl_opt table[] = {
	{'f', "flag", DL_OPT_FLAG, offsetof(struct values, flag), NULL, "a flag"},
	{'t', "text", DL_OPT_TEXT, offsetof(struct values, text), "TEXT", "any text, with help of two lines"},
	{'n', "count", DL_OPT_COUNT, offsetof(struct values, count), "N", "a count"},
	{0, "duration", DL_OPT_DURATION, offsetof(struct values, duration), "TIME", "a duration"},
	{'s', "since", DL_OPT_SINCE, offsetof(struct values, since), "TIME", "a time"},
	{'l', "list-of-twenty-chars", DL_OPT_LIST, offsetof(struct values, list), "TEXT", "again and again"},
	{.name = NULL},
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_rest rest = {(const char *)data, size};
	struct values values = {.duration = 0};
	struct dl_opt_set set = {table, &values};
	struct dl_opt_list operands = {NULL, 0};
	char *argv[ARGUMENTS + 1] = {NULL};
	int argc = 0, next = 0;
	struct dl_scope scope;
	struct dl_buf help;
	size_t i;

	dl_scope_open(&scope, NULL);
	while (argc < ARGUMENTS && (rest.len || !argc))
		argv[argc++] = fuzz_take(&scope.arena, &rest, '\n');
	if (dl_opt_parse(&scope, &set, 1, argc, argv, &operands))
		HOLDS(fuzz_failed(&scope, DL_USAGE));
	HOLDS(values.count >= 0 && values.duration >= 0 && operands.count + values.list.count < (size_t)argc);
	for (i = 0; i < operands.count; i++) {
		while (++next < argc && argv[next] != operands.items[i])
			;
		HOLDS(next < argc);
	}
	dl_buf_init(&help, &scope.arena, FUZZ_CAP);
	dl_opt_help(&help, table, (int)(unsigned char)argv[0][0]);
	HOLDS(dl_text_ends(help.data, "\n"));
	dl_scope_close(&scope);
	return 0;
}
