/* refresh: asking about a repository again, behind the back of a program that cannot wait. */
#ifndef DL_REFRESH_H
#define DL_REFRESH_H

#include <stdint.h>

struct dl_checkout;
struct dl_scope;

/* dl_refresh_start(scope, checkout, dir, pause_s): starts `dl-status` about CHECKOUT's branch or commit,
 * which keeps the verdict (lib/ci/last.h), and does not wait for it: it has a session of its own, and none of
 * this program's files. DIR is where the repository was looked for; NULL: here. Nothing happens while another
 * one is at work on the same repository, or when one was started less than PAUSE_S seconds ago, or 30. That
 * it cannot be started is no failure. */
void dl_refresh_start(struct dl_scope *scope, const struct dl_checkout *checkout, const char *dir,
		      int64_t pause_s);

#endif
