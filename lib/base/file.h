/* file: whole small files, written beside and renamed into place. */
#ifndef DL_FILE_H
#define DL_FILE_H

#include <stddef.h>
#include <sys/types.h>

#include "lib/base/fail.h"

struct dl_scope;

/* dl_file_read(scope, path, cap, len): the content of the regular file at PATH and a NUL, writable, in SCOPE;
 * its length in *LEN (NULL: not wanted). NULL: DL_MISSING when there is no such file, DL_DATA over CAP bytes,
 * DL_SYSTEM otherwise. */
char *dl_file_read(struct dl_scope *scope, const char *path, size_t cap, size_t *len);

/* dl_file_put(fd, data, len): writes all of DATA to FD. 0; -1 with errno: a part may be written. */
DL_MUST_CHECK int dl_file_put(int fd, const void *data, size_t len);

/* dl_file_write(scope, path, mode, data, len): PATH holds DATA with MODE, whatever the umask, or is
 * untouched: it is written beside under a temporary name, synced, and renamed. A symbolic link at PATH is
 * replaced. DL_SYSTEM. */
DL_MUST_CHECK int dl_file_write(struct dl_scope *scope, const char *path, mode_t mode, const void *data,
				size_t len);

/* dl_file_create(scope, path, mode, data, len): PATH, which did not exist, holds DATA; nothing waits for the
 * disk. 0; 1: something of that name is there already; -1: DL_SYSTEM. */
DL_MUST_CHECK int dl_file_create(struct dl_scope *scope, const char *path, mode_t mode, const void *data,
				 size_t len);

/* dl_file_append(scope, path, mode, data, len): DATA added to PATH by one write with O_APPEND, so that
 * programs that do the same at once do not mix. Creates the file. DL_SYSTEM; on a full disk a part of DATA
 * may have been written. */
DL_MUST_CHECK int dl_file_append(struct dl_scope *scope, const char *path, mode_t mode, const void *data,
				 size_t len);

/* dl_file_mkdir(scope, path, mode): PATH is a folder, a new one with MODE less the umask if need be. What it
 * stands in is not made: inside a repository that is removed meanwhile nothing comes to be. DL_SYSTEM. */
DL_MUST_CHECK int dl_file_mkdir(struct dl_scope *scope, const char *path, mode_t mode);

/* dl_file_mkdirs(scope, path, mode): PATH and the folders above it exist; those it makes have MODE less the
 * umask. DL_SYSTEM. */
DL_MUST_CHECK int dl_file_mkdirs(struct dl_scope *scope, const char *path, mode_t mode);

/* dl_file_remove_tree(scope, path): PATH and everything below it is gone, also when it never was, and also
 * what its owner had made read-only; symbolic links are removed, not followed; mount points stop it.
 * DL_SYSTEM. */
DL_MUST_CHECK int dl_file_remove_tree(struct dl_scope *scope, const char *path);

#endif
