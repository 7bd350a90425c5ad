#include "lib/data/html.h"

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "tests/unit/check.h"

static struct dl_arena arena;
static struct dl_buf buf;

static const char *text_of(const char *text)
{
	dl_buf_reset(&buf);
	dl_html_text(&buf, text);
	return buf.data;
}

static void check_texts(void)
{
	char byte[] = "x";
	int code;

	check_text("text", "what is special", text_of("<a href=\"x\" b='y'>&amp;"),
		   "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;amp;");
	check_text("text", "what is not", text_of("a-b_c/d:e;f=g(h){i}[j]`k$l%m ü 日本"),
		   "a-b_c/d:e;f=g(h){i}[j]`k$l%m ü 日本");
	check_text("text", "none", text_of(NULL), "");
	check_text("text", "what turns text round", text_of("a\xe2\x80\xae" "b"), "ab");
	check_text("text", "what is no text", text_of("a\x1b[31mb\x07" "c"), "abc");
	check_text("text", "what is no UTF-8", text_of("a\xff" "b"), "a\xef\xbf\xbd" "b");
	for (code = 1; code < 0x80; code++) {
		byte[0] = (char)code;
		text_of(byte);
		check_true("text", byte, !strpbrk(buf.data, "<>\"'"));
		check_true("text", byte,
			   (code >= 0x20 && code != 0x7F) || code == '\t' || code == '\n' || !buf.len);
	}
}

static void check_link(const char *url, const char *element, const char *want)
{
	const char *got;

	dl_buf_reset(&buf);
	got = dl_html_link(&buf, url, "good", "a \"b\"");
	check_text("link", url ? url : "NULL", got, element);
	check_text("link", url ? url : "NULL", buf.data, want);
}

static void check_links(void)
{
	static const char span[] =
		"<span role=\"img\" class=\"good\" aria-label=\"a &quot;b&quot;\" title=\"a &quot;b&quot;\">";

	check_link(
		"https://x/?a=b&c=\"d\"", "a",
		"<a href=\"https://x/?a=b&amp;c=&quot;d&quot;\" rel=\"noreferrer noopener\" class=\"good\" "
		"aria-label=\"a &quot;b&quot;\" title=\"a &quot;b&quot;\">");
	check_link("javascript:alert(1)", "span", span);
	check_link("data:text/html,x", "span", span);
	check_link("//x", "span", span);
	check_link(" https://x", "span", span);
	check_link("httpsx://x", "span", span);
	check_link("", "span", span);
	check_link(NULL, "span", span);
	dl_buf_reset(&buf);
	check_text("link", "without words", dl_html_link(&buf, NULL, NULL, NULL), "span");
	check_text("link", "without words", buf.data, "<span>");
}

int main(void)
{
	dl_buf_init(&buf, &arena, DL_CAP_LINE);
	dl_buf_puts(&buf, "");
	check_texts();
	check_links();
	dl_arena_free(&arena);
	return check_end("html");
}
