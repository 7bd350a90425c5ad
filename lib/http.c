/* A request is one loop in three layers: attempts (dl_http_send), hops from redirect to redirect (follow),
 * and one transfer (perform).
 *
 * Transfers block. Where requests can go out at once, they are made by threads (lib/pool.h), each in plain
 * straight-line code; this was preferred to curl's multi interface, which would have turned every provider
 * into a state machine. The handles, and with them the open connections, wait in a free list between
 * transfers. */
#include "lib/http.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/buf.h"
#include "lib/scope.h"
#include "lib/sink.h"
#include "lib/text.h"
#include "lib/time.h"
#include "lib/url.h"

enum {
	HANDLES = 64,
	REDIRECTS = 5,
	CONNECT_TIMEOUT_S = 10,
	PATIENCE_S = 5, /* how long a rate limit is waited for without a deadline */
	FIRST_PAUSE_MS = 250,
	LAST_PAUSE_MS = 8000,
};

struct dl_http {
	struct dl_http_options options;
	pthread_mutex_t lock; /* guards what follows */
	bool ready; /* libcurl is initialised, which costs as much as starting the program: not before the
		       first request */
	CURL *idle[HANDLES];
	int idle_count;
	struct dl_http_stats stats;
};

/* One transfer under way. */
struct transfer {
	struct dl_scope *scope;
	const struct dl_req *req;
	struct dl_res *res;
	CURL *curl;
	struct dl_buf head;
	struct dl_buf body;
	int written;  /* what the writer answered last */
	bool streamed; /* the writer has had a byte: the request can't be repeated */
};

struct dl_http *dl_http_open(struct dl_scope *scope, const struct dl_http_options *options)
{
	struct dl_http *http;

	http = dl_arena_alloc(&scope->arena, sizeof *http);
	http->options = *options;
	http->stats.rate_remaining = DL_INT_NONE;
	pthread_mutex_init(&http->lock, NULL);
	return http;
}

void dl_http_close(struct dl_http *http)
{
	if (!http)
		return;
	while (http->idle_count)
		curl_easy_cleanup(http->idle[--http->idle_count]);
	pthread_mutex_destroy(&http->lock);
	if (http->ready)
		curl_global_cleanup();
}

struct dl_http_stats dl_http_stats(struct dl_http *http)
{
	struct dl_http_stats stats;

	pthread_mutex_lock(&http->lock);
	stats = http->stats;
	pthread_mutex_unlock(&http->lock);
	return stats;
}

static CURL *take_handle(struct dl_http *http)
{
	CURL *curl = NULL;

	pthread_mutex_lock(&http->lock);
	if (!http->ready)
		http->ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
	if (http->idle_count)
		curl = http->idle[--http->idle_count];
	pthread_mutex_unlock(&http->lock);
	if (curl)
		curl_easy_reset(curl);
	return curl || !http->ready ? curl : curl_easy_init();
}

static void give_handle(struct dl_http *http, CURL *curl)
{
	pthread_mutex_lock(&http->lock);
	if (http->idle_count < HANDLES) {
		http->idle[http->idle_count++] = curl;
		curl = NULL;
	}
	pthread_mutex_unlock(&http->lock);
	curl_easy_cleanup(curl);
}

const char *dl_http_header(struct dl_arena *arena, const struct dl_res *res, const char *name)
{
	size_t len = strlen(name);
	const char *line, *end, *value;

	for (line = res->head; line && *line; line = *end ? end + 1 : end) {
		end = strchrnul(line, '\n');
		if (strncasecmp(line, name, len) != 0 || line[len] != ':')
			continue;
		for (value = line + len + 1; *value == ' ' || *value == '\t'; value++)
			;
		for (; end > value && strchr(" \t\r\n", end[-1]); end--)
			;
		return dl_arena_copy(arena, value, (size_t)(end - value));
	}
	return NULL;
}

/* A new status line begins a new head: an interim answer, or a proxy's, is forgotten. */
static size_t take_header(char *data, size_t size, size_t count, void *arg)
{
	struct transfer *transfer = arg;

	if (size * count >= 5 && memcmp(data, "HTTP/", 5) == 0)
		dl_buf_reset(&transfer->head);
	dl_buf_add(&transfer->head, data, size * count);
	return transfer->head.overflow ? 0 : size * count;
}

