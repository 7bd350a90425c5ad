/* kinds: the types of commits that count ("feat", "fix"), and the heading each stands under in a changelog. A
 * word before a colon that is none of them is no type: so histories of "area: text" stay readable. */
#ifndef DL_KINDS_H
#define DL_KINDS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/fail.h"

struct dl_json;
struct dl_scope;

struct dl_kind {
	const char *name;    /* in lower case */
	const char *heading; /* NULL: a changelog does not tell such changes, unless they break something */
};

struct dl_kinds {
	const char *style;   /* of the headings, "plain" or "keep" */
	const struct dl_kind *items;
	size_t count;
	const char *const *headings; /* in the order in which they stand, each once */
	size_t heading_count;
	const char *breaking; /* heading of what breaks something; NULL: that of its type */
	const char *changed;  /* heading of what breaks something and has none */
	const char *others;   /* heading of commits without a type; NULL: they are not told */
	const char *alone;    /* stands for .others where there are no other headings; NULL: .others does */
};

/* dl_kinds_read(scope, config, style, others, kinds): the headings of STYLE, "keep" (those of Keep a
 * Changelog 1.1.0) or "plain"; NULL: as CONFIG says, else "plain". CONFIG, the object
 * agents.changelog.config of .devloop/agents.json, or NULL, has in "types" further types or other headings
 * (null: not told), in "others" the heading of commits without a type (null: not told), and in "headings" the
 * style. Without OTHERS these are not told whatever it says. DL_USAGE: there is no such style; DL_CONFIG. */
DL_MUST_CHECK int dl_kinds_read(struct dl_scope *scope, const struct dl_json *config, const char *style,
				bool others, struct dl_kinds *kinds);

/* dl_kinds_find(kinds, name): the type NAME, which is in lower case or NULL; NULL: it is none that counts. */
const struct dl_kind *dl_kinds_find(const struct dl_kinds *kinds, const char *name);

/* dl_kinds_place(kinds, heading): the place of HEADING among them, from 0. */
size_t dl_kinds_place(const struct dl_kinds *kinds, const char *heading);

/* dl_kinds_names(scope, kinds): all names, with commas between, for people. */
const char *dl_kinds_names(struct dl_scope *scope, const struct dl_kinds *kinds);

#endif
