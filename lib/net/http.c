/* A request is one loop in three layers: attempts (ask), hops from redirect to redirect (follow), and one
 * transfer (perform). What the cache can spare is decided above them (ask_kept): a question is looked up on
 * disk, then there is one turn for all who ask it at the same time, then it is asked.
 *
 * Transfers block. Where requests can go out at once, they are made by threads (lib/base/pool.h), each in
 * plain straight-line code; this was preferred to curl's multi interface, which would have turned every
 * provider into a state machine. The handles, and with them the open connections, wait in a free list between
 * transfers. */
#include "lib/net/http.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/buf.h"
#include "lib/base/digest.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/base/url.h"
#include "lib/base/writer.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/net/body.h"
#include "lib/net/cache.h"
#include "lib/net/head.h"
#include "lib/net/quota.h"

enum {
	HANDLES = 64,
	REDIRECTS = 5,
	CONNECT_TIMEOUT_S = 10,
	PATIENCE_S = 5, /* how long a rate limit is waited for without a deadline, or another's answer */
	FIRST_PAUSE_MS = 250,
	LAST_PAUSE_MS = 8000,
	ASKED_LISTS = 256,
	LARGE = 1 << 20,
	MOST_CHANGES = 100,
};

/* A question that has been asked. */
struct asked {
	struct asked *next;
	const char *key;
};

struct dl_http {
	struct dl_http_options options;
	pthread_mutex_t lock; /* guards what follows */
	bool ready; /* libcurl is initialised, which costs as much as starting the program: not before the
		       first request */
	CURL *idle[HANDLES];
	int idle_count;
	struct dl_http_stats stats;
	int64_t ahead_s;           /* what our clock has over that of the server that answered last */
	struct dl_scope own;       /* for what follows */
	struct dl_cache *cache;    /* opened when it is first needed */
	bool looked;               /* for the cache */
	struct asked *asked[ASKED_LISTS]; /* by a byte of the key; only kept with .max_age_s */
	struct dl_quota quota;     /* as last heard */
	const char *quota_key;     /* whose that is; NULL: nobody's */
	struct dl_changed *changes; /* room for MOST_CHANGES; NULL: there are none */
	size_t change_count;
};

struct transfer;

/* A body on its way out, and how far it has got. */
struct sending {
	struct transfer *transfer;
	const struct dl_body *body;
	int64_t at;
};

/* One transfer under way. */
struct transfer {
	struct dl_scope *scope;
	const struct dl_req *req;
	struct dl_res *res;
	const char *url;    /* of this hop */
	const char *origin; /* of .url */
	const char *home;   /* the origin that the request was meant for */
	const char *etag;   /* of the answer that is kept; NULL: none, or this is not the first hop */
	CURL *curl;
	curl_mime *mime;    /* of a form that is sent */
	struct dl_buf head;
	struct dl_buf body;
	int written;  /* what the writer answered last */
	bool streamed; /* the writer has had a byte: the request can't be repeated */
	char words[CURL_ERROR_SIZE]; /* libcurl's for what went wrong, when .req wants facts */
};

struct dl_http *dl_http_open(struct dl_scope *scope, const struct dl_http_options *options)
{
	struct dl_http *http;

	http = dl_arena_alloc(&scope->arena, sizeof *http);
	http->options = *options;
	http->stats.rate_remaining = DL_INT_NONE;
	dl_scope_open(&http->own, NULL);
	pthread_mutex_init(&http->lock, NULL);
	return http;
}

void dl_http_close(struct dl_http *http)
{
	if (!http)
		return;
	while (http->idle_count)
		curl_easy_cleanup(http->idle[--http->idle_count]);
	dl_cache_close(http->cache);
	dl_scope_close(&http->own);
	pthread_mutex_destroy(&http->lock);
	if (http->ready)
		curl_global_cleanup();
}

const struct dl_http_options *dl_http_options(const struct dl_http *http)
{
	return &http->options;
}

int64_t dl_http_left_ms(const struct dl_http *http)
{
	return http->options.deadline_ms ? http->options.deadline_ms - dl_time_clock_ms() : INT64_MAX;
}

struct dl_http_stats dl_http_stats(struct dl_http *http)
{
	struct dl_http_stats stats;

	pthread_mutex_lock(&http->lock);
	stats = http->stats;
	pthread_mutex_unlock(&http->lock);
	return stats;
}

void dl_http_count(struct dl_http *http, size_t received_bytes, size_t sent_bytes)
{
	pthread_mutex_lock(&http->lock);
	http->stats.requests++;
	http->stats.received_bytes += (int64_t)received_bytes;
	http->stats.sent_bytes += (int64_t)sent_bytes;
	pthread_mutex_unlock(&http->lock);
}

/* What comes after the last that there is room for is only counted. */
void dl_http_changed(struct dl_http *http, const char *how, const char *name, int64_t status)
{
	struct dl_changed *changed;

	if (!http)
		return;
	pthread_mutex_lock(&http->lock);
	if (!http->changes)
		http->changes = dl_arena_array(&http->own.arena, MOST_CHANGES, sizeof *http->changes);
	if (http->change_count < MOST_CHANGES) {
		changed = &http->changes[http->change_count];
		changed->name = dl_arena_string(&http->own.arena, name);
		changed->how = dl_arena_string(&http->own.arena, how);
		changed->status = status ? status : DL_INT_NONE;
	}
	http->change_count++;
	http->stats.mutated |= status != 0;
	pthread_mutex_unlock(&http->lock);
}

