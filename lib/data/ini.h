/* ini: the small formats that have no packaged library: the INI of .pypirc, that of .npmrc, and TOML, in
 * which pyproject.toml is written. A file becomes a list of entries, each a key and a text.
 *
 * Python: [section], "key = value" or "key: value", keys in lower case. A line that is indented deeper than
 * its key goes on with the value. '#' and ';' begin comments only at the start of a line.
 *
 * npm: [section], "key = value"; a key alone is "true"; "key[]" is one of several. '#' and ';' also end a
 * value unless a backslash is before them. A quoted value is a JSON string, or in '...' as it is.
 *
 * TOML: [a.b], [[a.b]], and all kinds of values. Each element of an array is an entry of its own. A member of
 * an inline table, and what a dotted key names, has the key "key.member". What is no string is the word as it
 * is written. Repeated keys are not refused: of several entries the last counts.
 *
 * Variables in values (${NPM_TOKEN}) are left as they are. */
#ifndef DL_INI_H
#define DL_INI_H

#include <stddef.h>

#include "lib/base/fail.h"

struct dl_scope;

enum dl_ini_dialect { DL_INI_PYTHON, DL_INI_NPM, DL_INI_TOML };

struct dl_ini_entry {
	const char *section; /* "": it stands above the first; the parts of TOML's joined by dots */
	size_t table;        /* how many section headers stand above it: tells those of one name apart */
	const char *key;
	const char *value;
	int line;            /* that it begins on, from 1 */
};

struct dl_ini {
	const struct dl_ini_entry *entries; /* in the order of the file */
	size_t count;
};

/* dl_ini_parse(scope, name, dialect, text, len, ini): the entries of LEN bytes of TEXT, in SCOPE. DL_CONFIG
 * "NAME:LINE:COLUMN: WHY" (columns count bytes, from 1) for what breaks the grammar, is nested over 64
 * levels, is not UTF-8 or has control characters. */
DL_MUST_CHECK int dl_ini_parse(struct dl_scope *scope, const char *name, enum dl_ini_dialect dialect,
			       const char *text, size_t len, struct dl_ini *ini);

/* dl_ini_read(scope, path, dialect, ini): the same for the file at PATH; none when there is no such file.
 * DL_CONFIG also when it is larger than DL_CAP_CONFIG, is no regular file, or cannot be read. */
DL_MUST_CHECK int dl_ini_read(struct dl_scope *scope, const char *path, enum dl_ini_dialect dialect,
			      struct dl_ini *ini);

/* dl_ini_get(ini, section, key): the value of the last such entry; NULL: there is none. */
const char *dl_ini_get(const struct dl_ini *ini, const char *section, const char *key);

#endif
