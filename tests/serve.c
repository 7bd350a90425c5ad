/* serve: a loopback HTTP/1.1 server that answers from cassettes.
 *
 *     serve [-p PORT] [-d LATENCY_MS] [-b FOLDER] -l REQUEST_LOG CASSETTE...
 *
 * Binds 127.0.0.1 (port 0, the default: any), prints "http://127.0.0.1:PORT" and serves until it is killed:
 * one thread per connection, keep-alive, request bodies with a Content-Length only. Every request becomes one
 * line of the log before it is answered, header names in lower case, control bytes as \xNN:
 *
 *     METHOD TARGET -> STATUS <tab> name: value <tab> name: value ... <tab> body: BODY
 *
 * With -b the bodies of the requests are kept as they came: FOLDER/1, FOLDER/2, ...
 *
 * A cassette is a text file:
 *
 *     # source: where the recorded answers come from        first line; up to the first ">>> " all is prose
 *
 *     >>> GET /repos/o/r/actions/runs?per_page=*&branch=main&*                              method and target
 *     need authorization: Bearer *                           the request has this header ("need NAME": any)
 *     deny private-token                                     the request has no such header
 *     need body: *"ref":"main"*                              the body counts as a header named body
 *     <<< 200 delay=300 chunked                              the status, and words that say how to answer
 *     Content-Type: application/json                         headers; a line that begins with '#' is a remark
 *
 *     body, up to the newline before the next ">>> "
 *
 * `*` stands for any text. Parameters match in any order; the parameter `*` allows others, or none. The first
 * exchange that matches answers. Exchanges with the same head (what is between >>> and <<<) are one sequence:
 * each request takes the next, the last repeats. A request that nothing matches gets 599.
 *
 * Headers and bodies may contain {{base}}, this server's URL; {{base2}}, the same with localhost, which is
 * another origin; {{now}} in seconds since 1970, {{date}} as in HTTP, {{time}} as in RFC 3339, each also with
 * seconds added, as in {{now+60}}. Content-Length is added unless given. Words of an answer:
 *
 *     delay=MS      wait before the answer             size=N      the body, repeated up to N bytes
 *     slow=MS       wait before each eighth of it      file=NAME   the body is this file, beside the cassette
 *     chunked       chunked transfer, in eighths       cut=N       close after N bytes of the body
 *     conditional   304 when If-None-Match fits        reset=N     the same, and the client sees a reset
 *     close         (for the status) close without an answer
 *     take=N        at most N bytes of the request's body are read: then comes the answer, and the end */
#include <arpa/inet.h>
#include <ctype.h>
#include <err.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_EXCHANGES = 1024, MAX_PARAMETERS = 64, MAX_LINES = 128, PIECES = 8 };

struct exchange {
	const char *file;
	const char *head;    /* request line and conditions, as written */
	const char *answer;  /* status and words */
	const char *headers; /* "" or whole lines */
	const char *body;
	bool used;
};

struct server {
	struct exchange exchanges[MAX_EXCHANGES];
	size_t count;
	FILE *log;
	const char *bodies;   /* the folder that keeps them; NULL: none does */
	int kept;
	pthread_mutex_t lock; /* guards the log, .kept and exchanges[].used */
	int port;
	long latency_ms;
};

struct request {
	char *line;             /* "METHOD TARGET" */
	char *lines[MAX_LINES]; /* "name: value", the names in lower case; a body is the last one */
	size_t count;
};

struct client {
	struct server *server;
	FILE *in;
	FILE *out;
};

/* ---- cassettes ---- */

static char *read_file(const char *path, size_t *len)
{
	FILE *file = fopen(path, "r"), *out;
	char *text, block[4096];
	size_t got;

	if (!file)
		err(1, "%s", path);
	out = open_memstream(&text, len);
	while ((got = fread(block, 1, sizeof block, file)))
		fwrite(block, 1, got, out);
	fclose(file);
	fclose(out);
	return text;
}

/* Cuts TEXT before SEPARATOR and returns what follows it, or NULL. */
static char *cut(char *text, const char *separator)
{
	char *at = strstr(text, separator);

	if (!at)
		return NULL;
	*at = '\0';
	return at + strlen(separator);
}