struct dl_list dl_http_changes(struct dl_http *http)
{
	struct dl_list list = {NULL, 0};

	pthread_mutex_lock(&http->lock);
	list.items = http->changes;
	list.count = http->change_count < MOST_CHANGES ? http->change_count : MOST_CHANGES;
	if (http->change_count > MOST_CHANGES)
		http->changes[MOST_CHANGES - 1] = (struct dl_changed){
			.name = dl_arena_format(&http->own.arena, "%zu more",
						http->change_count - MOST_CHANGES + 1),
			.status = DL_INT_NONE,
		};
	pthread_mutex_unlock(&http->lock);
	return list;
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
	return dl_head_find(arena, res->head, name, "");
}

const char *dl_http_header_like(struct dl_arena *arena, const struct dl_res *res, const char *name,
				const char *prefix)
{
	return dl_head_find(arena, res->head, name, prefix);
}

/* A new status line begins a new head: an interim answer, or a proxy's, is forgotten. */
static size_t take_header(char *data, size_t size, size_t count, void *arg)
{
	struct dl_buf *head = arg;

	if (size * count >= 5 && memcmp(data, "HTTP/", 5) == 0)
		dl_buf_reset(head);
	dl_buf_add(head, data, size * count);
	return head->overflow ? 0 : size * count;
}

void dl_http_prepare(void *curl, const char *url, struct curl_slist *headers, struct dl_buf *head)
{
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_TIMEOUT_S);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, head);
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
		transfer->res->url = transfer->url;
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

static void note_sent(const struct sending *sending, int64_t bytes)
{
	if (sending->body->meter)
		sending->body->meter->move(sending->body->meter, bytes);
}

static size_t give_body(char *data, size_t size, size_t count, void *arg)
{
	struct sending *sending = arg;
	ssize_t len = dl_body_read(sending->transfer->scope, sending->body, sending->at, data, size * count);

	if (len < 0)
		return CURL_READFUNC_ABORT;
	sending->at += len;
	note_sent(sending, len);
	return (size_t)len;
}

/* Called where libcurl wants to send again, on its own, what had no answer: nothing is sent twice that may
 * have arrived. */
static int seek_body(void *arg, curl_off_t offset, int origin)
{
	const struct sending *sending = arg;

	return origin == SEEK_SET && offset == sending->at ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL;
}

static struct sending *begin_sending(struct transfer *transfer, const struct dl_body *body)
{
	struct sending *sending = dl_arena_alloc(&transfer->scope->arena, sizeof *sending);

	*sending = (struct sending){transfer, body, 0};
	return sending;
}

static void set_upload(struct transfer *transfer, const struct dl_body *body)
{
	struct sending *sending = begin_sending(transfer, body);
	CURL *curl = transfer->curl;

	curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)dl_body_size(body));
	curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_body);
	curl_easy_setopt(curl, CURLOPT_READDATA, sending);
	curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, seek_body);
	curl_easy_setopt(curl, CURLOPT_SEEKDATA, sending);
}

static void set_form(struct transfer *transfer, const struct dl_body_field *field)
{
	curl_mimepart *part;
	CURLcode code;

	transfer->mime = curl_mime_init(transfer->curl);
	for (; field->name; field++) {
		part = curl_mime_addpart(transfer->mime);
		code = curl_mime_name(part, field->name);
		if (code == CURLE_OK && field->value)
			code = curl_mime_data(part, field->value, CURL_ZERO_TERMINATED);
		else if (code == CURLE_OK)
			code = curl_mime_data_cb(part, (curl_off_t)dl_body_size(field->body), give_body,
						 seek_body, NULL, begin_sending(transfer, field->body));
		if (code == CURLE_OK && field->filename)
			code = curl_mime_filename(part, field->filename);
		if (code == CURLE_OK && field->type)
			code = curl_mime_type(part, field->type);
		DL_BUG_IF(code != CURLE_OK);
	}
	curl_easy_setopt(transfer->curl, CURLOPT_MIMEPOST, transfer->mime);
}

static const char *method_of(const struct dl_req *req)
{
	return req->method ? req->method : "GET";
}

/* Whether what REQ sends is read as it goes out. */
static bool is_upload(const struct dl_req *req)
{
	return req->upload || req->form;
}

/* How much of what REQ sends is read as it goes out. */
static int64_t upload_size(const struct dl_req *req)
{
	int64_t size = req->upload ? dl_body_size(req->upload) : 0;
	const struct dl_body_field *field;

	for (field = req->form; field && field->name; field++)
		size += field->body ? dl_body_size(field->body) : 0;
	return size;
}

/* Whether it is worth asking before REQ is sent: libcurl does, unless it is told not to. */
static bool is_large(const struct dl_req *req)
{
	return upload_size(req) > LARGE;
}

