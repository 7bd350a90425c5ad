/* rest: the engine behind every provider that speaks REST: route + variables -> pages -> map -> sink.
 *
 * A provider says what it wants in tables (struct dl_route, struct dl_map) and one `finish` function per
 * record; the engine builds URLs, adds headers and the credential, reads page after page, and turns answers
 * that say no into classed failures. */
#ifndef DL_REST_H
#define DL_REST_H

#include "lib/base/fail.h"
#include "lib/base/url.h"
#include "lib/data/json.h"
#include "lib/data/schema.h"
#include "lib/provider/provider.h"

struct dl_body;
struct dl_body_field;
struct dl_scope;
struct dl_sink;

/* One request that a provider can make, and what becomes of its answer. */
struct dl_route {
	const char *method;  /* NULL: "GET" */
	const char *path;    /* a template (lib/base/url.h), added to the target's base */
	const char *accept;  /* another media type than the dialect's; NULL */
	const char *content; /* the media type of its body, a template of whole values; NULL: JSON, or of what
				is uploaded any bytes */

	/* More header lines, NULL-terminated, each a template of whole values: "Range: bytes={offset}-". A
	 * line with a variable that is absent is left out. They are not sent to another origin (but
	 * "Range:"), and not shown in traces. NULL: none. */
	const char *const *headers;
	size_t cap; /* of the answer's body in memory; 0: DL_CAP_BODY */
	bool page; /* a web page may be what was asked for, where a body is streamed */
	bool reads; /* whatever its method, it changes nothing */
	bool once; /* the answer has secrets (signed links) and is not kept; nor is it asked for twice, see
		      dl_req */
	const char *items;   /* the path of the array in a list's answer; "": the answer is the array */
	const char *next;    /* the path of the token of the next page, where no Link header names it; NULL */
	const char *next_var; /* the variable that it is sent back in, not among the caller's */

	/* Of a list whose pages are numbered, from 1, in .next_var: the path of how many items all pages
	 * have, which a header X-Total-Count knows better; a page is asked for where that says there is more
	 * and no Link header is there. NULL: it is not one of these. */
	const char *total;
	const struct dl_schema *schema; /* of the records in it */
	const struct dl_map *map;

	/* Completes RECORD, filled from NODE by the map: ref, states, what needs more than a path. 0, or -1.
	 * NULL: nothing to do. */
	int (*finish)(struct dl_scope *scope, const struct dl_target *target, const struct dl_json *node,
		      void *record);

	/* Order within a page, for lists whose order is not ours. NULL: as it came. */
	int (*order)(const void *a, const void *b);
};

/* dl_rest_send(scope, target, route, vars, body, res): one request. BODY is JSON, or NULL. 0 with the answer
 * in RES when its status is below 400; 1 in a dry run; -1: failed, a status of 400 and more is classed by the
 * table in rest.c and the dialect's `explain`. */
DL_MUST_CHECK int dl_rest_send(struct dl_scope *scope, const struct dl_target *target,
			       const struct dl_route *route, const struct dl_var *vars, const char *body,
			       struct dl_res *res);

/* dl_rest_stream(scope, target, route, vars, writer, res): the same for a body that goes to WRITER; also 1
 * when WRITER had enough. A web page is not what was asked for: DL_AUTH, and WRITER sees nothing of it. */
DL_MUST_CHECK int dl_rest_stream(struct dl_scope *scope, const struct dl_target *target,
				 const struct dl_route *route, const struct dl_var *vars,
				 struct dl_writer *writer, struct dl_res *res);

/* dl_rest_upload(scope, target, route, vars, body, res), dl_rest_form(scope, target, route, vars, form, res):
 * as dl_rest_send for a body that is read as it is sent, and for a form. It is not sent again, and not where
 * a redirect leads (see dl_http_send): after a failure that leaves it open what has arrived (DL_NETWORK),
 * look. */
DL_MUST_CHECK int dl_rest_upload(struct dl_scope *scope, const struct dl_target *target,
				 const struct dl_route *route, const struct dl_var *vars,
				 const struct dl_body *body, struct dl_res *res);
DL_MUST_CHECK int dl_rest_form(struct dl_scope *scope, const struct dl_target *target,
			       const struct dl_route *route, const struct dl_var *vars,
			       const struct dl_body_field *form, struct dl_res *res);

/* dl_rest_link(scope, target, url, link): LINK becomes a target for the one thing at URL, which an answer of
 * TARGET's has named; a route to it has an empty path. The credential is sent there only if it is at TARGET's
 * own origin. DL_DATA: URL is malformed, or would be asked by http at another machine than this one and
 * TARGET's. */
DL_MUST_CHECK int dl_rest_link(struct dl_scope *scope, const struct dl_target *target, const char *url,
			       struct dl_target *link);

/* dl_rest_get(scope, target, route, vars): the JSON that answers a read; NULL: failed. */
const struct dl_json *dl_rest_get(struct dl_scope *scope, const struct dl_target *target,
				  const struct dl_route *route, const struct dl_var *vars);

/* dl_rest_record(scope, target, route, node): NODE as a record of the route's schema, finished; NULL:
 * failed. */
void *dl_rest_record(struct dl_scope *scope, const struct dl_target *target, const struct dl_route *route,
		     const struct dl_json *node);

/* dl_rest_records(scope, target, route, list, count): the items of LIST, an array, as records, one after the
 * other, *COUNT of them; none for a LIST that is NULL. NULL: failed. */
void *dl_rest_records(struct dl_scope *scope, const struct dl_target *target, const struct dl_route *route,
		      const struct dl_json *list, size_t *count);

/* dl_rest_one(scope, target, route, vars, sink): the record that a read answers, put into SINK. */
DL_MUST_CHECK int dl_rest_one(struct dl_scope *scope, const struct dl_target *target,
			      const struct dl_route *route, const struct dl_var *vars, struct dl_sink *sink);

/* dl_rest_list(scope, target, route, vars, sink): the records of all pages (the next is the Link header's,
 * RFC 8288, at the same origin only), put into SINK one by one until it has enough; no page is asked for that
 * is not needed, and each is forgotten before the next. 0 at the end of the list, 1 when SINK had enough. */
DL_MUST_CHECK int dl_rest_list(struct dl_scope *scope, const struct dl_target *target,
			       const struct dl_route *route, const struct dl_var *vars, struct dl_sink *sink);

#endif
