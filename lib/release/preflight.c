#include "lib/release/preflight.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/data/schema.h"
#include "lib/data/sink.h"
#include "lib/program/tool.h"
#include "lib/provider/provider.h"

__attribute__((format(printf, 6, 0)))
static int put(struct dl_preflight *flight, enum dl_check_word status, const char *name, const char *hint,
	       const char *command, const char *format, va_list args)
{
	struct dl_check *check = dl_schema_new(flight->scope, &dl_record_check);
	char message[1024];
	int at = 0;

	if (flight->among)
		at = snprintf(message, sizeof message, "%s: ", flight->target->provider->name);
	vsnprintf(message + at, sizeof message - (size_t)at, format, args);
	if (flight->target)
		check->head = dl_provider_head(&flight->scope->arena, flight->target, NULL, NULL);
	flight->failed = flight->failed || status == DL_CHECK_FAIL;
	check->name = name;
	check->status = (int)status;
	check->message = message;
	check->hint = hint;
	check->command = command;
	return dl_sink_put(&flight->tool->out.sink, flight->scope, &dl_record_check, check) < 0 ? -1 : 0;
}

int dl_preflight_put(struct dl_preflight *flight, enum dl_check_word status, const char *name,
		     const char *hint, const char *format, ...)
{
	va_list args;
	int result;

	va_start(args, format);
	result = put(flight, status, name, hint, NULL, format, args);
	va_end(args);
	return result;
}

/* COMMAND, for a shell that stands where we do: the repository may be elsewhere. */
static const char *from_here(const struct dl_preflight *flight, const char *command)
{
	size_t program = command ? strcspn(command, " ") : 0;

	if (!command || !flight->dir)
		return command;
	return dl_arena_format(&flight->scope->arena, "%.*s -C %s%s", (int)program, command,
			       dl_text_word(&flight->scope->arena, flight->dir), command + program);
}

int dl_preflight_command(struct dl_preflight *flight, enum dl_check_word status, const char *name,
			 const char *command, const char *format, ...)
{
	va_list args;
	int result;

	va_start(args, format);
	result = put(flight, status, name, NULL, from_here(flight, command), format, args);
	va_end(args);
	return result;
}
