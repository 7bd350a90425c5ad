/* config: a configuration file, YAML or JSON, as one tree of dl_json nodes. The only includer of libyaml.
 *
 * YAML is read as the JSON it spells: mappings, sequences, scalars. Plain scalars that YAML 1.2's core schema
 * calls null, boolean or number become so, and are spelled as JSON spells them (0x1F is 31); quoted ones are
 * strings. Aliases, tags other than the core ones, several documents, duplicate keys and nesting over 64
 * levels are refused: configuration is data, and a billion laughs are none. Files that are written for other
 * programs may have more (dl_config_aliased, dl_config_outline). */
#ifndef DL_CONFIG_H
#define DL_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/fail.h"
#include "lib/data/json.h"

struct dl_scope;

/* dl_config_read(scope, path): the root node of the file at PATH; a name that ends in ".json" is read as
 * JSON, all else as YAML. An empty file is an empty mapping, and so is a YAML file of nothing but comments or
 * null. NULL (no failure) when there is no such file. NULL and DL_CONFIG "PATH:LINE:COLUMN: WHY" when it is
 * malformed (columns count from 1, in characters of YAML and bytes of JSON), or a message that names PATH
 * when it is larger than DL_CAP_CONFIG, is no regular file, or cannot be read. */
const struct dl_json *dl_config_read(struct dl_scope *scope, const char *path);

/* dl_config_parse(scope, name, text, len): the same for a YAML text in memory; NAME stands in messages. */
const struct dl_json *dl_config_parse(struct dl_scope *scope, const char *name, const char *text, size_t len);

/* dl_config_aliased(scope, name, text, len): the same for a YAML text that other programs read, with aliases
 * for what stands before them. Refused are more than 1000 anchors, and more than 4 MiB or 64 levels where
 * each alias is written out. Keys that are aliases stay refused. */
const struct dl_json *dl_config_aliased(struct dl_scope *scope, const char *name, const char *text,
					size_t len);

/* dl_config_outline(scope, name, text, len): as dl_config_aliased, where only a part is wanted: tags do not
 * count, and of members with the same key the first does. */
const struct dl_json *dl_config_outline(struct dl_scope *scope, const char *name, const char *text,
					size_t len);

/* Is shown a configuration file piece by piece. */
struct dl_config_visitor {
	/* Takes NODE, which lives no longer than SCOPE: an element of the list that is the root's member KEY,
	 * or, when not ELEMENT, another member. 0; -1 and fails SCOPE: no more of this. */
	int (*take)(struct dl_config_visitor *visitor, struct dl_scope *scope, const char *key,
		    const struct dl_json *node, bool element);
};

/* dl_config_each(scope, path, visitor): shows VISITOR the members of the root, in their order, lists element
 * by element, so that a YAML file may be as large as it likes: what has been shown is not kept. 1; 0 (no
 * failure): there is no such file; -1: DL_CONFIG as dl_config_read, also for a root that is no mapping; of
 * JSON at most DL_CAP_BODY bytes are read. */
DL_MUST_CHECK int dl_config_each(struct dl_scope *scope, const char *path, struct dl_config_visitor *visitor);

/* dl_config_version(): of libyaml; borrowed. */
const char *dl_config_version(void);

/* dl_config_line(node): the line, from 1, on which a node begins that dl_config_each has shown, or that is
 * below one; for members, their key. */
size_t dl_config_line(const struct dl_json *node);

#endif
