#include "lib/program/revpath.h"

#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/program/tool.h"

/* A path with a colon and a word for a kind of ref in it is told from a ref by its provider. */
static bool is_ref(const char *text)
{
	struct dl_scope attempt;
	struct dl_ref ref;
	bool is;

	dl_scope_open(&attempt, NULL);
	is = strcmp(text, "-") == 0 || (strchr(text, ':') && dl_ref_parse(&attempt, text, &ref) == 0);
	dl_scope_close(&attempt);
	return is;
}

void dl_revpath_each(struct dl_tool *tool, int (*work)(struct dl_scope *scope, const struct dl_call *call))
{
	if (tool->operands.count && is_ref(tool->operands.items[0]))
		dl_tool_each(tool, work);
	else
		dl_tool_here(tool, work);
}

/* PATH without what leads nowhere; NULL: DL_USAGE, it leads out of the repository. */
static const char *clean(struct dl_scope *scope, const char *path)
{
	const char *at, *end;
	struct dl_buf text;
	size_t len;

	dl_buf_init(&text, &scope->arena, DL_CAP_LINE);
	dl_buf_puts(&text, "");
	for (at = path; *at; at = end + (*end == '/')) {
		end = strchrnul(at, '/');
		len = (size_t)(end - at);
		if (len == 2 && memcmp(at, "..", len) == 0) {
			dl_fail(scope, DL_USAGE, "'%s' leads out of the repository",
				dl_text_quote(&scope->arena, path));
			return NULL;
		}
		if (!len || (len == 1 && *at == '.'))
			continue;
		if (text.len)
			dl_buf_putc(&text, '/');
		dl_buf_add(&text, at, len);
	}
	return dl_buf_check(scope, &text, "the path") ? NULL : text.data;
}

/* What the ref of CALL names. */
static int read_ref(struct dl_scope *scope, const struct dl_call *call, const char *revision,
		    const char *path, struct dl_revpath *where)
{
	const char *kind = call->ref->kind, *id = call->ref->id, *colon = id ? strchr(id, ':') : NULL;

	*where = (struct dl_revpath){.revision = revision, .path = path ? path : ""};
	if (strcmp(kind, "entry") == 0 && colon) {
		where->revision = dl_arena_copy(&scope->arena, id, (size_t)(colon - id));
		where->path = colon + 1;
	} else if (strcmp(kind, "commit") == 0 || strcmp(kind, "branch") == 0 ||
		   strcmp(kind, "release") == 0) {
		where->revision = revision ? revision : id;
	} else if (strcmp(kind, "repo") != 0) {
		return dl_ref_refuse(scope, call->ref, "has no files",
				     "a repository has some, a commit, a branch, a release and an entry");
	}
	where->path = clean(scope, where->path);
	return where->path ? 0 : -1;
}

int dl_revpath_visit(struct dl_scope *scope, const struct dl_call *call, const char *revision,
		     const char *path,
		     int (*visit)(struct dl_scope *scope, const struct dl_call *call,
				  const struct dl_revpath *where))
{
	const struct dl_opt_list *operands = &call->tool->operands;
	struct dl_revpath where = {.revision = revision, .path = ""};
	size_t count = operands->count + (path != NULL), i;
	int result = 0;

	if (call->ref)
		return read_ref(scope, call, revision, path, &where) ? -1 : visit(scope, call, &where);
	if (!count)
		return visit(scope, call, &where);
	for (i = 0; i < count && result == 0; i++) {
		where.path = clean(scope, i < operands->count ? operands->items[i] : path);
		result = where.path ? visit(scope, call, &where) : -1;
	}
	return result;
}
