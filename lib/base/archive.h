/* archive: archives from outside, taken apart into a folder, or looked into. The only includer of libarchive.
 */
#ifndef DL_ARCHIVE_H
#define DL_ARCHIVE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/fail.h"

struct dl_scope;

/* What an archive may hold. Real ones are far from it; a bomb is not. */
enum {
	DL_ARCHIVE_ENTRIES = 200000,
	DL_ARCHIVE_DIRECTORY = 64 << 20, /* bytes of its table of contents */
	DL_ARCHIVE_NAMES = 32 << 20,     /* bytes of all names */
	DL_ARCHIVE_RATIO = 200,          /* it unpacks to so many times its own size */
};
#define DL_ARCHIVE_ALWAYS (INT64_C(256) << 20) /* but may always unpack to so many bytes */
#define DL_ARCHIVE_MOST (INT64_C(64) << 30)    /* and never to more than this */

/* dl_archive_extract(scope, archive, folder): writes what the zip archive in the regular file ARCHIVE, a
 * descriptor that can be read, holds into the open, empty FOLDER. Files keep the right to be executed, and no
 * other mode, owner or time; symbolic links are made when they stay within the folder; an archive in the
 * archive is a file like any other. Names are written composed (NFC); a '\\' separates where a name has no
 * '/'.
 *
 * All names, kinds and sizes are judged before anything is written. DL_DATA, with the name of the entry:
 * what dl_path_check refuses; links that lead out; hard links, devices; names that stand there twice,
 * or that are the same on a system that ignores case; encrypted entries, and methods other than stored,
 * deflate and zstd; more than the limits above; whatever is cut off or does not agree with its checksums.
 * DL_SYSTEM. After a failure the folder may hold a part: the caller removes it. Memory grows with the number
 * of entries, not with what they hold. */
DL_MUST_CHECK int dl_archive_extract(struct dl_scope *scope, int archive, int folder);

enum dl_archive_kind { DL_ARCHIVE_ZIP, DL_ARCHIVE_TAR_GZIP };

/* A regular file in an archive. */
struct dl_archive_member {
	int (*rank)(const char *path); /* 0: the file at PATH is not it; of several, it is that of the highest
					  rank */
	size_t cap;       /* of what it may hold */
	const char *path; /* NULL: there is none */
	char *data;       /* and a NUL, writable */
	size_t len;
};

/* dl_archive_read(scope, archive, kind, members, count): the COUNT files of the archive in ARCHIVE that
 * MEMBERS look for, in one reading. All entries are judged as above, those of a tar archive one by one.
 * DL_DATA also: two may be the same member by their rank, or one has more than .cap bytes. */
DL_MUST_CHECK int dl_archive_read(struct dl_scope *scope, int archive, enum dl_archive_kind kind,
				  struct dl_archive_member *members, size_t count);

#endif
