/* http: one request, and its answer. With lib/net/http_many.c the only includer of curl.
 *
 * Redirects are followed by hand, each with headers of its own: a credential is bound to an origin and is
 * sent to no other (libcurl itself withholds `Authorization` on a redirect, but not `PRIVATE-TOKEN` and its
 * kind). Requests are blocking; threads share one dl_http, which keeps connections alive and hands them from
 * one to the next. */
#ifndef DL_HTTP_H
#define DL_HTTP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/fail.h"
#include "lib/data/schema.h"

struct curl_slist;
struct dl_arena;
struct dl_body;
struct dl_body_field;
struct dl_buf;
struct dl_http;
struct dl_scope;
struct dl_writer;

struct dl_http_options {
	const char *program;  /* begins what is printed on stderr */
	int timeout_s;        /* one request; while a body is streamed or uploaded: without a byte */
	int retries;          /* how often a read is sent again after a failure that may pass */
	int64_t deadline_ms;  /* of dl_time_clock_ms: no waiting beyond it; 0: none */
	bool trace;           /* a line on stderr for each request and answer; credentials are never in it */
	bool dry_run;         /* what is not a read is printed on stderr and not sent */
	const char *cache;    /* the folder that keeps answers (lib/net/cache.h); NULL: none */
	bool traceless;       /* nothing at all is kept on disk, by who uses this either */
	int64_t max_age_s;    /* what is kept and no older is not asked for, the first time; 0: all is */
	int64_t reserve;      /* requests of the quota to leave for others; -1: no matter */
};

/* How old the oldest of several answers was (-1, to begin with: there was none), and whether any of them came
 * over the network. */
struct dl_age {
	_Atomic int64_t oldest_s;
	atomic_bool asked;
};

/* What was done so far, for the event log. */
struct dl_http_stats {
	int64_t requests, not_modified, from_disk, retries, sent_bytes, received_bytes, waited_ms;
	int64_t rate_remaining; /* as last heard; DL_INT_NONE: never */
	bool acted;             /* a request that is not a read was sent, whatever came of it */
	bool mutated;           /* something was changed for certain */
};

/* A credential: a whole header line, and the only origin ("https://api.github.com") that may see it. */
struct dl_auth {
	const char *header; /* NULL: none */
	const char *origin;
};

/* How a server was reached, for dl-doctor. Of what did not happen the milliseconds are -1, the texts NULL. */
struct dl_http_facts {
	int64_t dns_ms, connect_ms, tls_ms, total_ms; /* each from the beginning on */
	const char *address;  /* that was connected to: the server's, or the proxy's */
	bool tunnelled;       /* through a proxy */
	const char *protocol; /* "HTTP/2" */
	const char *subject, *issuer; /* of the server's certificate */
	int64_t expires_at;   /* the same; DL_TIME_NONE: unknown */
	const char *failure;  /* libcurl's words for why there was no answer */
};

struct dl_req {
	const char *method;          /* NULL: "GET" */
	const char *url;
	const char *const
		*headers; /* lines without secrets, NULL-terminated; NULL: none. Not sent to another origin,
			     but for "Range:" */
	struct dl_auth auth;
	const char *body;            /* NULL: none */
	size_t body_len;
	const struct dl_body *upload;     /* the body, instead, read as it is sent; NULL */
	const struct dl_body_field *form; /* the body, instead, as multipart/form-data; NULL */
	size_t cap;                  /* of the answer's body in memory; 0: DL_CAP_BODY */
	struct dl_writer *writer;    /* gets the body of a 2xx answer instead, when the status, the URL and
					the head are in the dl_res; NULL: it is kept in memory */
	bool reads;                  /* whatever its method, it changes nothing */
	bool stay;                   /* a redirect is the answer */
	bool once;                   /* it is not sent again, whatever the failure, and no answer is kept */
	int timeout_s;               /* for this one; 0: the client's */
	struct dl_age *age;          /* is told how old the answer is; NULL */
	struct dl_http_facts *facts; /* is told how the server was reached, by a new connection; NULL */
};

struct dl_res {
	int status;
	const char *url;   /* that answered, after redirects */
	bool moved;        /* answered 301 or 308 on the way: the resource has a new name */
	bool away;         /* another origin answered, which the credential is not for */
	const char *head;  /* the header lines as they came */
	char *body;        /* NUL-terminated, writable; empty when a writer took it */
	size_t len;
	long retry_after_s; /* the server wants no more requests for so long; 0: it did not say; -1: it does
			       not limit us */
};

