#include "providers/registry/oci_blob.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/base/url.h"
#include "lib/net/body.h"
#include "lib/net/http.h"
#include "lib/provider/rest.h"
#include "providers/registry/oci_auth.h"

enum {
	CHUNK = 64 << 20, /* below what servers in front of registries let through (100 MB) */
	FIRST_PAUSE_MS = 500,
	PATIENCE_MS = 30000,
	NOT_FOUND = 404,
	RANGE_REFUSED = 416,
};

static const struct dl_route route_blob = {.method = "HEAD", .path = "/v2/{+name}/blobs/sha256:{sha256}"};
static const struct dl_route route_begin = {.method = "POST", .path = "/v2/{+name}/blobs/uploads/"};

/* The rest are at the URL that the answer to the one before names, which is the registry's to write. */
static const struct dl_route route_chunk = {
	.method = "PATCH", .path = "", .headers = (const char *const[]){"Content-Range: {from}-{to}", NULL}};
static const struct dl_route route_status = {.path = ""};
static const struct dl_route route_end = {.method = "PUT", .path = "?digest=sha256:{sha256}"};
static const struct dl_route route_more_end = {.method = "PUT", .path = "&digest=sha256:{sha256}"};

/* An upload under way. */
struct upload {
	struct dl_oci *oci;
	const struct dl_body_piece *piece;
	const char *sha256;
	struct dl_body_meter *meter;
	const char *at; /* the URL that goes on with it */
	int64_t chunk;
	int64_t sent;   /* what the registry has of it */
	int64_t most;   /* the same, when it was most */
	int failures;   /* since then */
};

static int ask(struct dl_scope *scope, struct upload *upload, const struct dl_route *route,
	       const struct dl_var *vars, const struct dl_body *body, struct dl_res *res)
{
	const struct dl_oci_ask question = {.route = route, .at = upload->at, .vars = vars, .body = body};

	return dl_oci_auth_send(scope, upload->oci, &question, res);
}

static const char *decimal(struct dl_scope *scope, int64_t number)
{
	return dl_arena_format(&scope->arena, "%lld", (long long)number);
}

/* ------------------------------------------------------------------ what the registry says */

/* 1: it has the blob; 0: it has not; -1: failed. */
static int exists(struct dl_scope *scope, struct upload *upload, const struct dl_var *vars)
{
	struct dl_res res;
	int result = ask(scope, upload, &route_blob, vars, NULL, &res);

	if (result < 0 && scope->error.class == DL_MISSING) {
		dl_fail_take(scope, &scope->arena);
		return 0;
	}
	return result == 0 ? 1 : -1;
}

/* Goes on where RES says. */
static int follow(struct dl_scope *scope, struct upload *upload, const struct dl_res *res)
{
	const char *location = dl_http_header(&scope->arena, res, "location");

	if (location)
		upload->at = dl_url_join(scope, res->url, location);
	if (upload->at)
		return 0;
	dl_fail(scope, DL_DATA, "it does not say where an upload goes on");
	return dl_fail_prefix(scope, "%s", upload->oci->target->host);
}

/* The bytes that the registry has by the header Range of RES, "0-41"; EXPECTED where it does not say. -1:
 * DL_DATA. No byte at all is spelled as one is, "0-0". */
static int64_t count_of(struct dl_scope *scope, const struct upload *upload, const struct dl_res *res,
			int64_t expected)
{
	const char *range = dl_http_header(&scope->arena, res, "range"), *dash;
	int64_t last;

	if (!range)
		return expected;
	dash = strchr(range, '-');
	last = dash ? dl_text_int(dash + 1) : DL_INT_NONE;
	if (last >= 0 && last < upload->piece->len)
		return last ? last + 1 : expected == 1;
	return dl_fail(scope, DL_DATA, "%s has the bytes '%s' of %lld", upload->oci->target->host,
		       dl_text_quote(&scope->arena, range), (long long)upload->piece->len);
}

/* The registry has COUNT bytes. */
static void note(struct upload *upload, int64_t count)
{
	if (count > upload->most) {
		upload->most = count;
		upload->failures = 0;
	}
	upload->sent = count;
}

/* ------------------------------------------------------------------ sending */

/* 1: a dry run. */
static int begin(struct dl_scope *scope, struct upload *upload, const struct dl_var *vars)
{
	const char *least;
	struct dl_res res;
	int result;

	upload->at = NULL;
	result = ask(scope, upload, &route_begin, vars, NULL, &res);
	if (result)
		return result;
	least = dl_http_header(&scope->arena, &res, "oci-chunk-min-length");
	if (dl_text_int(least) > upload->chunk)
		upload->chunk = dl_text_int(least);
	return follow(scope, upload, &res);
}

/* Ends the upload, with what is left of it. */
static int end(struct dl_scope *scope, struct upload *upload, const struct dl_var *vars)
{
	struct dl_body_piece rest = *upload->piece;
	struct dl_body body = {&rest, 1, upload->meter};
	struct dl_res res;

	rest.offset += upload->sent;
	rest.len -= upload->sent;
	return ask(scope, upload, strchr(upload->at, '?') ? &route_more_end : &route_end, vars, &body, &res);
}

