/* options: what a program says of itself in its table, and the options that it has in common with others. */
#ifndef DL_OPTIONS_H
#define DL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/data/opt.h"
#include "lib/provider/provider.h"

struct dl_schema;
struct dl_scope;

/* Where a program's refs come from. */
enum dl_input_kind {
	DL_TAKES_NOTHING, /* no refs */
	DL_TAKES_DASH,    /* it has an answer without any: arguments, or standard input when told `-` */
	DL_TAKES_REFS,    /* it needs some: arguments, else standard input when that is no terminal */
};

/* What a program is, for the frames, for `--help` and for the tests that compare it with its man page. */
struct dl_program {
	const char *name;
	const char *summary;  /* as in the man page's NAME */
	const char *operands; /* of the usage line */
	const struct dl_opt *options; /* its own; NULL: none */
	const struct dl_schema *schema; /* of the records it prints; NULL: text, or several kinds */
	enum dl_input_kind takes;
	enum dl_provider_kind kind; /* whom it asks */
	const void *const *registries; /* dl_registries; NULL: it asks none */
	const char *example;  /* one command line */
	bool text;            /* prints text unless told -j */
	bool traceless;       /* leaves nothing on disk: no answer, no event */
	const char *common;   /* the names of the common options it has, separated by commas; NULL: all */
};

/* The options that programs have in common. */
struct dl_common {
	const char *dir, *project, *provider, *fields, *completion;
	long limit; /* -1: not given */
	bool lines, table, quiet, trace, dry_run, help, version;
	int64_t timeout_s; /* for the whole run; 0: none */
	int64_t max_age_s; /* answers that are no older need not be asked for; 0: all are */
	long reserve;      /* requests to leave in the quota; -1: not given */
};

/* dl_options_common(scope, program): the common options that PROGRAM has. */
const struct dl_opt *dl_options_common(struct dl_scope *scope, const struct dl_program *program);

#endif