/* dl_http_open(scope, options): the client, ready; the strings in OPTIONS are borrowed. Close it. */
struct dl_http *dl_http_open(struct dl_scope *scope, const struct dl_http_options *options);

/* dl_http_close(http): NULL is fine. */
void dl_http_close(struct dl_http *http);

/* dl_http_prepare(curl, url, headers, head): for lib/net/http_many.c: CURL, a handle of libcurl, is set as
 * all are here; the head of its answer goes to HEAD, the last one of several. */
void dl_http_prepare(void *curl, const char *url, struct curl_slist *headers, struct dl_buf *head);

/* dl_http_send(scope, http, req, res): asks, and waits for the answer, whatever its status: 0. In a dry run 1
 * for what is not a read: it was printed instead. Reads are sent again, with growing pauses, after failures
 * that may pass: no connection, 5xx, a signed link that has expired (403 from where a redirect led), and a
 * rate limit when the pause it asks for ends before the deadline (without a deadline: is at most 5 s).
 * What changes something is sent again after the first of these alone, and an upload never. What is
 * uploaded goes where it is sent and nowhere else: a redirect of it is
 * DL_REFUSED, and the message names the place; the length is told beforehand, and of more than 1 MiB the
 * server is asked first whether it wants it (Expect: 100-continue); .timeout_s is then the time without a
 * byte. DL_NETWORK: no answer; the message says why, never with a credential or a
 * signed link. DL_DATA: over the cap, more than 5 redirects, or one that leads from https to http or
 * elsewhere out of the web. DL_LIMITED: the reserve of the quota would be touched, and it is filled again too
 * late to wait for.
 *
 * A GET whose body is not streamed may be answered from the cache: within .max_age_s, when nothing was
 * changed since, and this client has not asked the same before (who asks again wants to know what is new); or
 * because another process or thread that was asking the same thing has got an answer meanwhile. Otherwise it
 * is sent with the ETag of the answer that is kept, and a 304 becomes that answer with status 200. Kept are
 * whole answers of status 200 that came without a redirect, that no `Cache-Control: no-store` forbids to
 * keep, and that are no web pages; of their heads see dl_cache_keep. So what a secret answers must not be
 * asked by a GET without .once. */
DL_MUST_CHECK int dl_http_send(struct dl_scope *scope, struct dl_http *http, const struct dl_req *req,
			       struct dl_res *res);

/* dl_http_version(): of libcurl and the libraries below it; borrowed. */
const char *dl_http_version(void);

/* dl_http_header(arena, res, name): the value of the first header NAME of the answer; NULL: it has none. */
const char *dl_http_header(struct dl_arena *arena, const struct dl_res *res, const char *name);

/* dl_http_header_like(arena, res, name, prefix): the first whose value begins with PREFIX, in any case. */
const char *dl_http_header_like(struct dl_arena *arena, const struct dl_res *res, const char *name,
				const char *prefix);

/* dl_http_options(http): what it was opened with; borrowed. */
const struct dl_http_options *dl_http_options(const struct dl_http *http);

/* dl_http_left_ms(http): the milliseconds until the deadline; INT64_MAX: there is none. */
int64_t dl_http_left_ms(const struct dl_http *http);

/* dl_http_count(http, received_bytes, sent_bytes): one more request, sent by others. */
void dl_http_count(struct dl_http *http, size_t received_bytes, size_t sent_bytes);

/* dl_http_changed(http, how, name, status): NAME was changed, by HOW, one word. STATUS is that of the HTTP
 * answer; 0: there was none, so it may have been; DL_INT_NONE: it took no request. Requests are noted without
 * this when they are no reads and were not refused. Without an HTTP nothing is noted. */
void dl_http_changed(struct dl_http *http, const char *how, const char *name, int64_t status);

/* dl_http_changes(http): the struct dl_changed noted so far, in order; of very many only the first. Borrowed.
 */
struct dl_list dl_http_changes(struct dl_http *http);

/* dl_http_now(http): seconds since 1970 by the clock of the server that has answered last; by ours, which may
 * be wrong, where none has said. */
int64_t dl_http_now(struct dl_http *http);

/* dl_http_stats(http): a copy of the counters. */
struct dl_http_stats dl_http_stats(struct dl_http *http);

#endif
