/* complete: scripts that teach bash, zsh and fish the options of a program, and what their values can be. */
#ifndef DL_COMPLETE_H
#define DL_COMPLETE_H

struct dl_program;
struct dl_scope;

/* dl_complete_script(scope, program, shell): the script that SHELL ("bash", "zsh" or "fish") is to read, in
 * SCOPE. It offers every option that `--help` tells of. NULL: failed, DL_USAGE: another shell. */
const char *dl_complete_script(struct dl_scope *scope, const struct dl_program *program, const char *shell);

#endif
