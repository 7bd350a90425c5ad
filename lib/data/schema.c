#include "lib/data/schema.h"

#include <inttypes.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/data/json.h"
#include "lib/data/state.h"

static void *member(const struct dl_field *field, void *record)
{
	return (char *)record + field->offset;
}

static const void *const_member(const struct dl_field *field, const void *record)
{
	return (const char *)record + field->offset;
}

/* Fields of these types are all stored alike. */
static bool is_int64(enum dl_type type)
{
	return type == DL_TYPE_NUMBER || type == DL_TYPE_TIME;
}

static bool is_int(enum dl_type type)
{
	return type == DL_TYPE_FLAG || type == DL_TYPE_WORD;
}

static bool is_text(enum dl_type type)
{
	return type == DL_TYPE_TEXT || type == DL_TYPE_JSON;
}

void *dl_schema_new(struct dl_scope *scope, const struct dl_schema *schema)
{
	void *record = dl_arena_alloc(&scope->arena, schema->size);
	const struct dl_field *field;

	for (field = schema->fields; field->name; field++) {
		if (is_int64(field->type))
			*(int64_t *)member(field, record) = DL_INT_NONE;
		if (field->type == DL_TYPE_FLAG)
			*(int *)member(field, record) = -1;
	}
	return record;
}

int64_t dl_schema_int(const struct dl_field *field, const void *record)
{
	DL_BUG_IF(!is_int64(field->type) && !is_int(field->type));
	return is_int(field->type) ? *(const int *)const_member(field, record)
				   : *(const int64_t *)const_member(field, record);
}

const struct dl_list *dl_schema_list(const struct dl_field *field, const void *record)
{
	DL_BUG_IF(field->type != DL_TYPE_LIST);
	return const_member(field, record);
}

static const char *text_of(const struct dl_field *field, const void *record)
{
	if (field->type == DL_TYPE_WORD)
		return field->words[dl_schema_int(field, record)];
	DL_BUG_IF(!is_text(field->type));
	return *(const char *const *)const_member(field, record);
}

static struct dl_list copy_list(struct dl_scope *scope, const struct dl_schema *schema,
				const struct dl_list *from)
{
	char *items = dl_arena_array(&scope->arena, from->count, schema->size);
	const char *item = from->items;
	size_t i;

	for (i = 0; i < from->count; i++)
		memcpy(items + i * schema->size, dl_schema_copy(scope, schema, item + i * schema->size),
		       schema->size);
	return (struct dl_list){.items = items, .count = from->count};
}

void *dl_schema_copy(struct dl_scope *scope, const struct dl_schema *schema, const void *record)
{
	void *copy = dl_arena_alloc(&scope->arena, schema->size);
	const struct dl_field *field;

	memcpy(copy, record, schema->size);
	for (field = schema->fields; field->name; field++) {
		if (is_text(field->type))
			*(const char **)member(field, copy) = dl_arena_string(&scope->arena,
									      text_of(field, record));
		if (field->type == DL_TYPE_LIST)
			*(struct dl_list *)member(field, copy) = copy_list(scope, field->sub,
									   const_member(field, record));
	}
	return copy;
}

static const struct dl_field *find_field(const struct dl_schema *schema, const char *name, size_t len)
{
	const struct dl_field *field;

	for (field = schema->fields; field->name; field++)
		if (strncmp(field->name, name, len) == 0 && !field->name[len])
			return field;
	return NULL;
}

const struct dl_field *dl_schema_field(const struct dl_schema *schema, const char *name)
{
	return find_field(schema, name, strlen(name));
}

/* The years 0000 to 9999 are the only ones that RFC 3339 can write; a server's number may mean any. */
static bool is_writable(int64_t time)
{
	return time >= -62167219200 && time < 253402300800;
}

bool dl_schema_null(const struct dl_field *field, const void *record)
{
	switch (field->type) {
	case DL_TYPE_TEXT:
	case DL_TYPE_JSON:
		return !text_of(field, record);
	case DL_TYPE_NUMBER:
		return dl_schema_int(field, record) == DL_INT_NONE;
	case DL_TYPE_TIME:
		return !is_writable(dl_schema_int(field, record));
	case DL_TYPE_FLAG:
		return dl_schema_int(field, record) < 0;
	case DL_TYPE_WORD:
		return dl_schema_int(field, record) == 0;
	case DL_TYPE_LIST:
		return false;
	}
	return true;
}