static size_t take_body(char *data, size_t size, size_t count, void *arg)
{
	struct transfer *transfer = arg;
	size_t len = size * count;
	long status = 0;

	curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &status);
	if (transfer->req->writer && status >= 200 && status < 300) {
		transfer->streamed = true;
		transfer->res->status = (int)status;
		transfer->res->head = transfer->head.data;
		transfer->written = transfer->req->writer->write(transfer->req->writer, transfer->scope, data,
								 len);
		return transfer->written == 0 ? len : 0;
	}
	/* Of an answer that says no, the beginning is enough. */
	if (status >= 400 && transfer->body.len + len > DL_CAP_ERROR)
		return len;
	dl_buf_add(&transfer->body, data, len);
	return transfer->body.overflow ? 0 : len;
}

static bool is_read(const struct dl_req *req)
{
	return !req->method || strcmp(req->method, "GET") == 0 || strcmp(req->method, "HEAD") == 0;
}

static struct curl_slist *add_line(struct curl_slist *list, const char *line)
{
	struct curl_slist *longer = curl_slist_append(list, line);

	DL_BUG_IF(!longer);
	return longer;
}

/* The header lines for one hop. Another origin gets neither the credential nor anything else that is the
 * API's own. */
static struct curl_slist *hop_headers(const struct dl_req *req, const char *origin, const char *home)
{
	struct curl_slist *list = add_line(NULL, "Expect:");
	const char *const *line;

	for (line = req->headers; line && *line && strcmp(origin, home) == 0; line++)
		list = add_line(list, *line);
	if (req->auth.header && strcmp(origin, req->auth.origin) == 0)
		list = add_line(list, req->auth.header);
	return list;
}

static long time_left_ms(const struct dl_http *http)
{
	int64_t left;

	if (!http->options.deadline_ms)
		return (long)http->options.timeout_s * 1000;
	left = http->options.deadline_ms - dl_time_clock_ms();
	return left > http->options.timeout_s * 1000L ? http->options.timeout_s * 1000L
	       : left > 1			      ? (long)left
						      : 1;
}

/* The variables that the curl program reads, and the library does not. */
static void set_certificates(CURL *curl)
{
	const char *file = getenv("CURL_CA_BUNDLE"), *folder = getenv("SSL_CERT_DIR");

	if (!file || !*file)
		file = getenv("SSL_CERT_FILE");
	if (file && *file)
		curl_easy_setopt(curl, CURLOPT_CAINFO, file);
	if (folder && *folder)
		curl_easy_setopt(curl, CURLOPT_CAPATH, folder);
}

static void set_options(struct dl_http *http, struct transfer *transfer, const char *url,
			struct curl_slist *headers)
{
	const struct dl_req *req = transfer->req;
	CURL *curl = transfer->curl;

	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "devloop/" DL_VERSION);
	curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_TIMEOUT_S);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, transfer);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer);
	set_certificates(curl);
	if (req->method)
		curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, req->method);
	if (!is_read(req)) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)req->body_len);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, req->body ? req->body : "");
	}
	if (req->writer) {
		curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
		curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, time_left_ms(http) / 1000 + 1);
	} else {
		curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, time_left_ms(http));
	}
}

static const char *url_host(struct dl_scope *scope, const char *text)
{
	struct dl_url url;

	return dl_url_parse(scope, text, &url)
		       ? "the server"
		       : dl_text_quote(&scope->arena, dl_url_authority(&scope->arena, &url));
}

