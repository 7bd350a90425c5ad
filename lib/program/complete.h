/* complete: scripts that teach bash, zsh and fish the options of a program, and what their values can be. */
#ifndef DL_COMPLETE_H
#define DL_COMPLETE_H

struct dl_program;
struct dl_provider;
struct dl_scope;

/* dl_complete_script(scope, program, providers, shell): the script that SHELL ("bash", "zsh" or "fish") is to
 * read, in SCOPE. It offers every option that `--help` tells of. PROVIDERS, a list that ends with NULL, are
 * those that the program may ask; NULL: none. NULL: failed, DL_USAGE: another shell. */
const char *dl_complete_script(struct dl_scope *scope, const struct dl_program *program,
			       const struct dl_provider *const *providers, const char *shell);

#endif
