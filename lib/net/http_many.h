/* http_many: very many small questions at once, in one thread.
 *
 * lib/net/http.h is a request in straight-line code, in a thread of its own; for thousands of questions to a
 * few servers that is too much. Here they share connections, over HTTP/2 a hundred of them at the same time,
 * and what comes of each is for who asks: no redirect is followed, nothing is sent again, nothing is kept. */
#ifndef DL_HTTP_MANY_H
#define DL_HTTP_MANY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/net/http.h"

struct dl_http_many;
struct dl_scope;

struct dl_http_many_options {
	struct dl_http *http; /* whose counters count these, too, and whose options hold */
	long per_host;        /* connections to one server */
	const char *ca_file;  /* certificates to trust; NULL: as libcurl finds them */
	const char *ca_dir;
	const char *proxy;    /* NULL: as the environment says */
};

/* A POST, and the answer to it. */
struct dl_http_ask {
	struct dl_scope *scope;     /* where the answer lives */
	const char *url;
	const char *const *headers; /* whole lines, also with secrets; NULL-terminated */
	const char *body;
	size_t body_len;
	size_t cap;                 /* of the answer's body */
	void *about;                /* the asker's own */

	/* Set when it is returned by dl_http_many_next. */
	struct dl_res res;          /* .status is 0: there was no answer */
	const char *failure;        /* why, in words; NULL: there was one */
	bool unreachable;           /* because no connection could be made */
	bool untrusted;             /* because of a certificate */

	void *state;                /* of this module */
};

/* dl_http_many_open(scope, options): ready, in SCOPE; close it. NULL: DL_SYSTEM. */
struct dl_http_many *dl_http_many_open(struct dl_scope *scope, const struct dl_http_many_options *options);

/* dl_http_many_close(many): what is under way is given up. NULL is fine. */
void dl_http_many_close(struct dl_http_many *many);

/* dl_http_many_put(many, ask): sends ASK, which must live until it is returned. */
void dl_http_many_put(struct dl_http_many *many, struct dl_http_ask *ask);

/* dl_http_many_next(many, fd, timeout_ms): one that is answered or has failed; NULL: none is, FD is readable,
 * or the time is over. */
struct dl_http_ask *dl_http_many_next(struct dl_http_many *many, int fd, int timeout_ms);

#endif