/* Turns curl's word for a transfer without an answer into ours. */
static int explain_transfer(struct dl_scope *scope, const struct transfer *transfer, CURLcode code,
			    const char *url, int timeout_s)
{
	const char *host = url_host(scope, url);

	if (transfer->written < 0 || scope->error.class != DL_OK)
		return -1;
	if (transfer->head.overflow)
		return dl_fail(scope, DL_DATA, "%s sent more than %zu bytes of headers", host,
			       transfer->head.cap);
	if (transfer->body.overflow)
		return dl_fail(scope, DL_DATA, "%s sent an answer of more than %zu bytes", host,
			       transfer->body.cap);
	switch ((int)code) {
	case CURLE_OPERATION_TIMEDOUT:
		dl_fail(scope, DL_NETWORK, "%s did not answer within %d s", host, timeout_s);
		return dl_fail_hint(scope, "DL_TIMEOUT=SECONDS waits longer");
	case CURLE_COULDNT_RESOLVE_HOST:
		dl_fail(scope, DL_NETWORK, "%s cannot be found", host);
		return dl_fail_hint(scope, "check the name, the network and the proxy variables");
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
		dl_fail(scope, DL_NETWORK, "%s: its certificate is not trusted: %s", host,
			curl_easy_strerror(code));
		return dl_fail_hint(scope, "CURL_CA_BUNDLE=FILE names the certificates to trust");
	case CURLE_PARTIAL_FILE:
	case CURLE_GOT_NOTHING:
	case CURLE_RECV_ERROR:
		return dl_fail(scope, DL_NETWORK, "%s closed the connection before the end of its answer",
			       host);
	default:
		return dl_fail(scope, DL_NETWORK, "%s cannot be reached: %s", host, curl_easy_strerror(code));
	}
}

static void count(struct dl_http *http, const struct transfer *transfer, const struct dl_req *req,
		  const struct dl_res *res)
{
	curl_off_t received = 0;
	struct dl_scope scratch;
	const char *remaining;

	dl_scope_open(&scratch, NULL);
	curl_easy_getinfo(transfer->curl, CURLINFO_SIZE_DOWNLOAD_T, &received);
	remaining = dl_http_header(&scratch.arena, res, "x-ratelimit-remaining");
	if (!remaining)
		remaining = dl_http_header(&scratch.arena, res, "ratelimit-remaining");
	pthread_mutex_lock(&http->lock);
	http->stats.requests++;
	http->stats.not_modified += res->status == 304;
	http->stats.sent_bytes += (int64_t)req->body_len;
	http->stats.received_bytes += received;
	http->stats.mutated |= !is_read(req) && res->status >= 200 && res->status < 300;
	if (remaining && dl_text_int(remaining) >= 0)
		http->stats.rate_remaining = dl_text_int(remaining);
	pthread_mutex_unlock(&http->lock);
	dl_scope_close(&scratch);
}

static void trace(const struct dl_http *http, const struct transfer *transfer, const char *url,
		  const struct dl_res *res, CURLcode code)
{
	const char *method = transfer->req->method ? transfer->req->method : "GET";
	struct dl_scope scratch;
	double seconds = 0;

	if (!http->options.trace)
		return;
	dl_scope_open(&scratch, NULL);
	curl_easy_getinfo(transfer->curl, CURLINFO_TOTAL_TIME, &seconds);
	if (code)
		fprintf(stderr, "%s: %s %s: %s\n", http->options.program, method, url,
			curl_easy_strerror(code));
	else
		fprintf(stderr, "%s: %s %s: %d, %zu bytes, %.3f s%s%s\n", http->options.program, method, url,
			res->status, transfer->body.len, seconds,
			dl_http_header(&scratch.arena, res, "x-ratelimit-remaining") ? ", quota left " : "",
			dl_http_header(&scratch.arena, res, "x-ratelimit-remaining")
				? dl_text_quote(&scratch.arena,
						dl_http_header(&scratch.arena, res, "x-ratelimit-remaining"))
				: "");
	dl_scope_close(&scratch);
}

/* One transfer to URL, whose origin is ORIGIN; HOME is where the request was meant to go. CURLE_OK with RES
 * filled in, or curl's word. */
static CURLcode perform(struct dl_scope *scope, struct dl_http *http, struct transfer *transfer,
			const char *url, const char *origin, const char *home, struct dl_res *res)
{
	struct curl_slist *headers;
	bool at_home = strcmp(origin, home) == 0;
	long status = 0;
	CURLcode code;

	transfer->curl = take_handle(http);
	if (!transfer->curl)
		return CURLE_FAILED_INIT;
	dl_buf_reset(&transfer->head);
	dl_buf_reset(&transfer->body);
	headers = hop_headers(transfer->req, origin, home);
	set_options(http, transfer, url, headers);
	code = curl_easy_perform(transfer->curl);
	curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &status);
	res->status = (int)status;
	res->url = url;
	res->head = transfer->head.data;
	res->body = transfer->body.data;
	res->len = transfer->body.len;
	count(http, transfer, transfer->req, res);
	trace(http, transfer, at_home ? url : dl_url_redact(&scope->arena, url), res, code);
	give_handle(http, transfer->curl);
	curl_slist_free_all(headers);
	return code == CURLE_WRITE_ERROR && transfer->written == DL_ENOUGH ? CURLE_OK : code;
}

