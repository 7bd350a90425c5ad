/* writer: where bytes go, piece by piece. Whoever sends them knows no more of their reader. */
#ifndef DL_WRITER_H
#define DL_WRITER_H

#include <stddef.h>

struct dl_scope;

/* Returns 0, or -1 and fails SCOPE, or DL_ENOUGH: stop here, that is no failure. */
struct dl_writer {
	int (*write)(struct dl_writer *writer, struct dl_scope *scope, const char *data, size_t len);
};

#endif