/* The value of the word NAME of an answer ("" for a word without "="), or NULL. */
static const char *word(const char *answer, const char *name)
{
	size_t len = strlen(name);

	for (; answer; answer = strchr(answer, ' ')) {
		answer += strspn(answer, " ");
		if (strncmp(answer, name, len) == 0 && strchr("= ", answer[len]))
			return answer + len + (answer[len] == '=');
	}
	return NULL;
}

static long number(const char *answer, const char *name, long otherwise)
{
	const char *value = word(answer, name);

	return value ? strtol(value, NULL, 10) : otherwise;
}

/* A misspelt word or condition would make a test pass for the wrong reason. */
static void check(const struct exchange *exchange)
{
	static const char known[] = " delay slow chunked conditional size file cut reset take ";
	const char *at = exchange->answer;
	char name[32];

	if (!isdigit((unsigned char)*at) && !word(at, "close"))
		errx(1, "%s: %s: bad status: %s", exchange->file, exchange->head, at);
	while ((at = strchr(at, ' '))) {
		at += strspn(at, " ");
		snprintf(name, sizeof name, " %.*s ", (int)strcspn(at, "= "), at);
		if (!strstr(known, name))
			errx(1, "%s: %s: unknown word: %s", exchange->file, exchange->head, at);
	}
	for (at = exchange->head; (at = strchr(at, '\n')); at++)
		if (strncmp(at, "\nneed ", 6) != 0 && strncmp(at, "\ndeny ", 6) != 0)
			errx(1, "%s: unknown condition in: %s", exchange->file, exchange->head);
}

static void load(struct server *server, const char *file)
{
	size_t len;
	char *text = read_file(file, &len), *next, *answer, *body, *headers;
	struct exchange *exchange;

	if (strncmp(text, "# source: ", 10) != 0)
		errx(1, "%s: the first line does not name the source", file);
	if (len && text[len - 1] == '\n')
		text[len - 1] = '\0';
	next = cut(text, "\n>>> ");
	while ((text = next)) {
		next = cut(text, "\n>>> ");
		answer = cut(text, "\n<<< ");
		if (!answer || server->count == MAX_EXCHANGES)
			errx(1, "%s: %s: %s", file, text, answer ? "too many exchanges" : "no answer");
		body = cut(answer, "\n\n");
		headers = cut(answer, "\n");
		exchange = &server->exchanges[server->count++];
		*exchange = (struct exchange){file, text, answer, headers ? headers : "",
					      body ? body : "", false};
		check(exchange);
	}
}

/* ---- matching ---- */

static bool glob(const char *pattern, const char *text)
{
	const char *star = NULL, *from = NULL;

	while (*text) {
		if (*pattern == '*') {
			star = pattern++;
			from = text;
		} else if (*pattern == *text) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star + 1;
			text = ++from;
		} else {
			return false;
		}
	}
	return pattern[strspn(pattern, "*")] == '\0';
}

static size_t split(char *query, char *parameters[MAX_PARAMETERS])
{
	size_t count = 0;

	while (query && *query && count < MAX_PARAMETERS)
		parameters[count++] = strsep(&query, "&");
	return count;
}

static bool match_query(char *pattern, char *query)
{
	char *wanted[MAX_PARAMETERS], *given[MAX_PARAMETERS];
	size_t wants = split(pattern, wanted), gives = split(query, given), i, j;
	bool open = false;

	for (i = 0; i < wants; i++) {
		if (strcmp(wanted[i], "*") == 0) {
			open = true;
			continue;
		}
		for (j = 0; j < gives && !glob(wanted[i], given[j]); j++)
			;
		if (j == gives)
			return false;
		given[j] = given[--gives];
	}
	return open || gives == 0;
}

/* A pattern without '?' is matched as a whole, so that a `*` at its end allows any query. */
static bool match_line(char *pattern, char *line)
{
	char *wanted = strchr(pattern, '?'), *given = strchr(line, '?');

	if (!wanted)
		return glob(pattern, line);
	*wanted = '\0';
	if (given)
		*given = '\0';
	return glob(pattern, line) && match_query(wanted + 1, given ? given + 1 : NULL);
}

/* PATTERN is "name" or "name: glob". */
static bool has_header(const struct request *request, const char *pattern)
{
	size_t len = strcspn(pattern, ":"), i;

	for (i = 0; i < request->count; i++)
		if (strncasecmp(request->lines[i], pattern, len) == 0 && request->lines[i][len] == ':' &&
		    (!pattern[len] || glob(pattern + len, request->lines[i] + len)))
			return true;
	return false;
}

