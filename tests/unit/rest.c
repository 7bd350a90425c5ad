/* What the engine sends of a body: its header lines, as a server on loopback sees them. */
#include "lib/provider/rest.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/net/body.h"
#include "tests/unit/check.h"

static int listener;
static char seen[4096];

/* Takes one request whose head and body come in few pieces, and answers 201. */
static void *answer_one(void *unused)
{
	static const char answer[] = "HTTP/1.1 201 \r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
	int client = accept(listener, NULL, NULL);
	size_t len = 0;
	ssize_t count;

	do {
		count = recv(client, seen + len, sizeof seen - 1 - len, 0);
		len += count > 0 ? (size_t)count : 0;
		seen[len] = '\0';
	} while (count > 0 && !strstr(seen, "END"));
	count = send(client, answer, sizeof answer - 1, 0);
	close(client);
	return unused;
}

static const char *listen_here(struct dl_scope *scope)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof address;

	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(listener, (struct sockaddr *)&address, len) || listen(listener, 8) ||
	    getsockname(listener, (struct sockaddr *)&address, &len))
		return NULL;
	return dl_arena_format(&scope->arena, "http://127.0.0.1:%d", ntohs(address.sin_port));
}

/* Sends a body by ROUTE, in one of the ways, and checks that the header line TYPE was among what arrived. */
static void check_type(struct dl_scope *scope, const struct dl_target *target, const struct dl_route *route,
		       bool form, const char *type)
{
	struct dl_var vars[] = {{"type", "application/zip"}, {"none", NULL}, {NULL, NULL}};
	struct dl_body_piece piece = {.text = "the END", .len = 7};
	struct dl_body body = {&piece, 1, NULL};
	struct dl_body_field fields[] = {{.name = "content", .body = &body}, {.name = NULL}};
	struct dl_res res = {0};
	pthread_t thread;
	int result;

	pthread_create(&thread, NULL, answer_one, NULL);
	result = form ? dl_rest_form(scope, target, route, vars, fields, &res)
		      : dl_rest_upload(scope, target, route, vars, &body, &res);
	pthread_join(thread, NULL);
	check_int("answer", type, result == 0 ? res.status : -1, 201);
	check_true("type", type, strstr(seen, type));
	check_true("length", type, strstr(seen, "Content-Length: "));
}

int main(void)
{
	static const struct dl_dialect dialect = {.message = "message"};
	static const struct dl_provider provider = {.name = "test", .dialect = &dialect};
	struct dl_http_options options = {.program = "rest", .timeout_s = 10, .reserve = -1};
	struct dl_target target = {.provider = &provider, .host = "test"};
	struct dl_scope scope;

	dl_scope_open(&scope, NULL);
	target.http = dl_http_open(&scope, &options);
	target.base = listen_here(&scope);
	check_type(&scope, &target, &(struct dl_route){.method = "PUT", .path = "/a"}, false,
		   "Content-Type: application/octet-stream\r\n");
	check_type(&scope, &target, &(struct dl_route){.method = "PUT", .path = "/a", .content = "{type}"},
		   false, "Content-Type: application/zip\r\n");
	check_type(&scope, &target, &(struct dl_route){.method = "PUT", .path = "/a", .content = "{none}"},
		   false, "Content-Type: application/octet-stream\r\n");
	check_type(&scope, &target, &(struct dl_route){.method = "POST", .path = "/a"}, true,
		   "Content-Type: multipart/form-data; boundary=");
	check_text("error", "none", scope.error.message, NULL);
	dl_http_close(target.http);
	dl_scope_close(&scope);
	close(listener);
	return check_end("rest");
}
