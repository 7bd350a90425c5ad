/* Two lines, a pattern and a text, and then a workflow file. A pattern takes what a plain search finds, and
 * every text takes itself when its characters are escaped. What can be started by hand says so in its
 * triggers. */
#include "providers/ci/actions.h"

#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "providers/ci/pattern.h"
#include "tests/fuzz/fuzz.h"

enum { FUEL = 20000 }; /* steps of a search, which may take for ever */

static long fuel;

static bool search(const char *pattern, const char *text);

/* The length of the character that TEXT begins with. */
static size_t one(const char *text)
{
	size_t size = dl_text_utf8(text, strnlen(text, 4));

	return size ? size : *text != '\0';
}

/* Where the set that PATTERN begins with ends; *IN says whether it has the character. */
static const char *search_set(const char *pattern, char character, bool *in)
{
	for (pattern++; *pattern != ']'; pattern++) {
		bool range = pattern[1] == '-';

		*in |= character >= pattern[0] && character <= pattern[range ? 2 : 0];
		pattern += range ? 2 : 0;
	}
	return pattern + 1;
}

/* From a character or set on, and what says how often it stands. */
static bool search_one(const char *pattern, const char *text)
{
	const char *begin = pattern + (*pattern == '\\'), *end;
	size_t size = one(text);
	bool in = false;

	if (*pattern == '[') {
		end = search_set(pattern, *text, &in);
	} else {
		end = begin + one(begin);
		in = size && size == one(begin) && memcmp(begin, text, size) == 0;
	}
	if (*end == '?')
		return search(end + 1, text) || (in && search(end + 1, text + size));
	if (*end == '+')
		return in && (search(end + 1, text + size) || search_one(pattern, text + size));
	return in && search(end, text + size);
}

/* A well-formed PATTERN, of which the beginning has been found before TEXT. */
static bool search(const char *pattern, const char *text)
{
	const char *end;

	if (fuel-- <= 0)
		return false;
	if (!*pattern)
		return !*text;
	if (strncmp(pattern, "**/", 3) == 0) {
		if (search(pattern + 3, text))
			return true;
		for (end = text; *end; end++)
			if (end > text && *end == '/' && search(pattern + 3, end + 1))
				return true;
		return false;
	}
	if (*pattern == '*') {
		bool any = pattern[1] == '*';

		for (end = text; !search(pattern + 1 + any, end); end += one(end))
			if (!*end || (*end == '/' && !any))
				return false;
		return true;
	}
	return search_one(pattern, text);
}

static void check_pattern(struct dl_arena *arena, const char *pattern, const char *text)
{
	int match = dl_pattern_match(arena, pattern, text);
	struct dl_buf escaped;
	const char *next;
	bool found;

	HOLDS(match >= -1 && match <= 1);
	fuel = FUEL;
	found = match >= 0 && search(pattern, text);
	HOLDS(fuel < 0 || match < 0 || match == found);
	dl_buf_init(&escaped, arena, FUZZ_CAP);
	for (next = text; *next; next += one(next)) {
		dl_buf_putc(&escaped, '\\');
		dl_buf_add(&escaped, next, one(next));
	}
	HOLDS(dl_pattern_match(arena, escaped.data, text) == 1);
}

static void check_inputs(const struct dl_sink_list *inputs)
{
	const struct dl_input_line *input;
	size_t i;

	for (i = 0; i < inputs->count; i++) {
		input = dl_sink_item(inputs, i);
		HOLDS(input->name && input->kind && (input->required == 0 || input->required == 1));
		HOLDS(!input->choices || *input->choices);
	}
}

static void check_file(struct dl_scope *scope, struct fuzz_rest rest)
{
	const struct dl_json *root = dl_actions_parse(scope, rest.data, rest.len);
	const char *triggers = dl_actions_triggers(scope, root);
	struct dl_sink_list inputs;

	HOLDS(scope->error.class == DL_OK && (root || !triggers));
	dl_sink_list(&inputs, scope, 0);
	if (dl_actions_inputs(scope, root, "ci.yml", &inputs.sink) < 0) {
		HOLDS(fuzz_failed(scope, DL_REFUSED));
	} else {
		HOLDS(dl_text_in("workflow_dispatch", triggers));
		check_inputs(&inputs);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_rest rest = {(const char *)data, size};
	const char *pattern, *text;
	struct dl_scope scope;

	dl_scope_open(&scope, NULL);
	pattern = fuzz_take(&scope.arena, &rest, '\n');
	text = fuzz_take(&scope.arena, &rest, '\n');
	check_pattern(&scope.arena, pattern, text);
	check_file(&scope, rest);
	dl_scope_close(&scope);
	return 0;
}
