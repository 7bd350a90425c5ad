#include "lib/net/http_many.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/time.h"
#include "lib/base/url.h"

enum { HANDLES = 256, CONNECTIONS = 256, STREAMS = 100 };

struct dl_http_many {
	struct dl_http_many_options options;
	CURLM *multi;
	CURL *idle[HANDLES];
	int idle_count;
};

/* A question under way. */
struct asking {
	struct dl_http_many *many;
	struct dl_http_ask *ask;
	CURL *curl;
	struct curl_slist *headers;
	struct dl_buf head, body;
};

struct dl_http_many *dl_http_many_open(struct dl_scope *scope, const struct dl_http_many_options *options)
{
	struct dl_http_many *many = dl_arena_alloc(&scope->arena, sizeof *many);

	many->options = *options;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
		many->multi = curl_multi_init();
	if (!many->multi) {
		dl_fail(scope, DL_SYSTEM, "libcurl cannot be started");
		return NULL;
	}
	curl_multi_setopt(many->multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
	curl_multi_setopt(many->multi, CURLMOPT_MAX_HOST_CONNECTIONS, options->per_host);
	curl_multi_setopt(many->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)CONNECTIONS);
	curl_multi_setopt(many->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS);
	curl_multi_setopt(many->multi, CURLMOPT_MAX_CONCURRENT_STREAMS, (long)STREAMS);
	return many;
}

/* Takes the question off its connection. */
static void end(struct asking *asking)
{
	struct dl_http_many *many = asking->many;

	curl_multi_remove_handle(many->multi, asking->curl);
	curl_slist_free_all(asking->headers);
	asking->headers = NULL;
	if (many->idle_count < HANDLES)
		many->idle[many->idle_count++] = asking->curl;
	else
		curl_easy_cleanup(asking->curl);
	asking->curl = NULL;
}

void dl_http_many_close(struct dl_http_many *many)
{
	if (!many)
		return;
	while (many->idle_count)
		curl_easy_cleanup(many->idle[--many->idle_count]);
	curl_multi_cleanup(many->multi);
	curl_global_cleanup();
}

/* ------------------------------------------------------------------ one question */

static size_t take_body(char *data, size_t size, size_t count, void *arg)
{
	struct dl_buf *body = arg;

	dl_buf_add(body, data, size * count);
	return body->overflow ? 0 : size * count;
}

static void add_header(struct asking *asking, const char *line)
{
	struct curl_slist *longer = curl_slist_append(asking->headers, line);

	DL_BUG_IF(!longer);
	asking->headers = longer;
}

static void set_options(struct asking *asking)
{
	const struct dl_http_many_options *options = &asking->many->options;
	const struct dl_http_ask *ask = asking->ask;
	CURL *curl = asking->curl;

	dl_http_prepare(curl, ask->url, asking->headers, &asking->head);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "git/2 (devloop/" DL_VERSION ")");
	curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)ask->body_len);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, ask->body);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)dl_http_options(options->http)->timeout_s);
	/* The first connection to a server says whether the others are needed. */
	curl_easy_setopt(curl, CURLOPT_PIPEWAIT, 1L);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &asking->body);
	curl_easy_setopt(curl, CURLOPT_PRIVATE, asking);
	if (options->ca_file)
		curl_easy_setopt(curl, CURLOPT_CAINFO, options->ca_file);
	if (options->ca_dir)
		curl_easy_setopt(curl, CURLOPT_CAPATH, options->ca_dir);
	if (options->proxy)
		curl_easy_setopt(curl, CURLOPT_PROXY, options->proxy);
}

void dl_http_many_put(struct dl_http_many *many, struct dl_http_ask *ask)
{
	struct asking *asking = ask->state;
	const char *const *line;

	if (!asking) {
		asking = dl_arena_alloc(&ask->scope->arena, sizeof *asking);
		dl_buf_init(&asking->head, &ask->scope->arena, DL_CAP_HEAD);
		dl_buf_init(&asking->body, &ask->scope->arena, ask->cap);
	}
	ask->state = asking;
	asking->many = many;
	asking->ask = ask;
	dl_buf_reset(&asking->head);
	dl_buf_reset(&asking->body);
	asking->curl = many->idle_count ? many->idle[--many->idle_count] : curl_easy_init();
	DL_BUG_IF(!asking->curl);
	curl_easy_reset(asking->curl);
	add_header(asking, "Expect:");
	for (line = ask->headers; *line; line++)
		add_header(asking, *line);
	set_options(asking);
	DL_BUG_IF(curl_multi_add_handle(many->multi, asking->curl) != CURLM_OK);
}

/* ------------------------------------------------------------------ answers */

static void trace(const struct dl_http_many *many, const struct asking *asking, CURLcode code)
{
	const struct dl_http_options *options = dl_http_options(many->options.http);
	struct dl_scope scratch;
	double seconds = 0;
	const char *url;

	if (!options->trace)
		return;
	dl_scope_open(&scratch, NULL);
	url = dl_url_redact(&scratch.arena, asking->ask->url);
	curl_easy_getinfo(asking->curl, CURLINFO_TOTAL_TIME, &seconds);
	fprintf(stderr, "%s: POST %s: ", options->program, url);
	if (code)
		fprintf(stderr, "%s\n", curl_easy_strerror(code));
	else
		fprintf(stderr, "%d, %zu bytes, %.3f s\n", asking->ask->res.status, asking->body.len,
			seconds);
	dl_scope_close(&scratch);
}

/* Gives back the question that CURL has brought to an end. */
static struct dl_http_ask *answer(struct dl_http_many *many, CURL *curl, CURLcode code)
{
	struct asking *asking = NULL;
	struct dl_http_ask *ask;
	long status = 0;

	curl_easy_getinfo(curl, CURLINFO_PRIVATE, &asking);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	ask = asking->ask;
	ask->res = (struct dl_res){
		.status = code == CURLE_OK ? (int)status : 0,
		.url = ask->url,
		.head = asking->head.data,
		.body = asking->body.data,
		.len = asking->body.len,
	};
	ask->failure = code == CURLE_OK ? NULL : curl_easy_strerror(code);
	ask->unreachable = code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST;
	ask->untrusted = code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE ||
			 code == CURLE_SSL_CERTPROBLEM;
	dl_http_count(many->options.http, asking->body.len, ask->body_len);
	trace(many, asking, code);
	end(asking);
	return ask;
}

/* One that has ended already; NULL: none has. */
static struct dl_http_ask *take_ended(struct dl_http_many *many)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(many->multi, &left)))
		if (message->msg == CURLMSG_DONE)
			return answer(many, message->easy_handle, message->data.result);
	return NULL;
}

struct dl_http_ask *dl_http_many_next(struct dl_http_many *many, int fd, int timeout_ms)
{
	int64_t deadline = dl_time_clock_ms() + timeout_ms, left;
	struct curl_waitfd more = {.fd = fd, .events = CURL_WAIT_POLLIN};
	struct dl_http_ask *ask;
	int running;

	ask = take_ended(many);
	while (!ask) {
		curl_multi_perform(many->multi, &running);
		ask = take_ended(many);
		left = deadline - dl_time_clock_ms();
		if (ask || left <= 0 || (more.revents & CURL_WAIT_POLLIN))
			break;
		curl_multi_poll(many->multi, &more, 1, (int)left, NULL);
	}
	return ask;
}