static bool is_redirect(const struct dl_req *req, int status)
{
	if (req->stay)
		return false;
	if (status == 307 || status == 308)
		return true;
	return is_read(req) && (status == 301 || status == 302 || status == 303);
}

/* The URL that RES sends us on to; NULL: that is no way to go. */
static const char *next_hop(struct dl_scope *scope, const char *from, const struct dl_res *res)
{
	const char *location = dl_http_header(&scope->arena, res, "location"), *to;
	struct dl_url old, new;

	if (!location) {
		dl_fail(scope, DL_DATA, "%s answered %d without a location", url_host(scope, from),
			res->status);
		return NULL;
	}
	to = dl_url_join(scope, from, location);
	if (!to || dl_url_parse(scope, from, &old) || dl_url_parse(scope, to, &new)) {
		dl_fail_prefix(scope, "%s redirects wrongly", url_host(scope, from));
		return NULL;
	}
	if (strcmp(new.scheme, "http") == 0 && !dl_url_loopback(new.host) &&
	    (strcmp(old.scheme, "http") != 0 || strcmp(old.host, new.host) != 0)) {
		dl_fail(scope, DL_DATA, "%s redirects to http, which anybody can read",
			url_host(scope, from));
		return NULL;
	}
	return to;
}

/* One attempt: from hop to hop until an answer that is none of a redirect. */
static CURLcode follow(struct dl_scope *scope, struct dl_http *http, struct transfer *transfer,
		       struct dl_res *res)
{
	const char *url = transfer->req->url, *home, *origin;
	struct dl_url parsed;
	CURLcode code;
	int hop;

	if (dl_url_parse(scope, url, &parsed))
		return CURLE_URL_MALFORMAT;
	origin = home = dl_url_origin(&scope->arena, &parsed);
	res->moved = false;
	for (hop = 0; hop <= REDIRECTS; hop++) {
		code = perform(scope, http, transfer, url, origin, home, res);
		res->away = strcmp(origin, home) != 0;
		if (code != CURLE_OK || !is_redirect(transfer->req, res->status))
			return code;
		res->moved |= res->status == 301 || res->status == 308;
		url = next_hop(scope, url, res);
		if (!url || dl_url_parse(scope, url, &parsed))
			return CURLE_BAD_FUNCTION_ARGUMENT;
		origin = dl_url_origin(&scope->arena, &parsed);
		if (!is_read(transfer->req) && strcmp(origin, home) != 0) {
			dl_fail(scope, DL_DATA, "%s redirects what is to be changed to another host",
				url_host(scope, transfer->req->url));
			return CURLE_BAD_FUNCTION_ARGUMENT;
		}
	}
	dl_fail(scope, DL_DATA, "%s redirects more than %d times", url_host(scope, transfer->req->url),
		REDIRECTS);
	return CURLE_TOO_MANY_REDIRECTS;
}

/* Seconds until the moment that an answer names by its own clock, which may differ from ours. */
static long seconds_until(struct dl_scope *scope, const struct dl_res *res, int64_t moment)
{
	const char *date = dl_http_header(&scope->arena, res, "date");
	int64_t now = date ? dl_time_parse_http(date) : DL_TIME_NONE;

	if (now == DL_TIME_NONE)
		now = dl_time_now();
	return moment <= now ? 1 : moment - now > 86400 ? 86400 : (long)(moment - now);
}

/* What a 403, 429 or 503 says of when to come back: `Retry-After` in seconds or as a date (RFC 9110, 10.2.3),
 * or that the quota is used up and when it is filled again (`x-ratelimit-*`, `RateLimit-*`: seconds, or since
 * 1970 when that large). */
