#include "lib/data/html.h"

#include <stddef.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/text.h"

static const char head[] = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
			   "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
			   "style-src 'unsafe-inline'; "
			   "base-uri 'none'; form-action 'none'\">\n"
			   "<meta name=\"viewport\" content=\"width=device-width\">\n<meta name=\"referrer\" "
			   "content=\"no-referrer\">\n";

static const char style[] =
	"<style>\n"
	":root{color-scheme:light dark;--bg:#fff;--fg:#1f2328;--dim:#57606a;--line:#d0d7de;--on:#fff;"
	"--good:#1a7f37;--bad:#cf222e;--warn:#8a5a00;--busy:#0969da;--idle:#6e7781}\n"
	"@media(prefers-color-scheme:dark){:root{--bg:#0d1117;--fg:#e6edf3;--dim:#9198a1;--line:#3d444d;"
	"--on:#0d1117;--good:#3fb950;--bad:#ff7b72;--warn:#d29922;--busy:#58a6ff;--idle:#9198a1}}\n"
	"body{background:var(--bg);color:var(--fg);font:1rem/1.5 system-ui,sans-serif;max-width:76rem;"
	"margin:0 auto;padding:1rem}\n"
	"h1,h2,h3{line-height:1.25}h2::first-letter,nav "
	"li::first-letter{text-transform:uppercase}h2{border-bottom:1px solid "
	"var(--line);margin-top:2.5rem}\n"
	"a{color:var(--busy)}a:focus-visible,[tabindex]:focus-visible{outline:3px solid var(--busy);"
	"outline-offset:2px}\n"
	".skip{position:absolute;left:-99rem}.skip:focus{left:1rem}\n"
	"nav ul,.facts{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;list-style:none;padding:0;margin:.5rem "
	"0}\n"
	".facts div{display:flex;gap:.4rem}.facts dt{color:var(--dim)}.facts dd{margin:0;font-weight:600}\n"
	".dim{color:var(--dim)}\n"
	".flow{content-visibility:auto;contain-intrinsic-size:auto 12rem}\n"
	".grid{display:flex;flex-wrap:wrap;gap:3px;list-style:none;padding:0;margin:.75rem 0}\n"
	".grid li>*{display:block;width:1.4rem;height:1.4rem;line-height:1.4rem;text-align:center;"
	"border-radius:4px;color:var(--on);background:var(--idle);text-decoration:none;font-size:.8rem;"
	"font-weight:700}\n"
	".grid .good{background:var(--good)}.grid .bad{background:var(--bad)}"
	".grid .warn{background:var(--warn)}.grid .busy{background:var(--busy)}\n"
	"td.good{color:var(--good);font-weight:600}td.bad{color:var(--bad);font-weight:600}"
	"td.warn{color:var(--warn);font-weight:600}td.busy{color:var(--busy);font-weight:600}\n"
	"svg{display:block;width:100%;max-width:40rem;height:4rem;border-bottom:1px solid var(--line)}\n"
	"polyline{fill:none;stroke:var(--busy);stroke-width:2;vector-effect:non-scaling-stroke}\n"
	".wide{overflow-x:auto}table{border-collapse:collapse;width:100%}caption{text-align:left;"
	"color:var(--dim)}\n"
	"th,td{text-align:left;vertical-align:top;padding:.3rem .75rem .3rem 0;"
	"border-bottom:1px solid var(--line);overflow-wrap:anywhere;min-width:3rem}\n"
	"pre{white-space:pre-wrap;overflow-wrap:anywhere;border-left:4px solid "
	"var(--line);padding-left:1rem}\n"
	"@media print{a{color:inherit}.grid li>*{print-color-adjust:exact}}\n"
	"</style>\n";

void dl_html_text(struct dl_buf *buf, const char *text)
{
	static const char *const entities[] = {['"'] = "&quot;", ['&'] = "&amp;", ['\''] = "&#39;",
					       ['<'] = "&lt;", ['>'] = "&gt;"};
	struct dl_arena arena = {NULL};
	struct dl_buf clean;
	const char *entity;
	unsigned char byte;
	size_t i;

	if (!text)
		return;
	dl_buf_init(&clean, &arena, DL_CAP_BODY);
	dl_text_clean(&clean, text, strlen(text), false);
	for (i = 0; i < clean.len; i++) {
		byte = (unsigned char)clean.data[i];
		entity = byte < sizeof entities / sizeof *entities ? entities[byte] : NULL;
		if (entity)
			dl_buf_puts(buf, entity);
		else
			dl_buf_putc(buf, clean.data[i]);
	}
	dl_arena_free(&arena);
}

void dl_html_begin(struct dl_buf *buf, const char *title)
{
	dl_buf_puts(buf, head);
	dl_buf_puts(buf, "<title>");
	dl_html_text(buf, title);
	dl_buf_puts(buf, "</title>\n");
	dl_buf_puts(buf, style);
	dl_buf_puts(buf,
		    "</head>\n<body>\n<a class=\"skip\" href=\"#main\">To the content</a>\n<header><h1>");
	dl_html_text(buf, title);
	dl_buf_puts(buf, "</h1></header>\n");
}

void dl_html_end(struct dl_buf *buf)
{
	dl_buf_puts(buf, "</body>\n</html>\n");
}

static void add_attribute(struct dl_buf *buf, const char *name, const char *value)
{
	if (!value)
		return;
	dl_buf_printf(buf, " %s=\"", name);
	dl_html_text(buf, value);
	dl_buf_putc(buf, '"');
}

const char *dl_html_link(struct dl_buf *buf, const char *url, const char *class, const char *label)
{
	bool linked = dl_text_starts(url, "https://") || dl_text_starts(url, "http://");

	dl_buf_puts(buf, linked ? "<a" : "<span");
	if (linked) {
		add_attribute(buf, "href", url);
		dl_buf_puts(buf, " rel=\"noreferrer noopener\"");
	} else if (label) {
		dl_buf_puts(buf, " role=\"img\"");
	}
	add_attribute(buf, "class", class);
	add_attribute(buf, "aria-label", label);
	add_attribute(buf, "title", label);
	dl_buf_putc(buf, '>');
	return linked ? "a" : "span";
}
