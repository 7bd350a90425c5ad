/* body: what is sent with a request when it does not fit into memory: texts and parts of open files, one
 * after the other, and forms that have such bodies as fields.
 *
 * A body is read by position, so that it can be sent again, or by several threads at once. */
#ifndef DL_BODY_H
#define DL_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct dl_scope;

/* A text, or a part of a file. */
struct dl_body_piece {
	const char *text; /* NULL: it is a part of a file */
	int fd;           /* open for reading; its own position does not matter */
	int64_t offset;
	int64_t len;      /* of the text, or of the part of the file */
	bool base64;      /* it is sent in base64 (RFC 4648, section 4), padded, on one line */
};

/* Is told of bytes that go out, and, with a number below 0, of those that have to go out once more. */
struct dl_body_meter {
	void (*move)(struct dl_body_meter *meter, int64_t bytes);
};

struct dl_body {
	const struct dl_body_piece *pieces;
	size_t count;
	struct dl_body_meter *meter; /* NULL: nobody wants to know */
};

/* A field of a form (multipart/form-data, RFC 7578). */
struct dl_body_field {
	const char *name;           /* NULL ends the form */
	const char *value;          /* NULL: it is .body */
	const struct dl_body *body;
	const char *filename;       /* with .body */
	const char *type;           /* the media type of .body */
};

/* dl_body_size(body): the bytes that are sent of it. */
int64_t dl_body_size(const struct dl_body *body);

/* dl_body_read(scope, body, at, data, size): copies up to SIZE bytes of BODY from position AT on to DATA.
 * Returns how many; 0 at the end. -1: DL_SYSTEM, also when a file has become shorter than it was. */
ssize_t dl_body_read(struct dl_scope *scope, const struct dl_body *body, int64_t at, char *data, size_t size);

#endif
