/* anchors: the links of a web page. The only includer of libxml2. */
#ifndef DL_ANCHORS_H
#define DL_ANCHORS_H

#include <stddef.h>

#include "lib/base/fail.h"

struct dl_scope;

struct dl_anchor {
	const char *text;          /* what people see, without blanks around it */
	const char *const
		*values; /* of the attributes that were asked for, in their order; NULL: it has none */
};

struct dl_anchors {
	const struct dl_anchor *items;
	size_t count;
};

/* dl_anchors_read(scope, text, len, attributes, links): the elements `a` of the page TEXT, with their
 * attributes of the names ATTRIBUTES, which ends with NULL; in SCOPE. Nothing is fetched. DL_DATA: it cannot
 * be read at all. */
DL_MUST_CHECK int dl_anchors_read(struct dl_scope *scope, const char *text, size_t len,
				const char *const *attributes, struct dl_anchors *links);

#endif
