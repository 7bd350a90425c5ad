/* opt: option tables. One row makes the parser, `--help`, the completions and the check of the man page. */
#ifndef DL_OPT_H
#define DL_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/fail.h"

struct dl_buf;
struct dl_scope;

/* Where an option's value goes. */
enum dl_opt_type {
	DL_OPT_FLAG,     /* bool */
	DL_OPT_TEXT,     /* const char *, never empty */
	DL_OPT_COUNT,    /* long, 0 or more */
	DL_OPT_DURATION, /* int64_t seconds: 90, 90s, 15m, 2h, 1d */
	DL_OPT_PERIOD,   /* the same, and not 0, which stands for none */
	DL_OPT_SINCE,    /* int64_t: a time, a date, or a duration before now */
	DL_OPT_LIST,     /* struct dl_opt_list: may be given again and again */
};

struct dl_opt_list {
	const char **items;
	size_t count;
};

struct dl_opt {
	char letter;       /* 0: none */
	const char *name;  /* without the dashes; NULL ends the table */
	enum dl_opt_type type;
	size_t offset;     /* of its value in the struct that goes with the table */
	const char *arg;   /* what the value is, in capitals, for which lib/program/complete.c may know words;
			      NULL: a flag */
	const char *help;  /* one line, lower case; NULL: neither --help nor completion tells of the option */
};

/* A table and the struct its values go to. */
struct dl_opt_set {
	const struct dl_opt *table;
	void *values;
};

/* dl_opt_parse(scope, sets, count, argc, argv, operands): fills in the values; what is no option goes to
 * OPERANDS, in order. Options and operands may be mixed; `--` ends the options; `-` is an operand. Strings
 * are borrowed from ARGV. DL_USAGE: an unknown option (the hint names the nearest), a missing, superfluous or
 * malformed value. */
DL_MUST_CHECK int dl_opt_parse(struct dl_scope *scope, const struct dl_opt_set *sets, size_t count, int argc,
			       char **argv, struct dl_opt_list *operands);

/* dl_opt_help(buf, table, columns): appends one paragraph per option with a help text, for a terminal of
 * COLUMNS. */
void dl_opt_help(struct dl_buf *buf, const struct dl_opt *table, int columns);

#endif