static bool is_read(const struct dl_req *req)
{
	return req->reads || strcmp(method_of(req), "GET") == 0 || strcmp(method_of(req), "HEAD") == 0;
}

/* Whether REQ has a body, be it empty: a question may have one, too. */
static bool has_body(const struct dl_req *req)
{
	return req->body || is_upload(req) || !is_read(req);
}

static struct curl_slist *add_line(struct curl_slist *list, const char *line)
{
	struct curl_slist *longer = curl_slist_append(list, line);

	DL_BUG_IF(!longer);
	return longer;
}

/* The credential that ORIGIN may see; NULL: none. */
static const char *credential_for(const struct dl_req *req, const char *origin)
{
	return req->auth.header && strcmp(origin, req->auth.origin) == 0 ? req->auth.header : NULL;
}

static bool has_range(const struct dl_req *req)
{
	const char *const *line = req->headers;

	while (line && *line && !dl_text_starts(*line, "Range:"))
		line++;
	return line && *line;
}

/* The header lines for one hop. Another origin gets neither the credential nor anything else that is the
 * API's own; the part of the body that is wanted is wanted of whoever has it. */
static struct curl_slist *hop_headers(const struct transfer *transfer)
{
	const char *credential = credential_for(transfer->req, transfer->origin);
	struct curl_slist *list = is_large(transfer->req) ? NULL : add_line(NULL, "Expect:");
	const char *const *line;

	for (line = transfer->req->headers; line && *line; line++)
		if (strcmp(transfer->origin, transfer->home) == 0 || dl_text_starts(*line, "Range:"))
			list = add_line(list, *line);
	if (credential)
		list = add_line(list, credential);
	if (transfer->etag)
		list = add_line(list, dl_arena_format(&transfer->scope->arena, "If-None-Match: %s",
						      transfer->etag));
	return list;
}

/* Seconds that one transfer may take. */
static int timeout_of(const struct dl_http *http, const struct dl_req *req)
{
	return req->timeout_s ? req->timeout_s : http->options.timeout_s;
}

static long time_left_ms(const struct dl_http *http, const struct dl_req *req)
{
	long most = timeout_of(http, req) * 1000L;
	int64_t left;

	if (!http->options.deadline_ms)
		return most;
	left = http->options.deadline_ms - dl_time_clock_ms();
	return left > most ? most : left > 1 ? (long)left : 1;
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

static void set_options(struct dl_http *http, struct transfer *transfer, struct curl_slist *headers)
{
	const struct dl_req *req = transfer->req;
	CURL *curl = transfer->curl;

	dl_http_prepare(curl, transfer->url, headers, &transfer->head);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "devloop/" DL_VERSION);
	/* A part of a body is counted in its own bytes, not in those of a compressed form. */
	curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, has_range(req) ? NULL : "");
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer);
	set_certificates(curl);
	if (req->method)
		curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, req->method);
	if (strcmp(method_of(req), "HEAD") == 0)
		curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
	/* On a connection that was open already, libcurl sends again by itself what had no answer, unless
	 * seek_body keeps it from that. */
	if (!is_read(req) && !upload_size(req))
		curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
	if (req->upload) {
		set_upload(transfer, req->upload);
	} else if (req->form) {
		set_form(transfer, req->form);
	} else if (has_body(req)) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)req->body_len);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, req->body ? req->body : "");
	}
	if (req->writer || is_upload(req)) {
		curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
		curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, time_left_ms(http, req) / 1000 + 1);
	} else {
		curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, time_left_ms(http, req));
	}
}

static const char *url_host(struct dl_scope *scope, const char *text)
{
	struct dl_url url;

	return dl_url_parse(scope, text, &url)
		       ? "the server"
		       : dl_text_quote(&scope->arena, dl_url_authority(&scope->arena, &url));
}

/* Whether a transfer that ended with CODE has ended before the server had a word of it. */
static bool is_unsent(CURLcode code)
{
	switch ((int)code) {
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_CONNECT:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CONNECT_ERROR:
		return true;
	default:
		return false;
	}
}

/* Whether REQ may be sent again after CODE: what changes something only where nobody has got it. */
static bool may_repeat(const struct dl_req *req, CURLcode code)
{
	return !req->once && (is_read(req) || (is_unsent(code) && !is_upload(req)));
}

/* Turns curl's word for a transfer without an answer into ours. */
static int explain_code(struct dl_scope *scope, CURLcode code, const char *host, int timeout_s)
{
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
	explain_code(scope, code, host, timeout_s);
	scope->error.unsent = is_unsent(code);
	return -1;
}

/* ------------------------------------------------------------------ what is known of the quota */

static void add_part(struct dl_buf *parts, const char *part)
{
	dl_buf_add(parts, part ? part : "", part ? strlen(part) + 1 : 1);
}

/* What a quota is remembered by: origin and credential. NULL: by nothing. */
static const char *quota_key(struct dl_scope *scope, const struct dl_req *req, const char *origin)
{
	struct dl_buf parts;

	dl_buf_init(&parts, &scope->arena, DL_CAP_HEAD);
	add_part(&parts, "quota");
	add_part(&parts, origin);
	add_part(&parts, credential_for(req, origin));
	return parts.overflow ? NULL : dl_digest_hex(scope, DL_SHA256, parts.data, parts.len);
}