static int wrong_type(struct dl_scope *scope, const struct dl_field *field, const char *expected)
{
	return dl_fail(scope, DL_DATA, "%s: expected %s", field->name, expected);
}

static int64_t scaled(int64_t number, int unit)
{
	return number != DL_INT_NONE && unit == DL_FROM_MS ? number / 1000 : number;
}

static int set_number(struct dl_scope *scope, const struct dl_field *field, const struct dl_json *node,
		      int unit, void *record)
{
	int64_t value = scaled(dl_json_int(node), unit);

	if (value == DL_INT_NONE)
		return wrong_type(scope, field, "an integer");
	*(int64_t *)member(field, record) = value;
	return 0;
}

static int set_time(struct dl_scope *scope, const struct dl_field *field, const struct dl_json *node,
		    int unit, void *record)
{
	const char *text = dl_json_string(node);
	int64_t value;

	if (text && !*text)
		return 0;
	value = unit == DL_AS_IS && text ? dl_time_parse(text) : scaled(dl_json_int(node), unit);
	if (value == DL_TIME_NONE)
		return wrong_type(scope, field, "a time");
	*(int64_t *)member(field, record) = value;
	return 0;
}

static int set_json(struct dl_scope *scope, const struct dl_field *field, const struct dl_json *node,
		    void *record)
{
	struct dl_buf text;

	dl_buf_init(&text, &scope->arena, DL_CAP_LINE);
	dl_json_write(&text, node);
	*(const char **)member(field, record) = text.data;
	return dl_buf_check(scope, &text, field->name);
}

static int set_list(struct dl_scope *scope, const struct dl_field *field, const struct dl_json *node,
		    void *record)
{
	struct dl_list *list = member(field, record);
	const struct dl_json *item;
	size_t count = 0;
	char *items;

	if (node->type != DL_JSON_ARRAY)
		return wrong_type(scope, field, "an array");
	for (item = node->child; item; item = item->next)
		count++;
	items = dl_arena_array(&scope->arena, count, field->sub->size);
	list->items = items;
	list->count = count;
	for (item = node->child; item; item = item->next, items += field->sub->size) {
		memcpy(items, dl_schema_new(scope, field->sub), field->sub->size);
		if (dl_schema_decode(scope, field->sub, item, items))
			return dl_fail_prefix(scope, "%s", field->name);
	}
	return 0;
}

/* A word that we do not know is null here: a newer DevLoop may have written it. */
static int set_member(struct dl_scope *scope, const struct dl_field *field, const struct dl_json *node,
		      int unit, void *record)
{
	switch (field->type) {
	case DL_TYPE_TEXT:
		if (!dl_json_string(node))
			return wrong_type(scope, field, "a string");
		*(const char **)member(field, record) = dl_json_string(node);
		return 0;
	case DL_TYPE_NUMBER:
		return set_number(scope, field, node, unit, record);
	case DL_TYPE_TIME:
		return set_time(scope, field, node, unit, record);
	case DL_TYPE_FLAG:
		if (dl_json_bool(node) < 0)
			return wrong_type(scope, field, "true or false");
		*(int *)member(field, record) = dl_json_bool(node);
		return 0;
	case DL_TYPE_WORD:
		if (!dl_json_string(node))
			return wrong_type(scope, field, "a string");
		*(int *)member(field, record) = dl_state_index(field->words, dl_json_string(node));
		return 0;
	case DL_TYPE_JSON:
		return set_json(scope, field, node, record);
	case DL_TYPE_LIST:
		return set_list(scope, field, node, record);
	}
	return 0;
}

/* Adds the member NAME to the object that is, or will be, in the field. */
static int add_member(struct dl_scope *scope, const struct dl_field *field, const char *name,
		      const struct dl_json *node, void *record)
{
	const char *object = text_of(field, record);
	struct dl_buf text;

	dl_buf_init(&text, &scope->arena, DL_CAP_LINE);
	dl_buf_add(&text, object ? object : "{", object ? strlen(object) - 1 : 1);
	dl_buf_printf(&text, "%s\"%s\":", object ? "," : "", name);
	dl_json_write(&text, node);
	dl_buf_putc(&text, '}');
	*(const char **)member(field, record) = text.data;
	return dl_buf_check(scope, &text, field->name);
}

