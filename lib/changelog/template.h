/* template: a text with places to fill in, as people write it on a command line or in a configuration file.
 *
 *	{name}        the value; nothing when there is none
 *	{name:line}   the value by a filter: `line` on one line, `md` on one line of Markdown with links,
 *`html`, `json` as the inside of a JSON string {name?TEXT}   TEXT, in which there may be more of these, when
 *there is a value; {name!TEXT} when not
 *	{{ }}         a brace; \n, \t and \\ are a newline, a tab and a backslash
 *
 * Nothing in a template is executed. */
#ifndef DL_TEMPLATE_H
#define DL_TEMPLATE_H

#include <stddef.h>

#include "lib/base/fail.h"

struct dl_buf;
struct dl_links;
struct dl_scope;
struct dl_template_step;

struct dl_template {
	const struct dl_template_step *steps;
	size_t count;
};

/* dl_template_compile(scope, text, names, template): reads TEXT, which may name NAMES, which end with NULL.
 * The result is in SCOPE. DL_USAGE: an unknown name or filter, a brace too many or too few. */
DL_MUST_CHECK int dl_template_compile(struct dl_scope *scope, const char *text, const char *const *names,
				      struct dl_template *template);

/* dl_template_render(scope, template, values, links, buf): appends the text with VALUES, in the order of the
 * names, to BUF; one that is NULL or empty is none. The filter `md` makes links to issues of LINKS. What
 * could drive a terminal is left out. SCOPE is for what is needed meanwhile. */
void dl_template_render(struct dl_scope *scope, const struct dl_template *template, const char *const *values,
			const struct dl_links *links, struct dl_buf *buf);

#endif
