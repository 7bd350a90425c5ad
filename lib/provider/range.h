/* range: a body from its middle on, whatever the server makes of a "Range:" (RFC 9110, 14): it sends the part
 * that was asked for, another one that it names, all of it, or nothing because nothing stands there. */
#ifndef DL_RANGE_H
#define DL_RANGE_H

#include <stdint.h>

#include "lib/base/fail.h"
#include "lib/base/url.h"

struct dl_writer;
struct dl_res;
struct dl_route;
struct dl_scope;
struct dl_target;

/* What a route that knows parts has as its .headers: nothing at offset 0. */
extern const char *const dl_range_headers[];

/* dl_range_download(scope, target, route, vars, offset, writer, res): as dl_rest_stream, from byte *OFFSET
 * on; the variable "offset" is not among VARS. *OFFSET becomes where the first byte that comes stands, before
 * WRITER gets it: 0 for a server that knows no parts. A failure of status 416: nothing stands there. DL_DATA:
 * a part came that begins behind *OFFSET. */
DL_MUST_CHECK int dl_range_download(struct dl_scope *scope, const struct dl_target *target,
				    const struct dl_route *route, const struct dl_var *vars, int64_t *offset,
				    struct dl_writer *writer, struct dl_res *res);

/* dl_range_follow(scope, target, route, vars, offset, writer, res): the same for what is read again and again
 * while it grows: WRITER gets nothing that stands before *OFFSET, whatever comes. *OFFSET becomes the end of
 * what there is now, which is less than it was when that has become shorter. That nothing stands at *OFFSET
 * is no failure, and leaves it as it is. */
DL_MUST_CHECK int dl_range_follow(struct dl_scope *scope, const struct dl_target *target,
				  const struct dl_route *route, const struct dl_var *vars, int64_t *offset,
				  struct dl_writer *writer, struct dl_res *res);

#endif
