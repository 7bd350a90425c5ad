/* upload: sends a file by lib/http.
 *
 *     upload [-f | -e] [-m METHOD] [-t TIMEOUT_S] URL FILE
 *
 * As it is, with -f as the field "content" of a form, with -e in base64 between the ends of a JSON text.
 * Prints the status and the body of the answer, then how many bytes have moved, and how many of them again.
 */
#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/scope.h"
#include "lib/net/body.h"
#include "lib/net/http.h"

static const char begin[] = "{\"data\": \"", end[] = "\"}";

struct meter {
	struct dl_body_meter meter;
	int64_t moved, again;
};

static void move(struct dl_body_meter *base, int64_t bytes)
{
	struct meter *meter = (struct meter *)base;

	meter->moved += bytes;
	if (bytes < 0)
		meter->again -= bytes;
}

static int usage(void)
{
	fprintf(stderr, "usage: upload [-f | -e] [-m METHOD] [-t TIMEOUT_S] URL FILE\n");
	return 2;
}

static int send_file(struct dl_scope *scope, struct dl_req *req, int kind, int timeout_s, int fd,
		     int64_t size)
{
	struct meter meter = {.meter.move = move};
	struct dl_body_piece envelope[] = {
		{.text = begin, .len = sizeof begin - 1},
		{.fd = fd, .len = size, .base64 = kind == 'e'},
		{.text = end, .len = sizeof end - 1},
	};
	struct dl_body body = {envelope, 3, &meter.meter}, file = {envelope + 1, 1, &meter.meter};
	struct dl_body_field form[] = {
		{.name = "note", .value = "\"a\" & b"},
		{.name = "content", .body = &file, .filename = "a \"b\".txt", .type = "text/plain"},
		{.name = NULL},
	};
	struct dl_http_options options = {
		.program = "upload", .timeout_s = timeout_s, .retries = 3, .reserve = -1};
	struct dl_http *http = dl_http_open(scope, &options);
	struct dl_res res;

	req->upload = kind == 'e' ? &body : kind == 'f' ? NULL : &file;
	req->form = kind == 'f' ? form : NULL;
	if (dl_http_send(scope, http, req, &res) == 0)
		printf("%d\n%s\nmoved %" PRId64 ", again %" PRId64 "\n", res.status, res.body, meter.moved,
		       meter.again);
	dl_http_close(http);
	return scope->error.class;
}

int main(int argc, char **argv)
{
	struct dl_req req = {.method = "PUT"};
	int option, kind = 0, timeout_s = 30, fd, class;
	struct dl_scope scope;
	struct stat file;

	while ((option = getopt(argc, argv, "fem:t:")) != -1) {
		if (option == 'f' || option == 'e')
			kind = option;
		else if (option == 'm')
			req.method = optarg;
		else if (option == 't')
			timeout_s = (int)strtol(optarg, NULL, 10);
		else
			return usage();
	}
	if (argc - optind != 2)
		return usage();
	req.url = argv[optind];
	fd = open(argv[optind + 1], O_RDONLY);
	if (fd < 0 || fstat(fd, &file) < 0)
		err(1, "%s", argv[optind + 1]);
	dl_scope_open(&scope, NULL);
	class = send_file(&scope, &req, kind, timeout_s, fd, file.st_size);
	if (class)
		fprintf(stderr, "%s: %s\nhint: %s\n", dl_fail_word(scope.error.class), scope.error.message,
			scope.error.hint ? scope.error.hint : "none");
	dl_scope_close(&scope);
	return class;
}
