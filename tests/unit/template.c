#include "lib/changelog/template.h"

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/git/links.h"
#include "tests/unit/check.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const char *const names[] = {"a", "b", "none", "text", NULL};
static const char *const values[] = {"A", "", NULL, "see #1 <b> `<#2>` x#3\n\033[1m& \"q\""};

static void test_render(void)
{
	static const struct {
		const char *template, *result;
	} rows[] = {
		{"", ""},
		{"plain\\n\\t\\\\ \\x", "plain\n\t\\ \\x"},
		{"{a}{b}{none}", "A"},
		{"{{a}}", "{a}"},
		{"{a?yes}{a!no}{b?yes}{b!no}{none?yes}{none!no}", "yesnono"},
		{"{a?<{b?x}{b!{a}>}}.", "<A>."},
		{"{none?{a?{b?x}}}{a?end}", "end"},
		{"{text:line}", "see #1 <b> `<#2>` x#3 & \"q\""},
		{"{text:md}", "see [#1](https://h/p/issues/1) &lt;b> `<#2>` x#3 & \"q\""},
		{"{text:html}", "see #1 &lt;b&gt; `&lt;#2&gt;` x#3\n&amp; &quot;q&quot;"},
		{"{text:json}", "see #1 <b> `<#2>` x#3\\n& \\\"q\\\""},
	};
	static const struct dl_links_style style = {.name = "x", .issue = "/issues/%s"};
	const struct dl_links links = {.style = &style, .base = "https://h/p"};
	struct dl_template template;
	struct dl_scope scope;
	struct dl_buf buf;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		dl_scope_open(&scope, NULL);
		dl_buf_init(&buf, &scope.arena, DL_CAP_LINE);
		check_int("compile", rows[i].template,
			  dl_template_compile(&scope, rows[i].template, names, &template), 0);
		dl_template_render(&scope, &template, values, &links, &buf);
		check_text("render", rows[i].template, buf.data, rows[i].result);
		dl_scope_close(&scope);
	}
}

static void test_faults(void)
{
	static const char *const rows[] = {
		"{",	    "}",
		"{a",	    "{a?",
		"{a?x",	    "{c}",
		"{}",	    "{a:nope}",
		"{a:md",    "{a!{b}",
		"{a:md?x}", "{ a}",
		"x}",	    "{a?{a?{a?{a?{a?{a?{a?{a?{a?{a?{a?{a?{a?{a?{a?{a?{a?x}}}}}}}}}}}}}}}}}",
	};
	struct dl_template template;
	struct dl_scope scope;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		dl_scope_open(&scope, NULL);
		check_int("fault", rows[i], dl_template_compile(&scope, rows[i], names, &template), -1);
		check_int("fault", rows[i], scope.error.class, DL_USAGE);
		dl_scope_close(&scope);
	}
}

int main(void)
{
	test_render();
	test_faults();
	return check_end("template");
}
