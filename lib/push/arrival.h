/* arrival: what became of the refs of a push that git made without telling us. */
#ifndef DL_ARRIVAL_H
#define DL_ARRIVAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/push/ancestor.h"

struct dl_ask_whom;
struct dl_push;
struct dl_scope;

/* What is known of a ref when git has ended. */
struct dl_arrival_facts {
	bool followed; /* a ref here follows it, and stood somewhere else before the push */
	bool moved;    /* that stands at what was pushed by now */
	struct dl_ancestor_end end; /* of git */
};

enum dl_arrival_word {
	DL_ARRIVAL_YES,
	DL_ARRIVAL_NO,
	DL_ARRIVAL_ASK,   /* neither can be told from here */
	DL_ARRIVAL_AGAIN, /* the same, and the server may still be at work */
};

/* dl_arrival_judge(facts): what FACTS amount to. An exit code says little where there are several refs: 1
 * also when all but one have arrived, and 0 for a push that had nothing to do. Pure. */
enum dl_arrival_word dl_arrival_judge(const struct dl_arrival_facts *facts);

struct dl_arrival {
	struct dl_push *pushes;
	size_t count;
	struct dl_ancestor_end end;
	const char *dir;                /* where git is run */
	const struct dl_ask_whom *whom; /* NULL: CI cannot be asked */
	int64_t since;                  /* when the push began */
	int64_t waited_s;               /* for so long the gate held it up */
};

/* dl_arrival_wait(scope, arrival, git, timeout_ms): waits until the push that GIT makes is over, which sets
 * .end. Where its process is not known (.pid is 0), until a tracking ref shows that something has arrived, or
 * for a minute. Closes what GIT is held by. */
void dl_arrival_wait(struct dl_scope *scope, struct dl_arrival *arrival, const struct dl_ancestor *git,
		     int timeout_ms);

/* dl_arrival_find(scope, arrival): sets .outcome and .how of all refs that are not deleted, after asking
 * those who may know where git's refs and exit code do not tell: CI, and the server when that cannot ask for
 * a passphrase or a key to be touched. Takes a minute and a half at most. */
void dl_arrival_find(struct dl_scope *scope, const struct dl_arrival *arrival);

#endif
