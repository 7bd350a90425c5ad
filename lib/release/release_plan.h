/* release_plan: the lines that a dry run has put, which are carried out exactly or not at all. */
#ifndef DL_RELEASE_PLAN_H
#define DL_RELEASE_PLAN_H

#include "lib/base/fail.h"
#include "lib/data/sink.h"

struct dl_assets;
struct dl_call;
struct dl_release;
struct dl_release_wish;
struct dl_scope;

struct dl_release_plan {
	const struct dl_release *release;
	struct dl_sink_list assets; /* of struct dl_asset */
};

/* dl_release_plan_read(scope, plan): reads PLAN from standard input. DL_MISSING: nothing came in; DL_DATA: a
 * line is no part of a plan, or it is not one release; DL_REFUSED: something in it is not planned. */
DL_MUST_CHECK int dl_release_plan_read(struct dl_scope *scope, struct dl_release_plan *plan);

/* dl_release_plan_wish(scope, plan, wish): WISH is what PLAN says, which is borrowed. */
void dl_release_plan_wish(struct dl_scope *scope, const struct dl_release_plan *plan,
			  struct dl_release_wish *wish);

/* dl_release_plan_check(scope, call, plan, found, assets): whether PLAN is about CALL's target, about FOUND,
 * the release as it is there (NULL: it is not), and about the files of ASSETS. DL_REFUSED: it is not. */
DL_MUST_CHECK int dl_release_plan_check(struct dl_scope *scope, const struct dl_call *call,
					const struct dl_release_plan *plan, const struct dl_release *found,
					const struct dl_assets *assets);

/* dl_release_plan_check_there(scope, plan, assets): the same of what was found there of ASSETS. */
DL_MUST_CHECK int dl_release_plan_check_there(struct dl_scope *scope, const struct dl_release_plan *plan,
					      const struct dl_assets *assets);

#endif
