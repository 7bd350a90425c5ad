/* ref: the currency. PROVIDER[@HOST]:PROJECT/KIND[/ID], for example
 *
 *	github:owner/repo/run/123      gitlab@git.example.com:group/sub/project/run/17
 *	local:/run/4                   jenkins@ci.example.com/jenkins:folder/job/run/7
 *
 * A ref is enough to ask about the thing again. In PROJECT `/` separates segments; every other character
 * outside `A-Za-z0-9._~-`, and every `/` inside ID, is percent-encoded. HOST may have a port and a path, and
 * is left out when it is the provider's own. */
#ifndef DL_REF_H
#define DL_REF_H

#include "lib/base/fail.h"

struct dl_arena;
struct dl_scope;

struct dl_ref {
	const char *provider;
	const char *host;    /* NULL: the provider's own */
	const char *project; /* decoded; "" where the provider has only one */
	const char *kind;    /* "run", "job", "workflow", "commit", "repo", ... */
	const char *id;      /* decoded; NULL for kinds that name the project itself ("repo") */
};

/* dl_ref_parse(scope, text, ref): takes TEXT apart; the parts live in SCOPE. DL_USAGE when it is no ref: an
 * unknown kind, an empty, "." or ".." segment, a control byte, a wrong escape. */
DL_MUST_CHECK int dl_ref_parse(struct dl_scope *scope, const char *text, struct dl_ref *ref);

/* dl_ref_format(arena, ref): the text of REF; dl_ref_parse gives back the same parts. */
char *dl_ref_format(struct dl_arena *arena, const struct dl_ref *ref);

/* dl_ref_refuse(scope, ref, what, hint): DL_USAGE: a thing of the kind of REF does not do here. WHAT is the
 * rest of the sentence, "is no run", and HINT names what does. Returns -1. */
DL_MUST_CHECK int dl_ref_refuse(struct dl_scope *scope, const struct dl_ref *ref, const char *what,
				const char *hint);

#endif
