/* What is accepted as YAML can be written as JSON, which is YAML, too, and gives the same tree. */
#include "lib/data/config.h"

#include "tests/fuzz/fuzz.h"

static const char *to_json(struct dl_scope *scope, const struct dl_json *node)
{
	struct dl_buf out;

	dl_buf_init(&out, &scope->arena, FUZZ_CAP);
	dl_json_write(&out, node);
	HOLDS(!out.overflow && !dl_json_scan(out.data, out.len).why);
	return out.data;
}

/* How many levels of mappings and sequences there are. */
static int depth_of(const struct dl_json *node)
{
	const struct dl_json *child;
	int deepest = 0, depth;

	for (child = node->child; child; child = child->next) {
		depth = depth_of(child);
		deepest = depth > deepest ? depth : deepest;
	}
	return deepest + (node->type == DL_JSON_ARRAY || node->type == DL_JSON_OBJECT);
}

/* With aliases as well; what is written out stays small. JSON: what is read without, NULL: nothing is. */
static void check_aliased(const uint8_t *data, size_t size, const char *json)
{
	const struct dl_json *root;
	struct dl_scope scope;

	dl_scope_open(&scope, NULL);
	root = dl_config_aliased(&scope, "config", (const char *)data, size);
	HOLDS(root ? scope.error.class == DL_OK : fuzz_failed(&scope, DL_CONFIG));
	HOLDS(root ? depth_of(root) <= 64 : !json);
	if (root && json)
		HOLDS(strcmp(to_json(&scope, root), json) == 0);
	else if (root)
		to_json(&scope, root);
	dl_scope_close(&scope);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct dl_json *root, *again;
	struct dl_scope scope, retry;
	const char *json = NULL;

	dl_scope_open(&scope, NULL);
	dl_scope_open(&retry, NULL);
	root = dl_config_parse(&scope, "config", (const char *)data, size);
	HOLDS(root ? scope.error.class == DL_OK : fuzz_failed(&scope, DL_CONFIG));
	if (root) {
		HOLDS(depth_of(root) <= 64);
		json = to_json(&scope, root);
		again = dl_config_parse(&retry, "config", json, strlen(json));
		/* Or refused: libyaml wants short keys in JSON, and takes U+FEFF and U+FFFE only
		 * escaped. */
		HOLDS(!again || strcmp(json, to_json(&retry, again)) == 0);
	}
	/* The lenient reading takes all that the strict one takes, and gives nothing that cannot be JSON. */
	dl_scope_close(&retry);
	dl_scope_open(&retry, NULL);
	again = dl_config_outline(&retry, "config", (const char *)data, size);
	HOLDS(again || (!root && fuzz_failed(&retry, DL_CONFIG)));
	if (again)
		to_json(&retry, again);
	check_aliased(data, size, json);
	dl_scope_close(&retry);
	dl_scope_close(&scope);
	return 0;
}
