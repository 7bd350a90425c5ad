/* objects: what is stored in a git repository, read in place: packs, loose objects, alternates, object names
 * of either length. The only includer of libdeflate.
 *
 * It only reads, and what it reads may be damaged or made by an enemy: a fault is an error, never a crash.
 * Replacements (refs/replace) are the caller's: an object is what its name says. */
#ifndef DL_OBJECTS_H
#define DL_OBJECTS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/fail.h"

struct dl_scope;
struct dl_objects;

enum { DL_OBJECTS_ID_MAX = 32, DL_OBJECTS_HEX_MAX = 2 * DL_OBJECTS_ID_MAX };

/* As git numbers them. */
enum dl_object_kind {
	DL_OBJECT_NONE = 0,
	DL_OBJECT_COMMIT = 1,
	DL_OBJECT_TREE = 2,
	DL_OBJECT_BLOB = 3,
	DL_OBJECT_TAG = 4,
};

struct dl_object {
	enum dl_object_kind kind;
	const char *data; /* followed by a NUL */
	size_t len;
};

/* dl_objects_open(scope, folder, id_len): the store in FOLDER, a repository's "objects", whose object names
 * have ID_LEN bytes: 20 or 32. In SCOPE; close it. NULL: DL_SYSTEM. A pack that cannot be read is left out:
 * its objects may be elsewhere. */
struct dl_objects *dl_objects_open(struct dl_scope *scope, const char *folder, size_t id_len);

/* dl_objects_close(objects): NULL is fine. */
void dl_objects_close(struct dl_objects *objects);

/* dl_objects_read(scope, objects, id, object): the object named by the bytes ID, valid until the next call.
 * DL_MISSING: it is not here; DL_DATA: it is damaged, or larger than DL_CAP_OBJECT. */
DL_MUST_CHECK int dl_objects_read(struct dl_scope *scope, struct dl_objects *objects, const unsigned char *id,
				  struct dl_object *object);

/* dl_objects_kind(objects, id): what it is, without reading all of it where that can be told;
 * DL_OBJECT_NONE: not here, or damaged. */
enum dl_object_kind dl_objects_kind(struct dl_objects *objects, const unsigned char *id);

/* dl_objects_parse_id(text, id, id_len): the bytes of an object name of 2 * ID_LEN hexadecimal digits at the
 * start of TEXT, to ID; false: TEXT does not begin with one. */
bool dl_objects_parse_id(const char *text, unsigned char *id, size_t id_len);

/* dl_objects_format_id(id, id_len, hex): the digits of ID and a NUL, to HEX of DL_OBJECTS_HEX_MAX + 1 bytes;
 * returns HEX. */
const char *dl_objects_format_id(const unsigned char *id, size_t id_len, char *hex);

#endif