/* The cache; NULL: there is none. */
static struct dl_cache *cache_of(struct dl_http *http)
{
	struct dl_cache *cache;

	pthread_mutex_lock(&http->lock);
	if (!http->looked && http->options.cache) {
		http->cache = dl_cache_open(&http->own, http->options.cache);
		if (!http->cache && http->options.trace)
			fprintf(stderr, "%s: no answer is kept: %s\n", http->options.program,
				http->own.error.message);
	}
	http->looked = true;
	cache = http->cache;
	pthread_mutex_unlock(&http->lock);
	return cache;
}

/* Takes note of what RES says of the quota of the origin that answered. */
static void note_quota(struct dl_http *http, const struct transfer *transfer, const struct dl_res *res)
{
	struct dl_cache *cache;
	struct dl_quota quota;
	struct dl_scope scratch;
	const char *key;

	dl_scope_open(&scratch, NULL);
	if (dl_quota_read(&scratch, res->head, &quota)) {
		cache = cache_of(http);
		key = quota_key(&scratch, transfer->req, transfer->origin);
		pthread_mutex_lock(&http->lock);
		http->stats.rate_remaining = quota.left;
		http->quota = quota;
		if (!dl_text_same(http->quota_key, key))
			http->quota_key = dl_arena_string(&http->own.arena, key);
		pthread_mutex_unlock(&http->lock);
		if (cache && key && quota.reset_s != DL_TIME_NONE)
			dl_cache_put(cache, key, dl_quota_encode(&scratch.arena, &quota));
	}
	dl_scope_close(&scratch);
}

/* What this or another process has last heard of the quota that REQ would draw on. False: nothing. */
static bool known_quota(struct dl_scope *scope, struct dl_http *http, const struct dl_req *req,
			struct dl_quota *quota)
{
	struct dl_cache *cache = cache_of(http);
	const char *key;
	struct dl_url url;
	char *text;
	bool known;

	if (dl_url_parse(scope, req->url, &url))
		return false;
	key = quota_key(scope, req, dl_url_origin(&scope->arena, &url));
	text = cache && key ? dl_cache_get(scope, cache, key) : NULL;
	if (text && dl_quota_parse(text, quota))
		return true;
	pthread_mutex_lock(&http->lock);
	known = key && dl_text_same(http->quota_key, key);
	*quota = http->quota;
	pthread_mutex_unlock(&http->lock);
	return known && quota->reset_s != DL_TIME_NONE;
}

/* ------------------------------------------------------------------ one transfer */

static void count(struct dl_http *http, const struct transfer *transfer, const struct dl_res *res)
{
	curl_off_t received = 0, uploaded = 0;
	long sent = 0;

	curl_easy_getinfo(transfer->curl, CURLINFO_SIZE_DOWNLOAD_T, &received);
	curl_easy_getinfo(transfer->curl, CURLINFO_SIZE_UPLOAD_T, &uploaded);
	curl_easy_getinfo(transfer->curl, CURLINFO_REQUEST_SIZE, &sent);
	pthread_mutex_lock(&http->lock);
	http->stats.requests++;
	http->stats.not_modified += res->status == 304;
	http->stats.sent_bytes += uploaded;
	http->stats.received_bytes += received;
	http->stats.acted |= !is_read(transfer->req) && sent;
	pthread_mutex_unlock(&http->lock);
	/* What is sent on to another place was not done in this one. */
	if (!is_read(transfer->req) && sent && res->status < 400 && res->status != 307 && res->status != 308)
		dl_http_changed(http, method_of(transfer->req),
				dl_url_redact(&transfer->scope->arena, transfer->req->url), res->status);
}

static bool is_ascii(const char *text)
{
	while (*text && (unsigned char)*text < 0x80)
		text++;
	return !*text;
}

static void trace(const struct dl_http *http, const struct transfer *transfer, const struct dl_res *res,
		  CURLcode code)
{
	struct dl_scope scratch;
	const char *left, *url = transfer->url;
	double seconds = 0;

	if (!http->options.trace)
		return;
	dl_scope_open(&scratch, NULL);
	curl_easy_getinfo(transfer->curl, CURLINFO_TOTAL_TIME, &seconds);
	left = dl_http_header(&scratch.arena, res, "x-ratelimit-remaining");
	/* What is not the API's own, or was answered with by it, may be a signed link. */
	if (strcmp(url, transfer->req->url) != 0 || !is_ascii(url) ||
	    !dl_text_same(transfer->origin, transfer->req->auth.origin))
		url = dl_url_redact(&scratch.arena, url);
	fprintf(stderr, "%s: %s %s: ", http->options.program, method_of(transfer->req), url);
	if (code)
		fprintf(stderr, "%s\n", curl_easy_strerror(code));
	else
		fprintf(stderr, "%d, %zu bytes, %.3f s%s%s\n", res->status, transfer->body.len, seconds,
			left ? ", quota left " : "", left ? dl_text_quote(&scratch.arena, left) : "");
	dl_scope_close(&scratch);
}

const char *dl_http_version(void)
{
	return curl_version();
}

