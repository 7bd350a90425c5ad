#include "lib/provider/range.h"

#include <string.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/writer.h"
#include "lib/net/http.h"
#include "lib/provider/rest.h"

const char *const dl_range_headers[] = {"Range: bytes={offset}-", NULL};

/* Finds out where a body begins before its first byte goes on. */
struct part {
	struct dl_writer writer;
	struct dl_writer *next;
	const struct dl_res *res;
	int64_t *offset;
	bool begun;
};

/* Where the body of RES begins, when ASKED was asked for: "Content-Range: bytes 10-99/100". -1: it does not
 * say. */
static int64_t begin_of(struct dl_scope *scope, const struct dl_res *res, int64_t asked)
{
	static const char unit[] = "bytes ";
	const char *range = dl_http_header(&scope->arena, res, "content-range");

	if (res->status != 206)
		return 0;
	if (!range)
		return asked;
	if (!dl_text_starts(range, unit))
		return -1;
	range += strlen(unit);
	return dl_text_int(dl_arena_copy(&scope->arena, range, strcspn(range, "-")));
}

static int write_part(struct dl_writer *writer, struct dl_scope *scope, const char *data, size_t len)
{
	struct part *part = (struct part *)writer;
	int64_t begin;

	if (!part->begun) {
		begin = begin_of(scope, part->res, *part->offset);
		if (begin < 0 || begin > *part->offset)
			return dl_fail(scope, DL_DATA, "the server sent another part than it was asked for");
		*part->offset = begin;
		part->begun = true;
	}
	return part->next->write(part->next, scope, data, len);
}

int dl_range_download(struct dl_scope *scope, const struct dl_target *target, const struct dl_route *route,
		      const struct dl_var *vars, int64_t *offset, struct dl_writer *writer,
		      struct dl_res *res)
{
	const char *from = *offset ? dl_arena_format(&scope->arena, "%lld", (long long)*offset) : NULL;
	struct part part = {.writer.write = write_part, .next = writer, .res = res, .offset = offset};
	int result = dl_rest_stream(scope, target, route, dl_url_add(&scope->arena, vars, "offset", from),
				    &part.writer, res);

	if (result == 0 && !part.begun && res->status != 206)
		*offset = 0;
	return result;
}

/* Leaves out what stands before .from. */
struct news {
	struct dl_writer writer;
	struct dl_writer *next;
	int64_t from;
	int64_t at; /* where the next byte stands */
};

static int write_news(struct dl_writer *writer, struct dl_scope *scope, const char *data, size_t len)
{
	struct news *news = (struct news *)writer;
	size_t known = news->at < news->from ? (size_t)(news->from - news->at) : 0;

	news->at += (int64_t)len;
	return known >= len ? 0 : news->next->write(news->next, scope, data + known, len - known);
}

int dl_range_follow(struct dl_scope *scope, const struct dl_target *target, const struct dl_route *route,
		    const struct dl_var *vars, int64_t *offset, struct dl_writer *writer,
		    struct dl_res *res)
{
	struct news news = {.writer.write = write_news, .next = writer, .from = *offset, .at = *offset};
	int result = dl_range_download(scope, target, route, vars, &news.at, &news.writer, res);

	if (result < 0 && scope->error.status == 416 && *offset) {
		dl_fail_take(scope, &scope->arena);
		return 0;
	}
	if (result >= 0)
		*offset = news.at;
	return result;
}