static long limited_for(struct dl_scope *scope, const struct dl_res *res)
{
	const char *after = dl_http_header(&scope->arena, res, "retry-after");
	const char *prefixes[] = {"x-ratelimit", "ratelimit"}, *left, *reset;
	size_t i;

	if (res->status != 403 && res->status != 429 && res->status != 503)
		return -1;
	if (after && dl_text_int(after) >= 0)
		return dl_text_int(after) > 86400 ? 86400 : (long)dl_text_int(after);
	if (after && dl_time_parse_http(after) != DL_TIME_NONE)
		return seconds_until(scope, res, dl_time_parse_http(after));
	for (i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
		left = dl_http_header(&scope->arena, res,
				      dl_arena_format(&scope->arena, "%s-remaining", prefixes[i]));
		reset = dl_http_header(&scope->arena, res,
				       dl_arena_format(&scope->arena, "%s-reset", prefixes[i]));
		if (!left || dl_text_int(left) != 0 || !reset || dl_text_int(reset) < 0)
			continue;
		return dl_text_int(reset) < 1000000000 ? (long)dl_text_int(reset)
						       : seconds_until(scope, res, dl_text_int(reset));
	}
	return res->status == 429 ? 0 : -1;
}

/* How long to wait before the next attempt; -1: there is none. */
static int64_t pause_before(const struct dl_http *http, const struct dl_res *res, CURLcode code, int attempt)
{
	int64_t pause = (int64_t)FIRST_PAUSE_MS << attempt;

	if (attempt >= http->options.retries)
		return -1;
	if (code == CURLE_OK && res->retry_after_s > 0)
		pause = res->retry_after_s * 1000;
	else if (code == CURLE_OK && res->status < 500 && res->status != 429 &&
		 !(res->away && res->status == 403))
		return -1;
	else if (pause > LAST_PAUSE_MS)
		pause = LAST_PAUSE_MS;
	pause += (int64_t)(random() % (pause / 4 + 1));
	if (http->options.deadline_ms)
		return dl_time_clock_ms() + pause < http->options.deadline_ms ? pause : -1;
	return pause <= PATIENCE_S * 1250 ? pause : -1;
}

static bool may_pass(CURLcode code)
{
	switch ((int)code) {
	case CURLE_OK:
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
	case CURLE_PARTIAL_FILE:
	case CURLE_OPERATION_TIMEDOUT:
	case CURLE_GOT_NOTHING:
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_HTTP2:
	case CURLE_HTTP2_STREAM:
		return true;
	default:
		return false;
	}
}

static int print_instead(const struct dl_http *http, const struct dl_req *req)
{
	fprintf(stderr, "%s: would send %s %s\n", http->options.program, req->method, req->url);
	if (req->body_len)
		fprintf(stderr, "%s: with %.*s\n", http->options.program, (int)req->body_len, req->body);
	return 1;
}

static void wait_before_retry(struct dl_http *http, int64_t pause)
{
	if (http->options.trace)
		fprintf(stderr, "%s: trying again in %.1f s\n", http->options.program, (double)pause / 1000);
	pthread_mutex_lock(&http->lock);
	http->stats.retries++;
	http->stats.waited_ms += pause;
	pthread_mutex_unlock(&http->lock);
	dl_time_sleep_ms(pause);
}

int dl_http_send(struct dl_scope *scope, struct dl_http *http, const struct dl_req *req, struct dl_res *res)
{
	struct transfer transfer = {.scope = scope, .req = req, .res = res};
	int64_t pause;
	CURLcode code;
	int attempt;

	memset(res, 0, sizeof *res);
	if (http->options.dry_run && !is_read(req))
		return print_instead(http, req);
	dl_buf_init(&transfer.head, &scope->arena, DL_CAP_HEAD);
	dl_buf_init(&transfer.body, &scope->arena, req->cap ? req->cap : DL_CAP_BODY);
	for (attempt = 0;; attempt++) {
		code = follow(scope, http, &transfer, res);
		res->retry_after_s = code == CURLE_OK ? limited_for(scope, res) : -1;
		if (scope->error.class != DL_OK || transfer.streamed || !is_read(req) || !may_pass(code))
			break;
		pause = pause_before(http, res, code, attempt);
		if (pause < 0)
			break;
		wait_before_retry(http, pause);
	}
	return code == CURLE_OK ? 0
				: explain_transfer(scope, &transfer, code, res->url ? res->url : req->url,
						   http->options.timeout_s);
}