/* The value of the line NAME of a certificate; NULL: it has none. */
static const char *certificate_line(struct dl_arena *arena, const struct curl_slist *lines, const char *name)
{
	for (; lines; lines = lines->next)
		if (dl_text_starts(lines->data, name))
			return dl_arena_string(arena, lines->data + strlen(name));
	return NULL;
}

static void note_certificate(struct dl_arena *arena, CURL *curl, struct dl_http_facts *facts)
{
	struct curl_certinfo *chain = NULL;
	const char *end;

	facts->expires_at = DL_TIME_NONE;
	if (curl_easy_getinfo(curl, CURLINFO_CERTINFO, &chain) != CURLE_OK || !chain || !chain->num_of_certs)
		return;
	facts->subject = certificate_line(arena, chain->certinfo[0], "Subject:");
	facts->issuer = certificate_line(arena, chain->certinfo[0], "Issuer:");
	end = certificate_line(arena, chain->certinfo[0], "Expire date:");
	/* "Mar  1 12:00:00 2027 GMT", but for the day of the week one of the forms of HTTP. */
	if (dl_text_ends(end, " GMT"))
		facts->expires_at = dl_time_parse_http(
			dl_arena_format(arena, "Sun %.*s", (int)strlen(end) - 4, end));
}

static int64_t moment_ms(CURL *curl, CURLINFO info)
{
	curl_off_t micros = 0;

	return curl_easy_getinfo(curl, info, &micros) == CURLE_OK && micros > 0 ? micros / 1000 : -1;
}

static bool is_tls_failure(CURLcode code)
{
	return code == CURLE_SSL_CONNECT_ERROR || code == CURLE_PEER_FAILED_VERIFICATION ||
	       code == CURLE_SSL_CERTPROBLEM || code == CURLE_SSL_CIPHER ||
	       code == CURLE_SSL_CACERT_BADFILE || code == CURLE_SSL_INVALIDCERTSTATUS;
}

static void note_facts(const struct transfer *transfer, CURLcode code, struct dl_http_facts *facts)
{
	struct dl_arena *arena = &transfer->scope->arena;
	CURL *curl = transfer->curl;
	char *address = NULL;
	long tunnel = 0, version = 0;

	*facts = (struct dl_http_facts){
		.dns_ms = moment_ms(curl, CURLINFO_NAMELOOKUP_TIME_T),
		.connect_ms = moment_ms(curl, CURLINFO_CONNECT_TIME_T),
		.tls_ms = moment_ms(curl, CURLINFO_APPCONNECT_TIME_T),
		.total_ms = moment_ms(curl, CURLINFO_TOTAL_TIME_T),
		.failure = code ? dl_arena_string(arena, *transfer->words ? transfer->words
									  : curl_easy_strerror(code))
				: NULL,
	};
	/* Libraries before 8 tell the time of the connection only when TLS is agreed on, too. */
	if (facts->connect_ms < 0 && is_tls_failure(code))
		facts->connect_ms = facts->total_ms;
	if (curl_easy_getinfo(curl, CURLINFO_PRIMARY_IP, &address) == CURLE_OK && address && *address)
		facts->address = dl_arena_string(arena, address);
	curl_easy_getinfo(curl, CURLINFO_HTTP_CONNECTCODE, &tunnel);
	curl_easy_getinfo(curl, CURLINFO_HTTP_VERSION, &version);
	facts->tunnelled = tunnel != 0;
	facts->protocol = version == CURL_HTTP_VERSION_2_0 ? "HTTP/2" : version ? "HTTP/1" : NULL;
	note_certificate(arena, curl, facts);
}

/* One transfer to the URL of the hop. CURLE_OK with RES filled in, or curl's word. */
static CURLcode perform(struct dl_http *http, struct transfer *transfer, struct dl_res *res)
{
	struct curl_slist *headers;
	long status = 0;
	CURLcode code;

	transfer->curl = take_handle(http);
	if (!transfer->curl)
		return CURLE_FAILED_INIT;
	dl_buf_reset(&transfer->head);
	dl_buf_reset(&transfer->body);
	headers = hop_headers(transfer);
	set_options(http, transfer, headers);
	if (transfer->req->facts) {
		curl_easy_setopt(transfer->curl, CURLOPT_CERTINFO, 1L);
		curl_easy_setopt(transfer->curl, CURLOPT_FRESH_CONNECT, 1L);
		curl_easy_setopt(transfer->curl, CURLOPT_ERRORBUFFER, transfer->words);
	}
	code = curl_easy_perform(transfer->curl);
	curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &status);
	res->status = (int)status;
	res->url = transfer->url;
	res->head = transfer->head.data;
	res->body = transfer->body.data;
	res->len = transfer->body.len;
	count(http, transfer, res);
	note_quota(http, transfer, res);
	if (transfer->req->facts)
		note_facts(transfer, code, transfer->req->facts);
	curl_easy_setopt(transfer->curl, CURLOPT_ERRORBUFFER, NULL);
	trace(http, transfer, res, code);
	curl_easy_setopt(transfer->curl, CURLOPT_MIMEPOST, NULL);
	curl_mime_free(transfer->mime);
	transfer->mime = NULL;
	give_handle(http, transfer->curl);
	curl_slist_free_all(headers);
	return code == CURLE_WRITE_ERROR && transfer->written == DL_ENOUGH ? CURLE_OK : code;
}

