#include "lib/provider/fallback.h"

#include <string.h>

#include "lib/base/scope.h"
#include "lib/data/json.h"
#include "lib/data/schema.h"
#include "lib/provider/provider.h"

/* METADATA, a JSON object or NULL, with the member fallback_from. */
static const char *with_reasons(struct dl_scope *scope, const struct dl_fallback *fallback,
				const char *metadata)
{
	const char *rest = metadata && strcmp(metadata, "{}") != 0 ? metadata + 1 : NULL;

	return dl_arena_format(&scope->arena, "{\"fallback_from\":[%s]%s%s", fallback->before.data,
			       rest ? "," : "}", rest ? rest : "");
}

static int put_with_reasons(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
			    const void *record)
{
	struct dl_fallback *fallback = (struct dl_fallback *)sink;
	const struct dl_field *field = dl_schema_field(schema, "metadata");
	const char *metadata;
	char *copy;

	if (!field || !fallback->before.len)
		return dl_sink_put(fallback->next, scope, schema, record);
	copy = dl_arena_alloc(&scope->arena, schema->size);
	memcpy(copy, record, schema->size);
	memcpy(&metadata, copy + field->offset, sizeof metadata);
	metadata = with_reasons(scope, fallback, metadata);
	memcpy(copy + field->offset, &metadata, sizeof metadata);
	return dl_sink_put(fallback->next, scope, schema, copy);
}

void dl_fallback_open(struct dl_fallback *fallback, struct dl_arena *arena, struct dl_sink *next)
{
	fallback->sink.put = put_with_reasons;
	fallback->next = next;
	dl_buf_init(&fallback->before, arena, DL_CAP_LINE);
}

bool dl_fallback_due(const struct dl_target *target, const struct dl_error *error)
{
	switch ((int)error->class) {
	case DL_AUTH:
		return !target || !target->auth_from;
	case DL_NETWORK:
	case DL_UNSUPPORTED:
		return true;
	case DL_CONFIG:
		return !target;
	default:
		return false;
	}
}

void dl_fallback_add(struct dl_fallback *fallback, const char *name, const struct dl_error *error)
{
	struct dl_buf *before = &fallback->before;

	dl_buf_puts(before, before->len ? ",{\"provider\":" : "{\"provider\":");
	dl_json_quote(before, name, strlen(name));
	dl_buf_printf(before, ",\"class\":\"%s\",\"message\":", dl_fail_word(error->class));
	dl_json_quote(before, error->message, strlen(error->message));
	dl_buf_putc(before, '}');
}
