#include "lib/base/scope.h"

#include <string.h>

void dl_scope_open(struct dl_scope *scope, struct dl_scope *parent)
{
	memset(scope, 0, sizeof *scope);
	scope->parent = parent;
}

int dl_scope_close(struct dl_scope *scope)
{
	bool failed = scope->error.class != DL_OK;

	if (failed && scope->parent && scope->parent->error.class == DL_OK)
		scope->parent->error = dl_fail_take(scope, &scope->parent->arena);
	dl_arena_free(&scope->arena);
	return failed ? -1 : 0;
}