static bool is_redirect(const struct dl_req *req, int status)
{
	if (req->stay)
		return false;
	if (is_upload(req))
		return status >= 300 && status < 400;
	if (status == 307 || status == 308)
		return true;
	return !has_body(req) && (status == 301 || status == 302 || status == 303);
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

/* An upload is led on by nobody but the user: what asks for a login redirects as well, and some servers take
 * a redirected POST for a question. */
static int refuse_to_move(struct dl_scope *scope, const char *from, const struct dl_res *res)
{
	const char *to = next_hop(scope, from, res);

	if (!to)
		return -1;
	dl_fail(scope, DL_REFUSED, "%s answers an upload with a redirect to %s", url_host(scope, from),
		dl_url_redact(&scope->arena, to));
	return dl_fail_hint(scope, "if that is the right place, use its URL");
}

/* Turns TRANSFER to URL. */
static int turn_to(struct transfer *transfer, const char *url)
{
	struct dl_url parsed;

	if (!url || dl_url_parse(transfer->scope, url, &parsed))
		return -1;
	transfer->url = url;
	transfer->origin = dl_url_origin(&transfer->scope->arena, &parsed);
	return 0;
}

/* One attempt: from hop to hop until an answer that is none of a redirect. ETAG is for the first alone. */
static CURLcode follow(struct dl_scope *scope, struct dl_http *http, struct transfer *transfer,
		       const char *etag, struct dl_res *res)
{
	CURLcode code;
	int hop;

	if (turn_to(transfer, transfer->req->url))
		return CURLE_URL_MALFORMAT;
	transfer->home = transfer->origin;
	res->moved = false;
	for (hop = 0; hop <= REDIRECTS; hop++) {
		transfer->etag = hop == 0 ? etag : NULL;
		code = perform(http, transfer, res);
		res->away = strcmp(transfer->origin, transfer->home) != 0;
		if (code != CURLE_OK || !is_redirect(transfer->req, res->status))
			return code;
		if (is_upload(transfer->req) && refuse_to_move(scope, transfer->url, res))
			return CURLE_BAD_FUNCTION_ARGUMENT;
		res->moved |= res->status == 301 || res->status == 308;
		if (turn_to(transfer, next_hop(scope, transfer->url, res)))
			return CURLE_BAD_FUNCTION_ARGUMENT;
		if (has_body(transfer->req) && strcmp(transfer->origin, transfer->home) != 0) {
			dl_fail(scope, DL_DATA, "%s redirects what is sent to it to another host",
				url_host(scope, transfer->req->url));
			return CURLE_BAD_FUNCTION_ARGUMENT;
		}
	}
	dl_fail(scope, DL_DATA, "%s redirects more than %d times", url_host(scope, transfer->req->url),
		REDIRECTS);
	return CURLE_TOO_MANY_REDIRECTS;
}

/* ------------------------------------------------------------------ attempts */

/* Whether a pause is over before the deadline, or short where there is none. */
static bool can_wait(const struct dl_http *http, int64_t pause_ms)
{
	if (http->options.deadline_ms)
		return dl_time_clock_ms() + pause_ms < http->options.deadline_ms;
	return pause_ms <= PATIENCE_S * 1250;
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
	return can_wait(http, pause) ? pause : -1;
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

static void wait_for(struct dl_http *http, int64_t pause_ms, const char *why)
{
	if (http->options.trace)
		fprintf(stderr, "%s: %s in %.1f s\n", http->options.program, why, (double)pause_ms / 1000);
	pthread_mutex_lock(&http->lock);
	http->stats.waited_ms += pause_ms;
	pthread_mutex_unlock(&http->lock);
	dl_time_sleep_ms(pause_ms);
}

static void note_clock(struct dl_scope *scope, struct dl_http *http, const struct dl_res *res)
{
	int64_t date = dl_time_parse_http(dl_http_header(&scope->arena, res, "date"));

	if (date == DL_TIME_NONE)
		return;
	pthread_mutex_lock(&http->lock);
	http->ahead_s = dl_time_now() - date;
	pthread_mutex_unlock(&http->lock);
}

int64_t dl_http_now(struct dl_http *http)
{
	int64_t ahead_s;

	pthread_mutex_lock(&http->lock);
	ahead_s = http->ahead_s;
	pthread_mutex_unlock(&http->lock);
	return dl_time_now() - ahead_s;
}

/* Sends REQ until there is an answer that will do, or no sense in another attempt; with ETAG as a question
 * whether the answer is another one by now. */
static int ask(struct dl_scope *scope, struct dl_http *http, const struct dl_req *req, const char *etag,
	       struct dl_res *res)
{
	struct transfer transfer = {.scope = scope, .req = req, .res = res};
	int64_t pause;
	CURLcode code;
	int attempt;

	dl_buf_init(&transfer.head, &scope->arena, DL_CAP_HEAD);
	dl_buf_init(&transfer.body, &scope->arena, req->cap ? req->cap : DL_CAP_BODY);
	for (attempt = 0;; attempt++) {
		code = follow(scope, http, &transfer, etag, res);
		res->retry_after_s = code == CURLE_OK ? dl_quota_limited(scope, res->status, res->head) : -1;
		if (scope->error.class != DL_OK || transfer.streamed || !may_repeat(req, code) ||
		    !may_pass(code))
			break;
		pause = pause_before(http, res, code, attempt);
		if (pause < 0)
			break;
		pthread_mutex_lock(&http->lock);
		http->stats.retries++;
		pthread_mutex_unlock(&http->lock);
		wait_for(http, pause, "trying again");
	}
	if (code == CURLE_OK)
		note_clock(scope, http, res);
	return code == CURLE_OK ? 0
				: explain_transfer(scope, &transfer, code, res->url ? res->url : req->url,
						   timeout_of(http, req));
}

/* Sees to it that REQ does not touch the reserve: waits until the quota is filled again, or fails. A
 * CONDITIONAL question costs nothing as long as nothing is new, so it is let through down to half of it. */
static int spare_reserve(struct dl_scope *scope, struct dl_http *http, const struct dl_req *req,
			 bool conditional)
{
	int64_t reserve = http->options.reserve, seconds;
	struct dl_quota quota;

	if (reserve < 0 || !known_quota(scope, http, req, &quota))
		return 0;
	seconds = quota.reset_s - dl_time_now();
	if (quota.left > (conditional ? reserve / 2 : reserve) || seconds <= 0)
		return 0;
	if (can_wait(http, seconds * 1000)) {
		wait_for(http, seconds * 1000, "the quota is filled again");
		return 0;
	}
	dl_fail(scope, DL_LIMITED, "%s answers %lld more requests, which --reserve leaves for others",
		url_host(scope, req->url), (long long)quota.left);
	scope->error.retry_after_s = (long)seconds;
	return dl_fail_hint(scope, "the quota is filled again in %lld s", (long long)seconds);
}

/* ------------------------------------------------------------------ what is kept */

static void note_age(const struct dl_req *req, int64_t age_s, bool asked)
{
	int64_t oldest;

	if (!req->age)
		return;
	if (asked)
		atomic_store(&req->age->asked, true);
	oldest = atomic_load(&req->age->oldest_s);
	while (age_s > oldest && !atomic_compare_exchange_weak(&req->age->oldest_s, &oldest, age_s))
		;
}

/* What the answer to REQ is kept under, which does not tell what it is made of: all that the server sees.
 * NULL: it is not kept. */
static const char *answer_key(struct dl_scope *scope, const struct dl_req *req)
{
	const char *const *line;
	struct dl_buf parts;

	dl_buf_init(&parts, &scope->arena, DL_CAP_LINE);
	add_part(&parts, "answer");
	add_part(&parts, req->url);
	add_part(&parts, req->auth.header);
	for (line = req->headers; line && *line; line++)
		add_part(&parts, *line);
	return parts.overflow ? NULL : dl_digest_hex(scope, DL_SHA256, parts.data, parts.len);
}

/* Whether this client asks the question KEY for the first time. */
static bool is_first(struct dl_http *http, const char *key)
{
	char place[] = {key[0], key[1], '\0'};
	struct asked **list = &http->asked[strtol(place, NULL, 16)], *asked;

	pthread_mutex_lock(&http->lock);
	for (asked = *list; asked && strcmp(asked->key, key) != 0; asked = asked->next)
		;
	if (!asked) {
		struct asked *first = dl_arena_alloc(&http->own.arena, sizeof *first);

		*first = (struct asked){*list, dl_arena_string(&http->own.arena, key)};
		*list = first;
	}
	pthread_mutex_unlock(&http->lock);
	return !asked;
}

/* A question, and the answer to it that is kept. */
struct question {
	const struct dl_req *req;
	struct dl_cache *cache;
	const char *key;
	struct dl_cache_answer kept; /* without a body: there is none */
	const char *etag;            /* of .kept; NULL: it has none */
};

/* Looks for the answer that is kept. */
static void find_kept(struct dl_scope *scope, struct question *question)
{
	size_t cap = question->req->cap ? question->req->cap : DL_CAP_BODY;
	struct dl_res kept = {.head = NULL};

	if (dl_cache_read(scope, question->cache, question->key, &question->kept) &&
	    question->kept.len > cap)
		question->kept.body = NULL;
	if (question->kept.body)
		kept.head = question->kept.head;
	question->etag = dl_http_header(&scope->arena, &kept, "etag");
}

static bool is_young(struct dl_http *http, const struct question *question)
{
	int64_t age_ms = dl_cache_clock_ms() - question->kept.sent_ms;

	return is_first(http, question->key) && question->kept.body && age_ms >= 0 &&
	       age_ms / 1000 <= http->options.max_age_s &&
	       dl_cache_stands(question->cache, &question->kept);
}

static void take_kept(const struct question *question, struct dl_res *res)
{
	*res = (struct dl_res){
		.status = 200,
		.url = question->req->url,
		.head = question->kept.head,
		.body = question->kept.body,
		.len = question->kept.len,
		.retry_after_s = -1,
	};
}

static int answer_from_disk(struct dl_http *http, const struct question *question, struct dl_res *res)
{
	int64_t age_s = (dl_cache_clock_ms() - question->kept.sent_ms) / 1000;

	take_kept(question, res);
	note_age(question->req, age_s, false);
	pthread_mutex_lock(&http->lock);
	http->stats.from_disk++;
	pthread_mutex_unlock(&http->lock);
	if (http->options.trace)
		fprintf(stderr, "%s: GET %s: from disk, %lld s old\n", http->options.program,
			question->req->url, (long long)age_s);
	return 0;
}

/* Without a length and without chunks a body ends with its connection, whatever ended that. */
static bool is_whole(struct dl_scope *scope, const struct dl_res *res)
{
	return !dl_text_starts(res->head, "HTTP/1.") ||
	       dl_http_header(&scope->arena, res, "content-length") ||
	       dl_http_header(&scope->arena, res, "transfer-encoding");
}

static bool is_direct(const struct dl_req *req, const struct dl_res *res)
{
	return strcmp(res->url, req->url) == 0;
}

static bool may_keep(struct dl_scope *scope, const struct dl_req *req, const struct dl_res *res)
{
	const char *type = dl_http_header(&scope->arena, res, "content-type");
	const char *control = dl_http_header(&scope->arena, res, "cache-control");

	return res->status == 200 && is_direct(req, res) && is_whole(scope, res) && type &&
	       strncasecmp(type, "text/html", strlen("text/html")) != 0 &&
	       !(control && strcasestr(control, "no-store"));
}

/* Asks, and keeps the answer. One that says something else takes what was kept away. */
static int ask_and_keep(struct dl_scope *scope, struct dl_http *http, const struct question *question,
			struct dl_res *res)
{
	struct dl_cache_answer answer = {.sent_ms = dl_cache_clock_ms()};

	if (ask(scope, http, question->req, question->etag, res))
		return -1;
	note_age(question->req, 0, true);
	if (question->etag && res->status == 304 && is_direct(question->req, res)) {
		take_kept(question, res);
	} else if (!may_keep(scope, question->req, res)) {
		if (res->status < 500 && res->retry_after_s < 0)
			dl_cache_forget(question->cache, question->key);
		return 0;
	}
	answer.head = res->head;
	answer.body = res->body;
	answer.len = res->len;
	dl_cache_keep(question->cache, question->key, &answer);
	return 0;
}

/* Whether another has brought an answer since QUESTION was looked up. */
static bool has_arrived(struct dl_scope *scope, struct question *question)
{
	if (dl_cache_same(question->cache, question->key, &question->kept))
		return false;
	find_kept(scope, question);
	return question->kept.body && dl_cache_stands(question->cache, &question->kept);
}

static int ask_kept(struct dl_scope *scope, struct dl_http *http, struct question *question,
		    struct dl_res *res)
{
	int64_t patience_ms = time_left_ms(http, question->req) / 2;
	int turn, result;

	find_kept(scope, question);
	if (http->options.max_age_s > 0 && is_young(http, question))
		return answer_from_disk(http, question, res);
	if (spare_reserve(scope, http, question->req, question->etag))
		return -1;
	turn = dl_cache_turn(question->cache, question->key,
			     patience_ms < PATIENCE_S * 1000 ? patience_ms : PATIENCE_S * 1000);
	result = has_arrived(scope, question) ? answer_from_disk(http, question, res)
					      : ask_and_keep(scope, http, question, res);
	dl_cache_return(turn);
	return result;
}

/* ------------------------------------------------------------------ one request */

static int print_instead(const struct dl_http *http, const struct dl_req *req)
{
	fprintf(stderr, "%s: would send %s %s\n", http->options.program, req->method, req->url);
	if (req->body_len)
		fprintf(stderr, "%s: with %.*s\n", http->options.program, (int)req->body_len, req->body);
	if (req->upload)
		fprintf(stderr, "%s: with %" PRId64 " bytes\n", http->options.program,
			dl_body_size(req->upload));
	return 1;
}

/* Sends what is no question for the cache. A change may happen at any moment until it is answered, and the
 * program may not live to see that. */
static int send_through(struct dl_scope *scope, struct dl_http *http, const struct dl_req *req,
			struct dl_res *res)
{
	struct dl_cache *changed = is_read(req) ? NULL : cache_of(http);
	int result;

	if (spare_reserve(scope, http, req, false))
		return -1;
	dl_cache_change(changed);
	result = ask(scope, http, req, NULL, res);
	dl_cache_change(changed);
	if (result == 0)
		note_age(req, 0, true);
	return result;
}

int dl_http_send(struct dl_scope *scope, struct dl_http *http, const struct dl_req *req, struct dl_res *res)
{
	bool keepable = strcmp(method_of(req), "GET") == 0 && !req->writer && !req->once;
	struct question question = {.req = req};

	memset(res, 0, sizeof *res);
	if (http->options.dry_run && !is_read(req))
		return print_instead(http, req);
	question.cache = keepable ? cache_of(http) : NULL;
	question.key = question.cache ? answer_key(scope, req) : NULL;
	return question.key ? ask_kept(scope, http, &question, res) : send_through(scope, http, req, res);
}
