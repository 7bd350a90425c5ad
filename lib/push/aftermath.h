/* aftermath: what comes after a push: finding the CI runs that it started, watching them to their end, and
 * telling that: to the event log, to dl-prompt, and to the user's hook post-push. */
#ifndef DL_AFTERMATH_H
#define DL_AFTERMATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/ci/ask.h"

struct dl_git_config;
struct dl_push;
struct dl_scope;
struct dl_verdict;

/* What is known of one ref's runs. */
struct dl_aftermath_ref {
	const char *commit;                /* the one that CI knows; NULL: what was pushed is none */
	const struct dl_verdict *verdict;  /* NULL: CI has not answered */
	enum dl_class class;               /* the exit code that goes with it */
	const char *said;                  /* what there is to say about it; NULL: nothing */
	bool open;                         /* it is not over */
	bool claimed;                      /* other watchers can see that this one has it */
	bool left;                         /* a newer push has taken its place */
};

struct dl_aftermath {
	const char *program;     /* for the event log */
	const char *dir;         /* the top of the working tree that was pushed from; NULL: it has none */
	const char *common_dir;  /* the git dir that all working trees share */
	struct dl_push *pushes;  /* all to the same URL, their outcomes known */
	size_t count;
	const char *claim; /* names this watch: a newer one of the same ref takes that over; NULL: none can */
	int64_t deadline_ms;     /* of dl_time_clock_ms; 0: none */
	bool foreground;         /* somebody looks on: only a hook of the user's is run, and is heard */

	bool hookless;           /* no hook is run */

	/* Called after each look; NULL: nobody looks on. */
	void (*tell)(const struct dl_aftermath *aftermath);

	struct dl_aftermath_ref *refs; /* one for each of .pushes; set by dl_aftermath_watch */
	int64_t begun_ms;        /* the same: when the watching began */
};

/* dl_aftermath_place(scope, aftermath): the folder to run things in: .dir, or .common_dir once that working
 * tree is gone; NULL: the repository is gone, too. */
const char *dl_aftermath_place(struct dl_scope *scope, const struct dl_aftermath *aftermath);

/* dl_aftermath_watch(scope, aftermath, config): looks at CI until it is over for every ref that has arrived,
 * or that the server had already, and sets .verdict and what goes with it of the pushes. A run may take 90
 * seconds to appear; "none has" is a result. A network that fails is borne with until the deadline. CONFIG is
 * git's. */
void dl_aftermath_watch(struct dl_scope *scope, struct dl_aftermath *aftermath,
			const struct dl_git_config *config);

/* dl_aftermath_report(scope, aftermath): one line of the event log for each ref, and the hook post-push when
 * something has arrived, or its connection was dropped. */
void dl_aftermath_report(struct dl_scope *scope, const struct dl_aftermath *aftermath);

/* dl_aftermath_class(aftermath): what all refs amount to, as dl_aftermath_worse has it; DL_OK where nothing
 * was to be watched. */
enum dl_class dl_aftermath_class(const struct dl_aftermath *aftermath);

/* dl_aftermath_worse(class, other): of two exit codes the one that counts: DL_NO, for a red run; else a
 * failure to ask; DL_PENDING; DL_OK; DL_MISSING, where there are no runs. Pure. */
enum dl_class dl_aftermath_worse(enum dl_class class, enum dl_class other);

/* dl_aftermath_word(word, other): of two verdicts (enum dl_verdict_word; DL_VERDICT_NULL: CI could not be
 * asked) the one that counts. Pure. */
int dl_aftermath_word(int word, int other);

#endif