static int send_chunk(struct dl_scope *scope, struct upload *upload)
{
	struct dl_body_piece part = *upload->piece;
	struct dl_body body = {&part, 1, upload->meter};
	int64_t count;
	struct dl_res res;

	part.offset += upload->sent;
	part.len -= upload->sent;
	if (part.len > upload->chunk)
		part.len = upload->chunk;
	const struct dl_var vars[] = {
		{"from", decimal(scope, upload->sent)},
		{"to", decimal(scope, upload->sent + part.len - 1)},
		{NULL, NULL},
	};
	if (ask(scope, upload, &route_chunk, vars, &body, &res))
		return -1;
	count = count_of(scope, upload, &res, upload->sent + part.len);
	if (count < 0 || follow(scope, upload, &res))
		return -1;
	if (count <= upload->sent)
		return dl_fail(scope, DL_NETWORK, "%s has kept nothing of what was sent",
			       upload->oci->target->host);
	note(upload, count);
	return 0;
}

/* Asks how much has arrived. */
static int look(struct dl_scope *scope, struct upload *upload)
{
	static const struct dl_var none[] = {{NULL, NULL}};
	struct dl_res res;
	int64_t count;

	if (ask(scope, upload, &route_status, none, NULL, &res))
		return -1;
	count = count_of(scope, upload, &res, 0);
	if (count < 0 || follow(scope, upload, &res))
		return -1;
	note(upload, count);
	return 0;
}

static bool is_lost(const struct dl_error *error)
{
	return error->status == NOT_FOUND || error->status == RANGE_REFUSED;
}

/* The upload is given up, and why is told. One that the registry has forgotten may be begun again. */
static int give_up(struct dl_scope *scope, const struct dl_error *error)
{
	scope->error = *error;
	if (is_lost(error))
		scope->error.class = DL_NETWORK;
	return -1;
}

/* After a chunk that failed: how far the registry is, after a pause. */
static int resume(struct dl_scope *scope, struct upload *upload)
{
	const struct dl_http_options *options = dl_http_options(upload->oci->target->http);
	struct dl_error error = dl_fail_take(scope, &scope->arena);
	int64_t pause_ms = error.retry_after_s > 0 ? error.retry_after_s * INT64_C(1000)
						   : (int64_t)FIRST_PAUSE_MS * (upload->failures + 1);

	if ((error.class != DL_NETWORK && error.class != DL_LIMITED && !is_lost(&error)) ||
	    upload->failures++ >= options->retries || pause_ms > PATIENCE_MS ||
	    pause_ms > dl_http_left_ms(upload->oci->target->http))
		return give_up(scope, &error);
	dl_time_sleep_ms(pause_ms);
	if (look(scope, upload) == 0)
		return 0;
	dl_fail_take(scope, &scope->arena);
	return give_up(scope, &error);
}

/* NOW, in SCOPE: HELD, which is there, if that says the same. */
static const char *hold(struct dl_scope *scope, const char *held, const char *now)
{
	return dl_text_same(held, now) ? held : dl_arena_string(&scope->arena, now);
}

static int send_chunks(struct dl_scope *scope, struct upload *upload)
{
	const char *at, *header;
	struct dl_scope step;
	int result = 0;

	while (result == 0 && upload->sent < upload->piece->len) {
		at = upload->at;
		header = upload->oci->as.auth.header;
		dl_scope_open(&step, scope);
		if (send_chunk(&step, upload) && resume(&step, upload))
			result = -1;
		upload->at = hold(scope, at, upload->at);
		upload->oci->as.auth.header = hold(scope, header, upload->oci->as.auth.header);
		dl_scope_close(&step);
	}
	return result;
}

/* The bytes of a chunk, as the user says. -1: DL_CONFIG. */
static int64_t chunk_size(struct dl_scope *scope)
{
	const char *text = getenv("DL_OCI_CHUNK");
	int64_t size = text && *text ? dl_text_int(text) : CHUNK;

	return size > 0 ? size : dl_fail(scope, DL_CONFIG, "DL_OCI_CHUNK is no number of bytes");
}

int dl_oci_blob_put(struct dl_scope *scope, struct dl_oci *oci, const struct dl_body_piece *piece,
		    const char *sha256, struct dl_body_meter *meter)
{
	const struct dl_var vars[] = {{"name", oci->repository}, {"sha256", sha256}, {NULL, NULL}};
	struct upload upload = {.oci = oci, .piece = piece, .sha256 = sha256, .meter = meter};
	int result = exists(scope, &upload, vars);

	if (result)
		return result < 0 ? -1 : 0;
	upload.chunk = chunk_size(scope);
	if (upload.chunk < 0)
		return -1;
	result = begin(scope, &upload, vars);
	if (result)
		return result;
	if (piece->len > upload.chunk && send_chunks(scope, &upload))
		return -1;
	return end(scope, &upload, vars);
}
