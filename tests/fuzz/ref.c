/* Parts that come out of a ref make a ref with the same parts, and none of them leads out of its
 * project. Behind a newline: an id, of which there is none that a ref cannot hold. */
#include "lib/data/ref.h"

#include "tests/fuzz/fuzz.h"

static void check_project(const char *project)
{
	size_t len;

	for (; *project; project += len + (project[len] == '/')) {
		len = strcspn(project, "/");
		HOLDS(len > 0 && !(len == 1 && project[0] == '.'));
		HOLDS(!(len == 2 && project[0] == '.' && project[1] == '.'));
		HOLDS(project[len] != '/' || project[len + 1]);
	}
}

static void check_same(struct dl_scope *scope, const struct dl_ref *ref)
{
	const char *text = dl_ref_format(&scope->arena, ref);
	struct dl_ref again;

	HOLDS(dl_ref_parse(scope, text, &again) == 0);
	HOLDS(dl_text_same(ref->provider, again.provider) && dl_text_same(ref->host, again.host));
	HOLDS(dl_text_same(ref->project, again.project) && dl_text_same(ref->kind, again.kind));
	HOLDS(dl_text_same(ref->id, again.id));
	HOLDS(strcmp(text, dl_ref_format(&scope->arena, &again)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_rest rest = {(const char *)data, size};
	struct dl_ref ref;
	struct dl_scope scope;

	dl_scope_open(&scope, NULL);
	if (dl_ref_parse(&scope, fuzz_take(&scope.arena, &rest, '\n'), &ref) == 0) {
		HOLDS(dl_text_is_name(ref.provider) && (!ref.host || *ref.host) && (!ref.id || *ref.id));
		check_project(ref.project);
		check_same(&scope, &ref);
	} else {
		HOLDS(fuzz_failed(&scope, DL_USAGE));
	}
	ref = (struct dl_ref){"a", NULL, "b/c", "run", fuzz_take(&scope.arena, &rest, '\0')};
	if (*ref.id)
		check_same(&scope, &ref);
	dl_scope_close(&scope);
	return 0;
}
