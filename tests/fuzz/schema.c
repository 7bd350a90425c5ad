/* What is read as a record of any type is printed as a line that is read as the same record. */
#include "lib/data/schema.h"

#include "lib/data/json.h"
#include "lib/data/record.h"
#include "tests/fuzz/fuzz.h"

/* The line of the record of this type that LEN bytes of TEXT hold; NULL: they hold none. */
static const char *line_of(struct dl_scope *scope, const struct dl_schema *schema, const char *text,
			   size_t len)
{
	const struct dl_json *node;
	struct dl_buf line, again;
	struct dl_scope source;
	void *record, *copy;

	dl_scope_open(&source, scope);
	record = dl_schema_new(&source, schema);
	node = dl_json_parse(&source, dl_arena_copy(&source.arena, text, len), len);
	if (!node || dl_schema_decode(&source, schema, node, record)) {
		dl_scope_close(&source);
		return NULL;
	}
	dl_buf_init(&line, &scope->arena, FUZZ_CAP);
	dl_schema_encode(schema, record, &line);
	HOLDS(!line.overflow && !strchr(line.data, '\n') && !dl_json_scan(line.data, line.len).why);
	copy = dl_schema_copy(scope, schema, record);
	dl_scope_close(&source);
	dl_buf_init(&again, &scope->arena, FUZZ_CAP);
	dl_schema_encode(schema, copy, &again);
	HOLDS(strcmp(line.data, again.data) == 0);
	return line.data;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct dl_schema *const *schema;
	struct dl_scope scope;
	const char *line, *again;

	if (dl_json_scan((const char *)data, size).why)
		return 0;
	for (schema = dl_record_all; *schema; schema++) {
		dl_scope_open(&scope, NULL);
		line = line_of(&scope, *schema, (const char *)data, size);
		HOLDS(line ? scope.error.class == DL_OK : fuzz_failed(&scope, DL_DATA));
		again = line ? line_of(&scope, *schema, line, strlen(line)) : NULL;
		HOLDS(dl_text_same(line, again));
		dl_scope_close(&scope);
	}
	return 0;
}
