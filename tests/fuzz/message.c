/* A commit message; a first byte 'M' makes it that of a merge. */
#include "lib/changelog/message.h"

#include "tests/fuzz/fuzz.h"

static bool is_lower_hex(const char *text)
{
	return strspn(text, "0123456789abcdef") == strlen(text);
}

static void check_parts(const struct dl_message *message, const char *text)
{
	size_t i;

	HOLDS(message->header && message->whole && message->subject);
	HOLDS(!strchr(message->header, '\n') && !strchr(message->subject, '\n'));
	HOLDS(strlen(message->subject) <= strlen(message->whole));
	HOLDS(dl_text_ends(message->whole, message->subject) || !*message->subject);
	HOLDS(!message->kind || (*message->kind && *message->subject));
	HOLDS(!message->scope || message->kind);
	HOLDS(!message->breaking_text || message->breaking);
	HOLDS(!message->body || strstr(text, "\n"));
	HOLDS(!message->pr || strspn(message->pr, "0123456789") == strlen(message->pr));
	for (i = 0; i < message->footer_count; i++)
		HOLDS(*message->footers[i].token && *message->footers[i].value &&
		      !strpbrk(message->footers[i].token, ":\n"));
	HOLDS(message->co_author_count <= message->footer_count);
	for (i = 0; i < message->revert_count; i++)
		HOLDS(strlen(message->reverts[i].sha) >= 7 && is_lower_hex(message->reverts[i].sha) &&
		      (!message->reverts[i].onto || is_lower_hex(message->reverts[i].onto)));
}

/* What is written by the letter is read again as it was. */
static void check_again(struct dl_scope *scope, const struct dl_message *message)
{
	struct dl_message again;

	if (!message->kind)
		return;
	dl_message_parse(scope,
			 dl_arena_format(&scope->arena, "%s%s%s%s: %s", message->kind,
					 message->scope ? "(" : "", message->scope ? message->scope : "",
					 message->scope ? ")" : "", message->subject),
			 false, &again);
	HOLDS(dl_text_same(again.kind, message->kind) && dl_text_same(again.scope, message->scope));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_rest rest = {(const char *)data, size};
	struct dl_message message;
	struct dl_scope scope;
	bool merge;
	char *text;

	dl_scope_open(&scope, NULL);
	merge = fuzz_byte(&rest) == 'M';
	text = fuzz_take(&scope.arena, &rest, '\0');
	dl_message_parse(&scope, text, merge, &message);
	check_parts(&message, text);
	check_again(&scope, &message);
	dl_scope_close(&scope);
	return 0;
}
