/* program: what every program is made of, whether it asks a server or not: its table, the options that all
 * have in common, `--help`, the message of its failure. lib/program/tool.h is the frame of those that ask;
 * this is that of those that must start in a millisecond, and so load no library for the network, git or
 * YAML:
 *
 *	int main(int argc, char **argv)
 *	{
 *		struct options options = {0};
 *		struct dl_common common;
 *		struct dl_opt_list operands;
 *		struct dl_scope scope;
 *
 *		if (dl_program_begin(&scope, &program, argc, argv, &common, &options, &operands) == 0)
 *			show(&scope, &common, &options);
 *		return dl_program_end(&scope, &program, DL_OK);
 *	}
 */
#ifndef DL_PROGRAM_H
#define DL_PROGRAM_H

#include "lib/base/fail.h"
#include "lib/program/options.h"

struct dl_error;
struct dl_opt_list;
struct dl_out;
struct dl_scope;

/* dl_program_parse(scope, program, argc, argv, common, options, operands): reads the command line into
 * COMMON, which is overwritten, OPTIONS, which holds the defaults, and OPERANDS. 0: go on; 1: help or version
 * was printed; -1: DL_USAGE, also for operands that the usage line does not have. */
DL_MUST_CHECK int dl_program_parse(struct dl_scope *scope, const struct dl_program *program, int argc,
				   char **argv, struct dl_common *common, void *options,
				   struct dl_opt_list *operands);

/* dl_program_begin(scope, program, argc, argv, common, options, operands): opens SCOPE for the whole program,
 * then the same as dl_program_parse; `--completion` is done, too. 0: go on; 1: all is done; -1: failed, also
 * DL_SYSTEM: standard output cannot be written. dl_program_end is due in every case. */
DL_MUST_CHECK int dl_program_begin(struct dl_scope *scope, const struct dl_program *program, int argc,
				   char **argv, struct dl_common *common, void *options,
				   struct dl_opt_list *operands);

/* dl_program_out(scope, common, out): OUT prints records to standard output as COMMON says: lines, a table,
 * which is what a terminal gets, or fields. DL_USAGE when it says several things. */
DL_MUST_CHECK int dl_program_out(struct dl_scope *scope, const struct dl_common *common, struct dl_out *out);

/* dl_program_error(program, about, error): tells ERROR on stderr, in one line, and its hint in another.
 * ABOUT, which is printed as it is, says what it is about; NULL: the program. */
void dl_program_error(const struct dl_program *program, const char *about, const struct dl_error *error);

/* dl_program_end(scope, program, answer): tells the failure of SCOPE and closes it. What the program itself
 * prints goes through a struct dl_out, which it has flushed. Returns the exit code: that of the failure, or
 * ANSWER. */
DL_MUST_CHECK int dl_program_end(struct dl_scope *scope, const struct dl_program *program,
				 enum dl_class answer);

#endif
