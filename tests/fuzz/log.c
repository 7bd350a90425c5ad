/* A log gives the same lines whatever pieces it comes in. The first two bytes choose what becomes of it,
 * and how large the pieces are. */
#include "lib/provider/log.h"

#include "lib/base/writer.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "tests/fuzz/fuzz.h"

/* Takes text and records, one behind the other. */
struct taker {
	struct dl_writer writer;
	struct dl_sink sink;
	struct dl_buf out;
};

static int take_text(struct dl_writer *writer, struct dl_scope *scope, const char *data, size_t len)
{
	(void)scope;
	dl_buf_add(&((struct taker *)writer)->out, data, len);
	return 0;
}

static int take_record(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
		       const void *record)
{
	struct dl_buf *out = &((struct taker *)(void *)((char *)sink - offsetof(struct taker, sink)))->out;

	(void)scope;
	dl_schema_encode(schema, record, out);
	dl_buf_putc(out, '\n');
	return DL_MORE;
}

/* What comes of TEXT by the way that CHOICE names, in pieces of at most PIECE bytes. */
static struct dl_buf pass(struct dl_scope *scope, const struct dl_buf *text, unsigned int choice,
			  size_t piece)
{
	static const struct dl_log_mark marks[] = {{"##[group]", "> "}, {"##[endgroup]", NULL}, {NULL, NULL}};
	const struct dl_log_format format = {.stamped = choice & 1, .streams = choice & 1,
					     .returns = choice & 2, .marks = choice & 2 ? marks : NULL};
	const struct dl_job job = {.ref = "a:b/job/1", .name = "build"};
	struct taker taker = {.writer.write = take_text, .sink.put = take_record};
	struct dl_log log = {.format = &format, .job = &job, .text = &taker.writer,
			     .lines = choice & 4 ? &taker.sink : NULL, .raw = choice & 8,
			     .colour = choice & 16, .tail = choice >> 5};
	size_t at, len;

	dl_buf_init(&taker.out, &scope->arena, FUZZ_CAP);
	dl_log_open(&log, scope);
	for (at = 0; at < text->len; at += len) {
		len = text->len - at < piece ? text->len - at : piece;
		HOLDS(log.writer.write(&log.writer, scope, text->data + at, len) == 0);
	}
	HOLDS(dl_log_close(scope, &log) == 0 && !taker.out.overflow);
	HOLDS((choice & (8 | 16) && !log.lines) || fuzz_clean(taker.out.data, taker.out.len));
	return taker.out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_rest rest = {(const char *)data, size};
	unsigned int choice = fuzz_byte(&rest), piece = fuzz_byte(&rest) + 1;
	struct dl_scope scope;
	struct dl_buf text, whole, cut;

	dl_scope_open(&scope, NULL);
	dl_buf_init(&text, &scope.arena, FUZZ_CAP);
	/* Long lines only where nothing is done to them, which would take long and is the same for short
	 * ones. */
	if ((choice & (4 | 8)) == 8)
		fuzz_stretch(&text, rest);
	else
		dl_buf_add(&text, rest.data, rest.len);
	whole = pass(&scope, &text, choice, text.len);
	cut = pass(&scope, &text, choice, piece);
	HOLDS(whole.len == cut.len && memcmp(whole.data, cut.data, cut.len) == 0);
	dl_scope_close(&scope);
	return 0;
}
