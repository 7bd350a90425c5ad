/* circleci_output: the output of a step as the API v1.1 keeps it, [{"type":"out","time":...,"message":TEXT},
 * ...], turned into its text while it comes in. */
#ifndef DL_CIRCLECI_OUTPUT_H
#define DL_CIRCLECI_OUTPUT_H

#include <stdbool.h>

#include "lib/base/buf.h"
#include "lib/base/fail.h"
#include "lib/base/writer.h"

struct dl_scope;

struct dl_circleci_output {
	struct dl_writer writer; /* takes the JSON */
	struct dl_writer *next;  /* takes the text */
	struct dl_buf message;        /* the element that has not ended yet */
	int depth;
	bool quoted, escaped;
};

/* dl_circleci_output_open(output, scope, next): OUTPUT is ready, its memory is SCOPE's. It fails with DL_DATA
 * at what is no list of messages; no more than one of them is in memory. */
void dl_circleci_output_open(struct dl_circleci_output *output, struct dl_scope *scope,
			     struct dl_writer *next);

/* dl_circleci_output_close(scope, output): DL_DATA when the list has not ended. */
DL_MUST_CHECK int dl_circleci_output_close(struct dl_scope *scope, const struct dl_circleci_output *output);

#endif