static bool matches(const struct exchange *exchange, const struct request *request)
{
	char *head = strdup(exchange->head), *line = strdup(request->line), *rest = head, *condition;
	bool yes = match_line(strsep(&rest, "\n"), line);

	while (yes && (condition = strsep(&rest, "\n")))
		yes = has_header(request, condition + strlen("need ")) == (*condition == 'n');
	free(head);
	free(line);
	return yes;
}

/* The exchange that is due for REQUEST, as far as that is known; NULL: none. */
static struct exchange *choose(struct server *server, const struct request *request)
{
	struct exchange *end = server->exchanges + server->count, *first = server->exchanges, *chosen, *other;

	while (first < end && !matches(first, request))
		first++;
	if (first == end)
		return NULL;
	for (chosen = other = first; chosen->used && other < end; other++)
		if (strcmp(other->head, first->head) == 0)
			chosen = other;
	return chosen;
}

/* ---- requests ---- */

static void log_text(FILE *log, const char *text)
{
	for (; *text; text++)
		fprintf(log, iscntrl((unsigned char)*text) ? "\\x%02x" : "%c", (unsigned char)*text);
}

static void log_request(FILE *log, const struct request *request, const char *status)
{
	size_t i;

	log_text(log, request->line);
	fprintf(log, " -> %.*s", (int)strcspn(status, " "), status);
	for (i = 0; i < request->count; i++) {
		putc('\t', log);
		log_text(log, request->lines[i]);
	}
	putc('\n', log);
	fflush(log);
}

/* "Name:  value\r\n" -> "name: value" */
static char *header(char *line)
{
	char *value = cut(line, ":"), *at, *text = NULL;

	for (at = line; *at; at++)
		*at = (char)tolower((unsigned char)*at);
	value = value ? value + strspn(value, " \t") : at;
	value[strcspn(value, "\r\n")] = '\0';
	return asprintf(&text, "%s: %s", line, value) < 0 ? NULL : text;
}

/* How much of the body of REQUEST, of which the rest has been read, is wanted. */
static size_t body_limit(struct server *server, const struct request *request)
{
	const struct exchange *due;
	long limit;

	pthread_mutex_lock(&server->lock);
	due = choose(server, request);
	limit = due ? number(due->answer, "take", -1) : -1;
	pthread_mutex_unlock(&server->lock);
	return limit < 0 ? SIZE_MAX : (size_t)limit;
}

static void keep_body(struct server *server, const char *data, size_t len)
{
	char path[4096];
	FILE *file;

	pthread_mutex_lock(&server->lock);
	snprintf(path, sizeof path, "%s/%d", server->bodies, ++server->kept);
	pthread_mutex_unlock(&server->lock);
	file = fopen(path, "w");
	if (!file || fwrite(data, 1, len, file) < len || fclose(file))
		err(1, "%s", path);
}

static void read_body(struct client *client, struct request *request)
{
	static const char prefix[] = "body: ";
	size_t len = 0, start = sizeof prefix - 1, limit = body_limit(client->server, request), i;
	char *text;

	for (i = 0; i < request->count; i++)
		if (strncmp(request->lines[i], "content-length: ", 16) == 0)
			len = strtoul(request->lines[i] + 16, NULL, 10);
	len = len < limit ? len : limit;
	if (!len)
		return;
	if (has_header(request, "expect: 100-continue")) {
		fputs("HTTP/1.1 100 Continue\r\n\r\n", client->out);
		fflush(client->out);
	}
	text = calloc(start + len + 1, 1);
	memcpy(text, prefix, start);
	request->lines[request->count++] = text;
	if (fread(text + start, 1, len, client->in) < len)
		warnx("%s: the body ends early", request->line);
	else if (client->server->bodies)
		keep_body(client->server, text + start, len);
}

static bool read_request(struct client *client, struct request *request)
{
	char *line = NULL, *version = NULL;
	size_t size = 0;

	*request = (struct request){0};
	if (getline(&line, &size, client->in) > 0 && (version = strstr(line, " HTTP/1.")))
		request->line = strndup(line, (size_t)(version - line));
	while (version && getline(&line, &size, client->in) > 0 && *line != '\r' &&
	       request->count < MAX_LINES - 1)
		request->lines[request->count++] = header(line);
	free(line);
	if (version)
		read_body(client, request);
	return version;
}

