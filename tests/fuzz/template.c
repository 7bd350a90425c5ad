/* A template, a NUL, and a value. */
#include "lib/changelog/template.h"

#include "lib/git/links.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"a", "value", "none", NULL};
	static const struct dl_links_style style = {.name = "x", .issue = "/i/%s"};
	const struct dl_links links = {.style = &style, .base = "https://h/p"};
	struct fuzz_rest rest = {(const char *)data, size};
	const char *values[] = {"A", NULL, NULL};
	struct dl_template template;
	struct dl_scope scope;
	struct dl_buf buf;
	char *text;

	dl_scope_open(&scope, NULL);
	text = fuzz_take(&scope.arena, &rest, '\0');
	values[1] = fuzz_take(&scope.arena, &rest, '\0');
	dl_buf_init(&buf, &scope.arena, FUZZ_CAP);
	if (dl_template_compile(&scope, text, names, &template) == 0)
		dl_template_render(&scope, &template, values, &links, &buf);
	else
		HOLDS(fuzz_failed(&scope, DL_USAGE));
	/* What is filled in drives no terminal, whatever it is. */
	if (scope.error.class == DL_OK && fuzz_clean(text, strlen(text)))
		HOLDS(fuzz_clean(buf.data, buf.len));
	dl_scope_close(&scope);
	return 0;
}
