#include "lib/data/schema.h"

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "tests/unit/check.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct dl_json *parse(struct dl_scope *scope, const char *text)
{
	char *copy = dl_arena_string(&scope->arena, text);

	return dl_json_parse(scope, copy, strlen(copy));
}

static const char *encode(struct dl_scope *scope, const struct dl_schema *schema, const void *record)
{
	struct dl_buf out;

	dl_buf_init(&out, &scope->arena, DL_CAP_LINE);
	dl_schema_encode(schema, record, &out);
	return out.data;
}

/* A record of every kind, empty: all members are there, in order, and null. */
static void test_empty(void)
{
	const struct dl_schema *const *schema;
	const struct dl_field *field;
	const struct dl_json *node;
	struct dl_scope scope;

	for (schema = dl_record_all; *schema; schema++) {
		dl_scope_open(&scope, NULL);
		node = parse(&scope, encode(&scope, *schema, dl_schema_new(&scope, *schema)))->child;
		check_text((*schema)->type, "the first member", node->key, "type");
		for (field = (*schema)->fields; field->name; field++) {
			node = node->next;
			check_text((*schema)->type, field->name, node->key, field->name);
			check_true((*schema)->type, field->name,
				   field->type == DL_TYPE_LIST || node->type == DL_JSON_NULL);
			check_true((*schema)->type, "is documented", field->doc && *field->doc);
		}
		check_true((*schema)->type, "has no more members", node->next == NULL);
		dl_scope_close(&scope);
	}
}

/* The columns of every table name fields that are there. */
static void test_columns(void)
{
	const struct dl_schema *const *schema;
	const struct dl_column *column;
	struct dl_scope scope;
	const char *word, *end;

	dl_scope_open(&scope, NULL);
	for (schema = dl_record_all; *schema; schema++)
		for (column = (*schema)->columns; column->title; column++)
			for (word = column->field; word; word = *end ? end + 1 : NULL) {
				end = strchrnul(word, '|');
				word = dl_arena_copy(&scope.arena, word, (size_t)(end - word));
				check_true((*schema)->type, word, dl_schema_field(*schema, word) != NULL);
			}
	dl_scope_close(&scope);
}

static void test_round_trip(void)
{
	static const char *const lines[] = {
		"{\"type\":\"job\",\"ref\":\"github:o/r/job/"
		"9007199254740993\",\"provider\":\"github\",\"host\":\"github.com\",\"project\":\"o/r\","
		"\"id\":\"9007199254740993\",\"run_id\":\"1\",\"name\":\"a "
		"\\\"b\\\"\\u0001\\n\xE2\x82\xAC\",\"status\":\"completed\",\"conclusion\":"
		"\"timed_out\",\"raw_status\":\"x\",\"needs_action\":false,\"runner\":null,\"started_at\":"
		"\"2026-01-14T10:30:00Z\","
		"\"completed_at\":\"1969-12-31T23:59:59Z\",\"duration_s\":-5,\"url\":null,\"steps\":[{"
		"\"number\":1,\"name\":\"s\",\"status\":"
		"\"queued\",\"conclusion\":null,\"duration_s\":null}],\"metadata\":{\"a\":[1,true,null]}}",
	};
	struct dl_scope scope;
	void *record, *copy;
	size_t i;

	for (i = 0; i < COUNT(lines); i++) {
		dl_scope_open(&scope, NULL);
		record = dl_schema_new(&scope, &dl_record_job);
		check_int("decode", lines[i],
			  dl_schema_decode(&scope, &dl_record_job, parse(&scope, lines[i]), record), 0);
		check_text("round trip", "encode", encode(&scope, &dl_record_job, record), lines[i]);
		copy = dl_schema_copy(&scope, &dl_record_job, record);
		check_text("round trip", "copy", encode(&scope, &dl_record_job, copy), lines[i]);
		dl_scope_close(&scope);
	}
}

static void test_wrong_types(void)
{
	static const char *const lines[] = {
		"{\"ref\":[]}", "{\"number\":\"x\"}", "{\"created_at\":\"yesterday\"}", "{\"created_at\":{}}",
		"{\"needs_action\":\"true\"}", "{\"status\":1.5e}", "{\"conclusion\":[]}", "[]", "\"x\"",
	};
	const struct dl_json *node;
	struct dl_scope scope;
	size_t i;

	for (i = 0; i < COUNT(lines); i++) {
		dl_scope_open(&scope, NULL);
		node = parse(&scope, lines[i]);
		if (node)
			check_int("wrong type", lines[i],
				  dl_schema_decode(&scope, &dl_record_run, node,
						   dl_schema_new(&scope, &dl_record_run)),
				  -1);
		check_int("class", lines[i], scope.error.class, DL_DATA);
		dl_scope_close(&scope);
	}
}

static void test_map(void)
{
	static const struct dl_map map[] = {
		{"id", "a.id", DL_AS_IS},
		{"created_at", "ms", DL_FROM_MS},
		{"duration_s", "ms", DL_FROM_MS},
		{"updated_at", "s", DL_FROM_EPOCH_S},
		{"branch", "x|list[].name", DL_AS_IS},
		{NULL, NULL, DL_AS_IS},
	};
	struct dl_scope scope;
	struct dl_run *run;

	dl_scope_open(&scope, NULL);
	run = dl_schema_new(&scope, &dl_record_run);
	check_int(
		"map", "a record",
		dl_schema_map(&scope, &dl_record_run, map,
			      parse(&scope, "{\"a\":{\"id\":12345678901234567890},\"ms\":1461091892486,\"s\":"
					    "1461091892,\"x\":null,\"list\":[{},{\"name\":\"main\"}]}"),
			      run),
		0);
	check_text("map", "a number beyond 64 bits stays as it is written", run->id, "12345678901234567890");
	check_int("map", "milliseconds since 1970", run->created_at, 1461091892);
	check_int("map", "milliseconds of duration", run->duration_s, 1461091892);
	check_int("map", "seconds since 1970", run->updated_at, 1461091892);
	check_text("map", "an alternative, the first element that has it", run->branch, "main");
	dl_scope_close(&scope);
}

int main(void)
{
	test_empty();
	test_columns();
	test_round_trip();
	test_wrong_types();
	test_map();
	return check_end("schema");
}