static void free_request(struct request *request)
{
	free(request->line);
	while (request->count)
		free(request->lines[--request->count]);
}

/* ---- answers ---- */

static void pause_ms(long ms)
{
	nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

/* Prints what the placeholder at the start of TEXT stands for, and returns its length; 0: there is none. */
static size_t expand_one(FILE *out, const char *text, int port)
{
	char name[8], value[64] = "", *end;
	int len = 0;
	struct tm tm;
	time_t when;

	if (sscanf(text, "{{%7[a-z0-9]%n", name, &len) < 1)
		return 0;
	when = time(NULL) + strtol(text + len, &end, 10);
	if (strncmp(end, "}}", 2) != 0)
		return 0;
	localtime_r(&when, &tm);
	if (strcmp(name, "base") == 0)
		snprintf(value, sizeof value, "http://127.0.0.1:%d", port);
	else if (strcmp(name, "base2") == 0)
		snprintf(value, sizeof value, "http://localhost:%d", port);
	else if (strcmp(name, "now") == 0)
		strftime(value, sizeof value, "%s", &tm);
	else if (strcmp(name, "date") == 0)
		strftime(value, sizeof value, "%a, %d %b %Y %T GMT", &tm);
	else if (strcmp(name, "time") == 0)
		strftime(value, sizeof value, "%FT%TZ", &tm);
	fputs(value, out);
	return *value ? (size_t)(end + 2 - text) : 0;
}

static void expand(FILE *out, const char *text, int port)
{
	size_t len;

	for (; *text; text += len) {
		len = expand_one(out, text, port);
		if (!len) {
			len = 1 + strcspn(text + 1, "{");
			fwrite(text, 1, len, out);
		}
	}
}

static void send_headers(FILE *out, const struct exchange *exchange, int port)
{
	char *text = strdup(exchange->headers), *rest = text, *line;

	while ((line = strsep(&rest, "\n")))
		if (*line && *line != '#') {
			expand(out, line, port);
			fputs("\r\n", out);
		}
	free(text);
}

static bool not_modified(const struct exchange *exchange, const struct request *request)
{
	const char *tag = strcasestr(exchange->headers, "etag: ");
	char pattern[256];

	if (!tag || !word(exchange->answer, "conditional"))
		return false;
	tag += strlen("etag: ");
	snprintf(pattern, sizeof pattern, "if-none-match: %.*s", (int)strcspn(tag, "\n"), tag);
	return has_header(request, pattern);
}

static char *make_body(const struct exchange *exchange, int port, size_t *len)
{
	const char *name = word(exchange->answer, "file"), *slash = strrchr(exchange->file, '/');
	long size = number(exchange->answer, "size", -1);
	char *body, path[4096];
	FILE *out;

	if (name) {
		snprintf(path, sizeof path, "%.*s%.*s", slash ? (int)(slash + 1 - exchange->file) : 0,
			 exchange->file, (int)strcspn(name, " "), name);
		return read_file(path, len);
	}
	out = open_memstream(&body, len);
	do {
		expand(out, size > 0 && !*exchange->body ? "x" : exchange->body, port);
		fflush(out); /* sets *len */
	} while (size > 0 && *len < (size_t)size);
	fclose(out);
	if (size >= 0)
		*len = (size_t)size;
	return body;
}

/* Sends BODY in one piece, or in PIECES; false when the answer's words ask to stop within it. */
static bool send_body(FILE *out, const char *answer, const char *body, size_t len)
{
	size_t limit = (size_t)number(answer, "cut", number(answer, "reset", (long)len)), at, piece;
	long slow_ms = number(answer, "slow", 0);
	bool chunked = word(answer, "chunked");

	limit = limit < len ? limit : len;
	for (at = 0; at < limit; at += piece) {
		piece = slow_ms || chunked ? (len + PIECES - 1) / PIECES : len;
		piece = piece < limit - at ? piece : limit - at;
		fflush(out);
		pause_ms(slow_ms);
		if (chunked)
			fprintf(out, "%zx\r\n", piece);
		fwrite(body + at, 1, piece, out);
		if (chunked)
			fputs("\r\n", out);
	}
	if (chunked && limit == len)
		fputs("0\r\n\r\n", out);
	return limit == len;
}

/* A close that may not linger sends a reset. The client gets a moment to read what came before it. */
static void reset(struct client *client)
{
	struct linger at_once = {1, 0};

	pause_ms(50);
	setsockopt(fileno(client->out), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

/* Whether the connection stays open. */
static bool send_answer(struct client *client, const struct request *request, const struct exchange *exchange)
{
	const char *answer = exchange->answer;
	long status = not_modified(exchange, request) ? 304 : strtol(answer, NULL, 10);
	int port = client->server->port;
	bool bare = status == 204 || status == 304, keep = true;
	size_t len;
	char *body;

	pause_ms(client->server->latency_ms + number(answer, "delay", 0));
	if (!status)
		return false;
	body = make_body(exchange, port, &len);
	fprintf(client->out, "HTTP/1.1 %ld \r\n", status);
	send_headers(client->out, exchange, port);
	if (word(answer, "chunked") && !bare)
		fputs("Transfer-Encoding: chunked\r\n", client->out);
	else if (!bare && !strcasestr(exchange->headers, "content-length:"))
		fprintf(client->out, "Content-Length: %zu\r\n", len);
	fputs("\r\n", client->out);
	if (!bare && strncmp(request->line, "HEAD ", 5) != 0)
		keep = send_body(client->out, answer, body, len);
	free(body);
	if (fflush(client->out) == 0 && !keep && word(answer, "reset"))
		reset(client);
	return keep && !word(answer, "take") && !ferror(client->out);
}

static void *converse(void *data)
{
	static const struct exchange unmatched = {
		.file = "", .head = "", .answer = "599", .headers = "Content-Type: text/plain",
		.body = "no exchange of the cassettes matches this request\n",
	};
	struct client *client = data;
	struct server *server = client->server;
	const struct exchange *exchange;
	struct exchange *due;
	struct request request;
	bool open = true;

	while (open && read_request(client, &request)) {
		pthread_mutex_lock(&server->lock);
		due = choose(server, &request);
		if (due)
			due->used = true;
		exchange = due ? due : &unmatched;
		log_request(server->log, &request, exchange->answer);
		pthread_mutex_unlock(&server->lock);
		open = send_answer(client, &request, exchange);
		free_request(&request);
	}
	fclose(client->in);
	fclose(client->out);
	free(client);
	return NULL;
}

/* ---- the server ---- */

static int listen_on(struct server *server)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)server->port),
	                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof address;
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(listener, (struct sockaddr *)&address, len) != 0 || listen(listener, 128) != 0 ||
	    getsockname(listener, (struct sockaddr *)&address, &len) != 0)
		err(1, "port %d", server->port);
	server->port = ntohs(address.sin_port);
	return listener;
}

