/* gate: the decision of the pre-push hook: may this push go?
 *
 * It is about the commit that the server has now, which git names: pushing onto a red branch is stopped, and
 * so is, with the local provider, pushing a commit whose own workflows fail. Whatever keeps it from an answer
 * lets the push go: a gate that is in the way wrongly is switched off for good. */
#ifndef DL_GATE_H
#define DL_GATE_H

#include <stdbool.h>

#include "lib/base/fail.h"

struct dl_scope;

struct dl_gate {
	const char *remote; /* the hook's first argument: the remote's name, or its URL where it has none */
	const char *url;    /* its second */
	int input;          /* git's lines about refs, read to their end in every case */
	bool quiet;         /* nothing is said but why a push is stopped */
};

/* dl_gate_decide(scope, gate): DL_OK: the push may go; DL_NO: it is stopped, and stderr has been told why and
 * how to push all the same. A push that may go is watched from then on (lib/push/arm.h). Never fails, and
 * adds one line to the event log. */
enum dl_class dl_gate_decide(struct dl_scope *scope, const struct dl_gate *gate);

#endif
