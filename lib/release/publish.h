/* publish: how one file reaches a registry or a release, so that the same steps taken again complete what a
 * failure has left.
 *
 * Whether a file is there is asked of the server and decided by hash. After a failure that leaves it open
 * what has arrived, the server is asked before the file is sent again; a refusal, too, may mean that it is
 * there. */
#ifndef DL_PUBLISH_H
#define DL_PUBLISH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/base/fail.h"
#include "lib/net/body.h"
#include "lib/provider/provider.h"

struct dl_call;
struct dl_record_head;
struct dl_schema;
struct dl_scope;
struct dl_sink;
struct dl_sink_list;
struct dl_tool;

/* The steps of a registry (struct dl_registry) or a forge (struct dl_forge) that are about one file. */
struct dl_publish_steps {
	int (*stat)(struct dl_scope *scope, const struct dl_target *target, const struct dl_edition *edition,
		    const struct dl_upload *upload);
	int (*put)(struct dl_scope *scope, const struct dl_target *target, const struct dl_edition *edition,
		   const struct dl_upload *upload, struct dl_sink *sink);
	int (*verify)(struct dl_scope *scope, const struct dl_target *target,
		      const struct dl_edition *edition, const struct dl_upload *upload); /* NULL: .stat */
	int (*finish)(struct dl_scope *scope, const struct dl_target *target,
		      const struct dl_edition *edition);
};

/* How far all uploads of a program are, which it shows on a terminal. Zeroed but for .tool. */
struct dl_publish_meter {
	struct dl_body_meter meter;
	struct dl_tool *tool;
	_Atomic int64_t sent, expected, began_ms, shown_ms;
};

/* dl_publish_meter(meter, tool): METER is of TOOL, and nothing has been sent. */
void dl_publish_meter(struct dl_publish_meter *meter, struct dl_tool *tool);

/* dl_publish_open(scope, path, digests, upload): UPLOAD is the file at PATH, open, with its name, size,
 * SHA-256 and what DIGESTS has besides (see struct dl_registry). Close it. DL_MISSING: there is no such file;
 * DL_REFUSED: it is no regular file; DL_SYSTEM. */
DL_MUST_CHECK int dl_publish_open(struct dl_scope *scope, const char *path, unsigned int digests,
				  struct dl_upload *upload);

/* dl_publish_close(upload): its file is closed, if it was open. */
void dl_publish_close(struct dl_upload *upload);

/* dl_publish_plan(scope, schemas, lists, count): reads the records of a dry run from standard input, those of
 * SCHEMAS[i], of COUNT, into LISTS[i]. DL_MISSING: nothing came in; DL_DATA: a line is none of them. */
DL_MUST_CHECK int dl_publish_plan(struct dl_scope *scope, const struct dl_schema *const *schemas,
				  struct dl_sink_list *lists, size_t count);

/* dl_publish_elsewhere(target, head): whether what HEAD begins is of another place than TARGET. */
bool dl_publish_elsewhere(const struct dl_target *target, const struct dl_record_head *head);

/* dl_publish_put(scope, call, steps, edition, upload, sink): sends UPLOAD, which was absent, again after a
 * failure that may pass. DL_ACTION_UPLOADED, or DL_ACTION_SKIPPED: another one has put the same there
 * meanwhile; DL_ACTION_PLANNED: a dry run stopped it; -1: DL_REFUSED, also when
 * something else is there by now; DL_DATA: the file has changed since it was opened; else as the step has
 * failed. */
DL_MUST_CHECK int dl_publish_put(struct dl_scope *scope, const struct dl_call *call,
				 const struct dl_publish_steps *steps, const struct dl_edition *edition,
				 const struct dl_upload *upload, struct dl_sink *sink);

/* dl_publish_finish(scope, call, steps, edition, upload): makes EDITION, of which UPLOAD is a file, visible,
 * again after a failure that may pass. 0; 1: a dry run stopped it; -1: DL_REFUSED, also when something else
 * is there by now; else as the step has failed. */
DL_MUST_CHECK int dl_publish_finish(struct dl_scope *scope, const struct dl_call *call,
				    const struct dl_publish_steps *steps, const struct dl_edition *edition,
				    const struct dl_upload *upload);

/* dl_publish_verify(scope, call, steps, edition, upload, patience_ms): waits until UPLOAD is seen with its
 * hash. DL_PENDING: it is not within PATIENCE_MS or before the program's deadline; DL_REFUSED: something else
 * is there. Where no hash can be learned that the name is there is all that can be seen. */
DL_MUST_CHECK int dl_publish_verify(struct dl_scope *scope, const struct dl_call *call,
				    const struct dl_publish_steps *steps, const struct dl_edition *edition,
				    const struct dl_upload *upload, int64_t patience_ms);

#endif
