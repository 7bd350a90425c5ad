/* The scanner and the parser agree; what is written is read as the same; every path is safe. A path may
 * stand behind a NUL. */
#include "lib/data/json.h"

#include "tests/fuzz/fuzz.h"

static char *write_node(struct dl_scope *scope, const struct dl_json *node, size_t *len)
{
	struct dl_buf out;

	dl_buf_init(&out, &scope->arena, FUZZ_CAP);
	dl_json_write(&out, node);
	HOLDS(!out.overflow && !strchr(out.data, '\n') && fuzz_clean(out.data, out.len));
	*len = out.len;
	return out.data;
}

/* Whether FOUND is NODE or below it. On the way each node is asked for its value, and for its members. */
static bool holds_node(const struct dl_json *node, const struct dl_json *found)
{
	const struct dl_json *child, *member;
	bool held = node == found;

	HOLDS(dl_json_get(node, "") == node);
	HOLDS(dl_json_int(node) == DL_INT_NONE || dl_json_string(node));
	HOLDS((dl_json_bool(node) < 0) == (node->type != DL_JSON_TRUE && node->type != DL_JSON_FALSE));
	for (child = node->child; child; child = child->next) {
		if (child->key && *child->key && !strpbrk(child->key, ".[|")) {
			member = dl_json_get(node, child->key);
			HOLDS(member && strcmp(member->key, child->key) == 0);
		}
		held |= holds_node(child, found);
	}
	return held;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *zero = size ? memchr(data, 0, size) : NULL;
	size_t len = zero ? (size_t)(zero - (const char *)data) : size, again_len;
	struct fuzz_rest rest = {(const char *)data + (zero ? len + 1 : len), zero ? size - len - 1 : 0};
	struct dl_json_fault fault = dl_json_scan((const char *)data, len);
	const struct dl_json *root;
	struct dl_scope scope;
	char *text, *again;

	dl_scope_open(&scope, NULL);
	text = dl_arena_copy(&scope.arena, (const char *)data, len);
	root = dl_json_parse(&scope, text, len);
	HOLDS(root ? !fault.why && scope.error.class == DL_OK : fault.why && fuzz_failed(&scope, DL_DATA));
	HOLDS(root || (fault.offset <= len && fault.line > 0 && fault.column > 0));
	HOLDS(root || !len || memcmp(text, data, len) == 0);
	if (root) {
		const struct dl_json *found = dl_json_get(root, fuzz_take(&scope.arena, &rest, '\0'));

		HOLDS(holds_node(root, found) || !found);
		text = write_node(&scope, root, &len);
		root = dl_json_parse(&scope, dl_arena_copy(&scope.arena, text, len), len);
		HOLDS(root);
		again = write_node(&scope, root, &again_len);
		HOLDS(len == again_len && strcmp(text, again) == 0);
	}
	dl_scope_close(&scope);
	return 0;
}
