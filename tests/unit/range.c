/* The server is a function: what dl_rest_stream would have asked is looked at, and answered from a table. */
#include "lib/provider/range.h"

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/writer.h"
#include "lib/net/http.h"
#include "lib/provider/rest.h"
#include "tests/unit/check.h"

struct answer {
	const char *name;
	int64_t offset; /* what is asked for */
	int status;
	const char *head, *body;
	int64_t begin;        /* where a download is told that it begins; -1: DL_DATA */
	const char *news;     /* what a follower sees; NULL: DL_DATA */
	int64_t end;          /* and where it goes on */
};

/* What the tests have is "0123456789", mostly. */
static const struct answer answers[] = {
	{"all of it", 0, 200, "", "0123456789", 0, "0123456789", 10},
	{"the part", 4, 206, "Content-Range: bytes 4-9/10\n", "456789", 4, "456789", 10},
	{"a part of who knows how much", 4, 206, "Content-Range: bytes 4-9/*\n", "456789", 4, "456789", 10},
	{"a part that is taken for the right one", 4, 206, "", "456789", 4, "456789", 10},
	{"no parts", 4, 200, "", "0123456789", 0, "456789", 10},
	{"no parts, and a lie", 4, 200, "Content-Range: bytes 4-9/10\n", "0123456789", 0, "456789", 10},
	{"no parts, and nothing new", 10, 200, "", "0123456789", 0, "", 10},
	{"no parts, and less than before", 10, 200, "", "012", 0, "", 3},
	{"no parts, and nothing at all", 4, 200, "", "", 0, "", 0},
	{"a part that begins before", 4, 206, "Content-Range: bytes 2-9/10\n", "23456789", 2, "456789", 10},
	{"a part that begins and ends before", 8, 206, "Content-Range: bytes 2-4/10\n", "234", 2, "", 5},
	{"an empty part", 4, 206, "Content-Range: bytes 4-3/4\n", "", 4, "", 4},
	{"a part that begins behind", 4, 206, "Content-Range: bytes 5-9/10\n", "56789", -1, NULL, 4},
	{"a part in no number", 4, 206, "Content-Range: bytes */10\n", "456789", -1, NULL, 4},
	{"a part in another unit", 4, 206, "Content-Range: lines 4-9/10\n", "456789", -1, NULL, 4},
};

static const struct answer *answer;

/* Piece by piece, as a network does it. */
int dl_rest_stream(struct dl_scope *scope, const struct dl_target *target, const struct dl_route *route,
		   const struct dl_var *vars, struct dl_writer *writer, struct dl_res *res)
{
	const char *data;
	int result = 0;

	(void)target;
	(void)route;
	check_text(answer->name, "the caller's variable", vars[0].value, "value");
	check_text(answer->name, "the variable", vars[1].name, "offset");
	check_int(answer->name, "the offset", vars[1].value ? dl_text_int(vars[1].value) : 0, answer->offset);
	check_true(answer->name, "nothing at 0", vars[1].value || !answer->offset);
	*res = (struct dl_res){.status = answer->status, .head = answer->head};
	if (answer->status >= 400) {
		dl_fail(scope, DL_REFUSED, "no");
		scope->error.status = answer->status;
		return -1;
	}
	for (data = answer->body; *data && result == 0; data++)
		result = writer->write(writer, scope, data, 1);
	return result;
}

/* Keeps what comes, and where the first byte was said to stand. */
struct kept {
	struct dl_writer writer;
	const int64_t *offset;
	int64_t first;
	char text[16];
	size_t len;
};

static int keep(struct dl_writer *writer, struct dl_scope *scope, const char *data, size_t len)
{
	struct kept *kept = (struct kept *)writer;

	(void)scope;
	if (!kept->len && kept->offset)
		kept->first = *kept->offset;
	memcpy(kept->text + kept->len, data, len);
	kept->len += len;
	return 0;
}

static const struct dl_var vars[] = {{"name", "value"}, {NULL, NULL}};

static void check_download(void)
{
	int64_t offset = answer->offset;
	struct kept kept = {.writer.write = keep, .offset = &offset, .first = -1};
	struct dl_scope scope;
	struct dl_res res;
	int result;

	dl_scope_open(&scope, NULL);
	result = dl_range_download(&scope, NULL, NULL, vars, &offset, &kept.writer, &res);
	check_int(answer->name, "a download's result", result, answer->begin < 0 ? -1 : 0);
	check_int(answer->name, "its class", scope.error.class, answer->begin < 0 ? DL_DATA : DL_OK);
	check_text(answer->name, "its bytes", kept.text, answer->begin < 0 ? "" : answer->body);
	if (answer->begin >= 0)
		check_int(answer->name, "its begin", offset, answer->begin);
	if (kept.len)
		check_int(answer->name, "its begin is known in time", kept.first, answer->begin);
	dl_scope_close(&scope);
}

static void check_follow(void)
{
	struct kept kept = {.writer.write = keep};
	int64_t offset = answer->offset;
	struct dl_scope scope;
	struct dl_res res;
	int result;

	dl_scope_open(&scope, NULL);
	result = dl_range_follow(&scope, NULL, NULL, vars, &offset, &kept.writer, &res);
	check_int(answer->name, "a follower's result", result, answer->news ? 0 : -1);
	check_text(answer->name, "its bytes", kept.text, answer->news ? answer->news : "");
	check_int(answer->name, "its end", offset, answer->end);
	dl_scope_close(&scope);
}

/* Nothing stands there: of a download, which lacks something, that is a failure. */
static void check_nothing(const struct answer *refusal, bool borne)
{
	int64_t offset = refusal->offset;
	struct kept kept = {.writer.write = keep};
	struct dl_scope scope;
	struct dl_res res;

	answer = refusal;
	dl_scope_open(&scope, NULL);
	check_int(answer->name, "a follower's result",
		  dl_range_follow(&scope, NULL, NULL, vars, &offset, &kept.writer, &res), borne ? 0 : -1);
	check_int(answer->name, "no failure is left", scope.error.class, borne ? DL_OK : DL_REFUSED);
	check_int(answer->name, "the follower stays", offset, answer->offset);
	check_int(answer->name, "the caller sees why", res.status, answer->status);
	dl_scope_close(&scope);
	dl_scope_open(&scope, NULL);
	check_int(answer->name, "a download's result",
		  dl_range_download(&scope, NULL, NULL, vars, &offset, &kept.writer, &res), -1);
	check_int(answer->name, "its status", scope.error.status, answer->status);
	check_int(answer->name, "nothing came", (int64_t)kept.len, 0);
	dl_scope_close(&scope);
}

int main(void)
{
	static const struct answer behind = {.name = "nothing behind the end", .offset = 10, .status = 416};
	static const struct answer empty = {.name = "nothing at the beginning", .offset = 0, .status = 416};
	static const struct answer gone = {.name = "gone", .offset = 10, .status = 404};

	for (answer = answers; answer < answers + sizeof answers / sizeof *answers; answer++) {
		check_download();
		check_follow();
	}
	check_nothing(&behind, true);
	check_nothing(&empty, false);
	check_nothing(&gone, false);
	return check_end("range");
}