int dl_schema_map(struct dl_scope *scope, const struct dl_schema *schema, const struct dl_map *map,
		  const struct dl_json *node, void *record)
{
	const struct dl_json *value;
	const struct dl_field *field;
	const char *dot;
	int result = 0;

	if (node->type != DL_JSON_OBJECT && *map->path)
		return dl_fail(scope, DL_DATA, "%s: expected an object", schema->type);
	for (; map->field && result == 0; map++) {
		dot = strchrnul(map->field, '.');
		field = find_field(schema, map->field, (size_t)(dot - map->field));
		DL_BUG_IF(!field);
		value = dl_json_get(node, map->path);
		if (value && value->type != DL_JSON_NULL)
			result = *dot ? add_member(scope, field, dot + 1, value, record)
				      : set_member(scope, field, value, map->unit, record);
	}
	return result;
}

int dl_schema_decode(struct dl_scope *scope, const struct dl_schema *schema, const struct dl_json *node,
		     void *record)
{
	const struct dl_field *field;
	const struct dl_json *value;

	if (node->type != DL_JSON_OBJECT)
		return dl_fail(scope, DL_DATA, "%s: expected an object", schema->type);
	for (value = node->child; value; value = value->next) {
		field = dl_schema_field(schema, value->key);
		if (field && value->type != DL_JSON_NULL && set_member(scope, field, value, DL_AS_IS, record))
			return -1;
	}
	return 0;
}

static void encode_fields(const struct dl_schema *schema, const void *record, const char *separator,
			  struct dl_buf *buf);

static void encode_list(const struct dl_field *field, const struct dl_list *list, struct dl_buf *buf)
{
	const char *item = list->items;
	size_t i;

	dl_buf_putc(buf, '[');
	for (i = 0; i < list->count; i++, item += field->sub->size) {
		dl_buf_puts(buf, i ? ",{" : "{");
		encode_fields(field->sub, item, "", buf);
		dl_buf_putc(buf, '}');
	}
	dl_buf_putc(buf, ']');
}

static void encode_time(int64_t time, struct dl_buf *buf)
{
	struct dl_scope scope;

	dl_scope_open(&scope, NULL);
	dl_buf_puts(buf, dl_time_format(&scope.arena, time));
	dl_scope_close(&scope);
}

void dl_schema_value(const struct dl_field *field, const void *record, struct dl_buf *buf)
{
	if (dl_schema_null(field, record))
		return;
	switch (field->type) {
	case DL_TYPE_TEXT:
	case DL_TYPE_WORD:
	case DL_TYPE_JSON:
		dl_buf_puts(buf, text_of(field, record));
		break;
	case DL_TYPE_NUMBER:
		dl_buf_printf(buf, "%" PRId64, dl_schema_int(field, record));
		break;
	case DL_TYPE_TIME:
		encode_time(dl_schema_int(field, record), buf);
		break;
	case DL_TYPE_FLAG:
		dl_buf_puts(buf, dl_schema_int(field, record) ? "true" : "false");
		break;
	case DL_TYPE_LIST:
		encode_list(field, const_member(field, record), buf);
		break;
	}
}

static void encode_member(const struct dl_field *field, const void *record, struct dl_buf *buf)
{
	if (dl_schema_null(field, record)) {
		dl_buf_puts(buf, "null");
	} else if (field->type == DL_TYPE_TEXT) {
		dl_json_quote(buf, text_of(field, record), strlen(text_of(field, record)));
	} else if (field->type == DL_TYPE_TIME || field->type == DL_TYPE_WORD) {
		dl_buf_putc(buf, '"');
		dl_schema_value(field, record, buf);
		dl_buf_putc(buf, '"');
	} else {
		dl_schema_value(field, record, buf);
	}
}

static void encode_fields(const struct dl_schema *schema, const void *record, const char *separator,
			  struct dl_buf *buf)
{
	const struct dl_field *field;

	for (field = schema->fields; field->name; field++) {
		/* Not by printf, which takes longer than all the rest of a record. */
		dl_buf_puts(buf, separator);
		dl_buf_putc(buf, '"');
		dl_buf_puts(buf, field->name);
		dl_buf_puts(buf, "\":");
		encode_member(field, record, buf);
		separator = ",";
	}
}

void dl_schema_encode(const struct dl_schema *schema, const void *record, struct dl_buf *buf)
{
	dl_buf_puts(buf, "{\"type\":\"");
	dl_buf_puts(buf, schema->type);
	dl_buf_putc(buf, '"');
	encode_fields(schema, record, ",", buf);
	dl_buf_putc(buf, '}');
}