static void accept_client(struct server *server, int listener)
{
	int socket = accept(listener, NULL, NULL), on = 1;
	struct client *client = malloc(sizeof *client);
	pthread_t thread;

	if (socket < 0)
		err(1, "accept");
	setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	*client = (struct client){server, fdopen(socket, "r"), fdopen(dup(socket), "w")};
	if (!client->in || !client->out || pthread_create(&thread, NULL, converse, client) != 0)
		err(1, "a connection");
	pthread_detach(thread);
}

int main(int argc, char **argv)
{
	static struct server server = {.lock = PTHREAD_MUTEX_INITIALIZER};
	int option, listener;

	while ((option = getopt(argc, argv, "p:d:b:l:")) != -1) {
		if (option == 'p')
			server.port = (int)strtol(optarg, NULL, 10);
		else if (option == 'd')
			server.latency_ms = strtol(optarg, NULL, 10);
		else if (option == 'b')
			server.bodies = optarg;
		else if (option == 'l' && !(server.log = fopen(optarg, "a")))
			err(1, "%s", optarg);
	}
	if (!server.log || optind == argc)
		errx(2, "usage: serve [-p PORT] [-d LATENCY_MS] [-b FOLDER] -l REQUEST_LOG CASSETTE...");
	for (; optind < argc; optind++)
		load(&server, argv[optind]);
	signal(SIGPIPE, SIG_IGN);
	setenv("TZ", "UTC", 1);
	tzset();
	listener = listen_on(&server);
	printf("http://127.0.0.1:%d\n", server.port);
	fclose(stdout);
	for (;;)
		accept_client(&server, listener);
}
