/* The file of an answer, whose checksum, where its place is marked by "CHECKSUM", is put right: nobody finds
 * one by chance. And the same bytes as a remembered quota. */
#include "lib/base/digest.h"
#include "lib/net/cache.h"
#include "lib/net/quota.h"

#include "tests/fuzz/fuzz.h"

static const char key[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/* The input with the checksum of what follows its place. */
static void put_right(struct dl_scope *scope, struct dl_buf *file, struct fuzz_rest input)
{
	static const char mark[] = "CHECKSUM\n";
	const char *place = input.len ? memmem(input.data, input.len, mark, strlen(mark)) : NULL;
	const char *rest = place ? place + strlen(mark) : input.data;
	size_t len = input.len - (size_t)(rest - input.data);

	if (place) {
		dl_buf_add(file, input.data, (size_t)(place - input.data));
		dl_buf_puts(file, dl_digest_hex(scope, DL_SHA256, rest, len));
		dl_buf_putc(file, '\n');
	}
	dl_buf_add(file, rest, len);
}

static void check_answer(struct dl_scope *scope, const struct dl_buf *file)
{
	char *data = dl_arena_copy(&scope->arena, file->data, file->len);
	struct dl_cache_answer answer = {0};
	struct dl_buf again;
	const char *byte;

	if (!dl_cache_parse(scope, data, file->len, key, &answer))
		return;
	HOLDS(answer.sent_ms > 0 && answer.body >= data && answer.body + answer.len == data + file->len);
	HOLDS(answer.body[answer.len] == '\0' && answer.head + strlen(answer.head) + 1 == answer.body);
	for (byte = answer.head; *byte; byte++)
		HOLDS((unsigned char)*byte >= ' ' || *byte == '\n' || *byte == '\t');
	dl_buf_init(&again, &scope->arena, FUZZ_CAP);
	dl_cache_encode(scope, &again, key, &answer);
	HOLDS(again.len == file->len && memcmp(again.data, file->data, again.len) == 0);
}

static void check_quota(struct dl_scope *scope, const struct dl_buf *file)
{
	struct dl_quota quota;

	if (strlen(file->data) != file->len ||
	    !dl_quota_parse(dl_arena_string(&scope->arena, file->data), &quota))
		return;
	HOLDS(quota.left >= 0 && quota.reset_s > 0);
	HOLDS(dl_quota_parse(dl_arena_string(&scope->arena, dl_quota_encode(&scope->arena, &quota)), &quota));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dl_scope scope;
	struct dl_buf file;

	dl_scope_open(&scope, NULL);
	dl_buf_init(&file, &scope.arena, FUZZ_CAP);
	put_right(&scope, &file, (struct fuzz_rest){(const char *)data, size});
	check_answer(&scope, &file);
	check_quota(&scope, &file);
	dl_scope_close(&scope);
	return 0;
}
