/* report: records as one page of HTML (lib/data/html.h), to be looked at: the history of each workflow as a
 * grid, the releases with their notes, the changes by section, and all else as tables. */
#ifndef DL_REPORT_H
#define DL_REPORT_H

#include "lib/base/fail.h"
#include "lib/ci/trend.h"
#include "lib/data/sink.h"

struct dl_out;
struct dl_scope;

enum { DL_REPORT_KINDS = 64 };

struct dl_report {
	struct dl_sink sink;
	struct dl_trends trends;
	struct dl_sink_list lists[DL_REPORT_KINDS]; /* one for each row of dl_record_all */
	size_t count;
};

/* dl_report_open(report, scope): REPORT is empty, takes records, and keeps them in SCOPE. */
void dl_report_open(struct dl_report *report, struct dl_scope *scope);

/* dl_report_print(scope, report, out): prints the page. As dl_out_text. */
DL_MUST_CHECK int dl_report_print(struct dl_scope *scope, struct dl_report *report, struct dl_out *out);

#endif
